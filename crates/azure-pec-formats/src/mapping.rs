//! Which columns of a table make which fields of a usage line, and how.

use std::borrow::Cow;

use azure_pec::{Amount, Field};

use crate::error::Fault;
use crate::field_set::FieldSet;
use crate::focus::Focus;
use crate::header::Header;
use crate::json_records::Names;
use crate::kind::Kind;
use crate::observed::Observed;
use crate::value;

/// What a usage file's columns mean.
pub(crate) struct Mapping {
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
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub field: Field,
    pub index: usize,
    pub rule: Rule,
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

impl Rule {
    /// The field's text out of a column's.
    pub fn make<'t>(self, text: &'t str) -> Result<Cow<'t, str>, Fault> {
        let made = |make: Result<Amount, Fault>| Ok(Cow::Owned(make?.to_string()));
        match self {
            Self::Number | Self::Percentage | Self::PercentageOfFraction | Self::Date if text.is_empty() => {
                Ok(Cow::Borrowed(""))
            }
            Self::Text => Ok(Cow::Borrowed(text)),
            Self::Id => Ok(Cow::Borrowed(value::id(text))),
            Self::Guid => Ok(Cow::Borrowed(value::guid(text))),
            Self::Placing(expected) => value::placing(text, expected).map(Cow::Borrowed),
            Self::Product => Ok(Cow::Borrowed(value::product_and_sku(text).0)),
            Self::Sku => Ok(Cow::Borrowed(value::product_and_sku(text).1)),
            Self::SubscriptionOfPath => Ok(Cow::Borrowed(value::subscription_of(text))),
            Self::Number => made(value::number(text)),
            Self::Percentage => made(value::percentage(text)),
            Self::PercentageOfFraction => made(value::percentage_of_fraction(text)),
            Self::Date => date(text).map(Cow::Owned),
            Self::LastGuid => Ok(Cow::Borrowed(value::last_guid(text))),
            Self::UsageOrCredit => Ok(Cow::Borrowed(usage_or_credit(text))),
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
        [self.date, self.quantity].into_iter().chain(self.list_price).chain(lines).chain(observed).collect()
    }

    /// The columns that are looked at record by record; none where every field has a column of its own.
    pub fn by_record(&self) -> Vec<usize> {
        let observed = self.observed.iter().flat_map(Observed::columns);
        let focus = self.focus.iter().flat_map(|focus| focus.columns().chain([self.quantity]));
        observed.chain(focus).collect()
    }

    /// Reads a field from a column.
    pub fn add(&mut self, field: Field, index: usize, rule: Rule) {
        self.columns.push(Column { field, index, rule });
    }
}
