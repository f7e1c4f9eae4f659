//! Words beside an open question that do not answer it: what the question says about them.

use super::question_answered::preferred;
use super::{Effect, Outcome, answer, guest_turn, said_lately, template, waiting_from};
use crate::domain::asking::OpenQuestion;
use crate::domain::conversation::HandoffReason;
use crate::domain::decide::{Action, Event, Repetition, Situation};
use crate::domain::hotel::Text;
use crate::domain::trigger::Other;
use crate::domain::turn::{Turn, Understood};
use crate::domain::understanding::Sentiment;

/// `classify` is no business of this rule: the words are read like any others, and the question stays open.
pub fn decide(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let turn = guest_turn(event)?;
    let open = situation.questions.iter().find(|open| open.voted.is_none() && open.expires_at > situation.now)?;
    match open.asking.question.other {
        Other::Classify => None,
        Other::Handoff => Some(Outcome::Do(Box::new(hand_off(situation, turn)))),
        Other::Repeat => repeat(situation, event, (turn, open)),
    }
}

fn hand_off(situation: &Situation<'_>, turn: &Turn) -> Effect {
    let effect = Effect::silent(situation.conversation, "words beside a question that wants a person for them")
        .hand_off(situation.now, None, HandoffReason::Question)
        .waits(waiting_from(turn, situation.now));
    let draft = template(situation, turn, Text::Handoff);
    if said_lately(situation, &draft.text) { effect } else { effect.send(draft) }
}

/// The words are read and answered like any others, and then the question is shown once more: never to a guest who
/// complains, and never twice.
fn repeat(situation: &Situation<'_>, event: &Event, (turn, open): (&Turn, &OpenQuestion)) -> Option<Outcome> {
    let Event::GuestWrote { understood: Understood::As(understanding), .. } = event else { return None };
    let content = matches!(understanding.sentiment, Sentiment::Positive | Sentiment::Neutral);
    if open.repeated || understanding.handoff || !content {
        return None;
    }
    let shown = open.asking.show(situation.hotel.whatsapp.answers_as, &preferred(situation, turn, open))?;
    let Outcome::Do(effect) = answer::answer(situation, event)? else { return None };
    let repetition = Box::new(Repetition { asked: open.id, shown });
    let reason = format!("question `{}` is shown once more", open.asking.question.id);
    Some(Outcome::Do(Box::new(effect.act(Action::Repeat(repetition)).because(reason))))
}
