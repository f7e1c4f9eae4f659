//! `hotelbot triggers`: what would change, for whom, and why.

use super::Folder;
use crate::touchpoints::build::{booking, tell};
use hotelbot::domain::stay::{Phone, ReservationStatus};
use insta::assert_snapshot;

const TRIGGERS: &str = r#"version: 1
policy:
  per_guest: { at_most: 2, every: 24h, min_gap: 4h }
triggers:
  welcome:
    about: Said an hour after the planned arrival
    when: { after: arrival, by: 1h, only_between: "10:00-20:30" }
    where: { all: [ { room_type: [suite, deluxe] } ] }
    send: { text: { en: "Welcome, {{ guest.first_name | default('dear guest') }}!", ru: "Добро пожаловать!" } }
  goodbye:
    when: { before: check_out, by: 1d, at: "22:30" }
    send: { text: { en: "See you soon", ru: "До встречи" } }
  room-ok:
    mode: draft
    when: { after: arrival, by: 2h }
    ask:
      text: { en: "Is all well?", ru: "Всё хорошо?" }
      answers:
        - { id: fine, label: { en: "Yes", ru: "Да" } }
        - { id: problem, label: { en: "No", ru: "Нет" }, handoff: true }
"#;

impl Folder {
    /// Two hotels with guests, and triggers in the files.
    async fn with_stays() -> Folder {
        let folder = Folder::with_hotels();
        folder.write("triggers.yaml", TRIGGERS);
        let store = folder.store().await;
        let hotels = store.hotels_in_force().await.expect("read");
        let astoria = &hotels[0].hotel;
        let mut bookings: Vec<_> =
            (1..=3).map(|n| booking(&format!("R-{n}"), &format!("+7921000000{n}"), "2099-07-12")).collect();
        bookings[1].phone = Phone::Missing;
        bookings[2].room_type = Some("standard".to_owned());
        tell(&store, &folder.clock, astoria, (bookings, false)).await;
        folder
    }

    fn triggers(&self, text: &str) {
        self.write("triggers.yaml", text);
    }
}

