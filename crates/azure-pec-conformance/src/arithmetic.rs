//! Cases of arithmetic: one operation on decimals as texts, whose operands may be operations themselves.

use std::collections::{BTreeSet, HashSet};

use azure_pec::{
    Amount, AmountBehind, Error, Rounding, amount_from_effective_price, charge_behind, effective_unit_price,
    minor_units, printed_price,
};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::case::Case;

/// An operation. What is not a part of it is told by its name in `cases/README.md`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    op: String,
    of: Vec<Operand>,
    digits: Option<u32>,
    rounding: Option<String>,
    currency_digits: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Operand {
    Text(String),
    Operation(Operation),
}

/// Why there is no answer.
enum Failure {
    /// The operation is refused, as it may have to be.
    Refused(Error),
    /// The case itself is of another form.
    Form(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// Replays a case of arithmetic; none where the answer is as expected.
#[must_use]
pub fn replay_arithmetic(case: &Case) -> Option<String> {
    let question = case.question.get("arithmetic").cloned().unwrap_or_default();
    let operation: Operation = match serde_json::from_value(question) {
        Ok(operation) => operation,
        Err(error) => return Some(format!("not a case: {error}")),
    };
    let code = case.question.get("error").and_then(|error| error.get("code")).and_then(Value::as_str);
    match (operation.answer(), code, case.question.get("answer")) {
        (Err(Failure::Form(problem)), ..) => Some(format!("not a case: {problem}")),
        (Err(Failure::Refused(error)), Some(code), None) if error.code() == code => None,
        (Ok(found), None, Some(expected)) if found == *expected => None,
        (Err(Failure::Refused(error)), code, expected) => {
            Some(format!("error {} ({error}), expected {code:?} {expected:?}", error.code()))
        }
        (Ok(found), code, expected) => Some(format!("{found}, expected {code:?} {expected:?}")),
    }
}

impl Operation {
    fn answer(&self) -> Result<Value, Failure> {
        if self.op == "minor_units" {
            let [Operand::Text(code)] = self.of.as_slice() else { return Err(self.form("a currency")) };
            return Ok(json!(minor_units(code).map(|units| units.to_string())));
        }
        let of = self.operands()?;
        let text = |amount: &Amount| json!(amount.to_string());
        Ok(match (self.op.as_str(), of.as_slice()) {
            ("compare", [one, two]) => json!(order(one, two).ok_or_else(|| self.form("one order"))?),
            ("sign", [one]) => json!(match (one.is_negative(), one.is_zero()) {
                (true, _) => "negative",
                (false, true) => "zero",
                (false, false) => "positive",
            }),
            ("distinct", all) => {
                // Equal numbers are one, by order as by hash.
                let (ordered, hashed) =
                    (all.iter().collect::<BTreeSet<_>>(), all.iter().collect::<HashSet<_>>());
                json!(if ordered.len() == hashed.len() { ordered.len().to_string() } else { "differ".into() })
            }
            ("sum", all) => {
                let mut added = Amount::ZERO;
                all.iter().for_each(|amount| added += amount);
                let summed: Amount = all.iter().sum();
                if added == summed { text(&summed) } else { json!("differ") }
            }
            ("decimal96", [one]) => text(&Amount::from(Decimal::try_from(one)?)),
            ("divide", [one, two]) => {
                json!(one.divide(two, self.digits()?, self.rounding()?).map(|amount| amount.to_string()))
            }
            ("effective_unit_price", [amount, quantity]) => {
                let price = effective_unit_price(amount, quantity, self.currency_digits()?, self.digits()?);
                json!(price.map(|price| price.to_string()))
            }
            ("printed_price", [amount, quantity]) => {
                json!(printed_price(amount, quantity).map(|price| price.to_string()))
            }
            ("charge_behind", pairs) if pairs.len() % 2 == 0 => {
                let (pairs, _) = pairs.as_chunks();
                let prices: Vec<_> =
                    pairs.iter().map(|[price, many]| (price.clone(), many.clone())).collect();
                text(&charge_behind(&prices, self.currency_digits))
            }
            ("amount_from_effective_price", [price, quantity]) => {
                match amount_from_effective_price(price, quantity, self.digits()?, self.currency_digits()?) {
                    AmountBehind::One(amount) => json!({ "one": amount }),
                    AmountBehind::Several { least, most } => json!({ "least": least, "most": most }),
                    AmountBehind::NotCents(amount) => json!({ "not_cents": amount }),
                }
            }
            _ => text(&self.of_amounts(&of)?),
        })
    }

    /// The amount of an operation that may be an operand of another.
    fn amount(&self) -> Result<Amount, Failure> {
        self.of_amounts(&self.operands()?)
    }

    fn of_amounts(&self, of: &[Amount]) -> Result<Amount, Failure> {
        Ok(match (self.op.as_str(), of) {
            ("parse", [one]) => one.clone(),
            ("add", [one, two]) => one + two,
            ("subtract", [one, two]) => one - two,
            ("multiply", [one, two]) => one * two,
            ("negate", [one]) => -one,
            ("round", [one]) => one.round(self.digits()?, self.rounding()?),
            (op, of) => return Err(Failure::Form(format!("no operation {op:?} of {}", of.len()))),
        })
    }

    fn operands(&self) -> Result<Vec<Amount>, Failure> {
        let amount = |operand: &Operand| match operand {
            Operand::Text(text) => Ok(text.parse()?),
            Operand::Operation(inner) => inner.amount(),
        };
        self.of.iter().map(amount).collect()
    }

    fn digits(&self) -> Result<u32, Failure> {
        self.digits.ok_or_else(|| self.form("digits"))
    }

    fn currency_digits(&self) -> Result<u32, Failure> {
        self.currency_digits.ok_or_else(|| self.form("currency_digits"))
    }

    fn rounding(&self) -> Result<Rounding, Failure> {
        match self.rounding.as_deref() {
            Some("toward_zero") => Ok(Rounding::TowardZero),
            Some("half_away_from_zero") => Ok(Rounding::HalfAwayFromZero),
            _ => Err(self.form("rounding")),
        }
    }

    fn form(&self, needed: &str) -> Failure {
        Failure::Form(format!("{} needs {needed}", self.op))
    }
}

/// How two amounts stand to each other; none where the operators do not agree among themselves.
fn order(one: &Amount, two: &Amount) -> Option<&'static str> {
    match (one < two, one == two, one > two, one != two) {
        (true, false, false, true) => Some("less"),
        (false, true, false, false) => Some("equal"),
        (false, false, true, true) => Some("greater"),
        _ => None,
    }
}
