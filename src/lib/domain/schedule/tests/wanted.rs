//! The plan of a reservation, and what it changes in the rows that stand.

use crate::domain::hotel::Window;
use crate::domain::ids::TouchpointId;
use crate::domain::schedule::changes::changes;
use crate::domain::schedule::plan::{Wanted, Wish, plan};
use crate::domain::schedule::testing::{at, clock, day, days, hotel, hours, is, reservation, set, trigger, when};
use crate::domain::stay::{Phone, Reservation, ReservationStatus};
use crate::domain::stay_change::{ByHand, Known, set as set_by_hand};
use crate::domain::touchpoint::{SkipReason, Touchpoint, TouchpointState};
use crate::domain::trigger::{Anchor, Field, IfMissed, Side, TriggerSet, When};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

fn wish<'a>(
    reservation: &'a Reservation,
    hotel: &'a crate::domain::hotel::Hotel,
    set: &'a TriggerSet,
    now: &str,
) -> Wish<'a> {
    Wish { reservation, hotel, set, happenings: &[], now: at(now), grace: SignedDuration::ZERO }
}

fn evening() -> When {
    When { by: days(1), at: Some(clock("18:00")), ..when(Side::Before, Anchor::CheckOut) }
}

fn skip_of(change: impl FnOnce(&mut Reservation), when: When, now: &str) -> Option<SkipReason> {
    let mut stay = reservation("r", "2026-07-10", "2026-07-14");
    change(&mut stay);
    let mut t = trigger("t", when);
    t.filter = is(Field::RoomType, "suite");
    let (hotel, set) = (hotel(), set(vec![t]));
    plan(&wish(&stay, &hotel, &set, now))[0].skip
}

#[test]
fn what_is_known_already_is_said_in_the_plan() {
    let suite = |stay: &mut Reservation| stay.booking.room_type = Some("suite".to_owned());
    let now = "2026-07-01T00:00:00Z";
    assert_eq!(skip_of(suite, evening(), now), None);
    assert_eq!(skip_of(|_| {}, evening(), now), Some(SkipReason::Condition));
    assert_eq!(skip_of(suite, evening(), "2026-07-13T18:01:00Z"), Some(SkipReason::Missed));
    let no_phone = |stay: &mut Reservation| {
        suite(stay);
        stay.booking.phone = Phone::Missing;
    };
    assert_eq!(skip_of(no_phone, evening(), now), Some(SkipReason::NoPhone));
    let cancelled = |stay: &mut Reservation| {
        suite(stay);
        stay.booking.status = ReservationStatus::Cancelled;
    };
    assert_eq!(skip_of(cancelled, evening(), now), Some(SkipReason::Status));
    let night = When { by: hours(8), ..when(Side::Before, Anchor::CheckOut) };
    assert_eq!(skip_of(suite, night, now), None, "04:00 moves to 09:00, before the departure");
    let past = When { by: hours(9), ..when(Side::After, Anchor::Arrival) };
    let one_day = |stay: &mut Reservation| {
        suite(stay);
        stay.booking.departure.date = day("2026-07-11");
        stay.booking.departure.time = Some(clock("08:30"));
    };
    assert_eq!(skip_of(one_day, past, now), Some(SkipReason::Quiet), "23:00 would move past the departure");
}

#[test]
fn a_first_import_at_night_confirms_no_bookings_in_the_morning() {
    let created = || When { if_missed: IfMissed::Send, by: hours(2), ..when(Side::After, Anchor::BookingCreated) };
    let now = "2026-07-01T00:00:00Z";
    let known = |stay: &mut Reservation| {
        stay.booking.room_type = Some("suite".to_owned());
        stay.history.known_at = at(now);
    };
    let imported = |stay: &mut Reservation| {
        known(stay);
        stay.silent_before = Some(at("2026-07-01T00:00:01Z"));
    };
    assert_eq!(skip_of(imported, created(), now), Some(SkipReason::Missed));
    assert_eq!(skip_of(known, created(), now), None, "a later booking is new");
    assert_eq!(skip_of(imported, evening(), now), None, "what is to come is said");
}

#[test]
fn triggers_that_are_off_want_nothing() {
    let mut off = trigger("t", evening());
    off.enabled = false;
    let (hotel, set, stay) = (hotel(), set(vec![off]), reservation("r", "2026-07-10", "2026-07-14"));
    assert!(plan(&wish(&stay, &hotel, &set, "2026-07-01T00:00:00Z")).is_empty());
}

