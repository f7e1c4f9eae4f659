//! `prompts classify`: what the reader built into the program makes of messages, one JSON object a line. No network,
//! no hotel, no database.

use crate::args::prompts::Classify;
use crate::fail::{Exit, Failure, Outcome};
use hotelbot::domain::language::Language;
use hotelbot::domain::understanding::{Reading, Sentiment, Topic};
use hotelbot::nlu::reader;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};

/// A message with a name of its own.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    id: serde_json::Value,
    text: String,
}

#[derive(Serialize)]
struct View {
    id: serde_json::Value,
    sentiment: Sentiment,
    score: f32,
    alert: bool,
    topics: Vec<Topic>,
    language: Option<Language>,
    rules: Vec<String>,
}

impl View {
    fn of(id: serde_json::Value, reading: Reading) -> Self {
        let Reading { sentiment, score, alert, topics, language, rules } = reading;
        Self { id, sentiment, score: (score * 1_000.0).round() / 1_000.0, alert, topics, language, rules }
    }
}

/// Reads lines until they end.
pub fn run(args: &Classify) -> Outcome {
    let lines: Box<dyn BufRead> = match &args.file {
        Some(path) => {
            let unreadable =
                |error: io::Error| Failure::wrong(format!("cannot read {}", path.display())).because(error);
            Box::new(BufReader::new(File::open(path).map_err(unreadable)?))
        }
        None => Box::new(io::stdin().lock()),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    for (number, line) in (1_u64..).zip(lines.split(b'\n')) {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() {
            continue;
        }
        let (id, text) = message(number, line);
        serde_json::to_writer(&mut out, &View::of(id, reader::read(&text))).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// A line is an object with a `text`, or the text itself; without an `id` it goes by its number.
fn message(number: u64, line: &str) -> (serde_json::Value, String) {
    match serde_json::from_str::<Named>(line) {
        Ok(Named { id: serde_json::Value::Null, text }) => (number.into(), text),
        Ok(Named { id, text }) => (id, text),
        Err(_) => (number.into(), line.to_owned()),
    }
}
