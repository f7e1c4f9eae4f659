//! Two machines must not talk to each other: a guest who repeats themselves, or a chat that got too many
//! answers in too little time, goes to a person.

use super::{Effect, Outcome, guest_turn, waiting_from};
use crate::domain::conversation::HandoffReason;
use crate::domain::decide::{Event, Situation};
use crate::domain::message::Author;
use jiff::SignedDuration;

/// The same words three times within ten minutes (faults W30).
const SAME_WORDS: usize = 3;
/// Answers of the bot within a minute. With the usual four seconds of quiet before an answer no person gets near
/// it; a machine that answers at once does.
const ANSWERS_A_MINUTE: usize = 15;

/// Mutes the bot in this chat.
pub fn decide(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let turn = guest_turn(event)?;
    let reason = if repeats(situation, &turn.words()) {
        "the same words three times in ten minutes"
    } else if answered_too_often(situation) {
        "fifteen answers within a minute"
    } else {
        return None;
    };
    let effect = Effect::silent(situation.conversation, reason)
        .hand_off(situation.now, None, HandoffReason::Loop)
        .waits(waiting_from(turn, situation.now));
    Some(Outcome::Do(Box::new(effect)))
}

fn repeats(situation: &Situation<'_>, words: &str) -> bool {
    let since = situation.now - SignedDuration::from_mins(10);
    let key = fold(words);
    let earlier = situation.recent.iter().filter(|m| m.author == Author::Guest && m.at >= since);
    let in_turn =
        words.lines().filter(|line| !key.is_empty() && fold(line) == fold(words.lines().next().unwrap_or(""))).count();
    !key.is_empty() && (in_turn >= SAME_WORDS || earlier.filter(|m| fold(&m.text) == key).count() + 1 >= SAME_WORDS)
}

fn answered_too_often(situation: &Situation<'_>) -> bool {
    let since = situation.now - SignedDuration::from_mins(1);
    situation.recent.iter().filter(|m| m.author == Author::Bot && m.at >= since).count() >= ANSWERS_A_MINUTE
}

/// Letters and digits only: an auto-reply with a changing time stamp is not caught by this, one with changing
/// punctuation is.
fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::conversation::Mode;
    use crate::domain::rules::testing::{World, decided, wrote};

    #[test]
    fn the_third_equal_message_mutes_the_bot_and_calls_a_person() {
        let mut world = World::new();
        world.guest_said("We are closed. Call tomorrow!");
        world.guest_said("we are closed, call tomorrow");

        let decision = decided(&world, &wrote("We are closed. Call tomorrow.", |_| {}));

        assert_eq!((decision.rule, decision.actions), ("loop_guard", vec![]));
        assert!(matches!(decision.conversation.mode, Mode::Handoff { why: HandoffReason::Loop, .. }));
        assert!(decision.conversation.waiting_since.is_some());
    }

    #[test]
    fn fifteen_answers_in_a_minute_are_enough() {
        let mut world = World::new();
        for number in 0..15 {
            world.bot_said(&format!("answer {number}"));
        }

        let decision = decided(&world, &wrote("and now?", |_| {}));

        assert_eq!(decision.rule, "loop_guard");
    }

    #[test]
    fn a_person_who_leads_keeps_their_time_however_often_the_guest_repeats() {
        let mut world = World::new();
        let until = Some(world.now + SignedDuration::from_mins(5));
        let led = Mode::Handoff { since: world.now, until, why: HandoffReason::StaffWrote };
        world.conversation.mode = led;
        world.guest_said("thanks");
        world.guest_said("thanks");

        let decision = decided(&world, &wrote("thanks", |_| {}));

        assert_eq!((decision.rule, decision.conversation.mode), ("handoff", led));
    }

    #[test]
    fn asking_twice_is_human() {
        let mut world = World::new();
        world.guest_said("Breakfast?");

        let decision = decided(&world, &wrote("Breakfast?", |_| {}));

        assert_ne!(decision.rule, "loop_guard");
    }
}
