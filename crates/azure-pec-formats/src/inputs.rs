//! What the files said, put together.

use std::collections::BTreeMap;
use std::sync::Arc;

use azure_pec::{
    AccessHistory, Calculator, Error as Core, Finding, FxRates, InputSummary, Instant, Partner, Policy,
    PriceList, PriceSource, RoundingPolicy, Rule,
};

use crate::error::{Error, Fault, Place};
use crate::exchange_rates::ExchangeRate;
use crate::kind::Kind;
use crate::manifest::ExportManifest;
use crate::missing::some;
use crate::sniff;
use crate::source::Source;

/// The note of usage of a kind that was not chosen.
const NOT_CHOSEN: &str = "not chosen";

/// A usage file, found and not read yet.
#[derive(Debug)]
pub struct UsageFile {
    /// The file.
    pub source: Source,
    /// Its kind.
    pub kind: Kind,
}

/// An invoice reconciliation file, found and not read yet: see [`InvoiceReader`](crate::InvoiceReader).
#[derive(Debug)]
pub struct InvoiceFile {
    /// The file.
    pub source: Source,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The access history of every access file; none where there is none.
    pub access: Option<Arc<AccessHistory>>,
    /// Every price list.
    pub prices: Option<PriceList>,
    /// The partner file.
    pub partner: Option<Partner>,
    /// The policy: defaults, then files, then options.
    pub policy: Policy,
    /// Rule data in place of the published.
    pub rule: Option<Rule>,
    /// The usage files in the order of their paths.
    pub usage: Vec<UsageFile>,
    /// What the manifests of exports say.
    pub(crate) manifests: Vec<ExportManifest>,
    /// The invoice reconciliation files in the order of their paths.
    pub invoices: Vec<InvoiceFile>,
    /// The exchange rates of every file of them.
    pub fx: Vec<ExchangeRate>,
    /// Every file read or passed over, in the order of their paths; usage files have no counts yet.
    pub files: Vec<InputSummary>,
    /// What the body of a statement must warn of: code and message, without file names.
    pub warnings: Vec<(&'static str, String)>,
    /// What could not be read whole, where the work went on ([`load_all`](crate::load_all)).
    pub broken: Vec<Error>,
    /// What the access files do not agree on, do not show, or what was assumed of them.
    pub findings: Vec<Finding>,
    /// When each access export was taken, by its path; one whose time nobody states is as new as what is in it.
    pub taken_at: BTreeMap<String, Instant>,
}

/// The summary of a file. They are in the order of their paths, where there may be a million; only while they are put together
/// some stand behind.
pub(crate) fn summary_of<'s>(summaries: &'s mut [InputSummary], path: &str) -> Option<&'s mut InputSummary> {
    let at = summaries.binary_search_by(|summary| summary.path.as_str().cmp(path));
    let at = at.ok().or_else(|| summaries.iter().position(|summary| summary.path == path))?;
    summaries.get_mut(at)
}

impl Inputs {
    /// Lists a file that could not be read whole.
    pub(crate) fn name_broken(&mut self, path: &str, error: Error) {
        let path = error.place.file.clone().unwrap_or_else(|| path.to_owned());
        let note = format!("broken: {error} ({})", error.code());
        match summary_of(&mut self.files, &path) {
            Some(file) => file.notes.push(note),
            None => self.files.push(InputSummary {
                path,
                kind: None,
                records: 0,
                used: 0,
                rejected: 0,
                notes: vec![note],
            }),
        }
        self.broken.push(error);
    }

    /// The calculator of these inputs.
    ///
    /// # Errors
    /// What the inputs say together: overlapping prices, a cycle in the hierarchy, and so on; with the file where it
    /// can only be one.
    pub fn calculator(&self) -> Result<Calculator, Error> {
        let mut builder = Calculator::builder().policy(self.policy.clone());
        if let Some(access) = &self.access {
            builder = builder.access(Arc::clone(access));
        }
        if let Some(prices) = &self.prices {
            builder = builder.prices(prices.clone());
        }
        if let Some(partner) = &self.partner {
            builder = builder.partner(partner.clone());
        }
        if let Some(rule) = &self.rule {
            builder = builder.rule(rule.clone());
        }
        // What needs no rate does not fail over lists of rates that contradict each other.
        if self.policy.rounding == RoundingPolicy::InvoiceNested {
            builder = builder.exchange_rates(self.exchange_rates()?);
        }
        builder.build().map_err(|error| {
            let place = self.place_of(&error);
            Fault::Value(error).at(place)
        })
    }

