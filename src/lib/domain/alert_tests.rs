//! The machine of an alert as tables.

use super::*;
use crate::domain::rules::testing::World;
use crate::domain::schedule::testing::{at, checked_in, hotel, reservation};
use uuid::Uuid;

const AT: Timestamp = Timestamp::UNIX_EPOCH;

fn cause(topic: Topic, label: Sentiment, words: &str) -> Cause {
    Cause {
        topic,
        severity: None,
        label,
        confidence: Some(0.9),
        reason: None,
        department: None,
        words: words.to_owned(),
        language: None,
        suggested_reply: None,
    }
}

fn raised(cause: &Cause, phase: StayPhase) -> Alert {
    let hotel = HotelId::parse("astoria").expect("an id");
    let at = Raising { hotel, id: AlertId(Uuid::nil()), number: 17, chat: ChatId(Uuid::nil()), at: AT };
    Alert::raised(at, cause, Whereabouts { phase, reservation: None })
}

fn act(by: &str) -> Act {
    Act { at: AT + jiff::SignedDuration::from_mins(5), by: by.to_owned(), through: Through::Command }
}

#[test]
fn every_step_of_every_state_is_told() {
    use AlertState::{Acknowledged, Open, Resolved};
    for (state, step, then) in [
        (Open, Step::Acknowledge, Some(Acknowledged)),
        (Open, Step::Resolve, Some(Resolved)),
        (Open, Step::Escalate, Some(Open)),
        (Acknowledged, Step::Acknowledge, None),
        (Acknowledged, Step::Resolve, Some(Resolved)),
        (Acknowledged, Step::Escalate, Some(Acknowledged)),
        (Resolved, Step::Acknowledge, None),
        (Resolved, Step::Resolve, None),
        (Resolved, Step::Escalate, None),
    ] {
        assert_eq!(state.after(step), then, "{state} {step:?}");
    }
}

#[test]
fn a_step_keeps_who_and_when_and_a_second_taker_changes_nothing() {
    let mut alert = raised(&cause(Topic::Room, Sentiment::Negative, "cold"), StayPhase::InHouse);

    assert!(alert.step(Step::Escalate, act("ladder")));
    assert_eq!(alert.standing(), "escalated(1)");
    assert!(alert.step(Step::Acknowledge, act("anna")));
    assert!(!alert.step(Step::Acknowledge, act("boris")));
    assert_eq!(alert.acknowledged.as_ref().map(|act| act.by.as_str()), Some("anna"));
    assert!(alert.step(Step::Resolve, act("boris")));

    assert_eq!((alert.standing().as_str(), alert.next_at, alert.is_unresolved()), ("resolved", None, false));
    assert!(!alert.step(Step::Escalate, act("ladder")));
}

#[test]
fn danger_is_above_all_and_a_guest_who_is_here_comes_before_one_who_has_left() {
    use AttentionReason::{Complaint, RequestHuman, UnknownAnswer, Unread};
    use Sentiment::{Negative, RequiresAttention};
    use Severity::{Critical, High, Low, Medium};
    // Reading across: in house, arriving, unknown, departed.
    let phases = [StayPhase::InHouse, StayPhase::Arriving, StayPhase::Unknown, StayPhase::Departed];
    for (topic, label, reason, expected) in [
        (Topic::Safety, RequiresAttention, None, [Critical, Critical, Critical, High]),
        (Topic::Theft, Negative, Some(Complaint), [Critical, Critical, Critical, High]),
        (Topic::Other, RequiresAttention, Some(AttentionReason::Safety), [Critical, Critical, Critical, High]),
        (Topic::Room, RequiresAttention, Some(Complaint), [High, High, High, Medium]),
        (Topic::Other, RequiresAttention, None, [High, High, High, Medium]),
        (Topic::Noise, Negative, None, [High, Medium, Medium, Low]),
        (Topic::Other, RequiresAttention, Some(RequestHuman), [Medium, Medium, Medium, Medium]),
        (Topic::Other, RequiresAttention, Some(Unread), [Medium, Low, Low, Low]),
        (Topic::Booking, RequiresAttention, Some(UnknownAnswer), [Medium, Low, Low, Low]),
    ] {
        let found = phases.map(|phase| severity(topic, label, reason, phase));

        assert_eq!(found, expected, "{topic} {label} {reason:?}");
    }
}

#[test]
fn anger_that_is_repeated_makes_an_alert_graver_twice_and_never_again() {
    let mut angry = cause(Topic::Room, Sentiment::Negative, "the room is cold");
    let mut alert = raised(&angry, StayPhase::Unknown);
    angry.words = "urgent!!!".to_owned();
    alert.next_at = None;

    let mut news = Vec::new();
    for turn in 2..=1_000 {
        alert.grow(&angry, StayPhase::Unknown, AT);
        if alert.next_at.take().is_some() {
            news.push((turn, alert.severity));
        }
    }

    assert_eq!(news, [(3, Severity::High), (6, Severity::Critical)]);
    assert_eq!((alert.evidence, alert.words.as_str()), (1_000, "the room is cold"));
}

