//! Stands between a file and the CSV reader, which by itself would take a quote that is never closed, or a row of a
//! gigabyte, into memory.

use std::io::{self, Read};

/// A row longer than this, in bytes, is none.
pub(super) const LONGEST_ROW: u64 = 64 * 1024;

/// Counts rows and quotes in what passes.
pub(super) struct Guard<R> {
    input: R,
    delimiter: u8,
    line: u64,
    row: u64,
    state: State,
    /// Where the quote that is open was opened.
    opened: u64,
    failed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    /// After a quote inside quotes: the end, or half of a doubled one.
    QuoteInQuoted,
}

impl<R: Read> Guard<R> {
    /// `line` is that of the first byte.
    pub(super) fn new(input: R, delimiter: u8, line: u64) -> Self {
        Self { input, delimiter, line, row: 0, state: State::FieldStart, opened: 0, failed: false }
    }

    fn watch(&mut self, bytes: &[u8]) -> io::Result<()> {
        for byte in bytes {
            self.row += 1;
            self.state = match (self.state, *byte) {
                (_, 0) => return Err(refused(format!("line {} holds a byte 0: this is not text", self.line))),
                (State::Quoted, b'"') => State::QuoteInQuoted,
                (State::Quoted, _) => State::Quoted,
                (State::QuoteInQuoted, b'"') => State::Quoted,
                (State::FieldStart, b'"') => {
                    self.opened = self.line;
                    State::Quoted
                }
                (_, b'\n' | b'\r') => {
                    self.row = 0;
                    State::FieldStart
                }
                (_, byte) if byte == self.delimiter => State::FieldStart,
                _ => State::Plain,
            };
            if *byte == b'\n' {
                self.line += 1;
            }
            if self.row > LONGEST_ROW {
                return Err(self.too_long());
            }
        }
        Ok(())
    }

    fn too_long(&self) -> io::Error {
        match self.state {
            State::Quoted => self.unclosed(),
            _ => refused(format!("the row at line {} is longer than {} KiB", self.line, LONGEST_ROW / 1024)),
        }
    }

    fn unclosed(&self) -> io::Error {
        refused(format!("the quote opened at line {} is never closed", self.opened))
    }
}

fn refused(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failed {
            return Ok(0);
        }
        let count = self.input.read(buffer)?;
        let outcome = match count {
            0 if self.state == State::Quoted => Err(self.unclosed()),
            _ => self.watch(&buffer[..count]),
        };
        self.failed = outcome.is_err();
        outcome.map(|()| count)
    }
}
