//! What the vendor remembers: the queue of what waits, and the journals of what left and what came.

use super::address::{Address, is_lid};
use super::call::{Caller, LONGEST_JOURNAL, Question};
use super::fields::{at, first_words, identifier};
use super::instance::{read, unreadable};
use super::webhook;
use crate::domain::ids::{ChatAddress, InstanceId, ProviderMessageId};
use crate::domain::outbox::SentEvidence;
use crate::domain::received::Received;
use crate::ports::{Line, Unavailable};
use serde_json::{Map, Value, json};

/// What waits to be sent, oldest first.
pub(super) async fn queue(caller: &Caller, line: &Line) -> Result<Vec<SentEvidence>, Unavailable> {
    let items = list(caller, line, "showMessagesQueue", "").await?;
    Ok(items.iter().flat_map(queued).collect())
}

/// What left in the last `minutes`, from the phone too.
pub(super) async fn sent(caller: &Caller, line: &Line, minutes: u32) -> Result<Vec<SentEvidence>, Unavailable> {
    let items = list(caller, line, "lastOutgoingMessages", &format!("?minutes={minutes}")).await?;
    Ok(items.iter().filter_map(left).collect())
}

/// What came in during the last `minutes`, each made into the webhook it would have been.
pub(super) async fn arrived(
    caller: &Caller,
    line: &Line,
    minutes: u32,
) -> Result<Vec<(Received, Vec<u8>)>, Unavailable> {
    let items = list(caller, line, "lastIncomingMessages", &format!("?minutes={minutes}")).await?;
    let bodies = items.into_iter().map(|item| webhook_of(&line.instance, item).to_string().into_bytes());
    Ok(bodies.map(|body| (webhook::parse(&line.instance, &body), body)).collect())
}

async fn list(caller: &Caller, line: &Line, method: &'static str, tail: &str) -> Result<Vec<Value>, Unavailable> {
    let question = Question { method, tail, longest: LONGEST_JOURNAL };
    match read(method, &caller.ask(line, &question).await?)? {
        Value::Array(items) => Ok(items),
        Value::Null => Ok(Vec::new()),
        _ => Err(unreadable(method)),
    }
}

/// An item of the queue. Forwarded messages come as several ids in one item; items of 2021 have no id at all, which
/// leaves it empty: such an item is still evidence, found by its chat and text.
fn queued(item: &Value) -> Vec<SentEvidence> {
    let body = if at(item, &["body"]).is_object() { at(item, &["body"]) } else { item };
    let evidence = |id: String| SentEvidence {
        id: ProviderMessageId(id),
        chat: chat(body),
        text: first_words(body, &[&["message"], &["body"], &["caption"], &["fileName"]]).unwrap_or_default(),
        quotes: identifier(at(body, &["quotedMessageId"])).map(ProviderMessageId),
        at: None,
    };
    match at(item, &["messagesIDs"]).as_array() {
        Some(ids) => ids.iter().filter_map(identifier).map(evidence).collect(),
        None => vec![evidence(
            ["messageID", "idMessage"].iter().find_map(|key| identifier(at(item, &[key]))).unwrap_or_default(),
        )],
    }
}

/// An entry of the journal of sent messages.
fn left(item: &Value) -> Option<SentEvidence> {
    const WORDS: &[&[&str]] = &[
        &["textMessage"],
        &["extendedTextMessage", "text"],
        &["extendedTextMessageData", "text"],
        &["textMessageData", "textMessage"],
        &["pollMessageData", "name"],
        &["interactiveButtons", "contentText"],
        &["interactiveButtonsReply", "contentText"],
        &["caption"],
        // A file without words is remembered by its name.
        &["fileName"],
    ];
    Some(SentEvidence {
        id: ProviderMessageId(identifier(at(item, &["idMessage"]))?),
        chat: chat(item),
        text: first_words(item, WORDS).unwrap_or_default(),
        quotes: identifier(at(item, &["quotedMessage", "stanzaId"])).map(ProviderMessageId),
        at: webhook::moment(at(item, &["timestamp"])),
    })
}

fn chat(item: &Value) -> Option<ChatAddress> {
    Address::parse(at(item, &["chatId"]).as_str()?).chat()
}

