//! One property: who it is, how it speaks, and how it is reached. Filled by `config/` from `hotels/<hotel>.yaml`.

use super::ids::{ChatAddress, HotelId, InstanceId};
use super::knowledge::Fact;
use super::language::Language;
use super::number_health::NewContacts;
use super::prompt::Prompt;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// A hotel as its file says, checked. Holds no secret, only references to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hotel {
    /// The file's name.
    pub id: HotelId,
    /// As guests know it.
    pub name: String,
    /// IANA zone, known to exist.
    pub timezone: String,
    /// Never empty; the first is the fallback.
    pub languages: Vec<Language>,
    /// ISO 3166 code in upper case, for phone numbers without a country code.
    pub country: Option<String>,
    /// Planned check-in, hotel time.
    pub check_in_time: Time,
    /// Planned check-out, hotel time.
    pub check_out_time: Time,
    /// How the hotel speaks, in its own words; goes into the prompt.
    pub voice: Option<String>,
    /// How WhatsApp is reached.
    pub whatsapp: WhatsApp,
    /// What the model may do and cost.
    pub ai: AiPolicy,
    /// Whether guests count as checked in from the planned instant.
    pub assume_check_in: bool,
    /// How conversations are led.
    pub conversation: ConversationPolicy,
    /// Hours in which the bot never speaks first. `None`: the file does not say, and the policy of the triggers holds;
    /// [`Window::NEVER`]: the file says there are none.
    pub quiet_hours: Option<Window>,
    /// Who must answer by when.
    pub sla: SlaPolicy,
    /// Who is told.
    pub staff: Staff,
    /// Links the bot may give, by name.
    pub links: BTreeMap<String, String>,
    /// What the hotel's answers may rest on, sorted by id.
    pub knowledge: Vec<Fact>,
    /// The hotel's own texts, by occasion and language; built-in ones stand in for the rest.
    #[serde(default)]
    pub texts: BTreeMap<Text, BTreeMap<Language, String>>,
    /// Where reservations come from.
    pub pms: Option<PmsPolicy>,
    /// How long things are kept and what leaves the house.
    pub privacy: PrivacyPolicy,
    /// The hotel's own prompt for understanding, in place of the built-in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
}

impl Hotel {
    /// The zone's rules; UTC if the running system no longer knows the zone.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.timezone).unwrap_or(TimeZone::UTC)
    }

    /// The language for guests of whom nothing is known.
    pub fn fallback_language(&self) -> Language {
        self.languages.first().copied().unwrap_or(Language::EN)
    }
}

/// How a hotel is reached through Green API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhatsApp {
    /// idInstance.
    pub instance: InstanceId,
    /// apiTokenInstance.
    pub token: SecretReference,
    /// What the vendor must show when it calls us; needed for `receive: webhook`.
    pub webhook_token: Option<SecretReference>,
    /// The instance's own host, when known.
    pub api_url: Option<String>,
    /// Pushed or polled.
    pub receive: Receive,
    /// How choices are shown.
    pub answers_as: AnswersAs,
    /// Least gap between two sends.
    pub send_interval: Duration,
    /// Whom the bot may write to first.
    #[serde(default)]
    pub new_contacts: NewContacts,
}

/// Where a secret is; the secret itself is never in a file or in this type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretReference {
    /// An environment variable of the daemon.
    Env(String),
    /// A file only the daemon can read.
    File(String),
    /// In the database, encrypted; put there by `hotels secret`.
    Stored,
}

/// How notifications come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receive {
    /// The vendor calls `/hooks/{hotel}/whatsapp`.
    Webhook,
    /// The daemon asks the vendor; for hotels without a public address.
    Poll,
}

/// How the choices of a question are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswersAs {
    /// A numbered list, which works on every phone.
    List,
    /// Reply buttons, a beta of the vendor's.
    Buttons,
    /// A poll.
    Poll,
}

/// The model's leash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AiPolicy {
    /// Off means: the hotel's own texts and people.
    pub enabled: bool,
    /// US dollars a hotel-local day; `None` is no limit.
    pub daily_budget_usd: Option<f64>,
}

/// How conversations are led.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConversationPolicy {
    /// How long a chat must be quiet before its burst is answered; zero answers each message by itself.
    pub coalesce: Duration,
    /// How long the bot is silent after a person wrote; each further word of a person starts it again.
    pub handoff_after_staff_reply: Duration,
    /// A message older than this is not answered as if it were fresh (faults I13).
    pub reply_within: Duration,
}

