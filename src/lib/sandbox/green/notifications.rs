//! The queue of notifications of one instance, and the bodies Green API puts into it.

use std::collections::VecDeque;

use axum::body::Bytes;
use serde_json::{Map, Value, json};

/// What a notification tells; the names are the vendor's `typeWebhook`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A guest wrote.
    Incoming,
    /// The staff wrote on the phone.
    Outgoing,
    /// The API sent (the echo).
    OutgoingApi,
    /// A sent message came further.
    Status,
    /// The instance's state changed.
    State,
    /// Someone called.
    Call,
    /// Anything else, given as it is.
    Raw,
}

impl Kind {
    /// The vendor's `typeWebhook`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incoming => "incomingMessageReceived",
            Self::Outgoing => "outgoingMessageReceived",
            Self::OutgoingApi => "outgoingAPIMessageReceived",
            Self::Status => "outgoingMessageStatus",
            Self::State => "stateInstanceChanged",
            Self::Call => "incomingCall",
            Self::Raw => "raw",
        }
    }
}

/// What is told: the content of a notification.
#[derive(Debug, Clone)]
pub struct Told {
    /// What it tells.
    pub kind: Kind,
    /// The message it is about; empty where there is none.
    pub id_message: String,
    /// The JSON body.
    pub body: Bytes,
}

/// One notification that waits to be fetched or pushed.
#[derive(Debug, Clone)]
pub struct Notification {
    /// Its number in the queue; later ones are higher.
    pub receipt: u64,
    /// What it tells.
    pub told: Told,
    /// How many copies are pushed at the same time.
    pub copies: u32,
    /// How often it has been pushed so far.
    pub attempts: u32,
    /// Real time of its arrival in the queue, for the 24 hours it is kept.
    pub queued_unix_ms: i64,
}

/// The notifications of one instance, first in, first out.
#[derive(Debug)]
pub struct Notifications {
    queue: VecDeque<Notification>,
    next_receipt: u64,
}

impl Default for Notifications {
    /// An empty queue whose receipts start in the millions, like the vendor's.
    fn default() -> Self {
        Self { queue: VecDeque::new(), next_receipt: 1_000_001 }
    }
}

impl Notifications {
    /// Puts a notification at the end; so many copies of it are pushed at the same time.
    pub fn push(&mut self, told: Told, copies: u32, unix_ms: i64) {
        let receipt = self.next_receipt;
        self.next_receipt += 1;
        self.queue.push_back(Notification { receipt, told, copies, attempts: 0, queued_unix_ms: unix_ms });
    }

    /// The one whose turn it is, after those kept longer than `retention_ms` are dropped.
    pub fn front(&mut self, unix_ms: i64, retention_ms: i64) -> Option<&mut Notification> {
        while self.queue.front().is_some_and(|first| unix_ms - first.queued_unix_ms > retention_ms) {
            self.queue.pop_front();
        }
        self.queue.front_mut()
    }

    /// Removes one by its receipt; false if it is not there (any more).
    pub fn remove(&mut self, receipt: u64) -> bool {
        let Ok(at) = self.queue.binary_search_by_key(&receipt, |one| one.receipt) else { return false };
        self.queue.remove(at).is_some()
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Drops all.
    pub fn clear(&mut self) {
        self.queue.clear();
    }
}

/// Who a notification speaks of.
#[derive(Debug, Clone, Default)]
pub struct Sender {
    /// The chat.
    pub chat_id: String,
    /// The author.
    pub sender: String,
    /// The chat's name in the account.
    pub chat_name: String,
    /// The name the author gave himself.
    pub sender_name: String,
    /// The name in the account's address book; often empty.
    pub contact_name: String,
}

/// The envelope of a message, either way.
#[must_use]
pub fn message(kind: Kind, id_message: &str, sender: &Sender, data: Value) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("typeWebhook".into(), kind.as_str().into());
    body.insert("idMessage".into(), id_message.into());
    body.insert(
        "senderData".into(),
        json!({
            "chatId": sender.chat_id, "sender": sender.sender, "chatName": sender.chat_name,
            "senderName": sender.sender_name, "senderContactName": sender.contact_name,
        }),
    );
    body.insert("messageData".into(), data);
    body
}

