//! Colleagues at the desk, with their own phones: they take and end alerts in their chat with the hotel's number.

use super::world::{BREAKFAST, GUEST, Setup, World};
use crate::support::db::Engine;
use hotelbot::domain::hotel::{Hotel, StaffContact};
use hotelbot::domain::language::Language;
use hotelbot::sandbox::green::guest::Action;
use std::time::Duration;

const PAVEL: &str = "79210000001";
const OLGA: &str = "79210000002";

fn contact(id: &str, name: &str, phone: &str) -> StaffContact {
    StaffContact {
        id: id.into(),
        name: name.into(),
        whatsapp: Some(format!("+{phone}")),
        telegram: None,
        email: None,
        webhook: None,
        departments: Vec::new(),
        after: Duration::ZERO,
    }
}

/// A guest asked for a person: alert 1 is open and the bot is silent.
async fn world(engine: Engine) -> World {
    let hotel = Box::new(|_, hotel: &mut Hotel| {
        hotel.staff.contacts = vec![contact("front", "Pavel", PAVEL), contact("night", "Olga", OLGA)];
        hotel.staff.language = Some(Language::EN);
        // Colleagues wait for no coalescing.
        hotel.conversation.coalesce = Duration::from_millis(300);
    });
    let world = World::with(Setup { engine, hotel, ..Setup::default() }).await;
    let asked = world.guest("I want to talk to a real person please");
    world.decided(&asked).await;
    world.wait_texts("SELECT state FROM alerts", |states| states == ["open"]).await;
    world
}

/// What a colleague is told in answer to words of theirs.
async fn says(world: &World, phone: &str, text: &str) -> String {
    answer_to(world, &world.act(0, &Action::text(phone, text))).await
}

async fn answer_to(world: &World, id: &str) -> String {
    assert_eq!(world.decided(id).await, "staff_command");
    let answer = format!(
        "SELECT o.text FROM outbox o JOIN messages m ON m.message_id = o.message_id JOIN turns t ON t.turn_id = m.turn_id
         JOIN inbox i ON i.turn_id = t.turn_id WHERE i.event_key = 'm:{id}' AND o.state IN ('delivered', 'read')"
    );
    world.wait_texts(&answer, |found| !found.is_empty()).await.remove(0)
}

async fn alert(world: &World) -> String {
    let standing =
        "SELECT state || ' ' || COALESCE(acknowledged_by, '-') || ' ' || COALESCE(resolved_by, '-') FROM alerts";
    world.texts(standing).await.join("; ")
}

async fn an_alert_is_taken_and_ended_with_two_words(engine: Engine) {
    let world = world(engine).await;

    let taken = says(&world, PAVEL, "Ok 1").await;
    assert!(taken.starts_with("1 is taken: Pavel"), "{taken}");
    assert_eq!(alert(&world).await, "acknowledged Pavel -");

    let late = says(&world, OLGA, "ok 1").await;
    assert!(late.starts_with("1 was taken before by Pavel"), "{late}");

    let done = says(&world, OLGA, "готово 1").await;
    assert!(done.starts_with("1 is done"), "{done}");
    assert_eq!(alert(&world).await, "resolved Pavel Olga");
    assert_eq!(says(&world, PAVEL, "?").await.lines().next(), Some("No alert is open."));
    assert_eq!(world.sandbox.model_requests().len(), 0, "the model is not asked about colleagues");
}

async fn who_takes_a_guest_silences_the_bot_until_it_is_handed_back(engine: Engine) {
    let world = world(engine).await;

    let yours = says(&world, PAVEL, "take").await;
    assert!(yours.starts_with("1 is yours"), "{yours}");
    let question = world.guest("When is breakfast?");
    assert_eq!(world.decided(&question).await, "handoff");

    let back = says(&world, PAVEL, "bot on").await;
    assert!(back.starts_with("1: the bot answers again"), "{back}");
    let question = world.guest("When is breakfast?");
    assert_eq!(world.decided(&question).await, "answer");
    let told = format!("SELECT text FROM outbox WHERE address = '{GUEST}@c.us' ORDER BY outbox_id DESC LIMIT 1");
    world.wait_texts(&told, |found| found.iter().any(|text| text.contains(BREAKFAST))).await;
}

async fn a_guest_cannot_give_orders(engine: Engine) {
    let world = world(engine).await;

    for text in ["done 1", "ok 1", "take 1"] {
        let id = world.guest(text);
        assert_ne!(world.decided(&id).await, "staff_command", "{text}");
    }

    assert_eq!(alert(&world).await, "open - -");
}

async fn of_two_who_take_an_alert_at_once_one_has_it(engine: Engine) {
    let world = world(engine).await;

    let (pavel, olga) = (world.act(0, &Action::text(PAVEL, "ok 1")), world.act(0, &Action::text(OLGA, "ok 1")));
    let answers = [answer_to(&world, &pavel).await, answer_to(&world, &olga).await];

    let taken = answers.iter().filter(|answer| answer.starts_with("1 is taken")).count();
    assert_eq!(taken, 1, "{answers:?}");
    assert!(answers.iter().any(|answer| answer.starts_with("1 was taken before by")), "{answers:?}");
}

