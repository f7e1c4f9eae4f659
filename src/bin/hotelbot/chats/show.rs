//! `chats show`

use super::message::{Before, MessageView, line};
use super::{Found, find};
use crate::alerts::AlertLine;
use crate::args::chats::Show;
use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use crate::printer::Report;
use crate::words;
use hotelbot::domain::conversation::{Consent, Mode};
use hotelbot::store::alerts::AlertView;
use hotelbot::store::journal::JournalMessage;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::fmt::Write as _;

/// The latest alerts that are shown with a conversation.
const ALERTS: i64 = 20;

/// A conversation. The first five fields and those of the messages are part of the contract.
#[derive(Serialize)]
struct Shown {
    chat: String,
    hotel: String,
    guest: String,
    mode: &'static str,
    messages: Vec<MessageView>,
    address: String,
    guest_name: Option<String>,
    language: Option<String>,
    consent: &'static str,
    waiting_since: Option<String>,
    handoff: Option<HandoffView>,
    alerts: Vec<AlertLine>,
    #[serde(skip)]
    text: String,
}

#[derive(Serialize)]
struct HandoffView {
    since: String,
    until: Option<String>,
    why: &'static str,
}

/// Shows one conversation.
pub async fn run(args: Show, desk: &Desk) -> Outcome {
    let store = desk.store(&desk.settings()?).await?;
    let found = find(&args.one.chat, &store, desk).await?;
    let (now, zone) = (desk.now(), found.zone());
    let since = args.since.map_or(Timestamp::UNIX_EPOCH, |since| since.instant(now, &zone));
    let messages = store.chat_messages(&found.hotel, found.conversation.id, since, i64::from(args.limit)).await?;
    let alerts = store.alerts_of_chat(&found.hotel, found.conversation.id, ALERTS).await?;
    desk.printer.report(&shown(&found, &messages, &alerts, desk))?;
    Ok(Exit::Done)
}

fn shown(found: &Found, messages: &[JournalMessage], alerts: &[AlertView], desk: &Desk) -> Shown {
    let sla = found.in_force.as_ref().map(|hotel| &hotel.sla);
    let (conversation, zone, now) = (&found.conversation, found.zone(), desk.now());
    Shown {
        chat: conversation.id.to_string(),
        hotel: found.hotel.to_string(),
        guest: conversation.guest.to_string(),
        mode: if conversation.mode.is_handoff(now) { "handoff" } else { "bot" },
        messages: messages.iter().map(|message| MessageView::of(message, &zone)).collect(),
        address: found.guest(desk),
        guest_name: conversation.name.as_deref().map(|name| desk.guests().name(name)),
        language: conversation.language.map(|language| language.to_string()),
        consent: consent(conversation.consent),
        waiting_since: conversation.waiting_since.map(|since| words::stamp(since, &zone)),
        handoff: handoff(conversation.mode, now, &zone),
        alerts: alerts.iter().map(|view| AlertLine::of(view, sla, &zone, desk)).collect(),
        text: text(found, messages, alerts, desk),
    }
}

fn consent(consent: Consent) -> &'static str {
    match consent {
        Consent::Unknown => "unknown",
        Consent::OptedIn { .. } => "opted_in",
        Consent::OptedOut { .. } => "opted_out",
    }
}

fn handoff(mode: Mode, now: Timestamp, zone: &TimeZone) -> Option<HandoffView> {
    match mode {
        Mode::Handoff { since, until, why } if mode.is_handoff(now) => Some(HandoffView {
            since: words::stamp(since, zone),
            until: until.map(|until| words::stamp(until, zone)),
            why: why.as_str(),
        }),
        _ => None,
    }
}

impl Report for Shown {
    fn text(&self) -> String {
        self.text.clone()
    }
}

fn text(found: &Found, messages: &[JournalMessage], alerts: &[AlertView], desk: &Desk) -> String {
    let (zone, now) = (found.zone(), desk.now());
    let mut text = heading(found, alerts, desk);
    let mut day = None;
    // Writing to a String cannot fail.
    for message in messages {
        let date = message.message.at.to_zoned(zone.clone()).date();
        if day != Some(date) {
            let name = zone.iana_name().unwrap_or("UTC");
            let _ = writeln!(text, "\n{date}, hotel time ({name})");
            day = Some(date);
        }
        text.push_str(&line(message, &Before { hotel: None, guest: false }, &zone, desk));
    }
    if messages.is_empty() {
        text.push_str("\nNo messages\n");
    }
    if found.conversation.mode.is_handoff(now) {
        let _ = write!(text, "\nHand it back: hotelbot chats resume {}\n", found.conversation.id);
    }
    text
}

fn heading(found: &Found, alerts: &[AlertView], desk: &Desk) -> String {
    let (conversation, zone, now) = (&found.conversation, found.zone(), desk.now());
    let name = conversation.name.as_deref().map(|name| format!("  {}", desk.guests().name(name))).unwrap_or_default();
    let mut text = format!("{}{name}, {}\n", found.guest(desk), found.hotel);
    let mut fact = |name: &str, value: String| {
        let _ = writeln!(text, "{name:9} {value}");
    };
    fact("chat", conversation.id.to_string());
    fact("leads", leads(conversation.mode, now, &zone));
    if let Some(language) = conversation.language {
        fact("language", language.to_string());
    }
    if conversation.consent != Consent::Unknown {
        fact("consent", consent(conversation.consent).to_owned());
    }
    if let Some(since) = conversation.waiting_since {
        let length = words::span(words::since(now, since));
        fact("waiting", format!("for a person since {}, {length}", words::moment(since, now, &zone)));
    }
    for alert in alerts.iter().map(|view| &view.alert).filter(|alert| alert.is_unresolved()) {
        let since = words::moment(alert.raised_at, now, &zone);
        let (number, topic, severity) = (alert.number, alert.topic, alert.severity);
        fact("alert", format!("{number}, {topic}, {severity}, {} since {since}", alert.standing()));
    }
    text
}

/// Who leads a conversation, in words.
pub fn leads(mode: Mode, now: Timestamp, zone: &TimeZone) -> String {
    match mode {
        Mode::Handoff { since, until, why } if mode.is_handoff(now) => {
            let until = match until {
                Some(until) => format!("until {}", words::moment(until, now, zone)),
                None => "until it is handed back".to_owned(),
            };
            format!("a person since {}, {until} ({why})", words::moment(since, now, zone))
        }
        _ => "the bot".to_owned(),
    }
}
