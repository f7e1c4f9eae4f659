//! `hotelbot inbox …` and `hotelbot outbox …`

use super::{Folder, id};
use crate::support::build;
use hotelbot::domain::ids::ProviderMessageId;
use hotelbot::domain::received::ReceivedEvent;
use hotelbot::ports::Clock;
use hotelbot::store::outbox::{Became, Outcome, TakeForSending, Verdict};
use insta::assert_snapshot;
use std::sync::Arc;
use std::time::Duration;

/// A body that nobody could read when it came.
async fn with_unreadable(raw: &str) -> Folder {
    let folder = Folder::with_hotels();
    let event = ReceivedEvent::Unreadable { why: "not JSON".to_owned() };
    let mut arrival = build::arrival(&folder.clock, &id("astoria"), "unreadable:1", None, event);
    arrival.raw = raw.to_owned();
    folder.store().await.receive(vec![arrival]).await.expect("received");
    folder
}

fn first_id(folder: &Folder, noun: &str) -> String {
    let rows = folder.json(&[noun, "list", "--json"]);
    rows[0]["id"].as_str().expect("an id that the other verbs accept").to_owned()
}

#[tokio::test]
async fn what_could_not_be_read_is_listed_shown_and_discarded() {
    let folder = with_unreadable("<html>").await;
    let row = first_id(&folder, "inbox");

    assert_snapshot!(folder.run(&["inbox", "list", "--failed"]), @r"
    exit 0
    ---- stdout
    HOTEL    ID        KIND        STATE        RECEIVED  WHY
    astoria  00000000  unreadable  quarantined  3d ago    not JSON
    ");
    assert_snapshot!(folder.run(&["inbox", "show", &row]), @r#"
    exit 0
    ---- stdout
    id        [ID]
    hotel     astoria
    kind      unreadable
    state     quarantined
    received  [STAMP]
    why       not JSON

    Understood as
    {
      "unreadable": {
        "why": "not JSON"
      }
    }

    As it came
    <html>
    "#);
    assert_snapshot!(folder.run(&["inbox", "retry", &row]), @r"
    exit 1
    ---- stdout
    Retried 0 rows
    Still not readable: 00000000; `hotelbot inbox discard` closes them
    ");
    assert_snapshot!(folder.run(&["inbox", "discard", &row]), @r"
    exit 2
    ---- stderr
    error: This needs a yes, and there is no terminal to ask on

    hint: Pass `--yes` to go on
    ");
    assert_snapshot!(folder.run(&["inbox", "discard", &row, "--yes"]), @r"
    exit 0
    ---- stdout
    Discarded 1 row
    ");
    assert_snapshot!(folder.run(&["inbox", "list"]), @r"
    exit 0
    ---- stdout
    Nothing waits in the inbox
    ");
    assert_snapshot!(folder.run(&["inbox", "discard", &row, "--yes"]), @r"
    exit 2
    ---- stderr
    error: `00000000` did not fail: it is discarded

    hint: Run `hotelbot inbox list --failed`
    ");
    assert_snapshot!(folder.run(&["inbox", "show", "%%%%"]), @r"
    exit 2
    ---- stderr
    error: There is no row `%%%%` in the inbox

    hint: Run `hotelbot inbox list` to see them; at least the last four letters of an id will do
    ");
}

#[tokio::test]
async fn what_a_newer_reading_understands_comes_in_once_more() {
    let body = r#"{"typeWebhook":"incomingMessageReceived","instanceData":{"idInstance":1101000001,"wid":"79210000000@c.us",
        "typeInstance":"whatsapp"},"timestamp":1752330000,"idMessage":"F7AEC1B7086ECDC7E6E45923F5EDB825",
        "senderData":{"chatId":"79210004567@c.us","sender":"79210004567@c.us","senderName":"Мария"},
        "messageData":{"typeMessage":"textMessage","textMessageData":{"textMessage":"Когда завтрак?"}}}"#;
    let folder = with_unreadable(body).await;
    let row = first_id(&folder, "inbox");

    assert_snapshot!(folder.run(&["inbox", "retry", &row]), @r"
    exit 0
    ---- stdout
    Retried 1 row
    ");
    let chat = folder.json(&["chats", "show", "79210004567", "--json"]);
    assert_eq!(chat["messages"][0]["text"], "Когда завтрак?");
    let rows = folder.json(&["inbox", "list", "--all", "--json"]);
    assert_eq!((&rows[0]["state"], &rows[1]["state"]), (&"available".into(), &"discarded".into()));
}

#[tokio::test]
async fn a_delivery_of_the_pms_that_is_understood_by_now_is_told_once_more() {
    let folder = Folder::with_hotels();
    let deliver = async |key: &str, raw: &str| {
        let event = ReceivedEvent::Unreadable { why: "from the PMS: `phone` is missing".to_owned() };
        let mut arrival = build::arrival(&folder.clock, &id("astoria"), key, None, event);
        arrival.raw = raw.to_owned();
        folder.store().await.receive(vec![arrival]).await.expect("received");
    };
    deliver(
        "pms:1",
        r#"{"reservation_id":"R1","phone":"+79210004567","arrival":"2099-07-01","departure":"2099-07-03"}"#,
    )
    .await;
    deliver("pms:2", r#"{"reservation_id":"R2","arrival":"01/02/2026","departure":"2026-07-03"}"#).await;
    let rows = folder.json(&["inbox", "list", "--json"]);
    let ids: Vec<&str> = rows.as_array().expect("rows").iter().map(|row| row["id"].as_str().expect("an id")).collect();

    let retried = folder.output(&[&["inbox", "retry"], &ids[..]].concat(), "", &[]);

    let text = super::shown(&retried);
    assert!(retried.status.code() == Some(1) && text.contains("Retried 1 row\nStill not readable: "), "{text}");
    let stays = folder.json(&["stays", "list", "--json"]);
    assert_eq!((stays.as_array().map(Vec::len), &stays[0]["reservation_id"]), (Some(1), &"R1".into()));
    let left = folder.json(&["inbox", "list", "--failed", "--json"]);
    assert_eq!(left.as_array().map(Vec::len), Some(1), "the other one still waits for a person");
}

#[tokio::test]
async fn a_planned_message_is_listed_and_taken_back() {
    let folder = Folder::with_conversations().await;
    let row = first_id(&folder, "outbox");

    assert_snapshot!(folder.run(&["outbox", "list"]), @r"
    exit 0
    ---- stdout
    HOTEL    ID        GUEST             AUTHOR  STATE    TRIES  PLANNED  WHY  MESSAGE
    astoria  0000000e  +7 921 ***-77-77  bot     planned      0  3d ago   -    Простите! Коллега уже идёт.
    astoria  00000006  +7 921 ***-45-67  bot     planned      0  3d ago   -    С 7:00 до 10:30
    ");
    assert_snapshot!(folder.run(&["outbox", "show", &row]), @r"
    exit 0
    ---- stdout
    id        [ID]
    hotel     astoria
    chat      [ID]
    guest     +7 921 ***-77-77
    author    bot (reply)
    intent    reply:[ID]
    state     planned
    planned   [STAMP]
    due       [STAMP]
    expires   [STAMP]
    tries     0

    Простите! Коллега уже идёт.
    ");
    assert_snapshot!(folder.run(&["outbox", "retry", &row, "--yes"]), @r"
    exit 2
    ---- stderr
    error: `0000000e` is planned; this is for what is refused or cancelled or unknown

    hint: Run `hotelbot outbox show 0000000e`
    ");
    assert_snapshot!(folder.run(&["outbox", "cancel", &row, "--dry-run"]), @r"
    exit 0
    ---- stdout
    Would cancel 1 message
    ");
    assert_snapshot!(folder.run(&["outbox", "cancel", &row, "--yes"]), @r"
    exit 0
    ---- stdout
    Cancelled 1 message
    ");
    assert_eq!(folder.json(&["outbox", "show", &row, "--json"])["state"], "cancelled");
    assert_snapshot!(folder.run(&["outbox", "retry", &row, "--yes"]), @r"
    exit 0
    ---- stdout
    Planned 1 message; the daemon sends next
    ");
    assert_eq!(folder.json(&["outbox", "show", &row, "--json"])["state"], "planned");
}

#[tokio::test]
async fn an_uncertain_message_is_sent_again_only_by_a_person_who_was_told() {
    let folder = Folder::with_conversations().await;
    let store = folder.store().await;
    let now = folder.clock.now();
    store.line_state(id("astoria"), hotelbot::domain::received::InstanceState::Authorized, now).await.expect("seen");
    let take = TakeForSending {
        by: folder.clock.new_id(),
        now,
        seen_since: now,
        limit: 10,
        busy: Vec::new(),
        judge: Arc::new(|_| Verdict::Send),
        gap: Arc::new(|_| Duration::ZERO),
    };
    let taken = store.take_for_sending(take).await.expect("taken");
    let became = Became::Unknown("the connection broke".to_owned());
    let outcomes =
        taken.iter().map(|one| Outcome { hotel: one.hotel.clone(), id: one.id, became: became.clone(), at: now });
    store.record_outcomes(outcomes.collect()).await.expect("recorded");
    let row = first_id(&folder, "outbox");

    assert_snapshot!(folder.run(&["outbox", "list", "--unknown"]), @r"
    exit 0
    ---- stdout
    HOTEL    ID        GUEST             AUTHOR  STATE    TRIES  PLANNED  WHY                   MESSAGE
    astoria  0000000e  +7 921 ***-77-77  bot     unknown      0  3d ago   the connection broke  Простите! Коллега уже идёт.
    astoria  00000006  +7 921 ***-45-67  bot     unknown      0  3d ago   the connection broke  С 7:00 до 10:30
    ");
    assert_snapshot!(folder.run(&["outbox", "retry", &row]), @r"
    exit 2
    ---- stderr
    error: This needs a yes, and there is no terminal to ask on

    hint: Pass `--yes` to go on
    ");
    assert_snapshot!(folder.run(&["outbox", "retry", &row, "--yes"]), @r"
    exit 0
    ---- stdout
    Planned 1 message; the daemon sends next
    ");
    // The channel's word about the first send comes late, before the second: then nothing is sent twice.
    let late = Became::Accepted(ProviderMessageId::from("OLD"));
    let one = taken.into_iter().find(|one| one.id.to_string() == row).expect("it was taken");
    store
        .record_outcomes(vec![Outcome { hotel: one.hotel, id: one.id, became: late, at: now }])
        .await
        .expect("recorded");
    assert_eq!(folder.json(&["outbox", "show", &row, "--json"])["state"], "accepted");
}
