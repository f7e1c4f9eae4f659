//! Labels in any language, the words that count as them, and slips of the finger.

use super::phrases::LISTS;
use super::rest::{self, Head};
use super::tokens::{Kind, Token, key, tokens};
use super::words::NEGATING_PREFIXES;
use super::{Said, mood, of_id};
use crate::domain::asking::{Answered, How};
use crate::domain::script::Script;
use crate::domain::trigger::Answer;

/// Nothing but a label or a word for it.
pub fn whole<'a>(said: &'a Said<'a>) -> impl Iterator<Item = Answered> + 'a {
    let keys = [key(said.all), key(said.bare)];
    let asks_back = said.bare.last().is_some_and(|token| token.kind == Kind::Stop('?'));
    said.question.answers.iter().filter(move |_| !asks_back).filter_map(move |answer| {
        let how = names(answer).find(|(name, _)| is_one_of(&keys, name)).map(|(_, how)| how)?;
        Some(of_id(said.question, answer.id.clone(), how))
    })
}

fn is_one_of(keys: &[String], name: &str) -> bool {
    let name = key(&tokens(name));
    !name.is_empty() && keys.contains(&name)
}

/// A label or a word for it, and more.
pub fn in_front<'a>(said: &'a Said<'a>) -> impl Iterator<Item = Answered> + 'a {
    let longest = said.question.answers.iter().filter_map(|answer| head(said, answer)).max_by_key(|found| found.length);
    let found = longest.map_or(0, |found| found.length);
    said.question.answers.iter().filter_map(move |answer| {
        let head = head(said, answer).filter(|head| head.length == found)?;
        Some(Answered { rest: head.rest, ..of_id(said.question, answer.id.clone(), head.how) })
    })
}

struct Beginning {
    length: usize,
    how: How,
    rest: Option<crate::domain::asking::Rest>,
}

fn head(said: &Said<'_>, answer: &Answer) -> Option<Beginning> {
    let begun = names(answer).filter_map(|(name, how)| Some((begins(said.bare, &tokens(name))?, how)));
    let (length, how) = begun.max_by_key(|(length, _)| *length)?;
    let mood = if LISTS.no.begins(said.bare).is_some_and(|n| n >= length) {
        super::Mood::Bad
    } else {
        mood(said.question, &answer.id)
    };
    let rest = rest::after(Head::Word(mood), &said.bare[length..], said.text)?;
    if names_another(said, answer, &said.bare[length..]) {
        return None;
    }
    Some(Beginning { length, how, rest })
}

/// "tea and coffee": two answers at once are none.
fn names_another(said: &Said<'_>, this: &Answer, after: &[Token]) -> bool {
    let body = &after[after.iter().position(|token| !token.is_stop()).unwrap_or(after.len())..];
    let body = &body[LISTS.more.begins(body).unwrap_or(0)..];
    let others = said.question.answers.iter().filter(|answer| answer.id != this.id);
    others.flat_map(names).any(|(name, _)| begins(body, &tokens(name)).is_some())
}

/// How many tokens of the text are this name; marks between its words do not matter.
fn begins(text: &[Token], name: &[Token]) -> Option<usize> {
    let words = |token: &&Token| !token.is_stop();
    let mut wanted = name.iter().filter(words).peekable();
    wanted.peek()?;
    let mut length = 0;
    for wanted in wanted {
        while text.get(length).is_some_and(|token| token.is_stop() && length > 0) {
            length += 1;
        }
        if text.get(length)?.kind != wanted.kind {
            return None;
        }
        length += 1;
    }
    Some(length)
}

/// Every name of an answer and what it is.
fn names(answer: &Answer) -> impl Iterator<Item = (&str, How)> {
    let labels = answer.label.values().map(|label| (label.as_str(), How::Label));
    labels.chain(answer.means.iter().map(|word| (word.as_str(), How::Means)))
}

/// A label with slips of the finger, of one answer alone.
pub fn near(said: &Said<'_>) -> Option<Answered> {
    let mut near = said.question.answers.iter().filter(|answer| {
        answer.label.values().any(|label| is_near(said.bare, &tokens(label)) || is_near(said.all, &tokens(label)))
    });
    let answer = near.next()?;
    if near.next().is_some() {
        return None;
    }
    Some(of_id(said.question, answer.id.clone(), How::NearMiss))
}

fn is_near(text: &[Token], label: &[Token]) -> bool {
    let asks = text.iter().any(|token| token.kind == Kind::Stop('?'));
    let (Some(text), Some(label)) = (plain_words(text), plain_words(label)) else { return false };
    if asks || text.is_empty() || label.is_empty() {
        return false;
    }
    if text.len() == label.len() {
        let mut pairs = text.iter().zip(&label);
        return pairs.all(|(written, wanted)| is_slip(written, wanted, label.len()));
    }
    // A space too many or too few.
    let (text, label) = (text.concat(), label.concat());
    text.len() >= 8 && text == label
}

/// The words, if there is nothing else that counts and the script is one in which letters make words.
fn plain_words(tokens: &[Token]) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    for token in tokens {
        match &token.kind {
            Kind::Word(word) if word.chars().any(is_syllable) => return None,
            Kind::Word(word) => words.push(word.as_str()),
            Kind::Stop(_) | Kind::Emoji(_) => {}
            _ => return None,
        }
    }
    Some(words)
}

fn is_syllable(c: char) -> bool {
    matches!(Script::of(c), Some(Script::Han | Script::Kana | Script::Hangul | Script::Thai))
}

/// One slip in a word of five to eight letters, two in a longer one; short words must be right, and a word is no slip
/// of its own opposite.
fn is_slip(written: &str, wanted: &str, words: usize) -> bool {
    if written == wanted {
        return true;
    }
    let length = wanted.chars().count();
    let same_start = written.chars().next() == wanted.chars().next();
    let budget = match length {
        0..=3 => 0,
        4 => usize::from(words > 1 && same_start),
        5..=8 => 1,
        _ => 2,
    };
    let negates = |word: &str| LISTS.negations.has(word);
    if budget == 0
        || negates(written) != negates(wanted)
        || is_opposite(written, wanted)
        || is_opposite(wanted, written)
    {
        return false;
    }
    distance(written, wanted) <= budget
}

fn is_opposite(longer: &str, shorter: &str) -> bool {
    NEGATING_PREFIXES.iter().any(|prefix| longer.strip_prefix(prefix) == Some(shorter))
}

/// Letters left out, put in, exchanged, or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let exchanged = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = exchanged.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
