//! What a decided turn does to alerts: an unhappy guest gives cause, a person who answers takes what is open.

use super::Flow;
use super::in_force::Served;
use super::prepare::Prepared;
use crate::domain::alert::{Act, Cause, Through, main_topic};
use crate::domain::decide::{Action, AlertDraft, Decision, Event};
use crate::domain::ids::AlertId;
use crate::domain::message::Origin;
use crate::domain::received::ReceivedEvent;
use crate::domain::understanding::{AttentionReason, Sentiment};
use crate::store::alerts::{AlertEffects, NewCause};
use crate::store::chats::Gathered;
use crate::store::turns::TurnRecord;

/// Of the guest's words an alert keeps so many characters; the chat has them all.
const MOST_WORDS: usize = 1_000;
/// Who answered, as far as a message from the hotel's number tells.
const ON_THE_PHONE: &str = "the hotel's phone";

/// See the module. `record` holds the label that is stored with the turn. Where a person has answered already, what the
/// guest said before is an alert all the same, and theirs.
pub(super) fn effects(
    (flow, served): (&Flow, &Served),
    (gathered, prepared): (&Gathered, &Prepared),
    decision: &Decision,
    record: &TurnRecord,
) -> AlertEffects {
    let new = |cause| NewCause { id: AlertId(flow.clock.new_id()), cause, hotel: served.hotel.clone() };
    let by_phone = || Act { at: flow.now(), by: ON_THE_PHONE.to_owned(), through: Through::Message };
    AlertEffects {
        causes: cause((gathered, prepared), decision, record).map(new).into_iter().collect(),
        answered: (prepared.event == Event::StaffWrote).then(by_phone),
    }
}

/// A turn gives at most one cause, however much it complains about: one person comes.
fn cause(of: (&Gathered, &Prepared), decision: &Decision, record: &TurnRecord) -> Option<Cause> {
    let label = record.sentiment.filter(|label| matches!(label, Sentiment::Negative | Sentiment::RequiresAttention))?;
    let draft = decision.actions.iter().find_map(|action| match action {
        Action::Alert(draft) => Some(draft),
        _ => None,
    });
    Some(Cause {
        topic: draft.map_or_else(|| main_topic(&record.topics), |draft| draft.topic),
        severity: draft.map(|draft| draft.severity),
        label,
        confidence: record.confidence,
        reason: reason(draft, record),
        department: draft.and_then(|draft| draft.department.clone()),
        words: words(of),
        language: record.language,
        suggested_reply: suggested(decision, record),
    })
}

fn reason(draft: Option<&AlertDraft>, record: &TurnRecord) -> Option<AttentionReason> {
    let by_rule = || match record.rule.as_str() {
        "asks_person" | "question_other" => Some(AttentionReason::RequestHuman),
        "unsupported" | "stale" | "loop_guard" => Some(AttentionReason::Unread),
        _ => None,
    };
    draft.map(|_| AttentionReason::Complaint).or(record.attention).or_else(by_rule)
}

/// What the guest wrote in this turn, as people see it.
fn words((gathered, prepared): (&Gathered, &Prepared)) -> String {
    let covered = gathered.waiting.iter().filter(|row| prepared.covers.contains(&row.id));
    words_of(covered.map(|row| &row.received.event))
}

/// What a guest wrote in these events, as people see it.
pub(super) fn words_of<'e>(events: impl Iterator<Item = &'e ReceivedEvent>) -> String {
    let lines = events.filter_map(|event| match event {
        ReceivedEvent::Guest { body, .. } => Some(body.display()),
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n").chars().take(MOST_WORDS).collect()
}

/// What the model would have answered, where it was not sent.
fn suggested(decision: &Decision, record: &TurnRecord) -> Option<String> {
    let replied = |action: &Action| matches!(action, Action::Send(draft) if draft.origin == Origin::Reply);
    let reply = record.understanding.as_ref()?.reply.clone()?;
    (!decision.actions.iter().any(replied)).then_some(reply)
}
