//! The outside, as traits. A trait exists only where the counterpart is not ours.

use crate::domain::hotel::Hotel;
use crate::domain::ids::{ChatAddress, HotelId, InstanceId, ProviderMessageId};
use crate::domain::language::Language;
use crate::domain::message::Author;
use crate::domain::outbox::{Outgoing, SendError, SentEvidence};
use crate::domain::received::{InstanceState, Received};
use crate::domain::stay_change::Told;
use crate::domain::understanding::{Understanding, WhyNot};
use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How one hotel is reached: its instance with its secrets, resolved.
#[derive(Clone, Debug)]
pub struct Line {
    /// Whose line.
    pub hotel: HotelId,
    /// idInstance.
    pub instance: InstanceId,
    /// Where the vendor listens, without a trailing slash.
    pub api_url: String,
    /// In the vendor's URLs: never log one.
    pub token: SecretString,
    /// What the vendor shows when it calls us.
    pub webhook_token: Option<SecretString>,
    /// Where the files that the hotel sends lie, if it has a folder.
    pub folder: Option<PathBuf>,
    /// What the hotel's PMS signs its deliveries with, if it delivers.
    pub pms_secret: Option<SecretString>,
}

/// The counterpart did not answer usefully. The text holds no secret and no URL.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(pub String);

/// One notification taken by polling; it comes again until it is confirmed.
#[derive(Debug, Clone)]
pub struct Notification {
    /// Confirms it.
    pub receipt: u64,
    /// Its body, unparsed.
    pub body: Vec<u8>,
}

/// The settings of an instance that matter to us; `None` where unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineSettings {
    /// Where the vendor delivers; empty means polling.
    pub webhook_url: String,
    /// What it shows.
    pub webhook_token: String,
    /// Which switches are on, by the vendor's names.
    pub switches: Vec<(String, bool)>,
}

/// How messages travel; today WhatsApp through Green API.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Where a phone (E.164) is reached, as the channel spells it. The other way there is none: an address holds no
    /// phone.
    fn address_of(&self, phone: &str) -> ChatAddress;
    /// Reads one notification. Pure: no IO, never fails; what cannot be read is `ReceivedEvent::Unreadable`.
    fn parse(&self, instance: &InstanceId, body: &[u8]) -> Received;
    /// Hands one message to the vendor. `Ok` means accepted, not sent.
    async fn send(&self, line: &Line, message: &Outgoing) -> Result<ProviderMessageId, SendError>;
    /// The instance's state now.
    async fn state(&self, line: &Line) -> Result<InstanceState, Unavailable>;
    /// What waits in the vendor's queue.
    async fn queue(&self, line: &Line) -> Result<Vec<SentEvidence>, Unavailable>;
    /// What left in the last `minutes`; entries may lag two minutes.
    async fn sent(&self, line: &Line, minutes: u32) -> Result<Vec<SentEvidence>, Unavailable>;
    /// What came in during the last `minutes`, parsed like webhooks (same keys), with raw bodies.
    async fn arrived(&self, line: &Line, minutes: u32) -> Result<Vec<(Received, Vec<u8>)>, Unavailable>;
    /// The next notification, waiting at most `wait` (5 to 60 s).
    async fn poll(&self, line: &Line, wait: Duration) -> Result<Option<Notification>, Unavailable>;
    /// Removes a notification from the vendor's queue; only after it is durable here.
    async fn confirm(&self, line: &Line, receipt: u64) -> Result<(), Unavailable>;
    /// The instance's settings.
    async fn settings(&self, line: &Line) -> Result<LineSettings, Unavailable>;
    /// Changes settings; the vendor restarts the instance, up to five minutes. Send only differences.
    async fn change_settings(&self, line: &Line, wanted: &LineSettings) -> Result<(), Unavailable>;
}

/// What a PMS delivered, read.
#[derive(Debug, Clone, Default)]
pub struct Delivered {
    /// Reservations that could be read, in their order.
    pub told: Vec<Told>,
    /// What could not.
    pub unread: Vec<Unread>,
    /// They were delivered as a list: the first one of a hotel is its first import.
    pub together: bool,
}

