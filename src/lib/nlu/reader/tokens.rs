//! What the model sees of a message: folded words, single characters of scripts without spaces, punctuation that shouts
//! or smiles, emoji.

use crate::domain::script::Script;
use crate::nlu::normalise::{fold, one_script};

/// Of a longer text only the beginning and the end are looked at, in characters.
const FIRST: usize = 800;
const LAST: usize = 400;

/// A piece of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// As folded.
    pub text: String,
    /// What it is.
    pub kind: Kind,
}

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A word between spaces.
    Word,
    /// One character of a script that writes no spaces.
    Dense,
    /// Punctuation or an emoji.
    Sign,
}

/// The tokens of a text, and the folded text that rules search.
pub fn tokens(folded: &str) -> Vec<Token> {
    let mut reader = Reader::default();
    for part in folded.split_whitespace().filter(|part| !is_address(part)) {
        part.chars().for_each(|c| reader.take(c));
        reader.end_word();
    }
    reader.tokens
}

/// One spelling for a text: lower case without accents, digits as `0`, letters in a row at most twice, no variants of
/// emoji, the curly apostrophe as the straight one.
pub fn spelling(text: &str) -> String {
    let (mut out, mut last, mut row) = (String::with_capacity(text.len()), '\0', 0);
    for c in fold(&middle_left_out(text)).chars().filter(|c| !is_variant(*c)).map(one_spelling) {
        row = if c == last { row + 1 } else { 1 };
        last = c;
        if row <= 2 {
            out.push(c);
        }
    }
    out
}

fn middle_left_out(text: &str) -> String {
    let count = text.chars().count();
    if count <= FIRST + LAST {
        return text.to_owned();
    }
    text.chars().take(FIRST).chain([' ']).chain(text.chars().skip(count - LAST)).collect()
}

fn one_spelling(c: char) -> char {
    match c {
        '’' | '‘' | 'ʼ' | '`' | '´' => '\'',
        'ى' => 'ي',
        'ة' => 'ه',
        '،' | '、' | '，' => ',',
        '؟' | '？' => '?',
        '！' => '!',
        '。' => '.',
        c if c.is_numeric() => '0',
        c => c,
    }
}

/// Skin tones, presentation selectors, joiners.
fn is_variant(c: char) -> bool {
    matches!(c, '\u{fe0e}' | '\u{fe0f}' | '\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}')
}

fn is_address(part: &str) -> bool {
    part.contains("://") || part.starts_with("www.") || (part.starts_with('@') && part.len() > 1)
}

/// Letters, digits, and the marks that Thai and Hindi cannot do without.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{0e00}'..='\u{0e7f}' | '\u{0900}'..='\u{097f}' | '\'')
}

/// Whether a script writes without spaces.
fn is_dense(c: char) -> bool {
    matches!(Script::of(c), Some(Script::Han | Script::Kana | Script::Thai)) || matches!(c, '\u{0e00}'..='\u{0e7f}')
}

#[derive(Default)]
struct Reader {
    tokens: Vec<Token>,
    word: String,
}

impl Reader {
    fn take(&mut self, c: char) {
        if is_dense(c) {
            self.end_word();
            self.push(c.to_string(), Kind::Dense);
        } else if is_letter(c) {
            self.word.push(c);
        } else {
            self.end_word();
            self.sign(c);
        }
    }

    fn end_word(&mut self) {
        let word = std::mem::take(&mut self.word);
        let word = word.trim_matches('\'');
        if !word.is_empty() {
            let word = if word.is_ascii() { word.to_owned() } else { one_script(word) };
            self.push(word, Kind::Word);
        }
    }

    /// Marks in a row are one token, because `!!` says more than `!`.
    fn sign(&mut self, c: char) {
        match self.tokens.last_mut() {
            Some(last) if last.kind == Kind::Sign && last.text.starts_with(c) => last.text.push(c),
            _ => self.push(c.to_string(), Kind::Sign),
        }
    }

    fn push(&mut self, text: String, kind: Kind) {
        self.tokens.push(Token { text, kind });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        tokens(&spelling(text)).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn a_message_falls_into_words_characters_and_signs() {
        for (text, expected) in [
            ("Sooooo COLD!!!!", &["soo", "cold", "!!"][..]),
            ("It’s room 412 👍🏽", &["it's", "room", "00", "👍"]),
            ("房间很脏。", &["房", "间", "很", "脏", "."]),
            ("Wi-Fi ще не працює)))", &["wi", "-", "fi", "ще", "не", "працює", "))"]),
            ("see https://example.com/a now", &["see", "now"]),
            ("", &[]),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn of_a_very_long_text_the_end_is_still_read() {
        let text = format!("{} fire", "very nice ".repeat(1_000));

        let read = of(&text);

        assert_eq!(read.last().map(String::as_str), Some("fire"));
        assert!(read.len() < 300, "{}", read.len());
    }
}
