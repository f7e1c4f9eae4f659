//! A listed contact writes in their own chat: an order, not a guest's question. The model is never asked about it.

use super::{Effect, Outcome, guest_turn};
use crate::domain::decide::{Action, Draft, Event, Situation};
use crate::domain::message::Origin;
use crate::domain::staff_command::{answer, parse};

/// Staff who try a question of the bot on themselves answer it as guests do: an answer that is no order passes.
pub fn decide(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let turn = guest_turn(event)?;
    let desk = situation.desk?;
    if !turn.messages.iter().any(|message| message.needs_answer()) {
        return None;
    }
    let order = turn.newest().and_then(|message| message.body.words()).and_then(parse);
    let is_clear = order.is_some_and(|order| order.number.is_some()) || desk.quoted.is_some();
    if situation.given.is_some() && !is_clear {
        return None;
    }
    let answer = answer(desk, order, situation.now);
    let quotes = turn.newest().map(|message| message.id.clone());
    let effect = Effect::silent(situation.conversation, answer.reason).send(Draft {
        text: answer.text,
        origin: Origin::Alert,
        quotes,
    });
    Some(Outcome::Do(Box::new(match answer.act {
        Some(act) => effect.act(Action::Desk(act)),
        None => effect,
    })))
}
