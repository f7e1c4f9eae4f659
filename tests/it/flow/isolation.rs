//! Several hotels in one house: one guest of two hotels is two guests, and bots do not talk to each other.

use super::world::{GUEST, Setup, World, instance};
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::FactId;
use hotelbot::domain::knowledge::{Fact, FactValue};
use hotelbot::domain::language::Language;
use hotelbot::sandbox::Declare;
use hotelbot::sandbox::green::faults::{Answer, Fault};
use hotelbot::sandbox::green::guest::Action;
use hotelbot::sandbox::switches::Switch;

fn breakfast_at(place: &str) -> Fact {
    let text = FactValue::Text([(Language::EN, format!("07:00-10:30 at the {place}"))].into());
    Fact { id: FactId::from("breakfast.hours"), value: text }
}

/// Two hotels that differ in their facts.
async fn two() -> World {
    let facts =
        |number, hotel: &mut Hotel| hotel.knowledge = vec![breakfast_at(["lagoon", "glacier"][number as usize])];
    World::with(Setup { hotels: 2, hotel: Box::new(facts), ..Setup::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_guest_at_two_hotels_has_two_chats_and_each_hotel_only_its_own_facts() {
    let world = two().await;
    world.act(0, &Action { name: "Anna-of-the-lagoon".into(), ..Action::text(GUEST, "When is breakfast? echo:m10x") });
    world.act(1, &Action { name: "Anya-of-the-glacier".into(), ..Action::text(GUEST, "When is breakfast? echo:m20x") });
    world.wait_sent(2).await;
    world.act(0, &Action::text(GUEST, "And breakfast on Sunday? echo:m11x"));
    world.act(1, &Action::text(GUEST, "And breakfast on Sunday? echo:m21x"));

    let sent = world.wait_sent(4).await;

    for record in &sent {
        let (own, other) = if record.instance == instance(0) { ("lagoon", "glacier") } else { ("glacier", "lagoon") };
        assert!(record.text.contains(own) && !record.text.contains(other), "{}", record.text);
    }
    for request in world.sandbox.model_requests() {
        let prompt = request.to_string();
        assert!(prompt.contains("lagoon") != prompt.contains("glacier"), "{prompt}");
        assert!(prompt.contains("m10x") || prompt.contains("m20x"), "the history is there: {prompt}");
        assert!(prompt.contains("lagoon") != prompt.contains("m20x"), "{prompt}");
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM chats").await, 2);
    assert_eq!(world.number("SELECT COUNT(*) FROM guests").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_asked_of_one_hotel_is_not_asked_of_the_other() {
    let world = two().await;
    let stop = world.act(0, &Action::text(GUEST, "STOP"));
    world.decided(&stop).await;

    let question = world.act(1, &Action::text(GUEST, "When is breakfast?"));

    assert_eq!(world.decided(&question).await, "answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hotel_whose_vendor_hangs_does_not_slow_the_other_down() {
    let world = two().await;
    let hangs = Fault::Call { accept: false, answer: Answer::Hang, seconds: 15_000.0 };
    world.sandbox.switch(instance(0), Switch::on(hangs).only(&["sendMessage"])).expect("an instance");
    for guest in 0..30 {
        world.act(0, &Action::text(&format!("7916111{guest:04}"), "When is breakfast?"));
    }
    world.wait_texts("SELECT state FROM outbox WHERE state = 'sending'", |sending| sending.len() == 30).await;

    let begun = std::time::Instant::now();
    world.act(1, &Action::text(GUEST, "When is breakfast?"));

    assert_eq!(world.wait_answer().await.instance, instance(1));
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
}

/// Hotels with these numbers.
async fn with_numbers() -> World {
    let numbered = |number, declared: &mut Declare| declared.wid = Some(format!("{}@c.us", phone(number)));
    World::with(Setup { hotels: 2, instance: Box::new(numbered), ..Setup::default() }).await
}

fn phone(hotel: u64) -> String {
    format!("7495000000{hotel}")
}

#[tokio::test(flavor = "multi_thread")]
async fn w29_two_bots_that_are_wired_to_each_other_fall_silent() {
    let world = with_numbers().await;
    world.act(0, &Action::text(&phone(1), "When is breakfast?"));
    let mut relayed = 0;

    // What one bot sends to the other's number arrives there.
    while relayed < world.wait_sent(1).await.len() {
        let record = world.sent().remove(relayed);
        relayed += 1;
        let (from, to) = if record.instance == instance(0) { (0, 1) } else { (1, 0) };
        let id = world.act(to, &Action::text(&phone(from), &record.text));
        world.decided(&id).await;
        world.quiet().await;
        assert!(relayed <= 3, "the bots go on talking: {:?}", world.sent_texts());
    }

    let ignored = "SELECT note FROM inbox WHERE kind = 'ignored'";
    assert_eq!(world.texts(ignored).await, ["another hotel's own number"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_hotels_number_is_never_answered_once_it_is_known() {
    let world = with_numbers().await;
    for hotel in [0, 1] {
        let id = world.act(hotel, &Action::text(GUEST, "When is breakfast?"));
        world.decided(&id).await;
    }
    world.wait_sent(2).await;

    let id = world.act(0, &Action::text(&phone(1), "When is breakfast?"));

    assert_eq!(world.decided(&id).await, "completed");
    world.quiet().await;
    assert_eq!(world.sent().len(), 2);
}
