//! How what is known of guests is read: one statement for each kind of thing, over all guests.

use super::{Answered, Heard, KnownAlert, KnownChat, KnownGuests, Put, SentRow};
use crate::domain::hotel::Hotel;
use crate::domain::ids::{
    AnswerId, ChatAddress, ChatId, GuestId, HotelId, QuestionId, ReservationId, TouchpointId, TriggerId,
};
use crate::domain::language::Language;
use crate::domain::message::Author;
use crate::domain::schedule::facts::Given;
use crate::domain::understanding::Sentiment;
use crate::store::chats::read_mode;
use crate::store::{Result, Sql, Tx, batch, instant, instant_opt, read_document, read_uuid, reservations};
use crate::{on_tx, sql};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// Of each guest so many of the latest messages are read.
const MESSAGES: i64 = 500;

#[derive(Serialize)]
struct IdRow {
    id: String,
}

impl KnownGuests {
    /// Reads what is known of these guests; of others nothing is.
    pub(in crate::store) async fn load(
        tx: &mut Tx,
        hotel: &Hotel,
        guests: impl Iterator<Item = GuestId>,
        now: Timestamp,
    ) -> Result<Self> {
        let ids: BTreeSet<GuestId> = guests.collect();
        let mut known = Self { guests: HashMap::new(), hotel: Some(hotel.clone()), now };
        if ids.is_empty() {
            return Ok(known);
        }
        let rows: Vec<IdRow> = ids.iter().map(|id| IdRow { id: id.to_string() }).collect();
        let (json, id) = (batch(&rows)?, &hotel.id);
        known.read_guests(tx, &json, id).await?;
        known.read_chats(tx, &json, id).await?;
        known.read_messages(tx, &json, id).await?;
        known.read_sent(tx, &json, id).await?;
        known.read_questions(tx, &json, id).await?;
        let ids: Vec<GuestId> = ids.into_iter().collect();
        for stay in reservations::stays_of_guests(tx, id, &ids).await? {
            known.guests.entry(stay.guest).or_default().stays.push(stay);
        }
        Ok(known)
    }

