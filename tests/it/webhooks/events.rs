//! What each kind of webhook becomes, with rows W27 to W41.

use super::*;
use hotelbot::domain::ids::{ChatAddress, ProviderMessageId};
use hotelbot::domain::message::Delivery;
use hotelbot::domain::received::{InstanceState, MediaKind};
use std::collections::HashSet;

#[test]
fn a_guests_message_is_read_whole() {
    let body = with(
        incoming("Is there wi-fi?"),
        "/messageData/quotedMessage",
        json!({"stanzaId": "BAE5F4886F6F2D05", "participant": OWN}),
    );

    let received = read_json(&body);

    assert_eq!(
        received,
        Received {
            key: "m:3AADDD555CB0822C0539".to_owned(),
            provider_at: "2024-01-29T09:57:43Z".parse().ok(),
            chat: Some(ChatAddress::from(GUEST)),
            also_known_as: None,
            sender_name: Some("Ann".to_owned()),
            own_address: Some(ChatAddress::from(OWN)),
            event: ReceivedEvent::Guest {
                id: ProviderMessageId::from("3AADDD555CB0822C0539"),
                body: Body::Text("Is there wi-fi?".to_owned()),
                quotes: Some(ProviderMessageId::from("BAE5F4886F6F2D05")),
            },
        }
    );
}

#[test]
fn the_same_event_twice_has_one_key_whatever_else_differs() {
    let first = incoming("hello");
    let again = with(
        with(with(first.clone(), "/timestamp", json!(1706522299)), "/senderData/chatId", json!(LID)),
        "/new",
        json!(1),
    );
    assert_eq!(read_json(&first).key, read_json(&again).key);

    let status = |status: &str| json!({"typeWebhook": "outgoingMessageStatus", "instanceData": {"idInstance": 1101000001}, "idMessage": "A", "status": status});
    let state = |timestamp: i64| json!({"typeWebhook": "stateInstanceChanged", "instanceData": {"idInstance": 1101000001}, "timestamp": timestamp, "stateInstance": "blocked"});
    let call = |status: &str| json!({"typeWebhook": "incomingCall", "instanceData": {"idInstance": 1101000001}, "idMessage": "A", "from": GUEST, "status": status});
    let echo = webhook("outgoingAPIMessageReceived", text("hello"));
    let keys: Vec<String> = [
        &first,
        &incoming("{{SWE001}}"),
        &echo,
        &status("sent"),
        &status("delivered"),
        &status(""),
        &state(1),
        &state(2),
        &call("offer"),
        &call("missed"),
        &json!({"typeWebhook": "new", "instanceData": {"idInstance": 1101000001}}),
    ]
    .iter()
    .map(|body| read_json(body).key)
    .collect();

    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len(), "{keys:?}");
    assert_eq!(
        &keys[..5],
        ["m:3AADDD555CB0822C0539", "m:3AADDD555CB0822C0539:swe", "e:3AADDD555CB0822C0539", "s:A:sent", "s:A:delivered"]
    );
    assert_eq!(&keys[6..10], ["i:blocked:1", "i:blocked:2", "c:A:offer", "c:A:missed"]);
}

#[test]
fn a_tap_is_a_guests_even_from_our_own_number_because_nothing_of_ours_taps() {
    let tap = json!({"typeMessage": "buttonsResponseMessage", "buttonsResponseMessage": {"stanzaId": "B", "selectedButtonId": "1", "selectedButtonText": "Yes"}});

    let received = read_json(&with(webhook("incomingMessageReceived", tap), "/instanceData/wid", json!(GUEST)));

    assert!(matches!(guest_body(received), Body::Tap { .. }));
}

#[test]
fn w27_an_echo_is_evidence_of_a_send() {
    for message in [
        json!({"typeMessage": "extendedTextMessage", "extendedTextMessageData": {"text": "Wi-fi is free", "stanzaId": "Q1"}}),
        json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": "Wi-fi is free"}, "quotedMessage": {"stanzaId": "Q1"}}),
        json!({"typeMessage": "quotedMessage", "extendedTextMessageData": {"text": "Wi-fi is free", "stanzaId": "Q1", "participant": GUEST}}),
    ] {
        let received =
            read_json(&with(webhook("outgoingAPIMessageReceived", message), "/senderData/sender", json!(OWN)));
        assert_eq!(received.key, "e:3AADDD555CB0822C0539");
        assert_eq!(received.chat, Some(ChatAddress::from(GUEST)));
        let id = ProviderMessageId::from("3AADDD555CB0822C0539");
        let quotes = Some(ProviderMessageId::from("Q1"));
        assert_eq!(received.event, ReceivedEvent::Echo { id, text: "Wi-fi is free".to_owned(), quotes });
    }
}

