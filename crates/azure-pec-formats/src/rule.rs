//! Rule data (`azure-pec/rule/1`) that replaces what is compiled in.

use azure_pec::{Rule, RuleData};

use crate::error::{Error, Fault, Place};
use crate::own_document::from_json;

/// Reads rule data and checks it.
///
/// # Errors
/// What is wrong, with file, line and field; `rule.invalid` where the rows do not make a rule.
pub fn read_rule(name: &str, text: &[u8]) -> Result<Rule, Error> {
    let data: RuleData = from_json(name, text)?;
    Rule::new(data).map_err(|error| Fault::Value(error).at(Place::file(name)))
}