    async fn read_guests(&mut self, tx: &mut Tx, json: &str, hotel: &HotelId) -> Result<()> {
        const GUESTS: Sql = sql!(
            "SELECT g.guest_id, g.language, COALESCE(g.told_name, g.name) AS name, g.consent, (SELECT "
            {
                lite: "json_group_array(json_array(a.alert_id, a.reservation_id, a.resolved_at))",
                pg: "CAST(json_agg(json_build_array(a.alert_id, a.reservation_id, a.resolved_at)) AS TEXT)"
            }
            " FROM chats c JOIN alerts a ON a.chat_id = c.chat_id AND a.hotel_id = c.hotel_id
                WHERE c.guest_id = g.guest_id AND c.hotel_id = g.hotel_id) AS alerts FROM " ROWS
            {lite: "CROSS JOIN", pg: "JOIN"}
            " guests g ON g.guest_id = r.value->>'id' AND g.hotel_id = $2"
        );
        let rows: Vec<GuestRow> =
            on_tx!(tx, GUESTS, |q, c| sqlx::query_as(q).bind(json).bind(hotel.as_str()).fetch_all(c).await?);
        for row in rows {
            let known = self.guests.entry(GuestId(read_uuid(&row.guest_id)?)).or_default();
            known.language = row.language.as_deref().and_then(Language::parse);
            known.name = row.name;
            known.opted_out = row.consent == "opted_out";
            known.alerts = row.alerts.as_deref().map(read_alerts).transpose()?.unwrap_or_default();
        }
        Ok(())
    }

    async fn read_chats(&mut self, tx: &mut Tx, json: &str, hotel: &HotelId) -> Result<()> {
        const CHATS: Sql = sql!(
            "SELECT c.guest_id, c.chat_id, c.address, c.mode, c.mode_since, c.mode_until, c.mode_why, c.last_at,
                    CASE WHEN c.opened_at IS NULL AND c.written_at IS NULL THEN 1 ELSE 0 END AS is_new FROM " ROWS
            {lite: "CROSS JOIN", pg: "JOIN"}
            " chats c ON c.guest_id = r.value->>'id' AND c.hotel_id = $2 ORDER BY c.last_at, c.chat_id"
        );
        let rows: Vec<ChatRow> =
            on_tx!(tx, CHATS, |q, c| sqlx::query_as(q).bind(json).bind(hotel.as_str()).fetch_all(c).await?);
        for row in rows {
            let chat = KnownChat {
                id: ChatId(read_uuid(&row.chat_id)?),
                address: ChatAddress(row.address),
                is_new: row.is_new == 1,
                mode: read_mode(&row.mode, row.mode_since, row.mode_until, row.mode_why.as_deref())?,
                last_at: instant(row.last_at)?,
            };
            self.guests.entry(GuestId(read_uuid(&row.guest_id)?)).or_default().chats.push(chat);
        }
        Ok(())
    }

    async fn read_messages(&mut self, tx: &mut Tx, json: &str, hotel: &HotelId) -> Result<()> {
        const HEARD: Sql = sql!(
            "SELECT guest_id, message_id, author, sentiment, at FROM (
               SELECT c.guest_id, m.message_id, m.author, m.sentiment, m.at,
                      row_number() OVER (PARTITION BY c.guest_id ORDER BY m.at DESC, m.message_id DESC) AS place
               FROM " ROWS
            {lite: "CROSS JOIN", pg: "JOIN"}
            " chats c ON c.guest_id = r.value->>'id' AND c.hotel_id = $2 "
            {lite: "CROSS JOIN", pg: "JOIN"}
            " messages m ON m.chat_id = c.chat_id AND m.hotel_id = c.hotel_id
               WHERE m.author IN ('guest', 'staff')) AS latest
             WHERE place <= $3 ORDER BY at, message_id"
        );
        let rows: Vec<(String, String, String, Option<String>, i64)> = on_tx!(tx, HEARD, |q, c| sqlx::query_as(q)
            .bind(json)
            .bind(hotel.as_str())
            .bind(MESSAGES)
            .fetch_all(c)
            .await?);
        for (guest, id, author, sentiment, at) in rows {
            let heard = Heard {
                id,
                at: instant(at)?,
                author: Author::parse(&author).unwrap_or(Author::Guest),
                sentiment: sentiment.as_deref().and_then(Sentiment::parse),
            };
            self.guests.entry(GuestId(read_uuid(&guest)?)).or_default().heard.push(heard);
        }
        Ok(())
    }

    async fn read_sent(&mut self, tx: &mut Tx, json: &str, hotel: &HotelId) -> Result<()> {
        // What the channel refused, or a person took back, was not heard.
        const SENT: Sql = sql!(
            "SELECT v.guest_id, t.touchpoint_id, t.reservation_id, t.trigger_id, t.occurrence,
                    COALESCE(o.accepted_at, t.sent_at, t.changed_at) AS at,
                    CASE WHEN t.shadow = 1 OR o.state IN ('refused', 'cancelled') THEN 0 ELSE 1 END AS really
             FROM " ROWS
            {lite: "CROSS JOIN", pg: "JOIN"}
            " reservations v ON v.guest_id = r.value->>'id' AND v.hotel_id = $2 "
            {lite: "CROSS JOIN", pg: "JOIN"}
            " touchpoints t ON t.hotel_id = v.hotel_id AND t.reservation_id = v.reservation_id
             LEFT JOIN outbox o ON o.hotel_id = t.hotel_id AND o.intent = 'touchpoint:' || t.touchpoint_id
             WHERE t.state = 'sent'"
        );
        let rows: Vec<SentColumns> =
            on_tx!(tx, SENT, |q, c| sqlx::query_as(q).bind(json).bind(hotel.as_str()).fetch_all(c).await?);
        for row in rows {
            let sent = SentRow {
                id: TouchpointId(read_uuid(&row.touchpoint_id)?),
                reservation: ReservationId(row.reservation_id),
                trigger: TriggerId(row.trigger_id),
                occurrence: row.occurrence,
                at: instant(row.at)?,
                really: row.really != 0,
            };
            self.guests.entry(GuestId(read_uuid(&row.guest_id)?)).or_default().sent.push(sent);
        }
        Ok(())
    }

    async fn read_questions(&mut self, tx: &mut Tx, json: &str, hotel: &HotelId) -> Result<()> {
        const QUESTIONS: Sql = sql!(
            "SELECT c.guest_id, q.asked_id, q.question, q.reservation_id, q.touchpoint_id, q.asked_at, q.expires_at,
                    CASE WHEN q.state = 'answered' THEN q.answered_at END AS answered_at, q.answer, q.score, q.tags,
                    q.fields
             FROM " ROWS
            {lite: "CROSS JOIN", pg: "JOIN"}
            " chats c ON c.guest_id = r.value->>'id' AND c.hotel_id = $2 "
            {lite: "CROSS JOIN", pg: "JOIN"}
            " questions q ON q.chat_id = c.chat_id AND q.hotel_id = c.hotel_id
             JOIN outbox o ON o.message_id = q.message_id AND o.hotel_id = q.hotel_id
             WHERE q.state IN ('open', 'answered') AND o.state NOT IN ('refused', 'cancelled')
             ORDER BY q.asked_at, q.asked_id"
        );
        let rows: Vec<PutRow> =
            on_tx!(tx, QUESTIONS, |q, c| sqlx::query_as(q).bind(json).bind(hotel.as_str()).fetch_all(c).await?);
        for row in rows {
            let guest = GuestId(read_uuid(&row.guest_id)?);
            let put = row.read()?;
            self.guests.entry(guest).or_default().questions.push(put);
        }
        Ok(())
    }
}

