//! Takes fields from a tree one by one and collects what is wrong with them, so that the first mistake does not hide the
//! others. A reader returns `None` exactly when it has reported a mistake.

use super::diagnose::{Finding, nearest, shown};
use super::source::Source;
use super::yaml::{Key, Kind, Node, Problem, Span};
use std::collections::BTreeSet;

/// More findings than this are not shown of one file: whoever has a hundred reads the first ones.
const MOST_FINDINGS: usize = 100;

/// What was found in one file so far.
pub(crate) struct Collector<'s> {
    /// By layer; one, unless a file's tree is laid over another's.
    sources: Vec<&'s Source>,
    /// Mistakes.
    pub(crate) errors: Vec<Finding>,
    /// Things worth a second look.
    pub(crate) warnings: Vec<Finding>,
    unreadable: Vec<String>,
}

impl<'s> Collector<'s> {
    /// `unreadable`: top-level fields that are not to be called missing.
    pub(crate) fn new(source: &'s Source, problems: Vec<Problem>, unreadable: Vec<String>) -> Self {
        let mut collector = Self { sources: vec![source], errors: Vec::new(), warnings: Vec::new(), unreadable };
        for Problem { span, message, fix } in problems {
            collector.error::<()>(span, message, fix);
        }
        collector
    }

    /// Adds the file whose tree is laid over the ones before; its spans have the next layer.
    pub(crate) fn add_layer(&mut self, source: &'s Source) {
        self.sources.push(source);
    }

    /// The file of a span; the last one for a span of no layer.
    pub(crate) fn source(&self, span: Span) -> &'s Source {
        self.sources.get(usize::from(span.layer)).or(self.sources.last()).expect("a collector has a file")
    }

    /// Whether something was written in a way that could not be read; then it has been told.
    pub(crate) fn is_unreadable(&self, name: &str) -> bool {
        self.unreadable.iter().any(|field| field == name)
    }

    /// Where a piece of a text stands that begins at a span; the span itself if it is not found in the lines below.
    pub(crate) fn span_of(&self, text: Span, piece: &str) -> Span {
        /// No text of ours has more lines.
        const MOST_LINES: usize = 200;
        let Some(first) = piece.lines().next().filter(|first| !first.is_empty()) else { return text };
        let lines = self.source(text).text.lines().enumerate().skip(text.line - 1).take(MOST_LINES);
        for (number, line) in lines {
            // On the first line what stands before the text is not it.
            let from = if number + 1 == text.line { text.column - 1 } else { 0 };
            let start = line.char_indices().nth(from).map_or(line.len(), |(at, _)| at);
            if let Some(at) = line[start..].find(first) {
                let column = line[..start + at].chars().count() + 1;
                return Span { line: number + 1, column, length: first.chars().count(), ..text };
            }
        }
        text
    }

    /// Reports a mistake; `None`, so that a reader can end with it.
    pub(crate) fn error<T>(&mut self, span: Span, message: impl Into<String>, fix: impl Into<String>) -> Option<T> {
        if self.errors.len() < MOST_FINDINGS {
            self.errors.push(self.source(span).finding(span, message, Some(fix.into())));
        }
        None
    }

    /// Reports something worth a second look.
    pub(crate) fn warn(&mut self, span: Span, message: impl Into<String>, fix: impl Into<String>) {
        if self.warnings.len() < MOST_FINDINGS {
            self.warnings.push(self.source(span).finding(span, message, Some(fix.into())));
        }
    }

    /// The fields of a map, after a look at their names.
    pub(crate) fn fields<'n>(
        &mut self,
        node: &'n Node,
        of: &'static str,
        known: &'static [&'static str],
    ) -> Option<Fields<'n>> {
        let Kind::Map(entries) = &node.kind else {
            let example = known.first().unwrap_or(&"name");
            return self.error(
                node.span,
                format!("{of} must have fields"),
                format!("write `{example}: …` and so on, indented"),
            );
        };
        let unknown = entries.iter().filter(|(key, _)| !known.contains(&key.text.as_str()));
        for (key, _) in unknown.take(MOST_FINDINGS) {
            self.unknown_field(key, of, known);
        }
        Some(Fields { of, at: node.span, entries, known })
    }

    fn unknown_field(&mut self, key: &Key, of: &str, known: &[&str]) {
        let fix = if let Some(word) = nearest(&key.text, known.iter().copied()) {
            format!("did you mean `{word}`?")
        } else if let Some((_, home)) = ELSEWHERE.iter().find(|(field, home)| *field == key.text && *home != of) {
            format!("it belongs under {home}")
        } else {
            format!("{of} knows {}", known.join(", "))
        };
        self.error::<()>(key.span, format!("unknown field `{}`", shown(&key.text)), fix);
    }
}

