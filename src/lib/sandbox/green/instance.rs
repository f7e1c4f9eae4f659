//! One instance as a state machine: everything that happens to it is a method taking the time, so that tests drive it
//! without waiting. The server around it only locks, calls, and sleeps until the next moment `advance` names.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use super::faults::Fault;
use super::journal::{Delivery, Journal, Step};
use super::limits::Limits;
use super::notifications::{self, Kind, Notifications, Told};
use super::outgoing::Queued;
use super::phase::Phase;
use super::settings::{Flag, Settings};
use crate::sandbox::clock::{Moment, Now};
use crate::sandbox::switches::{Switches, mix};

/// How long things take at one instance, in emulated time unless said otherwise.
#[derive(Debug, Clone)]
pub struct Timing {
    /// The gap between sends instead of the one in the settings; may be zero.
    pub send_delay: Option<Duration>,
    /// How long a reboot takes; the vendor says up to five minutes.
    pub restart: Duration,
    /// How late the journals are; the vendor says up to two minutes.
    pub journal_lag: Duration,
    /// From `sent` to `delivered`.
    pub delivered_after: Duration,
    /// From `sent` to `read`; `None` if guests do not read.
    pub read_after: Option<Duration>,
    /// The gap between two pushed notifications; the vendor says about 50 a second.
    pub push_spacing: Duration,
    /// How long queues are kept, in real time: 24 hours.
    pub retention: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            send_delay: None,
            restart: Duration::from_secs(2),
            journal_lag: Duration::from_secs(2),
            delivered_after: Duration::from_millis(300),
            read_after: Some(Duration::from_secs(2)),
            push_spacing: Duration::from_millis(20),
            retention: Duration::from_hours(24),
        }
    }
}

/// Something that happens later by itself.
#[derive(Debug)]
enum Event {
    /// The reboot with this number is over.
    Started(u64),
    /// A sent message comes further.
    Status { id: String, step: Step },
    /// A delayed notification joins the queue.
    Notify(Told),
    /// A guest's message arrives that was unreadable at first.
    Readable(Box<super::guest::Arrival>),
}

/// One instance.
#[derive(Debug)]
pub struct State {
    /// `idInstance`.
    pub id: u64,
    /// `apiTokenInstance`.
    pub token: String,
    /// The linked number, as `…@c.us`.
    pub wid: String,
    /// `stateInstance`.
    pub phase: Phase,
    /// The state a reboot ends in.
    settled: Phase,
    /// How often the state has changed.
    changes: u64,
    /// Former states with the real second of each change.
    pub history: Vec<(&'static str, i64)>,
    /// What `getSettings` shows.
    pub saved: Settings,
    /// What is in force; a reboot brings it up to `saved`.
    pub active: Settings,
    /// How long things take.
    pub timing: Timing,
    /// The outgoing queue.
    pub outgoing: VecDeque<Queued>,
    /// Before this moment nothing leaves the queue.
    pub next_send_at: Moment,
    /// Before this moment no file leaves the queue.
    pub next_file_at: Moment,
    /// The incoming queue.
    pub notifications: Notifications,
    /// All messages.
    pub journal: Journal,
    /// What goes wrong.
    pub switches: Switches<Fault>,
    /// What is used of the rate limits.
    pub limits: Limits,
    /// Where guests' files are served, without a slash at the end.
    pub files_url: String,
    /// Names of chats by id.
    pub contacts: HashMap<String, String>,
    /// The phone chats behind the `@lid` names that have been spoken.
    pub lids: HashMap<String, String>,
    /// Chats and numbers that have no WhatsApp account.
    pub without_account: Vec<String>,
    /// When the webhook queue may be cleared again.
    pub clear_again_at: Moment,
    /// How many sends have left the queue so far.
    pub sent_count: u64,
    /// What the task that keeps the time sleeps for.
    pub timer_at: Option<Moment>,
    timers: BinaryHeap<Reverse<(Moment, u64)>>,
    events: HashMap<u64, Event>,
    counter: u64,
}

impl State {
    /// A linked instance whose notifications are all on.
    #[must_use]
    pub fn new(id: u64, token: String, total: Arc<AtomicUsize>, timing: Timing) -> Self {
        Self {
            id,
            token,
            wid: format!("79{:09}@c.us", id % 1_000_000_000),
            phase: Phase::Authorized,
            settled: Phase::Authorized,
            changes: 0,
            history: Vec::new(),
            saved: Settings::prepared(),
            active: Settings::prepared(),
            timing,
            outgoing: VecDeque::new(),
            next_send_at: Moment::default(),
            next_file_at: Moment::default(),
            notifications: Notifications::default(),
            journal: Journal::new(total),
            switches: Switches::default(),
            limits: Limits::default(),
            files_url: "https://sandbox.invalid".into(),
            contacts: HashMap::new(),
            lids: HashMap::new(),
            without_account: Vec::new(),
            clear_again_at: Moment::default(),
            sent_count: 0,
            timer_at: None,
            timers: BinaryHeap::new(),
            events: HashMap::new(),
            counter: 0,
        }
    }

