//! One rule per file, or per family. A rule answers or passes; the order is in `decide.rs`.

pub mod answer;
pub mod handoff;
pub mod loop_guard;
pub mod nothing_to_answer;
pub mod opt_out;
pub mod question_answered;
pub mod question_other;
pub mod staff_command;
pub mod staff_wrote;
pub mod stale;
#[cfg(test)]
pub(crate) mod testing;
pub mod unsupported;

use super::conversation::{Conversation, HandoffReason, Mode};
use super::decide::{Action, Decision, Draft, Event, Situation};
use super::hotel::Text;
use super::language::Language;
use super::message::{Author, Origin};
use super::texts;
use super::turn::Turn;
use jiff::{SignedDuration, Timestamp};

/// A rule: `None` passes the event on to the next one.
pub type Rule = fn(&Situation<'_>, &Event) -> Option<Outcome>;

/// What a rule wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The model's reading is needed first.
    AskModel,
    /// This.
    Do(Box<Effect>),
}

/// A decision without its rule's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    conversation: Conversation,
    actions: Vec<Action>,
    reasons: Vec<String>,
}

impl Effect {
    /// Nothing is written; the conversation stays as it is.
    pub fn silent(conversation: &Conversation, reason: impl Into<String>) -> Self {
        Self { conversation: conversation.clone(), actions: Vec::new(), reasons: vec![reason.into()] }
    }

    /// One more ground.
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reasons.push(reason.into());
        self
    }

    /// Writes to the guest.
    pub fn send(mut self, draft: Draft) -> Self {
        self.actions.push(Action::Send(draft));
        self
    }

    /// Takes back what the bot planned and has not sent.
    pub fn cancel_planned(mut self) -> Self {
        self.actions.push(Action::CancelPlanned);
        self
    }

    /// One more thing to do.
    pub fn act(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }

    /// Whether something is written to the guest.
    pub fn speaks(&self) -> bool {
        self.actions.iter().any(|action| matches!(action, Action::Send(_)))
    }

    /// Nothing is written to the guest after all.
    pub fn hushed(mut self) -> Self {
        self.actions.retain(|action| !matches!(action, Action::Send(_)));
        self
    }

    /// A person leads from now on.
    pub fn hand_off(mut self, now: Timestamp, until: Option<Timestamp>, why: HandoffReason) -> Self {
        let since = match self.conversation.mode {
            Mode::Handoff { since, .. } if self.conversation.mode.is_handoff(now) => since,
            _ => now,
        };
        self.conversation.mode = Mode::Handoff { since, until, why };
        self
    }

    /// Somebody waits for a person, since the oldest message nobody answered.
    pub fn waits(mut self, since: Timestamp) -> Self {
        self.conversation.waiting_since.get_or_insert(since);
        self
    }

    /// Edits the conversation.
    pub fn with(mut self, edit: impl FnOnce(&mut Conversation)) -> Self {
        edit(&mut self.conversation);
        self
    }

    /// The decision, with the name of the rule.
    pub fn named(self, rule: &'static str) -> Decision {
        Decision { conversation: self.conversation, actions: self.actions, rule, reasons: self.reasons }
    }
}

/// The turn, if a guest wrote.
fn guest_turn(event: &Event) -> Option<&Turn> {
    match event {
        Event::GuestWrote { turn, .. } => Some(turn),
        Event::StaffWrote => None,
    }
}

/// The language to write in: what the guest surely wrote in now, else earlier, else the hotel's first.
pub fn language_for(situation: &Situation<'_>, turn: &Turn) -> Language {
    turn.signals.language.or(situation.conversation.language).unwrap_or_else(|| situation.hotel.fallback_language())
}

/// One of the hotel's own texts as an answer to a turn.
fn template(situation: &Situation<'_>, turn: &Turn, which: Text) -> Draft {
    Draft {
        text: texts::text(situation.hotel, which, language_for(situation, turn)),
        origin: Origin::Template,
        quotes: turn.newest().map(|message| message.id.clone()),
    }
}

/// Whether the bot already sent this very text within the last ten minutes: a template repeated is noise.
fn said_lately(situation: &Situation<'_>, text: &str) -> bool {
    let since = situation.now - SignedDuration::from_mins(10);
    situation.recent.iter().any(|m| m.author == Author::Bot && m.at >= since && m.text == text)
}

/// When the oldest message of the turn was written.
fn waiting_from(turn: &Turn, now: Timestamp) -> Timestamp {
    turn.messages.iter().map(|m| m.written_at).min().unwrap_or(now)
}
