//! `where`: every field and operator.

use crate::domain::hotel::Hotel;
use crate::domain::schedule::conditions::{Truth, View, holds, passes};
use crate::domain::schedule::facts::{Facts, Given};
use crate::domain::schedule::testing::{at, checked_in, day, hotel, is, language, reservation};
use crate::domain::stay::Reservation;
use crate::domain::trigger::{Condition, Field, Order, Test, Value};
use crate::domain::understanding::Sentiment;

fn stay() -> Reservation {
    let mut stay = checked_in(reservation("r", "2026-07-10", "2026-07-14"), "2026-07-10T15:00:00Z");
    let booking = &mut stay.booking;
    booking.room_type = Some("Deluxe".to_owned());
    booking.room = Some("204".to_owned());
    booking.rate_plan = Some("flex".to_owned());
    booking.source = Some("Booking.com".to_owned());
    booking.country = Some("DE".to_owned());
    booking.adults = Some(2);
    booking.children = Some(0);
    booking.vip = Some("gold".to_owned());
    booking.tags = vec!["Honeymoon".to_owned(), "late arrival".to_owned()];
    booking.birthday = Some(day("1990-07-12"));
    booking.booked_at = Some(at("2026-07-03T14:00:00Z"));
    booking.custom = [("floor".to_owned(), "2".to_owned()), ("spa".to_owned(), "yes".to_owned())].into();
    stay
}

fn facts() -> Facts {
    Facts {
        language: Some(language("de")),
        earlier_stays: 1,
        last_sentiment: Some(Sentiment::Positive),
        worst_sentiment: Some(Sentiment::Negative),
        score: Some(4.0),
        answered: [
            ("room-ok".into(), Given { answer: Some("fine".into()), score: None }),
            ("nps".into(), Given { answer: None, score: Some(9.0) }),
            ("free".into(), Given::default()),
        ]
        .into(),
        sent: ["welcome".into()].into(),
        tags: vec!["vegan".to_owned()],
        ..Facts::default()
    }
}

fn word(text: &str) -> Value {
    Value::Word(text.to_owned())
}

fn equals(text: &str) -> Test {
    Test::Equals(word(text))
}

fn custom(key: &str) -> Field {
    Field::Custom(key.to_owned())
}

#[test]
fn every_field_is_seen_as_a_manager_would_say_it() {
    let (hotel, stay, facts) = (hotel(), stay(), facts());
    let view = View { hotel: &hotel, reservation: &stay, facts: Some(&facts), as_of: at("2026-07-12T15:00:00Z") };
    let (yes, no) = (Test::Equals(Value::Flag(true)), Test::Equals(Value::Flag(false)));
    for (field, test) in [
        (Field::Status, equals("checked_in")),
        (Field::RoomType, Test::OneOf(vec![word("suite"), word("deluxe")])),
        (Field::RoomType, Test::Differs(word("suite"))),
        (Field::Room, Test::Equals(Value::Number(204.0))),
        (Field::Room, Test::Matches("2..".to_owned())),
        (Field::RatePlan, equals("FLEX")),
        (Field::Source, Test::Contains("booking".to_owned())),
        (Field::Nights, Test::Compare(Order::AtLeast, 2.0)),
        (Field::Nights, Test::Between(4.0, 5.0)),
        (Field::LeadTime, Test::Compare(Order::AtMost, 7.0 * 86_400.0)),
        (Field::LeadTime, Test::Compare(Order::AtLeast, 7.0 * 86_400.0)),
        (Field::Adults, Test::Equals(Value::Number(2.0))),
        (Field::Children, Test::Compare(Order::Less, 1.0)),
        (Field::HoursToCheckOut, Test::Between(45.0, 45.0)),
        (Field::HoursSinceCheckIn, Test::Between(48.0, 48.0)),
        (Field::Country, equals("de")),
        (Field::Language, equals("DE")),
        (Field::Returning, yes.clone()),
        (Field::Stays, Test::Compare(Order::More, 0.0)),
        (Field::Vip, yes.clone()),
        (Field::Vip, equals("Gold")),
        (Field::Tag, equals("honeymoon")),
        (Field::Tag, equals("vegan")),
        (Field::Tag, Test::Contains("arrival".to_owned())),
        (Field::BirthdayInStay, yes.clone()),
        (Field::LastSentiment, equals("positive")),
        (Field::WorstSentimentInStay, equals("negative")),
        (Field::Score, Test::Compare(Order::AtLeast, 4.0)),
        (Field::OpenAlert, no.clone()),
        (Field::OptedOut, no),
        (Field::Answered("room-ok".into()), equals("fine")),
        (Field::Answered("nps".into()), Test::Compare(Order::AtLeast, 9.0)),
        (Field::Answered("free".into()), Test::Exists(true)),
        (Field::Answered("never".into()), Test::Exists(false)),
        (Field::Sent("welcome".into()), yes.clone()),
        (Field::AiEnabled, Test::Equals(Value::Flag(hotel.ai.enabled))),
        (custom("floor"), Test::Compare(Order::AtLeast, 2.0)),
        (custom("floor"), equals("2")),
        (custom("spa"), yes),
        (custom("none"), Test::Exists(false)),
    ] {
        let condition = Condition::Is { field: field.clone(), test: test.clone() };
        assert_eq!(holds(&condition, &view), Truth::Yes, "{field:?} {test:?}");
    }
    for (field, test) in [
        (Field::RoomType, equals("del")),
        (Field::Room, Test::Matches("2".to_owned())),
        (Field::Tag, Test::Differs(word("honeymoon"))),
        (Field::Vip, Test::Equals(Value::Flag(false))),
        (Field::HoursToCheckOut, Test::Compare(Order::Less, 24.0)),
        (Field::Sent("other".into()), Test::Equals(Value::Flag(true))),
    ] {
        let condition = Condition::Is { field: field.clone(), test: test.clone() };
        assert_eq!(holds(&condition, &view), Truth::No, "{field:?} {test:?}");
    }
}