fn row(wanted: &Wanted, state: TouchpointState) -> Touchpoint {
    Touchpoint {
        id: TouchpointId(Uuid::from_u128(1)),
        key: wanted.key.clone(),
        due_at: wanted.due_at,
        moment: wanted.moment,
        look_at: wanted.due_at,
        state,
        reason: wanted.skip,
    }
}

#[test]
fn what_stands_is_changed_only_where_it_must_be() {
    let (hotel, set) = (hotel(), set(vec![trigger("t", evening())]));
    let stay = reservation("r", "2026-07-10", "2026-07-14");
    let longer = reservation("r", "2026-07-10", "2026-07-16");
    let now = "2026-07-01T00:00:00Z";
    let (same, moved) = (plan(&wish(&stay, &hotel, &set, now)), plan(&wish(&longer, &hotel, &set, now)));
    use TouchpointState::{Cancelled, Draft, Planned, Sent, Skipped};

    for (state, changed) in [(Planned, false), (Sent, false), (Draft, false), (Skipped, true), (Cancelled, true)] {
        let found = changes(&[row(&same[0], state)], same.clone());
        assert_eq!(!found.alter.is_empty(), changed, "{state}: wanted as before");
        assert!(found.add.is_empty() && found.cancel.is_empty());
    }
    for (state, changed) in [(Planned, true), (Sent, false), (Draft, false), (Skipped, true), (Cancelled, true)] {
        let found = changes(&[row(&same[0], state)], moved.clone());
        assert_eq!(!found.alter.is_empty(), changed, "{state}: moved");
    }
    for (state, cancelled) in [(Planned, true), (Sent, false), (Draft, true), (Skipped, true), (Cancelled, false)] {
        let found = changes(&[row(&same[0], state)], Vec::new());
        assert_eq!(!found.cancel.is_empty(), cancelled, "{state}: wanted no more");
    }
    assert_eq!(changes(&[], same.clone()).add, same);
}

#[test]
fn what_waits_or_is_just_due_is_not_missed_by_planning_anew() {
    let (hotel, set) = (hotel(), set(vec![trigger("t", evening())]));
    let stay = reservation("r", "2026-07-10", "2026-07-14");
    let before = plan(&wish(&stay, &hotel, &set, "2026-07-01T00:00:00Z"));
    let after = plan(&wish(&stay, &hotel, &set, "2026-07-13T19:00:00Z"));
    assert_eq!(after[0].skip, Some(SkipReason::Missed));

    assert!(changes(&[row(&before[0], TouchpointState::Planned)], after.clone()).is_empty());
    // A reason once given stays, until it may go again.
    let mut skipped = row(&before[0], TouchpointState::Skipped);
    skipped.reason = Some(SkipReason::Limit);
    assert!(changes(&[skipped], after).is_empty());
}

/// A random edit of a stay.
#[derive(Clone, Debug)]
enum Edit {
    Arrival(i64),
    Departure(i64),
    RoomType(bool),
    Room(u8),
    Status(ReservationStatus),
    Send,
}

fn edits() -> impl Strategy<Value = Vec<(i64, Edit)>> {
    let edit = prop_oneof![
        (0..6i64).prop_map(Edit::Arrival),
        (6..12i64).prop_map(Edit::Departure),
        any::<bool>().prop_map(Edit::RoomType),
        (0..3u8).prop_map(Edit::Room),
        prop::sample::select(ReservationStatus::ALL.to_vec()).prop_map(Edit::Status),
        Just(Edit::Send),
    ];
    prop::collection::vec((1..40i64, edit), 0..12)
}

/// What stands: what will be sent and when, what was sent, and what will not go. Reasons may differ, since the first one
/// given is kept.
fn shape(rows: &BTreeMap<String, Touchpoint>) -> BTreeMap<String, (TouchpointState, Option<Timestamp>)> {
    let kept = rows.iter().filter(|(_, row)| row.state != TouchpointState::Cancelled);
    let seen = |row: &Touchpoint| (row.state, (row.state == TouchpointState::Planned).then_some(row.due_at));
    kept.map(|(name, row)| (name.clone(), seen(row))).collect()
}

fn name(wanted: &Wanted) -> String {
    format!("{} {}", wanted.key.trigger, wanted.key.occurrence)
}

