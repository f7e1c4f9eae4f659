//! What was decided, as rows to be written: messages with their intents, questions that open and close.

use super::in_force::Served;
use super::{Flow, after};
use crate::domain::asking::Shown;
use crate::domain::decide::{Action, Decision, Draft, NextQuestion, Recorded, Repetition};
use crate::domain::ids::ChatId;
use crate::domain::ids::{AskedId, HotelId, InboxId, MessageId, OutboxId};
use crate::domain::message::{Author, Origin};
use crate::store::questions::{NewQuestion, QuestionEffects, RecordAnswer, repeat_intent, then_intent};
use crate::store::turns::PlannedSend;
use jiff::Timestamp;

/// The rows of a decision.
pub(super) struct Rows {
    pub(super) sends: Vec<PlannedSend>,
    pub(super) questions: QuestionEffects,
}

/// For whom and when they are written.
#[derive(Clone, Copy)]
pub(super) struct Writing<'a> {
    pub(super) flow: &'a Flow,
    pub(super) served: &'a Served,
    pub(super) hotel: &'a HotelId,
    pub(super) chat: ChatId,
    pub(super) now: Timestamp,
}

/// `why` begins the intents of plain messages, `newest` is the message of the guest they answer.
pub(super) fn rows(at: Writing<'_>, decision: &Decision, why: &str, newest: Option<InboxId>) -> Rows {
    let mut rows = Rows { sends: Vec::new(), questions: QuestionEffects::default() };
    let mut place = 0;
    for action in &decision.actions {
        match action {
            Action::Send(draft) => {
                rows.sends.push(planned(at, draft, intent(why, newest, place)));
                place += 1;
            }
            Action::Record(recorded) => rows.questions.answers.push(record(recorded)),
            Action::Ask(next) => ask(at, next, &mut rows),
            Action::Repeat(repetition) => repeat(at, repetition, &mut rows),
            Action::CloseQuestions => rows.questions.close_all = true,
            // The conversation, the alerts and the journal carry these.
            Action::CancelPlanned | Action::Alert(_) | Action::Notify(_) | Action::Desk(_) => {}
        }
    }
    rows
}

/// At most one message for each message of a guest, ever: the intent names the newest one it answers.
fn intent(why: &str, newest: Option<InboxId>, place: usize) -> String {
    let newest = newest.map(|inbox| inbox.to_string()).unwrap_or_default();
    if place == 0 { format!("{why}:{newest}") } else { format!("{why}:{newest}:{place}") }
}

/// An answer that could not leave in the time in which a guest's message counts as fresh is no answer any more.
fn planned(at: Writing<'_>, draft: &Draft, intent: String) -> PlannedSend {
    PlannedSend {
        id: OutboxId(at.flow.clock.new_id()),
        message: MessageId(at.flow.clock.new_id()),
        intent,
        author: Author::Bot,
        origin: draft.origin,
        text: draft.text.clone(),
        quotes: draft.quotes.clone(),
        choices: None,
        media: None,
        due_at: at.now,
        expires_at: after(at.now, at.served.hotel.conversation.reply_within),
    }
}

/// A question as a message.
pub(super) fn shown(at: Writing<'_>, shown: &Shown, intent: String) -> PlannedSend {
    let draft = Draft { text: shown.text.clone(), origin: Origin::Trigger, quotes: None };
    PlannedSend { choices: shown.choices.clone(), ..planned(at, &draft, intent) }
}

fn record(recorded: &Recorded) -> RecordAnswer {
    RecordAnswer {
        given: recorded.given.clone(),
        tags: recorded.tags.clone(),
        fields: recorded.fields.clone(),
        leads_to: recorded.leads_to.clone(),
    }
}

fn ask(at: Writing<'_>, next: &NextQuestion, rows: &mut Rows) {
    let send = shown(at, &next.shown, then_intent(next.after.id));
    rows.questions.asks.push(NewQuestion {
        hotel: at.hotel.clone(),
        id: AskedId(at.flow.clock.new_id()),
        chat: at.chat,
        message: send.message,
        asking: next.asking.clone(),
        language: next.language,
        trigger: next.after.trigger.clone(),
        touchpoint: next.after.touchpoint,
        reservation: next.after.reservation.clone(),
        after: Some(next.after.id),
        asked_at: at.now,
        remind_at: next.asking.remind_at(at.now, &at.served.hotel),
    });
    rows.sends.push(send);
}

fn repeat(at: Writing<'_>, repetition: &Repetition, rows: &mut Rows) {
    rows.sends.push(shown(at, &repetition.shown, repeat_intent(repetition.asked)));
    rows.questions.repeated.push(repetition.asked);
}
