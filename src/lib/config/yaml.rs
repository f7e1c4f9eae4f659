//! A YAML file as a tree that knows where each word stands. The only file that knows the YAML parser.
//!
//! Words stay as they were written: `no`, `12:30` and `1_000` are the texts `no`, `12:30` and `1_000` until somebody asks
//! for a yes, a time or a number, so that none of YAML 1.1's surprises can happen. Size, depth and the number of
//! nodes (aliases counted as what they stand for) are bounded.

use serde_saphyr::granit_parser::{self as parser, ErrorKind, Event, ScalarStyle, StrInput};
use std::collections::HashMap;

/// Where a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in characters.
    pub(crate) column: usize,
    /// In characters on its first line; at least 1.
    pub(crate) length: usize,
    /// Which file, when one file's tree is laid over another's: 0 is the lowest.
    pub(crate) layer: u8,
}

impl Span {
    /// The first character of a file, for what concerns all of it.
    pub(crate) const START: Span = Span { line: 1, column: 1, length: 1, layer: 0 };
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// Of the word; of the key for a list or map that starts on a later line.
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Nothing, `~` or `null`.
    Empty,
    /// A word or text, as written.
    Word(String),
    List(Vec<Node>),
    /// In the order of the file; keys are unique.
    Map(Vec<(Key, Node)>),
}

/// The name of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// A mistake of form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) fix: String,
}

impl Problem {
    fn new(span: Span, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { span, message: message.into(), fix: fix.into() }
    }
}

/// What could be read of a file.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// `None` for an empty file and for one that is broken from the start.
    pub(crate) root: Option<Node>,
    /// Mistakes of form, in no order.
    pub(crate) problems: Vec<Problem>,
    /// Top-level fields that were written but could not be read: not to be called missing. Of the sections whose entries
    /// stand alone also their entries, as `triggers.room-ok`; in the tree these are empty.
    pub(crate) unreadable: Vec<String>,
}

/// A hotel with 500 facts in five languages has about 6,000 nodes.
const MOST_VALUES: usize = 20_000;
/// A text counts as one more value for each of these, so that repeating a long one is bounded too.
const BYTES_A_VALUE: usize = 256;
/// A hotel's file needs four levels, a trigger's about ten.
const DEEPEST: usize = 32;

/// A file with more mistakes of form than this is not a file of ours.
const MOST_PROBLEMS: usize = 100;

/// Sections whose entries stand alone: a mistake of form in one leaves the others readable.
const SECTIONS: &[&str] = &["triggers", "questions"];

/// Reads a file. If its form is broken, each top-level field is read by itself, so that one mistake of form hides no
/// other mistake.
pub(crate) fn parse(text: &str) -> Document {
    match Builder::new(text, 0, 0).document() {
        Ok(document) => document,
        Err(Stop::TooMuch(problem)) => Document { problems: vec![problem], ..Document::default() },
        Err(Stop::Form(problem)) => parse_by_fields(text, problem),
    }
}

/// Why a text was not read to its end.
enum Stop {
    /// Its form is broken here.
    Form(Problem),
    /// It is bigger than any file of ours.
    TooMuch(Problem),
}

fn parse_by_fields(text: &str, whole: Problem) -> Document {
    let mut document = Document::default();
    let mut entries = Vec::new();
    let mut spent = 0;
    for (line, chunk) in top_level_fields(text) {
        let mut builder = Builder::new(&chunk, line, spent);
        let outcome = builder.document();
        spent = builder.weight;
        match outcome {
            Ok(part) => {
                document.problems.extend(part.problems);
                match part.root.map(|root| root.kind) {
                    Some(Kind::Map(fields)) => entries.extend(fields),
                    Some(_) => document.problems.push(not_a_field(line, &chunk)),
                    None => {}
                }
            }
            Err(Stop::Form(_)) if is_section(&chunk) => match parse_section(line, &chunk, &mut spent, &mut document) {
                Ok(section) => entries.push(section),
                Err(problem) => return Document { problems: vec![problem], ..Document::default() },
            },
            Err(Stop::Form(problem)) => {
                document.unreadable.extend(field_name(&chunk));
                // A value repeated from another field is unknown only because the fields are read apart.
                if problem.message != UNKNOWN_ANCHOR || whole.message == UNKNOWN_ANCHOR {
                    document.problems.push(problem);
                }
            }
            Err(Stop::TooMuch(problem)) => return Document { problems: vec![problem], ..Document::default() },
        }
        if document.problems.len() >= MOST_PROBLEMS {
            return Document { problems: document.problems, ..Document::default() };
        }
    }
    if document.problems.is_empty() {
        document.problems.push(whole);
    }
    let entries = unique(entries, &mut document.problems);
    document.root = Some(Node { span: Span::START, kind: Kind::Map(entries) });
    document
}

