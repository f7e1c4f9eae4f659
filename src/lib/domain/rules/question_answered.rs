//! A guest answered a question: the answer is kept with all it causes, and what was said besides is read like any other
//! words. Plain code reads the answer; no model is needed for it.

use super::{
    Effect, Outcome, answer, guest_turn, handoff, language_for, said_lately, template, unsupported, waiting_from,
};
use crate::domain::asking::{Answered, Given, How, OpenQuestion, Voted, pick};
use crate::domain::conversation::{Consent, HandoffReason};
use crate::domain::decide::{Action, AlertDraft, Draft, Event, NextQuestion, Recorded, Situation};
use crate::domain::hotel::Text;
use crate::domain::ids::AnswerId;
use crate::domain::language::Language;
use crate::domain::message::Origin;
use crate::domain::trigger::{Answer, Kind, Severity};
use crate::domain::turn::{Turn, Understood};
use crate::domain::understanding::Topic;

/// Keeps the answer. Where a person leads that is all, and what it puts on the reservation; the bot is silent.
pub fn decide(situation: &Situation<'_>, event: &Event) -> Option<Outcome> {
    let turn = guest_turn(event)?;
    let given = situation.given?;
    let open = situation.questions.iter().find(|open| open.id == given.asked)?;
    let answer = given.answered.answer.as_ref().and_then(|id| open.asking.answer(id));
    let at = Answering { situation, turn, given, open, answer };
    let (effect, speaks) = match handoff::in_handoff(situation, event) {
        Some(Outcome::Do(effect)) => (*effect, false),
        _ => match besides(&at, event) {
            Outcome::AskModel => return Some(Outcome::AskModel),
            Outcome::Do(effect) => (*effect, true),
        },
    };
    let effect = match &open.voted {
        Some(before) => effect.because(changed(before, &given.answered)),
        None => effect,
    };
    if given.answered.is_withdrawn() {
        let effect = effect.act(Action::Record(recorded(&at)));
        return Some(Outcome::Do(Box::new(effect)));
    }
    let effect = consequences(&at, topic_of(event), effect.because(grounds(&at)));
    Some(Outcome::Do(Box::new(if speaks { words(&at, event, effect) } else { effect })))
}

/// A vote that changed, for whoever asks why.
fn changed(before: &Voted, now: &Answered) -> String {
    let name = |answer: &Option<AnswerId>, score: Option<i64>| match (answer, score) {
        (Some(answer), _) => format!("`{answer}`"),
        (None, Some(score)) => score.to_string(),
        (None, None) => "nothing".to_owned(),
    };
    let was = name(&before.answer, before.score);
    if now.is_withdrawn() {
        return format!("the vote {was} was taken back: the question is open again, and what it noted is gone");
    }
    let is = name(&now.answer, now.score);
    format!("the vote changed from {was} to {is}; what was sent or handed over before stands")
}

struct Answering<'a> {
    situation: &'a Situation<'a>,
    turn: &'a Turn,
    given: &'a Given,
    open: &'a OpenQuestion,
    answer: Option<&'a Answer>,
}

/// What the words besides the answer ask for; nothing, if there are none.
fn besides(at: &Answering<'_>, event: &Event) -> Outcome {
    if at.given.answered.rest.is_none() {
        return Outcome::Do(Box::new(Effect::silent(at.situation.conversation, "the guest answered a question").with(
            |conversation| {
                conversation.language = at.turn.signals.language.or(conversation.language);
            },
        )));
    }
    let rules = [
        handoff::asks_person,
        unsupported::decide,
        answer::ask_model,
        answer::ai_handoff,
        answer::answer,
        answer::ai_unavailable,
    ];
    let found = rules.iter().find_map(|rule| rule(at.situation, event));
    found.unwrap_or_else(|| Outcome::Do(Box::new(Effect::silent(at.situation.conversation, "nothing more was said"))))
}

fn grounds(at: &Answering<'_>) -> String {
    let Answered { answer, score, how, .. } = &at.given.answered;
    let what = match (answer, score) {
        (Some(answer), Some(score)) => format!("`{answer}` ({score})"),
        (Some(answer), None) => format!("`{answer}`"),
        (None, Some(score)) => score.to_string(),
        (None, None) => "words".to_owned(),
    };
    format!("question `{}` was answered: {what}, known by its {}", at.open.asking.question.id, how.as_str())
}

