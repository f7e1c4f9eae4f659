//! What holds whatever happens.

use super::*;
use proptest::prelude::*;

fn events() -> impl Strategy<Value = Vec<(i64, usize, Happens)>> {
    let planned = |offset: i64| {
        let date = day("2026-07-08").checked_add(jiff::Span::new().days(offset)).expect("near");
        Some(PlannedDay { date, time: None })
    };
    let what = prop_oneof![
        Just(Happens::CheckIn),
        Just(Happens::CheckOut),
        Just(Happens::Cancelled),
        Just(Happens::NoShow),
        Just(Happens::OptOut),
        (0..4i64).prop_map(move |offset| Happens::Dates { arrival: planned(offset), departure: None }),
        (4..12i64).prop_map(move |offset| Happens::Dates { arrival: None, departure: planned(offset) }),
        (1..4u8).prop_map(|room| Happens::Room { room: Some(room.to_string()), room_type: Some("suite".to_owned()) }),
        prop::sample::select(vec!["good", "bad", "stop", "?"]).prop_map(answers),
    ];
    prop::collection::vec((0..20 * 24 * 60i64, 0..3usize, what), 0..14)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// What must hold whatever happens, looked at from outside: nothing twice, nothing at night, nobody too often, and
    /// nothing to who asked for silence.
    #[test]
    fn whatever_happens_no_promise_is_broken(events in events()) {
        let send = |if_missed| When { if_missed, ..after(Anchor::CheckIn, 3) };
        let triggers = vec![
            question(),
            trigger("send", send(IfMissed::Send)),
            trigger("daily", daily()),
            trigger("out", evening_before()),
            trigger("moved", when(Side::On, Anchor::RoomChanged)),
            trigger("bad", when(Side::On, Anchor::Sentiment { is: Sentiment::Negative })),
            trigger("cancelled", when(Side::On, Anchor::BookingCancelled)),
            trigger("left", after(Anchor::CheckedOut, 4)),
        ];
        let (mut a, b, mut c) = (stay("a"), stay("b"), stay("c"));
        a.booking.room = Some("1".to_owned());
        c.booking.phone = a.booking.phone.clone();
        let mut world = world(triggers, vec![a, b, c]);
        world.hotel.quiet_hours = Some(window("21:00-09:00"));
        world.set.triggers.values_mut().for_each(|trigger| trigger.policy = crate::domain::trigger::Policy::default());
        for (minutes, stay, what) in events {
            let reservation = ReservationId::from(["a", "b", "c"][stay]);
            let at = at("2026-07-03T00:00:00Z") + jiff::SignedDuration::from_mins(minutes);
            world.events.push(Event { at, reservation, what });
        }

        let story = world.story();

        let guest = |id: &ReservationId| if id.as_str() == "b" { 1 } else { 0 };
        for (index, sent) in story.sends.iter().enumerate() {
            let hour = sent.at.to_zoned(jiff::tz::TimeZone::UTC).hour();
            prop_assert!((9..21).contains(&hour), "at night: {sent:?}");
            let silent = world.events.iter().any(|event| {
                event.what == Happens::OptOut && event.at <= sent.at && guest(&event.reservation) == guest(&sent.reservation)
            });
            prop_assert!(!silent, "after STOP: {sent:?}");
            let before = story.sends[..index].iter().filter(|other| guest(&other.reservation) == guest(&sent.reservation));
            let ages: Vec<i64> = before.map(|other| sent.at.duration_since(other.at).as_hours()).collect();
            prop_assert!(ages.iter().all(|age| *age >= 4), "too close: {sent:?}");
            prop_assert!(ages.iter().filter(|age| **age < 24).count() < 2, "too often: {sent:?}");
            let once = ["room-ok", "send", "out", "left", "cancelled"].contains(&sent.trigger.as_str());
            let again = story.sends[..index].iter().any(|other| {
                other.trigger == sent.trigger && other.reservation == sent.reservation
            });
            prop_assert!(!(once && again), "twice: {sent:?}");
        }
        let both = story.sends.iter().map(|sent| (&sent.reservation, &sent.trigger, sent.at));
        let keys: std::collections::BTreeSet<_> = both.clone().collect();
        prop_assert_eq!(keys.len(), both.count());
    }
}
