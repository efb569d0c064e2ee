//! Questions as documents: of files, of what was loaded once, and of lines in no file.

use std::sync::Arc;

use azure_pec_formats::{
    Compiled, Error, LineSums, LoadRequest, Refused, Request, UsageReader, Watch, ask, load_part,
};
use serde_json::{Value, json};

use crate::fixture::example;

fn request(value: &Value) -> Request {
    Request::from_json(&value.to_string()).unwrap()
}

fn answer(value: &Value) -> Result<String, Refused> {
    ask(&request(value), &Watch::default())
}

fn part(value: &Value) -> Result<azure_pec_formats::Inputs, Error> {
    load_part(&LoadRequest::from_json(&value.to_string())?, &Watch::default())
}

fn contoso() -> Compiled {
    let parts = ["access", "prices", "partner"]
        .map(|name| part(&json!({"part": name, "paths": [example("contoso")]})));
    let parts = parts.map(Result::unwrap);
    Compiled::new(&parts.each_ref(), &LoadRequest::default()).unwrap()
}

#[test]
fn what_was_loaded_once_answers_as_its_files_do() {
    let compiled = contoso();
    for (folder, more) in [
        ("contoso", json!({"operation": "statement", "by": ["customer", "month"]})),
        ("contoso", json!({"operation": "statement", "from": "2026-10-03", "to": "2026-10-04"})),
        ("contoso", json!({"operation": "explain", "subscription": "fabrikam-just-in-time"})),
    ] {
        let mut question = more;
        question["paths"] = json!([example(folder)]);
        let whole = answer(&question).unwrap();
        let usage = compiled.ask(&request(&question), &Watch::default()).unwrap();
        assert!(whole == usage, "{question}");
    }
}

#[test]
fn bills_are_reconciled_by_what_was_loaded_once() {
    let folder = example("contoso-reconcile/clean");
    let given = part(&json!({"part": "given", "paths": [folder]})).unwrap();
    let compiled = Compiled::new(&[&given], &LoadRequest::default()).unwrap();
    let question = json!({"operation": "reconcile", "paths": [folder]});
    let reconciled = compiled.ask(&request(&question), &Watch::default()).unwrap();
    assert!(reconciled == answer(&question).unwrap());
    assert!(reconciled.contains("azure-pec/reconciliation/1"));
}

/// Every line of a file, as a list of objects.
fn lines(path: &str) -> Vec<Value> {
    let source = azure_pec_formats::Source::open(&example(path)).unwrap().remove(0);
    let (all, mut batch) = (azure_pec_formats::FieldSet::all(), azure_pec::UsageBatch::new());
    let mut reader = UsageReader::open(&source, all).unwrap();
    while reader.fill(&mut batch, 1000).unwrap() > 0 {}
    (0..batch.len()).map(|row| serde_json::to_value(batch.line(row).unwrap()).unwrap()).collect()
}

#[test]
fn lines_sum_up_to_the_statement_of_their_file() {
    let (path, compiled) = ("contoso/usage/part_1_0001.csv", Arc::new(contoso()));
    let lines = lines(path);
    for question in [
        json!({"by": ["subscription", "date"]}),
        json!({"by": ["month"], "from": "2026-10-11", "to": "2026-10-20"}),
    ] {
        let mut sums = LineSums::new(Arc::clone(&compiled), request(&question)).unwrap();
        for piece in lines.chunks(100) {
            sums.add(&json!(piece).to_string()).unwrap();
        }
        let document: Value = serde_json::from_str(&sums.finish()).unwrap();
        let mut of_file = question;
        of_file["paths"] = json!([example(path)]);
        let expected = compiled.ask(&request(&of_file), &Watch::default()).unwrap();
        let expected: Value = serde_json::from_str(&expected).unwrap();
        assert_eq!(document["body"], expected["body"]);
        let own = document["inputs"].as_array().unwrap().iter().find(|file| file["path"] == "lines").unwrap();
        let used = &expected["body"]["totals"][0]["lines"];
        assert_eq!((&own["records"], &own["used"]), (&json!(lines.len()), used));
    }
}

#[test]
fn credits_are_of_each_line() {
    let compiled = contoso();
    let lines = lines("contoso/usage/part_1_0001.csv");
    let credits: Value = serde_json::from_str(&compiled.credits(&json!(lines).to_string()).unwrap()).unwrap();
    for (line, credit) in lines.iter().zip(credits.as_array().unwrap()) {
        let line: azure_pec::UsageLine = serde_json::from_value(line.clone()).unwrap();
        let mut alone = serde_json::to_value(compiled.calculator().credit(&line).unwrap()).unwrap();
        // The example is judged by its lines' own prices.
        alone["list_price"] = serde_json::to_value(&line.list_price).unwrap();
        assert_eq!(*credit, alone);
    }
    assert_eq!(credits.as_array().unwrap().len(), lines.len());
}

