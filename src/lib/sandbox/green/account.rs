//! Account, queue and journal methods of an instance.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Map, Value, json};

use std::time::Duration;

use super::api::Incoming;
use super::errors::{self, Refusal};
use super::instance::State;
use super::phase::Phase;
use super::validate::{Fields, invalid};
use crate::sandbox::clock::Now;

type Answered = Result<Response<Body>, Refusal>;

/// The webhook queue may be cleared once a minute.
const CLEAR_EVERY: Duration = Duration::from_secs(60);

fn ok(body: &Value) -> Answered {
    Ok(errors::plain_json(200, body))
}

impl State {
    /// Answers a method of these groups; `None` for another.
    pub fn account(&mut self, call: &Incoming, body: &Map<String, Value>, now: Now) -> Option<Answered> {
        Some(match call.method {
            "getSettings" => ok(&self.saved.show(if self.phase.is_linked() { &self.wid } else { "" })),
            "setSettings" => self.set_settings(body, now),
            "getStateInstance" => ok(&json!({"stateInstance": self.phase.as_str()})),
            "getStatusInstance" => {
                ok(&json!({"statusInstance": if self.phase.sends() { "online" } else { "offline" }}))
            }
            "getStateInstanceHistory" => ok(&self.state_history(call.number("count").unwrap_or(100))),
            "qr" => ok(&self.qr()),
            "getAuthorizationCode" => self.authorization_code(body),
            "reboot" => {
                self.restart(now);
                ok(&json!({"isReboot": true}))
            }
            "logout" => {
                self.change_phase(Phase::NotAuthorized, true, now);
                ok(&json!({"isLogout": true}))
            }
            "updateApiToken" => {
                self.token = format!("{}{}", self.next_phone_id(), self.next_id()).to_lowercase();
                ok(&json!({"updateApiToken": true, "apiTokenInstance": self.token}))
            }
            "getWaSettings" => ok(&self.wa_settings(now)),
            "getMessagesCount" => ok(&json!({"count": self.outgoing.len()})),
            "showMessagesQueue" => ok(&self.outgoing.iter().map(super::outgoing::Queued::show).collect()),
            "clearMessagesQueue" => {
                self.clear_outgoing();
                ok(&json!({"isCleared": true}))
            }
            "getWebhooksCount" => ok(&json!({"count": self.notifications.len()})),
            "clearWebhooksQueue" => ok(&self.clear_notifications(now)),
            "deleteNotification" => self.delete_notification(&call.rest, now),
            "lastIncomingMessages" => self.journal_of(false, call, now),
            "lastOutgoingMessages" => self.journal_of(true, call, now),
            "lastIncomingCalls" | "lastOutgoingCalls" => ok(&json!([])),
            "getChatHistory" => self.chat_history(Fields(body), now),
            "getMessage" => self.one_message(Fields(body), now),
            _ => return None,
        })
    }

    fn set_settings(&mut self, body: &Map<String, Value>, now: Now) -> Answered {
        self.saved.change(body, true).map_err(Refusal::Invalid)?;
        self.restart(now);
        ok(&json!({"saveSettings": true}))
    }

    fn state_history(&self, count: i64) -> Value {
        let count = usize::try_from(count).unwrap_or(0);
        let phone = self.wid.trim_end_matches("@c.us");
        let newest = self.history.iter().rev().take(count);
        newest.map(|(state, at)| json!({"stateInstance": state, "timestamp": at, "phoneNumber": phone})).collect()
    }

    fn qr(&self) -> Value {
        match self.phase {
            Phase::NotAuthorized => json!({"type": "qrCode", "message": QR_PICTURE}),
            Phase::Starting => json!({"type": "error", "message": "instance in starting process try later"}),
            _ => json!({"type": "alreadyLogged", "message": "instance account already authorized"}),
        }
    }

    fn authorization_code(&self, body: &Map<String, Value>) -> Answered {
        Fields(body).number("phoneNumber", 1e10, 1e16)?;
        ok(
            &json!({"status": self.phase == Phase::NotAuthorized, "code": if self.phase == Phase::NotAuthorized { "H1J2K3L4" } else { "" }}),
        )
    }

    fn wa_settings(&self, now: Now) -> Value {
        let phone = self.wid.trim_end_matches("@c.us");
        let linked = self.phase.is_linked();
        let mut settings = json!({
            "avatar": "", "phone": if linked { phone } else { "" }, "stateInstance": self.phase.as_str(),
            "deviceId": if linked { format!("{phone}:8@s.whatsapp.net") } else { String::new() },
            "chatId": if linked { self.wid.as_str() } else { "" },
        });
        if self.phase == Phase::Suspended {
            settings["suspendedUntil"] = (now.unix() + 86_400).into();
        }
        settings
    }

    fn clear_notifications(&mut self, now: Now) -> Value {
        let left = self.clear_again_at.since(now.at);
        if !left.is_zero() {
            return json!({"isCleared": false, "reason": "Too many requests", "leftTime": left.as_secs().max(1)});
        }
        self.clear_again_at = now.at.plus(CLEAR_EVERY);
        self.notifications.clear();
        json!({"isCleared": true, "reason": ""})
    }

