//! The heart: what happens in a chat, as a pure function. Sees no clock, no network, no database.

use super::asking::{Asking, Given, OpenQuestion, Shown};
use super::conversation::Conversation;
use super::hotel::Hotel;
use super::ids::{AskedId, ProviderMessageId, QuestionId};
use super::language::Language;
use super::message::{Message, Origin};
use super::rules::{self, Rule};
use super::staff_command::{Desk, DeskAct};
use super::trigger::Severity;
use super::turn::{Turn, Understood};
use super::understanding::{Sentiment, Topic};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything a rule may look at besides the event.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The hotel in force.
    pub hotel: &'a Hotel,
    /// The conversation before the event.
    pub conversation: &'a Conversation,
    /// The last messages before the event, oldest first.
    pub recent: &'a [Message],
    /// The questions put to the guest that may still be answered, the newest first.
    pub questions: &'a [OpenQuestion],
    /// What plain code reads in the turn as an answer to one of them.
    pub given: Option<&'a Given>,
    /// What the words are read with if a listed contact of the hotel writes in their own chat.
    pub desk: Option<&'a Desk>,
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
    /// Keep an answer.
    Record(Recorded),
    /// A person must come: the turn opens an alert, or makes the one that is open graver.
    Alert(AlertDraft),
    /// This contact or department is to hear of an answer. Until alerts reach people, the journal says so.
    Notify(String),
    /// What a contact's order does to an alert and its guest's chat.
    Desk(DeskAct),
    /// Ask what an answer leads to.
    Ask(Box<NextQuestion>),
    /// Show a question once more.
    Repeat(Box<Repetition>),
    /// No question of this chat waits any longer.
    CloseQuestions,
}

/// An answer to be kept, with what it puts on the reservation.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// What was answered.
    pub given: Given,
    /// What it says of the guest's mood.
    pub sentiment: Option<Sentiment>,
    /// Words for the reservation.
    pub tags: Vec<String>,
    /// Fields for the reservation.
    pub fields: BTreeMap<String, String>,
    /// The question that the answer leads to.
    pub leads_to: Option<QuestionId>,
}

/// An alert that an answer raises.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertDraft {
    /// What it is about.
    pub topic: Topic,
    /// How bad.
    pub severity: Severity,
    /// Who is to come.
    pub department: Option<String>,
    /// The question.
    pub asked: AskedId,
}

/// The question that an answer leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct NextQuestion {
    /// The question whose answer asks it, with the stay it is about.
    pub after: OpenQuestion,
    /// What is asked.
    pub asking: Asking,
    /// How it looks.
    pub shown: Shown,
    /// In which language.
    pub language: Language,
}

/// A question once more.
#[derive(Clone, Debug, PartialEq)]
pub struct Repetition {
    /// Which.
    pub asked: AskedId,
    /// How it looks.
    pub shown: Shown,
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
    // Before STOP: a colleague's chat is no guest's.
    ("staff_command", rules::staff_command::decide),
    ("opt_out", rules::opt_out::opt_out),
    ("opt_in", rules::opt_out::opt_in),
    ("opted_out", rules::opt_out::opted_out),
    // An answer is kept whoever leads, and a vote is one. Each closes its question, so that nobody loops here.
    ("question_answered", rules::question_answered::decide),
    ("nothing_to_answer", rules::nothing_to_answer::decide),
    // Where a person leads nobody loops, and their time must not be replaced by an endless one.
    ("handoff", rules::handoff::in_handoff),
    ("loop_guard", rules::loop_guard::decide),
    ("asks_person", rules::handoff::asks_person),
    ("stale", rules::stale::decide),
    ("unsupported", rules::unsupported::decide),
    ("question_other", rules::question_other::decide),
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
