//! A number that is an answer: alone, "4 of 5", "5 stars", "I would give it a 4". "2 towels", "room 5", "at 5" and
//! "5 minutes" are none, because only words that are known to say nothing else may stand beside it.

use super::phrases::{LISTS, bare};
use super::rest::{self, Head};
use super::tokens::{Kind, Token};
use super::{Said, of_number};
use crate::domain::asking::Answered;
use crate::domain::trigger::Kind as Asked;

/// A number at the beginning of a row of tokens.
struct Number {
    value: i64,
    /// Tokens it takes, with all that belongs to it.
    length: usize,
    /// It surely is a number of the scale: "4/5", "5 stars".
    explicit: bool,
}

/// Nothing but a number.
pub fn whole(said: &Said<'_>) -> Option<Answered> {
    let number = number(said.question.kind, said.bare).filter(|number| number.length == said.bare.len())?;
    of_number(said.question, number.value)
}

/// A number, and more.
pub fn in_front(said: &Said<'_>) -> Option<Answered> {
    let number = number(said.question.kind, said.bare)?;
    let rest = rest::after(Head::Number, &said.bare[number.length..], said.text)?;
    Some(Answered { rest, ..of_number(said.question, number.value)? })
}

/// Words without a number, a mark, and a number: "All was lovely. 5"
pub fn at_the_end(said: &Said<'_>) -> Option<Answered> {
    let last = said.bare.iter().rposition(Token::is_stop)?;
    let (before, after) = (&said.bare[..last], bare(&said.bare[last + 1..]));
    let found = number(said.question.kind, after).filter(|number| number.length == after.len())?;
    let strong = matches!(said.bare[last].kind, Kind::Stop('.' | '!' | '\n' | ';' | ':' | '…' | '('));
    let scale = said.question.kind.range().is_some();
    let counts = |token: &Token| {
        LISTS.number(token).is_some() || matches!(token.kind, Kind::Odd(_) | Kind::Place(_) | Kind::Slash)
    };
    if before.iter().any(counts) || said.bare[last].kind == Kind::Stop('?') || !(strong || scale && found.explicit) {
        return None;
    }
    if !before.iter().any(|token| token.word().is_some()) {
        return None;
    }
    Some(Answered { rest: rest::before(before, said.text), ..of_number(said.question, found.value)? })
}

fn number(kind: Asked, tokens: &[Token]) -> Option<Number> {
    let (mut at, marked) = prefix(tokens);
    let (value, length, mut explicit) =
        core(kind, &tokens[at..], only_article(&tokens[..at]) || marked == Marked::Yes)?;
    at += length;
    let place = explicit && kind.range().is_none();
    let mut marked = marked;
    while let Some((more, mark)) = suffix(kind, &tokens[at..], marked, place) {
        at += more;
        if mark {
            marked = Marked::Yes;
            explicit = true;
        }
    }
    (marked != Marked::Wanted || explicit).then_some(Number {
        value,
        length: at,
        explicit: explicit || marked == Marked::Yes,
    })
}

/// Whether words that need a mark stand there without one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marked {
    /// A word says that the number is an answer.
    Yes,
    /// None does, and none is needed.
    NotNeeded,
    /// None does so far, and one is needed.
    Wanted,
}

/// Words before the number that leave it what it is. Where a number word begins, they end.
fn prefix(tokens: &[Token]) -> (usize, Marked) {
    let (mut at, mut marked) = (0, Marked::NotNeeded);
    while let Some(token) = tokens.get(at) {
        let rest = &tokens[at..];
        if is_article_of_a_number(rest) {
            at += 1;
            continue;
        }
        if LISTS.number(token).is_some() || LISTS.place(rest).is_some() {
            break;
        }
        if at > 0 && matches!(token.kind, Kind::Stop(c) if c != '?') {
            at += 1;
        } else if let Some(n) = LISTS.marks.begins(rest).or_else(|| LISTS.units.begins(rest)) {
            (at, marked) = (at + n, Marked::Yes);
        } else if let Some(n) = LISTS.free.begins(rest).or_else(|| LISTS.polite.begins(rest)) {
            at += n;
        } else if let Some(n) = LISTS.need_mark.begins(rest) {
            at += n;
            if marked == Marked::NotNeeded {
                marked = Marked::Wanted;
            }
        } else {
            break;
        }
    }
    (at, marked)
}

