//! Alerts: raised and grown in the transaction of the turn that gives cause, taken and ended by people, and read.
//!
//! Whoever changes alerts of a hotel holds the hotel's row of `alert_counts` until the commit, so that two turns of one
//! chat at once, in two daemons, grow one alert. On PostgreSQL the chat's own row comes before it, as in a turn.

mod early;
mod looking;
mod rows;
mod stepping;

pub use early::EarlyCause;
pub use looking::{AlertFilter, AlertView, OpenAlerts, TurnAlert, look_again, take_due};
pub use stepping::{Stepped, step};

use crate::domain::alert::{Act, Alert, Cause, Raising, Step, Whereabouts, whereabouts};
use crate::domain::hotel::Hotel;
use crate::domain::ids::{AlertId, ChatId, GuestId, HotelId, InboxId};
use crate::domain::stay::Reservation;
use crate::store::turns::TurnCommit;
use crate::store::{Result, Sql, Tx, batch, reservations};
use crate::{on_tx, sql};
use jiff::Timestamp;
use rows::{AlertRow, EvidenceRow, insert_evidence, save};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What a turn does to alerts.
#[derive(Clone, Debug, Default)]
pub struct AlertEffects {
    /// What gives cause. Most turns give none, and cost nothing then.
    pub causes: Vec<NewCause>,
    /// A person of the hotel answered: what is open in the chat is theirs.
    pub answered: Option<Act>,
}

/// A cause, with the id of the alert that it raises unless one is open.
#[derive(Clone, Debug)]
pub struct NewCause {
    /// For a new alert.
    pub id: AlertId,
    /// What happened.
    pub cause: Cause,
    /// As in force: by it the guest is known to be here, coming or gone.
    pub hotel: Arc<Hotel>,
}

impl AlertEffects {
    fn is_nothing(&self) -> bool {
        self.causes.is_empty() && self.answered.is_none()
    }
}

/// All that turns do to alerts, in the transaction that writes their labels.
pub(super) async fn apply(tx: &mut Tx, turns: &[&TurnCommit]) -> Result<()> {
    let mut by_hotel: BTreeMap<&HotelId, Vec<&TurnCommit>> = BTreeMap::new();
    for turn in turns.iter().filter(|turn| !turn.alerts.is_nothing()) {
        by_hotel.entry(&turn.claim.hotel).or_default().push(turn);
    }
    for (hotel, turns) in by_hotel {
        of_hotel(tx, hotel, &turns).await?;
    }
    Ok(())
}

async fn of_hotel(tx: &mut Tx, hotel: &HotelId, turns: &[&TurnCommit]) -> Result<()> {
    let chats: BTreeSet<ChatId> = turns.iter().map(|turn| turn.claim.chat).collect();
    let gives_cause = turns.iter().any(|turn| !turn.alerts.causes.is_empty());
    // Nearly always a person answers where nothing is open.
    if !gives_cause && unresolved(tx, hotel, &chats).await?.is_empty() {
        return Ok(());
    }
    let mut counts = Counts::lock(tx, hotel).await?;
    let mut book = Book { open: unresolved(tx, hotel, &chats).await?, ..Book::default() };
    if gives_cause {
        book.stays = stays_of(tx, hotel, turns).await?;
        book.early = early::take(tx, hotel, turns.iter().flat_map(|turn| turn.covers.iter().copied())).await?;
    }
    for turn in turns {
        // What the guest said before a person answered is theirs as well.
        book.causes(turn, &mut counts);
        book.answered(turn, &mut counts);
    }
    save(tx, book.changed()).await?;
    insert_evidence(tx, &book.evidence).await?;
    counts.write(tx, hotel).await
}

/// A person answered the guest of a chat: what is open in it is theirs.
pub(super) async fn answered(tx: &mut Tx, hotel: &HotelId, chat: ChatId, act: &Act) -> Result<()> {
    let chats = BTreeSet::from([chat]);
    // Nearly always a person answers where nothing is open.
    if unresolved(tx, hotel, &chats).await?.is_empty() {
        return Ok(());
    }
    let mut counts = Counts::lock(tx, hotel).await?;
    let mut open = unresolved(tx, hotel, &chats).await?;
    let taken: Vec<&Alert> = take(open.get_mut(&chat), act, &mut counts);
    save(tx, taken.into_iter()).await?;
    counts.write(tx, hotel).await
}

