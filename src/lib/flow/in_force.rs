//! The hotels that the daemon obeys, kept in memory and refreshed when what is in force changes.

use crate::domain::hotel::Hotel;
use crate::domain::ids::{ChatAddress, HotelId};
use crate::ports::Line;
use crate::store::Store;
use crate::store::hotels::{HotelInForce, SealedSecret};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// One hotel as it is served.
#[derive(Clone, Debug)]
pub struct Served {
    /// As applied.
    pub hotel: Arc<Hotel>,
    /// How it is reached, or why its secrets cannot be had.
    pub line: Result<Line, String>,
    /// Nothing is sent.
    pub paused: bool,
}

/// Finds the secrets of a hotel. Given by `app`, because it knows the environment and the key.
pub type Lines = Arc<dyn Fn(&Hotel, &[SealedSecret]) -> Result<Line, String> + Send + Sync>;

/// See the module.
pub struct InForce {
    served: RwLock<Arc<HashMap<HotelId, Arc<Served>>>>,
    fingerprint: RwLock<String>,
    lines: Lines,
    addresses: RwLock<HashMap<ChatAddress, HotelId>>,
}

impl InForce {
    /// Empty until the first refresh.
    pub fn new(lines: Lines) -> Self {
        Self { served: RwLock::default(), fingerprint: RwLock::default(), lines, addresses: RwLock::default() }
    }

    /// A hotel in force.
    pub fn get(&self, hotel: &HotelId) -> Option<Arc<Served>> {
        self.all().get(hotel).cloned()
    }

    /// All of them.
    pub fn all(&self) -> Arc<HashMap<HotelId, Arc<Served>>> {
        self.served.read().map(|served| served.clone()).unwrap_or_default()
    }

    /// Remembers under which address a hotel itself writes.
    pub fn learn_address(&self, hotel: &HotelId, address: &ChatAddress) {
        if self.addresses.read().is_ok_and(|known| known.get(address) == Some(hotel)) {
            return;
        }
        if let Ok(mut known) = self.addresses.write() {
            known.insert(address.clone(), hotel.clone());
        }
    }

    /// Whether another hotel here writes under this address: two bots must not talk to each other.
    pub fn is_another_hotel(&self, hotel: &HotelId, address: &ChatAddress) -> bool {
        self.addresses.read().is_ok_and(|known| known.get(address).is_some_and(|owner| owner != hotel))
    }

    /// Whether a hotel here, this one included, writes under this address.
    pub fn is_a_hotel(&self, address: &ChatAddress) -> bool {
        self.addresses.read().is_ok_and(|known| known.contains_key(address))
    }

    /// Reads again if anything changed. `true` if it did. One hotel's missing secret stops no other.
    pub async fn refresh(&self, store: &Store) -> crate::store::Result<bool> {
        let now = store.in_force_fingerprint().await?;
        if self.fingerprint.read().is_ok_and(|known| *known == now) {
            return Ok(false);
        }
        let hotels = store.hotels_in_force().await?;
        let secrets = store.secrets().await?;
        let served = hotels.into_iter().map(|hotel| self.serve(hotel, &secrets)).collect();
        if let (Ok(mut current), Ok(mut fingerprint)) = (self.served.write(), self.fingerprint.write()) {
            *current = Arc::new(served);
            *fingerprint = now;
        }
        Ok(true)
    }

    fn serve(&self, in_force: HotelInForce, secrets: &[SealedSecret]) -> (HotelId, Arc<Served>) {
        let line = (self.lines)(&in_force.hotel, secrets);
        if let Err(why) = &line {
            tracing::warn!(hotel = %in_force.hotel.id, why, "the hotel's secrets cannot be had; it is not reachable");
        }
        let id = in_force.hotel.id.clone();
        let paused = in_force.paused_at.is_some();
        (id, Arc::new(Served { hotel: Arc::new(in_force.hotel), line, paused }))
    }
}
