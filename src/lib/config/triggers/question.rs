//! A question: the words, the answers, how long it stays open.

use super::super::durations::{HOUR, MINUTE};
use super::super::fields::{Collector, Fields, choice, no_twins, word};
use super::super::yaml::{Kind, Node};
use super::answer::{answer, small_range};
use super::content::content;
use super::when::{span_of_time, words};
use crate::domain::ids::QuestionId;
use crate::domain::trigger::{Answer, Kind as Asks, Other, Question};
use std::time::Duration;

/// The fields of a question.
pub(super) const FIELDS: &[&str] =
    &["text", "variants", "media", "kind", "range", "answers", "other", "expires", "remind"];
/// The fields of `remind`.
pub(super) const REMIND: &[&str] = &["after", "times"];
/// The words for kinds.
pub(super) const KINDS: &[&str] = &["choice", "scale", "nps", "yes_no", "text"];

/// A question is open so long unless it says otherwise.
const EXPIRES: Duration = Duration::from_secs(36 * 3600);

/// Reads one.
pub(super) fn question(node: &Node, c: &mut Collector<'_>, id: &str) -> Option<Question> {
    let fields = c.fields(node, "the question", FIELDS)?;
    let content = content(&fields, c);
    let kind = kind(&fields, c);
    let answers = kind.and_then(|kind| answers(&fields, c, kind));
    let other = fields.optional("other", c, |n, c| choice(n, c, &words(Other::ALL, |other| other.as_str())));
    let expires = fields.optional("expires", c, |n, c| span_of_time(n, c, MINUTE * 10)).unwrap_or(EXPIRES);
    let remind = fields.optional("remind", c, remind).flatten();
    if remind.is_some_and(|after| after >= expires) {
        let fix = "remind earlier, or let the question `expire` later";
        c.error::<()>(fields.span("remind"), "the reminder would come when the question is closed", fix);
    }
    Some(Question {
        id: QuestionId(id.to_owned()),
        content: content?,
        kind: kind?,
        answers: answers?,
        other: other.unwrap_or(Other::Classify),
        expires,
        remind,
    })
}

fn kind(fields: &Fields<'_>, c: &mut Collector<'_>) -> Option<Asks> {
    let known: Vec<(&str, &str)> = KINDS.iter().map(|kind| (*kind, *kind)).collect();
    let kind = match fields.get("kind") {
        Some(node) => choice(node, c, &known)?,
        None if fields.get("range").is_some() => "scale",
        None => "choice",
    };
    if kind != "scale" && fields.get("range").is_some() {
        return c.error(
            fields.span("range"),
            format!("`{kind}` has no range"),
            "write `kind: scale`, or delete `range`",
        );
    }
    Some(match kind {
        "scale" => {
            let (low, high) = match fields.get("range") {
                Some(range) => small_range(range, c)?,
                None => (1, 5),
            };
            if low == high {
                return c.error(fields.span("range"), "a scale of one number", "write `range: [1, 5]`");
            }
            Asks::Scale(low, high)
        }
        "nps" => Asks::Nps,
        "yes_no" => Asks::YesNo,
        "text" => Asks::Text,
        _ => Asks::Choice,
    })
}

fn answers(fields: &Fields<'_>, c: &mut Collector<'_>, kind: Asks) -> Option<Vec<Answer>> {
    let node = fields.get("answers");
    let items: &[Node] = match node.map(|node| (&node.kind, node.span)) {
        None | Some((Kind::Empty, _)) => &[],
        Some((Kind::List(items), _)) => items,
        Some((_, span)) => {
            return c.error(span, "a list is expected here", "write `- { id: fine, label: {…} }`, one a line");
        }
    };
    if kind == Asks::Choice && items.is_empty() {
        let fix = "add `answers:`, or write `kind: text`";
        return c.error(node.map_or(fields.span("text"), |node| node.span), "a choice of nothing", fix);
    }
    if kind == Asks::Text && !items.is_empty() {
        let span = fields.span("answers");
        return c.error(
            span,
            "any text is an answer here, so none of these is ever met",
            "write `kind: choice`, or delete them",
        );
    }
    let read: Vec<Option<Answer>> = items.iter().map(|item| answer(item, c, kind)).collect();
    no_twins(c, "answer", items.iter().filter_map(super::answer::id));
    let mut answers = read.into_iter().collect::<Option<Vec<Answer>>>()?;
    if kind == Asks::YesNo {
        complete(&mut answers);
    }
    Some(answers)
}

/// Yes and no are answers even if nothing follows from them.
fn complete(answers: &mut Vec<Answer>) {
    for (at, id) in ["yes", "no"].into_iter().enumerate() {
        if !answers.iter().any(|answer| answer.id.as_str() == id) {
            answers.insert(at.min(answers.len()), Answer::bare(id));
        }
    }
    for answer in answers.iter_mut().filter(|answer| answer.label.is_empty()) {
        answer.label = super::answer::yes_or_no(answer.id.as_str());
    }
}

/// `{ after: 5h, times: 1 }`, or `5h`; `no` or `times: 0` is none.
fn remind(node: &Node, c: &mut Collector<'_>) -> Option<Option<Duration>> {
    if let Kind::Word(word) = &node.kind {
        if matches!(word.trim(), "no" | "off" | "false") {
            return Some(None);
        }
        return span_of_time(node, c, HOUR / 4).map(Some);
    }
    let fields = c.fields(node, "`remind`", REMIND)?;
    let after = fields.required("after", "5h", c, |n, c| span_of_time(n, c, HOUR / 4));
    let times = fields.optional("times", c, |n, c| match word(n, c, "`1`")? {
        "0" => Some(0),
        "1" => Some(1),
        _ => c.error(n.span, "one reminder is the most", "write `times: 1`"),
    });
    Some(after.filter(|_| times != Some(0)))
}
