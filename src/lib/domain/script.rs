//! The letters a text is written in, and the characters nobody sees. Shared by those who read guests and those who
//! check answers.

use super::language::Language;

/// A writing system, as far as hotels meet them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Script {
    /// A to Z with all their marks.
    Latin,
    /// Russian, Ukrainian, Kazakh and others.
    Cyrillic,
    /// Arabic, Persian, Urdu.
    Arabic,
    /// Chinese characters, in Chinese and Japanese.
    Han,
    /// Hiragana and katakana.
    Kana,
    /// Korean.
    Hangul,
    /// Thai.
    Thai,
    /// Greek.
    Greek,
    /// Hebrew.
    Hebrew,
    /// Georgian.
    Georgian,
    /// Armenian.
    Armenian,
    /// Hindi and others.
    Devanagari,
}

impl Script {
    /// The script of a letter; `None` for digits, marks, emoji and scripts that are not listed.
    pub fn of(c: char) -> Option<Self> {
        Some(match c {
            'a'..='z' | 'A'..='Z' | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ɏ' | 'Ḁ'..='ỿ' => Script::Latin,
            '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => Script::Latin,
            '\u{0400}'..='\u{0481}' | '\u{048a}'..='\u{052f}' => Script::Cyrillic,
            '\u{0620}'..='\u{064a}' | '\u{0671}'..='\u{06d3}' | '\u{0750}'..='\u{077f}' => Script::Arabic,
            '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' => Script::Arabic,
            '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{f900}'..='\u{faff}' => Script::Han,
            '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{ff66}'..='\u{ff9d}' => Script::Kana,
            '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' => Script::Hangul,
            '\u{0e01}'..='\u{0e3a}' | '\u{0e40}'..='\u{0e46}' => Script::Thai,
            '\u{0386}'..='\u{03ff}' | '\u{1f00}'..='\u{1fff}' => Script::Greek,
            '\u{05d0}'..='\u{05ea}' => Script::Hebrew,
            '\u{10a0}'..='\u{10ff}' | '\u{1c90}'..='\u{1cbf}' => Script::Georgian,
            '\u{0531}'..='\u{0587}' => Script::Armenian,
            '\u{0904}'..='\u{0939}' | '\u{0958}'..='\u{0961}' => Script::Devanagari,
            _ => return None,
        })
    }

    /// The scripts a language is written in; empty for a language whose script is not known here.
    pub fn of_language(language: Language) -> &'static [Script] {
        match language.as_str() {
            "ru" | "uk" | "be" | "bg" | "mk" | "ky" | "tg" | "mn" | "tt" | "ba" => &[Script::Cyrillic],
            "kk" | "uz" | "sr" | "az" | "tk" => &[Script::Cyrillic, Script::Latin],
            "ar" | "fa" | "ur" | "ps" => &[Script::Arabic],
            "zh" => &[Script::Han],
            "ja" => &[Script::Kana, Script::Han],
            "ko" => &[Script::Hangul],
            "th" => &[Script::Thai],
            "el" => &[Script::Greek],
            "he" | "iw" => &[Script::Hebrew],
            "ka" => &[Script::Georgian],
            "hy" => &[Script::Armenian],
            "hi" | "mr" | "ne" => &[Script::Devanagari],
            "en" | "de" | "fr" | "es" | "it" | "pt" | "tr" | "pl" | "nl" | "cs" | "sk" | "sl" | "hr" | "ro" | "hu"
            | "sv" | "da" | "nb" | "no" | "fi" | "et" | "lv" | "lt" | "vi" | "id" | "ms" | "sq" | "ca" | "fil"
            | "tl" => &[Script::Latin],
            _ => &[],
        }
    }

    /// How much of a word one letter is: a Chinese character says as much as several Latin letters.
    pub fn weight(self) -> usize {
        match self {
            Script::Han | Script::Hangul => 3,
            Script::Kana => 2,
            _ => 1,
        }
    }
}

/// How many letters of each script a text has, most first.
pub fn census(text: &str) -> Vec<(Script, usize)> {
    let mut counts: Vec<(Script, usize)> = Vec::new();
    for script in text.chars().filter_map(Script::of) {
        match counts.iter_mut().find(|(known, _)| *known == script) {
            Some((_, count)) => *count += 1,
            None => counts.push((script, 1)),
        }
    }
    counts.sort_by_key(|(script, count)| (std::cmp::Reverse(count * script.weight()), *script));
    counts
}

/// Characters that change what is read without being seen: controls, directions, tags, fillers. Line breaks and tabs
/// are not among them; neither are the joiners of emoji and Persian, which [`visible`] keeps where they belong.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' // controls, ANSI escapes
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' // directions, fillers
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' // tags and the variation selectors that can carry hidden text
    )
}

/// The text without invisible characters. A joiner between letters of Europe or digits is a trick and goes; elsewhere
/// it holds an emoji or a Persian word together and stays. `\r\n`, and the separators U+2028 and U+2029, become `\n`.
pub fn visible(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut previous = None;
    for c in text.chars() {
        let joiner = matches!(c, '\u{200c}' | '\u{200d}');
        if matches!(c, '\u{2028}' | '\u{2029}') {
            clean.push('\n');
        } else if !(is_invisible(c) || joiner && previous.is_none_or(is_european)) {
            clean.push(c);
        }
        if !joiner && !is_invisible(c) {
            previous = Some(c);
        }
    }
    clean
}

fn is_european(c: char) -> bool {
    c.is_ascii() || c.is_numeric() || matches!(Script::of(c), Some(Script::Latin | Script::Cyrillic | Script::Greek))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_orders_and_directions_vanish_and_emoji_stay_whole() {
        let tags: String = "obey".chars().filter_map(|c| char::from_u32(0xe0000 + c as u32)).collect();
        for (text, clean) in [
            (format!("Hello{tags}!"), "Hello!"),
            ("S\u{200b}T\u{200d}O\u{feff}P".to_owned(), "STOP"),
            ("a\u{202e}b\u{2066}c\u{0}\u{1b}[31m".to_owned(), "abc[31m"),
            ("👨\u{200d}👩\u{200d}👧".to_owned(), "👨\u{200d}👩\u{200d}👧"),
            ("می\u{200c}خواهم".to_owned(), "می\u{200c}خواهم"),
            ("one\r\ntwo\tthree".to_owned(), "one\ntwo\tthree"),
        ] {
            assert_eq!(visible(&text), clean);
        }
    }

    #[test]
    fn the_census_puts_the_dominant_script_first() {
        assert_eq!(census("Wi-Fi пароль").first(), Some(&(Script::Cyrillic, 6)));
        assert_eq!(census("早餐 ok").first(), Some(&(Script::Han, 2)));
        assert_eq!(census("12:30 👍"), vec![]);
    }
}
