//! What a simulation starts from: the stays of a hotel, and what was sent and said before it.

use super::known_guests::KnownGuests;
use super::reservations::Wanted;
use super::{Result, Store};
use crate::domain::hotel::Hotel;
use crate::domain::ids::{GuestId, ReservationId, TriggerId};
use crate::domain::simulate::Past;
use crate::domain::stay::Reservation;
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeSet;

/// Of so many stays the past is read at once.
const PAGE: usize = 1_000;
/// Days since the departure.
const SINCE_DAYS: i64 = 60;
/// More stays are of no hotel.
const MOST: i64 = 1_000_000;

impl Store {
    /// The stays of a hotel by arrival, each with its past; with `only`, the stays of that reservation's guest. Empty if
    /// there is no such reservation.
    pub async fn stays_with_past(
        &self,
        hotel: &Hotel,
        only: Option<&ReservationId>,
        now: Timestamp,
    ) -> Result<Vec<(Reservation, Past)>> {
        let stays = match only {
            Some(id) => self.stays_beside(hotel, id).await?,
            None => self.all_stays(hotel, now).await?,
        };
        let mut found = Vec::with_capacity(stays.len());
        for page in stays.chunks(PAGE) {
            found.extend(self.with_past(hotel, page.to_vec(), now).await?);
        }
        Ok(found)
    }

    async fn stays_beside(&self, hotel: &Hotel, id: &ReservationId) -> Result<Vec<Reservation>> {
        let rows = self.find_stays(id, std::slice::from_ref(&hotel.id)).await?;
        match rows.first() {
            Some(row) => self.stays_of(&hotel.id, row.reservation.guest).await,
            None => Ok(Vec::new()),
        }
    }

    /// Those that can still be written to: a message goes out long before two months after the departure.
    async fn all_stays(&self, hotel: &Hotel, now: Timestamp) -> Result<Vec<Reservation>> {
        let today = now.to_zoned(hotel.time_zone()).date();
        let since = today.checked_sub(SINCE_DAYS.days()).unwrap_or(today);
        let rows = self.stays(&hotel.id, Wanted::From(since), MOST).await?;
        Ok(rows.into_iter().map(|row| row.reservation).collect())
    }

    async fn with_past(
        &self,
        hotel: &Hotel,
        stays: Vec<Reservation>,
        now: Timestamp,
    ) -> Result<Vec<(Reservation, Past)>> {
        let hotel = hotel.clone();
        self.look(move |tx| {
            Box::pin(async move {
                let guests: BTreeSet<GuestId> = stays.iter().map(|stay| stay.guest).collect();
                let known = KnownGuests::load(tx, &hotel, guests.into_iter(), now).await?;
                // What was said of one trigger comes with `sent`; the facts are those that hold for every trigger.
                let none = TriggerId::from("");
                let past = |stay: &Reservation| Past {
                    facts: known.facts(stay, &none, None),
                    sent: known.sent_for(stay),
                    happenings: known.happenings(stay),
                };
                Ok(stays.into_iter().map(|stay| (past(&stay), stay)).map(|(past, stay)| (stay, past)).collect())
            })
        })
        .await
    }
}
