//! Questions as JSON documents.

use std::fmt::Display;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use azure_pec::{ChangeSpec, Day, GroupKey, Instant, Scope, SpecText};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::error::{Error, Fault, Place};
use crate::kind::Kind;
use crate::load::{LoadOptions, Part};
use crate::output::Amounts;
use crate::own_document::from_json;
use crate::policy::read_policy_entries;
use crate::watch::Watch;

/// What is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `azure-pec/statement/1`.
    #[default]
    Statement,
    /// `azure-pec/explanation/1`.
    Explain,
    /// `azure-pec/reconciliation/1`.
    Reconcile,
    /// `azure-pec/what-if/1`.
    Whatif,
    /// `azure-pec/advice/1`.
    Advise,
    /// `azure-pec/inspection/1`.
    Inspect,
    /// `azure-pec/access/1`.
    History,
    /// A page of HTML, which the crate `azure-pec-report` makes.
    Report,
}

/// A question. Names and meanings are those of the command's options, with `_` for `-`; what is left out is as there.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Request {
    /// What is asked.
    pub operation: Operation,
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// The folder that names in answers and errors are told from.
    pub base: Option<PathBuf>,
    /// So many bytes of plain text may each file have, however small it is packed.
    pub max_file_bytes: Option<u64>,
    /// The kind of usage to take where there are several.
    #[serde(deserialize_with = "optional_text")]
    pub usage: Option<Kind>,
    /// Of the runs of an export take those alone of which no newer one has all days, by their manifests.
    pub newest_run: bool,
    /// When exports were taken that do not say so.
    pub taken_at: Option<Instant>,
    /// Policy keys and values; they win over the file.
    pub policy: PolicyKeys,
    /// A policy file.
    pub policy_file: Option<PathBuf>,
    /// Rule data in place of the published.
    pub rule: Option<PathBuf>,
    /// How many lines may be rejected.
    pub allow_rejected: u64,
    /// Write every rejected line into this table.
    pub rejects: Option<PathBuf>,
    /// How many files to work on at once; left out, what the machine has.
    pub threads: Option<NonZeroUsize>,
    /// `statement`: so many bytes may sums and texts take, about; more is `memory.exceeded`.
    pub max_memory: Option<u64>,
    /// `statement`: the keys to group by.
    #[serde(deserialize_with = "texts")]
    pub by: Vec<GroupKey>,
    /// `statement`: the first day to take.
    pub from: Option<Day>,
    /// `statement`: the last day to take.
    pub to: Option<Day>,
    /// `statement`: write the groups into this table.
    pub groups: Option<PathBuf>,
    /// `statement`: write every line into this table.
    pub lines: Option<PathBuf>,
    /// How tables of Parquet and Arrow hold amounts.
    pub amounts: Amounts,
    /// `explain`: the resource, resource group or subscription, by its path.
    #[serde(deserialize_with = "optional_text")]
    pub resource: Option<Scope>,
    /// `explain`: its day.
    pub date: Option<Day>,
    /// `explain`: a subscription day by day, by its id or its name.
    pub subscription: Option<String>,
    /// `explain`: the first day to take of it.
    pub since: Option<Day>,
    /// `whatif`: grants added, as texts (`role=Contributor,scope=/subscriptions/...`) or objects.
    pub grant: Vec<SpecText>,
    /// `whatif`: grants revoked (`id=...`).
    pub revoke: Vec<SpecText>,
    /// `whatif`: policy keys changed (`absence=assume`).
    pub set: Vec<SpecText>,
    /// `whatif`: subscriptions that move between partners (`subscription=...,at=...,to=...`).
    pub transfer: Vec<SpecText>,
    /// `whatif`: the few changes that bring back most.
    pub suggest: bool,
    /// `whatif`: the open month, with the changes.
    pub forecast: bool,
    /// `advise`: services delivered, by their names in the catalogue. `whatif`: for them access that was never held is
    /// suggested, too.
    #[serde(deserialize_with = "one_or_more")]
    pub service: Vec<String>,
    /// `reconcile`: write the dispute pack. `history`: write the history. `report`: write the page.
    pub out: Option<PathBuf>,
}

