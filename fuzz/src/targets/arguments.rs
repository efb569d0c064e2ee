//! The command line's arguments, a word a line.

use std::ffi::OsString;

use crate::seeds;

pub fn seeds() -> Vec<Vec<u8>> {
    let lines = [
        "statement examples/contoso --by customer,month --format json --threads 2",
        "statement a b --groups g.csv --by date --lines l.csv.gz --from 2026-10-01 --to 2026-10-31 --fail-on-missed 100",
        "statement - --max-memory 2GiB --allow-rejected 10 --rejects r.csv --usage usage.focus --newest-run --taken-at 2026-11-01",
        "explain folder --resource /subscriptions/5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30 --date 2026-10-12 --format=json",
        "explain folder --subscription name --since 2026-10-02",
        "reconcile folder --out dispute.zip --fail-on-difference --format csv --amounts string",
        "whatif folder --grant role=Contributor,scope=/subscriptions/ID --revoke id=g --set deny=block --forecast",
        "whatif folder --suggest --service log_analytics,patching",
        "advise folder --service patching --rule rule.json --policy policy.toml",
        "inspect folder --format json",
        "history folder --out access.json",
        "report folder --out report.html",
        "statement x --absence assume --day-offset -08:00 --gap-tolerance 10m --deny block --custom-role never",
        "--help",
        "statement --help",
        "--version",
        "help whatif",
        "statement -- -x",
        "",
    ];
    seeds::texts(&lines)
        .into_iter()
        .map(|line| line.iter().map(|byte| if *byte == b' ' { b'\n' } else { *byte }).collect())
        .collect()
}

fn understood(words: &[String]) -> Result<String, String> {
    azure_pec_cli::understood(
        std::iter::once("pec").chain(words.iter().map(String::as_str)).map(OsString::from),
    )
}

/// Understood twice alike; refused on one line; and `--option value` is `--option=value`.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let words: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    let once = understood(&words);
    assert_eq!(once, understood(&words), "understood twice, two meanings");
    // Flags of one letter may stand together: `-hl` asks for help.
    let pages = ["-h", "-V", "--help", "--version", "help"];
    let asks = |word: &String| pages.iter().any(|page| word.starts_with(page));
    match once {
        Err(said) => {
            assert!(!said.trim().is_empty(), "refused without a word: {words:?}");
            assert!(
                !said.contains('\n') || words.is_empty() || words.iter().any(asks),
                "not one line: {said:?}"
            );
        }
        Ok(meaning) => {
            let mut joined: Vec<String> = Vec::new();
            for (at, word) in words.iter().enumerate() {
                if words.iter().take(at).any(|word| word == "--") {
                    joined.push(word.clone());
                    continue;
                }
                match joined.last_mut() {
                    Some(last) if takes_value(last) => {
                        last.push('=');
                        last.push_str(word);
                    }
                    _ => joined.push(word.clone()),
                }
            }
            assert_eq!(understood(&joined), Ok(meaning), "{words:?} is not {joined:?}");
        }
    }
}

/// A bare option that a value follows.
fn takes_value(word: &str) -> bool {
    let flags = ["--suggest", "--forecast", "--fail-on-difference", "--newest-run", "--"];
    word.starts_with("--") && !word.contains('=') && !flags.contains(&word)
}
