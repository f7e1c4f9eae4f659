//! `chats send`, `chats handoff`, `chats resume`: what a person does in a conversation.

use super::show::leads;
use super::{Found, find};
use crate::args::chats::{Handoff, One, Send};
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::printer::Report;
use crate::words;
use hotelbot::domain::conversation::{HandoffReason, Mode};
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::{MessageId, OutboxId};
use hotelbot::domain::message::{Author, Origin};
use hotelbot::store::turns::{PlannedSend, StaffSend};
use jiff::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// Green API takes no longer text.
const LONGEST: usize = 20_000;
/// A person's words may wait this long for a line that is down.
const KEPT: Duration = Duration::from_secs(24 * 3_600);

/// What is true after a change.
#[derive(Serialize)]
struct Changed {
    chat: String,
    hotel: String,
    mode: &'static str,
    until: Option<String>,
    message: Option<String>,
    dry_run: bool,
    #[serde(skip)]
    text: String,
}

impl Report for Changed {
    fn text(&self) -> String {
        self.text.clone()
    }
}

/// Writes to a guest as staff; from then on a person leads.
pub async fn send(args: Send, desk: &Desk) -> Outcome {
    check(&args.text)?;
    let store = desk.store(&desk.settings()?).await?;
    let found = find(&args.one.chat, &store, desk).await?;
    let Some(hotel) = &found.in_force else {
        return Err(Failure::wrong(format!("the hotel `{}` is no longer in force", found.hotel)).into());
    };
    let now = desk.now();
    let mode = led_by_staff(hotel, now);
    if args.dry_run {
        let text =
            format!("Would send to {} in {}\n  {}\n", found.guest(desk), found.hotel, words::one_line(&args.text));
        desk.printer.report(&changed(&found, mode, None, desk, text, true))?;
        return Ok(Exit::Done);
    }
    let send = planned(args.text, now, desk);
    let message = send.message;
    let (chat, address) = (found.conversation.id, found.conversation.address.clone());
    let (hotel, by) = (found.hotel.clone(), desk.who());
    store.plan_staff_send(StaffSend { hotel, chat, address, send, leads: mode, by, at: now }).await?;
    let text = format!(
        "Planned for {}; the daemon sends it next\nLeads: {}\n\nFollow it: hotelbot chats tail {chat}\n",
        found.guest(desk),
        leads(mode, now, &found.zone()),
    );
    desk.printer.report(&changed(&found, mode, Some(message), desk, text, false))?;
    Ok(Exit::Done)
}

fn check(text: &str) -> Result<(), Failure> {
    if text.trim().is_empty() {
        return Err(Failure::wrong("there is nothing to send: the text is empty"));
    }
    let length = text.chars().count();
    if length > LONGEST {
        return Err(Failure::wrong(format!("the text has {length} characters; WhatsApp takes {LONGEST}")));
    }
    Ok(())
}

fn planned(text: String, now: Timestamp, desk: &Desk) -> PlannedSend {
    let id = desk.new_id();
    PlannedSend {
        id: OutboxId(id),
        message: MessageId(desk.new_id()),
        intent: format!("staff:{id}"),
        author: Author::Staff,
        origin: Origin::Staff,
        text,
        quotes: None,
        choices: None,
        media: None,
        due_at: now,
        expires_at: words::after(now, KEPT),
    }
}

/// As if the person had written from the phone.
fn led_by_staff(hotel: &Hotel, now: Timestamp) -> Mode {
    let quiet = hotel.conversation.handoff_after_staff_reply;
    Mode::Handoff { since: now, until: Some(words::after(now, quiet)), why: HandoffReason::StaffWrote }
}

/// Silences the bot in a chat.
pub async fn handoff(args: Handoff, desk: &Desk) -> Outcome {
    let store = desk.store(&desk.settings()?).await?;
    let found = find(&args.one.chat, &store, desk).await?;
    let now = desk.now();
    let until = args.length.map(|length| words::after(now, length));
    let mode = Mode::Handoff { since: now, until, why: HandoffReason::Command };
    let chat = found.conversation.id;
    store.set_mode(found.hotel.clone(), chat, mode, now).await?;
    let text = format!(
        "The bot is silent for {}; leads: {}\n\nHand it back: hotelbot chats resume {chat}\n",
        found.guest(desk),
        leads(mode, now, &found.zone()),
    );
    desk.printer.report(&changed(&found, mode, None, desk, text, false))?;
    Ok(Exit::Done)
}

/// Hands a chat back to the bot.
pub async fn resume(args: One, desk: &Desk) -> Outcome {
    let store = desk.store(&desk.settings()?).await?;
    let found = find(&args.chat, &store, desk).await?;
    let now = desk.now();
    let led = found.conversation.mode.is_handoff(now) || found.conversation.waiting_since.is_some();
    store.set_mode(found.hotel.clone(), found.conversation.id, Mode::Bot, now).await?;
    let text = if led {
        format!("The bot answers {} again\n", found.guest(desk))
    } else {
        format!("The bot already answers {}\n", found.guest(desk))
    };
    desk.printer.report(&changed(&found, Mode::Bot, None, desk, text, false))?;
    Ok(Exit::Done)
}

fn changed(found: &Found, mode: Mode, message: Option<MessageId>, desk: &Desk, text: String, dry_run: bool) -> Changed {
    let until = match mode {
        Mode::Handoff { until: Some(until), .. } => Some(words::stamp(until, &found.zone())),
        _ => None,
    };
    Changed {
        chat: found.conversation.id.to_string(),
        hotel: found.hotel.to_string(),
        mode: if mode.is_handoff(desk.now()) { "handoff" } else { "bot" },
        until,
        message: message.map(|message| message.to_string()),
        dry_run,
        text,
    }
}
