//! `triggers schema`: what editors need to complete and check `triggers.yaml` while it is typed.

use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use hotelbot::config::triggers_schema;

/// Prints it; JSON is its only form.
pub fn run(desk: &Desk) -> Outcome {
    desk.printer.out(&format!("{:#}\n", triggers_schema()))?;
    Ok(Exit::Done)
}
