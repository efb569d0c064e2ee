//! What every section and table of the page has in common.

use maud::{Markup, html};

/// Rows of a long table that are shown at first.
const SHOWN: u32 = 12;

/// A section under its heading.
pub fn section(id: &str, title: &str, lead: &Markup, content: &Markup) -> Markup {
    html! {
        section id=(id) aria-labelledby={ (id) "-title" } {
            h2 id={ (id) "-title" } { (title) }
            p.lead { (lead) }
            (content)
        }
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// How its cells stand, and whether it is what the rows are sorted by.
    pub kind: ColumnKind,
}

/// How the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// Numbers, the last digits below each other.
    Number,
    /// Numbers by which the rows are sorted, the largest first.
    Sorted,
    /// Days.
    Day,
    /// Days by which the rows are sorted, the first first.
    ByDay,
    /// A drawing, by which nothing is sorted.
    Drawing,
}

/// A column.
pub const fn column(title: &'static str, kind: ColumnKind) -> Column {
    Column { title, kind }
}

/// A table that sorts and filters. Scripts add what they serve: without one, all rows stand in the order given.
pub fn table(id: &str, caption: &str, columns: &[Column], rows: &Markup) -> Markup {
    table_with_foot(id, caption, columns, rows, &html! {})
}

/// A table with a row below all others, whatever they are sorted by.
pub fn table_with_foot(id: &str, caption: &str, columns: &[Column], rows: &Markup, foot: &Markup) -> Markup {
    html! {
        div.table data-shown=(SHOWN) {
            div.tools hidden {
                label {
                    span.visually-hidden { "Filter: " (caption) }
                    input type="search" placeholder="Filter" autocomplete="off" aria-controls=(id);
                }
                span.found role="status" {}
            }
            div.scroll tabindex="0" role="region" aria-label=(caption) {
                table id=(id) {
                    caption.visually-hidden { (caption) }
                    thead { tr { @for column in columns { (heading(column)) } } }
                    tbody { (rows) }
                    @if !foot.0.is_empty() { tfoot { (foot) } }
                }
            }
            button.all type="button" hidden {}
        }
    }
}

fn heading(column: &Column) -> Markup {
    let (class, sort) = match column.kind {
        ColumnKind::Text | ColumnKind::Day => (None, None),
        ColumnKind::Number => (Some("n"), None),
        ColumnKind::Sorted => (Some("n"), Some("descending")),
        ColumnKind::ByDay => (None, Some("ascending")),
        ColumnKind::Drawing => (Some("drawing"), None),
    };
    // A drawing needs no name to be seen by.
    let hidden = (column.kind == ColumnKind::Drawing).then_some("visually-hidden");
    html! { th scope="col" class=[class] aria-sort=[sort] { span class=[hidden] { (column.title) } } }
}

/// What is left out of a table, and where it is.
pub fn left_out(shown: usize, all: usize, what: &str, where_it_is: &Markup) -> Markup {
    let left = all.saturating_sub(shown) as u64;
    html! {
        @if left > 0 {
            p.note { (crate::text::count(left)) " more " (what) ", each with less, are left out: " (where_it_is) }
        }
    }
}

/// A word with the mark of its outcome, within a sentence.
pub fn keyword(class: &str, word: &str) -> Markup {
    html! { span.keyword { span class={ "key " (class) } {} "\u{a0}" (word) } }
}

/// A word that stands for an outcome, with its mark.
pub fn outcome(outcome: &str) -> Markup {
    let class = match outcome {
        "earned" => "e",
        "missed" => "m",
        "unknown" => "u",
        _ => "v",
    };
    html! { span class={ "tag " (class) } { (outcome) } }
}
