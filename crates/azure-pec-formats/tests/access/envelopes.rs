use azure_pec::Observed;
use proptest::prelude::*;

use crate::fixtures::*;

#[test]
fn every_wrapper_gives_the_same_grants() {
    let (one, two) = (cli(1, CREATED), cli(2, CREATED));
    let plain = read(&format!("[{one},{two}]")).unwrap();
    for text in [
        format!(r#"{{"value": [{one},{two}]}}"#),
        format!(r#"{{"count": 2, "data": [{one},{two}], "skip_token": null}}"#),
        format!("{one}\n{two}\n"),
        format!("{one}\r\n\r\n{two}"),
        format!(r#"[{{"value": [{one}]}},{{"value": [{two}]}}]"#),
        format!(r#"{{"value": [{one}]}}{{"value": [{two}]}}"#),
        format!(r#"{{"value": [{one}], "nextLink": null}}{two}"#),
        format!(r#"{{"command": "az ...", "value": {{"value": [{one},{two}]}}}}"#),
        format!(r#"{{"command": "az ...", "value": [{{"value": [{one}]}}, {{"value": [{two}]}}]}}"#),
        format!("[{one},{two},{one}]"),
    ] {
        let mut read = read(&text).unwrap();
        for (grant, same) in read.history.grants.iter_mut().zip(&plain.history.grants) {
            grant.evidence.clone_from(&same.evidence);
        }
        assert_eq!(read.history, plain.history, "{text}");
        assert!(read.notes.is_empty(), "{:?}", read.notes);
    }
}

#[test]
fn one_object_is_read_and_noted() {
    let read = read(&cli(1, CREATED)).unwrap();
    assert_eq!(read.used, 1);
    assert!(read.notes[0].contains("one record, not a list"));
}

#[test]
fn more_pages_are_noted_where_they_do_not_follow() {
    let page = |n: u32, head: &str| format!(r#"{{{head}"value": [{}]}}"#, cli(n, CREATED));
    let more = r#""nextLink": "https://x","#;
    let other = r#""taken_at": "2026-01-01","#;
    let noted = ["the export has more pages: nextLink is set"];
    for (text, notes) in [
        (page(1, more), &noted[..]),
        (page(1, more) + &page(2, ""), &[]),
        (format!("[{},{}]", page(1, more), page(2, more)), &noted),
        (page(1, more) + &page(2, other), &noted),
        (format!(r#"{{"command": "az", "value": {}}}"#, page(1, more)), &noted),
    ] {
        assert_eq!(read(&text).unwrap().notes, notes, "{text}");
    }
}

#[test]
fn envelopes_behind_one_another_keep_their_own_words() {
    let page = |n: u32, day: &str, sub: &str| {
        format!(r#"{{"taken_at": "{day}", "scope": "/subscriptions/{sub}", "value": [{}]}}"#, cli(n, CREATED))
    };
    let text = format!("{}\n{}", page(1, "2026-01-01", SUB), page(1, "2026-02-01", TENANT));
    let read = read(&text).unwrap();
    let Observed::Windows(windows) = &read.history.observed else { panic!("windows") };
    let said: Vec<_> = windows.iter().map(|w| (w.scope.to_string(), w.start.unwrap().to_string())).collect();
    assert_eq!(said[0], (format!("/subscriptions/{SUB}"), "2026-01-01T00:00:00Z".to_owned()));
    assert_eq!(said[1], (format!("/subscriptions/{TENANT}"), "2026-02-01T00:00:00Z".to_owned()));
    // The same assignment in both is one grant.
    assert_eq!((read.records, read.history.grants.len()), (2, 1));
    assert_eq!(read.taken_at.unwrap().to_string(), "2026-02-01T00:00:00Z");
}

#[test]
fn a_wrong_envelope_is_refused() {
    let text = format!("{{\n\"taken_at\": \"noon\", \"value\": [{}]}}", cli(1, CREATED));
    assert_eq!(told(&read(&text).unwrap_err()), ("date.invalid", "ra.json", Some(2), Some("taken_at")));
}

#[test]
fn what_an_inner_wrapper_leaves_out_is_that_of_the_outer() {
    let page = format!(r#"{{"count": 1, "value": [{}]}}"#, cli(1, CREATED));
    let text = format!(
        r#"{{"taken_at": "2026-01-01", "tenant_id": "{TENANT}", "scope": "/subscriptions/{SUB}", "value": {page}}}"#
    );
    let read = read(&text).unwrap();
    assert_eq!(read.history.grants[0].tenant_id.unwrap().to_string(), TENANT);
    assert_eq!(read.taken_at.unwrap().to_string(), "2026-01-01T00:00:00Z");
    let Observed::Windows(windows) = &read.history.observed else { panic!("windows") };
    assert_eq!((windows.len(), windows[0].scope.to_string()), (1, subscription()));
}

/// A log that names nothing but what every log names.
fn event(number: u32) -> String {
    format!(
        r#"{{"eventTimestamp": "2026-10-0{number}T00:00:00Z", "operationName": {{"value": "Microsoft.Compute/virtualMachines/write"}}, "subscriptionId": "{SUB}", "properties": {{"a": "\"{{"}}}}"#
    )
}

#[test]
fn what_is_no_json_is_told_with_its_line_before_what_is_wrong_with_a_record() {
    let assignment: fn(u32) -> String = |number| cli(number, CREATED);
    for record in [assignment, event] {
        // The first record lacks what it needs; what is behind it is told first.
        let broken = r#"{"eventTimestamp": "no time", "principalId": 1, "roleDefinitionId": 1}"#;
        for (tail, code) in [
            (format!("{},\n{{\"a\": 01}}]}}", record(2)), "json.malformed"),
            (format!("{},\n]}}", record(2)), "json.malformed"),
            (format!("{} \n{}]}}", record(2), record(3)), "json.malformed"),
            (format!("{},\n{{\"a\": \"\\x\"}}]}}", record(2)), "json.malformed"),
            (format!("{},\n{{\"a\": 1,}}]}}", record(2)), "json.malformed"),
            (format!("{}],\n}}", record(2)), "json.malformed"),
            (format!("{}],\n\"a\": tru}}", record(2)), "json.malformed"),
            (format!("{},\n{{\"a\": ", record(2)), "input.truncated"),
        ] {
            for first in [&record(1), broken] {
                let error = read(&format!("{{\"value\": [{first},{tail}")).err().unwrap();
                assert_eq!((error.code(), error.place.line), (code, Some(2)), "{tail}: {error}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Records are parsed as they are read: what the library takes for no JSON is refused all the same.
    #[test]
    fn nothing_is_read_that_is_no_json(
        logged in any::<bool>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"{}[]\",:\\0n \x01".as_slice()), 0u8..3), 1..4),
    ) {
        let records = if logged { [event(1), event(2)] } else { [1, 2].map(|number| cli(number, CREATED)) };
        let mut bytes = format!("{{\"nextLink\": null, \"value\": [{}], \"x\": 1}}", records.join(", ")).into_bytes();
        edit(&mut bytes, edits);
        let mut stream = serde_json::Deserializer::from_slice(&bytes).into_iter::<serde::de::IgnoredAny>();
        if stream.any(|value| value.is_err()) {
            let error = azure_pec_formats::read_access("x", &bytes, None).expect_err("no JSON");
            prop_assert!(["json.malformed", "input.truncated", "input.too_deep"].contains(&error.code()), "{}", error);
        }
    }
}
