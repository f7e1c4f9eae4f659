//! Questions that were put to guests: opened together with their message, closed by an answer, by time, or by another
//! asking of the same question.

use super::{Result, Store, Tx, batch, document, instant, instant_opt, micros, read_document, read_hotel, read_uuid};
use crate::domain::asking::{Asking, Given, How, OpenQuestion, Voted};
use crate::domain::ids::{
    AnswerId, AskedId, ChatId, HotelId, MessageId, ProviderMessageId, QuestionId, ReservationId, TouchpointId,
    TriggerId,
};
use crate::domain::language::Language;
use crate::{on_read, on_tx, sql};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// A question to be opened, in the transaction that plans its message.
#[derive(Clone, Debug)]
pub struct NewQuestion {
    /// Whose guest.
    pub hotel: HotelId,
    /// This asking of it.
    pub id: AskedId,
    /// Where.
    pub chat: ChatId,
    /// The message that asks it; must have been written before in the same transaction.
    pub message: MessageId,
    /// As it is asked.
    pub asking: Asking,
    /// The language it is asked in.
    pub language: Language,
    /// What began it.
    pub trigger: Option<TriggerId>,
    /// What began it. A touchpoint asks each question at most once.
    pub touchpoint: Option<TouchpointId>,
    /// The stay it is about.
    pub reservation: Option<ReservationId>,
    /// The question whose answer asks this one.
    pub after: Option<AskedId>,
    /// When.
    pub asked_at: Timestamp,
    /// When to ask once more: [`Asking::remind_at`].
    pub remind_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct NewRow<'a> {
    hotel: &'a str,
    id: String,
    chat: String,
    message: String,
    question: &'a str,
    definition: String,
    language: &'a str,
    trigger: Option<&'a str>,
    touchpoint: Option<String>,
    reservation: Option<&'a str>,
    after: Option<String>,
    asked: i64,
    expires: i64,
    remind: Option<i64>,
}

/// The same question asked again in a chat: the earlier asking of it waits no longer.
const REPLACE: super::Sql = sql!(
    "UPDATE questions SET state = 'replaced', remind_at = NULL FROM " ROWS
    " WHERE questions.hotel_id = r.value->>'hotel' AND questions.chat_id = r.value->>'chat'
       AND questions.question = r.value->>'question' AND questions.state = 'open'
       AND EXISTS (SELECT 1 FROM messages m WHERE m.hotel_id = r.value->>'hotel' AND m.message_id = r.value->>'message')"
);
/// A message that was not written, because its intent was there already, asks nothing.
const OPEN: super::Sql = sql!(
    "INSERT INTO questions (hotel_id, asked_id, chat_id, message_id, question, definition, language, trigger_id,
                            touchpoint_id, reservation_id, after_asked_id, asked_at, expires_at, remind_at, state)
     SELECT r.value->>'hotel', r.value->>'id', r.value->>'chat', r.value->>'message', r.value->>'question',
            r.value->>'definition', r.value->>'language', r.value->>'trigger', r.value->>'touchpoint',
            r.value->>'reservation', r.value->>'after', CAST(r.value->>'asked' AS BIGINT),
            CAST(r.value->>'expires' AS BIGINT), CAST(r.value->>'remind' AS BIGINT), 'open'
     FROM " ROWS
    " WHERE EXISTS (SELECT 1 FROM messages m WHERE m.hotel_id = r.value->>'hotel' AND m.message_id = r.value->>'message')
     ON CONFLICT (touchpoint_id, question, hotel_id) WHERE touchpoint_id IS NOT NULL DO NOTHING"
);

/// Opens questions whose messages were written in this transaction; returns how many were.
pub async fn open(tx: &mut Tx, new: &[NewQuestion]) -> Result<u64> {
    if new.is_empty() {
        return Ok(0);
    }
    let rows: Vec<NewRow<'_>> = new.iter().map(new_row).collect::<Result<_>>()?;
    let json = batch(&rows)?;
    on_tx!(tx, REPLACE, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
    Ok(on_tx!(tx, OPEN, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected()))
}

fn new_row(new: &NewQuestion) -> Result<NewRow<'_>> {
    Ok(NewRow {
        hotel: new.hotel.as_str(),
        id: new.id.to_string(),
        chat: new.chat.to_string(),
        message: new.message.to_string(),
        question: new.asking.question.id.as_str(),
        definition: document(&new.asking)?,
        language: new.language.as_str(),
        trigger: new.trigger.as_ref().map(TriggerId::as_str),
        touchpoint: new.touchpoint.map(|id| id.to_string()),
        reservation: new.reservation.as_ref().map(ReservationId::as_str),
        after: new.after.map(|id| id.to_string()),
        asked: micros(new.asked_at),
        expires: micros(new.asking.expires_at(new.asked_at)),
        remind: new.remind_at.map(micros),
    })
}

