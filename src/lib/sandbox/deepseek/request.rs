//! A chat completion request: what the vendor checks in it, and in which words it refuses.

use axum::http::StatusCode;
use serde_json::{Map, Value};

/// The models of the newest page, and those still served under an older name.
const SERVED: [&str; 4] = ["deepseek-flash", "deepseek-v4-pro", "deepseek-v4-flash", "deepseek-v4-flash-vision-exp"];
/// What `GET /models` lists.
pub const LISTED: [&str; 2] = ["deepseek-flash", "deepseek-v4-pro"];
/// The most tokens a model writes.
const OUTPUT_MAX: u64 = 384 * 1024;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status.
    pub status: StatusCode,
    /// The message in the error body.
    pub message: String,
}

impl Refused {
    fn bad(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: message.into() }
    }
}

/// A request that was accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatRequest {
    /// The model that serves it.
    pub model: String,
    /// The messages, as role and text.
    pub messages: Vec<(String, String)>,
    /// Whether the model thinks before it answers: on unless switched off.
    pub thinking: bool,
    /// The output limit, which thinking counts into.
    pub max_tokens: u64,
    /// Whether the answer must be a JSON object.
    pub json: bool,
    /// Whether the answer is streamed.
    pub stream: bool,
    /// Whether a stream ends with a chunk of its usage.
    pub stream_usage: bool,
    /// Whose cache is used.
    pub user_id: String,
}

impl ChatRequest {
    /// Checks a body.
    ///
    /// # Errors
    /// The vendor's refusal.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refused> {
        let body: Map<String, Value> = serde_json::from_slice(bytes)
            .map_err(|error| Refused::bad(format!("Failed to parse the request body as JSON: {error}")))?;
        let model = model(&body)?;
        let messages = messages(&body, &model)?;
        let json = json_mode(&body)?;
        if json && !messages.iter().any(|(_, text)| contains_json(text)) {
            let message =
                "Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.";
            return Err(Refused::bad(message));
        }
        ranges(&body)?;
        Ok(Self {
            model,
            messages,
            thinking: thinking(&body)?,
            max_tokens: max_tokens(&body)?,
            json,
            stream: body.get("stream").and_then(Value::as_bool).unwrap_or(false),
            stream_usage: body.get("stream_options").is_some_and(|options| options["include_usage"] == true),
            user_id: user_id(&body)?,
        })
    }
}

fn contains_json(text: &str) -> bool {
    text.as_bytes().windows(4).any(|word| word.eq_ignore_ascii_case(b"json"))
}

fn model(body: &Map<String, Value>) -> Result<String, Refused> {
    let model = match body.get("model") {
        Some(Value::String(model)) => model.as_str(),
        _ => {
            return Err(Refused::bad(
                "Failed to deserialize the JSON body into the target type: missing field `model`",
            ));
        }
    };
    if SERVED.contains(&model) {
        return Ok(model.to_owned());
    }
    let names = "deepseek-v4-pro or deepseek-flash";
    Err(Refused::bad(format!("The supported API model names are {names}, but you passed {model}.")))
}

fn messages(body: &Map<String, Value>, model: &str) -> Result<Vec<(String, String)>, Refused> {
    let messages = match body.get("messages") {
        Some(Value::Array(messages)) if !messages.is_empty() => messages,
        Some(Value::Array(_)) => return Err(Refused::bad("Empty input messages")),
        _ => {
            return Err(Refused::bad(
                "Failed to deserialize the JSON body into the target type: missing field `messages`",
            ));
        }
    };
    messages.iter().enumerate().map(|(at, message)| one_message(at, message, model)).collect()
}

fn one_message(at: usize, message: &Value, model: &str) -> Result<(String, String), Refused> {
    let failed =
        |what: String| Refused::bad(format!("Failed to deserialize the JSON body into the target type: {what}"));
    let role = message["role"].as_str().unwrap_or_default();
    if !matches!(role, "system" | "user" | "assistant" | "tool") {
        let roles = "expected one of `system`, `user`, `assistant`, `tool`";
        return Err(failed(format!("messages[{at}].role: unknown variant `{role}`, {roles}")));
    }
    if role == "tool" && !message["tool_call_id"].is_string() {
        return Err(failed(format!("messages[{at}]: missing field `tool_call_id`")));
    }
    let text = match &message["content"] {
        Value::String(text) => text.clone(),
        Value::Null if role == "assistant" => String::new(),
        Value::Array(parts) if model == "deepseek-flash" && parts.iter().any(|part| part["type"] == "image_url") => {
            parts.iter().filter_map(|part| part["text"].as_str()).collect()
        }
        Value::Array(_) => return Err(failed(format!("messages[{at}]: invalid type: sequence, expected a string"))),
        _ => return Err(failed(format!("messages[{at}]: missing field `content`"))),
    };
    Ok((role.to_owned(), text))
}

