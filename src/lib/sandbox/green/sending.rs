//! The send methods: what each checks, and how an accepted message enters the queue.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::errors::Refusal;
use super::instance::State;
use super::journal::{Delivery, Message};
use super::outgoing::Queued;
use super::phase::Phase;
use super::validate::{Fields, invalid};
use crate::sandbox::clock::{Moment, Now};

/// The content of a message that may be sent.
struct Content {
    kind: &'static str,
    text: String,
    data: Option<Value>,
}

/// A send call: which method, what it carries, and its place in the order of the whole sandbox.
#[derive(Debug)]
pub struct Call {
    /// The method.
    pub method: &'static str,
    /// The JSON body, or the fields of the form.
    pub body: Map<String, Value>,
    /// For uploads, the link to the stored file.
    pub file_url: Option<String>,
    /// The order of acceptance.
    pub seq: u64,
}

impl State {
    /// Accepts a message into the queue and returns its id, before anything of it is sent.
    ///
    /// # Errors
    /// What the vendor refuses.
    pub fn send(&mut self, call: Call, now: Now) -> Result<String, Refusal> {
        if self.phase == Phase::Starting {
            return Err(Refusal::Starting);
        }
        let fields = Fields(&call.body);
        let chat_id = self.canonical(fields.chat_id("chatId")?);
        let content = content(call.method, fields, call.file_url)?;
        let typing = fields.typing()?;
        let quoted = fields.optional_text("quotedMessageId", 100)?;
        // A quote works only inside its chat and only if the instance knows the message; else the text goes without.
        let quoted = quoted.filter(|id| self.journal.find(id).is_some_and(|known| known.chat_id == chat_id));
        let kind = if quoted.is_some() && content.data.is_none() { "quotedMessage" } else { content.kind };
        let id = self.next_id();
        let message = Message {
            id: id.clone(),
            seq: call.seq,
            chat_id,
            sender: self.wid.clone(),
            sender_name: String::new(),
            outgoing: true,
            by_api: true,
            kind: kind.to_owned(),
            text: content.text,
            quoted: quoted.map(str::to_owned),
            data: content.data.map(Arc::new),
            accepted: now,
            sent_unix_ms: None,
            carried: 0,
            delivery: Delivery::Queued,
            visible_at: Moment::NEVER,
            journaled: false,
            edited: false,
            deleted: false,
        };
        self.journal.add(message);
        self.enqueue(&id, call.method, call.body, typing, now);
        Ok(id)
    }

    /// `sendTyping`: takes a place in the queue and sends nothing.
    ///
    /// # Errors
    /// What the vendor refuses.
    pub fn send_typing(&mut self, body: Map<String, Value>, now: Now) -> Result<(), Refusal> {
        if self.phase == Phase::Starting {
            return Err(Refusal::Starting);
        }
        let fields = Fields(&body);
        fields.chat_id("chatId")?;
        let typing = fields.typing()?.max(Duration::from_secs(1));
        if let Some(kind) = fields.optional_text("typingType", 20)?
            && kind != "recording"
        {
            return Err(invalid("'typingType' must be [recording]"));
        }
        self.enqueue("", "sendTyping", body, typing, now);
        Ok(())
    }

    fn enqueue(&mut self, id: &str, kind: &'static str, body: Map<String, Value>, typing: Duration, now: Now) {
        if self.outgoing.is_empty() && !typing.is_zero() {
            self.next_send_at = self.next_send_at.max(now.at).plus(typing);
        }
        let queued = Queued { id: id.to_owned(), kind, body: body.into(), typing, queued_unix_ms: now.unix_ms };
        self.outgoing.push_back(queued);
    }

