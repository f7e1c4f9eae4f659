//! A guest's words cut into what matters for answers: numbers, words, emoji and the marks between them, each with its
//! place in the text, so that what is not part of an answer can be cut out again.

use super::super::normalise::{fold, one_script};
use super::words::ORDINAL_ENDINGS;
use crate::domain::script::{Script, is_invisible};
use std::collections::HashSet;
use std::sync::LazyLock;

/// One piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    /// Bytes of the text: where it begins…
    pub start: usize,
    /// …and ends.
    pub end: usize,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Digits of any script, standing alone.
    Number(i64),
    /// Digits with the ending of a place: `2nd`.
    Place(i64),
    /// A word, folded; of Chinese one character.
    Word(String),
    /// A star that is counted.
    Star,
    /// Any other emoji.
    Emoji(char),
    /// A mark that ends what is said: full stop, comma, line, dash between words, brackets.
    Stop(char),
    /// A mark that ties numbers together: `/`.
    Slash,
    /// `+` behind a number or alone.
    Plus,
    /// A clock time, a decimal, a price, a range: never an answer.
    Odd(String),
}

impl Token {
    /// The folded word.
    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Whether it ends what is said.
    pub fn is_stop(&self) -> bool {
        matches!(self.kind, Kind::Stop(_))
    }
}

/// The pieces of a text.
pub fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let (kind, next) = one(&chars, at);
        if let Some(kind) = kind {
            let end = chars.get(next).map_or(text.len(), |(end, _)| *end);
            out.push(Token { kind, start: chars[at].0, end });
        }
        at = next.max(at + 1);
    }
    out
}

fn one(chars: &[(usize, char)], at: usize) -> (Option<Kind>, usize) {
    let c = chars[at].1;
    if let Some(circled) = whole_number(c) {
        return (Some(Kind::Number(circled)), skip_marks(chars, at + 1));
    }
    if digit(c).is_some() {
        return number(chars, at);
    }
    if is_letter(c) {
        return word(chars, at);
    }
    (mark(chars, at), skip_marks(chars, at + 1))
}

/// Variation selectors, keycaps, skin tones and joiners belong to what stands before them.
fn skip_marks(chars: &[(usize, char)], mut at: usize) -> usize {
    while chars.get(at).is_some_and(|(_, c)| is_mark(*c)) {
        at += 1;
    }
    at
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{fe0e}' | '\u{fe0f}' | '\u{20e3}' | '\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}') || is_invisible(c)
}

fn mark(chars: &[(usize, char)], at: usize) -> Option<Kind> {
    let c = chars[at].1;
    let spaced = |place: Option<usize>| place.and_then(|p| chars.get(p)).is_none_or(|(_, c)| c.is_whitespace());
    Some(match c {
        '⭐' | '🌟' | '★' | '☆' | '*' => Kind::Star,
        '/' | '／' | '⁄' => Kind::Slash,
        '+' | '＋' => Kind::Plus,
        '#' | '＃' | '№' => Kind::Word(if c == '№' { "№" } else { "#" }.to_owned()),
        '-' | '‐' | '‑' | '–' | '—' | '―' | '~' => {
            let digits = chars.get(at + 1).is_some_and(|(_, c)| digit(*c).is_some());
            if digits && at == 0 {
                Kind::Odd("-".to_owned())
            } else if c == '—' || (spaced(at.checked_sub(1)) || spaced(Some(at + 1))) {
                Kind::Stop('-')
            } else {
                Kind::Odd("-".to_owned())
            }
        }
        '%' | '$' | '€' | '£' | '₽' | '¥' | '₺' | '₸' | '°' | '=' | '<' | '>' | '@' | '&' => {
            Kind::Odd(c.to_string())
        }
        '\n' => Kind::Stop('\n'),
        '。' | '．' => Kind::Stop('.'),
        '，' | '、' | '،' => Kind::Stop(','),
        '！' => Kind::Stop('!'),
        '？' | '؟' => Kind::Stop('?'),
        '\'' | '’' | '`' | '´' | 'ʼ' => return None,
        '.' | ',' | '!' | '?' | ';' | ':' | '…' | '(' | ')' | '[' | ']' | '"' | '«' | '»' | '“' | '”' | '：' | '；'
        | '）' | '（' => Kind::Stop(c),
        _ if c.is_whitespace() || is_mark(c) || c.is_ascii() => return None,
        _ => Kind::Emoji(c),
    })
}

/// `①`, `🔟`.
fn whole_number(c: char) -> Option<i64> {
    let place = |first: u32| i64::from(u32::from(c) - first) + 1;
    match c {
        '①'..='⑳' => Some(place(0x2460)),
        '❶'..='❿' => Some(place(0x2776)),
        '🔟' => Some(10),
        _ => None,
    }
}

/// A digit of any script that guests write in.
fn digit(c: char) -> Option<i64> {
    let from = |zero: u32| i64::from(u32::from(c) - zero);
    Some(match c {
        '0'..='9' => from(0x30),
        '\u{660}'..='\u{669}' => from(0x660),
        '\u{6f0}'..='\u{6f9}' => from(0x6f0),
        '\u{966}'..='\u{96f}' => from(0x966),
        '\u{e50}'..='\u{e59}' => from(0xe50),
        '\u{ff10}'..='\u{ff19}' => from(0xff10),
        _ => return None,
    })
}

