//! The emulator of DeepSeek: checks, cache and price of a request as the vendor documents them, and an answer made by
//! simple rules from the request's own prompt, so that a demo without a key says only what the hotel's facts say.

pub mod api;
pub mod faults;
pub mod guess;
pub mod reply;
pub mod request;
pub mod respond;
pub mod rules;
pub mod usage;
pub mod words;

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::green::held;
use super::switches::{Switch, Switches};
use faults::Fault;

/// How many bytes of requests are remembered; older ones go first.
const REQUESTS_KEPT: usize = 64 << 20;

/// How the model's account and service behave; all of it can be changed while it runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// How long a good answer takes, in real milliseconds.
    pub latency_ms: u64,
    /// Keys that are accepted; empty means any.
    pub keys: Vec<String>,
    /// The balance in US dollars; at zero every request is refused with 402.
    pub balance_usd: f64,
    /// How many requests may run at once on `deepseek-flash`; `deepseek-v4-pro` gets a fifth.
    pub concurrency: usize,
}

impl Default for Account {
    fn default() -> Self {
        Self { latency_ms: 0, keys: Vec::new(), balance_usd: 10.0, concurrency: 2_500 }
    }
}

/// The emulated service.
#[derive(Debug)]
pub struct DeepSeek {
    /// Its time.
    pub clock: Clock,
    /// Its context cache.
    pub cache: usage::Cache,
    books: guess::Books,
    account: Mutex<Account>,
    switches: Mutex<Switches<Fault>>,
    switched: AtomicBool,
    requests: Mutex<(VecDeque<Bytes>, usize)>,
    running: AtomicUsize,
    counter: AtomicU64,
    /// Answers so far, of which each gets a trace id of its own.
    answers: AtomicU64,
}

impl DeepSeek {
    /// A service with an account.
    #[must_use]
    pub fn new(clock: Clock, latency: Duration) -> Self {
        let latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        Self {
            clock,
            cache: usage::Cache::default(),
            books: guess::Books::default(),
            account: Mutex::new(Account { latency_ms, ..Account::default() }),
            switches: Mutex::default(),
            switched: AtomicBool::new(false),
            requests: Mutex::default(),
            running: AtomicUsize::new(0),
            counter: AtomicU64::new(0),
            answers: AtomicU64::new(0),
        }
    }

    /// The account as it stands.
    #[must_use]
    pub fn account(&self) -> Account {
        held(&self.account).clone()
    }

    /// Changes the account.
    pub fn set_account(&self, account: Account) {
        *held(&self.account) = account;
    }

    /// Switches a fault on.
    pub fn switch(&self, switch: Switch<Fault>) {
        held(&self.switches).add(switch);
        self.switched.store(true, Ordering::Release);
    }

    /// What is switched on.
    #[must_use]
    pub fn switches(&self) -> Vec<Switch<Fault>> {
        held(&self.switches).list().to_vec()
    }

    /// Switches all faults off.
    pub fn clear_switches(&self) {
        held(&self.switches).clear();
        self.switched.store(false, Ordering::Release);
    }

    /// Forgets requests and switches, and restores the account.
    pub fn reset(&self) {
        self.clear_switches();
        *held(&self.requests) = (VecDeque::new(), 0);
        let latency_ms = self.account().latency_ms;
        self.set_account(Account { latency_ms, ..Account::default() });
    }

    /// The bodies received so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Bytes> {
        held(&self.requests).0.iter().cloned().collect()
    }

    /// How many requests came so far, also those no longer kept.
    #[must_use]
    pub fn request_count(&self) -> u64 {
        self.counter.load(Ordering::Relaxed)
    }

    fn remember(&self, body: &Bytes) -> u64 {
        let mut requests = held(&self.requests);
        requests.1 += body.len();
        requests.0.push_back(body.clone());
        while requests.1 > REQUESTS_KEPT
            && let Some(oldest) = requests.0.pop_front()
        {
            requests.1 -= oldest.len();
        }
        drop(requests);
        self.counter.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The fault that strikes a request, if any: switches may be limited to prompts that contain a text.
    fn struck(&self, body: &Bytes) -> Option<Fault> {
        if !self.switched.load(Ordering::Acquire) {
            return None;
        }
        let text: String =
            serde_json::from_slice::<serde_json::Value>(body).ok().map(|body| plain(&body)).unwrap_or_default();
        held(&self.switches).take(|part| text.contains(part), |fault| Some(fault.clone()))
    }
}

/// All message texts of a body, unescaped.
fn plain(body: &serde_json::Value) -> String {
    let texts = body["messages"].as_array().into_iter().flatten().filter_map(|message| message["content"].as_str());
    texts.collect::<Vec<_>>().join("\n")
}
