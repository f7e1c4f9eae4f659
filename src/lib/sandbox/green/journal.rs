//! Every message an instance has seen, both ways: the ground truth of load checks, and what the journal methods show.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::sandbox::clock::{Moment, Now};

/// How many messages all instances keep together; beyond it an instance that adds one forgets its oldest.
const KEPT: usize = 400_000;
/// The journal methods look at the last 10 000 messages.
const SHOWN: usize = 10_000;

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Delivery {
    /// In the outgoing queue.
    Queued,
    /// Taken from the queue and lost on the way: accepted and never sent.
    Vanished,
    /// Cleared from the queue, or dropped after 24 hours.
    Dropped,
    /// WhatsApp has it.
    Sent,
    /// The phone has it.
    Delivered,
    /// The guest has seen it.
    Read,
    /// Reported as failed.
    Failed,
    /// The account does not exist.
    NoAccount,
    /// Came from a guest.
    Received,
}

impl Delivery {
    /// The vendor's status word; empty where it has none.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "pending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::NoAccount => "noAccount",
            Self::Vanished | Self::Dropped | Self::Received => "",
        }
    }
}

/// A step a message takes, and the word the vendor reports it with.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// How far it comes.
    pub delivery: Delivery,
    /// The vendor's `status`.
    pub word: &'static str,
}

impl From<Delivery> for Step {
    fn from(delivery: Delivery) -> Self {
        Self { delivery, word: delivery.as_str() }
    }
}

/// One message.
#[derive(Debug, Clone)]
pub struct Message {
    /// The vendor's id of it, unique inside its chat.
    pub id: String,
    /// Order of acceptance over all instances of the sandbox.
    pub seq: u64,
    /// The chat's canonical id (`@c.us` or `@g.us`).
    pub chat_id: String,
    /// Who wrote it.
    pub sender: String,
    /// What the sender is called.
    pub sender_name: String,
    /// From the hotel's number.
    pub outgoing: bool,
    /// Sent through the API, not from the phone.
    pub by_api: bool,
    /// The vendor's `typeMessage`.
    pub kind: String,
    /// The text, caption or question.
    pub text: String,
    /// The id of the message it quotes.
    pub quoted: Option<String>,
    /// `messageData` where the text is not all there is.
    pub data: Option<Arc<Value>>,
    /// When it was accepted or received.
    pub accepted: Now,
    /// When it left the queue.
    pub sent_unix_ms: Option<i64>,
    /// How often WhatsApp has carried it to the guest; more than once only if the vendor re-sent it.
    pub carried: u32,
    /// How far it has come.
    pub delivery: Delivery,
    /// Since when the journal methods show it.
    pub visible_at: Moment,
    /// Whether the journals will ever show it.
    pub journaled: bool,
    /// Edited later.
    pub edited: bool,
    /// Deleted later.
    pub deleted: bool,
}

/// All messages of one instance, oldest first.
#[derive(Debug)]
pub struct Journal {
    messages: VecDeque<Message>,
    /// How many were forgotten: the position of the first one kept.
    forgotten: usize,
    by_id: HashMap<String, usize>,
    total: Arc<AtomicUsize>,
}

impl Journal {
    /// An empty journal that counts into the sandbox's total.
    #[must_use]
    pub fn new(total: Arc<AtomicUsize>) -> Self {
        Self { messages: VecDeque::new(), forgotten: 0, by_id: HashMap::new(), total }
    }

    /// Adds a message; if the id is known already, replaces it, as a text that could be decrypted at last does.
    pub fn add(&mut self, message: Message) {
        if let Some(known) = self.find_mut(&message.id) {
            *known = message;
            return;
        }
        if self.total.fetch_add(1, Ordering::Relaxed) >= KEPT {
            self.forget_oldest();
        }
        self.by_id.insert(message.id.clone(), self.forgotten + self.messages.len());
        self.messages.push_back(message);
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.messages.pop_front() {
            self.by_id.remove(&oldest.id);
            self.forgotten += 1;
            self.total.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.total.fetch_sub(self.messages.len(), Ordering::Relaxed);
        self.messages.clear();
        self.by_id.clear();
        self.forgotten = 0;
    }

    /// The message with an id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Message> {
        self.messages.get(self.by_id.get(id)?.checked_sub(self.forgotten)?)
    }

    /// The message with an id, to be changed.
    pub fn find_mut(&mut self, id: &str) -> Option<&mut Message> {
        self.messages.get_mut(self.by_id.get(id)?.checked_sub(self.forgotten)?)
    }

    /// All messages, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.iter()
    }

    /// `lastIncomingMessages` and `lastOutgoingMessages`: newest first, of the last so many minutes of real time.
    #[must_use]
    pub fn last(&self, outgoing: bool, minutes: i64, now: Now) -> Value {
        let since = now.unix_ms - minutes.saturating_mul(60_000);
        let of_the_time = |message: &&Message| {
            message.outgoing == outgoing && message.is_shown(now.at) && message.accepted.unix_ms >= since
        };
        let newest = self.messages.iter().rev().take(SHOWN);
        newest.filter(|message| message.journaled).filter(of_the_time).map(Message::journal_entry).collect()
    }

    /// `getChatHistory`: newest first.
    #[must_use]
    pub fn chat(&self, chat_id: &str, count: usize, now: Moment) -> Value {
        let of_chat = |message: &&Message| message.chat_id == chat_id && message.is_shown(now);
        self.messages.iter().rev().filter(of_chat).take(count).map(Message::journal_entry).collect()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.total.fetch_sub(self.messages.len(), Ordering::Relaxed);
    }
}

impl Message {
    fn is_shown(&self, now: Moment) -> bool {
        let happened = !matches!(self.delivery, Delivery::Queued | Delivery::Vanished | Delivery::Dropped);
        happened && now >= self.visible_at && self.visible_at != Moment::NEVER
    }

