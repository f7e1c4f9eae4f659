//! A big file is imported while a daemon runs on the same database: guests go on being heard.

use crate::support::db::Engine;
use crate::support::installation::{Installation, Program, SOON, instance};
use serde_json::json;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// In one transaction they would hold SQLite's writer for longer than a webhook waits for it.
const ROWS: usize = 12_000;
/// A webhook waits at most this long before it is told to come again.
const TOLD_TO_COME_AGAIN: Duration = Duration::from_secs(5);

fn file() -> String {
    let mut text = "reservation_id,guest_name,phone,arrival,departure,status\n".to_owned();
    for n in 0..ROWS {
        writeln!(text, "R{n:05},Anna,+7921{n:07},2099-07-01,2099-07-05,confirmed").expect("written");
    }
    text
}

fn incoming(number: usize) -> serde_json::Value {
    let chat = format!("7900{number:07}@c.us");
    json!({
        "typeWebhook": "incomingMessageReceived",
        "instanceData": {"idInstance": instance(0), "wid": "79000000000@c.us", "typeInstance": "whatsapp"},
        "timestamp": 1_782_900_000, "idMessage": format!("M{number}"),
        "senderData": {"chatId": chat, "sender": chat, "senderName": "Ann"},
        "messageData": {"typeMessage": "textMessage", "textMessageData": {"textMessage": "hello"}},
    })
}

/// Posts one message after the other until `done`; returns the statuses and the longest wait.
async fn write_until(hook: String, done: Arc<AtomicBool>) -> (Vec<u16>, Duration) {
    let client = reqwest::Client::builder().no_proxy().timeout(SOON).build().expect("a client");
    let (mut statuses, mut longest) = (Vec::new(), Duration::ZERO);
    while !done.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let body = incoming(statuses.len()).to_string();
        let answer = client.post(&hook).bearer_auth("hook").body(body).send().await.expect("an answer");
        statuses.push(answer.status().as_u16());
        longest = longest.max(begun.elapsed());
    }
    (statuses, longest)
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_big_file_is_imported_no_webhook_is_refused() {
    let installation = Installation::new(Engine::Sqlite, 1, "webhook").await.expect("SQLite is always there");
    let staff = "staff: { contacts: [ { id: desk, name: Desk, whatsapp: \"+79210000000\" } ] }\n";
    installation.add_to_file("hotels/h0.yaml", staff);
    installation.add_to_file("triggers.yaml", include_str!("../../triggers.yaml"));
    installation.add_to_file("stays.csv", &file());
    for apply in [&["hotels", "apply", "--yes", "--offline"][..], &["triggers", "apply", "--yes"]] {
        let applied = installation.command(apply).await;
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    }
    let daemon = installation.serve(Program::Built).await;
    let done = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn(write_until(format!("{}/hooks/h0/whatsapp", daemon.url), done.clone()));

    let imported = installation.command(&["stays", "import", "stays.csv", "--json"]).await;

    done.store(true, Ordering::Relaxed);
    let (statuses, longest) = writing.await.expect("it writes");
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let report: serde_json::Value = serde_json::from_slice(&imported.stdout).expect("JSON");
    assert_eq!(report["created"], ROWS);
    assert!(report["messages"]["planned"].as_u64() > Some(0), "{report}");
    assert!(statuses.len() > 20, "only {} were written", statuses.len());
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert!(longest < TOLD_TO_COME_AGAIN, "one waited for {longest:?}");
    let mut raw = installation.db.raw().await;
    let heard = raw.number("SELECT COUNT(*) FROM inbox WHERE event_key LIKE '%M%'").await;
    assert!(heard >= i64::try_from(statuses.len()).expect("few"), "{heard} of {}", statuses.len());
}
