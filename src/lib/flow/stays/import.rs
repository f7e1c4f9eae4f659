//! A file of stays, all of it or nothing, and nobody waits for it: SQLite has one writer, and webhooks need it too.
//!
//! A short file is one transaction. A long one is staged in short transactions, where nobody sees it; then one write
//! decides that all of it counts; then it is told part by part. Before that write nothing of it is there, whatever
//! dies; after it all of it will be: whoever finds an open import goes on with it, so that what is killed in the middle
//! is finished by the next command that looks at stays, or by a daemon.

use super::{Outcome, Teller};
use crate::domain::hotel::Hotel;
use crate::domain::ids::HotelId;
use crate::domain::stay_change::{Telling, Told};
use crate::flow::pace::Pace;
use crate::flow::{Flow, replan};
use crate::store::reservations::{is_first_import, lock_hotel};
use crate::store::staging::{Decision, OpenImport, Progress, decide, progress, take_part};
use crate::store::{Result, StoreError, Tx};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Opens a source of tellings from its beginning.
pub type Source = Arc<dyn Fn() -> std::result::Result<Tellings, String> + Send + Sync>;
/// What a source tells, one by one; the first error ends it.
pub type Tellings = Box<dyn Iterator<Item = std::result::Result<Told, String>> + Send>;

/// So many reservations are told with one set of statements.
const AT_A_TIME: usize = 500;
/// A file that has no more is one transaction.
const SHORT: usize = 1_000;
/// What was staged this long ago and does not count never will: deciding later than [`DECIDED_WITHIN`] is refused.
const ABANDONED: Duration = Duration::from_secs(3_600);
/// From the beginning of staging.
const DECIDED_WITHIN: SignedDuration = SignedDuration::from_mins(50);

impl Teller {
    /// Tells many reservations together, all or none; of several rows of one reservation the last one counts.
    ///
    /// # Errors
    /// Nothing of it is there, unless [`crate::store::Store::unfinished_imports`] has it: then it counts, and will be
    /// told to its end.
    pub async fn import(&self, hotel: Arc<Hotel>, by: &'static str, source: Source) -> Result<Outcome> {
        let mut tellings = source().map_err(StoreError::Refused)?;
        let head = next(&mut tellings, SHORT + 1)?;
        if head.len() <= SHORT {
            return self.import_at_once(hotel, by, last_of_each(head)).await;
        }
        let head = head.into_iter().map(Ok);
        let id = self.clock.new_id();
        match self.stage_and_decide(&hotel, (id, by), Box::new(head.chain(tellings))).await {
            Ok(()) => self.finish(&hotel, Some(id)).await,
            Err(error) => {
                // Nobody sees it; what is not thrown away now is swept later.
                if let Err(left) = self.store.unstage(&hotel.id, id).await {
                    tracing::warn!(error = %crate::flow::chain(&left), "what was staged of an import is left behind");
                }
                Err(error)
            }
        }
    }

    async fn import_at_once(&self, hotel: Arc<Hotel>, by: &'static str, told: Vec<Told>) -> Result<Outcome> {
        let (teller, told, at) = (self.clone(), Arc::new(told), self.clock.now());
        self.store
            .write(move |tx| {
                async move {
                    lock_hotel(tx, &hotel.id).await?;
                    teller.catch_up(tx, &hotel, told.iter().map(|told| &told.booking.id), at).await?;
                    let first = is_first_import(tx, &hotel.id).await?;
                    let telling = Telling { hotel: &hotel, by, at, first };
                    let mut outcome = Outcome { first, ..Outcome::default() };
                    for part in told.chunks(AT_A_TIME) {
                        teller.tell_in(tx, &telling, part.to_vec(), &mut outcome).await?;
                    }
                    teller.record(tx, &telling, &outcome).await?;
                    Ok(outcome)
                }
                .boxed()
            })
            .await
    }

    async fn stage_and_decide(&self, hotel: &Hotel, (id, by): (Uuid, &str), mut tellings: Tellings) -> Result<()> {
        let (mut pace, begun) = (Pace::of(&self.store), self.clock.now());
        loop {
            let part = next(&mut tellings, pace.rows())?;
            if part.is_empty() {
                break;
            }
            pace.hold(|| self.store.stage(&hotel.id, id, &part)).await?;
        }
        let (decision, hotel) = (Decision { id, told_by: by.to_owned(), at: self.clock.now() }, hotel.id.clone());
        if decision.at.duration_since(begun) > DECIDED_WITHIN {
            return Err(StoreError::Conflict("the file took too long to read".to_owned()));
        }
        pace.hold(|| {
            let (hotel, decision) = (hotel.clone(), decision.clone());
            self.store.write(move |tx| {
                async move {
                    lock_hotel(tx, &hotel).await?;
                    decide(tx, &hotel, &decision).await
                }
                .boxed()
            })
        })
        .await
    }

    /// Tells the open imports of a hotel to their end, whoever began them; returns what came of `which`, or of all
    /// that was told here.
    pub async fn finish(&self, hotel: &Hotel, which: Option<Uuid>) -> Result<Outcome> {
        let hotel = Arc::new(hotel.clone());
        let mut pace = Pace::of(&self.store);
        let mut all = Outcome::default();
        loop {
            let most = pace.rows();
            let part = pace.hold(|| {
                let (teller, hotel, at) = (self.clone(), hotel.clone(), self.clock.now());
                self.store.write(move |tx| async move { teller.part_in(tx, &hotel, (at, most)).await }.boxed())
            });
            let Some(part) = part.await? else { break };
            (self.watch)(part.so_far.told);
            if part.done && Some(part.import) == which {
                return Ok(part.so_far);
            }
            all.told += part.told;
        }
        // Somebody else told the last part of it.
        match which {
            None => Ok(all),
            Some(id) => {
                let (outcome, _) = self.store.import_outcome(&hotel.id, id).await?.unwrap_or_default();
                Ok(read(outcome.as_deref()))
            }
        }
    }

