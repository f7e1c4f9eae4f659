//! How a verb ends: the exit code, and an error as `error:`, its causes, `hint:`.

use anstyle::{AnsiColor, Style};
use hotelbot::config::{ConfigErrors, SecretError};
use hotelbot::ports::Unavailable;
use hotelbot::store::StoreError;
use std::fmt::Write as _;
use std::process::ExitCode;

/// How a verb ended. The numbers are part of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// It ran, and the answer is no: a check or a message failed, something needs a person.
    No = 1,
    /// The command line or the files are wrong; nothing was touched.
    Wrong = 2,
    /// Changes are pending; only for `plan --exit-code`.
    Pending = 3,
    /// The plan is stale, or someone else is at it.
    Conflict = 4,
    /// Something outside is unavailable: try again later.
    Unavailable = 5,
    /// Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// What a verb returns.
pub type Outcome = anyhow::Result<Exit>;

/// An error that knows its exit code and what to do next.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    exit: Exit,
    message: String,
    hint: Option<String>,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Failure {
    /// An error of this kind.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None, source: None }
    }

    /// The command line or the files are wrong.
    pub fn wrong(message: impl Into<String>) -> Self {
        Self::new(Exit::Wrong, message)
    }

    /// What to do next, with a command to paste.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What caused it.
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// The end of the program: says what went wrong and returns the exit code. A reader that went away is no error.
pub fn end(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) if is_broken_pipe(&error) => Exit::Done.into(),
        Err(error) => {
            crate::printer::complain(&screen(&error));
            exit_of(&error).into()
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |cause: &&(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    };
    error.chain().any(|cause| broken(&cause))
}

fn exit_of(error: &anyhow::Error) -> Exit {
    error.chain().find_map(of_cause).unwrap_or(Exit::No)
}

fn of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<Exit> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        return Some(failure.exit);
    }
    if cause.is::<ConfigErrors>() || cause.is::<SecretError>() {
        return Some(Exit::Wrong);
    }
    if cause.is::<Unavailable>() {
        return Some(Exit::Unavailable);
    }
    match cause.downcast_ref::<StoreError>()? {
        StoreError::Unavailable(_) => Some(Exit::Unavailable),
        StoreError::Conflict(_) => Some(Exit::Conflict),
        StoreError::Refused(_) => Some(Exit::Wrong),
        StoreError::Corrupt(_) | StoreError::Bug(_) => Some(Exit::No),
    }
}

fn hint_of(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| cause.downcast_ref::<Failure>()?.hint.clone())
}

/// One sentence, its causes indented, a blank line, what to do next.
fn screen(error: &anyhow::Error) -> String {
    let red = AnsiColor::Red.on_default().bold();
    let cyan = AnsiColor::Cyan.on_default().bold();
    let mut causes = error.chain().map(ToString::to_string);
    let mut screen = labelled("error", red, &causes.next().unwrap_or_default());
    let mut last = String::new();
    // Writing to a String cannot fail.
    for cause in causes.filter(|cause| !cause.is_empty()) {
        if cause != last {
            let _ = writeln!(screen, "  {}", sentence(&cause).replace('\n', "\n  "));
        }
        last = cause;
    }
    if let Some(hint) = hint_of(error) {
        let _ = write!(screen, "\n{}", labelled("hint", cyan, &hint));
    }
    screen
}

fn labelled(label: &str, style: Style, text: &str) -> String {
    format!("{style}{label}:{style:#} {}\n", sentence(text))
}

/// A capital at the start, whatever layer wrote it; code in backticks stays as it is typed.
fn sentence(text: &str) -> String {
    let mut letters = text.trim_end().chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn an_error_is_one_sentence_its_causes_and_a_command_to_paste() {
        let cause = std::io::Error::other("the disk is on fire");
        let failure = Failure::wrong("`spring.plan` cannot be read").because(cause).hint("Run `hotelbot hotels plan`");
        let error = Err::<(), _>(failure).context("applying").expect_err("it is one");

        assert_eq!(exit_of(&error), Exit::Wrong);
        insta::assert_snapshot!(anstream::adapter::strip_str(&screen(&error)).to_string(), @r"
        error: Applying
          `spring.plan` cannot be read
          The disk is on fire

        hint: Run `hotelbot hotels plan`
        ");
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let error = anyhow::Error::from(std::io::Error::from(std::io::ErrorKind::BrokenPipe)).context("printing");

        assert!(is_broken_pipe(&error));
    }
}
