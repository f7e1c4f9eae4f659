//! Questions to the person at the terminal. The default is No, and without a terminal nothing is asked.

use crate::args::Global;
use crate::fail::{Exit, Failure};
use crate::printer::Printer;
use inquire::InquireError;
use std::io::IsTerminal;

/// What came of asking whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    Yes,
    /// Nothing is changed, and that is no error.
    No,
}

/// Whether anybody can be asked.
pub fn can_ask(global: &Global) -> bool {
    !global.no_input && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks before a change, unless `--yes` answers already. Without anybody to ask it is an error that names the flag.
pub fn confirm(global: &Global, printer: &Printer, question: &str) -> anyhow::Result<Answer> {
    if global.yes {
        return Ok(Answer::Yes);
    }
    if !can_ask(global) {
        let why = if global.no_input { "`--no-input` forbids to ask" } else { "there is no terminal to ask on" };
        return Err(Failure::wrong(format!("this needs a yes, and {why}")).hint("Pass `--yes` to go on").into());
    }
    let agreed = inquire::Confirm::new(question).with_default(false).prompt().map_err(unanswered)?;
    if !agreed {
        printer.note("Nothing was changed");
    }
    Ok(if agreed { Answer::Yes } else { Answer::No })
}

/// A question without an answer: Ctrl-C and Esc end the program as an interruption.
pub fn unanswered(error: InquireError) -> anyhow::Error {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => {
            Failure::new(Exit::Interrupted, "interrupted; nothing was changed").into()
        }
        other => Failure::wrong("the question could not be asked").because(other).into(),
    }
}