/// What is to be loaded once for many questions: a part of some files, or a document in memory.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoadRequest {
    /// Which part.
    pub part: Part,
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// In their place: `azure-pec/access/1`, `azure-pec/partner/1`, or a list of price rows, by the part.
    pub document: Option<Box<RawValue>>,
    /// The folder that names in answers and errors are told from.
    pub base: Option<PathBuf>,
    /// So many bytes of plain text may each file have, however small it is packed.
    pub max_file_bytes: Option<u64>,
    /// When exports were taken that do not say so.
    pub taken_at: Option<Instant>,
    /// Policy keys and values; they win over the file.
    pub policy: PolicyKeys,
    /// A policy file.
    pub policy_file: Option<PathBuf>,
    /// Rule data in place of the published.
    pub rule: Option<PathBuf>,
}

/// Policy keys and their values, in the form of a policy file; the values are checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyKeys(pub Vec<(String, String)>);

impl<'de> Deserialize<'de> for PolicyKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let entries = read_policy_entries("policy", raw.get().as_bytes())
            .map_err(|error| D::Error::custom(format!("[{}] {}", error.code(), error.fault)))?;
        Ok(Self(entries.into_iter().map(|entry| (entry.key, entry.value)).collect()))
    }
}

impl FromStr for Kind {
    type Err = String;

    /// One of the kinds of usage.
    fn from_str(text: &str) -> Result<Self, String> {
        let kinds = [Self::UsageCostManagement, Self::UsageDailyRated, Self::UsageFocus];
        let names = kinds.map(Self::name).join(", ");
        kinds
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| format!("expected one of {names}, found {text:?}"))
    }
}

fn optional_text<'de, D: Deserializer<'de>, T: FromStr>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T::Err: Display,
{
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}

fn texts<'de, D: Deserializer<'de>, T: FromStr>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T::Err: Display,
{
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
}

/// A text, or a list of them.
fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMore {
        One(String),
        More(Vec<String>),
    }
    Ok(match OneOrMore::deserialize(deserializer)? {
        OneOrMore::One(text) => vec![text],
        OneOrMore::More(texts) => texts,
    })
}

/// Reads a question; one of another form is a wrong argument, whose name is told as the column.
fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    from_json("request", text.as_bytes()).map_err(|error| {
        let place = Place { column: error.place.column, ..Place::default() };
        match error.fault {
            Fault::JsonMalformed { problem } => Fault::Arguments { problem }.at(place),
            fault => fault.at(place),
        }
    })
}

/// A wrong argument.
pub(super) fn arguments(problem: impl Into<String>) -> Error {
    Fault::Arguments { problem: problem.into() }.at(Place::default())
}

