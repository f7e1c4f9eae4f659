//! `chats list`

use crate::args::chats::List;
use crate::desk::{Desk, Zones};
use crate::fail::{Exit, Outcome};
use crate::grid::{Grid, Tone, cell, or_dash, toned};
use crate::printer::Report;
use crate::queues::short;
use crate::words;
use hotelbot::domain::understanding::Sentiment;
use hotelbot::store::journal::{ChatFilter, ChatSummary};
use jiff::Timestamp;
use serde::Serialize;

/// With a filter that the database does not know, this many are looked through.
const LOOKED_THROUGH: i64 = 10_000;

#[derive(Serialize)]
struct Row {
    chat: String,
    hotel: String,
    guest: String,
    guest_name: Option<String>,
    address: String,
    mode: &'static str,
    waiting_since: Option<String>,
    language: Option<String>,
    sentiment: Option<&'static str>,
    last_at: String,
    last_text: Option<String>,
    #[serde(skip)]
    waiting_for: Option<String>,
    #[serde(skip)]
    ago: String,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Rows(Vec<Row>);

/// Lists conversations.
pub async fn run(args: List, desk: &Desk) -> Outcome {
    let store = desk.store(&desk.settings()?).await?;
    let zones = Zones::of(&desk.hotels(&store).await?);
    let now = desk.now();
    let since = |zone: &jiff::tz::TimeZone| args.since.map(|since| since.instant(now, zone));
    let filter = ChatFilter {
        hotels: desk.global.hotel.clone(),
        waiting: args.waiting,
        since: zones.iter().filter_map(since).min(),
        limit: if args.sentiment.is_some() || args.since.is_some() { LOOKED_THROUGH } else { i64::from(args.limit) },
    };
    let wanted = |chat: &ChatSummary| {
        args.sentiment.is_none_or(|sentiment| chat.sentiment == Some(sentiment))
            && since(&zones.get(&chat.hotel)).is_none_or(|since| chat.last_at >= since)
    };
    let chats = store.chats(&filter).await?;
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let rows = chats.iter().filter(|chat| wanted(chat)).take(limit).map(|chat| row(chat, &zones, now, desk));
    desk.printer.report(&Rows(rows.collect()))?;
    Ok(Exit::Done)
}

fn row(chat: &ChatSummary, zones: &Zones, now: Timestamp, desk: &Desk) -> Row {
    let (conversation, zone) = (&chat.conversation, zones.get(&chat.hotel));
    let waits = |since| words::waiting(words::since(now, since));
    Row {
        chat: conversation.id.to_string(),
        hotel: chat.hotel.to_string(),
        guest: conversation.guest.to_string(),
        guest_name: conversation.name.as_deref().map(|name| desk.guests().name(name)),
        address: desk.guests().address(conversation.address.as_str()),
        mode: if conversation.mode.is_handoff(now) { "handoff" } else { "bot" },
        waiting_since: conversation.waiting_since.map(|since| words::stamp(since, &zone)),
        language: conversation.language.map(|language| language.to_string()),
        sentiment: chat.sentiment.map(Sentiment::as_str),
        last_at: words::stamp(chat.last_at, &zone),
        last_text: chat.last_text.clone(),
        waiting_for: conversation.waiting_since.map(waits),
        ago: words::ago(now, chat.last_at),
    }
}

impl Report for Rows {
    fn text(&self) -> String {
        if self.0.is_empty() {
            return "No conversations\n".to_owned();
        }
        let mut grid =
            Grid::new(&["HOTEL", "CHAT", "GUEST", "NAME", "MODE", "WAITING", "SENTIMENT", "LAST", "MESSAGE"]);
        for row in &self.0 {
            let waiting = if row.waiting_for.is_some() { Tone::Bad } else { Tone::Plain };
            grid.row([
                cell(&row.hotel),
                cell(short(&row.chat)),
                cell(&row.address),
                cell(or_dash(row.guest_name.as_ref())),
                cell(row.mode),
                toned(or_dash(row.waiting_for.as_ref()), waiting),
                toned(or_dash(row.sentiment), tone(row.sentiment)),
                cell(&row.ago),
                cell(row.last_text.as_deref().map(words::one_line).unwrap_or_default()),
            ]);
        }
        grid.text()
    }
}

fn tone(sentiment: Option<&str>) -> Tone {
    match sentiment {
        Some("negative" | "requires_attention") => Tone::Warn,
        _ => Tone::Plain,
    }
}
