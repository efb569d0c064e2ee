//! Commands that a page advises, ready to be copied into a shell.

use azure_pec_formats::Request;

/// The words that every advised command begins with: the paths, and the options that change the answers.
#[must_use]
pub fn command_words(request: &Request) -> Vec<String> {
    let path = |path: &std::path::PathBuf| path.to_string_lossy().into_owned();
    let mut words: Vec<String> = request.paths.iter().map(|one| quoted(&path(one))).collect();
    let mut option = |name: &str, value: Option<String>| {
        words.extend(value.map(|value| format!("--{name} {}", quoted(&value))));
    };
    option("usage", request.usage.map(|kind| kind.to_string()));
    option("taken-at", request.taken_at.map(|time| time.to_string()));
    option("allow-rejected", (request.allow_rejected > 0).then(|| request.allow_rejected.to_string()));
    option("rule", request.rule.as_ref().map(path));
    option("policy", request.policy_file.as_ref().map(path));
    for (key, value) in &request.policy.0 {
        option(&key.replace('_', "-"), Some(value.clone()));
    }
    if request.newest_run {
        words.push("--newest-run".to_owned());
    }
    words
}

/// The text as one word of a shell.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_keep_what_changes_the_answers() {
        let text = r#"{"paths": ["its month"], "allow_rejected": 2, "newest_run": true,
            "policy": {"day_offset": "+02:00"}}"#;
        let words = command_words(&Request::from_json(text).unwrap());
        assert_eq!(words, ["'its month'", "--allow-rejected 2", "--day-offset +02:00", "--newest-run"]);
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
