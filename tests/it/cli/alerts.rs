//! `hotelbot alerts …`, and where other screens tell of alerts.

use super::chats::first_lines;
use super::{Folder, id};
use crate::support::build;
use hotelbot::domain::conversation::{HandoffReason, Mode};
use hotelbot::domain::received::InstanceState;
use hotelbot::domain::understanding::{Sentiment, Topic};
use hotelbot::gateways::system::SystemClock;
use hotelbot::ports::Clock;
use hotelbot::store::chats::TakeChats;
use insta::assert_snapshot;
use jiff::SignedDuration;

impl Folder {
    /// A guest is unhappy about something, and it is read so.
    async fn complains(&self, hotel: &str, phone: &str, topic: Topic, text: &str) {
        self.hears(hotel, phone, "Pyotr", text).await;
        let store = self.store().await;
        let (by, now) = (self.clock.new_id(), self.clock.now());
        let take = TakeChats { by, now, until: now + SignedDuration::from_mins(1), limit: 10, busy: Vec::new() };
        let claims = store.claim_chats(take).await.expect("claimed");
        let gathered = store.gather(claims, now).await.expect("gathered").remove(0);
        let mut commit = build::commit(&self.clock, by, &gathered);
        commit.record.rule = "ai_handoff".to_owned();
        commit.record.reasons = vec!["as the test says".to_owned()];
        commit.record.sentiment = Some(Sentiment::Negative);
        commit.record.confidence = Some(0.96);
        commit.conversation.waiting_since = Some(now);
        commit.conversation.mode = Mode::Handoff { since: now, until: None, why: HandoffReason::AiHandoff };
        let mut new = build::cause(&self.clock, &build::hotel(hotel), text);
        new.cause.topic = topic;
        commit.alerts.causes.push(new);
        store.commit_turns(vec![commit]).await.expect("committed");
        self.clock.turn(SignedDuration::from_secs(5));
    }

    /// Two unhappy guests of astoria, one of volga.
    async fn with_alerts() -> Self {
        let folder = Self::with_hotels();
        folder.complains("astoria", "79210007777", Topic::Temperature, "В номере холодно, никто не приходит").await;
        folder.complains("astoria", "79210007777", Topic::Temperature, "Ау!").await;
        folder.complains("astoria", "79210004567", Topic::Safety, "There is smoke in the corridor").await;
        folder.complains("volga", "79210004567", Topic::Noise, "Очень шумно").await;
        folder
    }
}

