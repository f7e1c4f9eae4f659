//! A sandbox, hotels and a daemon in one process, over real HTTP: what a test of the flow happens in.
//!
//! The daemon has a runtime of its own. Dropping it ends everything at whatever point it stands, which is as near to
//! `kill -9` as one process comes.

use crate::support::db::{Engine, TestDb};
use hotelbot::app::{App, Wiring};
use hotelbot::daemon::{self, Listeners, Options as DaemonOptions, Roles};
use hotelbot::domain::hotel::{Hotel, Receive};
use hotelbot::domain::ids::HotelId;
use hotelbot::flow::Limits;
use hotelbot::gateways::deepseek::{Config, DeepSeek};
use hotelbot::gateways::green_api::GreenApi;
use hotelbot::ports::Line;
use hotelbot::sandbox::green::guest::Action;
use hotelbot::sandbox::green::instance::Timing;
use hotelbot::sandbox::records::{Filter, Record};
use hotelbot::sandbox::{Declare, Options, Running, Sandbox};
use hotelbot::store::hotels::HotelChange;
use hotelbot::store::{OpenOptions, Store};
use secrecy::SecretString;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::util::SubscriberInitExt;

/// Nothing here takes longer, or it is broken.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// The usual guest's number.
pub const GUEST: &str = "79161234567";
/// What the vendor is shown.
pub const TOKEN: &str = "d75b3a66374942c5b3c019c698abc2067e151558acbd451234";
/// What the vendor shows.
pub const HOOK_TOKEN: &str = "hook-0b6f9f3c5a";
/// What the PMS signs with.
pub const PMS_SECRET: &str = "pms-s3cret-of-the-tests";
/// The hotel's answer about breakfast.
pub const BREAKFAST: &str = "07:00-10:30 in the garden";

/// Changes one of several, told by its number from 0.
pub type Edit<T> = Box<dyn Fn(u64, &mut T)>;

/// How a world is made. The defaults: one hotel, pushed to, that answers each message by itself; short waits.
pub struct Setup {
    /// Which database.
    pub engine: Engine,
    /// How many hotels.
    pub hotels: u64,
    /// What is special about each.
    pub hotel: Edit<Hotel>,
    /// What is special about each hotel's instance.
    pub instance: Edit<Declare>,
    /// How long things take at most.
    pub limits: Limits,
    /// The vendors.
    pub sandbox: Options,
    /// The key of the model.
    pub key: Option<&'static str>,
    /// Who hears what the daemon logs.
    pub log: Option<tracing::Dispatch>,
    /// The total time of a call to the channel.
    pub call_deadline: Duration,
    /// The total time of a question to the model.
    pub model_deadline: Duration,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            engine: Engine::Sqlite,
            hotels: 1,
            hotel: Box::new(|_, _| {}),
            instance: Box::new(|_, _| {}),
            limits: short_limits(),
            sandbox: vendors(),
            key: Some("key"),
            log: None,
            call_deadline: Duration::from_secs(20),
            model_deadline: Duration::from_secs(5),
        }
    }
}

/// A thousand times faster waits, no gap between sends, no limits of calls per second.
pub fn vendors() -> Options {
    let timing = Timing { send_delay: Some(Duration::ZERO), ..Timing::default() };
    Options { time_scale: 1000.0, rate_limits: false, timing, ..Options::default() }
}

/// As in production, with waits that a test can wait for.
fn short_limits() -> Limits {
    Limits {
        lease: Duration::from_secs(2),
        longest_call: Duration::from_secs(3),
        watch_every: Duration::from_millis(200),
        reconcile_after: Duration::from_millis(400),
        reconcile_again: Duration::from_millis(200),
        ..Limits::default()
    }
}

/// See the module.
pub struct World {
    /// The vendors.
    pub sandbox: Running,
    /// Where webhooks go.
    pub url: String,
    /// Where metrics are.
    pub admin: String,
    /// The daemon's database.
    pub db: TestDb,
    setup: Setup,
    daemon: Option<Daemon>,
}

struct Daemon {
    runtime: Runtime,
    stop: CancellationToken,
    running: tokio::task::JoinHandle<anyhow::Result<()>>,
}

/// The id of a hotel.
pub fn hotel_id(number: u64) -> HotelId {
    HotelId::parse(&format!("hotel-{number}")).expect("a good id")
}

/// The instance of a hotel.
pub fn instance(number: u64) -> u64 {
    1_101_000_000 + number
}

