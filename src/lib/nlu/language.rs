//! The language of a message, when there is enough evidence: hotel guests write three words at a time, and "ok" has no
//! language. The language of the conversation so far is the prior, so that one foreign word does not change it.

use super::language_words::{COURTESY, WORDS};
use super::normalise::words;
use crate::domain::language::Language;
use crate::domain::script::{Script, census};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// One telling word.
const ENOUGH: f32 = 0.9;
/// To leave the language of a conversation it takes more than one word.
const ENOUGH_TO_SWITCH: f32 = 1.5;
/// How far the best language must be ahead.
const AHEAD: f32 = 0.3;
/// Below this many letters the n-grams of whatlang guess.
const LETTERS_FOR_NGRAMS: usize = 24;

/// More tells n-grams nothing new and takes longer.
const NGRAM_CHARACTERS: usize = 400;

/// The language of a text, or `None` when it could be several.
pub fn detect(text: &str, hotel_languages: &[Language], known: Option<Language>) -> Option<Language> {
    let text = without_addresses(text);
    let counts = census(&text);
    let folded = words(&text);
    let tokens: Vec<&str> = folded.split(' ').filter(|token| !token.is_empty()).collect();
    let evidence = Evidence { text: &text, tokens: &tokens, counts: &counts, hotel_languages, known };
    let found = evidence.decide()?;
    let polite_only = tokens.iter().all(|token| LEXICON.courtesy.contains(*token));
    (known.is_none_or(|known| known == found) || !polite_only).then_some(found)
}

/// Links and addresses are written in Latin letters in every language.
fn without_addresses(text: &str) -> String {
    let is_address = |token: &&str| token.contains("://") || token.contains('@') || token.starts_with("www.");
    text.split_whitespace().filter(|token| !is_address(token)).collect::<Vec<_>>().join(" ")
}

struct Evidence<'a> {
    text: &'a str,
    tokens: &'a [&'a str],
    counts: &'a [(Script, usize)],
    hotel_languages: &'a [Language],
    known: Option<Language>,
}

