//! What a guest's words mean for the hotel, read by this program alone: no network, no waiting, nobody to talk out of
//! it. Rules raise what is dangerous, a small model judges the rest. It may be wrong; it is never silent.
//!
//! `train-nlu` makes the weights from `data/reader/`; the file tells its checksum and the version of the features.

pub mod features;
pub mod known_words;
pub mod model;
mod rules;
pub mod tokens;
pub mod train;

use crate::domain::language::Language;
use crate::domain::script::{Script, census};
use crate::domain::understanding::{Reading, Sentiment, Topic, UNKNOWN_LANGUAGE};
use features::{features, narrowed};
use known_words::KnownWords;
use model::Model;
use rules::{Found, Rules};
use std::sync::LazyLock;
use tokens::{Kind, Token, spelling, tokens};
use train::{sigmoid, softmax};

/// The rows of the tables of weights, as powers of two: of the four classes, and of the topics.
pub const BITS: (u8, u8) = (18, 15);
/// The parts of `data/reader/` that are learned from; `held-out.tsv` is not one of them.
pub const LEARNED: &[&str] = &["part-1.tsv", "part-2.tsv", "part-3.tsv", "part-4.tsv", "part-5.tsv"];
/// A topic is named from this probability on.
const TOPIC: f32 = 0.3;
/// After a saying that sounds worse than it is, the model must be surer.
const IDIOM: f32 = 0.3;
/// With fewer letters of an unknown script a message is a name or a sign, not a sentence.
const LETTERS: usize = 4;

/// The languages the model was taught. What is written in another one is for a person to read.
pub const TAUGHT: &[&str] = &[
    "ru", "en", "de", "fr", "es", "it", "pt", "tr", "zh", "ar", "uk", "pl", "nl", "ja", "ko", "cs", "kk", "th", "id",
    "hi", "he", "ca",
];

static SENTIMENT: LazyLock<Model> = LazyLock::new(|| {
    Model::load(include_bytes!("weights/sentiment.hbsc")).expect("a test loads the weights that are built in")
});
static TOPICS: LazyLock<Model> = LazyLock::new(|| {
    Model::load(include_bytes!("weights/topics.hbsc")).expect("a test loads the weights that are built in")
});
static KNOWN_WORDS: LazyLock<KnownWords> = LazyLock::new(|| {
    KnownWords::load(include_bytes!("weights/words.hbkw")).expect("a test loads the words that are built in")
});
static RULES: LazyLock<Rules> =
    LazyLock::new(|| Rules::parse(include_str!("rules.toml")).expect("a test compiles the rules that are built in"));

/// Reads a message.
pub fn read(text: &str) -> Reading {
    let language = super::language(text, &[], None);
    let folded = tokens(&spelling(super::beginning(text)));
    let found = RULES.find(&folded);
    if folded.is_empty() {
        return calm(language);
    }
    let features = features(&folded, SENTIMENT.head.bits);
    let mut reading = judged(&chances(&features), &found);
    reading.language = language;
    if found.courtesy {
        return calm(language);
    }
    if is_foreign(text, language) && reading.rules.is_empty() {
        needs_person(&mut reading, UNKNOWN_LANGUAGE);
    }
    reading.topics = topics(&folded, &features, &found);
    reading
}

fn calm(language: Option<Language>) -> Reading {
    let sentiment = Sentiment::Neutral;
    Reading { sentiment, score: 0.0, alert: false, topics: Vec::new(), language, rules: Vec::new() }
}

fn needs_person(reading: &mut Reading, rule: &str) {
    reading.sentiment = Sentiment::RequiresAttention;
    reading.alert = true;
    reading.score = 1.0;
    reading.rules.push(rule.to_owned());
}

/// The probability of each class, in the order of [`Sentiment::ALL`].
fn chances(features: &[u32]) -> [f32; 4] {
    let logits = SENTIMENT.logits(features);
    let likely = softmax(&logits[..4]);
    [likely[0], likely[1], likely[2], likely[3]]
}

/// The class is the likeliest; the alert asks for less, because an unhappy guest who goes unnoticed costs more than a
/// look too many.
fn judged(likely: &[f32; 4], found: &Found<'static>) -> Reading {
    let mut reading = calm(None);
    reading.score = likely[2] + likely[3];
    let threshold = SENTIMENT.head.threshold + if found.idiom { IDIOM } else { 0.0 };
    reading.alert = reading.score >= threshold;
    let ranked = Sentiment::ALL.iter().zip(likely).max_by(|a, b| a.1.total_cmp(b.1));
    reading.sentiment = ranked.map_or(Sentiment::Neutral, |(sentiment, _)| *sentiment);
    for hit in &found.hits {
        needs_person(&mut reading, hit.id);
    }
    reading
}

/// Whether a message is in a language or script that the model was not taught: its language says so, or its words.
fn is_foreign(text: &str, language: Option<Language>) -> bool {
    let taught = |language: Language| TAUGHT.contains(&language.as_str());
    if KNOWN_WORDS.is_strange(text, language.is_none()) {
        return true;
    }
    if let Some(language) = language {
        return !taught(language);
    }
    let known: usize = census(text).iter().filter(|(script, _)| has_teacher(*script)).map(|(_, count)| count).sum();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters >= LETTERS && known * 2 < letters
}

fn has_teacher(script: Script) -> bool {
    TAUGHT.iter().filter_map(|code| Language::parse(code)).any(|code| Script::of_language(code).contains(&script))
}

/// Topics of the rules first, then of the model; a request about nothing in particular has none.
fn topics(tokens: &[Token], features: &[u32], found: &Found<'_>) -> Vec<Topic> {
    let mut topics: Vec<Topic> = Vec::new();
    topics.extend(found.hits.iter().flat_map(|hit| hit.topics));
    if tokens.iter().any(|token| token.kind != Kind::Sign) {
        let logits = TOPICS.logits(&narrowed(features, TOPICS.head.bits));
        let mut likely: Vec<(Topic, f32)> =
            Topic::ALL.iter().zip(logits).map(|(topic, logit)| (*topic, sigmoid(logit))).collect();
        likely.sort_by(|a, b| b.1.total_cmp(&a.1));
        topics.extend(likely.iter().filter(|(_, chance)| *chance >= TOPIC).map(|(topic, _)| *topic));
    }
    let mut seen = Vec::new();
    topics.retain(|topic| {
        !seen.contains(topic) && {
            seen.push(*topic);
            true
        }
    });
    topics
}
