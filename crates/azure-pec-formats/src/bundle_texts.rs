//! What a bundle's columns become together where they come as dictionaries: told by the keys of a record, and for the first of
//! each by the texts of its columns side by side.

use std::ops::Range;

use azure_pec::{Bundle, Combination, TextId, TextPool, UsageBatch};

use crate::arrow_cells::Cells as Cell;
use crate::arrow_portion::ArrowPortion;
use crate::cells::{Cells, Dialect};
use crate::column_memo::ColumnMemo;
use crate::entry_ids::EntryIds;
use crate::error::Fault;
use crate::known_keys::KnownKeys;
use crate::mapping::Column;

/// Turns a bundle's columns into combinations of a batch. Memory follows the distinct texts.
pub(crate) struct BundleTexts {
    bundle: Bundle,
    columns: Vec<ColumnTexts>,
    /// Where they are, each once: two fields may be made of one.
    indices: Vec<usize>,
    known: KnownKeys<Combination>,
    /// Records that are not told by their keys.
    unknown: Vec<usize>,
    /// The texts of these, one record behind the other, and what they become together.
    texts: Vec<TextId>,
    made: Vec<Combination>,
    /// The places of those that cannot be read, why, and in which column.
    faulty: Vec<(usize, Fault, usize)>,
}

/// A column, and what its texts are.
struct ColumnTexts {
    column: Column,
    /// The place of its field in the bundle.
    place: usize,
    memo: ColumnMemo,
    entries: EntryIds,
    /// The texts of some records.
    ids: Vec<TextId>,
}

/// Records that are read together: their texts stay in the processor's cache.
const AT_ONCE: usize = 256;

impl BundleTexts {
    pub fn new(bundle: Bundle, columns: &[(Column, usize)], dialect: Dialect) -> Self {
        let texts = |(column, place): &(Column, usize)| ColumnTexts {
            column: *column,
            place: *place,
            memo: ColumnMemo::new(column.rule, dialect),
            entries: EntryIds::default(),
            ids: Vec::new(),
        };
        let mut indices: Vec<usize> = columns.iter().map(|(column, _)| column.index).collect();
        indices.sort_unstable();
        indices.dedup();
        Self {
            bundle,
            columns: columns.iter().map(texts).collect(),
            indices,
            known: KnownKeys::new(),
            unknown: Vec::new(),
            texts: Vec::new(),
            made: Vec::new(),
            faulty: Vec::new(),
        }
    }

    pub const fn bundle(&self) -> Bundle {
        self.bundle
    }

    /// About the bytes that it remembers.
    pub fn memory(&self) -> usize {
        let texts = self.columns.iter().map(|column| column.entries.memory() + column.memo.memory());
        self.known.memory() + texts.sum::<usize>()
    }

    /// Adds the combination of each record. Where a cell cannot be read, tells the record's place among these, the fault
    /// and the column, and adds the empty combination.
    pub fn fill(
        &mut self,
        cells: &ArrowPortion,
        rows: Range<usize>,
        batch: &mut UsageBatch,
        found: &mut Vec<Combination>,
        on_fault: &mut dyn FnMut(usize, Fault, usize),
    ) {
        let by_keys = self.known.begin(cells, &self.indices, batch.texts().id());
        let before = found.len();
        for start in rows.clone().step_by(AT_ONCE) {
            let some = start..rows.end.min(start + AT_ONCE);
            let own = found.len();
            self.unknown.clear();
            if by_keys {
                self.known.find(cells, some.clone(), found, &mut self.unknown);
            } else {
                self.unknown.extend(0..some.len());
                found.resize(own + some.len(), Combination::EMPTY);
            }
            self.read(cells, some, batch, &mut |at, fault, column| {
                on_fault(own - before + at, fault, column);
            });
            for (at, made) in self.unknown.iter().zip(&self.made) {
                found.get_mut(own + at).into_iter().for_each(|found| *found = *made);
            }
        }
    }

