//! Touchpoints that are due: taken, decided on with fresh data and carried out in one transaction, so that a message is
//! planned if and only if its touchpoint is spent. The decision itself is the caller's.
//!
//! A guest is a lane: whoever decides holds the guest's row, so that limits hold across daemons.

use super::known_guests::{KnownChat, KnownGuests, SentRow};
use super::questions::{self, NewQuestion};
use super::touchpoints::{Rules, TouchpointRow};
use super::turns::{PlannedSend, SendRow, SendTo, plan_sends, send_row};
use super::{Result, Store, Tx, batch, instant_opt, micros, read_hotel, read_uuid};
use crate::domain::hotel::Hotel;
use crate::domain::ids::{GuestId, HotelId, OutboxId, ReservationId, TouchpointId};
use crate::domain::schedule::facts::{Facts, Happening};
use crate::domain::schedule::order;
use crate::domain::schedule::plan::Wanted;
use crate::domain::stay::Reservation;
use crate::domain::touchpoint::{SkipReason, Touchpoint, TouchpointState};
use crate::domain::trigger::{Trigger, TriggerSet};
use crate::{on_read, on_tx, sql};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// One message whose turn it is, with everything to decide on.
#[derive(Clone, Debug)]
pub struct Due {
    /// The hotel in force.
    pub hotel: Arc<Hotel>,
    /// Its triggers in force.
    pub set: Arc<TriggerSet>,
    /// The row.
    pub touchpoint: Touchpoint,
    /// The reservation as it stands.
    pub reservation: Reservation,
    /// Everything else.
    pub facts: Facts,
    /// What happened in the guest's chat and belongs to this stay.
    pub happenings: Vec<Happening>,
    /// Where the guest is written to.
    pub chat: Option<KnownChat>,
    /// The guest's name; untrusted.
    pub guest_name: Option<String>,
}

impl Due {
    /// Its trigger, if that is still in force.
    pub fn trigger(&self) -> Option<&Trigger> {
        self.set.triggers.get(&self.touchpoint.key.trigger)
    }
}

/// What becomes of one.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It goes out.
    Send(Box<Composed>),
    /// It is put before a person.
    Draft,
    /// It is recorded as sent, and not sent.
    Shadow,
    /// It is looked at again then.
    Wait(Timestamp),
    /// It is passed over.
    Skip(SkipReason),
    /// Its moment is another now.
    Move(Box<Wanted>),
    /// Nobody wants it any more.
    Cancel,
}

/// A fate with what was seen, as JSON.
#[derive(Clone, Debug)]
pub struct Decided {
    /// What becomes of it.
    pub fate: Fate,
    /// For `triggers explain`.
    pub seen: Option<String>,
}

/// A message in its words.
#[derive(Clone, Debug)]
pub struct Composed {
    /// The message.
    pub send: PlannedSend,
    /// What it asks.
    pub question: Option<NewQuestion>,
}

/// How many ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// Looked at.
    pub looked: usize,
    /// Put into the outbox.
    pub sent: usize,
    /// Passed over.
    pub skipped: usize,
}

