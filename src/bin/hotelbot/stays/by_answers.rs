//! What answers to questions put on a reservation, beside what its source told.

use crate::words;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::ReservationId;
use hotelbot::domain::schedule::facts::{Facts, Given};
use hotelbot::store::Store;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// What was answered during a stay and what that left behind; conditions see it like the reservation's own fields.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ByAnswers {
    /// The last answer to each question: its id, or its number.
    pub answered: BTreeMap<String, String>,
    /// Words that answers gave.
    pub tags: Vec<String>,
    /// Fields that answers set.
    pub custom: BTreeMap<String, String>,
}

impl ByAnswers {
    fn of(facts: Facts) -> Self {
        let answered = facts.answered.into_iter().map(|(question, given)| (question.to_string(), spelled(given)));
        Self { answered: answered.collect(), tags: facts.tags, custom: facts.custom }
    }

    /// As facts of a screen: a name and a value each.
    pub fn lines(&self) -> Vec<(String, String)> {
        let answers = self.answered.iter().map(|(question, given)| ("answered", format!("{question}: {given}")));
        let tags = (!self.tags.is_empty()).then(|| ("tags", self.tags.join(", ")));
        let fields = self.custom.iter().map(|(key, value)| ("set", format!("custom.{key}: {value}")));
        let all = answers.chain(tags.map(|(name, tags)| (name, format!("{tags}, by answers")))).chain(fields);
        all.map(|(name, value)| (name.to_owned(), words::one_line(&value))).collect()
    }
}

fn spelled(given: Given) -> String {
    match (given.answer, given.score) {
        (Some(answer), _) => answer.to_string(),
        (None, Some(score)) => score.to_string(),
        (None, None) => "in words".to_owned(),
    }
}

/// What answers put on this reservation and on those of the same guest.
pub async fn by_answers(
    store: &Store,
    hotel: &Hotel,
    id: &ReservationId,
    now: Timestamp,
) -> anyhow::Result<BTreeMap<ReservationId, ByAnswers>> {
    let stays = store.stays_with_past(hotel, Some(id), now).await?;
    Ok(stays.into_iter().map(|(stay, past)| (stay.booking.id, ByAnswers::of(past.facts))).collect())
}
