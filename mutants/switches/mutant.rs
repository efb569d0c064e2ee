//! Which mutant is switched on: the one that `AZURE_PEC_MUTANT` names. With `AZURE_PEC_MUTANTS_REACHED` none is, and the number of
//! every mutant that is asked for is appended to that file, once.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

const UNREAD: u32 = u32::MAX;
const RECORDING: u32 = u32::MAX - 1;

static ACTIVE: AtomicU32 = AtomicU32::new(UNREAD);
static REACHED: [AtomicBool; 1 << 14] = [const { AtomicBool::new(false) }; 1 << 14];

/// Whether this mutant is the one that is switched on.
#[inline]
pub fn is(number: u32) -> bool {
    let active = ACTIVE.load(Relaxed);
    if active < RECORDING { active == number } else { is_after_a_look(number) }
}

#[cold]
fn is_after_a_look(number: u32) -> bool {
    let reached = &REACHED[number as usize];
    if reached.load(Relaxed) {
        return false;
    }
    let Some(file) = std::env::var_os("AZURE_PEC_MUTANTS_REACHED") else {
        let active = std::env::var("AZURE_PEC_MUTANT").ok().and_then(|number| number.parse().ok()).unwrap_or(0);
        ACTIVE.store(active, Relaxed);
        return active == number;
    };
    ACTIVE.store(RECORDING, Relaxed);
    if !reached.swap(true, Relaxed) {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
        file.and_then(|mut file| file.write_all(format!("{number}\n").as_bytes())).expect("a file to append to");
    }
    false
}

/// What a function gives that says no more than that it is an iterator: its own, or a mutant's.
#[derive(Clone)]
pub enum Either<Mutant, Own> {
    Mutant(Mutant),
    Own(Own),
}

impl<M: Iterator, O: Iterator<Item = M::Item>> Iterator for Either<M, O> {
    type Item = M::Item;

    fn next(&mut self) -> Option<M::Item> {
        match self {
            Self::Mutant(items) => items.next(),
            Self::Own(items) => items.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Mutant(items) => items.size_hint(),
            Self::Own(items) => items.size_hint(),
        }
    }
}

impl<M: DoubleEndedIterator, O: DoubleEndedIterator<Item = M::Item>> DoubleEndedIterator for Either<M, O> {
    fn next_back(&mut self) -> Option<M::Item> {
        match self {
            Self::Mutant(items) => items.next_back(),
            Self::Own(items) => items.next_back(),
        }
    }
}

impl<M: ExactSizeIterator, O: ExactSizeIterator<Item = M::Item>> ExactSizeIterator for Either<M, O> {}
