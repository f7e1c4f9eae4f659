//! `triggers preview`: the text of one trigger and the minute it would go, for a reservation or a made-up guest.

use super::check::read;
use crate::args::triggers::Preview;
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::printer::Report;
use crate::words;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::{GuestId, ReservationId, TriggerId};
use hotelbot::domain::language::Language;
use hotelbot::domain::schedule::conditions::View;
use hotelbot::domain::schedule::facts::Facts;
use hotelbot::domain::schedule::plan::{Wanted, Wish, plan_trigger};
use hotelbot::domain::schedule::speech;
use hotelbot::domain::stay::{Booking, History, Phone, Reservation, ReservationStatus};
use hotelbot::domain::template::{Variables, render};
use hotelbot::domain::touchpoint::SkipReason;
use hotelbot::domain::trigger::{Says, Trigger, TriggerSet};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Serialize;
use std::fmt::Write as _;
use uuid::Uuid;

/// What a guest would read, and when.
#[derive(Serialize)]
struct Previewed {
    hotel: String,
    trigger: String,
    /// `None` for a made-up guest.
    reservation_id: Option<String>,
    moments: Vec<Moment>,
    texts: Vec<Text>,
    /// The file or address that goes with the words.
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<String>,
    #[serde(skip)]
    zone: String,
}

#[derive(Serialize)]
struct Moment {
    at: String,
    /// Why it would not go, as far as that is known.
    skip: Option<String>,
    #[serde(skip)]
    shown_at: String,
}

#[derive(Serialize)]
struct Text {
    language: String,
    text: Option<String>,
    /// Why there is no text.
    error: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    answers: Vec<String>,
}

/// Shows it.
pub async fn run(args: Preview, desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let (hotels, triggers) = read(&settings, &desk.global.hotel)?;
    let id = TriggerId(args.trigger.clone());
    let holds = |set: &TriggerSet| set.triggers.contains_key(&id);
    let candidates: Vec<(&Hotel, &TriggerSet)> = hotels
        .iter()
        .filter_map(|loaded| Some((&loaded.hotel, triggers.sets.get(&loaded.hotel.id)?)))
        .filter(|(_, set)| holds(set))
        .collect();
    if candidates.is_empty() {
        return Err(unknown(&args.trigger, &triggers.sets.into_values().collect::<Vec<_>>()).into());
    }
    let mut found = None;
    match &args.reservation {
        None => {
            found = candidates.first().map(|(hotel, set)| (*hotel, *set, made_up(hotel, desk.now()), Facts::default()))
        }
        Some(reservation) => {
            let store = crate::stays::store(&settings, desk).await?;
            let wanted = ReservationId(reservation.clone());
            for (hotel, set) in &candidates {
                let stays = store.stays_with_past(hotel, Some(&wanted), desk.now()).await?;
                let stay = stays.into_iter().find(|(stay, _)| stay.booking.id == wanted);
                found = found.or(stay.map(|(stay, past)| (*hotel, *set, stay, past.facts)));
            }
        }
    }
    let Some((hotel, set, stay, facts)) = found else {
        let shown = words::one_line(args.reservation.as_deref().unwrap_or_default());
        return Err(Failure::wrong(format!("there is no reservation `{shown}` at a hotel with this trigger"))
            .hint("Run `hotelbot stays list` to see them")
            .into());
    };
    let scene = Shown { hotel, set, stay: &stay, facts: &facts, now: desk.now(), is_real: args.reservation.is_some() };
    let trigger = &set.triggers[&id];
    desk.printer.report(&preview(&scene, trigger))?;
    Ok(Exit::Done)
}

fn unknown(name: &str, sets: &[TriggerSet]) -> Failure {
    let mut known: Vec<&str> = sets.iter().flat_map(|set| set.triggers.keys()).map(TriggerId::as_str).collect();
    known.sort_unstable();
    known.dedup();
    let failure = Failure::wrong(format!("there is no trigger `{}`", words::one_line(name)));
    match known[..] {
        [] => failure.hint("Write one in `triggers.yaml`, then run `hotelbot triggers check`"),
        _ => failure.hint(format!("There are: {}", known.join(", "))),
    }
}

struct Shown<'a> {
    hotel: &'a Hotel,
    set: &'a TriggerSet,
    stay: &'a Reservation,
    facts: &'a Facts,
    now: Timestamp,
    is_real: bool,
}

fn preview(scene: &Shown<'_>, trigger: &Trigger) -> Previewed {
    Previewed {
        hotel: scene.hotel.id.to_string(),
        trigger: trigger.id.to_string(),
        reservation_id: scene.is_real.then(|| scene.stay.booking.id.to_string()),
        moments: moments(scene, trigger),
        texts: texts(scene, trigger),
        media: trigger.says.content().media.as_ref().map(|media| media.source.clone()),
        zone: scene.hotel.timezone.clone(),
    }
}

