//! A person of the hotel and the guest's wish for silence: the bot never talks over either.

use super::world::{BREAKFAST, GUEST, Setup, World, instance};
use hotelbot::sandbox::Options;
use hotelbot::sandbox::deepseek::faults::Fault as ModelFault;
use hotelbot::sandbox::switches::Switch;
use serde_json::json;
use std::time::Duration;

/// The model thinks long enough for something to happen meanwhile.
fn slow_model() -> Setup {
    Setup {
        sandbox: Options { deepseek_latency: Duration::from_millis(700), ..super::world::vendors() },
        ..Setup::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_of_the_staff_silences_the_bot_at_once() {
    let world = World::new().await;
    world.guest("When is breakfast?");
    world.wait_answer().await;

    let typed = world.staff("I will take this over.");
    world.decided(&typed).await;
    let question = world.guest("And where is the parking?");

    assert_eq!(world.decided(&question).await, "handoff");
    world.quiet().await;
    assert_eq!(world.sent().len(), 1);
    assert_eq!(world.waiting().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_of_the_staff_stops_an_answer_the_model_is_still_writing() {
    let world = World::with(slow_model()).await;
    let question = world.guest("When is breakfast?");
    world.model_asked(1).await;

    world.staff("Breakfast is at seven, dear guest.");

    assert_eq!(world.decided(&question).await, "staff_wrote");
    world.quiet().await;
    assert_eq!(world.sent_texts(), Vec::<String>::new());
    assert_eq!(world.waiting().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_answers_again_when_the_hotels_time_is_over() {
    let short = Duration::from_millis(600);
    let hotel = Box::new(move |_, hotel: &mut hotelbot::domain::hotel::Hotel| {
        hotel.conversation.handoff_after_staff_reply = short;
    });
    let world = World::with(Setup { hotel, ..Setup::default() }).await;
    let typed = world.staff("Good morning!");
    world.decided(&typed).await;
    let until = "SELECT CAST(mode_until AS TEXT) FROM chats WHERE mode = 'handoff'";
    let until: i64 = world.texts(until).await.remove(0).parse().expect("an instant");
    while super::world::now().as_microsecond() <= until {
        super::world::pause().await;
    }

    world.guest("When is breakfast?");

    assert!(world.wait_answer().await.text.contains(BREAKFAST));
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_message_reported_as_typed_on_the_phone_does_not_silence_the_bot() {
    let world = World::new().await;
    world.guest("When is breakfast?");
    let answer = world.wait_answer().await;
    world.quiet().await;

    world.inject(&json!({
        "typeWebhook": "outgoingMessageReceived",
        "instanceData": {"idInstance": instance(0), "wid": "79000000000@c.us", "typeInstance": "whatsapp"},
        "timestamp": super::world::now().as_second(), "idMessage": answer.id_message,
        "senderData": {"chatId": answer.chat_id, "sender": "79000000000@c.us", "chatName": "", "senderName": ""},
        "messageData": {"typeMessage": "textMessage", "textMessageData": {"textMessage": answer.text}},
    }));
    assert_eq!(world.decided(&answer.id_message).await, "completed");
    world.guest("And where is the parking?");

    assert_eq!(world.wait_sent(2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_stop_only_the_confirmation_leaves_even_if_an_answer_is_on_its_way() {
    let world = World::with(slow_model()).await;
    world.guest("When is breakfast?");
    world.model_asked(1).await;

    let stop = world.guest("STOP");

    assert_eq!(world.decided(&stop).await, "opt_out");
    world.quiet().await;
    let sent = world.sent_texts();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].contains("START"), "{sent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_stop_the_bot_is_silent_and_start_brings_it_back() {
    let world = World::new().await;
    let stop = world.guest("Stop");
    world.decided(&stop).await;
    world.wait_sent(1).await;

    let question = world.guest("When is breakfast?");
    assert_eq!(world.decided(&question).await, "opted_out");
    assert_eq!(world.waiting().await, 1);
    world.quiet().await;
    assert_eq!(world.sent().len(), 1);

    let start = world.guest("START");
    assert_eq!(world.decided(&start).await, "opt_in");
    world.guest("When is breakfast?");
    assert!(world.wait_sent(3).await[2].text.contains(BREAKFAST));
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_takes_back_an_answer_that_waits_for_the_instance() {
    let world = World::new().await;
    world.sandbox.set_state(instance(0), "notAuthorized", true).expect("a state");
    world.wait_texts("SELECT line_state FROM hotels", |states| states == ["notAuthorized"]).await;
    let question = world.guest("When is breakfast?");
    world.decided(&question).await;
    let stop = world.guest("STOP");
    world.decided(&stop).await;

    world.sandbox.set_state(instance(0), "authorized", true).expect("a state");

    let sent = world.wait_sent(1).await;
    world.quiet().await;
    assert!(sent[0].text.contains("START"));
    assert_eq!(world.sent().len(), 1);
    assert_eq!(sent[0].chat_id, format!("{GUEST}@c.us"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_slow_for_one_question_does_not_hold_up_another_guest() {
    let world = World::new().await;
    world.sandbox.switch_model(Switch::next(ModelFault::Slow { seconds: 3.0 }, 1).only(&["slow one"]));
    world.guest("When is breakfast, slow one?");
    world.model_asked(1).await;

    world.act(0, &hotelbot::sandbox::green::guest::Action::text("79160000002", "When is breakfast?"));

    let first = world.wait_answer().await;
    assert_eq!(first.chat_id, "79160000002@c.us");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_is_kept_even_if_the_staff_writes_right_after_it() {
    let world = World::with(slow_model()).await;
    world.guest("When is breakfast?");
    world.model_asked(1).await;

    let stop = world.guest("STOP");
    let typed = world.staff("Shall I call you?");

    assert_eq!(world.decided(&stop).await, "opt_out");
    assert_eq!(world.decided(&typed).await, "staff_wrote");
    assert_eq!(world.texts("SELECT consent FROM guests").await, ["opted_out"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_right_after_a_stop_counts() {
    let world = World::with(slow_model()).await;
    world.guest("When is breakfast?");
    world.model_asked(1).await;

    world.guest("STOP");
    let start = world.guest("START");

    assert_eq!(world.decided(&start).await, "opt_in");
    assert_eq!(world.texts("SELECT consent FROM guests").await, ["opted_in"]);
}
