//! `messageData` → [`Body`]: one line for each `typeMessage`, the work in a function a family.
//!
//! The vendor nests the same facts differently in webhooks, in journals and in older versions, and spells some types
//! in two ways; every reader here looks in all known places and takes the first that holds something.

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
    let kind = at(data, &["typeMessage"]).as_str().unwrap_or_default();
    let body = match kind {
        "textMessage" | "extendedTextMessage" | "quotedMessage" => text(data),
        "imageMessage" => media(data, MediaKind::Image),
        "videoMessage" => media(data, MediaKind::Video),
        "documentMessage" => media(data, MediaKind::Document),
        "audioMessage" | "voiceMessage" => media(data, MediaKind::Audio),
        "stickerMessage" => Body::Sticker,
        "locationMessage" | "liveLocationMessage" => location(data),
        "contactMessage" | "contactsArrayMessage" => contacts(data),
        "reactionMessage" => reaction(data),
        "pollMessage" => {
            Body::Poll { question: first_words(data, &[&["pollMessageData", "name"]]).unwrap_or_default() }
        }
        "pollUpdateMessage" => vote(data, voters),
        "editedMessage" => edited(data),
        "deletedMessage" => Body::Deleted {
            original: stanza(data, &["deletedMessageData"]).or_else(|| id(data, &["deletedMessageId"])),
        },
        _ => match TAPS.iter().find(|tap| tap.kinds.contains(&kind)) {
            Some(tap) => tap.read(data),
            None => other(data, kind),
        },
    };
    let quotes = quotes(data, &body);
    Content { body, quotes }
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
    match first_words(data, PLACES) {
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
    Body::Media { kind, caption: first_words(data, &[&["fileMessageData", "caption"], &["caption"]]) }
}

/// Name and address; where a place has neither, its coordinates, which staff can at least look up.
fn location(data: &Value) -> Body {
    let place = ["locationMessageData", "location"].iter().map(|key| at(data, &[key])).find(|v| v.is_object());
    let Some(place) = place else { return Body::Location { label: String::new() } };
    let named: Vec<String> = ["nameLocation", "address"].iter().filter_map(|key| words(place, &[key])).collect();
    let label = match (named.is_empty(), at(place, &["latitude"]).as_f64(), at(place, &["longitude"]).as_f64()) {
        (true, Some(latitude), Some(longitude)) => format!("{latitude:.6}, {longitude:.6}"),
        _ => named.join(", "),
    };
    Body::Location { label }
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
    let full_name = || words(card, &["vcard"])?.lines().find_map(|line| line.strip_prefix("FN:").map(str::to_owned));
    words(card, &["displayName"]).or_else(full_name)
}

fn reaction(data: &Value) -> Body {
    let emoji =
        first_words(data, &[&["extendedTextMessageData", "text"], &["reactionMessageData", "text"], &["textMessage"]]);
    Body::Reaction { to: quoted(data), emoji: emoji.unwrap_or_default() }
}

/// What the sender chose. The votes of others are listed too, and are not theirs; an address that cannot be compared
/// with the sender's (a `@lid` beside a phone) counts, as each webhook carries the vote of one person.
fn vote(data: &Value, voters: &[ChatAddress]) -> Body {
    let votes = at(data, &["pollMessageData", "votes"]).as_array().map(Vec::as_slice).unwrap_or_default();
    let by_sender = |voter: &Value| voter_address(voter).is_some_and(|address| voters.contains(&address));
    let incomparable = |voter: &Value| {
        voter_address(voter).is_some_and(|address| {
            !voters.iter().any(|own| super::address::is_lid(own) == super::address::is_lid(&address))
        })
    };
    let mut options = chosen(votes, by_sender);
    if options.is_empty() {
        options = chosen(votes, incomparable);
    }
    Body::PollVote { poll: stanza(data, &["pollMessageData"]), options }
}

/// The options with a voter of this kind; trimmed, because WhatsApp keeps a trailing space and other clients do not
/// (green-api issue 719).
fn chosen(votes: &[Value], is_meant: impl Fn(&Value) -> bool) -> Vec<String> {
    let voted =
        |vote: &&Value| at(vote, &["optionVoters"]).as_array().is_some_and(|voters| voters.iter().any(&is_meant));
    votes
        .iter()
        .filter(voted)
        .filter_map(|vote| words(vote, &["optionName"]))
        .map(|name| name.trim().to_owned())
        .collect()
}

/// A voter is an address, or in one client of the vendor an object with it.
fn voter_address(voter: &Value) -> Option<ChatAddress> {
    let text = voter.as_str().or_else(|| at(voter, &["wid"]).as_str())?;
    super::address::Address::parse(text).person()
}

fn edited(data: &Value) -> Body {
    let text = first_words(
        data,
        &[&["editedMessageData", "textMessage"], &["editedMessageData", "caption"], &["textMessage"], &["caption"]],
    );
    let original = stanza(data, &["editedMessageData"]).or_else(|| id(data, &["editedMessageId"]));
    Body::Edited { original, text: text.unwrap_or_default() }
}

