//! Alarming messages are told of before their turn: the turn waits for the rest of a burst and for the model, an alert does
//! not. What is lost here, by a crash or a full queue, the turn raises all the same.

use super::in_force::Served;
use super::{Flow, alarm, desk, reading};
use crate::domain::alert::{Cause, main_topic};
use crate::domain::ids::{AlertId, ChatAddress, HotelId, InboxId};
use crate::domain::received::ReceivedEvent;
use crate::domain::understanding::{Confidence, Reading};
use crate::store::alerts::{EarlyCause, NewCause};
use crate::store::inbox::Arrival;
use std::collections::BTreeMap;
use tokio::sync::mpsc;

/// Messages that wait to be read; beyond that they are left to their turns.
const MOST_WAITING: usize = 4096;
/// Messages read together.
const MOST_TOGETHER: usize = 64;

/// A message of a guest that was just stored.
#[derive(Debug)]
struct Stored {
    hotel: HotelId,
    row: InboxId,
    address: ChatAddress,
    event: ReceivedEvent,
}

/// Where stored messages are put to be read. Cheap to clone.
#[derive(Clone)]
pub(super) struct Early(mpsc::Sender<Stored>);

impl Early {
    /// Starts reading; ends when the last handle is dropped.
    pub(super) fn start(flow: &Flow) -> Self {
        let (queue, waiting) = mpsc::channel(MOST_WAITING);
        tokio::spawn(run(flow.clone(), waiting));
        Self(queue)
    }

    /// What is to be looked at once it is stored; nothing for most events.
    pub(super) fn ticket(&self, arrival: &Arrival) -> Option<Ticket<'_>> {
        let address = arrival.received.chat.clone()?;
        reading::own_words(&arrival.received.event)?;
        let stored = Stored {
            hotel: arrival.hotel.clone(),
            row: InboxId(arrival.id),
            address,
            event: arrival.received.event.clone(),
        };
        Some(Ticket { queue: &self.0, stored })
    }
}

/// A message that is being stored.
pub(super) struct Ticket<'e> {
    queue: &'e mpsc::Sender<Stored>,
    stored: Stored,
}

impl Ticket<'_> {
    /// It is stored, and new.
    pub(super) fn show(self) {
        if self.queue.try_send(self.stored).is_err() {
            metrics::counter!("hotelbot_early_readings_left_total").increment(1);
        }
    }
}

async fn run(flow: Flow, mut waiting: mpsc::Receiver<Stored>) {
    let mut group = Vec::with_capacity(MOST_TOGETHER);
    while waiting.recv_many(&mut group, MOST_TOGETHER).await > 0 {
        let mut by_hotel: BTreeMap<HotelId, Vec<(Stored, Reading)>> = BTreeMap::new();
        for stored in group.drain(..) {
            let read = reading::of_event(&stored.event).filter(|reading| reading.alert);
            if let Some(reading) = read {
                by_hotel.entry(stored.hotel.clone()).or_default().push((stored, reading));
            }
        }
        for (hotel, alarming) in by_hotel {
            if let Err(error) = raise(&flow, &hotel, alarming).await {
                tracing::warn!(%hotel, error = %super::chain(&error), "an alarm was not raised early; its turn will");
            }
        }
    }
}

async fn raise(flow: &Flow, hotel: &HotelId, alarming: Vec<(Stored, Reading)>) -> crate::store::Result<()> {
    let Some(served) = flow.served(hotel) else { return Ok(()) };
    let mut causes = Vec::with_capacity(alarming.len());
    for (stored, reading) in alarming {
        causes.extend(early_cause(flow, &served, stored, &reading).await?);
    }
    if causes.is_empty() {
        return Ok(());
    }
    let raised = flow.store.raise_early(hotel.clone(), causes, flow.now()).await?;
    metrics::counter!("hotelbot_early_alarms_total").increment(raised as u64);
    Ok(())
}

/// `None` of a colleague, and of another hotel's bot: those are no unhappy guests.
async fn early_cause(
    flow: &Flow,
    served: &Served,
    stored: Stored,
    reading: &Reading,
) -> crate::store::Result<Option<EarlyCause>> {
    if flow.hotels.is_a_hotel(&stored.address) {
        return Ok(None);
    }
    let Some(chat) = flow.store.chat_of_row(&served.hotel.id, stored.row).await? else { return Ok(None) };
    if desk::contact(flow, served, (&stored.address, chat)).await?.is_some() {
        return Ok(None);
    }
    let new = NewCause {
        id: AlertId(flow.clock.new_id()),
        cause: cause(&stored.event, reading),
        hotel: served.hotel.clone(),
    };
    Ok(Some(EarlyCause { row: stored.row, chat, new }))
}

fn cause(event: &ReceivedEvent, reading: &Reading) -> Cause {
    Cause {
        topic: main_topic(&reading.topics),
        severity: None,
        label: reading.label(),
        confidence: reading.confidence().map(Confidence::value),
        reason: reading.attention(),
        department: None,
        words: alarm::words_of(std::iter::once(event)),
        language: reading.language,
        suggested_reply: None,
    }
}
