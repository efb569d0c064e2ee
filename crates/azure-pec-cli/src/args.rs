//! The arguments of the command.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use azure_pec::{Amount, Day, GroupKey, Instant, Scope};
use azure_pec_formats::Kind;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::policy_args::PolicyArgs;

const EXIT_STATUS: &str = "\
Exit status:
  0  done
  1  the input cannot be answered for
  2  wrong usage
  3  a --fail-on-... limit was met";

/// Microsoft's partner earned credit: what was earned, what was missed, and why.
#[derive(Debug, Parser)]
#[command(name = "pec", version, max_term_width = 100, after_help = EXIT_STATUS)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// What was earned and missed, by reason
    Statement(StatementArgs),
    /// Why a resource's day, or a subscription's month, is what it is
    Explain(ExplainArgs),
    /// Hold what was billed against what the rule expects
    Reconcile(ReconcileArgs),
    /// What would be, had access, policy or the partner been otherwise; and what would bring back most
    Whatif(WhatIfArgs),
    /// What each grant is needed for, and whether less access would keep the credit
    Advise(AdviseArgs),
    /// What each file is taken for
    Inspect(InspectArgs),
    /// Put exports of access together into one history
    History(HistoryArgs),
    /// All of it as one page of HTML, to be shown to others
    Report(ReportArgs),
}

impl Command {
    /// Whether answers and errors are JSON.
    pub fn is_json(&self) -> bool {
        match self {
            Self::Statement(args) => args.format == StatementFormat::Json,
            Self::Explain(args) => args.format == TextFormat::Json,
            Self::Reconcile(args) => args.format == ReconciliationFormat::Json,
            Self::Whatif(args) => args.format == TableFormat::Json,
            Self::Advise(args) => args.format == TableFormat::Json,
            Self::Inspect(args) => args.format == TableFormat::Json,
            Self::History(_) | Self::Report(_) => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatementFormat {
    /// For people: amounts rounded to cents
    Table,
    /// The whole statement, exact
    Json,
    /// The sums by currency, outcome and reason, exact
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReconciliationFormat {
    /// For people: amounts rounded to cents
    Table,
    /// The whole reconciliation, exact
    Json,
    /// The findings, exact
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TextFormat {
    /// For people
    Text,
    /// The whole explanation, exact
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// For people
    Table,
    /// The whole list
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Amounts {
    /// Decimals of a fixed precision; what does not fit exactly is an error
    Decimal,
    /// Text, exact whatever its length
    String,
}

impl From<Amounts> for azure_pec_formats::Amounts {
    fn from(amounts: Amounts) -> Self {
        match amounts {
            Amounts::Decimal => Self::Decimal,
            Amounts::String => Self::String,
        }
    }
}

#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_STATUS)]
pub struct StatementArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Group by these keys, with commas between them: customer, reseller, plan, subscription, resource_group, resource,
    /// service, meter, product, invoice, date, month
    #[arg(long, value_name = "KEYS", value_delimiter = ',')]
    pub by: Vec<GroupKey>,
    /// Write the groups (.csv, .csv.gz, .parquet)
    #[arg(long, value_name = "FILE", requires = "by")]
    pub groups: Option<PathBuf>,
    /// Write a row for each usage line (.csv, .csv.gz, .parquet)
    #[arg(long, value_name = "FILE")]
    pub lines: Option<PathBuf>,
    /// The first day to take
    #[arg(long, value_name = "DATE")]
    pub from: Option<Day>,
    /// The last day to take
    #[arg(long, value_name = "DATE")]
    pub to: Option<Day>,
    /// End with status 3 where more than this was missed in any one currency (the statement is still printed)
    #[arg(long, value_name = "AMOUNT")]
    pub fail_on_missed: Option<Amount>,
    /// End with an error where sums and texts would take more memory than about this, such as 2GiB
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub max_memory: Option<u64>,
    /// How to print the statement
    #[arg(long, value_enum, default_value = "table")]
    pub format: StatementFormat,
}

/// `512MiB`, `2GiB`, `1.5GB` is none: whole numbers of B, kB, MB, GB, KiB, MiB or GiB.
fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim().len() - text.trim().trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.trim().split_at(digits);
    let size: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return Err(expected_size()),
    };
    number.parse::<u64>().ok().and_then(|number| number.checked_mul(size)).ok_or_else(expected_size)
}

fn expected_size() -> String {
    "expected a whole number of bytes, kB, MB, GB, KiB, MiB or GiB, such as 2GiB".to_owned()
}

#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_STATUS, group = clap::ArgGroup::new("what").required(true))]
pub struct ExplainArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// The resource, resource group or subscription to explain, by its path
    #[arg(long, value_name = "ID", group = "what", requires = "date")]
    pub resource: Option<Scope>,
    /// The day to explain it on
    #[arg(long, value_name = "DATE", requires = "resource")]
    pub date: Option<Day>,
    /// The subscription to explain day by day, by its id or its name
    #[arg(long, value_name = "ID", group = "what")]
    pub subscription: Option<String>,
    /// The first day to take
    #[arg(long, value_name = "DATE", conflicts_with = "resource")]
    pub since: Option<Day>,
    /// How to print the explanation
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextFormat,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_STATUS)]
pub struct ReconcileArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Write a dispute pack (.zip): a letter, the findings, the lines in question with their evidence
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// End with status 3 where anything differs; what is pending does not (the reconciliation is still printed)
    #[arg(long)]
    pub fail_on_difference: bool,
    /// How to print the reconciliation
    #[arg(long, value_enum, default_value = "table")]
    pub format: ReconciliationFormat,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_STATUS, group = clap::ArgGroup::new("change").required(true).multiple(true))]
