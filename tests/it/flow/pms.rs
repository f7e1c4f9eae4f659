//! What a PMS delivers over real HTTP: who is let in, what is durable when it is answered, what is kept for a person.

use super::world::{PATIENCE, PMS_SECRET, Setup, World};
use crate::support::db::Engine;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

on_both_engines!(
    a_signed_delivery_is_durable_when_it_is_answered_and_twice_changes_nothing,
    what_cannot_be_read_is_kept_once_and_the_rest_is_taken,
);

fn booking(id: &str, phone: &str) -> Value {
    json!({"reservation_id": id, "guest_name": "Anna", "phone": phone, "arrival": "2026-07-01", "departure": "2026-07-03"})
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client")
}

fn signature(secret: &str, seconds: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(format!("{seconds}.{body}").as_bytes());
    let mut hex = String::new();
    for byte in mac.finalize().into_bytes() {
        write!(hex, "{byte:02x}").expect("written");
    }
    format!("t={seconds},v1={hex}")
}

async fn send(url: &str, header: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
    client().post(url).header("Hotelbot-Signature", header).body(body).send().await.expect("an answer")
}

fn now() -> i64 {
    super::world::now().as_second()
}

async fn deliver(world: &World, body: &str) -> Value {
    let response = send(&world.pms_hook(0), &signature(PMS_SECRET, now(), body), body.to_owned()).await;
    assert_eq!(response.status(), 200);
    response.json().await.expect("JSON")
}

async fn a_signed_delivery_is_durable_when_it_is_answered_and_twice_changes_nothing(engine: Engine) {
    let world = World::with(Setup { engine, ..Setup::default() }).await;
    let list = json!([booking("R1", "8 900 123-45-67"), booking("R2", "+66 81 234 5678")]).to_string();

    assert_eq!(deliver(&world, &list).await, json!({"taken": 2, "changed": 2, "unreadable": []}));
    assert_eq!(world.number("SELECT COUNT(*) FROM reservations WHERE silent_before IS NOT NULL").await, 2);
    assert_eq!(deliver(&world, &list).await, json!({"taken": 2, "changed": 0, "unreadable": []}));

    let mut changed = booking("R1", "8 900 123-45-67");
    changed["status"] = json!("checked_in");
    assert_eq!(deliver(&world, &changed.to_string()).await["changed"], 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM reservations WHERE status = 'checked_in'").await, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM aliases").await, 2);
    assert_eq!(deliver(&world, "[]").await["taken"], 0, "a sign of life");
}

async fn what_cannot_be_read_is_kept_once_and_the_rest_is_taken(engine: Engine) {
    let world = World::with(Setup { engine, ..Setup::default() }).await;
    let mut wrong = booking("R2", "");
    wrong["arrival"] = json!("01/02/2026");
    let list = json!([booking("R1", ""), wrong]).to_string();

    for _ in 0..3 {
        let answer = deliver(&world, &list).await;
        assert_eq!((&answer["taken"], &answer["unreadable"][0]["index"]), (&json!(1), &json!(1)));
        assert!(answer["unreadable"][0]["mistakes"][0].as_str().is_some_and(|mistake| mistake.contains("`arrival`")));
    }
    for body in ["", "null", "{\"a\"", "\u{0}"] {
        assert_eq!(deliver(&world, body).await["taken"], 0, "{body}");
    }

    assert_eq!(world.number("SELECT COUNT(*) FROM reservations").await, 1);
    let kept = "SELECT note FROM inbox WHERE state = 'quarantined' AND event_key LIKE 'pms:%' ORDER BY seq";
    let notes = world.wait_texts(kept, |notes| notes.len() == 5).await;
    assert!(notes.iter().all(|note| note.starts_with("from the PMS: ")), "{notes:?}");
    let binary = signature(PMS_SECRET, now(), "");
    assert_eq!(send(&world.pms_hook(0), &binary, vec![0xff_u8]).await.status(), 401, "another body than was signed");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_hotels_own_secret_nobody_is_let_in_and_no_answer_differs() {
    let world = World::with(Setup { hotels: 1, ..Setup::default() }).await;
    let body = booking("R1", "").to_string();
    let (hook, unknown) = (world.pms_hook(0), format!("{}/hooks/no-such-hotel/pms", world.url));
    let right = signature(PMS_SECRET, now(), &body);
    let mut answers = Vec::new();
    for (url, header) in [
        (&hook, signature("wrong", now(), &body)),
        (&hook, signature(PMS_SECRET, now() - 301, &body)),
        (&hook, signature(PMS_SECRET, now(), "another body")),
        (&hook, "t=1,v1=00".to_owned()),
        (&hook, String::new()),
        (&unknown, right.clone()),
        (&unknown, signature("no such hotel", now(), &body)),
    ] {
        let response = send(url, &header, body.clone()).await;
        answers.push((response.status().as_u16(), response.text().await.expect("a body")));
    }
    let bare = client().post(&hook).body(body.clone()).send().await.expect("an answer");
    answers.push((bare.status().as_u16(), bare.text().await.expect("a body")));
    let bearer = |secret: &str| client().post(&hook).bearer_auth(secret).body(body.clone()).send();
    answers.push((bearer("wrong").await.expect("an answer").status().as_u16(), String::new()));

    assert!(answers.iter().all(|answer| *answer == (401, String::new())), "{answers:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM reservations").await, 0);
    assert_eq!(send(&hook, &right, body.clone()).await.status(), 200);
    assert_eq!(bearer(PMS_SECRET).await.expect("an answer").status(), 200, "who cannot sign shows the secret");
    let large = "x".repeat(1024 * 1024 + 1);
    assert_eq!(send(&hook, &signature(PMS_SECRET, now(), &large), large).await.status(), 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_locked_a_delivery_is_refused_in_time_and_comes_again() {
    let world = World::new().await;
    let body = booking("R1", "").to_string();
    let mut other = world.db.raw().await;
    other.execute("BEGIN IMMEDIATE").await.expect("taken");

    let begun = Instant::now();
    let refused = send(&world.pms_hook(0), &signature(PMS_SECRET, now(), &body), body.clone()).await;

    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    assert!(begun.elapsed() < Duration::from_secs(8), "the sender is told in time");
    other.execute("ROLLBACK").await.expect("given back");
    assert_eq!(deliver(&world, &body).await["taken"], 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM reservations").await, 1);
}
