//! Lays a hotel's tree over the base pack's: maps are merged field by field, lists replaced whole, `answers` and
//! `variants` merged by `id`.

use super::super::yaml::{Key, Kind, Node};

/// Fields of which a trigger has one: saying another takes the first away.
const EXCLUSIVE: &[&[&str]] = &[&["after", "before", "on"], &["send", "ask"], &["text", "variants"]];
/// Fields that say more of the anchor, and mean nothing with another.
const ANCHORS_OWN: &[&str] = &["of", "is", "cron"];
/// Lists whose items are told apart by their `id`.
const BY_ID: &[&str] = &["answers", "variants"];
/// The file, a section, a trigger: an empty field above this depth says nothing; below, it takes the base's away.
const TRIGGER_DEPTH: usize = 3;

/// Says of every word that it stands in this layer.
pub(super) fn mark(node: &mut Node, layer: u8) {
    node.span.layer = layer;
    match &mut node.kind {
        Kind::List(items) => items.iter_mut().for_each(|item| mark(item, layer)),
        Kind::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
            key.span.layer = layer;
            mark(value, layer);
        }),
        Kind::Empty | Kind::Word(_) => {}
    }
}

/// The tree in force where both files speak.
pub(super) fn laid_over(base: &Node, own: &Node) -> Node {
    merged(base, own, 1)
}

fn merged(base: &Node, own: &Node, depth: usize) -> Node {
    match (&base.kind, &own.kind) {
        (_, Kind::Empty) if depth <= TRIGGER_DEPTH => base.clone(),
        (Kind::Map(below), Kind::Map(above)) => {
            Node { span: own.span, kind: Kind::Map(merged_fields(below, above, depth)) }
        }
        _ => own.clone(),
    }
}

fn merged_fields(below: &[(Key, Node)], above: &[(Key, Node)], depth: usize) -> Vec<(Key, Node)> {
    let is_said = |name: &str| above.iter().any(|(key, _)| key.text == name);
    let is_ousted = |name: &str| {
        let group = EXCLUSIVE.iter().find(|group| group.contains(&name));
        // Ids of triggers may be any word.
        let is_of_old_anchor = ANCHORS_OWN.contains(&name) && EXCLUSIVE[0].iter().any(|side| is_said(side));
        let has_other = group.is_some_and(|group| group.iter().any(|other| is_said(other)));
        depth >= TRIGGER_DEPTH && !is_said(name) && (has_other || is_of_old_anchor)
    };
    let mut fields = Vec::new();
    for (key, base) in below.iter().filter(|(key, _)| !is_ousted(&key.text)) {
        match above.iter().find(|(own, _)| own.text == key.text) {
            None => fields.push((key.clone(), base.clone())),
            Some((_, own)) if own.kind == Kind::Empty && depth >= TRIGGER_DEPTH => {}
            Some((own_key, own)) => fields.push((own_key.clone(), field(&key.text, base, own, depth))),
        }
    }
    let is_new = |key: &Key| !below.iter().any(|(base, _)| base.text == key.text);
    fields.extend(above.iter().filter(|(key, _)| is_new(key)).cloned());
    fields
}

fn field(name: &str, base: &Node, own: &Node, depth: usize) -> Node {
    match (&base.kind, &own.kind) {
        (Kind::List(below), Kind::List(above))
            if BY_ID.contains(&name) && above.iter().all(|item| id(item).is_some()) =>
        {
            Node { span: own.span, kind: Kind::List(merged_items(below, above, depth)) }
        }
        _ => merged(base, own, depth + 1),
    }
}

fn merged_items(below: &[Node], above: &[Node], depth: usize) -> Vec<Node> {
    let own = |item: &Node| above.iter().find(|own| id(item).is_some() && id(own) == id(item));
    let mut items: Vec<Node> =
        below.iter().map(|item| own(item).map_or_else(|| item.clone(), |own| merged(item, own, depth + 2))).collect();
    let new: Vec<Node> = above.iter().filter(|own| !below.iter().any(|item| id(item) == id(own))).cloned().collect();
    // The last wording is for everybody; one for some guests goes before it.
    let at = match items.last() {
        Some(last) if !has(last, "where") && new.iter().any(|item| has(item, "where")) => items.len() - 1,
        _ => items.len(),
    };
    items.splice(at..at, new);
    items
}

