//! Every text: its template, and the languages it lacks.

use super::super::super::fields::Collector;
use super::super::super::yaml::{Kind, Span};
use super::super::place;
use super::{Look, OfHotels};
use crate::domain::hotel::Hotel;
use crate::domain::language::Language;
use crate::domain::template::{self, Trouble};
use crate::domain::trigger::{Content, Question, Says, Texts};
use std::collections::BTreeSet;

/// A text and where it stands.
pub(super) struct Placed<'l> {
    pub(super) path: Vec<String>,
    pub(super) texts: &'l Texts,
    is_template: bool,
}

impl Placed<'_> {
    pub(super) fn steps(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }
}

/// A trigger's or a question's texts, the words themselves first.
pub(super) struct Family<'l> {
    /// Whether a guest may see them.
    is_used: bool,
    pub(super) texts: Vec<Placed<'l>>,
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
pub(super) fn families(look: Look<'_>) -> Vec<Family<'_>> {
    let mut families = Vec::new();
    for trigger in look.set.triggers.values() {
        let path = |section: &str| vec!["triggers".to_owned(), trigger.id.to_string(), section.to_owned()];
        let texts = match &trigger.says {
            Says::Send(content) => of_content(look, content, &path("send")),
            Says::Ask(question) => of_question(look, question, &path("ask")),
        };
        families.push(Family { is_used: trigger.enabled, texts });
    }
    for question in look.set.questions.values() {
        let path = ["questions".to_owned(), question.id.to_string()];
        families.push(Family { is_used: true, texts: of_question(look, question, &path) });
    }
    families
}

fn below(path: &[String], steps: &[&str]) -> Vec<String> {
    path.iter().cloned().chain(steps.iter().map(|step| (*step).to_owned())).collect()
}

/// The wordings and the caption.
pub(super) fn of_content<'l>(look: Look<'_>, content: &'l Content, path: &[String]) -> Vec<Placed<'l>> {
    let text = below(path, &["text"]);
    let steps: Vec<&str> = text.iter().map(String::as_str).collect();
    let has_one = place::node(look.root, &steps).is_some();
    let variant = |at: usize| if has_one { text.clone() } else { below(path, &["variants", &at.to_string(), "text"]) };
    let mut texts: Vec<Placed<'l>> = content
        .variants
        .iter()
        .enumerate()
        .map(|(at, wording)| Placed { path: variant(at), texts: &wording.text, is_template: true })
        .collect();
    if let Some(media) = content.media.as_ref().filter(|media| !media.caption.is_empty()) {
        texts.push(Placed { path: below(path, &["media", "caption"]), texts: &media.caption, is_template: true });
    }
    texts
}

fn of_question<'l>(look: Look<'_>, question: &'l Question, path: &[String]) -> Vec<Placed<'l>> {
    let mut texts = of_content(look, &question.content, path);
    for answer in &question.answers {
        let fields = [("label", &answer.label, false), ("reply", &answer.reply, true)];
        for (field, words, is_template) in fields {
            let placed =
                Placed { path: below(path, &["answers", answer.id.as_str(), field]), texts: words, is_template };
            // Built-in labels stand nowhere.
            if !words.is_empty() && place::node(look.root, &placed.steps()).is_some() {
                texts.push(placed);
            }
        }
    }
    texts
}

fn check_templates(look: Look<'_>, placed: &Placed<'_>, c: &mut Collector<'_>, of_hotels: &mut OfHotels) {
    for (language, text) in placed.texts {
        let mut steps = placed.steps();
        steps.push(language.as_str());
        let span = look.span(&steps);
        if !placed.is_template {
            if text.contains(['{', '}']) {
                c.error::<()>(span, "a label is shown as it is written, without variables", "write plain words");
            }
            continue;
        }
        for trouble in template::check(text, *language, look.hotel) {
            tell(trouble, span, c, look.hotel, of_hotels);
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
    let told: BTreeSet<Language> = family.texts.iter().flat_map(|placed| written(look, placed)).collect();
    for placed in &family.texts {
        let span = look.span(&placed.steps());
        let own = written(look, placed);
        for language in listed.iter().filter(|language| !own.contains(language)) {
            let message = format!("no text in `{language}`, which is a language of {{hotels}}");
            let fix = format!("add `{language}: \"…\"` here, or in the hotel's own triggers.yaml");
            if let Some(hotel) = look.hotel {
                of_hotels.error(c, span, (&message, &fix), hotel);
            }
        }
        for language in told.difference(&listed).filter(|language| !own.contains(language)) {
            let message = format!("no text in `{language}`, which other texts here have");
            c.warn(span, message, format!("add `{language}: \"…\"`, or guests are answered in another language"));
        }
    }
}

/// The languages of a text, also of one that could not be read.
fn written(look: Look<'_>, placed: &Placed<'_>) -> BTreeSet<Language> {
    match place::node(look.root, &placed.steps()).map(|node| &node.kind) {
        Some(Kind::Map(entries)) => entries.iter().filter_map(|(key, _)| Language::parse(&key.text)).collect(),
        _ => placed.texts.keys().copied().collect(),
    }
}