    /// `forwardMessages`: each known message goes to the chat as its own.
    ///
    /// # Errors
    /// What the vendor refuses; an unknown message is among it.
    pub fn forward(&mut self, call: &Call, next_seq: impl Fn() -> u64, now: Now) -> Result<Vec<String>, Refusal> {
        let fields = Fields(&call.body);
        fields.chat_id("chatId")?;
        fields.chat_id("chatIdFrom")?;
        let ids = fields.list("messages", 1, 100)?;
        let mut forwarded = Vec::new();
        for id in ids {
            let known =
                id.as_str().and_then(|id| self.journal.find(id)).ok_or_else(|| invalid("'messages' not found"))?;
            let mut body = Map::new();
            body.insert("chatId".into(), call.body["chatId"].clone());
            body.insert("message".into(), known.text.as_str().into());
            let again = Call { method: "sendMessage", body, file_url: None, seq: next_seq() };
            forwarded.push(self.send(again, now)?);
        }
        Ok(forwarded)
    }

    /// A chat's one name: `@lid` is turned back into the phone it stands for, where that is known.
    #[must_use]
    pub fn canonical(&self, chat_id: &str) -> String {
        self.lids.get(chat_id).cloned().unwrap_or_else(|| chat_id.to_owned())
    }
}

fn content(method: &str, fields: Fields<'_>, file_url: Option<String>) -> Result<Content, Refusal> {
    match method {
        "sendMessage" => text(fields),
        "sendPoll" => poll(fields),
        "sendInteractiveButtons" => buttons(fields, false),
        "sendInteractiveButtonsReply" => buttons(fields, true),
        "sendFileByUrl" => file_by_url(fields),
        "sendFileByUpload" => file(fields, file_url.unwrap_or_default(), fields.text("fileName", 255)?),
        "sendLocation" => location(fields),
        "sendContact" => contact(fields),
        _ => Err(Refusal::NotFound),
    }
}

fn text(fields: Fields<'_>) -> Result<Content, Refusal> {
    let text = fields.text("message", 20_000)?;
    fields.flag("linkPreview")?;
    if let Some(Value::Object(preview)) = fields.0.get("customPreview") {
        let preview = Fields(preview);
        preview.text("title", 300)?;
        preview.optional_text("description", 300)?;
        preview.optional_text("link", 300)?;
    }
    if let Some(size) = fields.optional_text("typePreview", 10)?
        && !matches!(size, "large" | "small")
    {
        return Err(invalid("'typePreview' must be one of [large, small]"));
    }
    Ok(Content { kind: "extendedTextMessage", text: text.to_owned(), data: None })
}

fn poll(fields: Fields<'_>) -> Result<Content, Refusal> {
    let question = fields.text("message", 255)?;
    let options = fields.list("options", 2, 12)?;
    let multiple = fields.flag("multipleAnswers")?;
    let mut names: Vec<&str> = Vec::new();
    for option in options {
        let option = option.as_object().ok_or_else(|| invalid("'options' must contain objects"))?;
        let name = Fields(option).text("optionName", 100)?;
        if names.contains(&name) {
            return Err(invalid("'options' contains a duplicate value"));
        }
        names.push(name);
    }
    let options: Vec<Value> = names.iter().map(|name| json!({"optionName": name})).collect();
    let data = json!({
        "typeMessage": "pollMessage",
        "pollMessageData": {"name": question, "options": options, "multipleAnswers": multiple},
    });
    Ok(Content { kind: "pollMessage", text: question.to_owned(), data: Some(data) })
}

fn buttons(fields: Fields<'_>, reply: bool) -> Result<Content, Refusal> {
    if fields.chat_id("chatId")?.ends_with("@g.us") {
        return Err(invalid("'chatId' must be a personal chat"));
    }
    let body = fields.text("body", 20_000)?;
    let header = fields.optional_text("header", 20_000)?.unwrap_or_default();
    let footer = fields.optional_text("footer", 20_000)?.unwrap_or_default();
    let mut shown = Vec::new();
    for button in fields.list("buttons", 1, 3)? {
        let button = Fields(button.as_object().ok_or_else(|| invalid("'buttons' must contain objects"))?);
        let kind = if reply { "reply" } else { button.text("type", 10)? };
        let mut one = json!({"type": kind, "buttonId": button.text("buttonId", 256)?, "buttonText": button.text("buttonText", 25)?});
        let target = match kind {
            "reply" => None,
            "copy" => Some("copyCode"),
            "call" => Some("phoneNumber"),
            "url" => Some("url"),
            _ => return Err(invalid("'type' must be one of [copy, call, url]")),
        };
        if let Some(target) = target {
            one[target] = button.text(target, 2_000)?.into();
        }
        shown.push(one);
    }
    let data = json!({
        "typeMessage": "interactiveButtons",
        "interactiveButtons": {"titleText": header, "contentText": body, "footerText": footer, "buttons": shown},
    });
    Ok(Content { kind: "interactiveButtons", text: body.to_owned(), data: Some(data) })
}

