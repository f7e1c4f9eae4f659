//! What came in from a channel, after parsing: the words every later step uses instead of a vendor's JSON.

use super::ids::{ChatAddress, ProviderMessageId};
use super::message::Delivery;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One event of a channel, parsed. The raw body is stored beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Received {
    /// Two deliveries of one event have the same key, whatever else differs in them (faults I3).
    /// Unique within a hotel.
    pub key: String,
    /// When the provider says it happened. Never used for order, only to notice staleness; clamped to sane years.
    pub provider_at: Option<Timestamp>,
    /// The conversation it belongs to; `None` for events of the instance.
    pub chat: Option<ChatAddress>,
    /// A second address of the same person seen in the event (a phone address beside a `@lid`), to be kept as an alias.
    pub also_known_as: Option<ChatAddress>,
    /// The profile name, as untrusted as any text of a guest.
    pub sender_name: Option<String>,
    /// The hotel's own address, when the event tells it: whoever writes from it is no guest of any hotel here.
    #[serde(skip)]
    pub own_address: Option<ChatAddress>,
    /// What happened.
    pub event: ReceivedEvent,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceivedEvent {
    /// A guest wrote, tapped, voted, edited or reacted.
    Guest {
        /// The channel's id of this message.
        id: ProviderMessageId,
        /// What was written.
        body: Body,
        /// The message it quotes.
        quotes: Option<ProviderMessageId>,
    },
    /// A person of the hotel wrote from the hotel's own phone.
    Staff {
        /// The channel's id of this message.
        id: ProviderMessageId,
        /// What was written.
        body: Body,
        /// The message it quotes.
        quotes: Option<ProviderMessageId>,
    },
    /// The channel reports a message that we sent: evidence for reconciling, never a message to answer.
    Echo {
        /// The channel's id of the sent message.
        id: ProviderMessageId,
        /// Its text.
        text: String,
        /// The guest's message it quotes.
        quotes: Option<ProviderMessageId>,
    },
    /// A message of ours got further, or was refused.
    Status {
        /// The channel's id of the message.
        id: ProviderMessageId,
        /// `None` for a status the vendor left empty or that we do not know.
        delivery: Option<Delivery>,
        /// The vendor's word and description, without personal data.
        detail: String,
    },
    /// The instance changed its state.
    Instance {
        /// As the vendor spells it.
        state: InstanceState,
    },
    /// Somebody called; the bot cannot talk, but support should see it.
    Call {
        /// Offer, missed and so on, as the vendor spells it.
        status: String,
    },
    /// The account's quota is used up, or the guest blocked us.
    Warning {
        /// `quota` or `blocked`.
        kind: String,
        /// The vendor's words.
        detail: String,
    },
    /// Understood, and nothing to do: groups, broadcasts, device information, unknown types.
    Ignored {
        /// Why, for support.
        why: String,
    },
    /// Authenticated, but not readable. Kept for a person; answered 200, or the hotel's feed would stand still.
    Unreadable {
        /// What is wrong with it, without its content.
        why: String,
    },
}

/// The content of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Words, NUL and other control characters removed.
    Text(String),
    /// A picture, video, document, audio or voice message.
    Media {
        /// Which.
        kind: MediaKind,
        /// The words under it.
        caption: Option<String>,
    },
    /// A sticker.
    Sticker,
    /// A place.
    Location {
        /// Name and address, when given.
        label: String,
    },
    /// One or several contact cards.
    Contacts {
        /// The names on them.
        names: Vec<String>,
    },
    /// An emoji put on a message; empty when taken back.
    Reaction {
        /// On which message.
        to: Option<ProviderMessageId>,
        /// Which.
        emoji: String,
    },
    /// A poll the guest started.
    Poll {
        /// Its question.
        question: String,
    },
    /// The sender's present choice in a poll of ours.
    PollVote {
        /// The poll.
        poll: Option<ProviderMessageId>,
        /// The chosen options; empty when taken back.
        options: Vec<String>,
    },
    /// A tap on a button or a line of a list.
    Tap {
        /// The message with the buttons.
        on: Option<ProviderMessageId>,
        /// The button's id.
        id: String,
        /// The words on it.
        label: String,
    },
    /// An earlier message was changed; never answered a second time.
    Edited {
        /// Which.
        original: Option<ProviderMessageId>,
        /// Its words now.
        text: String,
    },
    /// An earlier message was taken back.
    Deleted {
        /// Which.
        original: Option<ProviderMessageId>,
    },
    /// The channel could not decrypt it (`{{SWE001}}`); the real text may follow under the same id.
    Undecrypted,
    /// A kind we do not know, with the vendor's name of it.
    Other {
        /// The vendor's `typeMessage`.
        kind: String,
        /// Any words found in it.
        text: Option<String>,
    },
}

/// Kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A file.
    Document,
    /// A voice message or music.
    Audio,
}

impl Body {
    /// The guest's own words, when there are any to read. Edits and reactions have none to answer.
    pub fn words(&self) -> Option<&str> {
        let words = match self {
            Body::Text(text) => text.as_str(),
            Body::Media { caption: Some(caption), .. } => caption.as_str(),
            Body::Tap { label, .. } => label.as_str(),
            Body::Poll { question } => question.as_str(),
            Body::Other { text: Some(text), .. } => text.as_str(),
            _ => return None,
        };
        (!words.trim().is_empty()).then_some(words)
    }

    /// What people see in place of the message: its words, or a bracketed description.
    pub fn display(&self) -> String {
        match self {
            Body::Text(text) => text.clone(),
            Body::Media { kind, caption } => match caption {
                Some(caption) if !caption.is_empty() => format!("[{}] {caption}", kind.as_str()),
                _ => format!("[{}]", kind.as_str()),
            },
            Body::Sticker => "[sticker]".to_owned(),
            Body::Location { label } => format!("[location] {label}").trim_end().to_owned(),
            Body::Contacts { names } => format!("[contact] {}", names.join(", ")).trim_end().to_owned(),
            Body::Reaction { emoji, .. } if emoji.is_empty() => "[reaction taken back]".to_owned(),
            Body::Reaction { emoji, .. } => format!("[reaction] {emoji}"),
            Body::Poll { question } => format!("[poll] {question}"),
            Body::PollVote { options, .. } => format!("[vote] {}", options.join(", ")).trim_end().to_owned(),
            Body::Tap { label, .. } => label.clone(),
            Body::Edited { text, .. } => format!("[edited] {text}"),
            Body::Deleted { .. } => "[deleted]".to_owned(),
            Body::Undecrypted => "[could not be decrypted]".to_owned(),
            Body::Other { kind, text } => match text {
                Some(text) if !text.is_empty() => format!("[{kind}] {text}"),
                _ => format!("[{kind}]"),
            },
        }
    }
}

impl MediaKind {
    /// The word in brackets.
    pub fn as_str(self) -> &'static str {
        match self {
            MediaKind::Image => "image",
            MediaKind::Video => "video",
            MediaKind::Document => "document",
            MediaKind::Audio => "audio",
        }
    }
}

/// The state of a WhatsApp instance. Only `Authorized` may be sent through: what is accepted in another state
/// waits up to a day in the vendor's queue and leaves at an hour nobody chose (faults I15).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum InstanceState {
    /// Ready.
    Authorized,
    /// The QR code must be scanned.
    NotAuthorized,
    /// The number is banned.
    Blocked,
    /// Restarting, up to five minutes.
    Starting,
    /// Restricted for a while; `yellowCard` until 2026-07-30.
    Suspended,
    /// The phone is off; obsolete, still seen.
    SleepMode,
    /// Whatever the vendor invents next.
    Other(String),
}

impl InstanceState {
    /// The vendor's spelling.
    pub fn as_str(&self) -> &str {
        match self {
            InstanceState::Authorized => "authorized",
            InstanceState::NotAuthorized => "notAuthorized",
            InstanceState::Blocked => "blocked",
            InstanceState::Starting => "starting",
            InstanceState::Suspended => "suspended",
            InstanceState::SleepMode => "sleepMode",
            InstanceState::Other(word) => word,
        }
    }
}

impl From<String> for InstanceState {
    fn from(word: String) -> Self {
        match word.as_str() {
            "authorized" => InstanceState::Authorized,
            "notAuthorized" => InstanceState::NotAuthorized,
            "blocked" => InstanceState::Blocked,
            "starting" => InstanceState::Starting,
            "suspended" | "yellowCard" => InstanceState::Suspended,
            "sleepMode" => InstanceState::SleepMode,
            _ => InstanceState::Other(word.chars().take(40).collect()),
        }
    }
}

impl From<InstanceState> for String {
    fn from(state: InstanceState) -> String {
        state.as_str().to_owned()
    }
}
