//! The routes: webhooks and health for the world, metrics for the house.

use super::signature::{self, Signed};
use crate::domain::ids::HotelId;
use crate::flow::Flow;
use crate::flow::in_force::Served;
use crate::flow::pms::{Taken, deliver};
use crate::flow::receive::{Intake, RETRY_AFTER, receive};
use crate::ports::Unread;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER as RETRY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

/// The largest body that is read.
const MOST_BYTES: usize = 1024 * 1024;
/// A body must have come whole in this time.
const BODY_WITHIN: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Public {
    flow: Flow,
    intake: Intake,
    stop: CancellationToken,
}

#[derive(Clone)]
struct Admin {
    flow: Flow,
    token: Option<SecretString>,
}

/// What the internet may call.
pub fn public(flow: Flow, intake: Intake, stop: CancellationToken) -> Router {
    Router::new()
        .route("/hooks/{hotel}/whatsapp", post(whatsapp))
        .route("/hooks/{hotel}/pms", post(pms))
        .route("/healthz", get(|| async { health("ok") }))
        .route("/readyz", get(ready))
        .with_state(Public { flow, intake, stop })
        .layer(CatchPanicLayer::new())
}

/// What the house may call.
pub fn admin(flow: Flow, token: Option<SecretString>) -> Router {
    Router::new()
        .route("/metrics", get(metrics_page))
        .route("/healthz", get(|| async { health("ok") }))
        .with_state(Admin { flow, token })
        .layer(CatchPanicLayer::new())
}

fn health(word: &str) -> Response {
    ([(CONTENT_TYPE, "application/json")], format!("{{\"status\":\"{word}\"}}\n")).into_response()
}

/// Ready means: an event that comes now can be made durable.
async fn ready(State(door): State<Public>) -> Response {
    if door.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, health("stopping")).into_response();
    }
    match tokio::time::timeout(Duration::from_secs(2), door.flow.store.ping()).await {
        Ok(Ok(())) => health("ready"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, health("database unavailable")).into_response(),
    }
}

async fn metrics_page(State(door): State<Admin>, headers: HeaderMap) -> Response {
    if door.token.as_ref().is_some_and(|token| !shows(&headers, token)) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let page = crate::daemon::metrics::render(&door.flow).await;
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page).into_response()
}

async fn whatsapp(State(door): State<Public>, Path(hotel): Path<String>, request: Request) -> Response {
    let response = take(&door, &hotel, request).await;
    metrics::counter!("hotelbot_webhooks_total", "status" => response.status().as_str().to_owned()).increment(1);
    response
}

