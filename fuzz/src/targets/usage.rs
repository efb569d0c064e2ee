//! Usage of every kind.

use azure_pec::{Calculator, CreditBatch, GroupKey, Statement, UsageBatch, UsageLine};
use azure_pec_formats::{Error, FieldSet, Reject, Source, UsageReader, sniff};

use super::asking::{compiled, listed, statement_request};
use crate::checks::{self, NAME};

/// What a file says.
#[derive(Debug, PartialEq, Eq)]
struct Read {
    lines: Vec<(u64, Option<UsageLine>)>,
    rejects: Vec<Reject>,
    records: u64,
    /// What ended it before its end.
    broken: Option<Error>,
}

fn read(source: &Source, step: usize) -> Result<(Read, UsageBatch), Error> {
    let mut reader = UsageReader::open(source, FieldSet::all())?;
    let mut batch = UsageBatch::new();
    let broken = loop {
        match reader.fill(&mut batch, step) {
            Ok(0) => break None,
            Ok(_) => {}
            Err(error) => break Some(error),
        }
    };
    let lines = batch.lines().iter().enumerate().map(|(row, line)| (*line, batch.line(row))).collect();
    let (rejects, records) = (reader.take_rejects(), reader.records());
    assert_eq!(reader.rejected(), rejects.len() as u64);
    Ok((Read { lines, rejects, records, broken }, batch))
}

/// Usage as text: what holds of [`any`], and cut in two between any two lines it comes to the same.
pub fn text(bytes: &[u8]) {
    any(bytes);
    // Without quotes and lone returns a line is a record.
    let is_table = bytes.first().is_some_and(u8::is_ascii_alphabetic);
    if !is_table || bytes.contains(&b'"') || bytes.contains(&b'\r') {
        return;
    }
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let Some((header, rows)) = lines.split_first() else { return };
    let (first, second) = rows.split_at(rows.len() / 2);
    let request = statement_request();
    let sources = |parts: &[&[&[u8]]]| {
        let named = parts.iter().enumerate().map(|(at, rows)| {
            Source::from_bytes(&format!("{NAME}{at}"), [*header, rows.concat().as_slice()].concat())
        });
        named.collect::<Result<Vec<_>, _>>().map(|sources| sources.concat())
    };
    let (Ok(whole), Ok(parts)) = (sources(&[rows]), sources(&[first, second])) else { return };
    let watch = azure_pec_formats::Watch::default();
    let asked = |sources| compiled().ask_of(&request, sources, &watch);
    let (Ok(whole), parts) = (asked(whole), asked(parts)) else { return };
    match parts {
        Ok(parts) => assert_eq!(digest(&whole), digest(&parts), "cut in two it is another statement"),
        // The same lines in both halves are the same usage twice; and a half without lines may be of no kind.
        Err(refused) => assert!(
            ["input.usage_overlap", "input.unknown_kind"].contains(&refused.error.code()),
            "cut in two it is refused: {refused}"
        ),
    }
}

/// Usage in any file.
pub fn any(bytes: &[u8]) {
    match Source::from_bytes(NAME, bytes) {
        Ok(sources) => sources.iter().for_each(|source| check(source, bytes)),
        Err(error) => checks::names(&error, bytes),
    }
}

/// Usage as an Arrow IPC stream.
pub fn ipc(bytes: &[u8]) {
    match Source::from_ipc(NAME, bytes.to_vec()) {
        Ok(source) => check(&source, b"PAR1"),
        Err(error) => checks::names(&error, b"PAR1"),
    }
}

/// A batch however large says what small ones say, every record is a line or a reject, errors say where, and a statement of
/// parts is that of the whole.
fn check(source: &Source, bytes: &[u8]) {
    let shape = sniff(source);
    assert_eq!(shape, sniff(source), "seen twice, two shapes");
    if let Err(error) = &shape {
        checks::names(error, bytes);
    }
    let (small, large) = (read(source, 3), read(source, 4096));
    let (small, batch) = match (small, large) {
        (Ok((small, batch)), Ok((large, _))) => {
            assert_eq!(small.broken, large.broken, "in large batches it ends otherwise");
            // What came before a file broke depends on how much was read at once.
            if small.broken.is_none() {
                assert_eq!(small, large, "in large batches it reads otherwise");
            }
            (small, batch)
        }
        (small, large) => {
            let (small, large) = (small.err(), large.err());
            assert_eq!(small, large, "opened twice, two answers");
            let Some(error) = small else { return };
            return checks::names(&error, bytes);
        }
    };
    small.rejects.iter().for_each(|reject| checks::rejects(reject, bytes));
    if let Some(error) = &small.broken {
        return checks::names(error, bytes);
    }
    let told = (small.lines.len() + small.rejects.len()) as u64;
    assert_eq!(small.records, told, "a record that is neither a line nor a reject");
    assert!(small.lines.is_sorted_by(|(a, _), (b, _)| a <= b), "lines out of their order");
    judge(&batch);
    ask(source);
}

/// Every line gets a verdict, and halves add up to the whole.
fn judge(batch: &UsageBatch) {
    let calculator = compiled().calculator();
    let mut credits = CreditBatch::default();
    calculator.session().credit_batch(batch, &mut credits);
    assert_eq!(credits.len(), batch.len());
    let by = [GroupKey::Subscription, GroupKey::Date];
    let mut whole = Statement::new(&by);
    whole.add(batch, &credits);
    let (mut first, mut second) = (UsageBatch::new(), UsageBatch::new());
    for row in 0..batch.len() {
        let Some(line) = batch.line(row) else { continue };
        let half = if row % 2 == 0 { &mut first } else { &mut second };
        half.push_line(&line, row as u64 + 1);
    }
    let sum = |batch: &UsageBatch| {
        let mut statement = Statement::new(&by);
        statement.add(batch, &calculator.credit_batch(batch));
        statement
    };
    let mut merged = sum(&second);
    assert!(merged.merge(sum(&first)).is_ok());
    assert_eq!(body(&merged, calculator), body(&whole, calculator), "halves add up to something else");
}

fn body(statement: &Statement, calculator: &Calculator) -> String {
    serde_json::to_string(&statement.body(calculator)).unwrap_or_default()
}

/// A statement of the file, asked whole and as a part that is merged.
fn ask(source: &Source) {
    let (request, watch) = (statement_request(), azure_pec_formats::Watch::default());
    for compiled in [compiled(), listed()] {
        let whole = compiled.ask_of(&request, vec![source.clone()], &watch);
        let part = compiled.part(&request, vec![source.clone()], &watch);
        match (whole, part) {
            (Ok(whole), Ok(part)) => match compiled.merge(&request, [part.as_slice()]) {
                Ok(merged) => assert_eq!(whole, merged, "merged it is another statement"),
                Err(refused) => assert_eq!(refused.to_string(), "", "what was summed up is not merged"),
            },
            (whole, part) => {
                let (whole, part) = (whole.err(), part.err());
                assert_eq!(whole, part, "whole and in parts, two answers");
                if let Some(refused) = whole {
                    checks::is_code(refused.error.code());
                }
            }
        }
    }
}

/// The digest of a statement's body.
fn digest(document: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(document).ok()?;
    value.get("body_sha256")?.as_str().map(ToOwned::to_owned)
}
