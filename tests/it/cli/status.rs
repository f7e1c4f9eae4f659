//! `hotelbot status`

use super::{Folder, id};
use crate::support::clock::ManualClock;
use hotelbot::domain::received::InstanceState;
use hotelbot::flow::stays::Teller;
use hotelbot::gateways::green_api::address_of_phone;
use hotelbot::gateways::pms::webhook::PmsJson;
use hotelbot::gateways::system::SystemClock;
use hotelbot::ports::{Clock, Deliveries};
use insta::assert_snapshot;
use std::sync::Arc;

#[tokio::test]
async fn what_needs_a_person_is_told_with_the_command_for_it() {
    let folder = Folder::with_conversations().await;

    assert_snapshot!(folder.run(&["status"]), @r"
    exit 1
    ---- stdout
    HOTEL    WHATSAPP  WAITING  INBOX  OUTBOX  AI TODAY  LAST MESSAGE
    astoria  -         3d           0       2   $0.0000  3d ago
    volga    -         -            0       0   $0.0000  3d ago

    3 things need a person:
      astoria  1 guest waits for a person, the first for 3d, 3d longer than the 10m promised
               hotelbot chats list --waiting --hotel astoria
      astoria  nobody looks at the instance; is `hotelbot serve` running?
               hotelbot doctor --hotel astoria
      volga    nobody looks at the instance; is `hotelbot serve` running?
               hotelbot doctor --hotel volga
    ");
}

#[tokio::test]
async fn when_nothing_needs_a_person_the_exit_is_0() {
    let folder = Folder::with_hotels();
    let store = folder.store().await;
    for hotel in ["astoria", "volga"] {
        store.line_state(id(hotel), InstanceState::Authorized, SystemClock.now()).await.expect("seen");
    }

    assert_snapshot!(folder.run(&["status"]), @r"
    exit 0
    ---- stdout
    HOTEL    WHATSAPP    WAITING  INBOX  OUTBOX  AI TODAY  LAST MESSAGE
    astoria  authorized  -            0       0   $0.0000  -
    volga    authorized  -            0       0   $0.0000  -

    Nothing needs a person
    ");
    let json = folder.json(&["status", "--json"]);
    assert_eq!(json["needs_person"], false);
}

#[tokio::test]
async fn why_new_contacts_wait_is_told_and_needs_nobody() {
    let folder = Folder::with_hotels();
    let store = folder.store().await;
    for hotel in ["astoria", "volga"] {
        store.line_state(id(hotel), InstanceState::Suspended, SystemClock.now()).await.expect("seen");
        store.line_state(id(hotel), InstanceState::Authorized, SystemClock.now()).await.expect("seen");
    }

    let told = folder.run(&["status"]);

    assert!(told.contains("Nothing needs a person"), "{told}");
    let line = told.lines().find(|line| line.starts_with("astoria: ")).expect("a line about the number");
    assert!(line.starts_with("astoria: new contacts wait until "), "{line}");
    assert!(line.ends_with(": WhatsApp suspended or blocked the number"), "{line}");
}

#[test]
fn without_a_database_there_is_nothing_to_look_at() {
    assert_snapshot!(Folder::new().run(&["status"]), @r"
    exit 2
    ---- stderr
    error: There is no database at `./data/hotelbot.db` yet

    hint: Run `hotelbot hotels apply` to make the hotels of `hotels/` in force
    ");
}

#[tokio::test]
async fn what_is_kept_longer_than_promised_and_what_the_channel_warned_of_are_told() {
    let folder = Folder::with_conversations().await;
    for statement in [
        "UPDATE messages SET at = at - 400 * 86400000000 WHERE hotel_id = 'volga'",
        "UPDATE inbox SET kind = 'warning', state = 'quarantined' WHERE seq = (SELECT MIN(seq) FROM inbox)",
    ] {
        folder.execute(statement).await;
    }

    let json = folder.json(&["status", "--json"]);

    let all = json["hotels"].as_array().expect("hotels");
    let needs: Vec<&str> = all
        .iter()
        .flat_map(|one| one["needs"].as_array().expect("needs"))
        .filter_map(|need| need["what"].as_str())
        .collect();
    assert!(needs.iter().any(|what| what.starts_with("messages are kept for 365d, and one is 40")), "{needs:?}");
    assert!(needs.iter().any(|what| what.starts_with("WhatsApp gave 1 warning:")), "{needs:?}");
    let doctor = folder.run(&["doctor", "--offline"]);
    assert!(doctor.contains("retention  FAIL  volga: messages are kept for 365d"), "{doctor}");
}

#[tokio::test]
async fn a_silent_pms_and_one_that_is_not_let_in_need_a_person() {
    let folder = Folder::with_files();
    let pms = "pms: { kind: webhook, secret: env:ASTORIA_PMS, stale_after: 24h }\n";
    folder.write("hotels/astoria.yaml", &format!("{}{pms}", super::ASTORIA));
    folder.write("hotels/volga.yaml", &format!("{}pms: {{ kind: webhook }}\n", super::VOLGA));
    let applied = folder.output(&["hotels", "apply", "--offline", "--yes"], "", &[]);
    assert!(applied.status.success(), "{}", super::shown(&applied));
    let store = folder.store().await;
    for hotel in ["astoria", "volga"] {
        store.line_state(id(hotel), InstanceState::Authorized, SystemClock.now()).await.expect("seen");
    }
    let hotel = store.hotels_in_force().await.expect("read").remove(0).hotel;
    let body = r#"[{"reservation_id":"R1","phone":"","arrival":"2099-07-01","departure":"2099-07-03"},
                   {"reservation_id":"R2","phone":"","arrival":"2099-07-01","departure":"2099-07-03"}]"#;
    let told = PmsJson.read(&hotel, body.as_bytes()).told;
    assert_eq!(told.len(), 2);
    // The folder's clock is three days behind.
    let clock = ManualClock::default();
    clock.turn(folder.clock.now().duration_since(clock.now()));
    let teller = Teller::new(store.clone(), Arc::new(clock), Arc::new(address_of_phone));
    teller.deliver(Arc::new(hotel), told, true).await.expect("told");

    let tokens = [("ASTORIA_TOKEN", "t"), ("VOLGA_TOKEN", "t")];
    assert_snapshot!(folder.run_with(&["status"], "", &tokens), @r"
    exit 1
    ---- stdout
    HOTEL    WHATSAPP    WAITING  INBOX  OUTBOX  AI TODAY  LAST MESSAGE
    astoria  authorized  -            0       0   $0.0000  -
    volga    authorized  -            0       0   $0.0000  -

    3 things need a person:
      astoria  2 stays get no message: the PMS was last heard of 3d ago, and `stale_after` is 1d
               hotelbot doctor --hotel astoria
      astoria  the PMS is not let in: its secret, env:ASTORIA_PMS, is not there
               hotelbot doctor --hotel astoria
      volga    the PMS is not let in: `pms` has no `secret`
               hotelbot doctor --hotel volga
    ");
    let elsewhere = folder.run(&["status"]);
    assert!(!elsewhere.contains("not let in"), "without the tokens it is not the daemon's environment: {elsewhere}");
    let let_in = [&tokens[..], &[("ASTORIA_PMS", "s")]].concat();
    assert_snapshot!(folder.run_with(&["doctor", "--offline"], "", &let_in), @r"
    exit 1
    ---- stdout
    settings   ok    folder .
    files      ok    2 hotels, 2 lines deserve a second look
    database   ok    sqlite [VERSION], schema 13, no migration waiting
    deepseek   -     not checked: `--offline`
    retention  ok    no message is older than its hotel keeps them
    alerts     ok    none open
    astoria    FAIL  2 stays get no message: the PMS was last heard of 3d ago, and `stale_after` is 1d
                     not checked: instance, webhook
    volga      FAIL  the PMS is not let in: `pms` has no `secret`
                     not checked: instance, webhook

    2 of 8 checks failed

    hint: Mend it, then run `hotelbot doctor --hotel astoria`
    ");
}