/// The webhook of a journal entry: the journal lays flat what a webhook nests, and one reader is enough.
fn webhook_of(instance: &InstanceId, item: Value) -> Value {
    let Value::Object(mut entry) = item else { return Value::Null };
    let mut take = |key: &str| entry.remove(key).unwrap_or(Value::Null);
    let (id, timestamp, chat) = (take("idMessage"), take("timestamp"), take("chatId"));
    let sender = match take("senderId") {
        Value::Null => chat.clone(),
        sender => sender,
    };
    let own = own_number(&chat, &sender);
    let sender = json!({
        "chatId": chat, "sender": sender, "senderName": take("senderName"), "senderContactName": take("senderContactName"),
        "chatName": take("chatName"), "senderPhoneNumber": take("senderPhoneNumber"),
    });
    // A message taken back stays in the journal, with its words; it must not be answered as if it were new.
    if take("isDeleted") == Value::Bool(true) {
        entry.insert("typeMessage".to_owned(), "deletedMessage".into());
    }
    json!({
        "typeWebhook": "incomingMessageReceived",
        "instanceData": {"idInstance": instance.as_str(), "wid": own, "typeInstance": "whatsapp"},
        "timestamp": timestamp, "idMessage": id, "senderData": sender, "messageData": nest(entry),
    })
}

/// The journal does not say which number is the hotel's. But in a chat of two, a sender who is not the other one is us:
/// our own words, given as incoming. A `@lid` beside a phone says nothing.
fn own_number(chat: &Value, sender: &Value) -> String {
    let person = |value: &Value| Address::parse(value.as_str()?).person();
    match (person(chat), person(sender)) {
        (Some(chat), Some(sender)) if is_lid(&chat) == is_lid(&sender) && chat != sender => sender.0,
        _ => String::new(),
    }
}

