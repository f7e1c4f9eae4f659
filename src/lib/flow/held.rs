//! Which chats are in work here.

use crate::domain::ids::{ChatId, HotelId};
use crate::store::chats::Claim;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The takings in work, from the claim to the end of the commit. Only these are renewed: one whose commit failed must
/// run out, so that its chat is decided anew.
#[derive(Clone, Default)]
pub(super) struct Held(Arc<Mutex<HashMap<(HotelId, ChatId), Claim>>>);

impl Held {
    pub(super) fn take(&self, claim: &Claim) {
        if let Ok(mut held) = self.0.lock() {
            held.insert((claim.hotel.clone(), claim.chat), claim.clone());
        }
    }

    pub(super) fn end(&self, claim: &Claim) {
        if let Ok(mut held) = self.0.lock() {
            let key = (claim.hotel.clone(), claim.chat);
            // The chat may have been taken again meanwhile; that taking goes on.
            if held.get(&key).is_some_and(|known| known.epoch == claim.epoch) {
                held.remove(&key);
            }
        }
    }

    pub(super) fn all(&self) -> Vec<Claim> {
        self.0.lock().map(|held| held.values().cloned().collect()).unwrap_or_default()
    }
}
