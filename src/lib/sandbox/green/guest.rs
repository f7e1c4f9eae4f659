//! What people do on their phones: guests who write, tap, vote and call, and staff who answer from the hotel's phone.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::content;
use super::faults::Fault;
use super::instance::State;
use super::journal::{Delivery, Message};
use super::notifications::{self, Kind, Sender};
use super::settings::Flag;
use crate::sandbox::clock::{Moment, Now};

/// Something a person does, as the control interface takes it. Every field but the chat has a default.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Action {
    /// What is done: `text` (the default), `extended_text`, `voice`, `image`, `video`, `document`, `sticker`,
    /// `location`, `contact`, `contacts`, `reaction`, `poll`, `vote`, `tap`, `choice`, `edit`, `delete`, `invite`,
    /// `call` or `raw`.
    pub kind: String,
    /// The chat, `…@c.us` or `…@g.us`.
    pub chat_id: String,
    /// Instead of the chat: the guest's phone number.
    pub phone: String,
    /// In a group, the member who writes.
    pub sender: String,
    /// What the guest calls himself.
    pub name: String,
    /// The text, caption, emoji or question.
    pub text: String,
    /// The id of the message; made up when empty.
    pub id_message: String,
    /// The message that is quoted, voted on, tapped, reacted to, edited or deleted.
    pub about: String,
    /// The chosen poll options, the options of a guest's poll, or the id of the tapped button.
    pub choices: Vec<String>,
    /// Real seconds since 1970; absent means now.
    pub timestamp: Option<i64>,
    /// Whole `messageData`, instead of what `kind` would make.
    pub message_data: Option<Value>,
}

impl Action {
    /// A guest with this number writes this text.
    #[must_use]
    pub fn text(phone: &str, text: &str) -> Self {
        Self { phone: phone.into(), text: text.into(), ..Self::default() }
    }

    /// The chat it happens in.
    #[must_use]
    pub fn chat(&self) -> String {
        if !self.chat_id.is_empty() {
            return self.chat_id.clone();
        }
        let digits: String = self.phone.chars().filter(char::is_ascii_digit).collect();
        format!("{digits}@c.us")
    }
}

/// A message from a phone that is on its way into the journal and the queue.
#[derive(Debug, Clone)]
pub struct Arrival {
    message: Message,
    data: Value,
    sender: Sender,
    kind: Kind,
    timestamp: i64,
    flags: Vec<Flag>,
}

impl State {
    /// A guest does something; the answer is the id of the message it made.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the action.
    pub fn guest(&mut self, action: &Action, seq: u64, now: Now) -> Result<String, String> {
        let chat_id = self.checked_chat(action)?;
        if action.kind == "call" {
            return Ok(self.call(action, &chat_id, now));
        }
        let arrival = self.arrival(action, chat_id, seq, now, true)?;
        let id = arrival.message.id.clone();
        let unreadable = (!self.switches.is_empty()).then(|| {
            self.switches.take(
                |name| name == Kind::Incoming.as_str(),
                |fault| match fault {
                    Fault::Undecrypted { seconds } => Some(Duration::try_from_secs_f64(*seconds).unwrap_or_default()),
                    _ => None,
                },
            )
        });
        if let Some(wait) = unreadable.flatten() {
            let mut first = arrival.clone();
            first.data = notifications::text("{{SWE001}}", None, false);
            first.message.text = "{{SWE001}}".into();
            self.arrive(first, now);
            self.readable_later(wait, arrival, now);
        } else {
            self.arrive(arrival, now);
        }
        Ok(id)
    }

    /// The staff writes from the hotel's own phone.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the action.
    pub fn staff(&mut self, action: &Action, seq: u64, now: Now) -> Result<String, String> {
        let chat_id = self.checked_chat(action)?;
        let arrival = self.arrival(action, chat_id, seq, now, false)?;
        let id = arrival.message.id.clone();
        self.arrive(arrival, now);
        Ok(id)
    }

