//! How wide a page may be, and whether it has colours.

use console::{Style, Term, measure_text_width};

/// The widest page, however wide the terminal is: longer lines are hard to read.
const WIDEST: usize = 100;
/// The narrowest: below it the columns of amounts do not fit side by side.
const NARROWEST: usize = 72;

/// Width and colours of a page.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub width: usize,
    pub color: bool,
}

/// What a text is to stand out as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Heading,
    Good,
    Bad,
    Doubtful,
    Quiet,
}

impl Tone {
    /// The tone of an outcome.
    pub fn of_outcome(outcome: &str) -> Self {
        match outcome {
            "earned" => Self::Good,
            "missed" => Self::Bad,
            "unknown" => Self::Doubtful,
            _ => Self::Quiet,
        }
    }
}

impl Look {
    /// The look of standard output; `piped` columns where it is no terminal.
    pub fn of_stdout(piped: usize) -> Self {
        let term = Term::stdout();
        let width = match term.size_checked() {
            Some((_, columns)) if term.is_term() => usize::from(columns).clamp(NARROWEST, WIDEST),
            _ => piped,
        };
        // An empty NO_COLOR says nothing (no-color.org).
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { width, color: term.is_term() && !no_color && console::colors_enabled() }
    }

    /// The text in a tone.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        let style = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Heading => Style::new().bold(),
            Tone::Good => Style::new().green(),
            Tone::Bad => Style::new().red(),
            Tone::Doubtful => Style::new().yellow(),
            Tone::Quiet => Style::new().dim(),
        };
        style.force_styling(self.color).apply_to(text).to_string()
    }

    /// A heading with an empty line before it.
    pub fn heading(&self, text: &str) -> String {
        format!("\n{}\n", self.paint(Tone::Heading, text))
    }

    /// The words in lines of the page's width: `first` before the first line, as many blanks before the others.
    pub fn wrap(&self, first: &str, words: &str) -> String {
        self.hang(first, measure_text_width(first), words)
    }

    /// As [`wrap`](Self::wrap), with so many blanks before the other lines.
    pub fn hang(&self, first: &str, indent: usize, words: &str) -> String {
        let mut lines = vec![first.to_owned()];
        let mut filled = false;
        for word in words.split_whitespace() {
            let used = lines.last().map_or(0, |line| measure_text_width(line));
            if filled && used + 1 + measure_text_width(word) > self.width {
                lines.push(" ".repeat(indent));
                filled = false;
            }
            if let Some(line) = lines.last_mut() {
                if filled {
                    line.push(' ');
                }
                line.push_str(word);
            }
            filled = true;
        }
        lines.join("\n") + "\n"
    }
}

/// A text of at most so many columns, cut with an ellipsis.
pub fn shorten(text: &str, width: usize) -> String {
    console::truncate_str(text, width, "…").into_owned()
}