/// Those of these alerts that were open and are taken now.
fn take<'a>(alerts: Option<&'a mut Vec<Alert>>, act: &Act, counts: &mut Counts) -> Vec<&'a Alert> {
    let mut taken = Vec::new();
    for alert in alerts.into_iter().flatten() {
        if alert.step(Step::Acknowledge, act.clone()) {
            counts.acknowledged += 1;
            taken.push(&*alert);
        }
    }
    taken
}

/// Where and when a guest gives cause.
#[derive(Clone, Copy)]
struct Place<'p> {
    hotel: &'p HotelId,
    chat: ChatId,
    guest: GuestId,
    at: Timestamp,
}

/// The alerts of some chats of one hotel while turns are added to them.
#[derive(Default)]
struct Book<'t> {
    open: HashMap<ChatId, Vec<Alert>>,
    stays: HashMap<GuestId, Vec<Reservation>>,
    /// What messages raised before their turn.
    early: HashMap<InboxId, (AlertId, bool)>,
    changed: BTreeSet<AlertId>,
    evidence: Vec<EvidenceRow<'t>>,
}

impl<'t> Book<'t> {
    fn answered(&mut self, turn: &TurnCommit, counts: &mut Counts) {
        let Some(act) = &turn.alerts.answered else { return };
        let taken = take(self.open.get_mut(&turn.claim.chat), act, counts);
        self.changed.extend(taken.into_iter().map(|alert| alert.id));
    }

    fn causes(&mut self, turn: &'t TurnCommit, counts: &mut Counts) {
        let (hotel, chat, guest) = (&turn.claim.hotel, turn.claim.chat, turn.conversation.guest);
        let place = Place { hotel, chat, guest, at: turn.at };
        let mut early: BTreeMap<AlertId, bool> = BTreeMap::new();
        for (alert, counted) in turn.covers.iter().filter_map(|row| self.early.get(row)) {
            *early.entry(*alert).or_default() |= *counted;
        }
        for new in &turn.alerts.causes {
            let ids: Vec<AlertId> = if early.is_empty() {
                vec![self.add(place, new, counts)]
            } else {
                let each = early.iter().map(|(id, counted)| match counted {
                    true => self.confirm(*id, place, new),
                    false => self.grow(*id, place, new),
                });
                each.collect()
            };
            self.evidence.extend(ids.into_iter().map(|id| EvidenceRow::of(turn, id, &new.cause)));
        }
    }

    /// The open alert that a cause belongs to.
    fn of_cause(&mut self, chat: ChatId, new: &NewCause) -> Option<AlertId> {
        Alert::of_cause(self.open.get_mut(&chat)?, &new.cause).map(|alert| alert.id)
    }

    /// A cause, for an alert that is open or a new one.
    fn add(&mut self, place: Place<'_>, new: &NewCause, counts: &mut Counts) -> AlertId {
        if let Some(id) = self.of_cause(place.chat, new) {
            return self.grow(id, place, new);
        }
        counts.raised += 1;
        let whereabouts = self.whereabouts(place, &new.hotel);
        let (hotel, number) = (place.hotel.clone(), counts.raised);
        let at = Raising { hotel, id: new.id, number, chat: place.chat, at: place.at };
        self.open.entry(place.chat).or_default().push(Alert::raised(at, &new.cause, whereabouts));
        self.changed.insert(new.id);
        new.id
    }

    /// One more turn about an alert. Who ended it meanwhile has heard of it.
    fn grow(&mut self, id: AlertId, place: Place<'_>, new: &NewCause) -> AlertId {
        let phase = self.whereabouts(place, &new.hotel).phase;
        let alerts = self.open.entry(place.chat).or_default();
        if let Some(alert) = alerts.iter_mut().find(|alert| alert.id == id) {
            alert.grow(&new.cause, phase, place.at);
            self.changed.insert(id);
        }
        id
    }

    /// More about a turn that an alert counted already.
    fn confirm(&mut self, id: AlertId, place: Place<'_>, new: &NewCause) -> AlertId {
        let phase = self.whereabouts(place, &new.hotel).phase;
        let alerts = self.open.entry(place.chat).or_default();
        let topic_is_free = !alerts.iter().any(|alert| alert.topic == new.cause.topic);
        if let Some(alert) = alerts.iter_mut().find(|alert| alert.id == id) {
            alert.confirm(&new.cause, phase, place.at, topic_is_free);
            self.changed.insert(id);
        }
        id
    }

