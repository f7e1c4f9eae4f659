//! What is wrong, where, and what to write instead; shown as in a compiler, all at once.

use super::mask;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use unicode_segmentation::UnicodeSegmentation;

/// Where a mistake is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a file, at a word.
    Word {
        /// As the operator would type it, relative to the folder.
        file: String,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// Of the word, in characters; at least 1.
        length: usize,
        /// The line itself, with anything that looks like a secret masked; empty if it is too long to be shown.
        source: String,
    },
    /// About a file or folder as a whole.
    File(String),
    /// In an environment variable.
    Environment(String),
    /// In a flag, with its dashes.
    Flag(String),
}

impl Place {
    /// `hotels/astoria.yaml:4:1`, `HOTELBOT_LISTEN` or `--listen`.
    pub fn label(&self) -> String {
        match self {
            Place::Word { file, line, column, .. } => format!("{file}:{line}:{column}"),
            Place::File(name) | Place::Environment(name) | Place::Flag(name) => name.clone(),
        }
    }

    fn file(&self) -> Option<&str> {
        match self {
            Place::Word { file, .. } | Place::File(file) => Some(file),
            Place::Environment(_) | Place::Flag(_) => None,
        }
    }
}

/// One mistake, or one thing worth a second look.
///
/// As JSON: `{place, file, line, column, length, source, setting, message, fix}`, without what does not apply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "FlatFinding")]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What is wrong; one lower-case sentence without a full stop.
    pub message: String,
    /// What to write or do instead.
    pub fix: Option<String>,
}

impl Finding {
    /// About a file or folder as a whole.
    pub(crate) fn file(file: impl Into<String>, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { place: Place::File(file.into()), message: message.into(), fix: Some(fix.into()) }
    }

    fn sentence(&self) -> String {
        match &self.fix {
            Some(fix) => format!("{}; {fix}", self.message),
            None => self.message.clone(),
        }
    }
}

/// A finding as other programs read it.
#[derive(Serialize)]
struct FlatFinding {
    place: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(flatten)]
    word: Option<FlatWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    setting: Option<String>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Serialize)]
struct FlatWord {
    line: usize,
    column: usize,
    length: usize,
    source: String,
}

impl From<Finding> for FlatFinding {
    fn from(finding: Finding) -> Self {
        let place = finding.place.label();
        let (file, word, setting) = match finding.place {
            Place::Word { file, line, column, length, source } => {
                (Some(file), Some(FlatWord { line, column, length, source }), None)
            }
            Place::File(file) => (Some(file), None, None),
            Place::Environment(name) | Place::Flag(name) => (None, None, Some(name)),
        };
        Self { place, file, word, setting, message: finding.message, fix: finding.fix }
    }
}

/// Every mistake of every file, in the order of files and lines. Never empty.
///
/// `Display` is the screen of the command line without its `error:`; no colours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigErrors {
    /// All of them.
    pub findings: Vec<Finding>,
}

impl ConfigErrors {
    /// `Ok` if there is nothing to say.
    pub(crate) fn check(mut findings: Vec<Finding>) -> Result<(), Self> {
        findings.sort();
        findings.dedup();
        if findings.is_empty() { Ok(()) } else { Err(Self { findings }) }
    }

    /// `2 files have mistakes`.
    pub fn summary(&self) -> String {
        let files: BTreeSet<Option<&str>> = self.findings.iter().map(|finding| finding.place.file()).collect();
        match files.len() {
            _ if files.contains(&None) => "the settings have mistakes".into(),
            1 => "1 file has mistakes".into(),
            count => format!("{count} files have mistakes"),
        }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\n{}", self.summary(), render(&self.findings))
    }
}

impl std::error::Error for ConfigErrors {}

/// The indented list under the first line of an error: place, line, carets, message. Also for warnings.
pub fn render(findings: &[Finding]) -> String {
    let widest = findings.iter().map(|finding| width(&finding.place.label())).max().unwrap_or(0);
    let mut screen = String::new();
    for finding in findings {
        let label = finding.place.label();
        let gap = " ".repeat(widest - width(&label) + 4);
        // Writing to a String cannot fail.
        let _ = match &finding.place {
            Place::Word { source, column, length, .. } if !source.is_empty() => {
                let (line, before, marked) = excerpt(source, *column, *length);
                let indent = " ".repeat(2 + widest + 4 + before);
                let carets = "^".repeat(marked);
                writeln!(screen, "  {label}{gap}{line}\n{indent}{carets} {}", finding.sentence())
            }
            _ => writeln!(screen, "  {label}{gap}{}", finding.sentence()),
        };
    }
    screen
}

/// The longest piece of a line that is shown.
const LONGEST: usize = 100;

