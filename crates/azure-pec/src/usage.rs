//! Usage lines, one by one and in columns.

use std::sync::atomic::{AtomicU64, Ordering};

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::day::Day;
use crate::error::Error;
use crate::ids::{Guid, SubscriptionId};
use crate::scope::Scope;

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident $name:ident,)*) => {
        /// The texts of a usage line. Every reader maps its columns to these; nothing else knows a column's name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Field { $($(#[$doc])* $variant,)* }

        impl Field {
            /// Every field.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in documents and tables.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($name)),* }
            }
        }

        /// One usage line. Absent texts are empty.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct UsageLine {
            /// The day of the usage.
            pub date: Day,
            /// In units of measure; negative for corrections.
            pub quantity: Amount,
            /// For one unit of measure, in the pricing currency, before any credit.
            #[serde(default)]
            pub list_price: Option<Amount>,
            $($(#[$doc])* #[serde(default, skip_serializing_if = "String::is_empty")] pub $name: String,)*
        }

        impl UsageLine {
            /// A line of a day and a quantity, everything else empty.
            #[must_use]
            pub fn new(date: Day, quantity: Amount) -> Self {
                Self { date, quantity, list_price: None, $($name: String::new(),)* }
            }

            /// Checks the ids that a line is placed by.
            ///
            /// # Errors
            /// `id.invalid` where a subscription or customer is named by something that is no GUID.
            pub fn check(&self) -> Result<(), Error> {
                check_ids(|field| self.text(field))
            }

            /// The text of a field.
            #[must_use]
            pub fn text(&self, field: Field) -> &str {
                match field { $(Field::$variant => &self.$name),* }
            }

            fn set_text(&mut self, field: Field, text: String) {
                match field { $(Field::$variant => self.$name = text),* }
            }

            /// Where the line stands: its resource, else its resource group, else its subscription.
            #[must_use]
            pub fn scope(&self) -> Option<Scope> {
                line_scope(&|field| self.text(field))
            }
        }
    };
}

fields! {
    /// The customer's tenant.
    CustomerId customer_id,
    /// The customer's name.
    CustomerName customer_name,
    /// The reseller that the line names (MPN id).
    ResellerId reseller_id,
    /// The tenant of the partner that is billed.
    PartnerTenantId partner_tenant_id,
    /// The Azure plan.
    PlanId plan_id,
    /// The plan's name: `Azure plan`.
    PlanName plan_name,
    /// The Azure subscription.
    SubscriptionId subscription_id,
    /// Its name.
    SubscriptionName subscription_name,
    /// The resource group's name.
    ResourceGroup resource_group,
    /// The resource's path.
    ResourceId resource_id,
    /// The meter; mostly a GUID.
    MeterId meter_id,
    /// Its name.
    MeterName meter_name,
    /// The service, as cost analysis groups by it.
    Service service,
    /// Partner Center's product id.
    ProductId product_id,
    /// Partner Center's SKU id.
    SkuId sku_id,
    /// The SKU's title.
    SkuName sku_name,
    /// Usage, Purchase, Refund ...; empty is usage.
    ChargeType charge_type,
    /// OnDemand, Reservation, SavingsPlan, Spot.
    PricingModel pricing_model,
    /// The benefit that pays: Reservation, SavingsPlan.
    BenefitType benefit_type,
    /// The reservation that pays.
    ReservationId reservation_id,
    /// Microsoft, Azure, Marketplace.
    PublisherType publisher_type,
    /// The publisher.
    PublisherName publisher_name,
    /// `marketplace` or `one_time`.
    BillingProvider billing_provider,
    /// 100 where an Azure credit pays.
    CreditPercentage credit_percentage,
    /// The invoice.
    InvoiceId invoice_id,
    /// The pricing currency; empty is USD.
    Currency currency,
    /// The currency of the invoice.
    BillingCurrency billing_currency,
    /// Pricing to billing currency.
    ExchangeRate exchange_rate,
    /// The rate that Microsoft applied, such as 0.15; empty where the format does not say.
    ObservedRate observed_rate,
    /// How that rate is known: `stated` by the line, or `inferred` from its prices.
    ObservedBasis observed_basis,
    /// `billing` where list price and currency are the billing currency's, since no exact way leads back to the pricing
    /// currency; empty else.
    PriceBasis price_basis,
    /// `block_size` where the quantity contradicts the line's own list cost, as one does that was divided by the size
    /// of its pricing block; empty else.
    QuantityDoubt quantity_doubt,
    /// Partner Center's availability id.
    AvailabilityId availability_id,
    /// The unit of measure that quantity and price are in, as it is written.
    Unit unit,
    /// What a unit came to after credit, tiers and rounding, in the pricing currency (FOCUS: in the billing currency).
    EffectiveUnitPrice effective_unit_price,
    /// The line's total before tax in the pricing currency.
    PricingTotal pricing_total,
    /// The line's total before tax in the billing currency.
    BillingTotal billing_total,
    /// The day of the exchange rate, as 2026-10-31.
    ExchangeRateDate exchange_rate_date,
    /// The invoice that a refund corrects.
    PreviousInvoiceId previous_invoice_id,
}