    fn changed(&self) -> impl Iterator<Item = &Alert> {
        self.open.values().flatten().filter(|alert| self.changed.contains(&alert.id))
    }

    fn whereabouts(&self, place: Place<'_>, hotel: &Hotel) -> Whereabouts {
        let stays: Vec<&Reservation> = self.stays.get(&place.guest).into_iter().flatten().collect();
        whereabouts(hotel, &stays, place.at)
    }
}

async fn stays_of(tx: &mut Tx, hotel: &HotelId, turns: &[&TurnCommit]) -> Result<HashMap<GuestId, Vec<Reservation>>> {
    let causes = turns.iter().filter(|turn| !turn.alerts.causes.is_empty());
    let guests: BTreeSet<GuestId> = causes.map(|turn| turn.conversation.guest).collect();
    let guests: Vec<GuestId> = guests.into_iter().collect();
    let mut stays: HashMap<GuestId, Vec<Reservation>> = HashMap::new();
    for stay in reservations::stays_of_guests(tx, hotel, &guests).await? {
        stays.entry(stay.guest).or_default().push(stay);
    }
    Ok(stays)
}

/// What was counted of a hotel's alerts.
struct Counts {
    raised: i64,
    acknowledged: i64,
    resolved: i64,
}

impl Counts {
    /// Reads them, and keeps everybody else from the hotel's alerts until the commit.
    async fn lock(tx: &mut Tx, hotel: &HotelId) -> Result<Self> {
        const LOCK: Sql = sql!(
            "INSERT INTO alert_counts (hotel_id) VALUES ($1)
             ON CONFLICT (hotel_id) DO UPDATE SET raised = alert_counts.raised
             RETURNING raised, acknowledged, resolved"
        );
        let (raised, acknowledged, resolved): (i64, i64, i64) =
            on_tx!(tx, LOCK, |q, c| sqlx::query_as(q).bind(hotel.as_str()).fetch_one(c).await?);
        Ok(Self { raised, acknowledged, resolved })
    }

    async fn write(&self, tx: &mut Tx, hotel: &HotelId) -> Result<()> {
        const WRITE: Sql =
            sql!("UPDATE alert_counts SET raised = $2, acknowledged = $3, resolved = $4 WHERE hotel_id = $1");
        on_tx!(tx, WRITE, |q, c| sqlx::query(q)
            .bind(hotel.as_str())
            .bind(self.raised)
            .bind(self.acknowledged)
            .bind(self.resolved)
            .execute(c)
            .await?
            .rows_affected());
        Ok(())
    }
}

#[derive(Serialize)]
struct IdRow {
    id: String,
}

/// What is not resolved in these chats; nothing of a chat without any.
async fn unresolved(tx: &mut Tx, hotel: &HotelId, chats: &BTreeSet<ChatId>) -> Result<HashMap<ChatId, Vec<Alert>>> {
    const UNRESOLVED: Sql = sql!(
        "SELECT a.hotel_id, a.alert_id, a.number, a.chat_id, a.topic, a.severity, a.label, a.confidence, a.reason, a.state,
                a.level, a.evidence, a.words, a.language, a.phase, a.reservation_id, a.department, a.suggested_reply,
                a.raised_at, a.next_at, a.acknowledged_at, a.acknowledged_by, a.acknowledged_how, a.resolved_at,
                a.resolved_by, a.resolved_how, a.updated_at
         FROM " ROWS
        {lite: "CROSS JOIN", pg: "JOIN"}
        " alerts a ON a.chat_id = r.value->>'id' AND a.hotel_id = $2
         WHERE a.state <> 'resolved' ORDER BY a.raised_at, a.number"
    );
    let ids: Vec<IdRow> = chats.iter().map(|chat| IdRow { id: chat.to_string() }).collect();
    let json = batch(&ids)?;
    let rows: Vec<AlertRow> =
        on_tx!(tx, UNRESOLVED, |q, c| sqlx::query_as(q).bind(&json).bind(hotel.as_str()).fetch_all(c).await?);
    let mut open: HashMap<ChatId, Vec<Alert>> = HashMap::new();
    for row in rows {
        let alert = row.read()?;
        open.entry(alert.chat).or_default().push(alert);
    }
    Ok(open)
}