/// All that an answer causes and that is not said to the guest.
fn consequences(at: &Answering<'_>, topic: Option<Topic>, effect: Effect) -> Effect {
    let now = at.situation.now;
    let mut effect = effect.act(Action::Record(recorded(at)));
    if let Some(alert) = alert(at, topic) {
        let department = alert.department.as_deref().map(|who| format!(", for {who}")).unwrap_or_default();
        let reason = format!("alert: {}, {}{department}", alert.topic, alert.severity);
        effect = effect.act(Action::Alert(alert)).because(reason).waits(waiting_from(at.turn, now));
    }
    let Some(answer) = at.answer else { return effect };
    for who in &answer.notify {
        effect = effect.act(Action::Notify(who.clone())).because(format!("notify {who}"));
    }
    for tag in &answer.tag {
        effect = effect.because(format!("tag `{tag}`"));
    }
    for key in answer.set.keys() {
        effect = effect.because(format!("`custom.{key}` was set"));
    }
    if answer.handoff {
        effect = effect
            .hand_off(now, None, HandoffReason::Question)
            .waits(waiting_from(at.turn, now))
            .because("the answer hands over to a person");
    }
    if answer.stop {
        effect = effect
            .act(Action::CancelPlanned)
            .act(Action::CloseQuestions)
            .with(|conversation| conversation.consent = Consent::OptedOut { at: now })
            .because("the answer asks for silence");
    }
    effect
}

fn recorded(at: &Answering<'_>) -> Recorded {
    Recorded {
        given: at.given.clone(),
        sentiment: at.answer.and_then(|answer| answer.sentiment),
        tags: at.answer.map(|answer| answer.tag.clone()).unwrap_or_default(),
        fields: at.answer.map(|answer| answer.set.clone()).unwrap_or_default(),
        leads_to: at.answer.and_then(|answer| answer.then.clone()),
    }
}

/// The answer's own alert; else, after a "but", one about whatever the model heard.
fn alert(at: &Answering<'_>, topic: Option<Topic>) -> Option<AlertDraft> {
    if let Some(alert) = at.answer.and_then(|answer| answer.alert.as_ref()) {
        let department = alert.department.clone();
        return Some(AlertDraft { topic: alert.topic, severity: alert.severity, department, asked: at.open.id });
    }
    at.given.answered.rest.as_ref().filter(|rest| rest.but)?;
    let topic = topic.unwrap_or(Topic::Other);
    Some(AlertDraft { topic, severity: Severity::Medium, department: None, asked: at.open.id })
}

fn topic_of(event: &Event) -> Option<Topic> {
    match event {
        Event::GuestWrote { understood: Understood::As(understanding), .. } => understanding.topics.first().copied(),
        _ => None,
    }
}

/// What the guest hears: the answer's reply, unless there was more to say, and the next question.
fn words(at: &Answering<'_>, event: &Event, effect: Effect) -> Effect {
    let stops = at.answer.is_some_and(|answer| answer.stop);
    let effect = match reply(at, stops) {
        // Who goes to and fro between two answers is not told each time.
        Some(own) if at.open.voted.is_some() && said_lately(at.situation, &own.text) => effect,
        Some(own) if at.given.answered.rest.is_none() || says_nothing_new(at, event) => effect.hushed().send(own),
        Some(own) if stops => effect.hushed().send(own),
        _ => effect,
    };
    match next(at).filter(|_| !stops) {
        Some(next) => {
            effect.because(format!("asks `{}` next", next.asking.question.id)).act(Action::Ask(Box::new(next)))
        }
        None => effect,
    }
}

/// After free text the hotel's own sentence is better than the model's, unless the model had a fact to tell.
fn says_nothing_new(at: &Answering<'_>, event: &Event) -> bool {
    let told = match event {
        Event::GuestWrote { understood: Understood::As(understanding), .. } => !understanding.facts.is_empty(),
        _ => false,
    };
    at.open.asking.question.kind == Kind::Text && !told && !at.turn.signals.asks_person
}

