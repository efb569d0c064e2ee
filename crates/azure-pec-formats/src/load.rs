//! Files and folders in, everything that a calculator and a statement need out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use azure_pec::{
    Chronicle, Error as Core, Finding, InputSummary, Instant, Listing, Partner, PriceList, PriceRow, Rule,
};

use crate::access_read::AccessRead;
use crate::error::{Error, Fault, Place};
use crate::inputs::{Inputs, InvoiceFile, UsageFile};
use crate::kind::Kind;
use crate::manifest::{find_parts, refuse_two_runs};
use crate::missing::some;
use crate::own_document::from_json;
use crate::policy::{PolicyEntry, read_policy_entries};
use crate::price_sheet::PricesRead;
use crate::read_ahead::{Content, Held, ReadSource, read_all};
use crate::sniff;
use crate::source::Source;
use crate::walk::{Found, walk};
use crate::watch::Watch;
use crate::{read_history, read_partner, read_rule};

/// A document is read whole, and may have so many bytes: a log of a million events has some 3 GB.
pub(crate) const DOCUMENT_BYTES: u64 = 1 << 32;

/// An export does not say when it was taken.
const TIME_ASSUMED: &str = "access.time_assumed";

/// What may be an export was passed over, for it cannot be read as it is.
const UNREAD: &str = "input.passed_over";
const UNREAD_WORDS: &str = "a file that may be an export cannot be read as it is and was passed over: nothing in it is counted (the \
                            list of files says why)";

/// Findings that hang on how the exports were taken and leave no day answered wrong: what they leave open is `unknown`
/// already, or proved by another export. They are notes of the files; all other findings are warnings too.
const NOTES_ONLY: &[&str] = &["access.log_tail", "access.log_without_list", "access.reach_unproven"];

/// What of the files is wanted: the rest is passed over by name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Everything.
    #[default]
    All,
    /// Everything but what is read through for an answer.
    Given,
    /// Exports of access, and histories of them.
    Access,
    /// Price lists, and manifests of exports.
    Prices,
    /// The partner file.
    Partner,
    /// What is read through for an answer: usage, invoices, exchange rates; and manifests of exports.
    Usage,
}

impl Part {
    pub(crate) fn takes(self, kind: Kind) -> bool {
        let is_usage = kind.is_usage() || matches!(kind, Kind::InvoiceReconciliation | Kind::PricesFx);
        match self {
            Self::All => true,
            Self::Given => !is_usage,
            Self::Access => kind.is_access() || kind == Kind::AccessHistory,
            Self::Prices => {
                let is_list =
                    matches!(kind, Kind::PricesAzurePlan | Kind::PricesPriceSheet | Kind::PricesRetail);
                // Price sheets are exported in parts too.
                is_list || kind == Kind::ExportManifest
            }
            Self::Partner => kind == Kind::Partner,
            Self::Usage => is_usage || kind == Kind::ExportManifest,
        }
    }
}

/// What is said besides the files.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The kind of usage to take where there are several.
    pub usage: Option<Kind>,
    /// Of the runs of an export take those alone of which no newer one has all days, by their manifests.
    pub newest_run: bool,
    /// When exports were taken that do not say so.
    pub taken_at: Option<Instant>,
    /// A policy file besides those found.
    pub policy_file: Option<PathBuf>,
    /// Policy keys and values; they win over the files.
    pub policy: Vec<(String, String)>,
    /// Rule data in place of the published.
    pub rule_file: Option<PathBuf>,
    /// What of the files is wanted.
    pub part: Part,
    /// The folder that names in answers and errors are told from, for files that were put somewhere for the occasion.
    pub base: Option<PathBuf>,
    /// So many bytes of plain text may each file have, however small it is packed: for files of strangers.
    pub max_file_bytes: Option<u64>,
    /// Stops the reading, of usage too.
    pub watch: Watch,
    /// How many files are read at once; 0 is one.
    pub threads: usize,
}

impl LoadOptions {
    /// The name of a file in answers and errors.
    pub(crate) fn name(&self, path: &Path) -> String {
        let below = self.base.as_ref().and_then(|base| path.strip_prefix(base).ok());
        below.unwrap_or(path).to_string_lossy().into_owned()
    }
}