fn json_mode(body: &Map<String, Value>) -> Result<bool, Refused> {
    match body.get("response_format").filter(|format| !format.is_null()).map(|format| format["type"].as_str()) {
        None | Some(Some("text")) => Ok(false),
        Some(Some("json_object")) => Ok(true),
        Some(_) => Err(Refused::bad("This response_format type is unavailable now")),
    }
}

fn thinking(body: &Map<String, Value>) -> Result<bool, Refused> {
    match body.get("thinking").filter(|thinking| !thinking.is_null()).map(|thinking| thinking["type"].as_str()) {
        None | Some(Some("enabled")) => Ok(true),
        Some(Some("disabled")) => Ok(false),
        Some(_) => Err(Refused::bad("Invalid thinking type: expected `enabled` or `disabled`")),
    }
}

fn max_tokens(body: &Map<String, Value>) -> Result<u64, Refused> {
    match body.get("max_tokens").filter(|limit| !limit.is_null()) {
        None => Ok(OUTPUT_MAX),
        Some(limit) => match limit.as_u64() {
            Some(limit) if (1..=OUTPUT_MAX).contains(&limit) => Ok(limit),
            _ => Err(Refused::bad(format!(
                "Invalid max_tokens value, the valid range of max_tokens is [1, {OUTPUT_MAX}]"
            ))),
        },
    }
}

fn ranges(body: &Map<String, Value>) -> Result<(), Refused> {
    for (key, most) in [("temperature", 2.0), ("top_p", 1.0)] {
        let value = body.get(key).filter(|value| !value.is_null());
        if value.is_some_and(|value| !value.as_f64().is_some_and(|value| (0.0..=most).contains(&value))) {
            return Err(Refused::bad(format!("Invalid {key} value, the valid range of {key} is [0, {most}]")));
        }
    }
    if body.get("stop").and_then(Value::as_array).is_some_and(|stops| stops.len() > 16) {
        return Err(Refused::bad("Invalid stop value, at most 16 strings are allowed"));
    }
    Ok(())
}

fn user_id(body: &Map<String, Value>) -> Result<String, Refused> {
    let id = body.get("user_id").and_then(Value::as_str).unwrap_or_default();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if id.len() > 512 || !id.bytes().all(allowed) {
        return Err(Refused::bad("Invalid user_id: expected up to 512 of [A-Za-z0-9_-]"));
    }
    Ok(id.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(change: Value) -> Result<ChatRequest, Refused> {
        let mut body = json!({"model": "deepseek-flash", "messages": [{"role": "user", "content": "hello"}]});
        for (key, value) in change.as_object().unwrap() {
            body[key] = value.clone();
        }
        ChatRequest::parse(body.to_string().as_bytes())
    }

    #[test]
    fn thinking_is_on_unless_switched_off() {
        assert!(parse(json!({})).unwrap().thinking);
        assert!(!parse(json!({"thinking": {"type": "disabled"}})).unwrap().thinking);
    }

    #[test]
    fn refusals_say_what_the_vendor_says() {
        for (change, message) in [
            (json!({"model": "deepseek-chat"}), "but you passed deepseek-chat."),
            (json!({"messages": []}), "Empty input messages"),
            (
                json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}),
                "invalid type: sequence, expected a string",
            ),
            (json!({"response_format": {"type": "json_schema"}}), "This response_format type is unavailable now"),
            (json!({"response_format": {"type": "json_object"}}), "Prompt must contain the word 'json'"),
            (json!({"temperature": 2.1}), "temperature"),
            (json!({"max_tokens": 0}), "max_tokens"),
            (json!({"user_id": "a b"}), "user_id"),
            (json!({"messages": [{"role": "robot", "content": "x"}]}), "unknown variant `robot`"),
        ] {
            let refused = parse(change.clone()).unwrap_err();
            assert_eq!(refused.status, StatusCode::BAD_REQUEST);
            assert!(refused.message.contains(message), "{change}: {}", refused.message);
        }
    }

    #[test]
    fn the_word_json_may_stand_anywhere_in_any_case() {
        let messages = json!([{"role": "system", "content": "Answer with a JSON object."}]);

        assert!(parse(json!({"response_format": {"type": "json_object"}, "messages": messages})).unwrap().json);
    }
}
