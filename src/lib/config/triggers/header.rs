//! `triggers.yaml`, as far as it is read today: that it is there for us and in the language's present version.

use super::super::diagnose::{ConfigErrors, Finding, shown};
use super::super::fields::{Collector, entries, word};
use super::super::source::Source;
use super::super::yaml::{self, Node};
use std::fs;
use std::path::Path;

const NAME: &str = "triggers.yaml";
pub(super) const FIELDS: &[&str] = &["version", "policy", "triggers", "questions"];

/// What the top of the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggersHeader {
    /// Of the language; 1.
    pub version: u32,
    /// The triggers' names, in the order of the file; their definitions are not read yet.
    pub triggers: Vec<String>,
}

/// Reads the version and the names in `triggers.yaml` under `dir`; `None` if there is no such file.
pub fn load_triggers_header(dir: &Path) -> Result<Option<TriggersHeader>, ConfigErrors> {
    let path = dir.join(NAME);
    if fs::symlink_metadata(&path).is_err() {
        return Ok(None);
    }
    let source = Source::read(&path, NAME, dir).map_err(|mistake| ConfigErrors { findings: vec![mistake] })?;
    header(&source).map(Some)
}

fn header(source: &Source) -> Result<TriggersHeader, ConfigErrors> {
    let yaml::Document { root, problems, unreadable } = yaml::parse(&source.text);
    let mut c = Collector::new(source, problems, unreadable);
    let header = root.and_then(|root| read(&root, &mut c));
    if header.is_none() && c.errors.is_empty() {
        c.errors.push(Finding::file(NAME, "the file is empty", "write `version: 1`, or delete the file"));
    }
    ConfigErrors::check(c.errors)?;
    Ok(header.expect("a file without mistakes has a header"))
}

fn read(node: &Node, c: &mut Collector<'_>) -> Option<TriggersHeader> {
    let fields = c.fields(node, "the file", FIELDS)?;
    let version = fields.required("version", "1", c, version);
    let triggers = fields.optional("triggers", c, |n, c| entries(n, c, "room-ok: …").map(names));
    fields.optional("questions", c, |n, c| entries(n, c, "what-is-wrong: …").map(|_| ()));
    fields.optional("policy", c, |n, c| c.fields(n, "`policy`", super::policy::POLICY).map(|_| ()));
    Some(TriggersHeader { version: version?, triggers: triggers.unwrap_or_default() })
}

fn names(entries: &[(yaml::Key, Node)]) -> Vec<String> {
    entries.iter().map(|(key, _)| key.text.clone()).collect()
}

pub(super) fn version(node: &Node, c: &mut Collector<'_>) -> Option<u32> {
    match word(node, c, "the version, `1`,")? {
        "1" => Some(1),
        other => {
            let message = format!("version `{}` of the language is not known", shown(other));
            c.error(node.span, message, "write `version: 1`, or use a newer hotelbot")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str) -> Vec<String> {
        let errors = header(&Source::new(NAME, text)).expect_err("must be refused");
        errors.findings.iter().map(|finding| format!("{} {}", finding.place.label(), finding.message)).collect()
    }

    #[test]
    fn the_example_is_right() {
        let header =
            load_triggers_header(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap_or_else(|errors| panic!("{errors}"));

        assert_eq!(header.map(|header| header.triggers.len()), Some(8));
    }

    #[test]
    fn names_are_read_and_no_file_is_no_triggers() {
        let source = Source::new(NAME, "version: 1\ntriggers:\n  room-ok: { when: { after: check_in } }\n");

        assert_eq!(header(&source).expect("valid").triggers, ["room-ok"]);
        assert_eq!(load_triggers_header(Path::new("/nonexistent")), Ok(None));
    }

    #[test]
    fn another_version_or_an_unknown_section_is_refused() {
        for (text, expected) in [
            ("", "triggers.yaml the file is empty"),
            ("triggers: {}", "triggers.yaml:1:1 the file lacks `version`"),
            ("version: 2", "triggers.yaml:1:10 version `2` of the language is not known"),
            ("version: 1\ntrigers: {}", "triggers.yaml:2:1 unknown field `trigers`"),
            ("version: 1\npolicy: { quiet: 1 }", "triggers.yaml:2:11 unknown field `quiet`"),
            ("version: 1\ntriggers: [a]", "triggers.yaml:2:11 names and values are expected here"),
        ] {
            assert_eq!(mistakes(text), [expected], "{text}");
        }
    }
}
