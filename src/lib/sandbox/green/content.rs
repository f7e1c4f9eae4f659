//! `messageData` of what people do on their phones, for each kind of action.

use serde_json::{Value, json};

use super::guest::Action;
use super::journal::Journal;
use super::notifications;
use super::settings::Flag;

/// The content of a message from a phone.
#[derive(Debug)]
pub struct Made {
    /// `messageData`.
    pub data: Value,
    /// The text in it.
    pub text: String,
    /// The message it quotes.
    pub quoted: Option<String>,
    /// Whether the text is not all there is to it.
    pub keep_data: bool,
    /// The setting it needs beside `incomingWebhook`.
    pub flag: Option<Flag>,
}

impl Made {
    fn new(data: Value, text: &str) -> Self {
        Self { data, text: text.to_owned(), quoted: None, keep_data: true, flag: None }
    }

    fn needing(self, flag: Flag) -> Self {
        Self { flag: Some(flag), ..self }
    }
}

/// What an action of `author` puts into `messageData`; files are under `files_url`.
///
/// # Errors
/// A sentence that says what is missing or unknown.
pub fn of(action: &Action, author: &str, journal: &Journal, files_url: &str) -> Result<Made, String> {
    if let Some(data) = &action.message_data {
        return Ok(Made::new(data.clone(), &action.text));
    }
    Ok(match action.kind.as_str() {
        "" | "text" => text(action, journal, false),
        "extended_text" => text(action, journal, true),
        "voice" => file(action, files_url, &VOICE),
        "image" => file(action, files_url, &IMAGE),
        "video" => file(action, files_url, &VIDEO),
        "document" => file(action, files_url, &DOCUMENT),
        "sticker" => sticker(action, files_url),
        "location" => location(action),
        "contact" => contact(action),
        "contacts" => contacts(action),
        "reaction" => reaction(action, author, journal)?,
        "poll" => poll(action).needing(Flag::Poll),
        "vote" => vote(action, author, journal)?.needing(Flag::Poll),
        "tap" => tap(action, journal)?,
        "choice" => choice(action),
        "edit" => edit(action).needing(Flag::Edited),
        "delete" => delete(action).needing(Flag::Deleted),
        "invite" => invite(),
        unknown => return Err(format!("`{unknown}` is no kind of action")),
    })
}

fn text(action: &Action, journal: &Journal, extended: bool) -> Made {
    let participant = journal.find(&action.about).map_or("", |quoted| quoted.sender.as_str());
    let quoted = (!action.about.is_empty()).then_some((action.about.as_str(), participant));
    Made {
        data: notifications::text(&action.text, quoted, extended),
        text: action.text.clone(),
        quoted: quoted.map(|(id, _)| id.to_owned()),
        keep_data: false,
        flag: None,
    }
}

