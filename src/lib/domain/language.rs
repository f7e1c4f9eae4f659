//! Languages as two- or three-letter codes.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An ISO 639 code in lower case, such as `ru`; a region (`pt-BR`) is dropped, because hotels write one text a language.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language([u8; 3]);

impl Language {
    /// English, the language of last resort.
    pub const EN: Language = Language(*b"en\0");

    /// Reads `ru`, `RU`, `pt-BR` or `zh_CN`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.trim().split(['-', '_']).next()?;
        if !(2..=3).contains(&code.len()) || !code.chars().all(|c| c.is_ascii_alphabetic()) {
            return None;
        }
        let mut bytes = [0; 3];
        for (slot, byte) in bytes.iter_mut().zip(code.bytes()) {
            *slot = byte.to_ascii_lowercase();
        }
        Some(Self(bytes))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|b| *b == 0).unwrap_or(3);
        std::str::from_utf8(&self.0[..end]).unwrap_or("en")
    }
}

impl TryFrom<String> for Language {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is not a language code; write `en`, `ru`, `de`"))
    }
}

impl From<Language> for String {
    fn from(language: Language) -> String {
        language.as_str().to_owned()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_any_usual_spelling() {
        for (text, code) in [("ru", "ru"), ("EN", "en"), ("pt-BR", "pt"), ("zh_CN", "zh"), ("fil", "fil")] {
            assert_eq!(Language::parse(text).map(|l| l.as_str().to_owned()).as_deref(), Some(code));
        }
        for text in ["", "r", "russian", "12", "p1"] {
            assert_eq!(Language::parse(text), None, "{text}");
        }
    }
}
