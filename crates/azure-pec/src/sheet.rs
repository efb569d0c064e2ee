//! One table of exact sums by keys, merged in any order.

use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::amount::Amount;
use crate::bundle::Bundle;
use crate::cells::{Cells, Tally};
use crate::day::Day;
use crate::group_key::GroupKey;
use crate::id_rows::IdRows;
use crate::pieces::put_at;
use crate::session::AT_ONCE;
use crate::sheet_key::{Class, KEY_FIELDS, SheetKey, Slot, VERDICTS, currency, verdict_index};
use crate::text_pool::TextId;
use crate::usage::Field;
use crate::usage_batch::UsageBatch;
use crate::work_piece::WorkPiece;

/// The place of a row in the order of all, and what it is ordered by.
const ORDER_BYTES: usize = 24;
/// A text, as far as can be told without looking at each.
const TEXT_BYTES: usize = 96;
/// No id.
const NONE: u32 = u32::MAX;

/// The ids of the values of one key, by what they are made of.
#[derive(Debug, Clone)]
struct KeyMemo {
    bundle: Option<Bundle>,
    by_combination: Vec<u32>,
    /// Where one text alone says it, by its place in the pool.
    by_text: Vec<u32>,
    by_texts: FxHashMap<[TextId; KEY_FIELDS], u32>,
    by_day: FxHashMap<Day, u32>,
}

impl KeyMemo {
    fn new(key: SheetKey) -> Self {
        Self {
            bundle: key.bundle(),
            by_combination: Vec::new(),
            by_text: Vec::new(),
            by_texts: FxHashMap::default(),
            by_day: FxHashMap::default(),
        }
    }
}

/// Keys that stand side by side and are all said by one combination: their ids are looked up together.
#[derive(Debug, Clone)]
struct KeyRun {
    keys: Range<usize>,
    bundle: Bundle,
    /// The row of ids of a combination.
    by_combination: Vec<u32>,
    ids: IdRows<u32>,
}

/// The runs of two keys and more.
fn runs(keys: &[SheetKey]) -> Vec<KeyRun> {
    let mut start = 0;
    let same = |one: &SheetKey, next: &SheetKey| one.bundle() == next.bundle();
    let chunks = keys.chunk_by(same).filter_map(|chunk| {
        let keys = start..start + chunk.len();
        start = keys.end;
        let bundle = chunk.first()?.bundle().filter(|_| chunk.len() > 1)?;
        Some(KeyRun { ids: IdRows::new(keys.len()), keys, bundle, by_combination: Vec::new() })
    });
    chunks.collect()
}

/// The classes of the currency and rate of the last line.
#[derive(Debug, Clone)]
struct ClassMemo {
    of: Option<(TextId, Option<usize>)>,
    classes: [u32; VERDICTS],
}

/// The rows of one day, or of all days where the sheet is not kept by day.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub day: Option<Day>,
    pub cells: Cells,
    /// What others summed up of the same day, until it is [settled](Part::settle): rows of the same ids may stand in several.
    pub others: Vec<Cells>,
    /// The row of a run's ids and a class, where one run says all keys: one short look in place of a long one.
    rows: FxHashMap<(u32, u32), u32>,
}

impl Part {
    fn new(day: Option<Day>, width: usize) -> Self {
        Self { day, cells: Cells::new(width), others: Vec::new(), rows: FxHashMap::default() }
    }

    /// Everything that was summed up.
    pub fn tables(&self) -> impl Iterator<Item = &Cells> + Clone {
        std::iter::once(&self.cells).chain(&self.others)
    }

