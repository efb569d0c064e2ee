//! A question in the form of the cases, and the calculator's answer to it.

use std::collections::BTreeMap;

use azure_pec::{
    AccessHistory, Amount, Calculator, Credit, CreditBatch, PriceList, PriceRow, Statement, UsageBatch,
    UsageLine,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

#[cfg(feature = "files")]
use crate::readers as read;
#[cfg(not(feature = "files"))]
use crate::serde_readers as read;

/// A question: everything that the calculator is given, and the lines.
///
/// The parts are kept as they stand and go through the readers that files go through.
#[derive(Debug, Default, Deserialize)]
pub struct Request {
    /// The policy keys that differ from their defaults.
    #[serde(default)]
    pub policy: Option<Box<RawValue>>,
    /// `azure-pec/partner/1`.
    #[serde(default)]
    pub partner: Option<Box<RawValue>>,
    /// `azure-pec/access/1`.
    #[serde(default)]
    pub access: Option<Box<RawValue>>,
    /// Rows of a price list.
    #[serde(default)]
    pub prices: Option<Vec<Box<RawValue>>>,
    /// The usage lines.
    #[serde(default)]
    pub lines: Vec<Box<RawValue>>,
}

/// What is said of the lines, and of all of them together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// One for each line.
    pub answers: Vec<Answer>,
    /// The totals of their statement.
    pub totals: Value,
    /// The sums by reason of their statement.
    pub reasons: Value,
    /// How many lines the statement warns of, by code: what has no price, no exchange rate, or no known decimals.
    pub warned: BTreeMap<String, u64>,
}

/// What is said of a line, all as texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The outcome.
    pub outcome: String,
    /// The code of the reason.
    pub reason: String,
    /// What a unit costs; none where no price is known, and where several tiers made the amount.
    pub list_price: Option<String>,
    /// Quantity times list price.
    pub list_amount: Option<String>,
    /// The rate of the day.
    pub rate: String,
    /// List amount times rate.
    pub potential: Option<String>,
    /// The credit.
    pub credit: Option<String>,
    /// List amount less credit.
    pub net: Option<String>,
}

/// The code of an error, and its message.
pub(crate) type Refusal = (String, String);

#[expect(clippy::needless_pass_by_value, reason = "where an error is mapped it is handed over")]
pub(crate) fn refusal(error: azure_pec::Error) -> Refusal {
    (error.code().to_owned(), error.to_string())
}

/// Answers a question.
///
/// # Errors
/// The code of the error, and its message.
pub fn answer(request: &Request) -> Result<Vec<Answer>, Refusal> {
    rated(request).map(|(answers, ..)| answers)
}

/// The same with the sums of a statement of these lines.
///
/// # Errors
/// As [`answer`].
pub fn reply(request: &Request) -> Result<Reply, Refusal> {
    let (answers, statement, calculator) = rated(request)?;
    let body = statement.body(&calculator);
    let value =
        |part: Result<Value, _>| part.map_err(|error: serde_json::Error| (String::new(), error.to_string()));
    let told = |code: &str| ["price.missing", "currency.unknown", "fx.missing"].contains(&code);
    let warned = body.warnings.iter().filter(|warning| told(warning.code));
    Ok(Reply {
        answers,
        totals: value(serde_json::to_value(&body.totals))?,
        reasons: value(serde_json::to_value(&body.reasons))?,
        warned: warned.map(|warning| (warning.code.to_owned(), warning.count)).collect(),
    })
}

fn rated(request: &Request) -> Result<(Vec<Answer>, Statement, Calculator), Refusal> {
    let mut builder = Calculator::builder();
    if let Some(policy) = &request.policy {
        builder = builder.policy(read::policy(policy)?);
    }
    if let Some(partner) = &request.partner {
        builder = builder.partner(read::partner(partner)?);
    }
    if let Some(access) = &request.access {
        // Through the merge that several exports go through.
        let mut history = AccessHistory::default();
        history.merge(read::access(access)?);
        builder = builder.access(history);
    }
    if let Some(rows) = &request.prices {
        let rows = rows.iter().map(|row| typed::<PriceRow>(row)).collect::<Result<_, _>>()?;
        builder = builder.prices(PriceList::new(rows));
    }
    let calculator = builder.build().map_err(refusal)?;
    let lines: Vec<UsageLine> = request.lines.iter().map(|raw| typed(raw)).collect::<Result<_, _>>()?;
    let mut batch = UsageBatch::new();
    for line in &lines {
        line.check().map_err(refusal)?;
        batch.push_line(line, 1);
    }
    // All lines together: under tiers the amount of one depends on the others.
    let mut session = calculator.session();
    let mut credits = CreditBatch::default();
    session.credit_batch(&batch, &mut credits);
    let mut statement = Statement::new(&[]).of_lines();
    statement.add(&batch, &credits);
    if let Some(mut rating) = statement.rating(&calculator) {
        rating.rate(&batch, &mut credits);
    }
    let mut answers = Vec::with_capacity(lines.len());
    for row in 0..batch.len() {
        let Some(credit) = credits.credit(row, calculator.rule()) else { continue };
        let price = credits.tier_price(row).or_else(|| session.list_price(&batch, row));
        answers.push(Answer::of(credit, price));
    }
    for (line, together) in lines.iter().zip(&answers) {
        alone(&calculator, line, together)?;
    }
    Ok((answers, statement, calculator))
}

/// Asked for by itself, a line must be answered as it is among others; but where tiers rate it.
fn alone(calculator: &Calculator, line: &UsageLine, together: &Answer) -> Result<(), Refusal> {
    let rate = calculator.rule().rate(line.date).to_string();
    let alone = match calculator.credit(line) {
        // The price of a unit is told of batches alone.
        Ok(credit) => Answer { list_price: together.list_price.clone(), ..Answer::of(credit, None) },
        Err(azure_pec::Error::PriceTiered { .. }) => together.clone(),
        Err(error) => return Err((error.code().to_owned(), error.to_string())),
    };
    if alone == *together && rate == together.rate {
        return Ok(());
    }
    Err(("runner.differs".to_owned(), format!("alone {alone:?} at {rate}, together {together:?}")))
}

impl Answer {
    fn of(credit: Credit, list_price: Option<&Amount>) -> Self {
        let text = |amount: Option<Amount>| amount.map(|amount| amount.to_string());
        Self {
            outcome: credit.outcome.to_string(),
            reason: credit.reason.to_string(),
            list_price: list_price.map(ToString::to_string),
            list_amount: text(credit.list_amount),
            rate: credit.rate.to_string(),
            potential: text(credit.potential),
            credit: text(credit.credit),
            net: text(credit.net),
        }
    }
}

/// A value of the core, whose errors carry their code in front.
pub(crate) fn typed<T: serde::de::DeserializeOwned>(raw: &RawValue) -> Result<T, Refusal> {
    serde_json::from_str(raw.get()).map_err(|error| {
        let message = error.to_string();
        let code = message.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(code, _)| code);
        (code.unwrap_or("json.malformed").to_owned(), message)
    })
}
