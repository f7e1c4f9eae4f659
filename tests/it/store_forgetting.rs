//! What is older than a hotel keeps is forgotten, and what must stay stays.

use crate::support::build;
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::alert::{Act, Step, Through};
use hotelbot::domain::ids::HotelId;
use hotelbot::ports::Clock;
use hotelbot::store::forgetting::{KeptSince, Place, What};
use jiff::SignedDuration;

const ANNA: &str = "79001112233@c.us";
const BORIS: &str = "79004445566@c.us";
const DAY: SignedDuration = SignedDuration::from_hours(24);

on_both_engines!(
    what_is_too_old_goes_in_steps_and_what_is_young_stays,
    each_hotel_has_its_own_days,
    what_has_not_ended_and_who_asked_for_silence_are_not_forgotten,
    an_alert_that_ended_is_forgotten_and_one_that_waits_is_not,
    a_message_of_a_question_stays_while_it_is_open_and_later_without_its_words,
);

/// Everything from before `days` ago is too old, for these hotels.
fn kept(world: &World, hotels: &[&HotelId], days: i32) -> KeptSince {
    hotels.iter().map(|hotel| ((*hotel).clone(), world.clock.now() - DAY * days)).collect()
}

/// A whole sweep in steps of two rows; how many rows went, and in how many steps.
async fn sweep(world: &World, what: What, kept: &KeptSince) -> (u64, usize) {
    let (mut rows, mut steps, mut place) = (0, 0, Some(Place::default()));
    while let Some(from) = place {
        let step = world.store.forget(what, kept, from, 2).await.expect("forgotten");
        (rows, steps, place) = (rows + step.forgotten, steps + 1, step.next);
        assert!(steps < 100, "a sweep ends");
    }
    (rows, steps)
}

async fn count(world: &World, table: &str) -> i64 {
    world.number(&format!("SELECT COUNT(*) FROM {table}")).await
}

/// A question, its turn and its answer, which the channel took.
async fn talk(world: &World, hotel: &HotelId, chat: &str, number: usize) {
    let reply = build::reply(&world.clock, &format!("reply:{hotel}{number}"), "at seven");
    let id = reply.id;
    world.answered(hotel, chat, &format!("{hotel}{number}"), vec![reply]).await;
    world
        .store
        .line_state(hotel.clone(), hotelbot::domain::received::InstanceState::Authorized, world.clock.now())
        .await
        .expect("kept");
    world.take_all().await;
    world.accepted(hotel, id, &format!("OUT{hotel}{number}")).await;
    world.clock.turn(SignedDuration::from_mins(1));
}

async fn what_is_too_old_goes_in_steps_and_what_is_young_stays(world: World) {
    let astoria = world.hotel("astoria").await;
    for number in 0..4 {
        talk(&world, &astoria, ANNA, number).await;
    }
    world.clock.turn(DAY * 10);
    talk(&world, &astoria, ANNA, 4).await;
    let kept = kept(&world, &[&astoria], 5);

    let messages = sweep(&world, What::Messages, &kept).await;
    let turns = sweep(&world, What::Turns, &kept).await;
    let events = sweep(&world, What::Events, &kept).await;

    assert_eq!((messages.0, turns.0, events.0), (8, 4, 4));
    assert!(messages.1 >= 4, "{} steps", messages.1);
    for (table, left) in [("messages", 2), ("outbox", 1), ("turns", 1), ("inbox", 1), ("chats", 1), ("guests", 1)] {
        assert_eq!(count(&world, table).await, left, "{table}");
    }
    assert_eq!(sweep(&world, What::Messages, &kept).await.0, 0);
    let oldest = world.store.oldest_message(&astoria).await.expect("read").expect("one is left");
    assert!(oldest > world.clock.now() - DAY);
    // The chat goes on.
    talk(&world, &astoria, ANNA, 5).await;
}

async fn each_hotel_has_its_own_days(world: World) {
    let (astoria, seaview) = (world.hotel("astoria").await, world.hotel("seaview").await);
    for number in 0..3 {
        talk(&world, &seaview, BORIS, number).await;
        talk(&world, &astoria, ANNA, number).await;
    }
    world.clock.turn(DAY * 10);
    let mut kept = kept(&world, &[&astoria], 5);
    kept.insert(seaview, world.clock.now() - DAY * 50);

    for what in [What::Messages, What::Turns, What::Events] {
        sweep(&world, what, &kept).await;
    }

    for (table, left) in [("messages", 6), ("outbox", 3), ("turns", 3), ("inbox", 3)] {
        assert_eq!(count(&world, table).await, left, "{table}");
        let theirs = format!("SELECT COUNT(*) FROM {table} WHERE hotel_id = 'astoria'");
        assert_eq!(world.number(&theirs).await, 0, "{table}");
    }
}

