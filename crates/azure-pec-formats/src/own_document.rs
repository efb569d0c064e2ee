//! The project's own documents that are one value each: JSON, or TOML where people write them by hand.

use std::ops::Range;

use serde::de::DeserializeOwned;

use crate::document_kind::is_toml;
use crate::error::{Error, Fault, Place};
use crate::json::{Document, utf8};
use crate::refusal;

/// Reads a document of one value from JSON.
pub(crate) fn from_json<T: DeserializeOwned>(name: &str, text: &[u8]) -> Result<T, Error> {
    Document::open(name, text)?.value()?.typed_document()
}

/// Reads a document of one value from JSON or TOML, whichever the text is.
pub(crate) fn from_either<T: DeserializeOwned>(name: &str, text: &[u8]) -> Result<T, Error> {
    let content = utf8(name, text)?;
    if content.trim().is_empty() || !is_toml(content) {
        return from_json(name, text);
    }
    let parser = toml::Deserializer::parse(content).map_err(|error| broken_toml(name, content, &error))?;
    serde_path_to_error::deserialize(parser).map_err(|error| {
        let path = refusal::path("", error.path(), error.inner().message());
        let place = toml_place(name, content, error.inner().span());
        let value = error.inner().span().and_then(|span| content.get(span)).unwrap_or_default();
        // A date of TOML's own is a map in the eyes of serde.
        let problem = match value.starts_with(|c: char| c.is_ascii_digit()) && value.contains('-') {
            true => format!("expected a text, found {value}: a date stands in quotes"),
            false => error.inner().message().to_owned(),
        };
        refusal::of_text(problem).at(place.in_column(&path))
    })
}

/// Text that is no TOML.
pub(crate) fn broken_toml(name: &str, content: &str, error: &toml::de::Error) -> Error {
    let problem = error.message().to_owned();
    Fault::JsonMalformed { problem }.at(toml_place(name, content, error.span()))
}

/// The line that a span of the text starts on.
pub(crate) fn toml_place(name: &str, content: &str, span: Option<Range<usize>>) -> Place {
    let before = span.and_then(|span| content.get(..span.start)).unwrap_or_default();
    Place::file(name).at_line(1 + before.bytes().filter(|byte| *byte == b'\n').count() as u64)
}
