use super::*;
use crate::domain::alert::{Act, Cause, Raising, StayPhase, Through, Whereabouts};
use crate::domain::ids::HotelId;
use crate::domain::understanding::{Sentiment, Topic};
use uuid::Uuid;

fn noon() -> Timestamp {
    Timestamp::from_second(1_783_868_400).expect("in range")
}

fn on_desk(number: i64, state: AlertState) -> OnDesk {
    let cause = Cause {
        topic: Topic::Temperature,
        severity: None,
        label: Sentiment::Negative,
        confidence: None,
        reason: None,
        department: None,
        words: "It is cold\nhere".to_owned(),
        language: None,
        suggested_reply: None,
    };
    let hotel = HotelId::parse("astoria").expect("an id");
    let id = |high: u128| Uuid::from_u128(high + u128::try_from(number).expect("positive"));
    let at = Raising { hotel, id: AlertId(id(1_000)), number, chat: ChatId(id(2_000)), at: noon() };
    let mut alert = Alert::raised(at, &cause, Whereabouts { phase: StayPhase::InHouse, reservation: None });
    let act = || Act { at: noon(), by: "Olga".to_owned(), through: Through::Command };
    if state != AlertState::Open {
        assert!(alert.step(Step::Acknowledge, act()));
    }
    if state == AlertState::Resolved {
        assert!(alert.step(Step::Resolve, act()));
    }
    OnDesk { alert, guest: Some("Maria".to_owned()), room: Some("301".to_owned()), person_leads: false }
}

fn desk(alerts: Vec<OnDesk>) -> Desk {
    Desk { contact: "front".to_owned(), name: "Pavel".to_owned(), language: Language::EN, alerts, quoted: None }
}

fn said(desk: &Desk, text: &str) -> Answer {
    answer(desk, parse(text), noon())
}

#[test]
fn orders_are_read_in_two_languages_as_phones_write_them() {
    let order = |wish, number| Some(Order { wish, number });
    for (text, expected) in [
        ("ok 17", order(Wish::Acknowledge, Some(17))),
        ("Ok 17.", order(Wish::Acknowledge, Some(17))),
        ("ОК №17", order(Wish::Acknowledge, Some(17))),
        ("ок # 17", order(Wish::Acknowledge, Some(17))),
        ("17 ok", order(Wish::Acknowledge, Some(17))),
        ("Ok", order(Wish::Acknowledge, None)),
        ("done 17", order(Wish::Resolve, Some(17))),
        ("Готово, 17!", order(Wish::Resolve, Some(17))),
        ("take 17", order(Wish::Take, Some(17))),
        ("Беру 17", order(Wish::Take, Some(17))),
        ("моё", order(Wish::Take, None)),
        ("bot on", order(Wish::BotOn, None)),
        ("Бот вкл 17", order(Wish::BotOn, Some(17))),
        ("bot off 3", order(Wish::BotOff, Some(3))),
        ("?", order(Wish::Help, None)),
        ("？", order(Wish::Help, None)),
        ("Помощь", order(Wish::Help, None)),
    ] {
        assert_eq!(parse(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_order_is_none() {
    for text in [
        "",
        "17",
        "ok 17 18",
        "ok, I will look later",
        "done with breakfast",
        "take towels to 301",
        "-17 ok",
        "bot",
        ".",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}

#[test]
fn a_number_a_quote_or_the_only_alert_says_which_is_meant() {
    let two = desk(vec![on_desk(17, AlertState::Open), on_desk(18, AlertState::Open)]);
    let act = said(&two, "ok 18").act.expect("obeyed");
    assert_eq!((act.alert, act.step), (two.alerts[1].alert.id, Some(Step::Acknowledge)));

    let quoting = Desk { quoted: Some(18), ..two.clone() };
    assert_eq!(said(&quoting, "ok").act.expect("obeyed").alert, two.alerts[1].alert.id);
    let other = said(&quoting, "ok 17").act.expect("a written number is meant more than a quote");
    assert_eq!(other.alert, two.alerts[0].alert.id);

    let unclear = said(&two, "ok");
    assert_eq!((unclear.act.is_none(), unclear.text.contains("Which one")), (true, true), "{}", unclear.text);
    assert!(unclear.text.contains("17, 301, Maria: «It is cold here»"));

    let one = desk(vec![on_desk(17, AlertState::Acknowledged), on_desk(18, AlertState::Open)]);
    assert_eq!(said(&one, "ok").act.expect("obeyed").alert, one.alerts[1].alert.id);
}

#[test]
fn taking_silences_the_bot_and_bot_on_ends_that() {
    let mut desk = desk(vec![on_desk(17, AlertState::Open)]);
    let taken = said(&desk, "take 17").act.expect("obeyed");
    let silent = Mode::Handoff { since: noon(), until: None, why: HandoffReason::Command };
    assert_eq!((taken.step, taken.mode), (Some(Step::Acknowledge), Some(silent)));

    desk.alerts[0].person_leads = true;
    let back = said(&desk, "bot on").act.expect("obeyed");
    assert_eq!((back.step, back.mode), (None, Some(Mode::Bot)));
}

#[test]
fn what_somebody_took_or_ended_is_said_and_not_done_again() {
    let before = desk(vec![on_desk(17, AlertState::Acknowledged)]);
    assert_eq!(said(&before, "ok 17").act, None);
    assert!(said(&before, "ok 17").text.contains("Olga"));
    // Who takes over from a colleague does so.
    assert_eq!(said(&before, "take 17").act.map(|act| act.step), Some(None));

    let over = desk(vec![on_desk(17, AlertState::Resolved)]);
    for text in ["ok 17", "done 17", "take 17"] {
        assert_eq!(said(&over, text).act, None, "{text}");
        assert!(said(&over, text).text.contains("closed before by Olga"), "{text}");
    }
}

#[test]
fn nothing_is_done_on_unknown_numbers_and_other_words() {
    let desk = desk(vec![on_desk(17, AlertState::Open)]);
    for text in ["ok 99", "where is the key?", "?"] {
        let answer = said(&desk, text);
        assert_eq!(answer.act, None, "{text}");
    }
    assert!(said(&desk, "ok 99").text.contains("no alert 99"));
    assert!(said(&desk, "where is the key?").text.contains("done 17"));
}

#[test]
fn a_guests_words_in_an_answer_are_one_short_line() {
    let mut open = on_desk(17, AlertState::Open);
    open.alert.words = format!("a\n\nb {}", "x".repeat(500));
    let text = said(&desk(vec![open]), "?").text;
    assert!(text.lines().all(|line| line.chars().count() < 140), "{text}");
}

#[test]
fn russian_staff_read_russian() {
    let desk = Desk { language: Language::parse("ru").expect("known"), ..desk(vec![on_desk(17, AlertState::Open)]) };
    assert_eq!(said(&desk, "ок 17").text, "17 принято: Pavel, 301, Maria");
}
