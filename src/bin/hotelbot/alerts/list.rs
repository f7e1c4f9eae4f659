//! `alerts list`

use super::view::AlertLine;
use crate::args::alerts::List;
use crate::desk::{Desk, Zones};
use crate::fail::{Exit, Outcome};
use crate::grid::{Grid, Tone, cell, or_dash, toned};
use crate::printer::Report;
use crate::words;
use hotelbot::domain::hotel::SlaPolicy;
use hotelbot::domain::ids::HotelId;
use hotelbot::store::Store;
use hotelbot::store::alerts::{AlertFilter, AlertView};
use serde::Serialize;
use std::collections::HashMap;

/// With a time that each hotel reads in its own zone, this many are looked through.
const LOOKED_THROUGH: i64 = 10_000;

#[derive(Serialize)]
#[serde(transparent)]
struct Rows(Vec<AlertLine>);

/// Lists alerts.
pub async fn run(args: List, store: &Store, desk: &Desk) -> Outcome {
    let hotels = desk.hotels(store).await?;
    let zones = Zones::of(&hotels);
    let promises: HashMap<HotelId, SlaPolicy> =
        hotels.into_iter().map(|known| (known.hotel.id.clone(), known.hotel.sla)).collect();
    let now = desk.now();
    let since = |zone: &jiff::tz::TimeZone| args.since.map(|since| since.instant(now, zone));
    let filter = AlertFilter {
        hotels: desk.global.hotel.clone(),
        all: args.all,
        since: zones.iter().filter_map(since).min(),
        limit: if args.since.is_some() { LOOKED_THROUGH } else { i64::from(args.limit) },
    };
    let wanted =
        |view: &&AlertView| since(&zones.get(&view.alert.hotel)).is_none_or(|since| view.alert.updated_at >= since);
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let alerts = store.alerts(&filter).await?;
    let line = |view: &AlertView| {
        let hotel = &view.alert.hotel;
        AlertLine::of(view, promises.get(hotel), &zones.get(hotel), desk)
    };
    desk.printer.report(&Rows(alerts.iter().filter(wanted).take(limit).map(line).collect()))?;
    Ok(Exit::Done)
}

impl Report for Rows {
    fn text(&self) -> String {
        if self.0.is_empty() {
            return "No alerts\n".to_owned();
        }
        let headings = ["HOTEL", "ALERT", "SEVERITY", "STATE", "TOPIC", "GUEST", "ROOM", "AGE", "TURNS", "WORDS"];
        let mut grid = Grid::new(&headings).numbers(&[1, 8]);
        for row in &self.0 {
            grid.row([
                cell(&row.hotel),
                cell(row.number),
                toned(row.severity, severity(row)),
                toned(&row.standing, state(row)),
                cell(row.topic),
                cell(&row.address),
                cell(or_dash(row.room.as_deref().map(words::one_line))),
                toned(&row.age, if row.overdue { Tone::Bad } else { Tone::Plain }),
                cell(row.evidence),
                cell(words::one_line(&row.words)),
            ]);
        }
        grid.text()
    }
}

fn severity(row: &AlertLine) -> Tone {
    match row.severity {
        _ if row.state == "resolved" => Tone::Dim,
        "critical" | "high" => Tone::Bad,
        "medium" => Tone::Warn,
        _ => Tone::Plain,
    }
}

fn state(row: &AlertLine) -> Tone {
    match row.state {
        "open" => Tone::Warn,
        "resolved" => Tone::Dim,
        _ => Tone::Plain,
    }
}