/// Fields often written one level too high or too low.
const ELSEWHERE: &[(&str, &str)] = &[
    ("instance", "`whatsapp`"),
    ("token", "`whatsapp`"),
    ("webhook_token", "`whatsapp`"),
    ("api_url", "`whatsapp`"),
    ("receive", "`whatsapp`"),
    ("answers_as", "`whatsapp`"),
    ("send_interval", "`whatsapp`"),
    ("new_contacts", "`whatsapp`"),
    ("number_since", "`new_contacts`"),
    ("per_day", "`new_contacts`"),
    ("min_replies", "`new_contacts`"),
    ("daily_budget_usd", "`ai`"),
    ("coalesce", "`conversation`"),
    ("handoff_after_staff_reply", "`conversation`"),
    ("reply_within", "`conversation`"),
    ("first_response", "`sla`"),
    ("resolution", "`sla`"),
    ("contacts", "`staff`"),
    ("stale_after", "`pms`"),
    ("keep_messages", "`privacy`"),
    ("keep_raw_events", "`privacy`"),
    ("mask_before_ai", "`privacy`"),
    ("text", "`send` or `ask`"),
    ("when", "a trigger, and this is none; triggers stand under `triggers:`"),
    ("send", "a trigger, and this is none; triggers stand under `triggers:`"),
    ("variants", "`send` or `ask`"),
    ("answers", "`ask`"),
    ("expires", "`ask`"),
    ("remind", "`ask`"),
    ("by", "`when`"),
    ("at", "`when`"),
    ("only_between", "`when`"),
    ("days", "`when`"),
    ("if_missed", "`when`"),
    ("at_most", "`per_guest`"),
    ("every", "`per_guest`"),
    ("min_gap", "`per_guest`"),
    ("per_guest", "`policy`"),
    ("priority", "the trigger"),
    ("once", "the trigger"),
    ("mode", "the trigger"),
    ("where", "the trigger or a variant"),
    ("timezone", "the hotel"),
    ("languages", "the hotel"),
    ("voice", "the hotel"),
    ("quiet_hours", "the hotel"),
    ("knowledge", "the hotel"),
    ("links", "the hotel"),
];

/// The fields of one map.
pub(crate) struct Fields<'n> {
    of: &'static str,
    at: Span,
    entries: &'n [(Key, Node)],
    known: &'static [&'static str],
}

