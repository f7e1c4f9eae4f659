//! One notification → [`Received`]: pure, never fails, and never panics. What cannot be read is kept as
//! `Unreadable` for a person; the vendor is answered 200 either way, or the hotel's feed would stand still.
//!
//! The key makes two deliveries of one event one row: `m:` a message, `m:…:swe` one that was not decrypted (its
//! real text may follow under the same id), `e:` an echo of ours, `s:` a status, `i:` a state, `c:` a call,
//! `x:` the hash of a body that has no id of its own.

use super::address::{self, Address};
use super::fields::{at, identifier, remark, whole, words};
use super::message;
use crate::domain::ids::{ChatAddress, InstanceId, ProviderMessageId};
use crate::domain::message::Delivery;
use crate::domain::received::{Body, InstanceState, Received, ReceivedEvent};
use crate::gateways::strict_json;
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Reads one notification of this instance.
pub fn parse(instance: &InstanceId, body: &[u8]) -> Received {
    read(instance, body).unwrap_or_else(|why| Received {
        key: hash_key(body),
        provider_at: None,
        chat: None,
        also_known_as: None,
        sender_name: None,
        own_address: None,
        event: ReceivedEvent::Unreadable { why },
    })
}

fn read(instance: &InstanceId, body: &[u8]) -> Result<Received, String> {
    let json = strict_json::read(body)?;
    // The polling method wraps the notification; its samples get pasted whole.
    let json = if json.get("typeWebhook").is_none() { at(&json, &["body"]) } else { &json };
    if !json.is_object() {
        return Err("not an object".to_owned());
    }
    let kind = at(json, &["typeWebhook"]).as_str().filter(|kind| !kind.trim().is_empty()).ok_or("no typeWebhook")?;
    belongs_to(instance, json)?;
    let notification = Notification { json, kind, raw: body };
    match at(json, &["instanceData", "typeInstance"]) {
        Value::String(messenger) if is_another_messenger(messenger) => {
            Ok(notification.ignored("an instance of another messenger"))
        }
        _ => notification.read(),
    }
}

/// The vendor sells MAX (`v3`) and Telegram under the same interface; their addresses mean something else. A word that
/// is not known yet says less than the token, which is that of a WhatsApp instance.
fn is_another_messenger(messenger: &str) -> bool {
    ["v3", "max", "telegram"].iter().any(|other| messenger.trim().eq_ignore_ascii_case(other))
}

/// A right token with another hotel's number in the body is a mistake or an attack; it has no effect in either. A body
/// that names no instance belongs to the one whose token came with it.
fn belongs_to(instance: &InstanceId, json: &Value) -> Result<(), String> {
    let named = at(json, &["instanceData", "idInstance"]);
    if named.is_null() {
        return Ok(());
    }
    let named = whole(named).filter(|id| *id >= 0).ok_or("idInstance is not a whole number")?;
    match instance.as_str().parse() == Ok(named) {
        true => Ok(()),
        false => Err("instance of another hotel".to_owned()),
    }
}

/// A notification whose envelope was read.
#[derive(Clone, Copy)]
struct Notification<'a> {
    json: &'a Value,
    kind: &'a str,
    raw: &'a [u8],
}

