//! `guests show`

use super::find;
use super::view::GuestView;
use crate::args::guests::Show;
use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use crate::printer::Report;
use crate::stays::StayView;
use crate::words;
use serde::Serialize;
use std::fmt::Write as _;

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    guest: GuestView,
    chats: Vec<ChatView>,
    reservations: Vec<StayView>,
}

#[derive(Serialize)]
struct ChatView {
    chat: String,
    addresses: Vec<String>,
}

/// Shows one guest.
pub async fn run(args: Show, desk: &Desk) -> Outcome {
    let store = desk.store(&desk.settings()?).await?;
    let guest = find(&args.guest, &store, desk).await?;
    let hotel = desk.hotel(&store, &guest.hotel).await?.hotel;
    let mut chats: Vec<ChatView> = Vec::new();
    for known in store.guest_addresses(&guest.hotel, guest.id).await? {
        let (chat, address) = (known.chat.to_string(), desk.guests().address(known.address.as_str()));
        match chats.last_mut().filter(|last| last.chat == chat) {
            Some(last) => last.addresses.push(address),
            None => chats.push(ChatView { chat, addresses: vec![address] }),
        }
    }
    let stays = store.stays_of(&guest.hotel, guest.id).await?;
    let reservations = stays.iter().map(|stay| StayView::of_reservation(&hotel, stay, desk)).collect();
    let guest = GuestView::of(&guest, &hotel.time_zone(), desk);
    desk.printer.report(&Shown { guest, chats, reservations })?;
    Ok(Exit::Done)
}

impl Report for Shown {
    fn text(&self) -> String {
        let guest = &self.guest;
        let mut text = format!("{}, {}\n", guest.name.as_deref().unwrap_or("A guest without a name"), guest.hotel);
        // Writing to a String cannot fail.
        let mut fact = |name: &str, value: &str| {
            let _ = writeln!(text, "{name:9} {value}");
        };
        fact("guest", &guest.guest);
        let known = [
            ("phone", &guest.phone),
            ("email", &guest.email),
            ("country", &guest.country),
            ("language", &guest.language),
        ];
        for (name, value) in known {
            if let Some(value) = value {
                fact(name, value);
            }
        }
        fact("consent", guest.consent);
        for chat in &self.chats {
            fact("chat", &format!("{}  {}", chat.chat, chat.addresses.join(", ")));
        }
        for stay in &self.reservations {
            let days = format!("{} to {}", stay.arrival, stay.departure);
            fact("stay", &format!("{}  {days}  {}", words::one_line(&stay.reservation_id), stay.status));
        }
        text
    }
}