/// Guests with something due, those that waited longest first; hotels that are stopped or gone are left alone. A join
/// would let PostgreSQL begin with the reservations, a million of them, while it has no figures of the tables yet.
pub const DUE: super::Sql = sql!(
    "SELECT DISTINCT t.hotel_id, (SELECT v.guest_id FROM reservations v
                                  WHERE v.hotel_id = t.hotel_id AND v.reservation_id = t.reservation_id) AS guest_id
     FROM (SELECT hotel_id, reservation_id FROM touchpoints
           WHERE state = 'planned' AND look_at <= $1
             AND hotel_id NOT IN (SELECT hotel_id FROM hotels WHERE paused_at IS NOT NULL OR retired_at IS NOT NULL)
           ORDER BY look_at, touchpoint_id LIMIT $2) AS t"
);
/// Whoever is being looked at by another daemon is left to it.
const LOCK_GUESTS: super::Sql = sql!(
    "SELECT g.hotel_id, g.guest_id FROM " ROWS
    " JOIN guests g ON g.guest_id = r.value->>'guest' AND g.hotel_id = r.value->>'hotel'
     ORDER BY g.hotel_id, g.guest_id "
    {lite: "", pg: "FOR NO KEY UPDATE OF g SKIP LOCKED"}
);
const DUE_ROWS: super::Sql = sql!(
    "SELECT t.touchpoint_id, t.reservation_id, t.trigger_id, t.occurrence, t.state, t.reason, t.due_at, t.moment,
            t.look_at, t.hotel_id, v.guest_id
     FROM " ROWS
    {lite: "CROSS JOIN", pg: "JOIN"}
    " reservations v ON v.guest_id = r.value->>'guest' AND v.hotel_id = r.value->>'hotel' "
    {lite: "CROSS JOIN", pg: "JOIN"}
    " touchpoints t ON t.hotel_id = v.hotel_id AND t.reservation_id = v.reservation_id
     WHERE t.state = 'planned' AND t.look_at <= $2 ORDER BY t.touchpoint_id "
    {lite: "", pg: "FOR UPDATE OF t"}
);

#[derive(sqlx::FromRow)]
struct DueRow {
    #[sqlx(flatten)]
    row: TouchpointRow,
    hotel_id: String,
    guest_id: String,
}

#[derive(Serialize)]
struct GuestRow {
    hotel: String,
    guest: String,
}

impl Store {
    /// Looks at what is due, of at most so many rows, and does with each what `decide` says. Messages of one guest are
    /// decided one after the other, each knowing what became of those before it.
    pub async fn run_due<D>(&self, now: Timestamp, limit: i64, decide: D) -> Result<Ran>
    where
        D: Fn(&Due) -> Decided + Send + Sync + 'static,
    {
        let decide = Arc::new(decide);
        self.write(move |tx| async move { run(tx, now, limit, &*decide).await }.boxed()).await
    }

    /// When the next touchpoint is due.
    pub async fn next_touchpoint(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        const NEXT: super::Sql = sql!("SELECT MIN(look_at) FROM touchpoints WHERE state = 'planned' AND look_at > $1");
        let next: Option<i64> =
            on_read!(self, NEXT, |q, c| sqlx::query_scalar(q).bind(micros(now)).fetch_one(c).await?);
        instant_opt(next)
    }
}

async fn run<D>(tx: &mut Tx, now: Timestamp, limit: i64, decide: &D) -> Result<Ran>
where
    D: Fn(&Due) -> Decided,
{
    let due: Vec<(String, String)> =
        on_tx!(tx, DUE, |q, c| sqlx::query_as(q).bind(micros(now)).bind(limit).fetch_all(c).await?);
    if due.is_empty() {
        return Ok(Ran::default());
    }
    let json = guest_rows(due)?;
    let held: Vec<(String, String)> =
        on_tx!(tx, LOCK_GUESTS, |q, c| sqlx::query_as(q).bind(&json).fetch_all(c).await?);
    let json = guest_rows(held)?;
    let rows: Vec<DueRow> =
        on_tx!(tx, DUE_ROWS, |q, c| sqlx::query_as(q).bind(&json).bind(micros(now)).fetch_all(c).await?);
    let mut by_hotel: BTreeMap<HotelId, Vec<(GuestId, Touchpoint)>> = BTreeMap::new();
    for row in rows {
        let guest = GuestId(read_uuid(&row.guest_id)?);
        by_hotel.entry(read_hotel(&row.hotel_id)?).or_default().push((guest, row.row.read()?));
    }
    let mut ran = Ran::default();
    for (hotel, rows) in by_hotel {
        run_hotel(tx, (&hotel, rows), now, decide, &mut ran).await?;
    }
    Ok(ran)
}

fn guest_rows(guests: Vec<(String, String)>) -> Result<String> {
    let rows: Vec<GuestRow> = guests.into_iter().map(|(hotel, guest)| GuestRow { hotel, guest }).collect();
    batch(&rows)
}