/// After the token is right, the content is never refused: anything but 200 would stop the hotel's whole feed.
async fn take(door: &Public, hotel: &str, request: Request) -> Response {
    let Some(served) = authenticate(&door.flow, hotel, request.headers()) else {
        return closing(StatusCode::UNAUTHORIZED);
    };
    if is_encoded(request.headers()) {
        return closing(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    if declares_too_much(request.headers()) {
        return closing(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let body = match read(request.into_body()).await {
        Ok(body) => body,
        Err(status) => return closing(status),
    };
    match receive(&door.flow, &door.intake, &served.hotel, &body).await {
        Ok(_) => StatusCode::OK.into_response(),
        Err(error) => {
            tracing::warn!(hotel = %served.hotel.id, error = %error, "an event was not taken");
            let seconds = HeaderValue::from(RETRY_AFTER.as_secs());
            (StatusCode::SERVICE_UNAVAILABLE, [(RETRY, seconds)]).into_response()
        }
    }
}

async fn pms(State(door): State<Public>, Path(hotel): Path<String>, request: Request) -> Response {
    let response = take_delivery(&door, &hotel, request).await;
    metrics::counter!("hotelbot_pms_deliveries_total", "status" => response.status().as_str().to_owned()).increment(1);
    response
}

/// A signature covers the body, so the body is read before it can be judged: only where the header is well formed and
/// of this time. An unknown hotel takes the same road as a wrong secret.
async fn take_delivery(door: &Public, hotel: &str, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let served = HotelId::parse(hotel).ok().and_then(|id| door.flow.served(&id));
    let known = served.as_deref().and_then(|served| served.line.as_ref().ok()?.pms_secret.clone());
    let secret = known.clone().unwrap_or_else(|| SecretString::from("no such hotel"));
    let signed = Signed::read(&head.headers, door.flow.now());
    let bearer = !head.headers.contains_key(signature::HEADER) && shows(&head.headers, &secret);
    if signed.is_none() && !(bearer && known.is_some()) {
        return closing(StatusCode::UNAUTHORIZED);
    }
    if is_encoded(&head.headers) {
        return closing(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    if declares_too_much(&head.headers) {
        return closing(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let body = match read(body).await {
        Ok(body) => body,
        Err(status) => return closing(status),
    };
    let right = signed.is_none_or(|signed| signed.is_right(&secret, &body));
    let Some(served) = served.filter(|_| right && known.is_some()) else {
        return closing(StatusCode::UNAUTHORIZED);
    };
    match deliver(&door.flow, &door.intake, &served.hotel, &body).await {
        Ok(taken) => axum::Json(answer(&taken)).into_response(),
        Err(error) => {
            tracing::warn!(hotel = %served.hotel.id, error = %error, "a delivery of the PMS was not taken");
            let seconds = HeaderValue::from(RETRY_AFTER.as_secs());
            (StatusCode::SERVICE_UNAVAILABLE, [(RETRY, seconds)]).into_response()
        }
    }
}

/// What the PMS's integrator wants to know; holds no guest's data.
fn answer(taken: &Taken) -> serde_json::Value {
    let unread = |unread: &Unread| serde_json::json!({ "index": unread.index, "mistakes": unread.mistakes });
    serde_json::json!({
        "taken": taken.told,
        "changed": taken.changed,
        "unreadable": taken.unread.iter().map(unread).collect::<Vec<_>>(),
    })
}

/// An answer to a request whose body was not read: the connection cannot be used again.
fn closing(status: StatusCode) -> Response {
    (status, [(axum::http::header::CONNECTION, "close")], Body::empty()).into_response()
}

/// The hotel, if the request shows its token. An unknown hotel takes the same road as a wrong token.
fn authenticate(flow: &Flow, hotel: &str, headers: &HeaderMap) -> Option<Arc<Served>> {
    let served = HotelId::parse(hotel).ok().and_then(|id| flow.served(&id));
    let expected = served.as_deref().and_then(|s| s.line.as_ref().ok()).and_then(|line| line.webhook_token.clone());
    let is_known = expected.is_some();
    let right = shows(headers, &expected.unwrap_or_else(|| SecretString::from("no such hotel")));
    served.filter(|_| is_known && right)
}

/// Whether the headers show the token, with `Bearer`, with `Basic` or bare. Digests are compared, in constant time.
fn shows(headers: &HeaderMap, expected: &SecretString) -> bool {
    let mut shown = headers.get_all(AUTHORIZATION).iter();
    let (first, more) = (shown.next(), shown.next());
    let text = first.and_then(|value| value.to_str().ok()).unwrap_or("");
    let wanted = Sha256::digest(without_scheme(expected.expose_secret()).as_bytes());
    let given = Sha256::digest(without_scheme(text).as_bytes());
    let same: bool = wanted.as_slice().ct_eq(given.as_slice()).into();
    same && more.is_none() && !text.trim().is_empty()
}

fn without_scheme(text: &str) -> &str {
    let text = text.trim();
    for scheme in ["bearer ", "basic "] {
        if text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)) {
            return text[scheme.len()..].trim();
        }
    }
    text
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding.as_bytes() != b"identity")
}

/// A length that will never be read need not be waited for. hyper has refused one that is no number; one that came beside
/// `Transfer-Encoding` does not get here (see `two_lengths`).
fn declares_too_much(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    length.is_some_and(|length| length > MOST_BYTES as u64)
}

async fn read(body: Body) -> Result<Bytes, StatusCode> {
    let whole = tokio::time::timeout(BODY_WITHIN, Limited::new(body, MOST_BYTES).collect()).await;
    match whole {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).expect("a header"));
        }
        headers
    }

    #[test]
    fn every_documented_way_to_show_the_token_is_accepted_and_nothing_else() {
        let token = SecretString::from("s3cret");
        for good in ["Bearer s3cret", "bearer s3cret", "Bearer   s3cret", "Basic s3cret", "s3cret"] {
            assert!(shows(&with(&[good]), &token), "{good}");
        }
        for bad in ["", "Bearer", "Bearer s3cre", "Bearer s3crets", "s3cret s3cret", "Digest s3cret"] {
            assert!(!shows(&with(&[bad]), &token), "{bad}");
        }
        assert!(!shows(&with(&[]), &token));
        assert!(!shows(&with(&["Bearer s3cret", "Bearer s3cret"]), &token), "two headers");
    }

    /// How long it takes tells nothing: what is compared has one length whatever was shown, and all of it is compared.
    /// No test can measure that; this one sees whether somebody writes it more simply.
    #[test]
    fn w2_tokens_are_compared_as_digests_and_in_constant_time() {
        let source = include_str!("http.rs");
        let from = source.find("fn shows(").expect("it is here");
        let shows = &source[from..from + source[from..].find("\n}").expect("it ends")];

        assert_eq!(shows.matches("Sha256::digest(").count(), 2, "{shows}");
        assert!(shows.contains("wanted.as_slice().ct_eq(given.as_slice())") && !shows.contains("=="), "{shows}");
    }

    #[test]
    fn the_stored_token_may_carry_its_scheme() {
        assert!(shows(&with(&["Bearer s3cret"]), &SecretString::from("Bearer s3cret")));
    }
}
