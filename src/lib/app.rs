//! The composition root: settings → an [`App`] with the vendors or a sandbox, SQLite or PostgreSQL, with or without
//! Redis. Contains no behaviour.

use crate::flow::in_force::{InForce, Lines};
use crate::flow::{Flow, Limits};
use crate::gateways::deepseek::{self, DeepSeek};
use crate::gateways::green_api::GreenApi;
use crate::gateways::local::{LocalBell, LocalThrottle};
use crate::gateways::system::SystemClock;
use crate::ports::{Bell, Clock, Throttle};
use crate::store::Store;
use anyhow::Context;
use secrecy::SecretString;
use std::sync::Arc;

/// Everything an installation needs, chosen.
pub struct Wiring {
    /// Ours, open.
    pub store: Store,
    /// Finds the secrets of a hotel.
    pub lines: Lines,
    /// Where DeepSeek is, without a trailing slash.
    pub deepseek_url: String,
    /// Without one nobody is asked.
    pub deepseek_key: Option<SecretString>,
    /// The model's name; retired names answer 400, so it is configuration.
    pub deepseek_model: String,
    /// Only with several daemons on PostgreSQL.
    pub redis_url: Option<String>,
    /// How much at once, how long at most.
    pub limits: Limits,
}

/// An installation, put together.
#[derive(Clone)]
pub struct App {
    /// What every arrow may use.
    pub flow: Flow,
    /// The same reader as in `flow`, with what only DeepSeek tells.
    pub deepseek: Arc<DeepSeek>,
}

/// Questions to the model at once: DeepSeek allows 2,500 an account.
const MOST_QUESTIONS: usize = 2000;

impl App {
    /// Puts an installation together. Opens no connection but Redis's.
    pub async fn new(wiring: Wiring) -> anyhow::Result<App> {
        // A second provider in the same process is no error: tests start several installations.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = crate::gateways::http::client().context("building the HTTP client")?;
        let mut config = deepseek::Config::new(wiring.deepseek_url, wiring.deepseek_key, wiring.deepseek_model);
        config.concurrency = MOST_QUESTIONS;
        let deepseek = Arc::new(DeepSeek::new(config, http.clone()));
        let clock = SystemClock;
        let (bell, throttle) = wake_and_pace(wiring.redis_url.as_deref()).await?;
        let flow = Flow {
            store: wiring.store,
            channel: Arc::new(GreenApi::new(http)),
            analyst: deepseek.clone(),
            bell,
            throttle,
            me: clock.new_id(),
            clock: Arc::new(clock),
            hotels: Arc::new(InForce::new(wiring.lines)),
            limits: wiring.limits,
        };
        Ok(App { flow, deepseek })
    }
}

async fn wake_and_pace(redis: Option<&str>) -> anyhow::Result<(Arc<dyn Bell>, Arc<dyn Throttle>)> {
    match redis {
        None => Ok((Arc::new(LocalBell::default()), Arc::new(LocalThrottle::default()))),
        #[cfg(feature = "redis")]
        Some(url) => over_redis(url).await,
        #[cfg(not(feature = "redis"))]
        Some(_) => anyhow::bail!("this program was built without the feature `redis`"),
    }
}

#[cfg(feature = "redis")]
async fn over_redis(url: &str) -> anyhow::Result<(Arc<dyn Bell>, Arc<dyn Throttle>)> {
    use crate::gateways::redis::{Redis, RedisBell, RedisThrottle};
    let redis = Redis::new(url, "hotelbot").context("reading the Redis URL")?;
    let bell = RedisBell::start(&redis, &SystemClock).context("listening to Redis")?;
    let throttle = RedisThrottle::new(&redis).context("pacing over Redis")?;
    Ok((Arc::new(bell), Arc::new(throttle)))
}