#[test]
fn an_echo_of_whatever_kind_keeps_its_words() {
    for (message, words) in [
        (json!({"typeMessage": "editedMessage", "editedMessageData": {"textMessage": "two", "stanzaId": "M"}}), "two"),
        (json!({"typeMessage": "imageMessage", "fileMessageData": {"caption": "map"}}), "map"),
        (json!({"typeMessage": "pollMessage", "pollMessageData": {"name": "When?"}}), "When?"),
        (json!({"typeMessage": "interactiveButtons", "interactiveButtons": {"contentText": "Well?"}}), "Well?"),
        (json!({"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": "M"}}), ""),
    ] {
        let received = read_json(&webhook("outgoingAPIMessageReceived", message));
        assert!(matches!(&received.event, ReceivedEvent::Echo { text, .. } if text == words), "{received:?}");
    }
}

#[test]
fn staff_who_write_from_the_phone_are_staff() {
    let received =
        read_json(&with(webhook("outgoingMessageReceived", text("I will bring it")), "/senderData/sender", json!(OWN)));

    assert_eq!(received.chat, Some(ChatAddress::from(GUEST)));
    assert_eq!((received.also_known_as, received.sender_name), (None, None));
    assert!(matches!(received.event, ReceivedEvent::Staff { body: Body::Text(text), .. } if text == "I will bring it"));
    let old = read_json(&with(webhook("outgoingMessageReceived", text("x")), "/senderData/sender", Value::Null));
    assert!(matches!(old.event, ReceivedEvent::Staff { .. }));
}

