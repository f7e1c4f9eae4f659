//! What questions lead to: `then` must lead somewhere, not round in a circle, and not on and on.

use super::super::place;
use super::Look;
use crate::config::diagnose::nearest;
use crate::config::fields::Collector;
use crate::config::yaml::{Kind, Node, Span};
use std::collections::{BTreeMap, BTreeSet};

/// A guest who answered so many questions in a row has had enough of them (faults Y16).
const LONGEST: usize = 10;

/// One `then`.
struct Step {
    to: String,
    span: Span,
}

/// By question, what its answers lead to.
type Steps = BTreeMap<String, Vec<Step>>;

/// Looks at every chain. Goes by the tree, so that a question with a mistake of its own is still there.
pub(super) fn run(look: Look<'_>, c: &mut Collector<'_>) {
    let mut steps = Steps::new();
    for (section, below) in [("triggers", &["ask"][..]), ("questions", &[])] {
        for (id, node) in fields(look.root, &[section]) {
            if let Some(question) = place::node(node, below) {
                twin(look, section, id, c, &steps);
                steps.insert(id.to_owned(), steps_of(question));
            }
        }
    }
    missing(&steps, c);
    unasked(look, &steps, c);
    if !circles(&steps, c) {
        lengths(&steps, c);
    }
}

fn fields<'n>(root: &'n Node, path: &[&str]) -> Vec<(&'n str, &'n Node)> {
    match place::node(root, path).map(|node| &node.kind) {
        Some(Kind::Map(entries)) => entries.iter().map(|(key, node)| (key.text.as_str(), node)).collect(),
        _ => Vec::new(),
    }
}

fn twin(look: Look<'_>, section: &str, id: &str, c: &mut Collector<'_>, steps: &Steps) {
    if section == "questions" && steps.contains_key(id) {
        let first = look.span(&["triggers", id]);
        let place = format!("{}:{}", c.source(first).file, first.line);
        // Of a name with a single word the key is meant.
        let span = look.span(&["questions", id]);
        c.error::<()>(span, format!("`{id}` is also the question of a trigger, in {place}"), "give it another id");
    }
}

fn steps_of(question: &Node) -> Vec<Step> {
    let Some(Node { kind: Kind::List(answers), .. }) = place::node(question, &["answers"]) else { return Vec::new() };
    let then = |answer: &Node| match place::node(answer, &["then"]) {
        Some(Node { kind: Kind::Word(to), span }) => Some(Step { to: to.trim().to_owned(), span: *span }),
        _ => None,
    };
    answers.iter().filter_map(then).collect()
}

fn missing(steps: &Steps, c: &mut Collector<'_>) {
    for step in steps.values().flatten().filter(|step| !steps.contains_key(&step.to)) {
        let fix = match nearest(&step.to, steps.keys().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add `{}:` under `questions:`", step.to),
        };
        c.error::<()>(step.span, format!("there is no question `{}`", step.to), fix);
    }
}

fn unasked(look: Look<'_>, steps: &Steps, c: &mut Collector<'_>) {
    let asked: BTreeSet<&str> = steps.values().flatten().map(|step| step.to.as_str()).collect();
    for (id, _) in fields(look.root, &["questions"]).into_iter().filter(|(id, _)| !asked.contains(id)) {
        let fix = format!("write `then: {id}` at an answer, or delete it");
        c.warn(look.span(&["questions", id]), format!("nothing asks `{id}`"), fix);
    }
}

/// Tells each circle once, at the `then` that closes it. Whether there is one.
fn circles(steps: &Steps, c: &mut Collector<'_>) -> bool {
    let mut done = BTreeSet::new();
    let mut found = false;
    for id in steps.keys() {
        found |= walk(steps, id, &mut Vec::new(), &mut done, c);
    }
    found
}

fn walk<'s>(
    steps: &'s Steps,
    id: &'s str,
    path: &mut Vec<&'s str>,
    done: &mut BTreeSet<&'s str>,
    c: &mut Collector<'_>,
) -> bool {
    // A file of ten thousand questions is no reason to run out of stack.
    if done.contains(id) || path.len() > 100 {
        return false;
    }
    path.push(id);
    let mut found = false;
    for step in steps.get(id).into_iter().flatten() {
        if let Some(start) = path.iter().position(|known| *known == step.to) {
            let circle: Vec<String> =
                path[start..].iter().chain([&step.to.as_str()]).map(|id| format!("`{id}`")).collect();
            let fix = "end it: let one of the answers lead to no further question";
            c.error::<()>(step.span, format!("the questions go round in a circle: {}", circle.join(" → ")), fix);
            found = true;
        } else {
            found |= walk(steps, &step.to, path, done, c);
        }
    }
    path.pop();
    done.insert(id);
    found
}

/// Without circles: the `then` after which more than ten questions were asked.
fn lengths(steps: &Steps, c: &mut Collector<'_>) {
    let mut depths: BTreeMap<&str, usize> = steps.keys().map(|id| (id.as_str(), 1)).collect();
    let mut told = BTreeSet::new();
    // Each round makes every chain right by one more question.
    for _ in 0..=LONGEST {
        for (id, then) in steps {
            let depth = depths[id.as_str()] + 1;
            for step in then {
                let Some(known) = depths.get_mut(step.to.as_str()) else { continue };
                *known = depth.max(*known);
                if depth > LONGEST && told.insert(step.to.as_str()) && told.len() == 1 {
                    let message = format!("this is question {depth} in a row");
                    c.error::<()>(step.span, message, format!("ask at most {LONGEST} one after the other"));
                }
            }
        }
    }
}
