//! Stories of stays: what must be sent and when.

use super::*;

#[test]
fn confirmed_guests_come_and_go_as_planned() {
    let triggers = vec![
        trigger("welcome", after(Anchor::CheckIn, 3)),
        trigger("out", evening_before()),
        trigger("review", after(Anchor::CheckedOut, 2)),
    ];
    let world = world(triggers, vec![stay("r")]);

    assert_eq!(world.sends(), ["r welcome 10 17:00", "r out 13 18:00", "r review 14 14:00"]);
    assert!(world.skips().is_empty());
}

#[test]
fn an_extension_moves_what_was_not_sent_and_repeats_nothing() {
    let dates = Happens::Dates { arrival: None, departure: to("2026-07-16") };
    let triggers = vec![trigger("out", evening_before()), trigger("daily", daily())];
    let before = world(triggers.clone(), vec![stay("r")]).event("2026-07-12T09:00:00Z", "r", dates.clone());
    let after = world(triggers, vec![stay("r")]).event("2026-07-13T20:00:00Z", "r", dates);

    assert_eq!(
        before.sends(),
        [
            "r daily 11 10:00",
            "r daily 12 10:00",
            "r daily 13 10:00",
            "r daily 14 10:00",
            "r daily 15 10:00",
            "r out 15 18:00"
        ]
    );
    let out: Vec<String> = after.sends().into_iter().filter(|line| line.contains("out")).collect();
    assert_eq!(out, ["r out 13 18:00"], "sent before the extension, so never again");
}

#[test]
fn who_leaves_early_hears_no_more_of_the_stay_and_is_asked_after_it() {
    let triggers = vec![
        trigger("daily", daily()),
        trigger("out", evening_before()),
        trigger("thanks", after(Anchor::CheckedOut, 2)),
        trigger("planned", after(Anchor::CheckOut, 3)),
    ];
    let world = world(triggers, vec![stay("r")]).event("2026-07-12T09:00:00Z", "r", Happens::CheckOut);

    assert_eq!(world.sends(), ["r daily 11 10:00", "r thanks 12 11:00", "r planned 14 15:00"]);
    assert_eq!(world.skips(), ["r daily status", "r daily status", "r out status"]);
}

#[test]
fn a_move_to_another_room_speaks_once_and_repeats_nothing_else() {
    let triggers = vec![
        Trigger { once: Once::PerRoom, ..trigger("welcome", after(Anchor::CheckIn, 3)) },
        trigger("moved", after(Anchor::RoomChanged, 1)),
    ];
    let room = |room: &str| Happens::Room { room: Some(room.to_owned()), room_type: None };
    let world = world(triggers, vec![stay("r")])
        .event("2026-07-10T15:00:00Z", "r", room("101"))
        .event("2026-07-11T15:00:00Z", "r", room("202"))
        .event("2026-07-12T15:00:00Z", "r", room("202"));

    assert_eq!(world.sends(), ["r welcome 10 17:00", "r moved 11 16:00"], "the first room given is no move");
}

#[test]
fn who_never_came_or_called_it_off_hears_only_of_that() {
    let triggers = vec![
        trigger("welcome", after(Anchor::CheckIn, 3)),
        trigger("out", evening_before()),
        trigger("sorry", after(Anchor::BookingCancelled, 1)),
        trigger("where", after(Anchor::NoShow, 1)),
        trigger("later", after(Anchor::CheckOut, 1)),
    ];
    let world = world(triggers, vec![stay("a"), stay("b")]).event("2026-07-11T09:00:00Z", "a", Happens::NoShow).event(
        "2026-07-05T09:00:00Z",
        "b",
        Happens::Cancelled,
    );

    assert_eq!(world.sends(), ["b sorry 05 10:00", "a where 11 10:00"]);
    assert_eq!(world.skips(), ["a out status", "b out status", "a later status", "b later status"]);
}

#[test]
fn a_cancellation_at_the_minute_of_sending_wins() {
    let world = world(vec![trigger("out", evening_before())], vec![stay("r")]);
    let same = world.event("2026-07-13T18:00:00Z", "r", Happens::Cancelled);
    assert!(same.sends().is_empty());
    assert_eq!(same.skips(), ["r out status"]);
}

