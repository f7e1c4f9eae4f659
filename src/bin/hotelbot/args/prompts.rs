//! `hotelbot prompts …`

use super::values;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The verbs of `prompts`.
#[derive(Subcommand, Debug)]
pub enum Prompts {
    /// List the prompts
    #[command(after_help = "Examples:
  hotelbot prompts list")]
    List,
    /// Show the text of one
    #[command(after_help = "Examples:
  hotelbot prompts show understand")]
    Show {
        /// Its name, with or without the version
        prompt: String,
    },
    /// Answer one text as the bot would, and send nothing
    #[command(after_help = "Examples:
  hotelbot prompts try --hotel astoria --text 'When is breakfast?'
  hotelbot prompts try --chat +79210004567 --runs 5")]
    Try(Try),
    /// Talk to the bot in the terminal as a guest; nothing is sent or saved
    #[command(after_help = "Examples:
  hotelbot prompts chat --hotel astoria
  printf 'Hello\\nIs there a pool?\\n' | hotelbot prompts chat --hotel astoria")]
    Chat,
    /// Show how the built-in reader takes messages, as JSON lines
    #[command(after_help = "Examples:
  echo 'There is water coming from the ceiling' | hotelbot prompts classify
  hotelbot prompts classify --file messages.jsonl")]
    Classify(Classify),
}

/// `prompts classify`
#[derive(Args, Debug)]
pub struct Classify {
    /// Lines of text, or of JSON with `id` and `text`; stdin without it
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// `prompts try`
#[derive(Args, Debug)]
pub struct Try {
    /// What the guest writes
    #[arg(long, value_name = "TEXT", required_unless_present = "chat", conflicts_with = "chat")]
    pub text: Option<String>,
    /// The last words of the guest in this conversation, with what was said before
    #[arg(long, value_name = "CHAT")]
    pub chat: Option<String>,
    /// Ask this often, to see how answers differ
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = values::runs())]
    pub runs: u32,
}
