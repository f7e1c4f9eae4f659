//! `hotels list` and `hotels show`: what is in force.

use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use crate::grid::{Grid, Tone, cell, or_dash, toned};
use crate::hotels::line::reference;
use crate::printer::Report;
use crate::words;
use hotelbot::domain::hotel::{Hotel, Receive};
use hotelbot::domain::ids::HotelId;
use hotelbot::domain::plan::spell_duration;
use hotelbot::store::hotels::HotelInForce;
use hotelbot::store::queues::Workload;
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Write as _;

/// A hotel on the list.
#[derive(Serialize)]
struct Row {
    hotel: String,
    name: String,
    whatsapp: Option<String>,
    whatsapp_problem: Option<String>,
    paused_at: Option<String>,
    paused_reason: Option<String>,
    open_alerts: i64,
    waiting: i64,
    waiting_since: Option<String>,
    last_message_at: Option<String>,
    revision: i64,
    #[serde(skip)]
    waiting_for: Option<String>,
    #[serde(skip)]
    ago: Option<String>,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Rows(Vec<Row>);

/// Lists the hotels in force, those with somebody waiting first.
pub async fn list(desk: &Desk) -> Outcome {
    let store = desk.store(&desk.settings()?).await?;
    let (mut loads, alerts) = (store.workloads().await?, store.open_alerts().await?);
    let now = desk.now();
    let mut hotels: Vec<(HotelInForce, Workload)> = Vec::new();
    for known in desk.hotels(&store).await? {
        let load = loads.remove(&known.hotel.id).unwrap_or_default();
        hotels.push((known, load));
    }
    hotels.sort_by_key(|(_, load)| load.waiting_since.unwrap_or(Timestamp::MAX));
    let open = |id: &HotelId| alerts.get(id).map_or(0, |alerts| alerts.count);
    let rows = hotels.iter().map(|(known, load)| row(known, load, open(&known.hotel.id), now));
    desk.printer.report(&Rows(rows.collect()))?;
    Ok(Exit::Done)
}

fn row(known: &HotelInForce, load: &Workload, open_alerts: i64, now: Timestamp) -> Row {
    let zone = known.hotel.time_zone();
    let stamp = |at: Option<Timestamp>| at.map(|at| words::stamp(at, &zone));
    Row {
        hotel: known.hotel.id.to_string(),
        name: words::one_line(&known.hotel.name),
        whatsapp: known.line_state.as_ref().map(|state| state.as_str().to_owned()),
        whatsapp_problem: known.line_problem.clone(),
        paused_at: stamp(known.paused_at),
        paused_reason: known.paused_reason.clone(),
        open_alerts,
        waiting: load.waiting,
        waiting_since: stamp(load.waiting_since),
        last_message_at: stamp(load.last_at),
        revision: known.revision,
        waiting_for: load.waiting_since.map(|since| words::waiting(words::since(now, since))),
        ago: load.last_at.map(|at| words::ago(now, at)),
    }
}

impl Report for Rows {
    fn text(&self) -> String {
        if self.0.is_empty() {
            return "No hotel is in force\n\nMake those of hotels/ so: hotelbot hotels apply\n".to_owned();
        }
        let mut grid =
            Grid::new(&["HOTEL", "NAME", "WHATSAPP", "PAUSED", "OPEN ALERTS", "WAITING", "LAST MESSAGE"]).numbers(&[4]);
        for row in &self.0 {
            let whatsapp = if row.whatsapp.as_deref() == Some("authorized") { Tone::Good } else { Tone::Bad };
            let waiting = if row.waiting_for.is_some() { Tone::Bad } else { Tone::Plain };
            grid.row([
                cell(&row.hotel),
                cell(&row.name),
                toned(or_dash(row.whatsapp.as_ref()), if row.whatsapp.is_some() { whatsapp } else { Tone::Plain }),
                cell(or_dash(row.paused_at.as_ref().map(|_| "yes"))),
                toned(row.open_alerts, if row.open_alerts > 0 { Tone::Warn } else { Tone::Plain }),
                toned(or_dash(row.waiting_for.as_ref()), waiting),
                cell(or_dash(row.ago.as_ref())),
            ]);
        }
        grid.text()
    }
}

/// One hotel: its definition in force, and how it is doing.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    row: Row,
    definition: Hotel,
    #[serde(skip)]
    text: String,
}

