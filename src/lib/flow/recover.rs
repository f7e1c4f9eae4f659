//! Messages whose notification never came: found in the channel's journal of what arrived (faults I2). The same
//! event found twice is one row.

use super::Flow;
use super::in_force::Served;
use super::receive::{Intake, arrival};
use crate::store::inbox::Stored;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(300);
/// How far back each look reaches: the journal lags up to two minutes, and a look may be missed.
const MINUTES: u32 = 15;

/// Looks at the start and then every five minutes.
pub async fn run(flow: Flow, intake: Intake, stop: CancellationToken) {
    while !stop.is_cancelled() {
        for served in flow.hotels.all().values() {
            if stop.is_cancelled() {
                return;
            }
            look(&flow, &intake, served).await;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn look(flow: &Flow, intake: &Intake, served: &Arc<Served>) {
    let Ok(line) = &served.line else { return };
    let arrived = match flow.channel.arrived(line, MINUTES).await {
        Ok(arrived) => arrived,
        Err(error) => {
            tracing::warn!(hotel = %served.hotel.id, error = %error, "the journal of arrivals cannot be read");
            return;
        }
    };
    // The journal lists the newest first; the order of receipt is the order of the conversation.
    let mut arrived = arrived;
    arrived.sort_by_key(|(received, _)| received.provider_at);
    for (received, raw) in arrived {
        let mut arrival = arrival(flow, &served.hotel, received, &raw);
        arrival.from_journal = true;
        match intake.take(arrival).await {
            Ok(Stored::New) => {
                metrics::counter!("hotelbot_recovered_total").increment(1);
                tracing::info!(hotel = %served.hotel.id, "a message whose notification never came was found");
            }
            Ok(Stored::Again) => {}
            Err(error) => {
                tracing::warn!(hotel = %served.hotel.id, error = %error, "recovery stops until the next look");
                return;
            }
        }
    }
}