    fn checked_chat(&self, action: &Action) -> Result<String, String> {
        let chat_id = action.chat();
        if super::validate::is_chat_id(&chat_id) {
            Ok(self.canonical(&chat_id))
        } else {
            Err(format!("`{chat_id}` is no chat id: give chat_id or phone"))
        }
    }

    fn arrival(
        &mut self,
        action: &Action,
        chat_id: String,
        seq: u64,
        now: Now,
        guest: bool,
    ) -> Result<Arrival, String> {
        let id = if action.id_message.is_empty() { self.next_phone_id() } else { action.id_message.clone() };
        let author = if action.sender.is_empty() { chat_id.clone() } else { action.sender.clone() };
        let author = if guest { author } else { self.wid.clone() };
        let made = content::of(action, &author, &self.journal, &self.files_url)?;
        let name = self.known_name(action, &chat_id);
        let kind = if guest { Kind::Incoming } else { Kind::Outgoing };
        let spoken = self.spoken_chat_id(&chat_id, kind);
        let spoken_sender = if guest && author == chat_id { spoken.clone() } else { author.clone() };
        let timestamp = action.timestamp.unwrap_or(now.unix());
        let accepted = Now { unix_ms: action.timestamp.map_or(now.unix_ms, |seconds| seconds * 1000), ..now };
        let text_of = made.text;
        let message = Message {
            id,
            seq,
            chat_id,
            sender: author,
            sender_name: name.clone(),
            outgoing: !guest,
            by_api: false,
            kind: made.data["typeMessage"].as_str().unwrap_or_default().to_owned(),
            text: text_of,
            quoted: made.quoted,
            data: made.keep_data.then(|| Arc::new(made.data.clone())),
            accepted,
            sent_unix_ms: Some(now.unix_ms),
            carried: 1,
            delivery: if guest { Delivery::Received } else { Delivery::Sent },
            visible_at: now.at.plus(self.timing.journal_lag),
            journaled: self.active.has(if guest { Flag::Incoming } else { Flag::OutgoingMessage }),
            edited: false,
            deleted: false,
        };
        let sender = Sender {
            chat_id: spoken,
            sender: spoken_sender,
            chat_name: name.clone(),
            sender_name: name,
            contact_name: String::new(),
        };
        let mut flags = vec![if guest { Flag::Incoming } else { Flag::OutgoingMessage }];
        flags.extend(made.flag);
        Ok(Arrival { message, data: made.data, sender, kind, timestamp, flags })
    }

    fn known_name(&mut self, action: &Action, chat_id: &str) -> String {
        if !action.name.is_empty() {
            self.contacts.insert(chat_id.to_owned(), action.name.clone());
        }
        self.contacts.entry(chat_id.to_owned()).or_default().clone()
    }

    /// A message from a phone reaches the journal and, if the settings want it, the queue.
    pub fn arrive(&mut self, mut arrival: Arrival, now: Now) {
        let lost = !self.switches.is_empty()
            && self
                .switches
                .take(|name| name == arrival.kind.as_str(), |fault| matches!(fault, Fault::LostMessage).then_some(()))
                .is_some();
        arrival.message.visible_at = if lost { Moment::NEVER } else { now.at.plus(self.timing.journal_lag) };
        self.mark(&arrival);
        let id = arrival.message.id.clone();
        self.journal.add(arrival.message);
        if lost || !arrival.flags.iter().all(|flag| self.active.has(*flag)) {
            return;
        }
        let mut body = notifications::message(arrival.kind, &id, &arrival.sender, arrival.data);
        body.insert("timestamp".into(), arrival.timestamp.into());
        self.notify(arrival.kind, &id, body, now);
    }

    /// An edit or deletion changes the message it is about.
    fn mark(&mut self, arrival: &Arrival) {
        let about = |object: &str| arrival.data[object]["stanzaId"].as_str();
        if let Some(id) = about("editedMessageData")
            && let Some(original) = self.journal.find_mut(id)
        {
            original.edited = true;
            original.text.clone_from(&arrival.message.text);
        }
        if let Some(id) = about("deletedMessageData")
            && let Some(original) = self.journal.find_mut(id)
        {
            original.deleted = true;
        }
    }

