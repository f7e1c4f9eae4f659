//! `chats explain`: which rule decided about a turn, on what grounds, and what it cost.

use super::message::{Before, MessageView, line};
use super::{Found, find};
use crate::args::chats::Explain;
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::printer::Report;
use crate::words;
use hotelbot::domain::ids::TurnId;
use hotelbot::domain::understanding::{Reading, Topic, Understanding};
use hotelbot::store::alerts::TurnAlert;
use hotelbot::store::journal::{JournalMessage, TurnSummary};
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Write as _;
use std::time::Duration;

/// How far back a message's turn is looked for.
const LOOKED_THROUGH: i64 = 10_000;

#[derive(Serialize)]
struct TurnView {
    turn: String,
    at: String,
    rule: String,
    reasons: Vec<String>,
    reading: Option<Reading>,
    understanding: Option<Understanding>,
    why_not: Option<String>,
    detail: Option<String>,
    prompt: Option<String>,
    model: Option<String>,
    calls: i64,
    cached_tokens: i64,
    new_tokens: i64,
    output_tokens: i64,
    cost_micro_usd: i64,
    latency_ms: i64,
    messages: Vec<MessageView>,
    alerts: Vec<TurnAlert>,
    #[serde(skip)]
    text: String,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Turns(Vec<TurnView>);

/// Explains the latest turns of a conversation, or the turn of one message.
pub async fn run(args: Explain, desk: &Desk) -> Outcome {
    let store = desk.store(&desk.settings()?).await?;
    let found = find(&args.one.chat, &store, desk).await?;
    let chat = found.conversation.id;
    let messages = store.chat_messages(&found.hotel, chat, Timestamp::UNIX_EPOCH, LOOKED_THROUGH).await?;
    let turns = match &args.message {
        None => store.turns(&found.hotel, chat, i64::from(args.limit)).await?,
        Some(words) => {
            let wanted = turn_of(words, &messages)?;
            let all = store.turns(&found.hotel, chat, LOOKED_THROUGH).await?;
            all.into_iter().filter(|turn| turn.id == wanted).collect()
        }
    };
    // Newest first from the database; a person reads from top to bottom.
    let alerts = store.alerts_by_turn(&found.hotel, chat).await?;
    let of = |turn: &TurnSummary| alerts.get(&turn.id).map_or(&[][..], Vec::as_slice);
    let views = turns.iter().rev().map(|turn| view(turn, &messages, of(turn), &found, desk)).collect();
    desk.printer.report(&Turns(views))?;
    Ok(Exit::Done)
}

fn turn_of(words: &str, messages: &[JournalMessage]) -> Result<TurnId, Failure> {
    let is_meant = |journal: &&JournalMessage| {
        let provider = journal.message.provider_id.as_ref().is_some_and(|id| id.as_str() == words);
        provider || (words.len() >= 4 && journal.message.id.to_string().ends_with(&words.to_ascii_lowercase()))
    };
    let hint = "Run `hotelbot chats show --json` to see the ids";
    let message = messages.iter().find(is_meant).ok_or_else(|| {
        Failure::wrong(format!("there is no message `{}` in this conversation", crate::words::one_line(words)))
            .hint(hint)
    })?;
    message.turn.ok_or_else(|| {
        Failure::new(Exit::No, "nothing was decided about this message")
            .hint("It may still wait, or be a person's own; `hotelbot inbox list` shows what waits")
    })
}

fn view(turn: &TurnSummary, messages: &[JournalMessage], alerts: &[TurnAlert], found: &Found, desk: &Desk) -> TurnView {
    let zone = found.zone();
    let of_turn: Vec<&JournalMessage> = messages.iter().filter(|journal| journal.turn == Some(turn.id)).collect();
    TurnView {
        turn: turn.id.to_string(),
        at: words::stamp(turn.at, &zone),
        rule: turn.rule.clone(),
        reasons: turn.reasons.clone(),
        reading: turn.reading.clone(),
        understanding: turn.understanding.clone(),
        why_not: turn.why_not.clone(),
        detail: turn.detail.clone(),
        prompt: turn.prompt.clone(),
        model: turn.model.clone(),
        calls: turn.calls,
        cached_tokens: turn.tokens.0,
        new_tokens: turn.tokens.1,
        output_tokens: turn.tokens.2,
        cost_micro_usd: turn.cost_micro_usd,
        latency_ms: turn.latency_ms,
        messages: of_turn.iter().map(|journal| MessageView::of(journal, &zone)).collect(),
        alerts: alerts.to_vec(),
        text: text(turn, &of_turn, alerts, found, desk),
    }
}

fn text(turn: &TurnSummary, messages: &[&JournalMessage], alerts: &[TurnAlert], found: &Found, desk: &Desk) -> String {
    let zone = found.zone();
    let mut text = String::new();
    for message in messages {
        text.push_str(&line(message, &Before { hotel: None, guest: false }, &zone, desk));
    }
    // Writing to a String cannot fail.
    let mut fact = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:9} {value}");
    };
    fact("decided", &words::moment(turn.at, desk.now(), &zone));
    fact("rule", &turn.rule);
    for reason in &turn.reasons {
        fact("because", &words::one_line(reason));
    }
    if let Some(local) = &turn.reading {
        fact("read here", &read_here(local));
    }
    if let Some(understanding) = &turn.understanding {
        fact("read as", &reading(understanding));
    }
    if let Some(why_not) = &turn.why_not {
        fact("not read", why_not);
    }
    if let Some(detail) = &turn.detail {
        fact("detail", &words::one_line(detail));
    }
    for alert in alerts {
        fact("alert", &format!("{}, {}, {}", alert.number, alert.topic, alert.severity));
    }
    if turn.calls > 0 {
        fact("model", &cost(turn));
    }
    text
}

