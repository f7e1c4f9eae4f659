//! The outgoing queue: first in, first out, with a gap between sends; what leaves it becomes an echo and statuses.

use std::time::Duration;

use serde_json::{Value, json};

use super::faults::Fault;
use super::instance::State;
use super::journal::Delivery;
use super::notifications::{self, Kind, Sender};
use super::settings::Flag;
use crate::sandbox::clock::{Moment, Now};

/// The least gap between two files, whatever the settings say.
const FILE_SPACING: Duration = Duration::from_secs(5);

/// One entry of the queue.
#[derive(Debug)]
pub struct Queued {
    /// The message's id; empty for `sendTyping`.
    pub id: String,
    /// What `showMessagesQueue` calls it: the method.
    pub kind: &'static str,
    /// What the client sent.
    pub body: Value,
    /// How long "typing…" is shown before it leaves.
    pub typing: Duration,
    /// Real time of its arrival, for the 24 hours it is kept.
    pub queued_unix_ms: i64,
}

impl Queued {
    fn is_file(&self) -> bool {
        matches!(self.kind, "sendFileByUrl" | "sendFileByUpload")
    }

    /// An element of `showMessagesQueue`; the vendor writes `messageID` there.
    #[must_use]
    pub fn show(&self) -> Value {
        if self.kind == "forwardMessages" {
            return json!({"messagesIDs": [self.id], "type": "ForwardMessages", "body": self.body});
        }
        json!({"messageID": self.id, "type": self.kind, "body": self.body})
    }
}

impl State {
    /// Sends what is due, and says when the next is.
    pub fn drain(&mut self, now: Now) -> Option<Moment> {
        self.drop_expired(now);
        while let Some(first) = self.outgoing.front() {
            if !self.phase.sends() || self.is_stuck() {
                return None;
            }
            let due = if first.is_file() { self.next_send_at.max(self.next_file_at) } else { self.next_send_at };
            // Typing takes its time before the message leaves.
            if due > now.at {
                return Some(due);
            }
            let queued = self.outgoing.pop_front()?;
            let gap = self.timing.send_delay.unwrap_or(Duration::from_millis(self.active.delay_ms));
            self.next_send_at = now.at.plus(gap + self.outgoing.front().map_or(Duration::ZERO, |next| next.typing));
            if queued.is_file() {
                self.next_file_at = now.at.plus(FILE_SPACING);
            }
            self.carry(&queued.id, now);
        }
        None
    }

    fn is_stuck(&self) -> bool {
        self.switches.list().iter().any(|switch| matches!(switch.fault, Fault::StuckQueue))
    }

    fn drop_expired(&mut self, now: Now) {
        let retention = i64::try_from(self.timing.retention.as_millis()).unwrap_or(i64::MAX);
        while self.outgoing.front().is_some_and(|first| now.unix_ms - first.queued_unix_ms > retention) {
            if let Some(expired) = self.outgoing.pop_front()
                && let Some(message) = self.journal.find_mut(&expired.id)
            {
                message.delivery = Delivery::Dropped;
            }
        }
    }

    /// `clearMessagesQueue`.
    pub fn clear_outgoing(&mut self) {
        for queued in std::mem::take(&mut self.outgoing) {
            if let Some(message) = self.journal.find_mut(&queued.id) {
                message.delivery = Delivery::Dropped;
            }
        }
    }

    /// A message reaches WhatsApp, or does not.
    fn carry(&mut self, id: &str, now: Now) {
        let lag = self.timing.journal_lag;
        let listed = [Flag::OutgoingMessage, Flag::OutgoingApiMessage, Flag::Outgoing];
        let journaled = listed.into_iter().any(|flag| self.active.has(flag));
        let never = self.strikes(&Fault::NeverSent);
        let nobody = self.strikes(&Fault::NoAccount);
        let Some(message) = self.journal.find_mut(id) else { return };
        self.sent_count += 1;
        if never {
            message.delivery = Delivery::Vanished;
            return;
        }
        if nobody || self.without_account.contains(&message.chat_id) {
            return self.status_later(Duration::ZERO, id, Delivery::NoAccount, "noAccount", now);
        }
        message.delivery = Delivery::Sent;
        message.sent_unix_ms = Some(now.unix_ms);
        message.carried += 1;
        message.visible_at = now.at.plus(lag);
        message.journaled = journaled;
        self.echo(id, now);
        self.progress(id, now);
    }

    /// The vendor sends an old message to the guest once more, under a new id, as it has been seen to do.
    pub fn resend(&mut self, id: &str, now: Now) -> Option<String> {
        let again = self.next_id();
        let message = self.journal.find_mut(id)?;
        message.carried += 1;
        let copy = super::journal::Message { id: again.clone(), carried: 0, ..message.clone() };
        self.journal.add(copy);
        self.echo(&again, now);
        self.progress(&again, now);
        Some(again)
    }

    fn echo(&mut self, id: &str, now: Now) {
        if !self.active.has(Flag::OutgoingApiMessage) {
            return;
        }
        let Some(message) = self.journal.find(id) else { return };
        let poll = message.kind == "pollMessage";
        let data = match &message.data {
            Some(data) => Value::clone(data),
            None => {
                let participant = |quoted: &str| self.journal.find(quoted).map_or("", |quoted| quoted.sender.as_str());
                let quoted = message.quoted.as_deref().map(|quoted| (quoted, participant(quoted)));
                notifications::text(&message.text, quoted, true)
            }
        };
        if poll && !self.active.has(Flag::Poll) {
            return;
        }
        let chat_id = message.chat_id.clone();
        let name = self.contacts.get(&chat_id).cloned().unwrap_or_default();
        let sender = Sender {
            chat_id: self.spoken_chat_id(&chat_id, Kind::OutgoingApi),
            sender: self.wid.clone(),
            chat_name: name.clone(),
            sender_name: String::new(),
            contact_name: name,
        };
        self.notify(Kind::OutgoingApi, id, notifications::message(Kind::OutgoingApi, id, &sender, data), now);
    }

    /// The statuses of a sent message, in the right order or not.
    fn progress(&mut self, id: &str, now: Now) {
        let delivered = self.timing.delivered_after;
        if self.strikes(&Fault::StatusDisorder) {
            for (wait, delivery, word) in [
                (Duration::ZERO, Delivery::Read, "read"),
                (delivered, Delivery::Delivered, "delivered"),
                (delivered, Delivery::Failed, "failed"),
                (delivered, Delivery::Sent, "sent"),
            ] {
                self.status_later(wait, id, delivery, word, now);
            }
            return;
        }
        self.status_later(Duration::ZERO, id, Delivery::Sent, "sent", now);
        if self.strikes(&Fault::FailedAfterSent) {
            return self.status_later(delivered, id, Delivery::Failed, "failed", now);
        }
        let word = if self.strikes(&Fault::EmptyStatus) { "" } else { "delivered" };
        self.status_later(delivered, id, Delivery::Delivered, word, now);
        if let Some(read) = self.timing.read_after {
            self.status_later(read, id, Delivery::Read, "read", now);
        }
    }

    fn strikes(&mut self, wanted: &Fault) -> bool {
        if self.switches.is_empty() {
            return false;
        }
        let same = |fault: &Fault| std::mem::discriminant(fault) == std::mem::discriminant(wanted);
        self.switches.take(|_| true, |fault| same(fault).then_some(())).is_some()
    }
}