impl Evidence<'_> {
    fn decide(&self) -> Option<Language> {
        let scores = self.word_scores();
        match self.script(&scores)? {
            Script::Latin => self.latin(scores),
            Script::Cyrillic => self.cyrillic(scores),
            other => self.by_script(other),
        }
    }

    /// Latin words turn up in every script (`Wi-Fi`, `check-in`), so a fifth of another script decides; unless the
    /// Latin words are a sentence around a name («Where is Красная площадь?»).
    fn script(&self, scores: &Scores) -> Option<Script> {
        let total: usize = self.counts.iter().map(|(script, count)| count * script.weight()).sum();
        let Some((other, count)) = self.counts.iter().find(|(script, _)| *script != Script::Latin) else {
            return self.counts.first().map(|(script, _)| *script);
        };
        let share = count * other.weight() * 100 / total.max(1);
        let has_latin = self.counts.iter().any(|(script, _)| *script == Script::Latin);
        let sentence_around = scores.best_of(Script::Latin) >= ENOUGH_TO_SWITCH
            && if *other == Script::Cyrillic { scores.best_of(Script::Cyrillic) == 0.0 } else { share < 60 };
        if has_latin && (share < 20 || sentence_around) { Some(Script::Latin) } else { Some(*other) }
    }

    fn letters(&self, script: Script) -> usize {
        self.counts.iter().find(|(s, _)| *s == script).map_or(0, |(_, count)| *count)
    }

    fn has_any(&self, letters: &str) -> bool {
        self.text.chars().flat_map(char::to_lowercase).any(|c| letters.contains(c))
    }

    fn word_scores(&self) -> Scores {
        let mut scores = Scores::default();
        for (language, weight) in self.tokens.iter().filter_map(|token| LEXICON.words.get(*token)).flatten() {
            scores.add(language, *weight);
        }
        scores
    }

    fn latin(&self, mut scores: Scores) -> Option<Language> {
        for (language, letters) in TELLING_LETTERS {
            if self.has_any(letters) {
                scores.add(language, 0.7);
            }
        }
        let lexical = self.best(&scores, AHEAD);
        let enough = |language: &str| scores.of(language) >= self.needed(language);
        lexical.filter(|language| enough(language)).or_else(|| self.by_ngrams(&scores)).and_then(Language::parse)
    }

    fn needed(&self, language: &str) -> f32 {
        match self.known {
            Some(known) if known.as_str() != language => ENOUGH_TO_SWITCH,
            Some(_) => ENOUGH - 0.4,
            None => ENOUGH,
        }
    }

    /// The best language if it is ahead by a margin, the prior counted in.
    fn best<'s>(&self, scores: &'s Scores, margin: f32) -> Option<&'s str> {
        let prior = |language: &str| {
            let known = self.known.is_some_and(|known| known.as_str() == language);
            let of_hotel = self.hotel_languages.iter().any(|known| known.as_str() == language);
            f32::from(u8::from(known)) * 0.4 + f32::from(u8::from(of_hotel)) * 0.2
        };
        let mut ranked: Vec<(&str, f32)> = scores.0.iter().map(|(l, score)| (*l, score + prior(l))).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        let second = ranked.get(1).map_or(0.0, |(_, score)| *score);
        ranked.first().filter(|(_, score)| score - second >= margin).map(|(language, _)| *language)
    }

    /// Longer texts without a clear winner among the words. N-grams confuse neighbours, so below eighty letters at
    /// least one word must agree.
    fn by_ngrams(&self, scores: &Scores) -> Option<&'static str> {
        let letters = self.letters(Script::Latin);
        if letters < LETTERS_FOR_NGRAMS {
            return None;
        }
        let end = self.text.char_indices().nth(NGRAM_CHARACTERS).map_or(self.text.len(), |(at, _)| at);
        let info = whatlang::detect(&self.text[..end]).filter(whatlang::Info::is_reliable)?;
        let code = NGRAM_LANGUAGES.iter().find(|(long, _)| *long == info.lang().code()).map(|(_, code)| *code)?;
        (letters >= 80 || scores.of(code) > 0.0).then_some(code)
    }

    fn cyrillic(&self, mut scores: Scores) -> Option<Language> {
        if self.has_any("әғқңөұүһ") {
            scores.add("kk", 3.0);
        } else if self.has_any("їєґ") || (self.has_any("і") && !self.has_any("ўыэъё")) {
            scores.add("uk", 3.0);
        } else if self.has_any("ўі") {
            scores.add("be", 3.0);
        } else if self.has_any("ыэё") {
            scores.add("ru", 0.7);
        }
        let clear = self.best(&scores, 0.1).filter(|language| scores.of(language) >= ENOUGH);
        clear.and_then(Language::parse).or_else(|| self.likely_cyrillic())
    }

    /// Three letters of Cyrillic and nothing that tells more: the conversation's language, the hotel's, Russian.
    fn likely_cyrillic(&self) -> Option<Language> {
        let is_cyrillic = |language: &Language| Script::of_language(*language).contains(&Script::Cyrillic);
        let likely = self.known.filter(is_cyrillic);
        let likely = likely.or_else(|| self.hotel_languages.iter().copied().find(is_cyrillic));
        (self.letters(Script::Cyrillic) >= 3).then(|| likely.or_else(|| Language::parse("ru"))).flatten()
    }

    /// Scripts that are one language's, or a few letters apart.
    fn by_script(&self, script: Script) -> Option<Language> {
        let known = |code: &str| self.known.is_some_and(|known| known.as_str() == code);
        let code = match script {
            Script::Han if self.letters(Script::Kana) > 0 => "ja",
            Script::Han if known("ja") && self.letters(Script::Han) <= 4 => "ja",
            Script::Han => "zh",
            Script::Kana => "ja",
            Script::Arabic if self.has_any("ٹڈڑےں") => "ur",
            Script::Arabic if self.has_any("پچژگ") => "fa",
            Script::Arabic => "ar",
            Script::Hangul => "ko",
            Script::Thai => "th",
            Script::Greek => "el",
            Script::Hebrew => "he",
            Script::Georgian => "ka",
            Script::Armenian => "hy",
            Script::Devanagari => "hi",
            Script::Latin | Script::Cyrillic => return None,
        };
        (self.letters(script) * script.weight() >= 3 || known(code)).then(|| Language::parse(code)).flatten()
    }
}

