//! Everything that is known of some guests of one hotel, read with a few statements: what the last look at a message
//! goes by, and what happened in their chats.

use super::chats::read_mode;
use super::{Result, Tx, batch, instant, instant_opt, read_document, read_uuid, reservations};
use crate::domain::conversation::Mode;
use crate::domain::hotel::Hotel;
use crate::domain::ids::{
    AnswerId, ChatAddress, ChatId, GuestId, HotelId, QuestionId, ReservationId, TouchpointId, TriggerId,
};
use crate::domain::language::Language;
use crate::domain::message::Author;
use crate::domain::schedule::anchors::check_in_at;
use crate::domain::schedule::facts::{Facts, Given, Happening, Lead, OpenQuestion, Said, What};
use crate::domain::schedule::once::overlap;
use crate::domain::stay::{Reservation, ReservationStatus};
use crate::domain::understanding::Sentiment;
use crate::{on_tx, sql};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Of each guest so many of the latest messages are read.
const MESSAGES: i64 = 500;
/// Words after the departure still belong to the stay for this long.
const AFTERWARDS: SignedDuration = SignedDuration::from_hours(24);

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct KnownGuests {
    guests: HashMap<GuestId, Known>,
    hotel: Option<Hotel>,
    now: Timestamp,
}

#[derive(Clone, Debug, Default)]
struct Known {
    language: Option<Language>,
    name: Option<String>,
    opted_out: bool,
    chats: Vec<KnownChat>,
    stays: Vec<Reservation>,
    heard: Vec<Heard>,
    sent: Vec<SentRow>,
    questions: Vec<Put>,
}

/// A chat of a guest.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownChat {
    /// Which.
    pub id: ChatId,
    /// Where the channel delivers.
    pub address: ChatAddress,
    mode: Mode,
    last_at: Timestamp,
}

impl KnownChat {
    /// A chat of nobody known, in which the bot leads.
    pub fn at(address: ChatAddress, now: Timestamp) -> Self {
        Self { id: ChatId(uuid::Uuid::nil()), address, mode: Mode::Bot, last_at: now }
    }
}

/// A message of the guest, or of a person of the hotel.
#[derive(Clone, Debug)]
struct Heard {
    id: String,
    at: Timestamp,
    author: Author,
    sentiment: Option<Sentiment>,
}

/// A touchpoint that was sent.
#[derive(Clone, Debug)]
pub(super) struct SentRow {
    pub(super) id: TouchpointId,
    pub(super) reservation: ReservationId,
    pub(super) trigger: TriggerId,
    pub(super) occurrence: String,
    pub(super) at: Timestamp,
    /// Whether it reached, or is to reach, the guest.
    pub(super) really: bool,
}

/// A question that was put.
#[derive(Clone, Debug)]
struct Put {
    id: String,
    question: QuestionId,
    reservation: Option<ReservationId>,
    touchpoint: Option<TouchpointId>,
    asked_at: Timestamp,
    expires_at: Timestamp,
    answered: Option<Answered>,
}

#[derive(Clone, Debug)]
struct Answered {
    at: Timestamp,
    given: Given,
    tags: Vec<String>,
    fields: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct IdRow {
    id: String,
}

impl KnownGuests {
    /// Reads what is known of these guests; of others nothing is.
    pub(super) async fn load(
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
        const GUESTS: super::Sql = sql!(
            "SELECT g.guest_id, g.language, COALESCE(g.told_name, g.name) AS name, g.consent FROM " ROWS
            {lite: "CROSS JOIN", pg: "JOIN"}
            " guests g ON g.guest_id = r.value->>'id' AND g.hotel_id = $2"
        );
        let rows: Vec<(String, Option<String>, Option<String>, String)> =
            on_tx!(tx, GUESTS, |q, c| sqlx::query_as(q).bind(json).bind(hotel.as_str()).fetch_all(c).await?);
        for (id, language, name, consent) in rows {
            let known = self.guests.entry(GuestId(read_uuid(&id)?)).or_default();
            known.language = language.as_deref().and_then(Language::parse);
            known.name = name;
            known.opted_out = consent == "opted_out";
        }
        Ok(())
    }

    async fn read_chats(&mut self, tx: &mut Tx, json: &str, hotel: &HotelId) -> Result<()> {
        const CHATS: super::Sql = sql!(
            "SELECT c.guest_id, c.chat_id, c.address, c.mode, c.mode_since, c.mode_until, c.mode_why, c.last_at FROM " ROWS
            {lite: "CROSS JOIN", pg: "JOIN"}
            " chats c ON c.guest_id = r.value->>'id' AND c.hotel_id = $2 ORDER BY c.last_at, c.chat_id"
        );
        let rows: Vec<ChatRow> =
            on_tx!(tx, CHATS, |q, c| sqlx::query_as(q).bind(json).bind(hotel.as_str()).fetch_all(c).await?);
        for row in rows {
            let chat = KnownChat {
                id: ChatId(read_uuid(&row.chat_id)?),
                address: ChatAddress(row.address),
                mode: read_mode(&row.mode, row.mode_since, row.mode_until, row.mode_why.as_deref())?,
                last_at: instant(row.last_at)?,
            };
            self.guests.entry(GuestId(read_uuid(&row.guest_id)?)).or_default().chats.push(chat);
        }
        Ok(())
    }

