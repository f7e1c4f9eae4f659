//! What can be made to go wrong at one instance, and the answers a struck call gets.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::errors::{self, Refusal};
use crate::sandbox::server;

/// One kind of misbehaviour.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// A call is answered wrongly. With `accept` its effect happens all the same.
    Call {
        /// Whether the call takes effect before the wrong answer.
        #[serde(default)]
        accept: bool,
        /// What the caller gets.
        answer: Answer,
        /// For `hang` and `drip`: how long, in emulated seconds.
        #[serde(default)]
        seconds: f64,
    },
    /// A notification comes `copies` times more, one after the other or all at once.
    Duplicate {
        /// How many more.
        copies: u32,
        /// Whether the copies arrive at the same time.
        #[serde(default)]
        parallel: bool,
    },
    /// A notification never arrives; the journal still has the message.
    LostWebhook,
    /// A guest's message is neither notified nor in the journal.
    LostMessage,
    /// The echo of a sent message never arrives.
    LostEcho,
    /// A notification arrives late, overtaken by others.
    Delay {
        /// How late, in emulated seconds.
        seconds: f64,
    },
    /// Chats are named by `@lid` in notifications.
    Lid,
    /// The outgoing queue does not move.
    StuckQueue,
    /// Accepted with an id, never sent, never mentioned again.
    NeverSent,
    /// Accepted with an id, then `failed` and nothing else: not sent (green-api issues 536 and 606).
    Failed,
    /// `failed` follows `sent`, although the guest has got the message.
    FailedAfterSent,
    /// The account does not exist: status `noAccount`, no echo.
    NoAccount,
    /// Statuses arrive in the order read, delivered, failed, sent.
    StatusDisorder,
    /// The `delivered` status is an empty string.
    EmptyStatus,
    /// A guest's text arrives as `{{SWE001}}` and, later, as itself under the same id.
    Undecrypted {
        /// When the real text follows, in emulated seconds.
        seconds: f64,
    },
    /// `senderContactName` and `chatName` are missing.
    MissingNames,
    /// Fields that no page mentions.
    ExtraFields,
    /// A `typeMessage` that no page mentions.
    UnknownType,
    /// `Authorization` carries the token without a scheme.
    BareToken,
}

/// The wrong answer a call gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// 400, the instance is rebooting.
    Starting,
    /// 400, no phone is linked.
    NotAuthorized,
    /// 400, not paid for.
    Expired,
    /// 400, deleted.
    Deleted,
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 403, the account is suspended.
    Suspended,
    /// 429.
    TooManyRequests,
    /// 466 with its body.
    Quota,
    /// 499.
    ClientClosed,
    /// 500.
    Internal,
    /// 502.
    BadGateway,
    /// 503.
    Unavailable,
    /// 504.
    GatewayTimeout,
    /// 200 with an HTML page.
    Html,
    /// 200 with nothing.
    Empty,
    /// 200 with `{}`.
    EmptyObject,
    /// 200 with `{"idMessage": null}`.
    NullId,
    /// 200 with `null`, as `getStateInstance` answers while an instance is being created.
    Null,
    /// No answer for a while, then the right one.
    Hang,
    /// The connection is closed without an answer.
    Drop,
    /// The answer comes a byte a second.
    Drip,
    /// 200 with a body that does not end before a gigabyte.
    Huge,
}

impl Answer {
    /// The response, or `None` for `Hang`, whose answer is the right one.
    #[must_use]
    pub fn response(self, method: &str, seconds: Duration) -> Option<Response<Body>> {
        Some(match self {
            Self::Starting => errors::respond(Refusal::Starting, method),
            Self::NotAuthorized => errors::respond(Refusal::NotAuthorized, method),
            Self::Expired => errors::respond(Refusal::Expired, method),
            Self::Deleted => errors::respond(Refusal::Deleted, method),
            Self::Unauthorized => errors::respond(Refusal::Unauthorized, method),
            Self::Forbidden => errors::respond(Refusal::Forbidden, method),
            Self::Suspended => errors::respond(Refusal::Suspended, method),
            Self::TooManyRequests => errors::respond(Refusal::TooManyRequests, method),
            Self::Quota => errors::respond(Refusal::Quota, method),
            Self::ClientClosed => errors::html(499, "Client Closed Request"),
            Self::Internal => errors::plain_json(500, &json!({"message": "Internal server error", "statusCode": 500})),
            Self::BadGateway => errors::html(502, "Bad Gateway"),
            Self::Unavailable => errors::html(503, "Service Temporarily Unavailable"),
            Self::GatewayTimeout => errors::html(504, "Gateway Time-out"),
            Self::Html => errors::html(200, "Welcome"),
            Self::Empty => errors::empty(),
            Self::EmptyObject => errors::plain_json(200, &json!({})),
            Self::NullId => errors::plain_json(200, &json!({"idMessage": null})),
            Self::Null => errors::plain_json(200, &serde_json::Value::Null),
            Self::Drop => server::cut(),
            Self::Drip => drip(seconds),
            Self::Huge => huge(),
            Self::Hang => return None,
        })
    }
}

/// A valid answer, padded with blanks, one byte a real second.
fn drip(seconds: Duration) -> Response<Body> {
    let length = usize::try_from(seconds.as_secs()).unwrap_or(usize::MAX).max(10);
    let bytes = futures_util::stream::unfold(0_usize, move |sent| async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let byte = if sent + 1 == length {
            "}"
        } else if sent == 0 {
            "{"
        } else {
            " "
        };
        (sent < length).then(|| (Ok::<_, std::convert::Infallible>(Bytes::from(byte)), sent + 1))
    });
    streamed(Body::from_stream(bytes))
}

/// A gigabyte of blanks inside a JSON object.
fn huge() -> Response<Body> {
    static BLANKS: [u8; 65_536] = [b' '; 65_536];
    let blocks = (0..16_384).map(|_| Ok::<_, std::convert::Infallible>(Bytes::from_static(&BLANKS)));
    streamed(Body::from_stream(futures_util::stream::iter(blocks)))
}

fn streamed(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::switches::Switch;

    #[test]
    fn a_switch_is_written_as_flat_json() {
        let switch: Switch<Fault> =
            serde_json::from_value(json!({"fault": "call", "accept": true, "answer": "bad_gateway", "times": 2}))
                .unwrap();

        assert_eq!(switch.times, Some(2));
        assert!(matches!(switch.fault, Fault::Call { accept: true, answer: Answer::BadGateway, .. }));
    }
}
