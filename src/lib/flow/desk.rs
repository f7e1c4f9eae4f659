//! What a colleague's words are read with. Nothing is looked up for guests.

use super::Flow;
use super::in_force::Served;
use crate::domain::decide::Event;
use crate::domain::hotel::StaffContact;
use crate::domain::ids::{ChatAddress, ChatId};
use crate::domain::received::ReceivedEvent;
use crate::domain::staff_command::{Desk, parse};
use crate::domain::turn::Turn;
use crate::store::Result;
use crate::store::chats::Gathered;

/// `None` for everybody who is no contact in the hotel's file.
pub(super) async fn of(flow: &Flow, served: &Served, gathered: &Gathered, event: &Event) -> Result<Option<Desk>> {
    let Event::GuestWrote { turn, .. } = event else { return Ok(None) };
    let from = (&gathered.conversation.address, gathered.claim.chat);
    let Some(contact) = contact(flow, served, from).await? else { return Ok(None) };
    let hotel = &served.hotel;
    let quoted = match quoted(gathered, turn) {
        Some(message) => flow.store.alert_told_in(&hotel.id, &message).await?,
        None => None,
    };
    let number = turn.newest().and_then(|message| message.body.words()).and_then(parse).and_then(|order| order.number);
    let numbers: Vec<i64> = number.into_iter().chain(quoted).collect();
    let alerts = flow.store.on_desk(&hotel.id, &numbers, flow.now()).await?;
    let language = hotel.staff.language.unwrap_or_else(|| hotel.fallback_language());
    Ok(Some(Desk { contact: contact.id.clone(), name: contact.name.clone(), language, alerts, quoted }))
}

/// The channel may name a colleague by an address that hides the phone.
pub(super) async fn contact<'a>(
    flow: &Flow,
    served: &'a Served,
    (address, chat): (&ChatAddress, ChatId),
) -> Result<Option<&'a StaffContact>> {
    let staff = &served.hotel.staff;
    if let Some(contact) = staff.contact_of(address) {
        return Ok(Some(contact));
    }
    let is_hidden = address.as_str().ends_with("@lid") && staff.contacts.iter().any(|c| c.whatsapp.is_some());
    if !is_hidden {
        return Ok(None);
    }
    let addresses = flow.store.addresses_of(&served.hotel.id, chat).await?;
    Ok(addresses.iter().find_map(|address| staff.contact_of(address)))
}

/// The message that the newest of the turn quotes.
fn quoted(gathered: &Gathered, turn: &Turn) -> Option<crate::domain::ids::ProviderMessageId> {
    let newest = turn.newest()?;
    gathered.waiting.iter().find_map(|row| match &row.received.event {
        ReceivedEvent::Guest { id, quotes, .. } if *id == newest.id => quotes.clone(),
        _ => None,
    })
}
