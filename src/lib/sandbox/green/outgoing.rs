//! The outgoing queue: first in, first out, with a gap between sends; what leaves it becomes an echo and statuses.

use std::time::Duration;

use serde_json::{Value, json};

use super::faults::Fault;
use super::instance::State;
use super::journal::{Delivery, Step};
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
        let failed = self.strikes(&Fault::Failed);
        let Some(message) = self.journal.find_mut(id) else { return };
        self.sent_count += 1;
        if never {
            message.delivery = Delivery::Vanished;
            return;
        }
        if nobody || self.without_account.contains(&message.chat_id) {
            return self.status_later(Duration::ZERO, id, Delivery::NoAccount.into(), now);
        }
        if failed {
            return self.status_later(Duration::ZERO, id, Delivery::Failed.into(), now);
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
        // Nobody asked for the copy: it has no place in the order of accepted sends.
        let copy = super::journal::Message { id: again.clone(), seq: 0, carried: 0, ..message.clone() };
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
            self.status_later(Duration::ZERO, id, Delivery::Read.into(), now);
            for delivery in [Delivery::Delivered, Delivery::Failed, Delivery::Sent] {
                self.status_later(delivered, id, delivery.into(), now);
            }
            return;
        }
        self.status_later(Duration::ZERO, id, Delivery::Sent.into(), now);
        if self.strikes(&Fault::FailedAfterSent) {
            return self.status_later(delivered, id, Delivery::Failed.into(), now);
        }
        let mut step = Step::from(Delivery::Delivered);
        if self.strikes(&Fault::EmptyStatus) {
            step.word = "";
        }
        self.status_later(delivered, id, step, now);
        if let Some(read) = self.timing.read_after {
            self.status_later(read, id, Delivery::Read.into(), now);
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::instance::tests::{at, send, state, told, words};
    use super::super::phase::Phase;
    use super::super::sending::Call;
    use super::*;
    use crate::sandbox::switches::Switch;

    fn delivery(state: &State, id: &str) -> Delivery {
        state.journal.find(id).unwrap().delivery
    }

    #[test]
    fn sends_leave_in_order_with_the_gap_of_the_settings() {
        let mut state = state();
        let ids: Vec<String> = ["one", "two", "three"].iter().map(|text| send(&mut state, text, at(0.0))).collect();

        let next = state.advance(at(0.0));
        assert_eq!(state.outgoing.len(), 2, "the first leaves at once");
        assert!(next.is_some_and(|next| next <= at(0.5).at));
        state.advance(at(0.499));
        assert_eq!(delivery(&state, &ids[1]), Delivery::Queued);
        state.advance(at(0.5));
        assert_eq!(delivery(&state, &ids[1]), Delivery::Sent);
        state.advance(at(1.0));
        assert_eq!(delivery(&state, &ids[2]), Delivery::Sent);
    }

    #[test]
    fn without_a_gap_everything_leaves_at_once() {
        let mut state = state();
        state.timing.send_delay = Some(Duration::ZERO);
        for _ in 0..100 {
            send(&mut state, "text", at(0.0));
        }

        state.advance(at(0.0));

        assert_eq!((state.outgoing.len(), state.sent_count), (0, 100));
    }

    #[test]
    fn files_are_five_seconds_apart_whatever_the_gap() {
        let mut state = state();
        for name in ["a.pdf", "b.pdf"] {
            let body = json!({"chatId": "79001234567@c.us", "urlFile": "http://h/f", "fileName": name});
            let body = body.as_object().unwrap().clone();
            state.send(Call { method: "sendFileByUrl", body, file_url: None, seq: 1 }, at(0.0)).unwrap();
        }

        state.advance(at(4.9));
        assert_eq!(state.outgoing.len(), 1);
        state.advance(at(5.0));
        state.advance(at(10.0));
        assert_eq!(state.outgoing.len(), 0);
    }

    #[test]
    fn typing_delays_what_follows_it() {
        let mut state = state();
        let typing = json!({"chatId": "79001234567@c.us", "typingTime": 3000});

        state.send_typing(typing.as_object().unwrap().clone(), at(0.0)).unwrap();
        let id = send(&mut state, "after typing", at(0.0));

        state.advance(at(2.9));
        assert_eq!(delivery(&state, &id), Delivery::Queued);
        state.advance(at(3.0));
        state.advance(at(3.5));
        assert_eq!(delivery(&state, &id), Delivery::Sent);
    }

    #[test]
    fn without_a_phone_messages_wait_a_day_and_are_dropped() {
        let mut state = state();
        state.phase = Phase::NotAuthorized;
        let id = send(&mut state, "kept", at(0.0));

        state.advance(at(86_400.0));
        assert_eq!(delivery(&state, &id), Delivery::Queued);
        state.advance(at(86_400.1));

        assert_eq!(delivery(&state, &id), Delivery::Dropped);
        assert_eq!(told(&mut state, at(86_401.0)).len(), 0);
    }

    #[test]
    fn messages_accepted_without_a_phone_go_out_once_it_is_linked() {
        let mut state = state();
        state.phase = Phase::YellowCard;
        let id = send(&mut state, "late", at(0.0));
        state.advance(at(3600.0));

        state.change_phase(Phase::Authorized, true, at(3600.0));
        state.advance(at(3600.0));

        assert_eq!(delivery(&state, &id), Delivery::Sent);
    }

    #[test]
    fn a_sent_message_is_echoed_then_reported() {
        let mut state = state();
        state.timing.read_after = Some(Duration::from_secs(2));
        send(&mut state, "hello", at(0.0));

        assert_eq!(words(&told(&mut state, at(0.0))), ["outgoingAPIMessageReceived", "sent"]);
        assert_eq!(words(&told(&mut state, at(0.3))), ["delivered"]);
        assert_eq!(words(&told(&mut state, at(2.0))), ["read"]);
    }

    #[test]
    fn faults_on_the_way_are_told_or_not() {
        for (fault, expected, carried) in [
            (Fault::NeverSent, vec![], 0),
            (Fault::NoAccount, vec!["noAccount"], 0),
            (Fault::Failed, vec!["failed"], 0),
            (Fault::FailedAfterSent, vec!["outgoingAPIMessageReceived", "sent", "failed"], 1),
            (Fault::EmptyStatus, vec!["outgoingAPIMessageReceived", "sent", ""], 1),
            (Fault::StatusDisorder, vec!["outgoingAPIMessageReceived", "read", "delivered", "failed", "sent"], 1),
        ] {
            let mut state = state();
            state.switches.add(Switch::next(fault.clone(), 1));
            let id = send(&mut state, "hello", at(0.0));

            assert_eq!(words(&told(&mut state, at(5.0))), expected, "{fault:?}");
            assert_eq!(state.journal.find(&id).unwrap().carried, carried, "{fault:?}");
        }
    }

    #[test]
    fn a_stuck_queue_moves_again_when_the_switch_is_off() {
        let mut state = state();
        state.switches.add(Switch::on(Fault::StuckQueue));
        let id = send(&mut state, "stuck", at(0.0));
        state.advance(at(600.0));
        assert_eq!(delivery(&state, &id), Delivery::Queued);

        state.switches.clear();
        state.advance(at(600.0));

        assert_eq!(delivery(&state, &id), Delivery::Sent);
    }

    #[test]
    fn a_message_the_vendor_resends_has_a_new_id_and_is_carried_twice() {
        let mut state = state();
        let id = send(&mut state, "once", at(0.0));
        told(&mut state, at(1.0));

        let again = state.resend(&id, at(60.0)).unwrap();

        assert_ne!(again, id);
        let bodies = told(&mut state, at(61.0));
        assert_eq!(bodies[0]["idMessage"], again.as_str());
        assert_eq!(bodies[0]["messageData"]["extendedTextMessageData"]["text"], "once");
        assert_eq!(state.journal.find(&id).unwrap().carried, 2);
    }

    #[test]
    fn a_quote_of_an_unknown_message_is_left_out() {
        let mut state = state();
        let known = send(&mut state, "known", at(0.0));
        told(&mut state, at(1.0));
        for (when, quoted, expected) in [(10.0, known.as_str(), Some(known.as_str())), (20.0, "UNKNOWN", None)] {
            told(&mut state, at(when));
            let body = json!({"chatId": "79001234567@c.us", "message": "answer", "quotedMessageId": quoted});
            let body = body.as_object().unwrap().clone();
            let call = Call { method: "sendMessage", body, file_url: None, seq: 1 };
            state.send(call, at(when)).unwrap();

            let echo = told(&mut state, at(when)).remove(0);
            assert_eq!(echo["messageData"]["extendedTextMessageData"]["stanzaId"].as_str(), expected);
        }
    }
}
