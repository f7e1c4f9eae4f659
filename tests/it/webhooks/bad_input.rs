//! Rows W5 to W26: what is not to be believed.

use super::*;
use hotelbot::domain::ids::ChatAddress;

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
    assert_eq!(guest_body(message), Body::Other { kind: "hologramMessage".to_owned(), text: Some("x".to_owned()) });
    let unnamed = read_json(&webhook("incomingMessageReceived", json!({"textMessageData": {"textMessage": "hello"}})));
    assert_eq!(guest_body(unnamed), Body::Text("hello".to_owned()));
}

#[test]
fn w20_without_an_id_a_chat_or_a_sender_it_is_unreadable() {
    for pointer in
        ["/idMessage", "/senderData/chatId", "/senderData/sender", "/senderData", "/messageData", "/typeWebhook"]
    {
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
        ("/instanceData/typeInstance", json!("whatsapp-business")),
        ("/instanceData/typeInstance", json!(7)),
        // The token has said already whose it is.
        ("/instanceData/idInstance", Value::Null),
        ("/instanceData", Value::Null),
        ("/instanceData", json!([])),
        ("/senderData/sender", json!(79001234568_i64)),
        ("/typeWebhook", json!("IncomingMessageReceived ")),
        ("/messageData/typeMessage", Value::Null),
        ("/messageData/textMessageData", json!({"textMessage": "hello", "isTemplateMessage": "no", "new": [{}]})),
        ("/messageData/textMessageData", json!({"text": "hello"})),
        ("/messageData/quotedMessage", json!("odd")),
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
