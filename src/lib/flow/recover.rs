//! Messages whose notification never came: found in the channel's journal of what arrived (faults I2). The same
//! event found twice is one row.

use super::Flow;
use super::in_force::Served;
use super::receive::{Intake, arrival};
use crate::domain::received::Received;
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
    for (received, raw) in in_order(arrived) {
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

/// The order of receipt is the order of the conversation. The journal lists the newest first and counts whole seconds:
/// within one, only its own order tells who was first.
fn in_order<T>(mut arrived: Vec<(Received, T)>) -> Vec<(Received, T)> {
    arrived.reverse();
    arrived.sort_by_key(|(received, _)| received.provider_at);
    arrived
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::received::ReceivedEvent;
    use jiff::Timestamp;

    fn received(second: i64) -> Received {
        Received {
            key: String::new(),
            provider_at: Timestamp::from_second(second).ok(),
            chat: None,
            also_known_as: None,
            sender_name: None,
            own_address: None,
            event: ReceivedEvent::Ignored { why: String::new() },
        }
    }

    #[test]
    fn messages_of_one_second_keep_the_order_in_which_they_were_written() {
        let newest_first = vec![(received(8), "d"), (received(7), "c"), (received(7), "b"), (received(6), "a")];

        let order: Vec<&str> = in_order(newest_first).into_iter().map(|(_, name)| name).collect();

        assert_eq!(order, ["a", "b", "c", "d"]);
    }
}
