//! Triggers, bookings, and the steps of a daemon, one at a time and by a clock that stands.

use crate::support::build as base;
use crate::support::world::World;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::{ChatAddress, HotelId, TriggerId};
use hotelbot::domain::language::Language;
use hotelbot::domain::stay::{Booking, Phone};
use hotelbot::domain::stay_change::{Telling, Told};
use hotelbot::domain::trigger::{
    Anchor, Condition, Content, IfMissed, Offset, Once, Otherwise, Policy, Says, Side, Trigger, TriggerMode,
    TriggerSet, Variant, When,
};
use hotelbot::flow::schedule;
use hotelbot::ports::Clock;
use hotelbot::store::Store;
use hotelbot::store::due::Ran;
use hotelbot::store::outbox::TakeForSending;
use hotelbot::store::reservations::{self, Applied, ToldRow};
use hotelbot::store::touchpoints::{self, Who};
use hotelbot::store::triggers::{Applied as AppliedTriggers, ApplyTriggers, TriggerChange};
use jiff::civil::{Date, Time};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// An hour.
pub const HOUR: Duration = Duration::from_secs(3600);

/// `by` after an anchor, in English and Russian, for everybody, without quiet hours or limits.
pub fn trigger(id: &str, anchor: Anchor, by: Duration) -> Trigger {
    let when = When {
        side: Side::After,
        anchor,
        by: Some(Offset::Elapsed(by)),
        at: None,
        only_between: None,
        days: Vec::new(),
        otherwise: Otherwise::Later,
        if_missed: IfMissed::Skip,
    };
    let text = [(Language::EN, format!("{id}: hello {{{{ guest.first_name | default('guest') }}}}"))].into();
    Trigger {
        id: TriggerId(id.to_owned()),
        about: None,
        enabled: true,
        priority: 50,
        mode: TriggerMode::Live,
        when,
        filter: Condition::everybody(),
        once: Once::PerStay,
        says: Says::Send(Content { variants: vec![Variant { filter: Condition::everybody(), text }], media: None }),
        policy: free(),
        because: None,
    }
}

/// A policy that forbids nothing.
pub fn free() -> Policy {
    Policy {
        quiet_hours: None,
        at_most: 1000,
        every: HOUR,
        min_gap: Duration::ZERO,
        after_staff_reply: Duration::ZERO,
        unanswered_question: Duration::ZERO,
    }
}

/// A set of triggers.
pub fn set(triggers: impl IntoIterator<Item = Trigger>) -> TriggerSet {
    let triggers = triggers.into_iter().map(|trigger| (trigger.id.clone(), trigger)).collect();
    TriggerSet { policy: free(), triggers, questions: BTreeMap::new() }
}

/// A confirmed booking of two nights with a phone of its own.
pub fn booking(id: &str, phone: &str, arrival: &str) -> Booking {
    let arrival: Date = arrival.parse().expect("a date");
    Booking {
        guest_name: Some("Anna Petrova".to_owned()),
        phone: Phone::Known(phone.to_owned()),
        room_type: Some("suite".to_owned()),
        ..Booking::bare(id, arrival, arrival.checked_add(jiff::Span::new().days(2)).expect("in range"))
    }
}

/// A clock time.
pub fn at(text: &str) -> Time {
    text.parse().expect("a time")
}

/// Tells bookings to a store, as a file does; `first` makes them the hotel's first import.
pub async fn tell(store: &Store, clock: &dyn Clock, hotel: &Hotel, (bookings, first): (Vec<Booking>, bool)) -> Applied {
    let row = |booking: Booking| ToldRow {
        address: booking.phone.number().map(|phone| ChatAddress(format!("{}@c.us", phone.trim_start_matches('+')))),
        told: Told::whole(booking),
        new_guest: clock.new_id(),
        new_chat: clock.new_id(),
    };
    let rows: Vec<ToldRow> = bookings.into_iter().map(row).collect();
    let (hotel, now) = (hotel.clone(), clock.now());
    store
        .write(move |tx| {
            Box::pin(async move {
                let telling = Telling { hotel: &hotel, by: "csv", at: now, first };
                reservations::lock_hotel(tx, &hotel.id).await?;
                let applied = reservations::apply_bookings(tx, &telling, &rows).await?;
                let ids: Vec<_> = applied.changed.iter().map(|changed| changed.id.clone()).collect();
                touchpoints::replan(tx, &telling.hotel.id, Who::These(&ids), telling.at).await?;
                Ok(applied)
            })
        })
        .await
        .expect("told")
}

