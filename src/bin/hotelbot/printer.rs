//! The one door to stdout and stderr. Data goes to stdout, everything else to stderr; text and JSON are two renderings
//! of the same value.

use crate::args::{Global, When};
use anstream::ColorChoice;
use indicatif::ProgressBar;
use serde::Serialize;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

/// What a verb has found out: one value, printed as text or as JSON.
pub trait Report: Serialize {
    /// The text, with ANSI styles; they are taken out where they are not wanted.
    fn text(&self) -> String;
}

/// How this run prints.
#[derive(Clone, Debug)]
pub struct Printer {
    json: bool,
    quiet: bool,
}

impl Printer {
    /// As the flags say. Also settles colours for the whole process.
    pub fn new(global: &Global) -> Self {
        let choice = match global.color {
            When::Auto => ColorChoice::Auto,
            When::Always => ColorChoice::Always,
            When::Never => ColorChoice::Never,
        };
        choice.write_global();
        Self { json: global.json, quiet: global.quiet > 0 }
    }

    /// Prints a report to stdout.
    pub fn report<R: Report>(&self, report: &R) -> io::Result<()> {
        if self.json { self.json(report) } else { self.out(&report.text()) }
    }

    fn json<T: Serialize>(&self, value: &T) -> io::Result<()> {
        let text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
        self.out(&format!("{text}\n"))
    }

    /// One JSON object on one line, for output that never ends.
    pub fn json_line<T: Serialize>(&self, value: &T) -> io::Result<()> {
        let text = serde_json::to_string(value).map_err(io::Error::other)?;
        self.out(&format!("{text}\n"))
    }

    /// Whether JSON was asked for.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// How far something is that takes longer than a moment; shown only on a terminal.
    pub fn progress(&self, what: &str) -> ProgressBar {
        if self.quiet || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new_spinner().with_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    /// Data that has only one form, such as a completion script.
    pub fn out(&self, text: &str) -> io::Result<()> {
        let mut out = anstream::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// A remark on stderr, for people; silent with `--quiet`.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            complain(&format!("{text}\n"));
        }
    }
}

/// Writes to stderr. If nobody listens there, there is nobody to tell.
pub fn complain(text: &str) {
    let mut err = anstream::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}