async fn other_words_of_a_colleague_do_nothing_and_say_what_can_be_written(engine: Engine) {
    let world = world(engine).await;

    for text in ["Stop", "Where is the key of 301?", "This hotel is terrible and the room is cold!!!"] {
        let answer = says(&world, PAVEL, text).await;
        assert!(answer.starts_with("I did not get that.\nok 17"), "{answer}");
    }

    assert_eq!(world.number("SELECT COUNT(*) FROM alerts").await, 1, "a colleague is no unhappy guest");
    assert_eq!(alert(&world).await, "open - -");
}

/// The texts a colleague got, oldest first.
async fn told(world: &World, phone: &str, count: usize) -> Vec<String> {
    let sql = format!(
        "SELECT text FROM outbox WHERE address = '{phone}@c.us' AND state IN ('delivered', 'read') ORDER BY outbox_id"
    );
    world.wait_texts(&sql, |found| found.len() >= count).await
}

async fn the_first_contact_is_told_at_once_with_the_guests_words_even_if_the_model_hangs(engine: Engine) {
    let world = world(engine).await;

    let notices = told(&world, PAVEL, 1).await;

    assert_eq!(notices.len(), 1, "{notices:?}");
    for part in ["1", "«I want to talk to a real person please»", "ok 1 · take 1 · done 1"] {
        assert!(notices[0].contains(part), "{notices:?}");
    }
    let to_olga = format!("SELECT COUNT(*) FROM outbox WHERE address = '{OLGA}@c.us'");
    assert_eq!(world.number(&to_olga).await, 0, "she is told when nobody answers");
}

async fn an_answer_that_quotes_the_notice_needs_no_number(engine: Engine) {
    let world = world(engine).await;
    told(&world, PAVEL, 1).await;
    let sql = format!("SELECT provider_id FROM outbox WHERE address = '{PAVEL}@c.us'");
    let notice = world.texts(&sql).await.remove(0);
    // A second alert is open, so that a bare word could mean either.
    let other = world.act(0, &Action::text("79169999999", "I want to talk to a real person please"));
    world.decided(&other).await;
    world.wait_texts("SELECT state FROM alerts", |states| states.len() == 2).await;

    let quoting = Action { about: notice, ..Action::text(PAVEL, "ok") };
    let answer = answer_to(&world, &world.act(0, &quoting)).await;

    assert!(answer.starts_with("1 is taken: Pavel"), "{answer}");
}

async fn who_does_not_answer_in_the_hotels_time_is_followed_by_the_next(engine: Engine) {
    let hotel = Box::new(|_, hotel: &mut Hotel| {
        hotel.staff.contacts = vec![contact("front", "Pavel", PAVEL), contact("night", "Olga", OLGA)];
        hotel.sla.first_response = Duration::from_millis(500);
    });
    let world = World::with(Setup { engine, hotel, ..Setup::default() }).await;
    let asked = world.guest("I want to talk to a real person please");
    world.decided(&asked).await;

    assert_eq!(told(&world, OLGA, 1).await.len(), 1);

    let level = world.texts("SELECT CAST(level AS TEXT) FROM alerts").await;
    assert_eq!(level, ["1"], "it went up");
    let due: i64 = world
        .number("SELECT MIN(created_at) - (SELECT raised_at FROM alerts) FROM notices WHERE contact = 'night'")
        .await;
    assert!(due >= 500_000, "not before the hotel's time: {due}");
}

async fn many_alerts_at_once_are_few_messages_and_none_is_lost(engine: Engine) {
    let hotel = Box::new(|_, hotel: &mut Hotel| hotel.staff.contacts = vec![contact("front", "Pavel", PAVEL)]);
    let world = World::with(Setup { engine, hotel, ..Setup::default() }).await;
    for number in 0..40 {
        world.act(0, &Action::text(&format!("7916000{number:04}"), "urgent!!! I want to talk to a real person please"));
    }
    world.wait_texts("SELECT state FROM alerts", |states| states.len() == 40).await;

    told(&world, PAVEL, 1).await;
    let messages = "SELECT COUNT(DISTINCT outbox_id) FROM notices";
    world.wait_texts("SELECT alert_id FROM alerts WHERE next_at > raised_at", |looked| looked.len() == 40).await;

    let sent = world.number(messages).await;
    assert!((1..=5).contains(&sent), "{sent} messages in the first minute");
    let waiting =
        "SELECT COUNT(*) FROM alerts a WHERE NOT EXISTS (SELECT 1 FROM notices n WHERE n.alert_id = a.alert_id)
                   AND a.next_at IS NULL";
    assert_eq!(world.number(waiting).await, 0, "each was told of or is looked at again");
}

on_both_engines!(
    the_first_contact_is_told_at_once_with_the_guests_words_even_if_the_model_hangs,
    an_answer_that_quotes_the_notice_needs_no_number,
    who_does_not_answer_in_the_hotels_time_is_followed_by_the_next,
    many_alerts_at_once_are_few_messages_and_none_is_lost,
    an_alert_is_taken_and_ended_with_two_words,
    who_takes_a_guest_silences_the_bot_until_it_is_handed_back,
    a_guest_cannot_give_orders,
    of_two_who_take_an_alert_at_once_one_has_it,
    other_words_of_a_colleague_do_nothing_and_say_what_can_be_written,
);
