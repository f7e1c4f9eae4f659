//! One exchange with the service: bytes out, an answer or a classified failure back. Decides on the HTTP status, because
//! the `code` in the vendor's error bodies is the same word for nearly everything.

use reqwest::header::RETRY_AFTER;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// An answer of a few hundred tokens has a few kilobytes, and blank lines while it is thought about.
const MOST_BYTES: usize = 1 << 20;

/// A finished completion; the vendor leaves things out and adds others.
#[derive(Debug, Deserialize)]
pub struct Completion {
    /// What answered.
    pub model: Option<String>,
    /// Never empty when it is any good.
    pub choices: Vec<Choice>,
    /// What it cost.
    pub usage: Option<Usage>,
}

/// One answer.
#[derive(Debug, Deserialize)]
pub struct Choice {
    /// `stop`, `length`, `content_filter`, `insufficient_system_resource`, or something new.
    pub finish_reason: Option<String>,
    /// The words. `reasoning_content` beside them is not even read.
    pub message: Reply,
}

/// The words of an answer.
#[derive(Debug, Deserialize)]
pub struct Reply {
    /// May be `null`.
    pub content: Option<String>,
}

/// Tokens; `prompt_tokens` is hits and misses together.
#[derive(Debug, Default, Deserialize)]
pub struct Usage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_cache_hit_tokens: Option<u64>,
    prompt_cache_miss_tokens: Option<u64>,
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Debug, Deserialize)]
struct PromptDetails {
    cached_tokens: Option<u64>,
}

impl Usage {
    /// Hits, misses and output; OpenAI-shaped services name the hits elsewhere or not at all.
    pub fn tokens(&self) -> super::price::Tokens {
        let cached = self.prompt_tokens_details.as_ref().and_then(|details| details.cached_tokens);
        let hit = self.prompt_cache_hit_tokens.or(cached).unwrap_or(0);
        let miss = self.prompt_cache_miss_tokens.unwrap_or_else(|| self.prompt_tokens.unwrap_or(0).saturating_sub(hit));
        super::price::Tokens { hit, miss, output: self.completion_tokens.unwrap_or(0) }
    }
}

/// What to do about a failed exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The service or the way to it failed; the same may work in a moment.
    Later,
    /// Too many at once (429).
    Crowded,
    /// The key is refused (401).
    Key,
    /// The balance is empty (402).
    Balance,
    /// The request itself is refused (400, 422 and others); the same again would be too.
    Never,
}

/// A failed exchange.
#[derive(Clone, Debug)]
pub struct Failed {
    /// What to do.
    pub failure: Failure,
    /// When the service says to come back.
    pub retry_after: Option<Duration>,
    /// For support: no words of a guest, no key, no address.
    pub detail: String,
}

impl Failed {
    fn later(detail: impl Into<String>) -> Self {
        Self { failure: Failure::Later, retry_after: None, detail: detail.into() }
    }
}

/// Sends a request and reads the JSON it is answered with. Has no deadline of its own.
pub async fn exchange<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Failed> {
    let response = request.send().await.map_err(|error| Failed::later(transport(error)))?;
    let status = response.status();
    if !status.is_success() {
        return Err(refused(status, &response));
    }
    let body = body(response).await?;
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Failed::later("the answer has no body"));
    }
    // Not the parser's message: it may quote the answer.
    serde_json::from_slice(&body).map_err(|_| Failed::later("the answer is not the service's JSON"))
}

fn refused(status: StatusCode, response: &Response) -> Failed {
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let failure = match status.as_u16() {
        401 => Failure::Key,
        402 => Failure::Balance,
        429 => Failure::Crowded,
        408 | 500.. => Failure::Later,
        _ => Failure::Never,
    };
    let trace = header("x-ds-trace-id").filter(|trace| trace.len() <= 64 && trace.is_ascii());
    let trace = trace.map_or(String::new(), |trace| format!(", trace {trace}"));
    let seconds = header(RETRY_AFTER.as_str()).and_then(|text| text.trim().parse().ok());
    Failed {
        failure,
        retry_after: seconds.map(Duration::from_secs),
        detail: format!("HTTP {}{trace}", status.as_u16()),
    }
}

async fn body(mut response: Response) -> Result<Vec<u8>, Failed> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Failed::later(transport(error)))? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(Failed::later("the answer is larger than a mebibyte"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn transport(error: reqwest::Error) -> String {
    let what = if error.is_connect() {
        "cannot connect"
    } else if error.is_timeout() {
        "timed out"
    } else if error.is_body() || error.is_decode() {
        "the answer broke off"
    } else {
        "the connection failed"
    };
    what.to_owned()
}