fn reply(at: &Answering<'_>, stops: bool) -> Option<Draft> {
    let own = at.answer.and_then(|answer| pick(&answer.reply, &languages(at)));
    let Some(text) = own else { return stops.then(|| template(at.situation, at.turn, Text::OptedOut)) };
    Some(Draft { text: text.to_owned(), origin: Origin::Answer, quotes: quoted(at) })
}

/// A vote and a reaction cannot be quoted.
fn quoted(at: &Answering<'_>) -> Option<crate::domain::ids::ProviderMessageId> {
    let words = !matches!(at.given.answered.how, How::Vote | How::Reaction);
    at.turn.newest().filter(|_| words).map(|message| message.id.clone())
}

/// The next question. One for words is not asked when the guest has just given some.
fn next(at: &Answering<'_>) -> Option<NextQuestion> {
    let asking = at.open.asking.next(at.answer?.then.as_ref()?)?;
    if asking.question.kind == Kind::Text && at.given.answered.rest.is_some() {
        return None;
    }
    let languages = languages(at);
    let shown = asking.show(at.situation.hotel.whatsapp.answers_as, &languages)?;
    Some(NextQuestion { after: at.open.clone(), asking, shown, language: languages[0] })
}

/// In order of preference: what the guest writes in, what the question was asked in, the hotel's own.
fn languages(at: &Answering<'_>) -> Vec<Language> {
    preferred(at.situation, at.turn, at.open)
}

