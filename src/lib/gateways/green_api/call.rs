//! One call to the vendor: the URL, the deadline, the cap on the answer.

use super::classify::with_words;
use crate::gateways::http::chain;
use crate::ports::{Line, Unavailable};
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder, Response};
use secrecy::ExposeSecret;
use std::time::Duration;

/// The total time of a call. The vendor answers in well under a second; its own clients wait 180 s.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);
/// An answer is a few hundred bytes.
pub(super) const LONGEST_ANSWER: usize = 1 << 20;
/// Journals carry thumbnails, up to some 10 kB each.
pub(super) const LONGEST_JOURNAL: usize = 8 << 20;
/// Reading methods allow one call a second, and the daemon, `doctor` and a person may ask in the same second.
const AGAIN: Duration = Duration::from_millis(1_100);

/// Whom calls go through, and how long each may take in all.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) client: Client,
    pub(super) deadline: Duration,
}

/// What came back, whatever its status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Vec<u8>,
    /// False when the body broke off or was longer than allowed.
    pub(super) is_whole: bool,
}

/// Why nothing came back. The texts hold neither URL nor token.
#[derive(Debug)]
pub(super) enum Failure {
    /// No byte of the request reached the vendor.
    NotSent(String),
    /// The address or the token cannot be put into a URL.
    NoUrl(String),
    /// Some or all of it may have.
    MaybeSent(String),
}

impl From<Failure> for Unavailable {
    fn from(failure: Failure) -> Self {
        let (Failure::NotSent(why) | Failure::NoUrl(why) | Failure::MaybeSent(why)) = failure;
        Unavailable(why)
    }
}

/// The URL of a method, with what follows the token (`?minutes=5`, `/17`). The only place that writes the token.
pub(super) fn url(line: &Line, method: &str, tail: &str) -> Result<String, Failure> {
    let token = line.token.expose_secret();
    let plain =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !plain(token) {
        return Err(Failure::NoUrl("the token has characters that no token of the vendor has".to_owned()));
    }
    let host =
        line.api_url.strip_prefix("https://").or_else(|| line.api_url.strip_prefix("http://")).unwrap_or_default();
    if host.is_empty() || host.starts_with('/') {
        return Err(Failure::NoUrl("api_url is not an address".to_owned()));
    }
    if !plain(line.instance.as_str()) {
        return Err(Failure::NoUrl("the instance is not a number".to_owned()));
    }
    Ok(format!("{}/waInstance{}/{method}/{token}{tail}", line.api_url.trim_end_matches('/'), line.instance))
}

impl Caller {
    /// Makes a request of the usual duration with a usual answer.
    pub(super) async fn exchange(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        exchange(request, self.deadline, LONGEST_ANSWER).await
    }

    /// Reads by GET; too soon is tried once more, since reading changes nothing.
    pub(super) async fn ask(&self, line: &Line, question: &Question<'_>) -> Result<Vec<u8>, Unavailable> {
        let url = url(line, question.method, question.tail)?;
        let mut answer = exchange(self.client.get(&url), self.deadline, question.longest).await?;
        if answer.status == 429 {
            tokio::time::sleep(answer.retry_after.unwrap_or(AGAIN).min(AGAIN * 2)).await;
            answer = exchange(self.client.get(&url), self.deadline, question.longest).await?;
        }
        answered(question.method, answer)
    }
}

/// Sends the request and reads at most `longest` bytes of the answer within `deadline`.
pub(super) async fn exchange(request: RequestBuilder, deadline: Duration, longest: usize) -> Result<Answer, Failure> {
    let mut response = request.timeout(deadline).send().await.map_err(failure)?;
    let status = response.status().as_u16();
    let retry_after = retry_after(&response);
    let mut body = Vec::new();
    let mut is_whole = true;
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= longest => body.extend_from_slice(&chunk),
            Ok(Some(chunk)) => {
                body.extend_from_slice(&chunk[..longest - body.len()]);
                is_whole = false;
                break;
            }
            Ok(None) => break,
            Err(_) => {
                is_whole = false;
                break;
            }
        }
    }
    Ok(Answer { status, retry_after, body, is_whole })
}

/// What to read.
pub(super) struct Question<'a> {
    pub(super) method: &'static str,
    pub(super) tail: &'a str,
    pub(super) longest: usize,
}

impl Question<'static> {
    /// A question without parameters and with a short answer.
    pub(super) fn plain(method: &'static str) -> Self {
        Question { method, tail: "", longest: LONGEST_ANSWER }
    }
}

/// The body of a whole 200, or why there is none.
pub(super) fn answered(method: &str, answer: Answer) -> Result<Vec<u8>, Unavailable> {
    match answer {
        Answer { status: 200, is_whole: true, body, .. } => Ok(body),
        Answer { status: 200, .. } => Err(Unavailable(format!("{method}: the answer broke off or is too long"))),
        Answer { status, body, .. } => Err(Unavailable(with_words(&format!("{method}: HTTP {status}"), &body))),
    }
}

fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let why = chain(&error);
    if error.is_builder() {
        // The text of a wrong URL repeats the URL.
        Failure::NoUrl("api_url is not an address".to_owned())
    } else if error.is_connect() {
        Failure::NotSent(why)
    } else if error.is_timeout() {
        Failure::MaybeSent("no answer in time".to_owned())
    } else {
        Failure::MaybeSent(why)
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds: u64 = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds.clamp(1, 300)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{HotelId, InstanceId};

    fn line(api_url: &str, token: &str) -> Line {
        Line {
            hotel: HotelId::parse("astoria").unwrap(),
            instance: InstanceId::from("1101000001"),
            api_url: api_url.to_owned(),
            token: token.to_owned().into(),
            webhook_token: None,
            folder: None,
            pms_secret: None,
        }
    }

    #[test]
    fn a_url_is_put_together_as_the_vendor_wants_it() {
        let made = url(&line("https://1101.api.green-api.com/", "d75b3a66"), "deleteNotification", "/17").unwrap();

        assert_eq!(made, "https://1101.api.green-api.com/waInstance1101000001/deleteNotification/d75b3a66/17");
    }

    #[test]
    fn a_token_that_would_change_the_url_is_not_used() {
        for token in ["", "a/b", "a?b", "a#b", "a b", "a%2fb", "ключ"] {
            assert!(matches!(url(&line("https://x", token), "sendMessage", ""), Err(Failure::NoUrl(_))), "{token}");
        }
    }

    #[tokio::test]
    async fn a_call_that_reached_nobody_says_so_without_the_token() {
        let client = crate::gateways::http::client().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);

        let refused = exchange(client.get(url(&line(&address, "c4nary"), "sendMessage", "").unwrap()), DEADLINE, 10)
            .await
            .unwrap_err();
        let unnamed =
            exchange(client.get(url(&line("http://no such host", "c4nary"), "sendMessage", "").unwrap()), DEADLINE, 10)
                .await
                .unwrap_err();

        assert!(matches!(&refused, Failure::NotSent(why) if !why.contains("c4nary")), "{refused:?}");
        assert!(matches!(&unnamed, Failure::NoUrl(why) if !why.contains("c4nary")), "{unnamed:?}");
    }
}