    /// Makes what the unknown ones among some records become, by their texts.
    fn read(
        &mut self,
        cells: &ArrowPortion,
        rows: Range<usize>,
        batch: &mut UsageBatch,
        on_fault: &mut dyn FnMut(usize, Fault, usize),
    ) {
        let Self { bundle, columns, known, unknown, texts, made, faulty, .. } = self;
        made.clear();
        if unknown.is_empty() {
            return;
        }
        let width = bundle.fields().len();
        texts.clear();
        texts.resize(unknown.len() * width, TextId::EMPTY);
        faulty.clear();
        for column in columns {
            let index = column.column.index;
            let mut on_fault = |at, fault| faulty.push((at, fault, index));
            if unknown.len() == rows.len() {
                column.read(cells, rows.clone(), batch.texts_mut(), &mut on_fault);
            } else {
                column.read_some(
                    cells,
                    unknown.iter().map(|at| rows.start + at),
                    batch.texts_mut(),
                    &mut on_fault,
                );
            }
            let places = texts.iter_mut().skip(column.place).step_by(width);
            // Of two columns of one field the later one counts where it has a text.
            for (place, id) in places.zip(&column.ids).filter(|(_, id)| !id.is_empty()) {
                *place = *id;
            }
        }
        // Record by record, as they are told of any file.
        faulty.sort_by_key(|(at, ..)| *at);
        for (at, ..) in &*faulty {
            texts.iter_mut().skip(at * width).take(width).for_each(|text| *text = TextId::EMPTY);
        }
        batch.combine_all(*bundle, texts, made);
        for (at, (record, made)) in unknown.iter().zip(&*made).enumerate() {
            // One that cannot be read is looked at each time.
            if faulty.binary_search_by_key(&at, |(at, ..)| *at).is_err() {
                known.learn(*record, *made);
            }
        }
        for (at, fault, column) in faulty.drain(..) {
            on_fault(unknown.get(at).copied().unwrap_or_default(), fault, column);
        }
    }
}

impl ColumnTexts {
    /// Reads records that stand side by side.
    fn read(
        &mut self,
        cells: &ArrowPortion,
        rows: Range<usize>,
        pool: &mut TextPool,
        on_fault: &mut dyn FnMut(usize, Fault),
    ) {
        let Self { column, memo, entries: known, ids, .. } = self;
        let Some(Cell::Entries(entries)) = cells.column(column.index) else {
            return self.read_some(cells, rows, pool, on_fault);
        };
        ids.clear();
        known.fill(entries, entries.keys(rows), memo, pool, ids, on_fault);
    }

