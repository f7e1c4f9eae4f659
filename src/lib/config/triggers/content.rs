//! The words of a message: `text` or `variants`, and `media`.

use super::super::fields::{Collector, Fields, list, word};
use super::super::languages::translations;
use super::super::links;
use super::super::yaml::{Kind, Node};
use super::condition::condition;
use super::when::name;
use crate::domain::template::LONGEST_TEMPLATE;
use crate::domain::trigger::{Condition, Content, Media, Texts, Variant};

/// The fields of `send`; those of a question have them, too.
pub(super) const SEND: &[&str] = &["text", "variants", "media"];
/// The fields of one wording.
pub(super) const VARIANT: &[&str] = &["id", "where", "text"];
/// The fields of `media`.
pub(super) const MEDIA: &[&str] = &["file", "url", "caption"];

/// What `send` says.
pub(super) fn send(node: &Node, c: &mut Collector<'_>) -> Option<Content> {
    let fields = c.fields(node, "`send`", SEND)?;
    content(&fields, c)
}

/// The words among the fields of `send` or of a question.
pub(super) fn content(fields: &Fields<'_>, c: &mut Collector<'_>) -> Option<Content> {
    let media = fields.optional("media", c, media);
    let is_media_wrong = media.is_none() && fields.get("media").is_some();
    let variants = match (fields.get("text"), fields.get("variants")) {
        (Some(_), Some(variants)) => {
            return c.error(variants.span, "both `text` and `variants`", "put the text as the last of the variants");
        }
        (Some(text), None) => vec![Variant { filter: Condition::everybody(), text: texts(text, c)? }],
        (None, Some(list)) => variants(list, c)?,
        // A picture with a caption needs no other words.
        (None, None) if media.as_ref().is_some_and(|media| !media.caption.is_empty()) => {
            vec![Variant { filter: Condition::everybody(), text: Texts::new() }]
        }
        (None, None) => {
            fields.required("text", "{ en: \"…\" }", c, |_, _| Some(()));
            return None;
        }
    };
    (!is_media_wrong).then_some(Content { variants, media })
}

/// Templates by language; what is wrong inside of them is told later.
pub(super) fn texts(node: &Node, c: &mut Collector<'_>) -> Option<Texts> {
    if let Kind::Word(_) = &node.kind {
        return c.error(node.span, "the text has no language", "write `{ en: \"…\", ru: \"…\" }`");
    }
    let texts = translations(node, c, LONGEST_TEMPLATE)?;
    if texts.is_empty() {
        let is_told = matches!(&node.kind, Kind::Map(entries) if !entries.is_empty());
        return if is_told { None } else { c.error(node.span, "there is no text", "write `{ en: \"…\" }`") };
    }
    Some(texts)
}

fn variants(node: &Node, c: &mut Collector<'_>) -> Option<Vec<Variant>> {
    let Kind::List(items) = &node.kind else {
        return c.error(node.span, "a list is expected here", "write `- { where: {…}, text: {…} }`, one a line");
    };
    let read: Vec<Option<Variant>> = items.iter().map(|item| variant(item, c)).collect();
    let has_where =
        |item: &Node| matches!(&item.kind, Kind::Map(entries) if entries.iter().any(|(key, _)| key.text == "where"));
    let Some((last, before)) = items.split_last() else {
        return c.error(node.span, "there is no text", "write `- { text: { en: \"…\" } }`");
    };
    if has_where(last) {
        let fix = "add a last one without `where`, for everybody else";
        c.error::<()>(last.span, "who meets none of the conditions gets no text", fix);
    }
    for item in before.iter().filter(|item| !has_where(item)) {
        let fix = "give it a `where`, or put it last";
        c.error::<()>(item.span, "this one is for everybody, and the ones after it are never used", fix);
    }
    read.into_iter().collect()
}

fn variant(node: &Node, c: &mut Collector<'_>) -> Option<Variant> {
    let fields = c.fields(node, "a variant", VARIANT)?;
    fields.optional("id", c, |n, c| name(n, c, "variant"));
    let filter = match fields.get("where") {
        Some(filter) => condition(filter, c),
        None => Some(Condition::everybody()),
    };
    let text = fields.required("text", "{ en: \"…\" }", c, texts);
    Some(Variant { filter: filter?, text: text? })
}

fn media(node: &Node, c: &mut Collector<'_>) -> Option<Media> {
    if let Kind::Word(word) = &node.kind {
        return source(word.trim(), node, c).map(|source| Media { source, caption: Texts::new() });
    }
    let fields = c.fields(node, "`media`", MEDIA)?;
    let caption = match fields.get("caption") {
        Some(caption) => texts(caption, c),
        None => Some(Texts::new()),
    };
    let source = match (fields.get("file"), fields.get("url")) {
        (Some(_), Some(url)) => c.error(url.span, "both a file and an address", "keep one"),
        (None, None) => c.error(node.span, "`media` names no file", "add `file: menu.pdf` or `url: https://…`"),
        (Some(file), None) => word(file, c, "the name of a file").and_then(|name| self::file(name, file, c)),
        (None, Some(url)) => links::link(url, c),
    };
    Some(Media { source: source?, caption: caption? })
}

fn source(said: &str, node: &Node, c: &mut Collector<'_>) -> Option<String> {
    if said.contains("://") { links::link(node, c) } else { file(said, node, c) }
}

/// A file below the hotel's folder.
fn file(name: &str, node: &Node, c: &mut Collector<'_>) -> Option<String> {
    let is_inside = !name.is_empty()
        && !name.starts_with(['/', '\\', '~', '.'])
        && !name.contains('\\')
        && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
        && !name.chars().any(char::is_control);
    if is_inside && name.len() <= 200 {
        return Some(name.to_owned());
    }
    c.error(
        node.span,
        "this is no file of the hotel's folder",
        "write its name below `hotels/<hotel>/`, such as `menu.pdf`",
    )
}

/// A list of words, or one word.
pub(super) fn words_or_one<T>(
    node: &Node,
    c: &mut Collector<'_>,
    mut read: impl FnMut(&Node, &mut Collector<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    if let Kind::Word(_) = &node.kind {
        return read(node, c).map(|one| vec![one]);
    }
    list(node, c, read)
}
