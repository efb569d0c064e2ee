//! Changes to inputs: of bytes, and of what the bytes are for.

use crate::{Form, Rng};

/// No input grows beyond this.
const MOST_BYTES: usize = 1 << 16;

/// Texts that mean something somewhere.
const TELLING: &[&str] = &[
    "",
    "0",
    "-0",
    "1",
    "-1",
    "+1",
    ".",
    ".5",
    "5.",
    "1e3",
    "1E-40",
    "1e400",
    "6.19947E-09",
    "NaN",
    "null",
    "NULL",
    "true",
    "false",
    "9999999999999999999999999999",
    "99999999999999999999999999999",
    "0.0000000000000000000000000000000000000001",
    "0.00000000000000000000000000000000000000001",
    "170141183460469231731687303715884105727",
    "-9223372036854775808",
    "2026-10-05",
    "2026-02-29",
    "2024-02-29",
    "10/31/2026",
    "31/10/2026",
    "0001-01-01",
    "9999-12-31",
    "9999-12-31T23:59:59.9999999Z",
    "2026-10-05T24:00:00Z",
    "2026-10-05T23:59:60Z",
    "2026-10-05T13:37:00.1234567+14:00",
    "1/1/2026 12:00:00 AM",
    "/Date(1692795957662)/",
    "-14:00",
    "10m",
    "1h30m",
    "/",
    "//",
    "/subscriptions/",
    "/subscriptions/3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "/providers/Microsoft.Management/managementGroups/root",
    "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "{3F2504E0-4F89-41D3-9A0C-0305E82C3301}",
    "00000000-0000-0000-0000-000000000000",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Owner",
    "Azure plan",
    "Usage",
    "Refund",
    "UnusedReservation",
    "Spot",
    "Third Party",
    "*",
    "*/write",
    "\u{feff}",
    "\u{0}",
    "\u{85}",
    "\u{2028}",
    "é",
    "İ",
    "ß",
    "\"",
    "\"\"",
    "'",
    ",",
    ";",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\\",
    "\\u0000",
    "\\ud800",
    "[",
    "]",
    "{",
    "}",
    "[[[[[[[[",
    "{}",
    "[]",
    ":",
    "-infinity",
    "infinity",
    "  ",
    "=",
    "$type",
    "a,b",
];

/// Another input, made of an input and others of its kind.
pub fn change(form: Form, seed: &[u8], others: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..1 + rng.below(4) {
        bytes = match (form, rng.below(10)) {
            (Form::Table, 0..6) => of_table(&bytes, others, rng),
            (Form::Document, 0..6) => of_document(&bytes, others, rng),
            (Form::Text, 0..4) => of_cells(&bytes, b" ,=\n", others, rng),
            _ => of_bytes(&bytes, others, rng),
        };
        bytes.truncate(MOST_BYTES);
    }
    bytes
}

fn telling(rng: &mut Rng) -> Vec<u8> {
    rng.pick(TELLING).map(|text| text.as_bytes().to_vec()).unwrap_or_default()
}

fn put(bytes: &[u8], from: usize, to: usize, new: &[u8]) -> Vec<u8> {
    let (head, tail) = (bytes.get(..from).unwrap_or_default(), bytes.get(to..).unwrap_or_default());
    [head, new, tail].concat()
}

/// Bits, bytes, stretches, cuts, and halves of others.
fn of_bytes(bytes: &[u8], others: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let at = rng.below(bytes.len() + 1);
    let to = (at + 1 + rng.below(8)).min(bytes.len());
    let byte = u8::try_from(rng.bits() & 0xff).unwrap_or(0);
    match rng.below(10) {
        0 => {
            let flipped = bytes.get(at).map_or(byte, |old| old ^ (1 << rng.below(8)));
            put(bytes, at, at + 1, &[flipped])
        }
        1 => put(bytes, at, at + 1, &[byte]),
        2 => put(bytes, at, at, &[byte]),
        3 => put(bytes, at, to, &[]),
        4 => put(bytes, at, at, &telling(rng)),
        5 => put(bytes, at, to, &telling(rng)),
        6 => bytes.get(..at).unwrap_or_default().to_vec(),
        7 => {
            // A stretch once more, or often.
            let stretch = bytes.get(at..(at + 1 + rng.below(64)).min(bytes.len())).unwrap_or_default();
            put(bytes, at, at, &stretch.repeat(1 + rng.below(3) * rng.below(40)))
        }
        8 => {
            let other = rng.pick(others).cloned().unwrap_or_default();
            let from = rng.below(other.len() + 1);
            put(bytes, at, bytes.len(), other.get(from..).unwrap_or_default())
        }
        // A number's edge, as a file of columns holds it.
        _ => {
            let edges: [u32; 6] = [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX, 0x0100_0000];
            let edge = rng.pick(&edges).copied().unwrap_or(0).to_le_bytes();
            put(bytes, at, at + 4, &edge)
        }
    }
}

