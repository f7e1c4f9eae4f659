//! `hotelbot inbox` and `hotelbot outbox`: what waits, what failed, and what a person decides about it.

pub mod inbox;
pub mod outbox;

use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::printer::Report;
use serde::Serialize;

/// What a change did.
#[derive(Serialize)]
pub struct Done {
    /// How many rows.
    pub changed: u64,
    /// Nothing was changed, only looked at.
    pub dry_run: bool,
    /// What is true now.
    #[serde(skip)]
    pub text: String,
}

impl Report for Done {
    fn text(&self) -> String {
        self.text.clone()
    }
}

/// Says what would have been done.
pub fn dry_run(desk: &Desk, text: &str, rows: usize) -> Outcome {
    let changed = u64::try_from(rows).unwrap_or(u64::MAX);
    desk.printer.report(&Done { changed, dry_run: true, text: format!("{text}\n") })?;
    Ok(Exit::Done)
}

/// The one row that an id means.
pub fn one_of<T>(id: &str, mut found: Vec<T>, noun: &str) -> Result<T, Failure> {
    let shown = crate::words::one_line(id);
    if found.len() > 1 {
        return Err(Failure::wrong(format!("`{shown}` means several rows")).hint("Type more of the id"));
    }
    found.pop().ok_or_else(|| {
        Failure::wrong(format!("there is no row `{shown}` in the {noun}"))
            .hint(format!("Run `hotelbot {noun} list` to see them; at least the last four letters of an id will do"))
    })
}

/// The end of an id: enough to type, and accepted wherever an id is.
pub fn short(id: impl ToString) -> String {
    let id = id.to_string();
    id[id.len().saturating_sub(8)..].to_owned()
}
