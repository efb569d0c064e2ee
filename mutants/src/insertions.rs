//! A text with pieces put in between, which knows afterwards where each piece came to stand.

use std::ops::Range;

/// Whose piece it is, and where in the new text it stands.
pub struct Piece<T> {
    pub of: T,
    pub range: Range<usize>,
}

struct Insertion<T> {
    at: usize,
    /// What ends at a place stands before what begins there.
    begins: bool,
    text: String,
    of: Option<T>,
}

/// Put in from the outside in: of beginnings at one place the first stands first, of ends the last.
pub struct Insertions<T>(Vec<Insertion<T>>);

impl<T> Default for Insertions<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Insertions<T> {
    /// Before what begins at this byte.
    pub fn before(&mut self, at: usize, text: impl Into<String>, of: Option<T>) {
        self.0.push(Insertion { at, begins: true, text: text.into(), of });
    }

    /// After what ends at this byte.
    pub fn after(&mut self, at: usize, text: impl Into<String>, of: Option<T>) {
        self.0.push(Insertion { at, begins: false, text: text.into(), of });
    }

    pub fn put_into(mut self, text: &str) -> (String, Vec<Piece<T>>) {
        self.0.reverse();
        self.0.sort_by_key(|insertion| (insertion.at, insertion.begins));
        for beginnings in self.0.chunk_by_mut(|one, next| one.begins && next.begins && one.at == next.at) {
            beginnings.reverse();
        }
        let (mut out, mut pieces, mut copied) = (String::new(), Vec::new(), 0);
        for insertion in self.0 {
            out.push_str(text.get(copied..insertion.at).unwrap_or_default());
            copied = insertion.at;
            let start = out.len();
            out.push_str(&insertion.text);
            if let Some(of) = insertion.of {
                pieces.push(Piece { of, range: start..out.len() });
            }
        }
        out.push_str(text.get(copied..).unwrap_or_default());
        (out, pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_stand_before_beginnings_and_pieces_are_found() {
        let mut insertions = Insertions::default();
        insertions.before(0, "(", Some(1));
        insertions.after(2, ")", None);
        insertions.before(0, "[", None);
        insertions.after(1, "]", None);
        insertions.before(1, "{", Some(2));
        insertions.after(2, "}", None);
        let (text, pieces) = insertions.put_into("ab");
        assert_eq!(text, "([a]{b})");
        let found: Vec<_> = pieces.into_iter().map(|piece| (piece.of, piece.range)).collect();
        assert_eq!(found, [(1, 0..1), (2, 4..5)]);
    }
}