impl Report for Shown {
    fn text(&self) -> String {
        self.text.clone()
    }
}

/// Shows one hotel in force.
pub async fn one(id: &HotelId, desk: &Desk) -> Outcome {
    let store = desk.store(&desk.settings()?).await?;
    let known = desk.hotel(&store, id).await?;
    let load = store.workloads().await?.remove(id).unwrap_or_default();
    let open = store.open_alerts().await?.get(id).map_or(0, |alerts| alerts.count);
    let text = text(&known, &load, open, desk);
    let row = row(&known, &load, open, desk.now());
    desk.printer.report(&Shown { row, definition: known.hotel, text })?;
    Ok(Exit::Done)
}

fn text(known: &HotelInForce, load: &Workload, open_alerts: i64, desk: &Desk) -> String {
    let (hotel, now) = (&known.hotel, desk.now());
    let zone = hotel.time_zone();
    let mut text = format!("{}, {}\n", words::one_line(&hotel.name), hotel.id);
    // Writing to a String cannot fail.
    let mut fact = |name: &str, value: String| {
        let _ = writeln!(text, "{name:10} {value}");
    };
    let languages: Vec<&str> = hotel.languages.iter().map(|language| language.as_str()).collect();
    fact("time", format!("{} ({})", words::moment(now, now, &zone), hotel.timezone));
    fact("languages", languages.join(", "));
    fact("whatsapp", whatsapp(known, now));
    if let Some(at) = known.paused_at {
        let reason = known.paused_reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        fact("paused", format!("since {}{reason}", words::moment(at, now, &zone)));
    }
    fact("ai", ai(hotel));
    fact("facts", hotel.knowledge.len().to_string());
    fact("answers", format!("after {} of quiet", spell_duration(hotel.conversation.coalesce)));
    fact("people", people(hotel, desk));
    fact("waiting", waiting(load, now));
    fact("alerts", if open_alerts == 0 { "none open".to_owned() } else { format!("{open_alerts} open") });
    fact("revision", known.revision.to_string());
    text
}

fn whatsapp(known: &HotelInForce, now: Timestamp) -> String {
    let hotel = &known.hotel;
    let zone = hotel.time_zone();
    let state = match (&known.line_state, known.line_since) {
        (Some(state), Some(since)) => format!("{} since {}", state.as_str(), words::moment(since, now, &zone)),
        (Some(state), None) => state.as_str().to_owned(),
        (None, _) => "not asked yet".to_owned(),
    };
    let how = if hotel.whatsapp.receive == Receive::Poll { "polled" } else { "webhook" };
    let problem = known.line_problem.as_deref().map(|problem| format!("; {problem}")).unwrap_or_default();
    let token = reference(&hotel.whatsapp.token);
    format!("instance {}, {how}, token {token}; {state}{problem}", hotel.whatsapp.instance)
}

fn ai(hotel: &Hotel) -> String {
    match (hotel.ai.enabled, hotel.ai.daily_budget_usd) {
        (false, _) => "off".to_owned(),
        (true, Some(budget)) => format!("on, up to ${budget:.2} a day"),
        (true, None) => "on".to_owned(),
    }
}

fn people(hotel: &Hotel, desk: &Desk) -> String {
    let person = |contact: &hotelbot::domain::hotel::StaffContact| match &contact.whatsapp {
        Some(phone) => format!("{} {}", words::one_line(&contact.name), desk.guests().phone(phone)),
        None => words::one_line(&contact.name),
    };
    let people: Vec<String> = hotel.staff.contacts.iter().map(person).collect();
    if people.is_empty() { "-".to_owned() } else { people.join(", ") }
}

fn waiting(load: &Workload, now: Timestamp) -> String {
    match load.waiting_since {
        None => "nobody".to_owned(),
        Some(since) => {
            let guests = words::count(usize::try_from(load.waiting).unwrap_or(0), "guest", "guests");
            format!("{guests}, the first for {}", words::span(words::since(now, since)))
        }
    }
}
