//! Questions from the trigger file to the answer's last effect: asked by the daemon, answered over the webhook.

use super::world::{GUEST, Setup, World, hotel_id, instance, now, pause};
use crate::support::clock::ManualClock;
use crate::support::db::Engine;
use crate::touchpoints::build::{booking, tell};
use hotelbot::config::hotels::LoadedHotel;
use hotelbot::config::load_triggers;
use hotelbot::domain::hotel::{AnswersAs, Hotel, StaffContact};
use hotelbot::domain::language::Language;
use hotelbot::domain::stay::Booking;
use hotelbot::flow::Limits;
use hotelbot::ports::Clock as _;
use hotelbot::sandbox::deepseek::faults::Fault as ModelFault;
use hotelbot::sandbox::green::faults::{Answer, Fault};
use hotelbot::sandbox::green::guest::Action;
use hotelbot::sandbox::records::Record;
use hotelbot::sandbox::switches::Switch;
use hotelbot::store::triggers::{ApplyTriggers, TriggerChange};

on_both_engines!(
    a_number_answers_and_everything_the_answer_says_happens,
    an_answer_is_a_moment_and_what_it_notes_is_a_condition,
    a_score_with_a_but_is_kept_and_a_person_must_look,
    of_two_open_questions_the_quoted_one_is_meant_else_the_newest,
    a_vote_in_the_poll_answers,
    a_vote_that_changes_is_followed_and_one_taken_back_opens_the_question,
    a_tap_on_a_button_answers,
    a_poll_that_the_service_refuses_goes_as_a_list_and_is_answered_by_its_number,
    a_poll_that_was_taken_and_fails_goes_once_as_a_list,
    a_list_that_fails_too_is_not_sent_a_third_time,
    a_poll_that_left_is_not_shown_twice_whatever_its_status_says,
    a_vote_in_a_poll_that_failed_says_that_it_did_not,
    an_answer_under_a_hidden_address_is_the_same_persons,
    words_that_answer_nothing_are_read_like_any_others_and_the_question_stays_open,
    words_beside_a_question_may_show_it_once_more_or_bring_a_person,
    an_answer_that_says_stop_is_a_stop,
    while_a_person_leads_the_answer_is_kept_in_silence,
    what_is_written_after_the_end_answers_nothing,
    a_silent_guest_is_reminded_once_and_one_who_answered_is_not,
    death_between_asking_and_answering_loses_nothing_and_asks_nothing_twice,
);

/// One trigger that asks as soon as the booking is known, and the questions its answers lead to.
const ROOM: &str = r#"
  room-ok:
    when: { after: booking_created, by: 1m, if_missed: send }
    ask:
      text: { en: "Is the room all right, {{ guest.first_name | default('dear guest') }}?", ru: "С номером всё хорошо?" }
      answers:
        - id: fine
          label: { en: All is well, ru: Всё отлично }
          means: [ok, "👍"]
          sentiment: positive
          reply: { en: "Glad to hear it!", ru: "Рады это слышать!" }
        - id: problem
          label: { en: Something is wrong, ru: Есть проблема }
          reply: { en: "Someone will be with you shortly.", ru: "К вам скоро подойдут." }
          alert: { topic: room, severity: high }
          tag: [unhappy]
          set: { custom.room_problem: "yes" }
          then: what-is-wrong
        - { id: silence, label: { en: No more questions, ru: Больше не спрашивайте }, stop: true }
        - { id: person, label: { en: Let me talk to a person, ru: Хочу поговорить с человеком }, handoff: true }
      expires: 36h
      remind: { after: 5h, times: 1 }
"#;
const SCORE: &str = r#"
  score:
    when: { after: booking_created, by: 2m, if_missed: send }
    ask:
      kind: scale
      range: [1, 5]
      text: { en: "How do you like it here, from 1 to 5?", ru: "Как вам у нас, от 1 до 5?" }
      answers: []
"#;
const WRONG: &str = r#"
questions:
  what-is-wrong:
    kind: text
    text: { en: "What is wrong?", ru: "Что случилось?" }
"#;