async fn what_has_not_ended_and_who_asked_for_silence_are_not_forgotten(world: World) {
    let astoria = world.hotel("astoria").await;
    talk(&world, &astoria, ANNA, 0).await;
    let planned = build::reply(&world.clock, "reply:planned", "still to be sent");
    world.answered(&astoria, ANNA, "M1", vec![planned]).await;
    world.guest(&astoria, BORIS, "M2", "not answered yet").await;
    world.db.raw().await.execute("UPDATE guests SET consent = 'opted_out', consent_at = 1").await.expect("set");
    world.clock.turn(DAY * 400);
    let kept = kept(&world, &[&astoria], 5);

    for what in [What::Messages, What::Turns, What::Events] {
        sweep(&world, what, &kept).await;
    }

    let left = world.db.raw().await.texts("SELECT text FROM messages ORDER BY at, message_id").await;
    assert_eq!(left, ["still to be sent", "not answered yet"]);
    assert_eq!(world.db.raw().await.texts("SELECT state FROM outbox").await, ["planned"]);
    assert_eq!(world.db.raw().await.texts("SELECT state FROM inbox").await, ["available"]);
    let silent = "SELECT COUNT(*) FROM guests WHERE consent = 'opted_out'";
    assert_eq!(world.number(silent).await, 2);
    assert_eq!(world.gather_one().await.waiting.len(), 1, "what waits is still answered");
}

async fn a_message_of_a_question_stays_while_it_is_open_and_later_without_its_words(world: World) {
    let astoria = world.hotel("astoria").await;
    talk(&world, &astoria, ANNA, 0).await;
    let ask = "INSERT INTO questions (hotel_id, asked_id, chat_id, message_id, question, definition, language, asked_at, expires_at, state)
               SELECT hotel_id, 'asked', chat_id, message_id, 'nps', '{}', 'en', 1, 2, 'open' FROM outbox";
    world.db.raw().await.execute(ask).await.expect("asked");
    world.clock.turn(DAY * 10);
    let kept = kept(&world, &[&astoria], 5);
    let words = "SELECT m.text || '/' || o.text FROM messages m JOIN outbox o ON o.message_id = m.message_id";

    assert_eq!(sweep(&world, What::Messages, &kept).await.0, 1, "the guest's words");
    assert_eq!(world.db.raw().await.texts(words).await, ["at seven/at seven"]);

    world.db.raw().await.execute("UPDATE questions SET state = 'answered', score = 9").await.expect("answered");

    assert_eq!(sweep(&world, What::Messages, &kept).await.0, 1);
    assert_eq!(sweep(&world, What::Messages, &kept).await.0, 0, "once");
    assert_eq!(world.db.raw().await.texts(words).await, ["/"]);
    assert_eq!(world.number("SELECT score FROM questions").await, 9);
    assert_eq!(world.store.oldest_message(&astoria).await.expect("read"), None);
}

async fn an_alert_that_ended_is_forgotten_and_one_that_waits_is_not(world: World) {
    let astoria = world.hotel("astoria").await;
    for (chat, message) in [(ANNA, "M1"), (BORIS, "M2")] {
        world.guest(&astoria, chat, message, "the room is cold").await;
        let gathered = world.gather_one().await;
        let mut turn = build::commit(&world.clock, world.me, &gathered);
        turn.alerts.causes.push(build::cause(&world.clock, &build::hotel("astoria"), "the room is cold"));
        world.store.commit_turns(vec![turn]).await.expect("committed");
    }
    let told = "INSERT INTO notices (hotel_id, notice_id, alert_id, intent, contact, channel, state, due_at, text, created_at)
                SELECT hotel_id, 'n' || number, alert_id, 'i' || number, 'desk', 'email', 'confirmed', 0, 'words', 0 FROM alerts";
    world.db.raw().await.execute(told).await.expect("told");
    let view = world.store.find_alerts("1", &[]).await.expect("found").remove(0);
    let act = Act { at: world.clock.now(), by: "anna".to_owned(), through: Through::Command };
    world.store.step_alert(astoria.clone(), view.alert.id, Step::Resolve, act).await.expect("ended");
    assert_eq!(sweep(&world, What::Alerts, &kept(&world, &[&astoria], 5)).await.0, 0, "it is young");
    world.clock.turn(DAY * 10);

    let gone = sweep(&world, What::Alerts, &kept(&world, &[&astoria], 5)).await.0;

    assert_eq!(gone, 1);
    for table in ["alerts", "alert_evidence", "notices"] {
        assert_eq!(count(&world, table).await, 1, "{table}");
    }
    assert_eq!(world.number("SELECT number FROM alerts").await, 2);
    assert_eq!(world.store.alert_totals().await.expect("counted"), (2, 0, 1), "numbers only rise");
}
