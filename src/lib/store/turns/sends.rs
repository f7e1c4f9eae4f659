//! Planned messages as rows of both `messages` and `outbox`; an intent that is there already writes nothing.

use crate::domain::alert::{Act, Through};
use crate::domain::asking::Choices;
use crate::domain::attachment::Attachment;
use crate::domain::conversation::Mode;
use crate::domain::ids::{ChatAddress, ChatId, HotelId, MessageId, OutboxId, ProviderMessageId, TurnId};
use crate::domain::message::{Author, Origin};
use crate::sql;
use crate::store::{Result, Sql, Store, Tx, alerts, batch, document, micros, queues, run_all};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Serialize;

/// A message to be planned.
#[derive(Clone, Debug)]
pub struct PlannedSend {
    /// The outbox row.
    pub id: OutboxId,
    /// The message it becomes.
    pub message: MessageId,
    /// At most one message per intent, ever.
    pub intent: String,
    /// Bot or staff.
    pub author: Author,
    /// What caused it.
    pub origin: Origin,
    /// The words.
    pub text: String,
    /// The guest's message it answers.
    pub quotes: Option<ProviderMessageId>,
    /// Answers to be tapped, if the channel can show them; the words hold them as a list.
    pub choices: Option<Choices>,
    /// A file that goes with the words.
    pub media: Option<Attachment>,
    /// Not before.
    pub due_at: Timestamp,
    /// Useless after.
    pub expires_at: Timestamp,
}

const INSERT_SENT_MESSAGES: Sql = sql!(
    "INSERT INTO messages (hotel_id, message_id, chat_id, turn_id, direction, author, origin, text, quotes, at)
     SELECT r.value->>'hotel', r.value->>'message', r.value->>'chat', r.value->>'turn', 'outbound',
            r.value->>'author', r.value->>'origin', r.value->>'text', r.value->>'quotes',
            CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS
    " WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.hotel_id = r.value->>'hotel' AND o.intent = r.value->>'intent')"
);
const INSERT_OUTBOX: Sql = sql!(
    "INSERT INTO outbox (hotel_id, outbox_id, chat_id, message_id, intent, address, text, quotes, author, origin, choices, media,
                         state, rank, due_at, expires_at, created_at)
     SELECT r.value->>'hotel', r.value->>'id', r.value->>'chat', r.value->>'message', r.value->>'intent',
            r.value->>'address', r.value->>'text', r.value->>'quotes', r.value->>'author', r.value->>'origin',
            r.value->>'choices', r.value->>'media', 'planned', 0, CAST(r.value->>'due' AS BIGINT), CAST(r.value->>'expires' AS BIGINT),
            CAST(r.value->>'at' AS BIGINT)
     FROM " ROWS " WHERE true
     ON CONFLICT (hotel_id, intent) DO NOTHING"
);
/// A planned message as a row of both `messages` and `outbox`.
#[derive(Serialize)]
pub(in crate::store) struct SendRow<'a> {
    pub(in crate::store) hotel: &'a str,
    pub(in crate::store) id: String,
    pub(in crate::store) chat: String,
    pub(in crate::store) turn: Option<String>,
    pub(in crate::store) message: String,
    pub(in crate::store) intent: &'a str,
    pub(in crate::store) address: &'a str,
    pub(in crate::store) text: &'a str,
    pub(in crate::store) quotes: Option<&'a str>,
    pub(in crate::store) author: &'static str,
    pub(in crate::store) origin: &'static str,
    pub(in crate::store) choices: Option<String>,
    pub(in crate::store) media: Option<String>,
    pub(in crate::store) due: i64,
    pub(in crate::store) expires: i64,
    pub(in crate::store) at: i64,
}

/// Where a planned message goes.
#[derive(Clone, Copy)]
pub(in crate::store) struct SendTo<'a> {
    pub(in crate::store) hotel: &'a HotelId,
    pub(in crate::store) chat: ChatId,
    pub(in crate::store) turn: Option<TurnId>,
    pub(in crate::store) address: &'a ChatAddress,
    pub(in crate::store) at: Timestamp,
}

pub(in crate::store) fn send_row<'a>(to: SendTo<'a>, send: &'a PlannedSend) -> Result<SendRow<'a>> {
    Ok(SendRow {
        hotel: to.hotel.as_str(),
        id: send.id.to_string(),
        chat: to.chat.to_string(),
        turn: to.turn.map(|turn| turn.to_string()),
        message: send.message.to_string(),
        intent: &send.intent,
        address: to.address.as_str(),
        text: &send.text,
        quotes: send.quotes.as_ref().map(ProviderMessageId::as_str),
        author: send.author.as_str(),
        origin: send.origin.as_str(),
        choices: send.choices.as_ref().map(document).transpose()?,
        media: send.media.as_ref().map(document).transpose()?,
        due: micros(send.due_at),
        expires: micros(send.expires_at),
        at: micros(to.at),
    })
}

/// Writes planned messages; an intent that is there already writes nothing.
pub(in crate::store) async fn plan_sends(tx: &mut Tx, rows: &[SendRow<'_>]) -> Result<()> {
    run_all(tx, &send_statements(rows)?).await
}

pub(super) fn send_statements(rows: &[SendRow<'_>]) -> Result<Vec<(Sql, String)>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let json = batch(rows)?;
    Ok(vec![(INSERT_SENT_MESSAGES, json.clone()), (INSERT_OUTBOX, json)])
}

/// A message a person plans by command.
#[derive(Clone, Debug)]
pub struct StaffSend {
    /// Whose guest.
    pub hotel: HotelId,
    /// Which chat.
    pub chat: ChatId,
    /// Where it goes.
    pub address: ChatAddress,
    /// What goes out.
    pub send: PlannedSend,
    /// Who leads the chat from then on.
    pub leads: Mode,
    /// Who wrote it, as colleagues know them: the chat's alerts are theirs.
    pub by: String,
    /// When it was planned.
    pub at: Timestamp,
}

impl Store {
    /// Plans a person's message, and makes them lead the chat, in one step: a message that goes out while the bot
    /// still talks would be as bad as a bot that is silent for a message nobody planned. The same intent twice is one
    /// message.
    pub async fn plan_staff_send(&self, staff: StaffSend) -> Result<()> {
        self.write(move |tx| {
            async move {
                let to =
                    SendTo { hotel: &staff.hotel, chat: staff.chat, turn: None, address: &staff.address, at: staff.at };
                plan_sends(tx, &[send_row(to, &staff.send)?]).await?;
                queues::staff_leads(tx, &staff.hotel, staff.chat, staff.leads).await?;
                let act = Act { at: staff.at, by: staff.by, through: Through::Message };
                alerts::answered(tx, &staff.hotel, staff.chat, &act).await
            }
            .boxed()
        })
        .await
    }
}