    /// Forgets every message, notification and switch; token, settings and state stay.
    pub fn forget(&mut self) {
        self.outgoing.clear();
        self.notifications.clear();
        self.journal.clear();
        self.switches.clear();
        self.timers.clear();
        self.events.clear();
        self.limits = Limits::default();
        self.sent_count = 0;
    }

    /// An id for a message sent through the API: 20 hexadecimal digits.
    pub fn next_id(&mut self) -> String {
        format!("3EB0{:016X}", self.next_number())
    }

    /// An id for a message that comes from a phone: 32 hexadecimal digits.
    pub fn next_phone_id(&mut self) -> String {
        let number = self.next_number();
        format!("{number:016X}{:016X}", mix(number))
    }

    fn next_number(&mut self) -> u64 {
        self.counter += 1;
        mix(self.counter ^ self.id.rotate_left(32))
    }

    /// Does everything that is due, and says when the next thing is.
    pub fn advance(&mut self, now: Now) -> Option<Moment> {
        while let Some(Reverse((at, key))) = self.timers.peek().copied() {
            if at > now.at {
                break;
            }
            self.timers.pop();
            if let Some(event) = self.events.remove(&key) {
                self.happen(event, now);
            }
        }
        let drained = self.drain(now);
        let timer = self.timers.peek().map(|Reverse((at, _))| *at);
        drained.into_iter().chain(timer).min()
    }

    fn happen(&mut self, event: Event, now: Now) {
        match event {
            // Another reboot or a change of state meanwhile has made this one void.
            Event::Started(number) if number == self.changes => {
                self.active = self.saved.clone();
                self.change_phase(self.settled, true, now);
            }
            Event::Started(_) => {}
            Event::Status { id, step } => self.report_status(&id, step, now),
            Event::Notify(told) => self.notifications.push(told, 1, now.unix_ms),
            Event::Readable(arrival) => self.arrive(*arrival, now),
        }
    }

    fn later(&mut self, wait: Duration, now: Now, event: Event) {
        if wait.is_zero() {
            return self.happen(event, now);
        }
        self.counter += 1;
        self.timers.push(Reverse((now.at.plus(wait), self.counter)));
        self.events.insert(self.counter, event);
    }

    /// A guest's message that could not be decrypted becomes readable later.
    pub fn readable_later(&mut self, wait: Duration, arrival: super::guest::Arrival, now: Now) {
        self.later(wait, now, Event::Readable(Box::new(arrival)));
    }

    /// A notification joins the queue later.
    pub fn notify_later(&mut self, wait: Duration, told: Told, now: Now) {
        self.later(wait, now, Event::Notify(told));
    }

    /// A sent message will come further; the status is notified then.
    pub fn status_later(&mut self, wait: Duration, id: &str, step: Step, now: Now) {
        self.later(wait, now, Event::Status { id: id.to_owned(), step });
    }

    fn report_status(&mut self, id: &str, step: Step, now: Now) {
        let Some(message) = self.journal.find_mut(id) else { return };
        message.delivery = step.delivery;
        let chat_id = message.chat_id.clone();
        let chat_id = self.spoken_chat_id(&chat_id, Kind::Status);
        // The vendor's settings page: these two cannot be switched off.
        let always = matches!(step.delivery, Delivery::NoAccount | Delivery::Failed);
        if always || self.active.has(Flag::Outgoing) {
            let description = (step.delivery == Delivery::Failed).then_some("Failed to send the message");
            self.notify(Kind::Status, id, notifications::status(&chat_id, id, step.word, description), now);
        }
    }

    /// `setSettings` and `reboot`: the instance is `starting` for a while, then what it was, with the saved settings.
    pub fn restart(&mut self, now: Now) {
        self.change_phase(Phase::Starting, true, now);
        self.later(self.timing.restart, now, Event::Started(self.changes));
    }

