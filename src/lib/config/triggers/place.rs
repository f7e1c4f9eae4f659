//! Finds where something of a trigger stands, for what is said about it after it was read.

use super::super::yaml::{Kind, Node, Span};

/// The span of the word at a path of names, ids and indexes; of its name if it is no single word; of the nearest thing
/// above it if the file does not say it.
pub(super) fn span(root: &Node, path: &[&str]) -> Span {
    let mut node = root;
    let mut span = root.span;
    for step in path {
        match child(node, step) {
            Some((at, next)) => (span, node) = (at, next),
            None => return span,
        }
    }
    if matches!(node.kind, Kind::Word(_)) { node.span } else { span }
}

/// The node at a path.
pub(super) fn node<'n>(root: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(root, |node, step| child(node, step).map(|(_, next)| next))
}

fn child<'n>(node: &'n Node, step: &str) -> Option<(Span, &'n Node)> {
    match &node.kind {
        Kind::Map(entries) => entries.iter().find(|(key, _)| key.text == step).map(|(key, node)| (key.span, node)),
        Kind::List(items) => {
            let by_id = |item: &&Node| matches!(child(item, "id"), Some((_, Node { kind: Kind::Word(word), .. })) if word.trim() == step);
            let item = items.iter().find(by_id).or_else(|| items.get(step.parse::<usize>().ok()?))?;
            Some((child(item, "id").map_or(item.span, |(_, id)| id.span), item))
        }
        Kind::Empty | Kind::Word(_) => None,
    }
}
