//! A file of stays: a header by name, rows one at a time, bounded memory however long the file is.

use super::columns::{Columns, Mistake, NAMES};
use super::guard::{Guard, LONGEST_ROW};
use crate::domain::hotel::Hotel;
use crate::domain::stay_change::Told;
use csv::{ByteRecord, ReaderBuilder, StringRecord, Terminator};
use std::io::{self, Cursor, Read};
use std::sync::Arc;

/// What ends the reading of a file.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It cannot be read at all.
    #[error("it cannot be read")]
    Io(#[source] io::Error),
    /// It is no CSV in UTF-8; says what it is and what to do.
    #[error("{message}")]
    NotCsv {
        /// What it is.
        message: String,
        /// What to do.
        fix: String,
    },
    /// Its header is wrong.
    #[error("its header is wrong")]
    Header(Vec<Mistake>),
}

fn not_csv(message: impl Into<String>, fix: impl Into<String>) -> Unreadable {
    Unreadable::NotCsv { message: message.into(), fix: fix.into() }
}

/// One row.
#[derive(Debug)]
pub struct ReadRow {
    /// The line it begins on; the header is on line 1.
    pub line: u64,
    /// Its cells as they stand there.
    pub cells: StringRecord,
    /// The stay, or everything that is wrong with it.
    pub stay: Result<Told, Vec<Mistake>>,
}

/// The stays of a file, one after the other.
pub struct Stays {
    hotel: Arc<Hotel>,
    columns: Columns,
    delimiter: u8,
    reader: csv::Reader<Box<dyn Read + Send>>,
    /// Lines before what the reader sees.
    skipped: u64,
    record: ByteRecord,
    ended: bool,
}

/// The separators that a spreadsheet may write.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

impl Stays {
    /// Reads the header.
    pub fn open(input: impl Read + Send + 'static, hotel: Arc<Hotel>) -> Result<Self, Unreadable> {
        let (head, input) = head(input).map_err(Unreadable::Io)?;
        check_encoding(&head)?;
        let start = if head.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        let (told, after) = separator_line(&head[start..]);
        let delimiter = told.unwrap_or_else(|| separator(&head[start + after..]));
        let skipped = u64::from(after > 0);
        let rest = Cursor::new(head[start + after..].to_vec()).chain(input);
        let guarded: Box<dyn Read + Send> = Box::new(Guard::new(rest, delimiter, skipped + 1));
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::CRLF)
            .from_reader(guarded);
        Self::with_header(reader, hotel, delimiter, skipped)
    }

    fn with_header(
        mut reader: csv::Reader<Box<dyn Read + Send>>,
        hotel: Arc<Hotel>,
        delimiter: u8,
        skipped: u64,
    ) -> Result<Self, Unreadable> {
        let mut record = ByteRecord::new();
        if !reader.read_byte_record(&mut record).map_err(broken)? {
            let fix = format!("the first line names the columns: {}", NAMES[..5].join(","));
            return Err(not_csv("it is empty", fix));
        }
        let line = skipped + record.position().map_or(1, csv::Position::line);
        let header = text(record.clone(), line)?;
        // A spreadsheet may leave separators after the last name.
        let named = (0..header.len()).rev().find(|at| !header[*at].trim().is_empty()).map_or(0, |last| last + 1);
        let columns = Columns::read(header.iter().take(named), line).map_err(Unreadable::Header)?;
        Ok(Self { hotel, columns, delimiter, reader, skipped, record, ended: false })
    }

    /// The columns of the file.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// What separates the cells.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    fn next_row(&mut self) -> Result<Option<ReadRow>, Unreadable> {
        loop {
            if !self.reader.read_byte_record(&mut self.record).map_err(broken)? {
                return Ok(None);
            }
            let line = self.skipped + self.record.position().map_or(0, csv::Position::line);
            if self.record.iter().all(|cell| cell.trim_ascii().is_empty()) {
                continue;
            }
            let cells = text(std::mem::take(&mut self.record), line)?;
            let stay = self.stay(&cells, line);
            return Ok(Some(ReadRow { line, cells, stay }));
        }
    }

    fn stay(&self, cells: &StringRecord, line: u64) -> Result<Told, Vec<Mistake>> {
        let expected = self.columns.count();
        let surplus = cells.iter().skip(expected).any(|cell| !cell.trim().is_empty());
        if cells.len() < expected || surplus {
            let separator = char::from(self.delimiter);
            let message = format!("the row has {} cells, the header names {expected}", cells.len());
            let fix = format!("put cells that hold `{separator}` or a line break in double quotes");
            return Err(vec![Mistake { line, column: None, message, fix }]);
        }
        self.columns.stay(cells.iter(), &self.hotel, line)
    }
}

