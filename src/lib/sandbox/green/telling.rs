//! What an instance tells: how notifications join its queue, and what the switches make of them on the way.

use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Map, Value, json};

use super::faults::Fault;
use super::instance::State;
use super::notifications::{self, Kind, Told};
use super::phase::Phase;
use super::settings::Flag;
use crate::sandbox::clock::Now;

impl State {
    /// How a chat is called in notifications: by phone number, or by `@lid` where that is switched on.
    pub fn spoken_chat_id(&mut self, chat_id: &str, kind: Kind) -> String {
        let struck = !self.switches.is_empty()
            && self
                .switches
                .take(|name| name == kind.as_str(), |fault| matches!(fault, Fault::Lid).then_some(()))
                .is_some();
        if struck || self.active.has(Flag::LidMode) { self.lid_of(chat_id) } else { chat_id.to_owned() }
    }

    /// A chat's `@lid`, remembered so that calls may name it.
    pub fn lid_of(&mut self, chat_id: &str) -> String {
        let lid = notifications::lid(chat_id);
        if lid != chat_id && !self.lids.contains_key(&lid) {
            self.lids.insert(lid.clone(), chat_id.to_owned());
        }
        lid
    }

    /// Puts a notification into the queue, adding the instance's data, unless a switch wants otherwise.
    pub fn notify(&mut self, kind: Kind, id: &str, mut body: Map<String, Value>, now: Now) {
        let wid = if self.phase.is_linked() || self.phase == Phase::Starting { self.wid.as_str() } else { "" };
        body.insert("instanceData".into(), json!({"idInstance": self.id, "wid": wid, "typeInstance": "whatsapp"}));
        body.entry("timestamp").or_insert_with(|| now.unix().into());
        self.notify_raw(kind, id, body, now);
    }

    /// Puts a body into the queue as it is, unless a switch wants otherwise.
    pub fn notify_raw(&mut self, kind: Kind, id: &str, mut body: Map<String, Value>, now: Now) {
        if self.switches.is_empty() {
            let told = Told { kind, id_message: id.into(), body: bytes(&body) };
            return self.notifications.push(told, 1, now.unix_ms);
        }
        let named = |name: &str| name == kind.as_str();
        let has = |fault: &Fault, wanted: &Fault| std::mem::discriminant(fault) == std::mem::discriminant(wanted);
        let mut struck = |wanted: Fault| self.switches.take(named, |fault| has(fault, &wanted).then_some(())).is_some();
        if struck(Fault::LostWebhook) || (kind == Kind::OutgoingApi && struck(Fault::LostEcho)) {
            return;
        }
        let (nameless, extra) = (struck(Fault::MissingNames), struck(Fault::ExtraFields));
        let odd = body.contains_key("messageData") && struck(Fault::UnknownType);
        spoil(&mut body, nameless, extra, odd);
        let delay = self.switches.take(named, |fault| match fault {
            Fault::Delay { seconds } => Some(Duration::try_from_secs_f64(*seconds).unwrap_or_default()),
            _ => None,
        });
        let copies = self.switches.take(named, |fault| match fault {
            Fault::Duplicate { copies, parallel } => Some((*copies, *parallel)),
            _ => None,
        });
        let told = Told { kind, id_message: id.into(), body: bytes(&body) };
        if let Some(delay) = delay {
            return self.notify_later(delay, told, now);
        }
        match copies {
            Some((copies, true)) => self.notifications.push(told, copies + 1, now.unix_ms),
            Some((copies, false)) => {
                for _ in 0..=copies {
                    self.notifications.push(told.clone(), 1, now.unix_ms);
                }
            }
            None => self.notifications.push(told, 1, now.unix_ms),
        }
    }

    /// The first undisturbed or disturbed push or poll: the notification in front.
    pub fn front(&mut self, now: Now) -> Option<&mut notifications::Notification> {
        let retention = i64::try_from(self.timing.retention.as_millis()).unwrap_or(i64::MAX);
        self.notifications.front(now.unix_ms, retention)
    }
}

fn bytes(body: &Map<String, Value>) -> Bytes {
    serde_json::to_vec(body).unwrap_or_default().into()
}