fn is_section(chunk: &str) -> bool {
    let first = chunk.lines().next().unwrap_or_default();
    let is_open = first.split('#').next().is_some_and(|text| text.trim_end().ends_with(':'));
    is_open && field_name(chunk).is_some_and(|name| SECTIONS.contains(&name.as_str()))
}

/// Reads each entry of a section by itself. `Err` if there is too much of it.
fn parse_section(
    lines_before: usize,
    chunk: &str,
    spent: &mut usize,
    document: &mut Document,
) -> Result<(Key, Node), Problem> {
    let name = field_name(chunk).unwrap_or_default();
    let span = Span { line: lines_before + 1, column: 1, length: name.chars().count().max(1), layer: 0 };
    let mut entries = Vec::new();
    for (line, entry) in section_entries(chunk) {
        let mut builder = Builder::new(&entry, lines_before + line, *spent);
        let outcome = builder.document();
        *spent = builder.weight;
        match outcome {
            Ok(part) => {
                document.problems.extend(part.problems);
                if let Some(Kind::Map(fields)) = part.root.map(|root| root.kind) {
                    entries.extend(fields);
                }
            }
            Err(Stop::Form(problem)) => {
                document.problems.push(problem);
                if let Some(id) = field_name(&entry) {
                    document.unreadable.push(format!("{name}.{id}"));
                    let span = Span { line: lines_before + line + 1, column: 1, length: 1, layer: 0 };
                    entries.push((Key { text: id, span }, Node { span, kind: Kind::Empty }));
                }
            }
            Err(Stop::TooMuch(problem)) => return Err(problem),
        }
    }
    let entries = unique(entries, &mut document.problems);
    Ok((Key { text: name, span }, Node { span, kind: Kind::Map(entries) }))
}

/// The lines of each entry below a section's name, with the number of lines before them in the section.
fn section_entries(chunk: &str) -> Vec<(usize, String)> {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let says = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let own = chunk.lines().skip(1).find(|line| says(line)).map_or(0, indent);
    let mut entries: Vec<(usize, String)> = Vec::new();
    for (number, line) in chunk.lines().enumerate().skip(1) {
        let is_start = says(line) && indent(line) <= own && !line.trim_start().starts_with(['}', ']', ',', '-']);
        match entries.last_mut() {
            Some((_, entry)) if !is_start => {
                entry.push('\n');
                entry.push_str(line);
            }
            None if !is_start => {}
            _ => entries.push((number, line.to_owned())),
        }
    }
    entries
}

/// The lines of each top-level field, with the number of lines before them.
fn top_level_fields(text: &str) -> Vec<(usize, String)> {
    // A list may stand at the left edge under its field, and a closing bracket may too.
    let continues = |line: &str| line.starts_with([' ', '\t', '#', '-', '}', ']', ',']) || line.is_empty();
    let mut fields: Vec<(usize, String)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        match fields.last_mut() {
            Some((_, chunk)) if continues(line) => {
                chunk.push('\n');
                chunk.push_str(line);
            }
            _ => fields.push((number, line.to_owned())),
        }
    }
    fields
}

fn field_name(chunk: &str) -> Option<String> {
    let (name, _) = chunk.split_once(':')?;
    Some(name.trim().trim_matches(['"', '\'']).to_owned())
}

fn not_a_field(lines_before: usize, chunk: &str) -> Problem {
    let length = chunk.lines().next().map_or(1, |line| line.chars().count().max(1));
    let span = Span { line: lines_before + 1, column: 1, length, layer: 0 };
    Problem::new(span, "this is not a field", "write `name: value`, with a space after the colon")
}

/// Drops fields written twice and says so.
fn unique(entries: Vec<(Key, Node)>, problems: &mut Vec<Problem>) -> Vec<(Key, Node)> {
    let mut lines: HashMap<String, usize> = HashMap::new();
    let mut kept = Vec::with_capacity(entries.len());
    for (key, node) in entries {
        if let Some(first) = lines.get(&key.text) {
            let message = format!("`{}` is written twice", super::diagnose::shown(&key.text));
            problems.push(Problem::new(key.span, message, format!("the first is in line {first}; keep one")));
            continue;
        }
        lines.insert(key.text.clone(), key.span.line);
        kept.push((key, node));
    }
    kept
}