/// An answer to be recorded, in the transaction of its turn.
#[derive(Clone, Debug)]
pub struct RecordAnswer {
    /// What was answered.
    pub given: Given,
    /// Words for the reservation.
    pub tags: Vec<String>,
    /// Fields for the reservation.
    pub fields: BTreeMap<String, String>,
    /// The question that it leads to.
    pub leads_to: Option<QuestionId>,
}

#[derive(Serialize)]
struct AnswerRow<'a> {
    hotel: &'a str,
    id: String,
    state: &'static str,
    answer: Option<&'a str>,
    score: Option<i64>,
    how: Option<&'static str>,
    tags: Option<String>,
    fields: Option<String>,
    message: Option<String>,
    at: Option<i64>,
    note: &'static str,
    intent: String,
    next: &'a str,
}

const ANSWER: super::Sql = sql!(
    "UPDATE questions SET state = r.value->>'state', answer = r.value->>'answer',
       score = CAST(r.value->>'score' AS BIGINT), how = r.value->>'how', tags = r.value->>'tags',
       fields = r.value->>'fields', remind_at = NULL, answered_at = CAST(r.value->>'at' AS BIGINT),
       answered_by = r.value->>'message'
     FROM " ROWS
    " WHERE questions.hotel_id = r.value->>'hotel' AND questions.asked_id = r.value->>'id'
       AND (questions.state IN ('open', 'expired') OR (questions.state = 'answered' AND questions.how = 'vote'))"
);
/// A vote changed: what was to be said to the one before it, and has not left, is not said any more.
const TAKE_REPLY_BACK: super::Sql = sql!(
    "UPDATE outbox SET state = 'cancelled', rank = 25, note = 'the vote changed' FROM " ROWS
    ", questions q
     WHERE q.hotel_id = r.value->>'hotel' AND q.asked_id = r.value->>'id' AND q.state = 'answered' AND q.how = 'vote'
       AND outbox.hotel_id = q.hotel_id AND outbox.intent = 'reply:' || q.answered_by AND outbox.state = 'planned'"
);
/// Nor is what it was to lead to, unless the new vote leads there too.
const TAKE_NEXT_BACK: super::Sql = sql!(
    "UPDATE outbox SET state = 'cancelled', rank = 25, note = 'the vote changed' FROM " ROWS
    ", questions q, questions next
     WHERE q.hotel_id = r.value->>'hotel' AND q.asked_id = r.value->>'id'
       AND next.touchpoint_id = q.touchpoint_id AND next.hotel_id = q.hotel_id AND next.after_asked_id = q.asked_id
       AND next.state = 'open' AND next.question <> r.value->>'next'
       AND outbox.hotel_id = next.hotel_id AND outbox.message_id = next.message_id AND outbox.state = 'planned'"
);
const CLOSE_NEXT: super::Sql = sql!(
    "UPDATE questions SET state = 'closed', remind_at = NULL FROM " ROWS
    ", questions q
     WHERE q.hotel_id = r.value->>'hotel' AND q.asked_id = r.value->>'id'
       AND questions.touchpoint_id = q.touchpoint_id AND questions.hotel_id = q.hotel_id
       AND questions.after_asked_id = q.asked_id
       AND questions.state = 'open' AND questions.question <> r.value->>'next'"
);
/// Nobody is reminded of what they just answered.
const CANCEL_REMINDER: super::Sql = sql!(
    "UPDATE outbox SET state = 'cancelled', rank = 25, note = r.value->>'note' FROM " ROWS
    " WHERE outbox.hotel_id = r.value->>'hotel' AND outbox.intent = r.value->>'intent' AND outbox.state = 'planned'"
);

