//! What the bot says on fixed occasions, unless the hotel says it in its own words.

use super::hotel::{Hotel, Text};
use super::language::Language;

/// The text for an occasion: the hotel's in the guest's language, the built-in one in that language, then the
/// hotel's languages in order, then English.
pub fn text(hotel: &Hotel, which: Text, language: Language) -> String {
    let wanted = std::iter::once(language).chain(hotel.languages.iter().copied()).chain([Language::EN]);
    for candidate in wanted {
        if let Some(own) = hotel.texts.get(&which).and_then(|by_language| by_language.get(&candidate)) {
            return own.clone();
        }
        if let Some(text) = built_in(which, candidate) {
            return text.to_owned();
        }
    }
    built_in(which, Language::EN).unwrap_or("One moment, please.").to_owned()
}

fn built_in(which: Text, language: Language) -> Option<&'static str> {
    BUILT_IN.iter().find(|(code, _)| *code == language.as_str()).map(|(_, texts)| texts[which as usize])
}

/// By language, in the order of [`Text::ALL`].
const BUILT_IN: &[(&str, [&str; 7])] = &[
    (
        "en",
        [
            "I am passing this to my colleagues; someone will answer you here shortly.",
            "Thank you for your message. A colleague will answer you here shortly.",
            "I can only read text. Please write it in words; a colleague will also take a look.",
            "Your message did not reach us in a readable form. Please send it again.",
            "Your message reached us late, sorry about that. A colleague will answer you here shortly.",
            "You will get no more messages from us. Write START if you want to hear from us again.",
            "Welcome back! We will answer you here again.",
        ],
    ),
    (
        "ru",
        [
            "Передаю коллегам, вам скоро ответят здесь.",
            "Спасибо за сообщение. Коллега скоро ответит вам здесь.",
            "Я умею читать только текст. Напишите, пожалуйста, словами; коллега тоже посмотрит.",
            "Ваше сообщение не удалось прочитать. Пришлите его, пожалуйста, ещё раз.",
            "Ваше сообщение дошло до нас с опозданием, извините. Коллега скоро ответит вам здесь.",
            "Больше сообщений от нас не будет. Напишите СТАРТ, если снова захотите их получать.",
            "С возвращением! Мы снова отвечаем вам здесь.",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::testing::hotel;

    #[test]
    fn the_hotels_own_words_win_over_the_built_in_ones() {
        let mut hotel = hotel();
        hotel.texts.entry(Text::Handoff).or_default().insert(Language::EN, "One second, dear guest.".into());

        assert_eq!(text(&hotel, Text::Handoff, Language::EN), "One second, dear guest.");
        assert_eq!(text(&hotel, Text::Late, Language::EN), built_in(Text::Late, Language::EN).expect("built in"));
    }

    #[test]
    fn an_unknown_language_falls_back_to_the_hotels() {
        let swahili = Language::parse("sw").expect("a code");

        assert_eq!(text(&hotel(), Text::Late, swahili), built_in(Text::Late, Language::EN).expect("built in"));
    }
}
