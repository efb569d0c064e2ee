//! The example's months against what each of them must give.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use azure_pec::{Reconciliation, ReconciliationBody};
use azure_pec_formats::{Kind, LoadOptions, ReconcileOptions, load_by_role, reconcile};
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/contoso-reconcile").join(name)
}

/// Everything but the answer itself.
fn paths(folder: &Path) -> Vec<PathBuf> {
    ["usage", "invoice", "prices", "access", "partner.json"]
        .into_iter()
        .map(|part| folder.join(part))
        .filter(|path| path.exists())
        .collect()
}

fn body(paths: &[PathBuf], usage: Option<Kind>, threads: usize) -> ReconciliationBody {
    let inputs = load_by_role(paths, &LoadOptions { usage, ..LoadOptions::default() }).unwrap();
    let calculator = Reconciliation::calculator(&inputs.calculator().unwrap()).unwrap();
    let read = reconcile(&inputs, &calculator, &ReconcileOptions { threads }, None, &|_| ()).unwrap();
    read.run.check_rejects(0).unwrap();
    read.reconciliation.finish(&calculator)
}

/// What the answer states of a row, and nothing else; absent is as null.
fn only_stated(row: &Value, like: &Value) -> Value {
    match (row, like) {
        (Value::Object(row), Value::Object(like)) => {
            let part = |(key, like): (&String, &Value)| {
                (key.clone(), only_stated(row.get(key).unwrap_or(&Value::Null), like))
            };
            Value::Object(like.iter().map(part).collect())
        }
        _ => row.clone(),
    }
}

/// Rows without regard to their order; of the answer's rows those that are to be compared.
fn same_rows(name: &str, found: &Value, stated: &[Value]) {
    let found = found.as_array().unwrap();
    let keys = |rows: &[Value]| rows.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let shown: Vec<Value> = found
        .iter()
        .map(|row| {
            let like = stated
                .iter()
                .find(|like| like.get("outcome") == row.get("outcome") && like.get("of") == row.get("of"));
            like.or_else(|| stated.first()).map_or_else(|| row.clone(), |like| only_stated(row, like))
        })
        .collect();
    let (found, stated) = (keys(&shown), keys(stated));
    let (more, less): (Vec<_>, Vec<_>) =
        (found.difference(&stated).collect(), stated.difference(&found).collect());
    assert!(more.is_empty() && less.is_empty(), "{name}\nfound: {more:#?}\nstated: {less:#?}");
    assert_eq!(shown.len(), stated.len(), "{name}");
}

fn check(name: &str, usage: Option<Kind>) -> ReconciliationBody {
    let folder = folder(name);
    let body = body(&paths(&folder), usage, 1);
    let found = serde_json::to_value(&body).unwrap();
    let stated: Value =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    if usage.is_none() {
        assert_eq!(found["lines"], stated["lines"], "{name}");
    }
    for part in ["undecided", "findings", "invoice_lines", "bridges"] {
        let mut rows = stated[part].as_array().unwrap().clone();
        if part == "invoice_lines" {
            rows.retain(|row| row["expected"] != row["observed"]);
        }
        same_rows(&format!("{name} {part} {usage:?}"), &found[part], &rows);
    }
    body
}

const BREAKS: [&str; 9] = [
    "1-withheld",
    "2-wrong-rate",
    "3-wrong-tier",
    "4-wrong-exchange",
    "5-corrected-later",
    "6-product-excluded",
    "7-without-access",
    "8-invoice-line-absent",
    "9-usage-line-absent",
];

#[test]
fn the_clean_month_agrees_to_the_last_digit() {
    for usage in [None, Some(Kind::UsageDailyRated), Some(Kind::UsageCostManagement)] {
        let body = check("clean", usage);
        assert!(!body.differs() && body.findings.is_empty());
        // Contoso has one product that its price list does not hold.
        let warned: Vec<_> = body.warnings.iter().map(|one| (one.code, one.count)).collect();
        assert_eq!((body.bridges.len(), warned), (4, vec![("price.unlisted", 31)]));
    }
}

#[test]
fn every_break_is_found_classed_and_priced() {
    for name in BREAKS {
        let body = check(&format!("breaks/{name}"), None);
        assert!(body.differs(), "{name}");
    }
}

#[test]
fn cost_management_alone_says_the_same() {
    // It has no usage of November, and it has the line that the daily file of the last lacks.
    for name in BREAKS.into_iter().filter(|name| !name.starts_with(['5', '9'])) {
        check(&format!("breaks/{name}"), Some(Kind::UsageCostManagement));
    }
    check("pending", Some(Kind::UsageCostManagement));
}

#[test]
fn what_is_pending_is_not_lost() {
    for usage in [None, Some(Kind::UsageDailyRated)] {
        assert!(!check("pending", usage).differs());
    }
}

