//! `hotelbot.toml`: settings that go with the folder. Holds no secrets, only references to them.

use super::diagnose::{Finding, Place, nearest, shown};
use super::secrets;
use super::settings::{Environment, file_names};
use super::source::{Source, span_of};
use super::whatsapp_file::reference;
use super::yaml::Span;
use crate::domain::hotel::SecretReference;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;
use toml::de::DeTable;

/// The file's name in the operator's folder.
pub(crate) const NAME: &str = "hotelbot.toml";

/// Settings whose value here must be a reference.
const SECRETS: &[&str] = &["admin_token", "deepseek_api_key"];

/// What the file says.
#[derive(Debug, Default)]
pub(crate) struct FileValues {
    /// By name.
    pub(crate) values: BTreeMap<String, FileValue>,
}

/// One line's value.
#[derive(Debug)]
pub(crate) struct FileValue {
    /// References already followed.
    pub(crate) text: String,
    pub(crate) line: usize,
    pub(crate) place: Place,
}

/// Reads the file if it is there; what is wrong with it goes to `errors`.
pub(crate) fn read(dir: &Path, environment: &Environment, errors: &mut Vec<Finding>) -> FileValues {
    let path = dir.join(NAME);
    if fs::symlink_metadata(&path).is_err() {
        return FileValues::default();
    }
    match Source::read(&path, NAME, dir) {
        Ok(source) => Reader { source: &source, dir, environment, errors }.values(),
        Err(mistake) => {
            errors.push(mistake);
            FileValues::default()
        }
    }
}

struct Reader<'i> {
    source: &'i Source,
    dir: &'i Path,
    environment: &'i Environment,
    errors: &'i mut Vec<Finding>,
}

impl Reader<'_> {
    fn values(mut self) -> FileValues {
        let source = self.source;
        let (table, mistakes) = DeTable::parse_recoverable(&source.text);
        for mistake in mistakes {
            let span = self.span(mistake.span().unwrap_or(0..1));
            self.error(span, format!("this is not TOML: {}", mistake.message()), "write `name = \"value\"`");
        }
        let mut values = BTreeMap::new();
        for (key, value) in table.get_ref() {
            let (name, span) = (key.get_ref().as_ref(), self.span(key.span()));
            if !file_names().any(|known| known == name) {
                self.unknown(name, span);
                continue;
            }
            let span = self.span(value.span());
            let Some(text) = value.get_ref().as_str() else {
                self.error(span, format!("`{name}` must be a text"), "put it in quotes");
                continue;
            };
            let Some(text) = self.follow(name, text, span) else { continue };
            let place = source.finding(span, "", None).place;
            values.insert(name.to_owned(), FileValue { text, line: span.line, place });
        }
        FileValues { values }
    }

    fn unknown(&mut self, name: &str, span: Span) {
        let fix = match nearest(name, file_names()) {
            _ if name == "dir" => "the folder is the one this file is in; use `--dir` or HOTELBOT_DIR".into(),
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the settings are {}", file_names().collect::<Vec<_>>().join(", ")),
        };
        self.error(span, format!("unknown setting `{}`", shown(name)), fix);
    }

    /// The value, or for a secret what it refers to.
    fn follow(&mut self, name: &str, text: &str, span: Span) -> Option<String> {
        if !SECRETS.contains(&name) {
            return Some(text.to_owned());
        }
        match reference(text) {
            Some(reference @ (SecretReference::Env(_) | SecretReference::File(_))) => {
                match secrets::follow(&reference, self.environment, self.dir) {
                    Ok(secret) => Some(secret.expose_secret().to_owned()),
                    Err(error) => {
                        self.error(span, error.to_string(), "set it, or delete the line");
                        None
                    }
                }
            }
            _ => {
                let fix = "write `env:NAME` or `file:PATH`";
                self.error(span, "the secret itself does not belong here", fix);
                None
            }
        }
    }

    fn error(&mut self, span: Span, message: impl Into<String>, fix: impl Into<String>) {
        self.errors.push(self.source.finding(span, message, Some(fix.into())));
    }

    fn span(&self, range: Range<usize>) -> Span {
        let text = &self.source.text;
        let floor = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (start, end) = (floor(range.start), floor(range.end));
        let word = text[start..end.max(start)].lines().next().unwrap_or_default();
        Span { length: word.chars().count().max(1), ..span_of(text, start) }
    }
}
