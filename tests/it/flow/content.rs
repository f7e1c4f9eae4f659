//! What guests write, in every shape: answered, not answered, or given to a person.

use super::world::{BREAKFAST, GUEST, Setup, World, instance};
use hotelbot::sandbox::green::faults::Fault;
use hotelbot::sandbox::green::guest::Action;
use hotelbot::sandbox::switches::Switch;

fn action(kind: &str) -> Action {
    Action { kind: kind.into(), phone: GUEST.into(), ..Action::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_from_the_hotels_facts_and_quotes_it() {
    let world = World::new().await;

    let id = world.guest("When is breakfast?");

    let answer = world.wait_answer().await;
    assert!(answer.text.contains(BREAKFAST), "{}", answer.text);
    assert_eq!(answer.quoted_message_id, Some(id));
    world.wait_states(&["read"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_who_asks_for_a_person_gets_the_hotels_words_and_a_person() {
    let world = World::new().await;

    let id = world.guest("I want to talk to a real person please");

    assert_eq!(world.decided(&id).await, "asks_person");
    assert!(world.wait_answer().await.text.contains("colleagues"));
    let mode = "SELECT mode || ' ' || mode_why FROM chats WHERE waiting_since IS NOT NULL";
    assert_eq!(world.texts(mode).await, ["handoff asked_for_person"]);
    assert_eq!(world.labels().await, ["requires_attention"]);
    let more = world.guest("When is breakfast?");
    assert_eq!(world.decided(&more).await, "handoff");
    assert_eq!(world.sandbox.model_requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_message_gets_an_honest_text_and_a_person() {
    let world = World::new().await;

    let id = world.act(0, &action("voice"));

    assert_eq!(world.decided(&id).await, "unsupported");
    assert!(world.wait_answer().await.text.contains("only read text"));
    assert_eq!(world.waiting().await, 1);
    assert_eq!(world.labels().await, ["requires_attention"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sticker_gets_a_text_and_nobody_has_to_come() {
    let world = World::new().await;

    let id = world.act(0, &action("sticker"));

    assert_eq!(world.decided(&id).await, "unsupported");
    world.wait_answer().await;
    assert_eq!(world.waiting().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_could_not_be_decrypted_is_asked_for_again_and_answered_when_it_comes() {
    let world = World::new().await;
    let later = Fault::Undecrypted { seconds: 300.0 };
    world.sandbox.switch(instance(0), Switch::next(later, 1)).expect("an instance");

    world.guest("When is breakfast?");

    let sent = world.wait_sent(2).await;
    assert!(sent[0].text.contains("send it again"), "{}", sent[0].text);
    assert!(sent[1].text.contains(BREAKFAST), "{}", sent[1].text);
    world.quiet().await;
    assert_eq!(world.sent().len(), 2);
    let asked = world.sandbox.model_requests();
    assert!(!asked.iter().any(|request| request.to_string().contains("SWE001")));
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_reactions_deletions_and_votes_are_kept_and_never_answered() {
    let world = World::new().await;
    let id = world.guest("When is breakfast?");
    world.wait_answer().await;

    for kind in ["edit", "reaction", "delete"] {
        let again = world.act(0, &Action { about: id.clone(), text: "Where is the parking?".into(), ..action(kind) });
        assert_eq!(world.decided(&again).await, "nothing_to_answer", "{kind}");
    }

    world.quiet().await;
    assert_eq!(world.sent().len(), 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM messages WHERE author = 'guest'").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_statuses_and_channels_are_never_answered() {
    let world = World::new().await;
    for chat in ["120363043968066561@g.us", "status@broadcast", "120363043968066561@newsletter"] {
        world.inject(&serde_json::json!({
            "typeWebhook": "incomingMessageReceived",
            "instanceData": {"idInstance": instance(0), "wid": "79000000000@c.us", "typeInstance": "whatsapp"},
            "timestamp": super::world::now().as_second(), "idMessage": format!("G{}", chat.len()),
            "senderData": {"chatId": chat, "sender": format!("{GUEST}@c.us"), "chatName": "", "senderName": "Ann"},
            "messageData": {"typeMessage": "textMessage", "textMessageData": {"textMessage": "When is breakfast?"}},
        }));
    }

    let ignored = "SELECT state FROM inbox WHERE kind = 'ignored'";
    world.wait_texts(ignored, |states| states == ["completed"; 3]).await;

    world.quiet().await;
    assert_eq!(world.sent().len(), 0);
    assert_eq!(world.number("SELECT COUNT(*) FROM chats").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_hours_ago_gets_the_late_text_and_a_person() {
    let world = World::new().await;
    let hours_ago = super::world::now().as_second() - 5 * 3600;

    let id = world.act(0, &Action { timestamp: Some(hours_ago), ..Action::text(GUEST, "Is the bar open now?") });

    assert_eq!(world.decided(&id).await, "stale");
    assert!(world.wait_answer().await.text.contains("late"));
    assert_eq!(world.waiting().await, 1);
    assert_eq!(world.labels().await, ["requires_attention"]);
    assert_eq!(world.sandbox.model_requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_words_three_times_mute_the_bot() {
    let world = World::new().await;
    let mut rules = Vec::new();

    for _ in 0..3 {
        let id = world.guest("Breakfast is what I sell, dear customer!");
        rules.push(world.decided(&id).await);
    }
    let more = world.guest("When is breakfast?");

    assert_eq!(rules, ["answer", "answer", "loop_guard"]);
    assert_eq!(world.decided(&more).await, "handoff");
    world.quiet().await;
    assert_eq!(world.sent().len(), 2);
    assert_eq!(world.waiting().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_russian_question_is_answered_in_russian() {
    let world = World::with(Setup::default()).await;

    world.guest("Во сколько завтрак?");

    assert!(world.wait_answer().await.text.contains("в саду"));
}