fn has(item: &Node, name: &str) -> bool {
    matches!(&item.kind, Kind::Map(entries) if entries.iter().any(|(key, _)| key.text == name))
}

fn id(item: &Node) -> Option<&str> {
    let Kind::Map(entries) = &item.kind else { return None };
    match &entries.iter().find(|(key, _)| key.text == "id")?.1.kind {
        Kind::Word(word) => Some(word.trim()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::yaml;

    fn tree(text: &str) -> Node {
        yaml::parse(text).root.expect("a tree")
    }

    fn plain(node: &Node) -> String {
        match &node.kind {
            Kind::Empty => "~".into(),
            Kind::Word(word) => word.clone(),
            Kind::List(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(" ")),
            Kind::Map(entries) => {
                let fields: Vec<String> =
                    entries.iter().map(|(key, node)| format!("{}:{}", key.text, plain(node))).collect();
                format!("{{{}}}", fields.join(" "))
            }
        }
    }

    fn over(base: &str, own: &str) -> String {
        let inside = |text: &str| tree(&format!("triggers:\n  a: {text}\n"));
        let whole = plain(&laid_over(&inside(base), &inside(own)));
        whole.replace("{triggers:{a:", "").strip_suffix("}}").expect("two maps").to_owned()
    }

    #[test]
    fn maps_are_merged_and_lists_replaced() {
        assert_eq!(
            over(
                "{ when: { after: check_in, by: 3h }, where: { all: [ x, y ] } }",
                "{ when: { by: 2h }, where: { all: [ z ] } }"
            ),
            "{when:{after:check_in by:2h} where:{all:[z]}}"
        );
    }

    #[test]
    fn answers_and_variants_are_merged_by_id() {
        assert_eq!(
            over("{ answers: [ { id: a, score: 1 }, { id: b } ] }", "{ answers: [ { id: a, score: 2 }, { id: c } ] }"),
            "{answers:[{id:a score:2} {id:b} {id:c}]}"
        );
        assert_eq!(
            over(
                "{ variants: [ { id: a, where: w, text: t }, { id: z, text: u } ] }",
                "{ variants: [ { id: n, where: v } ] }"
            ),
            "{variants:[{id:a where:w text:t} {id:n where:v} {id:z text:u}]}"
        );
    }

    #[test]
    fn one_of_a_kind_takes_the_other_away_and_nothing_takes_a_field_away() {
        assert_eq!(
            over("{ when: { after: check_in, by: 3h } }", "{ when: { before: check_out } }"),
            "{when:{by:3h before:check_out}}"
        );
        assert_eq!(over("{ send: x }", "{ ask: y }"), "{ask:y}");
        assert_eq!(over("{ when: { on: a, days: [ mon ] } }", "{ when: { days: ~ } }"), "{when:{on:a}}");
        assert_eq!(over("{ when: x }", "~"), "{when:x}");
    }

    #[test]
    fn every_word_knows_its_file() {
        let base = tree("triggers: { a: { when: x, mode: live } }");
        let mut own = tree("triggers:\n\n\n  a: { mode: draft }");
        mark(&mut own, 1);

        let merged = laid_over(&base, &own);

        let Kind::Map(sections) = &merged.kind else { panic!("a map") };
        let Kind::Map(triggers) = &sections[0].1.kind else { panic!("a map") };
        let Kind::Map(fields) = &triggers[0].1.kind else { panic!("a map") };
        let layers: Vec<(&str, u8)> = fields.iter().map(|(key, node)| (key.text.as_str(), node.span.layer)).collect();
        assert_eq!(layers, [("when", 0), ("mode", 1)]);
    }
}
