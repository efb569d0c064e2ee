//! Sums by subscription and day beside the statement that was asked for, fed by the same pass; and the names.

use std::collections::{BTreeMap, HashMap};

use azure_pec::{
    Calculator, Calendar, CreditBatch, Field, GroupKey, Scope, Statement, SubscriptionId, TextId, UsageBatch,
};

use crate::error::Error;
use crate::field_set::FieldSet;
use crate::run::BatchSink;

/// The texts that tell the subscription of a line.
const FIELDS: [Field; 3] = [Field::SubscriptionId, Field::SubscriptionName, Field::ResourceId];

/// The subscriptions of the usage: all, or the one of an id or a name.
#[derive(Debug)]
pub struct SubscriptionSink {
    wanted: Option<String>,
    by: Vec<GroupKey>,
    statement: Statement,
    names: BTreeMap<String, String>,
    pool: Option<u64>,
    seen: HashMap<[TextId; FIELDS.len()], bool>,
    /// The lines of the wanted subscription, taken out of a batch, and their credits.
    kept: UsageBatch,
    kept_credits: CreditBatch,
}

impl SubscriptionSink {
    /// Every subscription, by day.
    #[must_use]
    pub fn all() -> Self {
        Self::new(None, &[GroupKey::Subscription, GroupKey::Date])
    }

    /// One subscription by its id or its name, by day and resource.
    #[must_use]
    pub fn one(wanted: &str) -> Self {
        let wanted = wanted.trim();
        let id: Result<SubscriptionId, _> = wanted.parse();
        let wanted = id.map_or_else(|_| wanted.to_lowercase(), |id| id.to_string());
        Self::new(Some(wanted), &[GroupKey::Subscription, GroupKey::Date, GroupKey::Resource])
    }

    fn new(wanted: Option<String>, by: &[GroupKey]) -> Self {
        Self {
            wanted,
            by: by.to_vec(),
            statement: Statement::new(by),
            names: BTreeMap::new(),
            pool: None,
            seen: HashMap::new(),
            kept: UsageBatch::new(),
            kept_credits: CreditBatch::default(),
        }
    }

    /// The calendars, the most missed and unknown first.
    #[must_use]
    pub fn calendars(&self, calculator: &Calculator) -> Vec<Calendar> {
        let mut calendars = Calendar::all(&self.statement.body(calculator), calculator.rule());
        for calendar in &mut calendars {
            calendar.name = self.names.get(&calendar.subscription).cloned();
        }
        calendars
    }

    /// Whether a line is wanted; its subscription's name is kept.
    fn wants(&mut self, batch: &UsageBatch, row: usize) -> bool {
        let key = FIELDS.map(|field| batch.id(field, row));
        if let Some(known) = self.seen.get(&key) {
            return *known;
        }
        let [own, name, resource] = FIELDS.map(|field| batch.text(field, row).trim());
        let by_resource = || resource.parse::<Scope>().ok().and_then(|scope| scope.subscription_id());
        let id = own.parse::<SubscriptionId>().ok().or_else(by_resource);
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        let wants = self.wanted.as_ref().is_none_or(|wanted| *wanted == id || *wanted == name.to_lowercase());
        if wants && !name.is_empty() {
            self.names.insert(id, name.to_owned());
        }
        self.seen.insert(key, wants);
        wants
    }
}

impl BatchSink for SubscriptionSink {
    fn fields(&self) -> FieldSet {
        match &self.wanted {
            // The lines are copied.
            Some(_) => FieldSet::all(),
            None => Statement::fields(&self.by).into_iter().chain(FIELDS).collect(),
        }
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
        let rows: Vec<usize> = (0..batch.len()).filter(|row| self.wants(batch, *row)).collect();
        if self.wanted.is_none() {
            self.statement.add(batch, credits);
            return Ok(());
        }
        self.kept.clear();
        self.kept_credits.clear();
        for row in rows {
            copy(batch, row, &mut self.kept);
            self.kept_credits.push_row(credits, row);
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
