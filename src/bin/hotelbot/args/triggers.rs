//! `hotelbot triggers …`

use super::{SavePlan, Since};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The verbs of `triggers`.
#[derive(Subcommand, Debug)]
pub enum Triggers {
    /// List the triggers in force, with what they plan
    #[command(after_help = "Examples:
  hotelbot triggers list
  hotelbot triggers list --hotel astoria --json")]
    List,
    /// Show one trigger in force: its moment, for whom, its words
    #[command(after_help = "Examples:
  hotelbot triggers show room-ok
  hotelbot triggers show room-ok --hotel astoria")]
    Show(One),
    /// Check `triggers.yaml` and each hotel's own, without database or network
    #[command(after_help = "Exit 2 if anything is wrong.

Examples:
  hotelbot triggers check
  hotelbot triggers check --hotel astoria
  hotelbot triggers check --json")]
    Check,
    /// Print the JSON Schema of the files, for editors that complete and check
    #[command(after_help = "An editor with a YAML language server reads it through the first line of the file:

  # yaml-language-server: $schema=triggers.schema.json

Examples:
  hotelbot triggers schema > triggers.schema.json")]
    Schema,
    /// Show what `apply` would change, and what it does to guests' messages
    #[command(after_help = "Examples:
  hotelbot triggers plan
  hotelbot triggers plan --hotel astoria --output spring.plan
  hotelbot triggers plan --exit-code --quiet")]
    Plan(Plan),
    /// Make the triggers in force match triggers.yaml
    #[command(after_help = "Examples:
  hotelbot triggers apply
  hotelbot triggers apply --hotel astoria --dry-run
  hotelbot triggers plan --output spring.plan && hotelbot triggers apply spring.plan")]
    Apply(Apply),
    /// Run a virtual clock over stays: what would be sent and when, what passed over and why
    #[command(
        after_help = "Goes by the files of `-C`; nothing is sent or saved. Confirmed guests come and go as planned,
unless the events tell otherwise.

Examples:
  hotelbot triggers simulate --hotel astoria --file stays.csv
  hotelbot triggers simulate --file stays.csv --events history.jsonl --from 2026-07-01 --json
  hotelbot triggers simulate --reservation 48213"
    )]
    Simulate(Simulate),
    /// Show a trigger's text and the minute it would go
    #[command(after_help = "Examples:
  hotelbot triggers preview room-ok --hotel astoria
  hotelbot triggers preview room-ok --reservation 48213")]
    Preview(Preview),
    /// Show why a message was sent, waits, or was passed over
    #[command(after_help = "Of a reservation: each of its messages, those it will not get included.

Examples:
  hotelbot triggers explain R-1001
  hotelbot triggers explain 3f2a9c01
  hotelbot triggers explain R-1001 --trigger room-ok")]
    Explain(Explain),
    /// Send a trigger's message, really, to a staff number of the hotel
    #[command(after_help = "The guest in it is made up. Only numbers of `staff.contacts` are written to.

Examples:
  hotelbot triggers test room-ok --hotel astoria --to +79210000000")]
    Test(Test),
    /// Count what triggers sent, planned and passed over
    #[command(after_help = "Examples:
  hotelbot triggers stats
  hotelbot triggers stats --since 30d --hotel astoria")]
    Stats(Stats),
    /// List every apply, newest first
    #[command(after_help = "Examples:
  hotelbot triggers history
  hotelbot triggers history --hotel astoria --limit 5")]
    History(History),
    /// Put the triggers of an earlier revision in force again, as a new revision
    #[command(after_help = "The files stay as they are: the next `apply` puts theirs in force again.

Examples:
  hotelbot triggers history
  hotelbot triggers rollback 41
  hotelbot triggers rollback 41 --hotel astoria --dry-run")]
    Rollback(Rollback),
}

/// One trigger.
#[derive(Args, Debug)]
pub struct One {
    /// The trigger's name in the file
    #[arg(value_name = "TRIGGER")]
    pub trigger: String,
}

/// `triggers plan`
#[derive(Args, Debug)]
pub struct Plan {
    /// What becomes of it.
    #[command(flatten)]
    pub save: SavePlan,
    /// Also retire triggers that are in force but not in triggers.yaml
    #[arg(long)]
    pub prune: bool,
}

/// `triggers apply`
#[derive(Args, Debug)]
pub struct Apply {
    /// A plan saved by `triggers plan --output`
    pub plan: Option<PathBuf>,
    /// Also retire triggers that are in force but not in triggers.yaml
    #[arg(long, conflicts_with = "plan")]
    pub prune: bool,
    /// Show what would change, and change nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}

/// `triggers explain`
#[derive(Args, Debug)]
pub struct Explain {
    /// A message's id or its end, or a reservation's id
    #[arg(value_name = "TOUCHPOINT")]
    pub what: String,
    /// Of a reservation: only this trigger, with every condition
    #[arg(long, value_name = "TRIGGER")]
    pub trigger: Option<String>,
}

/// `triggers test`
#[derive(Args, Debug)]
pub struct Test {
    /// Which.
    #[command(flatten)]
    pub one: One,
    /// A number of the hotel's own staff
    #[arg(long, value_name = "PHONE")]
    pub to: String,
    /// In this language; the hotel's first one otherwise
    #[arg(long, value_name = "LANGUAGE")]
    pub language: Option<String>,
}

/// `triggers stats`
#[derive(Args, Debug)]
pub struct Stats {
    /// From when: `15m`, `2h`, `30d`, a day in hotel time, or RFC 3339
    #[arg(long, value_name = "T", value_parser = Since::parse, default_value = "30d")]
    pub since: Since,
}

/// `triggers history`
#[derive(Args, Debug)]
pub struct History {
    /// The most lines
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: u32,
}

/// `triggers rollback`
#[derive(Args, Debug)]
pub struct Rollback {
    /// The revision that is to be in force again; see `triggers history`
    #[arg(value_name = "REVISION")]
    pub revision: i64,
    /// Show what would change, and change nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}

/// `triggers simulate`
#[derive(Args, Debug)]
pub struct Simulate {
    /// Only this reservation
    #[arg(long, value_name = "ID")]
    pub reservation: Option<String>,
    /// Stays from a CSV instead of the database
    #[arg(long, value_name = "STAYS.csv")]
    pub file: Option<PathBuf>,
    /// What happens to the stays, one JSON object a line
    ///
    /// Each has `at` (RFC 3339, or hotel time), `reservation_id` and `event`: `check_in`, `check_out`, `cancelled`,
    /// `no_show`, `opt_out`, `dates` (with `arrival`, `departure`), `room` (with `room`, `room_type`), `created` (with
    /// `row`: the CSV's columns), `answer` (with `trigger`, `text`). `hotel` may be said, too. A guest whose check-in,
    /// no-show or cancellation is told comes only by the events; one whose check-out is told goes only by them.
    #[arg(long, value_name = "FILE.jsonl")]
    pub events: Option<PathBuf>,
    /// When the clock starts: everything is known from then on; a day, a time or RFC 3339 [default: now]
    #[arg(long, value_name = "T", value_parser = Since::parse)]
    pub from: Option<Since>,
    /// When it stops; a day is included [default: when nothing is left to happen]
    #[arg(long, value_name = "T", value_parser = Since::parse)]
    pub to: Option<Since>,
}

/// `triggers preview`
#[derive(Args, Debug)]
pub struct Preview {
    /// Its name
    #[arg(value_name = "TRIGGER")]
    pub trigger: String,
    /// For this reservation; without one, for a made-up guest who comes tomorrow
    #[arg(long, value_name = "ID")]
    pub reservation: Option<String>,
}
