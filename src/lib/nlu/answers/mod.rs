//! What a guest's words, vote or tap answer to a question: a number, a label in any language, another word that counts
//! as it, a slip of the finger. Whatever could be read in two ways is no answer. Pure.

mod labels;
mod number;
mod phrases;
mod rest;
#[cfg(test)]
mod tests;
mod tokens;
mod words;
mod yes_no;

use crate::domain::asking::{Answered, How, Rest, options};
use crate::domain::ids::AnswerId;
use crate::domain::trigger::{Answer, Kind, Question};
use crate::domain::understanding::Sentiment;
use phrases::bare;
use tokens::{Token, tokens};

/// What these words answer; `None` if they do not, or could answer two things.
pub fn read(question: &Question, text: &str) -> Option<Answered> {
    let text = super::beginning(text);
    let all = tokens(text);
    if all.is_empty() {
        return None;
    }
    let said = Said { question, text, all: &all, bare: bare(&all) };
    if question.kind == Kind::Text {
        return free_text(&said);
    }
    match the_only(whole(&said)) {
        Found::One(answered) => return Some(answered),
        Found::Several => return None,
        Found::Nothing => {}
    }
    match the_only(in_front(&said)) {
        Found::One(answered) => return Some(answered),
        Found::Several => return None,
        Found::Nothing => {}
    }
    number::at_the_end(&said).or_else(|| labels::near(&said))
}

/// What a vote answers: exactly one option that is a label in some language.
pub fn vote(question: &Question, voted: &[String]) -> Option<Answered> {
    let [option] = voted else { return None };
    chosen(question, option, How::Vote)
}

/// What a tap answers: by the button's id, else by the words on it.
pub fn tap(question: &Question, id: &str, label: &str) -> Option<Answered> {
    let known = options(question, &[]).into_iter().any(|option| option.id == id);
    if known && question.kind.range().is_some() {
        return chosen(question, id, How::Button);
    }
    if known {
        return Some(of_id(question, AnswerId(id.to_owned()), How::Button));
    }
    chosen(question, label, How::Button)
}

/// What an emoji put on the question answers.
pub fn reaction(question: &Question, emoji: &str) -> Option<Answered> {
    let answered = read(question, emoji).filter(|answered| answered.rest.is_none() && question.kind != Kind::Text)?;
    Some(Answered { how: How::Reaction, ..answered })
}

/// Whether the words are thanks, greetings and friendly emoji, and nothing else.
pub fn is_courtesy(text: &str) -> bool {
    let all = tokens(super::beginning(text));
    let rest = bare(&all);
    rest.iter().all(|token| token.word().is_none() && !matches!(token.kind, tokens::Kind::Number(_)))
        || phrases::LISTS.polite.begins(rest) == Some(rest.len())
}

fn chosen(question: &Question, words: &str, how: How) -> Option<Answered> {
    let all = tokens(words);
    let said = Said { question, text: words, all: &all, bare: &all };
    let scale = question.kind.range().is_some();
    let by_words = if scale { number::whole(&said) } else { None };
    let found = by_words.map_or_else(|| the_only(labels::whole(&said).chain(yes_no::shown(&said))), Found::One);
    match found {
        Found::One(answered) => Some(Answered { how, rest: None, ..answered }),
        Found::Several | Found::Nothing => None,
    }
}

/// Words beside a question.
struct Said<'a> {
    question: &'a Question,
    text: &'a str,
    all: &'a [Token],
    /// Without politeness at the ends.
    bare: &'a [Token],
}

enum Found {
    One(Answered),
    Several,
    Nothing,
}

/// Readings that agree on the answer are one; the first says by what.
fn the_only(readings: impl IntoIterator<Item = Answered>) -> Found {
    let mut readings = readings.into_iter();
    let Some(first) = readings.next() else { return Found::Nothing };
    let agrees = |other: Answered| (&other.answer, other.score) == (&first.answer, first.score);
    if readings.all(agrees) { Found::One(first) } else { Found::Several }
}

/// The words are an answer and nothing else.
fn whole<'a>(said: &'a Said<'a>) -> impl Iterator<Item = Answered> + 'a {
    labels::whole(said).chain(yes_no::whole(said)).chain(number::whole(said))
}

/// The words begin with an answer, and more follows.
fn in_front<'a>(said: &'a Said<'a>) -> impl Iterator<Item = Answered> + 'a {
    labels::in_front(said).chain(yes_no::in_front(said)).chain(number::in_front(said))
}

/// Any words answer a question for words; they are read like any message all the same.
fn free_text(said: &Said<'_>) -> Option<Answered> {
    if let Found::One(answered) = the_only(labels::whole(said)) {
        return Some(answered);
    }
    let any = said.question.answers.iter().find(|answer| answer.label.is_empty() && answer.means.is_empty());
    let rest = Some(Rest { text: said.text.trim().to_owned(), but: false });
    Some(Answered { answer: any.map(|answer| answer.id.clone()), score: None, rest, how: How::Text })
}

/// The answer of an id, with the number it stands for.
fn of_id(question: &Question, id: AnswerId, how: How) -> Answered {
    let answer = question.answers.iter().find(|answer| answer.id == id);
    let alone = |(low, high): (i64, i64)| (low == high).then_some(low);
    let score = answer.and_then(|answer| answer.score.or(answer.range.and_then(alone)));
    Answered { answer: Some(id), score, rest: None, how }
}

/// The reading of a number: a place in the list, or a number of the scale.
fn of_number(question: &Question, number: i64) -> Option<Answered> {
    let Some((low, high)) = question.kind.range() else {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        let option = options(question, &[]).into_iter().nth(place)?;
        return Some(of_id(question, AnswerId(option.id), How::Number));
    };
    if !(low..=high).contains(&number) {
        return None;
    }
    let stands_for = |answer: &&Answer| {
        answer.score == Some(number) || answer.range.is_some_and(|(from, to)| (from..=to).contains(&number))
    };
    let answer = question.answers.iter().find(stands_for).map(|answer| answer.id.clone());
    Some(Answered { answer, score: Some(number), rest: None, how: How::Number })
}

/// How an answer speaks of the guest's mood, for noticing words that contradict it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Good,
    Bad,
    Unknown,
}

fn mood(question: &Question, id: &AnswerId) -> Mood {
    match question.answers.iter().find(|answer| answer.id == *id).and_then(|answer| answer.sentiment) {
        Some(Sentiment::Positive) => Mood::Good,
        Some(Sentiment::Negative | Sentiment::RequiresAttention) => Mood::Bad,
        Some(Sentiment::Neutral) | None => Mood::Unknown,
    }
}