    /// Takes in another of the same day; `texts` and `classes` are the own ids of its texts and classes.
    ///
    /// Whoever puts the rows in order has those of the same ids side by side, and adds them up sooner than they are found here.
    /// Only where they would become many more than they have to be, or where there is no day, it is done here.
    fn take_in(&mut self, other: Self, texts: &[u32], classes: &[u32]) {
        let of = |ids: &[u32], id: u32| ids.get(id as usize).copied().unwrap_or(NONE);
        for mut cells in std::iter::once(other.cells).chain(other.others) {
            let class_place = cells.width().saturating_sub(1);
            cells.change_ids(|place, id| of(if place == class_place { classes } else { texts }, id));
            if self.cells.len() == 0 {
                self.cells = cells;
            } else {
                self.others.push(cells);
            }
        }
        let others: usize = self.others.iter().map(Cells::len).sum();
        if self.day.is_none() || others > 2 * self.cells.len() {
            self.settle();
        }
    }

    /// Adds everything up, so that all rows differ.
    pub fn settle(&mut self) {
        for cells in std::mem::take(&mut self.others) {
            add_rows(&mut self.cells, &cells);
        }
    }
}

/// Adds the rows of another table.
fn add_rows(own: &mut Cells, cells: &Cells) {
    let mut found = Vec::new();
    let all = rows_of(cells);
    for start in all.clone().step_by(AT_ONCE) {
        let some = start..all.end.min(start.saturating_add(AT_ONCE as u32));
        found.clear();
        found.extend(some.clone().map(|at| own.find(cells.ids(at))));
        for (at, row) in some.zip(&found) {
            let row = row.unwrap_or_else(|| own.row(cells.ids(at)));
            own.add_row_of(row, cells, at);
        }
    }
}

/// Sums by keys, pricing currency, verdict and rate.
///
/// A sheet by days has a table for each day: usage mostly comes day by day, and the table of a day stays in the
/// processor's cache where that of a month does not.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    /// The keys that ids stand for: all but the day.
    keys: Box<[SheetKey]>,
    by_day: bool,
    texts: IndexSet<Box<str>, FxBuildHasher>,
    classes: IndexSet<Class, FxBuildHasher>,
    parts: Vec<Part>,
    part_of: FxHashMap<Option<Day>, usize>,
    /// The part that was looked for last.
    last_part: Option<(Option<Day>, usize)>,
    pool: Option<u64>,
    memos: Box<[KeyMemo]>,
    runs: Vec<KeyRun>,
    class_memo: Box<ClassMemo>,
}

/// Lines that are looked up before any of them is added.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    lines: Vec<Option<LookedLine>>,
    /// The ids of each line, one line's behind the other's.
    ids: Vec<u32>,
}

/// Where the sums of a line are, as far as it is known.
#[derive(Debug)]
struct LookedLine {
    /// Its place in the batch.
    line: usize,
    day: Day,
    class: u32,
    part: usize,
    row: Option<u32>,
    /// What a short look would find it by.
    whole: Option<(u32, u32)>,
}

/// What a sheet holds, without what only adding needs.
#[derive(Debug)]
pub(crate) struct SheetContent {
    pub texts: Vec<Box<str>>,
    pub classes: Vec<Class>,
    pub parts: Vec<Part>,
}

impl Sheet {
    pub fn new(keys: &[SheetKey]) -> Self {
        let is_day = |key: &SheetKey| *key == SheetKey::Group(GroupKey::Date);
        let by_day = keys.iter().any(is_day);
        let keys: Box<[SheetKey]> = keys.iter().filter(|key| !is_day(key)).copied().collect();
        Self {
            memos: keys.iter().map(|key| KeyMemo::new(*key)).collect(),
            runs: runs(&keys),
            keys,
            by_day,
            texts: IndexSet::default(),
            classes: IndexSet::default(),
            parts: Vec::new(),
            part_of: FxHashMap::default(),
            last_part: None,
            pool: None,
            class_memo: Box::new(ClassMemo { of: None, classes: [NONE; VERDICTS] }),
        }
    }

    /// Ids of another pool mean other texts.
    pub fn know_pool(&mut self, batch: &UsageBatch) {
        if self.pool != Some(batch.texts().id()) {
            self.pool = Some(batch.texts().id());
            self.class_memo.of = None;
            for memo in &mut self.memos {
                memo.by_combination.clear();
                memo.by_text.clear();
                memo.by_texts.clear();
            }
            self.runs.iter_mut().for_each(|run| run.by_combination.clear());
        }
    }

