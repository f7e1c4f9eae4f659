//! Lists of words and phrases, folded once, and what they find in a row of tokens.

use super::super::words::POLITE;
use super::tokens::{Kind, Token, tokens};
use super::words;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// No phrase at the end of a text has more words.
const LONGEST: usize = 6;

/// Phrases by their first word, the longest first.
pub struct Phrases(HashMap<String, Vec<Vec<String>>>);

impl Phrases {
    fn of<'a>(lists: impl IntoIterator<Item = &'a str>) -> Self {
        let mut by_first: HashMap<String, Vec<Vec<String>>> = HashMap::new();
        for phrase in lists.into_iter().flat_map(|list| list.split('|')) {
            let phrase: Vec<String> = tokens(phrase).iter().filter_map(said).collect();
            if let Some(first) = phrase.first() {
                by_first.entry(first.clone()).or_default().push(phrase);
            }
        }
        by_first.values_mut().for_each(|phrases| phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.len())));
        Self(by_first)
    }

    /// How many tokens from the beginning are a phrase of the list; the longest.
    pub fn begins(&self, tokens: &[Token]) -> Option<usize> {
        let first = tokens.first().and_then(said)?;
        let fits = |phrase: &&Vec<String>| {
            phrase.len() <= tokens.len()
                && phrase.iter().zip(tokens).all(|(word, token)| said(token).as_ref() == Some(word))
        };
        self.0.get(&first)?.iter().find(fits).map(Vec::len)
    }

    /// How many tokens at the end are a phrase of the list; the longest.
    pub fn ends(&self, tokens: &[Token]) -> Option<usize> {
        let longest = tokens.len().saturating_sub(LONGEST);
        let from = (longest..tokens.len()).find(|at| self.begins(&tokens[*at..]) == Some(tokens.len() - at))?;
        Some(tokens.len() - from)
    }

    /// Whether one stands anywhere.
    pub fn within(&self, tokens: &[Token]) -> bool {
        (0..tokens.len()).any(|at| self.begins(&tokens[at..]).is_some())
    }

    /// Whether the word alone is one.
    pub fn has(&self, word: &str) -> bool {
        self.0.get(word).is_some_and(|phrases| phrases.iter().any(|phrase| phrase.len() == 1))
    }
}

/// A token as a word of a phrase.
fn said(token: &Token) -> Option<String> {
    match &token.kind {
        Kind::Word(word) => Some(word.clone()),
        Kind::Plus => Some("+".to_owned()),
        _ => None,
    }
}

/// All lists.
pub struct Lists {
    pub free: Phrases,
    pub marks: Phrases,
    pub need_mark: Phrases,
    pub units: Phrases,
    pub out_of: Phrases,
    pub out_of_turned: Phrases,
    pub but: Phrases,
    pub more: Phrases,
    pub fractions: Phrases,
    pub yes: Phrases,
    pub no: Phrases,
    pub after_yes: Phrases,
    pub after_no: Phrases,
    pub bad: Phrases,
    pub negations: Phrases,
    pub polite: Phrases,
    fine: HashSet<String>,
    numbers: HashMap<String, i64>,
    ordinals: Vec<Phrases>,
}

pub static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let one = |list: &'static str| Phrases::of([list]);
    let numbers = words::NUMBERS.iter().zip(0..).flat_map(|(list, n)| list.split('|').map(move |word| (word, n)));
    let folded = |word: &str| tokens(word).iter().find_map(said);
    Lists {
        free: one(words::FREE),
        marks: one(words::MARKS),
        need_mark: one(words::NEED_MARK),
        units: one(words::UNITS),
        out_of: one(words::OUT_OF),
        out_of_turned: one(words::OUT_OF_TURNED),
        but: one(words::BUT),
        more: one(words::MORE),
        fractions: one(words::FRACTIONS),
        yes: one(words::YES),
        no: one(words::NO),
        after_yes: one(words::AFTER_YES),
        after_no: one(words::AFTER_NO),
        bad: one(words::BAD),
        negations: one(words::NEGATIONS),
        polite: Phrases::of(POLITE.iter().copied().chain([words::GREETINGS])),
        fine: words::FINE.split('|').filter_map(folded).collect(),
        numbers: numbers.filter_map(|(word, n)| Some((folded(word)?, n))).collect(),
        ordinals: words::ORDINALS.iter().map(|list| one(list)).collect(),
    }
});

impl Lists {
    /// A number in digits or as a word.
    pub fn number(&self, token: &Token) -> Option<i64> {
        match &token.kind {
            Kind::Number(n) => Some(*n),
            Kind::Word(word) => self.numbers.get(word).copied(),
            _ => None,
        }
    }

    /// A place in a list at the beginning, and how many tokens it takes.
    pub fn place(&self, tokens: &[Token]) -> Option<(i64, usize)> {
        if let Some(Kind::Place(n)) = tokens.first().map(|token| &token.kind) {
            return Some((*n, 1));
        }
        self.ordinals.iter().zip(1..).find_map(|(list, n)| Some((n, list.begins(tokens)?)))
    }

    /// Whether the tokens say that all is well, and nothing else.
    pub fn is_fine(&self, tokens: &[Token]) -> bool {
        self.all(tokens, |word| self.fine.contains(word) || self.polite.has(word) || self.after_yes.has(word))
    }

    /// Whether the tokens judge, badly, and say nothing else.
    pub fn is_bad(&self, tokens: &[Token]) -> bool {
        let bad = tokens.iter().filter_map(Token::word).any(|word| self.bad.has(word));
        bad && self.all(tokens, |word| self.fine.contains(word) || self.bad.has(word))
    }

    fn all(&self, tokens: &[Token], holds: impl Fn(&str) -> bool) -> bool {
        tokens.iter().all(|token| match &token.kind {
            Kind::Word(word) => holds(word),
            Kind::Stop(c) => *c != '?',
            Kind::Emoji(c) => !words::BAD_EMOJI.contains(*c),
            Kind::Star => true,
            _ => false,
        })
    }

    /// A word that judges.
    pub fn judges(&self, token: &Token) -> bool {
        let function = [
            "the",
            "is",
            "was",
            "it",
            "i",
            "we",
            "a",
            "in",
            "в",
            "и",
            "s",
            "e",
            "c",
            "all",
            "room",
            "hotel",
            "номер",
            "отель",
            "все",
            "stay",
            "are",
            "am",
            "так",
            "你",
            "的",
            "了",
            "一",
            "都",
        ];
        token.word().is_some_and(|word| (self.fine.contains(word) && !function.contains(&word)) || self.bad.has(word))
    }
}

/// Without greetings, thanks, marks and friendly emoji at both ends; never shortened to nothing.
pub fn bare(tokens: &[Token]) -> &[Token] {
    let mut rest = tokens;
    loop {
        let shorter = match rest {
            [first, others @ ..] if is_decoration(first) => others,
            [others @ .., last] if is_decoration(last) => others,
            _ => match (LISTS.polite.begins(rest), LISTS.polite.ends(rest)) {
                (Some(n), _) => &rest[n..],
                (None, Some(n)) => &rest[..rest.len() - n],
                (None, None) => return rest,
            },
        };
        if shorter.iter().all(is_decoration) {
            return if rest.iter().all(is_decoration) { tokens } else { rest };
        }
        rest = shorter;
    }
}

fn is_decoration(token: &Token) -> bool {
    match token.kind {
        Kind::Stop(c) => c != '?',
        Kind::Emoji(c) => !words::BAD_EMOJI.contains(c),
        _ => false,
    }
}
