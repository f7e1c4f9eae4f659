//! `triggers history` and `triggers rollback`.

use super::apply;
use crate::args::triggers::{History, Rollback};
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::grid::{Grid, cell};
use crate::printer::Report;
use crate::words;
use hotelbot::domain::plan::Request;
use serde::Serialize;

#[derive(Serialize)]
struct Row {
    revision: i64,
    hotel: String,
    applied_at: String,
    applied_by: String,
    change: String,
    triggers: usize,
    #[serde(skip)]
    when: String,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Rows(Vec<Row>);

/// Lists applies.
pub async fn history(args: History, desk: &Desk) -> Outcome {
    let store = desk.store(&desk.settings()?).await?;
    let hotels = desk.hotels(&store).await?;
    let entries = store.trigger_history(&desk.global.hotel, i64::from(args.limit)).await?;
    let now = desk.now();
    let rows = entries.into_iter().map(|entry| {
        let zone = hotels.iter().find(|known| known.hotel.id == entry.hotel).map(|known| known.hotel.time_zone());
        let zone = zone.unwrap_or(jiff::tz::TimeZone::UTC);
        Row {
            revision: entry.revision,
            hotel: entry.hotel.to_string(),
            applied_at: words::stamp(entry.applied_at, &zone),
            applied_by: words::one_line(&entry.applied_by),
            change: words::one_line(&entry.change),
            triggers: entry.triggers,
            when: words::moment(entry.applied_at, now, &zone),
        }
    });
    desk.printer.report(&Rows(rows.collect()))?;
    Ok(Exit::Done)
}

impl Report for Rows {
    fn text(&self) -> String {
        if self.0.is_empty() {
            return "Triggers were never applied\n".to_owned();
        }
        let mut grid = Grid::new(&["REVISION", "HOTEL", "WHEN", "BY", "TRIGGERS", "CHANGE"]).numbers(&[0, 4]);
        for row in &self.0 {
            grid.row([
                cell(row.revision),
                cell(&row.hotel),
                cell(&row.when),
                cell(&row.applied_by),
                cell(row.triggers),
                cell(&row.change),
            ]);
        }
        grid.text()
    }
}

/// Puts an earlier set in force again, at the hotels of the scope that had one.
pub async fn rollback(args: Rollback, desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let store = desk.store(&settings).await?;
    let hotels = desk.hotels(&store).await?;
    let Some(mut sets) = store.triggers_at(args.revision).await? else {
        return Err(Failure::wrong(format!("there is no revision {}", args.revision))
            .hint("Run `hotelbot triggers history` to see them")
            .into());
    };
    // A hotel that had none by then had no triggers at all.
    for known in store.triggers_in_force().await? {
        sets.entry(known.hotel).or_default();
    }
    let request = Request { base: store.newest_triggers().await?.revision, prune: true, scope: desk.scope() };
    let plan = apply::against(&store, (&hotels, &sets), request, desk).await?;
    let source = format!("revision {}", args.revision);
    let how = apply::Carry { source: &source, file: None, dry_run: args.dry_run };
    apply::carry_out(&plan, how, &settings, desk).await
}