#[tokio::test]
async fn what_needs_a_person_is_listed_the_gravest_first() {
    let folder = Folder::with_hotels();
    assert_snapshot!(folder.run(&["alerts", "list"]), @r"
    exit 0
    ---- stdout
    No alerts
    ");
    let folder = Folder::with_alerts().await;

    assert_snapshot!(folder.run(&["alerts", "list"]), @r"
    exit 0
    ---- stdout
    HOTEL    ALERT  SEVERITY  STATE  TOPIC        GUEST             ROOM  AGE  TURNS  WORDS
    astoria      2  critical  open   safety       +7 921 ***-45-67  -     3d       1  There is smoke in the corridor
    astoria      1  medium    open   temperature  +7 921 ***-77-77  -     3d       2  В номере холодно, никто не приходит
    volga        1  medium    open   noise        +7 921 ***-45-67  -     3d       1  Очень шумно
    ");
    let listed = folder.json(&["alerts", "list", "--json", "--hotel", "volga"]);
    let alert = listed[0]["id"].as_str().expect("an id");
    assert_eq!(folder.json(&["alerts", "show", alert, "--json"])["number"], 1);
    assert_eq!(folder.json(&["alerts", "list", "--json", "--since", "1h"]), serde_json::json!([]));
    let status = folder.run(&["hotels", "list"]);
    assert!(status.contains("OPEN ALERTS"), "{status}");
    assert_eq!(folder.json(&["hotels", "list", "--json"])[0]["open_alerts"], 2);
}

#[tokio::test]
async fn an_alert_is_shown_with_the_guests_words_and_what_to_do_next() {
    let folder = Folder::with_alerts().await;

    assert_snapshot!(folder.run(&["alerts", "show", "1", "--hotel", "astoria"]), @r"
    exit 0
    ---- stdout
    Alert 1, astoria: temperature, medium
    id        [ID]
    guest     +7 921 ***-77-77  P.
    stay      no reservation is known
    chat      [ID]
    read as   negative 0.96
    raised    [MOMENT]
    state     open: nobody took it for 3d; 10m promised

    What the guest wrote
    [CLOCK]  В номере холодно, никто не приходит  [negative 0.96]
    [CLOCK]  Ау!  [negative 0.96]

    The conversation
    [CLOCK]  guest < В номере холодно, никто не приходит           [negative 0.96]
    [CLOCK]  guest < Ау!                                           [negative 0.96]

    Take it: hotelbot alerts ack 1 --hotel astoria
    Answer: hotelbot chats send [ID] 'TEXT'
    End it: hotelbot alerts resolve 1 --hotel astoria
    ");
    assert_snapshot!(folder.run(&["alerts", "show", "1"]), @r"
    exit 2
    ---- stderr
    error: 2 hotels have an alert 1

    hint: Say whose: add `--hotel astoria` or `--hotel volga`
    ");
    assert_snapshot!(folder.run(&["alerts", "show", "99"]), @r"
    exit 2
    ---- stderr
    error: There is no alert `99`

    hint: Run `hotelbot alerts list --all` to see them; a number or an id will do
    ");
}

#[tokio::test]
async fn an_alert_is_taken_and_ended_once_and_it_is_told_by_whom() {
    let folder = Folder::with_alerts().await;
    let one = ["1", "--hotel", "astoria"];
    let run = |verb: &str, more: &[&str]| folder.run(&[&["alerts", verb][..], &one, more].concat());

    assert_snapshot!(run("ack", &["--dry-run"]), @r"
    exit 0
    ---- stdout
    Would acknowledge alert 1 of astoria as olga
    ");
    assert_snapshot!(run("ack", &["--by", "Anna"]), @r"
    exit 0
    ---- stdout
    Alert 1 of astoria is looked after by Anna

    When it is done: hotelbot alerts resolve 1 --hotel astoria
    ");
    assert_snapshot!(run("ack", &[]), @r"
    exit 0
    ---- stdout
    Alert 1 of astoria is acknowledged by Anna since [MOMENT]; nothing was changed
    ");
    assert_snapshot!(run("resolve", &[]), @r"
    exit 0
    ---- stdout
    Alert 1 of astoria is resolved by olga
    ");
    assert_snapshot!(run("resolve", &[]), @r"
    exit 0
    ---- stdout
    Alert 1 of astoria is resolved by olga since [MOMENT]; nothing was changed
    ");
    assert_snapshot!(run("ack", &[]), @r"
    exit 1
    ---- stdout
    Alert 1 of astoria is resolved by olga since [MOMENT]; nothing was changed
    ");
    let all = folder.json(&["alerts", "list", "--all", "--json", "--hotel", "astoria"]);
    let told: Vec<&str> = ["acknowledged_by", "acknowledged_how", "resolved_by", "resolved_how"]
        .iter()
        .filter_map(|field| all[1][field].as_str())
        .collect();
    assert_eq!(told, ["Anna", "command", "olga", "command"]);
    assert_snapshot!(run("ack", &["--by", " "]), @r"
    exit 2
    ---- stderr
    error: invalid value ' ' for '--by <NAME>': write a name of 1 to 80 characters on one line

    For more information, try '--help'.
    ");
}

#[tokio::test]
async fn a_conversation_its_explanation_and_who_follows_it_tell_of_alerts() {
    let folder = Folder::with_hotels();
    folder.complains("astoria", "79210007777", Topic::Temperature, "В номере холодно").await;

    let shown = folder.run(&["chats", "show", "79210007777"]);
    assert!(shown.contains("alert     1, temperature, medium, open since [MOMENT]"), "{shown}");
    assert_eq!(folder.json(&["chats", "show", "79210007777", "--json"])["alerts"][0]["number"], 1);
    let explained = folder.run(&["chats", "explain", "79210007777"]);
    assert!(explained.contains("  alert     1, temperature, medium"), "{explained}");
    assert_snapshot!(first_lines(&folder, &["chats", "tail", "79210007777", "--since", "4d"], 2), @r"
    [CLOCK]  +7 921 ***-77-77  guest < В номере холодно                              [negative 0.96]
    [CLOCK]  +7 921 ***-77-77  alert ! temperature, medium; answer due [MOMENT]         [alert 1]
    ");
    folder.run(&["chats", "send", "79210007777", "Иду к вам"]);
    folder.run(&["alerts", "resolve", "1"]);
    let lines = first_lines(&folder, &["chats", "tail", "79210007777", "--since", "4d"], 5);
    let lines: Vec<&str> = lines.lines().skip(3).collect();
    assert_snapshot!(lines.join("\n"), @r"
    [CLOCK]  +7 921 ***-77-77  alert . answered in 3d, later than 10m                [alert 1]
    [CLOCK]  +7 921 ***-77-77  alert . resolved by olga in 3d, later than 4h         [alert 1]
    ");
    let json = first_lines(&folder, &["chats", "tail", "79210007777", "--since", "4d", "--json"], 5);
    for event in ["alert_raised", "alert_acknowledged", "alert_resolved"] {
        assert!(json.contains(&format!("\"event\":\"{event}\"")), "{event} in {json}");
    }
}

#[tokio::test]
async fn status_and_doctor_tell_of_what_waits_too_long() {
    let folder = Folder::with_alerts().await;
    let store = folder.store().await;
    for hotel in ["astoria", "volga"] {
        store.line_state(id(hotel), InstanceState::Authorized, SystemClock.now()).await.expect("seen");
    }

    let status = folder.json(&["status", "--json"]);

    let astoria = &status["hotels"].as_array().expect("hotels").iter().find(|row| row["hotel"] == "astoria");
    let astoria = astoria.expect("astoria");
    assert_eq!((&astoria["open_alerts"], &astoria["overdue_alerts"]), (&2.into(), &2.into()));
    let need = "2 alerts wait too long; alert 2 (safety, critical): nobody took it for 3d; 10m promised";
    assert_eq!(astoria["needs"][0]["what"], need);
    assert_eq!(astoria["needs"][0]["command"], "hotelbot alerts list --hotel astoria");
    let doctor = folder.run(&["doctor", "--offline"]);
    let line = format!("alerts     FAIL  astoria: {need}; volga: alert 1 (noise, medium): nobody took it");
    assert!(doctor.starts_with("exit 1") && doctor.contains(&line), "{doctor}");
    for (hotel, alert) in [("astoria", "1"), ("astoria", "2"), ("volga", "1")] {
        folder.run(&["alerts", "resolve", alert, "--hotel", hotel]);
    }
    assert!(folder.run(&["status"]).starts_with("exit 0"), "who looked after them answered their guests");
    assert!(folder.run(&["doctor", "--offline"]).contains("alerts     ok    none open"));
}