    /// Reads some records.
    fn read_some(
        &mut self,
        cells: &ArrowPortion,
        rows: impl Iterator<Item = usize>,
        pool: &mut TextPool,
        on_fault: &mut dyn FnMut(usize, Fault),
    ) {
        let Self { column, memo, entries: known, ids, .. } = self;
        ids.clear();
        match cells.column(column.index) {
            Some(Cell::Entries(entries)) => {
                known.fill(entries, rows.map(|row| entries.key_or_beyond(row)), memo, pool, ids, on_fault);
            }
            _ => memo.fill(rows.map(|row| cells.cell_and_on(row, column.index)), pool, ids, on_fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::types::Int32Type;
    use arrow_array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
    use arrow_schema::{Field, Schema};
    use azure_pec::UsageLine;
    use proptest::prelude::*;

    use super::*;
    use crate::arrow_portion::header_of;
    use crate::combination_memo::tests::{QUOTED, Rows, mapping, row};
    use crate::further::Further;
    use crate::put::{Faulty, Putter};

    const COLUMNS: usize = 9;

    /// How a column comes.
    #[derive(Debug, Clone, Copy)]
    enum Form {
        Texts,
        /// As entries of a dictionary, with so many before them that no row names.
        Entries(usize),
        /// With an entry for each row, so that equal texts have several keys.
        Own,
    }

    fn form() -> impl Strategy<Value = Form> {
        prop_oneof![
            1 => Just(Form::Texts),
            6 => (0_usize..6000).prop_map(Form::Entries),
            1 => Just(Form::Own),
        ]
    }

    /// Empty texts are null.
    fn array(form: Form, texts: &[Option<&str>]) -> ArrayRef {
        match form {
            Form::Texts => Arc::new(StringArray::from(texts.to_vec())),
            Form::Entries(unused) => {
                let mut values: Vec<String> = (0..unused).map(|number| format!("unused {number}")).collect();
                let mut key = |text: &str| {
                    let place = values.iter().skip(unused).position(|value| value == text);
                    let place = place.map_or(values.len(), |place| unused + place);
                    if place == values.len() {
                        values.push(text.to_owned());
                    }
                    i32::try_from(place).unwrap()
                };
                let keys: Int32Array = texts.iter().map(|text| text.map(&mut key)).collect();
                Arc::new(DictionaryArray::<Int32Type>::new(keys, Arc::new(StringArray::from(values))))
            }
            Form::Own => {
                let keys = (0..).zip(texts).map(|(key, text): (i32, _)| text.map(|_| key));
                let keys: Int32Array = keys.collect();
                Arc::new(DictionaryArray::<Int32Type>::new(keys, Arc::new(StringArray::from(texts.to_vec()))))
            }
        }
    }

    fn batch(rows: &[Vec<String>], forms: &[Form]) -> RecordBatch {
        let column = |(at, form): (usize, &Form)| {
            let texts: Vec<_> =
                rows.iter().map(|row| Some(row[at].as_str()).filter(|text| !text.is_empty())).collect();
            let array = array(*form, &texts);
            (Field::new(at.to_string(), array.data_type().clone(), true), array)
        };
        let (fields, columns): (Vec<_>, Vec<_>) = forms.iter().enumerate().map(column).unzip();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
    }

    /// Adds what some records become to the lines and faults of those before them.
    fn add<C: Cells>(
        cells: &C,
        rows: Range<usize>,
        putter: &mut Putter,
        usage: &mut UsageBatch,
        (lines, faults): &mut (Vec<UsageLine>, Vec<Faulty>),
    ) {
        usage.clear();
        faults.extend(putter.put(cells, rows, std::iter::empty(), Further::NONE, usage).faulty);
        lines.extend((0..usage.len()).filter_map(|row| usage.line(row)));
    }

    proptest! {
        /// Tables one after the other, some with the dictionaries of the one before, some into another pool; each read in two
        /// parts, so that what is known is asked for.
        #[test]
        fn records_of_dictionaries_are_those_of_their_texts(
            tables in prop::collection::vec(
                (
                    prop::collection::vec(row(), 1..40),
                    prop::collection::vec(form(), COLUMNS),
                    0_usize..40,
                    prop::bool::weighted(0.2),
                    prop::bool::weighted(0.3),
                ),
                1..5,
            ),
        ) {
            let putter = || Putter::new(mapping(), QUOTED);
            let (mut by_keys, mut by_texts) = (putter(), putter().by_columns());
            let (mut found, mut wanted) = Default::default();
            let (mut usage, mut other) = (UsageBatch::new(), UsageBatch::new());
            let mut portion = None;
            let mut before: Option<(Vec<Vec<String>>, RecordBatch)> = None;
            for (rows, forms, cut, fresh, again) in tables {
                if fresh {
                    usage = UsageBatch::new();
                }
                let table = before.take().filter(|_| again);
                let (rows, table) = table.unwrap_or_else(|| (rows.clone(), batch(&rows, &forms)));
                let header = header_of(&table.schema());
                let portion = portion.get_or_insert_with(|| ArrowPortion::new("table", &header, (0..COLUMNS).collect()));
                let cut = cut.min(rows.len());
                let (parts, texts) = ([0..cut, cut..rows.len()], Rows(rows.clone()));
                portion.take_whole(1, &table).unwrap();
                portion.open().unwrap();
                for part in parts {
                    add(portion, part.clone(), &mut by_keys, &mut usage, &mut found);
                    add(&texts, part, &mut by_texts, &mut other, &mut wanted);
                }
                before = Some((rows, table));
            }
            prop_assert_eq!(found, wanted);
        }
    }
}