#[test]
fn a_late_real_check_in_is_the_anchor_where_it_is_told() {
    let triggers = vec![trigger("welcome", after(Anchor::CheckIn, 3))];
    let told = world(triggers, vec![stay("r"), stay("s")]).event("2026-07-11T01:30:00Z", "r", Happens::CheckIn);

    assert_eq!(told.sends(), ["s welcome 10 17:00", "r welcome 11 04:30"]);
}

#[test]
fn a_hotel_that_assumes_check_in_does_not_repeat_when_it_is_reported() {
    let mut world = world(vec![trigger("welcome", after(Anchor::CheckIn, 3))], vec![stay("r")]).event(
        "2026-07-10T20:00:00Z",
        "r",
        Happens::CheckIn,
    );
    world.hotel.assume_check_in = true;

    assert_eq!(world.sends(), ["r welcome 10 17:00"]);
    world.events[0].at = at("2026-07-10T16:30:00Z");
    assert_eq!(world.sends(), ["r welcome 10 19:30"], "reported before it was sent, it re-times");
}

#[test]
fn two_rooms_on_one_phone_are_one_stay_unless_each_room_is_asked() {
    let (mut a, mut b) = (stay("a"), stay("b"));
    let shared = Phone::Known("+491705555555".to_owned());
    (a.booking.phone, b.booking.phone) = (shared.clone(), shared);
    b.booking.departure = PlannedDay { date: day("2026-07-13"), time: None };
    let triggers = vec![
        trigger("welcome", after(Anchor::CheckIn, 3)),
        Trigger { once: Once::PerRoom, ..trigger("room", after(Anchor::CheckIn, 4)) },
        trigger("daily", daily()),
    ];

    let world = world(triggers, vec![a, b]);

    assert_eq!(
        world.sends(),
        [
            "a welcome 10 17:00",
            "a room 10 18:00",
            "b room 10 18:00",
            "a daily 11 10:00",
            "a daily 12 10:00",
            "a daily 13 10:00"
        ]
    );
    assert_eq!(world.skips(), ["b welcome duplicate", "b daily duplicate", "b daily duplicate"]);
}

#[test]
fn two_stays_of_one_guest_are_two_unless_the_trigger_is_for_the_guest() {
    let (mut first, mut second) = (stay("a"), stay("b"));
    second.booking.phone = first.booking.phone.clone();
    first.booking.departure = PlannedDay { date: day("2026-07-12"), time: None };
    second.booking.arrival = PlannedDay { date: day("2026-07-20"), time: None };
    second.booking.departure = PlannedDay { date: day("2026-07-22"), time: None };
    let every = |days: u32| Once::Every(std::time::Duration::from_secs(86_400) * days);
    let triggers = vec![
        trigger("stay", after(Anchor::CheckIn, 3)),
        Trigger { once: Once::PerGuest, ..trigger("guest", after(Anchor::CheckIn, 4)) },
        Trigger { once: every(30), ..trigger("month", after(Anchor::CheckIn, 5)) },
        Trigger { once: every(5), ..trigger("week", after(Anchor::CheckIn, 6)) },
        Trigger {
            filter: Condition::Is { field: Field::Returning, test: Test::Equals(Value::Flag(true)) },
            ..trigger("back", after(Anchor::CheckIn, 7))
        },
    ];

    let world = world(triggers, vec![first, second]);

    assert_eq!(
        world.sends(),
        [
            "a stay 10 17:00",
            "a guest 10 18:00",
            "a month 10 19:00",
            "a week 10 20:00",
            "b stay 20 17:00",
            "b week 20 20:00",
            "b back 20 21:00"
        ]
    );
    assert_eq!(world.skips(), ["a back condition", "b guest duplicate", "b month duplicate"]);
}

#[test]
fn who_asked_for_silence_hears_nothing_more_in_any_room() {
    let (a, mut b) = (stay("a"), stay("b"));
    b.booking.phone = a.booking.phone.clone();
    let triggers = vec![Trigger { once: Once::PerRoom, ..trigger("out", evening_before()) }];
    let world = world(triggers, vec![a, b]).event("2026-07-12T09:00:00Z", "b", Happens::OptOut);

    assert!(world.sends().is_empty());
    assert_eq!(world.skips(), ["a out opted_out", "b out opted_out"]);
}

