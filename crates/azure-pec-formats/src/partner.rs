//! The partner file (`azure-pec/partner/1`), JSON or TOML.

use azure_pec::Partner;

use crate::error::{Error, Fault, Place};
use crate::own_document::from_either;

const SCHEMA: &str = "azure-pec/partner/1";

/// Reads a partner file. Whether it contradicts itself is found when the calculator is made of it.
///
/// # Errors
/// What is wrong, with file, line and field: the line of the list member it is in in JSON, of the field in TOML.
pub fn read_partner(name: &str, text: &[u8]) -> Result<Partner, Error> {
    let partner: Partner = from_either(name, text)?;
    if partner.schema != SCHEMA {
        let problem = format!("expected schema {SCHEMA}, found {:?}", partner.schema);
        return Err(Fault::JsonMalformed { problem }.at(Place::file(name).in_column("schema")));
    }
    Ok(partner)
}
