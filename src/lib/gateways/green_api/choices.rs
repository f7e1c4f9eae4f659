//! What a guest chose of what was offered: votes in polls, taps on buttons and on lines of lists.

use super::address::{Address, is_lid};
use super::fields::{at, first_words, identifier, words};
use super::message::{id, stanza};
use crate::domain::ids::ChatAddress;
use crate::domain::received::Body;
use serde_json::Value;

/// What the sender chose. The votes of others are listed too, and are not theirs; an address that cannot be compared
/// with the sender's (a `@lid` beside a phone) counts, as each webhook carries the vote of one person.
pub(super) fn vote(data: &Value, voters: &[ChatAddress]) -> Body {
    let votes = at(data, &["pollMessageData", "votes"]).as_array().map(Vec::as_slice).unwrap_or_default();
    let by_sender = |voter: &Value| voter_address(voter).is_some_and(|address| voters.contains(&address));
    let incomparable = |voter: &Value| {
        voter_address(voter).is_some_and(|address| !voters.iter().any(|own| is_lid(own) == is_lid(&address)))
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
    Address::parse(text).person()
}

/// The kinds that are a choice even where nothing in them says which. The documentation says
/// `templateButtonsReplyMessage`, its bodies say `templateButtonReplyMessage`; both arrive.
const TAPS: &[&str] = &[
    "buttonsResponseMessage",
    "templateButtonsReplyMessage",
    "templateButtonReplyMessage",
    "interactiveButtonsResponse",
    "interactiveButtonsReplyResponse",
    "listResponseMessage",
];
/// What only a choice has.
const CHOSEN: &[&[&str]] =
    &[&["selectedButtonId"], &["selectedId"], &["singleSelectReply"], &["singleSelectReply", "selectedRowId"]];
const LABELS: &[&[&str]] = &[&["selectedButtonText"], &["selectedDisplayText"]];

/// A tap on a button or on a line of a list, whatever the object with its parts is called; `None` if it is none.
pub(super) fn tap(data: &Value, kind: &str) -> Option<Body> {
    let within = data.as_object().into_iter().flatten().filter(|(name, _)| *name != "quotedMessage");
    let object = within.map(|(_, value)| value).find(|value| is_choice(value));
    if object.is_none() && !TAPS.contains(&kind) && !is_choice(data) {
        return None;
    }
    let object = object.unwrap_or(data);
    let chosen = CHOSEN.iter().find_map(|path| identifier(at(object, path))).unwrap_or_default();
    // The title of a line of a list is what the guest read and chose.
    let label = first_words(object, LABELS).or_else(|| words(object, &["title"])).unwrap_or_else(|| chosen.clone());
    Some(Body::Tap { on: id(object, &["stanzaId"]), id: chosen, label })
}

fn is_choice(object: &Value) -> bool {
    CHOSEN.iter().any(|path| identifier(at(object, path)).is_some()) || first_words(object, LABELS).is_some()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{GUEST, body, found};
    use super::*;
    use serde_json::json;

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
            json!({"typeMessage": "buttonReply2027", "whateverItIsCalled": template}),
            json!({"typeMessage": "listResponseMessage", "listResponse": {"stanzaId": "B1", "title": "Yes", "singleSelectReply": 7}, "quotedMessage": {"selectedId": "9", "stanzaId": "Q"}}),
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
    fn a_message_that_quotes_a_choice_is_none() {
        let quoting = json!({"typeMessage": "hologramMessage", "text": "why?", "quotedMessage": {"selectedId": "7"}});

        assert!(matches!(body(quoting), Body::Other { text: Some(text), .. } if text == "why?"));
    }
}
