//! What plain code reads in a guest's words, from outside: whole signals, hostile input, cost.
#![expect(clippy::unwrap_used, reason = "a failure here is the test's failure")]

use std::time::{Duration, Instant};

use hotelbot::domain::language::Language;
use hotelbot::domain::trigger::{Condition, Content, Kind, Other, Question, Variant};
use hotelbot::domain::turn::Signals;
use hotelbot::nlu;
use proptest::prelude::*;

fn languages() -> Vec<Language> {
    ["ru", "en", "de"].iter().map(|code| Language::parse(code).unwrap()).collect()
}

fn signals(words: &str) -> Signals {
    nlu::signals(words, &languages(), None)
}

#[test]
fn each_message_has_its_signals() {
    let of = |opt_out, opt_in, asks_person, language: Option<&str>| Signals {
        opt_out,
        opt_in,
        asks_person,
        language: language.and_then(Language::parse),
    };
    for (words, expected) in [
        ("When is breakfast?", of(false, false, false, Some("en"))),
        ("Во сколько завтрак?", of(false, false, false, Some("ru"))),
        ("STOP", of(true, false, false, None)),
        ("стоп.", of(true, false, false, Some("ru"))),
        ("START", of(false, true, false, None)),
        ("Позовите менеджера", of(false, false, true, Some("ru"))),
        ("Can I talk to a human?", of(false, false, true, Some("en"))),
        ("The receptionist was nice", of(false, false, false, Some("en"))),
        ("ok", of(false, false, false, None)),
        ("", Signals::default()),
    ] {
        assert_eq!(signals(words), expected, "{words}");
    }
}

#[test]
fn the_words_that_the_built_in_texts_tell_a_guest_to_write_are_heard() {
    for word in ["START", "СТАРТ", "start", "Старт"] {
        assert!(signals(word).opt_in, "{word}");
    }
}

#[test]
fn enormous_and_absurd_messages_cost_little_and_mean_nothing() {
    let zalgo = format!("a{}", "\u{301}".repeat(200_000));
    let cases =
        ["x".repeat(65_536), "😀".repeat(1_000_000), zalgo, "\u{200d}".repeat(100_000), "talk to a ".repeat(100_000)];
    for text in cases {
        let began = Instant::now();

        let found = signals(&text);

        assert!(!found.opt_out && !found.opt_in && !found.asks_person);
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
}

/// A question of each kind that hears words.
fn questions() -> Vec<Question> {
    let text = |text: &str| [(Language::EN, text.to_owned())].into();
    let question = |kind| Question {
        id: "q".into(),
        content: Content { variants: vec![Variant { filter: Condition::everybody(), text: text("?") }], media: None },
        kind,
        answers: Vec::new(),
        other: Other::Classify,
        expires: Duration::from_secs(60),
        remind: None,
    };
    [Kind::Choice, Kind::Scale(1, 5), Kind::Nps, Kind::YesNo].map(question).into()
}

proptest! {
    #[test]
    fn any_text_beside_a_question_is_read_without_a_panic_and_the_same_way_twice(text in "(\\PC|[0-9 .,!?/-]){0,60}") {
        for question in questions() {
            prop_assert_eq!(nlu::answers::read(&question, &text), nlu::answers::read(&question, &text));
        }
    }

    #[test]
    fn a_number_of_things_is_never_a_score(number in 1..=5_u8, thing in "[a-z]{5,9}") {
        let unknown = !["stars", "point", "points", "please", "thanks", "option", "variant", "score", "rating"]
            .iter()
            .any(|known| thing.contains(known));
        if unknown {
            let text = format!("{number} {thing} for the room");
            prop_assert_eq!(nlu::answers::read(&questions()[1], &text), None);
        }
    }

    #[test]
    fn only_a_number_of_the_scale_is_a_score(number in -100..=100_i64) {
        let score = nlu::answers::read(&questions()[1], &number.to_string()).and_then(|answered| answered.score);
        prop_assert_eq!(score, Some(number).filter(|number| (1..=5).contains(number)));
    }

    #[test]
    fn any_text_is_read_without_a_panic_and_the_same_way_twice(text in "\\PC{0,200}") {
        prop_assert_eq!(signals(&text), signals(&text));
        prop_assert_eq!(signals(&text).opt_out, nlu::is_opt_out(&text));
    }

    #[test]
    fn a_sentence_around_an_opt_out_is_none(before in "[a-z]{4,8} [a-z]{4,8}", after in "[a-z]{4,8} [a-z]{4,8}") {
        let text = format!("{before} stop {after}");
        prop_assert!(!signals(&text).opt_out);
    }
}
