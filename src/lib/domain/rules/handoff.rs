//! Bot to person: while a person leads, the bot is silent; a guest who asks for a person gets one.

use super::{Effect, Outcome, guest_turn, said_lately, template, waiting_from};
use crate::domain::conversation::{HandoffReason, Mode};
use crate::domain::decide::{Event, Situation};
use crate::domain::hotel::Text;

/// A person leads. A handoff that only the model asked for does not silence the bot about other things the
/// hotel's facts do answer: no person has spoken yet.
pub fn in_handoff(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let turn = guest_turn(event)?;
    let Mode::Handoff { why, .. } = situation.conversation.mode else { return None };
    let by_model = matches!(why, HandoffReason::AiHandoff | HandoffReason::AiUnavailable);
    if by_model || !situation.conversation.mode.is_handoff(situation.now) {
        return None;
    }
    let effect = Effect::silent(situation.conversation, format!("a person leads: {why}"))
        .waits(waiting_from(turn, situation.now));
    Some(Outcome::Do(Box::new(effect)))
}

/// In plain words, so that it works without the model.
pub fn asks_person(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let turn = guest_turn(event).filter(|turn| turn.signals.asks_person)?;
    let effect = Effect::silent(situation.conversation, "the guest asks for a person")
        .hand_off(situation.now, None, HandoffReason::AskedForPerson)
        .waits(waiting_from(turn, situation.now));
    let draft = template(situation, turn, Text::Handoff);
    Some(Outcome::Do(Box::new(if said_lately(situation, &draft.text) { effect } else { effect.send(draft) })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decide::Action;
    use crate::domain::rules::testing::{World, decided, wrote};
    use jiff::SignedDuration;

    fn handoff(world: &World, minutes: i64, why: HandoffReason) -> Mode {
        Mode::Handoff { since: world.now, until: Some(world.now + SignedDuration::from_mins(minutes)), why }
    }

    #[test]
    fn while_a_person_leads_the_bot_is_silent_and_the_guest_waits() {
        let mut world = World::new();
        world.conversation.mode = handoff(&world, 5, HandoffReason::StaffWrote);

        let decision = decided(&world, &wrote("thanks", |_| {}));

        assert_eq!((decision.rule, decision.actions), ("handoff", vec![]));
        assert!(decision.conversation.waiting_since.is_some());
    }

    #[test]
    fn the_bot_comes_back_when_the_time_is_over() {
        let mut world = World::new();
        world.conversation.mode = handoff(&world, -1, HandoffReason::StaffWrote);

        assert_ne!(decided(&world, &wrote("thanks", |_| {})).rule, "handoff");
    }

    #[test]
    fn asking_for_a_person_hands_over_until_somebody_hands_back() {
        let world = World::new();

        let decision = decided(&world, &wrote("I want a human", |signals| signals.asks_person = true));

        assert_eq!(decision.rule, "asks_person");
        assert!(matches!(decision.actions.as_slice(), [Action::Send(_)]));
        assert!(matches!(decision.conversation.mode, Mode::Handoff { until: None, .. }));
    }
}