#[tokio::test]
async fn a_plan_says_what_becomes_of_guests_and_is_what_runs() {
    let folder = Folder::with_stays().await;

    assert_snapshot!(folder.run(&["triggers", "plan", "--hotel", "astoria"]), @r#"
    exit 0
    ---- stdout
    Comparing triggers.yaml with nothing, at astoria

      + goodbye   1d before check_out at 22:30
                  says "До встречи" (en, ru)
                  plans 2 messages, the first [MOMENT]
                  of these 2 put off by quiet hours
                  passes over 1 without a phone

      + room-ok   2h after arrival
                  asks "Всё хорошо?" (en, ru)
                  draft: a person approves each message first
                  plans 2 messages, the first [MOMENT]
                  of these 1 beyond the limit of a guest
                  passes over 1 without a phone

      + welcome   1h after arrival, only 10:00-20:30, where room_type is one of suite, deluxe
                  says "Добро пожаловать!" (en, ru)
                  plans 1 message, the first [MOMENT]
                  passes over 1 whose `where` cannot hold, 1 without a phone

    Plan: 3 to add, 0 to change, 0 to retire; 5 messages to plan, 0 to move, 0 to cancel

    The nearest:
      [MOMENT]  welcome  R-1, astoria
      [MOMENT]  room-ok  R-1, astoria
      [MOMENT]  room-ok  R-3, astoria
      [MOMENT]  goodbye  R-1, astoria
      [MOMENT]  goodbye  R-3, astoria

    To make it so: hotelbot triggers apply --hotel astoria
    ---- stderr
      triggers.yaml:11:44    when: { before: check_out, by: 1d, at: "22:30" }
                                                                    ^^^^^^^ 22:30 is within the quiet hours (21:00-09:00), so this always waits; choose a time from 09:00 on
    "#);
    assert_snapshot!(folder.run(&["triggers", "apply", "--hotel", "astoria", "--yes"]), @r#"
    exit 0
    ---- stdout
    Comparing triggers.yaml with nothing, at astoria

      + goodbye   1d before check_out at 22:30
                  says "До встречи" (en, ru)
                  plans 2 messages, the first [MOMENT]
                  of these 2 put off by quiet hours
                  passes over 1 without a phone

      + room-ok   2h after arrival
                  asks "Всё хорошо?" (en, ru)
                  draft: a person approves each message first
                  plans 2 messages, the first [MOMENT]
                  of these 1 beyond the limit of a guest
                  passes over 1 without a phone

      + welcome   1h after arrival, only 10:00-20:30, where room_type is one of suite, deluxe
                  says "Добро пожаловать!" (en, ru)
                  plans 1 message, the first [MOMENT]
                  passes over 1 whose `where` cannot hold, 1 without a phone

    Plan: 3 to add, 0 to change, 0 to retire; 5 messages to plan, 0 to move, 0 to cancel

    The nearest:
      [MOMENT]  welcome  R-1, astoria
      [MOMENT]  room-ok  R-1, astoria
      [MOMENT]  room-ok  R-3, astoria
      [MOMENT]  goodbye  R-1, astoria
      [MOMENT]  goodbye  R-3, astoria
    Applied as revision 1: 3 added; messages: 5 planned
    ---- stderr
      triggers.yaml:11:44    when: { before: check_out, by: 1d, at: "22:30" }
                                                                    ^^^^^^^ 22:30 is within the quiet hours (21:00-09:00), so this always waits; choose a time from 09:00 on
    "#);
    assert_snapshot!(folder.run(&["triggers", "apply", "--hotel", "astoria", "--yes"]), @r#"
    exit 0
    ---- stdout
    triggers.yaml is in force at astoria (revision 1); nothing to change
    ---- stderr
      triggers.yaml:11:44    when: { before: check_out, by: 1d, at: "22:30" }
                                                                    ^^^^^^^ 22:30 is within the quiet hours (21:00-09:00), so this always waits; choose a time from 09:00 on
    "#);
    assert_snapshot!(folder.run(&["triggers", "list"]), @r"
    exit 0
    ---- stdout
    HOTEL    TRIGGER  MODE   PRIORITY  PLANNED  NEXT          SENT 30D  WHEN
    astoria  goodbye  live         50        2  [MOMENT]         0  1d before check_out at 22:30
    astoria  room-ok  draft        50        2  [MOMENT]         0  2h after arrival
    astoria  welcome  live         50        1  [MOMENT]         0  1h after arrival, only 10:00-20:30
    ");
    assert_snapshot!(folder.run(&["triggers", "show", "welcome"]), @r"
    exit 0
    ---- stdout
    welcome, astoria
    about     Said an hour after the planned arrival
    when      1h after arrival, only 10:00-20:30
    where     room_type is one of suite, deluxe
    once      once per stay
    mode      live
    priority  50
    planned   1, the next [MOMENT]
    sent      0 in 30 days
    revision  1
    text      
      en      Welcome, {{ guest.first_name | default('dear guest') }}!
      ru      Добро пожаловать!
    ");

    folder.triggers(&TRIGGERS.replace("by: 1h", "by: 2h").replace("  goodbye:", "  farewell:"));
    assert_snapshot!(folder.run(&["triggers", "plan", "--hotel", "astoria", "--output", "spring.plan", "--exit-code"]), @r#"
    exit 3
    ---- stdout
    Comparing triggers.yaml with revision 1, in force at astoria

      + farewell  1d before check_out at 22:30
                  says "До встречи" (en, ru)
                  plans 2 messages, the first [MOMENT]
                  of these 2 put off by quiet hours
                  passes over 1 without a phone

      - goodbye   in force, but not in triggers.yaml
                  kept; `--prune` would retire it and cancel 2 planned messages

      ~ welcome   when: 1h after arrival, only 10:00-20:30 -> 2h after arrival, only 10:00-20:30
                  moves 1 planned message, the first [MOMENT]
                  passes over 1 whose `where` cannot hold, 1 without a phone

    Plan: 1 to add, 1 to change, 0 to retire; 2 messages to plan, 1 to move, 0 to cancel

    The nearest:
      [MOMENT]  welcome  R-1, astoria
      [MOMENT]  farewell  R-1, astoria
      [MOMENT]  farewell  R-3, astoria

    Saved to spring.plan
    To make it so: hotelbot triggers apply spring.plan
    ---- stderr
      triggers.yaml:7:5      when: { after: arrival, by: 2h, only_between: "10:00-20:30" }
                             ^^^^ a guest may get this in the same minute as `room-ok`; the one with more `priority` goes, and the limit may keep the other back; move one of them
      triggers.yaml:11:44    when: { before: check_out, by: 1d, at: "22:30" }
                                                                    ^^^^^^^ 22:30 is within the quiet hours (21:00-09:00), so this always waits; choose a time from 09:00 on
    "#);
    assert_snapshot!(folder.run(&["triggers", "plan", "--hotel", "astoria", "--prune"]), @r#"
    exit 0
    ---- stdout
    Comparing triggers.yaml with revision 1, in force at astoria

      + farewell  1d before check_out at 22:30
                  says "До встречи" (en, ru)
                  plans 2 messages, the first [MOMENT]
                  of these 2 put off by quiet hours
                  passes over 1 without a phone

      - goodbye   in force, but not in triggers.yaml
                  cancels 2 planned messages

      ~ welcome   when: 1h after arrival, only 10:00-20:30 -> 2h after arrival, only 10:00-20:30
                  moves 1 planned message, the first [MOMENT]
                  passes over 1 whose `where` cannot hold, 1 without a phone

    Plan: 1 to add, 1 to change, 1 to retire; 2 messages to plan, 1 to move, 2 to cancel

    The nearest:
      [MOMENT]  welcome  R-1, astoria
      [MOMENT]  farewell  R-1, astoria
      [MOMENT]  farewell  R-3, astoria

    To make it so: hotelbot triggers apply --hotel astoria --prune
    ---- stderr
      triggers.yaml:7:5      when: { after: arrival, by: 2h, only_between: "10:00-20:30" }
                             ^^^^ a guest may get this in the same minute as `room-ok`; the one with more `priority` goes, and the limit may keep the other back; move one of them
      triggers.yaml:11:44    when: { before: check_out, by: 1d, at: "22:30" }
                                                                    ^^^^^^^ 22:30 is within the quiet hours (21:00-09:00), so this always waits; choose a time from 09:00 on
    "#);
    assert_snapshot!(folder.run(&["triggers", "apply", "spring.plan", "--yes"]), @r#"
    exit 0
    ---- stdout
    Comparing triggers.yaml with revision 1, in force at astoria

      + farewell  1d before check_out at 22:30
                  says "До встречи" (en, ru)
                  plans 2 messages, the first [MOMENT]
                  of these 2 put off by quiet hours
                  passes over 1 without a phone

      - goodbye   in force, but not in triggers.yaml
                  kept; `--prune` would retire it and cancel 2 planned messages

      ~ welcome   when: 1h after arrival, only 10:00-20:30 -> 2h after arrival, only 10:00-20:30
                  moves 1 planned message, the first [MOMENT]
                  passes over 1 whose `where` cannot hold, 1 without a phone

    Plan: 1 to add, 1 to change, 0 to retire; 2 messages to plan, 1 to move, 0 to cancel

    The nearest:
      [MOMENT]  welcome  R-1, astoria
      [MOMENT]  farewell  R-1, astoria
      [MOMENT]  farewell  R-3, astoria
    Applied as revision 2: 1 added, 1 changed; messages: 2 planned, 1 moved
    "#);
    let history = folder.run(&["triggers", "history"]);
    let history =
        regex::Regex::new(r"(\[MOMENT\]|\d\d:\d\d)  olga").expect("a pattern").replace_all(&history, "[MOMENT]  olga");
    assert_snapshot!(history, @r"
    exit 0
    ---- stdout
    REVISION  HOTEL    WHEN   BY    TRIGGERS  CHANGE
           2  astoria  [MOMENT]  olga         4  1 added, 1 changed
           1  astoria  [MOMENT]  olga         3  3 added
    ");
}

#[tokio::test]
async fn a_stale_plan_changes_nothing_and_exits_with_4() {
    let folder = Folder::with_stays().await;
    folder.run(&["triggers", "plan", "--output", "old.plan"]);
    folder.run(&["triggers", "apply", "--yes"]);

    assert_snapshot!(folder.run(&["triggers", "apply", "old.plan", "--yes"]), @r"
    exit 4
    ---- stderr
    error: The plan in `old.plan` is stale
      It was made on revision 0; revision 1 is in force since [MOMENT], applied by olga

    hint: Run `hotelbot triggers plan --output old.plan` and look again
    ");
    assert_snapshot!(folder.run(&["triggers", "rollback", "9", "--yes"]), @r"
    exit 2
    ---- stderr
    error: There is no revision 9

    hint: Run `hotelbot triggers history` to see them
    ");
}

#[tokio::test]
async fn why_a_guest_got_nothing_is_explained() {
    let folder = Folder::with_stays().await;
    folder.run(&["triggers", "apply", "--yes"]);
    let store = folder.store().await;
    let astoria = store.hotels_in_force().await.expect("read")[0].hotel.clone();
    let mut cancelled = booking("R-1", "+79210000001", "2099-07-12");
    cancelled.status = ReservationStatus::Cancelled;
    tell(&store, &folder.clock, &astoria, (vec![cancelled], false)).await;

    assert_snapshot!(folder.run(&["triggers", "explain", "R-1"]), @r"
    exit 0
    ---- stdout
    R-1 at astoria, hotel time

    DUE           TRIGGER  STATE    ID        WHY
    [MOMENT]  welcome  skipped  301a997b  the reservation is cancelled
    [MOMENT]  room-ok  skipped  a45d040a  the reservation is cancelled
    [MOMENT]  goodbye  skipped  39dd3ed6  the reservation is cancelled

    Every condition of one: hotelbot triggers explain 301a997b
    ");
    assert_snapshot!(folder.run(&["triggers", "explain", "R-3", "--trigger", "welcome"]), @r"
    exit 0
    ---- stdout
    welcome for R-3 at astoria
    state     skipped: its `where` does not hold: room_type [suite, deluxe], saw standard
    anchor    1h after arrival, only 10:00-20:30
    moment    [MOMENT]
    due       [MOMENT]
    zone      Europe/Moscow
    window    10:00-20:30, otherwise later
    quiet     21:00-09:00
    once      once per stay
    limit     2 in 1d, 4h apart
    message   -
    key       astoria R-3 welcome -
    revision  1
    id        [ID]

    What a look at [MOMENT] would see: pass over: condition

        GUARD                SAW
    ok  status               confirmed
    no  where                room_type is standard
    ok  missed               due [STAMP]
    ok  phone                known
    ok  opted_out            false
    ok  once                 said 0 times before
    ok  stale                told at [STAMP]
    ok  language             not known
    ok  handoff              nobody leads
    ok  unanswered_question  none open
    ok  hours                now [STAMP]
    ok  limit                no message before
    ok  number               nothing to spare

        IN   WHERE                      SAW
    no  all  room_type [suite, deluxe]  standard
    ");
    assert_snapshot!(folder.run(&["triggers", "explain", "nobody"]), @r"
    exit 2
    ---- stderr
    error: No message of a trigger is or was planned under `nobody`

    hint: Give a reservation's id, or at least the last four letters of a message's own
    ");
    assert_snapshot!(folder.run(&["triggers", "stats"]), @r"
    exit 0
    ---- stdout
    HOTEL    TRIGGER  SENT  ANSWERED  DRAFTS  SHADOW  PLANNED  PASSED OVER
    astoria  goodbye     0  -              0       0        1  1 no_phone, 1 status
    astoria  room-ok     0  -              0       0        1  1 no_phone, 1 status
    astoria  welcome     0  -              0       0        0  1 condition, 1 no_phone, 1 status
    ");
    let json = folder.json(&["triggers", "explain", "R-2", "--trigger", "welcome", "--json"]);
    assert_eq!((json["state"].as_str(), json["reason"].as_str()), (Some("skipped"), Some("no_phone")));
}

#[tokio::test]
async fn a_rollback_is_a_new_revision_with_an_old_definition() {
    let folder = Folder::with_stays().await;
    folder.run(&["triggers", "apply", "--yes"]);
    folder.triggers(&TRIGGERS.replace("See you soon", "Come again"));
    folder.run(&["triggers", "apply", "--yes"]);

    assert_snapshot!(folder.run(&["triggers", "rollback", "1", "--yes"]), @r"
    exit 0
    ---- stdout
    Comparing revision 1 with revision 2, in force at astoria, volga

      ~ goodbye   send.text.en: Come again -> See you soon

    Plan: 0 to add, 2 to change, 0 to retire; 0 messages to plan, 0 to move, 0 to cancel
    Applied as revision 3: 2 changed; no message planned, moved or cancelled
    ");
    let in_force = folder.store().await.triggers_in_force().await.expect("read");
    assert!(in_force.iter().all(|set| set.revision == 3));
}

#[tokio::test]
async fn a_test_goes_to_staff_only() {
    let folder = Folder::with_stays().await;
    folder.run(&["triggers", "apply", "--yes"]);

    assert_snapshot!(
        folder.run(&["triggers", "test", "welcome", "--hotel", "astoria", "--to", "+79219999999"]), @r"
    exit 2
    ---- stderr
    error: This number is no contact of astoria; tests go to staff only

    hint: Add it to `staff.contacts` in hotels/astoria.yaml and run `hotelbot hotels apply`
    ");
    assert_snapshot!(folder.run(&["triggers", "test", "welcom", "--to", "+79210000000"]), @r"
    exit 2
    ---- stderr
    error: No trigger `welcom` is in force

    hint: Did you mean `welcome`?
    ");
}

#[tokio::test]
async fn a_trigger_without_a_moment_says_what_it_waits_for() {
    let folder = Folder::with_stays().await;
    let own = "version: 1\ntriggers:\n  concierge:\n    when: { after: check_in, by: 2h }\n    send: { text: { ru: \"Пишите мне\", en: \"Write to me\" } }\n";
    folder.write("hotels/astoria/triggers.yaml", own);
    folder.run(&["triggers", "apply", "--yes"]);

    assert_snapshot!(folder.run(&["triggers", "explain", "R-1", "--trigger", "concierge"]), @r"
    exit 0
    ---- stdout
    R-1 at astoria, hotel time

    DUE  TRIGGER    STATE  ID  WHY
    -    concierge  -      -   no moment: waits for the check-in to be reported
    ");
    assert_snapshot!(folder.run(&["triggers", "explain", "R-1", "--trigger", "conciergo"]), @r"
    exit 2
    ---- stderr
    error: No trigger `conciergo` is in force at the hotel of this reservation

    hint: Run `hotelbot triggers list` to see them
    ");
}

#[tokio::test]
async fn a_guest_whom_no_condition_fits_is_told_which_one() {
    let folder = Folder::with_stays().await;
    let own = "version: 1\ntriggers:\n  suites:\n    when: { after: arrival, by: 2h }\n    where: { room_type: penthouse }\n    send: { text: { ru: А, en: A } }\n";
    folder.write("hotels/astoria/triggers.yaml", own);
    folder.run(&["triggers", "apply", "--yes"]);

    let told = folder.run(&["triggers", "explain", "R-1"]);

    assert!(told.contains("its `where` does not hold: room_type"), "{told}");
}

#[test]
fn the_check_of_hotels_reads_their_triggers_whole() {
    let folder = Folder::with_files();
    folder.write(
        "triggers.yaml",
        "version: 1\ntriggers:\n  welcome:\n    when: { after: chekin, by: 3h }\n    send: { text: { ru: А, en: A } }\n",
    );

    let told = folder.run(&["hotels", "check"]);

    assert!(told.starts_with("exit 2") && told.contains("did you mean `check_in`?"), "{told}");
}
