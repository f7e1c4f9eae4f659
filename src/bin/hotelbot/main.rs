//! The face of hotelbot: parses the command line, runs one verb, prints through one door. Knows clap and comfy-table;
//! contains no SQL, no rules and no HTTP.

mod alerts;
mod args;
mod bench;
mod chats;
mod completions;
mod config;
mod confirm;
mod db;
mod demo;
mod desk;
mod doctor;
mod fail;
mod file;
mod grid;
mod guests;
mod help;
mod hotels;
mod kept;
mod logs;
mod mask;
mod number;
mod plans;
mod pms;
mod printer;
mod prompts;
mod queues;
mod run;
mod sandbox;
mod serve;
mod status;
mod stays;
mod trial;
mod triggers;
mod unfinished;
mod words;

fn main() -> std::process::ExitCode {
    run::main()
}
