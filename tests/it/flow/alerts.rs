//! From an unhappy guest's words to an alert, to whoever looks after it, and to its end: over real HTTP, with the model well
//! or away.

use super::world::{GUEST, Setup, World, hotel_id, now};
use crate::support::db::Engine;
use hotelbot::domain::alert::{Act, Step, Through};
use hotelbot::domain::hotel::Hotel;
use hotelbot::sandbox::deepseek::faults::Fault as ModelFault;
use hotelbot::sandbox::green::guest::Action;
use hotelbot::sandbox::switches::Switch;
use std::time::Duration;

on_both_engines!(
    an_unhappy_guest_is_an_alert_with_the_label_and_a_content_one_is_not,
    what_nobody_could_read_is_an_alert_too,
    a_guest_who_writes_and_writes_is_one_alert,
    a_person_who_answers_takes_it_and_a_person_ends_it,
    what_a_restart_cuts_short_raises_nothing_twice,
    with_the_model_hanging_and_the_guest_still_writing_an_alarm_is_raised_and_counted_once,
    who_ends_an_alert_before_its_turn_was_decided_hears_of_it_once,
);

const ALERTS: &str = "SELECT a.number || ' ' || a.topic || ' ' || a.state || ' ' || a.label || ' ' || a.phase
                      FROM alerts a ORDER BY a.number";

/// Turns with a message of an unhappy guest that no alert rests on.
const UNNOTICED: &str = "SELECT COUNT(*) FROM turns t
    WHERE EXISTS (SELECT 1 FROM messages m WHERE m.turn_id = t.turn_id AND m.author = 'guest'
                  AND m.sentiment IN ('negative', 'requires_attention'))
      AND NOT EXISTS (SELECT 1 FROM alert_evidence e WHERE e.turn_id = t.turn_id)";

fn on(engine: Engine) -> Setup {
    Setup { engine, ..Setup::default() }
}

async fn an_unhappy_guest_is_an_alert_with_the_label_and_a_content_one_is_not(engine: Engine) {
    let world = World::with(on(engine)).await;
    for calm in ["When is breakfast?", "Thank you, lovely!"] {
        let id = world.guest(calm);
        world.decided(&id).await;
    }
    let stop = world.act(0, &Action::text("79160000002", "STOP"));
    world.decided(&stop).await;
    assert_eq!(world.texts(ALERTS).await, Vec::<String>::new());

    let id = world.guest("The room is dirty, this is terrible");
    world.decided(&id).await;

    let alerts = world.texts(ALERTS).await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert!(
        alerts[0].starts_with("1 ") && alerts[0].contains(" open ") && alerts[0].ends_with(" unknown"),
        "{alerts:?}"
    );
    let words = world.texts("SELECT words FROM alerts UNION ALL SELECT words FROM alert_evidence").await;
    assert_eq!(words, ["The room is dirty, this is terrible", "The room is dirty, this is terrible"]);
    let label = world.texts("SELECT label FROM alerts").await;
    assert_eq!(world.labels().await.last(), label.first(), "the label and the alert are one");
}

async fn what_nobody_could_read_is_an_alert_too(engine: Engine) {
    let world = World::with(on(engine)).await;
    world.sandbox.switch_model(Switch::on(ModelFault::Status { status: 503, retry_after: None }));
    let voice = serde_json::json!({"phone": "79160000002", "kind": "voice"});
    let voice = world.act(0, &serde_json::from_value(voice).expect("an action"));
    world.decided(&voice).await;
    let unread = world.act(0, &Action::text("79160000003", "When is breakfast?"));
    assert_eq!(world.decided(&unread).await, "ai_unavailable");
    let person = world.act(0, &Action::text("79160000004", "I want to talk to a human"));
    assert_eq!(world.decided(&person).await, "asks_person");

    let found =
        world.texts("SELECT state || ' ' || label || ' ' || COALESCE(reason, '-') FROM alerts ORDER BY number").await;

    let expected =
        ["open requires_attention unread", "open requires_attention unread", "open requires_attention request_human"];
    assert_eq!(found, expected);
}

async fn a_guest_who_writes_and_writes_is_one_alert(engine: Engine) {
    let world = World::with(on(engine)).await;
    world.sandbox.switch_model(Switch::on(ModelFault::Status { status: 503, retry_after: None }));
    let ids: Vec<String> = (0..40).map(|_| world.guest("The room is dirty, this is terrible!!!")).collect();
    for id in &ids {
        world.decided(id).await;
    }
    world.quiet().await;

    assert_eq!(world.number("SELECT COUNT(*) FROM alerts").await, 1);
    let turns =
        "SELECT COUNT(*) FROM turns t WHERE NOT EXISTS (SELECT 1 FROM alert_evidence e WHERE e.turn_id = t.turn_id)";
    assert_eq!(world.number(turns).await, 0, "every turn is evidence");
    let counted = "SELECT COUNT(*) FROM alerts a WHERE a.evidence = (SELECT COUNT(*) FROM alert_evidence e WHERE e.alert_id = a.alert_id)";
    assert_eq!(world.number(counted).await, 1);
}

