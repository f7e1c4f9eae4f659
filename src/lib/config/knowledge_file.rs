//! `knowledge:` and `texts:`: what a hotel says about itself, and in which words it says the usual things.

use super::diagnose::{nearest, shown};
use super::fields::{Collector, entries, is_name};
use super::languages::translations;
use super::yaml::{Key, Kind, Node, Span};
use crate::domain::hotel::Text;
use crate::domain::ids::FactId;
use crate::domain::knowledge::{Fact, FactValue};
use crate::domain::language::Language;
use std::collections::BTreeMap;

/// Green API takes longer messages, but nobody reads them, and every fact goes into the prompt.
const LONGEST_FACT: usize = 1000;
/// One message.
const LONGEST_TEXT: usize = 4096;

/// A fact and where it stands.
pub(crate) struct PlacedFact {
    pub(crate) fact: Fact,
    pub(crate) span: Span,
}

/// The facts of a map, in the order of the file. `languages` are the hotel's.
pub(crate) fn facts(node: &Node, c: &mut Collector<'_>, languages: &[Language]) -> Option<Vec<PlacedFact>> {
    let entries = entries(node, c, "pool: yes")?;
    Some(entries.iter().filter_map(|(key, value)| fact(key, value, c, languages)).collect())
}

fn fact(key: &Key, node: &Node, c: &mut Collector<'_>, languages: &[Language]) -> Option<PlacedFact> {
    if !is_name(&key.text, 64, true) {
        let fix = "use a-z, 0-9, `_` and dots, such as `breakfast.hours`";
        c.error::<()>(key.span, format!("`{}` is not the name of a fact", shown(&key.text)), fix);
    }
    let value = match &node.kind {
        Kind::Word(word) => fact_word(word, node.span, c),
        Kind::Map(texts) if texts.is_empty() => {
            c.error(node.span, "the fact says nothing", "write `yes`, `no`, `unknown` or a text a language")
        }
        Kind::Map(_) => fact_texts(key, node, c, languages),
        _ => c.error(node.span, "a fact is expected here", "write `yes`, `no`, `unknown` or `{ en: \"…\" }`"),
    };
    Some(PlacedFact { fact: Fact { id: FactId::from(key.text.as_str()), value: value? }, span: key.span })
}

fn fact_word(word: &str, span: Span, c: &mut Collector<'_>) -> Option<FactValue> {
    match word.trim().to_lowercase().as_str() {
        "yes" | "true" | "on" => Some(FactValue::Yes),
        "no" | "false" | "off" => Some(FactValue::No),
        "unknown" => Some(FactValue::Unknown),
        _ => {
            let fix = match nearest(word, ["unknown", "yes", "no"]) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "write `yes`, `no`, `unknown`, or say in which language it is: `{ en: \"…\" }`".into(),
            };
            c.error(span, format!("`{}` is not a fact", shown(word)), fix)
        }
    }
}

fn fact_texts(key: &Key, node: &Node, c: &mut Collector<'_>, languages: &[Language]) -> Option<FactValue> {
    let texts = translations(node, c, LONGEST_FACT)?;
    warn_of_missing(key, &texts, c, languages);
    Some(FactValue::Text(texts))
}

fn warn_of_missing(key: &Key, texts: &BTreeMap<Language, String>, c: &mut Collector<'_>, languages: &[Language]) {
    let missing: Vec<&str> =
        languages.iter().filter(|language| !texts.contains_key(language)).map(Language::as_str).collect();
    if !missing.is_empty() {
        let message = format!("`{}` is not told in {}", shown(&key.text), missing.join(", "));
        c.warn(key.span, message, "add it, or guests get a translation nobody has checked");
    }
}

/// The hotel's own words for the usual occasions.
pub(crate) fn texts(node: &Node, c: &mut Collector<'_>) -> Option<BTreeMap<Text, BTreeMap<Language, String>>> {
    let mut own = BTreeMap::new();
    for (key, value) in entries(node, c, "handoff: { en: … }")? {
        let Some(occasion) = Text::ALL.iter().find(|text| text.as_str() == key.text) else {
            let names = || Text::ALL.iter().map(|text| text.as_str());
            let fix = match nearest(&key.text, names()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("write one of {}", names().collect::<Vec<_>>().join(", ")),
            };
            c.error::<()>(key.span, format!("unknown occasion `{}`", shown(&key.text)), fix);
            continue;
        };
        if let Some(words) = translations(value, c, LONGEST_TEXT) {
            own.insert(*occasion, words);
        }
    }
    Some(own)
}
