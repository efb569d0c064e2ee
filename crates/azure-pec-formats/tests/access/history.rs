use azure_pec::{AccessHistory, Observed};
use azure_pec_formats::{Kind, document_kind, write_history};
use proptest::prelude::*;

use crate::fixtures::*;

fn grant(id: &str) -> String {
    format!(
        r#"{{"id": "{id}", "path": "aobo", "scope": "/subscriptions/{SUB}", "role_id": "{ROLE}", "principal_id": "{PRINCIPAL}", "start": "2026-10-01"}}"#
    )
}

fn document(grants: &str) -> String {
    format!(
        "{{\"schema\": \"azure-pec/access/1\",\n\"observed\": \"complete\",\n\"grants\": [\n{grants}\n]}}"
    )
}

#[test]
fn a_document_and_its_lines_say_the_same() {
    let one =
        read_history("h.json", document(&format!("{},\n{}", grant("a"), grant("b"))).as_bytes()).unwrap();
    let head = r#"{"schema": "azure-pec/access/1", "observed": "complete"}"#;
    let lines = format!("{head}\n{}\n{}\n", grant("a"), grant("b"));
    let two = read_history("h.json", lines.as_bytes()).unwrap();
    assert_eq!(one.read, two.read);
    assert_eq!((one.records, one.used, &one.history.observed), (2, 2, &Observed::Complete));
    assert_eq!(two.history.grants[1].evidence[0].record, "grants[1]");
}

#[test]
fn observed_has_to_be_stated() {
    let head = "{\"schema\": \"azure-pec/access/1\"";
    for (text, column) in [
        (format!("{head}}}"), "observed"),
        (format!("{head}, \"observed\": null}}"), "observed"),
        (format!("{head}, \"observed\": \"all\"}}"), "observed"),
        (format!("{head}}}\n{}", grant("a")), "observed"),
        (grant("a"), "schema"),
        ("{\"schema\": \"azure-pec/access/2\", \"observed\": []}".to_owned(), "schema"),
    ] {
        let error = read_history("h.json", text.as_bytes()).unwrap_err();
        assert_eq!(told(&error), ("json.malformed", "h.json", Some(1), Some(column)), "{error}");
    }
    assert_eq!(document_kind("x", grant("a").as_bytes()), Ok(Kind::AccessHistory));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let wrong =
        |from: &str, to: &str| document(&format!("{},\n{}", grant("a"), grant("b").replace(from, to)));
    for (text, code, line, column) in [
        (wrong(ROLE, "owner"), "id.invalid", 5, "grants[1].role_id"),
        (wrong("2026-10-01", "2026-10-41"), "date.invalid", 5, "grants[1].start"),
        (wrong("aobo", "gdap"), "json.malformed", 5, "grants[1].path"),
        (wrong("\"path\"", "\"way\""), "json.malformed", 5, "grants[1].way"),
        (wrong("\"path\": \"aobo\",", ""), "json.malformed", 5, "grants[1].path"),
        (wrong("\"path\"", "\"id\": \"c\", \"path\""), "json.malformed", 5, "grants[1].id"),
        (wrong("\"start\"", "\"end\": \"2026-09-01\", \"start\""), "grant.inverted", 5, "grants[1]"),
        (document("").replace("grants", "grant"), "json.malformed", 3, "grant"),
        (document("").replace("observed", "grants"), "json.malformed", 3, "grants"),
        (
            document("").replace(
                "\"complete\"",
                "[{\"scope\": \"/\", \"start\": \"2026-02-01\", \"end\": \"2026-01-01\"}]",
            ),
            "grant.inverted",
            2,
            "observed[0]",
        ),
    ] {
        let error = read_history("h.json", text.as_bytes()).unwrap_err();
        let (is, file, at, field) = told(&error);
        let expected = (code, "h.json", Some(line), column);
        assert_eq!((is, file, at, field.unwrap_or_default()), expected, "{error}\n{text}");
        assert!(!error.to_string().contains("at line") && !error.to_string().contains("[id."), "{error}");
    }
    let error = read_history("h.json", wrong("\"path\"", "\"way\"").as_bytes()).unwrap_err();
    assert!(error.to_string().contains("unknown field `way`, expected one of `id`"), "{error}");
}

