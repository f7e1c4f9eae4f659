//! `prompts try`: one answer as the bot would give it, with its reading, rule and cost; several to see how they differ.

use super::hotel;
use super::talk::{Answer, Talk};
use crate::args::prompts::Try;
use crate::chats::{find, read_here, reading};
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::printer::Report;
use crate::words;
use hotelbot::app;
use hotelbot::config::Settings;
use hotelbot::domain::conversation::Mode;
use hotelbot::domain::message::Author;
use hotelbot::domain::understanding::{Reading, Understanding};
use hotelbot::gateways::deepseek::Prompt;
use hotelbot::ports::AiUsage;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

/// How much of a conversation is looked at: what a decision sees, and the words it is about.
const LOOKED_AT: i64 = 33;

/// What the bot did about one message.
#[derive(Serialize)]
pub struct View {
    replies: Vec<String>,
    rule: &'static str,
    reasons: Vec<String>,
    reading: Reading,
    understanding: Option<Understanding>,
    why_not: Option<&'static str>,
    detail: Option<String>,
    calls: u32,
    cost_micro_usd: i64,
    latency_ms: u64,
    #[serde(skip)]
    usage: AiUsage,
}

impl View {
    /// Of an answer.
    pub fn of(answer: &Answer) -> Self {
        let analysis = answer.analysis.as_ref();
        let usage = analysis.map(|analysis| analysis.usage.clone()).unwrap_or_default();
        Self {
            replies: answer.replies().into_iter().map(str::to_owned).collect(),
            rule: answer.decision.rule,
            reasons: answer.decision.reasons.clone(),
            reading: answer.reading.clone(),
            understanding: analysis.and_then(|analysis| analysis.outcome.as_ref().ok().cloned()),
            why_not: analysis.and_then(|analysis| analysis.outcome.as_ref().err().map(|why| why.as_str())),
            detail: analysis.and_then(|analysis| analysis.detail.clone()),
            calls: usage.calls,
            cost_micro_usd: usage.cost_micro_usd,
            latency_ms: u64::try_from(usage.latency.as_millis()).unwrap_or(u64::MAX),
            usage,
        }
    }

    /// The replies, one a line, then what is behind them.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let dim = anstyle::Style::new().dimmed();
        // Writing to a String cannot fail.
        for reply in &self.replies {
            let _ = writeln!(text, "  bot    {}", words::one_line(reply));
        }
        if self.replies.is_empty() {
            text.push_str("  bot    says nothing\n");
        }
        for line in self.grounds() {
            let _ = writeln!(text, "         {dim}{line}{dim:#}");
        }
        text
    }

    fn grounds(&self) -> Vec<String> {
        let mut lines = vec![format!("rule {}: {}", self.rule, self.reasons.join("; "))];
        lines.push(format!("read here as {}", read_here(&self.reading)));
        lines.extend(self.understanding.as_ref().map(|understanding| format!("read as {}", reading(understanding))));
        if let Some(why_not) = self.why_not {
            let detail = self.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
            lines.push(format!("not read, {why_not}{}", words::one_line(&detail)));
        }
        if self.calls > 0 {
            let calls = words::count(self.calls as usize, "call", "calls");
            let AiUsage { hit_tokens, miss_tokens, output_tokens, latency, .. } = &self.usage;
            let tokens = format!("{hit_tokens} + {miss_tokens} tokens in, {output_tokens} out");
            lines.push(format!(
                "{calls} in {}, {tokens}, {}",
                words::span(*latency),
                words::dollars(self.cost_micro_usd)
            ));
        }
        lines
    }
}

#[derive(Serialize)]
struct Tried {
    hotel: String,
    prompt: String,
    model: String,
    text: String,
    runs: Vec<View>,
}

/// Tries one text, or the last words of a real conversation.
pub async fn run(args: Try, desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let (talk, text) = match (&args.text, &args.chat) {
        (_, Some(chat)) => recorded(chat, &settings, desk).await?,
        (text, None) => (Talk::new(hotel(&settings, desk)?, &desk.clock()), text.clone().unwrap_or_default()),
    };
    if text.trim().is_empty() {
        return Err(Failure::wrong("there is nothing to answer: the text is empty").into());
    }
    let analyst = app::analyst(&settings)?;
    let mut runs = Vec::new();
    for run in 1..=args.runs {
        let progress = desk.printer.progress(&format!("Asking, {run} of {}", args.runs));
        let answer = talk.clone().hear(&text, &analyst, &desk.clock()).await;
        progress.finish_and_clear();
        runs.push(View::of(&answer));
    }
    let failed = runs.iter().any(|run| run.why_not.is_some());
    let tried = Tried {
        hotel: talk.hotel.id.to_string(),
        prompt: talk.hotel.prompt.clone().unwrap_or_else(Prompt::understand).name,
        model: settings.deepseek_model.value.clone(),
        text,
        runs,
    };
    desk.printer.report(&tried)?;
    Ok(if failed { Exit::No } else { Exit::Done })
}

/// A conversation as it was before the guest's last words; whoever leads it now, the bot is asked.
async fn recorded(chat: &str, settings: &Settings, desk: &Desk) -> anyhow::Result<(Talk, String)> {
    let store = desk.store(settings).await?;
    let found = find(chat, &store, desk).await?;
    let Some(hotel) = found.in_force else {
        return Err(Failure::wrong(format!("the hotel `{}` is no longer in force", found.hotel)).into());
    };
    let mut conversation = found.conversation;
    let messages = store.chat_messages(&found.hotel, conversation.id, Timestamp::UNIX_EPOCH, LOOKED_AT).await?;
    let mut recent: Vec<_> = messages.into_iter().map(|journal| journal.message).collect();
    let last = recent.iter().rposition(|message| message.author == Author::Guest);
    let Some(last) = last else {
        return Err(Failure::wrong("the guest has written nothing in this conversation").into());
    };
    let text = recent[last].text.clone();
    recent.truncate(last);
    conversation.mode = Mode::Bot;
    Ok((Talk { hotel: Arc::new(hotel), conversation, recent }, text))
}

impl Report for Tried {
    fn text(&self) -> String {
        let Self { hotel, prompt, model, text, runs } = self;
        let mut screen = format!("Trying {prompt} at {hotel} with {model}; nothing is sent or saved\n\n");
        // Writing to a String cannot fail.
        let _ = writeln!(screen, "  guest  {}", words::one_line(text));
        runs.iter().for_each(|run| screen.push_str(&run.text()));
        if runs.len() > 1 {
            let replies: BTreeSet<&Vec<String>> = runs.iter().map(|run| &run.replies).collect();
            let read = runs.iter().filter(|run| run.why_not.is_none()).count();
            let different = words::count(replies.len(), "different answer", "different answers");
            let _ = writeln!(screen, "\n{} runs: {read} read, {different}", runs.len());
        }
        screen
    }
}
