//! `hotelbot outbox`: what waits to be sent, what was refused, what is uncertain.

use crate::args::queues::{Outbox, OutboxList, Some as Several};
use crate::confirm::{Answer, confirm};
use crate::desk::{Desk, Zones};
use crate::fail::{Exit, Failure, Outcome};
use crate::grid::{Grid, Tone, cell, toned};
use crate::printer::Report;
use crate::queues::{Done, dry_run, one_of, short};
use crate::words;
use hotelbot::domain::message::Delivery;
use hotelbot::store::Store;
use hotelbot::store::queues::{OutboxRow, QueueFilter};
use serde::Serialize;
use std::fmt::Write as _;
use std::time::Duration;

/// How long a message that is sent once more may wait.
const KEPT: Duration = Duration::from_secs(24 * 3_600);

/// A row in JSON.
#[derive(Serialize)]
struct View {
    id: String,
    hotel: String,
    chat: String,
    message: String,
    address: String,
    author: &'static str,
    origin: &'static str,
    intent: String,
    text: String,
    state: &'static str,
    created_at: String,
    due_at: String,
    expires_at: String,
    attempts: i64,
    provider_id: Option<String>,
    note: Option<String>,
    #[serde(skip)]
    ago: String,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Rows(Vec<View>);

/// Runs one verb.
pub async fn run(verb: Outbox, desk: &Desk) -> Outcome {
    let store = desk.store(&desk.settings()?).await?;
    match verb {
        Outbox::List(args) => list(args, &store, desk).await,
        Outbox::Show(args) => show(&args.id, &store, desk).await,
        Outbox::Retry(args) => retry(args, &store, desk).await,
        Outbox::Cancel(args) => cancel(args, &store, desk).await,
    }
}

async fn list(args: OutboxList, store: &Store, desk: &Desk) -> Outcome {
    let zones = Zones::of(&desk.hotels(store).await?);
    let states = match &args {
        OutboxList { failed: true, .. } => vec!["refused"],
        OutboxList { unknown: true, .. } => vec!["unknown"],
        OutboxList { all: true, .. } => Vec::new(),
        _ => vec!["planned", "sending", "unknown", "refused"],
    };
    let filter = QueueFilter { hotels: desk.global.hotel.clone(), states, limit: i64::from(args.limit) };
    let rows = store.outbox_rows(&filter).await?;
    desk.printer.report(&Rows(rows.iter().map(|row| view(row, &zones, desk)).collect()))?;
    Ok(Exit::Done)
}

fn view(row: &OutboxRow, zones: &Zones, desk: &Desk) -> View {
    let zone = zones.get(&row.hotel);
    View {
        id: row.id.to_string(),
        hotel: row.hotel.to_string(),
        chat: row.chat.to_string(),
        message: row.message.to_string(),
        address: desk.guests().address(&row.address),
        author: row.author.as_str(),
        origin: row.origin.as_str(),
        intent: row.intent.clone(),
        text: row.text.clone(),
        state: row.state.as_str(),
        created_at: words::stamp(row.created_at, &zone),
        due_at: words::stamp(row.due_at, &zone),
        expires_at: words::stamp(row.expires_at, &zone),
        attempts: row.attempts,
        provider_id: row.provider_id.clone(),
        note: row.note.clone(),
        ago: words::ago(desk.now(), row.created_at),
    }
}

impl Report for Rows {
    fn text(&self) -> String {
        if self.0.is_empty() {
            return "Nothing waits in the outbox\n".to_owned();
        }
        let mut grid = Grid::new(&["HOTEL", "ID", "GUEST", "AUTHOR", "STATE", "TRIES", "PLANNED", "WHY", "MESSAGE"]);
        grid = grid.numbers(&[5]);
        for row in &self.0 {
            grid.row([
                cell(&row.hotel),
                cell(short(&row.id)),
                cell(&row.address),
                cell(row.author),
                toned(row.state, tone(row.state)),
                cell(row.attempts),
                cell(&row.ago),
                cell(words::one_line(row.note.as_deref().unwrap_or("-"))),
                cell(words::one_line(&row.text)),
            ]);
        }
        grid.text()
    }
}

fn tone(state: &str) -> Tone {
    match state {
        "refused" | "unknown" => Tone::Bad,
        "planned" | "sending" => Tone::Plain,
        "cancelled" => Tone::Dim,
        _ => Tone::Good,
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct One(View);

async fn show(id: &str, store: &Store, desk: &Desk) -> Outcome {
    let zones = Zones::of(&desk.hotels(store).await?);
    let row = row(id, store, desk).await?;
    desk.printer.report(&One(view(&row, &zones, desk)))?;
    Ok(Exit::Done)
}

impl Report for One {
    fn text(&self) -> String {
        let row = &self.0;
        let mut text = String::new();
        // Writing to a String cannot fail.
        let mut fact = |name: &str, value: &str| {
            let _ = writeln!(text, "{name:9} {value}");
        };
        fact("id", &row.id);
        fact("hotel", &row.hotel);
        fact("chat", &row.chat);
        fact("guest", &row.address);
        fact("author", &format!("{} ({})", row.author, row.origin));
        fact("intent", &row.intent);
        fact("state", row.state);
        fact("planned", &row.created_at);
        fact("due", &row.due_at);
        fact("expires", &row.expires_at);
        fact("tries", &row.attempts.to_string());
        for (name, value) in [("vendor id", &row.provider_id), ("why", &row.note)] {
            if let Some(value) = value {
                fact(name, &words::one_line(value));
            }
        }
        let _ = write!(text, "\n{}\n", hotelbot::domain::script::visible(&row.text));
        text
    }
}

async fn row(id: &str, store: &Store, desk: &Desk) -> anyhow::Result<OutboxRow> {
    let found = store.find_outbox(id, &desk.global.hotel, 2).await?;
    Ok(one_of(id, found, "outbox")?)
}

async fn rows(ids: &[String], may: &[Delivery], store: &Store, desk: &Desk) -> anyhow::Result<Vec<OutboxRow>> {
    let mut rows = Vec::new();
    for id in ids {
        rows.push(row(id, store, desk).await?);
    }
    if let Some(row) = rows.iter().find(|row| !may.contains(&row.state)) {
        let words: Vec<&str> = may.iter().map(|state| state.as_str()).collect();
        let message = format!("`{}` is {}; this is for what is {}", short(row.id), row.state, words.join(" or "));
        return Err(Failure::wrong(message).hint(format!("Run `hotelbot outbox show {}`", short(row.id))).into());
    }
    Ok(rows)
}

async fn retry(args: Several, store: &Store, desk: &Desk) -> Outcome {
    let may = [Delivery::Refused, Delivery::Cancelled, Delivery::Unknown];
    let rows = rows(&args.ids, &may, store, desk).await?;
    let what = words::count(rows.len(), "message", "messages");
    if args.dry_run {
        return dry_run(desk, &format!("Would send {what} once more"), rows.len());
    }
    let uncertain = rows.iter().filter(|row| row.state == Delivery::Unknown).count();
    let twice = match uncertain {
        0 => String::new(),
        count => {
            format!(" {} may have arrived already and would arrive twice", words::count(count, "message", "messages"))
        }
    };
    if confirm(&desk.global, &desk.printer, &format!("Send {what} once more?{twice}"))? == Answer::No {
        return Ok(Exit::Done);
    }
    let now = desk.now();
    let ids = rows.iter().map(|row| (row.hotel.clone(), row.id)).collect();
    let changed = store.retry_outbox(ids, now, words::after(now, KEPT)).await?;
    let text = format!("Planned {what}; the daemon sends next\n");
    desk.printer.report(&Done { changed, dry_run: false, text })?;
    Ok(Exit::Done)
}

async fn cancel(args: Several, store: &Store, desk: &Desk) -> Outcome {
    let rows = rows(&args.ids, &[Delivery::Planned, Delivery::Unknown], store, desk).await?;
    let what = words::count(rows.len(), "message", "messages");
    if args.dry_run {
        return dry_run(desk, &format!("Would cancel {what}"), rows.len());
    }
    if confirm(&desk.global, &desk.printer, &format!("Cancel {what}?"))? == Answer::No {
        return Ok(Exit::Done);
    }
    let ids = rows.iter().map(|row| (row.hotel.clone(), row.id)).collect();
    let changed = store.cancel_outbox(ids).await?;
    let left = rows.len() as u64 - changed;
    let text = match left {
        0 => format!("Cancelled {what}\n"),
        left => format!("Cancelled {changed}; {left} had left meanwhile\n"),
    };
    desk.printer.report(&Done { changed, dry_run: false, text })?;
    Ok(Exit::Done)
}