/// Finds and reads everything but the usage.
///
/// Folders are walked whole, in the order of names. A file's content says what it is: in a folder, what is of no kind
/// that is read is passed over and listed with the reason; a file given by its own name must be of a kind that is read,
/// save for those that `pec` wrote. A broken file of a known kind is an error wherever it lies.
///
/// # Errors
/// The first file that cannot be read whole; `partner.duplicate` for two partner files; `policy.invalid` for two policy
/// files that differ; `input.usage_overlap` for two kinds of usage where none is chosen, and for two runs of an export over the
/// same days where their manifests are there; `input.part_missing`; `input.nothing_usable`.
pub fn load(paths: &[PathBuf], options: &LoadOptions) -> Result<Inputs, Error> {
    let mut inputs = gather(paths, options, Broken::Refuse)?;
    inputs.choose_usage(options.usage)?;
    refuse_two_runs(&inputs.manifests, &inputs.usage)?;
    Ok(inputs)
}

/// As [`load`], with the usage of every kind unless one is chosen: a reconciliation takes each by its role.
///
/// # Errors
/// As [`load`], but for two kinds of usage.
pub fn load_by_role(paths: &[PathBuf], options: &LoadOptions) -> Result<Inputs, Error> {
    let mut inputs = gather(paths, options, Broken::Refuse)?;
    if options.usage.is_some() {
        inputs.choose_usage(options.usage)?;
    }
    refuse_two_runs(&inputs.manifests, &inputs.usage)?;
    Ok(inputs)
}

/// As [`load`], for those who ask what is there: with the usage of every kind, and going on past what is broken, which
/// is named in [`Inputs::broken`].
///
/// # Errors
/// A path that does not exist, and what options say that cannot be.
pub fn load_all(paths: &[PathBuf], options: &LoadOptions) -> Result<Inputs, Error> {
    gather(paths, options, Broken::Name)
}

/// Loads a document of the project's own that is in no file: an access history, a partner, rows of a price list.
///
/// # Errors
/// What is wrong in it, under the name of the part; `usage.arguments` for another part.
pub(crate) fn load_document(text: &[u8], options: &LoadOptions) -> Result<Inputs, Error> {
    let mut loader = Loader::new(options);
    match options.part {
        Part::Access => loader.add_access("access", Kind::AccessHistory, read_history("access", text)?),
        Part::Partner => loader.add_partner("partner", Box::new(read_partner("partner", text)?))?,
        Part::Prices => {
            let rows: Vec<PriceRow> = from_json("prices", text)?;
            let count = rows.len() as u64;
            loader.list("prices", Kind::PricesAzurePlan, count, count, Vec::new());
            loader.inputs.prices = Some(PriceList::new(rows));
        }
        _ => {
            let problem = "a document is an access history, a partner or a list of price rows".to_owned();
            return Err(Fault::Arguments { problem }.at(Place::default()));
        }
    }
    loader.finish(Broken::Refuse)
}

/// What becomes of a broken file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Broken {
    /// It ends the work: an answer without it would be another answer.
    Refuse,
    /// It is named, and the work goes on.
    Name,
}

fn gather(paths: &[PathBuf], options: &LoadOptions, broken: Broken) -> Result<Inputs, Error> {
    let walk = walk(paths).map_err(|mut error| {
        error.place.file = error.place.file.map(|name| options.name(name.as_ref()));
        error
    })?;
    let mut loader = Loader::new(options);
    for (name, reason) in &walk.passed_over {
        loader.pass_over(&options.name(name.as_ref()), reason);
    }
    for (found, read) in walk.files.iter().zip(read_all(&walk.files, options, broken == Broken::Refuse)) {
        match (loader.file(found, read), broken) {
            (Err(error), Broken::Name) if error.fault != Fault::Cancelled => {
                loader.inputs.name_broken(&options.name(&found.path), error);
            }
            (done, _) => done?,
        }
    }
    loader.finish(broken)
}

/// What is gathered on the way through the files.
struct Loader<'o> {
    options: &'o LoadOptions,
    inputs: Inputs,
    /// What the access files say; none where there is none.
    access: Option<Chronicle>,
    /// Lists of role assignments without a date: each an error, unless something else dates it.
    undated: Vec<(String, Error)>,
    /// What the policy files say, key by key.
    policy: BTreeMap<String, PolicyEntry>,
    partner_file: Option<String>,
    rule_file: Option<String>,
}