/// Whoever answered has seen the question: the list that was to stand for its failed poll is not sent.
const SEEN_AFTER_ALL: super::Sql = sql!(
    "UPDATE outbox SET state = 'read', rank = 60, provider_id = outbox.refused_id,
       note = 'reported as failed, and answered all the same'
     FROM " ROWS
    ", questions q
     WHERE q.hotel_id = r.value->>'hotel' AND q.asked_id = r.value->>'id'
       AND outbox.hotel_id = q.hotel_id AND outbox.message_id = q.message_id AND outbox.refused_id IS NOT NULL
       AND outbox.state IN ('unknown', 'planned')"
);

/// Records answers, each of a hotel.
async fn record(tx: &mut Tx, answers: &[(&HotelId, &RecordAnswer)], now: Timestamp) -> Result<()> {
    if answers.is_empty() {
        return Ok(());
    }
    let rows: Vec<AnswerRow<'_>> =
        answers.iter().map(|(hotel, answer)| answer_row(hotel, answer, now)).collect::<Result<_>>()?;
    let json = batch(&rows)?;
    if answers.iter().any(|(_, answer)| answer.given.answered.how == How::Vote) {
        for statement in [TAKE_REPLY_BACK, TAKE_NEXT_BACK, CLOSE_NEXT] {
            on_tx!(tx, statement, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
        }
    }
    for statement in [ANSWER, CANCEL_REMINDER, SEEN_AFTER_ALL] {
        on_tx!(tx, statement, |q, c| sqlx::query(q).bind(&json).execute(c).await?.rows_affected());
    }
    Ok(())
}

fn answer_row<'a>(hotel: &'a HotelId, answer: &'a RecordAnswer, now: Timestamp) -> Result<AnswerRow<'a>> {
    let Given { asked, answered, message } = &answer.given;
    let taken_back = answered.is_withdrawn();
    Ok(AnswerRow {
        hotel: hotel.as_str(),
        id: asked.to_string(),
        state: if taken_back { "open" } else { "answered" },
        answer: answered.answer.as_ref().map(AnswerId::as_str),
        score: answered.score,
        how: (!taken_back).then(|| answered.how.as_str()),
        tags: Some(&answer.tags).filter(|tags| !tags.is_empty()).map(document).transpose()?,
        fields: Some(&answer.fields).filter(|fields| !fields.is_empty()).map(document).transpose()?,
        message: (!taken_back).then(|| message.to_string()),
        at: (!taken_back).then(|| micros(now)),
        note: "the question was answered",
        intent: reminder_intent(*asked),
        next: answer.leads_to.as_ref().map_or("", QuestionId::as_str),
    })
}

/// The reason to write a reminder: at most one, ever.
pub fn reminder_intent(asked: AskedId) -> String {
    format!("remind:{asked}")
}

/// The reason to show a question once more after other words: at most once, ever.
pub fn repeat_intent(asked: AskedId) -> String {
    format!("repeat:{asked}")
}

/// The reason to ask what an answer leads to: at most once, ever.
pub fn then_intent(asked: AskedId) -> String {
    format!("then:{asked}")
}

/// What a turn does to questions.
#[derive(Clone, Debug, Default)]
pub struct QuestionEffects {
    /// Answers that were given.
    pub answers: Vec<RecordAnswer>,
    /// Questions that are asked next; their messages are among the turn's sends.
    pub asks: Vec<NewQuestion>,
    /// Questions that are shown once more.
    pub repeated: Vec<AskedId>,
    /// Every open question of the chat is closed.
    pub close_all: bool,
}

/// All that turns do to questions, after their messages were written.
pub(super) async fn apply(tx: &mut Tx, turns: &[&super::turns::TurnCommit]) -> Result<()> {
    for turn in turns {
        let (hotel, effects, now) = (&turn.claim.hotel, &turn.questions, turn.at);
        let answers: Vec<_> = effects.answers.iter().map(|answer| (hotel, answer)).collect();
        record(tx, &answers, now).await?;
        if effects.close_all {
            close_all(tx, &[(hotel, turn.claim.chat)], now).await?;
        }
        let repeated: Vec<_> = effects.repeated.iter().map(|asked| (hotel, *asked)).collect();
        mark_repeated(tx, &repeated, now).await?;
        open(tx, &effects.asks).await?;
    }
    Ok(())
}

#[derive(Serialize)]
struct KeyRow<'a> {
    hotel: &'a str,
    id: String,
}

