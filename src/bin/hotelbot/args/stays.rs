//! `hotelbot stays …`

use super::values;
use clap::{Args, Subcommand};
use hotelbot::domain::stay::ReservationStatus;
use std::path::PathBuf;

/// The verbs of `stays`.
#[derive(Subcommand, Debug)]
pub enum Stays {
    /// List reservations: those to come and in house first, then the past
    #[command(after_help = "Examples:
  hotelbot stays list --hotel astoria --arriving tomorrow
  hotelbot stays list --in-house --json")]
    List(List),
    /// Show one reservation: what was told, what happened, whose it is
    #[command(after_help = "Examples:
  hotelbot stays show R-1042
  hotelbot stays show R-1042 --hotel astoria --json")]
    Show(Show),
    /// Set a status, a date or a room by hand
    #[command(
        after_help = "It holds until the source says something new about it. Messages that depend on it are planned anew at
once.

Examples:
  hotelbot stays set R-1042 --status checked_in
  hotelbot stays set R-1042 --status checked_in --at 15:40
  hotelbot stays set R-1042 --departure 2026-07-08 --room 214 --dry-run"
    )]
    Set(Set),
    /// Take reservations from a CSV file, all or none
    #[command(
        after_help = "The first line names the columns, in any order: reservation_id, guest_name, phone, arrival, departure;
and if there are any: status, room_type, room, language, email, country, adults, children, source,
vip, tags, booked_at, custom.<key>. Dates are 2026-07-01 or 2026-07-01 14:00, in the hotel's time.
Importing the same file again changes nothing; a reservation that is not in the file stays as it is.

Examples:
  hotelbot stays import stays.csv --hotel astoria
  hotelbot stays import stays.csv --hotel astoria --dry-run
  hotelbot stays import stays.csv --hotel astoria --skip-bad"
    )]
    Import(Import),
}

/// `stays list`
#[derive(Args, Debug)]
pub struct List {
    /// Only those that arrive on this day: 2026-07-12, today or tomorrow, in the hotel's time
    #[arg(long, value_name = "DATE", value_parser = values::Day::parse)]
    pub arriving: Option<values::Day>,
    /// Only those in house now
    #[arg(long, conflicts_with = "arriving")]
    pub in_house: bool,
    /// The most rows
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = values::limit())]
    pub limit: u32,
}

/// `stays show`
#[derive(Args, Debug)]
pub struct Show {
    /// The reservation's id, as the PMS calls it
    #[arg(value_name = "RESERVATION")]
    pub id: String,
}

/// `stays set`
#[derive(Args, Debug)]
pub struct Set {
    /// The reservation's id, as the PMS calls it
    #[arg(value_name = "RESERVATION")]
    pub id: String,
    /// tentative, confirmed, checked_in, checked_out, cancelled or no_show
    #[arg(long, value_name = "S", value_parser = status, required_unless_present_any = ["arrival", "departure", "room"])]
    pub status: Option<ReservationStatus>,
    /// When it was so, in the hotel's time: 15:40, 2026-07-12T15:40 or RFC 3339; now, if nothing is said
    #[arg(long, value_name = "T", requires = "status", value_parser = values::Moment::parse)]
    pub at: Option<values::Moment>,
    /// Another arrival: 2026-07-12, or 2026-07-12T15:00 in the hotel's time
    #[arg(long, value_name = "D", value_parser = values::planned_day)]
    pub arrival: Option<hotelbot::domain::stay::PlannedDay>,
    /// Another departure: 2026-07-12, or 2026-07-12T11:00 in the hotel's time
    #[arg(long, value_name = "D", value_parser = values::planned_day)]
    pub departure: Option<hotelbot::domain::stay::PlannedDay>,
    /// Another room
    #[arg(long, value_name = "R")]
    pub room: Option<String>,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `stays import`
#[derive(Args, Debug)]
pub struct Import {
    /// The file
    #[arg(value_name = "FILE.csv")]
    pub file: PathBuf,
    /// Import the good rows; the bad ones go to FILE.rejects.csv, with the reason
    #[arg(long)]
    pub skip_bad: bool,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

fn status(word: &str) -> Result<ReservationStatus, String> {
    let words: Vec<&str> = ReservationStatus::ALL.iter().map(|status| status.as_str()).collect();
    ReservationStatus::parse(&word.replace('-', "_")).ok_or_else(|| format!("write one of {}", words.join(", ")))
}
