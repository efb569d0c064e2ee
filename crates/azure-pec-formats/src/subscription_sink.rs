//! Sums of one subscription by day and resource, fed by a pass over all usage.

use std::collections::HashMap;

use azure_pec::{
    Calculator, Calendar, CreditBatch, Field, GroupKey, Scope, Statement, SubscriptionId, TextId, UsageBatch,
};

use crate::error::Error;
use crate::field_set::FieldSet;
use crate::run::BatchSink;

/// The texts that tell the subscription of a line.
const FIELDS: [Field; 3] = [Field::SubscriptionId, Field::SubscriptionName, Field::ResourceId];

/// The subscriptions of an id or a name.
#[derive(Debug)]
pub struct SubscriptionSink {
    wanted: String,
    statement: Statement,
    pool: Option<u64>,
    seen: HashMap<[TextId; FIELDS.len()], bool>,
    /// The lines of the wanted subscription, taken out of a batch, and their credits.
    kept: UsageBatch,
    kept_credits: CreditBatch,
}

impl SubscriptionSink {
    /// One subscription by its id or its name, by day and resource.
    #[must_use]
    pub fn one(wanted: &str) -> Self {
        let wanted = wanted.trim();
        let id: Result<SubscriptionId, _> = wanted.parse();
        let [subscription, date, name] = Calendar::KEYS;
        Self {
            wanted: id.map_or_else(|_| wanted.to_lowercase(), |id| id.to_string()),
            statement: Statement::new(&[subscription, date, GroupKey::Resource, name]),
            pool: None,
            seen: HashMap::new(),
            kept: UsageBatch::new(),
            kept_credits: CreditBatch::default(),
        }
    }

    /// The calendars, the most missed and unknown first.
    #[must_use]
    pub fn calendars(&self, calculator: &Calculator) -> Vec<Calendar> {
        Calendar::all(&self.statement.body(calculator), calculator.rule())
    }

    /// Whether a line is wanted.
    fn wants(&mut self, batch: &UsageBatch, row: usize) -> bool {
        let key = FIELDS.map(|field| batch.id(field, row));
        if let Some(known) = self.seen.get(&key) {
            return *known;
        }
        let [own, name, resource] = FIELDS.map(|field| batch.text(field, row).trim());
        let by_resource = || resource.parse::<Scope>().ok().and_then(|scope| scope.subscription_id());
        let id = own.parse::<SubscriptionId>().ok().or_else(by_resource);
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        let wants = self.wanted == id || self.wanted == name.to_lowercase();
        self.seen.insert(key, wants);
        wants
    }
}

impl BatchSink for SubscriptionSink {
    /// All: the lines are copied.
    fn fields(&self) -> FieldSet {
        FieldSet::all()
    }

    fn list_prices(&self) -> bool {
        false
    }

    fn take(
        &mut self,
        _file: &str,
        batch: &UsageBatch,
        credits: &CreditBatch,
        _calculator: &Calculator,
    ) -> Result<(), Error> {
        if self.pool != Some(batch.texts().id()) {
            self.pool = Some(batch.texts().id());
            self.seen.clear();
        }
        self.kept.clear();
        self.kept_credits.clear();
        for row in 0..batch.len() {
            if self.wants(batch, row) {
                copy(batch, row, &mut self.kept);
                self.kept_credits.push_row(credits, row);
            }
        }
        self.statement.add(&self.kept, &self.kept_credits);
        Ok(())
    }
}

fn copy(batch: &UsageBatch, row: usize, to: &mut UsageBatch) {
    let (Some(date), Some(quantity)) = (batch.dates().get(row), batch.quantities().get(row)) else { return };
    for field in Field::ALL {
        to.set(*field, batch.text(*field, row));
    }
    let list_price = batch.list_prices().get(row).cloned().flatten();
    to.push(*date, quantity.clone(), list_price, batch.lines().get(row).copied().unwrap_or_default());
}
