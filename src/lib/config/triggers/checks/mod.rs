//! What only shows when all of a hotel's triggers are seen, or when the hotel is known.

mod answers;
mod chains;
pub(super) mod cron;
mod intervals;
mod media;
mod mentions;
mod moments;
mod policy;
mod possible;
mod reviews;
mod texts;
mod twins;

use super::super::diagnose::Finding;
use super::super::fields::Collector;
use super::super::yaml::{Node, Span};
use super::place;
use crate::domain::hotel::Hotel;
use crate::domain::trigger::TriggerSet;
use std::collections::BTreeMap;
use std::path::Path;

/// What is looked at.
#[derive(Clone, Copy)]
pub(super) struct Look<'l> {
    pub(super) set: &'l TriggerSet,
    /// The tree it was read from.
    pub(super) root: &'l Node,
    pub(super) hotel: Option<&'l Hotel>,
}

impl Look<'_> {
    /// Where something stands.
    fn span(&self, path: &[&str]) -> Span {
        place::span(self.root, path)
    }
}

/// In a message: the hotels it holds for.
const HOTELS: &str = "{hotels}";

/// Mistakes that may be the same for several hotels: said once, with their names.
#[derive(Default)]
pub(super) struct OfHotels(BTreeMap<Finding, Vec<String>>);

impl OfHotels {
    /// A mistake at a hotel: a message that names it as `{hotels}`, and a fix.
    fn error(&mut self, c: &Collector<'_>, span: Span, (message, fix): (&str, &str), hotel: &Hotel) {
        let finding = c.source(span).finding(span, message, Some(fix.to_owned()));
        self.0.entry(finding).or_default().push(hotel.id.to_string());
    }

    /// All of them, each with its hotels.
    pub(super) fn tell(self) -> impl Iterator<Item = Finding> {
        self.0.into_iter().map(|(mut finding, hotels)| {
            let hotels = match hotels.as_slice() {
                [first, second, third, _, ..] => {
                    format!("{first}, {second}, {third} and {} more", hotels.len() - 3)
                }
                _ => hotels.join(", "),
            };
            finding.message = finding.message.replace(HOTELS, &hotels);
            finding
        })
    }
}

/// Looks at all of it; `folder` is `hotels/`.
pub(super) fn run(look: Look<'_>, folder: &Path, c: &mut Collector<'_>, of_hotels: &mut OfHotels) {
    policy::run(look, c);
    moments::run(look, c, of_hotels);
    texts::run(look, c, of_hotels);
    chains::run(look, c);
    answers::run(look, c, of_hotels);
    mentions::run(look, c);
    possible::run(look, c);
    reviews::run(look, c);
    twins::run(look, c);
    media::run(look, folder, c, of_hotels);
}

#[cfg(test)]
#[path = "checks_tests.rs"]
mod tests;
