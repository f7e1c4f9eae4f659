//! A guest in JSON.

use crate::desk::Desk;
use crate::words;
use hotelbot::domain::conversation::Consent;
use hotelbot::store::guests::GuestRecord;
use jiff::tz::TimeZone;
use serde::Serialize;

/// A guest as every verb shows it.
#[derive(Serialize)]
pub struct GuestView {
    /// The sibling verbs take it, or its end.
    pub guest: String,
    /// Whose.
    pub hotel: String,
    /// Masked unless `--reveal` is given.
    pub name: Option<String>,
    /// Masked unless `--reveal` is given.
    pub phone: Option<String>,
    /// Masked unless `--reveal` is given.
    pub email: Option<String>,
    /// ISO 3166.
    pub country: Option<String>,
    /// What the guest writes, or what was told.
    pub language: Option<String>,
    /// `unknown`, `opted_in` or `opted_out`.
    pub consent: &'static str,
    /// How many reservations.
    pub stays: i64,
    /// How many messages, both ways.
    pub messages: i64,
    /// When the record was made.
    pub known_since: String,
}

impl GuestView {
    /// Of a record.
    pub fn of(guest: &GuestRecord, zone: &TimeZone, desk: &Desk) -> Self {
        Self {
            guest: guest.id.to_string(),
            hotel: guest.hotel.to_string(),
            name: guest.name.as_deref().map(|name| desk.guests().name(name)),
            phone: guest.phone.as_deref().map(|phone| desk.guests().phone(phone)),
            email: guest.email.as_deref().map(|email| desk.guests().email(email)),
            country: guest.country.clone(),
            language: guest.language.map(|language| language.to_string()),
            consent: match guest.consent {
                Consent::Unknown => "unknown",
                Consent::OptedIn { .. } => "opted_in",
                Consent::OptedOut { .. } => "opted_out",
            },
            stays: guest.stays,
            messages: guest.messages,
            known_since: words::stamp(guest.created_at, zone),
        }
    }
}