    /// Looks lines up, to be [added](Self::add_looked) by their places among these; none for one that will not be. Their
    /// pool is known.
    ///
    /// It goes by columns, as a statement has few of them: first what each key says of every line, then where the rows of ids
    /// are. So one look hangs on nothing that another waits for.
    pub fn look_up(
        &mut self,
        batch: &UsageBatch,
        lines: impl Iterator<Item = Option<(usize, Day, Slot)>>,
        looked: &mut Looked,
    ) {
        let Looked { lines: found, ids } = looked;
        found.clear();
        found.extend(lines.map(|line| {
            line.map(|(line, day, slot)| {
                let class = self.class_id(batch, line, slot);
                let part = self.part_place(self.by_day.then_some(day));
                LookedLine { line, day, class, part, row: None, whole: None }
            })
        }));
        if self.is_one_run() {
            for line in found.iter_mut().flatten() {
                line.whole = self.whole_run(batch, line.line).map(|run| (run, line.class));
                let rows = self.parts.get(line.part).map(|part| &part.rows);
                line.row = line.whole.and_then(|whole| rows?.get(&whole).copied());
            }
        }
        let width = self.width();
        ids.clear();
        ids.resize(found.len() * width, NONE);
        let mut runs = std::mem::take(&mut self.runs);
        let mut key = 0;
        while key < self.keys.len() {
            let run = runs.iter_mut().find(|run| run.keys.start == key);
            key = match run {
                Some(run) => {
                    self.run_column(run, batch, found, ids);
                    run.keys.end
                }
                None => {
                    self.key_column(key, batch, found, ids);
                    key + 1
                }
            };
        }
        self.runs = runs;
        for (line, ids) in found.iter_mut().zip(ids.chunks_exact_mut(width)) {
            let Some(line) = line.as_mut().filter(|line| line.row.is_none()) else { continue };
            ids.last_mut().into_iter().for_each(|class| *class = line.class);
            line.row = self.parts.get(line.part).and_then(|part| part.cells.find(ids));
        }
    }

    /// The ids of a row: its keys, and its class.
    const fn width(&self) -> usize {
        self.keys.len() + 1
    }

    /// Adds a line that was looked up.
    #[inline]
    pub fn add_looked(&mut self, looked: &Looked, at: usize, list: Option<&Amount>) {
        let Some(Some(line)) = looked.lines.get(at) else { return };
        let width = self.width();
        let Some(part) = self.parts.get_mut(line.part) else { return };
        let row = line.row.unwrap_or_else(|| {
            part.cells.row(looked.ids.get(at * width..(at + 1) * width).unwrap_or_default())
        });
        part.cells.add_line_to(row, list);
        part.rows.extend(line.whole.map(|whole| (whole, row)));
    }

    /// Whether there are no keys, or one run says all of them.
    fn is_one_run(&self) -> bool {
        self.keys.is_empty() || self.runs.first().is_some_and(|run| run.keys.len() == self.keys.len())
    }

    /// The ids of all keys of a line as one, where [one run says](Self::is_one_run) all of them and they are known.
    #[inline]
    fn whole_run(&self, batch: &UsageBatch, row: usize) -> Option<u32> {
        if self.keys.is_empty() {
            return Some(0);
        }
        let run = self.runs.first()?;
        let known = run.by_combination.get(batch.combination(run.bundle, row).index())?;
        (*known != NONE).then_some(*known)
    }

