//! The rate of partner earned credit that Microsoft applied, as a usage line states it or as its prices show it.

use std::sync::LazyLock;

use azure_pec::{Amount, Field, Rule};

use crate::error::Fault;
use crate::field_set::FieldSet;
use crate::table::Fields;
use crate::value::{self, Scale};

/// An effective unit price is an amount that was cut to cents over a quantity: it may be off by so much over it.
const CENT: Amount = Amount::new(1, 2);

static PUBLISHED: LazyLock<Vec<Amount>> =
    LazyLock::new(|| Rule::published().map(|rule| rates_of(&rule)).unwrap_or_default());

/// The rates above 0 of a rule, each once.
pub(crate) fn rates_of(rule: &Rule) -> Vec<Amount> {
    let mut rates = Vec::new();
    for row in &rule.data().rate {
        if !row.rate.is_zero() && !rates.contains(&row.rate) {
            rates.push(row.rate.clone());
        }
    }
    rates
}

/// Where the rate stands.
pub(crate) struct Observed {
    /// The columns that state it; the first with a text counts.
    stated: Vec<(usize, Scale)>,
    /// The column that says whether it was applied, and whether nothing there means no.
    applied: Option<(usize, bool)>,
    /// List price and effective price, which show it where it is not stated.
    prices: Option<(usize, usize)>,
    rates: Vec<Amount>,
    memo: Memo,
}

/// The last text and what was made of it.
#[derive(Default)]
struct Memo {
    text: String,
    rate: String,
    known: bool,
}

/// A rate that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen<'s> {
    /// As a fraction; empty where nobody knows.
    pub rate: &'s str,
    /// `stated` or `inferred`; empty where nobody knows.
    pub basis: &'static str,
    /// Neither 0 nor a rate of the rule.
    pub strange: bool,
}

impl Seen<'_> {
    const NOTHING: Self = Self { rate: "", basis: "", strange: false };
    const NOT_APPLIED: Self = Self { rate: "0", basis: "stated", strange: false };
}

impl Observed {
    /// Whether anybody wants it; how it is known comes with it.
    pub fn is_wanted(wanted: FieldSet) -> bool {
        wanted.contains(Field::ObservedRate)
    }

    /// Stated in these columns.
    pub fn new(stated: Vec<(usize, Scale)>) -> Self {
        Self { stated, applied: None, prices: None, rates: PUBLISHED.clone(), memo: Memo::default() }
    }

    /// And 0 where this column does not say yes.
    pub fn applied(self, column: usize) -> Self {
        Self { applied: Some((column, true)), ..self }
    }

    /// And 0 where this column says no.
    pub fn applied_if_said(self, column: usize) -> Self {
        Self { applied: Some((column, false)), ..self }
    }

    /// And shown by these prices where it is not stated.
    pub fn inferred(self, list_price: usize, effective_price: usize) -> Self {
        Self { prices: Some((list_price, effective_price)), ..self }
    }

    /// The rates that exist.
    pub fn set_rates(&mut self, rates: Vec<Amount>) {
        self.rates = rates;
        self.memo = Memo::default();
    }

    pub fn is_empty(&self) -> bool {
        self.stated.is_empty() && self.prices.is_none()
    }

    pub fn columns(&self) -> impl Iterator<Item = usize> {
        let prices = self.prices.into_iter().flat_map(|(list, effective)| [list, effective]);
        let applied = self.applied.map(|(column, _)| column);
        self.stated.iter().map(|(column, _)| *column).chain(applied).chain(prices)
    }

