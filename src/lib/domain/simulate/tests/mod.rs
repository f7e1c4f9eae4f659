//! The builders of the stories of stays.

mod answers;
mod promises;
mod stories;

use super::{Event, Happens, Past, Reading, Scene, Story, simulate};
use crate::domain::hotel::{Hotel, Window};
use crate::domain::ids::{GuestId, ReservationId};
use crate::domain::schedule::testing::{
    asking, at, clock, content, day, days, hotel, hotel_in, hours, is, language, reservation, set, trigger, when,
    window,
};
use crate::domain::stay::{Phone, PlannedDay, Reservation, ReservationStatus};
use crate::domain::stay_change::Told;
use crate::domain::trigger::{
    Anchor, Answer, Condition, Field, IfMissed, Once, Question, Says, Side, Test, Trigger, TriggerMode, TriggerSet,
    Value, When,
};
use crate::domain::understanding::Sentiment;

struct World {
    hotel: Hotel,
    set: TriggerSet,
    stays: Vec<Reservation>,
    events: Vec<Event>,
    from: &'static str,
}

/// No quiet hours and no limits, so that a test speaks of one thing.
fn world(triggers: Vec<Trigger>, stays: Vec<Reservation>) -> World {
    let mut set = set(triggers);
    free(&mut set);
    let hotel = Hotel { quiet_hours: Some(Window::NEVER), ..hotel() };
    World { hotel, set, stays, events: Vec::new(), from: "2026-07-01T00:00:00Z" }
}

fn free(set: &mut TriggerSet) {
    let loose = |policy: &mut crate::domain::trigger::Policy| {
        policy.at_most = 100;
        policy.min_gap = std::time::Duration::ZERO;
    };
    loose(&mut set.policy);
    set.triggers.values_mut().for_each(|trigger| loose(&mut trigger.policy));
}

impl World {
    fn event(mut self, when: &str, id: &str, what: Happens) -> Self {
        self.events.push(Event { at: at(when), reservation: ReservationId::from(id), what });
        self
    }

    fn story(&self) -> Story {
        let scene = Scene {
            hotel: &self.hotel,
            set: &self.set,
            stays: self.stays.iter().map(|stay| (stay.clone(), Past::default())).collect(),
            events: self.events.clone(),
            from: at(self.from),
            to: at("2026-12-31T00:00:00Z"),
        };
        simulate(&scene, &read)
    }

    /// `reservation trigger 12 10:00`, in the hotel's time.
    fn sends(&self) -> Vec<String> {
        let zone = self.hotel.time_zone();
        let line = |sent: &super::Sent| {
            let at = sent.at.to_zoned(zone.clone()).strftime("%d %H:%M");
            format!("{} {} {at}", sent.reservation, sent.trigger)
        };
        self.story().sends.iter().map(line).collect()
    }

    /// `reservation trigger reason`
    fn skips(&self) -> Vec<String> {
        let line = |skip: &super::Passed| format!("{} {} {}", skip.reservation, skip.trigger, skip.reason);
        self.story().skips.iter().map(line).collect()
    }
}

/// The id of an answer is its word.
fn read(question: &Question, text: &str) -> Option<Reading> {
    let found = question.answers.iter().find(|answer| answer.id.as_str() == text)?;
    Some(Reading { answer: Some(found.id.clone()), score: found.score.map(|_| 5.0), complains: false })
}

fn stay(id: &str) -> Reservation {
    let mut stay = reservation(id, "2026-07-10", "2026-07-14");
    // Each its own guest, by the phone, unless a test says otherwise.
    stay.guest = GuestId(uuid::Uuid::nil());
    stay.booking.phone = Phone::Known(format!("+4917012345{}", id.bytes().map(u32::from).sum::<u32>()));
    stay
}

fn after(anchor: Anchor, number: u64) -> When {
    When { by: hours(number), ..when(Side::After, anchor) }
}

fn evening_before() -> When {
    When { by: days(1), at: Some(clock("18:00")), ..when(Side::Before, Anchor::CheckOut) }
}

fn daily() -> When {
    When { at: Some(clock("10:00")), ..when(Side::On, Anchor::InHouseDaily) }
}

fn to(date: &str) -> Option<PlannedDay> {
    Some(PlannedDay { date: day(date), time: None })
}

fn question() -> Trigger {
    let mut asks = asking(trigger("room-ok", after(Anchor::CheckIn, 3)));
    let answer = |id: &str| Answer { label: [(language("en"), id.to_uppercase())].into(), ..Answer::bare(id) };
    if let Says::Ask(question) = &mut asks.says {
        let mut bad = answer("bad");
        bad.sentiment = Some(Sentiment::Negative);
        bad.tag = vec!["unhappy".to_owned()];
        question.answers = vec![answer("good"), bad, Answer { stop: true, ..answer("stop") }];
    }
    asks
}

fn answers(text: &str) -> Happens {
    Happens::Answer { trigger: "room-ok".into(), text: text.to_owned() }
}
