//! Stays and guests: whose reservation it is, what telling again does, and that all of it happens or nothing.

mod guests;
mod long_files;
mod telling;

use crate::support::build;
use crate::support::world::World;
use futures_util::FutureExt;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::{GuestId, ReservationId};
use hotelbot::domain::stay::{Booking, Phone, Reservation};
use hotelbot::domain::stay_change::Told;
use hotelbot::flow::stays::{Outcome, Replan, Replanned, Source, Teller, Tellings};
use hotelbot::gateways::green_api::address_of_phone;
use hotelbot::store::StoreError;
use hotelbot::store::guests::{GuestFilter, GuestRecord};
use hotelbot::store::reservations::Changed;
use jiff::SignedDuration;
use jiff::civil::date;
use std::sync::{Arc, Mutex};

const PHONE: &str = "+79001112233";

fn booking(id: &str, phone: &str) -> Booking {
    let phone = match phone {
        "" => Phone::Missing,
        known if known.starts_with('+') => Phone::Known(known.to_owned()),
        unclear => Phone::Unclear(unclear.to_owned()),
    };
    Booking { guest_name: Some("Anna".to_owned()), phone, ..Booking::bare(id, date(2026, 7, 10), date(2026, 7, 12)) }
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
