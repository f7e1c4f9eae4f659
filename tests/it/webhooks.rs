//! Webhook bodies, good and bad. The names begin with the row of the catalogue of bad input they hold (W11 to W41).

use hotelbot::domain::ids::{ChatAddress, InstanceId, ProviderMessageId};
use hotelbot::domain::message::Delivery;
use hotelbot::domain::received::{Body, InstanceState, MediaKind, Received, ReceivedEvent};
use hotelbot::gateways::green_api::webhook::parse;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::HashSet;

const OWN: &str = "79001234567@c.us";
const GUEST: &str = "79001234568@c.us";
const LID: &str = "120650379300963@lid";

fn read(body: impl AsRef<[u8]>) -> Received {
    parse(&InstanceId::from("1101000001"), body.as_ref())
}

fn read_json(body: &Value) -> Received {
    read(body.to_string())
}

/// A webhook of a kind, with a message in the chat of a guest.
fn webhook(kind: &str, message: Value) -> Value {
    json!({
        "typeWebhook": kind,
        "instanceData": {"idInstance": 1101000001, "wid": OWN, "typeInstance": "whatsapp"},
        "timestamp": 1706522263, "idMessage": "3AADDD555CB0822C0539",
        "senderData": {"chatId": GUEST, "sender": GUEST, "chatName": "Ann", "senderName": "Ann", "senderContactName": ""},
        "messageData": message,
    })
}

fn text(words: &str) -> Value {
    json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": words}})
}

fn incoming(words: &str) -> Value {
    webhook("incomingMessageReceived", text(words))
}

/// The same webhook with one value changed, by JSON pointer; `Null` removes it.
fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let parent = body.pointer_mut(parent).expect("the parent is there").as_object_mut().expect("an object");
    match value {
        Value::Null => parent.remove(key),
        value => parent.insert(key.to_owned(), value),
    };
    body
}

fn guest_body(received: Received) -> Body {
    match received.event {
        ReceivedEvent::Guest { body, .. } => body,
        other => panic!("not a guest's message: {other:?}"),
    }
}

fn is_unreadable(received: &Received) -> bool {
    matches!(received.event, ReceivedEvent::Unreadable { .. })
        && received.key.starts_with("x:")
        && received.key.len() == 66
}

fn ignored_because(received: &Received) -> &str {
    match &received.event {
        ReceivedEvent::Ignored { why } => why,
        other => panic!("not ignored: {other:?}"),
    }
}

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
fn w5_a_body_of_another_instance_has_no_effect() {
    let received = read_json(&with(incoming("hello"), "/instanceData/idInstance", json!(1101000002)));

    assert!(is_unreadable(&received));
    assert_eq!(received.event, ReceivedEvent::Unreadable { why: "instance of another hotel".to_owned() });
}

#[test]
fn w11_a_body_cut_at_the_cap_is_kept_as_unreadable() {
    let long = incoming(&"я".repeat(600_000)).to_string();

    assert!(is_unreadable(&read(&long.as_bytes()[..long.len() - 1])));
}

#[test]
fn w13_w14_what_is_no_object_is_unreadable() {
    let whole = incoming("hello").to_string();
    let cut: Vec<&str> = (1..whole.len()).map(|end| &whole[..end]).collect();
    let twice = format!("{whole}{whole}");
    let trailing = format!("{whole},");
    for body in ["", " ", "null", "[]", "\"x\"", "1e999", "1", "{}", "{\"typeWebhook\":null}", &twice, &trailing]
        .into_iter()
        .chain(cut)
    {
        assert!(is_unreadable(&read(body)), "{body}");
    }
}

