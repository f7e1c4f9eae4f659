//! `prompts chat`: talk to the bot in the terminal as a guest.

use super::hotel;
use super::talk::Talk;
use super::try_out::View;
use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use hotelbot::app;
use std::io::IsTerminal;
use tokio::io::{AsyncBufReadExt, BufReader};

/// Answers lines from stdin until they end.
pub async fn run(desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let analyst = app::analyst(&settings)?;
    let mut talk = Talk::new(hotel(&settings, desk)?, &desk.clock());
    let asks = std::io::stdin().is_terminal();
    desk.printer.note(&greeting(&talk, asks));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        if asks {
            crate::printer::complain("  guest  ");
        }
        let Some(line) = lines.next_line().await? else { break };
        let text = line.trim();
        if text.is_empty() {
            continue;
        }
        let progress = desk.printer.progress("the bot reads");
        let answer = talk.hear(text, &analyst, &desk.clock()).await;
        progress.finish_and_clear();
        let view = View::of(&answer);
        if desk.printer.is_json() {
            desk.printer.json_line(&view)?;
        } else {
            desk.printer.out(&view.text())?;
        }
    }
    Ok(Exit::Done)
}

fn greeting(talk: &Talk, asks: bool) -> String {
    let hotel = &talk.hotel.name;
    let how = if asks { "; Ctrl-D ends it" } else { "" };
    format!("You are a guest of {hotel}; nothing is sent or saved{how}")
}