pub struct WhatIfArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Add a grant: role=NAME|ID,scope=PATH, and as needed path=aobo|lighthouse_offer|lighthouse_template|directory,
    /// start=TIME, end=TIME, principal=ID, partner=ID, tenant=ID, id=TEXT, eligible_only=true, condition=TEXT
    #[arg(long, value_name = "SPEC", group = "change")]
    pub grant: Vec<String>,
    /// Remove a grant: id=TEXT, and at=TIME where it was held until then
    #[arg(long, value_name = "SPEC", group = "change")]
    pub revoke: Vec<String>,
    /// Change a policy key: KEY=VALUE
    #[arg(long, value_name = "KEY=VALUE", group = "change")]
    pub set: Vec<String>,
    /// Move a subscription between partners: subscription=ID,at=TIME,to=PARTNER (and from=PARTNER); without `at` the
    /// move that the partner file tells of
    #[arg(long, value_name = "SPEC", group = "change")]
    pub transfer: Vec<String>,
    /// Find the few changes that bring back most
    #[arg(long, group = "change", conflicts_with_all = ["grant", "revoke", "set", "transfer"])]
    pub suggest: bool,
    /// What the open month comes to, with the changes: a range to its end, and what ends before
    #[arg(long, group = "change")]
    pub forecast: bool,
    /// A service that you deliver, by its name in the catalogue (`pec advise` lists them): for it access that was never
    /// held is suggested too
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub service: Vec<String>,
    /// How to print the answer
    #[arg(long, value_enum, default_value = "table")]
    pub format: TableFormat,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_STATUS)]
pub struct AdviseArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// A service that you deliver, by its name in the catalogue; left out, the catalogue is listed
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub service: Vec<String>,
    /// How to print the advice
    #[arg(long, value_enum, default_value = "table")]
    pub format: TableFormat,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_STATUS)]
pub struct InspectArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// How to print the list
    #[arg(long, value_enum, default_value = "table")]
    pub format: TableFormat,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_STATUS)]
pub struct HistoryArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Write the history (JSON); it may be one of the files read, which it then takes the place of. Continued by newer
    /// exports it may leave a day open that all exports together prove, and never says another outcome
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_STATUS)]
pub struct ReportArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Write the page (.html)
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// What every command takes.
#[derive(Debug, ClapArgs)]
pub struct InputArgs {
    /// Files and folders with usage, access, prices and partner data, in any order; - is standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Take this kind of usage where the files hold several
    #[arg(long, value_name = "KIND", help_heading = "Input")]
    pub usage: Option<Kind>,
    /// Of the runs of an export take those alone of which no newer one has all days; their manifests (manifest.json) have to be
    /// there
    #[arg(long, help_heading = "Input")]
    pub newest_run: bool,
    /// When exports were taken that do not say so
    #[arg(long, value_name = "TIME", help_heading = "Input")]
    pub taken_at: Option<Instant>,
    /// Go on where at most so many lines cannot be read
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Input")]
    pub allow_rejected: u64,
    /// Write every line that cannot be read, and why (.csv, .csv.gz, .parquet)
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub rejects: Option<PathBuf>,
    /// Work on so many files at once [default: what the machine has]
    #[arg(long, value_name = "N", help_heading = "Input")]
    pub threads: Option<NonZeroUsize>,
    /// How Parquet holds amounts
    #[arg(long, value_enum, default_value = "decimal", help_heading = "Input")]
    pub amounts: Amounts,
    /// Rule data in place of the published
    #[arg(long, value_name = "FILE", help_heading = "Rule and policy")]
    pub rule: Option<PathBuf>,
    /// A policy file; options win over it
    #[arg(long = "policy", value_name = "FILE", help_heading = "Rule and policy")]
    pub policy_file: Option<PathBuf>,
    #[command(flatten)]
    pub policy: PolicyArgs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_whole_numbers_of_a_unit() {
        let shown = ["7", "512MiB", "2 gib", "3GB", "0kB"].map(|text| bytes(text).unwrap());
        assert_eq!(shown, [7, 512 << 20, 2 << 30, 3_000_000_000, 0]);
        for text in ["", "GiB", "1.5GiB", "2 GiB more", "-1", "99999999999GiB"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
