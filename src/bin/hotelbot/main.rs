//! The face of hotelbot: parses the command line, runs one verb, prints through one door. Knows clap and comfy-table;
//! contains no SQL, no rules and no HTTP.

mod args;
mod bench;
mod chats;
mod completions;
mod config;
mod confirm;
mod db;
mod demo;
mod desk;
mod fail;
mod grid;
mod help;
mod hotels;
mod logs;
mod mask;
mod printer;
mod queues;
mod run;
mod sandbox;
mod serve;
mod trial;
mod words;

use clap::FromArgMatches;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match help::command().try_get_matches().and_then(|matches| args::Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to stdout with 0, a wrong command line to stderr with 2; a closed pipe is nobody's mistake.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    run::run(cli)
}
