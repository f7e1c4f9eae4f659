//! Any bytes, damaged bodies, any value in any field: read without a panic, and each has a key.

use super::*;
use proptest::prelude::*;

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
