//! Questions: requests, changes, lines of a program's own, and what crosses to other processes as bytes.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use azure_pec::{Calculator, ChangeSpec, GroupKey, SpecText};
use azure_pec_formats::{
    Compiled, Error, LineSums, LoadRequest, Operation, Refused, Request, Source, Watch, load_part,
};
use serde_json::{Value, json};

use crate::checks::{self, NAME};
use crate::seeds;

/// The access, prices and partner of the example month, and a policy.
fn compile(policy: &Value) -> Result<Compiled, Error> {
    let example =
        |name: &str| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/contoso")).join(name);
    let given =
        json!({"part": "given", "paths": [example("access"), example("prices"), example("partner.json")]});
    let given = load_part(&LoadRequest::from_json(&given.to_string())?, &Watch::default())?;
    Compiled::new(&[&given], &LoadRequest::from_json(&json!({ "policy": policy }).to_string())?)
}

#[expect(clippy::expect_used, reason = "the example is there")]
static COMPILED: LazyLock<Arc<Compiled>> =
    LazyLock::new(|| Arc::new(compile(&json!({})).expect("the example month is read")));
#[expect(clippy::expect_used, reason = "the example is there")]
static LISTED: LazyLock<Arc<Compiled>> = LazyLock::new(|| {
    let policy = json!({"price_source": "list", "rounding": "meter_month_cents", "absence": "assume"});
    Arc::new(compile(&policy).expect("the example month is read"))
});

/// The example month under the default policy.
pub fn compiled() -> &'static Arc<Compiled> {
    &COMPILED
}

/// The same rated by its price list, with tiers, and rounded.
pub fn listed() -> &'static Arc<Compiled> {
    &LISTED
}

/// A statement by a few keys, with any number of rejected lines, on one thread.
pub fn statement_request() -> Request {
    Request {
        allow_rejected: u64::MAX,
        by: vec![GroupKey::Customer, GroupKey::ResourceGroup, GroupKey::Month],
        threads: std::num::NonZeroUsize::new(1),
        ..Request::default()
    }
}

pub fn change_seeds() -> Vec<Vec<u8>> {
    seeds::texts(&[
        "role=Contributor,scope=/subscriptions/5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30,start=2026-10-05",
        "role=8e3af657-a8ff-443c-a75c-2fe8c4bcb635,scope=/,path=directory,end=2026-10-31T00:00:00Z,id=g,eligible_only=true",
        "id=adatum-removed-first,at=2026-10-05",
        "deny=block",
        "absence=assume",
        "subscription=5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30,at=2026-11-05,to=1111111,from=1111112",
        "role=Owner,scope=/subscriptions/5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30,condition=a, b,partner=1111111",
    ])
}

/// Changes as people write them: understood twice alike, and made or refused with a code.
pub fn changes(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for text in text.lines() {
        let spec = match text.parse::<SpecText>() {
            Ok(spec) => spec,
            Err(error) => {
                checks::is_code(error.code());
                continue;
            }
        };
        for make in [ChangeSpec::Grant, ChangeSpec::Revoke, ChangeSpec::Set, ChangeSpec::Transfer] {
            let calculator: &Calculator = compiled().calculator();
            let change = make(spec.clone());
            let changes = calculator.changes(std::slice::from_ref(&change));
            assert_eq!(
                format!("{changes:?}"),
                format!("{:?}", calculator.changes(&[change])),
                "understood twice, two changes"
            );
            match changes.and_then(|changes| calculator.with(&changes)) {
                Ok(_) => {}
                Err(error) => {
                    checks::is_code(error.code());
                    assert!(!error.to_string().contains('\n'), "not one line: {error}");
                }
            }
        }
    }
}

pub fn request_seeds() -> Vec<Vec<u8>> {
    seeds::texts(&[
        r#"{"operation":"statement","by":["customer","month"],"from":"2026-10-01","to":"2026-10-31","allow_rejected":3}"#,
        r#"{"operation":"statement","by":["customer","reseller","plan","subscription","resource_group","resource","service","meter","product","invoice","date","month"],"max_memory":1000000}"#,
        r#"{"operation":"explain","resource":"/subscriptions/5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30/resourcegroups/shop-rg","date":"2026-10-12"}"#,
        r#"{"operation":"explain","subscription":"adatum-access-removed","since":"2026-10-02"}"#,
        r#"{"operation":"whatif","suggest":true,"service":"log_analytics"}"#,
        r#"{"operation":"whatif","forecast":true,"grant":["role=Contributor,scope=/subscriptions/5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30"],"set":["deny=block"]}"#,
        r#"{"operation":"whatif","transfer":[{"subscription":"5b0a1ca1-7d3e-4f60-9a11-2f6c0d5e0a10","at":"2026-10-05","to":"1111111"}],"revoke":["id=adatum-removed-first"]}"#,
        r#"{"operation":"advise","service":["patching"]}"#,
        r#"{"operation":"reconcile","threads":2,"amounts":"string","usage":"usage.cost_management"}"#,
    ])
}

/// A small usage file of the example month.
static USAGE: LazyLock<Vec<u8>> =
    LazyLock::new(|| seeds::of("cost_management").into_iter().next().unwrap_or_default());

