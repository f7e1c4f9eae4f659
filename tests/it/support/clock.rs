//! A clock that stands until it is turned, and ids that come in order.

use hotelbot::ports::Clock;
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use uuid::Uuid;

/// Stands at an instant; ids are version 7 of that instant, counted, so that the same test makes the same ids.
#[derive(Debug)]
pub struct ManualClock {
    micros: AtomicI64,
    ids: AtomicU64,
}

impl Default for ManualClock {
    fn default() -> Self {
        let noon: Timestamp = "2026-07-01T12:00:00Z".parse().expect("a literal instant");
        Self { micros: AtomicI64::new(noon.as_microsecond()), ids: AtomicU64::new(0) }
    }
}

impl ManualClock {
    /// Turns the clock on, or back with a negative duration, and says what it shows then.
    pub fn turn(&self, by: SignedDuration) -> Timestamp {
        let micros = i64::try_from(by.as_micros()).expect("a duration of a test");
        self.micros.fetch_add(micros, Ordering::SeqCst);
        self.now()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.micros.load(Ordering::SeqCst)).expect("an instant of a test")
    }

    fn new_id(&self) -> Uuid {
        let millis = u64::try_from(self.now().as_millisecond()).expect("after 1970");
        let mut tail = [0_u8; 10];
        tail[2..].copy_from_slice(&self.ids.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}

#[test]
fn ids_of_a_standing_clock_differ_and_sort_in_the_order_they_were_made() {
    let clock = ManualClock::default();

    let ids: Vec<Uuid> = (0..1000).map(|_| clock.new_id()).collect();

    assert!(ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]));
    assert!(ids.iter().all(|id| id.get_version_num() == 7));
    clock.turn(SignedDuration::from_millis(1));
    assert!(clock.new_id() > ids[999]);
}
