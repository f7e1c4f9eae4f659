//! `chats tail`: follows conversations, from the database alone, so that it works beside any daemon; where there is a
//! Redis, the daemons' bell makes it look at once.

use super::alarms::Alarms;
use super::message::{Before, MessageView, line, reading_line};
use super::{Found, find};
use crate::args::chats::Tail;
use crate::desk::{Desk, Zones};
use crate::fail::Outcome;
use crate::words;
use hotelbot::domain::ids::{ChatId, HotelId, MessageId};
use hotelbot::domain::message::{Author, Delivery};
use hotelbot::ports::Topic;
use hotelbot::store::Store;
use hotelbot::store::alerts::AlertFilter;
use hotelbot::store::hotels::HotelInForce;
use hotelbot::store::journal::JournalMessage;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::HashMap;
use std::time::Duration;

/// Between two looks, unless the bell rings.
const EVERY: Duration = Duration::from_millis(300);
/// A guest's message waits this long for its reading, so that both stand on one line.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a message is watched after it was written: for its reading, and for how far it gets.
const WATCHED: SignedDuration = SignedDuration::from_mins(10);
/// Rows in one question to the database.
const PAGE: i64 = 500;

/// One line of `--json`.
#[derive(Serialize)]
struct Happened<'a> {
    event: &'static str,
    hotel: &'a str,
    chat: String,
    address: String,
    #[serde(flatten)]
    message: MessageView,
}

/// What was already told about a message.
struct Told {
    at: Timestamp,
    read: bool,
    delivery: Option<Delivery>,
}

/// One run of following.
struct Follower<'d> {
    desk: &'d Desk,
    store: Store,
    zones: Zones,
    chat: Option<(HotelId, ChatId)>,
    from: Timestamp,
    told: HashMap<MessageId, Told>,
    alarms: Alarms,
    several: bool,
}

/// Follows until interrupted.
pub async fn run(args: Tail, desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let bell = hotelbot::app::bell(&settings).await?;
    let store = desk.store(&settings).await?;
    let hotels = desk.hotels(&store).await?;
    let zones = Zones::of(&hotels);
    let found = match &args.chat {
        Some(words) => Some(find(words, &store, desk).await?),
        None => None,
    };
    desk.printer.note(&greeting(&hotels, found.as_ref(), desk));
    let now = desk.now();
    let since = args.since.and_then(|since| zones.iter().map(|zone| since.instant(now, zone)).min());
    let several = found.is_none() && hotels.len() > 1;
    let chat = found.map(|found| (found.hotel, found.conversation.id));
    let from = since.unwrap_or(now);
    let alarms = Alarms::new(&hotels, from);
    let mut follower = Follower { desk, store, zones, chat, from, told: HashMap::new(), alarms, several };
    loop {
        follower.look().await?;
        bell.wait(Topic::Journal, EVERY).await;
    }
}

fn greeting(hotels: &[HotelInForce], found: Option<&Found>, desk: &Desk) -> String {
    let (whom, zone) = match (found, hotels) {
        (Some(found), _) => (format!("{}, {}", found.guest(desk), found.hotel), Some(found.zone())),
        (None, [one]) => (one.hotel.id.to_string(), Some(one.hotel.time_zone())),
        (None, many) => (words::count(many.len(), "hotel", "hotels"), None),
    };
    let time = match zone {
        Some(zone) => format!("hotel time ({})", abbreviation(&zone, desk.now())),
        None => "each in its own time".to_owned(),
    };
    format!("Following {whom}, {time}; Ctrl-C to stop")
}

fn abbreviation(zone: &TimeZone, now: Timestamp) -> String {
    zone.to_offset_info(now).abbreviation().to_owned()
}

impl Follower<'_> {
    async fn look(&mut self) -> anyhow::Result<()> {
        let now = self.desk.now();
        let mut since = self.from;
        loop {
            let page = self.store.messages_since(&self.desk.global.hotel, since, PAGE).await?;
            for message in &page {
                if self.is_followed(message) {
                    self.tell(message, now)?;
                }
            }
            match page.last() {
                Some(last) if page.len() >= PAGE as usize && last.message.at > since => since = last.message.at,
                _ => break,
            }
        }
        self.look_at_alerts().await?;
        self.forget(now);
        Ok(())
    }

    /// After the messages, so that an alert stands below the words that raised it.
    async fn look_at_alerts(&mut self) -> anyhow::Result<()> {
        let hotels = self.desk.global.hotel.clone();
        let filter = AlertFilter { hotels, all: true, since: Some(self.from), limit: PAGE };
        let mut alerts = self.store.alerts(&filter).await?;
        if let Some((hotel, chat)) = &self.chat {
            alerts.retain(|view| view.alert.hotel == *hotel && view.alert.chat == *chat);
        }
        self.alarms.tell(&alerts, self.several, &self.zones, self.desk)
    }

    fn is_followed(&self, message: &JournalMessage) -> bool {
        self.chat.as_ref().is_none_or(|(hotel, chat)| message.hotel == *hotel && message.message.chat == *chat)
    }

    /// Each message once; what becomes known of it later is a line of its own.
    fn tell(&mut self, journal: &JournalMessage, now: Timestamp) -> anyhow::Result<()> {
        let message = &journal.message;
        let read = message.author != Author::Guest || journal.turn.is_some();
        let Some(told) = self.told.get(&message.id) else {
            if !read && words::since(now, message.at) < PATIENCE {
                return Ok(());
            }
            self.told.insert(message.id, Told { at: message.at, read, delivery: message.delivery });
            return self.print("message", journal);
        };
        if read && !told.read {
            self.told.insert(message.id, Told { at: message.at, read, delivery: message.delivery });
            return self.print("reading", journal);
        }
        if message.delivery != told.delivery {
            self.told.insert(message.id, Told { at: message.at, read, delivery: message.delivery });
            return self.print("delivery", journal);
        }
        Ok(())
    }

    fn print(&self, event: &'static str, journal: &JournalMessage) -> anyhow::Result<()> {
        let zone = self.zones.get(&journal.hotel);
        if self.desk.printer.is_json() {
            let happened = Happened {
                event,
                hotel: journal.hotel.as_str(),
                chat: journal.message.chat.to_string(),
                address: self.desk.guests().address(&journal.address),
                message: MessageView::of(journal, &zone),
            };
            return Ok(self.desk.printer.json_line(&happened)?);
        }
        let before = Before { hotel: self.several.then(|| journal.hotel.as_str()), guest: true };
        let line = match event {
            "message" => line(journal, &before, &zone, self.desk),
            "reading" => reading_line(journal, &before, &zone, self.desk),
            _ => return Ok(()),
        };
        Ok(self.desk.printer.out(&line)?)
    }

    /// What is old enough is not looked at any more.
    fn forget(&mut self, now: Timestamp) {
        let horizon = now.checked_sub(WATCHED).unwrap_or(self.from);
        self.from = self.from.max(horizon);
        self.told.retain(|_, told| told.at >= horizon);
    }
}
