//! The shapes of an answer on the wire: whole, streamed, after blank lines, cut in half, or spoilt.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};

use super::faults::Shape;
use super::request::ChatRequest;
use super::usage::{Usage, tokens};

/// How many characters a streamed chunk carries.
const CHUNK: usize = 24;
/// Tokens that thinking takes before an answer.
const THOUGHT: u64 = 180;

/// One completion.
#[derive(Debug, Clone)]
pub struct Answer {
    id: String,
    model: String,
    created: i64,
    content: String,
    reasoning: Option<String>,
    /// Whether `content` is `null`.
    pub null: bool,
    /// Why it ended.
    pub finish_reason: String,
    usage: Usage,
}

impl Answer {
    /// A content within the request's limit of tokens: thinking counts into it and comes first.
    #[must_use]
    pub fn new(request: &ChatRequest, content: String, number: u64, created: i64, (hit, miss): (u64, u64)) -> Self {
        let reasoning = if request.thinking { THOUGHT.min(request.max_tokens) } else { 0 };
        let left = request.max_tokens - reasoning;
        let whole = tokens(&content);
        let (content, finish_reason) =
            if whole <= left { (content, "stop") } else { (shortened(content, left, whole), "length") };
        let completion = reasoning + whole.min(left);
        Self {
            id: format!("{:08x}-5a4d-4b0c-8000-{:012x}", created & 0xffff_ffff, number),
            model: request.model.clone(),
            created,
            content,
            reasoning: request.thinking.then(|| "The guest asks something; the facts are listed above.".to_owned()),
            null: false,
            finish_reason: finish_reason.into(),
            usage: Usage { hit, miss, completion, reasoning },
        }
    }

    /// Moves the answer into `reasoning_content`.
    pub fn only_reasoning(&mut self) {
        self.reasoning = Some(std::mem::take(&mut self.content));
    }

    /// The body of a completion.
    #[must_use]
    pub fn show(&self) -> Value {
        let mut message = json!({"role": "assistant", "content": self.content});
        if self.null {
            message["content"] = Value::Null;
        }
        if let Some(reasoning) = &self.reasoning {
            message["reasoning_content"] = reasoning.as_str().into();
        }
        let choice = json!({"index": 0, "message": message, "logprobs": null, "finish_reason": self.finish_reason});
        json!({
            "id": self.id, "object": "chat.completion", "created": self.created, "model": self.model,
            "choices": [choice], "usage": self.usage.show(), "system_fingerprint": "fp_sandbox",
        })
    }

    fn chunk(&self, delta: Value, finish_reason: Option<&str>) -> Value {
        json!({
            "id": self.id, "object": "chat.completion.chunk", "created": self.created, "model": self.model,
            "system_fingerprint": "fp_sandbox",
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason}],
        })
    }

    /// The events of a stream, with the usage on the last chunk that has a choice and, if asked for, on one of its own.
    fn events(&self, with_usage: bool) -> Vec<String> {
        let mut chunks = vec![self.chunk(json!({"role": "assistant", "content": ""}), None)];
        if let Some(reasoning) = &self.reasoning {
            chunks[0] = self.chunk(json!({"role": "assistant", "content": null, "reasoning_content": ""}), None);
            chunks.push(self.chunk(json!({"content": null, "reasoning_content": reasoning}), None));
        }
        let characters: Vec<char> = self.content.chars().collect();
        for part in characters.chunks(CHUNK) {
            chunks.push(self.chunk(json!({"content": part.iter().collect::<String>()}), None));
        }
        let mut last = self.chunk(json!({"content": ""}), Some(&self.finish_reason));
        last["usage"] = self.usage.show();
        chunks.push(last);
        if with_usage {
            let mut usage = self.chunk(json!({}), None);
            usage["choices"] = json!([]);
            usage["usage"] = self.usage.show();
            chunks.push(usage);
        }
        let mut events: Vec<String> = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
        events.insert(1, ": keep-alive\n\n".into());
        events.push("data: [DONE]\n\n".into());
        events
    }
}

/// The part of a content that fits so many of its tokens.
fn shortened(content: String, left: u64, whole: u64) -> String {
    let length = u64::try_from(content.chars().count()).unwrap_or(0);
    let kept = usize::try_from(length * left / whole.max(1)).unwrap_or(0);
    content.chars().take(kept).collect()
}

/// A JSON body.
#[must_use]
pub fn json(status: u16, body: &Value) -> Response<Body> {
    typed(status, "application/json", Body::from(body.to_string()))
}

/// The page of a proxy in front of the service.
#[must_use]
pub fn page(status: u16) -> Response<Body> {
    let page = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>nginx</body></html>");
    typed(status, "text/html", Body::from(page))
}

