//! What decisions cause: the end of a touchpoint, its message and its question, in one transaction.

use super::Due;
use crate::domain::ids::{ChatId, HotelId};
use crate::domain::schedule::plan::Wanted;
use crate::domain::touchpoint::{SkipReason, TouchpointState};
use crate::store::contacts;
use crate::store::questions::{self, NewQuestion};
use crate::store::turns::{PlannedSend, SendRow, SendTo, plan_sends, send_row};
use crate::store::{Result, Sql, Tx, batch, micros};
use crate::{on_tx, sql};
use jiff::Timestamp;
use serde::Serialize;

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
    /// A file that goes by itself, after the words.
    pub file: Option<PlannedSend>,
    /// What it asks.
    pub question: Option<NewQuestion>,
}

/// What decisions cause, for one statement each.
#[derive(Default)]
pub(super) struct Ends {
    pub(super) decided: Vec<(Due, Decided)>,
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

const END: Sql = sql!(
    "UPDATE touchpoints SET state = r.value->>'state', reason = r.value->>'reason',
       look_at = CAST(r.value->>'look' AS BIGINT), due_at = CAST(r.value->>'due' AS BIGINT),
       moment = CAST(r.value->>'moment' AS BIGINT), seen = r.value->>'seen',
       sent_at = CAST(r.value->>'sent' AS BIGINT), shadow = CAST(r.value->>'shadow' AS BIGINT),
       revision = $2, changed_at = $3
     FROM " ROWS
    " WHERE touchpoints.hotel_id = r.value->>'hotel' AND touchpoints.touchpoint_id = r.value->>'id' AND touchpoints.state = 'planned'"
);

impl Ends {
    pub(super) fn take(&mut self, due: Due, decided: Decided) {
        self.decided.push((due, decided));
    }

    pub(super) async fn run(self, tx: &mut Tx, hotel: &HotelId, revision: i64, now: Timestamp) -> Result<()> {
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
        let mut contacts: Vec<ChatId> = Vec::new();
        for (due, decided) in &self.decided {
            let (Fate::Send(composed), Some(chat)) = (&decided.fate, &due.chat) else { continue };
            let to = SendTo { hotel, chat: chat.id, turn: None, address: &chat.address, at: now };
            for send in std::iter::once(&composed.send).chain(&composed.file) {
                sends.push(send_row(to, send)?);
            }
            asks.extend(composed.question.clone());
            contacts.extend(chat.is_new.then_some(chat.id));
        }
        plan_sends(tx, &sends).await?;
        questions::open(tx, &asks).await?;
        contacts::opened(tx, hotel, &contacts, now).await
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