/// `outgoingMessageStatus`.
#[must_use]
pub fn status(chat_id: &str, id_message: &str, status: &str, description: Option<&str>) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("typeWebhook".into(), Kind::Status.as_str().into());
    body.insert("chatId".into(), chat_id.into());
    body.insert("idMessage".into(), id_message.into());
    body.insert("status".into(), status.into());
    body.insert("sendByApi".into(), true.into());
    if let Some(description) = description {
        body.insert("description".into(), description.into());
    }
    body
}

/// `stateInstanceChanged`.
#[must_use]
pub fn state(state: &str) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("typeWebhook".into(), Kind::State.as_str().into());
    body.insert("stateInstance".into(), state.into());
    body
}

/// `messageData` of a text, quoting another message or not. The echo of an API message calls ordinary text
/// `extendedTextMessage`; a phone calls it `textMessage`.
#[must_use]
pub fn text(text: &str, quoted: Option<(&str, &str)>, extended: bool) -> Value {
    match quoted {
        Some((stanza_id, participant)) => json!({
            "typeMessage": "quotedMessage",
            "extendedTextMessageData": {
                "text": text, "description": "", "title": "", "previewType": "None", "jpegThumbnail": "",
                "forwardingScore": 0, "isForwarded": false, "stanzaId": stanza_id, "participant": participant,
            },
            "quotedMessage": {"stanzaId": stanza_id, "participant": participant, "typeMessage": "textMessage"},
        }),
        None if extended => json!({
            "typeMessage": "extendedTextMessage",
            "extendedTextMessageData": {
                "text": text, "description": "", "title": "", "previewType": "None", "jpegThumbnail": "",
                "forwardingScore": 0, "isForwarded": false,
            },
        }),
        None => json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": text}}),
    }
}

/// The stable `@lid` of a personal chat: fifteen digits that say nothing about the phone.
#[must_use]
pub fn lid(chat_id: &str) -> String {
    let Some(digits) = chat_id.strip_suffix("@c.us") else { return chat_id.to_owned() };
    let mixed = crate::sandbox::switches::mix(digits.parse().unwrap_or(0));
    format!("{}@lid", 100_000_000_000_000 + mixed % 900_000_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(id: &str) -> Told {
        Told { kind: Kind::Incoming, id_message: id.into(), body: Bytes::new() }
    }

    #[test]
    fn the_same_notification_stays_in_front_until_it_is_removed() {
        let mut queue = Notifications::default();
        for id in ["A", "B"] {
            queue.push(told(id), 1, 0);
        }

        let first = queue.front(0, 1000).unwrap().receipt;
        assert_eq!(queue.front(0, 1000).unwrap().receipt, first);
        assert!(queue.remove(first));
        assert!(!queue.remove(first), "a second time there is nothing to remove");

        assert!(queue.front(0, 1000).unwrap().receipt > first);
    }

    #[test]
    fn after_its_retention_a_notification_is_lost() {
        let mut queue = Notifications::default();
        queue.push(told("A"), 1, 0);

        assert!(queue.front(86_400_000, 86_400_000).is_some());
        assert!(queue.front(86_400_001, 86_400_000).is_none());
    }

    #[test]
    fn a_lid_is_stable_and_has_fifteen_digits() {
        assert_eq!(lid("79001234567@c.us"), lid("79001234567@c.us"));
        assert_ne!(lid("79001234567@c.us"), lid("79001234568@c.us"));
        assert_eq!(lid("79001234567@c.us").len(), 19);
        assert_eq!(lid("120363@g.us"), "120363@g.us");
    }
}