/// Turns the parser's events into a tree.
struct Builder<'t> {
    events: parser::Parser<'t, StrInput<'t>>,
    lines_before: usize,
    anchors: HashMap<usize, Option<(Node, usize)>>,
    weight: usize,
    problems: Vec<Problem>,
}

impl<'t> Builder<'t> {
    /// `lines_before` the text in its file, and the `weight` of what has been read of the file already.
    fn new(text: &'t str, lines_before: usize, weight: usize) -> Self {
        let options = parser::options! {
            disallow_directives: true,
            emit_comments: false,
            flow_nesting_limit: DEEPEST,
            block_nesting_limit: DEEPEST,
        };
        let events = parser::Parser::new_from_str_with_options(text, options);
        Self { events, lines_before, anchors: HashMap::new(), weight, problems: Vec::new() }
    }

    /// The first document; `Err` if its form is broken.
    fn document(&mut self) -> Result<Document, Stop> {
        let mut root = None;
        while let Some((event, span)) = self.next()? {
            match event {
                Event::DocumentStart(..) if root.is_some() => {
                    let fix = "keep one hotel to a file and delete the line `---`";
                    return Err(Stop::Form(Problem::new(self.span(span), "a second document starts here", fix)));
                }
                Event::StreamStart | Event::StreamEnd | Event::DocumentStart(..) | Event::DocumentEnd => {}
                event => root = Some(self.node(event, span)?),
            }
        }
        let root = root.filter(|node| node.kind != Kind::Empty);
        Ok(Document { root, problems: std::mem::take(&mut self.problems), unreadable: Vec::new() })
    }

    fn next(&mut self) -> Result<Option<(Event<'t>, parser::Span)>, Stop> {
        self.events.next().transpose().map_err(|error| {
            let mark = error.marker();
            let line = mark.line() + self.lines_before;
            let (message, fix) = explain(error.kind(), &error.info());
            Stop::Form(Problem::new(Span { line, column: mark.col() + 1, length: 1, layer: 0 }, message, fix))
        })
    }

    /// Some event always follows inside a list or map; the parser reports a premature end as an error.
    fn expect_next(&mut self) -> Result<(Event<'t>, parser::Span), Stop> {
        let early = || Stop::Form(Problem::new(Span::START, "the file ends too early", "finish its last field"));
        self.next()?.ok_or_else(early)
    }

    fn node(&mut self, event: Event<'t>, at: parser::Span) -> Result<Node, Stop> {
        let span = self.span(at);
        let before = self.weight;
        self.count(1 + event.scalar().map_or(0, |(text, _)| text.len() / BYTES_A_VALUE), span)?;
        let anchor = anchor_of(&event);
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        let quoted = self.check_tag(&event, span);
        let kind = match event {
            Event::Scalar(text, style, ..) => word(text.into_owned(), quoted || style != ScalarStyle::Plain),
            Event::SequenceStart(..) => self.list()?,
            Event::MappingStart(..) => self.map()?,
            Event::Alias(id) => return self.alias(id, span),
            _ => Kind::Empty,
        };
        let node = Node { span, kind };
        if anchor != 0 {
            self.anchors.insert(anchor, Some((node.clone(), self.weight - before)));
        }
        Ok(node)
    }

    fn list(&mut self) -> Result<Kind, Stop> {
        let mut items = Vec::new();
        loop {
            match self.expect_next()? {
                (Event::SequenceEnd, _) => return Ok(Kind::List(items)),
                (event, span) => items.push(self.node(event, span)?),
            }
        }
    }