/// A file as phones send it: the vendor's `typeMessage`, MIME type and name.
struct Sample(&'static str, &'static str, &'static str);

const VOICE: Sample = Sample("audioMessage", "audio/ogg; codecs=opus", "voice.oga");
const IMAGE: Sample = Sample("imageMessage", "image/jpeg", "image.jpg");
const VIDEO: Sample = Sample("videoMessage", "video/mp4", "video.mp4");
const DOCUMENT: Sample = Sample("documentMessage", "application/pdf", "document.pdf");
const STICKER: Sample = Sample("stickerMessage", "image/webp", "sticker.webp");

fn file(action: &Action, files_url: &str, sample: &Sample) -> Made {
    let Sample(kind, mime, name) = sample;
    let data = json!({
        "typeMessage": kind,
        "fileMessageData": {
            "downloadUrl": format!("{files_url}/{name}"), "caption": action.text, "fileName": name,
            "jpegThumbnail": "", "mimeType": mime, "isForwarded": false, "forwardingScore": 0,
        },
    });
    Made::new(data, &action.text)
}

fn sticker(action: &Action, files_url: &str) -> Made {
    let mut made = file(action, files_url, &STICKER);
    made.data["fileMessageData"]["isAnimated"] = false.into();
    made
}

fn location(action: &Action) -> Made {
    let data = json!({
        "typeMessage": "locationMessage",
        "locationMessageData": {
            "nameLocation": action.text, "address": "", "latitude": 7.8804, "longitude": 98.3923, "jpegThumbnail": "",
            "isForwarded": false, "forwardingScore": 0,
        },
    });
    Made::new(data, &action.text)
}

fn contact(action: &Action) -> Made {
    let data = json!({
        "typeMessage": "contactMessage",
        "contactMessageData": {
            "displayName": action.text, "vcard": vcard(&action.text), "isForwarded": false, "forwardingScore": 0,
        },
    });
    Made::new(data, &action.text)
}

/// Several contacts: the vendor nests the object twice.
fn contacts(action: &Action) -> Made {
    let names = if action.choices.is_empty() { std::slice::from_ref(&action.text) } else { &action.choices };
    let contacts: Vec<Value> = names.iter().map(|name| json!({"displayName": name, "vcard": vcard(name)})).collect();
    let data = json!({
        "typeMessage": "contactsArrayMessage",
        "messageData": {"contacts": contacts, "isForwarded": false, "forwardingScore": 0},
    });
    Made::new(data, &action.text)
}

fn vcard(name: &str) -> String {
    format!("BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nTEL;TYPE=mobile:+79990000000\nEND:VCARD")
}

fn reaction(action: &Action, author: &str, journal: &Journal) -> Result<Made, String> {
    if action.about.is_empty() {
        return Err("a reaction needs `about`, the id of the message".into());
    }
    let participant = journal.find(&action.about).map_or(author, |message| message.sender.as_str());
    let data = json!({
        "typeMessage": "reactionMessage",
        "extendedTextMessageData": {"text": action.text},
        "quotedMessage": {"stanzaId": action.about, "participant": participant},
    });
    Ok(Made { quoted: Some(action.about.clone()), ..Made::new(data, &action.text) })
}

fn poll(action: &Action) -> Made {
    let options: Vec<Value> = action.choices.iter().map(|name| json!({"optionName": name})).collect();
    let data = json!({
        "typeMessage": "pollMessage",
        "pollMessageData": {"name": action.text, "options": options, "multipleAnswers": false},
    });
    Made::new(data, &action.text)
}

/// A vote: all options are listed, and only this voter appears, as the vendor sends one user's vote at a time.
fn vote(action: &Action, voter: &str, journal: &Journal) -> Result<Made, String> {
    let poll = journal.find(&action.about).and_then(|poll| poll.data.as_deref());
    let poll = poll.ok_or_else(|| format!("`{}` is no poll of this instance: give its id in `about`", action.about))?;
    let poll = &poll["pollMessageData"];
    let options = poll["options"].as_array().cloned().unwrap_or_default();
    let votes = options.iter().filter_map(|option| option["optionName"].as_str()).map(|name| {
        let chosen = action.choices.iter().any(|choice| choice == name);
        json!({"optionName": name, "optionVoters": if chosen { vec![voter] } else { vec![] }})
    });
    let data = json!({
        "typeMessage": "pollUpdateMessage",
        "pollMessageData": {
            "name": poll["name"], "stanzaId": action.about, "votes": votes.collect::<Vec<_>>(),
            "multipleAnswers": poll["multipleAnswers"],
        },
    });
    Ok(Made::new(data, &action.choices.join(", ")))
}

/// A tap on a reply button. The vendor writes the type in the plural and the object in the singular.
fn tap(action: &Action, journal: &Journal) -> Result<Made, String> {
    let shown = journal.find(&action.about).and_then(|message| message.data.as_deref());
    let shown = shown.ok_or_else(|| format!("`{}` has no buttons: give its id in `about`", action.about))?;
    let buttons = shown["interactiveButtons"]["buttons"].as_array().cloned().unwrap_or_default();
    let wanted = action.choices.first().map_or("", String::as_str);
    let index = buttons.iter().position(|button| button["buttonId"] == wanted);
    let index = index.ok_or_else(|| format!("there is no button `{wanted}`: give its id in `choices`"))?;
    let text = buttons[index]["buttonText"].as_str().unwrap_or_default();
    let data = json!({
        "typeMessage": "templateButtonsReplyMessage",
        "templateButtonReplyMessage": {
            "stanzaId": action.about, "selectedIndex": index, "selectedId": wanted, "selectedDisplayText": text,
        },
    });
    Ok(Made { quoted: Some(action.about.clone()), ..Made::new(data, text) })
}

fn choice(action: &Action) -> Made {
    let data = json!({
        "typeMessage": "listResponseMessage",
        "listResponseMessage": {
            "stanzaId": action.about, "title": action.text, "listType": 1,
            "singleSelectReply": action.choices.first().cloned().unwrap_or_default(),
        },
    });
    Made::new(data, &action.text)
}

fn edit(action: &Action) -> Made {
    let data = json!({
        "typeMessage": "editedMessage",
        "editedMessageData": {"textMessage": action.text, "stanzaId": action.about},
    });
    Made::new(data, &action.text)
}

fn delete(action: &Action) -> Made {
    Made::new(json!({"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": action.about}}), "")
}

fn invite() -> Made {
    let data = json!({
        "typeMessage": "groupInviteMessage",
        "groupInviteMessageData": {
            "groupJid": "120363000000000000@g.us", "inviteCode": "Xy1", "groupName": "Wedding", "caption": "",
            "inviteExpiration": {"low": 1_700_000_000, "high": 0, "unsigned": false}, "jpegThumbnail": "",
        },
    });
    Made::new(data, "")
}
