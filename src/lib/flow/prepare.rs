//! From what waits in a chat to one event for the rules: who wrote, what belongs together, what plain code reads in it.

use crate::domain::asking::Given;
use crate::domain::decide::Event;
use crate::domain::hotel::Hotel;
use crate::domain::ids::{InboxId, ProviderMessageId};
use crate::domain::language::Language;
use crate::domain::received::{Body, ReceivedEvent};
use crate::domain::staff_command::Desk;
use crate::domain::turn::{Signals, Turn, TurnMessage, Understood};
use crate::domain::understanding::Reading;
use crate::nlu;
use crate::store::chats::{Gathered, Waiting};
use jiff::Timestamp;

/// One event, and the rows it covers.
pub(super) struct Prepared {
    pub(super) event: Event,
    /// What of it answers a question.
    pub(super) given: Option<Given>,
    /// What the guest's words in it mean, read without the model.
    pub(super) reading: Option<Reading>,
    /// What the words are read with if a contact of the hotel wrote them.
    pub(super) desk: Option<Desk>,
    pub(super) covers: Vec<InboxId>,
    pub(super) last_seq: i64,
}

/// The next event of a chat; `None` when nothing waits.
///
/// If the guest asked for silence, that covers everything before it, and no later word of anybody may swallow it. If a
/// person of the hotel wrote, everything up to their last word was seen and answered by them. Otherwise a guest's burst
/// is one turn; without coalescing each message is.
pub(super) fn prepare(hotel: &Hotel, gathered: &Gathered) -> Option<Prepared> {
    let waiting = &gathered.waiting;
    let last_staff = waiting.iter().rposition(|row| matches!(row.received.event, ReceivedEvent::Staff { .. }));
    let silence = waiting.iter().rposition(asks_for_silence);
    if let Some(last) = last_staff.filter(|last| silence.is_none_or(|silence| silence > *last)) {
        return Some(covering(&waiting[..=last], Event::StaffWrote));
    }
    // Each order of a colleague is obeyed and answered by itself.
    let is_staff = hotel.staff.contact_of(&gathered.conversation.address).is_some();
    let one_or_all = if is_staff || hotel.conversation.coalesce.is_zero() { 1 } else { waiting.len() };
    let take = silence.map_or(one_or_all, |last| last + 1);
    let rows = waiting.get(..take.min(waiting.len())).filter(|rows| !rows.is_empty())?;
    let messages: Vec<TurnMessage> = rows.iter().filter_map(turn_message).collect();
    let signals = signals(hotel, &messages, gathered.conversation.language);
    let turn = Turn { messages, signals };
    let given = super::questions::given(&gathered.questions, rows);
    Some(Prepared { given, ..covering(rows, Event::GuestWrote { turn, understood: Understood::NotAsked }) })
}

/// As `receive` reads it, which is what makes a row urgent.
fn asks_for_silence(row: &Waiting) -> bool {
    matches!(&row.received.event, ReceivedEvent::Guest { body: Body::Text(text), .. } if nlu::is_opt_out(text))
}

fn covering(rows: &[Waiting], event: Event) -> Prepared {
    Prepared {
        event,
        given: None,
        reading: super::reading::of_rows(rows),
        desk: None,
        covers: rows.iter().map(|row| row.id).collect(),
        last_seq: rows.last().map_or(0, |row| row.seq),
    }
}

fn turn_message(row: &Waiting) -> Option<TurnMessage> {
    let ReceivedEvent::Guest { id, body, .. } = &row.received.event else { return None };
    let written_at = row.received.provider_at.map_or(row.received_at, |at| at.min(row.received_at));
    Some(TurnMessage { id: id.clone(), body: body.clone(), written_at })
}

/// Each message is read by itself, because `STOP` after a question is still `STOP`; the language is that of all.
fn signals(hotel: &Hotel, messages: &[TurnMessage], known: Option<Language>) -> Signals {
    let mut all = Signals::default();
    for message in messages {
        let Some(words) = message.body.words() else { continue };
        let one = nlu::signals(words, &hotel.languages, known);
        // A caption or a button that says "stop" is not a guest asking for silence.
        let typed = matches!(message.body, Body::Text(_));
        all.opt_out |= one.opt_out && typed;
        all.opt_in |= one.opt_in && typed;
        all.asks_person |= one.asks_person;
        all.language = one.language;
    }
    if let [_] = messages {
        return all;
    }
    let joined = messages.iter().filter_map(|m| m.body.words()).collect::<Vec<_>>().join("\n");
    all.language = nlu::language(&joined, &hotel.languages, known);
    all
}

/// The ids the channel gave to what staff typed, among what waits.
pub(super) fn staff_ids(gathered: &Gathered) -> Vec<ProviderMessageId> {
    gathered
        .waiting
        .iter()
        .filter_map(|row| match &row.received.event {
            ReceivedEvent::Staff { id, .. } => Some(id.clone()),
            _ => None,
        })
        .collect()
}

/// When the guest's oldest message in the rows was received.
pub(super) fn received_first(gathered: &Gathered) -> Option<Timestamp> {
    gathered.waiting.first().map(|row| row.received_at)
}
