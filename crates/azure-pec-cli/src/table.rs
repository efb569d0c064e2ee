//! Columns without lines between them.

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width,
};

use crate::look::{Look, Tone};

/// Where the text of a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
    /// Left, and it takes the width that is left, in several lines where it must.
    Words,
}

/// A table that is being put together.
#[derive(Debug)]
pub struct Columns {
    aligns: Vec<Align>,
    table: Table,
    look: Look,
}

impl Columns {
    /// Columns with their headings; no heading line where all are empty.
    pub fn new(look: &Look, columns: &[(&str, Align)]) -> Self {
        let aligns: Vec<Align> = columns.iter().map(|(_, align)| *align).collect();
        let mut table = Table::new();
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(look.width).unwrap_or(u16::MAX));
        match look.color {
            true => table.enforce_styling(),
            false => table.force_no_tty(),
        };
        if columns.iter().any(|(heading, _)| !heading.is_empty()) {
            let header = columns.iter().map(|(heading, align)| cell(heading, *align, Tone::Quiet));
            table.set_header(header.collect::<Vec<_>>());
        }
        Self { aligns, table, look: *look }
    }

    /// A row of cells, each with its tone.
    pub fn row(&mut self, cells: &[(String, Tone)]) {
        let cells = cells.iter().zip(&self.aligns).map(|((text, tone), align)| cell(text, *align, *tone));
        self.table.add_row(cells.collect::<Vec<_>>());
    }

    /// The table, two blanks in and two between the columns.
    pub fn render(mut self) -> String {
        self.table.load_style(comfy_table::presets::NOTHING);
        let widths = self.table.column_max_content_widths();
        let fixed: u16 =
            self.aligns.iter().zip(&widths).filter(|(a, _)| **a != Align::Words).map(|(_, w)| w + 2).sum();
        let words = u16::try_from(self.look.width).unwrap_or(u16::MAX).saturating_sub(fixed + 2);
        for (at, (align, own)) in self.aligns.iter().zip(&widths).enumerate() {
            let Some(column) = self.table.column_mut(at) else { continue };
            column.set_padding((2, 0));
            let width = if *align == Align::Words { (*own).min(words).max(12) } else { *own };
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width + 2)));
        }
        let lines: Vec<String> = self.table.lines().map(|line| line.trim_end().to_owned()).collect();
        lines.join("\n") + "\n"
    }
}

fn cell(text: &str, align: Align, tone: Tone) -> Cell {
    let cell = Cell::new(text).set_alignment(if align == Align::Right {
        CellAlignment::Right
    } else {
        CellAlignment::Left
    });
    match tone {
        Tone::Plain => cell,
        Tone::Heading => cell.add_attribute(Attribute::Bold),
        Tone::Good => cell.fg(Color::DarkGreen),
        Tone::Bad => cell.fg(Color::DarkRed),
        Tone::Doubtful => cell.fg(Color::DarkYellow),
        Tone::Quiet => cell.add_attribute(Attribute::Dim),
    }
}
