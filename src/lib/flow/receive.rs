//! What comes in → the inbox. Pushed and polled events take the same road: parsed, grouped, committed together, and
//! only then acknowledged.

use super::Flow;
use crate::domain::hotel::Hotel;
use crate::domain::received::{Body, Received, ReceivedEvent};
use crate::nlu;
use crate::ports::{Bell, Topic};
use crate::store::inbox::{Arrival, Stored};
use crate::store::{Store, StoreError};
use base64::Engine;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// The most events in one commit.
const MOST_TOGETHER: usize = 512;
/// Events waiting for a commit; more are refused, and the sender keeps them.
const MOST_WAITING: usize = 8192;
/// Of a raw body this much is kept.
const MOST_RAW: usize = 64 * 1024;

/// Why an event was not taken. The sender must deliver it again.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// More waits than can be written.
    #[error("too much waits to be written")]
    Full,
    /// The database does not take it.
    #[error("it cannot be made durable")]
    NotDurable(#[source] StoreError),
    /// The database does not say in time whether it does; it may yet. Delivered again, it is still one row.
    #[error("it could not be made durable in time")]
    TooSlow,
}

/// The door to the inbox. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    queue: mpsc::Sender<Pending>,
}

struct Pending {
    arrival: Arrival,
    tell: oneshot::Sender<Result<Stored, NotTaken>>,
}

impl Intake {
    /// Starts the grouping writer. It ends when the last door is dropped.
    pub fn start(store: Store, bell: Arc<dyn Bell>) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(MOST_WAITING);
        (Self { queue }, tokio::spawn(write_groups(store, bell, waiting)))
    }

    /// Returns once the event is durable, or says that it is not.
    pub async fn take(&self, arrival: Arrival) -> Result<Stored, NotTaken> {
        let (tell, told) = oneshot::channel();
        self.queue.try_send(Pending { arrival, tell }).map_err(|_| NotTaken::Full)?;
        told.await.unwrap_or(Err(NotTaken::Full))
    }
}

async fn write_groups(store: Store, bell: Arc<dyn Bell>, mut waiting: mpsc::Receiver<Pending>) {
    let mut group = Vec::with_capacity(MOST_TOGETHER);
    while waiting.recv_many(&mut group, MOST_TOGETHER).await > 0 {
        let begun = Instant::now();
        let size = group.len();
        write_group(&store, std::mem::take(&mut group)).await;
        metrics::histogram!("hotelbot_intake_commit_seconds").record(begun.elapsed().as_secs_f64());
        metrics::histogram!("hotelbot_intake_group_size").record(size as f64);
        for topic in [Topic::Inbox, Topic::Events, Topic::Journal] {
            bell.ring(topic);
        }
    }
}

async fn write_group(store: &Store, group: Vec<Pending>) {
    let (arrivals, tells): (Vec<_>, Vec<_>) = group.into_iter().map(|p| (p.arrival, p.tell)).unzip();
    match store.receive(arrivals.clone()).await {
        Ok(stored) => tells.into_iter().zip(stored).for_each(|(tell, stored)| drop(tell.send(Ok(stored)))),
        // One bad event must not hold up the others: each by itself.
        Err(error) if !error.is_passing() && arrivals.len() > 1 => {
            for (arrival, tell) in arrivals.into_iter().zip(tells) {
                let one = store.receive(vec![arrival]).await;
                let answer = one.map(|stored| stored.first().copied().unwrap_or(Stored::Again));
                let _ = tell.send(answer.map_err(NotTaken::NotDurable));
            }
        }
        Err(error) => {
            tracing::error!(error = %super::chain(&error), events = tells.len(), "received events are not durable");
            let why = error.to_string();
            for tell in tells {
                let _ = tell.send(Err(NotTaken::NotDurable(StoreError::Refused(why.clone()))));
            }
        }
    }
}

