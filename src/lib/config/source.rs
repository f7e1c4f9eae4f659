//! Files read with care: only regular files inside their folder, not too big, not writable by everyone, UTF-8.

use super::diagnose::{Finding, Place};
use super::mask;
use super::yaml::Span;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The longest file that is read; a hotel with 500 facts in five languages needs a quarter of it.
const LARGEST: u64 = 1 << 20;

/// Longer lines, in bytes, are not shown: nobody wrote them by hand.
const LONGEST_LINE: usize = 16_384;

/// A text and the name it has on the screen.
#[derive(Debug)]
pub(crate) struct Source {
    /// Relative to the operator's folder.
    pub(crate) file: String,
    /// With line ends as `\n` and without a byte-order mark.
    pub(crate) text: String,
}

impl Source {
    /// From a text that is already in memory.
    pub(crate) fn new(file: impl Into<String>, text: &str) -> Self {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
        Self { file: file.into(), text }
    }

    /// From a file that must lie, links followed, inside `folder`.
    pub(crate) fn read(path: &Path, file: &str, folder: &Path) -> Result<Self, Finding> {
        check_place(path, file, folder)?;
        let bytes = read_bounded(path).map_err(|error| unreadable(file, &error))?;
        if bytes.len() as u64 > LARGEST {
            return Err(Finding::file(file, "the file is larger than 1 MiB", "move facts out of it or shorten them"));
        }
        decode(file, bytes)
    }

    /// A mistake at a word.
    pub(crate) fn finding(&self, span: Span, message: impl Into<String>, fix: Option<String>) -> Finding {
        let line = self.text.lines().nth(span.line - 1).unwrap_or_default();
        let source = if line.len() > LONGEST_LINE { String::new() } else { mask::secrets(line) };
        let Span { line, column, length, .. } = span;
        let place = Place::Word { file: self.file.clone(), line, column, length, source };
        Finding { place, message: message.into(), fix }
    }
}

fn unreadable(file: &str, error: &io::Error) -> Finding {
    Finding::file(file, format!("the file cannot be read: {error}"), "check that it is there and yours")
}

fn check_place(path: &Path, file: &str, folder: &Path) -> Result<(), Finding> {
    let real = fs::canonicalize(path).map_err(|error| unreadable(file, &error))?;
    let folder = fs::canonicalize(folder).map_err(|error| unreadable(file, &error))?;
    if !real.starts_with(&folder) {
        return Err(Finding::file(file, "the link leads out of the folder", "put the file itself there"));
    }
    // Asked before opening: opening a pipe would wait for its writer.
    let metadata = fs::metadata(&real).map_err(|error| unreadable(file, &error))?;
    if !metadata.is_file() {
        return Err(Finding::file(file, "this is not a file", "move it away"));
    }
    if is_writable_by_everyone(&metadata) {
        let fix = format!("run `chmod o-w {file}`");
        return Err(Finding::file(file, "everyone on this machine may change the file", fix));
    }
    Ok(())
}

#[cfg(unix)]
fn is_writable_by_everyone(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o002 != 0
}

#[cfg(not(unix))]
fn is_writable_by_everyone(_metadata: &fs::Metadata) -> bool {
    false
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn decode(file: &str, bytes: Vec<u8>) -> Result<Source, Finding> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(Finding::file(file, "the file is UTF-16", "save it as UTF-8"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = 1 + error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count();
        Finding::file(format!("{file}:{line}"), "the file is not UTF-8", "save it as UTF-8")
    })?;
    let source = Source::new(file, &text);
    match source.text.find('\0') {
        Some(at) => Err(source.finding(span_of(&source.text, at), "a NUL character", Some("delete it".into()))),
        None => Ok(source),
    }
}

/// Where a byte of a text stands.
pub(crate) fn span_of(text: &str, byte: usize) -> Span {
    let before = &text[..byte];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Span { line: before.matches('\n').count() + 1, column: before[start..].chars().count() + 1, length: 1, layer: 0 }
}
