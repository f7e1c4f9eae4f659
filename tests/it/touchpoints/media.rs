//! Files that go with words: as their caption or after them, once, and never without them.

use super::build::{HOUR, booking, free, hotel, set, tell, trigger};
use crate::support::db::Engine;
use crate::support::installation::{FIRST_INSTANCE, Installation, Program, SOON};
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::stay::ReservationStatus;
use hotelbot::domain::trigger::{Anchor, Media, Says, Texts, Trigger};
use hotelbot::gateways::system::SystemClock;
use hotelbot::ports::Clock;
use hotelbot::sandbox::green::faults::{Answer, Fault};
use hotelbot::sandbox::records::Filter;
use hotelbot::sandbox::switches::Switch;
use hotelbot::store::triggers::{ApplyTriggers, TriggerChange};
use std::time::Duration;

fn with_file(mut trigger: Trigger, source: &str) -> Trigger {
    if let Says::Send(content) = &mut trigger.says {
        content.media = Some(Media { source: source.to_owned(), caption: Texts::new() });
    }
    trigger
}

/// What the guest of a running daemon gets from these triggers, each speaking as soon as the booking is known.
async fn heard(installation: &Installation, triggers: &[(&str, &str)], messages: usize) -> Vec<(String, String)> {
    let store = installation.db.open().await;
    let hotel = store.hotels_in_force().await.expect("read").remove(0).hotel;
    let speaks = |(id, source): &(&str, &str)| with_file(trigger(id, Anchor::BookingCreated, Duration::ZERO), source);
    let set = set(triggers.iter().map(speaks));
    let change = TriggerChange { hotel: hotel.id.clone(), set, change: "added".into() };
    let apply = ApplyTriggers { base: 0, changes: vec![change], by: "a test".into(), now: SystemClock.now() };
    store.apply_triggers(apply).await.expect("applied");
    let arrival = (SystemClock.now() + jiff::SignedDuration::from_hours(240)).strftime("%Y-%m-%d").to_string();
    let daemon = installation.serve(Program::ShortWaits).await;

    tell(&store, &SystemClock, &hotel, (vec![booking("R1", "+79210000001", &arrival)], false)).await;
    let sent = installation.sandbox.wait_sent(&Filter::default(), messages, SOON).await;

    assert!(sent >= messages, "{sent} of {messages}\n{}", daemon.said());
    settled(installation).await;
    let records = installation.sandbox.sent(&Filter::default());
    let mut heard: Vec<_> = records.into_iter().map(|record| (record.type_message, record.text)).collect();
    heard.sort();
    heard
}

async fn settled(installation: &Installation) {
    let open = "SELECT COUNT(*) FROM outbox WHERE state IN ('planned', 'sending', 'unknown')";
    let mut raw = installation.db.raw().await;
    let deadline = std::time::Instant::now() + SOON;
    while raw.number(open).await > 0 {
        assert!(std::time::Instant::now() < deadline, "something is still open");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn words_go_with_their_files(engine: Engine) {
    let Some(installation) = Installation::new(engine, 1, "webhook").await else { return };
    installation.add_to_file("hotels/h0/pool.png", "PNG");
    installation.add_to_file("hotels/h0/menu.pdf", "PDF");

    let triggers =
        [("gone", "gone.png"), ("link", "https://example.com/way.jpg"), ("menu", "menu.pdf"), ("photo", "pool.png")];
    let heard = heard(&installation, &triggers, 5).await;

    let expected = [
        ("documentMessage", ""),
        ("extendedTextMessage", "gone: hello Anna"),
        ("extendedTextMessage", "menu: hello Anna"),
        ("imageMessage", "link: hello Anna"),
        ("imageMessage", "photo: hello Anna"),
    ];
    assert_eq!(heard, expected.map(|(kind, text)| (kind.to_owned(), text.to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn words_go_with_their_files_by_a_daemon_on_sqlite() {
    words_go_with_their_files(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_go_with_their_files_by_a_daemon_on_postgres() {
    words_go_with_their_files(Engine::Postgres).await;
}

/// The vendor takes the files and answers as if not, and no echo tells: only its journal does.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_end_is_uncertain_is_found_in_the_journal_and_goes_once() {
    let Some(installation) = Installation::new(Engine::Sqlite, 1, "webhook").await else { return };
    installation.add_to_file("hotels/h0/pool.png", "PNG");
    installation.add_to_file("hotels/h0/menu.pdf", "PDF");
    let uncertain = Fault::Call { accept: true, answer: Answer::BadGateway, seconds: 0.0 };
    let uncertain = Switch::next(uncertain, 2).only(&["sendFileByUrl"]);
    installation.sandbox.switch(FIRST_INSTANCE, uncertain).expect("an instance");

    let heard = heard(&installation, &[("menu", "menu.pdf"), ("photo", "pool.png")], 3).await;

    let kinds: Vec<&str> = heard.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["documentMessage", "extendedTextMessage", "imageMessage"]);
    let states = installation.db.raw().await.texts("SELECT DISTINCT state FROM outbox").await;
    assert!(states.iter().all(|state| state != "refused"), "{states:?}");
}

on_both_engines!(a_file_never_goes_without_its_words, a_file_is_looked_at_once_more_after_its_words);

async fn a_file_never_goes_without_its_words(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([with_file(trigger("menu", Anchor::Arrival, HOUR), "menu.pdf")])).await;
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-01")]).await;
    world.turn_to("01T15:00");
    world.line_is_ready(&astoria).await;
    assert_eq!(world.look_at_due().await.sent, 1);

    let mut cancelled = booking("R1", "+79210000001", "2026-07-01");
    cancelled.status = ReservationStatus::Cancelled;
    world.told(&hotel(), vec![cancelled]).await;

    assert!(world.send_all().await.is_empty());
    assert!(world.send_all().await.is_empty(), "nor does the file");
    assert_eq!(world.outbox_texts().await, ["cancelled menu: hello Anna", "cancelled menu.pdf"]);

    // What was taken back whole may still go whole.
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-02")]).await;
    world.turn_to("02T15:00");
    world.line_is_ready(&astoria).await;
    world.look_at_due().await;
    assert_eq!(world.send_all().await, ["menu: hello Anna"]);
    assert_eq!(world.send_all().await, ["menu.pdf"]);
}

async fn a_file_is_looked_at_once_more_after_its_words(world: World) {
    let astoria = world.put(hotel()).await;
    let mut strict = with_file(trigger("menu", Anchor::Arrival, HOUR), "menu.pdf");
    strict.policy = hotelbot::domain::trigger::Policy { at_most: 1, min_gap: HOUR, ..free() };
    world.triggers(&astoria, set([strict])).await;
    let guests = [booking("R1", "+79210000001", "2026-07-01"), booking("R2", "+79210000002", "2026-07-01")];
    world.told(&hotel(), guests.to_vec()).await;
    world.turn_to("01T15:00");
    world.line_is_ready(&astoria).await;
    assert_eq!(world.look_at_due().await.sent, 2);
    assert_eq!(world.send_all().await.len(), 2, "the words of both");

    let mut cancelled = guests[0].clone();
    cancelled.status = ReservationStatus::Cancelled;
    world.told(&hotel(), vec![cancelled]).await;

    assert_eq!(world.send_all().await, ["menu.pdf"], "its own words do not use up the limit of the file");
    let states = world.outbox_texts().await;
    assert_eq!(states.iter().filter(|text| *text == "cancelled menu.pdf").count(), 1, "{states:?}");
    assert_eq!(world.touchpoints().await, ["menu R1 sent", "menu R2 sent"]);
}