impl Notification<'_> {
    fn read(self) -> Result<Received, String> {
        // One published sample of a used-up quota calls itself `incomingBlock`.
        if at(self.json, &["quotaData"]).is_object() {
            return Ok(self.quota());
        }
        // Its documentation spells `outgoingApiMessage` and `outgoingAPIMessage`.
        match self.kind.trim().to_ascii_lowercase().as_str() {
            "incomingmessagereceived" => self.incoming(),
            "outgoingmessagereceived" => self.by_staff(),
            "outgoingapimessagereceived" => self.echo(),
            "outgoingmessagestatus" => self.status(),
            "stateinstancechanged" | "statusinstancechanged" => self.state(),
            "incomingcall" => self.call(),
            "outgoingcall" => Ok(self.ignored("the hotel called")),
            "incomingblock" => Ok(self.block()),
            "quotaexceeded" => Ok(self.quota()),
            "deviceinfo" | "avatarinfo" => Ok(self.ignored("information about a device or a picture")),
            _ => Ok(self.ignored("an unknown typeWebhook")),
        }
    }

    /// A guest's message; or a group, a status, our own words sent back to us.
    fn incoming(self) -> Result<Received, String> {
        let id = self.id()?;
        let chat = match self.chat()? {
            Ok(chat) => chat,
            Err(why) => return Ok(self.ignored_message(&id, why)),
        };
        let sender_text = identifier(at(self.json, &["senderData", "sender"])).ok_or("no sender")?;
        let sender = Address::parse(&sender_text).person();
        let mut voters = vec![chat.clone()];
        voters.extend(sender.clone());
        voters.extend(self.sender_phone());
        let content = message::read(self.message_data()?, &voters);
        if self.is_own(&chat, sender.as_ref()) && !matches!(content.body, Body::Tap { .. }) {
            // Only a person taps, so a tap cannot be an echo of ours and answering it cannot go round in circles.
            return Ok(self.ignored_message(&id, "own number"));
        }
        let key = message_key(&id, &content.body);
        let also_known_as = self.alias(&chat, sender);
        let sender_name = self.sender_name();
        let event = ReceivedEvent::Guest { id, body: content.body, quotes: content.quotes };
        Ok(Received { also_known_as, sender_name, ..self.received(key, Some(chat), event) })
    }

    /// A message from the hotel's own phone.
    fn by_staff(self) -> Result<Received, String> {
        let id = self.id()?;
        let chat = match self.chat()? {
            Ok(chat) => chat,
            Err(why) => return Ok(self.ignored_message(&id, why)),
        };
        let voters: Vec<ChatAddress> = self.own_number().into_iter().chain(self.sender()).collect();
        let content = message::read(self.message_data()?, &voters);
        let key = message_key(&id, &content.body);
        let event = ReceivedEvent::Staff { id, body: content.body, quotes: content.quotes };
        Ok(self.received(key, Some(chat), event))
    }

    /// A message we sent, to whatever chat: evidence.
    fn echo(self) -> Result<Received, String> {
        let id = self.id()?;
        let chat = Address::parse(&self.chat_text()?).chat();
        let content = message::read(self.message_data()?, &[]);
        let text = match &content.body {
            Body::Edited { text, .. } => text.clone(),
            body => body.words().unwrap_or_default().to_owned(),
        };
        let key = format!("e:{id}");
        let event = ReceivedEvent::Echo { id, text, quotes: content.quotes };
        Ok(self.received(key, chat, event))
    }

    /// Older bodies name no chat; a status is found by its message's id alone.
    fn status(self) -> Result<Received, String> {
        let id = self.id()?;
        let status = remark(at(self.json, &["status"]).as_str().unwrap_or_default(), 40);
        let description = remark(at(self.json, &["description"]).as_str().unwrap_or_default(), 200);
        let detail = if description.is_empty() { status.clone() } else { format!("{status}: {description}") };
        let chat = at(self.json, &["chatId"]).as_str().and_then(|text| Address::parse(text).chat());
        let event = ReceivedEvent::Status { delivery: delivery(&status), detail, id: id.clone() };
        Ok(self.received(format!("s:{id}:{status}"), chat, event))
    }

    fn state(self) -> Result<Received, String> {
        let Some(state) = identifier(at(self.json, &["stateInstance"])) else {
            return match at(self.json, &["statusInstance"]) {
                Value::String(_) => Ok(self.ignored("whether the phone is online")),
                _ => Err("no stateInstance".to_owned()),
            };
        };
        let stamp = at(self.json, &["timestamp"]);
        let stamp = whole(stamp).map_or_else(|| hash_key(self.raw), |seconds| seconds.to_string());
        let event = ReceivedEvent::Instance { state: InstanceState::from(state.clone()) };
        Ok(self.received(format!("i:{state}:{stamp}"), None, event))
    }

    fn call(self) -> Result<Received, String> {
        let status = remark(at(self.json, &["status"]).as_str().unwrap_or_default(), 40);
        // The call's id stays the same from `offer` to `missed`, and each is an event of its own.
        let key = match identifier(at(self.json, &["idMessage"])) {
            Some(id) => format!("c:{id}:{status}"),
            None => hash_key(self.raw),
        };
        let from = at(self.json, &["from"]).as_str().unwrap_or_default();
        let Some(chat) = Address::parse(from).person() else {
            return Ok(Received { key, ..self.ignored("a call that is not from a person") });
        };
        Ok(self.received(key, Some(chat), ReceivedEvent::Call { status }))
    }

    fn block(self) -> Received {
        let chat = at(self.json, &["chatId"]).as_str().and_then(|text| Address::parse(text).person());
        let state = remark(at(self.json, &["chatState"]).as_str().unwrap_or_default(), 40);
        if state != "blocked" {
            return Received { chat, ..self.ignored("a block was lifted") };
        }
        let detail = "the guest blocked this number".to_owned();
        let event = ReceivedEvent::Warning { kind: "blocked".to_owned(), detail };
        self.received(hash_key(self.raw), chat, event)
    }

    /// The vendor's description lists the guests' numbers; what is used of how much says the same.
    fn quota(self) -> Received {
        let part = |name| match at(self.json, &["quotaData", name]) {
            Value::String(text) => remark(text, 60),
            Value::Number(number) => number.to_string(),
            _ => "?".to_owned(),
        };
        let detail = format!("{}: {} of {} used, {}", part("method"), part("used"), part("total"), part("status"));
        self.received(hash_key(self.raw), None, ReceivedEvent::Warning { kind: "quota".to_owned(), detail })
    }

    fn ignored(self, why: &str) -> Received {
        self.received(hash_key(self.raw), None, ReceivedEvent::Ignored { why: why.to_owned() })
    }

    fn ignored_message(self, id: &ProviderMessageId, why: &str) -> Received {
        Received { key: format!("m:{id}"), ..self.ignored(why) }
    }

    fn received(self, key: String, chat: Option<ChatAddress>, event: ReceivedEvent) -> Received {
        Received {
            key,
            provider_at: moment(at(self.json, &["timestamp"])),
            chat,
            also_known_as: None,
            sender_name: None,
            own_address: self.own_number(),
            event,
        }
    }

    fn id(self) -> Result<ProviderMessageId, String> {
        identifier(at(self.json, &["idMessage"])).map(ProviderMessageId).ok_or_else(|| "no idMessage".to_owned())
    }

    fn message_data(&self) -> Result<&Value, String> {
        let data = at(self.json, &["messageData"]);
        if data.is_object() { Ok(data) } else { Err("no messageData".to_owned()) }
    }

    fn chat_text(&self) -> Result<String, String> {
        match at(self.json, &["senderData", "chatId"]) {
            Value::String(text) if !text.trim().is_empty() => Ok(text.clone()),
            number => identifier(number).ok_or_else(|| "no chatId".to_owned()),
        }
    }

    /// The person's chat, or why the message is not one between two.
    fn chat(&self) -> Result<Result<ChatAddress, &'static str>, String> {
        match Address::parse(&self.chat_text()?) {
            Address::Person(chat) => Ok(Ok(chat)),
            Address::Group(_) => Ok(Err("a group")),
            Address::Broadcast => Ok(Err("a status or a broadcast")),
            Address::Newsletter => Ok(Err("a channel")),
            Address::Unknown => Err("chatId is not an address".to_owned()),
        }
    }

    fn sender(&self) -> Option<ChatAddress> {
        Address::parse(at(self.json, &["senderData", "sender"]).as_str()?).person()
    }

    /// The phone beside an address that hides it.
    fn sender_phone(&self) -> Option<ChatAddress> {
        let digits = identifier(at(self.json, &["senderData", "senderPhoneNumber"]))?;
        let is_phone = (7..=16).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        is_phone.then(|| ChatAddress(format!("{digits}@c.us")))
    }

    /// The profile name; without one, the name in the hotel's phone book.
    fn sender_name(&self) -> Option<String> {
        let name = ["senderName", "senderContactName", "chatName"]
            .iter()
            .find_map(|key| words(self.json, &["senderData", key]))?;
        let name: String = name.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_NAME).collect();
        (!name.is_empty()).then_some(name)
    }

    /// The hotel's own number; empty while the instance is not authorised.
    fn own_number(&self) -> Option<ChatAddress> {
        Address::parse(at(self.json, &["instanceData", "wid"]).as_str()?).person()
    }

    fn is_own(&self, chat: &ChatAddress, sender: Option<&ChatAddress>) -> bool {
        self.own_number().is_some_and(|own| *chat == own || sender == Some(&own))
    }

    /// The same person under the other kind of address.
    fn alias(&self, chat: &ChatAddress, sender: Option<ChatAddress>) -> Option<ChatAddress> {
        let is_other_kind = |other: &ChatAddress| address::is_lid(chat) != address::is_lid(other);
        sender.filter(is_other_kind).or_else(|| self.sender_phone().filter(is_other_kind))
    }
}