async fn run_hotel<D>(
    tx: &mut Tx,
    (hotel, rows): (&HotelId, Vec<(GuestId, Touchpoint)>),
    now: Timestamp,
    decide: &D,
    ran: &mut Ran,
) -> Result<()>
where
    D: Fn(&Due) -> Decided,
{
    let Some(mut lookout) = Lookout::open(tx, hotel, rows.iter().map(|(guest, _)| *guest), now).await? else {
        return Ok(());
    };
    let mut ends = Ends::default();
    for (guest, touchpoint) in lookout.in_turn(rows) {
        let Some(due) = lookout.due(guest, touchpoint, None) else { continue };
        let decided = decide(&due);
        ran.looked += 1;
        ran.skipped += usize::from(matches!(decided.fate, Fate::Skip(_)));
        ran.sent += usize::from(matches!(decided.fate, Fate::Send(_)));
        lookout.note(guest, &due, &decided.fate, now);
        ends.take(due, decided);
    }
    ends.run(tx, hotel, lookout.revision, now).await
}

/// What decisions at one hotel are made with.
pub(super) struct Lookout {
    hotel: Arc<Hotel>,
    set: Arc<TriggerSet>,
    revision: i64,
    guests: KnownGuests,
}

impl Lookout {
    pub(super) async fn open(
        tx: &mut Tx,
        hotel: &HotelId,
        guests: impl Iterator<Item = GuestId>,
        now: Timestamp,
    ) -> Result<Option<Self>> {
        let Some(rules) = Rules::of(tx, hotel).await? else { return Ok(None) };
        let guests = KnownGuests::load(tx, &rules.hotel, guests, now).await?;
        let (hotel, set) = (Arc::new(rules.hotel), Arc::new(rules.set));
        Ok(Some(Self { hotel, set, revision: rules.revision, guests }))
    }

    /// In the order in which they are looked at.
    fn in_turn(&self, mut rows: Vec<(GuestId, Touchpoint)>) -> Vec<(GuestId, Touchpoint)> {
        let priority = |row: &Touchpoint| self.set.triggers.get(&row.key.trigger).map_or(0, |trigger| trigger.priority);
        rows.sort_by(|(_, a), (_, b)| {
            order::turn(a.due_at, priority(a), &a.key.trigger, &a.key.reservation).cmp(&order::turn(
                b.due_at,
                priority(b),
                &b.key.trigger,
                &b.key.reservation,
            ))
        });
        rows
    }

    /// `except` leaves out of the facts what this message itself caused.
    pub(super) fn due(&self, guest: GuestId, touchpoint: Touchpoint, except: Option<TouchpointId>) -> Option<Due> {
        let reservation = self.guests.stay(guest, &touchpoint.key.reservation)?.clone();
        Some(Due {
            hotel: self.hotel.clone(),
            set: self.set.clone(),
            facts: self.guests.facts(&reservation, &touchpoint.key.trigger, except),
            happenings: self.guests.happenings(&reservation),
            chat: self.guests.chat(guest).cloned(),
            guest_name: self.guests.name(guest).map(str::to_owned),
            touchpoint,
            reservation,
        })
    }

    fn note(&mut self, guest: GuestId, due: &Due, fate: &Fate, now: Timestamp) {
        if !matches!(fate, Fate::Send(_) | Fate::Shadow) {
            return;
        }
        let key = &due.touchpoint.key;
        self.guests.note_sent(
            guest,
            SentRow {
                id: due.touchpoint.id,
                reservation: key.reservation.clone(),
                trigger: key.trigger.clone(),
                occurrence: key.occurrence.clone(),
                at: now,
                really: matches!(fate, Fate::Send(_)),
            },
        );
        if let Fate::Send(composed) = fate
            && let Some(question) = &composed.question
        {
            self.guests.note_question(guest, question);
        }
    }
}

/// What decisions cause, for one statement each.
#[derive(Default)]
struct Ends {
    decided: Vec<(Due, Decided)>,
}