/// For a guest who is still to come, the planned check-in and check-out stand for the real ones.
fn moments(scene: &Shown<'_>, trigger: &Trigger) -> Vec<Moment> {
    let mut stay = scene.stay.clone();
    if stay.booking.status == ReservationStatus::Confirmed {
        stay.history.checked_in_at = Some(stay.arrives_at(scene.hotel));
        stay.history.checked_out_at = Some(stay.departs_at(scene.hotel));
    }
    let wish = Wish {
        reservation: &stay,
        hotel: scene.hotel,
        set: scene.set,
        happenings: &[],
        now: scene.now,
        grace: SignedDuration::from_mins(1),
    };
    let zone = scene.hotel.time_zone();
    let moment = |wanted: Wanted| Moment {
        at: words::stamp(wanted.due_at, &zone),
        // Whether a made-up guest is of the kind the trigger is for says nothing.
        skip: wanted.skip.filter(|reason| scene.is_real || *reason != SkipReason::Condition).map(|r| r.to_string()),
        shown_at: wanted.due_at.to_zoned(zone.clone()).strftime("%a %-d %b %Y %H:%M").to_string(),
    };
    plan_trigger(&wish, trigger).into_iter().map(moment).collect()
}

/// The text this guest would get; for a made-up guest, every text.
fn texts(scene: &Shown<'_>, trigger: &Trigger) -> Vec<Text> {
    let content = trigger.says.content();
    let view = View { hotel: scene.hotel, reservation: scene.stay, facts: Some(scene.facts), as_of: scene.now };
    if scene.is_real {
        let chosen = speech::words(content, &view);
        return chosen.into_iter().filter_map(|(variant, language)| text(scene, trigger, variant, language)).collect();
    }
    let languages = |index| speech::languages(content, index).map(move |language| (index, language));
    let all = (0..content.variants.len()).flat_map(languages);
    all.filter_map(|(index, language)| text(scene, trigger, index, language)).collect()
}

fn text(scene: &Shown<'_>, trigger: &Trigger, variant: usize, language: Language) -> Option<Text> {
    let template = speech::template(trigger.says.content(), variant, language)?;
    let rendered = render(&template, &Variables::of(scene.hotel, scene.stay, language));
    let error = rendered.as_ref().err().map(ToString::to_string);
    let answers = match &trigger.says {
        Says::Ask(question) => {
            let labels = question.answers.iter().filter_map(|answer| answer.label.get(&language).cloned());
            labels.collect()
        }
        Says::Send(_) => Vec::new(),
    };
    Some(Text { language: language.to_string(), text: rendered.ok(), error, answers })
}

/// A guest of two nights who comes tomorrow.
fn made_up(hotel: &Hotel, now: Timestamp) -> Reservation {
    let today = now.to_zoned(hotel.time_zone()).date();
    let day = |days: i64| today.checked_add(days.days()).unwrap_or(today);
    Reservation {
        booking: Booking {
            guest_name: Some("Anna Berg".to_owned()),
            phone: Phone::Known("+491701234567".to_owned()),
            room: Some("204".to_owned()),
            adults: Some(2),
            booked_at: Some(now),
            ..Booking::bare("example", day(1), day(3))
        },
        guest: GuestId(Uuid::nil()),
        history: History::begun(now),
        told_by: "manual".to_owned(),
        synced_at: now,
        silent_before: None,
    }
}

impl Report for Previewed {
    fn text(&self) -> String {
        let whom = match &self.reservation_id {
            Some(id) => format!("reservation {}", words::one_line(id)),
            None => "Anna Berg, who comes tomorrow for two nights".to_owned(),
        };
        let mut screen = format!("{} of {} for {whom}\n", self.trigger, self.hotel);
        // Writing to a String cannot fail.
        for moment in &self.moments {
            let skip = moment.skip.as_ref().map(|reason| format!("  passed over: {reason}")).unwrap_or_default();
            let _ = writeln!(screen, "  {} {}{skip}", moment.shown_at, self.zone);
        }
        if self.moments.is_empty() {
            let _ = writeln!(screen, "  no moment yet: what it goes by has not happened");
        }
        for text in &self.texts {
            let shown = match (&text.text, &text.error) {
                (Some(shown), _) => hotelbot::domain::script::visible(shown).replace('\n', "\n  "),
                (None, error) => format!("no text: {}", error.as_deref().unwrap_or("-")),
            };
            let _ = writeln!(screen, "\n{}\n  {shown}", text.language);
            for (index, answer) in text.answers.iter().enumerate() {
                let _ = writeln!(screen, "  {}. {}", index + 1, words::one_line(answer));
            }
        }
        if let Some(file) = &self.media {
            let _ = writeln!(screen, "\nfile\n  {}", words::one_line(file));
        }
        if self.texts.is_empty() {
            let _ = writeln!(screen, "\nThere is no text in a language for this guest");
        }
        screen
    }
}