/// The same for whoever shows a question again.
pub(super) fn preferred(situation: &Situation<'_>, turn: &Turn, open: &OpenQuestion) -> Vec<Language> {
    let known = turn.signals.language.or(situation.conversation.language);
    let mut languages: Vec<Language> = known.into_iter().chain([open.language]).collect();
    languages.push(language_for(situation, turn));
    languages.extend(situation.hotel.languages.iter().copied());
    languages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::asking::{Asking, Rest};
    use crate::domain::conversation::Mode;
    use crate::domain::decide::{Verdict, decide};
    use crate::domain::ids::{AskedId, MessageId};
    use crate::domain::rules::testing::{World, decided, reading, sent, understood_as, wrote};
    use crate::domain::trigger::{AnswerAlert, Condition, Content, Other, Question, Variant};
    use jiff::SignedDuration;

    use std::time::Duration;
    use uuid::Uuid;

    fn question(id: &str, kind: Kind, answers: Vec<Answer>) -> Question {
        let text = [(Language::EN, format!("{id}?"))].into();
        Question {
            id: id.into(),
            content: Content { variants: vec![Variant { filter: Condition::everybody(), text }], media: None },
            kind,
            answers,
            other: Other::Classify,
            expires: Duration::from_secs(36 * 3600),
            remind: None,
        }
    }

    fn answer(edit: impl FnOnce(&mut Answer)) -> Answer {
        let mut answer = Answer {
            label: [(Language::EN, "Bad".to_owned())].into(),
            reply: [(Language::EN, "We are sorry.".to_owned())].into(),
            ..Answer::bare("bad")
        };
        edit(&mut answer);
        answer
    }

    /// A world in which the guest gave this answer to a question, with something besides.
    fn answered(answer: Answer, rest: Option<(&str, bool)>) -> World {
        let mut world = World::new();
        let next = [
            ("why".into(), question("why", Kind::Text, Vec::new())),
            ("more".into(), question("more", Kind::Nps, Vec::new())),
        ];
        let id = AskedId(Uuid::from_u128(7));
        world.given = Some(Given {
            asked: id,
            answered: Answered {
                answer: Some(answer.id.clone()),
                score: None,
                rest: rest.map(|(text, but)| Rest { text: text.to_owned(), but }),
                how: How::Number,
            },
            message: MessageId(Uuid::from_u128(8)),
        });
        world.questions.push(OpenQuestion {
            id,
            asking: Asking {
                question: question("room", Kind::Choice, vec![answer]),
                chain: next.into(),
                quiet_hours: None,
            },
            language: Language::EN,
            trigger: None,
            touchpoint: None,
            reservation: None,
            asked_at: world.now,
            expires_at: world.now + SignedDuration::from_hours(1),
            repeated: false,
            voted: None,
            messages: Vec::new(),
        });
        world
    }

    fn texts(actions: &[Action]) -> Vec<&str> {
        fn said(action: &Action) -> Option<&str> {
            match action {
                Action::Send(draft) => Some(draft.text.as_str()),
                Action::Ask(next) => Some(next.shown.text.as_str()),
                _ => None,
            }
        }
        actions.iter().filter_map(said).collect()
    }

    #[test]
    fn an_answer_is_kept_replied_to_and_followed_by_the_next_question() {
        let world = answered(answer(|answer| answer.then = Some("more".into())), None);

        let decision = decided(&world, &wrote("1", |_| {}));

        assert_eq!(decision.rule, "question_answered");
        assert!(matches!(decision.actions[0], Action::Record(_)));
        assert_eq!(texts(&decision.actions), ["We are sorry.", "more?\n\n0–10"]);
        assert_eq!(decision.conversation.waiting_since, None);
    }

    #[test]
    fn an_alert_waits_for_a_person_and_stands_in_the_journal() {
        let alert = AnswerAlert { topic: Topic::Room, severity: Severity::High, department: Some("front_desk".into()) };
        let world = answered(answer(|answer| answer.alert = Some(alert)), None);

        let decision = decided(&world, &wrote("1", |_| {}));

        assert!(decision.conversation.waiting_since.is_some());
        assert!(decision.reasons.contains(&"alert: room, high, for front_desk".to_owned()), "{:?}", decision.reasons);
    }

    #[test]
    fn what_was_said_besides_is_read_first_and_answered_instead_of_the_reply() {
        let world = answered(answer(|answer| answer.then = Some("why".into())), Some(("but the tap drips", true)));
        let Event::GuestWrote { turn, .. } = wrote("1 but the tap drips", |_| {}) else { unreachable!() };
        let unread = Event::GuestWrote { turn, understood: Understood::NotAsked };
        assert_eq!(decide(&world.situation(), &unread), Verdict::AskModel);

        let decision = decided(&world, &understood_as("1 but the tap drips", reading("A plumber comes.")));

        assert_eq!(texts(&decision.actions), ["A plumber comes."], "and the guest is not asked for words just given");
        assert!(decision.actions.iter().any(|action| matches!(action, Action::Alert(_))));
        assert!(decision.conversation.waiting_since.is_some());
    }

    #[test]
    fn with_the_model_down_the_answer_is_kept_all_the_same() {
        let world = answered(answer(|_| {}), Some(("when is breakfast", false)));

        let decision = decided(&world, &wrote("1. When is breakfast", |_| {}));

        assert!(decision.actions.iter().any(|action| matches!(action, Action::Record(_))));
        assert!(decision.conversation.waiting_since.is_some());
    }

    #[test]
    fn where_a_person_leads_the_answer_is_kept_and_nothing_is_said() {
        let mut world = answered(answer(|answer| answer.then = Some("more".into())), None);
        world.conversation.mode = Mode::Handoff { since: world.now, until: None, why: HandoffReason::StaffWrote };

        let decision = decided(&world, &wrote("1", |_| {}));

        assert!(matches!(decision.actions.as_slice(), [Action::Record(_)]));
    }

    #[test]
    fn stop_and_handoff_do_what_they_say() {
        let stop = decided(&answered(answer(|answer| answer.stop = true), None), &wrote("1", |_| {}));
        let person = decided(&answered(answer(|answer| answer.handoff = true), None), &wrote("1", |_| {}));

        assert!(stop.conversation.consent.opted_out());
        assert!(stop.actions.contains(&Action::CancelPlanned) && stop.actions.contains(&Action::CloseQuestions));
        assert!(matches!(person.conversation.mode, Mode::Handoff { why: HandoffReason::Question, until: None, .. }));
        assert_eq!(texts(&person.actions), ["We are sorry."]);
    }

    #[test]
    fn a_vote_is_an_answer_though_votes_need_none_and_is_not_quoted() {
        let mut world = answered(answer(|_| {}), None);
        world.given.as_mut().expect("given").answered.how = How::Vote;
        let vote = crate::domain::received::Body::PollVote { poll: None, options: vec!["Bad".into()] };

        let decision = decided(&world, &sent(vote));

        assert_eq!(decision.rule, "question_answered");
        assert!(matches!(&decision.actions[1], Action::Send(draft) if draft.quotes.is_none()));
    }
}