impl Request {
    /// Reads a question.
    ///
    /// # Errors
    /// `usage.arguments` for a key or value that does not exist, or the code of the value; the key is the column.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        read(text)
    }

    /// Refuses options that do not go together: those of another operation would otherwise be forgotten in silence.
    ///
    /// # Errors
    /// `usage.arguments`.
    pub fn check(&self) -> Result<(), Error> {
        use Operation::{Advise, Explain, History, Reconcile, Report, Statement, Whatif};
        let asked = self.operation;
        let lines = [Statement, Explain, Reconcile, Whatif, Advise, Report];
        let options: [(&str, bool, &[Operation]); 20] = [
            ("by", !self.by.is_empty(), &[Statement]),
            ("from", self.from.is_some(), &[Statement]),
            ("to", self.to.is_some(), &[Statement]),
            ("groups", self.groups.is_some(), &[Statement]),
            ("lines", self.lines.is_some(), &[Statement]),
            ("resource", self.resource.is_some(), &[Explain]),
            ("date", self.date.is_some(), &[Explain]),
            ("subscription", self.subscription.is_some(), &[Explain]),
            ("since", self.since.is_some(), &[Explain]),
            ("grant", !self.grant.is_empty(), &[Whatif]),
            ("revoke", !self.revoke.is_empty(), &[Whatif]),
            ("set", !self.set.is_empty(), &[Whatif]),
            ("transfer", !self.transfer.is_empty(), &[Whatif]),
            ("suggest", self.suggest, &[Whatif]),
            ("forecast", self.forecast, &[Whatif]),
            ("service", !self.service.is_empty(), &[Whatif, Advise]),
            ("out", self.out.is_some(), &[Reconcile, History, Report]),
            ("max_memory", self.max_memory.is_some(), &[Statement]),
            ("rejects", self.rejects.is_some(), &lines),
            ("allow_rejected", self.allow_rejected > 0, &lines),
        ];
        let foreign = options.iter().find(|(_, given, of)| *given && !of.contains(&asked));
        if let Some((name, ..)) = foreign {
            let asked = format!("{asked:?}").to_lowercase();
            return Err(arguments(format!("{name} is no option of {asked}")));
        }
        if self.groups.is_some() && self.by.is_empty() {
            return Err(arguments("groups needs by"));
        }
        self.check_what_if()?;
        self.check_explained()
    }

    fn check_what_if(&self) -> Result<(), Error> {
        if self.operation != Operation::Whatif {
            return Ok(());
        }
        let changes = !self.changes().is_empty();
        let for_services = self.suggest || !self.transfer.is_empty();
        match (changes, self.suggest) {
            (true, true) => Err(arguments("suggest stands alone: what it suggests are the changes")),
            (false, false) if !self.forecast => {
                Err(arguments("give grant, revoke, set, transfer, suggest or forecast"))
            }
            _ if !self.service.is_empty() && !for_services => {
                Err(arguments("service goes with suggest or transfer"))
            }
            _ => Ok(()),
        }
    }

    /// The changes asked for, in the order in which they are made: grants, revocations, policy, transfers.
    #[must_use]
    pub fn changes(&self) -> Vec<ChangeSpec> {
        let grants = self.grant.iter().cloned().map(ChangeSpec::Grant);
        let revoked = self.revoke.iter().cloned().map(ChangeSpec::Revoke);
        let set = self.set.iter().cloned().map(ChangeSpec::Set);
        grants
            .chain(revoked)
            .chain(set)
            .chain(self.transfer.iter().cloned().map(ChangeSpec::Transfer))
            .collect()
    }

    fn check_explained(&self) -> Result<(), Error> {
        if self.operation != Operation::Explain {
            return Ok(());
        }
        match (&self.resource, self.date, &self.subscription) {
            (Some(scope), Some(_), None) if scope.subscription_id().is_none() => {
                Err(arguments(format!("{scope} is no place in a subscription")))
            }
            (Some(_), Some(_), None) if self.since.is_some() => {
                Err(arguments("since goes with subscription"))
            }
            (Some(_), Some(_), None) | (None, None, Some(_)) => Ok(()),
            _ => Err(arguments("give resource with date, or subscription")),
        }
    }

    /// How many threads work at once.
    #[must_use]
    pub fn thread_count(&self) -> usize {
        self.threads.map_or_else(available_threads, NonZeroUsize::get)
    }

    /// What it says for loading.
    #[must_use]
    pub fn load_options(&self, watch: &Watch) -> LoadOptions {
        LoadOptions {
            usage: self.usage,
            newest_run: self.newest_run,
            taken_at: self.taken_at,
            policy_file: self.policy_file.clone(),
            policy: self.policy.0.clone(),
            rule_file: self.rule.clone(),
            part: Part::All,
            base: self.base.clone(),
            max_file_bytes: self.max_file_bytes,
            watch: watch.clone(),
            threads: self.thread_count(),
        }
    }
}

/// As many as the machine has.
fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

impl LoadRequest {
    /// Reads what is to be loaded.
    ///
    /// # Errors
    /// As [`Request::from_json`].
    pub fn from_json(text: &str) -> Result<Self, Error> {
        read(text)
    }

    pub(super) fn load_options(&self, watch: &Watch) -> LoadOptions {
        LoadOptions {
            usage: None,
            newest_run: false,
            taken_at: self.taken_at,
            policy_file: self.policy_file.clone(),
            policy: self.policy.0.clone(),
            rule_file: self.rule.clone(),
            part: self.part,
            base: self.base.clone(),
            max_file_bytes: self.max_file_bytes,
            watch: watch.clone(),
            threads: available_threads(),
        }
    }
}
