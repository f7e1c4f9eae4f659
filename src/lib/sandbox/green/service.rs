//! Service methods: contacts, chats, edits, groups and statuses. Groups and statuses are only acknowledged.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Map, Value, json};

use super::api::Incoming;
use super::errors::{self, Refusal};
use super::instance::State;
use super::notifications::{self, Kind, Sender};
use super::settings::Flag;
use super::validate::{Fields, invalid, is_chat_id};
use crate::sandbox::clock::Now;

type Answered = Result<Response<Body>, Refusal>;

/// WhatsApp deletes for everyone for three days.
const DELETE_WITHIN_MS: i64 = 72 * 3600 * 1000;

fn ok(body: &Value) -> Answered {
    Ok(errors::plain_json(200, body))
}

/// The answer to an uploaded picture.
#[must_use]
pub fn picture(method: &str) -> Value {
    json!({method: true, "urlAvatar": "", "reason": null})
}

impl State {
    /// Answers a service method; `None` for a method of another group.
    pub fn service(&mut self, call: &Incoming, body: &Map<String, Value>, now: Now) -> Option<Answered> {
        let fields = Fields(body);
        if let Err(refusal) = self.needs_phone() {
            return Some(Err(refusal));
        }
        Some(match call.method {
            "checkWhatsapp" => self.check_whatsapp(fields),
            "getAvatar" => fields.chat_id("chatId").and_then(|_| ok(&json!({"urlAvatar": "", "available": false}))),
            "getContactInfo" => self.contact_info(fields),
            "getContacts" => ok(&self
                .people()
                .map(|(id, name, kind)| json!({"id": id, "name": name, "contactName": "", "type": kind}))
                .collect()),
            "getChats" => ok(&self.chats()),
            "readChat" => fields.chat_id("chatId").and_then(|_| ok(&json!({"setRead": true}))),
            "editMessage" => self.edit_message(fields, now),
            "deleteMessage" => self.delete_message(fields, now),
            "downloadFile" => self.download_file(fields),
            "setDisappearingChat" => disappearing(fields),
            "addContact" | "editContact" | "deleteContact" => {
                fields.chat_id("chatId").and_then(|_| ok(&json!({call.method: true})))
            }
            "archiveChat" | "unarchiveChat" => fields.chat_id("chatId").map(|_| errors::empty()),
            "getDeviceInfo" => ok(
                &json!({"platform": "android", "deviceManufacturer": "", "deviceModel": "", "osVersion": "", "waVersion": "", "battery": 100}),
            ),
            "createGroup" => self.create_group(fields),
            "getGroupData" => fields.chat_id("groupId").and_then(|id| {
                ok(&json!({"groupId": id, "owner": self.wid, "subject": self.contacts.get(id), "participants": []}))
            }),
            "updateGroupName"
            | "addGroupParticipant"
            | "removeGroupParticipant"
            | "setGroupAdmin"
            | "removeAdmin"
            | "leaveGroup"
            | "updateGroupSettings" => fields.chat_id("groupId").and_then(|_| ok(&json!({call.method: true}))),
            "sendTextStatus" | "sendVoiceStatus" | "sendMediaStatus" => ok(&json!({"idMessage": self.next_id()})),
            "deleteStatus" => Ok(errors::empty()),
            "getIncomingStatuses" | "getOutgoingStatuses" | "getStatusStatistic" => ok(&json!([])),
            _ => return None,
        })
    }

