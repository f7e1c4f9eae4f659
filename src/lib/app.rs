//! The composition root: settings → an [`App`] with the vendors or a sandbox, SQLite or PostgreSQL, with or without
//! Redis. Contains no behaviour.

use crate::config::{DatabaseUrl, Environment, Sealed, SecretKey, Secrets, Settings};
use crate::domain::hotel::{Hotel, SecretReference};
use crate::domain::ids::InstanceId;
use crate::flow::in_force::{InForce, Lines};
use crate::flow::{Flow, Limits};
use crate::gateways::deepseek::{self, DeepSeek};
use crate::gateways::green_api::GreenApi;
use crate::gateways::local::{LocalBell, LocalThrottle};
use crate::gateways::pms::webhook::PmsJson;
use crate::gateways::system::SystemClock;
use crate::ports::{Bell, Clock, Line, Throttle, Unavailable};
use crate::store::hotels::SealedSecret;
use crate::store::{OpenOptions, Store};
use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;
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
    pub redis_url: Option<SecretString>,
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

/// Under which name the secret of a hotel's PMS is stored.
const PMS_SECRET: &str = "pms_secret";

/// Where both vendors are when nothing else is said.
const GREEN_API: &str = "https://api.green-api.com";
const DEEPSEEK: &str = "https://api.deepseek.com";

impl App {
    /// Opens the installation that the settings describe.
    pub async fn open(settings: &Settings, environment: &Environment, options: OpenOptions) -> anyhow::Result<App> {
        let store = open_store(settings, options).await?;
        let alone = store.engine() == "sqlite";
        App::new(Wiring {
            store,
            lines: lines(settings, environment),
            deepseek_url: settings.deepseek_url.value.clone().unwrap_or_else(|| DEEPSEEK.to_owned()),
            deepseek_key: settings.deepseek_api_key.value.clone(),
            deepseek_model: settings.deepseek_model.value.clone(),
            redis_url: settings.redis_url.value.clone(),
            limits: Limits { alone, ..Limits::default() },
        })
        .await
    }

    /// Puts an installation together. Opens no connection but Redis's.
    pub async fn new(wiring: Wiring) -> anyhow::Result<App> {
        // A second provider in the same process is no error: tests start several installations.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = crate::gateways::http::client().context("building the HTTP client")?;
        let mut config = deepseek::Config::new(wiring.deepseek_url, wiring.deepseek_key, wiring.deepseek_model);
        config.concurrency = MOST_QUESTIONS;
        let deepseek = Arc::new(DeepSeek::new(config, http.clone()));
        let clock = SystemClock;
        let (bell, throttle) = wake_and_pace(wiring.redis_url.as_ref()).await?;
        let flow = Flow {
            store: wiring.store,
            channel: Arc::new(GreenApi::new(http)),
            deliveries: Arc::new(PmsJson),
            analyst: deepseek.clone(),
            bell,
            throttle,
            departures: Arc::default(),
            me: clock.new_id(),
            clock: Arc::new(clock),
            hotels: Arc::new(InForce::new(wiring.lines)),
            limits: wiring.limits,
        };
        Ok(App { flow, deepseek })
    }
}

/// The reader of turns that the settings describe, by itself: for `doctor` and for trying prompts.
pub fn analyst(settings: &Settings) -> anyhow::Result<DeepSeek> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = crate::gateways::http::client().context("building the HTTP client")?;
    let url = settings.deepseek_url.value.clone().unwrap_or_else(|| DEEPSEEK.to_owned());
    let (key, model) = (settings.deepseek_api_key.value.clone(), settings.deepseek_model.value.clone());
    Ok(DeepSeek::new(deepseek::Config::new(url, key, model), http))
}

/// Whether the Redis of the settings answers, and how fast; `None` without one.
pub async fn ping_redis(settings: &Settings) -> Option<Result<std::time::Duration, Unavailable>> {
    let url = settings.redis_url.value.as_ref()?;
    #[cfg(feature = "redis")]
    let answer = match crate::gateways::redis::Redis::new(url.expose_secret(), "hotelbot") {
        Ok(redis) => redis.ping().await,
        Err(error) => Err(error),
    };
    #[cfg(not(feature = "redis"))]
    let answer = {
        let _ = url;
        Err(Unavailable("this program was built without the feature `redis`".to_owned()))
    };
    Some(answer)
}