impl Iterator for Stays {
    type Item = Result<ReadRow, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.next_row().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// The beginning of the file, up to the longest row.
fn head(mut input: impl Read + Send + 'static) -> io::Result<(Vec<u8>, impl Read + Send + 'static)> {
    let mut head = Vec::new();
    input.by_ref().take(LONGEST_ROW).read_to_end(&mut head)?;
    Ok((head, input))
}

fn check_encoding(head: &[u8]) -> Result<(), Unreadable> {
    let zeros = head.iter().take(64).filter(|byte| **byte == 0).count();
    if head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]) || zeros > 8 {
        return Err(not_csv(
            "it is UTF-16, not UTF-8",
            "save it as “CSV UTF-8”, or: iconv -f UTF-16 -t UTF-8 OLD > NEW",
        ));
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(not_csv("it is a spreadsheet, not a CSV", "open it and save it as “CSV UTF-8”"));
    }
    Ok(())
}

/// A first line `sep=;`, as spreadsheets write it: the separator, and how many bytes the line has.
fn separator_line(head: &[u8]) -> (Option<u8>, usize) {
    let end = head.iter().position(|byte| *byte == b'\n').map_or(head.len(), |end| end + 1);
    let line = head[..end].trim_ascii().trim_ascii_end();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] if DELIMITERS.contains(separator) => {
            (Some(*separator), end)
        }
        // `sep=` and a tab: the tab went with the white space around it.
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] => (Some(b'\t'), end),
        _ => (None, 0),
    }
}

/// What separates the names of the header: that which makes most of them names of columns.
fn separator(head: &[u8]) -> u8 {
    let line = head.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let line = String::from_utf8_lossy(line).to_lowercase();
    let names = |separator: u8| {
        let of = |cell: &str| cell.trim().trim_matches('"').replace([' ', '-'], "_");
        line.split(char::from(separator)).filter(|cell| NAMES.contains(&of(cell).as_str())).count()
    };
    // Of equals the first: the comma.
    DELIMITERS.into_iter().rev().max_by_key(|separator| names(*separator)).unwrap_or(b',')
}

/// A record as text; a byte that is none says which encoding it may be.
fn text(record: ByteRecord, line: u64) -> Result<StringRecord, Unreadable> {
    StringRecord::from_byte_record(record).map_err(|error| {
        let record = error.into_byte_record();
        let high: Vec<u8> = record.iter().flatten().copied().filter(|byte| *byte >= 0x80).collect();
        let cyrillic = high.iter().filter(|byte| **byte >= 0xC0 || matches!(**byte, 0xA8 | 0xB8)).count();
        let (what, from) = if cyrillic * 10 >= high.len() * 9 && high.len() > 1 {
            ("it looks like Windows-1251, not UTF-8", "WINDOWS-1251")
        } else {
            ("it is not UTF-8", "WINDOWS-1252")
        };
        let fix = format!("save it as “CSV UTF-8”, or: iconv -f {from} -t UTF-8 OLD > NEW");
        not_csv(format!("{what} (line {line})"), fix)
    })
}

fn broken(error: csv::Error) -> Unreadable {
    match error.into_kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            not_csv(error.to_string(), "put every text with quotes, separators or line breaks in double quotes")
        }
        csv::ErrorKind::Io(error) => Unreadable::Io(error),
        other => not_csv(format!("{other:?}"), "save it as “CSV UTF-8”"),
    }
}

/// A cell as it may go into a file that a spreadsheet opens: one that would be run as a formula gets a quote in front.
pub fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
