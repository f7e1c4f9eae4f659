//! `hotelbot chats …`

use super::{Since, values};
use clap::{Args, Subcommand};
use hotelbot::domain::understanding::Sentiment;

/// The verbs of `chats`.
#[derive(Subcommand, Debug)]
pub enum Chats {
    /// List conversations, those in which somebody waits first
    #[command(after_help = "Examples:
  hotelbot chats list --waiting
  hotelbot chats list --hotel astoria --sentiment negative --since 1d")]
    List(List),
    /// Show one conversation
    #[command(after_help = "Examples:
  hotelbot chats show +79210004567
  hotelbot chats show 4f0c12ab --since 2d --json")]
    Show(Show),
    /// Follow conversations as they happen
    #[command(after_help = "Examples:
  hotelbot chats tail --hotel astoria
  hotelbot chats tail +79210004567 --since 1h
  hotelbot chats tail --json | jq .text")]
    Tail(Tail),
    /// Show which rule decided, and on what grounds
    #[command(after_help = "Examples:
  hotelbot chats explain +79210004567
  hotelbot chats explain 4f0c12ab --message 91c2aa07")]
    Explain(Explain),
    /// Write to a guest as staff; the bot is silent in this chat for a while
    #[command(after_help = "Examples:
  hotelbot chats send +79210004567 'The heater is on its way'")]
    Send(Send),
    /// Silence the bot in a chat until it is handed back
    #[command(after_help = "Examples:
  hotelbot chats handoff +79210004567
  hotelbot chats handoff 4f0c12ab --for 2h")]
    Handoff(Handoff),
    /// Hand a chat back to the bot
    #[command(after_help = "Examples:
  hotelbot chats resume +79210004567")]
    Resume(One),
}

/// `chats list`
#[derive(Args, Debug)]
pub struct List {
    /// Only where a guest waits for a person
    #[arg(long)]
    pub waiting: bool,
    /// Only where the guest was last read like this: positive, neutral, negative or requires_attention
    #[arg(long, value_name = "S", value_parser = sentiment)]
    pub sentiment: Option<Sentiment>,
    /// Only where something happened since: 15m, 2h, 2025-07-12 or RFC 3339, in the hotel's time
    #[arg(long, value_name = "T", value_parser = Since::parse)]
    pub since: Option<Since>,
    /// The most conversations
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = values::limit())]
    pub limit: u32,
}

/// A conversation: an id from `chats list`, a phone, or a WhatsApp chat id.
#[derive(Args, Debug)]
pub struct One {
    /// An id from `chats list` or its end, a phone, or a WhatsApp chat id
    pub chat: String,
}

/// `chats show`
#[derive(Args, Debug)]
pub struct Show {
    /// Which.
    #[command(flatten)]
    pub one: One,
    /// Only messages since: 15m, 2h, 2025-07-12 or RFC 3339, in the hotel's time
    #[arg(long, value_name = "T", value_parser = Since::parse)]
    pub since: Option<Since>,
    /// The most messages; the newest are shown
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = values::limit())]
    pub limit: u32,
}

/// `chats tail`
#[derive(Args, Debug)]
pub struct Tail {
    /// Follow this conversation only: an id from `chats list`, a phone, or a WhatsApp chat id
    pub chat: Option<String>,
    /// Begin with what was said since: 15m, 2h, 2025-07-12 or RFC 3339, in the hotel's time
    #[arg(long, value_name = "T", value_parser = Since::parse)]
    pub since: Option<Since>,
}

/// `chats explain`
#[derive(Args, Debug)]
pub struct Explain {
    /// Which.
    #[command(flatten)]
    pub one: One,
    /// The turn of this message, by an id of `chats show --json` or its end; without it, the latest turns
    #[arg(long, value_name = "ID")]
    pub message: Option<String>,
    /// The most turns
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = values::limit())]
    pub limit: u32,
}

/// `chats send`
#[derive(Args, Debug)]
pub struct Send {
    /// Which.
    #[command(flatten)]
    pub one: One,
    /// What to write
    pub text: String,
    /// Show what would be sent, and send nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `chats handoff`
#[derive(Args, Debug)]
pub struct Handoff {
    /// Which.
    #[command(flatten)]
    pub one: One,
    /// Hand it back by itself after this long, such as 30m or 2h
    #[arg(long = "for", value_name = "TIME", value_parser = values::duration)]
    pub length: Option<std::time::Duration>,
}

fn sentiment(word: &str) -> Result<Sentiment, String> {
    let words: Vec<&str> = Sentiment::ALL.iter().map(|sentiment| sentiment.as_str()).collect();
    Sentiment::parse(word).ok_or_else(|| format!("write one of {}", words.join(", ")))
}