    /// Adds lines that have these texts in common.
    pub fn add_tally<'t>(&mut self, text: &impl Fn(Field) -> &'t str, day: Day, slot: Slot, tally: &Tally) {
        let texts = &mut self.texts;
        let mut ids: Vec<u32> = self.keys.iter().map(|key| intern(texts, &key.value(text, day))).collect();
        let class = Class { currency: intern(texts, &currency(text)), slot };
        ids.push(class_at(&mut self.classes, class));
        if let Some(part) = self.part(day) {
            part.cells.add_tally(&ids, tally);
        }
    }

    /// The rows of a day.
    fn part(&mut self, day: Day) -> Option<&mut Part> {
        self.part_at(self.by_day.then_some(day))
    }

    fn part_at(&mut self, day: Option<Day>) -> Option<&mut Part> {
        let at = self.part_place(day);
        self.parts.get_mut(at)
    }

    #[inline]
    fn part_place(&mut self, day: Option<Day>) -> usize {
        if let Some((last, at)) = self.last_part
            && last == day
        {
            return at;
        }
        let at = *self.part_of.entry(day).or_insert_with(|| {
            self.parts.push(Part::new(day, self.keys.len() + 1));
            self.parts.len() - 1
        });
        self.last_part = Some((day, at));
        at
    }

    /// The ids that a key says of lines that no short look found.
    fn key_column(&mut self, key: usize, batch: &UsageBatch, lines: &[Option<LookedLine>], ids: &mut [u32]) {
        let width = self.width();
        if let Some(memo) = self.memos.get(key)
            && let Some(bundle) = memo.bundle
        {
            let combinations = batch.combinations(bundle);
            for (id, line) in ids.iter_mut().skip(key).step_by(width).zip(lines) {
                let Some(line) = line else { continue };
                let at = combinations.get(line.line).copied().unwrap_or_default();
                *id = memo.by_combination.get(at.index()).copied().unwrap_or(NONE);
            }
        }
        for (id, line) in ids.iter_mut().skip(key).step_by(width).zip(lines) {
            if let Some(line) = line.as_ref().filter(|line| *id == NONE && line.row.is_none()) {
                *id = self.key_id(key, batch, line.line, line.day);
            }
        }
    }

    /// The same for the keys of a run.
    fn run_column(
        &mut self,
        run: &mut KeyRun,
        batch: &UsageBatch,
        lines: &[Option<LookedLine>],
        ids: &mut [u32],
    ) {
        let combinations = batch.combinations(run.bundle);
        for (line, ids) in lines.iter().zip(ids.chunks_exact_mut(self.width())) {
            let Some(line) = line.as_ref().filter(|line| line.row.is_none()) else { continue };
            let own = ids.get_mut(run.keys.clone()).unwrap_or_default();
            let at = combinations.get(line.line).copied().unwrap_or_default().index();
            if let Some(known) = run.by_combination.get(at).filter(|known| **known != NONE) {
                own.iter_mut().zip(run.ids.ids(*known)).for_each(|(id, known)| *id = *known);
                continue;
            }
            for (id, key) in own.iter_mut().zip(run.keys.clone()) {
                *id = self.key_id(key, batch, line.line, line.day);
            }
            put_at(&mut run.by_combination, at, run.ids.row(own), NONE);
        }
    }

    /// The id of the value of one key of a line.
    fn key_id(&mut self, at: usize, batch: &UsageBatch, row: usize, day: Day) -> u32 {
        let (Some(key), Some(memo)) = (self.keys.get(at).copied(), self.memos.get_mut(at)) else {
            return NONE;
        };
        let texts = &mut self.texts;
        let mut value = || intern(texts, &key.value(&|field| batch.text(field, row), day));
        let fields = key.fields();
        if fields.is_empty() {
            return *memo.by_day.entry(day).or_insert_with(value);
        }
        if let Some(bundle) = memo.bundle {
            let at = batch.combination(bundle, row).index();
            if let Some(known) = memo.by_combination.get(at).filter(|known| **known != NONE) {
                return *known;
            }
            // Far fewer texts than combinations, but for resources: each is one.
            let alone = fields.first().filter(|first| {
                let is_said = matches!(key, SheetKey::Group(key) if key.is_said_by_first());
                is_said && **first != Field::ResourceId && !batch.text(**first, row).trim().is_empty()
            });
            let known = match alone {
                Some(field) => {
                    let ids = [batch.id(*field, row), TextId::EMPTY, TextId::EMPTY];
                    *memo.by_texts.entry(ids).or_insert_with(value)
                }
                None => value(),
            };
            put_at(&mut memo.by_combination, at, known, NONE);
            return known;
        }
        if let [field] = fields {
            let at = batch.id(*field, row).index();
            if let Some(known) = memo.by_text.get(at).filter(|known| **known != NONE) {
                return *known;
            }
            let known = value();
            put_at(&mut memo.by_text, at, known, NONE);
            return known;
        }
        let mut ids = [TextId::EMPTY; KEY_FIELDS];
        for (id, field) in ids.iter_mut().zip(fields) {
            *id = batch.id(*field, row);
        }
        *memo.by_texts.entry(ids).or_insert_with(value)
    }

    /// The id of the class of a line.
    fn class_id(&mut self, batch: &UsageBatch, row: usize, slot: Slot) -> u32 {
        let of = Some((batch.id(Field::Currency, row), slot.1));
        if self.class_memo.of != of {
            *self.class_memo = ClassMemo { of, classes: [NONE; VERDICTS] };
        }
        let Some(known) = self.class_memo.classes.get_mut(verdict_index(slot.0)) else { return NONE };
        if *known == NONE {
            let currency = intern(&mut self.texts, &currency(&|field| batch.text(field, row)));
            *known = class_at(&mut self.classes, Class { currency, slot });
        }
        *known
    }

    /// Adds what another sheet by the same keys holds: what is left to do is left in `pieces`.
    pub fn merge<'s>(&'s mut self, mut other: Self, pieces: &mut Vec<WorkPiece<'s>>) {
        if self.parts.is_empty() {
            std::mem::swap(self, &mut other);
        }
        let texts: Arc<[u32]> = other.texts.iter().map(|text| intern(&mut self.texts, text)).collect();
        let known = |id: u32| texts.get(id as usize).copied().unwrap_or(NONE);
        let classes: Arc<[u32]> = other
            .classes
            .iter()
            .map(|class| {
                let class = Class { currency: known(class.currency), slot: class.slot };
                class_at(&mut self.classes, class)
            })
            .collect();
        let mut others: Vec<(usize, Part)> =
            other.parts.into_iter().map(|part| (self.part_place(part.day), part)).collect();
        // A day has one part, so of each own part there is one other at most.
        others.sort_by_key(|(place, _)| *place);
        let mut others = others.into_iter().peekable();
        for (place, own) in self.parts.iter_mut().enumerate() {
            if let Some((_, other)) = others.next_if(|(of, _)| *of == place) {
                let (texts, classes) = (Arc::clone(&texts), Arc::clone(&classes));
                pieces.push(WorkPiece::new(move || own.take_in(other, &texts, &classes)));
            }
        }
    }

    /// Takes in the texts and classes that the ids of rows stand for; to be called before any line is added.
    pub fn know(
        &mut self,
        texts: impl IntoIterator<Item = String>,
        classes: impl IntoIterator<Item = Class>,
    ) {
        self.texts.extend(texts.into_iter().map(String::into_boxed_str));
        self.classes.extend(classes);
    }

    /// Adds a row of ids that stand for what is known, and says so; a row of another form is not added.
    pub fn add_row(&mut self, day: Option<Day>, ids: &[u32], tally: &Tally) -> bool {
        let Some((class, values)) = ids.split_last() else { return false };
        let is_known = |id: &u32| self.texts.get_index(*id as usize).is_some();
        let class = self.classes.get_index(*class as usize);
        let fits = values.len() == self.keys.len()
            && values.iter().all(is_known)
            && class.is_some_and(|class| is_known(&class.currency))
            && day.is_some() == self.by_day;
        if fits && let Some(part) = self.part_at(day) {
            part.cells.add_tally(ids, tally);
        }
        fits
    }

    /// The sums by currency, verdict and rate alone, in no order.
    pub fn by_class(&self) -> Vec<(&str, Slot, Tally)> {
        let mut sums = ClassSums::new(self.classes.len());
        self.parts.iter().flat_map(Part::tables).for_each(|cells| sums.add(cells));
        let classes = self.classes.iter().zip(sums.tallies());
        classes.map(|(class, tally)| (self.text(class.currency), class.slot, tally)).collect()
    }

    /// The rows of a sheet that is not kept by day, in no order: the values of the keys, the currency, verdict and rate,
    /// and the sums.
    pub fn rows(&self) -> impl Iterator<Item = (Vec<&str>, &str, Slot, Tally)> {
        self.parts.iter().flat_map(Part::tables).flat_map(move |cells| {
            rows_of(cells).filter_map(move |at| {
                let (class, ids) = cells.ids(at).split_last()?;
                let class = self.classes.get_index(*class as usize)?;
                let values = ids.iter().map(|id| self.text(*id)).collect();
                Some((values, self.text(class.currency), class.slot, cells.tally(at)))
            })
        })
    }

    fn text(&self, id: u32) -> &str {
        self.texts.get_index(id as usize).map_or("", |text| &**text)
    }

    /// The number of lines.
    pub fn lines(&self) -> u64 {
        let cells = self.parts.iter().flat_map(Part::tables);
        cells.flat_map(|cells| rows_of(cells).map(|at| cells.tally(at).lines)).sum()
    }

    /// About the bytes that it takes, and those that it takes for a while to put its rows in order.
    pub fn memory(&self) -> usize {
        let rows = self.parts.iter().map(|part| part.rows.capacity() * size_of::<((u32, u32), u32)>());
        let cells = self.parts.iter().flat_map(Part::tables);
        let cells = cells.map(|cells| cells.memory() + cells.len() * ORDER_BYTES);
        cells.chain(rows).sum::<usize>() + self.texts.capacity() * TEXT_BYTES
    }

    /// What it holds, the parts in the order of their days; they may have to be [settled](Part::settle).
    pub fn into_content(self) -> SheetContent {
        let mut parts = self.parts;
        parts.sort_by_key(|part| part.day);
        parts.iter_mut().for_each(|part| {
            part.cells.close();
            part.rows = FxHashMap::default();
        });
        SheetContent {
            texts: self.texts.into_iter().collect(),
            classes: self.classes.into_iter().collect(),
            parts,
        }
    }
}

