//! One body of each kind the vendor documents, in its shape and in its older ones: nothing is refused, nothing lost,
//! and words, sender, kind and ids are right. The values are ours.

use super::*;
use hotelbot::domain::ids::{ChatAddress, ProviderMessageId};

const FILE: &str = "https://api.example/waInstance1101000001/downloadFile/19136A97";

fn file(kind: &str, caption: &str, name: &str, mime: &str) -> Value {
    json!({"typeMessage": kind, "fileMessageData": {
        "downloadUrl": FILE, "caption": caption, "fileName": name, "jpegThumbnail": "", "isAnimated": false,
        "mimeType": mime, "isForwarded": false, "forwardingScore": 0}})
}

fn quoted() -> Value {
    json!({"stanzaId": "9A73322488DCB7D9689A6112F2528C9D", "participant": OWN, "typeMessage": "textMessage", "textMessage": "an older text"})
}

/// `messageData` of each kind, and how people are shown it.
pub fn kinds() -> Vec<(Value, &'static str)> {
    let mut kinds = texts();
    kinds.extend(files());
    kinds.extend(places_and_cards());
    kinds.extend(polls_and_reactions());
    kinds.extend(buttons());
    kinds.extend(changes());
    kinds
}

fn texts() -> Vec<(Value, &'static str)> {
    let words = "Is breakfast included?";
    vec![
        (json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": words}}), words),
        (
            json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": words, "isTemplateMessage": true}}),
            words,
        ),
        (
            json!({"typeMessage": "extendedTextMessage", "extendedTextMessageData": {
                "text": words, "description": "", "title": "", "previewType": "None", "jpegThumbnail": "",
                "forwardingScore": 1, "isForwarded": true}}),
            words,
        ),
        (
            json!({"typeMessage": "extendedTextMessage", "extendedTextMessageData": {
                "text": words, "description": "Rooms from 90", "title": "Our advertisement", "previewType": "video",
                "showAdAttribution": true, "sourceType": "ad", "sourceId": "1", "sourceUrl": "https://fb.me/x",
                "containsAutoReply": true, "mediaType": 1, "thumbnailUrl": null, "conversionSource": "FB_Ads"}}),
            words,
        ),
        (
            json!({"typeMessage": "extendedTextMessage", "extendedTextMessageData": {"text": "https://example.com/menu", "title": "Menu", "description": "What we cook"}}),
            "https://example.com/menu",
        ),
        (
            json!({"typeMessage": "quotedMessage", "extendedTextMessageData": {"text": words, "stanzaId": "9A73322488DCB7D9689A6112F2528C9D", "participant": OWN}}),
            words,
        ),
        (
            json!({"typeMessage": "quotedMessage", "extendedTextMessageData": {"text": words, "stanzaId": "9A73322488DCB7D9689A6112F2528C9D", "participant": OWN}, "quotedMessage": quoted()}),
            words,
        ),
        (
            json!({"typeMessage": "extendedTextMessage", "extendedTextMessageData": {"text": words}, "quotedMessage": quoted()}),
            words,
        ),
    ]
}

fn files() -> Vec<(Value, &'static str)> {
    vec![
        (file("imageMessage", "The view", "x.jpg", "image/jpeg"), "[image] The view"),
        (file("videoMessage", "", "x.mp4", "video/mp4"), "[video]"),
        (file("documentMessage", "", "song.mp3", "audio/mpeg"), "[document]"),
        (file("audioMessage", "", "x.ogg", "audio/ogg; codecs=opus"), "[audio]"),
        (file("stickerMessage", "", "x.webp", "image/webp"), "[sticker]"),
        (
            json!({"typeMessage": "imageMessage", "fileMessageData": {"downloadUrl": FILE, "caption": "The view"}}),
            "[image] The view",
        ),
        (
            json!({"typeMessage": "documentMessage", "fileMessageData": {"downloadUrl": "{{SWE002}}", "caption": "My bill"}}),
            "[document] My bill",
        ),
        (
            json!({"typeMessage": "imageMessage", "fileMessageData": {"caption": "This one"}, "quotedMessage": quoted()}),
            "[image] This one",
        ),
    ]
}

fn places_and_cards() -> Vec<(Value, &'static str)> {
    let card =
        "BEGIN:VCARD\nVERSION:3.0\nN:Smith;Bob;;;\nFN:Bob Smith\nTEL;waid=79001234569:+7 900 123-45-69\nEND:VCARD";
    vec![
        (
            json!({"typeMessage": "locationMessage", "locationMessageData": {"nameLocation": "Pier", "address": "Main street 1", "jpegThumbnail": "", "latitude": 12.345678910111213, "longitude": -14.15, "isForwarded": false, "forwardingScore": 0}}),
            "[location] Pier, Main street 1",
        ),
        (
            json!({"typeMessage": "locationMessage", "locationMessageData": {"latitude": 12.345678910111213, "longitude": -14.15}}),
            "[location] 12.345679, -14.150000",
        ),
        (
            json!({"typeMessage": "locationMessage", "locationMessageData": {"latitude": "12.5", "longitude": "-14"}}),
            "[location] 12.500000, -14.000000",
        ),
        (
            json!({"typeMessage": "contactMessage", "contactMessageData": {"displayName": "Bob", "vcard": card, "isForwarded": false}}),
            "[contact] Bob",
        ),
        (json!({"typeMessage": "contactMessage", "contactMessageData": {"vcard": card}}), "[contact] Bob Smith"),
        (
            json!({"typeMessage": "contactMessage", "contactMessageData": {"displayName": null, "vcard": "BEGIN:VCARD\r\nFN;CHARSET=UTF-8:Zoë\r\nEND:VCARD"}}),
            "[contact] Zoë",
        ),
        (
            json!({"typeMessage": "contactsArrayMessage", "messageData": {"contacts": [{"displayName": "Bob", "vcard": card}, {"displayName": "Ann", "vcard": ""}], "isForwarded": false, "forwardingScore": 0}}),
            "[contact] Bob, Ann",
        ),
        (
            json!({"typeMessage": "groupInviteMessage", "groupInviteMessageData": {"groupJid": "120363@g.us", "inviteCode": "x", "inviteExpiration": {"low": 1, "high": 0, "unsigned": false}, "groupName": "Club", "caption": "Join us", "jpegThumbnail": ""}}),
            "[groupInviteMessage] Join us",
        ),
    ]
}

fn polls_and_reactions() -> Vec<(Value, &'static str)> {
    vec![
        (
            json!({"typeMessage": "pollMessage", "pollMessageData": {"name": "When?", "options": [{"optionName": "Today"}, {"optionName": "Later"}], "multipleAnswers": false}}),
            "[poll] When?",
        ),
        (
            json!({"typeMessage": "pollUpdateMessage", "pollMessageData": {"stanzaId": "BAE5", "name": "When?", "votes": [{"optionName": "Today", "optionVoters": []}, {"optionName": "Later", "optionVoters": [GUEST]}], "multipleAnswers": false}}),
            "[vote] Later",
        ),
        (
            json!({"typeMessage": "reactionMessage", "extendedTextMessageData": {"text": "👍"}, "quotedMessage": quoted()}),
            "[reaction] 👍",
        ),
        (
            json!({"typeMessage": "reactionMessage", "extendedTextMessageData": {"text": "😢"}, "quotedMessage": {"stanzaId": "BAE5", "participant": "120650379300963@lid"}}),
            "[reaction] 😢",
        ),
    ]
}

fn buttons() -> Vec<(Value, &'static str)> {
    let tap =
        json!({"stanzaId": "BAE5", "selectedIndex": 0, "selectedId": "1", "selectedDisplayText": "Late check-out"});
    vec![
        (
            json!({"typeMessage": "buttonsMessage", "buttonsMessage": {"contentText": "Well?", "footer": "Thanks", "buttons": [{"buttonId": "1", "buttonText": "Yes"}], "isForwarded": false}}),
            "[buttonsMessage] Well?",
        ),
        (
            json!({"typeMessage": "templateMessage", "templateMessage": {"namespace": "", "elementName": "", "contentText": "Well?", "footer": "Thanks", "buttons": [{"index": 1, "urlButton": {"displayText": "Site", "url": "https://example.com"}}]}}),
            "[templateMessage] Well?",
        ),
        (
            json!({"typeMessage": "listMessage", "listMessage": {"contentText": "Well?", "title": "Choose", "footer": "Thanks", "buttonText": "Open", "sections": [{"title": "Days", "rows": [{"rowId": "1", "title": "Today", "description": ""}]}]}}),
            "[listMessage] Well?",
        ),
        (
            json!({"typeMessage": "interactiveButtons", "interactiveButtons": {"titleText": "Hi", "contentText": "Well?", "footerText": "Thanks", "buttons": [{"type": "copy", "buttonId": "1", "buttonText": "Code", "copyCode": "3333"}]}}),
            "[interactiveButtons] Well?",
        ),
        (
            json!({"typeMessage": "interactiveButtonsReply", "interactiveButtonsReply": {"header": "Hi", "body": "Well?", "footer": "Thanks", "buttons": []}}),
            "[interactiveButtonsReply] Well?",
        ),
        (json!({"typeMessage": "templateButtonsReplyMessage", "templateButtonReplyMessage": tap}), "Late check-out"),
        (json!({"typeMessage": "templateButtonReplyMessage", "templateButtonReplyMessage": tap}), "Late check-out"),
        (json!({"typeMessage": "interactiveButtonsResponse", "interactiveButtonsResponse": tap}), "Late check-out"),
        (
            json!({"typeMessage": "buttonsResponseMessage", "buttonsResponseMessage": {"stanzaId": "BAE5", "selectedButtonId": "1", "selectedButtonText": "Late check-out"}}),
            "Late check-out",
        ),
        (
            json!({"typeMessage": "listResponseMessage", "listResponseMessage": {"stanzaId": "BAE5", "title": "Late check-out", "listType": 1, "singleSelectReply": "1"}}),
            "Late check-out",
        ),
    ]
}

fn changes() -> Vec<(Value, &'static str)> {
    vec![
        (
            json!({"typeMessage": "editedMessage", "editedMessageData": {"textMessage": "Two beds", "stanzaId": "BAE5"}}),
            "[edited] Two beds",
        ),
        (
            json!({"typeMessage": "editedMessage", "editedMessageData": {"caption": "Two beds", "stanzaId": "BAE5"}}),
            "[edited] Two beds",
        ),
        (json!({"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": "BAE5"}}), "[deleted]"),
        (
            json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": "{{SWE001}}"}}),
            "[could not be decrypted]",
        ),
        (
            json!({"typeMessage": "tomorrowsMessage", "tomorrows": {"text": "Late check-out?"}}),
            "[tomorrowsMessage] Late check-out?",
        ),
    ]
}