#[test]
fn limits_count_openings_by_the_instant_and_the_higher_priority_goes_first() {
    let mut triggers: Vec<Trigger> = ["a", "b", "c", "d"].map(|id| trigger(id, after(Anchor::CheckIn, 2))).into();
    triggers[1].priority = 90;
    triggers[2].when = after(Anchor::CheckIn, 6);
    triggers[3].when = after(Anchor::CheckIn, 26);
    let mut world = world(triggers, vec![stay("r")]);
    world.set.triggers.values_mut().for_each(|trigger| trigger.policy = crate::domain::trigger::Policy::default());

    // 16:00 b; a finds b; 20:00 c, four hours later; 16:00 the next day d: b is 24 hours ago and counts no more.
    assert_eq!(world.sends(), ["r b 10 16:00", "r c 10 20:00", "r d 11 16:00"]);
    assert_eq!(world.skips(), ["r a limit"]);
}

#[test]
fn shadows_count_in_no_limit_and_drafts_do() {
    let mut triggers: Vec<Trigger> = ["a", "b", "c"].map(|id| trigger(id, after(Anchor::CheckIn, 2))).into();
    triggers[0].mode = TriggerMode::Shadow;
    triggers[1].mode = TriggerMode::Draft;
    let mut world = world(triggers, vec![stay("r")]);
    world.set.triggers.values_mut().for_each(|trigger| trigger.policy = crate::domain::trigger::Policy::default());

    assert_eq!(world.sends(), ["r a 10 16:00", "r b 10 16:00"]);
    assert_eq!(
        world.story().sends.iter().map(|sent| sent.mode).collect::<Vec<_>>(),
        [TriggerMode::Shadow, TriggerMode::Draft]
    );
    assert_eq!(world.skips(), ["r c limit"]);
}

#[test]
fn quiet_hours_move_later_and_past_the_departure_pass_over() {
    let late = When { by: hours(8), ..when(Side::After, Anchor::CheckIn) };
    let mut world = world(vec![trigger("t", late)], vec![stay("r"), stay("s")]);
    world.hotel.quiet_hours = Some(window("21:00-09:00"));
    world.stays[1].booking.departure = PlannedDay { date: day("2026-07-11"), time: Some(clock("08:00")) };

    assert_eq!(world.sends(), ["r t 11 09:00"]);
    assert_eq!(world.skips(), ["s t quiet"]);
}

#[test]
fn a_moment_past_at_the_beginning_is_a_miss_and_if_missed_decides() {
    let missed = |if_missed| When { if_missed, ..after(Anchor::Arrival, 3) };
    let six = IfMissed::Within(std::time::Duration::from_secs(6 * 3600));
    let triggers = vec![
        trigger("skip", missed(IfMissed::Skip)),
        trigger("send", missed(IfMissed::Send)),
        trigger("within", missed(six)),
    ];
    let mut world = world(triggers, vec![stay("r")]);
    world.from = "2026-07-10T23:00:00Z";
    assert_eq!(world.sends(), ["r send 10 23:00", "r within 10 23:00"]);
    assert_eq!(world.skips(), ["r skip missed"]);

    // An hour later it is too late for one of them; and in quiet hours the attempt is what counts.
    world.from = "2026-07-10T23:01:00Z";
    assert_eq!(world.sends(), ["r send 10 23:01"]);
    world.from = "2026-07-10T22:00:00Z";
    world.hotel.quiet_hours = Some(window("21:00-09:00"));
    assert_eq!(world.sends(), ["r send 11 09:00"]);
    assert_eq!(world.skips(), ["r skip missed", "r within missed"]);
}

#[test]
fn a_change_of_dates_into_the_past_is_a_miss_like_any_other() {
    let world = world(vec![trigger("out", evening_before())], vec![stay("r")]);
    let shortened = Happens::Dates { arrival: None, departure: to("2026-07-12") };
    let world = world.event("2026-07-11T19:00:00Z", "r", shortened);

    assert!(world.sends().is_empty());
    assert_eq!(world.skips(), ["r out missed"]);
}

