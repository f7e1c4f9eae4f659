//! Who is told of alerts over the hotel's own number: decided, written and planned in one transaction.

use super::alerts::{look_again, step, take_due};
use super::chats::{NewAddress, resolve};
use super::turns::{PlannedSend, SendTo, plan_sends, send_row};
use super::{Result, Sql, Store, Tx, instant, micros};
use crate::domain::alert::{Act, Alert, Step, Through};
use crate::domain::ids::{AlertId, ChatAddress, ChatId, HotelId, MessageId, OutboxId};
use crate::domain::ladder::{Fate, Told};
use crate::domain::message::{Author, Origin};
use crate::domain::staff_command::OnDesk;
use crate::{on_tx, sql};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Alerts looked at in one transaction.
const MOST_AT_ONCE: i64 = 200;
/// After so many messages in a minute a contact gets the next ones together, half a minute later.
const MOST_A_MINUTE: i64 = 5;
const TOGETHER_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// A notice that could not leave in this time is no news any more; the ladder has told others meanwhile.
const KEPT: SignedDuration = SignedDuration::from_hours(6);

/// One contact to be told of one alert.
#[derive(Clone, Debug)]
pub struct Tell {
    /// The contact's id.
    pub contact: String,
    /// Where.
    pub address: ChatAddress,
    /// In which round.
    pub round: i64,
    /// The words, as part of a message that may tell of several.
    pub text: String,
}

/// What the ladder says about one alert.
#[derive(Clone, Debug, Default)]
pub struct Climb {
    /// Who is told.
    pub tell: Vec<Tell>,
    /// Whether it goes up.
    pub escalates: bool,
    /// When it is looked at next.
    pub look_at: Option<Timestamp>,
}

/// Decides about one alert; see `flow::escalate`.
pub type Judge = Arc<dyn Fn(&OnDesk, &[Told]) -> Climb + Send + Sync>;
/// Makes ids.
pub type NewId = Arc<dyn Fn() -> Uuid + Send + Sync>;

impl Store {
    /// Looks at the alerts that are due and tells whom `judge` names. Returns how many messages were planned.
    pub async fn climb(&self, now: Timestamp, judge: Judge, new_id: NewId) -> Result<usize> {
        self.write(move |tx| async move { climb(tx, now, &judge, &new_id).await }.boxed()).await
    }
}

/// What one contact of one hotel is told in this step.
type Letters = BTreeMap<(HotelId, String), Vec<(Alert, Tell)>>;

async fn climb(tx: &mut Tx, now: Timestamp, judge: &Judge, new_id: &NewId) -> Result<usize> {
    let mut letters = Letters::new();
    for alert in take_due(tx, now, MOST_AT_ONCE).await? {
        let told = told(tx, &alert.hotel, alert.id).await?;
        let on_desk = with_guest(tx, alert).await?;
        let climb = judge(&on_desk, &told);
        let alert = on_desk.alert;
        if climb.escalates {
            let act = Act { at: now, by: "the ladder".to_owned(), through: Through::Command };
            step(tx, &alert.hotel, alert.id, Step::Escalate, act).await?;
        }
        look_again(tx, &alert.hotel, alert.id, climb.look_at).await?;
        for tell in climb.tell {
            letters.entry((alert.hotel.clone(), tell.contact.clone())).or_default().push((alert.clone(), tell));
        }
    }
    let mut planned = 0;
    for ((hotel, contact), letter) in letters {
        if lately(tx, &hotel, &contact, now).await? >= MOST_A_MINUTE {
            for (alert, _) in &letter {
                look_again(tx, &hotel, alert.id, Some(now + TOGETHER_AFTER)).await?;
            }
            continue;
        }
        write(tx, &hotel, &letter, (now, new_id)).await?;
        planned += 1;
    }
    Ok(planned)
}

/// The notices of an alert, with how far they got: what carries them knows.
async fn told(tx: &mut Tx, hotel: &HotelId, alert: AlertId) -> Result<Vec<Told>> {
    const TOLD: Sql = sql!(
        "SELECT n.contact, n.attempt, n.created_at, COALESCE(o.state, n.state) AS state
         FROM notices n LEFT JOIN outbox o ON o.outbox_id = n.outbox_id AND o.hotel_id = n.hotel_id
         WHERE n.alert_id = $1 AND n.hotel_id = $2 ORDER BY n.created_at"
    );
    let rows: Vec<(String, i64, i64, String)> =
        on_tx!(tx, TOLD, |q, c| sqlx::query_as(q).bind(alert.to_string()).bind(hotel.as_str()).fetch_all(c).await?);
    rows.into_iter()
        .map(|(contact, round, at, state)| {
            let fate = match state.as_str() {
                "delivered" | "read" | "confirmed" => Fate::Confirmed,
                "refused" | "cancelled" | "failed" => Fate::Failed,
                _ => Fate::OnItsWay,
            };
            Ok(Told { contact, round, at: instant(at)?, fate })
        })
        .collect()
}

