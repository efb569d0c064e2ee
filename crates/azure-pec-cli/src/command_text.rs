//! Commands that a page advises, ready to be copied into a shell.

use azure_pec_report::{command_words, quoted};

use crate::args::InputArgs;
use crate::job::request;
use crate::look::Look;

/// The words that every advised command begins with: the paths and whatever changes the answers.
#[derive(Debug, Clone)]
pub struct CommandText(Vec<String>);

impl CommandText {
    /// From the arguments of this command.
    pub fn new(args: &InputArgs) -> Self {
        Self(command_words(&request(args)))
    }

    /// `pec <command> PATH... --option value`, over several lines where it is wider than the page: each but the last
    /// ends in a backslash, so that the shell reads on.
    pub fn line(&self, look: &Look, indent: usize, command: &str, options: &[(&str, &str)]) -> String {
        let options = options.iter().map(|(name, value)| format!("--{name} {}", quoted(value)));
        let words = std::iter::once(format!("pec {command}")).chain(self.0.iter().cloned()).chain(options);
        let mut lines = vec![String::new()];
        for word in words {
            let Some(line) = lines.last_mut() else { continue };
            // Two columns for the backslash, should another line follow.
            if line.is_empty() {
                line.push_str(&format!("{}{word}", " ".repeat(indent)));
            } else if line.chars().count() + 1 + word.chars().count() + 2 > look.width {
                line.push_str(" \\");
                lines.push(format!("{}{word}", " ".repeat(indent + 4)));
            } else {
                line.push_str(&format!(" {word}"));
            }
        }
        lines.join("\n") + "\n"
    }
}
