//! Words that call for a person whatever else a message says, as data: `rules.toml`. Phrases are written as people
//! write them and folded like messages are. `*` is any ending of a word, `…` up to three words between.

use super::tokens::{Kind, Token, spelling, tokens};
use crate::domain::understanding::Topic;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Phrases separated by `|`, by language. All languages count for all messages: the language of three words is a guess.
type Phrases = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Questions and remarks in which the words of rules are harmless.
    harmless: Phrases,
    /// Sayings that sound like a complaint and are praise.
    idioms: Phrases,
    /// Whole messages that say hello, goodbye, thanks or yes, and nothing else.
    courtesies: Phrases,
    rule: Vec<RuleOfFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleOfFile {
    id: String,
    topics: Vec<Topic>,
    phrases: Phrases,
    #[serde(default)]
    unless: Phrases,
}

/// A rule that matched.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    /// Its name.
    pub id: &'a str,
    /// What it is about.
    pub topics: &'a [Topic],
}

/// All rules, ready to be searched.
#[derive(Debug)]
pub struct Rules {
    names: Vec<(String, Vec<Topic>)>,
    phrases: PhraseBook,
    courtesies: HashSet<String>,
}

/// What a phrase is there for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sense {
    /// Rule by number.
    Wanted(usize),
    /// Keeps that rule from counting.
    Unless(usize),
    /// Keeps all rules from counting.
    Harmless,
    /// Sounds worse than it is.
    Idiom,
}

/// What the rules say of a message.
#[derive(Debug, Default)]
pub struct Found<'a> {
    /// Rules that matched.
    pub hits: Vec<Hit<'a>>,
    /// A saying that sounds worse than it is.
    pub idiom: bool,
    /// Hello, goodbye, thanks, yes, and nothing else.
    pub courtesy: bool,
}

impl Rules {
    /// Reads the rules.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(text)?;
        let mut book = PhraseBook::default();
        for (number, rule) in file.rule.iter().enumerate() {
            phrases(&rule.phrases).for_each(|phrase| book.add(phrase, Sense::Wanted(number)));
            phrases(&rule.unless).for_each(|phrase| book.add(phrase, Sense::Unless(number)));
        }
        phrases(&file.harmless).for_each(|phrase| book.add(phrase, Sense::Harmless));
        phrases(&file.idioms).for_each(|phrase| book.add(phrase, Sense::Idiom));
        let courtesies = phrases(&file.courtesies).map(|phrase| words_only(&tokens(&spelling(phrase)))).collect();
        let names = file.rule.into_iter().map(|rule| (rule.id, rule.topics)).collect();
        Ok(Self { names, phrases: book, courtesies })
    }

    /// Looks at the tokens of a message.
    pub fn find(&self, tokens: &[Token]) -> Found<'_> {
        let senses = self.phrases.find(tokens);
        let harmless = senses.contains(&Sense::Harmless);
        let hit = |at: &usize| senses.contains(&Sense::Wanted(*at)) && !senses.contains(&Sense::Unless(*at));
        let named = |at: usize| Hit { id: &self.names[at].0, topics: &self.names[at].1 };
        Found {
            hits: (0..self.names.len()).filter(|at| !harmless && hit(at)).map(named).collect(),
            idiom: senses.contains(&Sense::Idiom),
            courtesy: self.courtesies.contains(&words_only(tokens)),
        }
    }
}

/// A step of a phrase after its first word.
#[derive(Debug)]
enum Step {
    Word(String),
    Beginning(String),
    Gap,
}

/// Phrases by their first word or by its beginning.
#[derive(Debug, Default)]
struct PhraseBook {
    phrases: Vec<(Vec<Step>, Sense)>,
    by_word: HashMap<String, Vec<usize>>,
    by_beginning: HashMap<String, Vec<usize>>,
}

impl PhraseBook {
    fn add(&mut self, phrase: &str, sense: Sense) {
        let mut steps = phrase.split_whitespace().flat_map(steps);
        let index = match steps.next() {
            Some(Step::Word(word)) => self.by_word.entry(word).or_default(),
            Some(Step::Beginning(word)) => self.by_beginning.entry(word).or_default(),
            Some(Step::Gap) | None => return,
        };
        index.push(self.phrases.len());
        self.phrases.push((steps.collect(), sense));
    }

    fn find(&self, tokens: &[Token]) -> Vec<Sense> {
        let mut senses = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let beginnings = token.text.char_indices().map(|(from, c)| &token.text[..from + c.len_utf8()]);
            let begun = beginnings.filter_map(|beginning| self.by_beginning.get(beginning));
            for number in self.by_word.get(&token.text).into_iter().chain(begun).flatten() {
                let (steps, sense) = &self.phrases[*number];
                if !senses.contains(sense) && follows(steps, &tokens[at + 1..]) {
                    senses.push(*sense);
                }
            }
        }
        senses
    }
}

fn steps(part: &str) -> Vec<Step> {
    if part == "…" {
        return vec![Step::Gap];
    }
    let mut steps: Vec<Step> =
        tokens(&spelling(part.trim_end_matches('*'))).into_iter().map(|token| Step::Word(token.text)).collect();
    if part.ends_with('*')
        && let Some(Step::Word(word)) = steps.pop()
    {
        steps.push(Step::Beginning(word));
    }
    steps
}

/// Whether the tokens go on as the phrase does.
fn follows(steps: &[Step], tokens: &[Token]) -> bool {
    let Some((step, later)) = steps.split_first() else { return true };
    let goes_on = |fits: bool| fits && follows(later, &tokens[1..]);
    match (step, tokens.first()) {
        (Step::Gap, _) => {
            let between = tokens.iter().take(3).take_while(|token| !ends_sentence(token)).count();
            (0..=between).any(|skipped| follows(later, &tokens[skipped..]))
        }
        (Step::Word(word), Some(token)) => goes_on(token.text == *word),
        (Step::Beginning(word), Some(token)) => goes_on(token.text.starts_with(word.as_str())),
        (_, None) => false,
    }
}

fn ends_sentence(token: &Token) -> bool {
    token.kind == Kind::Sign && token.text.starts_with(['.', '!', '?'])
}

fn words_only(tokens: &[Token]) -> String {
    let words = tokens.iter().filter(|token| token.kind != Kind::Sign);
    words.map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn phrases(by_language: &Phrases) -> impl Iterator<Item = &str> {
    by_language.values().flat_map(|list| list.split('|')).map(str::trim).filter(|phrase| !phrase.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
        harmless = { en = "just in case" }
        idioms = { en = "not bad at all" }
        courtesies = { en = "good morning|thanks" }
        [[rule]]
        id = "fire"
        topics = ["safety"]
        phrases = { en = "fire|smells … burning|firealarm*", ru = "пожар*", zh = "着火" }
        unless = { en = "fire place" }
    "#;

    #[test]
    fn phrases_match_whole_words_and_what_is_harmless_does_not_count() {
        let rules = Rules::parse(SMALL).unwrap();
        for (text, hit) in [
            ("FIRE!!", true),
            ("a fired cook", false),
            ("it smells a bit like burning", true),
            ("it smells. The sun is burning", false),
            ("firealarm", true),
            ("У нас ПОЖАРЫ", true),
            ("我房间着火了", true),
            ("the fire place was lovely", false),
            ("where is the fire exit, just in case", false),
        ] {
            assert_eq!(!rules.find(&tokens(&spelling(text))).hits.is_empty(), hit, "{text}");
        }
        assert!(rules.find(&tokens(&spelling("Good morning!"))).courtesy);
        assert!(rules.find(&tokens(&spelling("Not bad at all."))).idiom);
    }
}
