//! The words of a message on its way out, and what a failed call means.

use super::asking::Choices;
use super::attachment::Attachment;
use super::ids::{ChatAddress, ProviderMessageId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a channel is asked to send.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Where to.
    pub to: ChatAddress,
    /// The words, at most 20,000 characters for WhatsApp.
    pub text: String,
    /// The guest's message this answers: shown as a quote, and the exact key by which an uncertain send is found again.
    pub quotes: Option<ProviderMessageId>,
    /// Answers to be tapped, for a channel that can show them; `text` holds the same as a list.
    pub choices: Option<Choices>,
    /// A file that goes with it.
    pub media: Option<Attachment>,
}

/// Why a send did not end in an id, by what comes next.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SendError {
    /// Surely not sent; may be tried again.
    #[error("not sent, try later: {why}")]
    Later {
        /// The vendor's wish, when it has one.
        after: Option<Duration>,
        /// Without secrets or texts.
        why: String,
    },
    /// Surely not sent; this message will not go through.
    #[error("refused: {0}")]
    Never(Refusal),
    /// Surely not sent, and nothing of this hotel will be until a person acts (token, payment, ban).
    #[error("the instance cannot send: {0}")]
    Instance(String),
    /// It may or may not have been sent: reconcile, never repeat blindly.
    #[error("unknown whether it was sent: {0}")]
    Unknown(String),
}

/// Why a message will not arrive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

/// An entry of the vendor's queue or journal: evidence of what left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SentEvidence {
    /// The channel's id.
    pub id: ProviderMessageId,
    /// The chat, possibly another alias than the one sent to.
    pub chat: Option<ChatAddress>,
    /// The words.
    pub text: String,
    /// The message it quotes.
    pub quotes: Option<ProviderMessageId>,
    /// When it left, by the vendor's clock.
    pub at: Option<Timestamp>,
}

/// How long to wait before trying again after `attempt` tries that surely did not send:
/// 2 s, 4 s, 8 s … capped at 5 minutes.
pub fn backoff(attempt: u32) -> Duration {
    Duration::from_secs(1 << attempt.clamp(1, 9)).min(Duration::from_secs(300))
}
