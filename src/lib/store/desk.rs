//! What colleagues' orders need and do: the alerts they may mean, and the change of one of them with its guest's chat.

use super::alerts::{self, AlertFilter, AlertView};
use super::journal::set_mode;
use super::turns::{Committed, TurnCommit};
use super::{Result, Store, Tx};
use crate::domain::alert::{Act, Through};
use crate::domain::ids::{ChatAddress, ChatId, HotelId, ProviderMessageId};
use crate::domain::staff_command::OnDesk;
use crate::{on_read, on_tx, sql};
use jiff::Timestamp;
use std::collections::HashSet;

/// Of more alerts than this nobody keeps track in a chat; each is found by its number all the same.
const MOST_ON_DESK: i64 = 100;

impl Store {
    /// What is not resolved at a hotel, the gravest first, and the alerts with these numbers, over or not.
    pub async fn on_desk(&self, hotel: &HotelId, numbers: &[i64], now: Timestamp) -> Result<Vec<OnDesk>> {
        let filter = AlertFilter { hotels: vec![hotel.clone()], all: false, since: None, limit: MOST_ON_DESK };
        let mut views = self.alerts(&filter).await?;
        for number in numbers {
            if !views.iter().any(|view| view.alert.number == *number) {
                views.extend(self.find_alerts(&number.to_string(), &filter.hotels).await?);
            }
        }
        let led = self.led_by_people(hotel, now).await?;
        let on_desk = |view: AlertView| OnDesk {
            person_leads: led.contains(&view.alert.chat.to_string()),
            guest: view.guest,
            room: view.room,
            alert: view.alert,
        };
        Ok(views.into_iter().map(on_desk).collect())
    }

    /// The chats of a hotel's unresolved alerts that a person leads.
    async fn led_by_people(&self, hotel: &HotelId, now: Timestamp) -> Result<HashSet<String>> {
        const LED: super::Sql = sql!(
            "SELECT DISTINCT c.chat_id FROM alerts a JOIN chats c ON c.chat_id = a.chat_id AND c.hotel_id = a.hotel_id
             WHERE a.hotel_id = $1 AND c.mode = 'handoff' AND (c.mode_until IS NULL OR c.mode_until > $2)"
        );
        let led: Vec<String> = on_read!(self, LED, |q, c| sqlx::query_scalar(q)
            .bind(hotel.as_str())
            .bind(super::micros(now))
            .fetch_all(c)
            .await?);
        Ok(led.into_iter().collect())
    }

    /// The number of the alert that this message of ours, or of another channel, told of.
    pub async fn alert_told_in(&self, hotel: &HotelId, message: &ProviderMessageId) -> Result<Option<i64>> {
        const TOLD: super::Sql = sql!(
            "SELECT a.number FROM notices n
             JOIN alerts a ON a.alert_id = n.alert_id AND a.hotel_id = n.hotel_id
             LEFT JOIN outbox o ON o.outbox_id = n.outbox_id AND o.hotel_id = n.hotel_id
             WHERE n.hotel_id = $1 AND (n.provider_id = $2 OR o.provider_id = $2)
             ORDER BY n.created_at DESC LIMIT 1"
        );
        Ok(on_read!(self, TOLD, |q, c| sqlx::query_scalar(q)
            .bind(hotel.as_str())
            .bind(message.as_str())
            .fetch_optional(c)
            .await?))
    }

    /// All addresses under which the person of a chat is known.
    pub async fn addresses_of(&self, hotel: &HotelId, chat: ChatId) -> Result<Vec<ChatAddress>> {
        const ADDRESSES: super::Sql =
            sql!("SELECT address FROM aliases WHERE chat_id = $2 AND hotel_id = $1 ORDER BY address");
        let addresses: Vec<String> = on_read!(self, ADDRESSES, |q, c| sqlx::query_scalar(q)
            .bind(hotel.as_str())
            .bind(chat.to_string())
            .fetch_all(c)
            .await?);
        Ok(addresses.into_iter().map(ChatAddress).collect())
    }
}

/// An order was obeyed over the alert as it was seen. If somebody was faster, it is decided anew, or its answer would
/// tell two people that the matter is theirs.
pub(super) async fn decide_anew(tx: &mut Tx, turns: &[TurnCommit], outcomes: &mut [Committed]) -> Result<()> {
    const STATE: super::Sql = sql!("SELECT state FROM alerts WHERE alert_id = $1 AND hotel_id = $2");
    // Of several orders about one alert in the same commit the first counts: the others were decided without it.
    let mut ordered = HashSet::new();
    for (turn, outcome) in turns.iter().zip(outcomes).filter(|(_, outcome)| **outcome == Committed::Done) {
        let Some(act) = &turn.desk else { continue };
        if !ordered.insert(act.alert) {
            *outcome = Committed::Interrupted;
            continue;
        }
        let state: Option<String> = on_tx!(tx, STATE, |q, c| sqlx::query_scalar(q)
            .bind(act.alert.to_string())
            .bind(turn.claim.hotel.as_str())
            .fetch_optional(c)
            .await?);
        if state.as_deref() != Some(act.seen.as_str()) {
            *outcome = Committed::Interrupted;
        }
    }
    Ok(())
}

/// Does what orders say, in the transaction of their turns.
pub(super) async fn apply(tx: &mut Tx, turns: &[&TurnCommit]) -> Result<()> {
    for turn in turns {
        let Some(act) = &turn.desk else { continue };
        let hotel = &turn.claim.hotel;
        if let Some(step) = act.step {
            let by = Act { at: turn.at, by: act.by.clone(), through: Through::Chat };
            alerts::step(tx, hotel, act.alert, step, by).await?;
        }
        if let Some(mode) = act.mode {
            set_mode(tx, hotel, act.chat, mode, turn.at).await?;
        }
    }
    Ok(())
}
