//! One reading of a whole file before anything is changed: everything that is wrong, and what is told twice.
//!
//! Memory does not grow with the rows but for 16 bytes each, by which a reservation is known again.

use super::columns::{Mistake, REASON, is_unclear};
use super::csv::{ReadRow, Stays, Unreadable, harmless};
use crate::domain::ids::ReservationId;
use crate::domain::stay::Phone;
use crate::domain::stay_change::Told;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

/// So many mistakes are kept to be shown; more are counted.
pub const MOST_MISTAKES: usize = 10_000;
/// So many places of unclear phones are kept to be shown.
const MOST_PLACES: usize = 100;

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Rows with a stay in them, right or wrong.
    pub rows: usize,
    /// Rows with something wrong.
    pub bad: usize,
    /// What is wrong, in the order of the file.
    pub mistakes: Vec<Mistake>,
    /// Mistakes found beyond those kept.
    pub further: usize,
    /// Stays whose phone is no one number, and where the first of them stand.
    pub unclear: usize,
    /// See `unclear`.
    pub unclear_lines: Vec<u64>,
    /// Stays without any phone.
    pub missing: usize,
    /// Reservations told more than once, with the line of their last row: that one counts.
    last_lines: HashMap<u128, u64>,
}

impl Survey {
    /// Reads a file to its end. Bad rows go to `rejects`, in the same columns with the reason behind.
    pub fn take(stays: Stays, mut rejects: Option<&mut dyn Write>) -> Result<Self, Unreadable> {
        let mut survey = Survey::default();
        let mut seen = HashSet::new();
        let mut writer = match rejects.as_mut() {
            Some(out) => Some(Rejects::begin(out, &stays).map_err(Unreadable::Io)?),
            None => None,
        };
        for row in stays {
            let row = row?;
            survey.rows += 1;
            match &row.stay {
                Ok(told) => survey.good(&row, told, &mut seen),
                Err(mistakes) => {
                    if let Some(writer) = &mut writer {
                        writer.add(&row, mistakes).map_err(Unreadable::Io)?;
                    }
                    survey.bad(mistakes);
                }
            }
        }
        if let Some(writer) = writer {
            writer.end().map_err(Unreadable::Io)?;
        }
        Ok(survey)
    }

    fn good(&mut self, row: &ReadRow, told: &Told, seen: &mut HashSet<u128>) {
        let key = key(&told.booking.id);
        if !seen.insert(key) {
            self.last_lines.insert(key, row.line);
        }
        if told.booking.phone == Phone::Missing {
            self.missing += 1;
        }
        if is_unclear(told) {
            self.unclear += 1;
            if self.unclear_lines.len() < MOST_PLACES {
                self.unclear_lines.push(row.line);
            }
        }
    }

    fn bad(&mut self, mistakes: &[Mistake]) {
        self.bad += 1;
        let room = MOST_MISTAKES.saturating_sub(self.mistakes.len());
        self.mistakes.extend(mistakes.iter().take(room).cloned());
        self.further += mistakes.len().saturating_sub(room);
    }

    /// Reservations told more than once.
    pub fn repeated(&self) -> usize {
        self.last_lines.len()
    }

    /// The good stays of the same file, read again: each reservation once, as its last row tells it.
    pub fn tellings(&self, stays: Stays) -> impl Iterator<Item = Result<Told, String>> + Send + 'static {
        let last_lines = self.last_lines.clone();
        stays.filter_map(move |row| match row {
            Err(error) => Some(Err(error.to_string())),
            Ok(ReadRow { stay: Err(_), .. }) => None,
            Ok(ReadRow { line, stay: Ok(told), .. }) => {
                let last = last_lines.get(&key(&told.booking.id)).is_none_or(|last| *last == line);
                last.then_some(Ok(told))
            }
        })
    }
}

fn key(id: &ReservationId) -> u128 {
    let digest = Sha256::digest(id.as_str().as_bytes());
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    u128::from_be_bytes(first)
}

struct Rejects<'o> {
    writer: csv::Writer<&'o mut dyn Write>,
    /// The columns that are written; an older reason is not.
    kept: Vec<usize>,
}

impl<'o> Rejects<'o> {
    fn begin<'w: 'o>(out: &'o mut &'w mut dyn Write, stays: &Stays) -> io::Result<Self> {
        let mut builder = csv::WriterBuilder::new();
        builder.delimiter(stays.delimiter()).flexible(true);
        let mut writer = builder.from_writer(&mut **out as &mut dyn Write);
        let names = stays.columns().names();
        let kept: Vec<usize> = (0..names.len()).filter(|at| !names[*at].eq_ignore_ascii_case(REASON)).collect();
        let header = kept.iter().map(|at| names[*at].as_str()).chain([REASON]);
        writer.write_record(header).map_err(io::Error::from)?;
        Ok(Self { writer, kept })
    }

    fn add(&mut self, row: &ReadRow, mistakes: &[Mistake]) -> io::Result<()> {
        let reasons: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        let cells = self.kept.iter().map(|at| harmless(row.cells.get(*at).unwrap_or_default()));
        self.writer.write_record(cells.chain([reasons.join(" | ")])).map_err(io::Error::from)
    }

    fn end(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
