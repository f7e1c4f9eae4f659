//! Stays and guests: whose reservation it is, what telling again does, and that all of it happens or nothing.

use crate::support::build;
use crate::support::on_both_engines;
use crate::support::world::World;
use futures_util::FutureExt;
use hotelbot::domain::conversation::Consent;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::{ChatAddress, GuestId, ReservationId};
use hotelbot::domain::language::Language;
use hotelbot::domain::schedule::judge::NEVER_STALE;
use hotelbot::domain::stay::{Booking, Phone, PlannedDay, Reservation, ReservationStatus};
use hotelbot::domain::stay_change::{ByHand, Told};
use hotelbot::flow::stays::{Outcome, Replan, Replanned, Source, Teller, Tellings};
use hotelbot::gateways::green_api::address_of_phone;
use hotelbot::ports::Clock;
use hotelbot::store::StoreError;
use hotelbot::store::guests::{GuestFilter, GuestRecord};
use hotelbot::store::journal::ChatFilter;
use hotelbot::store::reservations::{Changed, Wanted};
use hotelbot::store::stale::{Stale, StaleStays};
use jiff::SignedDuration;
use jiff::civil::date;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const PHONE: &str = "+79001112233";
const ADDRESS: &str = "79001112233@c.us";
const LID: &str = "120650379300963@lid";

on_both_engines!(
    a_known_phone_has_a_chat_at_once_and_the_guests_later_message_finds_it,
    who_wrote_before_is_the_guest_of_the_reservation,
    two_reservations_of_one_phone_are_of_one_guest_and_without_a_phone_each_has_its_own,
    c7_importing_a_file_again_changes_nothing_and_nothing_follows,
    the_first_import_is_silent_about_the_past_and_later_bookings_are_not,
    a_single_delivery_is_an_event_and_the_first_list_is_the_first_import,
    c12_the_same_ids_at_two_hotels_are_two_reservations,
    what_follows_and_the_change_are_one,
    a_long_file_that_is_interrupted_is_gone_on_with_and_all_of_it_is_there,
    before_it_is_decided_on_nothing_of_a_long_file_is_there,
    what_comes_in_the_middle_of_an_import_comes_after_it,
    what_was_staged_by_a_killed_program_is_found_and_thrown_away,
    a_stay_of_a_silent_pms_is_stale_and_one_of_a_file_never_is,
    trying_leaves_nothing,
    a_phone_that_becomes_known_is_the_same_guests_and_another_phone_is_anothers,
    what_a_person_set_survives_the_next_import,
    two_records_of_one_person_become_one_and_a_wish_for_silence_holds,
    what_a_guest_wrote_is_believed_before_what_was_told,
    a_sign_of_life_keeps_what_the_pms_told_fresh,
    two_programs_that_tell_the_same_at_once_make_it_once,
    any_sequence_of_imports_ends_as_its_last_one,
    a_reservation_of_another_hotels_guest_cannot_be_stored,
    stays_are_listed_by_day,
);

fn booking(id: &str, phone: &str) -> Booking {
    let phone = match phone {
        "" => Phone::Missing,
        known if known.starts_with('+') => Phone::Known(known.to_owned()),
        unclear => Phone::Unclear(unclear.to_owned()),
    };
    Booking {
        id: ReservationId::from(id),
        guest_name: Some("Anna".to_owned()),
        phone,
        arrival: PlannedDay { date: date(2026, 7, 10), time: None },
        departure: PlannedDay { date: date(2026, 7, 12), time: None },
        status: ReservationStatus::Confirmed,
        room_type: None,
        room: None,
        rate_plan: None,
        source: None,
        language: None,
        email: None,
        country: None,
        adults: None,
        children: None,
        vip: None,
        tags: Vec::new(),
        birthday: None,
        booked_at: None,
        custom: BTreeMap::new(),
    }
}

/// A hotel with those who tell it stays.
struct Desk {
    world: World,
    hotel: Arc<Hotel>,
    teller: Teller,
    /// Every change that something followed from.
    followed: Arc<Mutex<Vec<Changed>>>,
}

impl Desk {
    async fn new(world: World) -> Self {
        let hotel = Arc::new(build::hotel("astoria"));
        world.put((*hotel).clone()).await;
        let followed = Arc::new(Mutex::new(Vec::new()));
        let teller = teller(&world).following(recording(&followed));
        Self { world, hotel, teller, followed }
    }

