//! How a call to send can end, and what must follow: what surely was not sent goes once more, what is uncertain is
//! looked up and never repeated blindly.

use super::world::{BREAKFAST, PATIENCE, Setup, World, instance, pause};
use hotelbot::domain::hotel::Hotel;
use hotelbot::sandbox::Declare;
use hotelbot::sandbox::green::faults::{Answer, Fault};
use hotelbot::sandbox::green::guest::Action;
use hotelbot::sandbox::switches::Switch;
use std::time::Duration;

const QUESTION: &str = "When is breakfast?";

/// A call to send that ends wrongly, taken in or not.
fn wrong(accept: bool, answer: Answer) -> Fault {
    Fault::Call { accept, answer, seconds: 0.0 }
}

/// Two hotels; sends of the first end wrongly so often.
async fn with(fault: Fault, times: u32) -> World {
    let setup = Setup { hotels: 2, call_deadline: Duration::from_millis(800), ..Setup::default() };
    let world = World::with(setup).await;
    world.sandbox.switch(instance(0), Switch::next(fault, times).only(&["sendMessage"])).expect("an instance");
    world
}

/// Exactly one message has reached the guest, and its row knows how far it got.
async fn exactly_one(world: &World) {
    world.wait_states(&["read"]).await;
    let sent = world.sent();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].text.contains(BREAKFAST));
    assert_eq!(sent[0].carried, 1);
}

/// Lets the time pass that must pass before the next try.
async fn time_passes(world: &World) {
    world.execute("UPDATE outbox SET due_at = 0 WHERE state = 'planned'").await;
    world.execute("UPDATE hotels SET next_send_at = 0").await;
}

async fn surely_not_sent(answer: Answer) {
    let world = with(wrong(false, answer), 1).await;
    world.guest(QUESTION);
    let tried = "SELECT note FROM outbox WHERE state = 'planned' AND attempts = 1";
    world.wait_texts(tried, |notes| notes.len() == 1).await;

    world.act(1, &Action::text("79160000002", QUESTION));
    let other = world.wait_answer().await;
    assert_eq!(other.instance, instance(1), "another hotel is not held up");
    assert_eq!(world.number("SELECT due_at - sending_at > 1500000 FROM outbox WHERE attempts = 1").await, 1);

    time_passes(&world).await;
    world.wait_sent(2).await;
    world.wait_states(&["read", "read"]).await;
    assert_eq!(world.sent().len(), 2);
}

macro_rules! goes_once_more_after {
    ($($name:ident: $answer:expr,)+) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            surely_not_sent($answer).await;
        })+
    };
}

goes_once_more_after! {
    an_instance_that_is_starting_gets_the_message_later: Answer::Starting,
    an_instance_that_is_not_authorised_gets_the_message_later: Answer::NotAuthorized,
    an_instance_that_is_not_paid_gets_the_message_later: Answer::Expired,
    a_deleted_instance_gets_the_message_if_it_comes_back: Answer::Deleted,
    a_refused_token_is_tried_again_later: Answer::Unauthorized,
    a_forbidden_instance_is_tried_again_later: Answer::Forbidden,
    a_suspended_account_is_tried_again_later: Answer::Suspended,
    too_many_requests_are_tried_again_later: Answer::TooManyRequests,
    a_used_up_quota_is_tried_again_later: Answer::Quota,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hotel_whose_token_is_refused_does_not_storm_the_vendor() {
    let paced = |_, hotel: &mut Hotel| hotel.whatsapp.send_interval = Duration::from_millis(50);
    let world = World::with(Setup { hotel: Box::new(paced), ..Setup::default() }).await;
    let refused = Switch::on(wrong(false, Answer::Unauthorized)).only(&["sendMessage"]);
    world.sandbox.switch(instance(0), refused).expect("an instance");
    for guest in 0..20 {
        world.act(0, &Action::text(&format!("7916000{guest:04}"), QUESTION));
    }
    world.wait_texts("SELECT CAST(COUNT(*) AS TEXT) FROM turns", |count| count == ["20"]).await;
    world.wait_texts("SELECT note FROM outbox WHERE attempts = 1", |notes| !notes.is_empty()).await;

    // Meanwhile the instance says of itself, again and again, that it is ready.
    let looks = "SELECT CAST(line_state_at AS TEXT) FROM hotels WHERE line_state = 'authorized' AND line_state_at > 0";
    let mut seen = std::collections::HashSet::new();
    while seen.len() < 6 {
        seen.extend(world.wait_texts(looks, |found| !found.is_empty()).await);
        pause().await;
    }

    let tries = world.number("SELECT SUM(attempts) FROM outbox").await;
    assert!((1..=2).contains(&tries), "{tries} tries");
}

async fn accepted_and_answered_wrongly(answer: Answer, lost_echo: bool) {
    let world = with(wrong(true, answer), 1).await;
    if lost_echo {
        world.sandbox.switch(instance(0), Switch::on(Fault::LostEcho)).expect("an instance");
        world
            .sandbox
            .switch(instance(0), Switch::on(Fault::LostWebhook).only(&["outgoingMessageStatus"]))
            .expect("yes");
    }

    world.guest(QUESTION);

    if lost_echo {
        world.wait_states(&["accepted"]).await;
        assert_eq!(world.sent().len(), 1);
        assert_eq!(world.number("SELECT retried FROM outbox").await, 0);
    } else {
        exactly_one(&world).await;
    }
}

macro_rules! is_found_again_after {
    ($($name:ident, $without_echo:ident: $answer:expr,)+) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            accepted_and_answered_wrongly($answer, false).await;
        }
        #[tokio::test(flavor = "multi_thread")]
        async fn $without_echo() {
            accepted_and_answered_wrongly($answer, true).await;
        })+
    };
}

