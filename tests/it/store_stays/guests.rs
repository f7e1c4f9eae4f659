//! Whose reservation it is: the guest behind a phone, and what is known of them.

use super::{Desk, PHONE, booking, source};
use crate::support::build;
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::conversation::Consent;
use hotelbot::domain::ids::{ChatAddress, GuestId, ReservationId};
use hotelbot::domain::language::Language;
use hotelbot::domain::stay::Booking;
use hotelbot::ports::Clock;
use hotelbot::store::journal::ChatFilter;
use std::sync::Arc;

const ADDRESS: &str = "79001112233@c.us";
const LID: &str = "120650379300963@lid";

on_both_engines!(
    a_known_phone_has_a_chat_at_once_and_the_guests_later_message_finds_it,
    who_wrote_before_is_the_guest_of_the_reservation,
    two_reservations_of_one_phone_are_of_one_guest_and_without_a_phone_each_has_its_own,
    c12_the_same_ids_at_two_hotels_are_two_reservations,
    a_phone_that_becomes_known_is_the_same_guests_and_another_phone_is_anothers,
    two_records_of_one_person_become_one_and_a_wish_for_silence_holds,
    what_a_guest_wrote_is_believed_before_what_was_told,
    a_reservation_of_another_hotels_guest_cannot_be_stored,
);

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