/// A part of a delivery that could not be read.
#[derive(Debug, Clone)]
pub struct Unread {
    /// Its place in the list, from 0.
    pub index: usize,
    /// Every mistake; holds no guest's data.
    pub mistakes: Vec<String>,
    /// As it came.
    pub raw: String,
}

/// Reads what a PMS pushes. Pure: no IO, never fails.
pub trait Deliveries: Send + Sync {
    /// Reads one delivery.
    fn read(&self, hotel: &Hotel, body: &[u8]) -> Delivered;
}

/// One earlier message, for the model.
#[derive(Debug, Clone)]
pub struct Said {
    /// By whom.
    pub author: Author,
    /// What.
    pub text: String,
}

/// What the model is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// Whose facts and voice.
    pub hotel: Arc<Hotel>,
    /// The guest's first name, untrusted; nothing else personal.
    pub first_name: Option<String>,
    /// The language the answer must have.
    pub language: Language,
    /// Oldest first, at most ten.
    pub history: Vec<Said>,
    /// The guest's turn, joined with newlines.
    pub turn: String,
    /// Now, for "is the pool open".
    pub now: Timestamp,
}

/// What one question cost, whether or not it was answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AiUsage {
    /// HTTP calls made, retries included.
    pub calls: u32,
    /// The model that answered.
    pub model: String,
    /// The prompt's name and version, such as `understand@1`.
    pub prompt: String,
    /// Tokens read from the vendor's cache.
    pub hit_tokens: u64,
    /// Tokens read anew.
    pub miss_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// In millionths of a US dollar.
    pub cost_micro_usd: i64,
    /// From the question to the end.
    pub latency: Duration,
}

/// The end of a question.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// What was made of the turn, or why nothing.
    pub outcome: Result<Understanding, WhyNot>,
    /// What it cost.
    pub usage: AiUsage,
    /// For support: what went wrong, without the guest's words.
    pub detail: Option<String>,
}

/// The reader of turns; today DeepSeek.
#[async_trait]
pub trait Analyst: Send + Sync {
    /// Reads a turn within a total deadline. A model that is down is a case, not an error.
    async fn understand(&self, question: &Question) -> Analysis;
    /// Whether the service answers, for `doctor`: the models it offers.
    async fn models(&self) -> Result<Vec<String>, Unavailable>;
    /// The money left, in US dollars, when the vendor says.
    async fn balance(&self) -> Result<Option<f64>, Unavailable>;
}

/// What a bell is rung for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Something waits in the inbox.
    Inbox,
    /// A status, an echo or a state waits in the inbox.
    Events,
    /// Something waits in the outbox.
    Outbox,
    /// Something happened that `chats tail` shows.
    Journal,
    /// What is in force changed.
    InForce,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Topic; 5] = [Topic::Inbox, Topic::Events, Topic::Outbox, Topic::Journal, Topic::InForce];
    /// The name used between daemons.
    pub fn as_str(self) -> &'static str {
        match self {
            Topic::Inbox => "inbox",
            Topic::Events => "events",
            Topic::Outbox => "outbox",
            Topic::Journal => "journal",
            Topic::InForce => "in_force",
        }
    }
}

/// Wakes those who wait. Only a hint: everything is also found by looking, at the latest a second later.
#[async_trait]
pub trait Bell: Send + Sync {
    /// Wakes the waiters of a topic, here and in other daemons. Never fails and never waits for a network.
    fn ring(&self, topic: Topic);
    /// Returns when the topic was rung since the last wait, or after `at_most`.
    async fn wait(&self, topic: Topic, at_most: Duration);
}

/// Keeps the least gap between two sends of one instance across daemons.
#[async_trait]
pub trait Throttle: Send + Sync {
    /// Takes the next slot: zero to send now, else how long to wait before asking again. Fails open to a local
    /// limiter, never to no limit.
    async fn take(&self, instance: &InstanceId, gap: Duration) -> Duration;
}

/// The only source of time and ids.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// A new id; version 7, so ids of one process sort by time.
    fn new_id(&self) -> Uuid;
}
