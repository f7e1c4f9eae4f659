//! The HTTP face of DeepSeek: completions, models, balance, and the order in which a request is checked.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::middleware::map_response_with_state;
use axum::routing::{get, post};
use axum::{Router, response::IntoResponse};
use serde_json::{Value, json};

use super::faults::{Fault, Shape};
use super::request::{ChatRequest, LISTED};
use super::respond::{self, Answer};
use super::{DeepSeek, reply};
use crate::sandbox::server;

/// A long body is cut off here.
const BODY_MAX: usize = 8 << 20;
/// After so long without an answer the vendor starts to send blank lines.
const KEEP_ALIVE_AFTER: Duration = Duration::from_secs(10);

/// The routes, with and without the `/v1` that other clients append.
pub fn routes(deepseek: Arc<DeepSeek>) -> Router {
    let one = |router: Router<Arc<DeepSeek>>, prefix: &str| {
        router
            .route(&format!("{prefix}/chat/completions"), post(completions))
            .route(&format!("{prefix}/models"), get(models))
            .route(&format!("{prefix}/user/balance"), get(balance))
    };
    let routes = one(one(one(Router::new(), ""), "/v1"), "/beta");
    routes.layer(map_response_with_state(deepseek.clone(), traced)).with_state(deepseek)
}

/// An error body. `code` is nearly always the same word, whatever the status.
pub fn error(status: u16, message: &str) -> Response<Body> {
    let kind = match status {
        401 => "authentication_error",
        402 => "unknown_error",
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    };
    let body = json!({"error": {"message": message, "type": kind, "param": null, "code": "invalid_request_error"}});
    respond::json(status, &body)
}

async fn models(State(deepseek): State<Arc<DeepSeek>>, headers: HeaderMap) -> Response<Body> {
    if let Err(refused) = authorized(&deepseek, &headers) {
        return refused;
    }
    let data: Vec<Value> =
        LISTED.iter().map(|id| json!({"id": id, "object": "model", "owned_by": "deepseek"})).collect();
    respond::json(200, &json!({"object": "list", "data": data}))
}

async fn balance(State(deepseek): State<Arc<DeepSeek>>, headers: HeaderMap) -> Response<Body> {
    if let Err(refused) = authorized(&deepseek, &headers) {
        return refused;
    }
    let balance = deepseek.account().balance_usd.max(0.0);
    let amount = format!("{balance:.2}");
    respond::json(
        200,
        &json!({
            "is_available": balance > 0.0,
            "balance_infos": [{
                "currency": "USD", "total_balance": amount, "granted_balance": "0.00", "topped_up_balance": amount,
            }],
        }),
    )
}

/// Checks the key.
#[expect(clippy::result_large_err, reason = "the error is the response itself")]
fn authorized(deepseek: &DeepSeek, headers: &HeaderMap) -> Result<(), Response<Body>> {
    let key = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let key = key.strip_prefix("Bearer ").unwrap_or_default().trim();
    let keys = deepseek.account().keys;
    if key.is_empty() || !(keys.is_empty() || keys.iter().any(|known| known == key)) {
        let shown: String = key.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
        let message = format!("Authentication Fails, Your api key: ****{shown} is invalid");
        return Err(error(401, &message));
    }
    Ok(())
}

/// A request that is being answered; counted down when that ends, however it ends.
struct Running {
    deepseek: Arc<DeepSeek>,
    /// Its number since the start.
    number: u64,
    /// How many ran when it came, itself included.
    at_once: usize,
}

