//! Conversations: who is behind an address, whose turn it is, and who leads.
//!
//! * here: a conversation as it is stored.
//! * `addresses`: the chat behind an address, made when it is new.
//! * `claims`: chats taken for one turn, given back, put off.
//! * `gather`: everything that deciding about a taken chat needs.

mod addresses;
mod claims;
mod gather;

pub(super) use addresses::{NewAddress, resolve};
pub use claims::{Claim, PutOff, TakeChats};
pub use gather::{Gathered, Waiting};

use super::{Result, instant, instant_opt, micros, read_uuid};
use crate::domain::conversation::{Consent, Conversation, HandoffReason, Mode};
use crate::domain::ids::{ChatAddress, ChatId, GuestId};
use crate::domain::language::Language;

/// A conversation with its guest, as stored.
#[derive(sqlx::FromRow)]
pub(super) struct ConversationRow {
    pub(super) hotel_id: String,
    chat_id: String,
    guest_id: String,
    address: String,
    mode: String,
    mode_since: Option<i64>,
    mode_until: Option<i64>,
    mode_why: Option<String>,
    waiting_since: Option<i64>,
    #[sqlx(default)]
    reruns: i64,
    name: Option<String>,
    language: Option<String>,
    consent: String,
    consent_at: Option<i64>,
}

impl ConversationRow {
    pub(super) fn read(self) -> Result<Conversation> {
        Ok(Conversation {
            id: ChatId(read_uuid(&self.chat_id)?),
            guest: GuestId(read_uuid(&self.guest_id)?),
            address: ChatAddress(self.address),
            name: self.name,
            language: self.language.as_deref().and_then(Language::parse),
            mode: read_mode(&self.mode, self.mode_since, self.mode_until, self.mode_why.as_deref())?,
            consent: read_consent(&self.consent, self.consent_at)?,
            waiting_since: instant_opt(self.waiting_since)?,
        })
    }
}

/// A stored mode.
pub(super) fn read_mode(mode: &str, since: Option<i64>, until: Option<i64>, why: Option<&str>) -> Result<Mode> {
    if mode == "bot" {
        return Ok(Mode::Bot);
    }
    Ok(Mode::Handoff {
        since: instant(since.unwrap_or(0))?,
        until: instant_opt(until)?,
        why: why.and_then(HandoffReason::parse).unwrap_or(HandoffReason::Command),
    })
}

pub(super) fn read_consent(word: &str, at: Option<i64>) -> Result<Consent> {
    let at = instant(at.unwrap_or(0))?;
    Ok(match word {
        "opted_in" => Consent::OptedIn { at },
        "opted_out" => Consent::OptedOut { at },
        _ => Consent::Unknown,
    })
}

/// How a mode is stored.
pub(super) fn mode_columns(mode: Mode) -> (&'static str, Option<i64>, Option<i64>, Option<&'static str>) {
    match mode {
        Mode::Bot => ("bot", None, None, None),
        Mode::Handoff { since, until, why } => ("handoff", Some(micros(since)), until.map(micros), Some(why.as_str())),
    }
}

/// How consent is stored.
pub(super) fn consent_columns(consent: Consent) -> (&'static str, Option<i64>) {
    match consent {
        Consent::Unknown => ("unknown", None),
        Consent::OptedIn { at } => ("opted_in", Some(micros(at))),
        Consent::OptedOut { at } => ("opted_out", Some(micros(at))),
    }
}