#[test]
fn w15_deep_nesting_is_unreadable_and_harmless() {
    for depth in [64, 1_000, 10_000, 1_000_000] {
        let body = with(incoming("hello"), "/deep", json!("HERE")).to_string();
        let body = body.replace("\"HERE\"", &format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
        assert!(is_unreadable(&read(body)), "{depth}");
    }
    let shallow =
        incoming("hello").to_string().replacen('{', &format!("{{\"deep\":{}{},", "[".repeat(60), "]".repeat(60)), 1);
    assert_eq!(guest_body(read(shallow)), Body::Text("hello".to_owned()));
}

#[test]
fn w16_bad_text_is_unreadable_wherever_it_stands() {
    let body = incoming("HERE").to_string();
    for bad in [&b"\xff"[..], b"\xc3", b"\xed\xa0\x80", b"\\ud800", b"\\udc00 \\ud800", b"\\ud83d"] {
        let bytes = body.as_bytes();
        let place = body.find("HERE").expect("there");
        let broken = [&bytes[..place], bad, &bytes[place + 4..]].concat();
        assert!(is_unreadable(&read(broken)), "{bad:?}");
    }
    assert_eq!(guest_body(read(body.replace("HERE", "\\ud83d\\ude00"))), Body::Text("😀".to_owned()));
}

#[test]
fn w17_nul_and_control_characters_do_not_reach_the_text() {
    assert_eq!(guest_body(read_json(&incoming("a\0b\u{7}c\r\nd"))), Body::Text("abc\nd".to_owned()));
    let named = read_json(&with(incoming("x"), "/senderData/senderName", json!("A\0nn\n\tB")));
    assert_eq!(named.sender_name.as_deref(), Some("Ann B"));
}

#[test]
fn w18_a_key_given_twice_is_unreadable() {
    let body = incoming("hello").to_string();
    for (once, twice) in [
        (r#""idMessage":"#, r#""idMessage":"OTHER","idMessage":"#),
        (r#""idInstance":"#, r#""idInstance":1101000001,"idInstance":"#),
        (r#""textMessage":"#, r#""textMessage":"x","text\u004dessage":"#),
        (r#""messageData":"#, r#""messageData":{},"messageData":"#),
    ] {
        let doubled = body.replacen(once, twice, 1);
        assert_ne!(doubled, body);
        assert!(is_unreadable(&read(doubled)), "{once}");
    }
}

#[test]
fn w19_unknown_types_are_kept_and_not_answered_blindly() {
    let kind = read_json(&webhook("holidayGreetings", text("hello")));
    assert_eq!(ignored_because(&kind), "an unknown typeWebhook");

    let message = read_json(&webhook(
        "incomingMessageReceived",
        json!({"typeMessage": "hologramMessage", "hologram": {"text": "x"}}),
    ));
    assert_eq!(guest_body(message), Body::Other { kind: "hologramMessage".to_owned(), text: None });
    let unnamed = read_json(&webhook("incomingMessageReceived", json!({"textMessageData": {"textMessage": "hello"}})));
    assert_eq!(guest_body(unnamed), Body::Other { kind: String::new(), text: Some("hello".to_owned()) });
}

#[test]
fn w20_without_an_id_a_chat_or_a_sender_it_is_unreadable() {
    for pointer in [
        "/idMessage",
        "/senderData/chatId",
        "/senderData/sender",
        "/senderData",
        "/messageData",
        "/instanceData",
        "/typeWebhook",
    ] {
        for value in [Value::Null, json!(""), json!(" "), json!([]), json!({"x": 1})] {
            let received = read_json(&with(incoming("hello"), pointer, value.clone()));
            assert!(
                is_unreadable(&received) || pointer == "/messageData" && value.is_object(),
                "{pointer} {value} {received:?}"
            );
        }
    }
    for id in ["a\nb", "a\0b", &"x".repeat(129)] {
        assert!(is_unreadable(&read_json(&with(incoming("hello"), "/idMessage", json!(id)))), "{id:?}");
    }
}

#[test]
fn optional_fields_may_be_absent_null_or_odd() {
    for (pointer, value) in [
        ("/senderData/chatName", Value::Null),
        ("/senderData/senderContactName", json!(7)),
        ("/senderData/senderPhoneNumber", json!(79001234568_i64)),
        ("/timestamp", Value::Null),
        ("/instanceData/wid", json!("")),
        ("/instanceData/wid", Value::Null),
        ("/instanceData/typeInstance", Value::Null),
        ("/messageData/isForwarded", json!("true")),
        ("/messageData/forwardingScore", json!("12")),
        ("/additions", json!({})),
    ] {
        let received = read_json(&with(incoming("hello"), pointer, value));
        assert_eq!(guest_body(received), Body::Text("hello".to_owned()), "{pointer}");
    }
    let nameless = ["senderName", "senderContactName", "chatName"];
    let nameless =
        nameless.iter().fold(incoming("x"), |body, key| with(body, &format!("/senderData/{key}"), Value::Null));
    assert_eq!(read_json(&nameless).sender_name, None);
    let booked = with(
        with(incoming("x"), "/senderData/senderName", json!("")),
        "/senderData/senderContactName",
        json!("Ann, room 7"),
    );
    assert_eq!(read_json(&booked).sender_name.as_deref(), Some("Ann, room 7"));
}

#[test]
fn w21_w28_our_own_number_never_becomes_a_guest() {
    for body in [
        with(incoming("hello"), "/senderData/sender", json!(OWN)),
        with(incoming("hello"), "/senderData/chatId", json!(OWN)),
        with(incoming("hello"), "/senderData/sender", json!("79001234567:4@c.us")),
        with(incoming("hello"), "/instanceData/wid", json!("79001234568:1@s.whatsapp.net")),
    ] {
        let received = read_json(&body);
        assert_eq!(ignored_because(&received), "own number");
        assert_eq!(received.key, "m:3AADDD555CB0822C0539");
    }
}

#[test]
fn a_tap_is_a_guests_even_from_our_own_number_because_nothing_of_ours_taps() {
    let tap = json!({"typeMessage": "buttonsResponseMessage", "buttonsResponseMessage": {"stanzaId": "B", "selectedButtonId": "1", "selectedButtonText": "Yes"}});

    let received = read_json(&with(webhook("incomingMessageReceived", tap), "/instanceData/wid", json!(GUEST)));

    assert!(matches!(guest_body(received), Body::Tap { .. }));
}

#[test]
fn w22_the_instance_is_an_exact_number() {
    for id in [json!(1101000001), json!("1101000001")] {
        assert_eq!(
            guest_body(read_json(&with(incoming("hello"), "/instanceData/idInstance", id))),
            Body::Text("hello".to_owned())
        );
    }
    let body = incoming("hello").to_string();
    for id in [
        "1101000001.0",
        "1.101000001e9",
        "-1101000001",
        "9223372036854775808",
        "9007199254740993",
        "18446744073709551617",
        "\"x\"",
        "\"\"",
        "null",
        "[1101000001]",
        "true",
    ] {
        let body = body.replace("\"idInstance\":1101000001", &format!("\"idInstance\":{id}"));
        assert!(is_unreadable(&read(body)), "{id}");
    }
    let twelve = with(incoming("hello"), "/instanceData/idInstance", json!(110100000123_i64));
    assert!(matches!(
        parse(&InstanceId::from("110100000123"), twelve.to_string().as_bytes()).event,
        ReceivedEvent::Guest { .. }
    ));
}

#[test]
fn w23_a_senseless_time_is_no_time() {
    let at = |timestamp: Value| read_json(&with(incoming("x"), "/timestamp", timestamp)).provider_at;
    let right = at(json!(1706522263));
    assert!(right.is_some());
    for same in [json!("1706522263"), json!(1706522263.7), json!(1706522263123_i64), json!(1706522263123456_i64)] {
        assert_eq!(at(same.clone()), right, "{same}");
    }
    for senseless in [
        json!(0),
        json!(-1),
        json!(253402300799_i64),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e300),
        json!("soon"),
        json!([]),
    ] {
        assert_eq!(at(senseless.clone()), None, "{senseless}");
    }
}

#[test]
fn w24_groups_statuses_and_channels_are_stored_and_not_answered() {
    for (chat, why) in [
        ("79001234567-1588091580@g.us", "a group"),
        ("120363043968066561@g.us", "a group"),
        ("status@broadcast", "a status or a broadcast"),
        ("120363043968066561@newsletter", "a channel"),
    ] {
        for kind in ["incomingMessageReceived", "outgoingMessageReceived"] {
            let received = read_json(&with(webhook(kind, text("hello")), "/senderData/chatId", json!(chat)));
            assert_eq!(ignored_because(&received), why, "{chat}");
            assert_eq!(received.chat, None);
        }
    }
}

#[test]
fn w25_a_guest_is_known_by_both_addresses_and_no_phone_is_cut_out() {
    let chats = |chat: &str, sender: &str| {
        let received = read_json(&with(
            with(incoming("x"), "/senderData/chatId", json!(chat)),
            "/senderData/sender",
            json!(sender),
        ));
        (received.chat.map(|chat| chat.0), received.also_known_as.map(|chat| chat.0))
    };
    let pair = |chat: &str, alias: &str| (Some(chat.to_owned()), Some(alias.to_owned()));
    assert_eq!(chats(LID, GUEST), pair(LID, GUEST));
    assert_eq!(chats(GUEST, LID), pair(GUEST, LID));
    assert_eq!(chats("79001234568:12@c.us", GUEST), (Some(GUEST.to_owned()), None));
    assert_eq!(chats("\u{202a}79001234568@c.us\u{202c}", GUEST), (Some(GUEST.to_owned()), None));
    assert_eq!(chats(LID, LID), (Some(LID.to_owned()), None));

    let hidden = with(with(incoming("x"), "/senderData/chatId", json!(LID)), "/senderData/sender", json!(LID));
    for phone in [json!(79001234568_i64), json!("79001234568")] {
        let received = read_json(&with(hidden.clone(), "/senderData/senderPhoneNumber", phone));
        assert_eq!(received.also_known_as, Some(ChatAddress::from(GUEST)));
    }
    for nonsense in [json!(0), json!(""), json!("+7 900"), json!(-5), json!(1.5)] {
        assert_eq!(read_json(&with(hidden.clone(), "/senderData/senderPhoneNumber", nonsense)).also_known_as, None);
    }
}

#[test]
fn w25_the_other_messengers_of_the_vendor_are_not_ours() {
    let max = with(
        with(incoming("hello"), "/instanceData/typeInstance", json!("v3")),
        "/senderData/chatId",
        json!("10000000"),
    );
    assert_eq!(ignored_because(&read_json(&max)), "an instance of another messenger");
    let telegram = with(incoming("hello"), "/instanceData/typeInstance", json!("telegram"));
    assert_eq!(ignored_because(&read_json(&telegram)), "an instance of another messenger");
}

#[test]
fn w26_an_address_that_only_looks_like_one_is_unreadable() {
    for chat in [
        "79001234568@с.us",
        "../../etc/passwd",
        "1@c.us/../2",
        "x'; DROP TABLE chats; --@c.us",
        "1\r\nX: y@c.us",
        "@c.us",
        "1@C.US",
    ] {
        assert!(is_unreadable(&read_json(&with(incoming("hello"), "/senderData/chatId", json!(chat)))), "{chat:?}");
    }
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

/// One valid body of each family, to be damaged.
fn valid_bodies() -> Vec<Value> {
    let card = json!({"typeMessage": "contactsArrayMessage", "messageData": {"contacts": [{"displayName": "Ann", "vcard": "FN:Ann"}]}});
    let place =
        json!({"typeMessage": "locationMessage", "locationMessageData": {"latitude": 12.3, "longitude": -14.1}});
    let vote = json!({"typeMessage": "pollUpdateMessage", "pollMessageData": {"stanzaId": "P", "votes": [{"optionName": "Yes", "optionVoters": [GUEST]}]}});
    let list = json!({"typeMessage": "listResponseMessage", "listResponseMessage": {"stanzaId": "B", "title": "Yes", "listType": 1, "singleSelectReply": "1"}});
    let invite = json!({"typeMessage": "groupInviteMessage", "groupInviteMessageData": {"inviteExpiration": {"low": 1, "high": 0, "unsigned": false}}});
    let mut bodies: Vec<Value> = [text("Hello, 😀"), card, place, vote, list, invite]
        .into_iter()
        .map(|message| webhook("incomingMessageReceived", message))
        .collect();
    bodies.push(webhook("outgoingAPIMessageReceived", text("x")));
    bodies.push(json!({"typeWebhook": "outgoingMessageStatus", "chatId": GUEST, "instanceData": {"idInstance": 1101000001}, "idMessage": "A", "status": "sent"}));
    bodies.push(json!({"typeWebhook": "incomingCall", "instanceData": {"idInstance": 1101000001}, "from": GUEST, "status": "offer"}));
    bodies
}

fn is_usable(received: &Received) -> bool {
    !received.key.is_empty() && received.key.len() <= 300 && !received.key.contains('\0')
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic_and_have_a_key(body in proptest::collection::vec(any::<u8>(), 0..600)) {
        let received = read(&body);
        prop_assert!(is_usable(&received));
        prop_assert_eq!(read(&body), received);
    }

    #[test]
    fn a_damaged_body_is_read_without_a_panic_and_has_a_key(
        which in 0..9_usize,
        damages in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6),
    ) {
        let mut body = valid_bodies()[which].to_string().into_bytes();
        for (place, byte, how) in damages {
            if body.is_empty() {
                break;
            }
            let place = place.index(body.len());
            match how {
                0 => body[place] = byte,
                1 => body.insert(place, byte),
                2 => drop(body.remove(place)),
                _ => body.truncate(place),
            }
        }
        prop_assert!(is_usable(&read(&body)));
    }

    #[test]
    fn any_value_in_any_field_is_read_without_a_panic_and_has_a_key(which in 0..9_usize, field in any::<prop::sample::Index>(), value in any_json()) {
        let mut body = valid_bodies()[which].clone();
        let mut fields = Vec::new();
        pointers(&body, String::new(), &mut fields);
        *body.pointer_mut(&fields[field.index(fields.len())]).expect("it was there") = value;
        prop_assert!(is_usable(&read_json(&body)));
    }

    #[test]
    fn any_words_of_a_guest_arrive_as_they_are_but_for_control_characters(words in "\\PC{1,200}") {
        prop_assume!(!words.contains("{{SWE"));
        prop_assert_eq!(guest_body(read_json(&incoming(&words))), Body::Text(words));
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,80}".prop_map(Value::from),
        Just(json!("x".repeat(400))),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("[a-zA-Z]{1,12}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<Value>()),
        ]
    })
}

/// The pointers to every value below the top.
fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(place, value)| (place.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (key, child) in children {
        let pointer = format!("{at}/{key}");
        pointers(child, pointer.clone(), found);
        found.push(pointer);
    }
}
