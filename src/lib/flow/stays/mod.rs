//! What a file, a PMS or a person tells → STAYS, and what follows from it → TOUCHPOINTS, in one transaction. Of a long
//! file, which `import` tells in parts, that holds for each part.

mod import;

pub use import::{Source, Tellings, run};

use super::Flow;
use crate::domain::hotel::Hotel;
use crate::domain::ids::{ChatAddress, GuestId, ReservationId};
use crate::domain::stay::Reservation;
use crate::domain::stay_change::{ByHand, Telling, Told};
use crate::ports::Clock;
use crate::store::guests::{Merged, merge};
use crate::store::reservations::{
    Applied, Changed, ImportRecord, KeepFresh, ToldRow, apply_bookings, is_first_import, keep_fresh, lock_hotel,
    record_import, set_by_hand,
};
use crate::store::staging::take_these;
use crate::store::touchpoints::{Who, replan};
use crate::store::{Result, Store, StoreError, Tx};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::{Timestamp, ToSpan};
use std::sync::Arc;

/// How many messages a change of stays planned, moved and took back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Replanned {
    /// New ones.
    pub planned: u64,
    /// With another due time.
    pub moved: u64,
    /// No longer wanted.
    pub cancelled: u64,
}

impl std::ops::AddAssign for Replanned {
    fn add_assign(&mut self, more: Self) {
        self.planned += more.planned;
        self.moved += more.moved;
        self.cancelled += more.cancelled;
    }
}

/// What must follow from changed reservations, in the transaction that changes them.
pub type Replan = Arc<
    dyn for<'t> Fn(&'t mut Tx, &'t Hotel, &'t [Changed], Timestamp) -> BoxFuture<'t, Result<Replanned>> + Send + Sync,
>;

/// Tells stays to the database. Cheap to clone.
#[derive(Clone)]
pub struct Teller {
    store: Store,
    clock: Arc<dyn Clock>,
    address_of: Arc<dyn Fn(&str) -> ChatAddress + Send + Sync>,
    replan: Replan,
    watch: Watch,
}

/// Hears how many reservations of an import are told so far.
pub type Watch = Arc<dyn Fn(usize) + Send + Sync>;

/// What telling did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Outcome {
    /// Reservations told.
    pub told: usize,
    /// Of these not known before.
    pub created: usize,
    /// Of these known, and changed.
    pub changed: usize,
    /// Of these known, and as they were.
    pub same: usize,
    /// Of these older than what is known; not taken.
    pub older: usize,
    /// It was the hotel's first import.
    pub first: bool,
    /// What follows.
    pub replanned: Replanned,
}

/// The word of `pms.kind` for a PMS that delivers to us.
const WEBHOOK: &str = "webhook";