/// Checks the ids that a line is placed by.
fn check_ids<'t>(text: impl Fn(Field) -> &'t str) -> Result<(), Error> {
    for (field, expected) in
        [(Field::SubscriptionId, "a subscription id (GUID)"), (Field::CustomerId, "a tenant id (GUID)")]
    {
        let id = text(field).trim();
        if !id.is_empty() && Guid::parse(id.as_bytes()).is_none() {
            return Err(Error::IdInvalid { expected, found: id.to_owned() });
        }
    }
    Ok(())
}

/// The number of fields.
const FIELDS: usize = Field::ALL.len();

/// A text of a batch: its place in the batch's [`TextPool`]. The empty text is [`TextId::EMPTY`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TextId(u32);

impl TextId {
    /// The empty text.
    pub const EMPTY: Self = Self(0);

    /// Its place in the pool.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Whether the text is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Each distinct text once. Memory follows the number of distinct texts, never that of lines.
#[derive(Debug)]
pub struct TextPool {
    texts: IndexSet<Box<str>, FxBuildHasher>,
    id: u64,
}

static NEXT_POOL: AtomicU64 = AtomicU64::new(0);

impl Default for TextPool {
    fn default() -> Self {
        let mut texts = IndexSet::default();
        texts.insert(Box::from(""));
        Self { texts, id: NEXT_POOL.fetch_add(1, Ordering::Relaxed) }
    }
}

impl TextPool {
    /// Tells this pool from every other of the process, so that what was worked out for its texts can be kept.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// The number of distinct texts, the empty one included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether it holds only the empty text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.len() <= 1
    }

    /// The place of a text, which is put in where it is new.
    pub fn intern(&mut self, text: &str) -> TextId {
        if text.is_empty() {
            return TextId::EMPTY;
        }
        let at = match self.texts.get_index_of(text) {
            Some(at) => at,
            None => self.texts.insert_full(Box::from(text)).0,
        };
        // Four thousand million distinct texts do not fit the memory of any machine this runs on.
        TextId(u32::try_from(at).unwrap_or(0))
    }

    /// The text at a place; empty for a place of another pool.
    #[must_use]
    pub fn get(&self, id: TextId) -> &str {
        self.texts.get_index(id.index()).map_or("", |text| text)
    }
}

/// Lines in columns of one length: what [`UsageBatch::append`] takes.
#[derive(Debug, Clone, Copy)]
pub struct LineColumns<'a> {
    /// The days.
    pub dates: &'a [Day],
    /// The quantities, in units of measure.
    pub quantities: &'a [Amount],
    /// The list prices of the lines themselves, in the pricing currency for one unit.
    pub list_prices: &'a [Option<Amount>],
    /// The lines of the file at which the records start.
    pub lines: &'a [u64],
    /// The texts of some fields.
    pub texts: &'a [(Field, &'a [TextId])],
}