is_found_again_after! {
    a_499_after_accepting_is_settled_by_the_echo, a_499_after_accepting_is_found_in_the_journal: Answer::ClientClosed,
    a_500_after_accepting_is_settled_by_the_echo, a_500_after_accepting_is_found_in_the_journal: Answer::Internal,
    a_502_after_accepting_is_settled_by_the_echo, a_502_after_accepting_is_found_in_the_journal: Answer::BadGateway,
    a_503_after_accepting_is_settled_by_the_echo, a_503_after_accepting_is_found_in_the_journal: Answer::Unavailable,
    a_504_after_accepting_is_settled_by_the_echo, a_504_after_accepting_is_found_in_the_journal: Answer::GatewayTimeout,
    html_with_200_is_settled_by_the_echo, html_with_200_is_found_in_the_journal: Answer::Html,
    an_empty_200_is_settled_by_the_echo, an_empty_200_is_found_in_the_journal: Answer::Empty,
    a_200_without_an_id_is_settled_by_the_echo, a_200_without_an_id_is_found_in_the_journal: Answer::EmptyObject,
    a_200_with_a_null_id_is_settled_by_the_echo, a_200_with_a_null_id_is_found_in_the_journal: Answer::NullId,
    a_connection_dropped_after_accepting_is_settled_by_the_echo,
    a_connection_dropped_after_accepting_is_found_in_the_journal: Answer::Drop,
    an_endless_answer_is_settled_by_the_echo, an_endless_answer_is_found_in_the_journal: Answer::Huge,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_hangs_after_accepting_is_settled_by_the_echo() {
    let world = with(Fault::Call { accept: true, answer: Answer::Hang, seconds: 10_000.0 }, 1).await;

    world.guest(QUESTION);

    exactly_one(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_hangs_without_accepting_is_repeated_once() {
    let world = with(Fault::Call { accept: false, answer: Answer::Hang, seconds: 10_000.0 }, 1).await;

    world.guest(QUESTION);

    exactly_one(&world).await;
    assert_eq!(world.number("SELECT retried FROM outbox").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_502_without_accepting_is_repeated_once_after_two_looks_that_found_nothing() {
    let world = with(wrong(false, Answer::BadGateway), 1).await;

    world.guest(QUESTION);
    world.wait_texts("SELECT state FROM outbox WHERE sweeps = 1", |states| states == ["unknown"]).await;
    assert_eq!(world.sent().len(), 0, "one look is not enough");

    exactly_one(&world).await;
    assert_eq!(world.number("SELECT retried FROM outbox").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_uncertain_a_second_time_goes_to_a_person() {
    let world = with(wrong(false, Answer::BadGateway), 1000).await;

    world.guest(QUESTION);

    world.wait_states(&["refused"]).await;
    assert_eq!(world.waiting().await, 1);
    assert_eq!(world.number("SELECT retried FROM outbox").await, 1);
    assert_eq!(world.sent().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_under_a_hidden_address_settles_an_uncertain_send() {
    let world = with(wrong(true, Answer::Drop), 1).await;
    world.sandbox.switch(instance(0), Switch::on(Fault::Lid).only(&["outgoingAPIMessageReceived"])).expect("yes");

    world.guest(QUESTION);

    exactly_one(&world).await;
    world.wait_texts("SELECT address FROM aliases WHERE address LIKE '%@lid'", |found| found.len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_lags_causes_no_early_second_try() {
    let slow_journal = Setup {
        limits: hotelbot::flow::Limits {
            reconcile_after: Duration::from_secs(3),
            reconcile_again: Duration::from_millis(200),
            watch_every: Duration::from_millis(200),
            ..Default::default()
        },
        // Two seconds, at a thousand times the speed.
        instance: Box::new(|_, declared: &mut Declare| declared.journal_lag_ms = Some(2_000_000)),
        ..Setup::default()
    };
    let world = World::with(slow_journal).await;
    world
        .sandbox
        .switch(instance(0), Switch::next(wrong(true, Answer::BadGateway), 1).only(&["sendMessage"]))
        .expect("y");
    world.sandbox.switch(instance(0), Switch::on(Fault::LostEcho)).expect("yes");

    world.guest(QUESTION);

    world.wait_texts("SELECT state FROM outbox", |states| states != ["unknown"] && states == ["accepted"]).await;
    assert_eq!(world.sent().len(), 1);
    assert_eq!(world.number("SELECT retried + sweeps FROM outbox").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_enters_the_vendors_queue_while_the_instance_is_not_authorised() {
    let world = World::new().await;
    for (state, notified) in [("notAuthorized", true), ("blocked", false), ("suspended", false), ("sleepMode", false)] {
        let before = world.sent().len();
        world.sandbox.set_state(instance(0), state, notified).expect("a state");
        world.wait_texts("SELECT line_state FROM hotels", |states| states == [state]).await;
        let id = world.guest(QUESTION);
        world.decided(&id).await;
        let waits = "SELECT state FROM outbox WHERE state = 'planned'";
        world.wait_texts(waits, |states| states.len() == 1).await;
        assert_eq!(world.sent().len(), before, "{state}");

        world.sandbox.set_state(instance(0), "authorized", notified).expect("a state");
        world.wait_sent(before + 1).await;
        world.execute("UPDATE messages SET at = at - 3600000000").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_status_after_sent_steps_nothing_down_and_repeats_nothing() {
    let world = World::new().await;
    world.sandbox.switch(instance(0), Switch::on(Fault::FailedAfterSent)).expect("an instance");

    world.guest(QUESTION);

    world.wait_answer().await;
    let failed = "SELECT state FROM inbox WHERE event_key LIKE 's:%:failed'";
    world.wait_texts(failed, |states| states == ["completed"]).await;
    assert!(["sent", "delivered", "read"].contains(&world.states().await[0].as_str()));
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_in_any_order_only_climb() {
    let world = World::new().await;
    world.sandbox.switch(instance(0), Switch::on(Fault::StatusDisorder)).expect("an instance");

    world.guest(QUESTION);

    let told = "SELECT state FROM inbox WHERE kind = 'status'";
    world.wait_texts(told, |states| states.len() >= 4 && states.iter().all(|state| state == "completed")).await;
    assert_eq!(world.states().await, ["read"]);
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_overtakes_the_answer_to_the_call_is_not_lost() {
    let world = World::new().await;
    // 1.5 s, in which the echo and all statuses have come.
    let slow = Fault::Call { accept: true, answer: Answer::Hang, seconds: 1_500.0 };
    world.sandbox.switch(instance(0), Switch::next(slow, 1).only(&["sendMessage"])).expect("an instance");
    world.sandbox.switch(instance(0), Switch::on(Fault::LostEcho)).expect("an instance");

    world.guest(QUESTION);

    exactly_one(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_without_whatsapp_makes_a_person_look() {
    let world = World::new().await;
    world.sandbox.switch(instance(0), Switch::on(Fault::NoAccount)).expect("an instance");

    world.guest(QUESTION);

    world.wait_states(&["refused"]).await;
    assert_eq!(world.sent().len(), 1);
    assert_eq!(world.waiting().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_the_vendor_sends_again_by_itself_is_no_new_message() {
    let world = World::new().await;
    world.guest(QUESTION);
    world.wait_states(&["read"]).await;
    let answer = world.sent().remove(0);

    let copy = world.sandbox.resend(instance(0), &answer.id_message).expect("resent");

    let told = format!("SELECT event_key FROM inbox WHERE event_key IN ('e:{copy}', 's:{copy}:sent')");
    world.wait_texts(&told, |found| found.len() == 2).await;
    world.guest("Where is the parking?");
    world.wait_sent(2).await;
    assert_eq!(world.number("SELECT COUNT(*) FROM outbox").await, 2);
    assert_eq!(world.number("SELECT COUNT(*) FROM messages").await, 4);
    let note = format!("SELECT state || ' ' || note FROM inbox WHERE event_key = 'e:{copy}'");
    world.wait_texts(&note, |notes| notes == ["completed the channel sent an older message of ours once more"]).await;
    let page = reqwest::get(format!("{}/metrics", world.admin)).await.expect("an answer").text().await.expect("text");
    assert!(page.contains("\nhotelbot_sends_repeated_by_channel_total "), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_queue_makes_no_duplicates_even_when_the_answer_was_lost() {
    let world = with(wrong(true, Answer::Drop), 1).await;
    world.sandbox.switch(instance(0), Switch::on(Fault::StuckQueue)).expect("an instance");

    world.guest(QUESTION);

    world.wait_states(&["accepted"]).await;
    assert_eq!(world.sent().len(), 1);
    assert_eq!(world.number("SELECT retried FROM outbox").await, 0);
    world.sandbox.clear_switches(instance(0)).expect("an instance");
    exactly_one(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_accepted_and_never_sent_is_not_repeated() {
    let world = World::new().await;
    world.sandbox.switch(instance(0), Switch::on(Fault::NeverSent)).expect("an instance");

    world.guest(QUESTION);
    world.wait_states(&["accepted"]).await;
    world.guest("Where is the parking?");
    world.wait_states(&["accepted", "accepted"]).await;

    assert_eq!(world.sent().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_delivered_many_times_at_once_has_one_effect() {
    let world = World::new().await;
    let copies = Fault::Duplicate { copies: 200, parallel: true };
    world.sandbox.switch(instance(0), Switch::next(copies, 1)).expect("an instance");

    world.guest(QUESTION);

    world.wait_states(&["read"]).await;
    let pushes = world.sandbox.pushes(instance(0)).expect("pushes");
    assert!(pushes.iter().filter(|push| push.status == Some(200)).count() > 200);
    assert_eq!(world.sent().len(), 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM inbox WHERE kind = 'guest'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_notification_is_found_in_the_journal_and_answered_in_order() {
    let mut world = World::asleep(Setup::default()).await;
    world.sandbox.switch(instance(0), Switch::on(Fault::LostWebhook)).expect("an instance");
    for number in 1..=4 {
        world.guest(&format!("When is breakfast? echo:m{number}x"));
    }
    world.sandbox.clear_switches(instance(0)).expect("an instance");
    journal_shows(&world, 4).await;

    world.wake().await;

    let sent = world.wait_sent(4).await;
    for (place, record) in sent.iter().enumerate() {
        assert!(record.text.contains(&format!("m{}x", place + 1)), "{}", record.text);
    }
}

/// The journal lags behind what happened.
async fn journal_shows(world: &World, messages: usize) {
    let url = format!("{}/waInstance{}/lastIncomingMessages/{}", world.sandbox.url, instance(0), super::world::TOKEN);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let journal: serde_json::Value = reqwest::get(&url).await.expect("an answer").json().await.expect("a journal");
        if journal.as_array().is_some_and(|rows| rows.len() == messages) {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "the journal shows {journal}");
        pause().await;
    }
}
