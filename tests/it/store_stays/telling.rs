//! What telling again does, what follows from it, and what is listed afterwards.

use super::{Desk, PHONE, booking, source, teller};
use crate::support::on_both_engines;
use crate::support::world::World;
use futures_util::FutureExt;
use hotelbot::domain::ids::ReservationId;
use hotelbot::domain::schedule::judge::NEVER_STALE;
use hotelbot::domain::stay::{Booking, PlannedDay, Reservation, ReservationStatus};
use hotelbot::domain::stay_change::{ByHand, Told};
use hotelbot::flow::stays::{Replan, Replanned, Source, Teller, Tellings};
use hotelbot::gateways::green_api::address_of_phone;
use hotelbot::ports::Clock;
use hotelbot::store::StoreError;
use hotelbot::store::reservations::Wanted;
use hotelbot::store::stale::{Stale, StaleStays};
use jiff::SignedDuration;
use jiff::civil::date;
use std::sync::{Arc, Mutex};

on_both_engines!(
    c7_importing_a_file_again_changes_nothing_and_nothing_follows,
    the_first_import_is_silent_about_the_past_and_later_bookings_are_not,
    a_single_delivery_is_an_event_and_the_first_list_is_the_first_import,
    what_follows_and_the_change_are_one,
    trying_leaves_nothing,
    what_a_person_set_survives_the_next_import,
    a_sign_of_life_keeps_what_the_pms_told_fresh,
    a_stay_of_a_silent_pms_is_stale_and_one_of_a_file_never_is,
    two_programs_that_tell_the_same_at_once_make_it_once,
    any_sequence_of_imports_ends_as_its_last_one,
    stays_are_listed_by_day,
);

async fn c7_importing_a_file_again_changes_nothing_and_nothing_follows(world: World) {
    let desk = Desk::new(world).await;
    let file: Vec<Booking> = (0..7).map(|n| booking(&format!("R{n}"), &format!("+7900111000{n}"))).collect();

    let first = desk.import(&file).await;
    assert_eq!((first.told, first.created, first.changed, first.same), (7, 7, 0, 0));
    assert_eq!(desk.followed().len(), 7);
    let before = desk.stay("R3").await;
    for _ in 0..100 {
        desk.turn();
        let again = desk.import(&file).await;
        assert_eq!((again.created, again.changed, again.same), (0, 0, 7));
        assert_eq!(again.replanned, Replanned::default());
    }

    assert!(desk.followed().is_empty());
    let after = desk.stay("R3").await;
    assert!(after.synced_at > before.synced_at);
    assert_eq!(Reservation { synced_at: before.synced_at, ..after }, before);
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM guests").await, 7);
}

async fn the_first_import_is_silent_about_the_past_and_later_bookings_are_not(world: World) {
    let desk = Desk::new(world).await;
    let mut past = booking("R1", PHONE);
    past.arrival.date = date(2026, 5, 1);
    past.departure.date = date(2026, 5, 3);
    past.status = ReservationStatus::CheckedOut;

    let first = desk.import(&[past.clone()]).await;
    let now = desk.world.clock.now();
    desk.turn();
    let second = desk.import(&[past, booking("R2", PHONE)]).await;

    assert!(first.first && !second.first);
    let past = desk.stay("R1").await;
    assert!(past.silent_before.is_some_and(|before| before > now && before <= now + SignedDuration::from_secs(1)));
    assert_eq!(past.history.checked_out_at, Some(past.departs_at(&desk.hotel)), "c11: when it was planned");
    assert_eq!(desk.stay("R2").await.silent_before, None);
}

async fn a_single_delivery_is_an_event_and_the_first_list_is_the_first_import(world: World) {
    let desk = Desk::new(world).await;
    let deliver = |bookings: Vec<Booking>, together| {
        let told = bookings.into_iter().map(Told::whole).collect();
        desk.teller.deliver(desk.hotel.clone(), told, together)
    };

    deliver(vec![booking("R1", PHONE)], false).await.expect("told");
    deliver(Vec::new(), true).await.expect("a sign of life is no import");
    let list = deliver(vec![booking("R1", PHONE), booking("R2", PHONE)], true).await.expect("told");
    deliver(vec![booking("R3", PHONE)], true).await.expect("told");

    assert_eq!((list.created, list.same, list.first), (1, 1, true));
    let silent =
        [desk.stay("R1").await, desk.stay("R2").await, desk.stay("R3").await].map(|r| r.silent_before.is_some());
    assert_eq!(silent, [false, true, false]);
    assert_eq!(desk.stay("R3").await.told_by, "webhook");
}