/// The stretches between separators.
fn cells(bytes: &[u8], separators: &[u8]) -> Vec<(usize, usize)> {
    let (mut found, mut start) = (Vec::new(), 0);
    for (at, byte) in bytes.iter().enumerate() {
        if separators.contains(byte) {
            found.push((start, at));
            start = at + 1;
        }
    }
    found.push((start, bytes.len()));
    found
}

/// A cell becomes another: a telling one, an empty one, a neighbour, one of another input.
fn of_cells(bytes: &[u8], separators: &[u8], others: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let all = cells(bytes, separators);
    let (from, to) = rng.pick(&all).copied().unwrap_or_default();
    let new = match rng.below(4) {
        0 => Vec::new(),
        1 => {
            let (from, to) = rng.pick(&all).copied().unwrap_or_default();
            bytes.get(from..to).unwrap_or_default().to_vec()
        }
        2 => {
            let other = rng.pick(others).cloned().unwrap_or_default();
            let (from, to) = rng.pick(&cells(&other, separators)).copied().unwrap_or_default();
            other.get(from..to).unwrap_or_default().to_vec()
        }
        _ => telling(rng),
    };
    put(bytes, from, to, &new)
}

/// Cells, lines and columns.
fn of_table(bytes: &[u8], others: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let lines = cells(bytes, b"\n");
    let (from, to) = rng.pick(&lines).copied().unwrap_or_default();
    let line = bytes.get(from..to).unwrap_or_default().to_vec();
    match rng.below(7) {
        0 => put(bytes, from, (to + 1).min(bytes.len()), &[]),
        1 => put(bytes, from, from, &[line.as_slice(), b"\n"].concat()),
        // A line of another file of the kind.
        2 => {
            let other = rng.pick(others).cloned().unwrap_or_default();
            let (a, b) = rng.pick(&cells(&other, b"\n")).copied().unwrap_or_default();
            put(bytes, from, from, &[other.get(a..b).unwrap_or_default(), b"\n"].concat())
        }
        // Two columns change places, or one goes, in every line.
        3 => {
            let width = cells(&line, b",").len();
            let (one, two, goes) = (rng.below(width), rng.below(width), rng.below(2) == 0);
            let each = lines.iter().map(|(from, to)| {
                let line = bytes.get(*from..*to).unwrap_or_default();
                let mut cells: Vec<&[u8]> = line.split(|byte| *byte == b',').collect();
                if one < cells.len() && two < cells.len() {
                    cells.swap(one, two);
                    if goes {
                        cells.remove(one);
                    }
                }
                cells.join(&b","[..])
            });
            each.collect::<Vec<_>>().join(&b"\n"[..])
        }
        // A cell in quotes.
        4 => {
            let (a, b) = rng.pick(&cells(bytes, b",\n")).copied().unwrap_or_default();
            let quoted = [b"\"", bytes.get(a..b).unwrap_or_default(), b"\""].concat();
            put(bytes, a, b, &quoted)
        }
        _ => of_cells(bytes, b",\n", others, rng),
    }
}

/// Values and members.
fn of_document(bytes: &[u8], others: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    match rng.below(6) {
        // What stands between two quotes.
        0 => {
            let all = cells(bytes, b"\"");
            let (from, to) = rng.pick(&all).copied().unwrap_or_default();
            put(bytes, from, to, &telling(rng))
        }
        // A value that is no text.
        1 => {
            let all = cells(bytes, b":,[]{}");
            let (from, to) = rng.pick(&all).copied().unwrap_or_default();
            let new = [b"null".as_slice(), b"true", b"0", b"-1e3", b"\"\"", b"[]", b"{}", b"[null]", b"1.10"];
            put(bytes, from, to, rng.pick(&new).copied().unwrap_or_default())
        }
        // A member or element goes, or stands twice.
        2 | 3 => {
            let all = cells(bytes, b",");
            let (from, to) = rng.pick(&all).copied().unwrap_or_default();
            let member = bytes.get(from..(to + 1).min(bytes.len())).unwrap_or_default().to_vec();
            if rng.below(2) == 0 {
                put(bytes, from, (to + 1).min(bytes.len()), &[])
            } else {
                put(bytes, from, from, &member)
            }
        }
        // Deeper.
        4 => {
            let at = rng.below(bytes.len() + 1);
            let depth = 1 + rng.below(3) * rng.below(80);
            let (open, close) = if rng.below(2) == 0 { ("[", "]") } else { ("{\"value\":", "}") };
            let tail = bytes.get(at..).unwrap_or_default();
            [
                bytes.get(..at).unwrap_or_default(),
                open.repeat(depth).as_bytes(),
                tail,
                close.repeat(depth).as_bytes(),
            ]
            .concat()
        }
        _ => of_cells(bytes, b"\",:", others, rng),
    }
}
