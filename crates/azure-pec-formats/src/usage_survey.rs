//! What the usage files are about: days, subscriptions and their customers, without any amount.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use azure_pec::{Day, Field, InputSummary, Scope, SubscriptionId, TenantId, TextId, UsageBatch};
use rustc_hash::FxHashMap;

use crate::error::Error;
use crate::field_set::FieldSet;
use crate::inputs::{UsageFile, summary_of};
use crate::kind::Kind;
use crate::usage::UsageReader;

const BATCH_LINES: usize = 8192;
/// A pool of more texts is let go between two batches.
const POOL_TEXTS: usize = 1_000_000;
const FIELDS: [Field; 3] = [Field::SubscriptionId, Field::ResourceId, Field::CustomerId];

/// What is known of a subscription by its usage.
#[derive(Debug, Clone)]
pub(crate) struct Used {
    pub first: Day,
    pub last: Day,
    pub customer: Option<TenantId>,
}

/// What all usage files are about.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    pub days: BTreeSet<Day>,
    /// The first and last day of each kind.
    pub periods: BTreeMap<Kind, (Day, Day)>,
    pub subscriptions: BTreeMap<SubscriptionId, Used>,
    /// A file without a column of list prices.
    pub without_prices: bool,
    pool: Option<u64>,
    seen: FxHashMap<[TextId; 2], Option<SubscriptionId>>,
}

impl Survey {
    /// Reads the files to their ends, and counts in their summaries. A file that cannot be read whole is left at the
    /// place where it breaks, and told.
    pub fn read(
        files: &[UsageFile],
        summaries: &mut [InputSummary],
        progress: &dyn Fn(u64),
    ) -> (Self, Vec<Error>) {
        let mut survey = Self::default();
        let told = files.iter().filter_map(|file| survey.file(file, summaries, progress).err()).collect();
        (survey, told)
    }

    fn file(
        &mut self,
        file: &UsageFile,
        summaries: &mut [InputSummary],
        progress: &dyn Fn(u64),
    ) -> Result<(), Error> {
        let mut batch = UsageBatch::new();
        let (source, counter) = file.source.counted();
        let mut reader = UsageReader::open(&source, FIELDS.into_iter().collect::<FieldSet>())?;
        self.without_prices |= !reader.has_list_price();
        let mut told = 0;
        loop {
            batch.clear();
            if batch.remembered() > POOL_TEXTS {
                batch = UsageBatch::new();
            }
            let lines = reader.fill_and(&mut batch, BATCH_LINES, &mut |_| ())?;
            let read = counter.load(Ordering::Relaxed);
            progress(read - told);
            told = read;
            if lines == 0 {
                break;
            }
            self.batch(file.kind, &batch);
        }
        if let Some(summary) = summary_of(summaries, source.name()) {
            summary.records = reader.records();
            summary.rejected = reader.rejected();
            summary.used = summary.records - summary.rejected;
        }
        Ok(())
    }

    fn batch(&mut self, kind: Kind, batch: &UsageBatch) {
        if self.pool != Some(batch.texts().id()) {
            self.pool = Some(batch.texts().id());
            self.seen.clear();
        }
        for (row, day) in batch.dates().iter().enumerate() {
            self.days.insert(*day);
            let period = self.periods.entry(kind).or_insert((*day, *day));
            *period = (period.0.min(*day), period.1.max(*day));
            let Some(id) = self.subscription(batch, row) else { continue };
            let customer = || batch.text(Field::CustomerId, row).parse().ok();
            let used = self.subscriptions.entry(id);
            let used = used.or_insert_with(|| Used { first: *day, last: *day, customer: customer() });
            used.first = used.first.min(*day);
            used.last = used.last.max(*day);
        }
    }

    /// The subscription that a line names, or its resource does.
    fn subscription(&mut self, batch: &UsageBatch, row: usize) -> Option<SubscriptionId> {
        let key = [Field::SubscriptionId, Field::ResourceId].map(|field| batch.id(field, row));
        *self.seen.entry(key).or_insert_with(|| {
            let of_resource = || batch.text(Field::ResourceId, row).parse::<Scope>().ok()?.subscription_id();
            let named = batch.text(Field::SubscriptionId, row).parse().ok();
            named.or_else(of_resource).filter(|id: &SubscriptionId| id.0 != azure_pec::Guid::NIL)
        })
    }
}