impl Teller {
    /// Over this store; `address_of` is how the channel spells the address of a phone. What follows from a change is
    /// [`follow`].
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        address_of: Arc<dyn Fn(&str) -> ChatAddress + Send + Sync>,
    ) -> Self {
        Self { store, clock, address_of, replan: follow(), watch: Arc::new(|_| ()) }
    }

    /// The same, but with something else that follows from a change.
    #[must_use]
    pub fn following(self, replan: Replan) -> Self {
        Self { replan, ..self }
    }

    /// The same, and `watch` hears how an import goes on.
    #[must_use]
    pub fn watched(self, watch: Watch) -> Self {
        Self { watch, ..self }
    }

    /// The daemon's.
    pub fn of(flow: &Flow) -> Self {
        let channel = flow.channel.clone();
        let address_of = Arc::new(move |phone: &str| channel.address_of(phone));
        Self::new(flow.store.clone(), flow.clock.clone(), address_of)
    }

    /// Runs a change in a transaction that is rolled back, and returns what it came to.
    async fn tried<T, F>(&self, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Clone + Send + 'static,
    {
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let outcome: Result<()> = self
            .store
            .write(move |tx| {
                async move {
                    let value = change(tx).await?;
                    // Nobody listens any more only if the caller has gone away.
                    let _ = tell.send(value);
                    Err(StoreError::Refused("undone: it was only tried".to_owned()))
                }
                .boxed()
            })
            .await;
        match (told.try_recv(), outcome) {
            (Ok(value), _) => Ok(value),
            (Err(_), Err(error)) => Err(error),
            (Err(_), Ok(())) => Err(StoreError::Refused("it could not be tried".to_owned())),
        }
    }

    /// Tells what a PMS delivered. A single reservation is an event; the first list of a hotel is its first import.
    /// Whatever is delivered, be it nothing, shows that the PMS is there: what it told before is as fresh as this.
    pub async fn deliver(&self, hotel: Arc<Hotel>, told: Vec<Told>, together: bool) -> Result<Outcome> {
        let teller = self.clone();
        let at = self.clock.now();
        self.store
            .write(move |tx| async move { teller.deliver_in(tx, &hotel, (told, together, at)).await }.boxed())
            .await
    }

    async fn deliver_in(
        &self,
        tx: &mut Tx,
        hotel: &Hotel,
        (told, together, at): (Vec<Told>, bool, Timestamp),
    ) -> Result<Outcome> {
        lock_hotel(tx, &hotel.id).await?;
        self.catch_up(tx, hotel, told.iter().map(|told| &told.booking.id), at).await?;
        let first = together && !told.is_empty() && is_first_import(tx, &hotel.id).await?;
        let mut outcome = Outcome { first, ..Outcome::default() };
        let telling = Telling { hotel, by: WEBHOOK, at, first };
        self.tell_in(tx, &telling, told, &mut outcome).await?;
        if first {
            self.record(tx, &telling, &outcome).await?;
        }
        let yesterday = at.to_zoned(hotel.time_zone()).date().saturating_sub(1.day());
        keep_fresh(tx, &hotel.id, &KeepFresh { told_by: WEBHOOK, departing_from: yesterday, at }).await?;
        Ok(outcome)
    }

    async fn record(&self, tx: &mut Tx, telling: &Telling<'_>, outcome: &Outcome) -> Result<()> {
        let (told, created, changed) = (outcome.told, outcome.created, outcome.changed);
        let (told_by, at) = (telling.by.to_owned(), telling.at);
        let record = ImportRecord { id: self.clock.new_id(), told_by, at, told, created, changed };
        record_import(tx, &telling.hotel.id, &record).await
    }

    /// What an open import tells of these reservations was told before what comes now.
    async fn catch_up(
        &self,
        tx: &mut Tx,
        hotel: &Hotel,
        ids: impl Iterator<Item = &ReservationId>,
        at: Timestamp,
    ) -> Result<()> {
        for (import, told) in take_these(tx, &hotel.id, ids).await? {
            self.tell_staged(tx, hotel, (&import, told), at).await?;
        }
        Ok(())
    }

    async fn tell_in(&self, tx: &mut Tx, telling: &Telling<'_>, told: Vec<Told>, outcome: &mut Outcome) -> Result<()> {
        outcome.told += told.len();
        let rows: Vec<ToldRow> = told.into_iter().map(|told| self.row(told)).collect();
        let Applied { changed, same, older } = apply_bookings(tx, telling, &rows).await?;
        outcome.same += same;
        outcome.older += older;
        let created = changed.iter().filter(|changed| changed.before.is_none()).count();
        outcome.created += created;
        outcome.changed += changed.len() - created;
        if !changed.is_empty() {
            outcome.replanned += (self.replan)(tx, telling.hotel, &changed, telling.at).await?;
        }
        Ok(())
    }

    fn row(&self, told: Told) -> ToldRow {
        let address = told.booking.phone.number().map(|phone| (self.address_of)(phone));
        ToldRow { told, address, new_guest: self.clock.new_id(), new_chat: self.clock.new_id() }
    }

    /// Sets a status, a date or a room by hand; `None` if there is no such reservation. With `only_try` it is undone.
    pub async fn set(
        &self,
        hotel: Arc<Hotel>,
        id: ReservationId,
        by_hand: ByHand,
        only_try: bool,
    ) -> Result<Option<(Changed, Replanned)>> {
        let teller = self.clone();
        let at = self.clock.now();
        if only_try {
            return self.tried(move |tx| set_in(tx, teller, hotel, (id, by_hand, at)).boxed()).await;
        }
        self.store.write(move |tx| set_in(tx, teller, hotel, (id, by_hand, at)).boxed()).await
    }

    /// Makes two records of one person one; `other` is no longer used.
    pub async fn merge(&self, hotel: Arc<Hotel>, keep: GuestId, other: GuestId) -> Result<(Merged, Replanned)> {
        let teller = self.clone();
        let at = self.clock.now();
        self.store
            .write(move |tx| {
                async move {
                    lock_hotel(tx, &hotel.id).await?;
                    let merged = merge(tx, &hotel.id, keep, other).await?;
                    let replanned = (teller.replan)(tx, &hotel, &merged.changed, at).await?;
                    Ok((merged, replanned))
                }
                .boxed()
            })
            .await
    }
}

async fn set_in(
    tx: &mut Tx,
    teller: Teller,
    hotel: Arc<Hotel>,
    (id, by_hand, at): (ReservationId, ByHand, Timestamp),
) -> Result<Option<(Changed, Replanned)>> {
    lock_hotel(tx, &hotel.id).await?;
    teller.catch_up(tx, &hotel, std::iter::once(&id), at).await?;
    let Some(changed) = set_by_hand(tx, &hotel.id, &id, &by_hand, at).await? else { return Ok(None) };
    let replanned = (teller.replan)(tx, &hotel, std::slice::from_ref(&changed), at).await?;
    Ok(Some((changed, replanned)))
}

/// What follows from a change of stays, everywhere, in the daemon and in commands: their touchpoints are planned anew.
pub fn follow() -> Replan {
    Arc::new(|tx, hotel, changed, at| {
        async move {
            let stays: Vec<&Reservation> = changed.iter().map(|changed| &changed.after).collect();
            let effects = replan(tx, &hotel.id, Who::Known(&stays), at).await?;
            Ok(effects.triggers.values().fold(Replanned::default(), |sum, trigger| Replanned {
                planned: sum.planned + trigger.planned as u64,
                moved: sum.moved + trigger.moved as u64,
                cancelled: sum.cancelled + trigger.cancelled as u64,
            }))
        }
        .boxed()
    })
}