async fn what_follows_and_the_change_are_one(world: World) {
    let desk = Desk::new(world).await;
    let failing: Replan = Arc::new(|_, _, _, _| async { Err(StoreError::Refused("no".to_owned())) }.boxed());
    let many: Vec<Booking> = (0..900).map(|n| booking(&format!("R{n:04}"), "")).collect();
    let count = Arc::new(Mutex::new(0));
    let late: Replan = {
        let count = count.clone();
        Arc::new(move |_, _, _, _| {
            let mut times = count.lock().expect("no panic");
            *times += 1;
            let fails = *times == 2;
            async move { if fails { Err(StoreError::Refused("no".to_owned())) } else { Ok(Replanned::default()) } }
                .boxed()
        })
    };

    assert!(desk.try_to(&teller(&desk.world).following(failing), &[booking("R1", PHONE)]).await.is_err());
    assert!(desk.try_to(&teller(&desk.world).following(late), &many).await.is_err(), "in its second part");

    for table in ["reservations", "guests", "chats", "aliases", "imports"] {
        assert_eq!(desk.world.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }
    let broken: Source = Arc::new(|| {
        let told = Ok(Told::whole(booking("R1", PHONE)));
        Ok(Box::new([told, Err("the file ended".to_owned())].into_iter()) as Tellings)
    });
    assert!(desk.teller.import(desk.hotel.clone(), "csv", broken).await.is_err());
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM reservations").await, 0);
    assert!(desk.import(&many).await.first, "nothing of it has happened");
}

async fn trying_leaves_nothing(world: World) {
    let desk = Desk::new(world).await;
    let file = [booking("R1", PHONE)];

    let tried = desk.teller.try_import(desk.hotel.clone(), "csv", source(&file)).await.expect("tried");
    assert_eq!((tried.created, tried.replanned.planned, tried.first), (1, 1, true));
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM reservations").await, 0);

    desk.import(&file).await;
    let status = ByHand { status: Some(ReservationStatus::Cancelled), ..ByHand::default() };
    let set = desk.teller.set(desk.hotel.clone(), ReservationId::from("R1"), status, true).await.expect("tried");
    assert_eq!(set.map(|(changed, _)| changed.after.booking.status), Some(ReservationStatus::Cancelled));
    assert_eq!(desk.stay("R1").await.booking.status, ReservationStatus::Confirmed);
    let nobody = desk.teller.set(desk.hotel.clone(), ReservationId::from("R9"), ByHand::default(), false).await;
    assert!(nobody.expect("looked").is_none());
}

async fn what_a_person_set_survives_the_next_import(world: World) {
    let desk = Desk::new(world).await;
    let mut file = booking("R1", PHONE);
    desk.import(std::slice::from_ref(&file)).await;
    let here = ByHand { status: Some(ReservationStatus::CheckedIn), ..ByHand::default() };
    desk.turn();
    let at = desk.world.clock.now();

    let set = desk.teller.set(desk.hotel.clone(), ReservationId::from("R1"), here, false).await.expect("set");

    assert_eq!(set.map(|(changed, _)| changed.after.history.checked_in_at), Some(Some(at)));
    desk.followed();
    assert_eq!(desk.import(std::slice::from_ref(&file)).await.same, 1);
    assert_eq!(desk.stay("R1").await.booking.status, ReservationStatus::CheckedIn);
    file.status = ReservationStatus::CheckedOut;
    assert_eq!(desk.import(std::slice::from_ref(&file)).await.changed, 1);
    assert_eq!(desk.stay("R1").await.booking.status, ReservationStatus::CheckedOut);
    assert_eq!(desk.followed().len(), 1);
}

async fn a_sign_of_life_keeps_what_the_pms_told_fresh(world: World) {
    let desk = Desk::new(world).await;
    let told = vec![Told::whole(booking("R1", PHONE))];
    desk.teller.deliver(desk.hotel.clone(), told, false).await.expect("told");
    desk.teller.import(desk.hotel.clone(), "csv", source(&[booking("R2", PHONE)])).await.expect("imported");
    let told_at = desk.world.clock.now();

    let later = desk.world.clock.turn(SignedDuration::from_hours(20));
    desk.teller.deliver(desk.hotel.clone(), Vec::new(), true).await.expect("told");

    assert_eq!(desk.stay("R1").await.synced_at, later);
    assert_eq!(desk.stay("R2").await.synced_at, told_at, "a file says nothing about a PMS");
}

async fn a_stay_of_a_silent_pms_is_stale_and_one_of_a_file_never_is(world: World) {
    let desk = Desk::new(world).await;
    let gone = Booking { status: ReservationStatus::CheckedOut, ..booking("R3", PHONE) };
    let told = [booking("R1", PHONE), gone].into_iter().map(Told::whole).collect();
    desk.teller.deliver(desk.hotel.clone(), told, true).await.expect("told");
    desk.import(&[booking("R2", PHONE)]).await;
    let told_at = desk.world.clock.now();
    let stale = async |before| {
        let stale = Stale { told_before: before, never: &NEVER_STALE, departing_from: date(2026, 7, 12) };
        desk.world.store.stale_stays(&desk.hotel.id, stale).await.expect("counted")
    };

    assert_eq!(stale(told_at).await, StaleStays::default());
    let found = stale(told_at + SignedDuration::from_secs(1)).await;
    assert_eq!(found, StaleStays { count: 1, told_at: Some(told_at) });
}

async fn two_programs_that_tell_the_same_at_once_make_it_once(world: World) {
    let desk = Desk::new(world).await;
    let other = desk.world.db.open().await;
    let there = Teller::new(other, desk.world.clock.clone(), Arc::new(address_of_phone));
    let file: Vec<Booking> = (0..700).map(|n| booking(&format!("R{n}"), &format!("+7900{:07}", n % 350))).collect();

    let (here, there) =
        tokio::join!(desk.try_to(&desk.teller, &file), there.import(desk.hotel.clone(), "csv", source(&file)));

    let (here, there) = (here.expect("imported"), there.expect("imported"));
    assert_eq!(here.created + there.created, 700);
    assert!(here.first != there.first, "one of them was first");
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM reservations").await, 700);
    for table in ["guests", "chats", "aliases"] {
        assert_eq!(desk.world.number(&format!("SELECT COUNT(*) FROM {table}")).await, 350, "{table}");
    }
}

/// Numbers without meaning, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn file(&mut self) -> Vec<Booking> {
        (0..12)
            .map(|n| {
                let phone = ["", "call me", PHONE, "+79005556677", "+79005556688"][self.below(5) as usize];
                let mut booking = booking(&format!("R{n}"), phone);
                booking.departure.date = date(2026, 7, 11 + self.below(5) as i8);
                booking.room = [None, Some("101".to_owned()), Some("102".to_owned())][self.below(3) as usize].clone();
                booking.status = ReservationStatus::ALL[self.below(6) as usize];
                booking.guest_name = Some(["Anna", "Bob"][self.below(2) as usize].to_owned());
                booking
            })
            .collect()
    }
}