    fn call(&mut self, action: &Action, chat_id: &str, now: Now) -> String {
        let id = if action.id_message.is_empty() { self.next_phone_id() } else { action.id_message.clone() };
        let status = if action.text.is_empty() { "offer" } else { &action.text };
        let mut body = Map::new();
        body.insert("typeWebhook".into(), Kind::Call.as_str().into());
        body.insert("from".into(), chat_id.into());
        body.insert("status".into(), status.into());
        body.insert("idMessage".into(), id.as_str().into());
        body.insert("isVideo".into(), false.into());
        if self.active.has(Flag::Incoming) && self.active.has(Flag::Call) {
            self.notify(Kind::Call, &id, body, now);
        }
        id
    }

    /// A notification exactly as given; a message in it is remembered, so that it can be quoted.
    pub fn inject(&mut self, body: Map<String, Value>, seq: u64, now: Now) {
        let kind = match body.get("typeWebhook").and_then(Value::as_str) {
            Some("incomingMessageReceived") => Kind::Incoming,
            Some("outgoingMessageReceived") => Kind::Outgoing,
            Some("outgoingAPIMessageReceived") => Kind::OutgoingApi,
            Some("outgoingMessageStatus") => Kind::Status,
            Some("stateInstanceChanged") => Kind::State,
            Some("incomingCall") => Kind::Call,
            _ => Kind::Raw,
        };
        let id = body.get("idMessage").and_then(Value::as_str).unwrap_or_default().to_owned();
        if kind == Kind::Incoming {
            self.remember(&body, &id, seq, now);
        }
        self.notify_raw(kind, &id, body, now);
    }

    fn remember(&mut self, body: &Map<String, Value>, id: &str, seq: u64, now: Now) {
        let sender = body.get("senderData").cloned().unwrap_or(Value::Null);
        let data = body.get("messageData").cloned().unwrap_or(Value::Null);
        let part = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let text = [&data["textMessageData"]["textMessage"], &data["extendedTextMessageData"]["text"]];
        let text = text.into_iter().find_map(Value::as_str).unwrap_or_default().to_owned();
        let message = Message {
            id: id.to_owned(),
            seq,
            chat_id: self.canonical(&part(&sender["chatId"])),
            sender: part(&sender["sender"]),
            sender_name: part(&sender["senderName"]),
            outgoing: false,
            by_api: false,
            kind: part(&data["typeMessage"]),
            text,
            quoted: None,
            data: Some(Arc::new(json!(data))),
            accepted: now,
            sent_unix_ms: Some(now.unix_ms),
            carried: 1,
            delivery: Delivery::Received,
            visible_at: now.at.plus(self.timing.journal_lag),
            journaled: self.active.has(Flag::Incoming),
            edited: false,
            deleted: false,
        };
        self.journal.add(message);
    }
}

#[cfg(test)]
mod tests {
    use super::super::instance::tests::{at, state, told};
    use super::super::sending::Call;
    use super::*;

    fn act(state: &mut State, action: Value) -> Value {
        let action: Action = serde_json::from_value(action).unwrap();
        state.guest(&action, 1, at(0.0)).unwrap();
        told(state, at(0.0)).pop().unwrap()
    }

    fn send_as(state: &mut State, method: &'static str, body: &Value) -> String {
        let body = body.as_object().unwrap().clone();
        let id = state.send(Call { method, body, file_url: None, seq: 1 }, at(0.0)).unwrap();
        told(state, at(0.0));
        id
    }

    #[test]
    fn a_vote_names_all_options_and_only_this_voter() {
        let mut state = state();
        let options = json!([{"optionName": "Yes"}, {"optionName": "No"}]);
        let poll = json!({"chatId": "79001234567@c.us", "message": "Late?", "options": options});
        let poll = send_as(&mut state, "sendPoll", &poll);

        let body = act(&mut state, json!({"phone": "79001234567", "kind": "vote", "about": poll, "choices": ["No"]}));

        let data = &body["messageData"];
        assert_eq!(data["typeMessage"], "pollUpdateMessage");
        assert_eq!(data["pollMessageData"]["votes"][0], json!({"optionName": "Yes", "optionVoters": []}));
        assert_eq!(data["pollMessageData"]["votes"][1]["optionVoters"], json!(["79001234567@c.us"]));
    }

