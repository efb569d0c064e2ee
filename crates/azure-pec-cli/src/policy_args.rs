//! Every policy key as an option, made from the core's list of keys: a new key needs no change here.

use azure_pec::{Error, Policy};
use azure_pec_formats::PolicyKeys;
use clap::{Arg, ArgMatches, Args, Command};

/// The policy keys given as options, with their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyArgs(pub Vec<(String, String)>);

impl PolicyArgs {
    fn of(matches: &ArgMatches) -> Self {
        let given = |key: &&&'static str| {
            matches.get_one::<String>(key).map(|value| ((**key).to_owned(), value.clone()))
        };
        Self(Policy::KEYS.iter().filter_map(|key| given(&key)).collect())
    }
}

impl From<PolicyArgs> for PolicyKeys {
    fn from(PolicyArgs(keys): PolicyArgs) -> Self {
        Self(keys)
    }
}

/// The option of a key: `day_offset` is `--day-offset`.
pub fn option(key: &str) -> String {
    key.replace('_', "-")
}

/// The values of a key in words, as the core lists them when it refuses one.
fn values(key: &str) -> String {
    match Policy::default().set(key, "?") {
        Err(Error::PolicyInvalid { expected, .. }) => expected,
        _ => String::new(),
    }
}

impl Args for PolicyArgs {
    fn augment_args(command: Command) -> Command {
        Policy::default().entries().into_iter().fold(command, |command, (key, default)| {
            let check = move |text: &str| match Policy::default().set(key, text) {
                Ok(()) => Ok(text.to_owned()),
                Err(Error::PolicyInvalid { expected, .. }) => Err(format!("expected {expected}")),
                Err(error) => Err(error.to_string()),
            };
            command.arg(
                Arg::new(key)
                    .long(option(key))
                    .value_name("VALUE")
                    .help(format!("{} [default: {default}]", values(key)))
                    .help_heading("Rule and policy")
                    .allow_hyphen_values(true)
                    .value_parser(check),
            )
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for PolicyArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self::of(matches))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::of(matches);
        Ok(())
    }
}
