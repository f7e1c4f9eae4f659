//! The control interface `/_sandbox`: what a test, a demo or a person tells the emulators, and asks them, over HTTP.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::deepseek::{self, Account};
use super::green::Instance;
use super::green::faults::Fault;
use super::green::guest::Action;
use super::handle::{Declare, Handle};
use super::records::Filter;
use super::switches::Switch;

/// What went wrong, as 400 with `{"error": …}`.
struct Wrong(String);

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({"error": self.0}))).into_response()
    }
}

impl From<String> for Wrong {
    fn from(sentence: String) -> Self {
        Self(sentence)
    }
}

type Answer = Result<Json<Value>, Wrong>;

/// All routes under `/_sandbox`.
pub fn routes(handle: Handle) -> Router {
    Router::new()
        .route("/_sandbox", get(overview))
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/options", post(set_options))
        .route("/_sandbox/instances", get(instances).post(declare))
        .route("/_sandbox/instances/{id}", get(instance))
        .route("/_sandbox/instances/{id}/guest", post(guest))
        .route("/_sandbox/instances/{id}/staff", post(staff))
        .route("/_sandbox/instances/{id}/inject", post(inject))
        .route("/_sandbox/instances/{id}/state", post(set_state))
        .route("/_sandbox/instances/{id}/resend", post(resend))
        .route("/_sandbox/instances/{id}/pushes", get(pushes))
        .route("/_sandbox/instances/{id}/switches", get(switches).post(switch).delete(switch_off))
        .route("/_sandbox/sent", get(sent))
        .route("/_sandbox/received", get(received))
        .route("/_sandbox/wait", get(wait))
        .route("/_sandbox/deepseek", get(model).post(set_model))
        .route("/_sandbox/deepseek/requests", get(model_requests))
        .route("/_sandbox/deepseek/switches", get(model_switches).post(model_switch).delete(model_switch_off))
        .route("/_sandbox/files/{name}", get(file))
        .with_state(handle)
}

