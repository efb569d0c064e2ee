//! The usage lines of one resource and day, taken out of a run.

use std::collections::HashMap;

use azure_pec::{
    Amount, Calculator, CreditBatch, Day, Field, LocatedLine, Scope, TextId, UsageBatch, UsageLine,
};

use crate::error::Error;
use crate::field_set::FieldSet;
use crate::run::BatchSink;

/// The texts that tell where a line stands.
const PLACE: [Field; 3] = [Field::ResourceId, Field::ResourceGroup, Field::SubscriptionId];

/// How near a line stands to the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Near {
    Elsewhere,
    SameSubscription,
    Same,
}

/// Keeps the lines of a resource and day, and what else the usage says of whose the resource is.
#[derive(Debug)]
pub struct DaySink {
    scope: Scope,
    date: Day,
    /// The lines.
    pub lines: Vec<LocatedLine>,
    /// The credits of the lines, in their order.
    pub credits: CreditBatch,
    /// A line of quantity 0 that asks for the access alone, and how near the line stood that it was made of.
    context: (Near, UsageLine),
    pool: Option<u64>,
    seen: HashMap<[TextId; PLACE.len()], Near>,
}

impl DaySink {
    /// Of a resource, resource group or subscription.
    #[must_use]
    pub fn new(scope: &Scope, date: Day) -> Self {
        let mut line = UsageLine::new(date, Amount::ZERO);
        line.resource_id = scope.to_string();
        Self {
            scope: scope.clone(),
            date,
            lines: Vec::new(),
            credits: CreditBatch::default(),
            context: (Near::Elsewhere, line),
            pool: None,
            seen: HashMap::new(),
        }
    }

    /// The line whose access is to be explained: one of the day, else one of quantity 0.
    #[must_use]
    pub fn context(&self) -> &UsageLine {
        self.lines.first().map_or(&self.context.1, |line| &line.line)
    }

    /// Whether any usage names the resource or its subscription.
    #[must_use]
    pub fn knows_the_subscription(&self) -> bool {
        !self.lines.is_empty() || self.context.0 > Near::Elsewhere
    }

    fn near(&mut self, batch: &UsageBatch, row: usize) -> Near {
        let key = PLACE.map(|field| batch.id(field, row));
        let (own, subscription) = (&self.scope, self.scope.subscription_id());
        *self.seen.entry(key).or_insert_with(|| match batch.scope(row) {
            Some(scope) if scope == *own => Near::Same,
            Some(scope) if scope.subscription_id() == subscription => Near::SameSubscription,
            _ => Near::Elsewhere,
        })
    }

    /// Whose the resource is does not change from day to day as a rule: customer, plan and reseller of the nearest line.
    fn learn(&mut self, near: Near, batch: &UsageBatch, row: usize) {
        let text = |field: Field| batch.text(field, row).to_owned();
        let line = &mut self.context.1;
        line.customer_id = text(Field::CustomerId);
        line.plan_id = text(Field::PlanId);
        line.reseller_id = text(Field::ResellerId);
        self.context.0 = near;
    }
}

impl BatchSink for DaySink {
    fn fields(&self) -> FieldSet {
        FieldSet::all()
    }

    fn list_prices(&self) -> bool {
        false
    }

    fn take(
        &mut self,
        file: &str,
        batch: &UsageBatch,
        credits: &CreditBatch,
        _calculator: &Calculator,
    ) -> Result<(), Error> {
        if self.pool != Some(batch.texts().id()) {
            self.pool = Some(batch.texts().id());
            self.seen.clear();
        }
        for row in 0..batch.len() {
            let near = self.near(batch, row);
            if near == Near::Same && batch.dates().get(row) == Some(&self.date) {
                let number = batch.lines().get(row).copied().unwrap_or_default();
                let quantity_before = credits.quantity_before(row).cloned();
                let line = batch.line(row).map(|line| LocatedLine {
                    file: file.to_owned(),
                    number,
                    line,
                    quantity_before,
                });
                self.credits.push_row(credits, row);
                self.lines.extend(line);
            } else if near > self.context.0 {
                self.learn(near, batch, row);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use crate::{LoadOptions, RunOptions, load, run};
    use azure_pec::{Change, Outcome};

    use super::*;

    /// Every line, by place and day.
    #[derive(Default)]
    struct Everything(BTreeMap<(Scope, Day), Vec<LocatedLine>>);

    impl BatchSink for Everything {
        fn fields(&self) -> FieldSet {
            FieldSet::all()
        }

        fn take(
            &mut self,
            file: &str,
            batch: &UsageBatch,
            _: &CreditBatch,
            _: &Calculator,
        ) -> Result<(), Error> {
            for row in 0..batch.len() {
                let Some(scope) = batch.scope(row) else { continue };
                let line = batch.line(row).unwrap();
                let number = batch.lines()[row];
                let located = LocatedLine { file: file.to_owned(), number, line, quantity_before: None };
                self.0.entry((scope, located.line.date)).or_default().push(located);
            }
            Ok(())
        }
    }

    /// Each remedy is applied as it stands in the JSON, and the day is earned.
    #[test]
    fn every_remedy_of_the_example_mends_its_day() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/contoso");
        let inputs = load(&[folder], &LoadOptions::default()).unwrap();
        let calculator = inputs.calculator().unwrap();
        let options = RunOptions::default();
        let mut all = Everything::default();
        run(&inputs, &calculator, &options, Some(&mut all), &|_| ()).unwrap();

        let (mut mended, mut hopeless) = (0, BTreeMap::<&str, usize>::new());
        for ((scope, day), lines) in &all.0 {
            let credits = lines.iter().map(|line| calculator.credit(&line.line).unwrap());
            let lost = credits.filter(|one| [Outcome::Missed, Outcome::Unknown].contains(&one.outcome));
            let lost: Vec<_> = lost.collect();
            if lost.is_empty() {
                continue;
            }
            let explanation = calculator.explain(&lines[0].line, lines).unwrap();
            let document = serde_json::to_value(&explanation).unwrap();
            if document["remedy"].is_null() {
                *hopeless.entry(lost[0].reason.code()).or_default() += 1;
                continue;
            }
            let changes: Vec<Change> = serde_json::from_value(document["remedy"]["changes"].clone()).unwrap();
            let after = calculator.with(&changes).unwrap();
            for line in lines {
                let before = calculator.credit(&line.line).unwrap();
                if before.reason.is_mended_by_access() {
                    let credit = after.credit(&line.line).unwrap();
                    assert_eq!(credit.outcome, Outcome::Earned, "{scope} {day} {changes:?}");
                    mended += usize::from(before.outcome != Outcome::Earned);
                }
            }
        }
        // Products that the price list leaves open are not a matter of access; everything else is mended.
        assert_eq!(hopeless, BTreeMap::from([("product.low_priority", 31), ("product.unlisted", 31)]));
        assert_eq!(mended, 287 + 137 - 62);
    }
}
