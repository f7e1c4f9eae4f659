//! What people look at: touchpoints of a stay or by id, and what triggers did. Reads only.

use super::due::{Due, Lookout};
use super::touchpoints::TouchpointRow;
use super::{Result, Store, batch, instant, instant_opt, micros, read_hotel, read_uuid};
use crate::domain::ids::{GuestId, HotelId, OutboxId, TriggerId};
use crate::domain::message::Delivery;
use crate::domain::touchpoint::{SkipReason, Touchpoint, TouchpointState};
use crate::{on_read, sql};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A touchpoint with everything that is written down about it.
#[derive(Clone, Debug)]
pub struct TouchpointView {
    /// Whose.
    pub hotel: HotelId,
    /// For whom.
    pub guest: GuestId,
    /// The row.
    pub touchpoint: Touchpoint,
    /// Of the triggers it was last planned or judged by.
    pub revision: i64,
    /// When it was made.
    pub planned_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// When it went to the outbox, or was recorded.
    pub sent_at: Option<Timestamp>,
    /// Recorded as sent, and not sent.
    pub shadow: bool,
    /// What the last look saw, as JSON.
    pub seen: Option<String>,
    /// Its message.
    pub message: Option<MessageView>,
}

/// The message of a touchpoint in the outbox.
#[derive(Clone, Debug)]
pub struct MessageView {
    /// The row.
    pub id: OutboxId,
    /// How far it got.
    pub state: Delivery,
    /// Why it was refused or cancelled.
    pub note: Option<String>,
    /// The words.
    pub text: String,
}

/// How many touchpoints of a trigger ended in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Whose.
    pub hotel: HotelId,
    /// Which.
    pub trigger: TriggerId,
    /// In which way.
    pub state: TouchpointState,
    /// Why passed over.
    pub reason: Option<SkipReason>,
    /// Recorded, and not sent.
    pub shadow: bool,
    /// How many.
    pub count: usize,
    /// Of planned ones, when the next is looked at.
    pub next: Timestamp,
}

/// How a trigger's questions fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Asked.
    pub asked: usize,
    /// Of these answered.
    pub answered: usize,
}

#[derive(sqlx::FromRow)]
struct ViewRow {
    #[sqlx(flatten)]
    row: TouchpointRow,
    hotel_id: String,
    guest_id: String,
    revision: i64,
    planned_at: i64,
    changed_at: i64,
    sent_at: Option<i64>,
    shadow: i64,
    seen: Option<String>,
    outbox_id: Option<String>,
    delivery: Option<String>,
    note: Option<String>,
    text: Option<String>,
}

impl ViewRow {
    fn read(self) -> Result<TouchpointView> {
        let delivery = self.delivery.as_deref().and_then(Delivery::parse);
        let message = match (self.outbox_id, delivery) {
            (Some(id), Some(state)) => Some(MessageView {
                id: OutboxId(read_uuid(&id)?),
                state,
                note: self.note,
                text: self.text.unwrap_or_default(),
            }),
            _ => None,
        };
        Ok(TouchpointView {
            hotel: read_hotel(&self.hotel_id)?,
            guest: GuestId(read_uuid(&self.guest_id)?),
            touchpoint: self.row.read()?,
            revision: self.revision,
            planned_at: instant(self.planned_at)?,
            changed_at: instant(self.changed_at)?,
            sent_at: instant_opt(self.sent_at)?,
            shadow: self.shadow != 0,
            seen: self.seen,
            message,
        })
    }
}

impl Store {
    /// All touchpoints of the reservations with this id, by hotel and due.
    pub async fn touchpoints_of_stay(&self, reservation: &str, hotels: &[HotelId]) -> Result<Vec<TouchpointView>> {
        const OF_STAY: super::Sql = sql!(
            "SELECT t.touchpoint_id, t.reservation_id, t.trigger_id, t.occurrence, t.state, t.reason, t.due_at, t.moment,
                    t.look_at, t.hotel_id, v.guest_id, t.revision, t.planned_at, t.changed_at, t.sent_at, t.shadow, t.seen,
                    o.outbox_id, o.state AS delivery, o.note, o.text
             FROM " ROWS
            " JOIN reservations v ON v.hotel_id = r.value->>'hotel' AND v.reservation_id = $2
             JOIN touchpoints t ON t.hotel_id = v.hotel_id AND t.reservation_id = v.reservation_id
             LEFT JOIN outbox o ON o.hotel_id = t.hotel_id AND o.intent = 'touchpoint:' || t.touchpoint_id
             ORDER BY t.hotel_id, t.due_at, t.trigger_id"
        );
        let hotels: Vec<HotelRow<'_>> = hotels.iter().map(|hotel| HotelRow { hotel: hotel.as_str() }).collect();
        let hotels = batch(&hotels)?;
        let rows: Vec<ViewRow> =
            on_read!(self, OF_STAY, |q, c| sqlx::query_as(q).bind(&hotels).bind(reservation).fetch_all(c).await?);
        rows.into_iter().map(ViewRow::read).collect()
    }

