//! Usage lines in columns.

use crate::amount::Amount;
use crate::bundle::{Bundle, Combination, Combined};
use crate::day::Day;
use crate::error::Error;
use crate::scope::Scope;
use crate::text_pool::{TextId, TextPool};
use crate::usage::{FIELDS, Field, UsageLine, line_scope};

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
    /// The texts of whole bundles, as [`combine`](UsageBatch::combine) tells them; then none of their fields is among
    /// `texts`.
    pub combinations: &'a [(Bundle, &'a [Combination])],
}

/// Usage lines in columns: what readers fill and the calculator answers.
///
/// Texts are ids into one pool, which outlives [`clear`](UsageBatch::clear): a reader fills the same batch again and
/// again, and a text that comes back costs one look-up. A field that a file does not have stays an empty column. Fields
/// of a [`Bundle`] have one column of combinations together.
#[derive(Debug)]
pub struct UsageBatch {
    texts: TextPool,
    dates: Vec<Day>,
    quantities: Vec<Amount>,
    list_prices: Vec<Option<Amount>>,
    lines: Vec<u64>,
    columns: [Vec<TextId>; FIELDS],
    bundles: [Combined; Bundle::ALL.len()],
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
            bundles: Bundle::ALL.map(Combined::new),
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
        self.bundles.iter_mut().for_each(|bundle| bundle.rows.clear());
    }

    /// How much it remembers from batch to batch: the number of its texts and of their combinations.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.texts.len() + self.bundles.iter().map(Combined::len).sum::<usize>()
    }

    /// About the bytes that takes.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.texts.memory() + self.bundles.iter().map(Combined::memory).sum::<usize>()
    }

    /// The combination of the texts of a bundle's fields, in their order, for [`append`](UsageBatch::append). Texts that
    /// are not given are empty.
    pub fn combine(&mut self, bundle: Bundle, texts: &[TextId]) -> Combination {
        self.bundles.get_mut(bundle as usize).map(|known| known.combination(texts)).unwrap_or_default()
    }

    /// Adds the combination of each line to `found`: all that [`combine`](UsageBatch::combine) says of the texts of lines,
    /// one line behind the other, each with a text for every field of the bundle. Look-ups that wait for memory wait
    /// together.
    pub fn combine_all(&mut self, bundle: Bundle, texts: &[TextId], found: &mut Vec<Combination>) {
        if let Some(known) = self.bundles.get_mut(bundle as usize) {
            known.combinations(texts, found);
        }
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
    /// `usage.arguments` where days, quantities, list prices, line numbers and combinations are not equally many, a column
    /// of texts has more, or a field is given both by its texts and in a bundle; nothing is added then.
    pub fn append(&mut self, lines: &LineColumns<'_>) -> Result<(), Error> {
        let (before, count) = (self.dates.len(), lines.dates.len());
        let combined = lines.combinations.iter().map(|(_, column)| column.len());
        let lengths = [lines.quantities.len(), lines.list_prices.len(), lines.lines.len()];
        let longest = lines.texts.iter().map(|(_, column)| column.len()).max().unwrap_or(0);
        let twice = lines.combinations.iter().any(|(bundle, _)| {
            lines.texts.iter().any(|(field, _)| Bundle::of(*field).is_some_and(|(of, _)| of == *bundle))
        });
        if lengths.into_iter().chain(combined).any(|length| length != count) || longest > count || twice {
            return Err(Error::UsageColumns { lines: count });
        }
        self.dates.extend_from_slice(lines.dates);
        self.quantities.extend_from_slice(lines.quantities);
        self.list_prices.extend_from_slice(lines.list_prices);
        self.lines.extend_from_slice(lines.lines);
        for (field, ids) in lines.texts.iter().filter(|(field, _)| Bundle::of(*field).is_none()) {
            // Texts behind the end of a column are empty.
            if let Some(column) = self.columns.get_mut(*field as usize).filter(|_| !ids.is_empty()) {
                column.resize(before, TextId::EMPTY);
                column.extend_from_slice(ids);
            }
        }
        for known in &mut self.bundles {
            match lines.combinations.iter().find(|(bundle, _)| *bundle == known.bundle()) {
                Some((_, column)) => known.rows.extend_from_slice(column),
                None => {
                    let column = |field: &Field| {
                        let given = lines.texts.iter().find(|(known, _)| known == field);
                        given.map(|(_, ids)| *ids).unwrap_or_default()
                    };
                    let columns: Vec<&[TextId]> = known.bundle().fields().iter().map(column).collect();
                    known.append(&columns, count);
                }
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
        self.bundles.iter_mut().for_each(|bundle| retain(&mut bundle.rows, &keep));
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
        let texts = &mut self.row.texts;
        for known in &mut self.bundles {
            let fields = known.bundle().fields();
            let take = |field: &Field| texts.get_mut(*field as usize).map(std::mem::take).unwrap_or_default();
            let ids: Vec<TextId> = fields.iter().map(take).collect();
            let combination = known.combination(&ids);
            known.rows.push(combination);
        }
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
        match Bundle::of(field) {
            Some((bundle, at)) => self.bundle(bundle).map(|known| known.id(at, row)).unwrap_or_default(),
            None => {
                let column = self.columns.get(field as usize);
                column.and_then(|column| column.get(row)).copied().unwrap_or_default()
            }
        }
    }

    /// The combination of a bundle's texts in a line.
    #[must_use]
    pub fn combination(&self, bundle: Bundle, row: usize) -> Combination {
        self.bundle(bundle).map(|known| known.at(row)).unwrap_or_default()
    }

    /// The combinations of a bundle's texts in all lines; those beyond the last are empty.
    pub(crate) fn combinations(&self, bundle: Bundle) -> &[Combination] {
        self.bundle(bundle).map(|known| known.rows.as_slice()).unwrap_or_default()
    }

    /// The text of a field in a combination of its bundle; empty for a field that stands alone.
    #[must_use]
    pub fn text_of(&self, field: Field, combination: Combination) -> &str {
        let id = Bundle::of(field).and_then(|(bundle, at)| Some(self.bundle(bundle)?.id_of(at, combination)));
        self.texts.get(id.unwrap_or_default())
    }

    fn bundle(&self, bundle: Bundle) -> Option<&Combined> {
        self.bundles.get(bundle as usize)
    }

    /// The text of a field of a line.
    #[must_use]
    pub fn text(&self, field: Field, row: usize) -> &str {
        self.texts.get(self.id(field, row))
    }

    /// How many lines have a text in a field.
    #[must_use]
    pub fn count(&self, field: Field) -> usize {
        match Bundle::of(field) {
            Some((bundle, at)) => self.bundle(bundle).map_or(0, |known| known.count(at)),
            None => {
                let column = self.columns.get(field as usize);
                column.map_or(0, |column| column.iter().filter(|id| !id.is_empty()).count())
            }
        }
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

/// Keeps the items that are marked; a column that was never set has none.
fn retain<T>(items: &mut Vec<T>, keep: &[bool]) {
    let mut marks = keep.iter();
    items.retain(|_| marks.next().copied().unwrap_or(false));
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
            texts: &[(Field::PlanId, &ids), (Field::MeterId, &ids[..1]), (Field::Currency, &ids)],
            combinations: &[],
        };
        batch.append(&two).unwrap();
        for wrong in [
            LineColumns { lines: &[3], ..two },
            LineColumns { dates: &[day], ..two },
            LineColumns { dates: &[], quantities: &[], list_prices: &[], lines: &[], ..two },
        ] {
            assert_eq!(batch.append(&wrong).unwrap_err().code(), "usage.arguments");
        }
        batch.set(Field::PricingModel, "Spot");
        batch.push(day, Amount::ONE, None, 5);
        let models: Vec<_> = (0..4).map(|row| batch.text(Field::PricingModel, row)).collect();
        assert_eq!(models, ["", "", "", "Spot"]);
        let counted =
            [Field::PlanId, Field::MeterId, Field::PricingModel, Field::Currency, Field::CustomerId];
        assert_eq!(counted.map(|field| batch.count(field)), [2, 1, 1, 2, 0]);
        assert!(!batch.is_empty() && UsageBatch::new().is_empty());
        // Four texts, and of products, terms and places two, two and three combinations, the empty ones included.
        assert_eq!(batch.remembered(), 4 + 2 + 2 + 3);
        let plans: Vec<_> = (0..4).map(|row| batch.text(Field::PlanId, row)).collect();
        let meters: Vec<_> = (0..4).map(|row| batch.text(Field::MeterId, row)).collect();
        assert_eq!((batch.len(), batch.lines()), (4, &[2, 3, 4, 5][..]));
        assert_eq!((plans, meters), (vec!["", "a", "b", ""], vec!["", "a", "", ""]));
    }

    #[test]
    fn a_field_is_given_by_its_texts_or_in_a_bundle() {
        let field = |bundle: Bundle| bundle.fields()[0];
        let [one, other, ..] = Bundle::ALL;
        let mut batch = UsageBatch::new();
        let id = batch.texts_mut().intern("a");
        let made = batch.combine(one, &vec![id; one.fields().len()]);
        let day = Day::from_number(20_000);
        let line = LineColumns {
            dates: &[day],
            quantities: &[Amount::ONE],
            list_prices: &[None],
            lines: &[2],
            texts: &[(field(other), &[id])],
            combinations: &[(one, &[made])],
        };
        batch.append(&line).unwrap();
        let both = LineColumns { texts: &[(field(other), &[id]), (field(one), &[id])], ..line };
        assert_eq!(batch.append(&both).unwrap_err().code(), "usage.arguments");
        assert_eq!((batch.len(), batch.text(field(one), 0), batch.text(field(other), 0)), (1, "a", "a"));
    }

    #[test]
    fn combinations_of_many_lines_are_those_of_each() {
        let mut batches = [UsageBatch::new(), UsageBatch::new()];
        for bundle in Bundle::ALL {
            let width = bundle.fields().len();
            // Few texts, so that leaders come again with others beside them, in every order.
            let number = |at: usize| (at * at + at / 7) % 3;
            let texts = |batch: &mut UsageBatch| -> Vec<TextId> {
                (0..600 * width).map(|at| batch.texts_mut().intern(["", "a", "b"][number(at)])).collect()
            };
            let [one, all] = &mut batches;
            let (of_one, of_all) = (texts(one), texts(all));
            let expected: Vec<Combination> =
                of_one.chunks(width).map(|texts| one.combine(bundle, texts)).collect();
            let mut found = Vec::new();
            for some in of_all.chunks(width * 100) {
                all.combine_all(bundle, some, &mut found);
            }
            assert_eq!(found, expected);
            assert!(expected.iter().any(|made| made.index() > 1));
        }
    }

    #[test]
    fn columns_keep_each_line_to_itself() {
        let day = Day::from_number(20_000);
        let mut batch = UsageBatch::new();
        for (at, (group, plan)) in [("", ""), ("rg1", ""), ("rg2", "p"), ("rg1", "p")].into_iter().enumerate()
        {
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