fn written(history: &AccessHistory) -> String {
    let mut text = Vec::new();
    write_history(history, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn what_has_no_name_and_what_moved_is_written_and_read_back() {
    let text = r#"{
  "schema": "azure-pec/access/1",
  "observed": [],
  "grants": [],
  "denies": [],
  "hierarchy": [],
  "nameless": [
    {
      "id": "one",
      "delegated": true,
      "scope": "/subscriptions/11111111-1111-1111-1111-111111111111",
      "at": "2026-10-10T00:00:20Z",
      "start": "2026-10-02T00:00:00Z",
      "end": null,
      "evidence": [
        {
          "file": "log.json",
          "record": "event"
        }
      ]
    }
  ],
  "moves": [
    {
      "scope": "/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/rg/providers/a/b/c",
      "start": "2026-10-10T00:00:00Z",
      "end": "2026-10-10T00:03:00Z",
      "evidence": [
        {
          "file": "log.json",
          "record": "event"
        }
      ]
    }
  ]
}
"#;
    let read = read_history("h.json", text.as_bytes()).unwrap();
    assert_eq!((read.records, written(&read.history)), (2, text.to_owned()));
    for (list, wrong, right) in [
        ("nameless", r#""start": "2026-12-02T00:00:00Z","#, r#""start": "2026-10-02T00:00:00Z","#),
        ("moves", r#""end": "2026-10-09T00:00:00Z","#, r#""end": "2026-10-10T00:03:00Z","#),
    ] {
        let text = text.replace(right, wrong).replace(r#""end": null"#, r#""end": "2026-11-01T00:00:00Z""#);
        let error = read_history("h.json", text.as_bytes()).unwrap_err();
        assert_eq!(
            (error.code(), error.place.column.as_deref()),
            ("grant.inverted", Some(&*format!("{list}[0]")))
        );
    }
}

#[test]
fn the_example_month_is_read_whole_and_written_back() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/contoso/access/");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let read = match document_kind(name, &text) {
            Ok(Kind::AccessHistory) => read_history(name, &text),
            Ok(Kind::AccessRoleAssignments) => {
                azure_pec_formats::read_access(name, &text, None).map(Seen::new)
            }
            other => panic!("{name}: {other:?}"),
        };
        let read = read.unwrap();
        assert!(
            read.used > 0 && read.used == read.records && read.notes.is_empty(),
            "{name}: {:?}",
            read.notes
        );
        let text = written(&read.history);
        assert!(text.ends_with("}\n") && text.starts_with("{\n  \"schema\": \"azure-pec/access/1\",\n"));
        let again = read_history(name, text.as_bytes()).unwrap().history;
        assert_eq!(written(&again), text);
        let mut sorted = read.history;
        sorted.grants.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(again.grants, sorted.grants);
        assert_eq!(
            (again.hierarchy.len(), again.denies.len()),
            (sorted.hierarchy.len(), sorted.denies.len())
        );
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back_equal(
        ids in prop::collection::btree_set("[a-z\"\\\\é\n]{1,6}", 0..5),
        start in prop::option::of(-1_000_000_000_000_000i64..30_000_000_000_000_000),
        length in prop::option::of(1i64..1_000_000_000_000),
        complete: bool,
        at in 0i64..20_000_000_000_000_000,
    ) {
        let seed = read_history("h.json", document(&grant("seed")).as_bytes()).unwrap().history;
        let instant = azure_pec::Instant::from_ticks;
        let mut history = AccessHistory::default();
        for id in ids {
            let mut grant = seed.grants[0].clone();
            grant.id = id;
            grant.start = start.map(instant);
            grant.end = length.map(|length| instant(start.unwrap_or_default() + length));
            grant.condition = Some("a\u{1}b".to_owned());
            history.grants.push(grant);
        }
        history.observed = if complete { Observed::Complete } else {
            let scope = seed.grants[0].scope.clone();
            let window = azure_pec::ObservedWindow {
                tenant_id: None, scope, start: Some(instant(at)), end: Some(instant(at)), reaches: Vec::new(),
            };
            Observed::Windows(vec![window])
        };
        let again = read_history("other.json", written(&history).as_bytes()).unwrap();
        prop_assert_eq!(again.history, history);
    }
}