    /// The state changes; `notified` unless the webhook gets lost, as after `blocked` it does.
    pub fn change_phase(&mut self, phase: Phase, notified: bool, now: Now) {
        self.phase = phase;
        self.changes += 1;
        if phase != Phase::Starting {
            self.settled = phase;
        }
        self.history.push((phase.as_str(), now.unix()));
        if self.history.len() > 1000 {
            self.history.remove(0);
        }
        if notified && self.active.has(Flag::State) {
            self.notify(Kind::State, "", notifications::state(phase.as_str()), now);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::super::guest::Action;
    use super::super::sending::Call;
    use super::*;
    use crate::sandbox::switches::Switch;

    /// An instance whose guests never read, so that a message has three notifications: echo, sent, delivered.
    pub fn state() -> State {
        let timing = Timing { read_after: None, ..Timing::default() };
        State::new(1_101_000_001, "token".into(), Arc::default(), timing)
    }

    /// So many seconds after the start.
    pub fn at(seconds: f64) -> Now {
        Now { unix_ms: 1_700_000_000_000, ..Now::default() }.later(Duration::from_secs_f64(seconds))
    }

    /// Sends a text to the usual guest.
    pub fn send(state: &mut State, text: &str, now: Now) -> String {
        let body = json!({"chatId": "79001234567@c.us", "message": text});
        let body = body.as_object().unwrap().clone();
        let id = state.send(Call { method: "sendMessage", body, file_url: None, seq: 1 }, now).unwrap();
        state.advance(now);
        id
    }

    /// Takes all notifications out of the queue.
    pub fn told(state: &mut State, now: Now) -> Vec<Value> {
        state.advance(now);
        let mut bodies = Vec::new();
        while let Some(front) = state.front(now) {
            let (receipt, body) = (front.receipt, serde_json::from_slice(&front.told.body).unwrap());
            bodies.push(body);
            state.notifications.remove(receipt);
        }
        bodies
    }

    /// The kinds or statuses of notifications, in order.
    pub fn words(bodies: &[Value]) -> Vec<&str> {
        bodies.iter().map(|body| body["status"].as_str().or(body["typeWebhook"].as_str()).unwrap_or("?")).collect()
    }

    #[test]
    fn settings_come_into_force_when_the_reboot_is_over() {
        let mut state = state();
        state.saved.change(json!({"outgoingAPIMessageWebhook": "no"}).as_object().unwrap(), true).unwrap();

        state.restart(at(0.0));
        assert_eq!(state.phase, Phase::Starting);
        assert!(state.active.has(Flag::OutgoingApiMessage), "not yet");

        state.advance(at(2.0));
        assert_eq!(state.phase, Phase::Authorized);
        assert!(!state.active.has(Flag::OutgoingApiMessage));
        let bodies = told(&mut state, at(2.0));
        assert_eq!(bodies.iter().map(|body| &body["stateInstance"]).collect::<Vec<_>>(), ["starting", "authorized"]);
    }

    #[test]
    fn a_reboot_does_not_link_a_phone() {
        let mut state = state();
        state.change_phase(Phase::NotAuthorized, true, at(0.0));

        state.restart(at(1.0));
        state.restart(at(2.0));
        state.advance(at(3.5));
        assert_eq!(state.phase, Phase::Starting, "the second reboot counts from its own start");
        state.advance(at(4.0));

        assert_eq!(state.phase, Phase::NotAuthorized);
    }

    #[test]
    fn ids_never_repeat() {
        let mut state = state();
        let ids: std::collections::HashSet<String> = (0..10_000).map(|_| state.next_id()).collect();

        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 20 && id.starts_with("3EB0")));
    }

    #[test]
    fn advance_names_the_next_moment() {
        let mut state = state();
        send(&mut state, "one", at(0.0));

        let next = state.advance(at(0.0)).unwrap();

        assert_eq!(next, at(0.3).at, "the delivered status");
        assert_eq!(state.advance(at(0.3)), None);
    }

    #[test]
    fn without_the_flag_a_notification_is_not_made_but_failures_always_are() {
        let mut state = state();
        state.active = Settings::fresh();
        state.switches.add(Switch::next(Fault::NoAccount, 1));

        send(&mut state, "nobody", at(0.0));
        send(&mut state, "quiet", at(10.0));

        assert_eq!(words(&told(&mut state, at(10.0))), ["noAccount"]);
    }

    #[test]
    fn an_undecrypted_message_becomes_readable_under_the_same_id() {
        let mut state = state();
        state.switches.add(Switch::next(Fault::Undecrypted { seconds: 120.0 }, 1));

        let id = state.guest(&Action::text("79001234567", "Do you have a pool?"), 1, at(0.0)).unwrap();
        let first = told(&mut state, at(119.0));
        let second = told(&mut state, at(120.0));

        let text = |body: &Value| body["messageData"]["textMessageData"]["textMessage"].clone();
        assert_eq!((first.len(), text(&first[0])), (1, json!("{{SWE001}}")));
        assert_eq!((second.len(), text(&second[0])), (1, json!("Do you have a pool?")));
        assert_eq!(first[0]["idMessage"], second[0]["idMessage"]);
        assert_eq!(state.journal.find(&id).unwrap().text, "Do you have a pool?");
    }
}