fn hotel(number: u64) -> Hotel {
    let json = serde_json::json!({
        "id": hotel_id(number), "name": format!("Astoria {number}"), "timezone": "Europe/Moscow", "languages": ["en", "ru"],
        "country": "RU", "check_in_time": "14:00:00", "check_out_time": "12:00:00", "voice": null,
        "whatsapp": {"instance": instance(number).to_string(), "token": {"env": "T"}, "webhook_token": {"env": "W"},
                     "api_url": null, "receive": "webhook", "answers_as": "list",
                     "send_interval": {"secs": 0, "nanos": 0}},
        "ai": {"enabled": true, "daily_budget_usd": null}, "assume_check_in": false,
        "conversation": {"coalesce": {"secs": 0, "nanos": 0}, "handoff_after_staff_reply": {"secs": 1800, "nanos": 0},
                         "reply_within": {"secs": 900, "nanos": 0}},
        "quiet_hours": null,
        "sla": {"first_response": {"secs": 600, "nanos": 0}, "resolution": {"secs": 14400, "nanos": 0}},
        "staff": {"language": null, "contacts": []}, "links": {},
        "knowledge": [{"id": "breakfast.hours", "value": {"text": {"en": BREAKFAST, "ru": "07:00-10:30 в саду"}}},
                      {"id": "parking", "value": {"text": {"en": "Parking is behind the house, 10 EUR a day"}}}],
        "texts": {}, "pms": null,
        "privacy": {"keep_messages": {"secs": 31_536_000, "nanos": 0}, "keep_raw_events": {"secs": 2_592_000, "nanos": 0},
                    "mask_before_ai": true},
    });
    serde_json::from_value(json).expect("a hotel")
}

impl World {
    /// One hotel, nothing special.
    pub async fn new() -> World {
        World::with(Setup::default()).await
    }

    /// As set up, with the daemon running and the instances seen ready.
    pub async fn with(setup: Setup) -> World {
        let mut world = World::asleep(setup).await;
        world.wake().await;
        world
    }

    /// As set up, with no daemon yet.
    pub async fn asleep(setup: Setup) -> World {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let sandbox = Sandbox::start(listener, setup.sandbox.clone()).expect("a sandbox");
        let db = TestDb::new(setup.engine).await.expect("tests on PostgreSQL are skipped without one");
        let store = db.open().await;
        let mut changes = Vec::new();
        for number in 0..setup.hotels {
            let mut hotel = hotel(number);
            (setup.hotel)(number, &mut hotel);
            changes.push(HotelChange::Put(Box::new(hotel)));
            let mut declared = Declare::new(instance(number), TOKEN);
            (setup.instance)(number, &mut declared);
            sandbox.declare(declared).expect("declared");
        }
        store.apply_hotels(0, changes, "a test".into(), now()).await.expect("applied");
        store.close().await;
        World { sandbox, url: String::new(), admin: String::new(), db, setup, daemon: None }
    }

    /// Starts a daemon on the database, and tells the vendor where it is.
    pub async fn wake(&mut self) {
        daemon::metrics::install().expect("a recorder for this process");
        let public = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let admin = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        self.url = format!("http://{}", public.local_addr().expect("an address"));
        self.admin = format!("http://{}", admin.local_addr().expect("an address"));
        let runtime = runtime(self.setup.log.clone());
        let stop = CancellationToken::new();
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        let (wiring, plan) = (self.wiring(), self.plan());
        let (url, stopping) = (self.db.url.clone(), stop.clone());
        let running = runtime.spawn(async move {
            let store = open(&url).await;
            let flow = assemble(wiring(store), plan).await;
            let listeners = Listeners { public: Some(listen(public)), admin: Some(listen(admin)) };
            let options = DaemonOptions { roles: Roles::ALL, admin_token: None };
            daemon::run(flow, listeners, options, ready, stopping).await
        });
        is_ready.await.expect("the daemon is ready");
        self.daemon = Some(Daemon { runtime, stop, running });
        for number in 0..self.setup.hotels {
            self.point_webhook(number);
        }
    }

    fn point_webhook(&self, number: u64) {
        let mut example = hotel(number);
        (self.setup.hotel)(number, &mut example);
        if example.whatsapp.receive == Receive::Webhook {
            let declared = Declare { id: instance(number), ..Declare::default() };
            self.sandbox.declare(declared.webhook(&self.hook(number), HOOK_TOKEN)).expect("declared");
        }
    }

