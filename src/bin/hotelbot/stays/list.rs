//! `stays list`

use super::view::{StayView, phone_cell};
use crate::args::stays::List;
use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use crate::grid::{Grid, Tone, cell, or_dash, toned};
use crate::printer::Report;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::stay::ReservationStatus;
use hotelbot::store::Store;
use hotelbot::store::reservations::{StayRow, Wanted};
use serde::Serialize;

/// Who may be in house is looked through by the rules of each hotel; no hotel has more.
const LOOKED_THROUGH: i64 = 100_000;

#[derive(Serialize)]
#[serde(transparent)]
struct Rows(Vec<StayView>);

/// Lists reservations.
pub async fn run(args: List, desk: &Desk) -> Outcome {
    let store = crate::stays::store(&desk.settings()?, desk).await?;
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let mut views = Vec::new();
    for known in desk.hotels(&store).await? {
        // One more than asked for tells that there are more.
        let room = i64::from(args.limit) + 1;
        let rows = of_hotel(&args, &known.hotel, room, &store, desk).await?;
        views.extend(rows.iter().map(|row| StayView::of(&known.hotel, row, desk)));
    }
    if views.len() > limit {
        views.truncate(limit);
        desk.printer.note("There are more; `--limit`, `--arriving`, `--in-house` and `--hotel` choose");
    }
    desk.printer.report(&Rows(views))?;
    Ok(Exit::Done)
}

async fn of_hotel(args: &List, hotel: &Hotel, room: i64, store: &Store, desk: &Desk) -> anyhow::Result<Vec<StayRow>> {
    let (now, zone) = (desk.now(), hotel.time_zone());
    let today = now.to_zoned(zone.clone()).date();
    if let Some(day) = args.arriving {
        return Ok(store.stays(&hotel.id, Wanted::Arriving(day.date(now, &zone)), room).await?);
    }
    if args.in_house {
        let mut rows = store.stays(&hotel.id, Wanted::Around(today), LOOKED_THROUGH).await?;
        rows.retain(|row| row.reservation.status_at(hotel, now) == ReservationStatus::CheckedIn);
        rows.truncate(usize::try_from(room).unwrap_or(usize::MAX));
        return Ok(rows);
    }
    let mut rows = store.stays(&hotel.id, Wanted::From(today), room).await?;
    let left = room - i64::try_from(rows.len()).unwrap_or(room);
    if left > 0 {
        rows.extend(store.stays(&hotel.id, Wanted::Before(today), left).await?);
    }
    Ok(rows)
}

impl Report for Rows {
    fn text(&self) -> String {
        if self.0.is_empty() {
            return "No reservations\n".to_owned();
        }
        let mut grid = Grid::new(&[
            "HOTEL",
            "RESERVATION",
            "GUEST",
            "NAME",
            "PHONE",
            "ARRIVAL",
            "DEPARTURE",
            "NIGHTS",
            "STATUS",
            "ROOM",
            "TYPE",
        ])
        .numbers(&[7]);
        for row in &self.0 {
            let reachable = if row.phone_is == "known" { Tone::Plain } else { Tone::Warn };
            grid.row([
                cell(&row.hotel),
                cell(crate::words::one_line(&row.reservation_id)),
                cell(crate::queues::short(&row.guest)),
                cell(or_dash(row.guest_name.as_ref())),
                toned(phone_cell(row), reachable),
                cell(&row.arrival),
                cell(&row.departure),
                cell(row.nights),
                toned(row.status, tone(row.status)),
                cell(or_dash(row.room.as_deref().map(crate::words::one_line))),
                cell(or_dash(row.room_type.as_deref().map(crate::words::one_line))),
            ]);
        }
        grid.text()
    }
}

fn tone(status: &str) -> Tone {
    match status {
        "checked_in" => Tone::Good,
        "cancelled" | "no_show" | "tentative" => Tone::Dim,
        _ => Tone::Plain,
    }
}
