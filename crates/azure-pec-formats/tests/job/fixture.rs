//! What the tests share.

use std::path::{Path, PathBuf};

use azure_pec::{GroupKey, StatementBody};
use azure_pec_formats::{Error, Inputs, LoadOptions, Run, RunOptions, load, run};

pub fn example(path: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "examples", path].iter().collect()
}

pub fn options(threads: usize) -> RunOptions {
    RunOptions { by: vec![GroupKey::Subscription], from: None, to: None, allow_rejected: 0, threads }
}

pub fn load_paths(paths: &[&Path]) -> Result<Inputs, Error> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
    load(&paths, &LoadOptions::default())
}

pub fn run_paths(paths: &[&Path], options: &RunOptions) -> Result<(Run, StatementBody), Error> {
    let inputs = load_paths(paths)?;
    let calculator = inputs.calculator()?;
    let run = run(&inputs, &calculator, options, None, &|_| ())?;
    let body = run.statement.body(&calculator);
    Ok((run, body))
}