/// Usage lines in columns: what readers fill and the calculator answers.
///
/// Texts are ids into one pool, which outlives [`clear`](UsageBatch::clear): a reader fills the same batch again and
/// again, and a text that comes back costs one look-up. A field that a file does not have stays an empty column.
#[derive(Debug)]
pub struct UsageBatch {
    texts: TextPool,
    dates: Vec<Day>,
    quantities: Vec<Amount>,
    list_prices: Vec<Option<Amount>>,
    lines: Vec<u64>,
    columns: [Vec<TextId>; FIELDS],
    row: Row,
}

/// The row that is being put together: its texts, and a bit for each that is not empty.
#[derive(Debug, Clone)]
struct Row {
    texts: [TextId; FIELDS],
    set: u64,
}

// One bit a field.
const _: () = assert!(FIELDS <= 64);

impl Default for Row {
    fn default() -> Self {
        Self { texts: [TextId::EMPTY; FIELDS], set: 0 }
    }
}

impl Default for UsageBatch {
    fn default() -> Self {
        Self {
            texts: TextPool::default(),
            dates: Vec::new(),
            quantities: Vec::new(),
            list_prices: Vec::new(),
            lines: Vec::new(),
            columns: std::array::from_fn(|_| Vec::new()),
            row: Row::default(),
        }
    }
}

