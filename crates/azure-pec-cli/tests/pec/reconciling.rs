//! `pec reconcile`: documents, tables, the dispute pack, and the status where the bill differs.

use crate::pec::{page, pec};

const WITHHELD: &str = "examples/contoso-reconcile/breaks/1-withheld";
const CLEAN: &str = "examples/contoso-reconcile/clean";

#[test]
fn a_difference_ends_with_its_own_status_where_asked() {
    for (folder, status) in [(CLEAN, 0), (WITHHELD, 3), ("examples/contoso-reconcile/pending", 0)] {
        assert_eq!(pec(&["reconcile", folder, "--fail-on-difference"]).status, status, "{folder}");
        assert_eq!(pec(&["reconcile", folder]).status, 0, "{folder}");
    }
}

#[test]
fn findings_as_csv() {
    let (customer, plan) = ("7e4a0701-61d3-4b8e-a2c5-9f30d1b7c001", "a7241d02-ac75-5f18-8109-7047324130a3");
    let wanted = [
        "finding,outcome,of,month,invoice,customer,reseller,plan,subscription,product,sku,meter,rate,first,last,lines,\
         pricing_currency,pricing,billing_currency,billing,corrects"
            .to_owned(),
        format!(
            "1,observed.missing,,2026-10,G070310266,{customer},2222222,{plan},\
             5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30,DZH318Z0BQ4B,00FX,D4s v5,,2026-10-05,2026-10-06,8,USD,6.624,EUR,\
             6.043377771072,"
        ),
        format!("2,rounding,cents,2026-10,,{customer},2222222,{plan},,,,,,,,0,USD,0.006,EUR,0.006622228928,"),
    ];
    let found = page(&["reconcile", WITHHELD, "--format", "csv"]);
    assert_eq!(found.lines().collect::<Vec<_>>(), wanted);
}

#[test]
fn a_document_of_the_contract() {
    let text = page(&["reconcile", WITHHELD, "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["schema"], "azure-pec/reconciliation/1");
    assert_eq!(document["body"]["findings"][0]["outcome"], "observed.missing");
    assert_eq!(document["body"]["findings"][0]["pricing"], "6.624");
    assert_eq!(document["evidence"][0]["lines"].as_array().unwrap().len(), 3);
    assert!(text.ends_with("}\n"));
}

#[test]
fn a_dispute_pack_holds_the_lines_in_question() {
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("pack.zip");
    let said = pec(&["reconcile", WITHHELD, "--out", pack.to_str().unwrap()]);
    assert_eq!((said.status, said.err.as_str()), (0, ""));
    let sources = azure_pec_formats::Source::open(&pack).unwrap();
    let read = |name: &str| {
        let source = sources.iter().find(|source| source.name().ends_with(name)).unwrap();
        String::from_utf8(source.read_to_limit(1 << 20).unwrap()).unwrap()
    };
    // Eight machine-days, and the header.
    assert_eq!(read("lines.csv").lines().count(), 9);
    assert!(
        read("lines.csv").lines().skip(1).all(|line| line.contains("vm-shop") || line.contains("VM-SHOP"))
    );
    assert!(read("letter.txt").contains("8 usage lines, USD 6.624, EUR 6.043377771072"));
    assert!(read("reconciliation.json").contains("azure-pec/reconciliation/1"));
    assert_eq!(read("findings.csv").lines().count(), 3);
    // Packed again it is the same to the byte.
    let bytes = std::fs::read(&pack).unwrap();
    pec(&["reconcile", WITHHELD, "--out", pack.to_str().unwrap()]);
    assert_eq!(bytes, std::fs::read(&pack).unwrap());
}
