//! `messageData` → [`Body`]: one line for each `typeMessage`, the work in a function a family.
//!
//! The vendor nests the same facts differently in webhooks, in journals and in older versions, and spells some types
//! in two ways; every reader here looks in all known places and takes the first that holds something, and where none
//! does, anywhere in the message: whatever the vendor changes, the guest's words are not lost.

use super::choices;
use super::fields::{at, first_words, identifier, words};
use crate::domain::ids::{ChatAddress, ProviderMessageId};
use crate::domain::received::{Body, MediaKind};
use serde_json::Value;

/// The content of a message, and the message it quotes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Content {
    pub(super) body: Body,
    pub(super) quotes: Option<ProviderMessageId>,
}

/// Reads `messageData`. `voters` are the addresses of the sender, to find the sender's own vote in a poll.
pub(super) fn read(data: &Value, voters: &[ChatAddress]) -> Content {
    let kind = kind(data);
    let body = match kind {
        "textMessage" | "extendedTextMessage" | "quotedMessage" => text(data),
        "imageMessage" => media(data, MediaKind::Image),
        "videoMessage" => media(data, MediaKind::Video),
        "documentMessage" => media(data, MediaKind::Document),
        "audioMessage" | "voiceMessage" | "pttMessage" => media(data, MediaKind::Audio),
        "stickerMessage" => Body::Sticker,
        "locationMessage" | "liveLocationMessage" => location(data),
        "contactMessage" | "contactsArrayMessage" => contacts(data),
        "reactionMessage" => reaction(data),
        "pollMessage" => {
            Body::Poll { question: first_words(data, &[&["pollMessageData", "name"], &["name"]]).unwrap_or_default() }
        }
        "pollUpdateMessage" => choices::vote(data, voters),
        "editedMessage" => edited(data),
        "deletedMessage" => Body::Deleted {
            original: stanza(data, &["deletedMessageData"]).or_else(|| id(data, &["deletedMessageId"])),
        },
        _ => choices::tap(data, kind).unwrap_or_else(|| other(data, kind)),
    };
    let quotes = quotes(data, &body);
    Content { body, quotes }
}

/// The vendor's `typeMessage`; where it is missing, what the object beside it is named after.
fn kind(data: &Value) -> &str {
    const OBJECTS: &[(&str, &str)] = &[
        ("textMessageData", "textMessage"),
        ("editedMessageData", "editedMessage"),
        ("deletedMessageData", "deletedMessage"),
        ("extendedTextMessageData", "extendedTextMessage"),
        ("locationMessageData", "locationMessage"),
        ("contactMessageData", "contactMessage"),
        ("fileMessageData", "documentMessage"),
    ];
    let named = at(data, &["typeMessage"]).as_str().unwrap_or_default().trim();
    let beside = || OBJECTS.iter().find(|(object, _)| at(data, &[object]).is_object()).map_or("", |(_, kind)| kind);
    if named.is_empty() { beside() } else { named }
}

/// Ordinary words can come as `extendedTextMessage` as well as `textMessage`, and quoting ones as `quotedMessage`.
fn text(data: &Value) -> Body {
    const PLACES: &[&[&str]] = &[
        &["textMessageData", "textMessage"],
        &["extendedTextMessageData", "text"],
        &["extendedTextMessage", "text"],
        &["textMessage"],
        // A link sent without words has only what its preview says.
        &["extendedTextMessageData", "title"],
        &["extendedTextMessageData", "description"],
    ];
    match first_words(data, PLACES).or_else(|| anywhere(data, WORDS)) {
        Some(text) if is_undecrypted(&text) => Body::Undecrypted,
        Some(text) => Body::Text(text),
        None => Body::Text(String::new()),
    }
}

