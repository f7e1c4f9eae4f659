//! A turn: what a guest wrote in one breath, joined, with what plain code can tell about it without a model.

use super::ids::ProviderMessageId;
use super::language::Language;
use super::received::Body;
use super::understanding::{Understanding, WhyNot};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One or several messages of a guest, handled together, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Never empty.
    pub messages: Vec<TurnMessage>,
    /// What plain code reads in the words.
    pub signals: Signals,
}

/// One message of a turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurnMessage {
    /// The channel's id, to be quoted by the answer.
    pub id: ProviderMessageId,
    /// What was written.
    pub body: Body,
    /// When we received it, or when the channel says it was written if that is earlier.
    pub written_at: Timestamp,
}

/// What a closed list of words and the script of the letters tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signals {
    /// The whole message is a word of opting out (`STOP`, `стоп`).
    pub opt_out: bool,
    /// The whole message is a word of opting in (`START`, `старт`).
    pub opt_in: bool,
    /// Asks for a person in plain words.
    pub asks_person: bool,
    /// The language, when there is enough evidence.
    pub language: Option<Language>,
}

/// The model's part of an event. A model that is down is a case, not an error.
#[derive(Clone, Debug, PartialEq)]
pub enum Understood {
    /// Not asked: rules that need no model come first.
    NotAsked,
    /// Read.
    As(Understanding),
    /// Could not be read.
    Not(WhyNot),
}

impl Turn {
    /// The words of all messages, one a line; empty when there are none.
    pub fn words(&self) -> String {
        self.messages.iter().filter_map(|m| m.body.words()).collect::<Vec<_>>().join("\n")
    }

    /// The newest message with something to answer, which an answer quotes.
    pub fn newest(&self) -> Option<&TurnMessage> {
        self.messages.iter().rev().find(|m| m.needs_answer()).or(self.messages.last())
    }
}

impl TurnMessage {
    /// Reactions, edits, votes and deletions are kept and shown, and never answered.
    pub fn needs_answer(&self) -> bool {
        !matches!(self.body, Body::Reaction { .. } | Body::Edited { .. } | Body::Deleted { .. } | Body::PollVote { .. })
    }
}
