//! `pec whatif` and `pec advise`: pages, documents, statuses.

use azure_pec_formats::{Request, Watch, ask};
use serde_json::json;

use crate::pec::{CONTOSO, page, pec, root};

const REMOVED: &str = "/subscriptions/5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30";

#[test]
fn documents_are_the_librarys() {
    std::env::set_current_dir(root()).unwrap();
    let grant = format!("role=Owner,scope={REMOVED},start=2026-10-12,end=2026-10-18");
    let asked = |question: serde_json::Value| {
        ask(&Request::from_json(&question.to_string()).unwrap(), &Watch::default()).unwrap()
    };
    let printed = page(&["whatif", CONTOSO, "--grant", &grant, "--format", "json"]);
    assert_eq!(printed, asked(json!({"operation": "whatif", "paths": [CONTOSO], "grant": [grant]})));
    let printed = page(&["whatif", CONTOSO, "--suggest", "--format", "json", "--threads", "2"]);
    assert_eq!(printed, asked(json!({"operation": "whatif", "paths": [CONTOSO], "suggest": true})));
    let printed = page(&["advise", CONTOSO, "--service", "patching", "--format", "json"]);
    assert_eq!(printed, asked(json!({"operation": "advise", "paths": [CONTOSO], "service": ["patching"]})));
}

#[test]
fn pages_say_what_to_do() {
    let suggested = page(&["whatif", CONTOSO, "--suggest"]);
    let first = suggested.lines().nth(2).unwrap();
    assert!(first.contains(&format!("have Owner held at {REMOVED}")), "{suggested}");
    let moved = page(&["whatif", CONTOSO, "--transfer", "subscription=5b0a1cf3-7d3e-4f60-9a11-2f6c0d5e0f30"]);
    let open = page(&["whatif", CONTOSO, "--forecast"]);
    let advised = page(&["advise", CONTOSO, "--service", "log_analytics,patching"]);
    for (text, said) in [
        (&suggested, "19.87 USD on 6 days (3.31 a day); the customer can do it"),
        (&suggested, "together 57.31 USD"),
        (&moved, "each open day costs 1.44 USD"),
        (&open, "What is assumed"),
        (&advised, "Monitoring Reader, Monitoring Contributor*"),
        (&advised, "may not press a customer"),
    ] {
        assert!(text.contains(said), "{said}:\n{text}");
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= 100), "{widest:?}:\n{text}");
    }
}

#[test]
fn wrong_changes_end_with_their_status() {
    for (args, status, code) in [
        (vec!["--grant", "role=Overlord,scope=/"], 1, "id.invalid"),
        (vec!["--grant", "role=Owner,scope=nowhere"], 1, "id.invalid"),
        (vec!["--revoke", "id=nobody"], 1, "id.invalid"),
        (vec!["--grant", "role=Owner,scope=/,start=2030-01-01"], 1, "date.invalid"),
        (vec!["--grant", "role=Owner"], 2, "usage.arguments"),
        (vec!["--grant", "nonsense"], 2, "usage.arguments"),
        (vec!["--set", "deny=perhaps"], 2, "usage.arguments"),
        (vec!["--set", "denies=block"], 2, "usage.arguments"),
        (vec!["--suggest", "--revoke", "id=x"], 2, "usage.arguments"),
        (vec!["--forecast", "--service", "patching"], 2, "usage.arguments"),
        (vec![], 2, "usage.arguments"),
    ] {
        let done = pec(&[["whatif", CONTOSO].as_slice(), &args].concat());
        assert_eq!((done.status, done.out.as_str()), (status, ""), "{args:?}: {}", done.err);
        assert!(done.err.starts_with(&format!("error[{code}]: ")), "{args:?}: {}", done.err);
    }
}
