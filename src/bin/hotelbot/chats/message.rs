//! One message as people and programs see it.

use crate::desk::Desk;
use crate::words;
use anstyle::{AnsiColor, Style};
use hotelbot::domain::message::{Author, Delivery, Origin};
use hotelbot::store::journal::JournalMessage;
use jiff::tz::TimeZone;
use serde::Serialize;

/// The fields of a message in JSON. They are part of the contract.
#[derive(Serialize, Clone, Debug)]
pub struct MessageView {
    id: String,
    provider_id: Option<String>,
    direction: &'static str,
    author: &'static str,
    origin: &'static str,
    text: String,
    at: String,
    delivery: Option<&'static str>,
    language: Option<String>,
    sentiment: Option<&'static str>,
    confidence: Option<f64>,
    rule: Option<String>,
    turn: Option<String>,
    note: Option<String>,
}

impl MessageView {
    /// Of a stored message, in a hotel's time.
    pub fn of(journal: &JournalMessage, zone: &TimeZone) -> Self {
        let message = &journal.message;
        Self {
            id: message.id.to_string(),
            provider_id: message.provider_id.as_ref().map(ToString::to_string),
            direction: message.direction.as_str(),
            author: message.author.as_str(),
            origin: message.origin.as_str(),
            text: message.text.clone(),
            at: words::stamp(message.at, zone),
            delivery: message.delivery.map(Delivery::as_str),
            language: message.language.map(|language| language.to_string()),
            sentiment: message.sentiment.map(|sentiment| sentiment.as_str()),
            confidence: journal.confidence,
            rule: journal.rule.clone(),
            turn: journal.turn.map(|turn| turn.to_string()),
            note: journal.note.clone(),
        }
    }
}

/// What stands before the words.
pub struct Before<'a> {
    /// The hotel, where several are shown.
    pub hotel: Option<&'a str>,
    /// Whether the guest's address is shown.
    pub guest: bool,
}

/// The narrowest column of words, so that what follows them stands in a line.
const WORDS: usize = 44;

/// One line: clock, who, direction, words, why.
pub fn line(journal: &JournalMessage, before: &Before<'_>, zone: &TimeZone, desk: &Desk) -> String {
    let message = &journal.message;
    let mut line = head(journal, message.at, before, zone, desk);
    let (arrow, style) = look(message.author);
    let why = why(journal);
    let text = words::one_line(&message.text);
    let pad = if why.is_empty() { 0 } else { WORDS.saturating_sub(text.chars().count()) };
    line.push_str(&format!("{style}{:5}{style:#} {arrow} {text}{:pad$}", message.author.as_str(), ""));
    if !why.is_empty() {
        let dim = Style::new().dimmed();
        line.push_str(&format!("  {dim}[{why}]{dim:#}"));
    }
    line.push('\n');
    line
}

/// What a guest's message was read as, when that came after it was shown.
pub fn reading_line(journal: &JournalMessage, before: &Before<'_>, zone: &TimeZone, desk: &Desk) -> String {
    let dim = Style::new().dimmed();
    let mut grounds = Vec::from_iter(sentiment(journal));
    grounds.extend(journal.rule.as_ref().map(|rule| format!("rule {rule}")));
    let head = head(journal, journal.message.at, before, zone, desk);
    format!("{head}{:5} . {dim}read as {}{dim:#}\n", "bot", grounds.join(", "))
}

fn head(journal: &JournalMessage, at: jiff::Timestamp, before: &Before<'_>, zone: &TimeZone, desk: &Desk) -> String {
    before_words(before, at, &journal.address, zone, desk)
}

/// What stands before who writes: the clock, and whose conversation it is.
pub fn before_words(before: &Before<'_>, at: jiff::Timestamp, address: &str, zone: &TimeZone, desk: &Desk) -> String {
    let mut head = format!("{}  ", words::clock(at, zone));
    if let Some(hotel) = before.hotel {
        head.push_str(&format!("{hotel:10}  "));
    }
    if before.guest {
        head.push_str(&format!("{:16}  ", desk.guests().address(address)));
    }
    head
}

fn look(author: Author) -> (char, Style) {
    match author {
        Author::Guest => ('<', AnsiColor::Cyan.on_default()),
        Author::Bot => ('>', AnsiColor::Green.on_default()),
        Author::Staff => ('>', AnsiColor::Magenta.on_default()),
    }
}

fn sentiment(journal: &JournalMessage) -> Option<String> {
    let word = journal.message.sentiment?.as_str();
    Some(match journal.confidence {
        Some(confidence) => format!("{word} {confidence:.2}"),
        None => word.to_owned(),
    })
}

/// What is behind the message: how a guest's was read; what caused one of ours, and whether it will not arrive.
fn why(journal: &JournalMessage) -> String {
    let message = &journal.message;
    let mut why = Vec::new();
    match message.author {
        Author::Guest => why.extend(sentiment(journal)),
        Author::Bot => why.extend(journal.rule.as_ref().map(|rule| format!("rule {rule}"))),
        Author::Staff if message.delivery.is_none() => why.push("from phone".to_owned()),
        Author::Staff => why.push("by command".to_owned()),
    }
    if message.origin == Origin::Template {
        why.push("the hotel's own text".to_owned());
    }
    if let Some(delivery @ (Delivery::Refused | Delivery::Unknown | Delivery::Cancelled)) = message.delivery {
        why.push(match &journal.note {
            Some(note) => format!("{delivery}: {}", words::one_line(note)),
            None => delivery.to_string(),
        });
    }
    why.join("; ")
}