impl<'o> Loader<'o> {
    fn new(options: &'o LoadOptions) -> Self {
        Self {
            options,
            inputs: Inputs::default(),
            access: None,
            undated: Vec::new(),
            policy: BTreeMap::new(),
            partner_file: None,
            rule_file: None,
        }
    }

    fn pass_over(&mut self, path: &str, reason: &str) {
        self.inputs.files.push(InputSummary {
            path: path.to_owned(),
            kind: None,
            records: 0,
            used: 0,
            rejected: 0,
            notes: vec![reason.to_owned()],
        });
    }

    fn not_asked_for(&mut self, path: &str, kind: Kind) {
        self.pass_over(path, &format!("{kind}, which was not asked for here"));
    }

    fn list(&mut self, path: &str, kind: Kind, records: u64, used: u64, notes: Vec<String>) {
        let kind = Some(kind.name().to_owned());
        self.inputs.files.push(InputSummary {
            path: path.to_owned(),
            kind,
            records,
            used,
            rejected: 0,
            notes,
        });
    }

    /// A file, or each file in an archive.
    fn file(&mut self, found: &Found, read: Result<Vec<ReadSource>, Error>) -> Result<(), Error> {
        let sources = match read {
            Ok(sources) => sources,
            Err(Error { fault: Fault::UnknownKind { found: reason }, .. }) if !found.by_name => {
                self.pass_over(&self.options.name(&found.path), &reason);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let (mut unknown, mut usable) = (None, false);
        for (source, content) in sources {
            let path = source.name().to_owned();
            match content? {
                Content::Hidden => self.pass_over(&path, "hidden"),
                Content::Other(reason) => {
                    self.pass_over(&path, &reason);
                    if sniff::is_unread(&reason) {
                        self.inputs.warnings.push((UNREAD, UNREAD_WORDS.to_owned()));
                    }
                    // Own tables and documents lie beside what they were made of, and may be named with it.
                    usable |= sniff::is_own(&reason);
                    unknown.get_or_insert((path, reason));
                }
                Content::Of(kind, part) => {
                    usable = true;
                    self.part(source, kind, part)?;
                }
            }
        }
        match unknown {
            Some((path, reason)) if found.by_name && !usable => {
                Err(Fault::UnknownKind { found: reason }.at(Place::file(&path)))
            }
            _ => Ok(()),
        }
    }

    /// Keeps what a source of a known kind holds.
    fn part(&mut self, source: Source, kind: Kind, part: Held) -> Result<(), Error> {
        let name = source.name().to_owned();
        match part {
            Held::NotAskedFor => self.not_asked_for(&name, kind),
            Held::Usage => {
                self.list(&name, kind, 0, 0, Vec::new());
                self.inputs.usage.push(UsageFile { source, kind });
            }
            Held::Invoice => {
                self.list(&name, kind, 0, 0, Vec::new());
                self.inputs.invoices.push(InvoiceFile { source });
            }
            Held::Rates(rates) => {
                self.list(&name, kind, rates.len() as u64, rates.len() as u64, Vec::new());
                self.inputs.fx.extend(rates);
            }
            Held::UntaggedPrices(read) => self.add_untagged_prices(&name, kind, read),
            Held::Prices(list) => {
                let rows = list.len() as u64;
                self.list(&name, kind, rows, rows, Vec::new());
                self.inputs.prices.get_or_insert_default().merge(list);
            }
            Held::Access(read) => self.add_access(&name, kind, *read),
            Held::Partner(partner) => self.add_partner(&name, partner)?,
            Held::Manifest(manifest) => {
                let parts = manifest.parts().len() as u64;
                self.list(&name, kind, parts, parts, Vec::new());
                self.inputs.manifests.push(*manifest);
            }
            Held::Policy(entries) => self.add_policy(&name, entries)?,
            Held::Rule(rule) => self.add_rule(&name, rule)?,
        }
        Ok(())
    }

    /// Keeps the prices of a list that has no tags.
    fn add_untagged_prices(&mut self, name: &str, kind: Kind, read: PricesRead) {
        self.list(name, kind, read.records, read.list.len() as u64, read.notes);
        self.inputs.prices.get_or_insert_default().merge(read.list);
        let message = "a price sheet or retail prices are among the price lists: they do not tell third-party \
                       products, which earn no credit (an Azure plan price list does)";
        self.inputs.warnings.push(("price.no_tags", message.to_owned()));
    }

    /// Keeps what an access file says.
    fn add_access(&mut self, name: &str, kind: Kind, read: AccessRead) {
        let mut notes = read.notes;
        if read.time_assumed {
            let says = "nothing says when it was taken: the newest time in it is taken for that";
            notes.push(says.to_owned());
            let message = "an access export does not say when it was taken: the newest time in it was taken \
                           for that (--taken-at TIME says it)";
            self.inputs.warnings.push((TIME_ASSUMED, message.to_owned()));
        }
        for (code, message) in read.doubts {
            self.inputs.warnings.push((code, message.to_owned()));
        }
        if let Some(at) = read.taken_at {
            self.inputs.taken_at.insert(name.to_owned(), at);
        }
        self.undated.extend(read.undated.map(|error| (name.to_owned(), error)));
        self.list(name, read.kind.unwrap_or(kind), read.records, read.used, notes);
        let all = self.access.get_or_insert_default();
        all.histories.extend(read.chronicle.histories);
        all.snapshots.extend(read.chronicle.snapshots);
        all.logs.extend(read.chronicle.logs);
        all.roles.extend(read.chronicle.roles);
        all.links.extend(read.chronicle.links);
    }

    /// Puts the history together out of all that the access files say.
    fn finish_access(&mut self, broken: Broken) -> Result<(), Error> {
        let Some(chronicle) = self.access.take() else { return Ok(()) };
        for (file, error) in std::mem::take(&mut self.undated) {
            if is_dated_elsewhere(&chronicle, &file) {
                continue;
            }
            match broken {
                Broken::Refuse => return Err(error),
                Broken::Name => self.inputs.name_broken(&file, error),
            }
        }
        let (history, findings) = chronicle.into_history();
        for finding in &findings {
            // A file that does not say when it was taken is told of already.
            let told = finding.code == TIME_ASSUMED
                && self.inputs.warnings.iter().any(|(code, _)| *code == TIME_ASSUMED);
            if !told {
                self.tell(finding);
            }
        }
        self.inputs.access = Some(Arc::new(history));
        self.inputs.findings = findings;
        Ok(())
    }

    /// A finding is a note of each file that shows it, and a warning unless it hangs on the form of the exports.
    fn tell(&mut self, finding: &Finding) {
        let mut shown: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for evidence in &finding.evidence {
            shown.entry(&evidence.file).or_default().push(&evidence.record);
        }
        for file in &mut self.inputs.files {
            if let Some(records) = shown.get(file.path.as_str()) {
                let records: Vec<&str> =
                    records.iter().copied().filter(|record| !record.is_empty()).collect();
                let records = match records.as_slice() {
                    [] => String::new(),
                    records => format!(": {}", some(records)),
                };
                file.notes.push(format!("{} ({}){records}", finding.message, finding.code));
            }
        }
        if !NOTES_ONLY.contains(&finding.code) {
            self.inputs.warnings.push((finding.code, finding.message.clone()));
        }
    }

    fn add_partner(&mut self, name: &str, partner: Box<Partner>) -> Result<(), Error> {
        if let Some(first) = self.partner_file.replace(name.to_owned()) {
            return Err(Fault::TwoPartners { first, second: name.to_owned() }.at(Place::file(name)));
        }
        self.inputs.partner = Some(*partner);
        self.list(name, Kind::Partner, 1, 1, Vec::new());
        Ok(())
    }

    fn add_policy(&mut self, name: &str, entries: Vec<PolicyEntry>) -> Result<(), Error> {
        let count = entries.len() as u64;
        for entry in entries {
            let key = entry.key.replace('-', "_");
            if let Some(known) = self.policy.get(&key).filter(|known| known.value != entry.value) {
                let expected = format!("{:?}, as {} says", known.value, known.place);
                let fault = Core::PolicyInvalid { key, expected, found: entry.value };
                return Err(Fault::Value(fault).at(entry.place));
            }
            self.policy.entry(key).or_insert(entry);
        }
        self.list(name, Kind::Policy, count, count, Vec::new());
        Ok(())
    }

    fn add_rule(&mut self, name: &str, rule: Option<Box<Rule>>) -> Result<(), Error> {
        let Some(rule) = rule else {
            self.list(name, Kind::Rule, 1, 0, vec!["not chosen: other rule data was named".to_owned()]);
            return Ok(());
        };
        if let Some(first) = self.rule_file.replace(name.to_owned()) {
            let problem = format!("two files of it: {first} and {name}; choose one with --rule");
            return Err(Fault::Value(Core::RuleInvalid { problem }).at(Place::file(name)));
        }
        self.inputs.rule = Some(*rule);
        self.list(name, Kind::Rule, 1, 1, Vec::new());
        Ok(())
    }

    fn finish(mut self, broken: Broken) -> Result<Inputs, Error> {
        self.named_files()?;
        self.set_policy()?;
        let Inputs { manifests, usage, files, .. } = &mut self.inputs;
        for error in find_parts(manifests, usage, files, self.options.newest_run) {
            match broken {
                Broken::Refuse => return Err(error),
                Broken::Name => self.inputs.name_broken("", error),
            }
        }
        // Without usage the question is at fault, which is told when it is asked.
        let may_lack = self.options.part == Part::Usage;
        let manifest = Kind::ExportManifest.name();
        let is_nothing = |file: &InputSummary| file.kind.as_deref().is_none_or(|kind| kind == manifest);
        if broken == Broken::Refuse && !may_lack && self.inputs.files.iter().all(is_nothing) {
            let passed_over = self.inputs.files.len();
            return Err(Fault::NothingUsable { passed_over }.at(Place::default()));
        }
        self.finish_access(broken)?;
        // `run/x.csv` stands before `run.csv` among folders, and behind it among paths.
        self.inputs.files.sort_by(|a, b| a.path.cmp(&b.path));
        self.inputs.invoices.sort_by(|a, b| a.source.name().cmp(b.source.name()));
        self.inputs.usage.sort_by(|a, b| a.source.name().cmp(b.source.name()));
        Ok(self.inputs)
    }

    /// The files that stand in options: their kind is not in doubt.
    fn named_files(&mut self) -> Result<(), Error> {
        let options = self.options;
        if let Some(path) = &options.rule_file {
            let (name, text) = read_named(path)?;
            self.inputs.rule = Some(read_rule(&name, &text)?);
            self.inputs.files.retain(|file| file.path != name);
            self.list(&name, Kind::Rule, 1, 1, Vec::new());
        }
        if let Some(path) = &options.policy_file {
            let (name, text) = read_named(path)?;
            self.inputs.files.retain(|file| file.path != name);
            self.add_policy(&name, read_policy_entries(&name, &text)?)?;
        }
        Ok(())
    }

    fn set_policy(&mut self) -> Result<(), Error> {
        for (key, entry) in &self.policy {
            let set = self.inputs.policy.set(key, &entry.value);
            set.map_err(|error| Fault::Value(error).at(entry.place.clone()))?;
        }
        for (key, value) in &self.options.policy {
            let set = self.inputs.policy.set(&key.replace('-', "_"), value);
            set.map_err(|error| Fault::Value(error).at(Place::default()))?;
        }
        Ok(())
    }
}

/// Whether anything else says when the assignments of a list began: a log, a history, a list of another moment.
fn is_dated_elsewhere(chronicle: &Chronicle, file: &str) -> bool {
    let mut lists =
        chronicle.snapshots.iter().filter(|snapshot| snapshot.listing == Listing::RoleAssignments);
    let own = chronicle.snapshots.iter().find(|snapshot| snapshot.file == file).map(|own| own.taken_at);
    !chronicle.logs.is_empty()
        || chronicle.histories.iter().any(|history| !history.grants.is_empty())
        || lists.any(|list| list.file != file || Some(list.taken_at) != own)
}

fn read_named(path: &Path) -> Result<(String, Vec<u8>), Error> {
    let sources = Source::open(path)?;
    match sources.as_slice() {
        [only] => Ok((only.name().to_owned(), only.read_to_limit(DOCUMENT_BYTES)?)),
        _ => {
            let found = "an archive of several files".to_owned();
            Err(Fault::UnknownKind { found }.at(Place::file(&path.to_string_lossy())))
        }
    }
}