    async fn read_messages(&mut self, tx: &mut Tx, json: &str, hotel: &HotelId) -> Result<()> {
        const HEARD: super::Sql = sql!(
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
        const SENT: super::Sql = sql!(
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
        const QUESTIONS: super::Sql = sql!(
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

    /// The facts for one message. What `except` itself caused is left out: a message is no reason against itself.
    pub fn facts(&self, stay: &Reservation, trigger: &TriggerId, except: Option<TouchpointId>) -> Facts {
        let Some(known) = self.guests.get(&stay.guest) else { return Facts::default() };
        let sent = || known.sent.iter().filter(|sent| Some(sent.id) != except);
        let same_stay = |id: &ReservationId| known.is_same_stay(stay, id);
        let given = || known.questions.iter().filter_map(|put| Some((put, put.answered.as_ref()?)));
        let in_stay = || given().filter(|(put, _)| put.reservation.as_ref().is_some_and(same_stay));
        Facts {
            language: known.language,
            earlier_stays: self.earlier_stays(known, stay),
            opted_out: known.opted_out,
            last_sentiment: known.moods().last(),
            worst_sentiment: self.worst_sentiment(known, stay),
            score: in_stay()
                .filter_map(|(_, answered)| answered.given.score.map(|s| (answered.at, s)))
                .next_back()
                .map(|s| s.1),
            open_alert: false,
            answered: in_stay().map(|(put, answered)| (put.question.clone(), answered.given.clone())).collect(),
            sent: sent().filter(|sent| same_stay(&sent.reservation)).map(|sent| sent.trigger.clone()).collect(),
            tags: in_stay().flat_map(|(_, answered)| answered.tags.clone()).collect(),
            custom: in_stay().flat_map(|(_, answered)| answered.fields.clone()).collect(),
            person_leads: self.person_leads(known),
            staff_wrote_at: known.heard.iter().filter(|m| m.author == Author::Staff).map(|m| m.at).max(),
            open_question: self.open_question(known, except),
            openings: sent().filter(|sent| sent.really).map(|sent| sent.at).collect(),
            said: sent().filter(|sent| sent.trigger == *trigger).filter_map(|sent| known.said(sent)).collect(),
        }
    }

    fn earlier_stays(&self, known: &Known, stay: &Reservation) -> u32 {
        let Some(hotel) = &self.hotel else { return 0 };
        let stayed = |other: &&Reservation| {
            let status = other.status_at(hotel, self.now);
            other.booking.id != stay.booking.id
                && other.booking.departure.date <= stay.booking.arrival.date
                && matches!(status, ReservationStatus::CheckedIn | ReservationStatus::CheckedOut)
        };
        u32::try_from(known.stays.iter().filter(stayed).count()).unwrap_or(u32::MAX)
    }

    fn worst_sentiment(&self, known: &Known, stay: &Reservation) -> Option<Sentiment> {
        let since = check_in_at(stay, self.hotel.as_ref()?)?;
        let moods = known.heard.iter().filter(|m| m.author == Author::Guest && m.at >= since);
        moods.filter_map(|message| message.sentiment).max_by_key(|mood| badness(*mood))
    }

    fn person_leads(&self, known: &Known) -> Option<Lead> {
        let leading = known.chats.iter().filter(|chat| chat.mode.is_handoff(self.now));
        let until = leading.map(|chat| match chat.mode {
            Mode::Handoff { until: Some(until), .. } => until,
            _ => Timestamp::MAX,
        });
        until.max().map(|until| if until == Timestamp::MAX { Lead::Open } else { Lead::Until(until) })
    }

    fn open_question(&self, known: &Known, except: Option<TouchpointId>) -> Option<OpenQuestion> {
        let mut open = known.questions.iter().filter(|put| {
            put.answered.is_none()
                && put.expires_at > self.now
                && (put.touchpoint.is_none() || put.touchpoint != except)
        });
        open.next_back().map(|put| OpenQuestion { asked_at: put.asked_at, expires_at: put.expires_at })
    }

    /// What happened in the guest's chats and belongs to this stay, oldest first.
    pub fn happenings(&self, stay: &Reservation) -> Vec<Happening> {
        let (Some(known), Some(hotel)) = (self.guests.get(&stay.guest), &self.hotel) else { return Vec::new() };
        let messages = known.heard.iter().filter(|message| message.author == Author::Guest);
        let messages = messages.filter(|message| belongs(hotel, known, stay, message.at));
        let mut found: Vec<Happening> = messages
            .map(|message| Happening {
                id: message.id.clone(),
                at: message.at,
                what: What::Message { sentiment: message.sentiment },
            })
            .collect();
        let own = known.questions.iter().filter(|put| put.reservation.as_ref() == Some(&stay.booking.id));
        found.extend(own.filter_map(|put| {
            let answered = put.answered.as_ref()?;
            let what = What::Answer { question: put.question.clone(), answer: answered.given.answer.clone() };
            Some(Happening { id: put.id.clone(), at: answered.at, what })
        }));
        found.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        found
    }

    /// What was sent for one stay: trigger, occurrence and instant, in order.
    pub fn sent_for(&self, stay: &Reservation) -> Vec<(TriggerId, String, Timestamp)> {
        let sent = self.guests.get(&stay.guest).into_iter().flat_map(|known| &known.sent);
        let own = sent.filter(|sent| sent.reservation == stay.booking.id);
        own.map(|sent| (sent.trigger.clone(), sent.occurrence.clone(), sent.at)).collect()
    }

    /// Where this guest is written to: the chat in which something happened last.
    pub fn chat(&self, guest: GuestId) -> Option<&KnownChat> {
        self.guests.get(&guest)?.chats.iter().max_by_key(|chat| (chat.last_at, chat.id))
    }

    /// A stay of a guest.
    pub(super) fn stay(&self, guest: GuestId, id: &ReservationId) -> Option<&Reservation> {
        self.guests.get(&guest)?.stay(id)
    }

    /// The guest's name as the PMS spells it, else as the channel shows it.
    pub fn name(&self, guest: GuestId) -> Option<&str> {
        self.guests.get(&guest)?.name.as_deref()
    }

    /// Notes a message of the same batch: the next look at this guest sees it.
    pub(super) fn note_sent(&mut self, guest: GuestId, sent: SentRow) {
        self.guests.entry(guest).or_default().sent.push(sent);
    }

    /// Notes a question of the same batch.
    pub(super) fn note_question(&mut self, guest: GuestId, new: &super::questions::NewQuestion) {
        let expires_at = new.asking.expires_at(new.asked_at);
        self.guests.entry(guest).or_default().questions.push(Put {
            id: new.id.to_string(),
            question: new.asking.question.id.clone(),
            reservation: new.reservation.clone(),
            touchpoint: new.touchpoint,
            asked_at: new.asked_at,
            expires_at,
            answered: None,
        });
    }
}

impl Known {
    fn moods(&self) -> impl Iterator<Item = Sentiment> {
        self.heard.iter().filter(|message| message.author == Author::Guest).filter_map(|message| message.sentiment)
    }

    fn stay(&self, id: &ReservationId) -> Option<&Reservation> {
        self.stays.iter().find(|stay| stay.booking.id == *id)
    }

    fn is_same_stay(&self, stay: &Reservation, other: &ReservationId) -> bool {
        let days = |stay: &Reservation| (stay.booking.arrival.date, stay.booking.departure.date);
        stay.booking.id == *other || self.stay(other).is_some_and(|other| overlap(days(stay), days(other)))
    }

    fn said(&self, sent: &SentRow) -> Option<Said> {
        let booking = &self.stay(&sent.reservation)?.booking;
        Some(Said {
            reservation: sent.reservation.clone(),
            arrival: booking.arrival.date,
            departure: booking.departure.date,
            occurrence: sent.occurrence.clone(),
            at: sent.at,
        })
    }
}

fn badness(mood: Sentiment) -> u8 {
    match mood {
        Sentiment::Positive => 0,
        Sentiment::Neutral => 1,
        Sentiment::Negative => 2,
        Sentiment::RequiresAttention => 3,
    }
}

/// Whether words of a guest at an instant belong to this stay: to the one in house, for a day more after the departure;
/// before the arrival to the next one that was known by then.
fn belongs(hotel: &Hotel, known: &Known, stay: &Reservation, at: Timestamp) -> bool {
    let holds = |stay: &Reservation| is_real(stay) && begins(hotel, stay) <= at && at < ends(hotel, stay);
    if known.stays.iter().any(holds) {
        return holds(stay);
    }
    let comes = |stay: &&Reservation| is_real(stay) && stay.history.known_at <= at && begins(hotel, stay) > at;
    let next = known.stays.iter().filter(comes).map(|stay| begins(hotel, stay)).min();
    comes(&stay) && next == Some(begins(hotel, stay))
}

fn is_real(stay: &Reservation) -> bool {
    use ReservationStatus::{CheckedIn, CheckedOut, Confirmed};
    matches!(stay.booking.status, Confirmed | CheckedIn | CheckedOut)
}

fn begins(hotel: &Hotel, stay: &Reservation) -> Timestamp {
    let planned = stay.arrives_at(hotel);
    stay.history.checked_in_at.map_or(planned, |real| real.min(planned))
}

fn ends(hotel: &Hotel, stay: &Reservation) -> Timestamp {
    let end = stay.history.checked_out_at.unwrap_or_else(|| stay.departs_at(hotel));
    end.checked_add(AFTERWARDS).unwrap_or(Timestamp::MAX)
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
