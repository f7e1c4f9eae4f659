//! The last look: a message is due; send it, wait, or pass it over. Run in the transaction that moves it to sending, on
//! fresh facts.

use super::conditions::{self, Seen, Truth, View, holds};
use super::facts::{Facts, Lead};
use super::limits::{self, signed};
use super::windows::{Hours, past_departure};
use super::{missed, once, speech, standing};
use crate::domain::hotel::Hotel;
use crate::domain::language::Language;
use crate::domain::stay::{Phone, Reservation};
use crate::domain::touchpoint::SkipReason;
use crate::domain::trigger::{Otherwise, Says, Trigger, TriggerSet};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Reservations told by these never grow old: nothing would ever refresh them.
pub const NEVER_STALE: [&str; 2] = ["csv", "manual"];
/// How old a PMS's word may be, when the hotel does not say.
const STALE_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// One message that is due.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The hotel in force.
    pub hotel: &'a Hotel,
    /// Its triggers in force.
    pub set: &'a TriggerSet,
    /// The trigger.
    pub trigger: &'a Trigger,
    /// The reservation as it stands.
    pub reservation: &'a Reservation,
    /// Which time of the anchor.
    pub occurrence: &'a str,
    /// When it is to go, after windows and quiet hours.
    pub due_at: Timestamp,
    /// When it was to be looked at: `due_at`, or later if it had to wait.
    pub look_at: Timestamp,
    /// Everything else.
    pub facts: &'a Facts,
    /// The moment of looking.
    pub now: Timestamp,
    /// How late a look may be and still be on time; [`missed::GRACE`] for a daemon, nothing for a simulation.
    pub grace: SignedDuration,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It goes now (or is put before a person, or only recorded, by the trigger's mode).
    Send {
        /// In this language.
        language: Language,
        /// With this wording of the trigger's content.
        variant: usize,
    },
    /// It is looked at again then.
    Wait {
        /// When.
        until: Timestamp,
        /// What it waits for.
        why: SkipReason,
    },
    /// It does not go.
    Skip(SkipReason),
}

struct Check {
    name: &'static str,
    rule: fn(&Look<'_>) -> Option<Verdict>,
    saw: fn(&Look<'_>) -> String,
}

/// In order; the first that objects decides, and is the reason people are told: first what the message is about, then
/// when, then whom it would reach.
const CHECKS: &[Check] = &[
    Check { name: "status", rule: by_status, saw: |look| look.status().to_string() },
    Check { name: "where", rule: by_condition, saw: conditions_seen },
    Check { name: "missed", rule: by_lateness, saw: |look| format!("due {}", look.due_at) },
    Check { name: "phone", rule: by_phone, saw: phone_seen },
    Check { name: "opted_out", rule: by_opt_out, saw: |look| look.facts.opted_out.to_string() },
    Check { name: "once", rule: by_once, saw: |look| format!("said {} times before", look.facts.said.len()) },
    Check { name: "stale", rule: by_age, saw: |look| format!("told at {}", look.reservation.synced_at) },
    Check { name: "language", rule: by_language, saw: language_seen },
    Check { name: "handoff", rule: by_person, saw: person_seen },
    Check { name: "unanswered_question", rule: by_question, saw: question_seen },
    Check { name: "hours", rule: by_hours, saw: |look| format!("now {}", look.now) },
    Check { name: "limit", rule: by_limit, saw: limit_seen },
    Check { name: "number", rule: by_number, saw: number_seen },
];

/// Send, wait, or pass over.
pub fn judge(look: &Look<'_>) -> Verdict {
    let objection = CHECKS.iter().find_map(|check| (check.rule)(look));
    objection.unwrap_or_else(|| match speech::words(look.trigger.says.content(), &look.view()) {
        Some((variant, language)) => Verdict::Send { language, variant },
        None => Verdict::Skip(SkipReason::Language),
    })
}

/// One guard of the last look, for `triggers explain`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Guard {
    /// Its name.
    pub name: String,
    /// What it saw.
    pub saw: String,
    /// What it wants; `None` if it has nothing against the message.
    pub objects: Option<Verdict>,
}

/// Every guard, in order, and every test of the `where`.
pub fn explain(look: &Look<'_>) -> (Vec<Guard>, Vec<Seen>) {
    let guard =
        |check: &Check| Guard { name: check.name.to_owned(), saw: (check.saw)(look), objects: (check.rule)(look) };
    (CHECKS.iter().map(guard).collect(), conditions::explain(&look.trigger.filter, &look.view()))
}

impl<'a> Look<'a> {
    fn view(&self) -> View<'a> {
        View { hotel: self.hotel, reservation: self.reservation, facts: Some(self.facts), as_of: self.due_at }
    }