#[test]
fn every_kind_of_message_of_a_guest_keeps_its_words_its_sender_and_its_ids() {
    for (message, shown) in kinds() {
        let received = read_json(&webhook("incomingMessageReceived", message.clone()));

        let ReceivedEvent::Guest { id, body, .. } = &received.event else { panic!("{message}: {received:?}") };
        assert_eq!(id, &ProviderMessageId::from("3AADDD555CB0822C0539"));
        assert_eq!(body.display(), shown, "{message}");
        assert_eq!((received.chat, received.sender_name), (Some(ChatAddress::from(GUEST)), Some("Ann".to_owned())));
    }
}

#[test]
fn every_kind_of_message_of_the_hotels_phone_is_a_persons_word_and_of_the_program_an_echo() {
    for (message, shown) in kinds() {
        let from_phone =
            read_json(&with(webhook("outgoingMessageReceived", message.clone()), "/senderData/sender", json!(OWN)));
        let ReceivedEvent::Staff { body, .. } = &from_phone.event else { panic!("{message}: {from_phone:?}") };
        assert!(body.display() == shown || shown.starts_with("[vote]"), "{message}");

        let echo =
            read_json(&with(webhook("outgoingAPIMessageReceived", message.clone()), "/senderData/sender", json!(OWN)));
        assert!(matches!(echo.event, ReceivedEvent::Echo { .. }), "{message}: {echo:?}");
        assert_eq!(echo.chat, Some(ChatAddress::from(GUEST)));
    }
}

