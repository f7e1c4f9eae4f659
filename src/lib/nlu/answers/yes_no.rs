//! Yes and no in the usual spellings, for questions that have such answers.

use super::phrases::LISTS;
use super::rest::{self, Head};
use super::tokens::{Kind as Piece, Token, key, tokens};
use super::words::{NO_EMOJI, YES_EMOJI};
use super::{Said, of_id};
use crate::domain::asking::{Answered, How, YES_NO};
use crate::domain::ids::AnswerId;
use crate::domain::trigger::{Kind, Question};

/// Nothing but a yes or a no.
pub fn whole(said: &Said<'_>) -> Option<Answered> {
    if !asks(said.question) {
        return None;
    }
    let head =
        emoji(said.all).or_else(|| begins(said.all, said.all.len())).or_else(|| begins(said.bare, said.bare.len()))?;
    Some(answer(said.question, head.0))
}

/// A yes or a no, and more.
pub fn in_front(said: &Said<'_>) -> Option<Answered> {
    if !asks(said.question) {
        return None;
    }
    let (head, length) = longest(said.bare)?;
    let rest = rest::after(head, &said.bare[length..], said.text)?;
    Some(Answered { rest, ..answer(said.question, head) })
}

/// The words under which yes and no are shown without labels of their own.
pub fn shown(said: &Said<'_>) -> Option<Answered> {
    if !asks(said.question) {
        return None;
    }
    let wanted = key(said.all);
    let place = |place: usize| YES_NO.iter().any(|(_, words)| key(&tokens(words[place])) == wanted);
    match (place(0), place(1)) {
        (true, false) => Some(answer(said.question, Head::Yes)),
        (false, true) => Some(answer(said.question, Head::No)),
        _ => None,
    }
}

fn asks(question: &Question) -> bool {
    let has = |id: &str| question.answers.iter().any(|answer| answer.id.as_str() == id);
    question.kind == Kind::YesNo || (question.kind == Kind::Choice && has("yes") && has("no"))
}

fn answer(question: &Question, head: Head) -> Answered {
    let id = if head == Head::Yes { "yes" } else { "no" };
    of_id(question, AnswerId::from(id), How::Means)
}

fn begins(tokens: &[Token], wanted: usize) -> Option<(Head, usize)> {
    longest(tokens).filter(|(_, length)| *length == wanted || tokens[*length..].iter().all(is_end))
}

fn is_end(token: &Token) -> bool {
    matches!(token.kind, Piece::Stop(c) if c != '?')
}

/// The longer of a yes and a no at the beginning, with the words that belong to it.
fn longest(tokens: &[Token]) -> Option<(Head, usize)> {
    let (yes, no) = (LISTS.yes.begins(tokens), LISTS.no.begins(tokens));
    let (head, mut length) = match (yes, no) {
        (Some(yes), Some(no)) if yes == no => return None,
        (Some(yes), no) if no.is_none_or(|no| yes > no) => (Head::Yes, yes),
        (_, Some(no)) => (Head::No, no),
        _ => return None,
    };
    let tail = if head == Head::Yes { &LISTS.after_yes } else { &LISTS.after_no };
    let same = if head == Head::Yes { &LISTS.yes } else { &LISTS.no };
    while let Some(more) = tail.begins(&tokens[length..]).or_else(|| same.begins(&tokens[length..])) {
        length += more;
    }
    // "No, not necessary": the same said twice.
    let again = tokens.get(length).filter(|token| is_end(token)).and_then(|_| same.begins(&tokens[length + 1..]));
    if let Some(more) = again.filter(|more| tokens.get(length + 1 + more).is_none_or(is_end)) {
        length += 1 + more;
    }
    Some((head, length))
}

fn emoji(tokens: &[Token]) -> Option<(Head, usize)> {
    let of =
        |list: &str| !tokens.is_empty() && tokens.iter().all(|t| matches!(t.kind, Piece::Emoji(c) if list.contains(c)));
    if of(YES_EMOJI) {
        return Some((Head::Yes, tokens.len()));
    }
    of(NO_EMOJI).then_some((Head::No, tokens.len()))
}
