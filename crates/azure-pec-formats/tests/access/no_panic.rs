//! Nothing that comes in makes a reader panic.

use azure_pec_formats::{document_kind, read_access, read_history, read_partner, read_policy, read_rule};
use proptest::prelude::*;

use crate::fixtures::*;

fn read_all(bytes: &[u8]) {
    let _ = document_kind("x", bytes);
    let _ = read_access("x", bytes, None).map_err(|error| error.to_string());
    let _ = read_history("x", bytes).map_err(|error| error.to_string());
    let _ = read_partner("x", bytes).map_err(|error| error.to_string());
    let _ = read_policy("x", bytes).map_err(|error| error.to_string());
    let _ = read_rule("x", bytes).map_err(|error| error.to_string());
}

fn good() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/contoso/");
    let file = |name: &str| std::fs::read_to_string(format!("{folder}{name}")).unwrap();
    vec![
        file("partner.json"),
        file("access/history.json").chars().take(3000).collect(),
        file("access/role-assignments-northwind-clinic.json"),
        format!("[{},{}]", cli(1, CREATED), rest(2, "/", "2024-01-01T00:00:00.1234567Z")),
        format!("day = \"any\"\n[custom_role]\n\"{ROLE}\" = \"earns\"\n"),
        "schema = \"azure-pec/partner/1\"\n[bill_to]\npartner_id = \"1\"\n".to_owned(),
    ]
}

/// Bytes that mean something to a parser.
const TELLING: &[u8] = b"{}[]\",:\\=\n\x00\xff\xc3 0n-T#";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn telling_bytes(bytes in prop::collection::vec(prop::sample::select(TELLING), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn mutated_documents(
        which in 0usize..6,
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(TELLING), 0u8..3), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = good()[which].clone().into_bytes();
        edit(&mut bytes, edits);
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        read_all(&bytes);
    }
}