fn write(rows: &mut BTreeMap<String, Touchpoint>, wanted: Vec<Wanted>) {
    let standing: Vec<Touchpoint> = rows.values().cloned().collect();
    let found = changes(&standing, wanted);
    for row in rows.values_mut().filter(|row| found.cancel.contains(&row.id)) {
        row.state = TouchpointState::Cancelled;
    }
    for wanted in found.add.into_iter().chain(found.alter.into_iter().map(|(_, wanted)| wanted)) {
        let state = if wanted.skip.is_some() { TouchpointState::Skipped } else { TouchpointState::Planned };
        let id = TouchpointId(Uuid::from_u128(rows.len() as u128 + 1));
        let id = rows.get(&name(&wanted)).map_or(id, |row| row.id);
        rows.insert(name(&wanted), Touchpoint { id, ..row(&wanted, state) });
    }
}

fn edited(known: &Known, edit: &Edit, now: Timestamp) -> Known {
    let planned = |offset: i64| {
        let date = day("2026-07-10").checked_add(jiff::Span::new().days(offset)).expect("near");
        Some(crate::domain::stay::PlannedDay { date, time: None })
    };
    let by_hand = match edit {
        Edit::Arrival(offset) => ByHand { arrival: planned(*offset), ..ByHand::default() },
        Edit::Departure(offset) => ByHand { departure: planned(*offset), ..ByHand::default() },
        Edit::RoomType(suite) => {
            ByHand { room_type: Some(if *suite { "suite" } else { "standard" }.to_owned()), ..ByHand::default() }
        }
        Edit::Room(number) => ByHand { room: Some(number.to_string()), ..ByHand::default() },
        Edit::Status(status) => ByHand { status: Some(*status), ..ByHand::default() },
        Edit::Send => ByHand::default(),
    };
    set_by_hand(known, &by_hand, now)
}

fn every_kind() -> TriggerSet {
    let mut suite = trigger("suite", When { by: hours(3), ..when(Side::After, Anchor::CheckIn) });
    suite.filter = is(Field::RoomType, "suite");
    set(vec![
        suite,
        trigger("out", evening()),
        trigger("created", When { if_missed: IfMissed::Send, ..when(Side::On, Anchor::BookingCreated) }),
        trigger("daily", When { at: Some(clock("10:00")), ..when(Side::On, Anchor::InHouseDaily) }),
        trigger("middle", when(Side::On, Anchor::MidStay)),
        trigger(
            "moved",
            When {
                if_missed: IfMissed::Within(std::time::Duration::from_secs(90_000)),
                ..when(Side::On, Anchor::RoomChanged)
            },
        ),
        trigger("cancelled", when(Side::On, Anchor::BookingCancelled)),
        trigger("left", When { by: hours(2), ..when(Side::After, Anchor::CheckedOut) }),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_plan_after_any_edits_is_the_plan_from_scratch_minus_what_was_sent(edits in edits()) {
        let hotel = crate::domain::hotel::Hotel { quiet_hours: Some(Window::NEVER), ..hotel() };
        let set = every_kind();
        let mut now = at("2026-07-01T00:00:00Z");
        let mut stay = reservation("r", "2026-07-10", "2026-07-16");
        stay.history.known_at = now;
        let mut known = Known { reservation: stay, told: None, as_of: None };
        let mut rows = BTreeMap::new();
        let wanted = |known: &Known, now: Timestamp| {
            plan(&Wish { reservation: &known.reservation, hotel: &hotel, set: &set, happenings: &[], now, grace: SignedDuration::ZERO })
        };
        write(&mut rows, wanted(&known, now));
        for (hours, edit) in &edits {
            // A scheduler looks in time: what falls due before the edit was sent or passed over by then.
            now += SignedDuration::from_hours(*hours);
            for row in rows.values_mut().filter(|row| row.state == TouchpointState::Planned && row.due_at < now) {
                row.state = if matches!(edit, Edit::Send) { TouchpointState::Sent } else { TouchpointState::Skipped };
                row.reason = Some(SkipReason::Limit);
            }
            known = edited(&known, edit, now);
            write(&mut rows, wanted(&known, now));
        }
        let sent: BTreeMap<String, Touchpoint> =
            rows.iter().filter(|(_, row)| row.state == TouchpointState::Sent).map(|(n, r)| (n.clone(), r.clone())).collect();

        let mut scratch = sent.clone();
        write(&mut scratch, wanted(&known, now));

        prop_assert_eq!(shape(&rows), shape(&scratch));
    }
}
