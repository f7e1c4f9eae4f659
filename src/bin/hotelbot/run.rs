//! From a parsed command line to an exit code.

use crate::args::{Cli, Command};
use crate::desk::Desk;
use crate::fail::{self, Exit, Outcome};
use crate::printer::Printer;
use crate::queues::{inbox, outbox};
use crate::{
    alerts, bench, chats, completions, config, db, demo, doctor, guests, hotels, logs, prompts, sandbox, serve, status,
    stays, triggers,
};
use crate::{args, help};
use clap::FromArgMatches;
use std::future::Future;
use std::process::ExitCode;

/// Parses the command line and runs what it asks for.
pub fn main() -> ExitCode {
    match help::command().try_get_matches().and_then(|matches| args::Cli::from_arg_matches(&matches)) {
        Ok(cli) => run(cli),
        Err(error) => {
            // Help goes to stdout with 0, a wrong command line to stderr with 2; a closed pipe is nobody's mistake.
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}

/// Runs one verb to its end.
fn run(cli: Cli) -> ExitCode {
    let printer = Printer::new(&cli.global);
    let Some(command) = cli.command else {
        return fail::end(printer.out(&help::overview().ansi().to_string()).map(|()| Exit::Done).map_err(Into::into));
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail::end(Err(error.into())),
    };
    let desk = Desk::new(cli.global, printer);
    let outcome = match command {
        // The daemon has its own manners on Ctrl-C: it drains.
        Command::Serve(args) => runtime.block_on(serve::run(args, &desk)),
        command => {
            logs::start_for_command(&desk.global);
            runtime.block_on(until_interrupted(dispatch(command, &desk)))
        }
    };
    runtime.shutdown_background();
    fail::end(outcome)
}

/// Every change is one transaction, so Ctrl-C leaves nothing half done.
async fn until_interrupted(verb: impl Future<Output = Outcome>) -> Outcome {
    tokio::select! {
        outcome = verb => outcome,
        _ = tokio::signal::ctrl_c() => Ok(Exit::Interrupted),
    }
}

async fn dispatch(command: Command, desk: &Desk) -> Outcome {
    match command {
        Command::Serve(args) => serve::run(args, desk).await,
        Command::Bench(args) => bench::run(args, desk).await,
        Command::Demo(args) => demo::run(args, desk).await,
        Command::Sandbox(args) => sandbox::run(args, &desk.printer).await,
        Command::Status => status::run(desk).await,
        Command::Doctor(args) => doctor::run(args, desk).await,
        Command::Hotels(verb) => hotels::run(verb, desk).await,
        Command::Triggers(verb) => triggers::run(verb, desk).await,
        Command::Prompts(verb) => prompts::run(verb, desk).await,
        Command::Config(verb) => config::run(verb, desk),
        Command::Chats(verb) => chats::run(verb, desk).await,
        Command::Alerts(verb) => alerts::run(verb, desk).await,
        Command::Stays(verb) => stays::run(verb, desk).await,
        Command::Guests(verb) => guests::run(verb, desk).await,
        Command::Inbox(verb) => inbox::run(verb, desk).await,
        Command::Outbox(verb) => outbox::run(verb, desk).await,
        Command::Db(verb) => db::run(verb, desk).await,
        Command::Completions { shell } => completions::print(shell, &desk.printer),
    }
}