#[test]
fn w31_a_long_text_is_kept_up_to_65536_characters() {
    for (sent, kept) in [
        ("я".repeat(65_536), 65_536),
        ("😀".repeat(300_000), 65_536),
        ("\u{200d}".repeat(10), 10),
        ("z\u{335}\u{336}".repeat(10), 30),
    ] {
        match guest_body(read_json(&incoming(&sent))) {
            Body::Text(text) => assert_eq!(text.chars().count(), kept),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn w32_what_is_not_text_is_what_it_is() {
    let of = |message: Value| guest_body(read_json(&webhook("incomingMessageReceived", message)));
    assert_eq!(of(text("")), Body::Text(String::new()));
    assert_eq!(
        of(json!({"typeMessage": "audioMessage", "fileMessageData": {"downloadUrl": "", "caption": ""}})),
        Body::Media { kind: MediaKind::Audio, caption: None }
    );
    assert_eq!(of(json!({"typeMessage": "stickerMessage"})), Body::Sticker);
    assert_eq!(
        of(json!({"typeMessage": "pollMessage", "pollMessageData": {"name": "When?", "options": []}})),
        Body::Poll { question: "When?".to_owned() }
    );
    let vote = json!({"typeMessage": "pollUpdateMessage", "pollMessageData": {"stanzaId": "P", "votes": [
        {"optionName": "Yes", "optionVoters": [GUEST]}, {"optionName": "No", "optionVoters": ["79990000000@c.us"]}]}});
    assert_eq!(of(vote), Body::PollVote { poll: Some(ProviderMessageId::from("P")), options: vec!["Yes".to_owned()] });

    let edit = webhook(
        "incomingMessageReceived",
        json!({"typeMessage": "editedMessage", "editedMessageData": {"textMessage": "two beds", "stanzaId": "M1"}}),
    );
    let edit = read_json(&with(edit, "/idMessage", json!("E1")));
    assert_eq!(edit.key, "m:E1");
    assert_eq!(
        guest_body(edit),
        Body::Edited { original: Some(ProviderMessageId::from("M1")), text: "two beds".to_owned() }
    );
}

#[test]
fn w33_a_message_that_was_not_decrypted_leaves_room_for_the_real_one() {
    let broken = read_json(&incoming("{{SWE001}}"));
    let real = read_json(&incoming("Is there wi-fi?"));

    assert_eq!(guest_body(broken.clone()), Body::Undecrypted);
    assert_eq!(broken.key, read_json(&incoming("{{SWE003}}")).key);
    assert_ne!(broken.key, real.key);
}

#[test]
fn w34_w36_links_and_file_names_are_not_used_at_all() {
    let file = json!({"typeMessage": "documentMessage", "fileMessageData": {
        "downloadUrl": "http://169.254.169.254/latest", "fileName": "../../etc/cron.d/x", "mimeType": "image/svg+xml", "caption": "my passport"}});

    let received = read_json(&webhook("incomingMessageReceived", file));

    let kept = serde_json::to_string(&received).expect("it can be written");
    assert!(!kept.contains("169.254") && !kept.contains("cron.d"), "{kept}");
    assert_eq!(
        guest_body(received),
        Body::Media { kind: MediaKind::Document, caption: Some("my passport".to_owned()) }
    );
}

#[test]
fn w38_a_state_is_kept_as_the_vendor_spells_it() {
    for (word, state) in [
        ("authorized", InstanceState::Authorized),
        ("notAuthorized", InstanceState::NotAuthorized),
        ("blocked", InstanceState::Blocked),
        ("starting", InstanceState::Starting),
        ("suspended", InstanceState::Suspended),
        ("yellowCard", InstanceState::Suspended),
        ("sleepMode", InstanceState::SleepMode),
        ("onHoliday", InstanceState::Other("onHoliday".to_owned())),
    ] {
        let body = json!({"typeWebhook": "stateInstanceChanged", "instanceData": {"idInstance": 1101000001, "wid": "", "typeInstance": "whatsapp"}, "timestamp": 1706522263, "stateInstance": word});
        let received = read_json(&body);
        assert_eq!(received.event, ReceivedEvent::Instance { state });
        assert_eq!(received.key, format!("i:{word}:1706522263"));
    }
    let online = json!({"typeWebhook": "statusInstanceChanged", "instanceData": {"idInstance": 1101000001}, "timestamp": 1706522263, "statusInstance": "online"});
    assert_eq!(ignored_because(&read_json(&online)), "whether the phone is online");
}

#[test]
fn w39_a_used_up_quota_and_a_block_are_warnings_without_the_guests_numbers() {
    let quota = json!({"method": "correspondents", "used": 3, "total": "3", "status": "CORRESPONDENTS_QUOTA_EXCEEDED", "description": format!("only {GUEST}")});
    for kind in ["quotaExceeded", "incomingBlock"] {
        let body = json!({"typeWebhook": kind, "instanceData": {"idInstance": 1101000001, "typeInstance": "whatsapp"}, "quotaData": quota});
        let detail = "correspondents: 3 of 3 used, CORRESPONDENTS_QUOTA_EXCEEDED".to_owned();
        assert_eq!(read_json(&body).event, ReceivedEvent::Warning { kind: "quota".to_owned(), detail });
    }
    let block = json!({"typeWebhook": "incomingBlock", "instanceData": {"idInstance": 1101000001}, "timestamp": 1, "chatId": GUEST, "chatState": "blocked"});
    let received = read_json(&block);
    assert_eq!(received.chat, Some(ChatAddress::from(GUEST)));
    assert!(matches!(received.event, ReceivedEvent::Warning { kind, .. } if kind == "blocked"));
}

#[test]
fn w40_a_status_is_found_by_its_message_alone() {
    let status = |status: &str| json!({"typeWebhook": "outgoingMessageStatus", "instanceData": {"idInstance": 1101000001, "wid": OWN, "typeInstance": "whatsapp"}, "timestamp": 1706522263, "idMessage": "3EB0", "status": status});
    for (word, delivery) in [
        ("sent", Some(Delivery::Sent)),
        ("delivered", Some(Delivery::Delivered)),
        ("read", Some(Delivery::Read)),
        ("failed", Some(Delivery::Refused)),
        ("noAccount", Some(Delivery::Refused)),
        ("notInGroup", Some(Delivery::Refused)),
        ("yellowCard", None),
        ("", None),
        ("levitated", None),
    ] {
        let received = read_json(&status(word));
        assert_eq!(received.chat, None);
        assert_eq!(received.key, format!("s:3EB0:{word}"));
        assert_eq!(
            received.event,
            ReceivedEvent::Status { id: ProviderMessageId::from("3EB0"), delivery, detail: word.to_owned() }
        );
    }
    let described =
        with(with(status("failed"), "/chatId", json!(GUEST)), "/description", json!("SWE004: no 79001234568"));
    let received = read_json(&described);
    assert_eq!(received.chat, Some(ChatAddress::from(GUEST)));
    assert!(matches!(received.event, ReceivedEvent::Status { detail, .. } if detail == "failed: SWE004: no …"));
}

#[test]
fn w41_another_text_under_the_same_id_is_the_same_event() {
    assert_eq!(read_json(&incoming("two beds")).key, read_json(&incoming("ten beds")).key);
}

#[test]
fn calls_are_noted_and_the_hotels_own_are_not() {
    let call = |kind: &str| json!({"typeWebhook": kind, "instanceData": {"idInstance": 1101000001}, "timestamp": 1706522263, "from": GUEST, "status": "missed", "idMessage": "C1", "isVideo": false, "participants": [{"wid": GUEST, "status": "x"}]});
    let received = read_json(&call("incomingCall"));
    assert_eq!(received.chat, Some(ChatAddress::from(GUEST)));
    assert_eq!(received.event, ReceivedEvent::Call { status: "missed".to_owned() });
    assert_eq!(ignored_because(&read_json(&call("outgoingCall"))), "the hotel called");

    let old = json!({"from": GUEST, "typeWebhook": "incomingCall", "instanceData": {"idInstance": 1101000001}, "idMessage": "C1"});
    assert_eq!(read_json(&old).event, ReceivedEvent::Call { status: String::new() });
}

#[test]
fn news_about_devices_and_pictures_is_ignored() {
    for more in [
        json!({"deviceData": {"platform": "iphone", "battery": 90}}),
        json!({"avatarInfo": {"chatId": GUEST, "urlAvatar": ""}}),
    ] {
        for kind in ["deviceInfo", "avatarInfo"] {
            let mut body =
                json!({"typeWebhook": kind, "instanceData": {"idInstance": 1101000001}, "timestamp": 1706522263});
            body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            assert_eq!(ignored_because(&read_json(&body)), "information about a device or a picture");
        }
    }
}

#[test]
fn a_notification_still_in_the_wrapper_of_polling_is_read() {
    let wrapped = json!({"receiptId": 17, "body": incoming("hello")});

    assert_eq!(read_json(&wrapped).key, "m:3AADDD555CB0822C0539");
}
