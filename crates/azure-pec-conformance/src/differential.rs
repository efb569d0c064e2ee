//! Random worlds through the calculator and the independent oracle: answer against answer, sum against sum.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::sync_channel;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::request::{Reply, Request, reply};

/// How a run came out.
#[derive(Debug, Default)]
pub struct Comparison {
    /// The worlds compared.
    pub worlds: u64,
    /// The lines answered in them.
    pub lines: u64,
    /// The worlds that both refused with the same code.
    pub refused: u64,
    /// The worlds that differ, the first hundred.
    pub disagreements: Vec<Disagreement>,
    /// How many differ in all.
    pub differing: u64,
}

/// A world that the two answer differently.
#[derive(Debug)]
pub struct Disagreement {
    /// The world as the maker wrote it.
    pub world: String,
    /// The calculator's answer.
    pub ours: String,
    /// The oracle's.
    pub oracle: String,
}

#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
enum Said {
    Error { error: Code },
    Reply(Reply),
}

#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
struct Code {
    code: String,
}

/// Runs `cases` worlds of a seed, made by `oracle/worlds.py`, through the calculator and `oracle/oracle.py`.
///
/// # Errors
/// Where Python or one of the scripts cannot be run, or writes something else than answers.
pub fn differential(oracle: &Path, cases: u64, seed: u64) -> Result<Comparison, String> {
    let python = |script: &str| {
        let mut command = Command::new("python3");
        command.arg(oracle.join(script)).stdout(Stdio::piped());
        command
    };
    let failed = |error: std::io::Error| format!("cannot run python3: {error}");
    let mut maker = python("worlds.py")
        .args(["--cases", &cases.to_string(), "--seed", &seed.to_string()])
        .spawn()
        .map_err(failed)?;
    let mut judge = python("oracle.py").stdin(Stdio::piped()).spawn().map_err(failed)?;
    let (Some(worlds), Some(questions), Some(answers)) =
        (maker.stdout.take(), judge.stdin.take(), judge.stdout.take())
    else {
        return Err("no pipes to python3".to_owned());
    };
    let (send, worlds_asked) = sync_channel::<String>(4096);
    let feeder = std::thread::spawn(move || -> std::io::Result<()> {
        let mut questions = BufWriter::new(questions);
        for world in BufReader::new(worlds).lines() {
            let world = world?;
            writeln!(questions, "{world}")?;
            if send.send(world).is_err() {
                break;
            }
        }
        questions.flush()
    });
    let mut comparison = Comparison::default();
    for reply in BufReader::new(answers).lines() {
        let reply = reply.map_err(|error| error.to_string())?;
        let world =
            worlds_asked.recv().map_err(|_| "the oracle answered more than it was asked".to_owned())?;
        comparison.add(world, &reply)?;
    }
    let fed = feeder.join().map_err(|_| "the feeding thread stopped".to_owned())?;
    fed.map_err(|error| error.to_string())?;
    for child in [&mut maker, &mut judge] {
        let status = child.wait().map_err(|error| error.to_string())?;
        if !status.success() {
            return Err(format!("python3 ended with {status}"));
        }
    }
    if comparison.worlds != cases {
        return Err(format!("{} worlds were answered, {cases} were asked", comparison.worlds));
    }
    Ok(comparison)
}

impl Comparison {
    fn add(&mut self, world: String, said: &str) -> Result<(), String> {
        let oracle: Said = serde_json::from_str(said).map_err(|error| format!("{error}: {said}"))?;
        let raw: &RawValue = serde_json::from_str(&world).map_err(|error| format!("{error}: {world}"))?;
        let request: Request =
            serde_json::from_str(raw.get()).map_err(|error| format!("{error}: {world}"))?;
        let ours = match reply(&request) {
            Ok(reply) => Said::Reply(reply),
            Err((code, _)) => Said::Error { error: Code { code } },
        };
        self.worlds += 1;
        match &ours {
            Said::Reply(reply) => self.lines += reply.answers.len() as u64,
            Said::Error { .. } => self.refused += 1,
        }
        if ours != oracle {
            self.differing += 1;
            if self.disagreements.len() < 100 {
                let text = |said: &Said| serde_json::to_string(said).unwrap_or_default();
                self.disagreements.push(Disagreement { ours: text(&ours), oracle: text(&oracle), world });
            }
        }
        Ok(())
    }
}