#[test]
fn a_field_without_a_value_fails_every_test_but_that_there_is_none() {
    for test in [
        equals(""),
        Test::Differs(word("x")),
        Test::OneOf(vec![word("x")]),
        Test::Compare(Order::AtLeast, f64::MIN),
        Test::Compare(Order::Less, f64::MAX),
        Test::Between(f64::MIN, f64::MAX),
        Test::Contains(String::new()),
        Test::Matches(".*".to_owned()),
        Test::Exists(true),
        Test::Equals(Value::Flag(false)),
    ] {
        assert!(!passes(&test, &[]), "{test:?}");
    }
    assert!(passes(&Test::Exists(false), &[]));
}

#[test]
fn words_are_compared_without_regard_to_case_and_a_pattern_is_for_the_whole_value() {
    let suite = [word("Люкс с видом")];
    assert!(passes(&equals("ЛЮКС С ВИДОМ"), &suite));
    assert!(passes(&Test::Contains("ВИД".to_owned()), &suite));
    assert!(passes(&Test::Matches("люкс.*".to_owned()), &suite));
    assert!(!passes(&Test::Matches("люкс".to_owned()), &suite));
    assert!(!passes(&Test::Matches("(".to_owned()), &suite), "no pattern matches nothing");
    assert!(!passes(&Test::Matches("a|люкс с видом|b".to_owned()), &[word("xlюкс")]));
}

#[test]
fn lists_nest_and_the_empty_ones_are_sensible() {
    let (hotel, stay, facts) = (hotel(), stay(), facts());
    let view = View { hotel: &hotel, reservation: &stay, facts: Some(&facts), as_of: at("2026-07-12T15:00:00Z") };
    let deluxe = || is(Field::RoomType, "deluxe");
    let suite = || is(Field::RoomType, "suite");
    for (condition, expected) in [
        (Condition::All(vec![]), Truth::Yes),
        (Condition::Any(vec![]), Truth::No),
        (Condition::None(vec![]), Truth::Yes),
        (Condition::All(vec![deluxe(), suite()]), Truth::No),
        (Condition::Any(vec![deluxe(), suite()]), Truth::Yes),
        (Condition::None(vec![deluxe(), suite()]), Truth::No),
        (Condition::None(vec![suite()]), Truth::Yes),
        (Condition::All(vec![Condition::Any(vec![suite(), deluxe()]), Condition::None(vec![suite()])]), Truth::Yes),
    ] {
        assert_eq!(holds(&condition, &view), expected, "{condition:?}");
    }
}

#[test]
fn while_planning_only_what_can_no_longer_change_decides() {
    let (hotel, stay) = (hotel(), stay());
    let view = View { hotel: &hotel, reservation: &stay, facts: None, as_of: at("2026-07-12T15:00:00Z") };
    let (deluxe, suite) = (is(Field::RoomType, "deluxe"), is(Field::RoomType, "suite"));
    let alert = Condition::Is { field: Field::OpenAlert, test: Test::Equals(Value::Flag(true)) };
    for (condition, expected) in [
        (deluxe.clone(), Truth::Yes),
        (suite.clone(), Truth::No),
        (alert.clone(), Truth::IfStillTrue),
        (is(Field::Status, "checked_in"), Truth::IfStillTrue),
        (Condition::All(vec![deluxe.clone(), alert.clone()]), Truth::IfStillTrue),
        (Condition::All(vec![suite.clone(), alert.clone()]), Truth::No),
        (Condition::Any(vec![deluxe, alert.clone()]), Truth::Yes),
        (Condition::Any(vec![suite.clone(), alert.clone()]), Truth::IfStillTrue),
        (Condition::None(vec![alert]), Truth::IfStillTrue),
        (Condition::None(vec![suite]), Truth::Yes),
    ] {
        assert_eq!(holds(&condition, &view), expected, "{condition:?}");
    }
}

#[test]
fn a_birthday_is_in_the_stay_from_arrival_to_departure_day() {
    let in_stay = |born: &str, arrival: &str, departure: &str| {
        let mut stay = reservation("r", arrival, departure);
        stay.booking.birthday = Some(day(born));
        let (hotel, facts): (Hotel, Facts) = (hotel(), Facts::default());
        let view = View { hotel: &hotel, reservation: &stay, facts: Some(&facts), as_of: at("2026-07-12T15:00:00Z") };
        holds(&Condition::Is { field: Field::BirthdayInStay, test: Test::Equals(Value::Flag(true)) }, &view)
    };
    for (born, arrival, departure, expected) in [
        ("1990-07-10", "2026-07-10", "2026-07-14", Truth::Yes),
        ("1990-07-14", "2026-07-10", "2026-07-14", Truth::Yes),
        ("1990-07-15", "2026-07-10", "2026-07-14", Truth::No),
        ("1990-01-01", "2026-12-30", "2027-01-02", Truth::Yes),
        ("1992-02-29", "2026-02-27", "2026-03-02", Truth::Yes),
        ("1992-02-29", "2026-03-01", "2026-03-02", Truth::No),
        ("1992-02-29", "2028-02-29", "2028-03-02", Truth::Yes),
    ] {
        assert_eq!(in_stay(born, arrival, departure), expected, "{born} {arrival}");
    }
}
