//! The outbox: one message per reason to write, durable as `sending` before the call, in order, at its pace, and
//! never blindly repeated.

mod outcomes;
mod taking;
mod uncertain;

use crate::support::build;
use crate::support::world::World;
use hotelbot::domain::ids::{HotelId, OutboxId};
use hotelbot::store::journal::ChatFilter;
use hotelbot::store::outbox::{Candidate, TakeForSending};
use std::sync::Arc;
use std::time::Duration;

const ANNA: &str = "79001112233@c.us";
const BORIS: &str = "79004445566@c.us";

/// Plans a reply in a chat of its own turn.
pub async fn planned(world: &World, hotel: &HotelId, chat: &str, name: &str) -> OutboxId {
    let reply = build::reply(&world.clock, &format!("reply:{name}"), &format!("an answer {name}"));
    let id = reply.id;
    world.answered(hotel, chat, &format!("M-{name}"), vec![reply]).await;
    id
}

/// Takes as the world's daemon does, with a pace for every hotel.
pub async fn take_paced(world: &World, gap: Duration) -> Vec<OutboxId> {
    let taken = world
        .store
        .take_for_sending(TakeForSending { gap: Arc::new(move |_| gap), ..world.take() })
        .await
        .expect("taken");
    taken.into_iter().map(|one| one.id).collect()
}

pub fn ids(taken: &[Candidate]) -> Vec<OutboxId> {
    taken.iter().map(|one| one.id).collect()
}

pub async fn waiting(world: &World) -> usize {
    let filter = ChatFilter { waiting: true, limit: 10, ..ChatFilter::default() };
    world.store.chats(&filter).await.expect("listed").len()
}