impl Running {
    fn start(deepseek: &Arc<DeepSeek>, body: &Bytes) -> Self {
        let number = deepseek.remember(body);
        let at_once = deepseek.running.fetch_add(1, Ordering::Relaxed) + 1;
        Self { deepseek: deepseek.clone(), number, at_once }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.deepseek.running.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn completions(State(deepseek): State<Arc<DeepSeek>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_MAX).await else { return error(400, "request entity too large") };
    let running = Running::start(&deepseek, &body);
    complete(&deepseek, &parts.headers, &body, running).await
}

/// Every answer carries a trace id, errors above all.
async fn traced(State(deepseek): State<Arc<DeepSeek>>, mut response: Response<Body>) -> Response<Body> {
    let number = deepseek.answers.fetch_add(1, Ordering::Relaxed);
    let trace = format!("{:016x}{number:016x}", crate::sandbox::switches::mix(number));
    if let Ok(trace) = HeaderValue::from_str(&trace) {
        response.headers_mut().insert("x-ds-trace-id", trace);
    }
    response
}

async fn complete(deepseek: &DeepSeek, headers: &HeaderMap, body: &Bytes, running: Running) -> Response<Body> {
    let account = deepseek.account();
    if let Err(refused) = authorized(deepseek, headers) {
        return refused;
    }
    let fault = deepseek.struck(body);
    if let Some(response) = fault.as_ref().and_then(refusal) {
        return response;
    }
    if account.balance_usd <= 0.0 {
        return error(402, "Insufficient Balance");
    }
    let request = match ChatRequest::parse(body) {
        Ok(request) => request,
        Err(refused) => return error(refused.status.as_u16(), &refused.message),
    };
    let allowed =
        if request.model == "deepseek-v4-pro" { (account.concurrency / 5).max(1) } else { account.concurrency };
    if running.at_once > allowed {
        let at_once = running.at_once;
        let message =
            format!("Your current concurrency is {at_once}, which exceeds your concurrency limit of {allowed}.");
        return error(429, &message);
    }
    let answer = answer(deepseek, &request, fault.as_ref(), running.number);
    let latency = Duration::from_millis(account.latency_ms);
    let wait = match fault {
        Some(Fault::Slow { seconds } | Fault::BlankLines { seconds }) => {
            Duration::try_from_secs_f64(seconds).unwrap_or_default()
        }
        _ => latency,
    };
    let blanks = matches!(fault, Some(Fault::BlankLines { .. })) || wait > KEEP_ALIVE_AFTER;
    if request.stream || blanks {
        return respond::after_blanks(&answer, &request, wait, running);
    }
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    if matches!(fault, Some(Fault::Cut { halfway: true })) {
        return respond::half(&answer);
    }
    respond::json(200, &answer.show())
}

/// Faults that need no answer to be made.
fn refusal(fault: &Fault) -> Option<Response<Body>> {
    Some(match fault {
        Fault::Status { status, retry_after } => {
            let mut response = error(*status, status_message(*status));
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            }
            response
        }
        Fault::Html { status } => respond::page(*status),
        Fault::EmptyBody => StatusCode::OK.into_response(),
        Fault::Cut { halfway: false } => server::cut(),
        _ => return None,
    })
}

fn status_message(status: u16) -> &'static str {
    match status {
        400 => "Invalid request body",
        401 => "Authentication Fails, Your api key is invalid",
        402 => "Insufficient Balance",
        422 => "Invalid parameters",
        429 => "Rate limit reached for TPM",
        503 => "Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.",
        _ => "Internal server error",
    }
}

fn answer(deepseek: &DeepSeek, request: &ChatRequest, fault: Option<&Fault>, number: u64) -> Answer {
    let good = reply::content(request, &deepseek.books.of(request));
    let content = match fault {
        Some(Fault::Script { content }) => content.clone(),
        Some(Fault::Content { shape }) => respond::misshape(*shape, &good),
        _ => good,
    };
    let created = deepseek.clock.now().unix();
    let mut answer = Answer::new(request, content, number, created, deepseek.cache.charge(request));
    match fault {
        Some(Fault::Content { shape: Shape::Truncated | Shape::Repeated }) => answer.finish_reason = "length".into(),
        Some(Fault::Content { shape: Shape::OnlyReasoning }) => answer.only_reasoning(),
        Some(Fault::Content { shape: Shape::Null }) => answer.null = true,
        Some(Fault::FinishReason { reason }) => answer.finish_reason.clone_from(reason),
        _ => {}
    }
    answer
}