impl<'n> Fields<'n> {
    /// The node of a field, if the file has it.
    pub(crate) fn get(&self, name: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(key, _)| key.text == name).map(|(_, node)| node)
    }

    /// Where the field's name stands; where the map stands if the file does not have it.
    pub(crate) fn span(&self, name: &str) -> Span {
        self.entries.iter().find(|(key, _)| key.text == name).map_or(self.at, |(key, _)| key.span)
    }

    /// A field that must be there; `example` is what to add.
    pub(crate) fn required<T>(
        &self,
        name: &str,
        example: &str,
        c: &mut Collector<'_>,
        read: impl FnOnce(&Node, &mut Collector<'_>) -> Option<T>,
    ) -> Option<T> {
        match self.get(name) {
            Some(node) => read(node, c),
            None if self.is_mistyped(name) || c.unreadable.iter().any(|field| field == name) => None,
            None => c.error(self.at, format!("{} lacks `{name}`", self.of), format!("add `{name}: {example}`")),
        }
    }

    /// Whether an unknown field was taken for this one: then it has been reported already.
    fn is_mistyped(&self, name: &str) -> bool {
        let unknown = self.entries.iter().filter(|(key, _)| !self.known.contains(&key.text.as_str()));
        unknown.take(MOST_FINDINGS).any(|(key, _)| nearest(&key.text, self.known.iter().copied()) == Some(name))
    }

    /// A field that may be there.
    pub(crate) fn optional<T>(
        &self,
        name: &str,
        c: &mut Collector<'_>,
        read: impl FnOnce(&Node, &mut Collector<'_>) -> Option<T>,
    ) -> Option<T> {
        self.get(name).and_then(|node| read(node, c))
    }
}

/// A text of at most `most` characters, neither empty nor with control characters other than line ends.
pub(crate) fn text(node: &Node, c: &mut Collector<'_>, most: usize) -> Option<String> {
    let Kind::Word(text) = &node.kind else {
        return c.error(node.span, "a text is expected here", "write one, or delete the field");
    };
    let text = text.trim();
    let length = text.chars().count();
    if text.is_empty() {
        return c.error(node.span, "the text is empty", "write one, or delete the field");
    }
    if length > most {
        return c.error(node.span, format!("the text has {length} characters"), format!("shorten it to {most}"));
    }
    if text.chars().any(|character| character.is_control() && character != '\n') {
        return c.error(node.span, "the text has invisible control characters", "delete them or type it anew");
    }
    Some(text.to_owned())
}

/// A single word, however it is written.
pub(crate) fn word<'n>(node: &'n Node, c: &mut Collector<'_>, expected: &str) -> Option<&'n str> {
    match &node.kind {
        Kind::Word(word) => Some(word.trim()),
        _ => c.error(node.span, format!("{expected} is expected here"), "write it, or delete the field"),
    }
}

/// Yes or no, in any of YAML's spellings.
pub(crate) fn flag(node: &Node, c: &mut Collector<'_>) -> Option<bool> {
    let word = word(node, c, "`yes` or `no`")?;
    match word.to_lowercase().as_str() {
        "yes" | "true" | "on" => Some(true),
        "no" | "false" | "off" => Some(false),
        _ => c.error(node.span, format!("`{}` is neither yes nor no", shown(word)), "write `yes` or `no`"),
    }
}

/// One of a few words.
pub(crate) fn choice<T: Copy>(node: &Node, c: &mut Collector<'_>, known: &[(&str, T)]) -> Option<T> {
    let names = || known.iter().map(|(name, _)| *name);
    let list = || names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let word = word(node, c, &format!("one of {}", list()))?;
    if let Some((_, value)) = known.iter().find(|(name, _)| *name == word) {
        return Some(*value);
    }
    let fix = match nearest(word, names()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("write one of {}", list()),
    };
    c.error(node.span, format!("unknown word `{}`", shown(word)), fix)
}

/// A list, each item read by `read`; an empty field is an empty list. Items that are wrong are reported and left out.
pub(crate) fn list<T>(
    node: &Node,
    c: &mut Collector<'_>,
    mut read: impl FnMut(&Node, &mut Collector<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    match &node.kind {
        Kind::Empty => Some(Vec::new()),
        Kind::List(items) => Some(items.iter().filter_map(|item| read(item, c)).collect()),
        _ => c.error(node.span, "a list is expected here", "write `[first, second]`, or one `- item` a line"),
    }
}

/// The entries of a map with free names; an empty field is an empty map.
pub(crate) fn entries<'n>(node: &'n Node, c: &mut Collector<'_>, example: &str) -> Option<&'n [(Key, Node)]> {
    match &node.kind {
        Kind::Empty => Some(&[]),
        Kind::Map(entries) => Some(entries),
        _ => {
            c.error(node.span, "names and values are expected here", format!("write `{example}`, one a line, indented"))
        }
    }
}

/// A name made of lower-case Latin letters, digits, `_` and `-`, and of dots if `dots`.
pub(crate) fn is_name(text: &str, longest: usize, dots: bool) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let part = |part: &str| !part.is_empty() && part.chars().all(allowed);
    text.len() <= longest && if dots { text.split('.').all(part) } else { part(text) }
}

/// Reports items that are there twice; `what` names their kind.
pub(crate) fn no_twins<'i>(c: &mut Collector<'_>, what: &str, items: impl IntoIterator<Item = (&'i str, Span)>) {
    let mut seen = BTreeSet::new();
    for (item, span) in items {
        if !seen.insert(item.to_lowercase()) {
            c.error::<()>(span, format!("{what} `{}` is there twice", shown(item)), "keep one");
        }
    }
}

/// A finite number in a range.
pub(crate) fn number(node: &Node, c: &mut Collector<'_>, least: f64, most: f64) -> Option<f64> {
    let word = word(node, c, "a number")?;
    match word.parse::<f64>() {
        Ok(number) if number.is_finite() && (least..=most).contains(&number) => Some(number),
        Ok(_) => c.error(node.span, format!("`{}` is out of range", shown(word)), format!("write {least} to {most}")),
        Err(_) => c.error(node.span, format!("`{}` is not a number", shown(word)), "write one such as `2.50`"),
    }
}