#[test]
fn what_nobody_can_read_is_no_anger_however_often() {
    let mut voice = cause(Topic::Other, Sentiment::RequiresAttention, "");
    voice.reason = Some(AttentionReason::Unread);
    let mut alert = raised(&voice, StayPhase::Unknown);

    (0..20).for_each(|_| alert.grow(&voice, StayPhase::Unknown, AT));

    assert_eq!(alert.severity, Severity::Low);
}

#[test]
fn a_graver_turn_brings_its_words_and_wakes_the_ladder() {
    let mut alert = raised(&cause(Topic::Water, Sentiment::Negative, "no hot water"), StayPhase::Arriving);
    alert.next_at = None;
    let flood = cause(Topic::Water, Sentiment::RequiresAttention, "now it floods");

    alert.grow(&flood, StayPhase::InHouse, AT);

    assert_eq!((alert.severity, alert.label), (Severity::High, Sentiment::RequiresAttention));
    assert_eq!((alert.words.as_str(), alert.next_at), ("now it floods", Some(AT)));
}

#[test]
fn words_about_nothing_in_particular_belong_to_what_is_open() {
    let mut open = vec![
        raised(&cause(Topic::Room, Sentiment::Negative, "cold"), StayPhase::InHouse),
        raised(&cause(Topic::Food, Sentiment::Negative, "bad"), StayPhase::InHouse),
    ];
    open[1].number = 18;
    let other = cause(Topic::Other, Sentiment::Negative, "hello??");

    assert_eq!(Alert::of_cause(&mut open, &other).map(|alert| alert.number), Some(18));
    let room = cause(Topic::Room, Sentiment::Negative, "still cold");
    assert_eq!(Alert::of_cause(&mut open, &room).map(|alert| alert.number), Some(17));
    let noise = cause(Topic::Noise, Sentiment::Negative, "loud");
    assert_eq!(Alert::of_cause(&mut open, &noise), None);
    assert_eq!(Alert::of_cause(&mut [], &other), None);
}

#[test]
fn the_main_topic_is_danger_then_what_was_named_first() {
    assert_eq!(main_topic(&[Topic::Noise, Topic::Theft]), Topic::Theft);
    assert_eq!(main_topic(&[Topic::Noise, Topic::Room]), Topic::Noise);
    assert_eq!(main_topic(&[]), Topic::Other);
}

#[test]
fn an_alert_is_to_be_taken_and_then_to_be_ended() {
    let sla = World::new().hotel.sla;
    let mut alert = raised(&cause(Topic::Room, Sentiment::Negative, "cold"), StayPhase::InHouse);
    let mut due = vec![alert.deadline(&sla)];
    alert.step(Step::Acknowledge, act("anna"));
    due.push(alert.deadline(&sla));
    alert.step(Step::Resolve, act("anna"));
    due.push(alert.deadline(&sla));

    assert_eq!(due, [Some(AT + sla.first_response), Some(AT + sla.resolution), None]);
    assert!(!alert.is_overdue(&sla, Timestamp::MAX));
}

#[test]
fn where_a_guest_is_goes_by_the_stay_that_is_nearest() {
    let hotel = hotel();
    let gone = reservation("r1", "2026-07-01", "2026-07-05");
    let next = reservation("r2", "2026-07-10", "2026-07-14");
    let cancelled = {
        let mut stay = reservation("r3", "2026-07-01", "2026-07-30");
        stay.booking.status = ReservationStatus::Cancelled;
        stay
    };
    let early = checked_in(reservation("r4", "2026-07-10", "2026-07-14"), "2026-07-10T06:00:00Z");
    let (gone, next, cancelled, early) = (&gone, &next, &cancelled, &early);
    for (stays, when, phase, which) in [
        (vec![], "2026-07-12T12:00:00Z", StayPhase::Unknown, None),
        (vec![cancelled], "2026-07-12T12:00:00Z", StayPhase::Unknown, None),
        (vec![gone, next], "2026-07-12T12:00:00Z", StayPhase::InHouse, Some("r2")),
        (vec![gone, next], "2026-07-06T12:00:00Z", StayPhase::Departed, Some("r1")),
        (vec![gone, next], "2026-07-09T12:00:00Z", StayPhase::Arriving, Some("r2")),
        (vec![next], "2026-07-01T12:00:00Z", StayPhase::Arriving, Some("r2")),
        (vec![gone, cancelled], "2026-07-12T12:00:00Z", StayPhase::Departed, Some("r1")),
        (vec![early], "2026-07-10T06:30:00Z", StayPhase::InHouse, Some("r4")),
    ] {
        let found = whereabouts(&hotel, &stays, at(when));

        assert_eq!((found.phase, found.reservation.as_ref().map(ReservationId::as_str)), (phase, which), "{when}");
    }
}
