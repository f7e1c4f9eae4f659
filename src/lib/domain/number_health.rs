//! Sparing a hotel's number. WhatsApp suspends numbers that write to many people who never wrote to them, or that few
//! people answer. The figures are the vendor's advice (Green API, reference "how not to be banned"): in a new number's
//! first ten days at most 20 new recipients a day, and at least 30 answers to 100 messages.
//!
//! Only who is written to for the first time, without ever having written, has to wait: guests in a dialogue never do.

use super::hotel::Hotel;
use super::message::words;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// How long a number is new, in days.
const WARM_UP_DAYS: i32 = 10;
/// The most new contacts of a new number in a day.
const WARM_UP_PER_DAY: u32 = 20;
/// The share of answers below which the vendor warns.
const ADVISED_REPLIES: f64 = 0.3;
/// Of fewer contacts than this a share of answers says nothing.
const LEAST_CONTACTS: i64 = 100;
/// How long new contacts wait after the number was last seen suspended or blocked.
const CONVALESCENCE: SignedDuration = SignedDuration::from_hours(24);
/// The contacts whose answers are counted were made within this many hours.
const LATELY: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a hotel's file says of people whom the bot writes to first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NewContacts {
    /// The day the number began to write; `None`: long ago.
    pub number_since: Option<Date>,
    /// The most of them in a day of the hotel.
    pub per_day: Option<u32>,
    /// The least share of them, 0 to 1, that must have answered; `None`: a low one is only told.
    pub min_replies: Option<f64>,
}

impl NewContacts {
    /// The most new contacts on this day, and whether that is because the number is new.
    fn most(&self, today: Date) -> Option<(u32, HoldReason)> {
        let is_new = self.number_since.is_some_and(|since| {
            let until = since.checked_add(WARM_UP_DAYS.days()).unwrap_or(Date::MAX);
            today < until
        });
        let per_day = self.per_day.map(|most| (most, HoldReason::PerDay));
        let warm_up = is_new.then_some((WARM_UP_PER_DAY, HoldReason::WarmUp));
        per_day.into_iter().chain(warm_up).min_by_key(|(most, _)| *most)
    }

    /// Whether anything has to be counted exactly.
    pub fn is_limited(&self) -> bool {
        *self != Self::default()
    }
}

/// What is known of a hotel's number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NumberSeen {
    /// New contacts since the hotel's day began.
    pub today: i64,
    /// New contacts since [`since`].
    pub lately: i64,
    /// How many of those wrote at all.
    pub answered: i64,
    /// When the number was last seen suspended or blocked.
    pub ailed_at: Option<Timestamp>,
}

/// From when on contacts count as of today, and as of lately.
pub fn since(hotel: &Hotel, now: Timestamp) -> (Timestamp, Timestamp) {
    let day = now.to_zoned(hotel.time_zone()).start_of_day().map_or(now, |day| day.timestamp());
    (day, now.checked_sub(LATELY).unwrap_or(Timestamp::MIN))
}

words!(
    /// Why new contacts have to wait.
    HoldReason {
        /// The number is new.
        WarmUp = "warm_up",
        /// There were enough for today.
        PerDay = "per_day",
        /// Too few answered.
        FewReplies = "few_replies",
        /// WhatsApp suspended or blocked the number lately.
        Ailed = "ailed",
    }
);

/// New contacts wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Until then at least.
    pub until: Timestamp,
    /// Why.
    pub why: HoldReason,
}

/// Whether somebody new may be written to now.
pub fn hold(hotel: &Hotel, seen: &NumberSeen, now: Timestamp) -> Option<Hold> {
    let convalescent = seen.ailed_at.and_then(|at| at.checked_add(CONVALESCENCE).ok());
    if let Some(until) = convalescent.filter(|until| *until > now) {
        return Some(Hold { until, why: HoldReason::Ailed });
    }
    let policy = &hotel.whatsapp.new_contacts;
    let local = now.to_zoned(hotel.time_zone());
    let enough = policy.most(local.date()).filter(|(most, _)| seen.today >= i64::from(*most)).map(|(_, why)| why);
    let few = policy.min_replies.and_then(|least| is_below(seen, least).then_some(HoldReason::FewReplies));
    let why = enough.or(few)?;
    let tomorrow = local.tomorrow().and_then(|day| day.start_of_day()).map(|day| day.timestamp());
    Some(Hold { until: tomorrow.unwrap_or(now), why })
}