/// Notes that these questions were shown once more.
async fn mark_repeated(tx: &mut Tx, asked: &[(&HotelId, AskedId)], now: Timestamp) -> Result<()> {
    const REPEATED: super::Sql = sql!(
        "UPDATE questions SET repeated_at = $2 FROM " ROWS
        " WHERE questions.hotel_id = r.value->>'hotel' AND questions.asked_id = r.value->>'id'"
    );
    on_keys(tx, REPEATED, asked, now).await
}

/// Closes every open question of the guests of these chats: they asked for silence.
async fn close_all(tx: &mut Tx, chats: &[(&HotelId, ChatId)], now: Timestamp) -> Result<()> {
    const CLOSE: super::Sql = sql!(
        "UPDATE questions SET state = 'closed', remind_at = NULL, answered_at = COALESCE(answered_at, $2) FROM " ROWS
        ", chats c, chats own
         WHERE c.hotel_id = r.value->>'hotel' AND c.chat_id = r.value->>'id'
           AND own.guest_id = c.guest_id AND own.hotel_id = c.hotel_id
           AND questions.hotel_id = own.hotel_id AND questions.chat_id = own.chat_id
           AND questions.state = 'open'"
    );
    on_keys(tx, CLOSE, chats, now).await
}

async fn on_keys<Id: ToString>(
    tx: &mut Tx,
    statement: super::Sql,
    keys: &[(&HotelId, Id)],
    now: Timestamp,
) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let rows: Vec<KeyRow<'_>> =
        keys.iter().map(|(hotel, id)| KeyRow { hotel: hotel.as_str(), id: id.to_string() }).collect();
    let json = batch(&rows)?;
    on_tx!(tx, statement, |q, c| sqlx::query(q).bind(&json).bind(micros(now)).execute(c).await?.rows_affected());
    Ok(())
}

#[derive(sqlx::FromRow)]
struct OpenRow {
    hotel_id: String,
    chat_id: String,
    asked_id: String,
    definition: String,
    language: String,
    trigger_id: Option<String>,
    touchpoint_id: Option<String>,
    reservation_id: Option<String>,
    asked_at: i64,
    expires_at: i64,
    repeated_at: Option<i64>,
    state: String,
    answer: Option<String>,
    score: Option<i64>,
    first: Option<String>,
    refused: Option<String>,
    repetition: Option<String>,
    reminder: Option<String>,
}

impl OpenRow {
    fn read(self) -> Result<OpenQuestion> {
        Ok(OpenQuestion {
            id: AskedId(read_uuid(&self.asked_id)?),
            asking: read_document(&self.definition)?,
            language: Language::parse(&self.language).unwrap_or(Language::EN),
            trigger: self.trigger_id.map(TriggerId),
            touchpoint: self.touchpoint_id.map(|id| read_uuid(&id).map(TouchpointId)).transpose()?,
            reservation: self.reservation_id.map(ReservationId),
            asked_at: instant(self.asked_at)?,
            expires_at: instant(self.expires_at)?,
            repeated: self.repeated_at.is_some(),
            voted: (self.state == "answered").then(|| Voted { answer: self.answer.map(AnswerId), score: self.score }),
            messages: [self.first, self.refused, self.repetition, self.reminder]
                .into_iter()
                .flatten()
                .map(ProviderMessageId)
                .collect(),
        })
    }
}

/// How long after its end a question is still looked at: an answer written in time may reach us late.
const LATE: SignedDuration = SignedDuration::from_hours(24);

