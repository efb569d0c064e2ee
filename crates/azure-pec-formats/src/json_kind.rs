//! What kind of usage, invoice or prices the records of a JSON text are, told by the keys of the first whole one.

use std::io::Cursor;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json_split::{Splitter, is_by_line};
use crate::kind::Kind;

/// So many records are looked at: the first may be broken.
const LOOKED_AT: usize = 8;

/// Keys of each kind: one of the first, and one of the second.
const KINDS: &[(Kind, &[&str], &[&str])] = &[
    (
        Kind::UsageDailyRated,
        &["usageDate"],
        &["entitlementId", "resourceUri", "effectiveUnitPrice", "pcToBCExchangeRate"],
    ),
    (
        Kind::InvoiceReconciliation,
        &["priceAdjustmentDescription", "termAndBillingCycle", "billableQuantity", "totalForCustomer"],
        &["subtotal"],
    ),
    (Kind::PricesRetail, &["retailPrice"], &["skuId", "meterId"]),
];

/// The kind of the records in a text of this beginning; none for any other document.
pub(crate) fn json_kind(head: &[u8]) -> Option<Kind> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut splitter = Splitter::new(Box::new(Cursor::new(head.to_vec())), is_by_line(head));
    let mut raw = Vec::new();
    for _ in 0..LOOKED_AT {
        let Ok(Some(_)) = splitter.next(&mut raw) else { return None };
        let Ok(record) = serde_json::from_slice::<Keys<'_>>(&raw) else { continue };
        return kind_of(&record);
    }
    None
}

/// The keys of a record.
#[derive(Deserialize)]
struct Keys<'r>(#[serde(borrow)] std::collections::BTreeMap<String, &'r RawValue>);

fn kind_of(record: &Keys<'_>) -> Option<Kind> {
    let has =
        |names: &[&str]| record.0.keys().any(|key| names.iter().any(|name| key.eq_ignore_ascii_case(name)));
    // Forms of our own and of Azure Resource Manager are other documents, whatever they hold.
    if has(&["schema", "properties"]) {
        return None;
    }
    KINDS.iter().find(|(_, one, other)| has(one) && has(other)).map(|(kind, ..)| *kind)
}
