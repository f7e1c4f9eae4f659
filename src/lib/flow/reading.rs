//! How the guest's own words in a turn are read here, before and beside the model: also of turns that need no model,
//! and of what a person of the hotel has answered already.

use crate::domain::received::{Body, ReceivedEvent};
use crate::domain::understanding::Reading;
use crate::nlu::{self, reader};
use crate::store::chats::Waiting;

/// The reading of everything the guest wrote in these rows; `None` when there are no words of theirs.
///
/// Each message is read by itself and all are read together: a burst may be one sentence, and one alarm among many
/// friendly lines is an alarm.
pub(super) fn of_rows(rows: &[Waiting]) -> Option<Reading> {
    let events = rows.iter().map(|row| &row.received.event);
    let words: Vec<&str> = events.filter_map(own_words).collect();
    let together = if words.len() > 1 { Some(reader::read(&words.join("\n"))) } else { None };
    let each = words.iter().map(|words| reader::read(words));
    together.into_iter().chain(each).reduce(Reading::and)
}

/// The reading of one message of a guest by itself.
pub(super) fn of_event(event: &ReceivedEvent) -> Option<Reading> {
    own_words(event).map(reader::read)
}

/// What a guest wrote in their own words, an emoji put on a message included. A tap repeats the hotel's words, and a
/// word like `STOP` is a wish, not a mood.
pub(super) fn own_words(event: &ReceivedEvent) -> Option<&str> {
    let ReceivedEvent::Guest { body, .. } = event else { return None };
    let words = match body {
        Body::Tap { .. } => return None,
        Body::Edited { text, .. } => text,
        Body::Reaction { emoji, .. } => emoji,
        body => body.words()?,
    };
    (!words.trim().is_empty() && !nlu::is_wish(words)).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::InboxId;
    use crate::domain::received::Received;
    use crate::domain::understanding::Sentiment;
    use jiff::Timestamp;
    use uuid::Uuid;

    fn rows(bodies: Vec<Body>) -> Vec<Waiting> {
        let event = |body| ReceivedEvent::Guest { id: "M".into(), body, quotes: None };
        let received = |body| Received {
            key: "k".to_owned(),
            provider_at: None,
            chat: None,
            also_known_as: None,
            sender_name: None,
            own_address: None,
            event: event(body),
        };
        let row = |(seq, body)| Waiting {
            seq,
            id: InboxId(Uuid::from_u128(1)),
            received_at: Timestamp::UNIX_EPOCH,
            received: received(body),
        };
        (1..).zip(bodies).map(row).collect()
    }

    fn text(words: &str) -> Body {
        Body::Text(words.to_owned())
    }

    #[test]
    fn one_alarm_among_friendly_lines_is_an_alarm() {
        let friendly = std::iter::repeat_n(text("The view is lovely, thank you so much!"), 5);
        let bodies = friendly.chain([text("there is smoke in the corridor")]).collect();

        let reading = of_rows(&rows(bodies)).unwrap();

        assert_eq!((reading.sentiment, reading.alert), (Sentiment::RequiresAttention, true));
    }

    #[test]
    fn what_the_hotel_wrote_itself_and_wishes_are_no_words_of_the_guest() {
        let label = "No, it was terrible".to_owned();
        for body in [
            Body::Tap { on: None, id: "no".to_owned(), label },
            text("STOP"),
            text("  "),
            Body::Sticker,
            Body::Deleted { original: None },
        ] {
            assert_eq!(of_rows(&rows(vec![body.clone()])), None, "{body:?}");
        }
    }

    #[test]
    fn an_edit_and_a_word_under_a_picture_are_read() {
        let words = "The toilet is broken and nobody comes".to_owned();
        for body in [
            Body::Edited { original: None, text: words.clone() },
            Body::Media { kind: crate::domain::received::MediaKind::Image, caption: Some(words.clone()) },
        ] {
            assert!(of_rows(&rows(vec![body.clone()])).unwrap().alert, "{body:?}");
        }
    }
}