/// Points by language.
#[derive(Default)]
struct Scores(Vec<(&'static str, f32)>);

impl Scores {
    fn add(&mut self, language: &'static str, points: f32) {
        match self.0.iter_mut().find(|(known, _)| *known == language) {
            Some((_, score)) => *score += points,
            None => self.0.push((language, points)),
        }
    }

    fn of(&self, language: &str) -> f32 {
        self.0.iter().find(|(known, _)| *known == language).map_or(0.0, |(_, score)| *score)
    }

    fn best_of(&self, script: Script) -> f32 {
        let cyrillic = |language: &str| matches!(language, "ru" | "uk" | "kk" | "bg" | "be");
        let of_script = self.0.iter().filter(|(language, _)| cyrillic(language) == (script == Script::Cyrillic));
        of_script.map(|(_, score)| *score).fold(0.0, f32::max)
    }
}

struct Lexicon {
    words: HashMap<String, Vec<(&'static str, f32)>>,
    courtesy: HashSet<String>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut languages: HashMap<String, Vec<&'static str>> = HashMap::new();
    for (language, list) in WORDS {
        for word in list.iter().flat_map(|word| tokens(word)) {
            let known = languages.entry(word).or_default();
            if !known.contains(language) {
                known.push(language);
            }
        }
    }
    let weigh = |(word, languages): (String, Vec<&'static str>)| {
        let weight = weight(&word, languages.len());
        (word, languages.into_iter().map(|language| (language, weight)).collect())
    };
    Lexicon {
        words: languages.into_iter().map(weigh).collect(),
        courtesy: COURTESY.iter().flat_map(|word| tokens(word)).collect(),
    }
});

/// What is shared tells less, and a single letter little.
fn weight(word: &str, languages: usize) -> f32 {
    let shared = [1.0, 0.6, 0.4][languages.clamp(1, 3) - 1];
    if word.chars().count() == 1 && word.is_ascii() { shared * 0.5 } else { shared }
}

fn tokens(word: &str) -> Vec<String> {
    words(word).split(' ').map(str::to_owned).collect()
}

/// Letters that few languages have.
const TELLING_LETTERS: &[(&str, &str)] = &[
    ("de", "ßäöü"),
    ("tr", "ışğ"),
    ("tr", "öüç"),
    ("pl", "łąęśżźćń"),
    ("es", "ñ¿¡"),
    ("pt", "ãõ"),
    ("pt", "êâç"),
    ("fr", "œèêàùçâî"),
    ("it", "èòùà"),
    ("ca", "·èòàç"),
    ("cs", "řěůčš"),
    ("ro", "șțăâ"),
    ("sv", "åäö"),
    ("vi", "ạảấầẩậắằặẹẻẽếềểệỉịọỏốồổộớờởợụủứừửựỳỵỷỹđ"),
];

/// The languages whatlang is believed in, by its codes.
const NGRAM_LANGUAGES: &[(&str, &str)] = &[
    ("eng", "en"),
    ("deu", "de"),
    ("fra", "fr"),
    ("spa", "es"),
    ("ita", "it"),
    ("por", "pt"),
    ("tur", "tr"),
    ("pol", "pl"),
    ("nld", "nl"),
    ("ces", "cs"),
    ("ron", "ro"),
    ("ind", "id"),
    ("vie", "vi"),
    ("swe", "sv"),
    ("dan", "da"),
    ("nob", "nb"),
    ("fin", "fi"),
    ("hun", "hu"),
    ("hrv", "hr"),
    ("slk", "sk"),
    ("slv", "sl"),
    ("lit", "lt"),
    ("lav", "lv"),
    ("est", "et"),
    ("cat", "ca"),
    ("aze", "az"),
    ("uzb", "uz"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, known: Option<&str>) -> Option<String> {
        let hotel: Vec<Language> = ["ru", "en"].iter().filter_map(|code| Language::parse(code)).collect();
        detect(text, &hotel, known.and_then(Language::parse)).map(|language| language.as_str().to_owned())
    }

    #[test]
    fn short_messages_of_guests_are_recognised() {
        for (code, texts) in [
            (
                "en",
                &[
                    "When is breakfast?",
                    "Breakfast?",
                    "hello",
                    "What is the wifi password",
                    "Is the pool open?",
                    "2 more towels please",
                    "Can we have late checkout tomorrow",
                ][..],
            ),
            (
                "ru",
                &[
                    "Когда завтрак?",
                    "Здравствуйте",
                    "Где Wi-Fi?",
                    "спасибо",
                    "во сколько чек-аут",
                    "Завтрак",
                    "Можно late checkout?",
                    "В номере холодно!!!",
                ],
            ),
            ("de", &["Wann gibt es Frühstück?", "Guten Morgen, wo ist das Schwimmbad?", "Danke", "Haben Sie WLAN?"]),
            ("fr", &["À quelle heure est le petit déjeuner ?", "Bonjour", "Où est la piscine ?", "Le wifi svp, merci"]),
            ("es", &["¿A qué hora es el desayuno?", "Hola", "Dónde está la piscina", "necesito toallas por favor"]),
            ("it", &["A che ora è la colazione?", "Buongiorno", "Dov'è la piscina?", "vorrei un asciugamano"]),
            ("pt", &["A que horas é o café da manhã?", "Olá, bom dia", "Onde fica a piscina?", "obrigado"]),
            ("tr", &["Kahvaltı saat kaçta?", "Merhaba", "Havuz açık mı?", "wifi şifresi nedir"]),
            ("zh", &["早餐几点", "你好", "WiFi密码是多少?", "早餐是几点 thanks"]),
            ("ar", &["متى الإفطار؟", "مرحبا", "أين المسبح"]),
            ("uk", &["Коли сніданок?", "Добрий день", "Дякую", "де басейн і рушники"]),
            ("kk", &["Таңғы ас қашан?", "рахмет", "Сәлеметсіз бе"]),
            ("th", &["อาหารเช้ากี่โมง", "สวัสดีครับ"]),
            ("ja", &["朝食は何時ですか", "こんにちは", "タオルをください"]),
            ("ko", &["아침 식사는 몇 시예요?", "안녕하세요"]),
            ("pl", &["O której jest śniadanie?", "Dzień dobry", "Gdzie jest basen?"]),
            ("nl", &["Hoe laat is het ontbijt?", "Goedemorgen, waar is het zwembad?", "dankjewel"]),
            ("bg", &["Кога е закуската?"]),
            ("fa", &["صبحانه چه ساعتی است؟"]),
            ("he", &["מתי ארוחת הבוקר?"]),
        ] {
            for text in texts {
                assert_eq!(found(text, None).as_deref(), Some(code), "{text}");
            }
        }
    }

    #[test]
    fn too_little_evidence_is_none() {
        for text in [
            "ok",
            "OK!",
            "👍",
            "Wi-Fi?",
            "Spa",
            "12:30",
            "",
            "???",
            "Hotel Astoria",
            "https://example.com/the/is/what",
            "ок",
            "305",
        ] {
            assert_eq!(found(text, None), None, "{text}");
        }
    }

    #[test]
    fn one_polite_word_does_not_change_the_language_of_a_conversation() {
        for (text, known, after) in [
            ("thanks", "ru", None),
            ("Спасибо!", "en", None),
            ("Danke, hello", "ru", None),
            ("breakfast?", "ru", None),
            ("When is breakfast?", "ru", Some("en")),
            ("А где завтрак?", "en", Some("ru")),
            ("спасибо", "ru", Some("ru")),
            ("Так, добре", "uk", Some("uk")),
            ("Басейн", "uk", Some("uk")),
            ("东京", "ja", Some("ja")),
            ("Morgen", "de", Some("de")),
            ("ok", "de", None),
        ] {
            assert_eq!(found(text, Some(known)).as_deref(), after, "{text} after {known}");
        }
    }

    #[test]
    fn a_name_in_another_script_is_not_the_language() {
        assert_eq!(found("Where is Красная площадь?", None).as_deref(), Some("en"));
        assert_eq!(found("How do I get to 故宫 from the hotel?", None).as_deref(), Some("en"));
    }

    #[test]
    fn longer_texts_without_listed_words_are_read_by_n_grams() {
        let finnish =
            "Saavumme vasta myöhään illalla, jätättekö avaimemme vastaanottoon ja lähetättekö ohjeet perille?";

        assert_eq!(found(finnish, None).as_deref(), Some("fi"));
    }
}
