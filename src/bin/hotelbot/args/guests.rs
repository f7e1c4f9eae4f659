//! `hotelbot guests …`

use super::values;
use clap::{Args, Subcommand};

/// The verbs of `guests`.
#[derive(Subcommand, Debug)]
pub enum Guests {
    /// List guests who have a reservation or wrote, the latest first
    #[command(after_help = "Examples:
  hotelbot guests list --hotel astoria
  hotelbot guests list --reveal --json")]
    List(List),
    /// Show one guest: addresses, wishes, stays
    #[command(after_help = "Examples:
  hotelbot guests show +79210004567
  hotelbot guests show 4f0c12ab --json")]
    Show(Show),
    /// Make two records of one person one; cannot be undone
    #[command(
        after_help = "Chats and stays of the second belong to the first from then on. If either asked for silence, it holds.

Examples:
  hotelbot guests merge 4f0c12ab 91c2aa07"
    )]
    Merge(Merge),
}

/// `guests list`
#[derive(Args, Debug)]
pub struct List {
    /// The most rows
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = values::limit())]
    pub limit: u32,
}

/// `guests show`
#[derive(Args, Debug)]
pub struct Show {
    /// An id from `guests list` or its end, a phone, or a WhatsApp chat id
    #[arg(value_name = "GUEST")]
    pub guest: String,
}

/// `guests merge`
#[derive(Args, Debug)]
pub struct Merge {
    /// The record that stays
    #[arg(value_name = "GUEST")]
    pub keep: String,
    /// The record that goes
    #[arg(value_name = "OTHER")]
    pub other: String,
    /// Show what would change, and change nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}
