//! What the emulators have seen, in the shape the control interface shows.

use serde::{Deserialize, Serialize};

use super::green::Instance;
use super::green::journal::{Delivery, Message};

/// A message in the journal of the emulator: the ground truth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Order of acceptance over all instances, from 1.
    pub seq: u64,
    /// `idInstance`.
    pub instance: u64,
    /// The chat's canonical id.
    pub chat_id: String,
    /// Who wrote it.
    pub sender: String,
    /// The vendor's id of it.
    pub id_message: String,
    /// The vendor's `typeMessage`.
    pub type_message: String,
    /// The text.
    pub text: String,
    /// The message it quotes.
    pub quoted_message_id: Option<String>,
    /// Real milliseconds since 1970 of its acceptance.
    pub accepted_at_ms: i64,
    /// The same of its leaving the queue; absent before that.
    pub sent_at_ms: Option<i64>,
    /// How often the guest's phone has got it.
    pub carried: u32,
    /// How far it has come.
    pub delivery: Delivery,
    /// Whether it was edited.
    pub edited: bool,
    /// Whether it was deleted.
    pub deleted: bool,
}

impl Record {
    pub(super) fn of(instance: u64, message: &Message) -> Self {
        Self {
            seq: message.seq,
            instance,
            chat_id: message.chat_id.clone(),
            sender: message.sender.clone(),
            id_message: message.id.clone(),
            type_message: message.kind.clone(),
            text: message.text.clone(),
            quoted_message_id: message.quoted.clone(),
            accepted_at_ms: message.accepted.unix_ms,
            sent_at_ms: message.sent_unix_ms,
            carried: message.carried,
            delivery: message.delivery,
            edited: message.edited,
            deleted: message.deleted,
        }
    }
}

/// Which messages are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Only of this instance.
    pub instance: Option<u64>,
    /// Only of this chat.
    pub chat_id: Option<String>,
    /// Only those accepted after this one.
    pub after: u64,
    /// At most so many, the earliest first.
    pub limit: Option<usize>,
}

impl Filter {
    /// Everything of one instance.
    #[must_use]
    pub fn instance(id: u64) -> Self {
        Self { instance: Some(id), ..Self::default() }
    }

    fn admits(&self, message: &Message) -> bool {
        message.seq > self.after && self.chat_id.as_ref().is_none_or(|chat_id| *chat_id == message.chat_id)
    }

    pub(super) fn wants(&self, instance: &Instance) -> bool {
        self.instance.is_none_or(|id| id == instance.id)
    }

    /// The messages of one instance that it admits and `of` wants.
    pub(super) fn records(&self, instance: &Instance, of: impl Fn(&Message) -> bool) -> Vec<Record> {
        let state = instance.peek();
        let wanted = state.journal.iter().filter(|message| of(message) && self.admits(message));
        wanted.map(|message| Record::of(instance.id, message)).collect()
    }

    pub(super) fn count(&self, instance: &Instance, of: impl Fn(&Message) -> bool) -> usize {
        instance.peek().journal.iter().filter(|message| of(message) && self.admits(message)).count()
    }

    pub(super) fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}