/// Alerts as the statement makes them a document: id, reservation, when it ended.
fn read_alerts(json: &str) -> Result<Vec<KnownAlert>> {
    let rows: Vec<(String, Option<String>, Option<i64>)> = read_document(json)?;
    rows.into_iter()
        .map(|(id, reservation, resolved_at)| {
            let resolved_at = instant_opt(resolved_at)?;
            Ok(KnownAlert { id, reservation: reservation.map(ReservationId), resolved_at })
        })
        .collect()
}

#[derive(sqlx::FromRow)]
struct GuestRow {
    guest_id: String,
    language: Option<String>,
    name: Option<String>,
    consent: String,
    alerts: Option<String>,
}

#[derive(sqlx::FromRow)]
struct ChatRow {
    guest_id: String,
    chat_id: String,
    address: String,
    mode: String,
    mode_since: Option<i64>,
    mode_until: Option<i64>,
    mode_why: Option<String>,
    last_at: i64,
    is_new: i32,
}

#[derive(sqlx::FromRow)]
struct SentColumns {
    guest_id: String,
    touchpoint_id: String,
    reservation_id: String,
    trigger_id: String,
    occurrence: String,
    at: i64,
    really: i32,
}

#[derive(sqlx::FromRow)]
struct PutRow {
    guest_id: String,
    asked_id: String,
    question: String,
    reservation_id: Option<String>,
    touchpoint_id: Option<String>,
    asked_at: i64,
    expires_at: i64,
    answered_at: Option<i64>,
    answer: Option<String>,
    score: Option<i64>,
    tags: Option<String>,
    fields: Option<String>,
}

impl PutRow {
    fn read(self) -> Result<Put> {
        let answered = match instant_opt(self.answered_at)? {
            None => None,
            Some(at) => Some(Answered {
                at,
                given: Given { answer: self.answer.map(AnswerId), score: self.score.map(|score| score as f64) },
                tags: self.tags.as_deref().map(read_document).transpose()?.unwrap_or_default(),
                fields: self.fields.as_deref().map(read_document).transpose()?.unwrap_or_default(),
            }),
        };
        Ok(Put {
            id: self.asked_id,
            question: QuestionId(self.question),
            reservation: self.reservation_id.map(ReservationId),
            touchpoint: self.touchpoint_id.as_deref().map(read_uuid).transpose()?.map(TouchpointId),
            asked_at: instant(self.asked_at)?,
            expires_at: instant(self.expires_at)?,
            answered,
        })
    }
}
