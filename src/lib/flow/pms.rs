//! What a PMS delivers → STAYS. What cannot be read is kept for a person; nothing is refused for its content.

use super::Flow;
use super::receive::{Intake, NotTaken, arrival};
use super::stays::Teller;
use crate::domain::hotel::Hotel;
use crate::domain::received::{Received, ReceivedEvent};
use crate::ports::Unread;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// So many unreadable parts of one delivery are kept; more are counted in the answer only.
const MOST_KEPT: usize = 100;
/// How long the reason of an unreadable part may be.
const LONGEST_REASON: usize = 1000;

/// What became of a delivery.
#[derive(Debug)]
pub struct Taken {
    /// Reservations that were told.
    pub told: usize,
    /// Of these new or changed.
    pub changed: usize,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

/// Takes one delivery of a hotel's PMS. Returns once it is durable. The same delivery twice changes nothing.
pub async fn deliver(flow: &Flow, intake: &Intake, hotel: &Arc<Hotel>, body: &[u8]) -> Result<Taken, NotTaken> {
    let delivered = flow.deliveries.read(hotel, body);
    let within = flow.limits.intake_within;
    let work = async {
        for unread in delivered.unread.iter().take(MOST_KEPT) {
            intake.take(arrival(flow, hotel, unreadable(unread), unread.raw.as_bytes())).await?;
        }
        let teller = Teller::of(flow);
        teller.deliver(hotel.clone(), delivered.told, delivered.together).await.map_err(NotTaken::NotDurable)
    };
    let outcome = tokio::time::timeout(within, work).await.unwrap_or(Err(NotTaken::TooSlow))?;
    let changed = outcome.created + outcome.changed;
    Ok(Taken { told: outcome.told, changed, unread: delivered.unread })
}

/// Its key is its content: delivered a hundred times, it is one row.
fn unreadable(unread: &Unread) -> Received {
    let digest = Sha256::digest(unread.raw.as_bytes());
    let key: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let why: String = format!("from the PMS: {}", unread.mistakes.join("; ")).chars().take(LONGEST_REASON).collect();
    Received {
        key: format!("{KEY}{key}"),
        provider_at: None,
        chat: None,
        also_known_as: None,
        sender_name: None,
        own_address: None,
        event: ReceivedEvent::Unreadable { why },
    }
}

/// How the keys of a PMS's unreadable deliveries begin.
pub const KEY: &str = "pms:";
