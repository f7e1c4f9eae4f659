//! Answers nobody can reach, and those after which something is said that cannot be.

use super::{Look, OfHotels};
use crate::config::diagnose::shown;
use crate::config::fields::Collector;
use crate::domain::hotel::Hotel;
use crate::domain::trigger::{Answer, Kind, Question, Says};
use std::collections::BTreeMap;

/// Every question with its place.
pub(super) fn questions<'l>(look: Look<'l>) -> Vec<(Vec<&'l str>, &'l Question)> {
    let of_triggers = look.set.triggers.values().filter_map(|trigger| match &trigger.says {
        Says::Ask(question) => Some((vec!["triggers", trigger.id.as_str(), "ask"], question)),
        Says::Send(_) => None,
    });
    let shared = look.set.questions.values().map(|question| (vec!["questions", question.id.as_str()], question));
    of_triggers.chain(shared).collect()
}

/// Looks at the answers of every question.
pub(super) fn run(look: Look<'_>, c: &mut Collector<'_>, of_hotels: &mut OfHotels) {
    for (path, question) in questions(look) {
        let at = At { look, path };
        if question.kind.range().is_some() {
            at.overlaps(question, c);
        } else {
            at.same_words(question, c);
        }
        for answer in &question.answers {
            at.ends(answer, c);
            if let Some(hotel) = look.hotel {
                at.people(answer, hotel, c, of_hotels);
            }
        }
    }
}

struct At<'l> {
    look: Look<'l>,
    path: Vec<&'l str>,
}

impl At<'_> {
    fn span(&self, answer: &Answer, field: &str) -> crate::config::yaml::Span {
        let mut path = self.path.clone();
        path.extend(["answers", answer.id.as_str(), field]);
        self.look.span(&path)
    }

    /// Numbers that an answer before has taken.
    fn overlaps(&self, question: &Question, c: &mut Collector<'_>) {
        for (at, answer) in question.answers.iter().enumerate() {
            let Some((low, high)) = answer.range else { continue };
            let taken = question.answers[..at].iter().find_map(|other| {
                let (from, to) = other.range?;
                (low <= to && from <= high).then_some((other, low.max(from)))
            });
            if let Some((other, number)) = taken {
                let message = format!("{number} leads to `{}` already", other.id);
                c.error::<()>(self.span(answer, "range"), message, "let each number lead to one answer");
            }
        }
    }

    /// Words that an answer before has taken, and numbers that are another answer's place in the list.
    fn same_words(&self, question: &Question, c: &mut Collector<'_>) {
        let mut known: BTreeMap<String, &Answer> = BTreeMap::new();
        for (at, answer) in question.answers.iter().enumerate() {
            let labels = answer.label.values().map(|word| ("label", word));
            for (field, word) in labels.chain(answer.means.iter().map(|word| ("means", word))) {
                let plain = plain(word);
                match known.get(&plain) {
                    Some(other) if other.id != answer.id => {
                        let message = format!("`{}` is understood as `{}` already", shown(word), other.id);
                        let fix = "let each word lead to one answer";
                        c.error::<()>(c.span_of(self.span(answer, field), word), message, fix);
                    }
                    _ => {
                        known.insert(plain.clone(), answer);
                    }
                }
                let number = plain.parse::<usize>().ok().filter(|_| question.kind != Kind::Text);
                let is_others =
                    number.is_some_and(|number| number != at + 1 && (1..=question.answers.len()).contains(&number));
                if is_others {
                    let message = format!("`{}` is the number of another answer in the list", shown(word));
                    c.error::<()>(c.span_of(self.span(answer, field), word), message, "leave it out");
                }
            }
        }
    }

    /// Nothing follows on a goodbye.
    fn ends(&self, answer: &Answer, c: &mut Collector<'_>) {
        if answer.then.is_none() {
            return;
        }
        if answer.stop {
            let fix = "delete `then`, or `stop`";
            c.error::<()>(self.span(answer, "then"), "the guest asked for silence, so this is never asked", fix);
        } else if answer.handoff {
            let fix = "delete `then`, or `handoff`";
            c.error::<()>(self.span(answer, "then"), "a person leads from here on, so this is never asked", fix);
        }
    }

    /// Somebody must hear of it.
    fn people(&self, answer: &Answer, hotel: &Hotel, c: &Collector<'_>, of_hotels: &mut OfHotels) {
        if let Some(alert) = &answer.alert {
            let hears = |department: &str| {
                hotel
                    .staff
                    .contacts
                    .iter()
                    .any(|one| one.departments.is_empty() || one.departments.iter().any(|own| own == department))
            };
            match &alert.department {
                Some(department) if !hears(department) => {
                    let message = format!("at {{hotels}} nobody answers for `{department}`, so nobody is told");
                    let fix = format!("add `departments: [{department}]` to a contact of the hotel");
                    let span = c.span_of(self.span(answer, "alert"), department);
                    of_hotels.error(c, span, (&message, &fix), hotel);
                }
                None if hotel.staff.contacts.is_empty() => {
                    let message = "{hotels} has no contacts, so nobody is told of this alert";
                    let fix = "add `staff: { contacts: [ … ] }` to the hotel's file";
                    of_hotels.error(c, self.span(answer, "alert"), (message, fix), hotel);
                }
                _ => {}
            }
        }
        for name in &answer.notify {
            let is_known =
                hotel.staff.contacts.iter().any(|one| one.id == *name || one.departments.iter().any(|own| own == name));
            if !is_known {
                let message = format!("{{hotels}} has no contact or department `{name}`");
                let fix = "take the id of a contact from the hotel's file";
                of_hotels.error(c, c.span_of(self.span(answer, "notify"), name), (&message, fix), hotel);
            }
        }
    }
}

fn plain(word: &str) -> String {
    let lower = word.to_lowercase().replace('ё', "е");
    let bare = lower.trim_matches(|c: char| c.is_whitespace() || ".,!?()".contains(c));
    if bare.is_empty() { lower.trim().to_owned() } else { bare.to_owned() }
}
