//! Reactions, edits, votes and deletions are kept and shown; answering them would be noise.

use super::{Effect, Outcome, guest_turn};
use crate::domain::decide::{Event, Situation};

/// Nothing in the turn asks for an answer.
pub fn decide(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let turn = guest_turn(event)?;
    if turn.messages.iter().any(|message| message.needs_answer()) {
        return None;
    }
    Some(Outcome::Do(Box::new(Effect::silent(situation.conversation, "a reaction, an edit, a vote or a deletion"))))
}

#[cfg(test)]
mod tests {
    use crate::domain::received::Body;
    use crate::domain::rules::testing::{World, decided, sent};

    #[test]
    fn an_edit_and_a_reaction_are_never_answered() {
        let world = World::new();
        for body in [
            Body::Edited { original: None, text: "Is there a pool?".into() },
            Body::Reaction { to: None, emoji: "👍".into() },
            Body::Deleted { original: None },
        ] {
            let decision = decided(&world, &sent(body));
            assert_eq!((decision.rule, decision.actions), ("nothing_to_answer", vec![]));
        }
    }
}
