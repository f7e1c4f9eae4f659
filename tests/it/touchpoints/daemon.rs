//! The program itself, killed and doubled while touchpoints go out. The judge is what the emulated vendor accepted.

use super::build::{booking, set, tell, trigger};
use crate::support::db::Engine;
use crate::support::installation::{Installation, Program, SOON};
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::HotelId;
use hotelbot::domain::trigger::Anchor;
use hotelbot::gateways::system::SystemClock;
use hotelbot::ports::Clock;
use hotelbot::sandbox::records::Filter;
use hotelbot::store::Store;
use hotelbot::store::triggers::{ApplyTriggers, TriggerChange};
use std::collections::BTreeMap;
use std::time::Duration;

/// Guests, each with one message to come.
const GUESTS: usize = 120;

/// An installation with a hotel, whose trigger speaks as soon as a booking is known.
async fn installation(engine: Engine) -> Option<(Installation, Store, Hotel)> {
    let installation = Installation::new(engine, 1, "webhook").await?;
    let store = installation.db.open().await;
    let hotel = store.hotels_in_force().await.expect("read").remove(0).hotel;
    let welcome = trigger("booked", Anchor::BookingCreated, Duration::ZERO);
    let change = TriggerChange { hotel: hotel.id.clone(), set: set([welcome]), change: "1 added".into() };
    let apply = ApplyTriggers { base: 0, changes: vec![change], by: "a test".into(), now: SystemClock.now() };
    store.apply_triggers(apply).await.expect("applied");
    Some((installation, store, hotel))
}

async fn guests_come(store: &Store, hotel: &Hotel) {
    let arrival = (SystemClock.now() + jiff::SignedDuration::from_hours(240)).strftime("%Y-%m-%d").to_string();
    let bookings = (0..GUESTS).map(|n| booking(&format!("R{n:03}"), &format!("+79210000{n:03}"), &arrival));
    tell(store, &SystemClock, hotel, (bookings.collect(), false)).await;
}

/// Each guest heard it once, and nothing else was said.
fn each_once(installation: &Installation) {
    let mut heard: BTreeMap<String, usize> = BTreeMap::new();
    for record in installation.sandbox.sent(&Filter::default()) {
        *heard.entry(record.chat_id).or_default() += 1;
    }
    let twice: Vec<&String> = heard.iter().filter(|(_, times)| **times > 1).map(|(chat, _)| chat).collect();
    assert!(twice.is_empty(), "heard twice: {twice:?}");
    assert_eq!(heard.len(), GUESTS, "some heard nothing");
}

async fn killed_again_and_again(engine: Engine) {
    let Some((installation, store, hotel)) = installation(engine).await else { return };
    guests_come(&store, &hotel).await;
    for part in 1..=4 {
        let daemon = installation.serve(Program::ShortWaits).await;
        installation.sandbox.wait_sent(&Filter::default(), part * GUESTS / 6, SOON).await;
        daemon.kill().await;
    }

    let survivor = installation.serve(Program::ShortWaits).await;
    let sent = installation.sandbox.wait_sent(&Filter::default(), GUESTS, SOON).await;

    assert!(sent >= GUESTS, "{sent} of {GUESTS} were sent\n{}", survivor.said());
    settled(&installation).await;
    each_once(&installation);
}

/// Nothing waits, is on its way or is uncertain.
async fn settled(installation: &Installation) {
    let open = "SELECT (SELECT COUNT(*) FROM touchpoints WHERE state = 'planned')
                     + (SELECT COUNT(*) FROM outbox WHERE state IN ('planned', 'sending', 'unknown'))";
    let mut raw = installation.db.raw().await;
    let deadline = std::time::Instant::now() + SOON;
    while raw.number(open).await > 0 {
        assert!(std::time::Instant::now() < deadline, "something is still open");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_messages_go_out_none_is_lost_and_none_goes_twice_on_sqlite() {
    killed_again_and_again(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_messages_go_out_none_is_lost_and_none_goes_twice_on_postgres() {
    killed_again_and_again(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_daemons_send_each_message_once() {
    let Some((installation, store, hotel)) = installation(Engine::Postgres).await else { return };
    let one = installation.serve(Program::Built).await;
    let two = installation.serve(Program::Built).await;

    guests_come(&store, &hotel).await;
    let sent = installation.sandbox.wait_sent(&Filter::default(), GUESTS, SOON).await;

    assert!(sent >= GUESTS, "{sent} of {GUESTS} were sent\n{}\n--\n{}", one.said(), two.said());
    settled(&installation).await;
    each_once(&installation);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_daemon_obeys_what_was_applied_and_a_test_really_goes_to_staff() {
    let Some((installation, store, hotel)) = installation(Engine::Sqlite).await else { return };
    let daemon = installation.serve(Program::Built).await;
    let staffed = Hotel { staff: staff(), ..hotel };
    let base = store.revision().await.expect("read");
    let change = vec![hotelbot::store::hotels::HotelChange::Put(Box::new(staffed.clone()))];
    store.apply_hotels(base, change, "a test".into(), SystemClock.now()).await.expect("applied");

    guests_come(&store, &staffed).await;
    let sent = installation.sandbox.wait_sent(&Filter::default(), GUESTS, SOON).await;
    assert!(sent >= GUESTS, "{sent} of {GUESTS} were sent\n{}", daemon.said());

    let tested = installation.command(&["triggers", "test", "booked", "--to", "+7 921 999 99 99"]).await;
    assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stderr));
    let last = installation.sandbox.sent(&Filter::default());
    assert!(last.iter().any(|record| record.chat_id == "79219999999@c.us" && record.text == "booked: hello Anna"));
    assert_eq!(staffed.id, HotelId::parse("h0").expect("valid"));
}

fn staff() -> hotelbot::domain::hotel::Staff {
    let contact = hotelbot::domain::hotel::StaffContact {
        id: "desk".into(),
        name: "Desk".into(),
        whatsapp: Some("+79219999999".into()),
        telegram: None,
        email: None,
        webhook: None,
        departments: Vec::new(),
        after: Duration::ZERO,
    };
    hotelbot::domain::hotel::Staff { language: None, contacts: vec![contact] }
}