#[test]
fn a_wrong_line_is_told_by_its_place() {
    let compiled = Arc::new(contoso());
    let line = |quantity: &str, more: &str| {
        format!(
            r#"[{{"date": "2026-10-05", "quantity": "1"}}, {{"date": "2026-10-05", "quantity": {quantity}{more}}}]"#
        )
    };
    for (lines, code, column) in [
        (line("1.5", ""), "number.invalid", "lines[1].quantity"),
        (line("15", ""), "number.invalid", "lines[1].quantity"),
        (line("\"1\"", ", \"list_price\": 0.1"), "number.invalid", "lines[1].list_price"),
        (line("\"1,5\"", ""), "number.invalid", "lines[1].quantity"),
        (line("null", ""), "json.malformed", "lines[1].quantity"),
        (line("\"1\"", ", \"price\": \"1\""), "json.malformed", "lines[1].price"),
        (line("\"1\"", ", \"subscription_id\": \"x\""), "id.invalid", "lines[1]"),
        (r#"[{"date": "2026-13-05", "quantity": "1"}]"#.to_owned(), "date.invalid", "lines[0].date"),
        ("[".to_owned(), "input.truncated", "lines"),
    ] {
        let error = compiled.credits(&lines).unwrap_err();
        assert_eq!(error.code(), code, "{lines}: {error}");
        assert_eq!(error.place.column.as_deref(), Some(column), "{lines}: {error}");
        let mut sums = LineSums::new(Arc::clone(&compiled), Request::default()).unwrap();
        sums.add(r#"[{"date": "2026-10-05", "quantity": "1"}]"#).unwrap();
        let later = column.replace("[1]", "[2]").replace("[0]", "[1]");
        assert_eq!(sums.add(&lines).unwrap_err().place.column, Some(later), "{lines}");
    }
}

#[test]
fn documents_are_loaded_as_their_files_are() {
    let access = json!({"schema": "azure-pec/access/1", "observed": "complete", "grants": []});
    let row = json!({"product_id": "P", "sku_id": "1", "meter_ids": [], "market": "DE", "currency": "USD",
        "unit_price": "1", "tier_min": null, "tier_max": null, "start": "2018-03-01", "end": null, "tags": ["Azure"],
        "publisher": "Microsoft"});
    let parts = [
        part(&json!({"part": "access", "document": access})).unwrap(),
        part(&json!({"part": "prices", "document": [row]})).unwrap(),
    ];
    let compiled = Compiled::new(&parts.each_ref(), &LoadRequest::default()).unwrap();
    assert!(compiled.calculator().has_prices());
    for (question, code) in [
        (json!({"part": "access", "document": {"schema": "azure-pec/access/1"}}), "json.malformed"),
        (json!({"part": "prices", "document": [{}]}), "json.malformed"),
        (json!({"part": "usage", "document": []}), "usage.arguments"),
        (json!({"part": "access", "document": access, "paths": ["x"]}), "usage.arguments"),
        (json!({"part": "prices", "paths": [example("contoso/partner.json")]}), "input.nothing_usable"),
    ] {
        assert_eq!(part(&question).unwrap_err().code(), code, "{question}");
    }
    let twice = Compiled::new(&[&parts[0], &parts[0]], &LoadRequest::default());
    assert_eq!(twice.unwrap_err().code(), "usage.arguments");
}

#[test]
fn policies_are_of_the_calculator() {
    let policy = |value: &str| {
        let text = json!({"policy": {"absence": value, "unlisted_role": {}}}).to_string();
        LoadRequest::from_json(&text)
    };
    let compiled = Compiled::new(&[], &policy("assume").unwrap()).unwrap();
    assert_eq!(compiled.calculator().policy().absence, azure_pec::Absence::Assume);
    let wrong = policy("guess").unwrap_err();
    assert_eq!((wrong.code(), wrong.place.column.as_deref()), ("policy.invalid", Some("policy")));
    let question = json!({"policy": {"absence": "assume"}, "paths": [example("contoso/usage")]});
    let refused = compiled.ask(&request(&question), &Watch::default()).unwrap_err();
    assert_eq!(refused.error.code(), "usage.arguments");
}

#[test]
fn a_question_that_cannot_be_is_refused() {
    for (text, column) in [
        (r#"{"operation": "foretell"}"#, Some("operation")),
        (r#"{"pathz": []}"#, Some("pathz")),
        (r#"{"by": ["moon"]}"#, Some("by")),
        (r#"{"usage": "prices.fx"}"#, Some("usage")),
        (r#"{"threads": 0}"#, Some("threads")),
        (r#"{"allow_rejected": 1.5}"#, Some("allow_rejected")),
    ] {
        let error = Request::from_json(text).unwrap_err();
        assert_eq!(
            (error.code(), error.place.column.as_deref()),
            ("usage.arguments", column),
            "{text}: {error}"
        );
        assert_eq!(error.place.file, None);
    }
    assert_eq!(Request::from_json(r#"{"from": "2026-02-30"}"#).unwrap_err().code(), "date.invalid");
    for question in [
        json!({"operation": "explain"}),
        json!({"operation": "explain", "resource": "/", "date": "2026-10-01"}),
        json!({"operation": "explain", "subscription": "x", "date": "2026-10-01"}),
        json!({"operation": "inspect", "by": ["month"]}),
        json!({"operation": "statement", "since": "2026-10-01"}),
        json!({"operation": "statement", "groups": "x.csv"}),
        json!({"operation": "statement", "from": "2026-10-02", "to": "2026-10-01", "paths": [example("contoso")]}),
    ] {
        assert_eq!(answer(&question).unwrap_err().error.code(), "usage.arguments", "{question}");
    }
}

#[test]
fn rejected_lines_are_told_and_names_are_of_the_base() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(example("contoso/usage/part_1_0001.csv")).unwrap();
    let header = text.lines().next().unwrap();
    let quantity = header.split(',').position(|name| name == "quantity").unwrap();
    let spoiled = text.lines().enumerate().map(|(at, line)| {
        let mut cells: Vec<&str> = line.split(',').collect();
        if (1..=30).contains(&at) {
            cells[quantity] = "many";
        }
        cells.join(",") + "\n"
    });
    std::fs::write(folder.path().join("usage.csv"), spoiled.collect::<String>()).unwrap();
    let mut question = json!({"paths": [folder.path()], "base": folder.path()});
    let refused = answer(&question).unwrap_err();
    let document: Value = serde_json::from_str(&refused.to_json()).unwrap();
    assert_eq!(document["code"], "rejects.too_many");
    assert_eq!(document["rejected"].as_array().unwrap().len(), 20);
    let first = &document["rejected"][0];
    let told = [&first["code"], &first["file"], &first["line"], &first["column"]];
    assert_eq!(told, [&json!("number.invalid"), &json!("usage.csv"), &json!(2), &json!("quantity")]);
    question["allow_rejected"] = json!(30);
    assert!(answer(&question).unwrap().contains("\"rejected\": 30"));
}

#[test]
fn stopped_work_says_so() {
    let stopped = Watch::default();
    stopped.stop();
    for operation in ["statement", "reconcile", "inspect", "history"] {
        let question =
            request(&json!({"operation": operation, "paths": [example("contoso-reconcile/clean")]}));
        assert_eq!(ask(&question, &stopped).unwrap_err().error.code(), "cancelled", "{operation}");
    }
    let watch = Watch::default();
    ask(&request(&json!({"paths": [example("contoso")]})), &watch).unwrap();
    assert!(watch.total() > 0 && watch.read() == watch.total(), "{} of {}", watch.read(), watch.total());
    // The usage is stopped too, once everything else is loaded.
    let compiled = contoso();
    let question = request(&json!({"paths": [example("contoso/usage")]}));
    assert_eq!(compiled.ask(&question, &stopped).unwrap_err().error.code(), "cancelled");
}

#[test]
fn files_are_no_larger_than_is_said() {
    for path in ["contoso/usage/part_2_0001.csv.gz", "contoso/prices", "contoso/access/history.json"] {
        let mut question = json!({"paths": [example(path), example("contoso/usage/part_1_0001.csv")]});
        question["max_file_bytes"] = json!(8_000);
        let refused = answer(&question).unwrap_err();
        assert_eq!(refused.error.code(), "input.too_large", "{path}: {refused}");
        assert!(refused.error.place.file.is_some(), "{path}");
        question["max_file_bytes"] = json!(100_000_000);
        assert!(answer(&question).is_ok());
    }
}

#[test]
fn merged_parts_are_the_whole_and_tell_what_was_given_once() {
    let compiled = contoso();
    let source = |name: &str| azure_pec_formats::Source::open(&example(name)).unwrap();
    let usage = ["contoso/usage/part_0_0001.csv", "contoso/usage/part_1_0001.csv"];
    let (question, watch) = (request(&json!({"by": ["customer"]})), Watch::default());
    let whole =
        compiled.ask_of(&question, usage.iter().flat_map(|name| source(name)).collect(), &watch).unwrap();
    let parts = usage.map(|name| compiled.part(&question, source(name), &watch).unwrap());
    let merged = compiled.merge(&question, parts.iter().map(Vec::as_slice)).unwrap();
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let (whole, merged) = (read(&whole), read(&merged));
    assert_eq!(merged["body_sha256"], whole["body_sha256"]);
    let inputs = |document: &Value| {
        let mut inputs = document["inputs"].as_array().unwrap().clone();
        inputs.sort_by_key(|input| input["path"].to_string());
        inputs
    };
    assert_eq!(inputs(&merged), inputs(&whole));
}

#[test]
fn an_error_is_one_line_whatever_a_file_names() {
    let error = contoso().credits("[{\"da\\nte\": \"2026-10-05\"}]").unwrap_err();
    assert!(!error.to_string().contains('\n') && error.to_string().contains("da\\nte"), "{error}");
}
