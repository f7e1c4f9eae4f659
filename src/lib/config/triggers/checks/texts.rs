//! Every text: its template, and the languages it lacks. Goes by the tree, so that a mistake elsewhere in a trigger hides
//! none in its texts.

use super::super::place;
use super::{Look, OfHotels};
use crate::config::fields::Collector;
use crate::config::yaml::{Key, Kind, Node, Span};
use crate::domain::hotel::Hotel;
use crate::domain::ids::TriggerId;
use crate::domain::language::Language;
use crate::domain::template::{self, LONGEST_TEMPLATE, Trouble};
use std::collections::BTreeSet;

/// A text in one or more languages, where it stands, and whether it may print variables.
struct Placed<'l> {
    span: Span,
    texts: Vec<(Language, &'l Node)>,
    is_template: bool,
}

/// A trigger's or a question's texts, the words themselves first.
struct Family<'l> {
    /// Whether a guest may see them.
    is_used: bool,
    texts: Vec<Placed<'l>>,
}

/// Looks at every text.
pub(super) fn run(look: Look<'_>, c: &mut Collector<'_>, of_hotels: &mut OfHotels) {
    for family in families(look) {
        for placed in &family.texts {
            check_templates(look, placed, c, of_hotels);
        }
        if family.is_used {
            check_languages(look, &family, c, of_hotels);
        }
    }
}

/// The texts of every trigger and question.
fn families(look: Look<'_>) -> Vec<Family<'_>> {
    let mut families = Vec::new();
    for (key, trigger) in entries(look.root, "triggers") {
        let texts = ["send", "ask"].iter().filter_map(|says| place::node(trigger, &[says])).flat_map(of_question);
        families.push(Family { is_used: is_used(look, key, trigger), texts: texts.collect() });
    }
    for (_, question) in entries(look.root, "questions") {
        families.push(Family { is_used: true, texts: of_question(question) });
    }
    families
}

fn entries<'n>(node: &'n Node, name: &str) -> &'n [(Key, Node)] {
    match place::node(node, &[name]).map(|node| &node.kind) {
        Some(Kind::Map(entries)) => entries,
        _ => &[],
    }
}

fn items<'n>(node: &'n Node, name: &str) -> &'n [Node] {
    match place::node(node, &[name]).map(|node| &node.kind) {
        Some(Kind::List(items)) => items,
        _ => &[],
    }
}

/// A trigger that could not be read counts as used unless its file says otherwise.
fn is_used(look: Look<'_>, key: &Key, trigger: &Node) -> bool {
    let says_no = || match place::node(trigger, &["enabled"]).map(|node| &node.kind) {
        Some(Kind::Word(word)) => matches!(word.trim(), "no" | "false" | "off"),
        _ => false,
    };
    look.set.triggers.get(&TriggerId::from(key.text.as_str())).map_or_else(|| !says_no(), |trigger| trigger.enabled)
}

/// The wordings, the caption, and what answers say.
fn of_question(node: &Node) -> Vec<Placed<'_>> {
    let wordings = [node].into_iter().chain(items(node, "variants")).filter_map(|one| placed(one, "text", true));
    let media = place::node(node, &["media"]).and_then(|media| placed(media, "caption", true));
    let answers = items(node, "answers")
        .iter()
        .flat_map(|answer| [placed(answer, "label", false), placed(answer, "reply", true)])
        .flatten();
    wordings.chain(media).chain(answers).collect()
}

fn placed<'n>(node: &'n Node, field: &str, is_template: bool) -> Option<Placed<'n>> {
    let Kind::Map(entries) = &place::node(node, &[field])?.kind else { return None };
    let texts = entries.iter().filter_map(|(key, text)| Some((Language::parse(&key.text)?, text))).collect();
    Some(Placed { span: place::span(node, &[field]), texts, is_template })
}

fn check_templates(look: Look<'_>, placed: &Placed<'_>, c: &mut Collector<'_>, of_hotels: &mut OfHotels) {
    for (language, node) in &placed.texts {
        let Kind::Word(text) = &node.kind else { continue };
        let text = text.trim();
        // The reader tells of these.
        if text.is_empty() || text.chars().count() > LONGEST_TEMPLATE {
            continue;
        }
        if !placed.is_template {
            if text.contains(['{', '}']) {
                c.error::<()>(node.span, "a label is shown as it is written, without variables", "write plain words");
            }
            continue;
        }
        for trouble in template::check(text, *language, look.hotel) {
            tell(trouble, node.span, c, look.hotel, of_hotels);
        }
    }
}

fn tell(trouble: Trouble, span: Span, c: &mut Collector<'_>, hotel: Option<&Hotel>, of_hotels: &mut OfHotels) {
    let span = trouble.piece.as_deref().map_or(span, |piece| c.span_of(span, piece));
    let is_hotels = trouble.piece.as_deref().is_some_and(|p| p.starts_with("links.") || p.starts_with("hotel.facts."));
    match hotel.filter(|_| is_hotels) {
        Some(hotel) => {
            let message = format!("at {{hotels}}: {}", trouble.message);
            of_hotels.error(c, span, (&message, &trouble.fix), hotel);
        }
        None if trouble.is_error => {
            c.error::<()>(span, trouble.message, trouble.fix);
        }
        None => c.warn(span, trouble.message, trouble.fix),
    }
}

/// A language a hotel lists is missing: its guests would be written to in another one. A language only other texts of the
/// same trigger have is worth a look: its guests would be answered in another one than they were asked in.
fn check_languages(look: Look<'_>, family: &Family<'_>, c: &mut Collector<'_>, of_hotels: &mut OfHotels) {
    let listed: BTreeSet<Language> =
        look.hotel.map(|hotel| hotel.languages.iter().copied().collect()).unwrap_or_default();
    let written = |placed: &Placed<'_>| placed.texts.iter().map(|(language, _)| *language).collect::<BTreeSet<_>>();
    let told: BTreeSet<Language> = family.texts.iter().flat_map(written).collect();
    for placed in &family.texts {
        let own = written(placed);
        for language in listed.difference(&own) {
            let message = format!("no text in `{language}`, which is a language of {{hotels}}");
            let fix = format!("add `{language}: \"…\"` here, or in the hotel's own triggers.yaml");
            if let Some(hotel) = look.hotel {
                of_hotels.error(c, placed.span, (&message, &fix), hotel);
            }
        }
        for language in told.difference(&listed).filter(|language| !own.contains(language)) {
            let message = format!("no text in `{language}`, which other texts here have");
            let fix = format!("add `{language}: \"…\"`, or guests are answered in another language");
            c.warn(placed.span, message, fix);
        }
    }
}
