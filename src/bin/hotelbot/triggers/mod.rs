//! `hotelbot triggers`: what is said at which moment of a stay. One file a verb, or a pair of verbs.

mod check;
mod schema;

use crate::args::triggers::Triggers;
use crate::desk::Desk;
use crate::fail::Outcome;

/// Runs one verb.
#[expect(clippy::unused_async, reason = "verbs that look into the database wait for it")]
pub async fn run(verb: Triggers, desk: &Desk) -> Outcome {
    match verb {
        Triggers::Check => check::run(desk),
        Triggers::Schema => schema::run(desk),
    }
}
