//! The page of the examples: what is on it, what is not, and that it is the same whatever reads it.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

use azure_pec_formats::{Request, Watch};
use azure_pec_report::{Fix, Report, ReportJob, command_words, report};

fn request(folder: &str, more: &str) -> Request {
    let folder = format!("{}/../../examples/{folder}", env!("CARGO_MANIFEST_DIR"));
    Request::from_json(&format!(r#"{{"operation": "report", "paths": [{folder:?}]{more}}}"#)).unwrap()
}

fn page(folder: &str, more: &str) -> String {
    report(&request(folder, more), &Watch::default()).unwrap()
}

/// The exact value behind an id.
fn value<'p>(page: &'p str, id: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("id=\"{id}\"")).unwrap();
    let (_, rest) = rest.split_once("<data value=\"").unwrap();
    rest.split_once('"').unwrap().0
}

#[test]
fn the_four_numbers_are_those_worked_out_by_hand() {
    let page = page("contoso", "");
    let numbers = [
        ("earned-USD", "2086.4395328099460594227934"),
        ("missed-USD", "181.098"),
        ("unknown-USD", "88.152"),
        ("coverage-USD", "0.885702"),
        ("list-USD", "16228.756885399640396151956"),
        ("net-USD", "14142.3173525896943367291626"),
    ];
    for (id, expected) in numbers {
        assert_eq!(value(&page, id), expected, "{id}");
    }
    assert!(page.contains("fabrikam-just-in-time") && page.contains("Adatum Maschinenbau Köln GmbH"));
    assert!(!page.contains("id=\"bridge\""), "there is no invoice");
}

#[test]
fn the_page_is_the_same_whatever_the_threads() {
    let one = page("contoso", r#", "threads": 1"#);
    assert!(one == page("contoso", r#", "threads": 4"#));
}

#[test]
fn an_invoice_brings_the_bridge() {
    let withheld = page("contoso-reconcile/breaks/1-withheld", "");
    for said in
        ["id=\"bridge\"", "observed.missing", "The bill is not what it should be.", "<data value=\"6.624\">"]
    {
        assert!(withheld.contains(said), "{said}");
    }
    let clean = page("contoso-reconcile/clean", "");
    assert!(clean.contains("Nothing differs but what is pending or rounded."));
}

#[test]
fn everything_stands_on_the_page_itself() {
    let page = page("contoso", "");
    for outside in ["http:", "https:", "src=", "<link", "@import", "style=\"", " onclick", "javascript:"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"));
}

#[test]
fn other_fixes_take_the_place_of_those_of_the_reasons() {
    let request = request("contoso", "");
    let mut job = ReportJob::open(&request, &Watch::default()).unwrap();
    let answers = job.read(&request, &|_| ()).unwrap();
    let fix = Fix {
        says: "grant <b>it</b>".to_owned(),
        outcome: "missed",
        reason: "access.none",
        because: "nobody did".to_owned(),
        amount: "75.672".parse().unwrap(),
        currency: "USD".to_owned(),
        subscriptions: 4,
        subscription: "5b0a1cf2-7d3e-4f60-9a11-2f6c0d5e0f20".to_owned(),
        name: "fabrikam-same-group-name".to_owned(),
    };
    let page = Report::new(answers, command_words(&request)).with_fixes(vec![fix]).to_html();
    assert!(page.contains("Grant &lt;b&gt;it&lt;/b&gt;"));
    assert_eq!(page.matches("<li class=\"fix\">").count(), 1);
}

#[test]
fn what_cannot_be_answered_for_is_no_page() {
    let nothing = report(&request("contoso/access", ""), &Watch::default()).unwrap_err();
    assert_eq!(nothing.error.code(), "input.usage_missing");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("no/such/folder.html");
    let unwritten = request("contoso", &format!(r#", "out": {out:?}"#));
    assert_eq!(report(&unwritten, &Watch::default()).unwrap_err().error.code(), "output.write_failed");
    let grouped = request("contoso", r#", "by": ["month"]"#);
    assert_eq!(report(&grouped, &Watch::default()).unwrap_err().error.code(), "usage.arguments");
}
