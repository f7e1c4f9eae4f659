//! One file per arrow of the picture in `lib.rs`. May import domain, nlu, ports and store; knows no HTTP, no SQL,
//! no vendor's name.

mod alarm;
mod commit;
pub mod compose;
pub mod converse;
mod desk;
mod early;
pub mod escalate;
pub mod events;
pub mod forget;
pub mod handover;
mod held;
pub mod in_force;
mod pace;
mod planned;
pub mod pms;
mod prepare;
pub mod questions;
mod reading;
pub mod receive;
pub mod reconcile;
mod record;
pub mod recover;
pub mod replan;
pub mod schedule;
pub mod send;
pub mod stays;
pub mod watch;

use crate::domain::ids::HotelId;
use crate::ports::{Analyst, Bell, Channel, Clock, Deliveries, Throttle};
use crate::store::{Store, StoreError};
use in_force::{InForce, Served};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// While there is work, what becomes due in this long is taken together: one statement and one flush to the disk serve
/// many chats. Measured: more gives a higher throughput and later answers.
const GATHER_FOR: Duration = Duration::from_millis(20);
/// What ends in this long is written down together.
const GATHER_RESULTS_FOR: Duration = Duration::from_millis(12);

/// What every arrow may use. Cheap to clone.
#[derive(Clone)]
pub struct Flow {
    /// Ours.
    pub store: Store,
    /// How messages travel.
    pub channel: Arc<dyn Channel>,
    /// Who reads what PMS deliver.
    pub deliveries: Arc<dyn Deliveries>,
    /// Who reads turns.
    pub analyst: Arc<dyn Analyst>,
    /// Who wakes whom.
    pub bell: Arc<dyn Bell>,
    /// The least gap between sends, at the moment of the call.
    pub throttle: Arc<dyn Throttle>,
    /// Time and ids.
    pub clock: Arc<dyn Clock>,
    /// The hotels the daemon obeys.
    pub hotels: Arc<InForce>,
    /// What was committed and may leave at once.
    pub departures: Arc<send::Departures>,
    /// This daemon.
    pub me: Uuid,
    /// How much at once, how long at most.
    pub limits: Limits,
}

/// How much at once, how long at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long the sender of an event waits for it to be durable before it is told to come again.
    pub intake_within: Duration,
    /// Turns being decided at once; each waits on the model without holding anything else.
    pub turns: usize,
    /// Turns of one hotel being decided at once, so that one hotel cannot take all.
    pub turns_a_hotel: usize,
    /// Calls of `send` at once.
    pub sends: usize,
    /// How long a chat stays taken without a sign of life of its taker.
    pub lease: Duration,
    /// How old the last look at an instance may be for sending (faults I15).
    pub line_seen_within: Duration,
    /// How often instances are looked at.
    pub watch_every: Duration,
    /// How long after a send with an uncertain end its absence from the channel's records means anything: they lag
    /// up to two minutes.
    pub reconcile_after: Duration,
    /// Between two such looks.
    pub reconcile_again: Duration,
    /// How often what is older than the hotels keep is looked for.
    pub forget_every: Duration,
    /// A call to send cannot last longer than this: its caller is gone.
    pub longest_call: Duration,
    /// Whether no other daemon works on this database.
    pub alone: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            intake_within: Duration::from_secs(5),
            turns: 2048,
            turns_a_hotel: 512,
            sends: 256,
            lease: Duration::from_secs(15),
            line_seen_within: Duration::from_secs(90),
            watch_every: Duration::from_secs(30),
            reconcile_after: Duration::from_secs(150),
            reconcile_again: Duration::from_secs(60),
            forget_every: Duration::from_hours(6),
            longest_call: Duration::from_secs(30),
            alone: true,
        }
    }
}

impl Flow {
    /// A hotel in force.
    pub fn served(&self, hotel: &HotelId) -> Option<Arc<Served>> {
        self.hotels.get(hotel)
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// `at` plus a length; saturates.
fn after(at: Timestamp, length: Duration) -> Timestamp {
    SignedDuration::try_from(length).ok().and_then(|length| at.checked_add(length).ok()).unwrap_or(Timestamp::MAX)
}

/// `at` minus a length; saturates.
fn before(at: Timestamp, length: Duration) -> Timestamp {
    SignedDuration::try_from(length).ok().and_then(|length| at.checked_sub(length).ok()).unwrap_or(Timestamp::MIN)
}

/// How long from `now` until `then`, zero if past.
fn until(now: Timestamp, then: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(now)).unwrap_or(Duration::ZERO)
}

/// A loop step failed: say so, and do not turn a broken database into a hot loop.
async fn stumbled(what: &str, error: &StoreError, stop: &CancellationToken) {
    metrics::counter!("hotelbot_loop_errors_total", "loop" => what.to_owned()).increment(1);
    tracing::error!(error = %crate::flow::chain(error), "{what} failed; trying again in a second");
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
    }
}

/// An error with its causes, on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
