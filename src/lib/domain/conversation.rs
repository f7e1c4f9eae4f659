//! Our record of a chat: who leads it, and what the guest agreed to.

use super::ids::{ChatAddress, ChatId, GuestId};
use super::language::Language;
use super::message::words;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One chat as the rules see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Ours.
    pub id: ChatId,
    /// The person.
    pub guest: GuestId,
    /// Where the channel delivers.
    pub address: ChatAddress,
    /// The profile name, untrusted.
    pub name: Option<String>,
    /// The last language the guest surely wrote in.
    pub language: Option<Language>,
    /// Who leads.
    pub mode: Mode,
    /// What the guest agreed to.
    pub consent: Consent,
    /// Since when a guest's message waits for a person; `None` when nobody waits.
    pub waiting_since: Option<Timestamp>,
}

/// Who leads a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The bot answers.
    Bot,
    /// A person does; the bot is silent.
    Handoff {
        /// Since when.
        since: Timestamp,
        /// Until when the bot stays silent by itself; `None` until a person hands back.
        until: Option<Timestamp>,
        /// Why.
        why: HandoffReason,
    },
}

impl Mode {
    /// Whether the bot must be silent at this instant.
    pub fn is_handoff(&self, now: Timestamp) -> bool {
        match self {
            Mode::Bot => false,
            Mode::Handoff { until, .. } => until.is_none_or(|until| now < until),
        }
    }
}

words!(
    /// Why a person leads.
    HandoffReason {
        /// Somebody wrote from the hotel's phone.
        StaffWrote = "staff_wrote",
        /// The guest asked for a person.
        AskedForPerson = "asked_for_person",
        /// The model could not be asked, or its answer may not be used.
        AiUnavailable = "ai_unavailable",
        /// The model said that a person must answer.
        AiHandoff = "ai_handoff",
        /// The other side seems to be a machine.
        Loop = "loop",
        /// An answer to a question, or other words beside one, call a person.
        Question = "question",
        /// `chats handoff`.
        Command = "command",
    }
);

/// What the guest agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Nothing was said.
    Unknown,
    /// The guest asked to hear from us.
    OptedIn {
        /// When.
        at: Timestamp,
    },
    /// The guest asked for silence; stronger than everything.
    OptedOut {
        /// When.
        at: Timestamp,
    },
}

impl Consent {
    /// Whether the guest asked for silence.
    pub fn opted_out(&self) -> bool {
        matches!(self, Consent::OptedOut { .. })
    }
}