    fn map(&mut self) -> Result<Kind, Stop> {
        let mut entries = Vec::new();
        loop {
            let (event, span) = self.expect_next()?;
            if event == Event::MappingEnd {
                return Ok(Kind::Map(unique(entries, &mut self.problems)));
            }
            let key = self.node(event, span)?;
            let (event, span) = self.expect_next()?;
            let mut value = self.node(event, span)?;
            match key.kind {
                Kind::Word(text) => {
                    let key = Key { text, span: key.span };
                    point_at_key(&mut value, key.span);
                    entries.push((key, value));
                }
                _ => self.problems.push(Problem::new(key.span, "a field's name must be a word", "write `name: value`")),
            }
        }
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<Node, Stop> {
        match self.anchors.get(&id).cloned().flatten() {
            Some((node, size)) => {
                self.count(size, span)?;
                Ok(Node { span, kind: node.kind })
            }
            None => Err(Stop::Form(Problem::new(span, "this repeats a value inside itself", "write the value out"))),
        }
    }

    fn count(&mut self, more: usize, span: Span) -> Result<(), Stop> {
        self.weight = self.weight.saturating_add(more);
        if self.weight > MOST_VALUES {
            let message = format!("the file has more than {MOST_VALUES} values");
            let fix = "make it smaller, or write repeated values (`*name`) out";
            return Err(Stop::TooMuch(Problem::new(span, message, fix)));
        }
        Ok(())
    }

    /// Whether a tag makes a plain word a text; other tags would choose a type, which is not the file's business.
    fn check_tag(&mut self, event: &Event<'t>, span: Span) -> bool {
        let Some(tag) = event.tag() else { return false };
        let is_text = tag.is_yaml_core_schema_tag("str");
        if !is_text {
            let message = format!("tags such as `{}` mean nothing here", super::diagnose::shown(&tag.to_string()));
            self.problems.push(Problem::new(span, message, "delete the tag"));
        }
        is_text
    }

    fn span(&self, at: parser::Span) -> Span {
        let length = if at.end.line() == at.start.line() { at.end.col().saturating_sub(at.start.col()) } else { 1 };
        Span { line: at.start.line() + self.lines_before, column: at.start.col() + 1, length: length.max(1), layer: 0 }
    }
}

fn anchor_of(event: &Event<'_>) -> usize {
    match event {
        Event::Scalar(_, _, anchor, _) => *anchor,
        Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) => *anchor,
        _ => 0,
    }
}

fn word(text: String, quoted: bool) -> Kind {
    if !quoted && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL") {
        return Kind::Empty;
    }
    Kind::Word(text)
}

/// What is said about a whole block, or about nothing, is said at its key.
fn point_at_key(value: &mut Node, key: Span) {
    let is_block = matches!(value.kind, Kind::List(_) | Kind::Map(_)) && value.span.line > key.line;
    if is_block || value.kind == Kind::Empty {
        value.span = key;
    }
}

const UNKNOWN_ANCHOR: &str = "`*` here repeats a value that has no name";

/// What the parser says, in an operator's words.
fn explain(kind: &ErrorKind, said: &str) -> (String, String) {
    let (message, fix) = match kind {
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
            ("a tab", "indent with spaces")
        }
        ErrorKind::UnknownAnchor => (UNKNOWN_ANCHOR, "quote the text, or write it out"),
        ErrorKind::DirectiveDisallowed => ("a directive (`%`)", "delete the line"),
        ErrorKind::InvalidIndentation => ("this line is not indented like its neighbours", "align it with them"),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            ("a line without `name:`, or a text left open", "check the colon and the quotes here and above")
        }
        ErrorKind::UnexpectedEofFlowSequence | ErrorKind::UnexpectedEofFlowMapping => {
            ("a bracket is left open", "close it with `]` or `}`")
        }
        ErrorKind::UnclosedFlowCollection { .. } => ("this bracket is left open", "close it with `]` or `}`"),
        ErrorKind::UnclosedQuotedScalar => ("this quote is left open", "close it"),
        ErrorKind::MappingValueNotAllowed => ("a colon inside a text", "put the text in quotes"),
        ErrorKind::UnexpectedEof => ("a quote or bracket is left open", "close it"),
        ErrorKind::MismatchedFlowCollectionEnd { .. } | ErrorKind::MisplacedFlowCollectionEnd => {
            ("this bracket closes nothing", "check the brackets before it")
        }
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => {
            ("a comma or a bracket is missing before this", "separate entries by `,` and close them")
        }
        ErrorKind::ExpectedBlockMappingKey => {
            ("a field is expected here", "write `name: value`, aligned with the others")
        }
        ErrorKind::RecursionLimitExceeded => ("too deeply nested", "a file needs no more than a few levels"),
        _ if [">", "@", "%", "`"].iter().any(|sign| said.contains(&format!("`{sign}'"))) => {
            ("a text that begins with a sign", "put it in quotes: `\">= 2\"`")
        }
        _ => return (format!("this is not YAML: {said}"), "check quotes and colons".into()),
    };
    (message.into(), fix.into())
}