    /// The touchpoints whose id is or ends so.
    pub async fn find_touchpoints(&self, id: &str, hotels: &[HotelId], limit: i64) -> Result<Vec<TouchpointView>> {
        const FIND: super::Sql = sql!(
            "SELECT t.touchpoint_id, t.reservation_id, t.trigger_id, t.occurrence, t.state, t.reason, t.due_at, t.moment,
                    t.look_at, t.hotel_id, v.guest_id, t.revision, t.planned_at, t.changed_at, t.sent_at, t.shadow, t.seen,
                    o.outbox_id, o.state AS delivery, o.note, o.text
             FROM " ROWS
            " JOIN touchpoints t ON t.hotel_id = r.value->>'hotel'
             JOIN reservations v ON v.hotel_id = t.hotel_id AND v.reservation_id = t.reservation_id
             LEFT JOIN outbox o ON o.hotel_id = t.hotel_id AND o.intent = 'touchpoint:' || t.touchpoint_id
             WHERE t.touchpoint_id LIKE '%' || $2 LIMIT $3"
        );
        // A `%` or `_` would mean any touchpoint.
        let id: String = id.chars().filter(|c| c.is_ascii_hexdigit() || *c == '-').collect();
        if id.len() < 4 {
            return Ok(Vec::new());
        }
        let hotels: Vec<HotelRow<'_>> = hotels.iter().map(|hotel| HotelRow { hotel: hotel.as_str() }).collect();
        let hotels = batch(&hotels)?;
        let rows: Vec<ViewRow> =
            on_read!(self, FIND, |q, c| sqlx::query_as(q).bind(&hotels).bind(&id).bind(limit).fetch_all(c).await?);
        rows.into_iter().map(ViewRow::read).collect()
    }

    /// How many messages of each trigger are planned at each hotel.
    pub async fn planned_by_trigger(&self) -> Result<BTreeMap<(HotelId, TriggerId), usize>> {
        const PLANNED: super::Sql = sql!(
            "SELECT hotel_id, trigger_id, COUNT(*) FROM touchpoints WHERE state = 'planned' GROUP BY hotel_id, trigger_id"
        );
        let rows: Vec<(String, String, i64)> = on_read!(self, PLANNED, |q, c| sqlx::query_as(q).fetch_all(c).await?);
        rows.into_iter()
            .map(|(hotel, trigger, count)| Ok(((read_hotel(&hotel)?, TriggerId(trigger)), number(count))))
            .collect()
    }

    /// What triggers did since an instant, and what is still to come or waits for a person.
    pub async fn touchpoint_tallies(&self, since: Timestamp) -> Result<Vec<Tally>> {
        const TALLIES: super::Sql = sql!(
            "SELECT hotel_id, trigger_id, state, reason, shadow, COUNT(*) AS count, MIN(look_at) AS next FROM touchpoints
             WHERE changed_at >= $1 OR state IN ('planned', 'draft')
             GROUP BY hotel_id, trigger_id, state, reason, shadow ORDER BY hotel_id, trigger_id, state, reason"
        );
        let rows: Vec<TallyRow> =
            on_read!(self, TALLIES, |q, c| sqlx::query_as(q).bind(micros(since)).fetch_all(c).await?);
        let rows = rows.into_iter().filter_map(|row| Some((TouchpointState::parse(&row.state)?, row)));
        rows.map(|(state, row)| {
            Ok(Tally {
                hotel: read_hotel(&row.hotel_id)?,
                trigger: TriggerId(row.trigger_id),
                state,
                reason: row.reason.as_deref().and_then(SkipReason::parse),
                shadow: row.shadow != 0,
                count: number(row.count),
                next: instant(row.next)?,
            })
        })
        .collect()
    }

    /// How the questions of triggers fared that were asked since an instant.
    pub async fn asked_by_trigger(&self, since: Timestamp) -> Result<BTreeMap<(HotelId, TriggerId), Asked>> {
        const ASKED: super::Sql = sql!(
            "SELECT hotel_id, trigger_id, COUNT(*), CAST(SUM(CASE WHEN state = 'answered' THEN 1 ELSE 0 END) AS BIGINT)
             FROM questions WHERE asked_at >= $1 AND trigger_id IS NOT NULL GROUP BY hotel_id, trigger_id"
        );
        let rows: Vec<(String, String, i64, i64)> =
            on_read!(self, ASKED, |q, c| sqlx::query_as(q).bind(micros(since)).fetch_all(c).await?);
        rows.into_iter()
            .map(|(hotel, trigger, asked, answered)| {
                let asked = Asked { asked: number(asked), answered: number(answered) };
                Ok(((read_hotel(&hotel)?, TriggerId(trigger)), asked))
            })
            .collect()
    }

    /// Everything that a look at this touchpoint would go by now; `None` if its stay or hotel is gone.
    pub async fn look_at_touchpoint(&self, view: &TouchpointView, now: Timestamp) -> Result<Option<Due>> {
        let (hotel, guest, touchpoint) = (view.hotel.clone(), view.guest, view.touchpoint.clone());
        self.look(move |tx| {
            Box::pin(async move {
                let lookout = Lookout::open(tx, &hotel, std::iter::once(guest), now).await?;
                let id = touchpoint.id;
                Ok(lookout.and_then(|lookout| lookout.due(guest, touchpoint, Some(id))))
            })
        })
        .await
    }
}

fn number(count: i64) -> usize {
    usize::try_from(count).unwrap_or(0)
}

#[derive(serde::Serialize)]
struct HotelRow<'a> {
    hotel: &'a str,
}

#[derive(sqlx::FromRow)]
struct TallyRow {
    hotel_id: String,
    trigger_id: String,
    state: String,
    reason: Option<String>,
    shadow: i64,
    count: i64,
    next: i64,
}
