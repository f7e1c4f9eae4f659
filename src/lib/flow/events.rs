//! The inbox → what belongs to no turn: statuses climb the ladder, echoes settle uncertain sends, instances change.

use super::Flow;
use crate::domain::received::ReceivedEvent;
use crate::ports::Topic;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Events in one step.
const MOST: i64 = 512;

/// Applies events until stopped.
pub async fn run(flow: Flow, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match step(&flow).await {
            Ok(0) => tokio::select! {
                () = stop.cancelled() => {}
                () = flow.bell.wait(Topic::Events, Duration::from_secs(1)) => {}
            },
            Ok(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            Err(error) => super::stumbled("events", &error, &stop).await,
        }
    }
}

/// One batch; returns how many were looked at.
pub async fn step(flow: &Flow) -> crate::store::Result<usize> {
    let now = flow.now();
    let events = flow.store.waiting_events(now, MOST).await?;
    let count = events.len();
    if count == 0 {
        return Ok(0);
    }
    let tells_state = events.iter().any(|event| matches!(event.received.event, ReceivedEvent::Instance { .. }));
    let applied = flow.store.apply_events(events, now).await?;
    metrics::counter!("hotelbot_events_total", "outcome" => "done").increment(applied.done as u64);
    metrics::counter!("hotelbot_events_total", "outcome" => "later").increment(applied.later as u64);
    metrics::counter!("hotelbot_sends_settled_by_echo_total").increment(applied.settled as u64);
    if applied.sent_again > 0 {
        metrics::counter!("hotelbot_sends_repeated_by_channel_total").increment(applied.sent_again as u64);
        tracing::warn!(messages = applied.sent_again, "the channel sent messages of ours to guests once more");
    }
    if applied.failed_choices > 0 {
        metrics::counter!("hotelbot_choices_failed_total").increment(applied.failed_choices as u64);
        tracing::info!(
            questions = applied.failed_choices,
            "answers to be tapped were taken and failed; lists if they did not leave"
        );
    }
    flow.bell.ring(Topic::Journal);
    if tells_state {
        // A state that is told may be one nobody knows, and is old by the time it is read: the instance itself is asked.
        flow.bell.ring(Topic::InForce);
    }
    Ok(count)
}
