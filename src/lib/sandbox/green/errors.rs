//! Green API's refusals: status codes, texts and bodies.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// 400 with the vendor's detail text.
    Invalid(String),
    /// 400, the body is no JSON; the text is that of the vendor's JavaScript parser.
    Unreadable(String),
    /// 400, the body is JSON but not what the method takes.
    BadRequest,
    /// 400, the instance reboots.
    Starting,
    /// 400, no phone is linked.
    NotAuthorized,
    /// 400, the plan has run out.
    Expired,
    /// 400, the instance is gone.
    Deleted,
    /// 401, wrong token.
    Unauthorized,
    /// 403, unknown instance, or a method that is dead.
    Forbidden,
    /// 403, the account is suspended.
    Suspended,
    /// 404, no such method, or not with this verb.
    NotFound,
    /// 429.
    TooManyRequests,
    /// 466, the plan's quota of chats.
    Quota,
    /// 500, a JSON body over 100 kB.
    TooLarge,
    /// 500, a file over 100 MB.
    FileTooLarge,
}

impl Refusal {
    fn status(&self) -> u16 {
        match self {
            Self::Invalid(_)
            | Self::Unreadable(_)
            | Self::BadRequest
            | Self::Starting
            | Self::NotAuthorized
            | Self::Expired
            | Self::Deleted => 400,
            Self::Unauthorized => 401,
            Self::Forbidden | Self::Suspended => 403,
            Self::NotFound => 404,
            Self::TooManyRequests => 429,
            Self::Quota => 466,
            Self::TooLarge | Self::FileTooLarge => 500,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Invalid(detail) => format!("Validation failed. Details: {detail}"),
            Self::Unreadable(text) => text.clone(),
            Self::BadRequest => "bad request data".into(),
            Self::Starting => "instance in starting process try later".into(),
            Self::NotAuthorized => "instance is starting or not authorized".into(),
            Self::Expired => "Instance account is expired. Renew your instance from personal area".into(),
            Self::Deleted => "Instance is deleted".into(),
            Self::Unauthorized => "Unauthorized".into(),
            Self::Forbidden => "Forbidden".into(),
            Self::Suspended => "Your account is suspended".into(),
            Self::NotFound => "Not Found".into(),
            Self::TooManyRequests => "Too Many Requests".into(),
            Self::Quota => "Monthly quota has been exceeded".into(),
            Self::TooLarge => "request entity too large".into(),
            Self::FileTooLarge => "File from url exceeded max upload size. Size: 100 MB".into(),
        }
    }
}

/// The response to a refused call of `method`.
#[must_use]
pub fn respond(refusal: Refusal, method: &str) -> Response<Body> {
    let status = refusal.status();
    match refusal {
        Refusal::Quota => plain_json(status, &quota(method)),
        // The gateway in front of the API refuses these, in plain text.
        Refusal::TooManyRequests => plain(status, &refusal.text()),
        _ => plain_json(status, &json!({"statusCode": status, "message": refusal.text()})),
    }
}

/// The body of a 466: the call is within its own quota, the number of chats is not.
fn quota(method: &str) -> Value {
    json!({
        "invokeStatus": {"method": method, "used": 4, "total": 1000, "status": "QUOTE_ALLOWED", "description": ""},
        "correspondentsStatus": {
            "method": "correspondents", "used": 3, "total": 3, "status": "CORRESPONDENTS_QUOTE_EXCEEDED",
            "description": "Monthly quota has been exceeded: sending is possible to the chats of this month only",
        },
    })
}

/// A response with a JSON body.
#[must_use]
pub fn plain_json(status: u16, body: &Value) -> Response<Body> {
    typed(status, "application/json; charset=utf-8", body.to_string())
}

/// A response with a text body.
#[must_use]
pub fn plain(status: u16, body: &str) -> Response<Body> {
    typed(status, "text/plain; charset=utf-8", body.to_owned())
}

/// The page a proxy in front of the API answers with.
#[must_use]
pub fn html(status: u16, title: &str) -> Response<Body> {
    let page = format!(
        "<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n<center><h1>{status} {title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    typed(status, "text/html", page)
}

/// 200 and no body, as `sendTyping` and `deleteMessage` answer.
#[must_use]
pub fn empty() -> Response<Body> {
    Response::new(Body::empty())
}

fn typed(status: u16, content_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).expect("all codes here are between 100 and 999");
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_the_vendors_code() {
        for (refusal, status) in [
            (Refusal::Starting, 400),
            (Refusal::Expired, 400),
            (Refusal::Unauthorized, 401),
            (Refusal::Suspended, 403),
            (Refusal::NotFound, 404),
            (Refusal::TooManyRequests, 429),
            (Refusal::Quota, 466),
            (Refusal::TooLarge, 500),
        ] {
            assert_eq!(respond(refusal.clone(), "sendMessage").status().as_u16(), status, "{refusal:?}");
        }
    }
}
