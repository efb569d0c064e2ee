//! What the tests share.

use std::path::{Path, PathBuf};

use azure_pec::{GroupKey, StatementDocument};
use azure_pec_formats::{Error, Inputs, LoadOptions, Run, RunOptions, load, run};

pub fn example(path: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "examples", path].iter().collect()
}

/// What contoso's usage is judged by.
pub fn contoso_facts() -> Vec<PathBuf> {
    ["contoso/access", "contoso/prices", "contoso/partner.json"].map(example).to_vec()
}

pub fn options(threads: usize) -> RunOptions {
    let by = vec![GroupKey::Subscription, GroupKey::Date];
    RunOptions { by, threads, ..RunOptions::default() }
}

pub fn by_subscription() -> RunOptions {
    RunOptions { by: vec![GroupKey::Subscription], ..options(1) }
}

pub fn load_paths(paths: &[PathBuf]) -> Result<Inputs, Error> {
    load(paths, &LoadOptions::default())
}

pub fn run_paths(paths: &[PathBuf], options: &RunOptions) -> Result<(Run, StatementDocument), Error> {
    let inputs = load_paths(paths)?;
    let calculator = inputs.calculator()?;
    let run = run(&inputs, &calculator, options, None, &|_| ())?;
    let document = StatementDocument::new(run.statement.body(&calculator), run.inputs.clone());
    Ok((run, document))
}

/// The statement of usage under contoso's access, prices and partner: its body.
pub fn contoso_body(usage: &Path, options: &RunOptions) -> Result<String, Error> {
    let mut paths = contoso_facts();
    paths.push(usage.to_owned());
    let (_, document) = run_paths(&paths, options)?;
    Ok(serde_json::to_string(&document.body).unwrap())
}

/// A usage table in memory.
#[derive(Clone)]
pub struct Table {
    pub header: csv::StringRecord,
    pub rows: Vec<csv::StringRecord>,
}

impl Table {
    /// The whole month of contoso.
    pub fn contoso() -> Self {
        let mut table = Self { header: csv::StringRecord::new(), rows: Vec::new() };
        for part in ["part_0_0001.csv", "part_1_0001.csv", "part_2_0001.csv.gz"] {
            let path = example("contoso/usage").join(part);
            let source = azure_pec_formats::Source::open(&path).unwrap().remove(0);
            let mut reader = csv::Reader::from_reader(source.reader().unwrap());
            table.header = reader.headers().unwrap().clone();
            table.rows.extend(reader.records().map(Result::unwrap));
        }
        table
    }

    pub fn column(&self, name: &str) -> usize {
        self.header.iter().position(|column| column == name).unwrap()
    }

    /// Puts other texts into a column, by their row and what stands there.
    pub fn change(&mut self, column: &str, text: impl Fn(usize, &str) -> String) {
        let own = self.column(column);
        for (at, row) in self.rows.iter_mut().enumerate() {
            let changed = text(at, row.get(own).unwrap());
            *row = row
                .iter()
                .enumerate()
                .map(|(place, old)| if place == own { &changed } else { old })
                .collect();
        }
    }

    pub fn write<'r>(&self, path: &Path, rows: impl IntoIterator<Item = &'r csv::StringRecord>) {
        let mut writer = csv::Writer::from_path(path).unwrap();
        writer.write_record(&self.header).unwrap();
        rows.into_iter().for_each(|row| writer.write_record(row).unwrap());
        writer.flush().unwrap();
    }
}

pub fn code<T>(result: Result<T, Error>) -> &'static str {
    match result {
        Ok(_) => "none",
        Err(error) => error.code(),
    }
}