#[test]
fn in_every_kind_a_field_may_be_missing_null_more_or_of_another_form_and_the_message_is_still_the_guests() {
    for (message, _) in kinds() {
        let body = webhook("incomingMessageReceived", message.clone());
        for pointer in every_pointer(&body) {
            // Rows W5 and W20: whose message it is must be told.
            if [
                "/typeWebhook",
                "/idMessage",
                "/senderData",
                "/senderData/chatId",
                "/senderData/sender",
                "/messageData",
                "/instanceData/idInstance",
            ]
            .contains(&pointer.as_str())
            {
                continue;
            }
            for odd in
                [Value::Null, json!(null), json!(17), json!("17"), json!(true), json!({"new": "field"}), json!([])]
            {
                if matches!(&odd, Value::String(_) | Value::Number(_)) && pointer == "/instanceData/wid" {
                    continue;
                }
                let received = read_json(&replaced(&body, &pointer, odd.clone()));
                assert!(
                    matches!(received.event, ReceivedEvent::Guest { .. }),
                    "{pointer} {odd} {message}: {received:?}"
                );
                assert_eq!(received.chat, Some(ChatAddress::from(GUEST)), "{pointer} {odd}");
            }
        }
    }
}

/// Pointers to the members of objects, however deep.
fn every_pointer(body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), body)];
    while let Some((at, value)) = open.pop() {
        for (key, child) in value.as_object().into_iter().flatten() {
            let pointer = format!("{at}/{key}");
            found.push(pointer.clone());
            open.push((pointer, child));
        }
    }
    found
}

fn replaced(body: &Value, pointer: &str, value: Value) -> Value {
    let mut body = body.clone();
    *body.pointer_mut(pointer).expect("it is there") = value;
    body
}