type Change<'c> = (&'c str, &'c dyn Fn(&str) -> String);

/// A month of the example as text, to be changed in some of its parts: `daily`, `invoice`, `prices`, `cost` (Cost
/// Management beside the daily file). Everything else as it stands; a part that is empty is left out.
fn load_changed(month: &str, changes: &[Change<'_>]) -> Result<Reconciled, azure_pec_formats::Error> {
    let folder = folder(month);
    let own = tempfile::tempdir().unwrap();
    let put = |part: &str, name: &str, path: &Path| {
        let change = changes.iter().find(|(changed, _)| *changed == part);
        let text = change.map_or_else(|| text(path), |(_, change)| change(&text(path)));
        if !text.is_empty() {
            std::fs::write(own.path().join(name), text).unwrap();
        }
    };
    put("daily", "daily.csv", &folder.join("usage/daily-rated-2026-10.csv.gz"));
    put("invoice", "invoice.csv", &folder.join("invoice/reconciliation-G070310266.csv"));
    if changes.iter().any(|(part, _)| *part == "cost") {
        put("cost", "cost.csv", &folder.join("usage/cost-management-2026-10.csv.gz"));
    }
    for file in std::fs::read_dir(folder.join("prices")).unwrap() {
        let file = file.unwrap();
        put("prices", file.file_name().to_str().unwrap(), &file.path());
    }
    let paths = [folder.join("access"), folder.join("partner.json"), own.path().to_owned()];
    let inputs = load_by_role(&paths, &LoadOptions::default())?;
    let calculator = Reconciliation::calculator(&inputs.calculator()?).unwrap();
    let read = reconcile(&inputs, &calculator, &ReconcileOptions { threads: 1 }, None, &|_| ())?;
    read.run.check_rejects(0)?;
    let notes = read.run.inputs.iter().flat_map(|input| input.notes.clone()).collect();
    Ok(Reconciled { body: read.reconciliation.finish(&calculator), notes })
}

struct Reconciled {
    body: ReconciliationBody,
    /// Of the files.
    notes: Vec<String>,
}

fn changed_in(month: &str, changes: &[Change<'_>]) -> ReconciliationBody {
    load_changed(month, changes).map_err(|error| error.to_string()).unwrap().body
}

fn changed(month: &str, part: &str, change: impl Fn(&str) -> String) -> ReconciliationBody {
    changed_in(month, &[(part, &change)])
}

fn text(path: &Path) -> String {
    use std::io::Read;
    let bytes = std::fs::read(path).unwrap();
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    } else {
        text = String::from_utf8(bytes).unwrap();
    }
    text
}

/// Whatever is wrong is named, and every bridge still sums with nothing left over.
fn named_and_closed(body: &ReconciliationBody, code: &str) {
    let codes: Vec<&str> = body.warnings.iter().map(|warning| warning.code).collect();
    assert!(codes.contains(&code), "{code}: {codes:?}");
    for bridge in &body.bridges {
        let sum = [&bridge.list, &bridge.tiers, &bridge.credit, &bridge.cents]
            .into_iter()
            .sum::<azure_pec::Amount>();
        assert_eq!(sum, bridge.charge);
        assert_eq!(&bridge.exchanged + &bridge.exchange_cut, bridge.total);
        let residual = &bridge.residual;
        assert!(
            residual.charge.is_zero() && residual.total.as_ref().is_none_or(azure_pec::Amount::is_zero),
            "{bridge:?}"
        );
    }
}

const SMALL: &str = "breaks/1-withheld";

#[test]
fn what_is_wrong_is_named_and_the_bridges_still_sum() {
    // A unit that nobody knows, and one that the price list does not have.
    let body = changed(SMALL, "invoice", |text| text.replace(",1 Hour,", ",1 Fortnight,"));
    named_and_closed(&body, "unit.unknown");
    named_and_closed(&body, "unit.differs");
    assert!(body.warnings.iter().any(|warning| warning.message.contains("\"1 Fortnight\"")));
    named_and_closed(
        &changed(SMALL, "daily", |text| text.replace(",1 Hour,", ",10 Hours,")),
        "unit.unlisted",
    );
    // An adjustment that is not understood: its rate is 0, and the rest is unexplained.
    let body = changed(SMALL, "invoice", |text| {
        text.replace("Partner earned credit for services managed", "Rebate")
    });
    named_and_closed(&body, "adjustment.unknown");
    assert!(body.findings.iter().any(|row| row.outcome == "unexplained"));
    // No exchange rate anywhere but on the invoice, and no list of them either.
    let body =
        changed(SMALL, "daily", |text| text.replace(",0.912345678,", ",,").replace(",151.234567,", ",,"));
    assert!(body.bridges.iter().all(|bridge| bridge.exchange_rate.is_some()));
    // No exchange rate anywhere at all.
    let without = |text: &str| text.replace(",0.912345678,", ",,").replace(",151.234567,", ",,");
    let only_usd =
        |text: &str| if text.starts_with("\"CurrencyCode\"") { String::new() } else { text.to_owned() };
    let body = changed_in(SMALL, &[("daily", &without), ("invoice", &without), ("prices", &only_usd)]);
    named_and_closed(&body, "fx.missing");
    // The list of another month only.
    let ended = |line: &str| {
        let open = line.contains("\"3/1/2018 ") && line.contains("\"11/30/9999 11:59:59 PM\"");
        if open { line.replace("11/30/9999", "9/30/2026") } else { line.to_owned() }
    };
    let body = changed(SMALL, "prices", |text| text.lines().map(ended).collect::<Vec<_>>().join("\n"));
    named_and_closed(&body, "price.unlisted");
    // The list of another market only.
    let body = changed(SMALL, "prices", |text| text.replace("\"DE\"", "\"FR\""));
    named_and_closed(&body, "price.unlisted");
    // An invoice of another month than the usage.
    let body = changed(SMALL, "invoice", |text| text.replace("G070310266", "G999999999"));
    named_and_closed(&body, "invoice.missing");
}

#[test]
fn what_cannot_be_reckoned_with_ends_with_its_code() {
    let ends = |part: &str, change: &dyn Fn(&str) -> String, code: &str| {
        let Err(error) = load_changed("clean", &[(part, change)]) else { panic!("{code} is not found") };
        assert_eq!(error.code(), code);
    };
    let tier = "\"101\",\"1000\"";
    ends("prices", &|text| text.replace(tier, "\"111\",\"1000\""), "price.tier_invalid");
    ends("prices", &|text| text.replace(tier, "\"91\",\"1000\""), "price.overlap");
    ends("daily", &|text| text.replacen(",15,0,,,,", ",fifteen,0,,,,", 1), "rejects.too_many");
    // Two lists that contradict each other on a rate.
    ends("prices", &|text| text.replace("\"202610\"", "\"202609\""), "fx.overlap");
}

#[test]
fn an_invoice_that_is_given_twice_is_refused() {
    let folder = folder("clean");
    let invoice = folder.join("invoice/reconciliation-G070310266.csv");
    let more = |rows: &dyn Fn(&str) -> String| {
        let own = tempfile::tempdir().unwrap();
        std::fs::write(own.path().join("again.csv"), rows(&text(&invoice))).unwrap();
        let mut paths = paths(&folder);
        paths.push(own.path().to_owned());
        let inputs = load_by_role(&paths, &LoadOptions::default()).unwrap();
        let calculator = Reconciliation::calculator(&inputs.calculator().unwrap()).unwrap();
        reconcile(&inputs, &calculator, &ReconcileOptions { threads: 1 }, None, &|_| ()).map(|_| ())
    };
    let lines =
        |text: &str, count: usize| text.lines().take(count).map(|line| format!("{line}\r\n")).collect();
    // The whole, and a part: lines of one invoice stand in one file alone.
    for count in [usize::MAX, 12] {
        let error = more(&|text| lines(text, count)).unwrap_err();
        assert_eq!(error.code(), "input.usage_overlap");
        let said = error.to_string();
        assert!(said.contains("again.csv") && said.contains("G070310266.csv"), "{said}");
    }
    // Another invoice of the same charges.
    more(&|text| text.replace("G070310266", "G071110288")).unwrap();
}

#[test]
fn a_rate_that_is_neither_zero_nor_known_is_named() {
    let odd = |text: &str| text.replacen(",15,0,,,,", ",7,0,,,,", 1);
    let read =
        load_changed("breaks/2-wrong-rate", &[("daily", &odd)]).map_err(|error| error.to_string()).unwrap();
    assert!(read.notes.iter().any(|note| note.starts_with("rate.unknown")), "{:?}", read.notes);
    let found =
        |of| read.body.findings.iter().any(|row| row.outcome == "difference.rate" && row.of == Some(of));
    assert!(found("credit_rate"));
}

#[test]
fn tiered_usage_names_its_lines_too() {
    let body = changed("breaks/3-wrong-tier", "daily", str::to_owned);
    let row = body.findings.iter().find(|row| row.of == Some("tier")).unwrap();
    assert!(row.lines > 3 && row.evidence.len() == 3, "{row:?}");
    assert!(row.evidence.iter().all(|line| line.file.ends_with("daily.csv") && line.line > 1));
}

/// What a changed Cost Management export gives beside what the month gives anyway: outcome, money and lines.
fn told_of_cost_management(change: impl Fn(&str) -> String) -> Vec<(&'static str, String, u64)> {
    let body = changed("clean", "cost", change);
    assert!(body.bridges.iter().all(|bridge| bridge.residual.charge.is_zero()));
    let rows = body.findings.iter().inspect(|row| assert_eq!(row.of, Some("other_export"), "{row:?}"));
    rows.inspect(|row| assert!(row.first.is_some() && row.rate.is_some() && row.subscription.is_some()))
        .map(|row| (row.outcome, row.pricing.to_string(), row.lines))
        .collect()
}

#[test]
fn cost_management_that_says_otherwise_is_classed() {
    assert_eq!(told_of_cost_management(str::to_owned), []);
    let told = |outcome, lines| vec![(outcome, "0".to_owned(), lines)];
    // It shows no credit, or another one, or an earned day's only on a line that earned nothing.
    let credit = |other: &'static str| move |text: &str| text.replacen(",0.15,True,0.23,", other, 1);
    assert_eq!(told_of_cost_management(credit(",0,False,0.23,")), told("observed.missing", 1));
    assert_eq!(told_of_cost_management(credit(",0.1,True,0.23,")), told("difference.rate", 1));
    assert_eq!(told_of_cost_management(credit(",0.15,True,0.24,")), told("difference.price", 12));
    let given = |text: &str| text.replacen(",0,False,0.129,", ",0.15,True,0.129,", 2);
    assert_eq!(told_of_cost_management(given), told("observed.unexpected", 2));
    // A line that it lacks.
    let lacks = |text: &str| {
        let gone = text.lines().find(|line| line.contains(",0.15,True,0.23,")).unwrap();
        text.replacen(gone, "", 1)
    };
    assert_eq!(told_of_cost_management(lacks), told("unexplained", 1));
    // Two lines of a resource that have changed places between days: their sums are the same.
    let days = |text: &str| {
        let swap = |line: &str| {
            let (one, other) = (",10/03/2026,", ",10/04/2026,");
            if !line.contains("vm-erp-01,") || !(line.contains(one) || line.contains(other)) {
                return line.to_owned();
            }
            let credited = if line.contains(one) { ",0,False,0.23," } else { ",0.15,True,0.23," };
            line.replacen(",0.15,True,0.23,", credited, 1)
        };
        text.lines().map(swap).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(told_of_cost_management(days), told("observed.missing", 1));
}

#[test]
fn cost_management_that_agrees_with_the_rule_adds_nothing() {
    let right = |line: &str| {
        let withheld = line.contains(",10/05/2026,") || line.contains(",10/06/2026,");
        if withheld { line.replace(",0,False,0.23,", ",0.15,True,0.23,") } else { line.to_owned() }
    };
    let body = changed(SMALL, "cost", |text| text.lines().map(right).collect::<Vec<_>>().join("\n"));
    assert!(body.findings.iter().all(|row| row.of != Some("other_export")), "{:?}", body.findings);
}

#[test]
fn two_currencies_are_kept_apart() {
    let body = changed(SMALL, "invoice", |text| text.replacen(",EUR,", ",CHF,", 1));
    assert!(body.bridges.iter().any(|bridge| bridge.billing_currency == "CHF"));
    named_and_closed(&body, "currency.mixed");
}

#[test]
fn parts_in_any_order_on_any_threads_are_the_whole() {
    let folder = folder(SMALL);
    let whole = serde_json::to_string(&body(&paths(&folder), None, 1)).unwrap();
    assert_eq!(whole, serde_json::to_string(&body(&paths(&folder), None, 3)).unwrap());
    let own = tempfile::tempdir().unwrap();
    let daily = text(&folder.join("usage/daily-rated-2026-10.csv.gz"));
    let (header, lines) = daily.split_once('\n').unwrap();
    let lines: Vec<&str> = lines.lines().collect();
    for part in 0..3 {
        let mine = lines.iter().enumerate().filter(|(at, _)| at % 3 == part).map(|(_, line)| *line);
        let mine: Vec<&str> = std::iter::once(header.trim_end()).chain(mine).collect();
        std::fs::write(own.path().join(format!("{}.csv", 9 - part)), mine.join("\n") + "\n").unwrap();
    }
    std::fs::copy(folder.join("usage/cost-management-2026-10.csv.gz"), own.path().join("cost.csv.gz"))
        .unwrap();
    let mut parts = paths(&folder);
    parts.retain(|path| !path.ends_with("usage"));
    parts.push(own.path().to_owned());
    for threads in [1, 3] {
        assert_eq!(whole, serde_json::to_string(&body(&parts, None, threads)).unwrap());
    }
}

#[test]
fn usage_of_no_invoice_number_meets_the_invoice_of_its_month() {
    let body = changed(SMALL, "daily", |text| text.replace("G070310266", ""));
    assert!(body.findings.iter().any(|row| row.outcome == "observed.missing"), "{:?}", body.findings);
    assert!(body.findings.iter().all(|row| row.outcome != "observed.pending"));
}
