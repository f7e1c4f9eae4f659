//! A big file is imported, and triggers are applied to it, while a daemon runs on the same database: guests go on being
//! heard. What is killed in the middle is brought to its end by the next who looks.

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

fn file(rows: usize) -> String {
    let mut text = "reservation_id,guest_name,phone,arrival,departure,status\n".to_owned();
    for n in 0..rows {
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

/// A hotel with the pack's triggers and a big file beside.
async fn installation(engine: Engine, rows: usize) -> Option<Installation> {
    let installation = Installation::new(engine, 1, "webhook").await?;
    let staff = "staff: { contacts: [ { id: desk, name: Desk, whatsapp: \"+79210000000\" } ] }\n";
    installation.add_to_file("hotels/h0.yaml", staff);
    installation.add_to_file("triggers.yaml", include_str!("../../triggers.yaml"));
    installation.add_to_file("stays.csv", &file(rows));
    done(&installation, &["hotels", "apply", "--yes", "--offline"]).await;
    Some(installation)
}

/// Runs a command that succeeds; its JSON.
async fn done(installation: &Installation, args: &[&str]) -> serde_json::Value {
    let output = installation.command(&[args, &["--json"]].concat()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Runs a command while guests write; none of them is refused, or waits for long.
async fn done_while_guests_write(installation: &Installation, args: &[&str]) -> serde_json::Value {
    let daemon = installation.serve(Program::Built).await;
    let ends = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn(write_until(format!("{}/hooks/h0/whatsapp", daemon.url), ends.clone()));

    let report = done(installation, args).await;

    ends.store(true, Ordering::Relaxed);
    let (statuses, longest) = writing.await.expect("it writes");
    assert!(statuses.len() > 20, "only {} were written", statuses.len());
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert!(longest < TOLD_TO_COME_AGAIN, "one waited for {longest:?}");
    let mut raw = installation.db.raw().await;
    let heard = raw.number("SELECT COUNT(*) FROM inbox WHERE event_key LIKE '%M%'").await;
    assert!(heard >= i64::try_from(statuses.len()).expect("few"), "{heard} of {}", statuses.len());
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_big_file_is_imported_no_webhook_is_refused() {
    let installation = installation(Engine::Sqlite, ROWS).await.expect("SQLite is always there");
    done(&installation, &["triggers", "apply", "--yes"]).await;

    let report = done_while_guests_write(&installation, &["stays", "import", "stays.csv"]).await;

    assert_eq!(report["created"], ROWS);
    assert!(report["messages"]["planned"].as_u64() > Some(0), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_triggers_and_hotels_are_applied_to_many_stays_no_webhook_is_refused() {
    let installation = installation(Engine::Sqlite, ROWS).await.expect("SQLite is always there");
    done(&installation, &["stays", "import", "stays.csv"]).await;

    done_while_guests_write(&installation, &["triggers", "apply", "--yes"]).await;
    let planned = "SELECT COUNT(*) FROM touchpoints WHERE state = 'planned'";
    let before = installation.db.raw().await.number(planned).await;
    assert!(before > i64::try_from(ROWS).expect("few"), "{before}");
    installation.add_to_file("hotels/h0.yaml", "quiet_hours: \"21:00-19:30\"\n");
    let dues = "SELECT CAST(SUM(due_at / 1000000) AS BIGINT) FROM touchpoints WHERE state = 'planned'";
    let due = installation.db.raw().await.number(dues).await;
    done_while_guests_write(&installation, &["hotels", "apply", "--yes", "--offline"]).await;

    assert_eq!(installation.db.raw().await.number(planned).await, before);
    assert_ne!(installation.db.raw().await.number(dues).await, due);
    assert_eq!(installation.db.raw().await.number("SELECT COUNT(*) FROM replans").await, 0);
}

/// Kills a command as soon as a query is true.
async fn kill_when(installation: &Installation, args: &[&str], query: &str) {
    let mut command = installation.start(args);
    let mut raw = installation.db.raw().await;
    let deadline = Instant::now() + SOON;
    while raw.number(query).await == 0 {
        assert!(Instant::now() < deadline, "it never came to that");
        assert!(command.try_wait().expect("known").is_none(), "it ended before it was killed");
        tokio::task::yield_now().await;
    }
    command.kill().await.expect("it is killed");
}

async fn an_apply_that_is_killed_is_carried_to_its_end(engine: Engine) {
    const ROWS: usize = 4_000;
    let Some(installation) = installation(engine, ROWS).await else { return };
    done(&installation, &["stays", "import", "stays.csv"]).await;
    let in_the_middle = "SELECT COUNT(*) FROM replans WHERE done_to > 'R015'";

    kill_when(&installation, &["triggers", "apply", "--yes"], in_the_middle).await;

    let mut raw = installation.db.raw().await;
    let planned = "SELECT COUNT(*) FROM touchpoints WHERE trigger_id = 'day-before-arrival' AND state = 'planned'";
    let so_far = raw.number(planned).await;
    assert!(so_far > 0 && so_far < i64::try_from(ROWS).expect("few"), "{so_far}");
    let status = installation.command(&["db", "status"]).await;
    let said = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(said.contains("still to be planned anew"), "{said}");
    done(&installation, &["stays", "list"]).await;

    assert_eq!(raw.number("SELECT COUNT(*) FROM replans").await, 0);
    assert_eq!(raw.number(planned).await, i64::try_from(ROWS).expect("few"));
    let again = done(&installation, &["triggers", "plan"]).await;
    assert_eq!(again["hotels"], json!([]), "nothing is left to apply");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_that_is_killed_is_carried_to_its_end_on_sqlite() {
    an_apply_that_is_killed_is_carried_to_its_end(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_that_is_killed_is_carried_to_its_end_on_postgres() {
    an_apply_that_is_killed_is_carried_to_its_end(Engine::Postgres).await;
}
