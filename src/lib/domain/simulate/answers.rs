//! What an answer of a simulated guest does.

use super::clock::World;
use super::guest::Put;
use crate::domain::ids::{AnswerId, QuestionId, TriggerId};
use crate::domain::schedule::facts::{Given, Happening, What};
use crate::domain::schedule::limits::signed;
use crate::domain::trigger::{Answer, Question};
use crate::domain::understanding::Sentiment;
use jiff::Timestamp;

/// How words were read as an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Which answer.
    pub answer: Option<AnswerId>,
    /// The number, of a scale.
    pub score: Option<f64>,
    /// The words complain, too: "5 but the shower is cold".
    pub complains: bool,
}

/// Reads a guest's words as an answer to a question; `None` if they are none.
pub type Read<'a> = &'a dyn Fn(&Question, &str) -> Option<Reading>;

impl World<'_> {
    /// The guest writes. An answer to an open question does what the question says; anything else is a message.
    pub(super) fn answer(&mut self, index: usize, trigger: &TriggerId, text: &str, at: Timestamp) {
        let question = QuestionId(trigger.0.clone());
        let guest = &self.guests[self.stays[index].guest];
        let is_open = guest.questions.iter().any(|put| put.question == question && put.expires_at > at);
        let found = self.scene.set.question(&question).filter(|_| is_open);
        let read = found.and_then(|found| Some((found.clone(), (self.read)(found, text)?)));
        let mut sentiment = None;
        if let Some((question, reading)) = read {
            let answer = reading.answer.as_ref();
            let answer = answer.and_then(|id| question.answers.iter().find(|answer| answer.id == *id)).cloned();
            sentiment = answer.as_ref().and_then(|answer| answer.sentiment);
            if reading.complains {
                sentiment = Some(Sentiment::Negative);
            }
            self.take(index, &question, &reading, at);
            answer.iter().for_each(|answer| self.follow(index, answer, at));
            self.guest_mut(index).open_alert |= reading.complains;
        }
        self.wrote(index, sentiment, at);
    }

    fn guest_mut(&mut self, index: usize) -> &mut super::guest::Guest {
        &mut self.guests[self.stays[index].guest]
    }

    /// The question is answered: by what, and no longer open.
    fn take(&mut self, index: usize, question: &Question, reading: &Reading, at: Timestamp) {
        let reservation = self.stays[index].known.reservation.booking.id.clone();
        let given = Given { answer: reading.answer.clone(), score: reading.score };
        let guest = self.guest_mut(index);
        guest.questions.retain(|put| put.question != question.id);
        guest.answers.push((reservation, question.id.clone(), given));
        let what = What::Answer { question: question.id.clone(), answer: reading.answer.clone() };
        self.happen(index, what, at);
    }

    fn follow(&mut self, index: usize, answer: &Answer, at: Timestamp) {
        let next = answer.then.as_ref().and_then(|id| self.scene.set.question(id)).cloned();
        let guest = self.guest_mut(index);
        guest.open_alert |= answer.alert.is_some();
        guest.person_leads |= answer.handoff;
        guest.opted_out |= answer.stop;
        guest.tags.extend(answer.tag.iter().cloned());
        let key = |key: &String| key.strip_prefix("custom.").unwrap_or(key).to_owned();
        guest.custom.extend(answer.set.iter().map(|(field, value)| (key(field), value.clone())));
        if let Some(next) = next {
            guest.questions.push(put(&next, at));
        }
    }

    fn wrote(&mut self, index: usize, sentiment: Option<Sentiment>, at: Timestamp) {
        self.happen(index, What::Message { sentiment }, at);
        let guest = self.guest_mut(index);
        guest.last_sentiment = sentiment.or(guest.last_sentiment);
        guest.worst_sentiment = guest.worst_sentiment.into_iter().chain(sentiment).max_by_key(|read| badness(*read));
    }

    fn happen(&mut self, index: usize, what: What, at: Timestamp) {
        let id = format!("{}:{}", at.as_second(), self.stays[index].happenings.len());
        self.stays[index].happenings.push(Happening { id, at, what });
    }
}

/// A question that is put at an instant.
pub(super) fn put(question: &Question, at: Timestamp) -> Put {
    let expires_at = at.checked_add(signed(question.expires)).unwrap_or(Timestamp::MAX);
    Put { question: question.id.clone(), asked_at: at, expires_at }
}

fn badness(read: Sentiment) -> u8 {
    match read {
        Sentiment::Positive => 0,
        Sentiment::Neutral => 1,
        Sentiment::Negative => 2,
        Sentiment::RequiresAttention => 3,
    }
}