impl UsageBatch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The pool of its texts.
    #[must_use]
    pub const fn texts(&self) -> &TextPool {
        &self.texts
    }

    /// The number of lines.
    #[must_use]
    pub fn len(&self) -> usize {
        self.dates.len()
    }

    /// Whether it holds no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.dates.is_empty()
    }

    /// Takes the lines out and keeps the texts.
    pub fn clear(&mut self) {
        self.dates.clear();
        self.quantities.clear();
        self.list_prices.clear();
        self.lines.clear();
        self.columns.iter_mut().for_each(Vec::clear);
    }

    /// The pool of its texts, to put texts in for [`append`](UsageBatch::append).
    pub const fn texts_mut(&mut self) -> &mut TextPool {
        &mut self.texts
    }

    /// Adds lines column by column: what readers of columns use, and the fastest way in. Texts are ids of this batch's
    /// own pool ([`texts_mut`](UsageBatch::texts_mut)); a field that is not given, or whose column ends early, is empty
    /// from there on. No line may be half [`set`](UsageBatch::set).
    ///
    /// # Errors
    /// `usage.arguments` where days, quantities, list prices and line numbers are not equally many, or a column of texts
    /// has more; nothing is added then.
    pub fn append(&mut self, lines: &LineColumns<'_>) -> Result<(), Error> {
        let (before, count) = (self.dates.len(), lines.dates.len());
        let lengths = [lines.quantities.len(), lines.list_prices.len(), lines.lines.len()];
        let longest = lines.texts.iter().map(|(_, column)| column.len()).max().unwrap_or(0);
        if lengths.iter().any(|length| *length != count) || longest > count {
            return Err(Error::UsageColumns { lines: count });
        }
        self.dates.extend_from_slice(lines.dates);
        self.quantities.extend_from_slice(lines.quantities);
        self.list_prices.extend_from_slice(lines.list_prices);
        self.lines.extend_from_slice(lines.lines);
        for (field, ids) in lines.texts {
            // Texts behind the end of a column are empty.
            if let Some(column) = self.columns.get_mut(*field as usize).filter(|_| !ids.is_empty()) {
                column.resize(before, TextId::EMPTY);
                column.extend_from_slice(ids);
            }
        }
        Ok(())
    }

    /// Takes out the lines of days that are not wanted, and says how many went.
    pub fn retain_days(&mut self, wanted: impl Fn(Day) -> bool) -> usize {
        if self.dates.iter().all(|day| wanted(*day)) {
            return 0;
        }
        let keep: Vec<bool> = self.dates.iter().map(|day| wanted(*day)).collect();
        retain(&mut self.dates, &keep);
        retain(&mut self.quantities, &keep);
        retain(&mut self.list_prices, &keep);
        retain(&mut self.lines, &keep);
        self.columns.iter_mut().for_each(|column| retain(column, &keep));
        keep.len() - self.dates.len()
    }

    /// Sets a text of the line that the next [`push`](UsageBatch::push) ends.
    pub fn set(&mut self, field: Field, text: &str) {
        let id = self.texts.intern(text);
        if let Some(place) = self.row.texts.get_mut(field as usize) {
            *place = id;
            self.row.set |= 1 << field as u8;
        }
    }

    /// Ends a line: the texts set since the last one, its day, quantity, list price, and the line of the file at
    /// which it starts.
    pub fn push(&mut self, date: Day, quantity: Amount, list_price: Option<Amount>, line: u64) {
        let before = self.dates.len();
        // Only fields that were set are looked at: one that nobody wants costs nothing.
        while self.row.set != 0 {
            let at = self.row.set.trailing_zeros() as usize;
            self.row.set &= self.row.set - 1;
            let id = self.row.texts.get_mut(at).map(std::mem::take).unwrap_or_default();
            // Texts behind the end of a column are empty: a field that a file does not have costs nothing.
            if let Some(column) = self.columns.get_mut(at).filter(|_| !id.is_empty()) {
                column.resize(before, TextId::EMPTY);
                column.push(id);
            }
        }
        self.dates.push(date);
        self.quantities.push(quantity);
        self.list_prices.push(list_price);
        self.lines.push(line);
    }

    /// Forgets the texts set since the last line: the line was rejected.
    pub fn discard(&mut self) {
        self.row = Row::default();
    }

    /// Adds one line.
    pub fn push_line(&mut self, line: &UsageLine, number: u64) {
        for field in Field::ALL {
            self.set(*field, line.text(*field));
        }
        self.push(line.date, line.quantity.clone(), line.list_price.clone(), number);
    }

    /// The days.
    #[must_use]
    pub fn dates(&self) -> &[Day] {
        &self.dates
    }

    /// The quantities.
    #[must_use]
    pub fn quantities(&self) -> &[Amount] {
        &self.quantities
    }

    /// The list prices of the lines themselves.
    #[must_use]
    pub fn list_prices(&self) -> &[Option<Amount>] {
        &self.list_prices
    }

    /// The lines of the file at which the records start.
    #[must_use]
    pub fn lines(&self) -> &[u64] {
        &self.lines
    }

    /// The text id of a field of a line.
    #[must_use]
    pub fn id(&self, field: Field, row: usize) -> TextId {
        self.columns.get(field as usize).and_then(|column| column.get(row)).copied().unwrap_or_default()
    }

    /// The columns of some fields, to be asked for one line after the other.
    pub(crate) fn columns<const N: usize>(&self, fields: [Field; N]) -> Columns<'_, N> {
        Columns(fields.map(|field| self.columns.get(field as usize).map(Vec::as_slice).unwrap_or_default()))
    }

    /// The text of a field of a line.
    #[must_use]
    pub fn text(&self, field: Field, row: usize) -> &str {
        self.texts.get(self.id(field, row))
    }

    /// How many lines have a text in a field.
    #[must_use]
    pub fn count(&self, field: Field) -> usize {
        self.columns.get(field as usize).map_or(0, |column| column.iter().filter(|id| !id.is_empty()).count())
    }

    /// A line on its own.
    #[must_use]
    pub fn line(&self, row: usize) -> Option<UsageLine> {
        let mut line = UsageLine::new(*self.dates.get(row)?, self.quantities.get(row)?.clone());
        line.list_price = self.list_prices.get(row)?.clone();
        for field in Field::ALL {
            line.set_text(*field, self.text(*field, row).to_owned());
        }
        Some(line)
    }

    /// Where a line stands: its resource, else its resource group, else its subscription.
    #[must_use]
    pub fn scope(&self, row: usize) -> Option<Scope> {
        line_scope(&|field| self.text(field, row))
    }
}

/// Some columns of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns<'b, const N: usize>([&'b [TextId]; N]);

impl<const N: usize> Columns<'_, N> {
    /// The ids of a line.
    pub fn ids(&self, row: usize) -> [TextId; N] {
        self.0.map(|column| column.get(row).copied().unwrap_or_default())
    }
}

/// Keeps the items that are marked; a column that was never set has none.
fn retain<T>(items: &mut Vec<T>, keep: &[bool]) {
    let mut marks = keep.iter();
    items.retain(|_| marks.next().copied().unwrap_or(false));
}

