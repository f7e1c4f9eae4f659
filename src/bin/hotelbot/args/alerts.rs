//! `hotelbot alerts …`

use super::{Since, values};
use clap::{Args, Subcommand};

/// The verbs of `alerts`.
#[derive(Subcommand, Debug)]
pub enum Alerts {
    /// List what needs a person, the gravest first
    #[command(after_help = "Examples:
  hotelbot alerts list
  hotelbot alerts list --all --hotel astoria --since 1d")]
    List(List),
    /// Show one: what the guest wrote, where the guest is, who was told
    #[command(after_help = "Examples:
  hotelbot alerts show 17 --hotel astoria
  hotelbot alerts show 0197c6a1-7c00-7000-8000-000000000017 --json")]
    Show(One),
    /// Say that somebody looks after it
    #[command(after_help = "Examples:
  hotelbot alerts ack 17 --hotel astoria
  hotelbot alerts ack 17 --hotel astoria --by Anna")]
    Ack(Act),
    /// Say that it is done
    #[command(after_help = "Examples:
  hotelbot alerts resolve 17 --hotel astoria
  hotelbot alerts resolve 17 --hotel astoria --by Anna")]
    Resolve(Act),
}

/// `alerts list`
#[derive(Args, Debug)]
pub struct List {
    /// Also what is resolved
    #[arg(long)]
    pub all: bool,
    /// Only what changed since: 15m, 2h, 2025-07-12 or RFC 3339, in the hotel's time
    #[arg(long, value_name = "T", value_parser = Since::parse)]
    pub since: Option<Since>,
    /// The most alerts
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = values::limit())]
    pub limit: u32,
}

/// One alert.
#[derive(Args, Debug)]
pub struct One {
    /// Its number (with `--hotel` where several hotels have it), or an id from `alerts list --json`
    pub alert: String,
}

/// `alerts ack`, `alerts resolve`
#[derive(Args, Debug)]
pub struct Act {
    /// Which.
    #[command(flatten)]
    pub one: One,
    /// Who, as colleagues know them; without it, the name of your account
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub by: Option<String>,
    /// Show what would change, and change nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}

/// The longest name of a person.
const LONGEST: usize = 80;

fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        return Err(format!("write a name of 1 to {LONGEST} characters on one line"));
    }
    Ok(name.to_owned())
}
