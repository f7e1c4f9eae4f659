//! Two records that turn out to be one person's: what one asked for holds for both, what one heard counts for both.

use super::build::{HOUR, booking, hotel, set, trigger};
use crate::support::build::{self, guest};
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::conversation::Consent;
use hotelbot::domain::ids::{ChatAddress, HotelId};
use hotelbot::domain::trigger::Anchor;
use hotelbot::ports::Clock;
use hotelbot::store::guests;
use hotelbot::store::reservations::lock_hotel;
use hotelbot::store::touchpoints::{Who, replan};

const LID: &str = "120650379300963@lid";
const PHONE: &str = "79210000001@c.us";

on_both_engines!(
    stop_under_one_address_holds_under_the_other_as_soon_as_both_are_told_together,
    a_person_who_leads_one_chat_of_a_guest_leads_all_of_them,
    what_one_record_heard_the_other_does_not_hear_again,
    two_addresses_are_made_one_once_also_by_two_daemons,
);

/// A guest says STOP under a hidden address; a booking has their phone.
async fn two_records(world: &World) -> HotelId {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    world.guest(&astoria, LID, "M1", "STOP").await;
    let mut stop = build::commit(&world.clock, world.me, &world.gather_one().await);
    stop.conversation.consent = Consent::OptedOut { at: world.clock.now() };
    stop.guest_changed = true;
    world.store.commit_turns(vec![stop]).await.expect("committed");
    world.told(&hotel(), vec![booking("R1", "+79210000001", "2026-07-01")]).await;
    assert_eq!(records(world).await, 2);
    astoria
}

async fn records(world: &World) -> i64 {
    world.number("SELECT COUNT(*) FROM guests WHERE merged_into IS NULL").await
}

async fn told_together(world: &World, astoria: &HotelId) {
    let mut arrival = guest(&world.clock, astoria, LID, "M2", "hello");
    arrival.received.also_known_as = Some(ChatAddress::from(PHONE));
    world.receive(vec![arrival]).await;
}

async fn stop_under_one_address_holds_under_the_other_as_soon_as_both_are_told_together(world: World) {
    let astoria = two_records(&world).await;

    told_together(&world, &astoria).await;

    assert_eq!(records(&world).await, 1);
    world.turn_to("01T15:00");
    world.line_is_ready(&astoria).await;
    assert_eq!(world.look_at_due().await.sent, 0);
    assert_eq!(world.touchpoints().await, ["welcome R1 skipped opted_out"]);
    assert!(world.send_all().await.is_empty());
}

async fn a_person_who_leads_one_chat_of_a_guest_leads_all_of_them(world: World) {
    let astoria = two_records(&world).await;
    let leads =
        "UPDATE chats SET mode = 'handoff', mode_why = 'staff_wrote', mode_since = 1 WHERE address LIKE '%@lid'";
    world.db.raw().await.execute(leads).await.expect("led");

    told_together(&world, &astoria).await;

    assert_eq!(world.number("SELECT COUNT(*) FROM chats WHERE mode = 'handoff' AND mode_why = 'staff_wrote'").await, 2);
}

async fn what_one_record_heard_the_other_does_not_hear_again(world: World) {
    let astoria = world.put(hotel()).await;
    world.triggers(&astoria, set([trigger("welcome", Anchor::Arrival, HOUR)])).await;
    let guests = [booking("R1", "+79210000001", "2026-07-01"), booking("R2", "+79210000002", "2026-07-02")];
    world.told(&hotel(), guests.to_vec()).await;
    world.turn_to("01T15:00");
    world.line_is_ready(&astoria).await;
    world.look_at_due().await;
    assert_eq!(world.send_all().await.len(), 1);

    let (keep, other) = (world.guest_of("R2").await, world.guest_of("R1").await);
    let (id, now) = (astoria.clone(), world.clock.now());
    let merged = world.store.write(move |tx| {
        Box::pin(async move {
            lock_hotel(tx, &id).await?;
            guests::merge(tx, &id, keep, other).await?;
            replan(tx, &id, Who::These(&["R1".into(), "R2".into()]), now).await
        })
    });
    merged.await.expect("merged");
    world.turn_to("02T15:00");
    world.line_is_ready(&astoria).await;
    world.look_at_due().await;

    assert_eq!(world.touchpoints().await, ["welcome R1 sent", "welcome R2 skipped duplicate"]);
}

async fn two_addresses_are_made_one_once_also_by_two_daemons(world: World) {
    let astoria = two_records(&world).await;
    let other = world.db.open().await;
    let arrival = |message: &str| {
        let mut arrival = guest(&world.clock, &astoria, LID, message, "hello");
        arrival.received.also_known_as = Some(ChatAddress::from(PHONE));
        vec![arrival]
    };

    let (one, two) = tokio::join!(world.store.receive(arrival("M2")), other.receive(arrival("M3")));

    one.expect("stored");
    two.expect("stored");
    assert_eq!(records(&world).await, 1);
    assert_eq!(world.number("SELECT COUNT(DISTINCT guest_id) FROM chats").await, 1);
}

impl World {
    async fn guest_of(&self, reservation: &str) -> hotelbot::domain::ids::GuestId {
        let sql = format!("SELECT guest_id FROM reservations WHERE reservation_id = '{reservation}'");
        let found = self.db.raw().await.texts(&sql).await;
        hotelbot::domain::ids::GuestId(found[0].parse().expect("an id"))
    }
}