/// A world whose guest was asked all this.
async fn asked(setup: Setup, triggers: &str) -> World {
    let mut world = World::asleep(setup).await;
    put(&world, triggers).await;
    world.wake().await;
    world
}

/// Puts triggers and the guest's booking in force.
async fn put(world: &World, triggers: &str) {
    let folder = tempfile::Builder::new().prefix("hotelbot-test.").tempdir().expect("a folder");
    let policy = "policy: { quiet_hours: off, per_guest: { at_most: 100, every: 1h, min_gap: 0m }, \
                  after_staff_reply: { wait: 0m }, unanswered_question: { wait: 0m } }";
    let text =
        format!("version: 1\n{policy}\ntriggers:{triggers}{}", if triggers.contains("then:") { WRONG } else { "" });
    std::fs::write(folder.path().join("triggers.yaml"), text).expect("written");
    let store = world.db.open().await;
    let hotels = store.hotels_in_force().await.expect("read");
    let hotel: Hotel = hotels.into_iter().next().expect("a hotel").hotel;
    let mut staffed = hotel.clone();
    staffed.staff.contacts.push(StaffContact {
        id: "maria".to_owned(),
        name: "Maria".to_owned(),
        whatsapp: Some("+79160000099".to_owned()),
        telegram: None,
        email: None,
        webhook: None,
        departments: Vec::new(),
        after: std::time::Duration::ZERO,
    });
    let loaded = LoadedHotel { hotel: staffed, file: folder.path().join("hotel-0.yaml"), warnings: Vec::new() };
    let mut loaded = load_triggers(folder.path(), &[loaded]).unwrap_or_else(|errors| panic!("{errors:?}"));
    let set = loaded.sets.remove(&hotel_id(0)).expect("the hotel's triggers");
    let changes = vec![TriggerChange { hotel: hotel.id.clone(), set, change: "a test".to_owned() }];
    let apply = ApplyTriggers { base: 0, changes, by: "a test".to_owned(), now: now() };
    store.apply_triggers(apply).await.expect("applied");
    // Booked a few minutes ago: everything asked after that is due.
    let clock = ManualClock::default();
    clock.turn(now().duration_since(clock.now()) - jiff::SignedDuration::from_mins(3));
    let arrival = now().to_zoned(hotel.time_zone()).date().tomorrow().expect("a day").to_string();
    let known = Booking { language: Some(Language::EN), ..booking("R1", &format!("+{GUEST}"), &arrival) };
    tell(&store, &clock, &hotel, (vec![known], false)).await;
    store.close().await;
}

fn on(engine: Engine) -> Setup {
    Setup { engine, ..Setup::default() }
}

fn shown_as(engine: Engine, answers_as: AnswersAs) -> Setup {
    let hotel = Box::new(move |_, hotel: &mut Hotel| hotel.whatsapp.answers_as = answers_as);
    Setup { hotel, ..on(engine) }
}

fn found<'a>(sent: &'a [Record], part: &str) -> &'a Record {
    sent.iter().find(|record| record.text.contains(part)).unwrap_or_else(|| panic!("no `{part}` in {sent:?}"))
}

/// Waits for a message of the hotel with this in it.
async fn hears(world: &World, part: &str) -> Record {
    let deadline = tokio::time::Instant::now() + super::world::PATIENCE;
    loop {
        let sent = world.sent();
        if let Some(record) = sent.iter().find(|record| record.text.contains(part)) {
            return record.clone();
        }
        let texts = world.sent_texts();
        assert!(tokio::time::Instant::now() < deadline, "the guest never heard `{part}`, only {texts:?}");
        pause().await;
    }
}

/// `question state answer score how`, oldest first.
async fn questions(world: &World) -> Vec<String> {
    world
        .texts(
            "SELECT question || ' ' || state || ' ' || COALESCE(answer, '-') || ' ' || COALESCE(CAST(score AS TEXT), '-')
               || ' ' || COALESCE(how, '-')
             FROM questions ORDER BY asked_at, asked_id",
        )
        .await
}