    /// The exchange rates of all lists.
    ///
    /// # Errors
    /// `fx.overlap` where two lists contradict each other; `number.invalid` for a rate that is not above 0.
    pub fn exchange_rates(&self) -> Result<FxRates, Error> {
        let mut rates = FxRates::new();
        for rate in &self.fx {
            rates
                .insert(rate.month, &rate.currency, rate.usd_per_unit.clone())
                .map_err(|error| Fault::Value(error).at(Place::default()))?;
        }
        Ok(rates)
    }

    /// Keeps the usage of one kind; the files of other kinds are noted as not chosen.
    ///
    /// # Errors
    /// `input.usage_overlap` for two kinds where none is chosen.
    pub fn choose_usage(&mut self, chosen: Option<Kind>) -> Result<(), Error> {
        let Some(kind) = chosen else { return self.refuse_two_kinds() };
        let (kept, left): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.usage).into_iter().partition(|file| file.kind == kind);
        self.usage = kept;
        for file in left {
            if let Some(summary) = summary_of(&mut self.files, file.source.name()) {
                summary.notes.push(NOT_CHOSEN.to_owned());
            }
        }
        Ok(())
    }

    /// There is no usage: what was passed over and why is told, since it may be among that.
    pub(crate) fn usage_missing(&self) -> Error {
        let missing = Fault::UsageMissing { files: self.files.len() };
        let told = self.told_of_passed_over();
        if told.is_empty() {
            return missing.at(Place::default());
        }
        let problem = format!("{missing}; passed over: {told}");
        Fault::Coded { code: missing.code(), help: missing.help(), problem }.at(Place::default())
    }

    /// The first files that nothing was taken of, with the reason.
    fn told_of_passed_over(&self) -> String {
        let not_chosen = |file: &InputSummary| file.notes.iter().any(|note| note == NOT_CHOSEN);
        let is_passed_over = |file: &&InputSummary| file.kind.is_none() || not_chosen(file);
        let mut passed_over: Vec<&InputSummary> = self.files.iter().filter(is_passed_over).collect();
        // Folders hold much that is no export; usage of another kind is told first, then what may be an export.
        passed_over
            .sort_by_key(|file| (!not_chosen(file), !file.notes.iter().any(|note| sniff::is_unread(note))));
        let told = passed_over.iter().map(|file| {
            let notes = file.kind.iter().chain(&file.notes).map(String::as_str).collect::<Vec<_>>();
            format!("{} ({})", file.path, notes.join(", "))
        });
        some(&told.collect::<Vec<_>>())
    }

    fn refuse_two_kinds(&self) -> Result<(), Error> {
        let Some(first) = self.usage.first() else { return Ok(()) };
        let Some(other) = self.usage.iter().find(|file| file.kind != first.kind) else { return Ok(()) };
        let problem = format!(
            "{} is {}, {} is {}; a statement is made from one kind, since both list the same consumption: choose \
             with --usage {} or --usage {}",
            first.source.name(),
            first.kind,
            other.source.name(),
            other.kind,
            first.kind,
            other.kind,
        );
        Err(Fault::UsageOverlap { problem }.at(Place::default()))
    }

    /// Whether lines without a price of their own have none at all.
    pub(crate) fn needs_own_prices(&self) -> bool {
        self.policy.price_source == PriceSource::Line && self.prices.as_ref().is_none_or(PriceList::is_empty)
    }

    /// The file that a fault of all inputs together comes from, where there is only one that can be.
    fn place_of(&self, error: &Core) -> Place {
        let only = |begins: &str| {
            let mut files = self
                .files
                .iter()
                .filter(|file| file.kind.as_ref().is_some_and(|kind| kind.starts_with(begins)));
            match (files.next(), files.next()) {
                (Some(file), None) => Place::file(&file.path),
                _ => Place::default(),
            }
        };
        match error {
            Core::GrantInverted { id, .. } => self.grant_place(id).unwrap_or_else(|| only("access.")),
            _ => match error.code().split('.').next() {
                Some("price") => only("prices."),
                Some("grant" | "hierarchy") => only("access."),
                Some("partner") => only("partner"),
                Some("policy") => only("policy"),
                Some("rule") => only("rule"),
                _ => Place::default(),
            },
        }
    }

    /// Where the history says that it read a grant or deny.
    fn grant_place(&self, id: &str) -> Option<Place> {
        let access = self.access.as_ref()?;
        let grants = access.grants.iter().filter(|grant| grant.id == id).flat_map(|grant| &grant.evidence);
        let denies = access.denies.iter().filter(|deny| deny.id == id).flat_map(|deny| &deny.evidence);
        let evidence = grants.chain(denies).next()?;
        Some(Place::file(&evidence.file).in_column(&evidence.record))
    }
}