/// The share of answers, in percent, if it is so low that the vendor warns of it.
pub fn low_replies(seen: &NumberSeen) -> Option<i64> {
    is_below(seen, ADVISED_REPLIES).then(|| seen.answered * 100 / seen.lately)
}

fn is_below(seen: &NumberSeen, least: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "counts of contacts are small")]
    let share = seen.answered as f64 / seen.lately as f64;
    seen.lately >= LEAST_CONTACTS && share < least
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::testing::hotel;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    /// Moscow, so that days begin at 21:00 UTC.
    fn held(policy: NewContacts, seen: NumberSeen, now: &str) -> Option<(HoldReason, Timestamp)> {
        let mut hotel = hotel();
        hotel.timezone = "Europe/Moscow".into();
        hotel.whatsapp.new_contacts = policy;
        hold(&hotel, &seen, at(now)).map(|hold| (hold.why, hold.until))
    }

    #[test]
    fn without_a_policy_only_a_sick_number_waits() {
        let busy = NumberSeen { today: 5_000, lately: 5_000, answered: 0, ailed_at: None };
        assert_eq!(held(NewContacts::default(), busy, "2026-11-20T12:00:00Z"), None);

        let sick = NumberSeen { ailed_at: Some(at("2026-11-20T11:00:00Z")), ..NumberSeen::default() };
        let until = at("2026-11-21T11:00:00Z");
        assert_eq!(held(NewContacts::default(), sick, "2026-11-20T12:00:00Z"), Some((HoldReason::Ailed, until)));
        assert_eq!(held(NewContacts::default(), sick, "2026-11-21T11:00:00Z"), None);
    }

    #[test]
    fn a_new_number_writes_to_twenty_a_day_for_ten_days_of_the_hotel() {
        let policy = NewContacts { number_since: Some(jiff::civil::date(2026, 11, 20)), ..NewContacts::default() };
        let seen = |today| NumberSeen { today, ..NumberSeen::default() };
        let tomorrow = at("2026-11-20T21:00:00Z");
        assert_eq!(held(policy, seen(19), "2026-11-20T12:00:00Z"), None);
        assert_eq!(held(policy, seen(20), "2026-11-20T12:00:00Z"), Some((HoldReason::WarmUp, tomorrow)));
        assert!(held(policy, seen(20), "2026-11-29T20:59:59Z").is_some(), "the tenth day");
        assert_eq!(held(policy, seen(20), "2026-11-29T21:00:00Z"), None, "the eleventh day");
    }

    #[test]
    fn the_lower_of_two_limits_counts() {
        let since = Some(jiff::civil::date(2026, 11, 20));
        let seen = NumberSeen { today: 10, ..NumberSeen::default() };
        let few = NewContacts { number_since: since, per_day: Some(10), min_replies: None };
        assert_eq!(held(few, seen, "2026-11-20T12:00:00Z").map(|held| held.0), Some(HoldReason::PerDay));
        let many = NewContacts { per_day: Some(100), ..few };
        assert_eq!(held(many, seen, "2026-11-20T12:00:00Z"), None);
    }

    #[test]
    fn a_low_share_of_answers_is_told_and_holds_only_if_the_hotel_says_so() {
        let seen = |lately, answered| NumberSeen { lately, answered, ..NumberSeen::default() };
        assert_eq!(low_replies(&seen(99, 0)), None);
        assert_eq!(low_replies(&seen(100, 30)), None);
        assert_eq!(low_replies(&seen(200, 59)), Some(29));
        let strict = NewContacts { min_replies: Some(0.5), ..NewContacts::default() };
        assert_eq!(held(strict, seen(200, 100), "2026-11-20T12:00:00Z"), None);
        let held = held(strict, seen(200, 99), "2026-11-20T12:00:00Z");
        assert_eq!(held.map(|held| held.0), Some(HoldReason::FewReplies));
    }
}
