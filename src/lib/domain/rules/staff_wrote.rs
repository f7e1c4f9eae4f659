//! A person wrote: the bot steps back, at once and for a while that each further word of a person starts anew.

use super::{Effect, Outcome};
use crate::domain::conversation::HandoffReason;
use crate::domain::decide::{Event, Situation};

/// Never answer over a human.
pub fn decide(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    if *event != Event::StaffWrote {
        return None;
    }
    let quiet = situation.hotel.conversation.handoff_after_staff_reply;
    let until = situation.now.checked_add(quiet).ok();
    let effect = Effect::silent(situation.conversation, "a person wrote")
        .hand_off(situation.now, until, HandoffReason::StaffWrote)
        .with(|conversation| conversation.waiting_since = None)
        .cancel_planned();
    Some(Outcome::Do(Box::new(effect)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::conversation::Mode;
    use crate::domain::decide::Action;
    use crate::domain::rules::testing::{World, decided};

    #[test]
    fn a_person_silences_the_bot_for_the_hotels_time_and_takes_back_what_was_planned() {
        let world = World::new();

        let decision = decided(&world, &Event::StaffWrote);

        assert_eq!(decision.rule, "staff_wrote");
        assert_eq!(decision.actions, vec![Action::CancelPlanned]);
        let until = world.now.checked_add(world.hotel.conversation.handoff_after_staff_reply).ok();
        assert_eq!(
            decision.conversation.mode,
            Mode::Handoff { since: world.now, until, why: HandoffReason::StaffWrote }
        );
    }
}