    #[test]
    fn votes_need_their_own_setting() {
        let mut state = state();
        let options = json!([{"optionName": "Yes"}, {"optionName": "No"}]);
        let poll = json!({"chatId": "79001234567@c.us", "message": "Late?", "options": options});
        let poll = send_as(&mut state, "sendPoll", &poll);
        told(&mut state, at(10.0));
        state.active.change(json!({"pollMessageWebhook": "no"}).as_object().unwrap(), true).unwrap();

        let vote = json!({"phone": "79001234567", "kind": "vote", "about": poll, "choices": ["No"]});
        state.guest(&serde_json::from_value(vote).unwrap(), 1, at(10.0)).unwrap();

        assert_eq!(told(&mut state, at(10.0)).len(), 0);
    }

    #[test]
    fn a_tap_carries_the_button() {
        let mut state = state();
        let buttons = json!([{"buttonId": "a", "buttonText": "Yes"}, {"buttonId": "b", "buttonText": "No"}]);
        let message = json!({"chatId": "79001234567@c.us", "body": "Taxi?", "buttons": buttons});
        let id = send_as(&mut state, "sendInteractiveButtonsReply", &message);

        let body = act(&mut state, json!({"phone": "79001234567", "kind": "tap", "about": id, "choices": ["b"]}));

        let tapped = json!({"stanzaId": id, "selectedIndex": 1, "selectedId": "b", "selectedDisplayText": "No"});
        assert_eq!(body["messageData"]["templateButtonReplyMessage"], tapped);
    }

    #[test]
    fn an_edit_changes_the_journal_and_has_an_id_of_its_own() {
        let mut state = state();
        let first = act(&mut state, json!({"phone": "79001234567", "text": "two persns"}));
        let id = first["idMessage"].as_str().unwrap();

        let edit = json!({"phone": "79001234567", "kind": "edit", "about": id, "text": "two persons"});
        let body = act(&mut state, edit);

        assert_ne!(body["idMessage"], first["idMessage"]);
        let original = state.journal.find(id).unwrap();
        assert_eq!((original.text.as_str(), original.edited), ("two persons", true));
    }

    #[test]
    fn an_injected_message_can_be_quoted() {
        let mut state = state();
        let body = json!({
            "typeWebhook": "incomingMessageReceived", "idMessage": "ABC", "unheard": {"of": 1},
            "senderData": {"chatId": "79001234567@c.us", "sender": "79001234567@c.us"},
            "messageData": {"typeMessage": "textMessage", "textMessageData": {"textMessage": "hello"}},
        });
        state.inject(body.as_object().unwrap().clone(), 1, at(0.0));
        assert_eq!(told(&mut state, at(0.0)), [body], "exactly as given");

        let answer = json!({"chatId": "79001234567@c.us", "message": "answer", "quotedMessageId": "ABC"});
        let id = send_as(&mut state, "sendMessage", &answer);

        assert_eq!(state.journal.find(&id).unwrap().quoted.as_deref(), Some("ABC"));
    }

    #[test]
    fn staff_on_the_phone_is_no_guest_and_no_api() {
        let mut state = state();
        state.staff(&Action::text("79001234567", "I am coming"), 1, at(0.0)).unwrap();

        let body = told(&mut state, at(0.0)).pop().unwrap();

        assert_eq!(body["typeWebhook"], "outgoingMessageReceived");
        assert_eq!(body["senderData"]["sender"], state.wid.as_str());
        assert_eq!(body["senderData"]["chatId"], "79001234567@c.us");
    }

    #[test]
    fn an_old_message_keeps_its_own_time() {
        let mut state = state();
        let body = act(&mut state, json!({"phone": "79001234567", "text": "late", "timestamp": 1_600_000_000}));

        assert_eq!(body["timestamp"], 1_600_000_000);
    }
}
