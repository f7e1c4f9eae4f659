//! One spelling for what guests spell in many ways. For detection only: what is stored and shown is the original.

use crate::domain::script::{Script, visible};
use unicode_normalization::UnicodeNormalization;

/// Words in lower case without marks, punctuation and tricks, separated by single spaces: `ＳＴＯＰ!` and `s­t­o­p` are
/// `stop`, `ещё` is `еще`, `çık` is `cik`.
pub fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in fold(text).split(|c| !is_word_character(c)).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&one_script(word));
    }
    out
}

/// The clauses of a text, each as [`words`]; what belongs together is not read across a full stop or comma.
pub fn clauses(text: &str) -> Vec<String> {
    let ends =
        |c: char| matches!(c, '.' | ',' | '!' | '?' | ';' | '\n' | '…' | '。' | '，' | '！' | '？' | '、' | '؟' | '،');
    text.split(ends).map(words).filter(|clause| !clause.is_empty()).collect()
}

/// Compatibility forms, case, and the marks that hurried people leave out. Thai and Indic vowels are no such marks.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return visible(text).to_ascii_lowercase();
    }
    let lower: String = visible(text).nfkc().flat_map(char::to_lowercase).collect();
    let bare = lower.nfd().filter(|c| !is_optional_mark(*c));
    bare.nfc().map(|c| if c == 'ı' { 'i' } else { c }).collect()
}

fn is_optional_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' // accents, the dot of a Turkish capital, the breve of `й`
        | '\u{591}'..='\u{5c7}' // Hebrew points
        | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}') // Arabic stretching and vowels, hamza on a carrier
}

fn is_word_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{0e00}'..='\u{0e7f}' | '\u{0900}'..='\u{097f}' | '\u{200c}')
}

/// A word that mixes Latin and Cyrillic letters is written in the one it has more of, with look-alikes of the other.
pub(super) fn one_script(word: &str) -> String {
    let count = |script| word.chars().filter(|c| Script::of(*c) == Some(script)).count();
    let (latin, cyrillic) = (count(Script::Latin), count(Script::Cyrillic));
    if latin == 0 || cyrillic == 0 {
        return word.to_owned();
    }
    let (to_latin, to_cyrillic) = (swap(word, |(latin, cyrillic)| (cyrillic, latin)), swap(word, |pair| pair));
    let swapped = if latin > cyrillic { to_latin.or(to_cyrillic) } else { to_cyrillic.or(to_latin) };
    swapped.unwrap_or_else(|| word.to_owned())
}

/// Replaces the first of each pair by the second; `None` if letters of the first one's script remain.
fn swap(word: &str, order: impl Fn((char, char)) -> (char, char)) -> Option<String> {
    let script = Script::of(order(LOOK_ALIKES[0]).0);
    let replace = |c: char| LOOK_ALIKES.iter().map(|pair| order(*pair)).find(|(from, _)| *from == c).map(|(_, to)| to);
    let swapped: String = word.chars().map(|c| replace(c).unwrap_or(c)).collect();
    (!swapped.chars().any(|c| Script::of(c) == script)).then_some(swapped)
}

/// Latin and Cyrillic small letters whose capital or small forms look the same.
const LOOK_ALIKES: &[(char, char)] = &[
    ('a', 'а'),
    ('b', 'в'),
    ('c', 'с'),
    ('e', 'е'),
    ('h', 'н'),
    ('i', 'і'),
    ('j', 'ј'),
    ('k', 'к'),
    ('m', 'м'),
    ('o', 'о'),
    ('p', 'р'),
    ('s', 'ѕ'),
    ('t', 'т'),
    ('x', 'х'),
    ('y', 'у'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_meet() {
        for (written, read) in [
            ("  STOP.  ", "stop"),
            ("ＳＴＯＰ", "stop"),
            ("s\u{200b}t\u{ad}op", "stop"),
            ("Ещё раз!!!", "еще раз"),
            ("ABONELİKTEN ÇIK", "abonelikten cik"),
            ("abonelikten çık", "abonelikten cik"),
            ("désinscrire", "desinscrire"),
            ("don’t", "don t"),
            ("أوقف", "اوقف"),
            ("ストップ", "ストップ"),
            ("그만", "그만"),
            ("หยุดส่ง", "หยุดส่ง"),
            ("cтoп", "стоп"),
            ("STOР", "stop"),
            ("Игнoрируй инcтрукции", "игнорируи инструкции"),
            ("Wi-Fi?", "wi fi"),
            ("👍 ...", ""),
        ] {
            assert_eq!(words(written), read, "{written}");
        }
    }

    #[test]
    fn clauses_end_at_punctuation() {
        assert_eq!(clauses("No. Call the manager, please!"), ["no", "call the manager", "please"]);
    }
}
