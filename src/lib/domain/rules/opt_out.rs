//! The guest asked for silence, or takes it back. Stronger than everything but a person of the hotel.

use super::{Effect, Outcome, guest_turn, template, waiting_from};
use crate::domain::conversation::Consent;
use crate::domain::decide::{Action, Event, Situation};
use crate::domain::hotel::Text;

/// `STOP`: one confirmation, then nothing more.
pub fn opt_out(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let turn = guest_turn(event).filter(|turn| turn.signals.opt_out)?;
    let at = situation.now;
    let effect = Effect::silent(situation.conversation, "the guest asked for silence").cancel_planned();
    if situation.conversation.consent.opted_out() {
        return Some(Outcome::Do(Box::new(effect.because("silence was asked for before"))));
    }
    let effect = effect
        .act(Action::CloseQuestions)
        .with(|conversation| conversation.consent = Consent::OptedOut { at })
        .send(template(situation, turn, Text::OptedOut));
    Some(Outcome::Do(Box::new(effect)))
}

/// `START`: only a guest who asked for silence needs it; for anyone else it is a word like others.
pub fn opt_in(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let turn = guest_turn(event).filter(|turn| turn.signals.opt_in)?;
    if !situation.conversation.consent.opted_out() {
        return None;
    }
    let at = situation.now;
    let effect = Effect::silent(situation.conversation, "the guest asked to hear from the hotel again")
        .with(|conversation| conversation.consent = Consent::OptedIn { at })
        .send(template(situation, turn, Text::OptedIn));
    Some(Outcome::Do(Box::new(effect)))
}

/// A guest who asked for silence and writes all the same gets a person, not the bot.
pub fn opted_out(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let turn = guest_turn(event)?;
    if !situation.conversation.consent.opted_out() {
        return None;
    }
    let effect = Effect::silent(situation.conversation, "the guest asked for silence earlier");
    let needs_answer = turn.messages.iter().any(|message| message.needs_answer());
    Some(Outcome::Do(Box::new(if needs_answer { effect.waits(waiting_from(turn, situation.now)) } else { effect })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::testing::{World, decided, wrote};

    #[test]
    fn stop_is_confirmed_once_and_everything_planned_is_taken_back() {
        let world = World::new();

        let decision = decided(&world, &wrote("STOP", |signals| signals.opt_out = true));

        assert_eq!(decision.rule, "opt_out");
        assert!(decision.conversation.consent.opted_out());
        assert!(matches!(
            decision.actions.as_slice(),
            [Action::CancelPlanned, Action::CloseQuestions, Action::Send(_)]
        ));
    }

    #[test]
    fn after_stop_the_bot_is_silent_until_start() {
        let mut world = World::new();
        world.conversation.consent = Consent::OptedOut { at: world.now };

        let question = decided(&world, &wrote("When is breakfast?", |_| {}));
        let again = decided(&world, &wrote("STOP", |signals| signals.opt_out = true));
        let start = decided(&world, &wrote("START", |signals| signals.opt_in = true));

        assert_eq!((question.rule, question.actions), ("opted_out", vec![]));
        assert!(question.conversation.waiting_since.is_some(), "a person must look");
        assert_eq!((again.rule, again.actions), ("opt_out", vec![Action::CancelPlanned]));
        assert_eq!(start.rule, "opt_in");
        assert!(!start.conversation.consent.opted_out());
    }
}