    fn status(&self) -> crate::domain::stay::ReservationStatus {
        self.reservation.status_at(self.hotel, self.now)
    }

    fn hours(&self) -> Hours<'a> {
        Hours::of(self.hotel, self.set, self.trigger)
    }

    fn is_late(&self) -> bool {
        missed::is_late(self.look_at, self.now, self.grace)
    }

    /// Waits until the first allowed instant from then on, unless it would be too late for the stay or for `if_missed`.
    fn wait(&self, until: Timestamp, why: SkipReason) -> Verdict {
        let hours = self.hours();
        if self.trigger.when.otherwise == Otherwise::Skip && hours.is_outside(until) {
            return Verdict::Skip(SkipReason::Window);
        }
        match hours.next_allowed(until) {
            None => Verdict::Skip(why),
            Some(until) if past_departure(self.trigger, self.reservation, self.hotel, until) => Verdict::Skip(why),
            Some(until) if self.misses(until) => Verdict::Skip(SkipReason::Missed),
            Some(until) => Verdict::Wait { until, why },
        }
    }

    fn misses(&self, attempt: Timestamp) -> bool {
        missed::is_missed(self.trigger.when.if_missed, self.due_at, attempt, self.is_late())
    }
}

fn by_status(look: &Look<'_>) -> Option<Verdict> {
    (!standing::hears(look.status(), &look.trigger.when)).then_some(Verdict::Skip(SkipReason::Status))
}

/// What was past before the hotel's first import stays unsaid, whatever `if_missed` says.
fn by_lateness(look: &Look<'_>) -> Option<Verdict> {
    let silent = look.reservation.silent_before.is_some_and(|before| look.due_at < before);
    (silent || look.misses(look.now)).then_some(Verdict::Skip(SkipReason::Missed))
}

fn by_phone(look: &Look<'_>) -> Option<Verdict> {
    look.reservation.booking.phone.number().is_none().then_some(Verdict::Skip(SkipReason::NoPhone))
}

fn by_opt_out(look: &Look<'_>) -> Option<Verdict> {
    look.facts.opted_out.then_some(Verdict::Skip(SkipReason::OptedOut))
}

fn by_once(look: &Look<'_>) -> Option<Verdict> {
    let said = once::is_said(look.trigger.once, look.reservation, look.occurrence, &look.facts.said, look.now);
    said.then_some(Verdict::Skip(SkipReason::Duplicate))
}

fn by_condition(look: &Look<'_>) -> Option<Verdict> {
    (holds(&look.trigger.filter, &look.view()) != Truth::Yes).then_some(Verdict::Skip(SkipReason::Condition))
}

fn by_age(look: &Look<'_>) -> Option<Verdict> {
    let told_by = look.reservation.told_by.as_str();
    let old = look.now.duration_since(look.reservation.synced_at) > stale_after(look.hotel);
    (old && !NEVER_STALE.contains(&told_by)).then_some(Verdict::Skip(SkipReason::Stale))
}

/// How long after its last telling a stay is not written to any more.
pub fn stale_after(hotel: &Hotel) -> SignedDuration {
    hotel.pms.as_ref().map_or(STALE_AFTER, |pms| signed(pms.stale_after))
}

fn by_language(look: &Look<'_>) -> Option<Verdict> {
    let words = speech::words(look.trigger.says.content(), &look.view());
    words.is_none().then_some(Verdict::Skip(SkipReason::Language))
}