    async fn import(&self, bookings: &[Booking]) -> Outcome {
        self.try_to(&self.teller, bookings).await.expect("imported")
    }

    async fn try_to(&self, teller: &Teller, bookings: &[Booking]) -> Result<Outcome, StoreError> {
        teller.import(self.hotel.clone(), "csv", source(bookings)).await
    }

    async fn stay(&self, id: &str) -> Reservation {
        let found = self.world.store.find_stays(&ReservationId::from(id), &[]).await.expect("looked");
        found.into_iter().find(|row| row.hotel == self.hotel.id).expect("it is known").reservation
    }

    async fn guest(&self, guest: GuestId) -> GuestRecord {
        self.world.store.find_guests(&guest.to_string(), &[]).await.expect("looked").pop().expect("a guest")
    }

    async fn guests(&self) -> Vec<GuestRecord> {
        let filter = GuestFilter { hotels: Vec::new(), limit: 1000 };
        self.world.store.guests(&filter).await.expect("listed")
    }

    fn followed(&self) -> Vec<Changed> {
        std::mem::take(&mut *self.followed.lock().expect("no panic"))
    }

    fn turn(&self) {
        self.world.clock.turn(SignedDuration::from_mins(1));
    }
}

fn teller(world: &World) -> Teller {
    Teller::new(world.store.clone(), world.clock.clone(), Arc::new(address_of_phone))
}

fn recording(followed: &Arc<Mutex<Vec<Changed>>>) -> Replan {
    let followed = followed.clone();
    Arc::new(move |_, _, changed, _| {
        followed.lock().expect("no panic").extend_from_slice(changed);
        async { Ok(Replanned { planned: 1, ..Replanned::default() }) }.boxed()
    })
}

fn source(bookings: &[Booking]) -> Source {
    let told: Vec<Told> = bookings.iter().cloned().map(Told::whole).collect();
    Arc::new(move || Ok(Box::new(told.clone().into_iter().map(Ok)) as Tellings))
}

async fn a_known_phone_has_a_chat_at_once_and_the_guests_later_message_finds_it(world: World) {
    let desk = Desk::new(world).await;

    desk.import(&[booking("R1", PHONE)]).await;

    let listed = ChatFilter { limit: 10, ..ChatFilter::default() };
    assert!(desk.world.store.chats(&listed).await.expect("listed").is_empty(), "nobody has written yet");
    let found = desk.world.store.find_chats(PHONE, &[]).await.expect("looked");
    assert_eq!(found.len(), 1, "but somebody may be written to");
    let guest = desk.stay("R1").await.guest;
    assert_eq!(found[0].1.guest, guest);

    desk.world.guest(&desk.hotel.id, ADDRESS, "M1", "hello").await;

    let gathered = desk.world.gather_one().await;
    assert_eq!((gathered.conversation.guest, gathered.conversation.id), (guest, found[0].1.id));
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM guests").await, 1);
    assert_eq!(desk.world.store.chats(&listed).await.expect("listed").len(), 1);
}

async fn who_wrote_before_is_the_guest_of_the_reservation(world: World) {
    let desk = Desk::new(world).await;
    let mut arrival = build::guest(&desk.world.clock, &desk.hotel.id, LID, "M1", "hello");
    arrival.received.also_known_as = Some(ChatAddress::from(ADDRESS));
    desk.world.receive(vec![arrival]).await;

    desk.import(&[booking("R1", PHONE), booking("R2", "+79005556677")]).await;

    let wrote = desk.world.gather_one().await.conversation;
    assert_eq!(desk.stay("R1").await.guest, wrote.guest, "known by another address");
    assert_ne!(desk.stay("R2").await.guest, wrote.guest);
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM chats").await, 2);
    assert_eq!(desk.guest(wrote.guest).await.phone.as_deref(), Some(PHONE));
}