/// Requests: asked of the example month they are answered with a document, or refused with a code.
pub fn requests(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut request = match Request::from_json(text) {
        Ok(request) => request,
        Err(error) => return checks::tells(&error, bytes),
    };
    if let Err(error) = LoadRequest::from_json(text) {
        checks::tells(&error, bytes);
    }
    // Nothing but what is at hand is read, and nothing is written.
    request.paths.clear();
    let written = [&mut request.groups, &mut request.lines, &mut request.rejects, &mut request.out];
    written
        .into_iter()
        .chain([&mut request.policy_file, &mut request.rule, &mut request.base])
        .for_each(|path| *path = None);
    request.threads = std::num::NonZeroUsize::new(1);
    let ask = || -> Result<String, Refused> {
        let source = Source::from_bytes(NAME, USAGE.as_slice())?;
        compiled().ask_of(&request, source, &Watch::default())
    };
    let once = ask();
    assert_eq!(once, ask(), "asked twice, two answers");
    match once {
        Ok(document) => {
            assert!(serde_json::from_str::<Value>(&document).is_ok(), "an answer that is no JSON");
        }
        Err(refused) => {
            checks::is_code(refused.error.code());
            assert!(serde_json::from_str::<Value>(&refused.to_json()).is_ok(), "a refusal that is no JSON");
        }
    }
}

pub fn line_seeds() -> Vec<Vec<u8>> {
    seeds::texts(&[
        r#"[{"date":"2026-10-05","subscription_id":"5b0a1ca1-7d3e-4f60-9a11-2f6c0d5e0a10","quantity":"24","list_price":"0.23","plan_name":"Azure plan","partner_tenant_id":"c0d15717-5b1e-4c7a-9e2f-0c4a51f0e001"},{"date":"2026-10-06","quantity":"1","resource_id":"/subscriptions/5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30/resourceGroups/shop-rg"}]"#,
        r#"[{"date":"2026-10-05","quantity":"-1.5","list_price":".5","charge_type":"Refund","currency":"EUR","observed_rate":"0.15","billing_currency":"EUR","exchange_rate":"0.9"}]"#,
        r#"[{"date":"2026-10-05","quantity":"1","pricing_model":"Spot","meter_name":"D2 v5 Spot"},{"date":"2019-10-31","quantity":"1e3","list_price":"7E-3","subscription_id":"5b0a1ca1-7d3e-4f60-9a11-2f6c0d5e0a10"}]"#,
    ])
}

/// Lines of a program's own: one after the other they sum up as all at once.
pub fn lines(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for compiled in [compiled(), listed()] {
        let sums = || {
            LineSums::new(
                Arc::clone(compiled),
                Request { by: vec![GroupKey::Subscription], ..Request::default() },
            )
        };
        let (Ok(mut whole), Ok(mut pieces)) = (sums(), sums()) else { continue };
        match (compiled.credits(text), whole.add(text)) {
            (Ok(credits), Ok(())) => {
                let credits: Vec<Value> = serde_json::from_str(&credits).unwrap_or_default();
                // Numbers stay as they are written: pieces of the text, not of what it was read as.
                let Ok(raw) = serde_json::from_str::<Vec<Box<serde_json::value::RawValue>>>(text) else {
                    continue;
                };
                assert_eq!(credits.len(), raw.len(), "a line without an answer");
                for one in raw {
                    assert!(
                        pieces.add(&format!("[{}]", one.get())).is_ok(),
                        "alone it is refused: {}",
                        one.get()
                    );
                }
                assert_eq!(
                    whole.finish(),
                    pieces.finish(),
                    "one after the other they sum up to something else"
                );
            }
            (credits, added) => {
                let error = credits.err();
                assert_eq!(error, added.err(), "summed up and credited, two answers");
                if let Some(error) = error {
                    checks::tells(&error, bytes);
                }
            }
        }
    }
}

pub fn byte_seeds() -> Vec<Vec<u8>> {
    let part = || {
        let source = Source::from_bytes(NAME, USAGE.as_slice()).ok()?;
        compiled().part(&statement_request(), source, &Watch::default()).ok()
    };
    let calculator = Compiled::new(&[], &LoadRequest::default()).ok();
    let calculator = calculator.and_then(|compiled| compiled.to_bytes(None).ok());
    calculator.into_iter().chain(part()).collect()
}

/// A calculator and sums as bytes: refused with a code where they are not whole, else they go on as they came.
pub fn bytes(bytes: &[u8]) {
    match Compiled::from_bytes(bytes) {
        Ok(compiled) => {
            let again =
                compiled.to_bytes(None).and_then(|bytes| Compiled::from_bytes(&bytes)?.to_bytes(None));
            assert_eq!(compiled.to_bytes(None), again, "written again it is another calculator");
        }
        Err(error) => checks::tells(&error, b"PK"),
    }
    let request = Request { operation: Operation::Statement, ..statement_request() };
    let merged = compiled().merge(&request, [bytes]);
    assert_eq!(merged, compiled().merge(&request, [bytes]), "merged twice, two statements");
    if let Err(refused) = merged {
        checks::is_code(refused.error.code());
    }
}
