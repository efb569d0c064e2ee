//! Parts of a statement, summed up in processes of their own and merged.

use azure_pec::{InputSummary, Statement, StatementDocument, StatementPart};
use serde::{Deserialize, Serialize};

use super::bytes::code_of;
use super::compiled::Compiled;
use super::refused::Refused;
use super::request::{Operation, Request, arguments};
use crate::error::{Fault, Place};
use crate::groups::{body_on, write_groups};
use crate::packed::{pack, unpack};
use crate::run::RunOptions;
use crate::source::Source;
use crate::watch::Watch;

const FORM: &str = "azure-pec/statement-part/1";

#[derive(Serialize, Deserialize)]
struct Content {
    /// What the calculator of the part says of itself.
    rule: String,
    policy: Vec<(String, String)>,
    part: StatementPart,
    /// The usage, and the files given besides.
    inputs: Vec<InputSummary>,
    rejected: u64,
}

impl Compiled {
    /// The sums of a part of the usage, as bytes, for [`merge`](Compiled::merge) elsewhere: of `request` as for a statement,
    /// without tables to write. What the calculator warns of is told by the merged statement, once.
    ///
    /// # Errors
    /// As [`ask_of`](Compiled::ask_of).
    pub fn part(&self, request: &Request, usage: Vec<Source>, watch: &Watch) -> Result<Vec<u8>, Refused> {
        if request.operation != Operation::Statement || request.groups.is_some() || request.lines.is_some() {
            return Err(arguments("a part is of a statement, and writes no tables").into());
        }
        let mut job = self.job(request, usage, watch)?;
        job.inputs.warnings.clear();
        let usage: Vec<String> = job.inputs.usage.iter().map(|file| file.source.name().to_owned()).collect();
        let run = job.run(request, RunOptions::by(&request.by, (request.from, request.to)), None, &|_| ())?;
        Refused::over_rejects(&run, request.allow_rejected)?;
        let (rule, policy) = self.says();
        let part = run.statement.into_part();
        // What was given besides is told by the merged statement, once.
        let given = |input: &InputSummary| self.given().files.iter().any(|file| file.path == input.path);
        let own = |input: &InputSummary| usage.contains(&input.path) || !given(input);
        let inputs = run.inputs.into_iter().filter(own).collect();
        let content = Content { rule, policy, part, inputs, rejected: run.rejected };
        Ok(pack(FORM, &content)?)
    }

    /// The statement of all parts, in any order: the body is that of the whole usage, to the byte.
    ///
    /// # Errors
    /// `policy.invalid` for parts of another calculator, other keys or days; `rejects.too_many`; `input.unknown_kind` and
    /// `input.truncated` for bytes that are no part.
    pub fn merge<'p>(
        &self,
        request: &Request,
        parts: impl IntoIterator<Item = &'p [u8]>,
    ) -> Result<String, Refused> {
        let calculator = self.calculator();
        let value = |error| Fault::Value(error).at(Place::file(FORM));
        let mut whole =
            Statement::new(&request.by).starting(request.from.filter(|_| calculator.rates_tiers()));
        let (mut inputs, mut rejected) = (self.given().files.clone(), 0);
        for bytes in parts {
            let content: Content = unpack(FORM, bytes)?;
            if (content.rule, content.policy) != self.says() {
                return Err(arguments("a part was summed up by another calculator").into());
            }
            let part = Statement::of_part(content.part, calculator, code_of).map_err(value)?;
            whole.merge(part).map_err(value)?;
            rejected += content.rejected;
            content.inputs.into_iter().for_each(|input| add_input(&mut inputs, input));
        }
        if rejected > request.allow_rejected {
            let fault = Fault::TooManyRejects { rejected, allowed: request.allow_rejected };
            return Err(fault.at(Place::default()).into());
        }
        for (code, message) in &self.given().warnings {
            whole.note(code, message);
        }
        let body = body_on(request.thread_count(), whole, calculator);
        if let Some(path) = &request.groups {
            write_groups(&body, path, request.thread_count(), request.amounts)?;
        }
        Ok(StatementDocument::new(body, inputs).to_json())
    }

    fn says(&self) -> (String, Vec<(String, String)>) {
        let calculator = self.calculator();
        let policy = calculator.policy().entries().into_iter().map(|(key, value)| (key.to_owned(), value));
        (calculator.rule().data().version.clone(), policy.collect())
    }
}

/// Usage of one name in several parts is one input.
fn add_input(inputs: &mut Vec<InputSummary>, more: InputSummary) {
    let Some(known) = inputs.iter_mut().find(|known| known.path == more.path) else {
        inputs.push(more);
        return;
    };
    if known.kind.is_none() && more.kind.is_some() {
        // What was passed over when the calculator was made, as it is usage, was read since.
        *known = more;
        return;
    }
    known.records += more.records;
    known.used += more.used;
    known.rejected += more.rejected;
    for note in more.notes {
        if !known.notes.contains(&note) {
            known.notes.push(note);
        }
    }
}
