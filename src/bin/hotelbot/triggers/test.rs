//! `triggers test`: sends a trigger's message, really, to a person of the hotel.

use crate::args::triggers::Test;
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::hotels::line;
use crate::printer::Report;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::{ChatAddress, GuestId, ReservationId, TouchpointId, TriggerId};
use hotelbot::domain::language::Language;
use hotelbot::domain::outbox::Outgoing;
use hotelbot::domain::received::InstanceState;
use hotelbot::domain::schedule::facts::Facts;
use hotelbot::domain::schedule::speech;
use hotelbot::domain::stay::{Booking, History, Reservation, ReservationStatus};
use hotelbot::domain::touchpoint::{Touchpoint, TouchpointKey, TouchpointState};
use hotelbot::domain::trigger::{Trigger, TriggerSet};
use hotelbot::flow::compose::{Choice, compose};
use hotelbot::ports::Channel;
use hotelbot::store::due::{Composed, Due};
use hotelbot::store::known_guests::KnownChat;
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct Sent {
    hotel: String,
    trigger: String,
    to: String,
    message: String,
    text: String,
}

impl Report for Sent {
    fn text(&self) -> String {
        format!("Sent to {}:\n\n{}\n", self.to, hotelbot::domain::script::visible(&self.text))
    }
}

/// Runs the verb.
pub async fn run(args: Test, desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let store = crate::stays::store(&settings, desk).await?;
    let hotels = desk.hotels(&store).await?;
    let mut sets = store.triggers_in_force().await?;
    sets.retain(|set| hotels.iter().any(|known| known.hotel.id == set.hotel));
    let id = TriggerId(args.one.trigger.clone());
    let mut found = sets.iter().filter(|set| set.set.triggers.contains_key(&id));
    let (Some(one), more) = (found.next(), found.next()) else {
        return Err(super::list::unknown(&args.one.trigger, &sets).into());
    };
    if more.is_some() {
        return Err(Failure::wrong(format!("`{id}` is in force at several hotels")).hint("Pass `--hotel ID`").into());
    }
    let known = hotels.iter().find(|known| known.hotel.id == one.hotel);
    let hotel = &known.ok_or_else(|| Failure::wrong("the hotel is no longer in force"))?.hotel;
    let digits = staff_number(hotel, &args.to)?;
    let address = ChatAddress(format!("{digits}@c.us"));
    let composed = words(hotel, &one.set, &one.set.triggers[&id], (&args, &address), desk)?;
    let line = line::resolve(hotel, &settings, desk).await?;
    let line =
        line.map_err(|why| Failure::new(Exit::Unavailable, format!("{} is not reachable", hotel.id)).because(why))?;
    let channel = line::channel()?;
    let state = channel.state(&line).await?;
    if state != InstanceState::Authorized {
        let why = format!("the instance is `{}`", state.as_str());
        return Err(Failure::new(Exit::Unavailable, format!("{} cannot send now", hotel.id)).because(why).into());
    }
    let text = composed.send.text.clone();
    let mut ids = Vec::new();
    for part in std::iter::once(composed.send).chain(composed.file) {
        let outgoing =
            Outgoing { to: address.clone(), text: part.text, quotes: None, choices: None, media: part.media };
        let sent = channel.send(&line, &outgoing).await;
        ids.push(sent.map_err(|error| Failure::new(Exit::Unavailable, "the message was not sent").because(error))?);
    }
    let message = ids.remove(0);
    let to = desk.guests().address(address.as_str());
    let (hotel, trigger) = (hotel.id.to_string(), id.to_string());
    desk.printer.report(&Sent { hotel, trigger, to, message: message.to_string(), text })?;
    Ok(Exit::Done)
}

/// The digits of a number, if a contact of the hotel has it.
fn staff_number(hotel: &Hotel, phone: &str) -> Result<String, Failure> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let wanted = digits(phone);
    let staff = hotel.staff.contacts.iter().filter_map(|contact| contact.whatsapp.as_deref());
    let is_staff = staff.filter(|number| !number.contains('@')).any(|number| digits(number) == wanted);
    if is_staff && !wanted.is_empty() {
        return Ok(wanted);
    }
    Err(Failure::wrong(format!("this number is no contact of {}; tests go to staff only", hotel.id))
        .hint(format!("Add it to `staff.contacts` in hotels/{}.yaml and run `hotelbot hotels apply`", hotel.id)))
}

fn words(
    hotel: &Hotel,
    set: &TriggerSet,
    trigger: &Trigger,
    (args, address): (&Test, &ChatAddress),
    desk: &Desk,
) -> anyhow::Result<Composed> {
    let content = trigger.says.content();
    let wished = args.language.as_deref().map(|code| {
        Language::parse(code)
            .ok_or_else(|| Failure::wrong(format!("`{code}` is no language")).hint("Write `en` or `ru`"))
    });
    let wished = wished.transpose()?;
    let last = content.variants.len().saturating_sub(1);
    let written: Vec<Language> = speech::languages(content, last).collect();
    let has = |language: &Language| written.contains(language);
    let language = match wished {
        Some(language) => Some(language).filter(has),
        None => hotel.languages.iter().copied().find(has).or_else(|| written.first().copied()),
    };
    let language = language.ok_or_else(|| Failure::wrong(format!("`{}` has no text in that language", trigger.id)))?;
    let now = desk.now();
    let due = sample(hotel, set, trigger, KnownChat::at(address.clone(), now), now);
    Ok(compose(&desk.clock(), &due, trigger, Choice { language, variant: last, now })
        .map_err(|trouble| Failure::wrong("the text cannot be made").because(trouble))?)
}

/// A made-up guest who arrived today for two nights.
fn sample(hotel: &Hotel, set: &TriggerSet, trigger: &Trigger, chat: KnownChat, now: Timestamp) -> Due {
    let today = now.to_zoned(hotel.time_zone()).date();
    let reservation = ReservationId("TEST".to_owned());
    let booking = Booking {
        guest_name: Some("Anna Petrova".to_owned()),
        status: ReservationStatus::CheckedIn,
        room_type: Some("suite".to_owned()),
        room: Some("101".to_owned()),
        adults: Some(2),
        ..Booking::bare(reservation.clone(), today, today.checked_add(jiff::Span::new().days(2)).unwrap_or(today))
    };
    let nobody = uuid::Uuid::nil();
    Due {
        hotel: Arc::new(hotel.clone()),
        set: Arc::new(set.clone()),
        touchpoint: Touchpoint {
            id: TouchpointId(nobody),
            key: TouchpointKey { reservation, trigger: trigger.id.clone(), occurrence: String::new() },
            due_at: now,
            moment: now,
            look_at: now,
            state: TouchpointState::Planned,
            reason: None,
        },
        reservation: Reservation {
            booking,
            guest: GuestId(nobody),
            history: History { checked_in_at: Some(now), ..History::begun(now) },
            told_by: "manual".to_owned(),
            synced_at: now,
            silent_before: None,
        },
        facts: Facts::default(),
        happenings: Vec::new(),
        chat: Some(chat),
        guest_name: None,
    }
}