    fn wiring(&self) -> impl FnOnce(Store) -> Wiring + Send + 'static {
        let url = self.sandbox.url.clone();
        let limits = Limits { alone: self.setup.engine == Engine::Sqlite, ..self.setup.limits };
        let key = self.setup.key.map(SecretString::from);
        move |store| {
            let api_url = url.clone();
            let lines = Arc::new(move |hotel: &Hotel, _: &[_]| {
                Ok(Line {
                    hotel: hotel.id.clone(),
                    instance: hotel.whatsapp.instance.clone(),
                    api_url: api_url.clone(),
                    token: SecretString::from(TOKEN),
                    webhook_token: Some(SecretString::from(HOOK_TOKEN)),
                    folder: None,
                    pms_secret: Some(SecretString::from(PMS_SECRET)),
                })
            });
            let deepseek_model = "deepseek-flash".into();
            Wiring { store, lines, deepseek_url: url, deepseek_key: key, deepseek_model, redis_url: None, limits }
        }
    }

    fn plan(&self) -> Deadlines {
        Deadlines { call: self.setup.call_deadline, model: self.setup.model_deadline }
    }

    /// Where the PMS of a hotel delivers.
    pub fn pms_hook(&self, number: u64) -> String {
        format!("{}/hooks/{}/pms", self.url, hotel_id(number))
    }

    /// The webhook of a hotel.
    pub fn hook(&self, number: u64) -> String {
        format!("{}/hooks/{}/whatsapp", self.url, hotel_id(number))
    }

    /// Ends the daemon at whatever point it stands.
    pub async fn kill(&mut self) {
        let daemon = self.daemon.take().expect("a daemon runs");
        let ended = tokio::task::spawn_blocking(move || daemon.runtime.shutdown_timeout(Duration::from_secs(5)));
        ended.await.expect("the runtime ended");
    }

    /// Asks the daemon to stop, and waits until it has.
    pub async fn stop(&mut self) {
        let daemon = self.daemon.take().expect("a daemon runs");
        daemon.stop.cancel();
        let ended = tokio::time::timeout(PATIENCE, daemon.running).await.expect("it stops in time");
        ended.expect("it did not panic").expect("it stopped well");
        tokio::task::spawn_blocking(move || drop(daemon.runtime)).await.expect("the runtime ended");
    }

    /// The usual guest writes to the first hotel; the answer is the message's id.
    pub fn guest(&self, text: &str) -> String {
        self.act(0, &Action::text(GUEST, text))
    }

    /// The staff of the first hotel writes to the usual guest from the phone.
    pub fn staff(&self, text: &str) -> String {
        self.sandbox.staff(instance(0), &Action::text(GUEST, text)).expect("a good action")
    }

    /// A guest of a hotel does something.
    pub fn act(&self, hotel: u64, action: &Action) -> String {
        self.sandbox.guest(instance(hotel), action).expect("a good action")
    }

    /// A notification comes exactly so, to the first hotel's instance.
    pub fn inject(&self, body: &serde_json::Value) {
        self.sandbox.inject(instance(0), body.as_object().expect("an object").clone()).expect("an instance");
    }

    /// What the vendor has accepted, over all hotels.
    pub fn sent(&self) -> Vec<Record> {
        self.sandbox.sent(&Filter::default())
    }

    /// The texts of what the vendor has accepted.
    pub fn sent_texts(&self) -> Vec<String> {
        self.sent().into_iter().map(|record| record.text).collect()
    }

    /// Waits until so many sends were accepted.
    pub async fn wait_sent(&self, count: usize) -> Vec<Record> {
        let there = self.sandbox.wait_sent(&Filter::default(), count, PATIENCE).await;
        assert!(there >= count, "{there} of {count} messages were sent: {}", self.describe().await);
        self.sent()
    }

    /// Waits for the first answer.
    pub async fn wait_answer(&self) -> Record {
        self.wait_sent(1).await.remove(0)
    }

    /// Waits until the model has been asked so often.
    pub async fn model_asked(&self, times: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.sandbox.model_requests().len() < times {
            assert!(Instant::now() < deadline, "the model was not asked: {}", self.describe().await);
            pause().await;
        }
    }

    /// Waits until the message was dealt with, and says by which rule.
    pub async fn decided(&self, id: &str) -> String {
        self.decided_key(&format!("m:{id}")).await
    }

    /// The same, by the key of the event.
    pub async fn decided_key(&self, key: &str) -> String {
        let sql = format!(
            "SELECT COALESCE(t.rule, i.state) FROM inbox i
             LEFT JOIN turns t ON t.hotel_id = i.hotel_id AND t.turn_id = i.turn_id
             WHERE i.event_key = '{key}' AND i.state <> 'available'"
        );
        self.wait_texts(&sql, |found| !found.is_empty()).await.remove(0)
    }

    /// Waits until nothing waits anywhere: no notification at the vendor, no row to decide, none to send.
    pub async fn quiet(&self) {
        self.nothing_in(&["planned", "sending", "unknown"]).await;
    }

    /// The same, but a message may wait for its instance.
    pub async fn quiet_but_planned(&self) {
        self.nothing_in(&["sending", "unknown"]).await;
    }

    async fn nothing_in(&self, states: &[&str]) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let told = (0..self.setup.hotels).all(|number| {
                self.sandbox.instance(instance(number)).is_ok_and(|instance| instance.peek().notifications.is_empty())
            });
            let states = states.join("', '");
            let waiting = format!(
                "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'available' AND chat_id IS NOT NULL)
                      + (SELECT COUNT(*) FROM outbox WHERE state IN ('{states}'))"
            );
            if told && self.number(&waiting).await == 0 {
                return;
            }
            assert!(Instant::now() < deadline, "something still waits: {}", self.describe().await);
            pause().await;
        }
    }

    /// The only number a query answers, past the store.
    pub async fn number(&self, sql: &str) -> i64 {
        self.db.raw().await.number(sql).await
    }

    /// The texts of the first column.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        self.db.raw().await.texts(sql).await
    }

    /// Runs a statement, past the store.
    pub async fn execute(&self, sql: &str) {
        self.db.raw().await.execute(sql).await.expect("a good statement");
    }

    /// Polls a query until the texts of its first column are as wanted.
    pub async fn wait_texts(&self, sql: &str, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.texts(sql).await;
            if wanted(&found) {
                return found;
            }
            assert!(Instant::now() < deadline, "{sql} still answers {found:?}: {}", self.describe().await);
            pause().await;
        }
    }

    /// Polls the outbox until its states are as wanted, oldest first.
    pub async fn wait_states(&self, wanted: &[&str]) {
        self.wait_texts("SELECT state FROM outbox ORDER BY outbox_id", |states| states == wanted).await;
    }

    /// The states in the outbox now, oldest first.
    pub async fn states(&self) -> Vec<String> {
        self.texts("SELECT state FROM outbox ORDER BY outbox_id").await
    }

    /// The labels of the guests' messages, oldest first; `-` where there is none.
    pub async fn labels(&self) -> Vec<String> {
        self.texts("SELECT COALESCE(sentiment, '-') FROM messages WHERE author = 'guest' ORDER BY at, message_id").await
    }

    /// How many guests wait for a person.
    pub async fn waiting(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM chats WHERE waiting_since IS NOT NULL").await
    }

    /// For failed assertions: what is in the database, without texts.
    async fn describe(&self) -> String {
        let rows = self.texts("SELECT state || ' ' || kind || ' ' || COALESCE(note, '') FROM inbox ORDER BY seq").await;
        let sends = self.texts("SELECT state || ' ' || COALESCE(note, '') FROM outbox ORDER BY outbox_id").await;
        let lines = self
            .texts(
                "SELECT COALESCE(line_state, '?') || ' ' || COALESCE(line_problem, '') FROM hotels ORDER BY hotel_id",
            )
            .await;
        format!("inbox {rows:?}, outbox {sends:?}, lines {lines:?}")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(daemon) = self.daemon.take() {
            daemon.runtime.shutdown_background();
        }
    }
}