/// The status and the first half of the answer; then the connection is closed.
#[must_use]
pub fn half(answer: &Answer) -> Response<Body> {
    let whole = answer.show().to_string();
    let mut half: String = whole.chars().take(whole.chars().count() / 2).collect();
    half.push('\n');
    let first = stream::once(async move { Ok(Bytes::from(half)) });
    // The break comes in a poll of its own, or the half would not be written before it.
    let then = stream::once(async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    typed(200, "application/json", Body::from_stream(first.chain(then)))
}

/// 200 at once; blank lines, or comments in a stream, each second of the wait; then the answer. `held` is dropped when
/// the client has it all or has gone.
pub fn after_blanks<T: Send + 'static>(
    answer: &Answer,
    request: &ChatRequest,
    wait: Duration,
    held: T,
) -> Response<Body> {
    let blank: &'static str = if request.stream { ": keep-alive\n\n" } else { "\n" };
    let parts = if request.stream { answer.events(request.stream_usage) } else { vec![answer.show().to_string()] };
    let seconds = wait.as_secs();
    let rest = wait - Duration::from_secs(seconds);
    let blanks = stream::iter(0..seconds).then(move |_| async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        blank.to_owned()
    });
    let pause = stream::once(async move {
        tokio::time::sleep(rest).await;
        String::new()
    });
    let whole = blanks.chain(pause).chain(stream::iter(parts)).filter(|part| std::future::ready(!part.is_empty()));
    let body = whole.map(move |part| {
        let _running = &held;
        Ok::<_, Infallible>(Bytes::from(part))
    });
    let kind = if request.stream { "text/event-stream; charset=utf-8" } else { "application/json" };
    typed(200, kind, Body::from_stream(body))
}

fn typed(status: u16, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A good content made wrong.
#[must_use]
pub fn misshape(shape: Shape, good: &str) -> String {
    match shape {
        Shape::Blank => " ".repeat(40),
        Shape::Truncated => good.chars().take(good.chars().count() / 2).collect(),
        Shape::Fenced => format!("```json\n{good}\n```"),
        Shape::Prose => {
            format!("Sure! Here is the answer you asked for:\n\n{good}\n\nLet me know if {{you}} need more.")
        }
        Shape::Two => format!("{good}\n{good}"),
        Shape::MissingKeys => changed(good, |object| {
            let language = object["language"].clone();
            *object = json!({"language": language, "sentiment": "neutral"});
        }),
        Shape::WrongEnum => changed(good, |object| object["sentiment"] = "ecstatic".into()),
        Shape::WrongConfidence => changed(good, |object| object["confidence"] = 7.into()),
        Shape::StringNumbers => changed(good, |object| {
            for key in ["confidence", "requires_attention", "handoff"] {
                object[key] = object[key].to_string().into();
            }
        }),
        Shape::Chinese => changed(good, |object| object["reply"] = "早餐时间是早上七点到十点半。".into()),
        Shape::Repeated => "We are happy to help you. ".repeat(100),
        Shape::OnlyReasoning | Shape::Null => good.to_owned(),
    }
}

fn changed(good: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut object: Value = serde_json::from_str(good).unwrap_or_else(|_| json!({"reply": good}));
    change(&mut object);
    object.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(thinking: bool, max_tokens: u64) -> ChatRequest {
        let messages = vec![("user".to_owned(), "hello".to_owned())];
        ChatRequest {
            model: "deepseek-flash".into(),
            messages,
            thinking,
            max_tokens,
            json: false,
            stream: false,
            stream_usage: false,
            user_id: String::new(),
        }
    }

    #[test]
    fn thinking_eats_a_small_limit_and_leaves_nothing() {
        let answer = Answer::new(&request(true, 100), "Breakfast is at seven.".into(), 1, 0, (0, 9)).show();

        assert_eq!(answer["choices"][0]["message"]["content"], "");
        assert_eq!(answer["choices"][0]["finish_reason"], "length");
        assert_eq!(answer["usage"]["completion_tokens_details"]["reasoning_tokens"], 100);
    }

    #[test]
    fn without_thinking_the_same_limit_is_enough() {
        let answer = Answer::new(&request(false, 100), "Breakfast is at seven.".into(), 1, 0, (4, 5)).show();

        assert_eq!(answer["choices"][0]["message"]["content"], "Breakfast is at seven.");
        assert_eq!(answer["choices"][0]["finish_reason"], "stop");
        assert_eq!(answer["usage"]["prompt_tokens"], 9);
    }

    #[test]
    fn spoilt_contents_keep_what_is_not_spoilt() {
        let good = r#"{"reply":"Hello","confidence":0.9,"handoff":false,"requires_attention":false}"#;

        assert!(misshape(Shape::Blank, good).trim().is_empty());
        assert!(misshape(Shape::Chinese, good).contains("早餐"));
        assert!(serde_json::from_str::<Value>(&misshape(Shape::Truncated, good)).is_err());
        let numbers: Value = serde_json::from_str(&misshape(Shape::StringNumbers, good)).unwrap();
        assert_eq!(numbers["confidence"], "0.9");
        assert_eq!(numbers["reply"], "Hello");
    }
}
