//! Answers of the calculator with one history and with another.

use azure_pec::{AccessHistory, Calculator, Policy, UsageLine, Verdict};

use proptest::test_runner::{Config, RngSeed};

use crate::world::{DAYS, SUB_A, SUB_B, SUB_C, day};

/// So many cases, or as many as `PROPTEST_CASES` says.
pub fn cases(cases: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    // The same worlds with every change; others, and more of them, where so many are asked for.
    let rng_seed = if asked.is_some() { RngSeed::Random } else { RngSeed::Fixed(20_261_125) };
    let cases = asked.unwrap_or(cases);
    Config { cases, rng_seed, max_global_rejects: cases.saturating_mul(50), ..Config::default() }
}

pub fn resources() -> Vec<String> {
    vec![
        format!("{SUB_A}/resourceGroups/rg1/providers/Microsoft.Compute/virtualMachines/vm"),
        format!("{SUB_A}/resourceGroups/rg2/providers/Microsoft.Storage/storageAccounts/st"),
        format!("{SUB_B}/resourceGroups/rg1/providers/Microsoft.Compute/virtualMachines/vm"),
        format!("{SUB_C}/resourceGroups/rg1/providers/Microsoft.Compute/virtualMachines/vm"),
    ]
}

pub fn calculator(history: AccessHistory) -> Calculator {
    let mut policy = Policy::default();
    policy.set("foreign_group", "trust").unwrap();
    Calculator::builder().access(history).policy(policy).build().unwrap()
}

/// The verdict of each resource and day.
pub fn verdicts(history: &AccessHistory) -> Vec<(String, i32, Verdict)> {
    let calculator = calculator(history.clone());
    let mut verdicts = Vec::new();
    for resource in resources() {
        for number in 0..DAYS {
            let mut line = UsageLine::new(day(number), "1".parse().unwrap());
            line.resource_id.clone_from(&resource);
            let credit = calculator.credit(&line).unwrap();
            verdicts.push((
                resource.clone(),
                number,
                Verdict { outcome: credit.outcome, reason: credit.reason },
            ));
        }
    }
    verdicts
}