/// A person who leads without an end silences the message; one whose lead ends, or who wrote lately, makes it wait.
fn by_person(look: &Look<'_>) -> Option<Verdict> {
    let leads = match look.facts.person_leads {
        Some(Lead::Open) => return Some(Verdict::Skip(SkipReason::Handoff)),
        Some(Lead::Until(until)) => Some(until),
        None => None,
    };
    let wait = signed(look.trigger.policy.after_staff_reply);
    let wrote = look.facts.staff_wrote_at.and_then(|at| at.checked_add(wait).ok());
    let until = leads.max(wrote).filter(|until| *until > look.now)?;
    Some(look.wait(until, SkipReason::Handoff))
}

/// Nothing is asked while a question is open; what only tells something does not wait for it.
fn by_question(look: &Look<'_>) -> Option<Verdict> {
    let open = look.facts.open_question.filter(|_| matches!(look.trigger.says, Says::Ask(_)))?;
    let waited = open.asked_at.checked_add(signed(look.trigger.policy.unanswered_question)).ok()?;
    let until = Some(waited.min(open.expires_at)).filter(|until| *until > look.now)?;
    Some(look.wait(until, SkipReason::Limit))
}

fn by_hours(look: &Look<'_>) -> Option<Verdict> {
    let hours = look.hours();
    let why = match (hours.is_outside(look.now), hours.is_quiet(look.now)) {
        (false, false) => return None,
        (true, _) => SkipReason::Window,
        (false, true) => SkipReason::Quiet,
    };
    Some(look.wait(look.now, why))
}

fn by_limit(look: &Look<'_>) -> Option<Verdict> {
    limits::is_reached(&look.trigger.policy, &look.facts.openings, look.now).then_some(Verdict::Skip(SkipReason::Limit))
}

/// Who never wrote waits while the number is to be spared.
fn by_number(look: &Look<'_>) -> Option<Verdict> {
    let hold = look.facts.number_held.filter(|hold| hold.until > look.now)?;
    Some(look.wait(hold.until, SkipReason::Number))
}

/// `Fri 10 Jul 17:00`, hotel time.
fn local(look: &Look<'_>, at: Timestamp) -> String {
    at.to_zoned(look.hotel.time_zone()).strftime("%a %-d %b %H:%M").to_string()
}

fn phone_seen(look: &Look<'_>) -> String {
    match look.reservation.booking.phone {
        Phone::Known(_) => "known",
        Phone::Unclear(_) => "unclear",
        Phone::Missing => "missing",
    }
    .to_owned()
}

fn conditions_seen(look: &Look<'_>) -> String {
    let seen = conditions::explain(&look.trigger.filter, &look.view());
    let value = |seen: &Seen| format!("{} is {}", seen.field, seen.saw.as_deref().unwrap_or("-"));
    seen.iter().map(value).collect::<Vec<_>>().join("; ")
}

fn language_seen(look: &Look<'_>) -> String {
    let known = speech::known_language(look.reservation, look.facts.language);
    known.map_or_else(|| "not known".to_owned(), |language| language.to_string())
}

fn person_seen(look: &Look<'_>) -> String {
    let leads = match look.facts.person_leads {
        Some(Lead::Open) => "a person leads".to_owned(),
        Some(Lead::Until(until)) => format!("a person leads until {}", local(look, until)),
        None => "nobody leads".to_owned(),
    };
    match look.facts.staff_wrote_at {
        Some(at) => format!("{leads}; staff wrote {}", local(look, at)),
        None => leads,
    }
}

fn question_seen(look: &Look<'_>) -> String {
    look.facts
        .open_question
        .map_or_else(|| "none open".to_owned(), |open| format!("asked {}", local(look, open.asked_at)))
}

fn limit_seen(look: &Look<'_>) -> String {
    match look.facts.openings.iter().max() {
        Some(last) => format!("{} messages, the last {}", look.facts.openings.len(), local(look, *last)),
        None => "no message before".to_owned(),
    }
}

fn number_seen(look: &Look<'_>) -> String {
    match look.facts.number_held {
        Some(hold) => format!("{}, new contacts wait until {}", hold.why, local(look, hold.until)),
        None => "nothing to spare".to_owned(),
    }
}