#[derive(Serialize)]
struct EndRow<'a> {
    hotel: &'a str,
    id: String,
    state: &'static str,
    reason: Option<&'static str>,
    look: i64,
    due: i64,
    moment: i64,
    seen: Option<&'a str>,
    sent: Option<i64>,
    shadow: i64,
}

const END: super::Sql = sql!(
    "UPDATE touchpoints SET state = r.value->>'state', reason = r.value->>'reason',
       look_at = CAST(r.value->>'look' AS BIGINT), due_at = CAST(r.value->>'due' AS BIGINT),
       moment = CAST(r.value->>'moment' AS BIGINT), seen = r.value->>'seen',
       sent_at = CAST(r.value->>'sent' AS BIGINT), shadow = CAST(r.value->>'shadow' AS BIGINT),
       revision = $2, changed_at = $3
     FROM " ROWS
    " WHERE touchpoints.hotel_id = r.value->>'hotel' AND touchpoints.touchpoint_id = r.value->>'id' AND touchpoints.state = 'planned'"
);

impl Ends {
    fn take(&mut self, due: Due, decided: Decided) {
        self.decided.push((due, decided));
    }

    async fn run(self, tx: &mut Tx, hotel: &HotelId, revision: i64, now: Timestamp) -> Result<()> {
        if self.decided.is_empty() {
            return Ok(());
        }
        let rows: Vec<EndRow<'_>> = self.decided.iter().map(|(due, decided)| end_row(due, decided, now)).collect();
        let json = batch(&rows)?;
        on_tx!(tx, END, |q, c| sqlx::query(q)
            .bind(&json)
            .bind(revision)
            .bind(micros(now))
            .execute(c)
            .await?
            .rows_affected());
        let mut sends: Vec<SendRow<'_>> = Vec::new();
        let mut asks: Vec<NewQuestion> = Vec::new();
        for (due, decided) in &self.decided {
            let (Fate::Send(composed), Some(chat)) = (&decided.fate, &due.chat) else { continue };
            let to = SendTo { hotel, chat: chat.id, turn: None, address: &chat.address, at: now };
            sends.push(send_row(to, &composed.send)?);
            asks.extend(composed.question.clone());
        }
        plan_sends(tx, &sends).await?;
        questions::open(tx, &asks).await?;
        Ok(())
    }
}

fn end_row<'a>(due: &'a Due, decided: &'a Decided, now: Timestamp) -> EndRow<'a> {
    let row = &due.touchpoint;
    let (state, reason) = match &decided.fate {
        Fate::Send(_) | Fate::Shadow => (TouchpointState::Sent, None),
        Fate::Draft => (TouchpointState::Draft, None),
        Fate::Wait(_) => (TouchpointState::Planned, None),
        Fate::Skip(reason) => (TouchpointState::Skipped, Some(*reason)),
        Fate::Move(wanted) => (planned_or_skipped(wanted), wanted.skip),
        Fate::Cancel => (TouchpointState::Cancelled, None),
    };
    let (look, due_at, moment) = match &decided.fate {
        Fate::Wait(until) => (*until, row.due_at, row.moment),
        Fate::Move(wanted) => (wanted.due_at, wanted.due_at, wanted.moment),
        _ => (row.look_at, row.due_at, row.moment),
    };
    EndRow {
        hotel: due.hotel.id.as_str(),
        id: row.id.to_string(),
        state: state.as_str(),
        reason: reason.map(SkipReason::as_str),
        look: micros(look),
        due: micros(due_at),
        moment: micros(moment),
        seen: decided.seen.as_deref(),
        sent: (state == TouchpointState::Sent).then(|| micros(now)),
        shadow: i64::from(matches!(decided.fate, Fate::Shadow)),
    }
}

fn planned_or_skipped(wanted: &Wanted) -> TouchpointState {
    if wanted.skip.is_some() { TouchpointState::Skipped } else { TouchpointState::Planned }
}

