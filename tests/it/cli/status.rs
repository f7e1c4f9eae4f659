//! `hotelbot status`

use super::{Folder, id};
use hotelbot::domain::received::InstanceState;
use hotelbot::gateways::system::SystemClock;
use hotelbot::ports::Clock;
use insta::assert_snapshot;

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
