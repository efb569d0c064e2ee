//! Which mutants can be switched: those that the compiler complains of are left out until it complains no more.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::insertions::Piece;
use crate::mutant::Mutant;
use crate::record::Outcome;
use crate::switch::{Part, switch};
use crate::tree::{PACKAGES, Tree};

/// The sources of the core by path.
pub type Sources = BTreeMap<String, String>;

/// Rewrites all sources for the mutants that are not in `out`, and adds to `out` what cannot be switched.
pub fn rewrite(
    tree: &Tree,
    sources: &Sources,
    mutants: &[Mutant],
    out: &mut BTreeMap<u32, Outcome>,
) -> Result<(), String> {
    let mut constant = tree.constant();
    loop {
        let mut pieces = BTreeMap::new();
        for (path, source) in sources {
            let of_file = (1..)
                .zip(mutants)
                .filter(|(number, mutant)| mutant.file == *path && !out.contains_key(number));
            let of_file: Vec<_> = of_file.collect();
            let mut switched =
                switch(source, &of_file, &constant).map_err(|error| format!("{path}: {error}"))?;
            if path.ends_with("src/lib.rs") {
                switched.text.push_str("\n#[doc(hidden)]\nmod mutant;\n");
            }
            tree.write(Path::new(path), switched.text.as_bytes())?;
            pieces.insert(path.clone(), switched.pieces);
            out.extend(switched.unswitched);
        }
        let errors = errors(tree)?;
        if errors.is_empty() {
            return tree.keep_constant(&constant);
        }
        let (before, constant_before) = (out.len(), constant.len());
        for error in &errors {
            match constant_function(error) {
                Some(name) => _ = constant.insert(name),
                None => out.extend(blamed(error, &pieces)),
            }
        }
        println!("   {} errors, {} mutants left out", errors.len(), out.len());
        if before == out.len() && constant_before == constant.len() {
            let texts = errors.iter().filter_map(|error| error.get("rendered")?.as_str());
            return Err(format!("no mutant is to blame:\n{}", texts.take(5).collect::<String>()));
        }
    }
}

fn errors(tree: &Tree) -> Result<Vec<Value>, String> {
    let mut words = vec!["check", "--offline", "--message-format=json"];
    words.extend(PACKAGES.iter().flat_map(|package| ["--package", package]));
    let mut cargo = tree.cargo(&words);
    let output =
        cargo.stderr(Stdio::inherit()).output().map_err(|error| format!("cannot run cargo: {error}"))?;
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let messages = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let messages = messages.filter_map(|mut message| Some(message.get_mut("message")?.take()));
    let errors: Vec<_> = messages
        .filter(|message| {
            message.get("level").is_some_and(|level| level == "error") && spans(message).next().is_some()
        })
        .collect();
    match errors.is_empty() && !output.status.success() {
        true => Err("cargo check failed, and no error has a place".to_owned()),
        false => Ok(errors),
    }
}

/// The places that an error points to.
fn spans(error: &Value) -> impl Iterator<Item = &Value> {
    error.get("spans").and_then(Value::as_array).into_iter().flatten()
}

/// The function that a constant calls and that is constant no more: `Type::name`, or `name` of one that is no type's.
fn constant_function(error: &Value) -> Option<String> {
    let is_it = error.pointer("/code/code").is_some_and(|code| code == "E0015");
    let message = error.get("message")?.as_str().filter(|_| is_it)?;
    let mut names = message.split('`').nth(1)?.rsplit("::").filter(|name| !name.starts_with('<'));
    let name = names.next()?;
    let of = names.next().and_then(|of| of.split('<').next());
    Some(match of.filter(|of| of.starts_with(char::is_uppercase)) {
        Some(of) => format!("{of}::{name}"),
        None => name.to_owned(),
    })
}

/// The mutant to leave out: the one whose own text the error points to; else the last of those around the place, as the others
/// may do without it.
fn blamed(error: &Value, pieces: &BTreeMap<String, Vec<Piece<Part>>>) -> Option<(u32, Outcome)> {
    let mut spans: Vec<&Value> = spans(error).collect();
    spans.sort_by_key(|span| span.get("is_primary") != Some(&Value::Bool(true)));
    let places: Vec<_> = spans.into_iter().filter_map(|span| place(span, pieces)).collect();
    for (pieces, at) in &places {
        let own = pieces.iter().find_map(|piece| match piece.of {
            Part::Mutant(number) if piece.range.contains(at) => Some(number),
            _ => None,
        });
        if let Some(number) = own {
            return Some((number, Outcome::Unviable));
        }
    }
    let around = places.iter().find_map(|(pieces, at)| nearest_around(pieces, *at))?;
    Some((*around.last()?, Outcome::Unswitched))
}

/// Where the error points to in a rewritten source; within a macro's text where the macro was called.
fn place<'p>(
    span: &Value,
    pieces: &'p BTreeMap<String, Vec<Piece<Part>>>,
) -> Option<(&'p [Piece<Part>], usize)> {
    let of_file = span.get("file_name").and_then(Value::as_str).and_then(|file| pieces.get(file));
    match of_file {
        Some(of_file) => Some((of_file, usize::try_from(span.get("byte_start")?.as_u64()?).ok()?)),
        None => place(span.pointer("/expansion/span")?, pieces),
    }
}

fn nearest_around(pieces: &[Piece<Part>], at: usize) -> Option<&[u32]> {
    let begin = |number: u32| {
        pieces.iter().find(|piece| piece.of == Part::Mutant(number)).map(|piece| piece.range.start)
    };
    let around = pieces.iter().filter_map(|piece| match &piece.of {
        Part::End(numbers) if piece.range.end >= at => {
            let begins = begin(*numbers.first()?)?;
            (begins <= at).then_some((piece.range.end - begins, numbers.as_slice()))
        }
        _ => None,
    });
    around.min_by_key(|(length, _)| *length).map(|(_, numbers)| numbers)
}
