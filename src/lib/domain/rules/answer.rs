//! The model proposes; these rules dispose.

use super::{Effect, Outcome, language_for, said_lately, template, waiting_from};
use crate::domain::conversation::{HandoffReason, Mode};
use crate::domain::decide::{Draft, Event, Situation};
use crate::domain::hotel::Text;
use crate::domain::message::Origin;
use crate::domain::turn::{Turn, Understood};
use crate::domain::understanding::{AttentionReason, Sentiment, Understanding};
use jiff::Timestamp;

/// Every rule that needs no model has passed.
pub fn ask_model(_: &Situation<'_>, event: &Event) -> Option<Outcome> {
    match event {
        Event::GuestWrote { understood: Understood::NotAsked, .. } => Some(Outcome::AskModel),
        _ => None,
    }
}

/// The model says that a person must answer. Its sentence to the guest is used if it wrote one.
pub fn ai_handoff(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let (turn, understanding) = understood(event)?;
    if !understanding.handoff {
        return None;
    }
    let why = if understanding.attention == Some(AttentionReason::RequestHuman) {
        HandoffReason::AskedForPerson
    } else {
        HandoffReason::AiHandoff
    };
    let until = match why {
        HandoffReason::AskedForPerson => None,
        _ => handoff_until(situation),
    };
    let draft = match &understanding.reply {
        Some(reply) => reply_draft(turn, reply),
        None => template(situation, turn, Text::Handoff),
    };
    let effect = Effect::silent(situation.conversation, "the model asks for a person")
        .hand_off(situation.now, until, why)
        .waits(waiting_from(turn, situation.now))
        .with(|conversation| remember_language(conversation, turn));
    Some(Outcome::Do(Box::new(if said_lately(situation, &draft.text) { effect } else { effect.send(draft) })))
}

/// The model's answer goes to the guest.
pub fn answer(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let (turn, understanding) = understood(event)?;
    let reply = understanding.reply.as_deref()?;
    let mut effect = Effect::silent(situation.conversation, grounds(understanding))
        .with(|conversation| remember_language(conversation, turn))
        .send(reply_draft(turn, reply));
    if understanding.sentiment == Sentiment::RequiresAttention {
        effect = effect.waits(waiting_from(turn, situation.now)).because("a person must look");
    }
    Some(Outcome::Do(Box::new(effect)))
}

/// The last rule: the guest is not ignored. The hotel's own text, and a person.
pub fn ai_unavailable(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let Event::GuestWrote { turn, understood } = event else {
        return Some(Outcome::Do(Box::new(Effect::silent(situation.conversation, "nothing to answer"))));
    };
    let reason = match understood {
        Understood::Not(why) => format!("the model gave no answer: {}", why.as_str()),
        _ => "the model gave no text".to_owned(),
    };
    let effect = Effect::silent(situation.conversation, reason)
        .hand_off(situation.now, handoff_until(situation), HandoffReason::AiUnavailable)
        .waits(waiting_from(turn, situation.now))
        .with(|conversation| remember_language(conversation, turn));
    let draft = template(situation, turn, Text::Unavailable);
    Some(Outcome::Do(Box::new(if said_lately(situation, &draft.text) { effect } else { effect.send(draft) })))
}

fn understood(event: &Event) -> Option<(&Turn, &Understanding)> {
    match event {
        Event::GuestWrote { turn, understood: Understood::As(understanding) } => Some((turn, understanding)),
        _ => None,
    }
}

fn reply_draft(turn: &Turn, reply: &str) -> Draft {
    Draft { text: reply.to_owned(), origin: Origin::Reply, quotes: turn.newest().map(|m| m.id.clone()) }
}

fn grounds(understanding: &Understanding) -> String {
    if understanding.facts.is_empty() {
        return "the model answered without naming a fact".to_owned();
    }
    let ids: Vec<&str> = understanding.facts.iter().map(|fact| fact.as_str()).collect();
    format!("the model answered from {}", ids.join(", "))
}

/// A person who already leads keeps their time; otherwise as long as after a person's own words.
fn handoff_until(situation: &Situation<'_>) -> Option<Timestamp> {
    match situation.conversation.mode {
        Mode::Handoff { until: None, .. } => None,
        _ => situation.now.checked_add(situation.hotel.conversation.handoff_after_staff_reply).ok(),
    }
}

fn remember_language(conversation: &mut crate::domain::conversation::Conversation, turn: &Turn) {
    if let Some(language) = turn.signals.language {
        conversation.language = Some(language);
    }
}

/// The language an answer must have, for the directive to the model.
pub fn wanted_language(situation: &Situation<'_>, turn: &Turn) -> crate::domain::language::Language {
    language_for(situation, turn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decide::{Action, Verdict, decide};
    use crate::domain::rules::testing::{World, decided, reading, understood_as, wrote};
    use crate::domain::understanding::WhyNot;

    #[test]
    fn a_plain_question_needs_the_model() {
        let world = World::new();
        let Event::GuestWrote { turn, .. } = wrote("When is breakfast?", |_| {}) else { unreachable!() };

        let verdict = decide(&world.situation(), &Event::GuestWrote { turn, understood: Understood::NotAsked });

        assert_eq!(verdict, Verdict::AskModel);
    }

    #[test]
    fn the_answer_quotes_the_newest_message_of_the_turn() {
        let world = World::new();

        let decision = decided(&world, &understood_as("When is breakfast?", reading("From 7 to 10.")));

        assert_eq!(decision.rule, "answer");
        let [Action::Send(draft)] = decision.actions.as_slice() else { panic!("{:?}", decision.actions) };
        assert_eq!(draft.text, "From 7 to 10.");
        assert_eq!(draft.quotes.as_ref().map(|id| id.as_str()), Some("M1"));
    }

    #[test]
    fn a_model_that_is_down_means_the_hotels_text_and_a_person_never_silence() {
        let world = World::new();
        let Event::GuestWrote { turn, .. } = wrote("When is breakfast?", |_| {}) else { unreachable!() };

        let decision = decided(&world, &Event::GuestWrote { turn, understood: Understood::Not(WhyNot::TimedOut) });

        assert_eq!(decision.rule, "ai_unavailable");
        assert!(matches!(decision.actions.as_slice(), [Action::Send(draft)] if draft.origin == Origin::Template));
        assert!(decision.conversation.waiting_since.is_some());
    }

    #[test]
    fn a_handoff_by_the_model_does_not_silence_the_bot_about_other_things() {
        let mut world = World::new();
        let mut unknown = reading("I will ask my colleagues.");
        unknown.handoff = true;
        let first = decided(&world, &understood_as("Can you book a helicopter?", unknown));
        assert_eq!(first.rule, "ai_handoff");
        world.conversation = first.conversation;

        let second = decided(&world, &understood_as("When is breakfast?", reading("From 7 to 10.")));

        assert_eq!(second.rule, "answer");
        assert!(second.conversation.waiting_since.is_some(), "the first question still waits");
    }

    #[test]
    fn attention_is_answered_and_waits_for_a_person() {
        let world = World::new();
        let mut unhappy = reading("I am sorry.");
        unhappy.sentiment = Sentiment::RequiresAttention;

        let decision = decided(&world, &understood_as("There is a leak", unhappy));

        assert_eq!(decision.rule, "answer");
        assert!(decision.conversation.waiting_since.is_some());
    }
}
