//! The heart: what happens in a chat, as a pure function. Sees no clock, no network, no database.

use super::conversation::Conversation;
use super::hotel::Hotel;
use super::ids::ProviderMessageId;
use super::message::{Message, Origin};
use super::rules::{self, Rule};
use super::turn::{Turn, Understood};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Everything a rule may look at besides the event.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The hotel in force.
    pub hotel: &'a Hotel,
    /// The conversation before the event.
    pub conversation: &'a Conversation,
    /// The last messages before the event, oldest first.
    pub recent: &'a [Message],
    /// The instant of deciding.
    pub now: Timestamp,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A guest wrote.
    GuestWrote {
        /// What.
        turn: Turn,
        /// What the model made of it.
        understood: Understood,
    },
    /// A person wrote from the hotel's phone or through `chats send`.
    StaffWrote,
}

/// A message to be written to the outbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The words.
    pub text: String,
    /// Model or template.
    pub origin: Origin,
    /// The guest's message it answers.
    pub quotes: Option<ProviderMessageId>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Write to the guest.
    Send(Draft),
    /// Take back what the bot planned and has not sent.
    CancelPlanned,
}

/// What a rule decided. Commits as a whole or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The conversation after the event.
    pub conversation: Conversation,
    /// In order.
    pub actions: Vec<Action>,
    /// The rule that answered.
    pub rule: &'static str,
    /// On what grounds, in plain words without the guest's text.
    pub reasons: Vec<String>,
}

/// The end of deciding.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Done.
    Decided(Box<Decision>),
    /// No rule before the model answers: ask it and decide again.
    AskModel,
}

/// The law, in order: the first rule that answers wins, and its name is the reason that support sees.
pub const RULES: &[(&str, Rule)] = &[
    ("staff_wrote", rules::staff_wrote::decide),
    ("opt_out", rules::opt_out::opt_out),
    ("opt_in", rules::opt_out::opt_in),
    ("opted_out", rules::opt_out::opted_out),
    ("nothing_to_answer", rules::nothing_to_answer::decide),
    // Where a person leads nobody loops, and their time must not be replaced by an endless one.
    ("handoff", rules::handoff::in_handoff),
    ("loop_guard", rules::loop_guard::decide),
    ("asks_person", rules::handoff::asks_person),
    ("stale", rules::stale::decide),
    ("unsupported", rules::unsupported::decide),
    ("ask_model", rules::answer::ask_model),
    ("ai_handoff", rules::answer::ai_handoff),
    ("answer", rules::answer::answer),
    ("ai_unavailable", rules::answer::ai_unavailable),
];

/// The first rule that answers. The last rule always does, which a test holds.
pub fn decide(situation: &Situation<'_>, event: &Event) -> Verdict {
    for (name, rule) in RULES {
        if let Some(outcome) = rule(situation, event) {
            return match outcome {
                rules::Outcome::AskModel => Verdict::AskModel,
                rules::Outcome::Do(effect) => Verdict::Decided(Box::new(effect.named(name))),
            };
        }
    }
    let effect = rules::Effect::silent(situation.conversation, "no rule answered");
    Verdict::Decided(Box::new(effect.named("no_rule")))
}
