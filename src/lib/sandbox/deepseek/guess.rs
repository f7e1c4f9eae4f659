//! Choosing the facts that answer a guest: by topic, then by what about the topic is asked.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

use super::request::ChatRequest;
use super::rules::{self, Fact};
use super::words::{ASPECTS, TOPICS, named, split};
use crate::sandbox::green::held;

/// How many facts an answer rests on at most.
const FACTS_MAX: usize = 3;
/// How many hotels' facts are kept read; beyond it all are forgotten.
const BOOKS_KEPT: usize = 1_000;

/// A hotel's facts, read once: the same prompt comes with every message.
#[derive(Debug, Default)]
pub struct Book {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    fact: Fact,
    id_words: Vec<String>,
    id_topics: Vec<&'static str>,
    id_aspects: Vec<&'static str>,
    text_topics: Vec<&'static str>,
    all_words: Vec<String>,
}

impl Entry {
    fn new(fact: Fact) -> Self {
        let id_words = split(&fact.id.replace('.', " "));
        let text_words = split(&fact.text);
        let all_words = split(&format!("{} {}", fact.id.replace(['.', '_'], " "), fact.text));
        Self {
            id_topics: named(TOPICS, &id_words),
            id_aspects: named(ASPECTS, &id_words),
            text_topics: named(TOPICS, &text_words),
            id_words,
            all_words,
            fact,
        }
    }
}

impl Book {
    /// Reads facts.
    #[must_use]
    pub fn new(facts: Vec<Fact>) -> Self {
        Self { entries: facts.into_iter().map(Entry::new).collect() }
    }
}

/// The books read so far, by the system messages they were read from.
#[derive(Debug, Default)]
pub struct Books(Mutex<HashMap<u64, Arc<Book>>>);

impl Books {
    /// The facts of a request.
    pub fn of(&self, request: &ChatRequest) -> Arc<Book> {
        let mut hasher = DefaultHasher::new();
        for (_, text) in request.messages.iter().filter(|(role, _)| role == "system") {
            text.hash(&mut hasher);
        }
        let key = hasher.finish();
        if let Some(book) = held(&self.0).get(&key) {
            return book.clone();
        }
        let book = Arc::new(Book::new(rules::facts(request)));
        let mut books = held(&self.0);
        if books.len() >= BOOKS_KEPT {
            books.clear();
        }
        books.insert(key, book.clone());
        book
    }
}

/// What the guest asks and what the hotel says about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Guess<'a> {
    /// The topics in the guest's message.
    pub topics: Vec<&'static str>,
    /// The facts that answer them.
    pub facts: Vec<&'a Fact>,
    /// Whether a topic has no fact, or one that says unknown.
    pub unknown: bool,
}

/// Chooses the facts for a message, in this language where they have it.
#[must_use]
pub fn choose<'a>(book: &'a Book, guest: &str, language: &str) -> Guess<'a> {
    let words = split(guest);
    let mut topics = named(TOPICS, &words);
    let aspects = named(ASPECTS, &words);
    let asked = Asked { words: &words, aspects, language };
    let mut facts: Vec<&Fact> = Vec::new();
    let mut unknown = false;
    // A word that qualifies a topic is no topic beside it: "late check-out" is one question.
    if topics.len() > 1 {
        topics.retain(|topic| !matches!(*topic, "late_check_out" | "early_check_in"));
    }
    for topic in topics.iter().take(FACTS_MAX) {
        match best(book, topic, &asked) {
            Some(fact) if fact.is_unknown() => unknown = true,
            Some(fact) if !facts.contains(&fact) => facts.push(fact),
            Some(_) => {}
            None => unknown = true,
        }
    }
    if topics.is_empty() {
        facts.extend(by_words(book, &words, language));
    }
    Guess { topics, facts, unknown }
}

/// A guest's message, taken apart.
struct Asked<'a> {
    words: &'a [String],
    aspects: Vec<&'static str>,
    language: &'a str,
}

fn best<'a>(book: &'a Book, topic: &str, asked: &Asked<'_>) -> Option<&'a Fact> {
    let scored = book.entries.iter().filter_map(|entry| {
        let in_id = entry.id_topics.contains(&topic) || entry.id_words.iter().any(|word| word == topic);
        let in_text = entry.text_topics.contains(&topic);
        if !in_id && !in_text {
            return None;
        }
        let of_id = entry.id_aspects.iter().filter(|aspect| asked.aspects.contains(aspect)).count();
        let shared = entry.id_words.iter().filter(|word| asked.words.contains(word)).count();
        let score = usize::from(in_id) * 10 + of_id * 4 + shared * 2 + usize::from(in_text);
        // The plainer id wins a tie: `pool` before `pool.children`.
        let rank = (score, language_rank(&entry.fact, asked.language), usize::MAX - entry.id_words.len());
        Some((rank, &entry.fact))
    });
    scored.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, fact)| fact)
}

/// The wanted language before English before any other; facts without a language have a neutral text.
fn language_rank(fact: &Fact, language: &str) -> u8 {
    match fact.language.as_str() {
        own if own == language => 3,
        "" => 2,
        "en" => 1,
        _ => 0,
    }
}

/// A fact that shares two rarer words with the guest, where no topic was recognised.
fn by_words<'a>(book: &'a Book, words: &[String], language: &str) -> Option<&'a Fact> {
    let rare: Vec<&String> = words.iter().filter(|word| word.chars().count() > 4).collect();
    if rare.len() < 2 {
        return None;
    }
    let alike = |one: &str, other: &str| one.chars().take(5).eq(other.chars().take(5));
    let shared = |entry: &Entry| rare.iter().filter(|word| entry.all_words.iter().any(|one| alike(one, word))).count();
    let scored = book.entries.iter().map(|entry| ((shared(entry), language_rank(&entry.fact, language)), &entry.fact));
    scored.filter(|((shared, _), _)| *shared >= 2).max_by_key(|(score, _)| *score).map(|(_, fact)| fact)
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::request;
    use super::*;

    const FACTS: &str = "- breakfast.hours [en]: 07:00–10:30 in the garden restaurant\n\
        - breakfast.hours [ru]: 07:00–10:30 в ресторане в саду\n- breakfast.price [en]: 12 EUR\n\
        - pool: yes\n- airport.shuttle: unknown\n- pets: no";

    fn chosen(guest: &str, language: &str) -> (Vec<String>, bool) {
        let book = Book::new(rules::facts(&request(FACTS, "")));
        let guess = choose(&book, guest, language);
        (guess.facts.iter().map(|fact| format!("{}/{}", fact.id, fact.language)).collect(), guess.unknown)
    }

    #[test]
    fn the_aspect_chooses_between_facts_of_one_topic() {
        assert_eq!(chosen("What time is breakfast?", "en").0, ["breakfast.hours/en"]);
        assert_eq!(chosen("How much is breakfast?", "en").0, ["breakfast.price/en"]);
        assert_eq!(chosen("Во сколько завтрак?", "ru").0, ["breakfast.hours/ru"]);
    }

    #[test]
    fn two_topics_give_two_facts() {
        assert_eq!(chosen("Do you have a pool, and may I bring my dog?", "en").0, ["pool/", "pets/"]);
    }

    #[test]
    fn what_is_unknown_or_not_listed_is_not_guessed() {
        assert_eq!(chosen("Is there an airport shuttle?", "en"), (vec![], true));
        assert_eq!(chosen("Do you have a sauna?", "en"), (vec![], true));
    }
}
