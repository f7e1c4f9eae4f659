//! What is older than a hotel's days is forgotten: words, what was decided about them, and what came in as it came.

use super::{Flow, before};
use crate::domain::hotel::Hotel;
use crate::store::forgetting::{KeptSince, Place, What};
use jiff::Timestamp;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Rows looked at in one step.
const MOST: i64 = 1_000;
/// Between two steps others come to their turn.
const PAUSE: Duration = Duration::from_millis(20);
/// The channel repeats an event for a day, and lists it in its journal for as long. Until then its row is what tells
/// that it was seen, whatever the hotel wishes.
const EVENTS_AT_LEAST: Duration = Duration::from_hours(48);

/// Forgets until stopped: at the start, and then again and again.
pub async fn run(flow: Flow, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match sweep(&flow, &stop).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "what is older than the hotels keep is forgotten"),
            Err(error) => super::stumbled("forget", &error, &stop).await,
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(flow.limits.forget_every) => {}
        }
    }
}

/// Looks once at everything that may be too old; returns how many rows were forgotten.
pub async fn sweep(flow: &Flow, stop: &CancellationToken) -> crate::store::Result<u64> {
    let hotels = flow.store.hotels_ever().await?;
    let mut all = 0;
    let all_of_it =
        [(What::Messages, "messages"), (What::Turns, "turns"), (What::Events, "events"), (What::Alerts, "alerts")];
    for (what, word) in all_of_it {
        let kept = kept_since(&hotels, what, flow.now());
        let mut place = Some(Place::default());
        while let Some(from) = place.filter(|_| !stop.is_cancelled()) {
            let step = flow.store.forget(what, &kept, from, MOST).await?;
            metrics::counter!("hotelbot_forgotten_total", "what" => word).increment(step.forgotten);
            all += step.forgotten;
            place = step.next;
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(all)
}

fn kept_since(hotels: &[Hotel], what: What, now: Timestamp) -> KeptSince {
    let kept = |hotel: &Hotel| match what {
        What::Messages | What::Turns | What::Alerts => hotel.privacy.keep_messages,
        What::Events => hotel.privacy.keep_raw_events.max(EVENTS_AT_LEAST),
    };
    hotels.iter().map(|hotel| (hotel.id.clone(), before(now, kept(hotel)))).collect()
}
