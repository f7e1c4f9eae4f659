//! Webhook bodies, good and bad. The names begin with the row of the catalogue of bad input they hold (W11 to W41).

mod bad_input;
mod damaged;
mod events;
pub mod published;

use hotelbot::domain::ids::InstanceId;
use hotelbot::domain::received::{Body, Received, ReceivedEvent};
use hotelbot::gateways::green_api::webhook::parse;
use serde_json::{Value, json};

const OWN: &str = "79001234567@c.us";
/// The guest of the bodies.
pub const GUEST: &str = "79001234568@c.us";
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
