//! `triggers stats`: what each trigger sent, plans and passed over.

use crate::args::triggers::Stats;
use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use crate::grid::{Grid, cell};
use crate::printer::Report;
use hotelbot::domain::ids::{HotelId, TriggerId};
use hotelbot::domain::touchpoint::TouchpointState;
use hotelbot::store::touchpoint_list::Tally;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Default, Serialize)]
struct Row {
    hotel: String,
    trigger: String,
    planned: usize,
    drafts: usize,
    sent: usize,
    shadow: usize,
    skipped: BTreeMap<&'static str, usize>,
    asked: usize,
    answered: usize,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Rows(Vec<Row>);

/// Counts.
pub async fn run(args: Stats, desk: &Desk) -> Outcome {
    let store = crate::stays::store(&desk.settings()?, desk).await?;
    let hotels = desk.hotels(&store).await?;
    let zone = hotels.first().map_or(jiff::tz::TimeZone::UTC, |known| known.hotel.time_zone());
    let since = args.since.instant(desk.now(), &zone);
    let mut rows: BTreeMap<(HotelId, TriggerId), Row> = BTreeMap::new();
    for tally in store.touchpoint_tallies(since).await? {
        let key = (tally.hotel.clone(), tally.trigger.clone());
        add(rows.entry(key).or_default(), &tally);
    }
    for (key, asked) in store.asked_by_trigger(since).await? {
        let row = rows.entry(key).or_default();
        (row.asked, row.answered) = (asked.asked, asked.answered);
    }
    rows.retain(|(hotel, _), _| hotels.iter().any(|known| known.hotel.id == *hotel));
    let named = rows.into_iter().map(|((hotel, trigger), row)| Row {
        hotel: hotel.to_string(),
        trigger: trigger.to_string(),
        ..row
    });
    desk.printer.report(&Rows(named.collect()))?;
    Ok(Exit::Done)
}

fn add(row: &mut Row, tally: &Tally) {
    match tally.state {
        TouchpointState::Planned => row.planned += tally.count,
        TouchpointState::Draft => row.drafts += tally.count,
        TouchpointState::Sent if tally.shadow => row.shadow += tally.count,
        TouchpointState::Sent => row.sent += tally.count,
        TouchpointState::Skipped => {
            let reason = tally.reason.map_or("other", |reason| reason.as_str());
            *row.skipped.entry(reason).or_default() += tally.count;
        }
        TouchpointState::Cancelled => {}
    }
}

impl Report for Rows {
    fn text(&self) -> String {
        if self.0.is_empty() {
            return "Triggers did nothing in this time, and plan nothing\n".to_owned();
        }
        let mut grid =
            Grid::new(&["HOTEL", "TRIGGER", "SENT", "ANSWERED", "DRAFTS", "SHADOW", "PLANNED", "PASSED OVER"]);
        grid = grid.numbers(&[2, 4, 5, 6]);
        for row in &self.0 {
            let reasons: Vec<String> = row.skipped.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
            let answered = match row.asked {
                0 => "-".to_owned(),
                asked => format!("{} of {asked}", row.answered),
            };
            grid.row([
                cell(&row.hotel),
                cell(&row.trigger),
                cell(row.sent),
                cell(answered),
                cell(row.drafts),
                cell(row.shadow),
                cell(row.planned),
                cell(if reasons.is_empty() { "-".to_owned() } else { reasons.join(", ") }),
            ]);
        }
        grid.text()
    }
}