async fn any_sequence_of_imports_ends_as_its_last_one(world: World) {
    let desk = Desk::new(world).await;
    let mut dice = Dice(7);
    for _ in 0..20 {
        let file = dice.file();
        desk.turn();
        desk.import(&file).await;
        for told in &file {
            let stay = desk.stay(told.id.as_str()).await;
            assert_eq!(stay.booking, *told);
            let record = desk.guest(stay.guest).await;
            if let Some(phone) = told.phone.number() {
                assert_eq!(record.phone.as_deref(), Some(phone), "the guest is the one of this phone");
            }
        }
        assert_eq!(desk.import(&file).await.same, file.len());
    }
    let phones = desk.world.number("SELECT COUNT(DISTINCT address) FROM aliases").await;
    assert_eq!(phones, 3);
}

async fn stays_are_listed_by_day(world: World) {
    let desk = Desk::new(world).await;
    let stay = |id: &str, from: i8, to: i8, status| Booking {
        arrival: PlannedDay { date: date(2026, 7, from), time: None },
        departure: PlannedDay { date: date(2026, 7, to), time: None },
        status,
        ..booking(id, "")
    };
    use ReservationStatus::{Cancelled, CheckedIn, CheckedOut, Confirmed};
    desk.import(&[
        stay("gone", 1, 3, CheckedOut),
        stay("here", 2, 9, CheckedIn),
        stay("over", 1, 4, CheckedIn),
        stay("off", 4, 9, Cancelled),
        stay("today", 5, 8, Confirmed),
        stay("later", 20, 22, Confirmed),
    ])
    .await;
    let list = async |wanted, limit| -> Vec<String> {
        let rows = desk.world.store.stays(&desk.hotel.id, wanted, limit).await.expect("listed");
        rows.into_iter().map(|row| row.reservation.booking.id.to_string()).collect()
    };
    let today = date(2026, 7, 5);

    assert_eq!(list(Wanted::From(today), 10).await, ["here", "off", "today", "later"]);
    assert_eq!(list(Wanted::From(today), 2).await, ["here", "off"]);
    assert_eq!(list(Wanted::Before(today), 10).await, ["over", "gone"]);
    assert_eq!(list(Wanted::Arriving(today), 10).await, ["today"]);
    assert_eq!(list(Wanted::Around(today), 10).await, ["over", "here", "today"]);
}