    /// `getMessage` sees a message under the same conditions as the journals.
    #[must_use]
    pub fn shown(&self, now: Moment) -> Option<Value> {
        self.is_shown(now).then(|| self.journal_entry())
    }

    /// The flat shape of the journals: file fields at the top, not under `fileMessageData`.
    fn journal_entry(&self) -> Value {
        let mut entry = Map::new();
        entry.insert("type".into(), if self.outgoing { "outgoing" } else { "incoming" }.into());
        entry.insert("idMessage".into(), self.id.as_str().into());
        entry.insert("timestamp".into(), self.accepted.unix().into());
        entry.insert("typeMessage".into(), self.kind.as_str().into());
        entry.insert("chatId".into(), self.chat_id.as_str().into());
        if self.outgoing {
            entry.insert("statusMessage".into(), self.delivery.as_str().into());
            entry.insert("sendByApi".into(), self.by_api.into());
        } else {
            entry.insert("senderId".into(), self.sender.as_str().into());
            entry.insert("senderName".into(), self.sender_name.as_str().into());
            entry.insert("senderContactName".into(), "".into());
        }
        if self.edited {
            entry.insert("isEdited".into(), true.into());
        }
        if self.deleted {
            entry.insert("isDeleted".into(), true.into());
        }
        self.add_content(&mut entry);
        entry.into()
    }

    fn add_content(&self, entry: &mut Map<String, Value>) {
        if matches!(self.kind.as_str(), "textMessage" | "extendedTextMessage" | "quotedMessage") {
            entry.insert("textMessage".into(), self.text.as_str().into());
        }
        if matches!(self.kind.as_str(), "extendedTextMessage" | "quotedMessage") {
            let mut extended = json!({"text": self.text});
            if let Some(quoted) = &self.quoted {
                extended["stanzaId"] = quoted.as_str().into();
            }
            entry.insert("extendedTextMessage".into(), extended);
        }
        if let Some(quoted) = &self.quoted {
            entry.insert("quotedMessage".into(), json!({"stanzaId": quoted, "typeMessage": "textMessage"}));
        }
        let Some(data) = self.data.as_deref().and_then(Value::as_object) else { return };
        for (key, value) in data {
            match (key.as_str(), value) {
                ("fileMessageData", Value::Object(file)) => entry.extend(file.clone()),
                ("locationMessageData", value) => drop(entry.insert("location".into(), value.clone())),
                ("contactMessageData", value) => drop(entry.insert("contact".into(), value.clone())),
                // A reaction's emoji stays where the webhook has it (the vendor's JavaScript typings).
                ("extendedTextMessageData", value) if self.kind == "reactionMessage" => {
                    drop(entry.insert(key.clone(), value.clone()));
                }
                ("typeMessage" | "textMessageData" | "extendedTextMessageData" | "quotedMessage", _) => {}
                (key, value) => drop(entry.insert(key.into(), value.clone())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn message(id: &str, visible_after: u64) -> Message {
        let accepted = Now { unix_ms: 1_700_000_000_000, ..Now::default() };
        Message {
            id: id.into(),
            seq: 1,
            chat_id: "79001234567@c.us".into(),
            sender: "79001234567@c.us".into(),
            sender_name: "Anna".into(),
            outgoing: false,
            by_api: false,
            kind: "textMessage".into(),
            text: "hello".into(),
            quoted: None,
            data: None,
            accepted,
            sent_unix_ms: None,
            carried: 0,
            delivery: Delivery::Received,
            visible_at: Moment::default().plus(Duration::from_secs(visible_after)),
            journaled: true,
            edited: false,
            deleted: false,
        }
    }

    fn at(seconds: u64) -> Now {
        Now { unix_ms: 1_700_000_000_000, ..Now::default() }.later(Duration::from_secs(seconds))
    }

    #[test]
    fn a_message_shows_after_its_lag_and_for_the_asked_minutes() {
        let mut journal = Journal::new(Arc::default());
        journal.add(message("A", 120));

        let shown = |seconds, minutes| journal.last(false, minutes, at(seconds)).as_array().unwrap().len();

        assert_eq!(shown(119, 1440), 0);
        assert_eq!(shown(120, 1440), 1);
        assert_eq!(shown(180, 2), 0);
        assert_eq!(journal.last(true, 1440, at(180)).as_array().unwrap().len(), 0);
    }

    #[test]
    fn file_fields_are_flat() {
        let mut voice = message("A", 0);
        voice.kind = "audioMessage".into();
        voice.data = Some(Arc::new(json!({"typeMessage": "audioMessage",
            "fileMessageData": {"downloadUrl": "http://h/f", "mimeType": "audio/ogg"}})));

        let entry = voice.shown(Moment::default()).unwrap();

        assert_eq!(entry["downloadUrl"], "http://h/f");
        assert!(entry.get("fileMessageData").is_none());
    }

    #[test]
    fn the_same_id_is_replaced() {
        let mut journal = Journal::new(Arc::default());
        journal.add(message("A", 0));

        journal.add(Message { text: "again".into(), ..message("A", 0) });

        assert_eq!(journal.iter().count(), 1);
        assert_eq!(journal.find("A").unwrap().text, "again");
    }

    #[test]
    fn over_the_total_the_oldest_is_forgotten() {
        let total = Arc::new(AtomicUsize::new(KEPT - 1));
        let mut journal = Journal::new(total.clone());
        journal.add(message("A", 0));

        journal.add(message("B", 0));

        assert!(journal.find("A").is_none());
        assert_eq!(journal.find("B").unwrap().id, "B");
        assert_eq!(total.load(Ordering::Relaxed), KEPT);
    }
}
