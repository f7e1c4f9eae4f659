//! What follows an answer: nothing, something to be read, or the proof that it was no answer.

use super::Mood;
use super::phrases::{LISTS, bare};
use super::tokens::{Kind, Token};
use super::words::BAD_EMOJI;
use crate::domain::asking::Rest;

/// What the words before were.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// A number of a list or scale.
    Number,
    /// A label, or another word for it.
    Word(Mood),
    /// Yes.
    Yes,
    /// No.
    No,
}

/// What follows; `None` if with it the words before are no answer after all.
pub fn after(head: Head, tokens: &[Token], text: &str) -> Option<Option<Rest>> {
    let Some(first) = tokens.first() else { return Some(None) };
    if !begins_something_new(head, first, tokens) {
        return None;
    }
    let body = without_stops(tokens);
    let dashed = tokens.iter().take_while(|token| token.is_stop()).any(|token| token.kind == Kind::Stop('-'));
    let Some(begins) = body.first() else { return Some(None) };
    if is_more_of_a_number(head, body, dashed) || contradicts(head, body) {
        return None;
    }
    if LISTS.is_fine(body) {
        let denies = matches!(head, Head::No | Head::Word(Mood::Bad));
        return if denies && says_anything(body) { None } else { Some(None) };
    }
    let text = text.get(begins.start..)?.trim().to_owned();
    Some(Some(Rest { text, but: complains(body) }))
}

/// Words before an answer at the end are read by the same law.
pub fn before(tokens: &[Token], text: &str) -> Option<Rest> {
    let body = bare(tokens);
    let (first, last) = (body.first()?, body.last()?);
    let only_polite = LISTS.polite.begins(body) == Some(body.len());
    if only_polite || body.iter().all(Token::is_stop) || LISTS.is_fine(body) {
        return None;
    }
    Some(Rest { text: text.get(first.start..last.end)?.to_owned(), but: complains(body) })
}

fn begins_something_new(head: Head, first: &Token, tokens: &[Token]) -> bool {
    match first.kind {
        // "5?" asks back.
        Kind::Stop(c) => c != '?',
        Kind::Emoji(_) | Kind::Star => true,
        _ if LISTS.but.begins(tokens).is_some() => true,
        _ if LISTS.more.begins(tokens).is_some() => true,
        _ => head == Head::Number && judges(first, tokens),
    }
}

/// "5 great", "5 all good".
fn judges(first: &Token, tokens: &[Token]) -> bool {
    let says_only_that = LISTS.is_fine(tokens) || LISTS.is_bad(tokens);
    let any = tokens.iter().any(|token| LISTS.judges(token));
    (any && says_only_that) || (LISTS.judges(first) && stops_soon(tokens))
}

/// "5 great! …": the judging word stands alone.
fn stops_soon(tokens: &[Token]) -> bool {
    tokens.get(1).is_some_and(|token| token.is_stop() || LISTS.but.begins(&tokens[1..]).is_some())
}

fn without_stops(tokens: &[Token]) -> &[Token] {
    let from = tokens.iter().position(|token| !token.is_stop()).unwrap_or(tokens.len());
    let body = &tokens[from..];
    let polite = bare(body);
    // Politeness alone is nothing that is said.
    if LISTS.polite.begins(polite) == Some(polite.len()) { &[] } else { polite }
}

/// "2, 3", "2 - 3 people", "2 and a half": the number before was a part of another.
fn is_more_of_a_number(head: Head, body: &[Token], dashed: bool) -> bool {
    let joined = LISTS.more.begins(body);
    let next = &body[joined.unwrap_or(0)..];
    let number = |token: &Token| LISTS.number(token).is_some() || matches!(token.kind, Kind::Odd(_) | Kind::Place(_));
    let begins_with_number = next.first().is_some_and(number);
    let only_numbers = begins_with_number && !next.iter().any(|token| token.word().is_some() && !number(token));
    let is_number = head == Head::Number;
    is_number && (only_numbers || (begins_with_number && (dashed || joined.is_some())))
        || joined.is_some() && (LISTS.fractions.begins(next).is_some() || next.is_empty())
}

fn contradicts(head: Head, body: &[Token]) -> bool {
    let joined = LISTS.more.begins(body).or_else(|| LISTS.but.begins(body));
    let next = &body[joined.unwrap_or(0)..];
    match head {
        Head::Yes => LISTS.no.begins(next).is_some_and(|n| ends_there(next, n)) || LISTS.is_bad(body),
        Head::No => LISTS.yes.begins(next).is_some_and(|n| ends_there(next, n)),
        Head::Word(Mood::Good) => LISTS.is_bad(body),
        Head::Word(_) | Head::Number => false,
    }
}

fn ends_there(tokens: &[Token], at: usize) -> bool {
    tokens.get(at).is_none_or(Token::is_stop)
}

fn says_anything(body: &[Token]) -> bool {
    body.iter().any(|token| token.word().is_some())
}

/// "But" or its like stands in it, or an emoji complains.
fn complains(body: &[Token]) -> bool {
    let sad = |token: &Token| matches!(token.kind, Kind::Emoji(c) if BAD_EMOJI.contains(c));
    LISTS.but.within(body) || body.iter().any(sad)
}
