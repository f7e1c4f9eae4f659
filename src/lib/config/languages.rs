//! Languages and countries, with advice for whoever writes a name or a neighbour's code.

use super::diagnose::shown;
use super::fields::{Collector, entries, text, word};
use super::yaml::{Node, Span};
use crate::domain::language::Language;
use std::collections::BTreeMap;

/// ISO 639-1, and the three-letter codes of languages hotels meet that have no shorter one.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv \
    dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu \
    ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne \
    ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv \
    sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu fil yue haw ceb";

/// What people write instead, and the code they mean.
const MEANT: &[(&str, &str)] = &[
    ("english", "en"),
    ("russian", "ru"),
    ("русский", "ru"),
    ("german", "de"),
    ("deutsch", "de"),
    ("french", "fr"),
    ("spanish", "es"),
    ("italian", "it"),
    ("chinese", "zh"),
    ("japanese", "ja"),
    ("thai", "th"),
    ("turkish", "tr"),
    ("arabic", "ar"),
    ("ukrainian", "uk"),
    ("cn", "zh"),
    ("jp", "ja"),
    ("ua", "uk"),
    ("gr", "el"),
    ("cz", "cs"),
    ("dk", "da"),
    ("kz", "kk"),
    ("us", "en"),
    ("gb", "en"),
    ("rus", "ru"),
    ("eng", "en"),
    ("ger", "de"),
    ("deu", "de"),
];

/// A language code.
pub(crate) fn language(node: &Node, c: &mut Collector<'_>) -> Option<Language> {
    let word = word(node, c, "a language such as `en`")?;
    language_word(word, node.span, c)
}

fn language_word(word: &str, span: Span, c: &mut Collector<'_>) -> Option<Language> {
    let known = |language: &Language| LANGUAGES.split_whitespace().any(|code| code == language.as_str());
    if let Some(language) = Language::parse(word).filter(known) {
        return Some(language);
    }
    let lower = word.to_lowercase();
    let fix = match MEANT.iter().find(|(written, _)| *written == lower) {
        Some((_, code)) => format!("did you mean `{code}`?"),
        None => "write a code such as `en`, `ru`, `de`".into(),
    };
    c.error(span, format!("`{}` is not a language", shown(word)), fix)
}

/// One text a language: `{ en: …, ru: … }`.
pub(crate) fn translations(node: &Node, c: &mut Collector<'_>, most: usize) -> Option<BTreeMap<Language, String>> {
    let mut texts = BTreeMap::new();
    for (key, value) in entries(node, c, "en: …")? {
        let language = language_word(&key.text, key.span, c);
        let text = text(value, c, most);
        let (Some(language), Some(text)) = (language, text) else { continue };
        if texts.insert(language, text).is_some() {
            c.error::<()>(key.span, format!("a second text in `{language}`"), "keep one; regions are not told apart");
        }
    }
    Some(texts)
}

/// An ISO 3166 country code.
pub(crate) fn country(node: &Node, c: &mut Collector<'_>) -> Option<String> {
    let word = word(node, c, "a country such as `TH`")?;
    let code = word.to_uppercase();
    if code.len() == 2 && code.parse::<phonenumber::country::Id>().is_ok() {
        return Some(code);
    }
    let fix = match code.as_str() {
        "UK" | "ENGLAND" => "did you mean `GB`?",
        "RUS" | "RUSSIA" | "РОССИЯ" => "did you mean `RU`?",
        "THA" | "THAILAND" => "did you mean `TH`?",
        "USA" => "did you mean `US`?",
        "TURKEY" | "TUR" => "did you mean `TR`?",
        "GERMANY" | "DEU" => "did you mean `DE`?",
        _ => "write the two letters of ISO 3166, such as `TH`",
    };
    c.error(node.span, format!("`{}` is not a country", shown(word)), fix)
}