/// Where a line stands: its resource, else its resource group, else its subscription.
pub(crate) fn line_scope<'t>(text: &impl Fn(Field) -> &'t str) -> Option<Scope> {
    let resource = text(Field::ResourceId);
    if !resource.is_empty()
        && let Ok(scope) = resource.parse::<Scope>()
        && scope.subscription_id().is_some()
    {
        return Some(scope);
    }
    let subscription: SubscriptionId = text(Field::SubscriptionId).parse().ok()?;
    if subscription.0 == Guid::NIL {
        return None;
    }
    let group = text(Field::ResourceGroup).trim();
    if group.is_empty() {
        return Some(Scope::subscription(subscription));
    }
    Scope::resource_group(subscription, group).ok().or_else(|| Some(Scope::subscription(subscription)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_other_days_go_with_all_their_columns() {
        let mut batch = UsageBatch::new();
        for (at, group) in ["", "a", "", "b"].into_iter().enumerate() {
            batch.set(Field::ResourceGroup, group);
            batch.push(Day::from_number(at as i32), Amount::from(at as i64), None, at as u64);
        }
        assert_eq!(batch.retain_days(|day| day.number() % 3 == 0), 2);
        let left: Vec<_> =
            (0..2).map(|row| (batch.lines()[row], batch.text(Field::ResourceGroup, row))).collect();
        assert_eq!((batch.len(), left), (2, vec![(0, ""), (3, "b")]));
    }

    #[test]
    fn columns_are_added_whole_or_not_at_all() {
        let mut batch = UsageBatch::new();
        let day = Day::from_number(20_000);
        batch.push(day, Amount::ONE, None, 2);
        let ids = ["a", "b"].map(|text| batch.texts_mut().intern(text));
        let two = LineColumns {
            dates: &[day, day],
            quantities: &[Amount::ONE, Amount::ZERO],
            list_prices: &[None, Some(Amount::ONE)],
            lines: &[3, 4],
            texts: &[(Field::PlanId, &ids), (Field::MeterId, &ids[..1])],
        };
        batch.append(&two).unwrap();
        for wrong in [
            LineColumns { lines: &[3], ..two },
            LineColumns { dates: &[day], ..two },
            LineColumns { dates: &[], quantities: &[], list_prices: &[], lines: &[], ..two },
        ] {
            assert_eq!(batch.append(&wrong).unwrap_err().code(), "usage.arguments");
        }
        batch.push(day, Amount::ONE, None, 5);
        let plans: Vec<_> = (0..4).map(|row| batch.text(Field::PlanId, row)).collect();
        let meters: Vec<_> = (0..4).map(|row| batch.text(Field::MeterId, row)).collect();
        assert_eq!((batch.len(), batch.lines()), (4, &[2, 3, 4, 5][..]));
        assert_eq!((plans, meters), (vec!["", "a", "b", ""], vec!["", "a", "", ""]));
    }

    #[test]
    fn columns_keep_each_line_to_itself() {
        let day = Day::from_number(20_000);
        let mut batch = UsageBatch::new();
        for (at, (group, plan)) in [("", ""), ("rg1", ""), ("", "p"), ("rg1", "p")].into_iter().enumerate() {
            batch.set(Field::ResourceGroup, group);
            batch.set(Field::PlanId, plan);
            if at == 2 {
                batch.discard();
                batch.set(Field::PlanId, "q");
            }
            batch.push(day, Amount::ONE, None, at as u64);
        }
        let read: Vec<_> = (0..4)
            .map(|row| (batch.text(Field::ResourceGroup, row), batch.text(Field::PlanId, row)))
            .collect();
        assert_eq!(read, [("", ""), ("rg1", ""), ("", "q"), ("rg1", "p")]);
        let known = batch.texts().len();
        batch.clear();
        batch.set(Field::PlanId, "p");
        batch.push(day, Amount::ONE, None, 9);
        assert_eq!((batch.len(), batch.text(Field::PlanId, 0), batch.texts().len()), (1, "p", known));
    }
}
