//! DeepSeek as an [`Analyst`]: one call a turn, one flat JSON object back, within one deadline. May import `domain` and
//! `ports`. What leaves is masked (`mask`), what comes back is checked (`answer`, `hygiene`, `known`), and whatever goes wrong
//! ends as a [`WhyNot`]: a model that is down is a case of the conversation, not an error.

mod answer;
mod breaker;
mod hygiene;
mod known;
mod limit;
mod mask;
mod numbers;
mod price;
mod prompt;
mod understand;
mod wire;

pub use breaker::{Cause, Limits, State};
pub use price::{Price, Prices, Rates, is_peak};
pub use prompt::Prompt;

use crate::domain::understanding::WhyNot;
use crate::ports::{AiUsage, Analysis, Analyst, Question, Unavailable};
use async_trait::async_trait;
use breaker::Breaker;
use limit::Limit;
use prompt::Preparations;
use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use wire::Failed;

/// For `models` and `balance`, which nobody waits for while writing to a guest.
const ASIDE: Duration = Duration::from_secs(10);

/// How the service is reached and what it may take.
#[derive(Clone, Debug)]
pub struct Config {
    /// `https://api.deepseek.com`; with or without a trailing slash.
    pub base_url: String,
    /// Without one no call is made.
    pub key: Option<SecretString>,
    /// The model's id, such as `deepseek-flash`; names retire, so it is never a constant in code.
    pub model: String,
    /// From the question to the end of the last attempt.
    pub deadline: Duration,
    /// The waits before the first and second retry, each give or take a tenth.
    pub waits: [Duration; 2],
    /// Tokens an answer may have; a repaired one twice as many.
    pub max_tokens: u32,
    /// Calls at once, until a 429 says less.
    pub concurrency: usize,
    /// What tokens cost.
    pub prices: Prices,
    /// When to stop asking.
    pub breaker: Limits,
    /// The rules that every request begins with.
    pub prompt: Prompt,
}

impl Config {
    /// The usual times and limits.
    pub fn new(base_url: impl Into<String>, key: Option<SecretString>, model: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            key,
            model: model.into(),
            deadline: Duration::from_secs(25),
            waits: [Duration::from_millis(500), Duration::from_millis(1_500)],
            max_tokens: 700,
            concurrency: 256,
            prices: Prices::default(),
            breaker: Limits::default(),
            prompt: Prompt::understand(),
        }
    }
}

/// How the account is doing, for metrics and `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// What the breaker lets through.
    pub breaker: State,
    /// Why it is not closed.
    pub cause: Option<Cause>,
    /// How many calls may run at once now.
    pub concurrency: usize,
    /// How many run.
    pub running: usize,
}

/// The client of one account.
#[derive(Debug)]
pub struct DeepSeek {
    config: Config,
    http: reqwest::Client,
    preparations: Preparations,
    breaker: Mutex<Breaker>,
    limit: Limit,
}

impl DeepSeek {
    /// A client that has not called anyone yet. The HTTP client needs no time-out of its own.
    pub fn new(mut config: Config, http: reqwest::Client) -> Self {
        config.base_url.truncate(config.base_url.trim_end_matches('/').len());
        Self {
            preparations: Preparations::new(config.prompt.clone(), config.model.clone()),
            breaker: Mutex::new(Breaker::new(config.breaker)),
            limit: Limit::new(config.concurrency),
            config,
            http,
        }
    }

    /// How the account is doing.
    pub fn status(&self) -> Status {
        let breaker = self.breaker();
        let (concurrency, running) = self.limit.status();
        Status { breaker: breaker.state(now()), cause: breaker.cause(), concurrency, running }
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request(&self, method: reqwest::Method, path: &str) -> Option<RequestBuilder> {
        let key = self.config.key.as_ref()?;
        let url = format!("{}{path}", self.config.base_url);
        Some(self.http.request(method, url).bearer_auth(key.expose_secret()))
    }

    async fn ask_aside<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, Unavailable> {
        let request = self.request(reqwest::Method::GET, path);
        let request = request.ok_or_else(|| Unavailable("there is no key for DeepSeek".to_owned()))?;
        match tokio::time::timeout(ASIDE, wire::exchange(request)).await {
            Ok(answer) => answer.map_err(|Failed { detail, .. }| Unavailable(format!("DeepSeek: {detail}"))),
            Err(_) => Err(Unavailable(format!("DeepSeek did not answer within {} s", ASIDE.as_secs()))),
        }
    }
}

/// Tokio's instant, so that a paused clock is a paused clock.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[derive(Deserialize)]
struct Models {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
}

#[derive(Deserialize)]
struct Balance {
    balance_infos: Vec<BalanceInfo>,
}

/// Amounts are strings.
#[derive(Deserialize)]
struct BalanceInfo {
    currency: String,
    total_balance: String,
}

#[async_trait]
impl Analyst for DeepSeek {
    async fn understand(&self, question: &Question) -> Analysis {
        let started = tokio::time::Instant::now();
        let mut usage = AiUsage {
            model: self.config.model.clone(),
            prompt: self.preparations.of(&question.hotel).prompt_name().to_owned(),
            ..AiUsage::default()
        };
        let read = self.read(question, &mut usage);
        let ended = tokio::time::timeout_at(started + self.config.deadline, read).await;
        usage.latency = started.elapsed();
        let (outcome, detail) = match ended {
            Ok(Ok((understanding, detail))) => (Ok(understanding), detail),
            Ok(Err((why, detail))) => (Err(why), Some(detail)),
            Err(_) => (Err(WhyNot::TimedOut), Some(format!("no answer within {:?}", self.config.deadline))),
        };
        Analysis { outcome, usage, detail }
    }

    async fn models(&self) -> Result<Vec<String>, Unavailable> {
        let models: Models = self.ask_aside("/models").await?;
        Ok(models.data.into_iter().map(|model| model.id).collect())
    }

    async fn balance(&self) -> Result<Option<f64>, Unavailable> {
        let balance: Balance = self.ask_aside("/user/balance").await?;
        let dollars = balance.balance_infos.iter().find(|info| info.currency == "USD");
        Ok(dollars.and_then(|info| info.total_balance.parse().ok()))
    }
}
