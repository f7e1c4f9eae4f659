//! Asking only happy guests for a public review: review sites forbid the choosing, and it makes every review worth less.

use super::Look;
use super::answers::questions;
use crate::config::fields::Collector;
use crate::config::yaml::Span;
use crate::domain::ids::QuestionId;
use crate::domain::trigger::{
    Anchor, Answer, Condition, Field, Order, Question, Says, Test, Texts, Trigger, TriggerSet, Value,
};
use crate::domain::understanding::Sentiment;

const MESSAGE: &str = "only happy guests would be asked for a public review";
const FIX: &str = "ask every guest: review sites forbid choosing, and remove what was collected so";

/// Looks at every text that leads to a review.
pub(super) fn run(look: Look<'_>, c: &mut Collector<'_>) {
    for trigger in look.set.triggers.values() {
        of_trigger(look, trigger, c);
    }
    for (path, question) in questions(look) {
        for answer in &question.answers {
            let at = |field: &str| look.span(&[path.as_slice(), &["answers", answer.id.as_str(), field]].concat());
            if !is_happy(answer, question) || invites_others(look.set, question, answer) {
                continue;
            }
            if invites(&answer.reply) {
                c.error::<()>(at("reply"), MESSAGE, FIX);
            } else if leads_to_invitation(look.set, answer) {
                c.error::<()>(at("then"), MESSAGE, FIX);
            }
        }
    }
}

fn of_trigger(look: Look<'_>, trigger: &Trigger, c: &mut Collector<'_>) {
    let id = trigger.id.as_str();
    let variants = &trigger.says.content().variants;
    let inviting = variants.iter().filter(|variant| invites(&variant.text)).count();
    if inviting == 0 {
        return;
    }
    let by_anchor = match &trigger.when.anchor {
        Anchor::Sentiment { is } => *is == Sentiment::Positive,
        Anchor::Answer { of, is: Some(is) } => look
            .set
            .question(of)
            .is_some_and(|question| question.answers.iter().any(|one| one.id == *is && is_happy(one, question))),
        _ => false,
    };
    let span: Option<Span> = if by_anchor {
        Some(look.span(&["triggers", id, "when", "is"]))
    } else if chooses_happy(&trigger.filter, false, look.set) {
        Some(look.span(&["triggers", id, "where"]))
    } else {
        let section = if matches!(trigger.says, Says::Ask(_)) { "ask" } else { "send" };
        // The others get a text without the invitation.
        let chosen = |variant: &&crate::domain::trigger::Variant| {
            invites(&variant.text) && chooses_happy(&variant.filter, false, look.set)
        };
        let at = variants.iter().position(|variant| chosen(&variant)).filter(|_| inviting < variants.len());
        at.map(|at| look.span(&["triggers", id, section, "variants", &at.to_string(), "where"]))
    };
    if let Some(span) = span {
        c.error::<()>(span, MESSAGE, FIX);
    }
}

/// Names and addresses by which a public review is known.
const SITES: &[&str] = &[
    "g.page",
    "google.com/maps",
    "maps.google",
    "goo.gl/maps",
    "maps.app.goo.gl",
    "search.google.com/local",
    "tripadvisor",
    "yelp.",
    "holidaycheck",
    "trustpilot",
    "otzovik",
    "2gis",
    "yandex.ru/maps",
    "yandex.com/maps",
    "booking.com/review",
];

/// Whether a text leads to a public review.
fn invites(texts: &Texts) -> bool {
    texts.values().any(|text| {
        let lower = text.to_lowercase();
        let link = lower.match_indices("links.").any(|(at, _)| {
            let name: String =
                lower[at + 6..].chars().take_while(|c| c.is_alphanumeric() || "_-".contains(*c)).collect();
            ["review", "google", "tripadvisor", "yelp", "otzyv", "feedback_public"]
                .iter()
                .any(|word| name.contains(word))
        });
        link || SITES.iter().any(|site| lower.contains(site))
    })
}

/// Whether an answer is one of a content guest.
fn is_happy(answer: &Answer, question: &Question) -> bool {
    if answer.sentiment == Some(Sentiment::Positive) {
        return true;
    }
    let middle = question.kind.range().map_or(3, |(low, high)| low + (high - low) / 2);
    let lowest = answer.range.map(|(low, _)| low).or(answer.score);
    lowest.is_some_and(|lowest| lowest > middle)
}

/// Whether those who are not happy are invited as well.
fn invites_others(set: &TriggerSet, question: &Question, happy: &Answer) -> bool {
    let mut others =
        question.answers.iter().filter(|other| other.id != happy.id && !is_happy(other, question)).peekable();
    let leads = |other: &Answer| invites(&other.reply) || leads_to_invitation(set, other);
    others.peek().is_some() && others.all(leads)
}

fn leads_to_invitation(set: &TriggerSet, answer: &Answer) -> bool {
    let asked = |id: &QuestionId| {
        set.question(id).is_some_and(|next| next.content.variants.iter().any(|one| invites(&one.text)))
    };
    answer.then.as_ref().is_some_and(asked)
}

/// Whether a condition keeps unhappy guests away.
fn chooses_happy(condition: &Condition, is_denied: bool, set: &TriggerSet) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(|part| chooses_happy(part, is_denied, set)),
        Condition::None(parts) => parts.iter().any(|part| chooses_happy(part, !is_denied, set)),
        Condition::Is { field: Field::Score, test } => is_high(test, is_denied),
        Condition::Is { field: Field::LastSentiment | Field::WorstSentimentInStay, test } => {
            let names = |word: &str| values(test).iter().any(|value| *value == Value::Word(word.into()));
            match (test, is_denied) {
                (Test::Differs(_), false) | (Test::Equals(_) | Test::OneOf(_), true) => {
                    names("negative") || names("requires_attention")
                }
                (Test::Equals(_) | Test::OneOf(_), false) => !names("negative") && !names("requires_attention"),
                _ => false,
            }
        }
        Condition::Is { field: Field::Answered(id), test } => set.question(id).is_some_and(|question| {
            let answers =
                question.answers.iter().filter(|answer| values(test).contains(&Value::Word(answer.id.to_string())));
            let is_sad =
                |answer: &Answer| matches!(answer.sentiment, Some(Sentiment::Negative | Sentiment::RequiresAttention));
            let mut answers = answers.peekable();
            if answers.peek().is_none() {
                return question.kind.range().is_some() && is_high(test, is_denied);
            }
            if is_denied { answers.any(is_sad) } else { answers.all(|answer| is_happy(answer, question)) }
        }),
        Condition::Is { .. } => false,
    }
}

fn values(test: &Test) -> Vec<Value> {
    match test {
        Test::Equals(value) | Test::Differs(value) => vec![value.clone()],
        Test::OneOf(values) => values.clone(),
        _ => Vec::new(),
    }
}

/// Whether only good marks pass: from 3 of 5 on.
fn is_high(test: &Test, is_denied: bool) -> bool {
    match (test, is_denied) {
        (Test::Compare(Order::More | Order::AtLeast, _), false) => true,
        (Test::Compare(Order::Less | Order::AtMost, _), true) => true,
        (Test::Between(low, _), false) => *low >= 3.0,
        (Test::Equals(_) | Test::OneOf(_), false) => {
            values(test).iter().all(|value| matches!(value, Value::Number(n) if *n >= 3.0))
        }
        _ => false,
    }
}
