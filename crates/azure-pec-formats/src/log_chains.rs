//! The management groups above subscriptions, as the records of a log name them beside what they are about.

use azure_pec::{Event, Evidence, Instant, LoggedChange, SubscriptionId};
use rustc_hash::FxHashMap;

use crate::export::Part;
use crate::log_facts::Chain;
use crate::log_record::LogRecord;

/// Chains seen, each for the stretches of time in which the records say nothing else.
#[derive(Default)]
pub(crate) struct Chains {
    /// Each text once; none where it is no chain.
    texts: FxHashMap<String, Option<usize>>,
    chains: Vec<Chain>,
    runs: FxHashMap<SubscriptionId, Vec<Run>>,
}

/// The first and the last record of a stretch; the place of each among the records.
struct Run {
    chain: usize,
    first: (Instant, usize),
    last: (Instant, usize),
}

impl Chains {
    /// Takes note of a record's chain; whether it is one.
    pub fn see(&mut self, text: &str, time: Instant, at: usize) -> bool {
        let known = match self.texts.get(text) {
            Some(known) => *known,
            None => {
                let chain = Chain::parse(text).map(|chain| {
                    self.chains.push(chain);
                    self.chains.len() - 1
                });
                self.texts.insert(text.to_owned(), chain);
                chain
            }
        };
        let Some(chain) = known else { return false };
        let Some(of) = self.chains.get(chain) else { return false };
        let runs = self.runs.entry(of.subscription).or_default();
        match runs.last_mut().filter(|run| run.chain == chain) {
            Some(run) => {
                run.first = run.first.min((time, at));
                run.last = run.last.max((time, at));
            }
            None => runs.push(Run { chain, first: (time, at), last: (time, at) }),
        }
        true
    }

    /// The first and the last sight of each stretch.
    pub fn events(&self, file: &str, part: &Part<'_>) -> Vec<Event> {
        let mut events = Vec::new();
        for run in self.runs.values().flatten() {
            let Some(chain) = self.chains.get(run.chain) else { continue };
            let last = (run.last.0 != run.first.0).then_some(run.last);
            for (time, at) in std::iter::once(run.first).chain(last) {
                let record = part.records.get(at).and_then(|value| LogRecord::new(value).ok());
                let record = record.map_or_else(|| format!("event {at}"), |record| record.label(at));
                events.push(Event {
                    begun: time,
                    begun_seen: true,
                    done: time,
                    change: LoggedChange::Chain {
                        tenant_id: chain.tenant_id,
                        subscription: chain.subscription,
                        groups: chain.groups.clone(),
                    },
                    evidence: Evidence { file: file.to_owned(), record },
                });
            }
        }
        events
    }
}
