//! `guests list`

use super::view::GuestView;
use crate::args::guests::List;
use crate::desk::{Desk, Zones};
use crate::fail::{Exit, Outcome};
use crate::grid::{Grid, Tone, cell, or_dash, toned};
use crate::printer::Report;
use crate::queues::short;
use hotelbot::store::guests::GuestFilter;
use serde::Serialize;

#[derive(Serialize)]
#[serde(transparent)]
struct Rows(Vec<GuestView>);

/// Lists guests.
pub async fn run(args: List, desk: &Desk) -> Outcome {
    let store = crate::stays::store(&desk.settings()?, desk).await?;
    let zones = Zones::of(&desk.hotels(&store).await?);
    let filter = GuestFilter { hotels: desk.global.hotel.clone(), limit: i64::from(args.limit) };
    let guests = store.guests(&filter).await?;
    let rows = guests.iter().map(|guest| GuestView::of(guest, &zones.get(&guest.hotel), desk));
    desk.printer.report(&Rows(rows.collect()))?;
    Ok(Exit::Done)
}

impl Report for Rows {
    fn text(&self) -> String {
        if self.0.is_empty() {
            return "No guests\n".to_owned();
        }
        let mut grid = Grid::new(&["HOTEL", "GUEST", "NAME", "PHONE", "LANGUAGE", "CONSENT", "STAYS", "MESSAGES"]);
        grid = grid.numbers(&[6, 7]);
        for row in &self.0 {
            let consent = if row.consent == "opted_out" { Tone::Warn } else { Tone::Plain };
            grid.row([
                cell(&row.hotel),
                cell(short(&row.guest)),
                cell(or_dash(row.name.as_ref())),
                cell(or_dash(row.phone.as_ref())),
                cell(or_dash(row.language.as_ref())),
                toned(row.consent, consent),
                cell(row.stays),
                cell(row.messages),
            ]);
        }
        grid.text()
    }
}
