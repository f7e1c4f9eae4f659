//! Who is told of an alert, and when the next one is. It does not rest until the alert is taken, and then not until it is
//! resolved. Pure.

use super::alert::{Alert, AlertState};
use super::hotel::{SlaPolicy, StaffContact};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// A notice that is not confirmed in this time did not reach anybody (faults I26).
pub const CONFIRMED_WITHIN: Duration = Duration::from_secs(60);
/// A hotel without anybody to tell may get somebody.
const LOOK_AGAIN: Duration = Duration::from_secs(600);
/// Two rounds never follow each other faster, however short the hotel's times are.
const LEAST_ROUND: Duration = Duration::from_secs(60);

/// What became of a notice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Nothing is known yet.
    OnItsWay,
    /// It arrived.
    Confirmed,
    /// It will not arrive.
    Failed,
}

/// A notice of the alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The contact's id.
    pub contact: String,
    /// In which round.
    pub round: i64,
    /// When.
    pub at: Timestamp,
    /// Whether it arrived.
    pub fate: Fate,
}

/// What to do now, and when to look again.
#[derive(Clone, Debug, PartialEq)]
pub struct Rung<'a> {
    /// Whom to tell, in order.
    pub tell: Vec<&'a StaffContact>,
    /// In which round of telling.
    pub round: i64,
    /// Whether the alert goes up because nobody answered in time.
    pub escalates: bool,
    /// `None` when it is over.
    pub look_at: Option<Timestamp>,
}

/// The contacts for an alert in the order in which they are told: those who answer for its department first.
pub fn in_order<'a>(contacts: &'a [StaffContact], department: Option<&str>) -> Vec<&'a StaffContact> {
    let answers = |contact: &&StaffContact| {
        let named = department.is_some_and(|department| contact.departments.iter().any(|one| one == department));
        named || department.is_none() || contact.departments.is_empty()
    };
    let (first, others): (Vec<_>, Vec<_>) = contacts.iter().partition(answers);
    first.into_iter().chain(others).collect()
}

/// See the module. `contacts` are those who can be told, in order.
pub fn next<'a>(
    alert: &Alert,
    contacts: &[&'a StaffContact],
    told: &[Told],
    sla: &SlaPolicy,
    now: Timestamp,
) -> Rung<'a> {
    let nothing = |look_at| Rung { tell: Vec::new(), round: 0, escalates: false, look_at };
    if contacts.is_empty() {
        return nothing(Some(after(now, LOOK_AGAIN)).filter(|_| alert.is_unresolved()));
    }
    match alert.state {
        AlertState::Resolved => nothing(None),
        AlertState::Open => first_round(alert, contacts, told, sla, now)
            .unwrap_or_else(|| again(contacts, told, sla.first_response, alert.raised_at, now)),
        AlertState::Acknowledged => {
            let since = alert.acknowledged.as_ref().map_or(alert.raised_at, |act| act.at);
            again(contacts, told, sla.resolution, since, now)
        }
    }
}

/// Each contact once, one after the other; `None` when all were told and have had their time.
fn first_round<'a>(
    alert: &Alert,
    contacts: &[&'a StaffContact],
    told: &[Told],
    sla: &SlaPolicy,
    now: Timestamp,
) -> Option<Rung<'a>> {
    let of = |contact: &StaffContact| told.iter().find(|told| told.round == 0 && told.contact == contact.id);
    let place = contacts.iter().position(|contact| of(contact).is_none())?;
    let contact = contacts[place];
    let (due, late) = match place.checked_sub(1).and_then(|before| of(contacts[before])) {
        None => (now, false),
        Some(before) => {
            let by_turn = i32::try_from(place).unwrap_or(i32::MAX);
            let unanswered = after(alert.raised_at, sla.first_response.saturating_mul(by_turn.unsigned_abs()));
            let own = Some(contact.after).filter(|own| !own.is_zero()).map(|own| after(alert.raised_at, own));
            let unreached = match before.fate {
                Fate::Failed => Some(now),
                Fate::OnItsWay => Some(after(before.at, CONFIRMED_WITHIN)),
                Fate::Confirmed => None,
            };
            let due = [own, unreached].into_iter().flatten().fold(unanswered, Timestamp::min);
            (due, unanswered <= now)
        }
    };
    if due > now {
        return Some(Rung { tell: Vec::new(), round: 0, escalates: false, look_at: Some(due) });
    }
    // The next one is looked at again in a moment, when what is told now stands in the database.
    Some(Rung { tell: vec![contact], round: 0, escalates: late, look_at: Some(now) })
}

/// Everybody again, each time the hotel's time is over once more.
fn again<'a>(
    contacts: &[&'a StaffContact],
    told: &[Told],
    time: Duration,
    since: Timestamp,
    now: Timestamp,
) -> Rung<'a> {
    let newest = told.iter().map(|told| told.at).max().unwrap_or(since).max(since);
    let due = after(newest, time.max(LEAST_ROUND));
    if due > now {
        return Rung { tell: Vec::new(), round: 0, escalates: false, look_at: Some(due) };
    }
    let round = told.iter().map(|told| told.round).max().unwrap_or(0) + 1;
    Rung { tell: contacts.to_vec(), round, escalates: true, look_at: Some(after(now, time.max(LEAST_ROUND))) }
}

fn after(at: Timestamp, length: Duration) -> Timestamp {
    SignedDuration::try_from(length).ok().and_then(|length| at.checked_add(length).ok()).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
#[path = "ladder_tests.rs"]
mod tests;