/// A message of a trigger that waits in the outbox.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) hotel: HotelId,
    pub(super) outbox: OutboxId,
    pub(super) touchpoint: TouchpointId,
}

/// What must be known for the last look at messages that wait in the outbox, by touchpoint. A touchpoint is only here if
/// it still counts as sent.
pub(super) async fn last_looks(tx: &mut Tx, waiting: &[Waiting], now: Timestamp) -> Result<HashMap<TouchpointId, Due>> {
    const SPENT: super::Sql = sql!(
        "SELECT t.touchpoint_id, t.reservation_id, t.trigger_id, t.occurrence, t.state, t.reason, t.due_at, t.moment,
                COALESCE(t.sent_at, t.look_at) AS look_at, t.hotel_id, v.guest_id
         FROM " ROWS
        " JOIN touchpoints t ON t.touchpoint_id = r.value->>'touchpoint' AND t.hotel_id = r.value->>'hotel'
         JOIN reservations v ON v.hotel_id = t.hotel_id AND v.reservation_id = t.reservation_id
         WHERE t.state = 'sent'"
    );
    if waiting.is_empty() {
        return Ok(HashMap::new());
    }
    let json = batch(&waiting.iter().map(WaitingRow::of).collect::<Vec<_>>())?;
    let rows: Vec<DueRow> = on_tx!(tx, SPENT, |q, c| sqlx::query_as(q).bind(&json).fetch_all(c).await?);
    let mut by_hotel: BTreeMap<HotelId, Vec<(GuestId, Touchpoint)>> = BTreeMap::new();
    for row in rows {
        let guest = GuestId(read_uuid(&row.guest_id)?);
        by_hotel.entry(read_hotel(&row.hotel_id)?).or_default().push((guest, row.row.read()?));
    }
    let mut looks = HashMap::new();
    for (hotel, rows) in by_hotel {
        let Some(lookout) = Lookout::open(tx, &hotel, rows.iter().map(|(guest, _)| *guest), now).await? else {
            continue;
        };
        for (guest, touchpoint) in rows {
            let id = touchpoint.id;
            looks.extend(lookout.due(guest, touchpoint, Some(id)).map(|due| (id, due)));
        }
    }
    Ok(looks)
}

#[derive(Serialize)]
struct WaitingRow<'a> {
    hotel: &'a str,
    outbox: String,
    touchpoint: String,
}

impl<'a> WaitingRow<'a> {
    fn of(waiting: &'a Waiting) -> Self {
        Self {
            hotel: waiting.hotel.as_str(),
            outbox: waiting.outbox.to_string(),
            touchpoint: waiting.touchpoint.to_string(),
        }
    }
}

/// The touchpoint is as if nothing had gone out, and is looked at again at once.
const PLANNED_AGAIN: super::Sql = sql!(
    "UPDATE touchpoints SET state = 'planned', look_at = $2, sent_at = NULL, changed_at = $2 FROM " ROWS
    " WHERE touchpoints.hotel_id = r.value->>'hotel' AND touchpoints.touchpoint_id = r.value->>'touchpoint'
       AND touchpoints.state = 'sent'"
);
/// Its question was seen by nobody.
const UNASK: super::Sql = sql!(
    "DELETE FROM questions WHERE message_id IN (
       SELECT o.message_id FROM " ROWS
    " JOIN outbox o ON o.hotel_id = r.value->>'hotel' AND o.outbox_id = r.value->>'outbox' AND o.state = 'planned')"
);
/// The row stays as a record under another intent, so that the touchpoint may speak later after all.
const TAKE_BACK: super::Sql = sql!(
    "UPDATE outbox SET state = 'cancelled', rank = 25, note = $2, intent = outbox.intent || '@' || outbox.outbox_id FROM "
    ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.outbox_id = r.value->>'outbox' AND outbox.state = 'planned'"
);

