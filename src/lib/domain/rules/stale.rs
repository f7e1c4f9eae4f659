//! A message that reached us late is not answered as if it were fresh (faults I13).

use super::{Effect, Outcome, guest_turn, said_lately, template, waiting_from};
use crate::domain::decide::{Event, Situation};
use crate::domain::hotel::Text;

/// Every message of the turn is old: the hotel's text for that, and a person.
pub fn decide(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let turn = guest_turn(event)?;
    let limit = situation.hotel.conversation.reply_within;
    let fresh_after = situation.now.checked_sub(limit).ok()?;
    if turn.messages.iter().any(|message| message.written_at >= fresh_after) {
        return None;
    }
    let effect = Effect::silent(situation.conversation, "the message is older than the hotel's `reply_within`")
        .waits(waiting_from(turn, situation.now));
    let draft = template(situation, turn, Text::Late);
    Some(Outcome::Do(Box::new(if said_lately(situation, &draft.text) { effect } else { effect.send(draft) })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decide::Action;
    use crate::domain::rules::testing::{World, decided, wrote};
    use jiff::SignedDuration;

    #[test]
    fn an_hour_old_message_gets_the_late_text_and_a_person() {
        let world = World::new();
        let mut event = wrote("Is the restaurant open now?", |_| {});
        if let Event::GuestWrote { turn, .. } = &mut event {
            turn.messages[0].written_at = world.now - SignedDuration::from_hours(1);
        }

        let decision = decided(&world, &event);

        assert_eq!(decision.rule, "stale");
        assert!(matches!(decision.actions.as_slice(), [Action::Send(_)]));
        assert!(decision.conversation.waiting_since.is_some());
    }
}