impl World {
    /// Puts triggers in force.
    pub async fn triggers(&self, hotel: &HotelId, set: TriggerSet) -> AppliedTriggers {
        let base = self.store.newest_triggers().await.expect("read").revision;
        let changes = vec![TriggerChange { hotel: hotel.clone(), set, change: "a test".to_owned() }];
        let apply = ApplyTriggers { base, changes, by: "a test".to_owned(), now: self.clock.now() };
        self.store.apply_triggers(apply).await.expect("applied")
    }

    /// Tells bookings, as a PMS or a file does.
    pub async fn told(&self, hotel: &Hotel, bookings: Vec<Booking>) -> Applied {
        self.told_together(hotel, bookings, false).await
    }

    /// The same; `first` makes it the hotel's first import, silent about the past.
    pub async fn told_together(&self, hotel: &Hotel, bookings: Vec<Booking>, first: bool) -> Applied {
        tell(&self.store, &*self.clock, hotel, (bookings, first)).await
    }

    /// The scheduler's step.
    pub async fn look_at_due(&self) -> Ran {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let now = clock.now();
        self.store.run_due(now, 256, move |due| schedule::decide(&clock, due, now)).await.expect("looked at")
    }

    /// The states of all touchpoints, by trigger, reservation and occurrence.
    pub async fn touchpoints(&self) -> Vec<String> {
        self.db
            .raw()
            .await
            .texts(
                "SELECT trigger_id || ' ' || reservation_id || ' ' || state || COALESCE(' ' || reason, '')
                 FROM touchpoints ORDER BY trigger_id, reservation_id, occurrence",
            )
            .await
    }

    /// The texts in the outbox with their states, in the order they were made.
    pub async fn outbox_texts(&self) -> Vec<String> {
        self.db.raw().await.texts("SELECT state || ' ' || text FROM outbox ORDER BY outbox_id").await
    }

    /// Seen by the channel just now, so that messages may go.
    pub async fn line_is_ready(&self, hotel: &HotelId) {
        let state = hotelbot::domain::received::InstanceState::Authorized;
        self.store.line_state(hotel.clone(), state, self.clock.now()).await.expect("kept");
    }
}

/// The hotel of these tests: UTC, so that times are easy to read.
pub fn hotel() -> Hotel {
    Hotel { timezone: "UTC".to_owned(), languages: vec![Language::EN], ..base::hotel("astoria") }
}

impl World {
    /// The sender's step: all that may leave now does. The texts that left.
    pub async fn send_all(&self) -> Vec<String> {
        let now = self.clock.now();
        let judge = Arc::new(move |candidate: &_| hotelbot::flow::send::may_send(candidate, now));
        let taken = self.store.take_for_sending(TakeForSending { judge, ..self.take() }).await.expect("taken");
        for candidate in &taken {
            self.accepted(&candidate.hotel, candidate.id, &format!("V{}", candidate.id)).await;
        }
        taken.into_iter().map(|candidate| candidate.outgoing.text).collect()
    }

    /// Turns the clock to an instant of a day of July 2026, UTC.
    pub fn turn_to(&self, day_and_time: &str) {
        let to: jiff::Timestamp = format!("2026-07-{day_and_time}:00Z").parse().expect("an instant");
        self.clock.turn(to.duration_since(self.clock.now()));
    }
}
