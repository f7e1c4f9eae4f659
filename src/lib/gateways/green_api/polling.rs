//! The other way to receive: asking for the next notification, and confirming it. It works only while the instance
//! has no webhook URL, and the same notification comes again until it is confirmed.

use super::call::{self, Answer, Caller, LONGEST_ANSWER};
use super::instance::unreadable;
use crate::ports::{Line, Notification, Unavailable};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wrapped<'a> {
    receipt_id: u64,
    #[serde(borrow)]
    body: &'a RawValue,
}

/// The next notification, or none after `wait` (5 to 60 s, the vendor's bounds).
pub(super) async fn poll(caller: &Caller, line: &Line, wait: Duration) -> Result<Option<Notification>, Unavailable> {
    const METHOD: &str = "receiveNotification";
    let seconds = wait.as_secs().clamp(5, 60);
    let url = call::url(line, METHOD, &format!("?receiveTimeout={seconds}"))?;
    let deadline = Duration::from_secs(seconds + 10);
    let answer = call::exchange(caller.client.get(url), deadline, LONGEST_ANSWER).await?;
    match answer {
        Answer { status: 200, body, .. } => unwrap(body).map_err(|()| unreadable(METHOD)),
        answer => call::answered(METHOD, answer).map(|_| None),
    }
}

/// Takes the notification out of its wrapper. One that cannot be read, or is too long and was cut, is handed on as it
/// is as long as its receipt can be found: it is kept as unreadable and confirmed, or it would stand before all others.
fn unwrap(body: Vec<u8>) -> Result<Option<Notification>, ()> {
    if body.trim_ascii() == b"null" || body.trim_ascii().is_empty() {
        return Ok(None);
    }
    if let Ok(Wrapped { receipt_id, body }) = serde_json::from_slice(&body) {
        return Ok(Some(Notification { receipt: receipt_id, body: body.get().as_bytes().to_vec() }));
    }
    let receipt = find_receipt(&body).ok_or(())?;
    Ok(Some(Notification { receipt, body }))
}

fn find_receipt(body: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"\"receiptId\"";
    let start = body.windows(NAME.len()).position(|part| part == NAME)? + NAME.len();
    let rest = body[start..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

/// Removes a notification; one that is already gone is no fault.
pub(super) async fn confirm(caller: &Caller, line: &Line, receipt: u64) -> Result<(), Unavailable> {
    const METHOD: &str = "deleteNotification";
    // The receipt is a part of the path: one of the vendor's own clients puts it into the body, which deletes nothing.
    let url = call::url(line, METHOD, &format!("/{receipt}"))?;
    let answer = caller.exchange(caller.client.delete(url)).await?;
    call::answered(METHOD, answer).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(body: &str) -> Option<(u64, String)> {
        let notification = unwrap(body.as_bytes().to_vec()).expect("readable")?;
        Some((notification.receipt, String::from_utf8(notification.body).expect("text")))
    }

    #[test]
    fn a_notification_is_taken_out_byte_for_byte() {
        assert_eq!(taken("null"), None);
        assert_eq!(taken(" null\n"), None);
        assert_eq!(
            taken(r#"{"receiptId":17,"body":{"a": 1.50,"a":2}}"#),
            Some((17, r#"{"a": 1.50,"a":2}"#.to_owned()))
        );
    }

    #[test]
    fn one_that_cannot_be_read_can_still_be_confirmed() {
        let cut = r#"{"receiptId" : 17, "body":{"typeWebhook":"incomingMess"#;

        assert_eq!(taken(cut), Some((17, cut.to_owned())));
        assert!(unwrap(b"<html>".to_vec()).is_err());
    }
}