/// What `GET /_sandbox` explains.
const HELP: [(&str, &str); 13] = [
    ("POST /_sandbox/instances", r#"{"id": 1101000001, "token": "t", "settings": {"webhookUrl": "http://…"}}"#),
    ("POST /_sandbox/instances/ID/guest", r#"{"phone": "79001234567", "name": "Anna", "text": "hello"}"#),
    (
        "POST /_sandbox/instances/ID/guest (tap)",
        r#"{"phone": "…", "kind": "tap", "about": "idMessage", "choices": ["buttonId"]}"#,
    ),
    ("POST /_sandbox/instances/ID/staff", r#"{"phone": "79001234567", "text": "written on the hotel's phone"}"#),
    ("POST /_sandbox/instances/ID/inject", "a notification, exactly as given"),
    ("POST /_sandbox/instances/ID/state", r#"{"state": "notAuthorized", "webhook": false}"#),
    ("POST /_sandbox/instances/ID/resend", r#"{"id_message": "…"}"#),
    (
        "POST /_sandbox/instances/ID/switches",
        r#"{"fault": "call", "answer": "bad_gateway", "accept": true, "times": 1}"#,
    ),
    ("DELETE /_sandbox/instances/ID/switches", "all off"),
    ("GET /_sandbox/sent?instance=ID", "what was accepted through the API, in order"),
    ("GET /_sandbox/wait?count=N&instance=ID&timeout_ms=10000", "until so many were accepted"),
    ("POST /_sandbox/deepseek", r#"{"latency_ms": 800, "balance_usd": 0, "concurrency": 40, "keys": []}"#),
    (
        "POST /_sandbox/deepseek/switches",
        r#"{"fault": "content", "shape": "blank", "times": 1, "only": ["part of a prompt"]}"#,
    ),
];

async fn overview(State(handle): State<Handle>) -> Json<Value> {
    let instances = handle.green().all();
    Json(json!({
        "instances": instances.iter().map(|instance| shown(instance)).collect::<Vec<_>>(),
        "sent": handle.green().accepted_count(),
        "model_requests": handle.deepseek().request_count(),
        "help": HELP.iter().map(|(route, example)| json!([route, example])).collect::<Vec<_>>(),
    }))
}

/// An instance on one screen. Its token is the caller's own and is not shown.
fn shown(instance: &Instance) -> Value {
    let state = instance.peek();
    json!({
        "id": state.id, "wid": state.wid, "state": state.phase.as_str(), "settings": state.active.show(&state.wid),
        "outgoing_queue": state.outgoing.len(), "notifications": state.notifications.len(),
        "messages": state.journal.iter().count(), "left_the_queue": state.sent_count,
    })
}

async fn reset(State(handle): State<Handle>) -> Json<Value> {
    handle.green().forget_all();
    handle.deepseek().reset();
    Json(json!({"reset": true}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOptions {
    rate_limits: bool,
}

async fn set_options(State(handle): State<Handle>, Json(new): Json<NewOptions>) -> Json<Value> {
    handle.green().rate_limits.store(new.rate_limits, Ordering::Relaxed);
    Json(json!({"rate_limits": new.rate_limits}))
}

async fn instances(State(handle): State<Handle>) -> Json<Value> {
    Json(handle.green().all().iter().map(|instance| shown(instance)).collect())
}

async fn declare(State(handle): State<Handle>, Json(mut body): Json<Value>) -> Answer {
    // Ids travel as strings in hotel files and as numbers in the vendor's bodies: both are taken.
    if let Some(id) = body["id"].as_str() {
        body["id"] = id.parse::<u64>().map_err(|_| format!("`{id}` is no instance id"))?.into();
    }
    let declared: Declare = serde_json::from_value(body).map_err(|error| error.to_string())?;
    let instance = handle.declare(declared)?;
    Ok(Json(shown(&instance)))
}

async fn instance(State(handle): State<Handle>, Path(id): Path<u64>) -> Answer {
    Ok(Json(shown(&*handle.instance(id)?)))
}

async fn guest(State(handle): State<Handle>, Path(id): Path<u64>, Json(body): Json<Value>) -> Answer {
    Ok(Json(json!({"idMessage": handle.guest(id, &action(body)?)?})))
}

async fn staff(State(handle): State<Handle>, Path(id): Path<u64>, Json(body): Json<Value>) -> Answer {
    Ok(Json(json!({"idMessage": handle.staff(id, &action(body)?)?})))
}

fn action(mut body: Value) -> Result<Action, Wrong> {
    // The vendor's own spelling is taken, too.
    if let Some(object) = body.as_object_mut() {
        for (theirs, ours) in [("chatId", "chat_id"), ("messageData", "message_data"), ("idMessage", "id_message")] {
            if let Some(value) = object.remove(theirs) {
                object.insert(ours.into(), value);
            }
        }
    }
    serde_json::from_value(body).map_err(|error| Wrong(error.to_string()))
}

async fn inject(State(handle): State<Handle>, Path(id): Path<u64>, Json(body): Json<Map<String, Value>>) -> Answer {
    handle.inject(id, body)?;
    Ok(Json(json!({"injected": true})))
}

#[derive(Deserialize)]
struct NewState {
    state: String,
    #[serde(default = "yes")]
    webhook: bool,
}

fn yes() -> bool {
    true
}

async fn set_state(State(handle): State<Handle>, Path(id): Path<u64>, Json(new): Json<NewState>) -> Answer {
    handle.set_state(id, &new.state, new.webhook)?;
    Ok(Json(json!({"state": new.state})))
}

#[derive(Deserialize)]
struct Resend {
    id_message: String,
}

async fn resend(State(handle): State<Handle>, Path(id): Path<u64>, Json(old): Json<Resend>) -> Answer {
    Ok(Json(json!({"idMessage": handle.resend(id, &old.id_message)?})))
}

async fn pushes(State(handle): State<Handle>, Path(id): Path<u64>) -> Answer {
    Ok(Json(json!(handle.pushes(id)?)))
}

async fn switches(State(handle): State<Handle>, Path(id): Path<u64>) -> Answer {
    let instance = handle.instance(id)?;
    let switches = json!(instance.peek().switches.list());
    Ok(Json(switches))
}

async fn switch(State(handle): State<Handle>, Path(id): Path<u64>, Json(body): Json<Value>) -> Answer {
    let switches: Vec<Switch<Fault>> = one_or_many(body)?;
    for switch in switches {
        handle.switch(id, switch)?;
    }
    Ok(Json(json!({"switched": true})))
}

fn one_or_many<T: serde::de::DeserializeOwned>(body: Value) -> Result<Vec<T>, Wrong> {
    let list = if body.is_array() { body } else { json!([body]) };
    serde_json::from_value(list).map_err(|error| Wrong(error.to_string()))
}

async fn switch_off(State(handle): State<Handle>, Path(id): Path<u64>) -> Answer {
    handle.clear_switches(id)?;
    Ok(Json(json!({"switched": false})))
}

async fn sent(State(handle): State<Handle>, Query(filter): Query<Filter>) -> Json<Value> {
    Json(json!(handle.sent(&filter)))
}

async fn received(State(handle): State<Handle>, Query(filter): Query<Filter>) -> Json<Value> {
    Json(json!(handle.received(&filter)))
}

#[derive(Deserialize)]
struct Wait {
    count: usize,
    #[serde(default)]
    instance: Option<u64>,
    #[serde(default)]
    chat_id: Option<String>,
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
}

fn ten_seconds() -> u64 {
    10_000
}

async fn wait(State(handle): State<Handle>, Query(wait): Query<Wait>) -> Json<Value> {
    let filter = Filter { instance: wait.instance, chat_id: wait.chat_id, ..Filter::default() };
    let there = handle.wait_sent(&filter, wait.count, Duration::from_millis(wait.timeout_ms)).await;
    Json(json!({"count": there, "reached": there >= wait.count}))
}

async fn model(State(handle): State<Handle>) -> Json<Value> {
    Json(json!(handle.deepseek().account()))
}

async fn set_model(State(handle): State<Handle>, Json(change): Json<Map<String, Value>>) -> Answer {
    let mut account = json!(handle.deepseek().account());
    for (key, value) in change {
        if account.get(&key).is_none() {
            return Err(Wrong(format!("`{key}` is not known")));
        }
        account[key] = value;
    }
    let account: Account = serde_json::from_value(account).map_err(|error| error.to_string())?;
    handle.deepseek().set_account(account.clone());
    Ok(Json(json!(account)))
}

async fn model_requests(State(handle): State<Handle>) -> Json<Value> {
    Json(Value::Array(handle.model_requests()))
}

async fn model_switches(State(handle): State<Handle>) -> Json<Value> {
    Json(json!(handle.deepseek().switches()))
}

async fn model_switch(State(handle): State<Handle>, Json(body): Json<Value>) -> Answer {
    let switches: Vec<Switch<deepseek::faults::Fault>> = one_or_many(body)?;
    switches.into_iter().for_each(|switch| handle.switch_model(switch));
    Ok(Json(json!({"switched": true})))
}

async fn model_switch_off(State(handle): State<Handle>) -> Json<Value> {
    handle.deepseek().clear_switches();
    Json(json!({"switched": false}))
}

async fn file(State(handle): State<Handle>, Path(name): Path<String>) -> Response {
    match handle.green().files.load(&name) {
        Some(bytes) => bytes.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
