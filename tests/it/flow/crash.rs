//! The daemon dies at the worst moments: nothing is forgotten, and nothing is sent twice.

use super::world::{BREAKFAST, Setup, World, instance};
use crate::support::db::Engine;
use hotelbot::domain::hotel::{Hotel, Receive};
use hotelbot::sandbox::green::faults::{Answer, Fault};
use hotelbot::sandbox::switches::Switch;

on_both_engines!(
    death_between_the_commit_of_sending_and_the_call_ends_in_one_message,
    death_between_the_vendors_acceptance_and_our_record_ends_in_one_message,
    the_same_death_without_an_echo_is_settled_by_the_journal,
    death_while_the_model_thinks_costs_no_answer,
    many_deaths_lose_nothing_and_repeat_nothing,
    a_polled_hotel_is_answered_and_its_notifications_are_removed,
    death_between_a_polled_notification_and_its_confirmation_ends_in_one_row_and_one_answer,
    a_daemon_that_is_asked_to_stop_answers_what_it_has_begun,
);

/// A call to a method that takes minutes to answer.
fn hangs(world: &World, method: &str, accept: bool) {
    let hang = Fault::Call { accept, answer: Answer::Hang, seconds: 300_000.0 };
    world.sandbox.switch(instance(0), Switch::next(hang, 1).only(&[method])).expect("an instance");
}

async fn sending(world: &World) {
    world.wait_states(&["sending"]).await;
}

async fn one_answer(world: &World) {
    world.wait_states(&["read"]).await;
    let sent = world.sent();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].text.contains(BREAKFAST));
}

async fn death_between_the_commit_of_sending_and_the_call_ends_in_one_message(engine: Engine) {
    let mut world = World::with(Setup { engine, ..Setup::default() }).await;
    hangs(&world, "sendMessage", false);
    world.guest("When is breakfast?");
    sending(&world).await;
    world.kill().await;
    assert_eq!(world.sent().len(), 0);
    assert_eq!(world.states().await, ["sending"]);

    world.wake().await;

    one_answer(&world).await;
}

async fn death_between_the_vendors_acceptance_and_our_record_ends_in_one_message(engine: Engine) {
    let mut world = World::with(Setup { engine, ..Setup::default() }).await;
    hangs(&world, "sendMessage", true);
    // The echo must not come before the death.
    world.sandbox.switch(instance(0), Switch::on(Fault::StuckQueue)).expect("an instance");
    world.guest("When is breakfast?");
    world.wait_sent(1).await;
    world.kill().await;
    assert_eq!(world.states().await, ["sending"]);
    world.sandbox.clear_switches(instance(0)).expect("an instance");

    world.wake().await;

    one_answer(&world).await;
    assert_eq!(world.number("SELECT retried FROM outbox").await, 0);
}

async fn the_same_death_without_an_echo_is_settled_by_the_journal(engine: Engine) {
    let mut world = World::with(Setup { engine, ..Setup::default() }).await;
    hangs(&world, "sendMessage", true);
    world.sandbox.switch(instance(0), Switch::on(Fault::LostEcho)).expect("an instance");
    world.guest("When is breakfast?");
    world.wait_sent(1).await;
    world.kill().await;

    world.wake().await;

    one_answer(&world).await;
    assert_eq!(world.number("SELECT retried FROM outbox").await, 0);
}

async fn death_while_the_model_thinks_costs_no_answer(engine: Engine) {
    let mut world = World::with(Setup { engine, ..Setup::default() }).await;
    let slow = hotelbot::sandbox::deepseek::faults::Fault::Slow { seconds: 60.0 };
    world.sandbox.switch_model(Switch::next(slow, 1));
    let id = world.guest("When is breakfast?");
    world.model_asked(1).await;
    world.kill().await;

    world.wake().await;

    assert_eq!(world.decided(&id).await, "answer");
    one_answer(&world).await;
}

async fn many_deaths_lose_nothing_and_repeat_nothing(engine: Engine) {
    const MESSAGES: usize = 40;
    let mut world = World::with(Setup { engine, ..Setup::default() }).await;
    for number in 1..=MESSAGES {
        let phone = format!("7916000{:04}", number % 7);
        world.act(
            0,
            &hotelbot::sandbox::green::guest::Action::text(&phone, &format!("When is breakfast? echo:m{number}x")),
        );
    }
    for deaths in 1..=6 {
        let sent = world.sent().len();
        world.wait_sent((sent + 3).min(MESSAGES)).await;
        world.kill().await;
        world.wake().await;
        assert!(deaths <= 6);
    }

    world.wait_sent(MESSAGES).await;
    world.quiet().await;
    let all = world.sent_texts().join(" ");
    for number in 1..=MESSAGES {
        assert_eq!(all.matches(&format!("m{number}x")).count(), 1, "m{number}x");
    }
    assert_eq!(world.sent().len(), MESSAGES);
}

async fn a_polled_hotel_is_answered_and_its_notifications_are_removed(engine: Engine) {
    let world = World::with(polled(engine)).await;

    world.guest("When is breakfast?");

    one_answer(&world).await;
    world.quiet().await;
}

async fn death_between_a_polled_notification_and_its_confirmation_ends_in_one_row_and_one_answer(engine: Engine) {
    let mut world = World::with(polled(engine)).await;
    hangs(&world, "deleteNotification", false);
    let id = world.guest("When is breakfast?");
    world.decided(&id).await;
    world.kill().await;
    let left = world.sandbox.instance(instance(0)).expect("an instance").peek().notifications.len();
    assert!(left > 0, "it is confirmed only after the commit");

    world.wake().await;

    one_answer(&world).await;
    world.quiet().await;
    assert_eq!(world.number("SELECT COUNT(*) FROM inbox WHERE kind = 'guest'").await, 1);
    assert_eq!(world.sent().len(), 1);
}

fn polled(engine: Engine) -> Setup {
    Setup { hotel: Box::new(|_, hotel: &mut Hotel| hotel.whatsapp.receive = Receive::Poll), engine, ..Setup::default() }
}

async fn a_daemon_that_is_asked_to_stop_answers_what_it_has_begun(engine: Engine) {
    let mut world = World::with(Setup { engine, ..Setup::default() }).await;
    let slow = hotelbot::sandbox::deepseek::faults::Fault::Slow { seconds: 1.0 };
    world.sandbox.switch_model(Switch::next(slow, 1));
    let id = world.guest("When is breakfast?");
    world.model_asked(1).await;

    world.stop().await;

    assert_eq!(world.decided(&id).await, "answer");
    world.wake().await;
    one_answer(&world).await;
}
