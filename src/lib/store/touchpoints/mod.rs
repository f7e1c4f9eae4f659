//! Touchpoints: one trigger for one reservation and one occurrence. [`replan`] makes the rows match what the stays and
//! triggers want, inside the transaction that changes either.
//!
//! * here: replanning, for real or to foresee it.
//! * `rules`: the hotel and the triggers that rows are planned by.
//! * `words`: replanning after a guest said something.
//! * `rows`: touchpoints as they are stored.
//! * `tally`: what a replan changes, counted.

mod rows;
mod rules;
mod tally;
mod words;

pub(super) use rows::TouchpointRow;
pub use rows::{file_intent, intent, of_file_intent, of_intent};
pub(super) use rules::Rules;
pub(super) use words::{listens, replan_after_words, stays_of_chats};

use super::known_guests::KnownGuests;
use super::reservations;
use super::{Result, Sql, Store, Tx};
use crate::domain::hotel::Hotel;
use crate::domain::ids::{HotelId, ReservationId};
use crate::domain::schedule::changes::changes;
use crate::domain::schedule::missed::GRACE;
use crate::domain::schedule::plan::{Wish, plan};
use crate::domain::stay::Reservation;
use crate::domain::trigger::TriggerSet;
use crate::domain::trigger_plan::Effects;
use crate::{on_tx, sql};
use jiff::Timestamp;
use rows::{Writes, standing};
use std::collections::HashMap;
use tally::Tally;

/// Whose stays are replanned.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// These.
    These(&'a [ReservationId]),
    /// These, which are just so in the database: they are not read again.
    Known(&'a [&'a Reservation]),
}

/// Reservations planned with one set of statements.
const TOGETHER: usize = 500;

/// Makes the rows of these stays match what they want now: new ones are added, planned ones moved, what nobody wants any
/// more is cancelled, what was passed over may come back, and what was sent stands for ever.
pub async fn replan(tx: &mut Tx, hotel: &HotelId, who: Who<'_>, now: Timestamp) -> Result<Effects> {
    let Some(rules) = Rules::of(tx, hotel).await? else {
        rows::cancel(tx, hotel, who, now).await?;
        return Ok(Effects::default());
    };
    if rules.revision == 0 {
        // Triggers were never applied here: no row can stand.
        return Ok(Effects::default());
    }
    let mut planner = Planner::new(&rules, now);
    planner.run(tx, who, Mode::Write).await?;
    Ok(planner.tally.done())
}

/// What replanning everybody would do under other triggers, or another hotel, without doing it.
pub async fn foresee(tx: &mut Tx, hotel: &Hotel, set: &TriggerSet, now: Timestamp) -> Result<Effects> {
    let rules = Rules { hotel: hotel.clone(), set: set.clone(), revision: 0 };
    let mut planner = Planner::new(&rules, now);
    planner.look_at_all(tx).await?;
    Ok(planner.tally.done())
}

impl Store {
    /// See [`foresee`]. Everything of one hotel over one unchanging picture.
    pub async fn foresee_triggers(&self, hotel: &Hotel, set: &TriggerSet, now: Timestamp) -> Result<Effects> {
        let (hotel, set) = (hotel.clone(), set.clone());
        self.look(move |tx| Box::pin(async move { foresee(tx, &hotel, &set, now).await })).await
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Write,
    Look,
}

struct Planner<'r> {
    rules: &'r Rules,
    now: Timestamp,
    tally: Tally,
    /// Which part is planned, for ids that lie together.
    part: u16,
}

impl<'r> Planner<'r> {
    fn new(rules: &'r Rules, now: Timestamp) -> Self {
        Self { rules, now, tally: Tally::default(), part: 0 }
    }

    async fn run(&mut self, tx: &mut Tx, who: Who<'_>, mode: Mode) -> Result<()> {
        match who {
            Who::These(ids) => {
                for part in ids.chunks(TOGETHER) {
                    self.read_part(tx, part, mode).await?;
                }
            }
            Who::Known(stays) => {
                for part in stays.chunks(TOGETHER) {
                    self.part(tx, part, mode).await?;
                }
            }
        }
        Ok(())
    }

    async fn look_at_all(&mut self, tx: &mut Tx) -> Result<()> {
        let mut after = ReservationId(String::new());
        loop {
            let part = page(tx, &self.rules.hotel.id, &after, TOGETHER).await?;
            let Some(last) = part.last() else { return Ok(()) };
            after = last.clone();
            self.read_part(tx, &part, Mode::Look).await?;
        }
    }

    async fn read_part(&mut self, tx: &mut Tx, ids: &[ReservationId], mode: Mode) -> Result<()> {
        let known = reservations::known(tx, &self.rules.hotel.id, ids.iter()).await?;
        let stays: Vec<&Reservation> = known.values().map(|known| &known.reservation).collect();
        self.part(tx, &stays, mode).await
    }

    async fn part(&mut self, tx: &mut Tx, stays: &[&Reservation], mode: Mode) -> Result<()> {
        let hotel = &self.rules.hotel.id;
        let mut standing = standing(tx, hotel, stays.iter().map(|stay| &stay.booking.id)).await?;
        self.part = self.part.wrapping_add(1);
        let needs_guests = self.rules.listens() || mode == Mode::Look;
        let guests = match needs_guests {
            true => KnownGuests::load(tx, &self.rules.hotel, stays.iter().map(|stay| stay.guest), self.now).await?,
            false => KnownGuests::default(),
        };
        let mut writes = Writes::default();
        for stay in stays.iter().copied() {
            let rows = standing.remove(&stay.booking.id).unwrap_or_default();
            let happenings = guests.happenings(stay);
            let wanted = plan(&Wish {
                reservation: stay,
                hotel: &self.rules.hotel,
                set: &self.rules.set,
                happenings: &happenings,
                now: self.now,
                grace: GRACE,
            });
            let objections = match mode {
                Mode::Look => super::foresight::objections(self.rules, stay, &guests, &wanted),
                Mode::Write => HashMap::new(),
            };
            let changes = changes(&rows, wanted);
            self.tally.count(&changes, &rows);
            if mode == Mode::Look {
                self.tally.hold_back(self.rules, &changes, &objections);
            }
            writes.take(self, changes);
        }
        if mode == Mode::Write {
            writes.run(tx).await?;
        }
        Ok(())
    }
}

/// The next reservations in the order of their ids; none: there are no more.
pub(super) async fn page(
    tx: &mut Tx,
    hotel: &HotelId,
    after: &ReservationId,
    most: usize,
) -> Result<Vec<ReservationId>> {
    const PAGE: Sql = sql!(
        "SELECT reservation_id FROM reservations WHERE hotel_id = $1 AND reservation_id > $2
         ORDER BY reservation_id LIMIT $3"
    );
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let ids: Vec<String> = on_tx!(tx, PAGE, |q, c| sqlx::query_scalar(q)
        .bind(hotel.as_str())
        .bind(after.as_str())
        .bind(limit)
        .fetch_all(c)
        .await?);
    Ok(ids.into_iter().map(ReservationId).collect())
}