/// A parsed event as a row to be.
pub fn arrival(flow: &Flow, hotel: &Hotel, received: Received, raw: &[u8]) -> Arrival {
    let received = from_another_hotel(flow, hotel, received);
    let opt_out = match &received.event {
        ReceivedEvent::Guest { body: Body::Text(text), .. } => nlu::is_opt_out(text),
        _ => false,
    };
    Arrival {
        hotel: hotel.id.clone(),
        id: flow.clock.new_id(),
        new_guest: flow.clock.new_id(),
        new_chat: flow.clock.new_id(),
        raw: keep_raw(raw),
        at: flow.now(),
        coalesce: hotel.conversation.coalesce,
        opt_out,
        from_journal: false,
        received,
    }
}

/// A message from the number of another hotel here was written by our own bot, or by colleagues who have a phone: it
/// is kept and never answered (faults I7). The numbers are learned from what comes in.
fn from_another_hotel(flow: &Flow, hotel: &Hotel, mut received: Received) -> Received {
    if let Some(own) = &received.own_address {
        flow.hotels.learn_address(&hotel.id, own);
    }
    let mut addresses = received.chat.iter().chain(&received.also_known_as);
    let is_colleague = addresses.any(|address| flow.hotels.is_another_hotel(&hotel.id, address));
    if is_colleague && matches!(received.event, ReceivedEvent::Guest { .. }) {
        received.event = ReceivedEvent::Ignored { why: "another hotel's own number".to_owned() };
    }
    received
}

/// The body as text; bytes that are no text as base64, so that nothing is lost and any database takes it.
fn keep_raw(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(text) if !text.contains('\0') => {
            let end = (0..=MOST_RAW.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            text[..end].to_owned()
        }
        _ => {
            let head = &raw[..raw.len().min(MOST_RAW)];
            format!("base64:{}", base64::engine::general_purpose::STANDARD.encode(head))
        }
    }
}

/// The word of an event for metrics: a closed list.
pub fn kind(received: &Received) -> &'static str {
    match received.event {
        ReceivedEvent::Guest { .. } => "guest",
        ReceivedEvent::Staff { .. } => "staff",
        ReceivedEvent::Echo { .. } => "echo",
        ReceivedEvent::Status { .. } => "status",
        ReceivedEvent::Instance { .. } => "instance",
        ReceivedEvent::Call { .. } => "call",
        ReceivedEvent::Warning { .. } => "warning",
        ReceivedEvent::Ignored { .. } => "ignored",
        ReceivedEvent::Unreadable { .. } => "unreadable",
    }
}

/// Takes one event of a hotel: parses, stores, counts. Used by the webhook and by polling alike.
pub async fn receive(flow: &Flow, intake: &Intake, hotel: &Hotel, raw: &[u8]) -> Result<Stored, NotTaken> {
    let received = flow.channel.parse(&hotel.whatsapp.instance, raw);
    let kind = kind(&received);
    let durable = intake.take(arrival(flow, hotel, received, raw));
    let stored = tokio::time::timeout(flow.limits.intake_within, durable).await.unwrap_or(Err(NotTaken::TooSlow));
    let outcome = match &stored {
        Ok(Stored::New) => "new",
        Ok(Stored::Again) => "again",
        Err(_) => "refused",
    };
    metrics::counter!("hotelbot_intake_total", "kind" => kind, "outcome" => outcome).increment(1);
    stored
}

/// How long a refused sender is asked to wait.
pub const RETRY_AFTER: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::keep_raw;

    #[test]
    fn any_bytes_are_kept_as_text_within_the_limit() {
        assert_eq!(keep_raw(b"{\"a\":1}"), "{\"a\":1}");
        assert_eq!(keep_raw(&[0xff, 0xfe]), "base64://4=");
        assert_eq!(keep_raw(&[b'a', 0]), "base64:YQA=");
        assert!(keep_raw("я".repeat(50_000).as_bytes()).len() <= super::MOST_RAW);
    }
}
