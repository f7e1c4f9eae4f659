//! Whether a sentence can be of a language that the reader was taught: for each word, in which of them it or a word
//! with the same beginning was seen. Counting words finds out what n-grams of letters cannot tell in eight words.
//!
//! The file: `HBKW`, version 1, `u8 bits`, `u16 of languages[2^bits]`, crc32 of all before, little-endian. A word of a
//! language sets that language's bit in its place; words that share a place share their languages, which at this size
//! makes one strange word in twenty look known to a language.

use super::model::{ModelError, crc32};
use super::tokens::spelling;
use crate::domain::script::Script;
use crate::nlu::normalise::one_script;
use std::collections::HashSet;

const MAGIC: &[u8; 5] = b"HBKW\x01";
/// The table has `2^BITS` places: a quarter of a mebibyte.
const BITS: u8 = 17;
/// The taught languages that write words between spaces and share their script with others, by their bits.
pub const LANGUAGES: &[&str] =
    &["ru", "en", "de", "fr", "es", "it", "pt", "tr", "uk", "pl", "nl", "cs", "kk", "id", "ca", "hi"];
/// The shortest beginning that stands for a word, in characters: shorter ones mean too many words.
const BEGINNING: usize = 5;
/// Endings are at most so long.
const ENDING: usize = 3;
/// Fewer words are no sentence: names, `ok thx`, an address.
const SENTENCE: usize = 3;
/// A sentence has at least so many letters in the words that nobody knows.
const STRANGE_LETTERS: usize = 10;
/// At most so many of twenty words of a strange sentence are known: by chance, because neighbours share words.
const KNOWN_OF_TWENTY: usize = 9;

/// The words that were seen.
#[derive(Debug)]
pub struct KnownWords(&'static [u8]);

impl KnownWords {
    /// Reads the file and verifies its checksum.
    pub fn load(file: &'static [u8]) -> Result<Self, ModelError> {
        let (body, sum) = file.split_last_chunk::<4>().ok_or(ModelError::Damaged)?;
        if crc32(body) != u32::from_le_bytes(*sum) {
            return Err(ModelError::Damaged);
        }
        let table = body.strip_prefix(MAGIC).and_then(|body| body.strip_prefix(&[BITS])).ok_or(ModelError::Foreign)?;
        if table.len() == 2 << BITS { Ok(Self(table)) } else { Err(ModelError::Foreign) }
    }

    /// Whether a text is a sentence of no taught language, however its letters look. `unsure` is that nothing else tells
    /// its language: then less is asked for.
    pub fn is_strange(&self, text: &str, unsure: bool) -> bool {
        let words = sentence(text);
        let seen: Vec<u16> = words.iter().map(|word| self.languages(word)).collect();
        let knows = |language: usize| seen.iter().filter(|seen| **seen >> language & 1 == 1).count();
        let known = (0..LANGUAGES.len()).map(knows).max().unwrap_or(0);
        let strange = words.iter().zip(&seen).filter(|(_, seen)| seen.count_ones() < 2);
        let most = KNOWN_OF_TWENTY + usize::from(unsure);
        let letters: usize = strange.map(|(word, _)| word.chars().count()).sum();
        words.len() >= SENTENCE && known * 20 <= words.len() * most && letters >= STRANGE_LETTERS
    }

    fn languages(&self, word: &str) -> u16 {
        let whole = self.at(word);
        beginnings(word, 2).fold(whole, |seen, beginning| seen | self.at(beginning))
    }

    fn at(&self, word: &str) -> u16 {
        let place = place(word) * 2;
        u16::from_le_bytes([self.0[place], self.0[place + 1]])
    }
}

/// The file that knows the words of these texts, each with its language; texts of other languages are left out.
pub fn file<'t>(texts: impl Iterator<Item = (&'t str, &'t str)>) -> Vec<u8> {
    let mut table = vec![0_u16; 1 << BITS];
    for (language, text) in texts {
        let Some(bit) = LANGUAGES.iter().position(|known| *known == language) else { continue };
        for word in words(text) {
            // English words hardly change their endings.
            let endings = if *language == *"en" { 0 } else { ENDING };
            let places = beginnings(&word, endings).map(place).chain([place(&word)]);
            places.for_each(|place| table[place] |= 1 << bit);
        }
    }
    let mut out = MAGIC.to_vec();
    out.push(BITS);
    out.extend(table.iter().flat_map(|languages| languages.to_le_bytes()));
    let sum = crc32(&out);
    out.extend(sum.to_le_bytes());
    out
}

/// The word without its last letters, up to so many.
fn beginnings(word: &str, most: usize) -> impl Iterator<Item = &str> {
    let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).skip(BEGINNING).collect();
    ends.into_iter().rev().take(most).map(|end| &word[..end])
}

fn place(word: &str) -> usize {
    let hash = word.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let mixed = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
    ((mixed ^ (mixed >> 13)) & ((1 << BITS) - 1)) as usize
}

/// Every word of a text, folded.
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphabetic() && !is_mark(c)).filter_map(word).collect()
}

fn word(part: &str) -> Option<String> {
    let word = one_script(&spelling(part));
    (word.chars().count() > 1).then_some(word)
}

/// Of the scripts that [`LANGUAGES`] are written in.
fn has_case(c: char) -> bool {
    is_mark(c) || matches!(Script::of(c), Some(Script::Latin | Script::Cyrillic))
}

/// Marks that stand on letters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// The words of a text that can belong to a sentence: each once, no links and addresses, and no names, which begin
/// with a capital; unless all is written in capitals.
fn sentence(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text
        .split_whitespace()
        .filter(|part| !part.contains("://") && !part.contains('@') && !part.chars().any(char::is_numeric))
        .flat_map(|part| part.split(|c: char| !c.is_alphabetic() && !is_mark(c)))
        .collect();
    let shouts = !text.chars().any(char::is_lowercase);
    let mut seen = HashSet::new();
    let counts = parts.into_iter().filter(|part| shouts || part.starts_with(char::is_lowercase));
    counts.filter(|part| part.chars().all(has_case)).filter_map(word).filter(|word| seen.insert(word.clone())).collect()
}
