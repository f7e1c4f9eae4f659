//! Content without words: voice, stickers, pictures. The bot says so, and a person looks.

use super::{Effect, Outcome, guest_turn, said_lately, template, waiting_from};
use crate::domain::decide::{Event, Situation};
use crate::domain::hotel::Text;
use crate::domain::received::Body;

/// There is nothing to read in the turn. A sticker alone needs nobody; a voice message or picture may hold a complaint.
pub fn decide(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let turn = guest_turn(event)?;
    if !turn.words().trim().is_empty() {
        return None;
    }
    let undecrypted = turn.messages.iter().any(|message| message.body == Body::Undecrypted);
    let which = if undecrypted { Text::PleaseRepeat } else { Text::Unsupported };
    let mut effect = Effect::silent(situation.conversation, "there are no words to read");
    let only_stickers = turn.messages.iter().all(|message| message.body == Body::Sticker);
    if !only_stickers && !undecrypted {
        effect = effect.waits(waiting_from(turn, situation.now));
    }
    let draft = template(situation, turn, which);
    Some(Outcome::Do(Box::new(if said_lately(situation, &draft.text) { effect } else { effect.send(draft) })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decide::Action;
    use crate::domain::received::MediaKind;
    use crate::domain::rules::testing::{World, decided, sent};

    #[test]
    fn a_voice_message_is_answered_honestly_and_waits_for_a_person() {
        let world = World::new();

        let decision = decided(&world, &sent(Body::Media { kind: MediaKind::Audio, caption: None }));

        assert_eq!(decision.rule, "unsupported");
        assert!(matches!(decision.actions.as_slice(), [Action::Send(_)]));
        assert!(decision.conversation.waiting_since.is_some());
    }

    #[test]
    fn the_same_text_is_not_said_twice_in_a_row() {
        let mut world = World::new();
        let text = crate::domain::texts::text(&world.hotel, Text::Unsupported, world.hotel.fallback_language());
        world.bot_said(&text);

        let decision = decided(&world, &sent(Body::Sticker));

        assert_eq!((decision.rule, decision.actions), ("unsupported", vec![]));
    }
}
