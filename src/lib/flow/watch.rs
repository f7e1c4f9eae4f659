//! The state of every instance, asked and not awaited: after a ban no webhook comes. Also polls for hotels without a
//! public address, and keeps what is in force fresh.

use super::Flow;
use super::in_force::Served;
use super::receive::{Intake, receive};
use crate::domain::hotel::Receive;
use crate::domain::ids::HotelId;
use crate::ports::Topic;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;

/// Instances asked at once.
const TOGETHER: usize = 16;

/// Asks every instance for its state, at once and then again and again.
pub async fn run_states(flow: Flow, stop: CancellationToken) {
    while !stop.is_cancelled() {
        ask_all(&flow).await;
        tokio::select! {
            () = stop.cancelled() => {}
            // A hotel that was just applied is asked at once.
            () = flow.bell.wait(Topic::InForce, flow.limits.watch_every) => {}
        }
    }
}

/// Asks every instance once.
pub async fn ask_all(flow: &Flow) {
    let hotels: Vec<Arc<Served>> = flow.hotels.all().values().cloned().collect();
    futures_util::stream::iter(hotels).for_each_concurrent(TOGETHER, |served| ask(flow, served)).await;
    flow.bell.ring(Topic::Outbox);
}

async fn ask(flow: &Flow, served: Arc<Served>) {
    let hotel = served.hotel.id.clone();
    let outcome = match &served.line {
        Ok(line) => match flow.channel.state(line).await {
            Ok(state) => flow.store.line_state(hotel.clone(), state, flow.now()).await,
            Err(error) => flow.store.line_problem(hotel.clone(), Some(error.to_string())).await,
        },
        Err(why) => flow.store.line_problem(hotel.clone(), Some(why.clone())).await,
    };
    if let Err(error) = outcome {
        tracing::error!(hotel = %hotel, error = %super::chain(&error), "an instance's state could not be recorded");
    }
}

/// Notices within a second what was applied, paused or sealed by a command.
pub async fn run_refresh(flow: Flow, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match flow.hotels.refresh(&flow.store).await {
            Ok(true) => flow.bell.ring(Topic::InForce),
            Ok(false) => {}
            Err(error) => super::stumbled("refresh", &error, &stop).await,
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

/// One poller for each hotel with `receive: poll`.
pub async fn run_polls(flow: Flow, intake: Intake, stop: CancellationToken) {
    let mut pollers = JoinSet::new();
    let mut running: HashMap<HotelId, (Arc<Served>, AbortHandle)> = HashMap::new();
    while !stop.is_cancelled() {
        let wanted = flow.hotels.all();
        running.retain(|hotel, (served, poller)| {
            let same = wanted.get(hotel).is_some_and(|now| Arc::ptr_eq(now, served)) && !poller.is_finished();
            if !same {
                poller.abort();
            }
            same
        });
        for (hotel, served) in wanted.iter().filter(|(_, served)| polls(served)) {
            if !running.contains_key(hotel) {
                let poller = pollers.spawn(poll(flow.clone(), intake.clone(), served.clone(), stop.clone()));
                running.insert(hotel.clone(), (served.clone(), poller));
            }
        }
        while pollers.try_join_next().is_some() {}
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
    pollers.shutdown().await;
}

fn polls(served: &Served) -> bool {
    served.hotel.whatsapp.receive == Receive::Poll && served.line.is_ok()
}

/// Takes notifications one by one; each is removed at the vendor only after it is durable here.
async fn poll(flow: Flow, intake: Intake, served: Arc<Served>, stop: CancellationToken) {
    let Ok(line) = &served.line else { return };
    while !stop.is_cancelled() {
        let next = tokio::select! {
            () = stop.cancelled() => return,
            next = flow.channel.poll(line, Duration::from_secs(20)) => next,
        };
        let failed = match next {
            Ok(None) => continue,
            Ok(Some(notification)) => match receive(&flow, &intake, &served.hotel, &notification.body).await {
                Ok(_) => flow.channel.confirm(line, notification.receipt).await.err().map(|error| error.to_string()),
                Err(error) => Some(error.to_string()),
            },
            Err(error) => Some(error.to_string()),
        };
        if let Some(why) = failed {
            metrics::counter!("hotelbot_poll_errors_total").increment(1);
            tracing::warn!(hotel = %served.hotel.id, why, "polling stumbled; trying again in five seconds");
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(5)) => {}
            }
        }
    }
}
