//! Choosing the facts that answer a guest: by topic, then by what about the topic is asked.

use super::rules::{Fact, Prompt};
use super::words::{ASPECTS, TOPICS, named, split};

/// How many facts an answer rests on at most.
const FACTS_MAX: usize = 3;

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

/// Chooses the facts for a prompt, in this language where they have it.
#[must_use]
pub fn choose<'a>(prompt: &'a Prompt, language: &str) -> Guess<'a> {
    let words = split(&prompt.guest);
    let mut topics = named(TOPICS, &words);
    let aspects = named(ASPECTS, &words);
    let mut facts: Vec<&Fact> = Vec::new();
    let mut unknown = false;
    // A word that qualifies a topic is no topic beside it: "late check-out" is one question.
    if topics.len() > 1 {
        topics.retain(|topic| !matches!(*topic, "late_check_out" | "early_check_in"));
    }
    for topic in topics.iter().take(FACTS_MAX) {
        match best(prompt, topic, &aspects, &words, language) {
            Some(fact) if fact.is_unknown() => unknown = true,
            Some(fact) if !facts.contains(&fact) => facts.push(fact),
            Some(_) => {}
            None => unknown = true,
        }
    }
    if topics.is_empty() {
        facts.extend(by_words(prompt, &words, language));
    }
    Guess { topics, facts, unknown }
}

fn best<'a>(prompt: &'a Prompt, topic: &str, aspects: &[&str], words: &[String], language: &str) -> Option<&'a Fact> {
    let scored = prompt.facts.iter().filter_map(|fact| {
        let id = split(&fact.id.replace('.', " "));
        let in_id = named(TOPICS, &id).contains(&topic) || id.iter().any(|word| word == topic);
        let text = split(&fact.text);
        let in_text = named(TOPICS, &text).contains(&topic);
        if !in_id && !in_text {
            return None;
        }
        let of_id = named(ASPECTS, &id).iter().filter(|aspect| aspects.contains(aspect)).count();
        let shared = id.iter().filter(|word| words.contains(word)).count();
        let score = usize::from(in_id) * 10 + of_id * 4 + shared * 2 + usize::from(in_text);
        // The plainer id wins a tie: `pool` before `pool.children`.
        Some((score, language_rank(fact, language), usize::MAX - id.len(), fact))
    });
    scored
        .reduce(|best, next| if (next.0, next.1, next.2) > (best.0, best.1, best.2) { next } else { best })
        .map(|(.., fact)| fact)
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
fn by_words<'a>(prompt: &'a Prompt, words: &[String], language: &str) -> Option<&'a Fact> {
    let rare: Vec<&String> = words.iter().filter(|word| word.chars().count() > 4).collect();
    let shared = |fact: &Fact| {
        let own = split(&format!("{} {}", fact.id.replace(['.', '_'], " "), fact.text));
        rare.iter().filter(|word| own.iter().any(|one| one.chars().take(5).eq(word.chars().take(5)))).count()
    };
    let scored = prompt.facts.iter().map(|fact| ((shared(fact), language_rank(fact, language)), fact));
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
        let prompt = Prompt::read(&request(FACTS, &format!("<<guest a>>\n{guest}\n<</guest a>>"))).unwrap();
        let guess = choose(&prompt, language);
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