/// A tap on a button or on a line of a list: where its parts are.
struct Tap {
    kinds: &'static [&'static str],
    objects: &'static [&'static str],
    ids: &'static [&'static [&'static str]],
    labels: &'static [&'static [&'static str]],
}

/// The documentation says `templateButtonsReplyMessage`, its bodies say `templateButtonReplyMessage`; both arrive.
const TAPS: [Tap; 4] = [
    Tap {
        kinds: &["buttonsResponseMessage"],
        objects: &["buttonsResponseMessage"],
        ids: &[&["selectedButtonId"]],
        labels: &[&["selectedButtonText"]],
    },
    Tap {
        kinds: &["templateButtonsReplyMessage", "templateButtonReplyMessage"],
        objects: &["templateButtonReplyMessage", "templateButtonsReplyMessage"],
        ids: &[&["selectedId"]],
        labels: &[&["selectedDisplayText"]],
    },
    Tap {
        kinds: &["interactiveButtonsResponse", "interactiveButtonsReplyResponse"],
        objects: &["interactiveButtonsResponse", "interactiveButtonsReplyResponse", "templateButtonReplyMessage"],
        ids: &[&["selectedId"]],
        labels: &[&["selectedDisplayText"]],
    },
    Tap {
        kinds: &["listResponseMessage"],
        objects: &["listResponseMessage"],
        ids: &[&["singleSelectReply"], &["singleSelectReply", "selectedRowId"]],
        labels: &[&["title"]],
    },
];

impl Tap {
    fn read(&self, data: &Value) -> Body {
        let object = self.objects.iter().map(|key| at(data, &[key])).find(|v| v.is_object()).unwrap_or(data);
        let chosen = self.ids.iter().find_map(|path| identifier(at(object, path))).unwrap_or_default();
        let label = first_words(object, self.labels).unwrap_or_else(|| chosen.clone());
        Body::Tap { on: id(object, &["stanzaId"]), id: chosen, label }
    }
}

/// Messages with buttons, invitations, and whatever comes next: the kind's name and the words found in it.
fn other(data: &Value, kind: &str) -> Body {
    const OBJECTS: [&str; 7] = [
        "interactiveButtons",
        "interactiveButtonsReply",
        "buttonsMessage",
        "listMessage",
        "templateMessage",
        "groupInviteMessageData",
        "fileMessageData",
    ];
    const WORDS: &[&[&str]] = &[&["contentText"], &["body"], &["caption"], &["titleText"], &["header"], &["groupName"]];
    let found = OBJECTS.iter().find_map(|key| first_words(at(data, &[key]), WORDS));
    let text = found.or_else(|| match text(data) {
        Body::Text(text) if !text.is_empty() => Some(text),
        _ => words(data, &["caption"]),
    });
    Body::Other { kind: kind.chars().filter(|c| !c.is_control()).take(64).collect(), text }
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

fn stanza(data: &Value, path: &[&str]) -> Option<ProviderMessageId> {
    id(at(data, path), &["stanzaId"])
}

fn id(data: &Value, path: &[&str]) -> Option<ProviderMessageId> {
    identifier(at(data, path)).map(ProviderMessageId)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const GUEST: &str = "79001234568@c.us";

    fn body(data: Value) -> Body {
        read(&data, &[ChatAddress::from(GUEST)]).body
    }

    fn found(id: &str) -> Option<ProviderMessageId> {
        Some(ProviderMessageId::from(id))
    }

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
    fn only_the_senders_own_vote_counts() {
        let votes = |second: &str| {
            json!({"typeMessage": "pollUpdateMessage", "pollMessageData": {"stanzaId": "P1", "name": "Well?", "multipleAnswers": true, "votes": [
                {"optionName": "Bad", "optionVoters": ["79990000000@c.us"]},
                {"optionName": "Good ", "optionVoters": [second]},
                {"optionName": "None", "optionVoters": []},
            ]}})
        };
        let voted = |options: &[&str]| Body::PollVote {
            poll: found("P1"),
            options: options.iter().map(|&o| o.to_owned()).collect(),
        };
        assert_eq!(body(votes(GUEST)), voted(&["Good"]));
        assert_eq!(body(votes("79001234568:2@c.us")), voted(&["Good"]));
        assert_eq!(body(votes("120650379300963@lid")), voted(&["Good"]));
        assert_eq!(body(votes("79990000000@c.us")), voted(&[]));
    }

    #[test]
    fn a_tap_is_read_in_every_spelling() {
        let tap = Body::Tap { on: found("B1"), id: "7".to_owned(), label: "Yes".to_owned() };
        let template = json!({"stanzaId": "B1", "selectedIndex": 0, "selectedId": "7", "selectedDisplayText": "Yes"});
        for data in [
            json!({"typeMessage": "templateButtonsReplyMessage", "templateButtonReplyMessage": template}),
            json!({"typeMessage": "templateButtonReplyMessage", "templateButtonReplyMessage": template}),
            json!({"typeMessage": "templateButtonReplyMessage", "templateButtonsReplyMessage": template}),
            json!({"typeMessage": "interactiveButtonsResponse", "interactiveButtonsResponse": template}),
            json!({"typeMessage": "buttonsResponseMessage", "buttonsResponseMessage": {"stanzaId": "B1", "selectedButtonId": "7", "selectedButtonText": "Yes"}}),
            json!({"typeMessage": "listResponseMessage", "listResponseMessage": {"stanzaId": "B1", "title": "Yes", "listType": 1, "singleSelectReply": "7"}}),
            json!({"typeMessage": "listResponseMessage", "listResponseMessage": {"stanzaId": "B1", "title": "Yes", "singleSelectReply": {"selectedRowId": "7"}}}),
        ] {
            assert_eq!(body(data.clone()), tap, "{data}");
        }
        let unnamed = json!({"typeMessage": "templateButtonsReplyMessage", "templateButtonReplyMessage": {"selectedId": "", "selectedDisplayText": "I want"}});
        assert_eq!(body(unnamed), Body::Tap { on: None, id: String::new(), label: "I want".to_owned() });
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
}
