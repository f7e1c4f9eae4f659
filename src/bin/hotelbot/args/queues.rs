//! `hotelbot inbox …` and `hotelbot outbox …`

use super::values;
use clap::{Args, Subcommand};

/// The verbs of `inbox`.
#[derive(Subcommand, Debug)]
pub enum Inbox {
    /// List received messages that are not done
    #[command(after_help = "Examples:
  hotelbot inbox list --failed
  hotelbot inbox list --all --limit 200 --json")]
    List(InboxList),
    /// Show one, as it came in and as it was understood
    #[command(after_help = "Examples:
  hotelbot inbox show 4f0c12ab")]
    Show(One),
    /// Read or handle them once more
    #[command(after_help = "Examples:
  hotelbot inbox retry 4f0c12ab 91c2aa07")]
    Retry(Some),
    /// Close them without handling
    #[command(after_help = "Examples:
  hotelbot inbox discard 4f0c12ab")]
    Discard(Some),
}

/// `inbox list`
#[derive(Args, Debug)]
pub struct InboxList {
    /// Only those that could not be read or handled
    #[arg(long, conflicts_with = "all")]
    pub failed: bool,
    /// Also those that are done
    #[arg(long)]
    pub all: bool,
    /// The most rows
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = values::limit())]
    pub limit: u32,
}

/// The verbs of `outbox`.
#[derive(Subcommand, Debug)]
pub enum Outbox {
    /// List messages that have not arrived
    #[command(after_help = "Examples:
  hotelbot outbox list
  hotelbot outbox list --unknown --hotel astoria")]
    List(OutboxList),
    /// Show one
    #[command(after_help = "Examples:
  hotelbot outbox show 4f0c12ab")]
    Show(One),
    /// Send them once more
    #[command(after_help = "Examples:
  hotelbot outbox retry 4f0c12ab")]
    Retry(Some),
    /// Take them back before they leave
    #[command(after_help = "Examples:
  hotelbot outbox cancel 4f0c12ab 91c2aa07")]
    Cancel(Some),
}

/// `outbox list`
#[derive(Args, Debug)]
pub struct OutboxList {
    /// Only those that were refused
    #[arg(long, conflicts_with_all = ["unknown", "all"])]
    pub failed: bool,
    /// Only those of which nobody knows whether they left
    #[arg(long, conflicts_with = "all")]
    pub unknown: bool,
    /// Also those that arrived or were taken back
    #[arg(long)]
    pub all: bool,
    /// The most rows
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = values::limit())]
    pub limit: u32,
}

/// One row.
#[derive(Args, Debug)]
pub struct One {
    /// An id from `list`, or its end
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Some rows.
#[derive(Args, Debug)]
pub struct Some {
    /// Ids from `list`, or their ends
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Show what would change, and change nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}
