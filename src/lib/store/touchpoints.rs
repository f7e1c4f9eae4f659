//! Touchpoints: one trigger for one reservation and one occurrence. [`replan`] makes the rows match what the stays and
//! triggers want, inside the transaction that changes either.

use super::known_guests::KnownGuests;
use super::reservations;
use super::{Result, Store, StoreError, Tx, batch, instant, micros, read_document};
use crate::domain::hotel::Hotel;
use crate::domain::ids::{HotelId, ReservationId, TouchpointId, TriggerId};
use crate::domain::schedule::changes::{Changes, changes};
use crate::domain::schedule::missed::GRACE;
use crate::domain::schedule::plan::{Wanted, Wish, plan};
use crate::domain::stay::Reservation;
use crate::domain::touchpoint::{SkipReason, Touchpoint, TouchpointKey, TouchpointState};
use crate::domain::trigger::{Anchor, TriggerSet};
use crate::domain::trigger_plan::{Effects, Near};
use crate::{on_tx, sql};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use uuid::Uuid;

/// Whose stays are replanned.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// All of the hotel's.
    Everybody,
    /// These.
    These(&'a [ReservationId]),
    /// These, which are just so in the database: they are not read again.
    Known(&'a [&'a Reservation]),
}

/// Reservations planned with one set of statements.
const TOGETHER: usize = 500;
/// How many of the nearest messages an effect lists.
const NEAREST: usize = 10;

/// What a hotel's rows are planned by.
pub(super) struct Rules {
    pub(super) hotel: Hotel,
    pub(super) set: TriggerSet,
    pub(super) revision: i64,
}

impl Rules {
    /// Of a hotel in force. One without triggers has an empty set; one that is not in force wants nothing.
    pub(super) async fn of(tx: &mut Tx, hotel: &HotelId) -> Result<Option<Rules>> {
        const RULES: super::Sql = sql!(
            "SELECT h.definition, t.definition, t.revision FROM hotels h
             LEFT JOIN trigger_sets t ON t.hotel_id = h.hotel_id
             WHERE h.hotel_id = $1 AND h.retired_at IS NULL"
        );
        let row: Option<(String, Option<String>, Option<i64>)> =
            on_tx!(tx, RULES, |q, c| sqlx::query_as(q).bind(hotel.as_str()).fetch_optional(c).await?);
        let Some((hotel, set, revision)) = row else { return Ok(None) };
        let set = set.as_deref().map(read_document).transpose()?.unwrap_or_default();
        Ok(Some(Rules { hotel: read_document(&hotel)?, set, revision: revision.unwrap_or(0) }))
    }

    fn listens(&self) -> bool {
        listens(&self.set)
    }
}

/// Whether a trigger goes by what guests say, so that planning must know what they said.
pub(super) fn listens(set: &TriggerSet) -> bool {
    set.triggers.values().any(|trigger| goes_by_words(&trigger.when.anchor))
}

/// Whether an anchor is something that happens in the chat.
fn goes_by_words(anchor: &Anchor) -> bool {
    matches!(
        anchor,
        Anchor::FirstMessage
            | Anchor::Message
            | Anchor::Sentiment { .. }
            | Anchor::Answer { .. }
            | Anchor::AlertResolved
            | Anchor::Silence
    )
}