fn file_by_url(fields: Fields<'_>) -> Result<Content, Refusal> {
    let url = fields.text("urlFile", 2_000)?;
    let odd = |character: char| character.is_whitespace() || "~$€%#£?!".contains(character);
    if !(url.starts_with("http://") || url.starts_with("https://")) || url.contains(odd) {
        return Err(invalid("'urlFile' must be a valid uri"));
    }
    file(fields, url.to_owned(), fields.text("fileName", 255)?)
}

fn file(fields: Fields<'_>, url: String, name: &str) -> Result<Content, Refusal> {
    let Some((_, extension)) = name.rsplit_once('.') else {
        return Err(invalid("'fileName' must have an extension"));
    };
    let caption = fields.optional_text("caption", 20_000)?.unwrap_or_default();
    let (kind, mime) = match extension.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => ("imageMessage", "image/jpeg"),
        "png" => ("imageMessage", "image/png"),
        "mp4" => ("videoMessage", "video/mp4"),
        // A voice note; an mp3 arrives as a document.
        "ogg" | "oga" => ("audioMessage", "audio/ogg"),
        "mp3" => ("documentMessage", "audio/mpeg"),
        "pdf" => ("documentMessage", "application/pdf"),
        "txt" => ("documentMessage", "text/plain"),
        _ => ("documentMessage", "application/octet-stream"),
    };
    let data = json!({
        "typeMessage": kind,
        "fileMessageData": {
            "downloadUrl": url, "caption": caption, "fileName": name, "jpegThumbnail": "", "mimeType": mime,
            "isForwarded": false, "forwardingScore": 0,
        },
    });
    Ok(Content { kind, text: caption.to_owned(), data: Some(data) })
}

fn location(fields: Fields<'_>) -> Result<Content, Refusal> {
    let latitude = fields.number("latitude", -90.0, 90.0)?;
    let longitude = fields.number("longitude", -180.0, 180.0)?;
    let name = fields.optional_text("nameLocation", 1_000)?.unwrap_or_default();
    let address = fields.optional_text("address", 1_000)?.unwrap_or_default();
    let data = json!({
        "typeMessage": "locationMessage",
        "locationMessageData": {
            "nameLocation": name, "address": address, "latitude": latitude, "longitude": longitude, "jpegThumbnail": "",
        },
    });
    Ok(Content { kind: "locationMessage", text: name.to_owned(), data: Some(data) })
}

fn contact(fields: Fields<'_>) -> Result<Content, Refusal> {
    let contact = fields.0.get("contact").and_then(Value::as_object).ok_or_else(|| invalid("'contact' is required"))?;
    let phone = contact.get("phoneContact").ok_or_else(|| invalid("'contact.phoneContact' is required"))?;
    let part = |key: &str| contact.get(key).and_then(Value::as_str).unwrap_or_default();
    let name = [part("firstName"), part("middleName"), part("lastName")].join(" ");
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let phone = phone.to_string().replace('"', "");
    let vcard = format!("BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nTEL;TYPE=mobile:+{phone}\nEND:VCARD");
    let data = json!({"typeMessage": "contactMessage", "contactMessageData": {"displayName": name, "vcard": vcard}});
    Ok(Content { kind: "contactMessage", text: name, data: Some(data) })
}
