//! What the files say at each hotel, and what is wrong with them.

use super::super::testing::{hotel, load};
use super::*;
use crate::domain::ids::{QuestionId, TriggerId};
use crate::domain::trigger::{Anchor, Field, Offset, Once, Order, Says, Test, Trigger, Value};
use proptest::prelude::*;

/// The example of the language, whole.
const EXAMPLE: &str = r#"
version: 1
policy:
  quiet_hours: "21:00-09:00"
  per_guest: { at_most: 2, every: 24h, min_gap: 4h }
  after_staff_reply: { wait: 2h }
  unanswered_question: { wait: 24h }
triggers:
  room-ok:
    about: Is the room all right, three hours after check-in
    priority: 50
    mode: live
    when:
      after: check_in
      by: 3h
      only_between: "10:00-20:30"
      if_missed: within 6h
    where:
      all:
        - status: checked_in
        - nights: ">= 2"
        - room_type: [deluxe, suite]
      none:
        - open_alert: true
    once: per stay
    ask:
      text:
        en: "{{ guest.first_name | default('Hello') }}, is everything all right with your room?"
        ru: "{{ guest.first_name | default('Здравствуйте') }}, всё ли хорошо с номером?"
      answers:
        - id: fine
          label: { en: All is well, ru: Всё отлично }
          means: [ok, good, "👍", да]
          sentiment: positive
          reply: { en: "Glad to hear it!", ru: "Рады это слышать!" }
        - id: problem
          label: { en: Something is wrong, ru: Есть проблема }
          reply: { en: "Thank you for telling us.", ru: "Спасибо, что сказали." }
          alert: { topic: room, severity: high, department: front_desk }
          then: what-is-wrong
      other: classify
      expires: 36h
      remind: { after: 5h, times: 1 }
  checkout-info:
    when: { before: check_out, by: 1d, at: "18:00" }
    where: { all: [ { status: checked_in } ] }
    send:
      text: { en: "Check-out is until {{ hotel.check_out_time }}.", ru: "Выезд до {{ hotel.check_out_time }}." }
questions:
  what-is-wrong:
    text: { en: "What is wrong?", ru: "Что случилось?" }
    answers:
      - { id: noise, label: { en: Noise, ru: Шум } }
      - { id: other, label: { en: Something else, ru: Другое } }
"#;

fn set(base: &str, own: Option<&str>) -> TriggerSet {
    let hotel = hotel("");
    let loaded = load(base, own, &hotel).unwrap_or_else(|errors| panic!("{errors}"));
    loaded.sets.into_values().next().expect("a hotel")
}

fn trigger<'s>(set: &'s TriggerSet, id: &str) -> &'s Trigger {
    &set.triggers[&TriggerId::from(id)]
}

#[test]
fn the_example_of_the_language_is_read_whole() {
    let set = set(EXAMPLE, None);

    let room = trigger(&set, "room-ok");
    assert_eq!(room.when.anchor, Anchor::CheckIn);
    assert_eq!(room.when.by, Some(Offset::Elapsed(std::time::Duration::from_secs(3 * 3600))));
    assert_eq!(room.once, Once::PerStay);
    let crate::domain::trigger::Condition::All(parts) = &room.filter else { panic!("{:?}", room.filter) };
    assert_eq!(parts.len(), 2);
    let Says::Ask(question) = &room.says else { panic!("asks") };
    assert_eq!(question.answers[1].then, Some(QuestionId::from("what-is-wrong")));
    assert_eq!(question.remind, Some(std::time::Duration::from_secs(5 * 3600)));
    assert_eq!(trigger(&set, "checkout-info").when.by, Some(Offset::Days(1)));
    assert!(set.question(&QuestionId::from("what-is-wrong")).is_some());
    assert!(set.question(&QuestionId::from("room-ok")).is_some());
}

#[test]
fn a_hotel_changes_single_fields_switches_off_and_adds() {
    let own = r#"
version: 1
policy: { per_guest: { at_most: 1 } }
triggers:
  checkout-info: { enabled: false }
  room-ok: { when: { by: 2h }, ask: { text: { de: "Ist alles in Ordnung?" }, answers: [ { id: fine, score: 5 } ] } }
  breakfast-basket:
    when: { before: check_out, by: 1d, at: "17:00" }
    where: { custom.board: half, lead_time: "< 7d" }
    send: { text: { en: "A basket for the road?", ru: "Собрать корзинку в дорогу?" } }
"#;

    let set = set(EXAMPLE, Some(own));

    assert!(!trigger(&set, "checkout-info").enabled);
    let room = trigger(&set, "room-ok");
    assert_eq!(room.when.by, Some(Offset::Elapsed(std::time::Duration::from_secs(2 * 3600))));
    assert_eq!(room.says.content().variants[0].text.len(), 3);
    let Says::Ask(question) = &room.says else { panic!("asks") };
    assert_eq!((question.answers.len(), question.answers[0].score), (2, Some(5)));
    let own = trigger(&set, "breakfast-basket");
    let crate::domain::trigger::Condition::All(parts) = &own.filter else { panic!("{:?}", own.filter) };
    let is = |field: Field, test: Test| crate::domain::trigger::Condition::Is { field, test };
    assert_eq!(parts[0], is(Field::Custom("board".into()), Test::Equals(Value::Word("half".into()))));
    assert_eq!(parts[1], is(Field::LeadTime, Test::Compare(Order::Less, 7.0 * 86_400.0)));
    assert_eq!((set.policy.at_most, own.policy.at_most), (1, 1));
}

#[test]
fn quiet_hours_of_the_hotel_file_win_if_it_says_them() {
    let base = "version: 1\npolicy: { quiet_hours: \"20:00-08:00\" }\n";
    let start = |hotel: &LoadedHotel| {
        let loaded = load(base, None, hotel).unwrap_or_else(|errors| panic!("{errors}"));
        loaded.sets.into_values().next().and_then(|set| set.policy.quiet_hours).map(|window| window.start.hour())
    };

    assert_eq!(start(&hotel("")), Some(20));
    assert_eq!(start(&hotel("quiet_hours: \"23:00-07:00\"")), Some(23));
    assert_eq!(start(&hotel("quiet_hours: no")), None);
}

#[test]
fn a_mistake_is_shown_in_the_file_it_stands_in() {
    let own = "version: 1\ntriggers:\n  room-ok: { when: { by: 2 } }\n  chekout-info: { enabled: no }\n";
    let hotel = hotel("");

    let errors = load(EXAMPLE, Some(own), &hotel).expect_err("must be refused");

    let lines: Vec<String> = errors.findings.iter().map(|f| format!("{} {}", f.place.label(), f.message)).collect();
    assert_eq!(
        lines,
        [
            "hotels/sea-view/triggers.yaml:3:26 `2` is not a duration",
            "hotels/sea-view/triggers.yaml:4:3 there is no trigger `chekout-info` to change",
        ]
    );
}

proptest! {
    #[test]
    fn no_change_of_the_shipped_pack_makes_the_reader_panic(
        at in 0..12_000_usize,
        length in 0..60_usize,
        new in "[a-z0-9:{}\\[\\],&*!'\"#%|>~. \\t\\n-]{0,8}",
    ) {
        let text: Vec<char> = include_str!("../../../../triggers.yaml").chars().collect();
        let (start, end) = (at.min(text.len()), (at + length).min(text.len()));
        let changed: String = text[..start].iter().copied().chain(new.chars()).chain(text[end..].iter().copied()).collect();

        if let Err(errors) = load(&changed, None, &hotel("")) {
            prop_assert!(!errors.findings.is_empty() && !errors.to_string().is_empty());
        }
    }
}