async fn with_guest(tx: &mut Tx, alert: Alert) -> Result<OnDesk> {
    const GUEST: Sql = sql!(
        "SELECT COALESCE(g.told_name, g.name), v.room FROM alerts a
         JOIN chats c ON c.chat_id = a.chat_id AND c.hotel_id = a.hotel_id
         JOIN guests g ON g.guest_id = c.guest_id AND g.hotel_id = c.hotel_id
         LEFT JOIN reservations v ON v.hotel_id = a.hotel_id AND v.reservation_id = a.reservation_id
         WHERE a.alert_id = $1 AND a.hotel_id = $2"
    );
    let (guest, room): (Option<String>, Option<String>) = on_tx!(tx, GUEST, |q, c| sqlx::query_as(q)
        .bind(alert.id.to_string())
        .bind(alert.hotel.as_str())
        .fetch_one(c)
        .await?);
    Ok(OnDesk { alert, guest, room, person_leads: false })
}

/// How many messages of alerts a contact got in the last minute.
async fn lately(tx: &mut Tx, hotel: &HotelId, contact: &str, now: Timestamp) -> Result<i64> {
    const LATELY: Sql =
        sql!("SELECT COUNT(DISTINCT outbox_id) FROM notices WHERE hotel_id = $1 AND contact = $2 AND created_at > $3");
    Ok(on_tx!(tx, LATELY, |q, c| sqlx::query_scalar(q)
        .bind(hotel.as_str())
        .bind(contact)
        .bind(micros(now - SignedDuration::from_mins(1)))
        .fetch_one(c)
        .await?))
}

/// One message that tells of all these alerts, and a notice for each.
async fn write(
    tx: &mut Tx,
    hotel: &HotelId,
    letter: &[(Alert, Tell)],
    (now, new_id): (Timestamp, &NewId),
) -> Result<()> {
    let Some((first, tell)) = letter.first() else { return Ok(()) };
    let chat = chat_of(tx, hotel, &tell.address, (now, new_id)).await?;
    let text = letter.iter().map(|(_, tell)| tell.text.as_str()).collect::<Vec<_>>().join("\n\n");
    let send = PlannedSend {
        id: OutboxId(new_id()),
        message: MessageId(new_id()),
        intent: intent(first.id, tell),
        author: Author::Bot,
        origin: Origin::Alert,
        text,
        quotes: None,
        choices: None,
        media: None,
        due_at: now,
        expires_at: now + KEPT,
    };
    let to = SendTo { hotel, chat, turn: None, address: &tell.address, at: now };
    plan_sends(tx, &[send_row(to, &send)?]).await?;
    for (alert, tell) in letter {
        const NOTICE: Sql = sql!(
            "INSERT INTO notices (hotel_id, notice_id, alert_id, intent, contact, channel, state, attempt, due_at, outbox_id,
                                  text, created_at)
             VALUES ($1, $2, $3, $4, $5, 'whatsapp', 'accepted', $6, $7, $8, $9, $7)
             ON CONFLICT (intent, hotel_id) DO NOTHING"
        );
        on_tx!(tx, NOTICE, |q, c| sqlx::query(q)
            .bind(hotel.as_str())
            .bind(new_id().to_string())
            .bind(alert.id.to_string())
            .bind(intent(alert.id, tell))
            .bind(&tell.contact)
            .bind(tell.round)
            .bind(micros(now))
            .bind(send.id.to_string())
            .bind(&tell.text)
            .execute(c)
            .await?
            .rows_affected());
    }
    Ok(())
}

fn intent(alert: AlertId, tell: &Tell) -> String {
    format!("alert:{alert}:{}:{}", tell.contact, tell.round)
}

/// The contact's own chat with the hotel's number: what they write there is read as orders.
async fn chat_of(
    tx: &mut Tx,
    hotel: &HotelId,
    address: &ChatAddress,
    (now, new_id): (Timestamp, &NewId),
) -> Result<ChatId> {
    let new = NewAddress {
        hotel: hotel.clone(),
        address: address.clone(),
        also: None,
        name: None,
        guest: new_id(),
        chat: new_id(),
        at: now,
    };
    let chats = resolve(tx, &[new]).await?;
    let missing = || super::StoreError::Corrupt("a contact's chat was not made".to_owned());
    chats.get(&(hotel.clone(), address.clone())).copied().ok_or_else(missing)
}
