//! What plain code reads in a guest's words, without a model, a network or a doubt: opting out and in, a wish for a
//! person, the language, and in [`reader`] how a guest feels. Pure; imports the domain only.

pub mod answers;
mod language;
mod language_words;
mod normalise;
mod person;
mod person_words;
pub mod reader;
mod whole;
mod words;

use crate::domain::language::Language;
use crate::domain::turn::Signals;
use whole::Wish;

/// More than any person writes at once; the rest of a longer text is not looked at.
const MOST_CHARACTERS: usize = 4_000;

/// What the words of one message tell. `hotel_languages` and the language `known` of the conversation only decide
/// between readings that are otherwise alike; `language` is `None` when there is too little evidence.
pub fn signals(words: &str, hotel_languages: &[Language], known: Option<Language>) -> Signals {
    let words = beginning(words);
    let wish = whole::wish(words);
    Signals {
        opt_out: wish == Some(Wish::OptOut),
        opt_in: wish == Some(Wish::OptIn),
        asks_person: wish.is_none() && person::asks_person(words),
        language: language::detect(words, hotel_languages, known),
    }
}

/// Only whether the message asks for silence; cheap enough for every message at the door.
pub fn is_opt_out(words: &str) -> bool {
    whole::wish(words) == Some(Wish::OptOut)
}

/// Whether the whole message asks for silence or takes that back: a wish, and nothing else to read in it.
pub fn is_wish(words: &str) -> bool {
    whole::wish(words).is_some()
}

/// Only the language, of a message or of several joined.
pub fn language(words: &str, hotel_languages: &[Language], known: Option<Language>) -> Option<Language> {
    language::detect(beginning(words), hotel_languages, known)
}

/// The words by which short messages give their language away, by language.
pub fn language_words() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    language_words::WORDS.iter().copied()
}

fn beginning(words: &str) -> &str {
    let end = words.char_indices().nth(MOST_CHARACTERS).map_or(words.len(), |(at, _)| at);
    &words[..end]
}
