//! What comes in → the inbox. Pushed and polled events take the same road: parsed, grouped, committed together, and
//! only then acknowledged.

use super::Flow;
use super::early::Early;
use crate::domain::hotel::Hotel;
use crate::domain::received::{Body, Received, ReceivedEvent};
use crate::nlu;
use crate::ports::{Bell, Topic};
use crate::store::inbox::{Arrival, Source, Stored};
use crate::store::{Store, StoreError};
use base64::Engine;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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
    early: Early,
}

struct Pending {
    arrival: Arrival,
    tell: oneshot::Sender<Result<Stored, NotTaken>>,
}

impl Intake {
    /// Starts the grouping writer. It ends when the last door is dropped.
    pub fn start(flow: &Flow) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(MOST_WAITING);
        (
            Self { queue, early: Early::start(flow) },
            tokio::spawn(write_groups(flow.store.clone(), flow.bell.clone(), waiting)),
        )
    }

    /// Returns once the event is durable, or says that it is not.
    pub async fn take(&self, arrival: Arrival) -> Result<Stored, NotTaken> {
        let (tell, told) = oneshot::channel();
        let ticket = self.early.ticket(&arrival);
        self.queue.try_send(Pending { arrival, tell }).map_err(|_| NotTaken::Full)?;
        let stored = told.await.unwrap_or(Err(NotTaken::Full))?;
        if let (Stored::New, Some(ticket)) = (stored, ticket) {
            ticket.show();
        }
        Ok(stored)
    }
}

/// What waits, shared with the step that stores it: that takes along what came until its turn.
type Queue = Arc<tokio::sync::Mutex<mpsc::Receiver<Pending>>>;

async fn write_groups(store: Store, bell: Arc<dyn Bell>, waiting: mpsc::Receiver<Pending>) {
    let waiting: Queue = Arc::new(tokio::sync::Mutex::new(waiting));
    loop {
        let Some(first) = waiting.lock().await.recv().await else { return };
        let begun = Instant::now();
        let group = Arc::new(Mutex::new(vec![first]));
        let stored = store.receive_late(together(group.clone(), waiting.clone())).await;
        let group = std::mem::take(&mut *group.lock().unwrap_or_else(PoisonError::into_inner));
        metrics::histogram!("hotelbot_intake_group_size").record(group.len() as f64);
        answer(&store, group, stored).await;
        metrics::histogram!("hotelbot_intake_commit_seconds").record(begun.elapsed().as_secs_f64());
        for topic in [Topic::Inbox, Topic::Events, Topic::Journal] {
            bell.ring(topic);
        }
    }
}

/// The group, with all that came until it is asked for: a writer that was busy finds more, and nobody waits for one
/// more commit than needed. Asked again after a deadlock, it is the same group.
fn together(group: Arc<Mutex<Vec<Pending>>>, waiting: Queue) -> Source {
    let first_time = AtomicBool::new(true);
    Arc::new(move || {
        let mut group = group.lock().unwrap_or_else(PoisonError::into_inner);
        if first_time.swap(false, Ordering::Relaxed)
            && let Ok(mut waiting) = waiting.try_lock()
        {
            group.extend(std::iter::from_fn(|| waiting.try_recv().ok()).take(MOST_TOGETHER - 1));
        }
        group.iter().map(|pending| pending.arrival.clone()).collect()
    })
}

async fn answer(store: &Store, group: Vec<Pending>, stored: Result<Vec<Stored>, StoreError>) {
    let (arrivals, tells): (Vec<_>, Vec<_>) = group.into_iter().map(|p| (p.arrival, p.tell)).unzip();
    match stored {
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
        coalesce: coalesce(hotel, &received),
        opt_out,
        from_journal: false,
        received,
    }
}

/// A colleague's order waits for nothing.
fn coalesce(hotel: &Hotel, received: &Received) -> Duration {
    let is_staff = received.chat.as_ref().is_some_and(|chat| hotel.staff.contact_of(chat).is_some());
    if is_staff { Duration::ZERO } else { hotel.conversation.coalesce }
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
