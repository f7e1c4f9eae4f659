//! `hotelbot inbox`: what came in and is not done, and what a person decides about it.

use crate::args::queues::{Inbox, InboxList, Some as Several};
use crate::confirm::{Answer, confirm};
use crate::desk::{Desk, Zones};
use crate::fail::{Exit, Failure, Outcome};
use crate::grid::{Grid, Tone, cell, toned};
use crate::printer::Report;
use crate::queues::{Done, dry_run, one_of, short};
use crate::words;
use hotelbot::app::App;
use hotelbot::config::Settings;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::{HotelId, InboxId};
use hotelbot::domain::received::{Received, ReceivedEvent};
use hotelbot::flow::stays::Teller;
use hotelbot::flow::{Flow, pms, receive};
use hotelbot::store::queues::{InboxRow, QueueFilter};
use hotelbot::store::{OpenOptions, Store};
use serde::Serialize;
use std::fmt::Write as _;
use std::sync::Arc;

/// A row in JSON.
#[derive(Serialize)]
struct View {
    id: String,
    hotel: String,
    kind: String,
    state: String,
    chat: Option<String>,
    received_at: String,
    done_at: Option<String>,
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Received>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    #[serde(skip)]
    ago: String,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Rows(Vec<View>);

/// Runs one verb.
pub async fn run(verb: Inbox, desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let store = desk.store(&settings).await?;
    match verb {
        Inbox::List(args) => list(args, &store, desk).await,
        Inbox::Show(args) => show(&args.id, &store, desk).await,
        Inbox::Retry(args) => retry(args, &store, &settings, desk).await,
        Inbox::Discard(args) => discard(args, &store, desk).await,
    }
}

async fn list(args: InboxList, store: &Store, desk: &Desk) -> Outcome {
    let zones = Zones::of(&desk.hotels(store).await?);
    let states: &[&'static str] = match (args.failed, args.all) {
        (true, _) => &["quarantined", "failed"],
        (_, true) => &[],
        _ => &["available", "quarantined", "failed"],
    };
    let hotels = desk.global.hotel.clone();
    let filter = QueueFilter { hotels, states: states.to_vec(), limit: i64::from(args.limit) };
    let rows = store.inbox_rows(&filter).await?;
    desk.printer.report(&Rows(rows.iter().map(|row| view(row, &zones, desk)).collect()))?;
    Ok(Exit::Done)
}

fn view(row: &InboxRow, zones: &Zones, desk: &Desk) -> View {
    let zone = zones.get(&row.hotel);
    View {
        id: row.id.to_string(),
        hotel: row.hotel.to_string(),
        kind: row.kind.clone(),
        state: row.state.clone(),
        chat: row.chat.map(|chat| chat.to_string()),
        received_at: words::stamp(row.received_at, &zone),
        done_at: row.done_at.map(|at| words::stamp(at, &zone)),
        note: row.note.clone(),
        event: None,
        raw: None,
        ago: words::ago(desk.now(), row.received_at),
    }
}

impl Report for Rows {
    fn text(&self) -> String {
        if self.0.is_empty() {
            return "Nothing waits in the inbox\n".to_owned();
        }
        let mut grid = Grid::new(&["HOTEL", "ID", "KIND", "STATE", "RECEIVED", "WHY"]);
        for row in &self.0 {
            let tone = if row.state == "available" { Tone::Plain } else { Tone::Warn };
            grid.row([
                cell(&row.hotel),
                cell(short(&row.id)),
                cell(&row.kind),
                toned(&row.state, tone),
                cell(&row.ago),
                cell(words::one_line(row.note.as_deref().unwrap_or("-"))),
            ]);
        }
        grid.text()
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct One(View);

async fn show(id: &str, store: &Store, desk: &Desk) -> Outcome {
    let zones = Zones::of(&desk.hotels(store).await?);
    let row = row(id, store, desk).await?;
    let view = View { event: Some(row.received.clone()), raw: Some(row.raw.clone()), ..view(&row, &zones, desk) };
    desk.printer.report(&One(view))?;
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
        fact("kind", &row.kind);
        fact("state", &row.state);
        fact("received", &row.received_at);
        for (name, value) in [("done", &row.done_at), ("chat", &row.chat), ("why", &row.note)] {
            if let Some(value) = value {
                fact(name, &words::one_line(value));
            }
        }
        if let Some(event) = &row.event {
            let event = serde_json::to_string_pretty(&event.event).unwrap_or_default();
            let _ = write!(text, "\nUnderstood as\n{event}\n");
        }
        if let Some(raw) = &row.raw {
            let _ = write!(text, "\nAs it came\n{}\n", hotelbot::domain::script::visible(raw));
        }
        text
    }
}

async fn row(id: &str, store: &Store, desk: &Desk) -> anyhow::Result<InboxRow> {
    let found = store.find_inbox(id, &desk.global.hotel, 2).await?;
    Ok(one_of(id, found, "inbox")?)
}

async fn rows(ids: &[String], store: &Store, desk: &Desk) -> anyhow::Result<Vec<InboxRow>> {
    let mut rows = Vec::new();
    for id in ids {
        rows.push(row(id, store, desk).await?);
    }
    if let Some(row) = rows.iter().find(|row| row.state != "quarantined" && row.state != "failed") {
        let message = format!("`{}` did not fail: it is {}", short(row.id), row.state);
        return Err(Failure::wrong(message).hint("Run `hotelbot inbox list --failed`").into());
    }
    Ok(rows)
}

/// What failed is handled once more; what could not be read is read once more, by this program's present reading.
async fn retry(args: Several, store: &Store, settings: &Settings, desk: &Desk) -> Outcome {
    let rows = rows(&args.ids, store, desk).await?;
    let what = words::count(rows.len(), "row", "rows");
    if args.dry_run {
        return dry_run(desk, &format!("Would retry {what}"), rows.len());
    }
    let (unread, failed): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.state == "quarantined");
    let failed_ids: Vec<(HotelId, InboxId)> = failed.iter().map(|row| (row.hotel.clone(), row.id)).collect();
    let mut done = store.retry_inbox(failed_ids, desk.now()).await?;
    let left = read_all_again(&unread, settings, desk).await?;
    done += (unread.len() - left.len()) as u64;
    let mut text = format!("Retried {}\n", words::count(usize::try_from(done).unwrap_or(0), "row", "rows"));
    if !left.is_empty() {
        let _ = writeln!(text, "Still not readable: {}; `hotelbot inbox discard` closes them", left.join(", "));
    }
    let exit = if left.is_empty() { Exit::Done } else { Exit::No };
    desk.printer.report(&Done { changed: done, dry_run: false, text })?;
    Ok(exit)
}

/// Returns those that still cannot be read.
async fn read_all_again(rows: &[InboxRow], settings: &Settings, desk: &Desk) -> anyhow::Result<Vec<String>> {
    let mut left = Vec::new();
    if rows.is_empty() {
        return Ok(left);
    }
    let flow = App::open(settings, &desk.environment, OpenOptions::default()).await?.flow;
    for row in rows {
        if !read_again(row, &flow, desk).await? {
            left.push(short(row.id));
        }
    }
    Ok(left)
}

/// Reads a body anew; if that goes well, it comes in once more and the old row is closed.
async fn read_again(row: &InboxRow, flow: &Flow, desk: &Desk) -> anyhow::Result<bool> {
    let hotel = desk.hotel(&flow.store, &row.hotel).await?.hotel;
    if row.received.key.starts_with(pms::KEY) {
        return deliver_again(row, hotel, flow, desk).await;
    }
    let received = flow.channel.parse(&hotel.whatsapp.instance, row.raw.as_bytes());
    if matches!(received.event, ReceivedEvent::Unreadable { .. }) || row.kind == "conflict" {
        return Ok(false);
    }
    let arrival = receive::arrival(flow, &hotel, received, row.raw.as_bytes());
    let note = format!("read again as {}", arrival.id);
    flow.store.receive(vec![arrival]).await?;
    flow.store.discard_inbox(vec![(row.hotel.clone(), row.id)], note, desk.now()).await?;
    Ok(true)
}

/// Reads anew what a PMS delivered.
async fn deliver_again(row: &InboxRow, hotel: Hotel, flow: &Flow, desk: &Desk) -> anyhow::Result<bool> {
    let delivered = flow.deliveries.read(&hotel, row.raw.as_bytes());
    if !delivered.unread.is_empty() || delivered.told.is_empty() {
        return Ok(false);
    }
    Teller::of(flow).deliver(Arc::new(hotel), delivered.told, false).await?;
    let note = "read again".to_owned();
    flow.store.discard_inbox(vec![(row.hotel.clone(), row.id)], note, desk.now()).await?;
    Ok(true)
}

async fn discard(args: Several, store: &Store, desk: &Desk) -> Outcome {
    let rows = rows(&args.ids, store, desk).await?;
    let what = words::count(rows.len(), "row", "rows");
    if args.dry_run {
        return dry_run(desk, &format!("Would discard {what}"), rows.len());
    }
    let question = format!("Discard {what}? Nobody will answer what is in them");
    if confirm(&desk.global, &desk.printer, &question)? == Answer::No {
        return Ok(Exit::Done);
    }
    let ids = rows.iter().map(|row| (row.hotel.clone(), row.id)).collect();
    let changed = store.discard_inbox(ids, "discarded by command".to_owned(), desk.now()).await?;
    desk.printer.report(&Done { changed, dry_run: false, text: format!("Discarded {what}\n") })?;
    Ok(Exit::Done)
}