/// Makes the rows of these stays match what they want now: new ones are added, planned ones moved, what nobody wants any
/// more is cancelled, what was passed over may come back, and what was sent stands for ever.
pub async fn replan(tx: &mut Tx, hotel: &HotelId, who: Who<'_>, now: Timestamp) -> Result<Effects> {
    let Some(rules) = Rules::of(tx, hotel).await? else {
        cancel_all(tx, hotel, now).await?;
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

/// The same after guests of these stays said something: only where a trigger goes by what guests say.
pub(super) async fn replan_after_words(
    tx: &mut Tx,
    hotel: &HotelId,
    stays: &[ReservationId],
    now: Timestamp,
) -> Result<()> {
    let Some(rules) = Rules::of(tx, hotel).await?.filter(Rules::listens) else { return Ok(()) };
    Planner::new(&rules, now).run(tx, Who::These(stays), Mode::Write).await
}

/// What replanning everybody would do under other triggers, or another hotel, without doing it.
pub async fn foresee(tx: &mut Tx, hotel: &Hotel, set: &TriggerSet, now: Timestamp) -> Result<Effects> {
    let rules = Rules { hotel: hotel.clone(), set: set.clone(), revision: 0 };
    let mut planner = Planner::new(&rules, now);
    planner.run(tx, Who::Everybody, Mode::Look).await?;
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
            Who::Everybody => {
                let mut after = ReservationId(String::new());
                loop {
                    let part = page(tx, &self.rules.hotel.id, &after).await?;
                    let Some(last) = part.last() else { return Ok(()) };
                    after = last.clone();
                    self.read_part(tx, &part, mode).await?;
                }
            }
        }
        Ok(())
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

/// The next reservations in the order of their ids.
async fn page(tx: &mut Tx, hotel: &HotelId, after: &ReservationId) -> Result<Vec<ReservationId>> {
    const PAGE: super::Sql = sql!(
        "SELECT reservation_id FROM reservations WHERE hotel_id = $1 AND reservation_id > $2
         ORDER BY reservation_id LIMIT $3"
    );
    let limit = i64::try_from(TOGETHER).unwrap_or(i64::MAX);
    let ids: Vec<String> = on_tx!(tx, PAGE, |q, c| sqlx::query_scalar(q)
        .bind(hotel.as_str())
        .bind(after.as_str())
        .bind(limit)
        .fetch_all(c)
        .await?);
    Ok(ids.into_iter().map(ReservationId).collect())
}

/// A hotel that is no longer in force says nothing.
async fn cancel_all(tx: &mut Tx, hotel: &HotelId, now: Timestamp) -> Result<()> {
    const CANCEL: super::Sql = sql!(
        "UPDATE touchpoints SET state = 'cancelled', reason = NULL, changed_at = $2
         WHERE hotel_id = $1 AND state IN ('planned', 'draft')"
    );
    on_tx!(tx, CANCEL, |q, c| sqlx::query(q).bind(hotel.as_str()).bind(micros(now)).execute(c).await?.rows_affected());
    Ok(())
}

#[derive(sqlx::FromRow)]
pub(super) struct TouchpointRow {
    touchpoint_id: String,
    reservation_id: String,
    trigger_id: String,
    occurrence: String,
    state: String,
    reason: Option<String>,
    due_at: i64,
    moment: i64,
    look_at: i64,
}

impl TouchpointRow {
    pub(super) fn read(self) -> Result<Touchpoint> {
        let corrupt = |word: &str| StoreError::Corrupt(format!("`{word}` is no word of a touchpoint"));
        Ok(Touchpoint {
            id: TouchpointId(super::read_uuid(&self.touchpoint_id)?),
            key: TouchpointKey {
                reservation: ReservationId(self.reservation_id),
                trigger: TriggerId(self.trigger_id),
                occurrence: self.occurrence,
            },
            due_at: instant(self.due_at)?,
            moment: instant(self.moment)?,
            look_at: instant(self.look_at)?,
            state: TouchpointState::parse(&self.state).ok_or_else(|| corrupt(&self.state))?,
            reason: self.reason.as_deref().and_then(SkipReason::parse),
        })
    }
}

async fn standing(
    tx: &mut Tx,
    hotel: &HotelId,
    ids: impl Iterator<Item = &ReservationId>,
) -> Result<HashMap<ReservationId, Vec<Touchpoint>>> {
    const STANDING: super::Sql = sql!(
        "SELECT t.touchpoint_id, t.reservation_id, t.trigger_id, t.occurrence, t.state, t.reason, t.due_at, t.moment,
                t.look_at
         FROM " ROWS
        {lite: "CROSS JOIN", pg: "JOIN"}
        " touchpoints t ON t.hotel_id = $2 AND t.reservation_id = r.value->>'id'"
    );
    let ids: Vec<IdRow<'_>> = ids.map(|id| IdRow { id: id.as_str() }).collect();
    let ids = batch(&ids)?;
    let rows: Vec<TouchpointRow> =
        on_tx!(tx, STANDING, |q, c| sqlx::query_as(q).bind(&ids).bind(hotel.as_str()).fetch_all(c).await?);
    let mut standing: HashMap<ReservationId, Vec<Touchpoint>> = HashMap::new();
    for row in rows {
        let touchpoint = row.read()?;
        standing.entry(touchpoint.key.reservation.clone()).or_default().push(touchpoint);
    }
    Ok(standing)
}

#[derive(Serialize)]
struct IdRow<'a> {
    id: &'a str,
}

/// What becomes of rows, for one statement each.
#[derive(Default)]
struct Writes {
    add: Vec<WriteRow>,
    alter: Vec<WriteRow>,
    cancel: Vec<WriteRow>,
}

#[derive(Serialize)]
struct WriteRow {
    hotel: String,
    id: String,
    reservation: String,
    trigger: String,
    occurrence: String,
    state: &'static str,
    reason: Option<&'static str>,
    due: i64,
    moment: i64,
    revision: i64,
    at: i64,
}

impl Writes {
    fn take(&mut self, planner: &Planner<'_>, changes: Changes) {
        let (rules, now) = (planner.rules, planner.now);
        for wanted in changes.add {
            let id = new_id(&rules.hotel.id, &wanted.key, (now, planner.part));
            self.add.push(write_row(rules, id, wanted, now));
        }
        self.alter.extend(changes.alter.into_iter().map(|(id, wanted)| write_row(rules, id, wanted, now)));
        self.cancel.extend(changes.cancel.into_iter().map(|id| cancel_row(rules, id, now)));
    }

    async fn run(mut self, tx: &mut Tx) -> Result<()> {
        // Locked in the order in which a scheduler locks them.
        self.alter.sort_by(|a, b| a.id.cmp(&b.id));
        self.add.sort_by(|a, b| a.id.cmp(&b.id));
        for (statement, rows) in [(CANCEL, self.cancel), (ALTER, self.alter), (ADD, self.add)] {
            if rows.is_empty() {
                continue;
            }
            let json = batch(&rows)?;
            on_tx!(tx, statement, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
        }
        Ok(())
    }
}

const ADD: super::Sql = sql!(
    "INSERT INTO touchpoints (hotel_id, touchpoint_id, reservation_id, trigger_id, occurrence, state, reason, due_at,
                              moment, look_at, revision, planned_at, changed_at)
     SELECT r.value->>'hotel', r.value->>'id', r.value->>'reservation', r.value->>'trigger', r.value->>'occurrence',
            r.value->>'state', r.value->>'reason', CAST(r.value->>'due' AS BIGINT), CAST(r.value->>'moment' AS BIGINT),
            CAST(r.value->>'due' AS BIGINT), CAST(r.value->>'revision' AS BIGINT), CAST(r.value->>'at' AS BIGINT),
            CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS " WHERE true
     ON CONFLICT (hotel_id, reservation_id, trigger_id, occurrence) DO NOTHING"
);
/// What a daemon sent meanwhile stands.
const ALTER: super::Sql = sql!(
    "UPDATE touchpoints SET state = r.value->>'state', reason = r.value->>'reason',
       due_at = CAST(r.value->>'due' AS BIGINT), moment = CAST(r.value->>'moment' AS BIGINT),
       look_at = CAST(r.value->>'due' AS BIGINT), revision = CAST(r.value->>'revision' AS BIGINT), seen = NULL,
       changed_at = CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS
    " WHERE touchpoints.hotel_id = r.value->>'hotel' AND touchpoints.touchpoint_id = r.value->>'id'
       AND touchpoints.state <> 'sent'"
);
const CANCEL: super::Sql = sql!(
    "UPDATE touchpoints SET state = 'cancelled', reason = NULL, revision = CAST(r.value->>'revision' AS BIGINT),
       seen = NULL, changed_at = CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS
    " WHERE touchpoints.hotel_id = r.value->>'hotel' AND touchpoints.touchpoint_id = r.value->>'id'
       AND touchpoints.state <> 'sent'"
);

fn write_row(rules: &Rules, id: TouchpointId, wanted: Wanted, now: Timestamp) -> WriteRow {
    let state = if wanted.skip.is_some() { TouchpointState::Skipped } else { TouchpointState::Planned };
    WriteRow {
        hotel: rules.hotel.id.to_string(),
        id: id.to_string(),
        reservation: wanted.key.reservation.0,
        trigger: wanted.key.trigger.0,
        occurrence: wanted.key.occurrence,
        state: state.as_str(),
        reason: wanted.skip.map(SkipReason::as_str),
        due: micros(wanted.due_at),
        moment: micros(wanted.moment),
        revision: rules.revision,
        at: micros(now),
    }
}

fn cancel_row(rules: &Rules, id: TouchpointId, now: Timestamp) -> WriteRow {
    WriteRow {
        hotel: rules.hotel.id.to_string(),
        id: id.to_string(),
        reservation: String::new(),
        trigger: String::new(),
        occurrence: String::new(),
        state: TouchpointState::Cancelled.as_str(),
        reason: None,
        due: 0,
        moment: 0,
        revision: rules.revision,
        at: micros(now),
    }
}

/// The id of a new row: its time and part in front, so that rows written together lie together (of a million spread
/// over the whole index each would cost pages of it), and the key's digest behind. A store has no source of ids, and
/// needs none here: the key itself is unique for ever.
fn new_id(hotel: &HotelId, key: &TouchpointKey, (now, part): (Timestamp, u16)) -> TouchpointId {
    let mut digest = Sha256::new();
    for part in [hotel.as_str(), key.reservation.as_str(), key.trigger.as_str(), &key.occurrence] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let digest = digest.finalize();
    let mut bytes = [0; 16];
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0).to_be_bytes();
    bytes[..6].copy_from_slice(&millis[2..]);
    // Four bits of these are the version's, and two of those behind the variant's.
    bytes[6..8].copy_from_slice(&part.to_be_bytes());
    bytes[8..].copy_from_slice(&digest[..8]);
    TouchpointId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// The id of a touchpoint as it is written in an intent; `None` for the intent of something else.
pub fn of_intent(intent: &str) -> Option<TouchpointId> {
    Uuid::parse_str(intent.strip_prefix("touchpoint:")?).ok().map(TouchpointId)
}

/// The reason to write that is this touchpoint: at most one message, ever.
pub fn intent(id: TouchpointId) -> String {
    format!("touchpoint:{id}")
}

/// Counts effects while planning.
#[derive(Default)]
struct Tally {
    effects: Effects,
    near: Vec<Near>,
}

impl Tally {
    fn count(&mut self, changes: &Changes, rows: &[Touchpoint]) {
        let before: HashMap<TouchpointId, &Touchpoint> = rows.iter().map(|row| (row.id, row)).collect();
        for wanted in &changes.add {
            self.wanted(wanted, None);
        }
        for (id, wanted) in &changes.alter {
            self.wanted(wanted, before.get(id).copied());
        }
        for id in &changes.cancel {
            let was = before.get(id).filter(|row| is_to_come(row));
            if let Some(row) = was {
                self.effects.triggers.entry(row.key.trigger.clone()).or_default().cancelled += 1;
            }
        }
    }

    fn wanted(&mut self, wanted: &Wanted, before: Option<&Touchpoint>) {
        let was_planned = before.is_some_and(is_to_come);
        let effects = self.effects.triggers.entry(wanted.key.trigger.clone()).or_default();
        match (wanted.skip, was_planned) {
            (Some(reason), was_planned) => {
                *effects.skipped.entry(reason.as_str().to_owned()).or_default() += 1;
                effects.cancelled += usize::from(was_planned);
                return;
            }
            (None, true) => effects.moved += 1,
            (None, false) => effects.planned += 1,
        }
        effects.first = Some(effects.first.map_or(wanted.due_at, |first| first.min(wanted.due_at)));
        let key = &wanted.key;
        let near = Near { reservation: key.reservation.clone(), trigger: key.trigger.clone(), due_at: wanted.due_at };
        self.near.push(near);
        if self.near.len() > 100 * NEAREST {
            self.keep_nearest();
        }
    }

    /// Of what would be planned or moved: what would not go as far as that is known, and what quiet hours put off.
    fn hold_back(&mut self, rules: &Rules, changes: &Changes, objections: &HashMap<TouchpointKey, SkipReason>) {
        let wanted = changes.add.iter().chain(changes.alter.iter().map(|(_, wanted)| wanted));
        for wanted in wanted.filter(|wanted| wanted.skip.is_none()) {
            let Some(trigger) = rules.set.triggers.get(&wanted.key.trigger) else { continue };
            let effects = self.effects.triggers.entry(wanted.key.trigger.clone()).or_default();
            effects.quiet += usize::from(super::foresight::is_quiet(rules, trigger, wanted.moment));
            if let Some(reason) = objections.get(&wanted.key) {
                effects.hold_back(*reason);
            }
        }
    }

    fn keep_nearest(&mut self) {
        self.near.sort_by(|a, b| (a.due_at, &a.trigger, &a.reservation).cmp(&(b.due_at, &b.trigger, &b.reservation)));
        self.near.truncate(NEAREST);
    }

    fn done(mut self) -> Effects {
        self.keep_nearest();
        self.effects.nearest = self.near;
        self.effects.triggers.retain(|_, effects| !effects.is_empty());
        self.effects
    }
}

fn is_to_come(row: &Touchpoint) -> bool {
    matches!(row.state, TouchpointState::Planned | TouchpointState::Draft)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(occurrence: &str) -> TouchpointKey {
        TouchpointKey {
            reservation: ReservationId("R1".into()),
            trigger: TriggerId("room-ok".into()),
            occurrence: occurrence.into(),
        }
    }

    #[test]
    fn an_id_is_of_its_key_and_sorts_by_its_time() {
        let hotel = HotelId::parse("astoria").expect("valid");
        let early = Timestamp::from_second(1_783_868_400).expect("in range");
        let late = Timestamp::from_second(1_783_868_401).expect("in range");

        let one = new_id(&hotel, &key(""), (early, 1));
        assert_eq!(one, new_id(&hotel, &key(""), (early, 1)));
        assert!(one < new_id(&hotel, &key(""), (early, 2)));
        assert!(new_id(&hotel, &key(""), (early, 4095)) < new_id(&hotel, &key(""), (late, 1)));
        assert_ne!(one, new_id(&hotel, &key("2026-07-01"), (early, 1)));
        assert_eq!(of_intent(&intent(one)), Some(one));
        assert_eq!(of_intent("reply:1"), None);
    }
}