/// `[start, end)` in hotel time; may cross midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First minute inside.
    pub start: Time,
    /// First minute outside.
    pub end: Time,
}

impl Window {
    /// Holds no time at all.
    pub const NEVER: Window = Window { start: Time::midnight(), end: Time::midnight() };

    /// Whether the clock time lies inside.
    pub fn contains(&self, time: Time) -> bool {
        if self.start <= self.end {
            self.start <= time && time < self.end
        } else {
            time >= self.start || time < self.end
        }
    }
}

/// Who must answer by when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlaPolicy {
    /// From a guest's message to a person's answer, when one is needed.
    pub first_response: Duration,
    /// From an alert to its resolution.
    pub resolution: Duration,
}

/// Who is told, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Staff {
    /// The language alerts are written in.
    pub language: Option<Language>,
    /// In the order they are told.
    pub contacts: Vec<StaffContact>,
}

impl Staff {
    /// The contact who writes from this address; groups and guests are none.
    pub fn contact_of(&self, address: &ChatAddress) -> Option<&StaffContact> {
        let is_theirs = |contact: &&StaffContact| contact.address().is_some_and(|own| own == *address);
        self.contacts.iter().find(is_theirs).filter(|_| address.is_personal())
    }
}

impl StaffContact {
    /// Where the contact is reached over the hotel's own number.
    pub fn address(&self) -> Option<ChatAddress> {
        let whatsapp = self.whatsapp.as_ref()?;
        Some(match whatsapp.strip_prefix('+') {
            Some(digits) => ChatAddress(format!("{digits}@c.us")),
            None => ChatAddress(whatsapp.clone()),
        })
    }
}

/// One person or desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StaffContact {
    /// Unique within the hotel.
    pub id: String,
    /// As colleagues know them.
    pub name: String,
    /// E.164 phone, or a group's `…@g.us`.
    pub whatsapp: Option<String>,
    /// A reference to a chat id, or the id itself.
    pub telegram: Option<String>,
    /// An address.
    pub email: Option<String>,
    /// Slack-compatible address, or a reference to it.
    pub webhook: Option<String>,
    /// Departments they answer for; empty means all.
    pub departments: Vec<String>,
    /// How long after the first contact was told.
    pub after: Duration,
}

/// Where reservations come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PmsPolicy {
    /// `csv`, `webhook` or a vendor.
    pub kind: String,
    /// Older data is not acted on.
    pub stale_after: Duration,
    /// What a PMS that delivers to us signs with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretReference>,
}

/// Retention and masking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrivacyPolicy {
    /// Conversations.
    pub keep_messages: Duration,
    /// Raw bodies of webhooks.
    pub keep_raw_events: Duration,
    /// Mask phones, e-mails, cards and documents before anything goes to the model.
    pub mask_before_ai: bool,
}

/// The occasions on which the bot uses a fixed text of the hotel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Text {
    /// The guest asked for a person.
    Handoff,
    /// The model is unavailable or its answer may not be used.
    Unavailable,
    /// A voice message, sticker or other content the bot cannot read.
    Unsupported,
    /// The message could not be decrypted by the channel (`{{SWE001}}`).
    PleaseRepeat,
    /// The guest's message was hours old when it reached us.
    Late,
    /// Confirms an opt-out; the last thing the bot says.
    OptedOut,
    /// Confirms an opt-in.
    OptedIn,
}

impl Text {
    /// Every occasion.
    pub const ALL: &'static [Text] = &[
        Text::Handoff,
        Text::Unavailable,
        Text::Unsupported,
        Text::PleaseRepeat,
        Text::Late,
        Text::OptedOut,
        Text::OptedIn,
    ];

    /// The key in a hotel's file.
    pub fn as_str(self) -> &'static str {
        match self {
            Text::Handoff => "handoff",
            Text::Unavailable => "unavailable",
            Text::Unsupported => "unsupported",
            Text::PleaseRepeat => "please_repeat",
            Text::Late => "late",
            Text::OptedOut => "opted_out",
            Text::OptedIn => "opted_in",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    #[test]
    fn a_window_may_cross_midnight_and_excludes_its_end() {
        let night = Window { start: time(21, 0, 0, 0), end: time(9, 0, 0, 0) };
        assert!(night.contains(time(21, 0, 0, 0)));
        assert!(night.contains(time(3, 0, 0, 0)));
        assert!(!night.contains(time(9, 0, 0, 0)));
        assert!(!night.contains(time(12, 0, 0, 0)));
    }
}