/// Whether the whole text is one of the vendor's `{{SWE001}}` marks.
fn is_undecrypted(text: &str) -> bool {
    let digits = text.trim().strip_prefix("{{SWE").and_then(|rest| rest.strip_suffix("}}"));
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn media(data: &Value, kind: MediaKind) -> Body {
    let caption = first_words(data, &[&["fileMessageData", "caption"], &["caption"]]);
    Body::Media { kind, caption: caption.or_else(|| anywhere(data, &["caption"])) }
}

/// Name and address; where a place has neither, its coordinates, which staff can at least look up.
fn location(data: &Value) -> Body {
    let place = ["locationMessageData", "location"].iter().map(|key| at(data, &[key])).find(|v| v.is_object());
    let Some(place) = place else { return Body::Location { label: String::new() } };
    let named: Vec<String> = ["nameLocation", "address"].iter().filter_map(|key| words(place, &[key])).collect();
    let label = match (named.is_empty(), degrees(at(place, &["latitude"])), degrees(at(place, &["longitude"]))) {
        (true, Some(latitude), Some(longitude)) => format!("{latitude:.6}, {longitude:.6}"),
        _ => named.join(", "),
    };
    Body::Location { label }
}

fn degrees(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// One card, or several: those are nested twice (`messageData.messageData.contacts`).
fn contacts(data: &Value) -> Body {
    let one = ["contactMessageData", "contact"].iter().map(|key| at(data, &[key]));
    let many: [&[&str]; 4] = [
        &["messageData", "contacts"],
        &["contactsArrayMessageData", "contacts"],
        &["contactsArray", "contacts"],
        &["contacts"],
    ];
    let many = many.iter().filter_map(|path| at(data, path).as_array()).flatten();
    Body::Contacts { names: one.chain(many).filter_map(name_on_card).collect() }
}

fn name_on_card(card: &Value) -> Option<String> {
    // A full name may have parameters: `FN;CHARSET=UTF-8:Ann`.
    let full_name = |line: &str| match line.split_once(':')? {
        (field, name) if field == "FN" || field.starts_with("FN;") => Some(name.trim().to_owned()),
        _ => None,
    };
    words(card, &["displayName"]).or_else(|| words(card, &["vcard"])?.lines().find_map(full_name))
}

fn reaction(data: &Value) -> Body {
    let emoji = first_words(
        data,
        &[
            &["extendedTextMessageData", "text"],
            &["reactionMessageData", "text"],
            &["reactionMessage", "text"],
            &["textMessage"],
        ],
    );
    Body::Reaction { to: quoted(data), emoji: emoji.unwrap_or_default() }
}

fn edited(data: &Value) -> Body {
    let text = first_words(
        data,
        &[&["editedMessageData", "textMessage"], &["editedMessageData", "caption"], &["textMessage"], &["caption"]],
    );
    let text = text.or_else(|| anywhere(data, WORDS)).unwrap_or_default();
    let original = stanza(data, &["editedMessageData"]).or_else(|| id(data, &["editedMessageId"]));
    Body::Edited { original, text }
}

/// Messages with buttons, invitations, and whatever comes next: the kind's name and the words found in it.
fn other(data: &Value, kind: &str) -> Body {
    Body::Other { kind: kind.chars().filter(|c| !c.is_control()).take(64).collect(), text: anywhere(data, WORDS) }
}

/// What the vendor calls words, the more telling before the less: a text before the title above it.
const WORDS: &[&str] = &[
    "text",
    "textMessage",
    "contentText",
    "body",
    "caption",
    "message",
    "conversation",
    "titleText",
    "header",
    "title",
    "name",
    "groupName",
    "description",
];

/// The first words under any of the names, in the message or in an object of it, but not in the message it quotes.
fn anywhere(data: &Value, names: &[&str]) -> Option<String> {
    let mut objects = Vec::new();
    gather(data, DEEPEST, &mut objects);
    names.iter().find_map(|name| objects.iter().find_map(|object| words(object, &[name])))
}

/// How deep words are looked for: one step below `messageData.messageData.contacts`.
const DEEPEST: usize = 4;

fn gather<'a>(value: &'a Value, levels: usize, objects: &mut Vec<&'a Value>) {
    let Some(object) = value.as_object() else { return };
    objects.push(value);
    for (name, inner) in object.iter().filter(|(name, _)| *name != "quotedMessage") {
        if levels > 1 && !name.is_empty() {
            gather(inner, levels - 1, objects);
        }
    }
}

/// The message this one answers, for the kinds of messages that can answer one.
fn quotes(data: &Value, body: &Body) -> Option<ProviderMessageId> {
    match body {
        Body::Reaction { .. }
        | Body::Tap { .. }
        | Body::PollVote { .. }
        | Body::Edited { .. }
        | Body::Deleted { .. } => None,
        _ => quoted(data),
    }
}

fn quoted(data: &Value) -> Option<ProviderMessageId> {
    stanza(data, &["quotedMessage"]).or_else(|| stanza(data, &["extendedTextMessageData"]))
}

pub(super) fn stanza(data: &Value, path: &[&str]) -> Option<ProviderMessageId> {
    id(at(data, path), &["stanzaId"])
}

pub(super) fn id(data: &Value, path: &[&str]) -> Option<ProviderMessageId> {
    identifier(at(data, path)).map(ProviderMessageId)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{GUEST, body, found};
    use super::*;
    use serde_json::json;

    #[test]
    fn words_are_found_wherever_the_vendor_puts_them() {
        for data in [
            json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": "wi-fi?", "isTemplateMessage": false}}),
            json!({"typeMessage": "extendedTextMessage", "extendedTextMessageData": {"text": "wi-fi?", "isForwarded": "false", "sourceType": "ad"}}),
            json!({"typeMessage": "quotedMessage", "extendedTextMessageData": {"text": "wi-fi?", "stanzaId": "Q"}}),
            json!({"typeMessage": "textMessage", "textMessage": "wi-fi?"}),
            json!({"typeMessage": "extendedTextMessage", "extendedTextMessage": {"text": "wi-fi?"}, "textMessage": "other"}),
        ] {
            assert_eq!(body(data.clone()), Body::Text("wi-fi?".to_owned()), "{data}");
        }
    }

    #[test]
    fn w33_a_mark_of_the_vendor_is_not_what_the_guest_wrote() {
        for mark in ["{{SWE001}}", "{{SWE003}}", " {{SWE999}}\n"] {
            assert_eq!(
                body(json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": mark}})),
                Body::Undecrypted
            );
            assert_eq!(
                body(json!({"typeMessage": "extendedTextMessage", "extendedTextMessageData": {"text": mark}})),
                Body::Undecrypted
            );
        }
        for words in ["{{SWE}}", "what is {{SWE001}}?", "SWE001"] {
            let data = json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": words}});
            assert_eq!(body(data), Body::Text(words.to_owned()));
        }
    }

    #[test]
    fn files_keep_their_kind_and_their_caption() {
        for (kind, media) in [
            ("imageMessage", MediaKind::Image),
            ("videoMessage", MediaKind::Video),
            ("documentMessage", MediaKind::Document),
            ("audioMessage", MediaKind::Audio),
        ] {
            let data = json!({"typeMessage": kind, "fileMessageData": {"downloadUrl": "file:///etc/passwd", "caption": "look", "fileName": "../../x"}});
            assert_eq!(body(data), Body::Media { kind: media, caption: Some("look".to_owned()) });
            assert_eq!(
                body(json!({"typeMessage": kind, "fileMessageData": {"caption": ""}})),
                Body::Media { kind: media, caption: None }
            );
            assert_eq!(
                body(json!({"typeMessage": kind, "caption": "look"})),
                Body::Media { kind: media, caption: Some("look".to_owned()) }
            );
        }
        assert_eq!(
            body(json!({"typeMessage": "stickerMessage", "fileMessageData": {"isAnimated": true}})),
            Body::Sticker
        );
    }

    #[test]
    fn w37_places_and_cards_are_labels() {
        let place = json!({"typeMessage": "locationMessage", "locationMessageData": {"nameLocation": "Pier", "address": "Main 1", "latitude": 1, "longitude": 2.5}});
        assert_eq!(body(place), Body::Location { label: "Pier, Main 1".to_owned() });
        let bare = json!({"typeMessage": "locationMessage", "locationMessageData": {"nameLocation": "", "latitude": 12.3456789, "longitude": -14}});
        assert_eq!(body(bare), Body::Location { label: "12.345679, -14.000000".to_owned() });
        let card = json!({"typeMessage": "contactMessage", "contactMessageData": {"displayName": "", "vcard": "BEGIN:VCARD\nFN:Ann B\nEND:VCARD"}});
        assert_eq!(body(card), Body::Contacts { names: vec!["Ann B".to_owned()] });
        let cards = json!({"typeMessage": "contactsArrayMessage", "messageData": {"contacts": [{"displayName": "Ann"}, {"displayName": "Bob"}]}});
        assert_eq!(body(cards), Body::Contacts { names: vec!["Ann".to_owned(), "Bob".to_owned()] });
    }

    #[test]
    fn a_reaction_names_its_message_and_may_be_taken_back() {
        let put = json!({"typeMessage": "reactionMessage", "extendedTextMessageData": {"text": "👍"}, "quotedMessage": {"stanzaId": "A1"}});
        assert_eq!(
            read(&put, &[]),
            Content { body: Body::Reaction { to: found("A1"), emoji: "👍".to_owned() }, quotes: None }
        );
        let taken = json!({"typeMessage": "reactionMessage", "extendedTextMessageData": {"text": ""}, "quotedMessage": {"stanzaId": "A1"}});
        assert_eq!(body(taken), Body::Reaction { to: found("A1"), emoji: String::new() });
    }

    #[test]
    fn messages_with_buttons_and_invitations_keep_their_words() {
        for (data, words) in [
            (
                json!({"typeMessage": "interactiveButtons", "interactiveButtons": {"titleText": "T", "contentText": "C", "buttons": []}}),
                "C",
            ),
            (
                json!({"typeMessage": "interactiveButtonsReply", "interactiveButtonsReply": {"header": "H", "body": "B"}}),
                "B",
            ),
            (json!({"typeMessage": "interactiveButtonsReply", "interactiveButtons": {"contentText": "C"}}), "C"),
            (json!({"typeMessage": "buttonsMessage", "buttonsMessage": {"contentText": "C"}}), "C"),
            (json!({"typeMessage": "listMessage", "listMessage": {"contentText": "C", "sections": []}}), "C"),
            (
                json!({"typeMessage": "templateMessage", "templateMessage": {"contentText": "C", "buttons": [{"index": 1}]}}),
                "C",
            ),
            (
                json!({"typeMessage": "groupInviteMessage", "groupInviteMessageData": {"caption": "Join", "inviteExpiration": {"low": 1, "high": 0, "unsigned": false}}}),
                "Join",
            ),
            (
                json!({"typeMessage": "groupInviteMessage", "groupInviteMessageData": {"groupName": "Club", "inviteExpiration": "1700000000"}}),
                "Club",
            ),
            (json!({"typeMessage": "hologramMessage", "textMessageData": {"textMessage": "new"}}), "new"),
            (
                json!({"typeMessage": "hologramMessage", "hologram": {"of": {"text": "new"}}, "quotedMessage": {"text": "old"}}),
                "new",
            ),
            (
                json!({"typeMessage": "eventMessage", "eventMessageData": {"name": "Dinner", "description": "at 7"}}),
                "Dinner",
            ),
        ] {
            let kind = data["typeMessage"].as_str().unwrap().to_owned();
            assert_eq!(body(data), Body::Other { kind, text: Some(words.to_owned()) });
        }
        assert_eq!(
            body(json!({"typeMessage": "hologramMessage"})),
            Body::Other { kind: "hologramMessage".to_owned(), text: None }
        );
    }

    #[test]
    fn edits_and_deletions_name_the_first_message() {
        let edit =
            json!({"typeMessage": "editedMessage", "editedMessageData": {"textMessage": "two beds", "stanzaId": "M1"}});
        assert_eq!(body(edit), Body::Edited { original: found("M1"), text: "two beds".to_owned() });
        let caption =
            json!({"typeMessage": "editedMessage", "editedMessageData": {"caption": "look", "stanzaId": "M1"}});
        assert_eq!(body(caption), Body::Edited { original: found("M1"), text: "look".to_owned() });
        assert_eq!(
            body(json!({"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": "M1"}})),
            Body::Deleted { original: found("M1") }
        );
    }

    #[test]
    fn any_kind_of_message_can_quote() {
        let picture = json!({"typeMessage": "imageMessage", "fileMessageData": {"caption": "this one"}, "quotedMessage": {"stanzaId": "Q1", "typeMessage": "textMessage"}});
        assert_eq!(read(&picture, &[]).quotes, found("Q1"));
        let old = json!({"typeMessage": "quotedMessage", "extendedTextMessageData": {"text": "x", "stanzaId": "Q2", "participant": GUEST}});
        assert_eq!(read(&old, &[]).quotes, found("Q2"));
    }

    #[test]
    fn words_under_an_unknown_name_are_found_and_those_of_a_quoted_message_are_not_taken_for_them() {
        for data in [
            json!({"typeMessage": "textMessage", "textMessageData": {"text": "wi-fi?"}}),
            json!({"typeMessage": "textMessage", "messageData": {"textMessageData": {"textMessage": "wi-fi?"}}}),
            json!({"typeMessage": "extendedTextMessage", "extendedText": {"body": "wi-fi?"}, "quotedMessage": {"textMessage": "no"}}),
            json!({"typeMessage": " textMessage ", "textMessageData": {"textMessage": "wi-fi?"}}),
            json!({"textMessageData": {"textMessage": "wi-fi?"}}),
        ] {
            assert_eq!(body(data.clone()), Body::Text("wi-fi?".to_owned()), "{data}");
        }
        let nothing =
            json!({"typeMessage": "textMessage", "quotedMessage": {"textMessageData": {"textMessage": "no"}}});
        assert_eq!(body(nothing), Body::Text(String::new()));
        let number = json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": 5}});
        assert_eq!(body(number), Body::Text("5".to_owned()));
    }
}
