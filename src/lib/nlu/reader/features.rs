//! The features of a message: hashes of its words, pairs of words and pieces of words. Training and reading use this
//! same function; [`VERSION`] is in the weights file, so that weights never meet features they were not made for.

use super::tokens::{Kind, Token};

/// Changes whenever the same text would give other features.
pub const VERSION: u8 = 1;
/// The shortest and the longest piece of a word, in characters.
pub const PIECES: (u8, u8) = (3, 5);
/// The most words or characters in a row.
pub const ROW: u8 = 3;

/// The features of a message; words and pairs of words are there twice, because their many pieces outvote them
/// otherwise. They are buckets of a table of `2^bits`, each
/// once, in order.
pub fn features(tokens: &[Token], bits: u8) -> Vec<u32> {
    let mut found = Vec::with_capacity(tokens.len() * 12 + 2);
    for (at, token) in tokens.iter().enumerate() {
        found.extend([b'w', b'W'].map(|kind| hash(kind, [token.text.as_str()])));
        rows(&tokens[at..], &mut found);
        if token.kind == Kind::Word {
            pieces(&token.text, &mut found);
        }
    }
    found.push(hash(b'l', [length(tokens.len())]));
    let mask = (1_u64 << bits) - 1;
    let mut buckets: Vec<u32> = found.into_iter().map(|hash| u32::try_from(hash & mask).unwrap_or(0)).collect();
    buckets.sort_unstable();
    buckets.dedup();
    buckets
}

/// The same features in a smaller table.
pub fn narrowed(features: &[u32], bits: u8) -> Vec<u32> {
    let mut buckets: Vec<u32> = features.iter().map(|feature| feature & ((1 << bits) - 1)).collect();
    buckets.sort_unstable();
    buckets.dedup();
    buckets
}

/// The rows of tokens that begin here: two words, up to three characters of a script without spaces.
fn rows(from: &[Token], found: &mut Vec<u64>) {
    if let [first, second, ..] = from {
        found.extend([b'r', b'R'].map(|kind| hash(kind, [first.text.as_str(), " ", second.text.as_str()])));
    }
    if let [first, second, third, ..] = from
        && [first, second, third].iter().all(|token| token.kind == Kind::Dense)
    {
        found.push(hash(b'r', [first.text.as_str(), " ", second.text.as_str(), " ", third.text.as_str()]));
    }
}

/// Pieces of ` word `, so that beginnings and ends tell; two syllables are a piece where a letter is a syllable.
fn pieces(word: &str, found: &mut Vec<u64>) {
    let padded = format!(" {word} ");
    let starts: Vec<usize> = padded.char_indices().map(|(at, _)| at).chain([padded.len()]).collect();
    let syllables = word.starts_with(|c| matches!(c, '\u{ac00}'..='\u{d7a3}'));
    let shortest = usize::from(PIECES.0) - usize::from(syllables);
    for length in shortest..=usize::from(PIECES.1) {
        for ends in starts.windows(length + 1) {
            found.push(hash(b'c', [&padded[ends[0]..ends[length]]]));
        }
    }
}

/// How long a message is, in four steps.
fn length(tokens: usize) -> &'static str {
    match tokens {
        0..=2 => "a word",
        3..=8 => "a line",
        9..=30 => "some lines",
        _ => "a page",
    }
}

/// FNV-1a over the kind and the parts, its bits mixed once more: the low bits of FNV alone are uneven.
fn hash<const N: usize>(kind: u8, parts: [&str; N]) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let bytes = std::iter::once(kind).chain(parts.into_iter().flat_map(str::bytes));
    let mut hash = bytes.fold(0xcbf2_9ce4_8422_2325, step);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}
