//! Commands that a page advises, ready to be copied into a shell.

use crate::args::InputArgs;
use crate::look::Look;
use crate::policy_args;

/// The words that every advised command begins with: the paths and whatever changes the answers.
#[derive(Debug, Clone)]
pub struct CommandText(Vec<String>);

impl CommandText {
    /// From the arguments of this command.
    pub fn new(args: &InputArgs) -> Self {
        let mut words: Vec<String> = args.paths.iter().map(|path| quoted(&path.to_string_lossy())).collect();
        let mut option = |name: &str, value: Option<String>| {
            words.extend(value.map(|value| format!("--{name} {}", quoted(&value))));
        };
        let path =
            |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into_owned());
        option("usage", args.usage.map(|kind| kind.to_string()));
        option("taken-at", args.taken_at.map(|time| time.to_string()));
        option("allow-rejected", (args.allow_rejected > 0).then(|| args.allow_rejected.to_string()));
        option("rule", path(&args.rule));
        option("policy", path(&args.policy_file));
        for (key, value) in &args.policy.0 {
            option(&policy_args::option(key), Some(value.clone()));
        }
        Self(words)
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

/// The text as one word of a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