async fn said_to(world: &World, about: &Record, kind: &str, action: Action) -> String {
    let action = Action { kind: kind.to_owned(), phone: GUEST.to_owned(), about: about.id_message.clone(), ..action };
    // Only what was delivered can be answered.
    world.wait_texts("SELECT state FROM outbox", |states| states.iter().all(|state| state == "read")).await;
    world.act(0, &action)
}

async fn a_number_answers_and_everything_the_answer_says_happens(engine: Engine) {
    let world = asked(on(engine), ROOM).await;
    let question = hears(&world, "Is the room all right, Anna?").await;
    assert!(question.text.contains("\n1. All is well\n2. Something is wrong\n"), "{}", question.text);

    let answer = world.guest("2.");

    assert_eq!(world.decided(&answer).await, "question_answered");
    hears(&world, "Someone will be with you shortly.").await;
    hears(&world, "What is wrong?").await;
    assert_eq!(questions(&world).await, ["room-ok answered problem - number", "what-is-wrong open - - -"]);
    assert_eq!((world.waiting().await, world.labels().await), (1, vec!["requires_attention".to_owned()]));
    let kept = world.texts("SELECT tags || ' ' || fields FROM questions WHERE tags IS NOT NULL").await;
    assert_eq!(kept, [r#"["unhappy"] {"room_problem":"yes"}"#]);
    let reasons = world.texts("SELECT reasons FROM turns").await.join(" ");
    assert!(reasons.contains("alert: room, high") && reasons.contains("tag `unhappy`"), "{reasons}");
    assert_eq!(world.sandbox.model_requests().len(), 0, "no model is needed for an answer");

    world.guest("The window does not close");
    world.wait_texts("SELECT state FROM questions", |states| states.iter().all(|state| state == "answered")).await;
    world.quiet().await;
    assert_eq!(questions(&world).await[1], "what-is-wrong answered - - text");
    assert_eq!(world.sandbox.model_requests().len(), 1, "free text is read all the same");
}

async fn an_answer_is_a_moment_and_what_it_notes_is_a_condition(engine: Engine) {
    let follows = r#"
  follow-up:
    when: { after: answer, of: room-ok, is: problem, if_missed: send }
    where: { tag: unhappy, custom.room_problem: "yes", answered: { room-ok: problem } }
    send: { text: { en: "Is the problem solved?", ru: "Проблема решена?" } }
  thanks:
    when: { after: answer, of: room-ok, is: fine, if_missed: send }
    send: { text: { en: "Thank you once more", ru: "Ещё раз спасибо" } }
"#;
    let world = asked(
        on(engine),
        &format!(
            "{}{follows}",
            ROOM.replace("handoff: true", "reply: { en: Yes, ru: Да }")
                .replace("alert: { topic: room, severity: high }", "notify: [maria]")
        ),
    )
    .await;
    hears(&world, "Is the room all right").await;

    world.guest("2");

    hears(&world, "Is the problem solved?").await;
    world.quiet().await;
    assert!(!world.sent_texts().iter().any(|text| text.contains("once more")), "that was not the answer");
    let stay = shown(&world, &["stays", "show", "R1", "--json"]);
    let noted = serde_json::json!({
        "answered": { "room-ok": "problem" }, "tags": ["unhappy"], "custom": { "room_problem": "yes" }
    });
    assert_eq!(stay["by_answers"], noted);
    let guest = shown(&world, &["guests", "show", &format!("+{GUEST}"), "--json"]);
    assert_eq!(guest["reservations"][0]["by_answers"], noted);
}

/// What a verb of the program tells of this database.
fn shown(world: &World, args: &[&str]) -> serde_json::Value {
    let folder = tempfile::Builder::new().prefix("hotelbot-test.").tempdir().expect("a folder");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hotelbot"));
    command.arg("-C").arg(folder.path()).env("HOTELBOT_DATABASE_URL", &world.db.url).args(args);
    let output = command.output().expect("the program runs");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

async fn a_score_with_a_but_is_kept_and_a_person_must_look(engine: Engine) {
    let world = asked(on(engine), SCORE).await;
    hears(&world, "from 1 to 5").await;

    let answer = world.guest("5 but the air conditioning is broken");

    assert_eq!(world.decided(&answer).await, "question_answered");
    world.wait_sent(2).await;
    assert_eq!(questions(&world).await, ["score answered - 5 number"]);
    assert_eq!((world.waiting().await, world.labels().await), (1, vec!["requires_attention".to_owned()]));
    assert_eq!(world.sandbox.model_requests().len(), 1);
}

async fn of_two_open_questions_the_quoted_one_is_meant_else_the_newest(engine: Engine) {
    let world = asked(on(engine), &format!("{ROOM}{SCORE}")).await;
    let sent = world.wait_sent(2).await;
    let room = found(&sent, "Is the room all right").clone();
    let newest = if questions(&world).await[1].starts_with("score") { "score" } else { "room-ok" };

    let quoted = said_to(&world, &room, "extended_text", Action { text: "1".to_owned(), ..Action::default() }).await;
    world.decided(&quoted).await;
    let plain = world.guest("4");
    world.decided(&plain).await;

    assert_eq!(newest, "score", "asked a minute later");
    assert_eq!(questions(&world).await, ["room-ok answered fine - number", "score answered - 4 number"]);
}

async fn a_vote_in_the_poll_answers(engine: Engine) {
    let world = asked(shown_as(engine, AnswersAs::Poll), ROOM).await;
    let poll = hears(&world, "Is the room all right, Anna?").await;
    assert_eq!(poll.type_message, "pollMessage");

    let chosen = Action { choices: vec!["Something is wrong".to_owned()], ..Action::default() };
    said_to(&world, &poll, "vote", chosen).await;

    hears(&world, "Someone will be with you shortly.").await;
    assert_eq!(questions(&world).await[0], "room-ok answered problem - vote");
}

async fn a_vote_that_changes_is_followed_and_one_taken_back_opens_the_question(engine: Engine) {
    let world = asked(shown_as(engine, AnswersAs::Poll), ROOM).await;
    let poll = hears(&world, "Is the room all right, Anna?").await;
    let vote = |choices: &[&str]| {
        let choices = choices.iter().map(|&choice| choice.to_owned()).collect();
        said_to(&world, &poll, "vote", Action { choices, ..Action::default() })
    };
    vote(&["Something is wrong"]).await;
    hears(&world, "What is wrong?").await;

    vote(&["All is well"]).await;
    hears(&world, "Glad to hear it!").await;
    let followed = ["room-ok answered fine - vote", "what-is-wrong closed - - -"];
    assert_eq!(questions(&world).await, followed);
    assert_eq!(world.number("SELECT COUNT(*) FROM questions WHERE tags IS NOT NULL OR fields IS NOT NULL").await, 0);

    // The same vote once more is nothing new.
    let again = vote(&["All is well"]).await;
    assert_eq!(world.decided(&again).await, "nothing_to_answer");
    let none = vote(&[]).await;
    assert_eq!(world.decided(&none).await, "question_answered");
    assert_eq!(questions(&world).await, ["room-ok open - - -", "what-is-wrong closed - - -"]);
    let reasons = world.texts("SELECT reasons FROM turns WHERE rule = 'question_answered'").await.join(" ");
    assert!(reasons.contains("changed from `problem` to `fine`") && reasons.contains("taken back"), "{reasons}");
}

async fn a_tap_on_a_button_answers(engine: Engine) {
    let triggers = ROOM.split("        - { id: silence").next().expect("a beginning").to_owned();
    let world = asked(shown_as(engine, AnswersAs::Buttons), &triggers).await;
    let shown = hears(&world, "Is the room all right, Anna?").await;
    assert_ne!(shown.type_message, "textMessage");

    said_to(&world, &shown, "tap", Action { choices: vec!["fine".to_owned()], ..Action::default() }).await;

    hears(&world, "Glad to hear it!").await;
    assert_eq!(questions(&world).await, ["room-ok answered fine - button"]);
}

async fn a_poll_that_the_service_refuses_goes_as_a_list_and_is_answered_by_its_number(engine: Engine) {
    let mut world = World::asleep(shown_as(engine, AnswersAs::Poll)).await;
    put(&world, ROOM).await;
    let refused = Fault::Call { accept: false, answer: Answer::Forbidden, seconds: 0.0 };
    world.sandbox.switch(instance(0), Switch::on(refused).only(&["sendPoll"])).expect("an instance");
    world.wake().await;

    let list = hears(&world, "Is the room all right, Anna?").await;
    assert!(list.type_message != "pollMessage" && list.text.contains("\n1. All is well"), "{list:?}");
    world.guest("1");

    hears(&world, "Glad to hear it!").await;
}

/// A world whose guest was asked by a poll while this went wrong so often.
async fn failing(setup: Setup, fault: Fault, times: u32) -> World {
    let mut world = World::asleep(setup).await;
    put(&world, ROOM).await;
    world.sandbox.switch(instance(0), Switch::next(fault, times)).expect("an instance");
    world.wake().await;
    world
}

/// What is uncertain stays so for longer than any test.
fn patient(engine: Engine) -> Setup {
    let setup = shown_as(engine, AnswersAs::Poll);
    Setup { limits: Limits { reconcile_after: std::time::Duration::from_secs(3600), ..setup.limits }, ..setup }
}

fn kinds(world: &World) -> Vec<String> {
    world.sent().into_iter().map(|record| record.type_message).collect()
}

async fn a_poll_that_was_taken_and_fails_goes_once_as_a_list(engine: Engine) {
    let world = failing(shown_as(engine, AnswersAs::Poll), Fault::Failed, 1).await;
    let list = hears(&world, "\n1. All is well").await;
    assert_ne!(list.type_message, "pollMessage");
    world.wait_states(&["read"]).await;

    let quoted = said_to(&world, &list, "extended_text", Action { text: "1".to_owned(), ..Action::default() }).await;

    assert_eq!(world.decided(&quoted).await, "question_answered");
    hears(&world, "Glad to hear it!").await;
    assert_eq!(questions(&world).await, ["room-ok answered fine - number"]);
    assert_eq!(kinds(&world)[0], "pollMessage");
    assert_eq!(world.sent().len(), 3, "the poll, the list, the reply: {:?}", kinds(&world));
}

async fn a_list_that_fails_too_is_not_sent_a_third_time(engine: Engine) {
    let world = failing(shown_as(engine, AnswersAs::Poll), Fault::Failed, 2).await;

    world.wait_states(&["refused"]).await;

    world.quiet().await;
    assert_eq!(kinds(&world).len(), 2, "the poll and the list: {:?}", kinds(&world));
    assert_eq!(kinds(&world)[0], "pollMessage");
}

/// `failed` is also told of what was delivered, and before it is (green-api issues 557 and 961).
async fn a_poll_that_left_is_not_shown_twice_whatever_its_status_says(engine: Engine) {
    let after = failing(patient(engine), Fault::FailedAfterSent, 1).await;
    let failed = "SELECT state FROM inbox WHERE event LIKE '%failed%'";
    after.wait_texts(failed, |states| states == ["completed"]).await;
    assert_eq!(after.states().await, ["sent"]);
    let first = failing(patient(engine), Fault::Failed, 1).await;
    let poll = hears(&first, "Is the room all right").await;
    first.wait_texts("SELECT state FROM outbox WHERE refused_id IS NOT NULL", |states| states == ["unknown"]).await;

    let told = serde_json::json!({
        "typeWebhook": "outgoingMessageStatus", "idMessage": poll.id_message, "status": "delivered", "sendByApi": true,
        "chatId": format!("{GUEST}@c.us"), "timestamp": now().as_second(),
        "instanceData": { "idInstance": instance(0), "wid": "79160000000@c.us", "typeInstance": "whatsapp" },
    });
    first.inject(&told);

    first.wait_states(&["delivered"]).await;
    for world in [after, first] {
        world.quiet().await;
        assert_eq!(kinds(&world), ["pollMessage"]);
    }
}

async fn a_vote_in_a_poll_that_failed_says_that_it_did_not(engine: Engine) {
    let world = failing(patient(engine), Fault::Failed, 1).await;
    let poll = hears(&world, "Is the room all right").await;
    world.wait_texts("SELECT state FROM outbox WHERE refused_id IS NOT NULL", |states| states == ["unknown"]).await;

    let chosen = Action {
        kind: "vote".to_owned(),
        phone: GUEST.to_owned(),
        about: poll.id_message.clone(),
        choices: vec!["All is well".to_owned()],
        ..Action::default()
    };
    let vote = world.act(0, &chosen);

    assert_eq!(world.decided(&vote).await, "question_answered");
    hears(&world, "Glad to hear it!").await;
    world.quiet().await;
    assert_eq!(kinds(&world)[0], "pollMessage");
    assert_eq!(world.sent().len(), 2, "the poll and the reply: {:?}", kinds(&world));
}

async fn an_answer_under_a_hidden_address_is_the_same_persons(engine: Engine) {
    let mut world = World::asleep(on(engine)).await;
    world.sandbox.switch(instance(0), Switch::on(Fault::Lid)).expect("an instance");
    world.wake().await;
    let hello = world.guest("When is breakfast?");
    world.decided(&hello).await;
    world.wait_states(&["read"]).await;
    put(&world, ROOM).await;
    hears(&world, "Is the room all right").await;
    world.wait_states(&["read", "read"]).await;
    let people = "SELECT CAST(COUNT(*) AS TEXT) FROM guests WHERE merged_into IS NULL";
    world.wait_texts(people, |count| count == ["1"]).await;

    world.guest("1");

    hears(&world, "Glad to hear it!").await;
    assert_eq!(questions(&world).await, ["room-ok answered fine - number"]);
}

async fn words_that_answer_nothing_are_read_like_any_others_and_the_question_stays_open(engine: Engine) {
    let world = asked(on(engine), ROOM).await;
    hears(&world, "Is the room all right").await;

    for words in ["When is breakfast?", "2 towels please", "We arrive at 2"] {
        let id = world.guest(words);
        assert_ne!(world.decided(&id).await, "question_answered", "{words}");
    }
    assert_eq!(questions(&world).await, ["room-ok open - - -"]);
    world.quiet().await;
    let answer = world.guest("Всё отлично, спасибо!");
    world.decided(&answer).await;

    hears(&world, "Рады это слышать!").await;
    assert_eq!(questions(&world).await, ["room-ok answered fine - label"]);
}

async fn words_beside_a_question_may_show_it_once_more_or_bring_a_person(engine: Engine) {
    let world = asked(on(engine), &ROOM.replace("      expires: 36h", "      expires: 36h\n      other: repeat")).await;
    hears(&world, "Is the room all right").await;
    for words in ["When is breakfast?", "Where is the parking?"] {
        let id = world.guest(words);
        world.decided(&id).await;
        world.quiet().await;
    }
    let shown = world.sent_texts().iter().filter(|text| text.contains("Is the room all right")).count();
    assert_eq!(shown, 2, "the question itself, and once more");

    let world =
        asked(on(engine), &ROOM.replace("      expires: 36h", "      expires: 36h\n      other: handoff")).await;
    hears(&world, "Is the room all right").await;
    let id = world.guest("When is breakfast?");
    assert_eq!((world.decided(&id).await.as_str(), world.waiting().await), ("question_other", 1));
    assert_eq!(world.texts("SELECT mode_why FROM chats").await, ["question"]);
}

async fn an_answer_that_says_stop_is_a_stop(engine: Engine) {
    let world = asked(on(engine), &format!("{ROOM}{SCORE}")).await;
    let sent = world.wait_sent(2).await;
    let room = found(&sent, "Is the room all right").clone();

    let stop = said_to(&world, &room, "extended_text", Action { text: "3".to_owned(), ..Action::default() }).await;

    assert_eq!(world.decided(&stop).await, "question_answered");
    hears(&world, "START").await;
    assert_eq!(world.texts("SELECT consent FROM guests").await, ["opted_out"]);
    assert_eq!(questions(&world).await, ["room-ok answered silence - number", "score closed - - -"]);
}

async fn while_a_person_leads_the_answer_is_kept_in_silence(engine: Engine) {
    let world = asked(on(engine), ROOM).await;
    hears(&world, "Is the room all right").await;
    let typed = world.staff("Good morning! I am Maria from the front desk.");
    world.decided(&typed).await;

    let answer = world.guest("2");

    assert_eq!(world.decided(&answer).await, "question_answered");
    world.quiet().await;
    assert_eq!(questions(&world).await, ["room-ok answered problem - number"]);
    assert_eq!((world.sent().len(), world.waiting().await), (1, 1));
}

async fn what_is_written_after_the_end_answers_nothing(engine: Engine) {
    let world = asked(on(engine), ROOM).await;
    hears(&world, "Is the room all right").await;
    world.quiet().await;
    // The channel tells whole seconds.
    let ended = now().as_microsecond() - 2_000_000;
    world.execute(&format!("UPDATE questions SET expires_at = {ended}")).await;
    world.wait_texts("SELECT state FROM questions", |states| states == ["expired"]).await;

    let late = world.guest("2");

    assert_ne!(world.decided(&late).await, "question_answered");
    assert_eq!(questions(&world).await, ["room-ok expired - - -"]);
}

async fn a_silent_guest_is_reminded_once_and_one_who_answered_is_not(engine: Engine) {
    let world = asked(
        on(engine),
        &format!("{ROOM}{}", SCORE.replace("answers: []", "answers: []\n      remind: { after: 5h, times: 1 }")),
    )
    .await;
    let sent = world.wait_sent(2).await;
    assert_eq!(world.number("SELECT COUNT(*) FROM questions WHERE remind_at IS NOT NULL").await, 2);
    let answer = world.guest("4");
    world.decided(&answer).await;
    world.quiet().await;

    // Six hours pass: everything about the questions happened so much earlier.
    let six_hours = 6 * 3_600_000_000_i64;
    world.execute(&format!("UPDATE outbox SET accepted_at = accepted_at - {six_hours}")).await;
    world
        .execute(&format!(
            "UPDATE questions SET asked_at = asked_at - {six_hours}, remind_at = remind_at - {six_hours}"
        ))
        .await;

    world
        .wait_texts("SELECT question FROM questions WHERE reminded_at IS NOT NULL", |found| found == ["room-ok"])
        .await;
    world.wait_sent(sent.len() + 1).await;
    world.quiet().await;
    let texts = world.sent_texts();
    assert_eq!(texts.iter().filter(|text| text.contains("Is the room all right")).count(), 2, "{texts:?}");
    assert_eq!(texts.iter().filter(|text| text.contains("from 1 to 5")).count(), 1, "{texts:?}");

    let reminder = world.sent().into_iter().rfind(|record| record.text.contains("Is the room")).expect("the reminder");
    let quoted =
        said_to(&world, &reminder, "extended_text", Action { text: "1".to_owned(), ..Action::default() }).await;
    assert_eq!(world.decided(&quoted).await, "question_answered");
}

async fn death_between_asking_and_answering_loses_nothing_and_asks_nothing_twice(engine: Engine) {
    let mut world = World::asleep(on(engine)).await;
    put(&world, ROOM).await;
    let hang = Fault::Call { accept: true, answer: Answer::Hang, seconds: 300_000.0 };
    world.sandbox.switch(instance(0), Switch::next(hang, 1).only(&["sendMessage"])).expect("an instance");
    world.wake().await;
    // The vendor has the question, and nobody has heard so.
    world.wait_sent(1).await;
    world.kill().await;
    world.wake().await;
    world.wait_states(&["read"]).await;

    world.sandbox.switch_model(Switch::next(ModelFault::Slow { seconds: 30.0 }, 1));
    world.guest("2, the window does not close");
    world.model_asked(1).await;
    world.kill().await;
    world.wake().await;

    world.wait_texts("SELECT state FROM questions", |states| states == ["answered"]).await;
    world.quiet().await;
    let texts = world.sent_texts();
    assert_eq!(texts.iter().filter(|text| text.contains("Is the room all right")).count(), 1, "{texts:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM turns").await, 1);
}