async fn two_reservations_of_one_phone_are_of_one_guest_and_without_a_phone_each_has_its_own(world: World) {
    let desk = Desk::new(world).await;
    let other = "+79005556677";

    desk.import(&[booking("R1", PHONE), booking("R2", PHONE), booking("R3", ""), booking("R4", "call me")]).await;
    desk.import(&[booking("R5", PHONE), booking("R6", other), booking("R7", "")]).await;

    let mut guests = Vec::new();
    for id in ["R1", "R2", "R5", "R3", "R4", "R6", "R7"] {
        guests.push(desk.stay(id).await.guest);
    }
    assert!(guests[0] == guests[1] && guests[1] == guests[2]);
    let different: std::collections::HashSet<GuestId> = guests.iter().copied().collect();
    assert_eq!(different.len(), 5);
    assert_eq!(desk.guest(guests[0]).await.stays, 3);
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM chats").await, 2, "no chat without an address");
    let of_guest = desk.world.store.stays_of(&desk.hotel.id, guests[0]).await.expect("read");
    assert_eq!(of_guest.len(), 3);
}

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

async fn c12_the_same_ids_at_two_hotels_are_two_reservations(world: World) {
    let desk = Desk::new(world).await;
    let other = Arc::new(build::hotel("seaview"));
    desk.world.put((*other).clone()).await;
    let mut there = booking("R1", PHONE);
    there.guest_name = Some("Bob".to_owned());

    desk.import(&[booking("R1", PHONE)]).await;
    let outcome = desk.teller.import(other.clone(), "csv", source(&[there])).await.expect("imported");

    assert_eq!((outcome.created, outcome.first), (1, true));
    let found = desk.world.store.find_stays(&ReservationId::from("R1"), &[]).await.expect("looked");
    assert_eq!(found.len(), 2);
    assert_ne!(found[0].reservation.guest, found[1].reservation.guest);
    assert_eq!(desk.stay("R1").await.booking.guest_name.as_deref(), Some("Anna"));
    let only =
        desk.world.store.find_stays(&ReservationId::from("R1"), std::slice::from_ref(&other.id)).await.expect("looked");
    assert_eq!(only.len(), 1);
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

/// Something that fails once, when so many parts followed.
fn failing_in_part(part: usize) -> Replan {
    let times = Arc::new(Mutex::new(0));
    Arc::new(move |_, _, _, _| {
        let mut times = times.lock().expect("no panic");
        *times += 1;
        let fails = *times == part;
        async move {
            if fails {
                return Err(StoreError::Refused("no".to_owned()));
            }
            Ok(Replanned { planned: 1, ..Replanned::default() })
        }
        .boxed()
    })
}

/// More than is told in one transaction.
fn long_file() -> Vec<Booking> {
    (0..2600).map(|n| booking(&format!("R{n:04}"), &format!("+7900{n:07}"))).collect()
}

async fn a_long_file_that_is_interrupted_is_gone_on_with_and_all_of_it_is_there(world: World) {
    let desk = Desk::new(world).await;
    let file = long_file();
    let tried = desk.teller.try_import(desk.hotel.clone(), "csv", source(&file)).await.expect("tried");
    assert_eq!((tried.told, tried.created, tried.first), (2600, 2600, true));
    for table in ["reservations", "staged", "imports"] {
        assert_eq!(desk.world.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }

    let interrupted = teller(&desk.world).following(failing_in_part(3));
    assert!(desk.try_to(&interrupted, &file).await.is_err());

    let left = desk.world.store.unfinished_imports().await.expect("looked");
    let left: Vec<i64> = left.iter().map(|import| import.left).collect();
    let told = desk.world.number("SELECT COUNT(*) FROM reservations").await;
    assert!(told > 0, "two parts of it are told");
    assert_eq!(left, [2600 - told]);
    let rest = desk.teller.finish(&desk.hotel, None).await.expect("told");
    assert_eq!(i64::try_from(rest.told).expect("few"), 2600 - told);
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM reservations").await, 2600);
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM reservations WHERE silent_before IS NOT NULL").await, 2600);
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM imports WHERE created = 2600 AND open = 0").await, 1);
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM staged").await, 0);
    assert!(desk.world.store.unfinished_imports().await.expect("looked").is_empty());
    let again = desk.import(&file).await;
    assert_eq!((again.told, again.same, again.first), (2600, 2600, false));
}

async fn before_it_is_decided_on_nothing_of_a_long_file_is_there(world: World) {
    let desk = Desk::new(world).await;
    let file = long_file();
    let broken: Source = Arc::new(move || {
        let told: Vec<Result<Told, String>> = file.iter().cloned().map(|booking| Ok(Told::whole(booking))).collect();
        Ok(Box::new(told.into_iter().chain([Err("the file ended".to_owned())])) as Tellings)
    });

    assert!(desk.teller.import(desk.hotel.clone(), "csv", broken).await.is_err());

    for table in ["reservations", "guests", "imports", "staged"] {
        assert_eq!(desk.world.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }
}

async fn what_comes_in_the_middle_of_an_import_comes_after_it(world: World) {
    let desk = Desk::new(world).await;
    let mut file = long_file();
    // The same reservation twice: the last row counts, however far away it is.
    file.push(Booking { room: Some("7".to_owned()), ..file[2200].clone() });
    assert!(desk.try_to(&teller(&desk.world).following(failing_in_part(2)), &file).await.is_err());
    let here = Booking { status: ReservationStatus::CheckedIn, ..file[2000].clone() };
    let gone = ByHand { status: Some(ReservationStatus::Cancelled), ..ByHand::default() };

    desk.teller.deliver(desk.hotel.clone(), vec![Told::whole(here)], false).await.expect("told");
    desk.teller.set(desk.hotel.clone(), ReservationId::from("R2100"), gone, false).await.expect("set").expect("known");
    let short = Booking { room: Some("8".to_owned()), ..file[2300].clone() };
    desk.import(&[short]).await;
    desk.teller.finish(&desk.hotel, None).await.expect("told");

    assert_eq!(desk.stay("R2000").await.booking.status, ReservationStatus::CheckedIn);
    assert_eq!(desk.stay("R2100").await.booking.status, ReservationStatus::Cancelled);
    assert_eq!(desk.stay("R2200").await.booking.room.as_deref(), Some("7"));
    assert_eq!(desk.stay("R2300").await.booking.room.as_deref(), Some("8"));
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM reservations").await, 2600);
}

async fn what_was_staged_by_a_killed_program_is_found_and_thrown_away(world: World) {
    let desk = Desk::new(world).await;
    let told: Vec<Told> = long_file().into_iter().map(Told::whole).collect();
    let (killed, hotel) = (desk.world.clock.new_id(), &desk.hotel.id);
    desk.world.store.stage(hotel, killed, &told).await.expect("staged");
    assert!(desk.try_to(&teller(&desk.world).following(failing_in_part(1)), &long_file()).await.is_err());
    let later = uuid::Uuid::max();

    let abandoned = desk.world.store.abandoned(later).await.expect("looked");

    assert_eq!(abandoned, [(hotel.clone(), killed)], "the import that counts is not abandoned");
    assert!(desk.world.store.abandoned(killed).await.expect("looked").is_empty(), "it is not old enough");
    let open = desk.world.store.unfinished_imports().await.expect("looked")[0].id;
    for import in [killed, open] {
        desk.world.store.unstage(hotel, import).await.expect("swept");
    }
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM staged").await, 2600, "what counts stays");
    desk.teller.finish(&desk.hotel, None).await.expect("told");
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM reservations").await, 2600);
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

async fn a_phone_that_becomes_known_is_the_same_guests_and_another_phone_is_anothers(world: World) {
    let desk = Desk::new(world).await;
    desk.import(&[booking("R1", "call me"), booking("R2", "+79005556677")]).await;
    let (first, second) = (desk.stay("R1").await.guest, desk.stay("R2").await.guest);

    desk.import(&[booking("R1", PHONE), booking("R2", PHONE)]).await;

    assert_eq!(desk.stay("R1").await.guest, first);
    assert_eq!(desk.guest(first).await.phone.as_deref(), Some(PHONE));
    assert_eq!(desk.stay("R2").await.guest, first, "it was somebody else's number");
    assert!(desk.guests().await.iter().all(|guest| guest.id != second), "who has no stay and no word is not listed");
    desk.import(&[booking("R1", "?call")]).await;
    assert_eq!(desk.stay("R1").await.guest, first, "an unclear phone tells nothing about who it is");
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

async fn two_records_of_one_person_become_one_and_a_wish_for_silence_holds(world: World) {
    let desk = Desk::new(world).await;
    desk.world.guest(&desk.hotel.id, LID, "M1", "STOP").await;
    let gathered = desk.world.gather_one().await;
    let mut stop = build::commit(&desk.world.clock, desk.world.me, &gathered);
    stop.conversation.consent = Consent::OptedOut { at: desk.world.clock.now() };
    desk.world.store.commit_turns(vec![stop]).await.expect("committed");
    desk.import(&[booking("R1", PHONE), booking("R2", PHONE)]).await;
    let (lid, phone) = (gathered.conversation.guest, desk.stay("R1").await.guest);
    desk.followed();

    let (merged, _) = desk.teller.merge(desk.hotel.clone(), phone, lid).await.expect("merged");

    assert_eq!((merged.chats, merged.changed.len()), (1, 0));
    let kept = desk.guest(phone).await;
    assert!(matches!(kept.consent, Consent::OptedOut { .. }));
    assert_eq!((kept.stays, kept.messages), (2, 1));
    assert!(desk.world.store.find_guests(&lid.to_string(), &[]).await.expect("looked").is_empty());
    desk.world.guest(&desk.hotel.id, LID, "M2", "hello again").await;
    assert_eq!(desk.world.gather_one().await.conversation.guest, phone);
    // The other way round: stays move, and telling them again leaves them there.
    desk.import(&[booking("R3", "+79005556677")]).await;
    let third = desk.stay("R3").await.guest;
    let (moved, _) = desk.teller.merge(desk.hotel.clone(), phone, third).await.expect("merged");
    assert_eq!(moved.changed.len(), 1);
    desk.import(&[booking("R3", "+79005556677"), booking("R4", "+79005556677")]).await;
    assert_eq!((desk.stay("R3").await.guest, desk.stay("R4").await.guest), (phone, phone));
    assert_eq!(desk.world.store.guest_addresses(&desk.hotel.id, phone).await.expect("read").len(), 3);
}

async fn what_a_guest_wrote_is_believed_before_what_was_told(world: World) {
    let desk = Desk::new(world).await;
    let language = |code| Language::parse(code).expect("a language");
    let told = |code, name: &str| Booking {
        language: Some(language(code)),
        guest_name: Some(name.to_owned()),
        email: Some("a@example.com".to_owned()),
        ..booking("R1", PHONE)
    };
    desk.import(&[told("de", "Anna")]).await;
    let guest = desk.stay("R1").await.guest;
    assert_eq!(desk.guest(guest).await.language, Some(language("de")));
    desk.import(&[told("fr", "Anna")]).await;
    assert_eq!(desk.guest(guest).await.language, Some(language("fr")), "nothing else is known");

    desk.world.guest(&desk.hotel.id, ADDRESS, "M1", "Здравствуйте").await;
    let gathered = desk.world.gather_one().await;
    let mut turn = build::commit(&desk.world.clock, desk.world.me, &gathered);
    turn.conversation.language = Some(language("ru"));
    desk.world.store.commit_turns(vec![turn]).await.expect("committed");
    desk.import(&[told("es", "Anna Maria")]).await;

    let record = desk.guest(guest).await;
    assert_eq!(record.language, Some(language("ru")));
    assert_eq!((record.name.as_deref(), record.email.as_deref()), (Some("Anna Maria"), Some("a@example.com")));
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

async fn a_reservation_of_another_hotels_guest_cannot_be_stored(world: World) {
    let desk = Desk::new(world).await;
    desk.world.hotel("seaview").await;
    desk.import(&[booking("R1", PHONE)]).await;
    let guest = desk.stay("R1").await.guest;
    let mut raw = desk.world.db.raw().await;
    let statement = |hotel: &str, status: &str| {
        format!(
            "INSERT INTO reservations (hotel_id, reservation_id, guest_id, status, arrival, departure, booking, history,
                                       told_by, synced_at)
             VALUES ('{hotel}', 'R9', '{guest}', '{status}', '2026-07-01', '2026-07-02', '', '', 'csv', 0)"
        )
    };

    let across = raw.execute(&statement("seaview", "confirmed")).await;
    assert!(across.is_err_and(|error| error.as_database_error().is_some_and(|error| error.is_foreign_key_violation())));
    let odd = raw.execute(&statement("astoria", "odd")).await;
    assert!(odd.is_err_and(|error| error.as_database_error().is_some_and(|error| error.is_check_violation())));
    raw.execute(&statement("astoria", "confirmed")).await.expect("its own hotel's");
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