    fn check_whatsapp(&mut self, fields: Fields<'_>) -> Answered {
        let digits = match (fields.0.get("chatId"), fields.0.get("phoneNumber")) {
            (Some(Value::String(chat_id)), _) if chat_id.ends_with("@lid") => {
                let known = self.lids.contains_key(chat_id);
                return ok(&json!({"existsWhatsapp": known, "chatId": if known { chat_id } else { "" }}));
            }
            (Some(Value::String(chat_id)), _) => chat_id.trim_end_matches("@c.us").to_owned(),
            (_, Some(phone)) => phone.as_str().map_or_else(|| phone.to_string(), str::to_owned),
            (_, None) => return Err(invalid("'chatId' is required")),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid("'phoneNumber' must contain only digits"));
        }
        if !(11..=16).contains(&digits.len()) {
            return Err(Refusal::Unreadable("bad phone number, valid from 11 to 16 digits".into()));
        }
        let chat_id = format!("{digits}@c.us");
        if self.without_account.contains(&chat_id) {
            return ok(&json!({"existsWhatsapp": false}));
        }
        let spoken = if self.active.has(Flag::LidMode) { self.lid_of(&chat_id) } else { chat_id };
        ok(&json!({"existsWhatsapp": true, "chatId": spoken}))
    }

    fn contact_info(&self, fields: Fields<'_>) -> Answered {
        let chat_id = self.canonical(fields.chat_id("chatId")?);
        let name = self.contacts.get(&chat_id).map_or("", String::as_str);
        ok(&json!({
            "avatar": "", "name": name, "contactName": "", "email": "", "category": "", "description": "",
            "products": [], "chatId": chat_id, "lastSeen": null, "isArchive": false, "isDisappearing": false,
            "isMute": false, "messageExpiration": 0, "muteExpiration": null, "isBusiness": false,
        }))
    }

    fn people(&self) -> impl Iterator<Item = (&String, &String, &'static str)> {
        let kind = |id: &str| if id.ends_with("@g.us") { "group" } else { "user" };
        self.contacts.iter().map(move |(id, name)| (id, name, kind(id)))
    }

    fn chats(&self) -> Value {
        let chat = |(id, name, kind)| {
            json!({"archive": false, "id": id, "name": name, "type": kind, "ephemeralExpiration": 0,
                "ephemeralSettingTimestamp": 0, "unreadCount": 0})
        };
        self.people().map(chat).collect()
    }

    fn edit_message(&mut self, fields: Fields<'_>, now: Now) -> Answered {
        let chat_id = self.canonical(fields.chat_id("chatId")?);
        let (id, text) = (fields.text("idMessage", 100)?, fields.text("message", 20_000)?);
        let original = self.own(id, &chat_id)?;
        original.edited = true;
        text.clone_into(&mut original.text);
        let event = self.next_id();
        let data = json!({"typeMessage": "editedMessage", "editedMessageData": {"textMessage": text, "stanzaId": id}});
        self.tell_change(&event, &chat_id, data, Flag::Edited, now);
        ok(&json!({"idMessage": event}))
    }

    fn delete_message(&mut self, fields: Fields<'_>, now: Now) -> Answered {
        let chat_id = self.canonical(fields.chat_id("chatId")?);
        let id = fields.text("idMessage", 100)?;
        let only_here = fields.flag("onlySenderDelete")?;
        let original = self.own(id, &chat_id)?;
        original.deleted = true;
        let for_all = !only_here && now.unix_ms - original.accepted.unix_ms <= DELETE_WITHIN_MS;
        if for_all {
            let event = self.next_id();
            let data = json!({"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": id}});
            self.tell_change(&event, &chat_id, data, Flag::Deleted, now);
        }
        Ok(errors::empty())
    }

    fn own(&mut self, id: &str, chat_id: &str) -> Result<&mut super::journal::Message, Refusal> {
        let found = self.journal.find_mut(id).filter(|message| message.chat_id == chat_id && message.outgoing);
        found.ok_or_else(|| invalid("Message not found by id"))
    }

    fn tell_change(&mut self, event: &str, chat_id: &str, data: Value, flag: Flag, now: Now) {
        if !(self.active.has(Flag::OutgoingApiMessage) && self.active.has(flag)) {
            return;
        }
        let name = self.contacts.get(chat_id).cloned().unwrap_or_default();
        let sender = Sender {
            chat_id: self.spoken_chat_id(chat_id, Kind::OutgoingApi),
            sender: self.wid.clone(),
            chat_name: name,
            ..Sender::default()
        };
        let body = notifications::message(Kind::OutgoingApi, event, &sender, data);
        self.notify(Kind::OutgoingApi, event, body, now);
    }

    fn download_file(&self, fields: Fields<'_>) -> Answered {
        let chat_id = self.canonical(fields.chat_id("chatId")?);
        let id = fields.text("idMessage", 100)?;
        let message = self.journal.find(id).filter(|message| message.chat_id == chat_id);
        let data = message.and_then(|message| message.data.as_deref());
        match data.map(|data| &data["fileMessageData"]["downloadUrl"]) {
            Some(Value::String(url)) => ok(&json!({"downloadUrl": url})),
            _ => Err(invalid("Message not found by id")),
        }
    }

    fn create_group(&mut self, fields: Fields<'_>) -> Answered {
        let name = fields.text("groupName", 100)?;
        for chat_id in fields.list("chatIds", 1, 1023)? {
            if !chat_id.as_str().is_some_and(is_chat_id) {
                return Err(invalid("'chatIds' must contain chat ids"));
            }
        }
        let number = self.next_id();
        let id = format!("120363{:012}@g.us", u64::from_str_radix(&number[4..], 16).unwrap_or(0) % 1_000_000_000_000);
        self.contacts.insert(id.clone(), name.to_owned());
        ok(&json!({"created": true, "chatId": id, "groupInviteLink": ""}))
    }
}

fn disappearing(fields: Fields<'_>) -> Answered {
    let chat_id = fields.chat_id("chatId")?;
    let seconds = fields.0.get("ephemeralExpiration").and_then(Value::as_u64).unwrap_or(0);
    if ![0, 86_400, 604_800, 7_776_000].contains(&seconds) {
        return Err(invalid("'ephemeralExpiration' must be one of [0, 86400, 604800, 7776000]"));
    }
    ok(&json!({"chatId": chat_id, "disappearingMessagesInChat": seconds > 0, "ephemeralExpiration": seconds}))
}
