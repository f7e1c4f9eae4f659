//! `alerts show`

use super::view::{AlertLine, overdue};
use super::{Found, find};
use crate::args::alerts::One;
use crate::chats::message::{Before, MessageView, line};
use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use crate::printer::Report;
use crate::words;
use hotelbot::domain::alert::{Act, AlertState, Evidence, StayPhase, Through};
use hotelbot::store::Store;
use hotelbot::store::journal::JournalMessage;
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Write as _;

/// What an alert rests on, as far as it is shown.
const EVIDENCE: i64 = 20;
/// Messages of the chat that are shown with it.
const MESSAGES: i64 = 10;

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    alert: AlertLine,
    turns: Vec<EvidenceView>,
    messages: Vec<MessageView>,
    #[serde(skip)]
    text: String,
}

#[derive(Serialize)]
struct EvidenceView {
    turn: String,
    at: String,
    words: String,
    label: &'static str,
    confidence: Option<f64>,
}

impl Report for Shown {
    fn text(&self) -> String {
        self.text.clone()
    }
}

/// Shows one alert.
pub async fn run(args: One, store: &Store, desk: &Desk) -> Outcome {
    let found = find(&args.alert, store, desk).await?;
    let (alert, zone) = (&found.view.alert, found.zone());
    let evidence = store.alert_evidence(&alert.hotel, alert.id, EVIDENCE).await?;
    let messages = store.chat_messages(&alert.hotel, alert.chat, Timestamp::UNIX_EPOCH, MESSAGES).await?;
    let sla = found.hotel.as_ref().map(|hotel| &hotel.sla);
    let turn = |one: &Evidence| EvidenceView {
        turn: one.turn.to_string(),
        at: words::stamp(one.at, &zone),
        words: one.words.clone(),
        label: one.label.as_str(),
        confidence: one.confidence.map(|value| (f64::from(value) * 1_000.0).round() / 1_000.0),
    };
    let shown = Shown {
        alert: AlertLine::of(&found.view, sla, &zone, desk),
        turns: evidence.iter().map(turn).collect(),
        messages: messages.iter().map(|message| MessageView::of(message, &zone)).collect(),
        text: text(&found, &evidence, &messages, desk),
    };
    desk.printer.report(&shown)?;
    Ok(Exit::Done)
}

fn text(found: &Found, evidence: &[Evidence], messages: &[JournalMessage], desk: &Desk) -> String {
    let (alert, zone) = (&found.view.alert, found.zone());
    let mut text = heading(found, desk);
    // Writing to a String cannot fail.
    let earlier = alert.evidence - i64::try_from(evidence.len()).unwrap_or(0);
    let _ = writeln!(
        text,
        "\nWhat the guest wrote{}",
        if earlier > 0 { format!(", {earlier} earlier not shown") } else { String::new() }
    );
    for one in evidence {
        let at = words::clock(one.at, &zone);
        let _ = writeln!(text, "{at}  {}  [{}]", words::one_line(&one.words), reading(one));
    }
    text.push_str("\nThe conversation\n");
    for message in messages {
        text.push_str(&line(message, &Before { hotel: None, guest: false }, &zone, desk));
    }
    if let Some(reply) = &alert.suggested_reply {
        let _ = write!(text, "\nThe model would have answered\n  {}\n", words::one_line(reply));
    }
    text.push_str(&next(found));
    text
}

fn heading(found: &Found, desk: &Desk) -> String {
    let (view, zone, now) = (&found.view, found.zone(), desk.now());
    let alert = &view.alert;
    let mut text = format!("Alert {}, {}: {}, {}\n", alert.number, alert.hotel, alert.topic, alert.severity);
    let mut fact = |name: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:9} {value}");
    };
    let name = view.guest.as_deref().map(|name| format!("  {}", desk.guests().name(name))).unwrap_or_default();
    fact("id", alert.id.to_string());
    fact("guest", format!("{}{name}", desk.guests().address(view.address.as_str())));
    fact("stay", stay(found));
    fact("chat", alert.chat.to_string());
    fact("read as", reading_of(found));
    if let Some(department) = &alert.department {
        fact("for", words::one_line(department));
    }
    fact("raised", words::moment(alert.raised_at, now, &zone));
    let late = found.hotel.as_ref().and_then(|hotel| overdue(alert, &hotel.sla, now));
    fact("state", late.map_or_else(|| alert.standing(), |late| format!("{}: {late}", alert.standing())));
    for (name, act) in [("taken", &alert.acknowledged), ("resolved", &alert.resolved)] {
        if let Some(act) = act {
            fact(name, format!("{} by {}", words::moment(act.at, now, &zone), who(act)));
        }
    }
    text
}

fn stay(found: &Found) -> String {
    let whereabouts = &found.view.alert.whereabouts;
    let phase = match whereabouts.phase {
        StayPhase::InHouse => "in house",
        StayPhase::Arriving => "arriving",
        StayPhase::Departed => "departed",
        StayPhase::Unknown => return "no reservation is known".to_owned(),
    };
    let room = found.view.room.as_deref().map(|room| format!(", room {}", words::one_line(room))).unwrap_or_default();
    let id = whereabouts.reservation.as_ref().map(|id| format!(" ({})", words::one_line(id.as_str())));
    format!("{phase}{room}{}", id.unwrap_or_default())
}

fn reading_of(found: &Found) -> String {
    let alert = &found.view.alert;
    let mut words = vec![alert.label.to_string()];
    words.extend(alert.confidence.map(|confidence| format!("{confidence:.2}")));
    let because = alert.reason.map(|reason| format!(", {reason}")).unwrap_or_default();
    format!("{}{because}", words.join(" "))
}

fn reading(one: &Evidence) -> String {
    match one.confidence {
        Some(confidence) => format!("{} {confidence:.2}", one.label),
        None => one.label.to_string(),
    }
}

fn who(act: &Act) -> String {
    let by = words::one_line(&act.by);
    match act.through {
        Through::Command => by,
        Through::Chat => format!("{by}, in chat"),
        Through::Message => format!("{by}, who wrote to the guest"),
    }
}

/// The next likely commands.
fn next(found: &Found) -> String {
    let alert = &found.view.alert;
    let (number, hotel, chat) = (alert.number, &alert.hotel, alert.chat);
    let resolve = format!("End it: hotelbot alerts resolve {number} --hotel {hotel}\n");
    match alert.state {
        AlertState::Open => format!(
            "\nTake it: hotelbot alerts ack {number} --hotel {hotel}\nAnswer: hotelbot chats send {chat} 'TEXT'\n{resolve}"
        ),
        AlertState::Acknowledged => format!("\nAnswer: hotelbot chats send {chat} 'TEXT'\n{resolve}"),
        AlertState::Resolved => String::new(),
    }
}