/// Takes messages of triggers out of the outbox before they left. Their touchpoints are planned again, to be looked at
/// now.
pub(super) async fn take_back(tx: &mut Tx, waiting: &[Waiting], note: &str, now: Timestamp) -> Result<()> {
    if waiting.is_empty() {
        return Ok(());
    }
    let json = batch(&waiting.iter().map(WaitingRow::of).collect::<Vec<_>>())?;
    on_tx!(tx, PLANNED_AGAIN, |q, c| sqlx::query(q).bind(&json).bind(micros(now)).execute(c).await?.rows_affected());
    on_tx!(tx, UNASK, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
    on_tx!(tx, TAKE_BACK, |q, c| sqlx::query(q).bind(&json).bind(note).execute(c).await?.rows_affected());
    Ok(())
}

/// Takes one message back and does with its touchpoint what was decided at the last look.
pub(super) async fn give_up(
    tx: &mut Tx,
    waiting: Waiting,
    (due, decided): (Due, Decided),
    now: Timestamp,
) -> Result<()> {
    let note = match &decided.fate {
        Fate::Skip(reason) => format!("no longer right: {reason}"),
        Fate::Wait(_) | Fate::Move(_) => "put off".to_owned(),
        _ => "no longer wanted".to_owned(),
    };
    take_back(tx, std::slice::from_ref(&waiting), &note, now).await?;
    let revision = super::triggers::in_force(tx, &waiting.hotel).await?.map_or(0, |(_, revision)| revision);
    let ends = Ends { decided: vec![(due, decided)] };
    ends.run(tx, &waiting.hotel, revision, now).await
}

/// The messages of triggers that wait in these chats, each `{hotel, chat}`.
pub(super) async fn waiting_in_chats(tx: &mut Tx, chats: &str) -> Result<Vec<Waiting>> {
    const WAITING: super::Sql = sql!(
        "SELECT o.hotel_id, o.outbox_id, o.intent FROM " ROWS
        {lite: "CROSS JOIN", pg: "JOIN"}
        " outbox o ON o.chat_id = r.value->>'chat' AND o.hotel_id = r.value->>'hotel'
         WHERE o.state = 'planned' AND o.state IN ('planned', 'sending', 'unknown') AND o.origin = 'trigger'
           AND CAST(r.value->>'cancel' AS BIGINT) = 1"
    );
    let rows: Vec<(String, String, String)> =
        on_tx!(tx, WAITING, |q, c| sqlx::query_as(q).bind(chats).fetch_all(c).await?);
    rows.into_iter()
        .filter_map(|(hotel, outbox, intent)| Some((hotel, outbox, super::touchpoints::of_intent(&intent)?)))
        .map(|(hotel, outbox, touchpoint)| {
            Ok(Waiting { hotel: read_hotel(&hotel)?, outbox: OutboxId(read_uuid(&outbox)?), touchpoint })
        })
        .collect()
}

/// The reservations of guests whose words may make something due, for a replan in the transaction of their turn: only
/// where a trigger goes by what guests say.
pub(super) async fn stays_of_chats(tx: &mut Tx, chats: &str) -> Result<BTreeMap<HotelId, Vec<ReservationId>>> {
    const STAYS: super::Sql = sql!(
        "SELECT DISTINCT v.hotel_id, v.reservation_id FROM " ROWS
        " JOIN chats c ON c.chat_id = r.value->>'chat' AND c.hotel_id = r.value->>'hotel'
         JOIN trigger_sets s ON s.hotel_id = c.hotel_id AND s.listens = 1
         JOIN reservations v ON v.guest_id = c.guest_id AND v.hotel_id = c.hotel_id
         WHERE v.status IN ('confirmed', 'checked_in', 'checked_out')"
    );
    let rows: Vec<(String, String)> = on_tx!(tx, STAYS, |q, c| sqlx::query_as(q).bind(chats).fetch_all(c).await?);
    let mut stays: BTreeMap<HotelId, Vec<ReservationId>> = BTreeMap::new();
    for (hotel, reservation) in rows {
        stays.entry(read_hotel(&hotel)?).or_default().push(ReservationId(reservation));
    }
    Ok(stays)
}