#[test]
fn a_skip_is_undone_by_a_later_change_while_if_missed_allows() {
    let mut suite = trigger("suite", After::with(IfMissed::Send));
    suite.filter = is(Field::RoomType, "suite");
    let upgrade = Happens::Room { room: None, room_type: Some("Suite".to_owned()) };
    let world = world(vec![suite], vec![stay("r")]).event("2026-07-11T10:00:00Z", "r", upgrade);

    assert_eq!(world.sends(), ["r suite 11 10:00"]);
    assert!(world.skips().is_empty());
}

struct After;

impl After {
    fn with(if_missed: IfMissed) -> When {
        When { if_missed, ..after(Anchor::CheckIn, 3) }
    }
}

#[test]
fn a_booking_made_later_is_known_from_then_on() {
    let told = Told::whole(stay("new").booking);
    let mut first = stay("r");
    first.history.known_at = at("2026-07-01T00:00:00Z");
    let world = world(vec![trigger("booked", when(Side::On, Anchor::BookingCreated))], vec![first]).event(
        "2026-07-03T12:34:00Z",
        "new",
        Happens::Created(Box::new(told)),
    );

    assert_eq!(world.sends(), ["r booked 01 00:00", "new booked 03 12:34"]);
}

#[test]
fn tentative_ones_and_those_without_a_clear_number_get_nothing() {
    let (mut a, mut b, mut c) = (stay("a"), stay("b"), stay("c"));
    a.booking.status = ReservationStatus::Tentative;
    b.booking.phone = Phone::Missing;
    c.booking.phone = Phone::Unclear("8 900".to_owned());
    let world = world(vec![trigger("arrival", when(Side::On, Anchor::Arrival))], vec![a, b, c]);

    assert!(world.sends().is_empty());
    assert_eq!(world.skips(), ["a arrival status", "b arrival no_phone", "c arrival no_phone"]);
}

#[test]
fn the_language_is_the_guests_or_the_hotels() {
    let mut stays: Vec<Reservation> = ["a", "b", "c", "d", "e"].map(stay).into();
    stays[0].booking.language = Some(language("ru"));
    stays[1].booking.language = Some(language("de"));
    stays[2].booking.phone = Phone::Known("+79001234567".to_owned());
    stays[3].booking.language = Some(language("fr"));
    stays[4].booking.language = None;
    let mut says = trigger("t", when(Side::On, Anchor::Arrival));
    says.says = Says::Send(content(&["en", "ru", "de"]));
    let world = world(vec![says], stays);

    let found: Vec<String> = world.story().sends.iter().map(|sent| sent.text.clone()).collect();

    // German is not listed by the hotel, but known of b; of e it would only be a guess.
    assert_eq!(found, ["Hello in ru", "Hello in de", "Hello in ru", "Hello in en", "Hello in en"]);
    let mut only_thai = world;
    if let Some(trigger) = only_thai.set.triggers.get_mut(&"t".into()) {
        trigger.says = Says::Send(content(&["th"]));
    }
    assert!(only_thai.sends().is_empty());
    assert_eq!(only_thai.skips()[0], "a t language");
}

#[test]
fn clock_times_are_the_hotels_on_the_nights_clocks_change() {
    let mut world =
        world(vec![trigger("daily", daily()), trigger("after", after(Anchor::CheckIn, 30))], vec![stay("r")]);
    world.hotel = Hotel { quiet_hours: Some(Window::NEVER), ..hotel_in("Europe/Berlin") };
    world.stays[0].booking.arrival = PlannedDay { date: day("2026-10-24"), time: None };
    world.stays[0].booking.departure = PlannedDay { date: day("2026-10-27"), time: None };

    assert_eq!(world.sends(), ["r daily 25 10:00", "r after 25 19:00", "r daily 26 10:00"]);
}

#[test]
fn nobody_is_written_to_before_the_first_instant_or_after_the_last() {
    let mut world = world(vec![trigger("daily", daily())], vec![stay("r")]);
    world.from = "2026-07-12T00:00:00Z";

    assert_eq!(world.sends(), ["r daily 12 10:00", "r daily 13 10:00"]);
    assert_eq!(world.skips(), ["r daily missed"]);
}
