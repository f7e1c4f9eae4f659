//! `hotelbot prompts`: look at prompts and try them; nothing is sent or saved.

mod chat;
mod classify;
mod talk;
mod try_out;

use crate::args::prompts::Prompts;
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::grid::{Grid, cell};
use crate::hotels::read;
use crate::printer::Report;
use crate::words;
use hotelbot::config::Settings;
use hotelbot::domain::hotel::Hotel;
use hotelbot::gateways::deepseek::Prompt;
use serde::Serialize;
use std::sync::Arc;

/// Runs one verb.
pub async fn run(verb: Prompts, desk: &Desk) -> Outcome {
    match verb {
        Prompts::List => list(desk),
        Prompts::Show { prompt } => show(&prompt, desk),
        Prompts::Try(args) => try_out::run(args, desk).await,
        Prompts::Chat => chat::run(desk).await,
        Prompts::Classify(args) => classify::run(&args),
    }
}

#[derive(Serialize)]
struct View {
    prompt: String,
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Views(Vec<View>);

/// The built-in one, and those that hotels have of their own.
fn all(desk: &Desk) -> anyhow::Result<Vec<(Prompt, String)>> {
    let mut prompts = vec![(Prompt::understand(), "built in".to_owned())];
    // A folder without hotels, or with mistakes in them, has no more to tell; `hotels check` says what is wrong.
    for loaded in read(&desk.settings()?, &desk.global.hotel).unwrap_or_default() {
        let from = format!("hotels/{}/prompts/understand.md", loaded.hotel.id);
        prompts.extend(loaded.hotel.prompt.map(|prompt| (prompt, from)));
    }
    Ok(prompts)
}

fn list(desk: &Desk) -> Outcome {
    let views = all(desk)?.into_iter().map(|(prompt, from)| View { prompt: prompt.name, from, text: None });
    desk.printer.report(&Views(views.collect()))?;
    Ok(Exit::Done)
}

fn show(name: &str, desk: &Desk) -> Outcome {
    let is_meant = |(prompt, _): &(Prompt, String)| prompt.name == name || prompt.purpose() == name;
    let (prompt, from) = all(desk)?.into_iter().find(is_meant).ok_or_else(|| {
        Failure::wrong(format!("there is no prompt `{}`", words::one_line(name))).hint("Run `hotelbot prompts list`")
    })?;
    desk.printer.report(&View { prompt: prompt.name, from, text: Some(prompt.text) })?;
    Ok(Exit::Done)
}

impl Report for Views {
    fn text(&self) -> String {
        let mut grid = Grid::new(&["PROMPT", "FROM"]);
        for view in &self.0 {
            grid.row([cell(&view.prompt), cell(&view.from)]);
        }
        grid.text()
    }
}

impl Report for View {
    fn text(&self) -> String {
        format!("{}\n", self.text.as_deref().unwrap_or_default())
    }
}

/// The hotel that is spoken for: the one of `--hotel`, or the only one. Its file counts, so that a change can be tried
/// before it is in force.
fn hotel(settings: &Settings, desk: &Desk) -> anyhow::Result<Arc<Hotel>> {
    let mut hotels = read(settings, &desk.global.hotel)?;
    if hotels.len() > 1 {
        let flags: Vec<String> = hotels.iter().map(|loaded| format!("`--hotel {}`", loaded.hotel.id)).collect();
        return Err(Failure::wrong("one hotel must be named").hint(format!("Add {}", flags.join(" or "))).into());
    }
    match hotels.pop() {
        Some(loaded) => Ok(Arc::new(loaded.hotel)),
        None => Err(Failure::wrong("there is no hotel in `hotels/`").hint("Run `hotelbot hotels add`").into()),
    }
}
