//! `hotelbot triggers`: what is said at which moment of a stay. One file a verb, or a pair of verbs.

mod apply;
mod check;
mod explain;
mod history;
mod list;
mod preview;
mod schema;
mod screen;
mod simulate;
mod stats;
mod test;

pub use check::read;

use crate::args::triggers::Triggers;
use crate::desk::Desk;
use crate::fail::Outcome;

/// Runs one verb.
pub async fn run(verb: Triggers, desk: &Desk) -> Outcome {
    match verb {
        Triggers::List => list::all(desk).await,
        Triggers::Show(one) => list::one(&one.trigger, desk).await,
        Triggers::Check => check::run(desk),
        Triggers::Schema => schema::run(desk),
        Triggers::Plan(args) => apply::plan(args, desk).await,
        Triggers::Apply(args) => apply::apply(args, desk).await,
        Triggers::Simulate(args) => simulate::run(args, desk).await,
        Triggers::Preview(args) => preview::run(args, desk).await,
        Triggers::Explain(args) => explain::run(args, desk).await,
        Triggers::Test(args) => test::run(args, desk).await,
        Triggers::Stats(args) => stats::run(args, desk).await,
        Triggers::History(args) => history::history(args, desk).await,
        Triggers::Rollback(args) => history::rollback(args, desk).await,
    }
}