/// Sums by class alone: the row of a class is its number.
#[derive(Debug, Clone)]
pub(crate) struct ClassSums(Cells);

impl ClassSums {
    /// Nothing of so many classes.
    pub fn new(classes: usize) -> Self {
        let mut sums = Cells::new(1);
        for class in 0..u32::try_from(classes).unwrap_or(NONE) {
            sums.row(&[class]);
        }
        Self(sums)
    }

    /// Adds rows whose last id is their class.
    pub fn add(&mut self, cells: &Cells) {
        for at in rows_of(cells) {
            if let Some(class) = cells.ids(at).last() {
                self.0.add_row_of(*class, cells, at);
            }
        }
    }

    /// Adds sums of the same classes.
    pub fn add_sums(&mut self, other: &Self) {
        self.add(&other.0);
    }

    /// The sums of the classes, in their order.
    pub fn tallies(&self) -> impl Iterator<Item = Tally> {
        rows_of(&self.0).map(|class| self.0.tally(class))
    }
}

/// The rows of a table, by number.
pub(crate) fn rows_of(cells: &Cells) -> Range<u32> {
    0..u32::try_from(cells.len()).unwrap_or(u32::MAX)
}

fn class_at(classes: &mut IndexSet<Class, FxBuildHasher>, class: Class) -> u32 {
    u32::try_from(classes.insert_full(class).0).unwrap_or(NONE)
}

/// The id of a text in a pool of its own.
pub(crate) fn intern(texts: &mut IndexSet<Box<str>, FxBuildHasher>, text: &str) -> u32 {
    let at = match texts.get_index_of(text) {
        Some(at) => at,
        None => texts.insert_full(text.into()).0,
    };
    u32::try_from(at).unwrap_or(u32::MAX)
}