/// Puts the flat fields where a webhook has them.
fn nest(mut entry: Map<String, Value>) -> Map<String, Value> {
    const NESTED: [(&str, &str); 3] = [
        ("location", "locationMessageData"),
        ("contact", "contactMessageData"),
        ("extendedTextMessage", "extendedTextMessageData"),
    ];
    for (flat, nested) in NESTED {
        if let Some(value) = entry.remove(flat) {
            entry.entry(nested).or_insert(value);
        }
    }
    if let Some(contacts) = entry.remove("contacts") {
        entry.entry("messageData").or_insert(json!({"contacts": contacts}));
    }
    if let Some(caption) = entry.remove("caption") {
        entry.entry("fileMessageData").or_insert(json!({"caption": caption}));
    }
    let words = entry.remove("textMessage");
    let is_text = entry.get("typeMessage").is_some_and(|kind| kind == "textMessage");
    match words {
        Some(text) if is_text => drop(entry.entry("textMessageData").or_insert(json!({"textMessage": text}))),
        // Links and edits repeat their words flat, beside the nested ones.
        Some(text) => drop(entry.insert("textMessage".to_owned(), text)),
        None => {}
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::received::{Body, MediaKind, ReceivedEvent};

    const HOTEL: &str = "1101000001";

    fn from_journal(item: Value) -> Received {
        let instance = InstanceId::from(HOTEL);
        webhook::parse(&instance, webhook_of(&instance, item).to_string().as_bytes())
    }

    fn from_webhook(message: Value) -> Received {
        let body = json!({
            "typeWebhook": "incomingMessageReceived",
            "instanceData": {"idInstance": 1101000001, "wid": "79001234567@c.us", "typeInstance": "whatsapp"},
            "timestamp": 1706522263, "idMessage": "M1",
            "senderData": {"chatId": "79001234568@c.us", "sender": "79001234568@c.us", "senderName": "Ann", "senderContactName": ""},
            "messageData": message,
        });
        webhook::parse(&InstanceId::from(HOTEL), body.to_string().as_bytes())
    }

    fn entry(more: Value) -> Value {
        let mut entry = json!({
            "type": "incoming", "idMessage": "M1", "timestamp": 1706522263, "chatId": "79001234568@c.us", "senderId": "79001234568@c.us",
            "senderName": "Ann", "senderContactName": "", "isEdited": false, "editedMessageId": "", "isDeleted": false, "deletedMessageId": "",
        });
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry
    }

    #[test]
    fn a_journal_entry_reads_as_the_webhook_it_was() {
        let text = json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": "hello"}, "quotedMessage": {"stanzaId": "Q1"}});
        let link = json!({"typeMessage": "extendedTextMessage", "extendedTextMessageData": {"text": "see https://a.b", "title": "T"}});
        let swe = json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": "{{SWE001}}"}});
        let file =
            json!({"typeMessage": "imageMessage", "fileMessageData": {"caption": "look", "downloadUrl": "https://x"}});
        let card = json!({"typeMessage": "contactMessage", "contactMessageData": {"displayName": "Bob"}});
        let place =
            json!({"typeMessage": "locationMessage", "locationMessageData": {"nameLocation": "Pier", "latitude": 1.0}});
        let poll = json!({"typeMessage": "pollUpdateMessage", "pollMessageData": {"stanzaId": "P", "votes": [{"optionName": "A", "optionVoters": ["79001234568@c.us"]}]}});
        let reaction = json!({"typeMessage": "reactionMessage", "extendedTextMessageData": {"text": "👍"}, "quotedMessage": {"stanzaId": "A1"}});
        let edit =
            json!({"typeMessage": "editedMessage", "editedMessageData": {"textMessage": "two", "stanzaId": "M0"}});
        for (flat, nested) in [
            (json!({"typeMessage": "textMessage", "textMessage": "hello", "quotedMessage": {"stanzaId": "Q1"}}), text),
            (
                json!({"typeMessage": "extendedTextMessage", "textMessage": "see https://a.b", "extendedTextMessage": {"text": "see https://a.b", "title": "T"}}),
                link,
            ),
            (json!({"typeMessage": "textMessage", "textMessage": "{{SWE001}}"}), swe),
            (
                json!({"typeMessage": "imageMessage", "downloadUrl": "https://x", "caption": "look", "mimeType": "image/jpeg"}),
                file,
            ),
            (json!({"typeMessage": "contactMessage", "contact": {"displayName": "Bob"}}), card),
            (json!({"typeMessage": "locationMessage", "location": {"nameLocation": "Pier", "latitude": 1.0}}), place),
            (poll.clone(), poll),
            (reaction.clone(), reaction),
            (json!({"typeMessage": "editedMessage", "textMessage": "two", "editedMessageId": "M0"}), edit),
        ] {
            // The journal does not say whose number it is.
            let told = Received { own_address: None, ..from_webhook(nested) };
            assert_eq!(from_journal(entry(flat.clone())), told, "{flat}");
        }
    }

    #[test]
    fn an_entry_without_a_sender_is_the_chats_own() {
        let mut entry = entry(json!({"typeMessage": "audioMessage", "downloadUrl": "https://x", "caption": ""}));
        entry.as_object_mut().unwrap().remove("senderId");

        let received = from_journal(entry);

        assert_eq!(received.chat, Some(ChatAddress::from("79001234568@c.us")));
        let voice = Body::Media { kind: MediaKind::Audio, caption: None };
        assert!(matches!(received.event, ReceivedEvent::Guest { body, .. } if body == voice));
    }

    #[test]
    fn our_own_words_in_the_journal_of_what_came_are_not_a_guests() {
        let ours = from_journal(entry(
            json!({"typeMessage": "textMessage", "textMessage": "x", "senderId": "79001234567@c.us"}),
        ));
        assert_eq!(ours.event, ReceivedEvent::Ignored { why: "own number".to_owned() });

        let hidden = from_journal(entry(
            json!({"typeMessage": "textMessage", "textMessage": "x", "chatId": "120650379300963@lid"}),
        ));
        assert!(matches!(hidden.event, ReceivedEvent::Guest { .. }));
        assert_eq!(hidden.also_known_as, Some(ChatAddress::from("79001234568@c.us")));
    }

    #[test]
    fn a_message_taken_back_does_not_come_back_through_the_journal() {
        let received =
            from_journal(entry(json!({"typeMessage": "textMessage", "textMessage": "never mind", "isDeleted": true})));

        assert!(matches!(received.event, ReceivedEvent::Guest { body: Body::Deleted { .. }, .. }));
        assert_eq!(received.key, "m:M1");
    }

    #[test]
    fn entries_that_are_no_entries_are_unreadable_and_nothing_worse() {
        for item in [Value::Null, json!([]), json!("x"), json!({}), json!({"idMessage": {"a": 1}, "chatId": 5})] {
            assert!(matches!(from_journal(item).event, ReceivedEvent::Unreadable { .. }));
        }
    }

    #[test]
    fn the_queue_is_read_in_both_shapes() {
        let now = queued(
            &json!({"messageID": "BAE5", "type": "sendMessage", "body": {"chatId": "79001234568@c.us", "message": "hi", "quotedMessageId": "Q1"}}),
        );
        let then = queued(&json!({"typeMessage": "textMessage", "chatId": "79001234568@c.us", "message": "hi"}));
        let many = queued(
            &json!({"messagesIDs": ["A", "B"], "type": "ForwardMessages", "body": {"chatId": "1@g.us", "messages": ["X"]}}),
        );

        let evidence = |id: &str, quotes: Option<&str>| SentEvidence {
            id: ProviderMessageId::from(id),
            chat: Some(ChatAddress::from("79001234568@c.us")),
            text: "hi".to_owned(),
            quotes: quotes.map(ProviderMessageId::from),
            at: None,
        };
        assert_eq!(now, vec![evidence("BAE5", Some("Q1"))]);
        assert_eq!(then, vec![evidence("", None)]);
        assert_eq!(many.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["A", "B"]);
    }
}
