//! `hotelbot hotels`: onboard hotels and keep them in step with `hotels/*.yaml`. One file a verb, or a pair of verbs.

mod add;
mod ask;
mod check;
pub mod line;
mod pause;
mod plan;
mod secret;
mod show;

use crate::args::hotels::Hotels;
use crate::desk::Desk;
use crate::fail::Outcome;

pub use check::read;

/// Runs one verb.
pub async fn run(verb: Hotels, desk: &Desk) -> Outcome {
    match verb {
        Hotels::List => show::list(desk).await,
        Hotels::Show(one) => show::one(&one.id, desk).await,
        Hotels::Add(args) => add::run(*args, desk).await,
        Hotels::Check => check::run(desk),
        Hotels::Plan(args) => plan::plan(args, desk).await,
        Hotels::Apply(args) => plan::apply(args, desk).await,
        Hotels::Secret(args) => secret::run(args, desk).await,
        Hotels::Pause(args) => pause::pause(args, desk).await,
        Hotels::Resume(one) => pause::resume(&one.id, desk).await,
    }
}