fn spoil(body: &mut Map<String, Value>, nameless: bool, extra: bool, odd: bool) {
    if nameless && let Some(sender) = body.get_mut("senderData").and_then(Value::as_object_mut) {
        sender.remove("senderContactName");
        sender.remove("chatName");
    }
    if extra {
        body.insert("messageSecretVersion".into(), json!({"high": 0, "low": 3, "unsigned": true}));
        if let Some(data) = body.get_mut("messageData").and_then(Value::as_object_mut) {
            data.insert("ephemeralSettings".into(), json!(["unheard", {"of": null}]));
        }
    }
    if odd && let Some(data) = body.get_mut("messageData") {
        *data = json!({"typeMessage": "hologramMessage", "hologramMessageData": {"depth": 3}});
    }
}

#[cfg(test)]
mod tests {
    use super::super::guest::Action;
    use super::super::instance::tests::{at, send, state, told, words};
    use super::*;
    use crate::sandbox::switches::Switch;

    fn heard(fault: Fault) -> Vec<Value> {
        let mut state = state();
        state.switches.add(Switch::next(fault, 1));
        state.guest(&Action::text("79001234567", "hello"), 1, at(0.0)).unwrap();
        told(&mut state, at(0.0))
    }

    #[test]
    fn a_duplicate_is_the_same_body_again() {
        let bodies = heard(Fault::Duplicate { copies: 2, parallel: false });

        assert_eq!(bodies.len(), 3);
        assert!(bodies.iter().all(|body| *body == bodies[0]));
    }

    #[test]
    fn a_lost_webhook_stays_in_the_journal_and_a_lost_message_does_not() {
        for (fault, journaled) in [(Fault::LostWebhook, 1), (Fault::LostMessage, 0)] {
            let mut state = state();
            state.switches.add(Switch::next(fault, 1));
            state.guest(&Action::text("79001234567", "hello"), 1, at(0.0)).unwrap();

            assert_eq!(told(&mut state, at(0.0)).len(), 0);
            let shown = state.journal.last(false, 1440, at(120.0));
            assert_eq!(shown.as_array().unwrap().len(), journaled);
        }
    }

    #[test]
    fn a_lost_echo_leaves_the_statuses() {
        let mut state = state();
        state.switches.add(Switch::next(Fault::LostEcho, 1));

        send(&mut state, "hello", at(0.0));

        assert_eq!(words(&told(&mut state, at(1.0))), ["sent", "delivered"]);
    }

    #[test]
    fn a_delayed_notification_is_overtaken() {
        let mut state = state();
        state.switches.add(Switch::next(Fault::Delay { seconds: 60.0 }, 1));
        for text in ["first", "second"] {
            state.guest(&Action::text("79001234567", text), 1, at(0.0)).unwrap();
        }

        let texts = |bodies: Vec<Value>| -> Vec<String> {
            bodies.iter().map(|body| body["messageData"]["textMessageData"]["textMessage"].to_string()).collect()
        };
        assert_eq!(texts(told(&mut state, at(59.0))), ["\"second\""]);
        assert_eq!(texts(told(&mut state, at(60.0))), ["\"first\""]);
    }

    #[test]
    fn names_fields_and_types_can_be_spoilt() {
        let nameless = heard(Fault::MissingNames);
        assert_eq!(nameless[0]["senderData"].get("senderContactName"), None);
        assert_eq!(nameless[0]["senderData"]["chatId"], "79001234567@c.us");
        assert!(heard(Fault::ExtraFields)[0].get("messageSecretVersion").is_some());
        assert_eq!(heard(Fault::UnknownType)[0]["messageData"]["typeMessage"], "hologramMessage");
    }

    #[test]
    fn a_lid_stands_for_the_same_chat_both_ways() {
        let mut state = state();
        state.switches.add(Switch::on(Fault::Lid));
        state.guest(&Action::text("79001234567", "hello"), 1, at(0.0)).unwrap();
        let lid = told(&mut state, at(0.0))[0]["senderData"]["chatId"].as_str().unwrap().to_owned();

        assert!(lid.ends_with("@lid"), "{lid}");
        assert_eq!(state.canonical(&lid), "79001234567@c.us");
        send(&mut state, "answer", at(0.0));
        assert_eq!(told(&mut state, at(0.0))[0]["senderData"]["chatId"], lid.as_str());
    }

    #[test]
    fn only_the_named_kind_is_struck() {
        let mut state = state();
        state.switches.add(Switch::on(Fault::LostWebhook).only(&["outgoingMessageStatus"]));

        send(&mut state, "hello", at(0.0));

        assert_eq!(words(&told(&mut state, at(1.0))), ["outgoingAPIMessageReceived"]);
    }
}
