//! The partner file: who is billed, and the customers with their market and subscriptions.

use std::io::{self, Write};

use crate::estate::Estate;
use crate::prices::MARKET;

/// The partner that is billed.
pub const PARTNER: &str = "1111111";

/// Writes the partner file (`azure-pec/partner/1`).
///
/// # Errors
/// What the writer says.
pub fn write_partner(estate: &Estate, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{{\n  \"schema\": \"azure-pec/partner/1\",")?;
    writeln!(
        out,
        "  \"bill_to\": {{\"partner_id\": \"{PARTNER}\", \"tenant_id\": \"{}\", \"kind\": \"indirect_provider\", \
         \"agreement\": [{{\"start\": \"2019-11-01\", \"end\": null}}]}},",
        estate.partner_tenant
    )?;
    writeln!(out, "  \"customers\": [")?;
    let mut ids: Vec<Vec<&str>> = vec![Vec::new(); usize::try_from(estate.customers()).unwrap_or(0)];
    for at in 0..estate.subscriptions() {
        let subscription = estate.subscription(at);
        if let Some(ids) = usize::try_from(subscription.customer).ok().and_then(|at| ids.get_mut(at)) {
            ids.push(&subscription.id);
        }
    }
    for (customer, ids) in (0..).zip(&ids) {
        let comma = if customer + 1 == estate.customers() { "" } else { "," };
        writeln!(
            out,
            "    {{\"customer_id\": \"{}\", \"market\": \"{MARKET}\", \"subscriptions\": [\"{}\"]}}{comma}",
            estate.customer_id(customer),
            ids.join("\", \"")
        )?;
    }
    writeln!(out, "  ]\n}}")
}