/// "un 5", "eine 4": one and "a" are one word in many languages.
fn is_article_of_a_number(tokens: &[Token]) -> bool {
    let article = |word: &str| matches!(word, "un" | "una" | "une" | "uno" | "ein" | "eine" | "einen");
    matches!(tokens, [first, second, ..] if first.word().is_some_and(article) && matches!(second.kind, Kind::Number(_)))
}

fn only_article(tokens: &[Token]) -> bool {
    tokens.iter().all(|token| token.word() == Some("the") || token.is_stop())
}

/// The number itself with what it is of. A place in a list counts only for a list, and only by itself or after a mark:
/// "just a second" is none.
fn core(kind: Asked, tokens: &[Token], alone: bool) -> Option<(i64, usize, bool)> {
    let first = tokens.first()?;
    if let Some(range) = kind.range() {
        if first.kind == Kind::Star {
            let stars = tokens.iter().take_while(|token| token.kind == Kind::Star).count();
            return Some((i64::try_from(stars).ok()?, stars, true));
        }
        let value = LISTS.number(first)?;
        // "4 stars out of 5"
        let unit = LISTS.units.begins(&tokens[1..]).filter(|n| LISTS.out_of.begins(&tokens[1 + n..]).is_some());
        let from = 1 + unit.unwrap_or(0);
        return of_range(range, value, &tokens[from..]).map(|(value, more, explicit)| (value, more + from, explicit));
    }
    if let Some((place, length)) = LISTS.place(tokens).filter(|_| alone) {
        let one = tokens.get(length).is_some_and(|token| token.word() == Some("one"));
        return Some((place, length + usize::from(one), true));
    }
    LISTS.number(first).map(|value| (value, 1, false))
}

/// "4 of 5" and "of 5, 4": what it is of must be the top of the scale.
fn of_range((_, high): (i64, i64), value: i64, after: &[Token]) -> Option<(i64, usize, bool)> {
    let turned = LISTS.out_of_turned.begins(after);
    let of = match after.first().map(|token| &token.kind) {
        Some(Kind::Slash) => Some(1),
        _ => turned.or_else(|| LISTS.out_of.begins(after)),
    };
    let second = of.and_then(|of| Some((of, LISTS.number(after.get(of)?)?)));
    match second {
        None if matches!(after.first().map(|token| &token.kind), Some(Kind::Slash)) => None,
        None => Some((value, 0, false)),
        Some((of, second)) if turned.is_some() => (value == high).then_some((second, of + 1, true)),
        Some((of, second)) => (second == high).then_some((value, of + 1, true)),
    }
}

/// A word after the number that leaves it what it is, and whether it is a mark.
fn suffix(kind: Asked, tokens: &[Token], marked: Marked, place: bool) -> Option<(usize, bool)> {
    let first = tokens.first()?;
    match first.kind {
        Kind::Plus | Kind::Star if kind.range().is_some() => return Some((1, first.kind == Kind::Star)),
        _ => {}
    }
    if let Some(n) = LISTS.units.begins(tokens).or_else(|| LISTS.marks.begins(tokens)) {
        return Some((n, true));
    }
    if let Some(n) = LISTS.polite.begins(tokens).or_else(|| LISTS.free.begins(tokens)) {
        return Some((n, false));
    }
    let n = LISTS.need_mark.begins(tokens).filter(|_| marked == Marked::Yes || place)?;
    Some((n, false))
}