/// The line without its indentation, cut to a readable length around the word: text, columns before it, columns of it.
fn excerpt(source: &str, column: usize, length: usize) -> (String, usize, usize) {
    let characters: Vec<char> = source.chars().map(mask::printable).collect();
    let word = (column - 1).min(characters.len());
    let indent = characters.iter().take_while(|c| c.is_whitespace()).count().min(word);
    let start = if word - indent > LONGEST / 2 { word - LONGEST / 4 } else { indent };
    let end = characters.len().min(start + LONGEST);
    let before: String = characters[start..word].iter().collect();
    let marked: String = characters[word..(word + length).min(end)].iter().collect();
    let rest: String = characters[(word + length).min(end)..end].iter().collect();
    let head = if start > indent { "…" } else { "" };
    let tail = if end < characters.len() { "…" } else { "" };
    let text = format!("{head}{before}{marked}{rest}{tail}");
    (text.trim_end().to_owned(), width(head) + width(&before), width(&marked).max(1))
}

/// Columns on a terminal: combining marks take none, East Asian characters and emoji two.
fn width(text: &str) -> usize {
    text.graphemes(true).map(|cluster| cluster.chars().next().map_or(0, |c| if is_wide(c) { 2 } else { 1 })).sum()
}

fn is_wide(c: char) -> bool {
    matches!(c as u32, 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD)
}

/// The candidate a mistyped word most likely meant.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', ' ', '_'], "");
    let word = plain(word);
    // One slip in a short word, one in three letters in a long one.
    let allowed = (word.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A value as it may be shown in a message: short, printable.
pub(crate) fn shown(text: &str) -> String {
    let mut short: String = mask::secrets(text).chars().take(40).map(mask::printable).collect();
    if text.chars().count() > 40 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(file: &str, line: usize, column: usize, word: &str, source: &str, message: &str) -> Finding {
        Finding {
            place: Place::Word { file: file.into(), line, column, length: word.chars().count(), source: source.into() },
            message: message.into(),
            fix: Some("look again".into()),
        }
    }

    #[test]
    fn places_stand_in_a_column_and_carets_under_their_word() {
        let errors = ConfigErrors {
            findings: vec![
                finding("hotels/volga.yaml", 4, 1, "timezon", "timezon: Europe/Samara", "unknown field `timezon`"),
                finding(
                    "triggers.yaml",
                    3,
                    19,
                    "chekin",
                    "    when: {after: chekin, by: 3h}",
                    "unknown moment `chekin`",
                ),
            ],
        };

        insta::assert_snapshot!(errors, @r"
        2 files have mistakes

          hotels/volga.yaml:4:1    timezon: Europe/Samara
                                   ^^^^^^^ unknown field `timezon`; look again
          triggers.yaml:3:19       when: {after: chekin, by: 3h}
                                                 ^^^^^^ unknown moment `chekin`; look again
        ");
    }

    #[test]
    fn carets_stay_under_their_word_in_any_script_and_in_long_lines() {
        let thai = "  name: { th: สวัสดี, zh: 你好, xx: hi }";
        let column = thai.chars().take_while(|c| *c != 'x').count() + 1;
        let long = format!("{}wrong {}", "a".repeat(150), "b".repeat(150));

        let screen = render(&[
            finding("a", 1, column, "xx", thai, "unknown language"),
            finding("b", 1, 151, "wrong", &long, "too far right"),
        ]);

        insta::assert_snapshot!(screen, @r"
          a:1:31     name: { th: สวัสดี, zh: 你好, xx: hi }
                                                 ^^ unknown language; look again
          b:1:151    …aaaaaaaaaaaaaaaaaaaaaaaaawrong bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…
                                               ^^^^^ too far right; look again
        ");
    }

    #[test]
    fn other_programs_get_flat_objects() {
        let word = finding("hotels/volga.yaml", 4, 1, "timezon", "timezon: Europe/Samara", "unknown field `timezon`");
        let setting = Finding { place: Place::Flag("--dir".into()), message: "no folder".into(), fix: None };

        insta::assert_json_snapshot!(ConfigErrors { findings: vec![word, setting] }, @r#"
        {
          "findings": [
            {
              "place": "hotels/volga.yaml:4:1",
              "file": "hotels/volga.yaml",
              "line": 4,
              "column": 1,
              "length": 7,
              "source": "timezon: Europe/Samara",
              "message": "unknown field `timezon`",
              "fix": "look again"
            },
            {
              "place": "--dir",
              "setting": "--dir",
              "message": "no folder"
            }
          ]
        }
        "#);
    }

    #[test]
    fn a_slip_finds_its_word_and_another_word_does_not() {
        let words = ["timezone", "languages", "sla", "check_in_time"];

        assert_eq!(nearest("timezon", words), Some("timezone"));
        assert_eq!(nearest("checkInTime", words), Some("check_in_time"));
        assert_eq!(nearest("lsa", words), Some("sla"));
        assert_eq!(nearest("breakfast", words), None);
    }
}
