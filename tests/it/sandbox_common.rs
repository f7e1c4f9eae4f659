//! What the tests of the emulators share: a running sandbox, a client, and a webhook that answers as it is told.
#![expect(clippy::unwrap_used, reason = "a failure here is the test's failure")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hotelbot::sandbox::{Options, Running, Sandbox};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// Nothing here takes longer, or it is broken.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// The usual guest.
pub const GUEST: &str = "79001234567@c.us";
/// The usual instance.
pub const ID: u64 = 1_101_000_001;
/// Its token.
pub const TOKEN: &str = "token";

/// A sandbox on a free port.
pub async fn start(options: Options) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Sandbox::start(listener, options).unwrap()
}

/// A sandbox whose waits are a thousand times shorter and that limits nothing.
pub async fn fast() -> Running {
    start(Options { time_scale: 1000.0, rate_limits: false, ..Options::default() }).await
}

/// A client without a vendor's habits.
pub fn client() -> reqwest::Client {
    reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().unwrap()
}

/// Calls a method of the usual instance with POST.
pub async fn call(sandbox: &Running, method: &str, body: Value) -> reqwest::Result<reqwest::Response> {
    client().post(format!("{}/waInstance{ID}/{method}/{TOKEN}", sandbox.url)).json(&body).send().await
}

/// Calls a method of the usual instance with GET; the answer as JSON.
pub async fn get(sandbox: &Running, method: &str) -> Value {
    let url = format!("{}/waInstance{ID}/{method}/{TOKEN}", sandbox.url);
    client().get(url).send().await.unwrap().json().await.unwrap()
}

/// Sends a text to the usual guest; the answer's status and JSON (`null` if it has none).
pub async fn send(sandbox: &Running, text: &str) -> (u16, Value) {
    let response = call(sandbox, "sendMessage", json!({"chatId": GUEST, "message": text})).await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

/// What the webhook got.
#[derive(Clone)]
pub struct Delivered {
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The body.
    pub body: Value,
}

#[derive(Default)]
struct Inbox {
    delivered: Mutex<Vec<Delivered>>,
    answers: Mutex<Vec<u16>>,
    running: Mutex<(usize, usize)>,
    gate: AtomicUsize,
    entered: Notify,
    arrived: Notify,
}

/// A webhook that remembers what it gets.
#[derive(Clone)]
pub struct Webhook {
    /// Where it listens.
    pub url: String,
    inbox: Arc<Inbox>,
}

impl Webhook {
    /// Answers the given statuses first, then always 200.
    pub async fn start(answers: &[u16]) -> Self {
        let inbox = Arc::new(Inbox::default());
        *inbox.answers.lock().unwrap() = answers.to_vec();
        let router = Router::new().route("/hook", post(hook)).with_state(inbox.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inbox }
    }

    /// What has come so far.
    pub fn delivered(&self) -> Vec<Delivered> {
        self.inbox.delivered.lock().unwrap().clone()
    }

    /// How many requests were answered at the same time at most.
    pub fn most_at_once(&self) -> usize {
        self.inbox.running.lock().unwrap().1
    }

    /// Holds requests back until so many wait at the same time.
    pub fn answer_only_when_so_many_wait(&self, count: usize) {
        self.inbox.gate.store(count, Ordering::SeqCst);
    }

    /// Waits until so many have come.
    pub async fn wait(&self, count: usize) -> Vec<Delivered> {
        let waiting = async {
            loop {
                let arrived = self.inbox.arrived.notified();
                if self.delivered().len() >= count {
                    return self.delivered();
                }
                arrived.await;
            }
        };
        let come = tokio::time::timeout(PATIENCE, waiting).await;
        come.unwrap_or_else(|_| panic!("only {} of {count} notifications came", self.delivered().len()))
    }
}

impl Inbox {
    async fn enter(&self) {
        {
            let mut running = self.running.lock().unwrap();
            running.0 += 1;
            running.1 = running.1.max(running.0);
        }
        self.entered.notify_waiters();
        loop {
            let entered = self.entered.notified();
            if self.running.lock().unwrap().1 >= self.gate.load(Ordering::SeqCst) {
                break;
            }
            entered.await;
        }
        // Lets requests that are sent at the same time arrive before this one is answered.
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }
}

async fn hook(State(inbox): State<Arc<Inbox>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    inbox.enter().await;
    inbox.running.lock().unwrap().0 -= 1;
    let authorization = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    inbox.delivered.lock().unwrap().push(Delivered { authorization, body: serde_json::from_slice(&body).unwrap() });
    let answer = {
        let mut answers = inbox.answers.lock().unwrap();
        if answers.is_empty() { 200 } else { answers.remove(0) }
    };
    inbox.arrived.notify_waiters();
    StatusCode::from_u16(answer).unwrap()
}
