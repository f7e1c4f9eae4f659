//! `hotelbot completions`: a static script for a shell.

use crate::fail::{Exit, Outcome};
use crate::printer::Printer;

/// Prints the script.
pub fn print(shell: clap_complete::Shell, printer: &Printer) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut crate::help::command(), "hotelbot", &mut script);
    printer.out(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
