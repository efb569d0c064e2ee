//! Files and folders in, a statement out: `cargo run --example statement -- examples/contoso`.
//!
//! With `LINES=lines.csv.gz` in the environment, the table of lines is written too.

use std::path::{Path, PathBuf};

use azure_pec::{GroupKey, StatementDocument};
use azure_pec_formats::{Amounts, BatchSink, LinesWriter, LoadOptions, RunOptions, load, run};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let inputs = load(&paths, &LoadOptions::default())?;
    let calculator = inputs.calculator()?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let options = RunOptions { by: vec![GroupKey::Subscription], threads, ..RunOptions::default() };
    let table = std::env::var_os("LINES");
    let lines = table.map(|path| LinesWriter::create(Path::new(&path), &calculator, Amounts::Decimal));
    let mut lines = lines.transpose()?;
    let sink = lines.as_mut().map(|lines| lines as &mut dyn BatchSink);
    let run = run(&inputs, &calculator, &options, sink, &|_| ())?;
    run.check_rejects(options.allow_rejected)?;
    if let Some(lines) = lines {
        lines.finish()?;
    }
    print!("{}", StatementDocument::new(run.statement.body(&calculator), run.inputs).to_json());
    Ok(())
}
