//! Which columns of a table make which fields of a usage line, and how.

use azure_pec::Field;

use crate::error::Fault;
use crate::field_set::FieldSet;
use crate::focus::Focus;
use crate::header::Header;
use crate::json_records::Names;
use crate::kind::Kind;
use crate::observed::Observed;
use crate::table::Fields;
use crate::value;

/// What a usage file's columns mean.
pub(crate) struct Mapping {
    pub kind: Kind,
    pub date: usize,
    pub quantity: usize,
    pub list_price: Option<usize>,
    pub columns: Vec<Column>,
    /// The rate that Microsoft applied, where it is wanted.
    pub observed: Option<Observed>,
    /// What FOCUS says in other words than the rest.
    pub focus: Option<Box<Focus>>,
}

/// One field, the column it is read from, and how.
pub(crate) struct Column {
    pub field: Field,
    pub index: usize,
    rule: Rule,
    memo: Memo,
}

/// How a column's text becomes a field's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// As it stands.
    Text,
    /// `NULL` and the GUID of zeros are empty.
    Id,
    /// What is no GUID is empty.
    Guid,
    /// The GUID that a line is placed by, or nothing; anything else rejects the line. What is expected, in words.
    Placing(&'static str),
    /// The product's part of product and SKU in one.
    Product,
    /// The SKU's part of it.
    Sku,
    /// The subscription in a resource's path.
    SubscriptionOfPath,
    /// A number in plain digits.
    Number,
    /// A percentage in plain digits, without the sign.
    Percentage,
    /// A percentage in plain digits, out of a fraction up to 1.
    PercentageOfFraction,
    /// A day, as 2026-10-31; nothing for one that stands for none.
    Date,
    /// The subscription named last in a path, or a GUID alone.
    LastGuid,
    /// `Credit` for customer credits, `Usage` for all else.
    UsageOrCredit,
}

/// The last text of a column and what was made of it: rates and prices repeat from line to line.
#[derive(Default)]
struct Memo {
    text: String,
    made: String,
}

impl Memo {
    fn make<T: ToString>(&mut self, text: &str, make: fn(&str) -> Result<T, Fault>) -> Result<&str, Fault> {
        if text.is_empty() {
            return Ok("");
        }
        if self.text != text {
            self.made = make(text)?.to_string();
            text.clone_into(&mut self.text);
        }
        Ok(&self.made)
    }
}

impl Column {
    /// The field's text in a record; where it fails, the column at fault.
    pub fn value<'a>(&'a mut self, fields: &Fields<'a>) -> Result<&'a str, (Fault, usize)> {
        let index = self.index;
        let text = fields.get(index).map_err(|fault| (fault, index))?;
        self.made(text).map_err(|fault| (fault, index))
    }

    /// What becomes of a text of the column.
    pub fn made<'a>(&'a mut self, text: &'a str) -> Result<&'a str, Fault> {
        match self.rule {
            Rule::Text => Ok(text),
            Rule::Id => Ok(value::id(text)),
            Rule::Guid => Ok(value::guid(text)),
            Rule::Placing(expected) => value::placing(text, expected),
            Rule::Product => Ok(value::product_and_sku(text).0),
            Rule::Sku => Ok(value::product_and_sku(text).1),
            Rule::SubscriptionOfPath => Ok(value::subscription_of(text)),
            Rule::Number => self.memo.make(text, value::number),
            Rule::Percentage => self.memo.make(text, value::percentage),
            Rule::PercentageOfFraction => self.memo.make(text, value::percentage_of_fraction),
            Rule::Date => self.memo.make(text, date),
            Rule::LastGuid => Ok(value::last_guid(text)),
            Rule::UsageOrCredit => Ok(usage_or_credit(text)),
        }
    }
}

/// A day as text; empty for 0001-01-01 and 9999-12-31.
fn date(text: &str) -> Result<String, Fault> {
    Ok(value::price_start(text)?.map(|time| time.day().to_string()).unwrap_or_default())
}

fn usage_or_credit(text: &str) -> &'static str {
    let credit = ["credit", "customercredit"].iter().any(|name| text.eq_ignore_ascii_case(name));
    if credit { "Credit" } else { "Usage" }
}

/// A field, how it is read, and the names of its column, the usual one first.
pub(crate) type Line = (Field, Rule, &'static [&'static str]);

/// The columns of a format.
pub(crate) struct Layout {
    pub kind: Kind,
    pub date: &'static [&'static str],
    pub quantity: &'static [&'static str],
    pub list_price: &'static [&'static str],
    /// Without these columns no answer can be given; they must be there whatever is wanted.
    pub needed: &'static [&'static [&'static str]],
    pub lines: &'static [Line],
}

impl Layout {
    /// Finds the columns of the wanted fields.
    ///
    /// A list price column that is not there leaves every list price empty: a price list may give it.
    pub fn map(&self, header: &Header, wanted: FieldSet) -> Result<Mapping, Fault> {
        let kind = self.kind.name();
        for names in self.needed {
            header.need(kind, names)?;
        }
        let mut mapping = Mapping {
            kind: self.kind,
            date: header.need(kind, self.date)?,
            quantity: header.need(kind, self.quantity)?,
            list_price: header.find(self.list_price)?,
            columns: Vec::new(),
            observed: None,
            focus: None,
        };
        for (field, rule, names) in self.lines {
            if wanted.contains(*field)
                && let Some(index) = header.find(names)?
            {
                mapping.add(*field, index, *rule);
            }
        }
        Ok(mapping)
    }
}

impl Layout {
    /// The columns that JSON of this format may have, by their names.
    pub fn columns(&self, more: &[Names]) -> Vec<Names> {
        let own = [self.date, self.quantity, self.list_price];
        own.into_iter()
            .chain(self.lines.iter().map(|(.., names)| *names))
            .chain(more.iter().copied())
            .collect()
    }
}

impl Mapping {
    /// The columns that are read.
    pub fn used(&self) -> Vec<usize> {
        let lines = self.columns.iter().map(|column| column.index);
        let observed = self.observed.iter().flat_map(Observed::columns);
        let focus = self.focus.iter().flat_map(|focus| focus.columns());
        let own = [self.date, self.quantity].into_iter().chain(self.list_price);
        own.chain(lines).chain(observed).chain(focus).collect()
    }

    /// Reads a field from a column.
    pub fn add(&mut self, field: Field, index: usize, rule: Rule) {
        self.columns.push(Column { field, index, rule, memo: Memo::default() });
    }
}