    /// The rate of a record; where it fails, the column at fault.
    pub fn read(&mut self, fields: &Fields<'_>, quantity: &Amount) -> Result<Seen<'_>, (Fault, usize)> {
        let mut applied = None;
        if let Some((column, nothing_is_no)) = self.applied {
            let text = fields.get(column).map_err(|fault| (fault, column))?;
            if !text.is_empty() || nothing_is_no {
                applied = Some(value::truth(text).map_err(|fault| (fault, column))?);
            }
        }
        if applied == Some(false) {
            return Ok(Seen::NOT_APPLIED);
        }
        for (column, scale) in &self.stated {
            let text = fields.get(*column).map_err(|fault| (fault, *column))?;
            if !text.is_empty() {
                return self.memo.make(text, *scale, &self.rates).map_err(|fault| (fault, *column));
            }
        }
        match (applied, self.stated.first(), self.prices) {
            (_, _, Some(prices)) => self.infer(fields, prices, quantity),
            // Applied, and not said how much.
            (Some(true), Some((column, _)), None) => {
                value::number("").map(|_| Seen::NOTHING).map_err(|fault| (fault, *column))
            }
            _ => Ok(Seen::NOTHING),
        }
    }

    fn infer(
        &mut self,
        fields: &Fields<'_>,
        (list, effective): (usize, usize),
        quantity: &Amount,
    ) -> Result<Seen<'_>, (Fault, usize)> {
        let price = |column| match fields.get(column) {
            Ok("") => Ok(None),
            text => text.and_then(value::number).map(Some).map_err(|fault| (fault, column)),
        };
        let (Some(list), Some(effective)) = (price(list)?, price(effective)?) else {
            return Ok(Seen::NOTHING);
        };
        let Some(rate) = inferred_rate(&list, &effective, quantity, &self.rates) else {
            return Ok(Seen::NOTHING);
        };
        self.memo = Memo { text: String::new(), rate: rate.to_string(), known: true };
        Ok(Seen { rate: &self.memo.rate, basis: "inferred", strange: false })
    }
}

impl Memo {
    fn make(&mut self, text: &str, scale: Scale, known: &[Amount]) -> Result<Seen<'_>, Fault> {
        if self.text != text {
            let (rate, known) = value::scaled_rate(text, scale, known)?;
            *self = Self { text: text.to_owned(), rate: rate.to_string(), known };
        }
        Ok(Seen { rate: &self.rate, basis: "stated", strange: !self.known })
    }
}

/// The rate, 0 or one of the rule's, that leads from the list price to the effective one: exactly, or else as the only
/// one within a cent over the quantity. None where several would do, as with a line of less than some cents, or none.
fn inferred_rate(list: &Amount, effective: &Amount, quantity: &Amount, rates: &[Amount]) -> Option<Amount> {
    let candidates = || std::iter::once(&Amount::ZERO).chain(rates);
    let gap = |rate: &Amount| magnitude(&(&(list * &(&Amount::ONE - rate)) - effective));
    let only = |fits: &dyn Fn(&Amount) -> bool| {
        let mut fitting = candidates().filter(|rate| fits(rate));
        fitting.next().filter(|_| fitting.next().is_none()).cloned()
    };
    let quantity = magnitude(quantity);
    only(&|rate| gap(rate).is_zero()).or_else(|| only(&|rate| &gap(rate) * &quantity <= CENT))
}

fn magnitude(amount: &Amount) -> Amount {
    if amount.is_negative() { -amount } else { amount.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(list: &str, effective: &str, quantity: &str) -> String {
        let [list, effective, quantity] = [list, effective, quantity].map(|text| text.parse().unwrap());
        inferred_rate(&list, &effective, &quantity, &PUBLISHED)
            .map_or("-".to_owned(), |rate| rate.to_string())
    }

    #[test]
    fn the_published_prices_show_their_rate() {
        // effective-unit-price-calculation: 0.868 with 15 %, month to date.
        assert_eq!(inferred("0.868", "0.737586206896552", "29"), "0.15");
        assert_eq!(inferred("0.868", "0.737757626107858", "210.950039"), "0.15");
        assert_eq!(inferred("0.868", "0.737782122900436", "555.950039"), "0.15");
        // modern-invoice-reconciliation-file: exact, though less than a cent.
        assert_eq!(inferred("0.045", "0.03825", "0.005001"), "0.15");
        assert_eq!(inferred("0.868", "0.868", "29"), "0");
        assert_eq!(inferred("0.868", "0.868", "-29"), "0");
    }

    #[test]
    fn what_is_not_sure_is_not_known() {
        // Both 0 and 15 % are within a cent.
        assert_eq!(inferred("0.045", "0.0383", "0.005001"), "-");
        // Another discount, none of ours.
        assert_eq!(inferred("0.868", "0.7812", "29"), "-");
        assert_eq!(inferred("0", "0", "29"), "-");
    }
}