    async fn part_in(&self, tx: &mut Tx, hotel: &Hotel, (at, most): (Timestamp, usize)) -> Result<Option<Part>> {
        lock_hotel(tx, &hotel.id).await?;
        let Some((import, told)) = take_part(tx, &hotel.id, most).await? else { return Ok(None) };
        let (count, done) = (told.len(), told.len() < most);
        let so_far = self.tell_staged(tx, hotel, (&import, told), at).await?;
        if done {
            note(tx, &hotel.id, (import.id, &so_far), (at, true)).await?;
        }
        Ok(Some(Part { import: import.id, told: count, so_far, done }))
    }

    /// Tells rows of an open import, and writes down what it came to so far.
    pub(super) async fn tell_staged(
        &self,
        tx: &mut Tx,
        hotel: &Hotel,
        (import, told): (&OpenImport, Vec<Told>),
        at: Timestamp,
    ) -> Result<Outcome> {
        let telling = Telling { hotel, by: &import.told_by, at, first: import.first };
        let mut outcome = Outcome { first: import.first, ..read(import.outcome.as_deref()) };
        let mut rest = told;
        while !rest.is_empty() {
            let next = rest.split_off(rest.len().min(AT_A_TIME));
            self.tell_in(tx, &telling, std::mem::replace(&mut rest, next), &mut outcome).await?;
        }
        note(tx, &hotel.id, (import.id, &outcome), (at, false)).await?;
        Ok(outcome)
    }

    /// What [`Teller::import`] would do: each part of it is done, counted, and undone.
    pub async fn try_import(&self, hotel: Arc<Hotel>, by: &'static str, source: Source) -> Result<Outcome> {
        let id = hotel.id.clone();
        let first = self.store.look(move |tx| async move { is_first_import(tx, &id).await }.boxed()).await?;
        let mut tellings = source().map_err(StoreError::Refused)?;
        let mut outcome = Outcome { first, ..Outcome::default() };
        let mut pace = Pace::of(&self.store);
        loop {
            let part = Arc::new(next(&mut tellings, pace.rows())?);
            if part.is_empty() {
                return Ok(outcome);
            }
            let at = self.clock.now();
            outcome = pace
                .hold(|| {
                    let (teller, hotel, part) = (self.clone(), hotel.clone(), part.clone());
                    self.tried(move |tx| {
                        async move {
                            lock_hotel(tx, &hotel.id).await?;
                            let telling = Telling { hotel: &hotel, by, at, first };
                            let mut outcome = outcome;
                            teller.tell_in(tx, &telling, part.to_vec(), &mut outcome).await?;
                            Ok(outcome)
                        }
                        .boxed()
                    })
                })
                .await?;
            (self.watch)(outcome.told);
        }
    }

    /// Goes on with what nobody works on any more, and throws away what was never decided on.
    async fn tidy(&self, hotels: &[Arc<Hotel>]) -> Result<()> {
        let now = self.clock.now();
        replan::tidy(&self.store, &*self.clock).await?;
        for unfinished in self.store.unfinished_imports().await? {
            let hotel = hotels.iter().find(|hotel| hotel.id == unfinished.hotel);
            if let Some(hotel) = hotel.filter(|_| now.duration_since(unfinished.worked_at) > replan::LEFT_ALONE) {
                tracing::info!(hotel = %hotel.id, left = unfinished.left, "an import that was interrupted goes on");
                self.finish(hotel, None).await?;
            }
        }
        self.sweep().await
    }

    /// Throws away what was staged and never decided on, because whoever staged it was killed.
    pub async fn sweep(&self) -> Result<()> {
        let before = id_at(crate::flow::before(self.clock.now(), ABANDONED));
        for (hotel, id) in self.store.abandoned(before).await? {
            self.store.unstage(&hotel, id).await?;
        }
        Ok(())
    }
}

/// What a part came to.
struct Part {
    import: Uuid,
    told: usize,
    so_far: Outcome,
    done: bool,
}

async fn note(
    tx: &mut Tx,
    hotel: &HotelId,
    (import, outcome): (Uuid, &Outcome),
    (at, done): (Timestamp, bool),
) -> Result<()> {
    let words = serde_json::to_string(outcome).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let (created, changed) = (outcome.created, outcome.changed);
    progress(tx, hotel, import, &Progress { outcome: words, created, changed, at, done }).await
}

/// Before the first part there is nothing to read.
fn read(outcome: Option<&str>) -> Outcome {
    outcome.and_then(|outcome| serde_json::from_str(outcome).ok()).unwrap_or_default()
}

fn next(tellings: &mut Tellings, most: usize) -> Result<Vec<Told>> {
    tellings.by_ref().take(most).collect::<std::result::Result<_, _>>().map_err(StoreError::Refused)
}

fn last_of_each(told: Vec<Told>) -> Vec<Told> {
    let mut last = std::collections::BTreeMap::new();
    for told in told {
        last.insert(told.booking.id.clone(), told);
    }
    last.into_values().collect()
}

/// The least id that a clock gives at this instant or later.
fn id_at(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

/// Finishes what killed programs left, until stopped.
pub async fn run(flow: Flow, stop: CancellationToken) {
    let teller = Teller::of(&flow);
    while !stop.is_cancelled() {
        let hotels: Vec<Arc<Hotel>> = flow.hotels.all().values().map(|served| served.hotel.clone()).collect();
        if let Err(error) = teller.tidy(&hotels).await {
            crate::flow::stumbled("imports", &error, &stop).await;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(flow.limits.watch_every) => {}
        }
    }
}
