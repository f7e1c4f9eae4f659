//! `hotelbot demo`: a whole installation in a minute. The emulators, two hotels and the real daemon on free ports in a
//! temporary folder; three guests write through the real road; then the reader may write as a guest.

mod journey;
mod live;
mod patience;
mod script;
mod stage;

use crate::args::DemoArgs;
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::printer::Printer;
use script::{CONVERSATIONS, Conversation, Step};
use stage::Stage;
use std::io::IsTerminal as _;

/// Plays the script and, unless told otherwise, lets the reader write.
pub async fn run(args: DemoArgs, desk: &Desk) -> Outcome {
    let printer = &desk.printer;
    let key = desk.environment.get("DEEPSEEK_API_KEY").filter(|key| !key.trim().is_empty());
    if args.live_ai && key.is_none() {
        return Err(Failure::wrong("`--live-ai` needs a key for DeepSeek")
            .hint("export DEEPSEEK_API_KEY=… && hotelbot demo --live-ai")
            .into());
    }
    let stage = Stage::set(args.live_ai, printer).await?;
    let mut failed = play(&stage, printer).await?;
    printer.out(&format!(
        "\n{}. One stay from the booking to the review, on a clock that jumps\n",
        CONVERSATIONS.len() + 1
    ))?;
    if let Err(error) = journey::play(printer).await {
        let line = format!("the stay: {error:#}");
        printer.out(&format!("   FAIL  {line}\n"))?;
        failed.push(line);
    }
    if failed.is_empty() && !args.no_wait && std::io::stdin().is_terminal() {
        live::write_as_guest(&stage, printer).await?;
    }
    stage.clear().await?;
    if !failed.is_empty() {
        return Err(Failure::new(Exit::No, "The demo did not go as it must").because(failed.join("\n")).into());
    }
    printer.out("\nEvery step really happened: received, decided, sent and accepted.\n")?;
    printer.out("Next: `hotelbot help hotels` to bring a hotel of your own.\n")?;
    Ok(Exit::Done)
}

/// Plays all conversations; returns what went wrong.
async fn play(stage: &Stage, printer: &Printer) -> anyhow::Result<Vec<String>> {
    let mut failed = Vec::new();
    for (number, conversation) in CONVERSATIONS.iter().enumerate() {
        printer.out(&format!("\n{}. {}\n", number + 1, conversation.about))?;
        for step in conversation.steps {
            if let Err(error) = stage.step(conversation, step, printer).await {
                let line = format!("{}: {error:#}", described(conversation, step));
                printer.out(&format!("   FAIL  {line}\n"))?;
                failed.push(line);
            }
        }
    }
    Ok(failed)
}

fn described(conversation: &Conversation, step: &Step) -> String {
    let what = match step {
        Step::Asks(text, _) => format!("the answer to «{text}»"),
        Step::WantsPerson(_) => "the handoff".to_owned(),
        Step::StaffWrites(_) => "the colleague's message".to_owned(),
        Step::IsLeftToPerson(_) => "the bot's silence".to_owned(),
    };
    format!("{} at {}: {what}", conversation.name, conversation.place.hotel)
}