/// WhatsApp's own limit is 25 characters; phone books have more.
const LONGEST_NAME: usize = 100;

fn message_key(id: &ProviderMessageId, body: &Body) -> String {
    match body {
        Body::Undecrypted => format!("m:{id}:swe"),
        _ => format!("m:{id}"),
    }
}

fn hash_key(body: &[u8]) -> String {
    let mut key = "x:".to_owned();
    for byte in Sha256::digest(body) {
        write!(key, "{byte:02x}").expect("writing to a String cannot fail");
    }
    key
}

/// `yellowCard` and an empty status (green-api issue 1086) say nothing about whether the message will arrive.
fn delivery(status: &str) -> Option<Delivery> {
    match status {
        "sent" => Some(Delivery::Sent),
        "delivered" => Some(Delivery::Delivered),
        "read" | "played" => Some(Delivery::Read),
        "failed" | "noAccount" | "notInGroup" | "noActiveSession" => Some(Delivery::Refused),
        _ => None,
    }
}

/// When it happened: Unix seconds, or milli- or microseconds by their size. `None` outside 2009 (WhatsApp's first
/// year) to 2100: a wrong time must not make a message look stale.
pub(super) fn moment(value: &Value) -> Option<Timestamp> {
    const FIRST: i64 = 1_230_768_000;
    const LAST: i64 = 4_102_444_800;
    let number = whole(value).or_else(|| value.as_f64().filter(|n| n.abs() < 1e17).map(|n| n as i64))?;
    let seconds = match number {
        100_000_000_000..100_000_000_000_000 => number / 1_000,
        100_000_000_000_000.. => number / 1_000_000,
        _ => number,
    };
    (FIRST..LAST).contains(&seconds).then(|| Timestamp::from_second(seconds).ok()).flatten()
}
