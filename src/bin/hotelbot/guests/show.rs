//! `guests show`

use super::find;
use super::view::GuestView;
use crate::args::guests::Show;
use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use crate::printer::Report;
use crate::stays::{ByAnswers, StayView, by_answers};
use crate::words;
use hotelbot::domain::stay::Reservation;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    guest: GuestView,
    chats: Vec<ChatView>,
    reservations: Vec<OfGuest>,
}

#[derive(Serialize)]
struct OfGuest {
    #[serde(flatten)]
    stay: StayView,
    by_answers: ByAnswers,
}

#[derive(Serialize)]
struct ChatView {
    chat: String,
    addresses: Vec<String>,
}

/// Shows one guest.
pub async fn run(args: Show, desk: &Desk) -> Outcome {
    let store = crate::stays::store(&desk.settings()?, desk).await?;
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
    let mut answers = match stays.first() {
        Some(stay) => by_answers(&store, &hotel, &stay.booking.id, desk.now()).await?,
        None => BTreeMap::new(),
    };
    let of_guest = |stay: &Reservation| OfGuest {
        stay: StayView::of_reservation(&hotel, stay, desk),
        by_answers: answers.remove(&stay.booking.id).unwrap_or_default(),
    };
    let reservations = stays.iter().map(of_guest).collect();
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
        for OfGuest { stay, by_answers } in &self.reservations {
            let days = format!("{} to {}", stay.arrival, stay.departure);
            fact("stay", &format!("{}  {days}  {}", words::one_line(&stay.reservation_id), stay.status));
            for (name, value) in by_answers.lines() {
                fact(&format!("  {name}"), &value);
            }
        }
        text
    }
}
