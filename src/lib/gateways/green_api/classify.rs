//! What the vendor's answer to a send means. Pure.
//!
//! Three things must be told apart, because a second sendMessage is a second message on the guest's phone: it was
//! accepted, it surely was not, and nobody knows. The vendor advises to repeat on 499 and 502; both can follow an
//! accepted message, so here they are `Unknown`.

use super::fields::{at, identifier, remark};
use crate::domain::ids::ProviderMessageId;
use crate::domain::outbox::{Refusal, SendError};
use serde_json::Value;
use std::time::Duration;

/// The vendor names no time for these; a starting instance needs up to five minutes, most need seconds.
const STARTING: Duration = Duration::from_secs(10);
/// Limits are counted per second.
const TOO_MANY: Duration = Duration::from_secs(2);

/// Reads the answer to a send. `retry_after` is the header of that name.
pub(super) fn classify(
    status: u16,
    retry_after: Option<Duration>,
    body: &[u8],
) -> Result<ProviderMessageId, SendError> {
    match status {
        200 => accepted(body),
        300..=308 => Err(instance("the address answers with a redirect; check api_url")),
        400 => Err(bad_request(body)),
        401 => Err(instance("the token is refused (401)")),
        402 | 466 => Err(instance("the quota of the plan is used up (466)")),
        403 => Err(instance(&with_words("forbidden (403): wrong host, a suspended or a deleted instance", body))),
        404 | 405 | 410 => {
            Err(instance(&format!("no such method at this address ({status}); check api_url and the instance")))
        }
        413 | 414 | 415 | 422 | 431 => Err(never(&with_words(&format!("the request is refused ({status})"), body))),
        429 => Err(SendError::Later {
            after: Some(retry_after.unwrap_or(TOO_MANY)),
            why: "too many requests (429)".to_owned(),
        }),
        500 if is_too_large(body) => Err(never("too large for the vendor (500)")),
        _ => Err(SendError::Unknown(format!("HTTP {status}"))),
    }
}

/// 200 promises nothing without an id to find the message by.
fn accepted(body: &[u8]) -> Result<ProviderMessageId, SendError> {
    let answer: Value =
        serde_json::from_slice(body).map_err(|_| SendError::Unknown("200 with an unreadable body".to_owned()))?;
    let id = identifier(at(&answer, &["idMessage"])).map(ProviderMessageId);
    id.ok_or_else(|| SendError::Unknown("200 without an idMessage".to_owned()))
}

/// 400 is either about this message or about the whole instance; only its words tell which. Nothing was sent in any
/// case.
fn bad_request(body: &[u8]) -> SendError {
    let words = lower(body);
    let says = |part: &str| words.contains(part);
    if says("validation failed") || says("bad request data") || says("unexpected token") {
        return never(&with_words("the request is refused (400)", body));
    }
    if says("expired") {
        return instance("the instance is not paid (400)");
    }
    if says("deleted") {
        return instance("the instance is deleted (400)");
    }
    if says("not authorized") || says("notauthorized") {
        return instance("the instance is not authorised: scan the QR code (400)");
    }
    if says("starting") {
        return SendError::Later { after: Some(STARTING), why: "the instance is starting (400)".to_owned() };
    }
    if says("limit exceeded") || says("too many requests") {
        return SendError::Later { after: Some(TOO_MANY), why: "a limit of the vendor (400)".to_owned() };
    }
    never(&with_words("the request is refused (400)", body))
}

fn is_too_large(body: &[u8]) -> bool {
    let words = lower(body);
    words.contains("request entity too large") || words.contains("exceeded max upload size")
}

/// The start of a body in lower case, to look for known words.
fn lower(body: &[u8]) -> String {
    const LOOKED_AT: usize = 4_096;
    String::from_utf8_lossy(&body[..body.len().min(LOOKED_AT)]).to_lowercase()
}

/// The vendor's own words on an error, fit to be logged: no page of HTML, no phone numbers, and no URL, as some
/// servers repeat the whole path with the token in it.
pub(super) fn vendor_words(body: &[u8]) -> Option<String> {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(answer) => at(&answer, &["message"])
            .as_str()
            .or_else(|| at(&answer, &["error"]).as_str())
            .or(answer.as_str())?
            .to_owned(),
        Err(_) => String::from_utf8_lossy(&body[..body.len().min(400)]).into_owned(),
    };
    let words = remark(&text, 160);
    let is_unfit = words.is_empty() || words.starts_with('<') || words.contains("waInstance") || words.contains("://");
    (!is_unfit).then_some(words)
}