/// What wakes a command that follows the daemons: Redis if there is one, else nothing but its own patience.
pub async fn bell(settings: &Settings) -> anyhow::Result<Arc<dyn Bell>> {
    Ok(wake_and_pace(settings.redis_url.value.as_ref()).await?.0)
}

async fn wake_and_pace(redis: Option<&SecretString>) -> anyhow::Result<(Arc<dyn Bell>, Arc<dyn Throttle>)> {
    match redis {
        None => Ok((Arc::new(LocalBell::default()), Arc::new(LocalThrottle::default()))),
        #[cfg(feature = "redis")]
        Some(url) => over_redis(url.expose_secret()).await,
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

/// Opens the database of the settings; a SQLite file's folder is made if the file may be.
pub async fn open_store(settings: &Settings, options: OpenOptions) -> anyhow::Result<Store> {
    if let (DatabaseUrl::Sqlite(path), true) = (&settings.database_url.value, options.create)
        && let Some(folder) = path.parent()
    {
        std::fs::create_dir_all(folder).with_context(|| format!("making the folder `{}`", folder.display()))?;
    }
    Ok(Store::open(settings.database_url.value.url().expose_secret(), options).await?)
}

/// How each hotel is reached: its secrets looked up, its host chosen.
pub fn lines(settings: &Settings, environment: &Environment) -> Lines {
    let environment = environment.clone();
    let dir = settings.dir.value.clone();
    let key_file = settings.secret_key_file.value.clone();
    let override_url = settings.green_api_url.value.clone();
    Arc::new(move |hotel, sealed| {
        let found = Found { hotel, sealed, environment: &environment, dir: &dir, key_file: &key_file };
        let own_url = || hotel.whatsapp.api_url.clone().unwrap_or_else(|| GREEN_API.to_owned());
        let webhook_token = hotel.whatsapp.webhook_token.as_ref();
        Ok(Line {
            hotel: hotel.id.clone(),
            instance: InstanceId::clone(&hotel.whatsapp.instance),
            api_url: override_url.clone().unwrap_or_else(own_url).trim_end_matches('/').to_owned(),
            token: found.secret(&hotel.whatsapp.token, "token")?,
            webhook_token: webhook_token.map(|reference| found.secret(reference, "webhook_token")).transpose()?,
            folder: Some(dir.join("hotels").join(hotel.id.as_str())),
            pms_secret: found.pms_secret(),
        })
    })
}

struct Found<'a> {
    hotel: &'a Hotel,
    sealed: &'a [SealedSecret],
    environment: &'a Environment,
    dir: &'a PathBuf,
    key_file: &'a PathBuf,
}

impl Found<'_> {
    /// A PMS that cannot be let in keeps nobody from writing to the hotel.
    fn pms_secret(&self) -> Option<SecretString> {
        let reference = self.hotel.pms.as_ref()?.secret.as_ref()?;
        let secret = self.secret(reference, PMS_SECRET);
        if let Err(why) = &secret {
            tracing::warn!(hotel = %self.hotel.id, why, "the secret of the hotel's PMS cannot be had; it is not let in");
        }
        secret.ok()
    }

    fn secret(&self, reference: &SecretReference, name: &str) -> Result<SecretString, String> {
        let stored = |name: &str| {
            let Some(row) = self.sealed.iter().find(|row| row.hotel == self.hotel.id && row.name == name) else {
                return Ok(None);
            };
            let sealed = Sealed { key_id: row.key_id.clone(), nonce: row.nonce.clone(), sealed: row.sealed.clone() };
            SecretKey::open_or_make(self.key_file)?.unseal(&self.hotel.id, name, &sealed).map(Some)
        };
        let hotel = self.hotel.id.as_str();
        let secrets = Secrets { environment: self.environment, dir: self.dir, stored: &stored, hotel };
        secrets.resolve(reference, name).map_err(|error| error.to_string())
    }
}