fn number(chars: &[(usize, char)], from: usize) -> (Option<Kind>, usize) {
    let mut at = from;
    let mut text = String::new();
    while let Some(value) = chars.get(at).and_then(|(_, c)| digit(*c)) {
        text.push(char::from(b'0' + u8::try_from(value).unwrap_or(0)));
        at = skip_marks(chars, at + 1);
    }
    if let Some(end) = tied(chars, at) {
        return (Some(Kind::Odd(spelled(chars, from, end))), end);
    }
    let value = text.parse::<i64>().unwrap_or(i64::MAX);
    match ending(chars, at) {
        Ending::None => (Some(Kind::Number(value)), at),
        Ending::Place(end) => (Some(Kind::Place(value)), end),
        Ending::Word(end) => (Some(Kind::Odd(spelled(chars, from, end))), end),
    }
}

/// `5:30`, `5.5`, `5,5`, `4-5`: the end of it.
fn tied(chars: &[(usize, char)], at: usize) -> Option<usize> {
    let tie = chars.get(at).filter(|(_, c)| matches!(c, ':' | '.' | ',' | '-' | '–' | '‑' | '٫'))?;
    let mut end = at + 1;
    chars.get(end).and_then(|(_, c)| digit(*c))?;
    while chars.get(end).is_some_and(|(_, c)| digit(*c).is_some() || *c == tie.1) {
        end += 1;
    }
    Some(end)
}

/// The digits and marks of something odd, without leading zeros: `09:00` and `9:00` are one.
fn spelled(chars: &[(usize, char)], from: usize, end: usize) -> String {
    let text: String =
        chars[from..end].iter().map(|(_, c)| digit(*c).map_or(*c, |d| (b'0' + d as u8) as char)).collect();
    let bare = text.trim_start_matches('0');
    fold(if bare.starts_with(|c: char| c.is_ascii_digit()) { bare } else { &text })
}

enum Ending {
    None,
    Place(usize),
    Word(usize),
}

/// What hangs on digits. Scripts that put no spaces between words hang nothing on them.
fn ending(chars: &[(usize, char)], at: usize) -> Ending {
    let dash = chars.get(at).is_some_and(|(_, c)| matches!(c, '-' | '‑' | '’' | '\''));
    let from = if dash { at + 1 } else { at };
    let mut end = from;
    while chars.get(end).is_some_and(|(_, c)| is_letter(*c) && !unspaced(*c) && !matches!(c, 'º' | 'ª')) {
        end += 1;
    }
    if chars.get(end).is_some_and(|(_, c)| matches!(c, 'º' | 'ª')) && end == from {
        return Ending::Place(end + 1);
    }
    if end == from {
        return Ending::None;
    }
    let letters: String = chars[from..end].iter().map(|(_, c)| *c).collect();
    if ENDINGS.contains(&fold(&letters)) { Ending::Place(end) } else { Ending::Word(end) }
}

static ENDINGS: LazyLock<HashSet<String>> = LazyLock::new(|| ORDINAL_ENDINGS.split('|').map(fold).collect());

/// Chinese and its like, Thai: no spaces between words.
fn unspaced(c: char) -> bool {
    matches!(Script::of(c), Some(Script::Han | Script::Kana | Script::Thai | Script::Hangul))
}

fn is_letter(c: char) -> bool {
    (c.is_alphabetic() && !matches!(c, 'ʼ'))
        || matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{e31}'..='\u{e4e}' | '\u{93c}'..='\u{94d}')
}

fn word(chars: &[(usize, char)], from: usize) -> (Option<Kind>, usize) {
    if Script::of(chars[from].1) == Some(Script::Han) {
        return (Some(Kind::Word(fold(&chars[from].1.to_string()))), from + 1);
    }
    let mut end = from + 1;
    while chars.get(end).is_some_and(|(_, c)| {
        (is_letter(*c) && Script::of(*c) != Some(Script::Han)) || (is_invisible(*c) && !c.is_whitespace())
    }) {
        end += 1;
    }
    let letters: String = chars[from..end].iter().map(|(_, c)| *c).collect();
    let folded = one_script(&fold(&letters));
    if folded.is_empty() { (None, end) } else { (Some(Kind::Word(folded)), end) }
}

/// One key for texts that say the same: words, numbers and what is odd; of a text of emoji alone the emoji, each once.
pub fn key(tokens: &[Token]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for token in tokens {
        match &token.kind {
            Kind::Number(n) | Kind::Place(n) => parts.push(n.to_string()),
            Kind::Word(word) => parts.push(word.clone()),
            Kind::Odd(odd) => parts.push(odd.clone()),
            Kind::Plus => parts.push("+".to_owned()),
            _ => {}
        }
    }
    if parts.is_empty() { emoji_key(tokens) } else { parts.join(" ") }
}

fn emoji_key(tokens: &[Token]) -> String {
    let mut key = String::new();
    for token in tokens {
        match token.kind {
            Kind::Emoji(c) if !key.contains(c) => key.push(c),
            Kind::Star => key.push('⭐'),
            _ => {}
        }
    }
    key
}