fn runtime(log: Option<tracing::Dispatch>) -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().on_thread_start(move || {
        if let Some(log) = &log {
            // For as long as the thread lives; also hears what libraries say through `log`.
            std::mem::forget(log.clone().set_default());
        }
    });
    builder.build().expect("a runtime")
}

/// Between two looks at something that has no bell.
pub async fn pause() {
    tokio::time::sleep(Duration::from_millis(10)).await;
}

struct Deadlines {
    call: Duration,
    model: Duration,
}

async fn assemble(wiring: Wiring, deadlines: Deadlines) -> hotelbot::flow::Flow {
    let http = hotelbot::gateways::http::client().expect("a client");
    let mut config = Config::new(&wiring.deepseek_url, wiring.deepseek_key.clone(), &wiring.deepseek_model);
    config.deadline = deadlines.model;
    config.waits = [Duration::from_millis(20), Duration::from_millis(40)];
    let mut flow = App::new(wiring).await.expect("an app").flow;
    flow.channel = Arc::new(GreenApi::new(http.clone()).with_deadline(deadlines.call));
    flow.analyst = Arc::new(DeepSeek::new(config, http));
    flow
}

async fn open(url: &str) -> Store {
    Store::open(url, OpenOptions::default()).await.expect("the database opens")
}

fn listen(listener: std::net::TcpListener) -> TcpListener {
    listener.set_nonblocking(true).expect("a socket");
    TcpListener::from_std(listener).expect("a listener")
}

/// Now.
#[expect(clippy::disallowed_methods, reason = "these tests run in real time, like the sandbox")]
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