/// The questions that the guests of these chats can have seen, in whichever of their chats, and not yet answered, the
/// newest first. Those that closed lately are among them: when an answer was written decides. So are those of a poll
/// that was reported as failed: a vote in it says that it was not.
pub(super) async fn of_chats(
    store: &Store,
    keys: &str,
    now: Timestamp,
) -> Result<HashMap<(HotelId, ChatId), Vec<OpenQuestion>>> {
    const OF_CHATS: super::Sql = sql!(
        "SELECT q.hotel_id, c.chat_id, q.asked_id, q.definition, q.language, q.trigger_id, q.touchpoint_id,
                q.reservation_id, q.asked_at, q.expires_at, q.repeated_at, q.state, q.answer, q.score,
                o.provider_id AS first, o.refused_id AS refused,
                (SELECT p.provider_id FROM outbox p WHERE p.hotel_id = q.hotel_id AND p.intent = 'repeat:' || q.asked_id)
                  AS repetition,
                (SELECT p.provider_id FROM outbox p WHERE p.hotel_id = q.hotel_id AND p.intent = 'remind:' || q.asked_id)
                  AS reminder
         FROM " ROWS
        {lite: "CROSS JOIN", pg: "JOIN"}
        " chats c ON c.hotel_id = r.value->>'hotel' AND c.chat_id = r.value->>'chat' "
        {lite: "CROSS JOIN", pg: "JOIN"}
        " chats own ON own.guest_id = c.guest_id AND own.hotel_id = c.hotel_id "
        {lite: "CROSS JOIN", pg: "JOIN"}
        " questions q ON q.chat_id = own.chat_id AND q.hotel_id = own.hotel_id
         JOIN outbox o ON o.hotel_id = q.hotel_id AND o.message_id = q.message_id
         WHERE q.expires_at > $2 AND (q.state IN ('open', 'expired') OR (q.state = 'answered' AND q.how = 'vote'))
           AND (o.rank >= 10 OR o.refused_id IS NOT NULL) AND o.state NOT IN ('refused', 'cancelled')
         ORDER BY q.asked_at DESC, q.asked_id DESC"
    );
    let since = now.checked_sub(LATE).unwrap_or(Timestamp::MIN);
    let rows: Vec<OpenRow> =
        on_read!(store, OF_CHATS, |q, c| sqlx::query_as(q).bind(keys).bind(micros(since)).fetch_all(c).await?);
    let mut questions: HashMap<(HotelId, ChatId), Vec<OpenQuestion>> = HashMap::new();
    for row in rows {
        let key = (read_hotel(&row.hotel_id)?, ChatId(read_uuid(&row.chat_id)?));
        questions.entry(key).or_default().push(row.read()?);
    }
    Ok(questions)
}

/// An answer that a guest gave in a stay, or a question that still waits for one.
#[derive(Clone, Debug, PartialEq)]
pub struct StayAnswer {
    /// Which question.
    pub question: QuestionId,
    /// The answer; `None` for free text, a number that no answer names, or none yet.
    pub answer: Option<AnswerId>,
    /// The number.
    pub score: Option<i64>,
    /// By what it was recognised; `None` while there is none.
    pub how: Option<How>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it was answered; `None` while it waits.
    pub answered_at: Option<Timestamp>,
    /// The guest's message.
    pub answered_by: Option<MessageId>,
}

#[derive(sqlx::FromRow)]
struct StayAnswerRow {
    question: String,
    answer: Option<String>,
    score: Option<i64>,
    how: Option<String>,
    asked_at: i64,
    answered_at: Option<i64>,
    answered_by: Option<String>,
}

const OF_STAY: super::Sql = sql!(
    "SELECT question, answer, score, how, asked_at, answered_at, answered_by FROM questions
     WHERE hotel_id = $1 AND reservation_id = $2 AND state IN ('open', 'answered')
     ORDER BY asked_at, asked_id"
);

/// What a stay's guest was asked and answered, oldest first, for conditions and anchors, within a transaction.
pub async fn of_stay(tx: &mut Tx, hotel: &HotelId, reservation: &ReservationId) -> Result<Vec<StayAnswer>> {
    let rows: Vec<StayAnswerRow> = on_tx!(tx, OF_STAY, |q, c| sqlx::query_as(q)
        .bind(hotel.as_str())
        .bind(reservation.as_str())
        .fetch_all(c)
        .await?);
    rows.into_iter().map(StayAnswerRow::read).collect()
}

impl StayAnswerRow {
    fn read(self) -> Result<StayAnswer> {
        Ok(StayAnswer {
            question: QuestionId(self.question),
            answer: self.answer.map(AnswerId),
            score: self.score,
            how: self.how.as_deref().and_then(How::parse),
            asked_at: instant(self.asked_at)?,
            answered_at: instant_opt(self.answered_at)?,
            answered_by: self.answered_by.as_deref().map(read_uuid).transpose()?.map(MessageId),
        })
    }
}

impl Store {
    /// The same as within a transaction, for showing.
    pub async fn answers_of_stay(&self, hotel: &HotelId, reservation: &ReservationId) -> Result<Vec<StayAnswer>> {
        let rows: Vec<StayAnswerRow> = on_read!(self, OF_STAY, |q, c| sqlx::query_as(q)
            .bind(hotel.as_str())
            .bind(reservation.as_str())
            .fetch_all(c)
            .await?);
        rows.into_iter().map(StayAnswerRow::read).collect()
    }
}
