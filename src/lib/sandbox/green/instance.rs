//! One instance as a state machine: everything that happens to it is a method taking the time, so that tests drive it
//! without waiting. The server around it only locks, calls, and sleeps until the next moment `advance` names.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Map, Value, json};

use super::faults::Fault;
use super::journal::{Delivery, Journal};
use super::limits::Limits;
use super::notifications::{self, Kind, Notifications};
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
    /// A reboot is over.
    Started(Phase),
    /// A sent message comes further.
    Status { id: String, delivery: Delivery, word: &'static str, description: Option<&'static str> },
    /// A delayed notification joins the queue.
    Notify { kind: Kind, id: String, body: Bytes },
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
            Event::Started(phase) => {
                self.active = self.saved.clone();
                self.change_phase(phase, true, now);
            }
            Event::Status { id, delivery, word, description } => {
                self.report_status(&id, delivery, word, description, now);
            }
            Event::Notify { kind, id, body } => {
                self.notifications.push(kind, id, body, 1, now.unix_ms);
            }
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

    /// A sent message will come further; the status is notified then.
    pub fn status_later(&mut self, wait: Duration, id: &str, delivery: Delivery, word: &'static str, now: Now) {
        let description = (delivery == Delivery::Failed).then_some("Failed to send the message");
        self.later(wait, now, Event::Status { id: id.to_owned(), delivery, word, description });
    }

    fn report_status(&mut self, id: &str, delivery: Delivery, word: &str, description: Option<&str>, now: Now) {
        let Some(message) = self.journal.find_mut(id) else { return };
        message.delivery = delivery;
        let chat_id = message.chat_id.clone();
        // The vendor's settings page: these two cannot be switched off.
        let always = matches!(delivery, Delivery::NoAccount | Delivery::Failed);
        if always || self.active.has(Flag::Outgoing) {
            self.notify(Kind::Status, id, notifications::status(&chat_id, id, word, description), now);
        }
    }

    /// `setSettings` and `reboot`: the instance is `starting` for a while, then what it was, with the saved settings.
    pub fn restart(&mut self, now: Now) {
        let back_to = if self.phase == Phase::Starting { Phase::Authorized } else { self.phase };
        self.change_phase(Phase::Starting, false, now);
        self.later(self.timing.restart, now, Event::Started(back_to));
    }

    /// The state changes; `notified` unless the webhook gets lost, as after `blocked` it does.
    pub fn change_phase(&mut self, phase: Phase, notified: bool, now: Now) {
        self.phase = phase;
        self.history.push((phase.as_str(), now.unix()));
        if self.history.len() > 1000 {
            self.history.remove(0);
        }
        if notified && self.active.has(Flag::State) {
            self.notify(Kind::State, "", notifications::state(phase.as_str()), now);
        }
    }

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
            return self.notifications.push(kind, id.into(), bytes(&body), 1, now.unix_ms);
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
        let body = bytes(&body);
        if let Some(delay) = delay {
            return self.later(delay, now, Event::Notify { kind, id: id.into(), body });
        }
        match copies {
            Some((copies, true)) => self.notifications.push(kind, id.into(), body, copies + 1, now.unix_ms),
            Some((copies, false)) => {
                for _ in 0..=copies {
                    self.notifications.push(kind, id.into(), body.clone(), 1, now.unix_ms);
                }
            }
            None => self.notifications.push(kind, id.into(), body, 1, now.unix_ms),
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