/// A reason with the vendor's words behind it, when there are any to repeat.
pub(super) fn with_words(why: &str, body: &[u8]) -> String {
    match vendor_words(body) {
        Some(words) => format!("{why}: {words}"),
        None => why.to_owned(),
    }
}

fn instance(why: &str) -> SendError {
    SendError::Instance(why.to_owned())
}

fn never(why: &str) -> SendError {
    SendError::Never(Refusal(why.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    enum Class {
        Accepted,
        Later,
        Never,
        Instance,
        Unknown,
    }

    fn class(status: u16, body: &str) -> Class {
        match classify(status, None, body.as_bytes()) {
            Ok(_) => Class::Accepted,
            Err(SendError::Later { .. }) => Class::Later,
            Err(SendError::Never(_)) => Class::Never,
            Err(SendError::Instance(_)) => Class::Instance,
            Err(SendError::Unknown(_)) => Class::Unknown,
        }
    }

    #[test]
    fn only_what_surely_was_not_sent_may_be_tried_again() {
        for (status, body, expected) in [
            (200, r#"{"idMessage":"3EB0C767D097B7C7C030"}"#, Class::Accepted),
            (200, r#"{"idMessage":"3EB0","unknown":[1]}"#, Class::Accepted),
            (200, r#"{"idMessage":null}"#, Class::Unknown),
            (200, r#"{"idMessage":""}"#, Class::Unknown),
            (200, r#"{"idMessage":["3EB0"]}"#, Class::Unknown),
            (200, r#"{"idMess"#, Class::Unknown),
            (200, "", Class::Unknown),
            (201, r#"{"idMessage":"3EB0"}"#, Class::Unknown),
            (204, "", Class::Unknown),
            (301, "", Class::Instance),
            (400, r#"{"message":"instance in starting process try later"}"#, Class::Later),
            (400, "instance is starting or not authorized", Class::Instance),
            (400, "instance account not authorized", Class::Instance),
            (400, "Instance account is expired. Renew your instance from personal area", Class::Instance),
            (400, "Instance is deleted", Class::Instance),
            (400, "bad request data", Class::Never),
            (
                400,
                "Validation failed. Details: 'message' length must be less than or equal to 20000 characters long",
                Class::Never,
            ),
            (400, "Validation failed. Details: 'starting' is not allowed", Class::Never),
            (400, "Unexpected token _ in JSON at position 7", Class::Never),
            (400, "check phone number timeout limit exceeded", Class::Later),
            (400, "", Class::Never),
            (401, "Unauthorized", Class::Instance),
            (403, r#"{"message":"Your account is suspended"}"#, Class::Instance),
            (404, "Cannot POST /waInstance1101/sendMessage/secret", Class::Instance),
            (429, "Too Many Requests", Class::Later),
            (466, r#"{"correspondentsStatus":{"status":"CORRESPONDENTS_QUOTE_EXCEEDED"}}"#, Class::Instance),
            (499, "Client Closed Request", Class::Unknown),
            (500, "Internal Server Error", Class::Unknown),
            (500, "request entity too large", Class::Never),
            (500, r#"{"message":"Request entity too large"}"#, Class::Never),
            (502, "<html>Bad Gateway</html>", Class::Unknown),
            (503, "", Class::Unknown),
            (504, "", Class::Unknown),
            (418, "", Class::Unknown),
        ] {
            assert_eq!(class(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn the_vendors_wish_to_wait_is_heard() {
        let wish = Some(Duration::from_secs(7));

        assert!(matches!(classify(429, wish, b""), Err(SendError::Later { after, .. }) if after == wish));
    }

    #[test]
    fn no_reason_repeats_a_token_or_a_phone_number() {
        for (status, body) in [
            (403, "Cannot POST /waInstance1101/sendMessage/secret"),
            (404, "Cannot POST /waInstance1101/sendMessage/secret"),
            (400, "bad request data https://api.green-api.com/waInstance1101/sendMessage/secret"),
            (400, r#"{"message":"Validation failed. Details: chatId 79001234567@c.us"}"#),
        ] {
            let why = classify(status, None, body.as_bytes()).expect_err("refused").to_string();
            assert!(!why.contains("secret") && !why.contains("79001234567"), "{why}");
        }
        let why = classify(400, None, br#"{"message":"Validation failed. Details: 'message' is empty"}"#)
            .expect_err("refused");
        assert!(why.to_string().ends_with("Validation failed. Details: 'message' is empty"));
    }
}
