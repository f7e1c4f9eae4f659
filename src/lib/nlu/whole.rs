//! Messages that as a whole are one word of a closed list: opting out and in. «Не останавливайтесь» and "stop by the
//! pool?" contain such a word and are none.

use super::normalise::words;
use super::words::{ByLanguage, OPT_IN, OPT_OUT, POLITE};
use std::collections::HashSet;
use std::sync::LazyLock;

/// No word of the lists is longer, politeness included; longer messages are not folded at all.
const LONGEST: usize = 120;

/// What a message asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wish {
    /// Silence.
    OptOut,
    /// Messages again.
    OptIn,
}

/// The wish of one message; of a turn, each message is asked by itself.
pub fn wish(message: &str) -> Option<Wish> {
    let message = message.trim();
    if message.is_empty() || message.chars().nth(LONGEST).is_some() {
        return None;
    }
    let folded = words(message);
    [folded.as_str(), without_politeness(&folded)].into_iter().find_map(|text| {
        let out = LISTS.out.contains(text).then_some(Wish::OptOut);
        out.or_else(|| LISTS.back.contains(text).then_some(Wish::OptIn))
    })
}

/// The words without «пожалуйста» and its like at both ends.
pub fn without_politeness(folded: &str) -> &str {
    let mut rest = folded;
    while let Some(shorter) = without_polite_start(rest).or_else(|| without_polite_end(rest)) {
        rest = shorter;
    }
    rest
}

/// `None` unless it begins with a politeness that something follows. Looked up, not searched: every message is asked.
fn without_polite_start(text: &str) -> Option<&str> {
    let ends = text.match_indices(' ').take(LISTS.polite_words).map(|(at, _)| at);
    ends.into_iter().find(|at| LISTS.polite.contains(&text[..*at])).map(|at| &text[at + 1..])
}

/// `None` unless it ends with a politeness that follows something.
fn without_polite_end(text: &str) -> Option<&str> {
    let starts = text.rmatch_indices(' ').take(LISTS.polite_words).map(|(at, _)| at);
    starts.into_iter().find(|at| LISTS.polite.contains(&text[at + 1..])).map(|at| &text[..at])
}

/// Whether the words are nothing but politeness.
pub fn is_polite(folded: &str) -> bool {
    LISTS.polite.contains(without_politeness(folded))
}

struct Lists {
    out: HashSet<String>,
    back: HashSet<String>,
    polite: HashSet<String>,
    /// The most words of one politeness.
    polite_words: usize,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let polite: HashSet<String> = POLITE.iter().map(|word| words(word)).collect();
    let polite_words = polite.iter().map(|polite| polite.split(' ').count()).max().unwrap_or(0);
    Lists { out: folded(OPT_OUT), back: folded(OPT_IN), polite, polite_words }
});

fn folded(lists: ByLanguage) -> HashSet<String> {
    lists.iter().flat_map(|(_, list)| *list).map(|word| words(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_message_of_opting_out_is_heard() {
        for text in [
            "STOP",
            "stop.",
            "Stop!!!",
            "ＳＴＯＰ",
            "STOР", // a Cyrillic Р
            "S\u{200b}TOP",
            "UNSUBSCRIBE",
            "Please stop messaging me",
            "стоп",
            "Стоп, пожалуйста",
            "отпишите меня",
            "Не пишите мне больше.",
            "cтоп", // a Latin c
            "abmelden",
            "Bitte keine Nachrichten mehr",
            "désabonner",
            "darme de baja",
            "Disiscrivimi",
            "parar",
            "ABONELİKTEN ÇIK",
            "退订",
            "停止。",
            "أوقف",
            "відпишіть мене",
            "тоқтатыңыз",
            "หยุดส่งข้อความ",
            "配信停止",
            "수신거부",
            "wypisz mnie",
            "uitschrijven",
        ] {
            assert_eq!(wish(text), Some(Wish::OptOut), "{text}");
        }
    }

    #[test]
    fn a_word_inside_a_message_is_not() {
        for text in [
            "не останавливайтесь",
            "stop by the pool?",
            "Where does the bus stop?",
            "bus stop",
            "стоп, а где завтрак?",
            "Can I cancel?",
            "cancel",
            "no",
            "где автобусная остановка",
            "please don't stop the music",
            "停车",
            "There was one more thing\nstop",
            "",
            "👍",
        ] {
            assert_eq!(wish(text), None, "{text}");
        }
    }

    #[test]
    fn opting_in_is_heard_in_each_language() {
        for (language, list) in OPT_IN {
            for word in *list {
                assert_eq!(wish(word), Some(Wish::OptIn), "{language} {word}");
            }
        }
        assert_eq!(wish("Start, please"), Some(Wish::OptIn));
        assert_eq!(wish("When does breakfast start?"), None);
    }

    #[test]
    fn every_word_of_opting_out_is_heard() {
        for (language, list) in OPT_OUT {
            for word in *list {
                assert_eq!(wish(word), Some(Wish::OptOut), "{language} {word}");
            }
        }
    }
}