async fn a_person_who_answers_takes_it_and_a_person_ends_it(engine: Engine) {
    let world = World::with(on(engine)).await;
    let id = world.guest("The room is dirty, this is terrible");
    world.decided(&id).await;

    let typed = world.staff("I am coming with the housekeeper.");
    world.decided(&typed).await;

    let taken = "SELECT state || ' ' || acknowledged_how FROM alerts";
    assert_eq!(world.texts(taken).await, ["acknowledged message"]);
    let store = world.db.open().await;
    let view = store.find_alerts("1", &[hotel_id(0)]).await.expect("found").remove(0);
    assert_eq!(view.address.as_str(), format!("{GUEST}@c.us"));
    let act = Act { at: now(), by: "anna".to_owned(), through: Through::Command };
    store.step_alert(hotel_id(0), view.alert.id, Step::Resolve, act).await.expect("ended");
    let again = world.guest("It is dirty again, terrible!");
    world.decided(&again).await;
    let states = world.texts("SELECT number || ' ' || state FROM alerts ORDER BY number").await;
    assert_eq!(states[0], "1 resolved");
    let page = reqwest_text(&format!("{}/metrics", world.admin)).await;
    for line in [
        "hotelbot_alerts_open{severity=\"critical\"} ",
        "hotelbot_alerts_raised_total ",
        "hotelbot_alerts_oldest_seconds ",
    ] {
        assert!(page.contains(line), "no `{line}` in {page}");
    }
}

async fn reqwest_text(url: &str) -> String {
    super::door::client().get(url).send().await.expect("an answer").text().await.expect("text")
}

async fn what_a_restart_cuts_short_raises_nothing_twice(engine: Engine) {
    let mut world = World::with(on(engine)).await;
    let ids: Vec<String> = (0..6)
        .map(|guest| world.act(0, &Action::text(&format!("7916000010{guest}"), "The room is dirty, this is terrible")))
        .collect();
    world.kill().await;
    world.wake().await;
    for id in &ids {
        world.decided(id).await;
    }
    world.quiet().await;

    assert_eq!(world.number("SELECT COUNT(*) FROM alerts").await, 6);
    assert_eq!(world.number(UNNOTICED).await, 0);
    assert_eq!(world.number("SELECT raised FROM alert_counts").await, 6);
}

const SMOKE: &str = "There is smoke in the corridor";

async fn with_the_model_hanging_and_the_guest_still_writing_an_alarm_is_raised_and_counted_once(engine: Engine) {
    let hotel = Box::new(|_, hotel: &mut Hotel| hotel.conversation.coalesce = Duration::from_secs(1));
    let world = World::with(Setup { hotel, ..on(engine) }).await;
    world.sandbox.switch_model(Switch::on(ModelFault::Slow { seconds: 2.0 }));

    world.guest("When is breakfast?");
    let ids = [world.guest(SMOKE), world.guest("There is smoke everywhere, help!")];
    let early = "SELECT a.topic FROM alerts a WHERE NOT EXISTS (SELECT 1 FROM turns)";
    world.wait_texts(early, |topics| topics == ["safety"]).await;
    for id in &ids {
        world.decided(id).await;
    }
    world.quiet().await;

    let turns = world.number("SELECT COUNT(*) FROM turns").await;
    assert_eq!(world.number("SELECT evidence FROM alerts").await, turns);
    assert_eq!(world.number("SELECT COUNT(*) FROM alert_evidence").await, turns);
    assert_eq!(world.texts("SELECT topic || ' ' || severity FROM alerts").await, ["safety critical"]);
    assert_eq!(world.number("SELECT COUNT(*) FROM early_alarms").await, 0, "their turn stands for them");
}

async fn who_ends_an_alert_before_its_turn_was_decided_hears_of_it_once(engine: Engine) {
    let world = World::with(on(engine)).await;
    world.sandbox.switch_model(Switch::on(ModelFault::Slow { seconds: 2.0 }));
    let id = world.guest(SMOKE);
    let store = world.db.open().await;
    world.wait_texts("SELECT state FROM alerts", |states| states == ["open"]).await;
    let view = store.find_alerts("1", &[hotel_id(0)]).await.expect("read").remove(0);
    let act = Act { at: now(), by: "anna".to_owned(), through: Through::Command };
    store.step_alert(hotel_id(0), view.alert.id, Step::Resolve, act).await.expect("ended");
    assert_eq!(world.number("SELECT COUNT(*) FROM turns").await, 0, "the model still thinks");

    world.decided(&id).await;

    assert_eq!(world.texts("SELECT number || ' ' || state FROM alerts").await, ["1 resolved"]);
    assert_eq!(world.number(UNNOTICED).await, 0);
}