    /// The receipt is a part of the path. One in the body, as the vendor's asynchronous Python client sends it, is no
    /// receipt: that call matches no route.
    fn delete_notification(&mut self, receipt: &str, now: Now) -> Answered {
        if receipt.is_empty() {
            return Err(Refusal::NotFound);
        }
        let receipt: u64 = receipt.parse().map_err(|_| invalid("'receiptId' must be a number"))?;
        let deleted = match self.front(now) {
            // Of copies that would be pushed at once, a poller sees one after the other.
            Some(front) if front.receipt == receipt && front.copies > 1 => {
                front.copies -= 1;
                true
            }
            _ => self.notifications.remove(receipt),
        };
        ok(&if deleted {
            json!({"result": true})
        } else {
            json!({"result": false, "reason": "notification not found"})
        })
    }

    fn journal_of(&self, outgoing: bool, call: &Incoming, now: Now) -> Answered {
        ok(&self.journal.last(outgoing, call.number("minutes").unwrap_or(1440), now))
    }

    fn chat_history(&self, fields: Fields<'_>, now: Now) -> Answered {
        self.needs_phone()?;
        let chat_id = self.canonical(fields.chat_id("chatId")?);
        let count = fields.0.get("count").map_or(Ok(100.0), |_| fields.number("count", 1.0, 10_000.0))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 10 000")]
        let count = count as usize;
        ok(&self.journal.chat(&chat_id, count, now.at))
    }

    fn one_message(&self, fields: Fields<'_>, now: Now) -> Answered {
        self.needs_phone()?;
        let chat_id = self.canonical(fields.chat_id("chatId")?);
        let id = fields.text("idMessage", 100)?;
        let message = self.journal.find(id).filter(|message| message.chat_id == chat_id);
        match message.and_then(|message| message.shown(now.at)) {
            Some(message) => ok(&message),
            None => Err(invalid("Message not found by id")),
        }
    }

    /// Methods that ask the account itself need a linked phone.
    ///
    /// # Errors
    /// The vendor's two texts for it.
    pub fn needs_phone(&self) -> Result<(), Refusal> {
        match self.phase {
            Phase::Starting => Err(Refusal::Starting),
            phase if phase.is_linked() => Ok(()),
            _ => Err(Refusal::NotAuthorized),
        }
    }
}

/// A white pixel, as the base64 of a PNG: it is drawn, not scanned.
const QR_PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=";

#[cfg(test)]
mod tests {
    use super::super::faults::Fault;
    use super::super::guest::Action;
    use super::super::instance::tests::{at, send, state};
    use super::*;
    use crate::sandbox::switches::Switch;

    fn call(state: &mut State, method: &'static str, rest: &str, now: Now) -> u16 {
        let call = Incoming { method, rest: rest.into(), query: String::new() };
        let answered = state.account(&call, &Map::new(), now).unwrap();
        answered.unwrap_or_else(|refusal| errors::respond(refusal, method)).status().as_u16()
    }

    #[test]
    fn only_the_receipt_in_the_path_deletes() {
        let mut state = state();
        state.guest(&Action::text("79001234567", "hello"), 1, at(0.0)).unwrap();
        let receipt = state.front(at(0.0)).unwrap().receipt.to_string();

        assert_eq!(call(&mut state, "deleteNotification", "", at(0.0)), 404);
        assert_eq!(call(&mut state, "deleteNotification", "x", at(0.0)), 400);
        assert_eq!(state.notifications.len(), 1);
        assert_eq!(call(&mut state, "deleteNotification", &receipt, at(0.0)), 200);

        assert!(state.notifications.is_empty());
    }

    #[test]
    fn a_poller_sees_copies_one_after_the_other() {
        let mut state = state();
        state.switches.add(Switch::next(Fault::Duplicate { copies: 1, parallel: true }, 1));
        state.guest(&Action::text("79001234567", "hello"), 1, at(0.0)).unwrap();
        let receipt = state.front(at(0.0)).unwrap().receipt.to_string();

        call(&mut state, "deleteNotification", &receipt, at(0.0));
        assert_eq!(state.notifications.len(), 1);
        call(&mut state, "deleteNotification", &receipt, at(0.0));

        assert!(state.notifications.is_empty());
    }

    #[test]
    fn notifications_may_be_cleared_once_a_minute() {
        let mut state = state();

        assert_eq!(state.clear_notifications(at(0.0)), json!({"isCleared": true, "reason": ""}));
        let early = json!({"isCleared": false, "reason": "Too many requests", "leftTime": 46});
        assert_eq!(state.clear_notifications(at(14.0)), early);
        assert_eq!(state.clear_notifications(at(60.0))["isCleared"], true);
    }

    #[test]
    fn a_cleared_queue_sends_nothing() {
        let mut state = state();
        state.phase = Phase::NotAuthorized;
        send(&mut state, "never", at(0.0));

        assert_eq!(call(&mut state, "clearMessagesQueue", "", at(0.0)), 200);
        state.change_phase(Phase::Authorized, false, at(1.0));
        state.advance(at(1.0));

        assert_eq!(state.sent_count, 0);
    }

    #[test]
    fn the_account_is_silent_without_a_phone() {
        let mut state = state();
        for (phase, refusal) in [
            (Phase::Starting, Some(Refusal::Starting)),
            (Phase::NotAuthorized, Some(Refusal::NotAuthorized)),
            (Phase::Blocked, Some(Refusal::NotAuthorized)),
            (Phase::Suspended, None),
            (Phase::Authorized, None),
        ] {
            state.phase = phase;
            assert_eq!(state.needs_phone().err(), refusal, "{phase:?}");
        }
    }
}