/// How plain code read a turn, in one line.
pub fn read_here(local: &Reading) -> String {
    let mut words = vec![local.label().to_string()];
    words[0].extend(local.confidence().map(|confidence| format!(" {:.2}", confidence.value())));
    words.extend(local.language.map(|language| format!("language {language}")));
    words.extend(topics(&local.topics));
    words.extend((!local.rules.is_empty()).then(|| format!("rules {}", local.rules.join(" "))));
    words.join(", ")
}

fn topics(topics: &[Topic]) -> Option<String> {
    let words: Vec<&str> = topics.iter().map(|topic| topic.as_str()).collect();
    (!words.is_empty()).then(|| format!("topics {}", words.join(" ")))
}

/// How the model read a turn, in one line.
pub fn reading(understanding: &Understanding) -> String {
    let mut words = vec![understanding.sentiment.to_string()];
    if let Some(confidence) = understanding.confidence {
        words[0].push_str(&format!(" {:.2}", confidence.value()));
    }
    words.extend(understanding.attention.map(|reason| format!("attention: {reason}")));
    words.extend(understanding.language.map(|language| format!("language {language}")));
    words.extend(topics(&understanding.topics));
    if !understanding.facts.is_empty() {
        let facts: Vec<&str> = understanding.facts.iter().map(|fact| fact.as_str()).collect();
        words.push(format!("facts {}", facts.join(" ")));
    }
    if understanding.handoff {
        words.push("asks for a person".to_owned());
    }
    words.join(", ")
}

fn cost(turn: &TurnSummary) -> String {
    let (cached, new, output) = turn.tokens;
    let latency = Duration::from_millis(u64::try_from(turn.latency_ms).unwrap_or(0));
    format!(
        "{} with {}, {} in {}, {} + {new} tokens in, {output} out, {}",
        turn.model.as_deref().unwrap_or("-"),
        turn.prompt.as_deref().unwrap_or("-"),
        words::count(usize::try_from(turn.calls).unwrap_or(0), "call", "calls"),
        words::span(latency),
        cached,
        words::dollars(turn.cost_micro_usd),
    )
}

impl Report for Turns {
    fn text(&self) -> String {
        if self.0.is_empty() {
            return "Nothing was decided in this conversation yet\n".to_owned();
        }
        self.0.iter().map(|turn| turn.text.clone()).collect::<Vec<_>>().join("\n")
    }
}
