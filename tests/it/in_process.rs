//! The whole road in one process: the sandbox's guests write, the daemon's loops answer.

use hotelbot::app::{App, Wiring};
use hotelbot::daemon::{self, Listeners, Options as DaemonOptions, Roles};
use hotelbot::domain::hotel::{Hotel, Receive};
use hotelbot::flow::Limits;
use hotelbot::ports::Line;
use hotelbot::sandbox::load::{Plan, Target, check, write};
use hotelbot::sandbox::{Declare, Options, Running, Sandbox};
use hotelbot::store::hotels::HotelChange;
use hotelbot::store::{OpenOptions, Store};
use secrecy::SecretString;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

fn hotel(number: u64) -> Hotel {
    let json = serde_json::json!({
        "id": format!("h{number}"), "name": "Astoria", "timezone": "Europe/Moscow", "languages": ["en"], "country": "RU",
        "check_in_time": "14:00:00", "check_out_time": "12:00:00", "voice": null,
        "whatsapp": {"instance": (1_101_000_000 + number).to_string(), "token": {"env": "T"},
                     "webhook_token": {"env": "W"}, "api_url": null, "receive": "webhook", "answers_as": "list",
                     "send_interval": {"secs": 0, "nanos": 0}},
        "ai": {"enabled": true, "daily_budget_usd": null}, "assume_check_in": false,
        "conversation": {"coalesce": {"secs": 0, "nanos": 0}, "handoff_after_staff_reply": {"secs": 1800, "nanos": 0},
                         "reply_within": {"secs": 900, "nanos": 0}},
        "quiet_hours": null, "sla": {"first_response": {"secs": 600, "nanos": 0}, "resolution": {"secs": 14400, "nanos": 0}},
        "staff": {"language": null, "contacts": []}, "links": {},
        "knowledge": [{"id": "breakfast.hours", "value": {"text": {"en": "07:00-10:30 in the garden"}}}],
        "texts": {}, "pms": null,
        "privacy": {"keep_messages": {"secs": 1, "nanos": 0}, "keep_raw_events": {"secs": 1, "nanos": 0}, "mask_before_ai": true}
    });
    let hotel: Hotel = serde_json::from_value(json).expect("a hotel");
    assert_eq!(hotel.whatsapp.receive, Receive::Webhook);
    hotel
}

async fn start(dir: &std::path::Path, hotels: u64) -> (Running, String, CancellationToken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let sandbox = Sandbox::start(listener, Options::for_load()).expect("a sandbox");
    let url = std::env::var("HOTELBOT_TEST_PG_URL")
        .unwrap_or_else(|_| format!("sqlite:{}", dir.join("hotelbot.db").display()));
    let options = OpenOptions { migrate: true, create: true, ..OpenOptions::default() };
    let store = Store::open(&url, options).await.expect("a database");
    let changes = (0..hotels).map(|n| HotelChange::Put(Box::new(hotel(n)))).collect();
    store
        .apply_hotels(0, changes, "test".into(), jiff::Timestamp::from_second(1_700_000_000).expect("an instant"))
        .await
        .expect("applied");
    let api_url = sandbox.url.clone();
    for n in 0..hotels {
        sandbox.declare(Declare::new(1_101_000_000 + n, "T")).expect("declared");
    }
    let lines = Arc::new(move |hotel: &Hotel, _: &[_]| {
        Ok(Line {
            hotel: hotel.id.clone(),
            instance: hotel.whatsapp.instance.clone(),
            api_url: api_url.clone(),
            token: SecretString::from("T"),
            webhook_token: Some(SecretString::from("W")),
        })
    });
    let wiring = Wiring {
        store,
        lines,
        deepseek_url: sandbox.url.clone(),
        deepseek_key: Some(SecretString::from("key")),
        deepseek_model: "deepseek-flash".into(),
        redis_url: None,
        limits: Limits::default(),
    };
    let app = App::new(wiring).await.expect("an app");
    let public = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", public.local_addr().expect("an address"));
    let stop = CancellationToken::new();
    let listeners = Listeners { public: Some(public), admin: None };
    let options = DaemonOptions { roles: Roles::ALL, admin_token: None };
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    tokio::spawn(daemon::run(app.flow, listeners, options, ready, stop.clone()));
    is_ready.await.expect("ready");
    (sandbox, url, stop)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_is_answered_once_and_in_order() {
    let dir = tempfile::tempdir().expect("a folder");
    let (sandbox, url, stop) = start(dir.path(), 10).await;
    let plan = Plan {
        targets: (0..10)
            .map(|n| Target {
                hook: format!("{url}/hooks/h{n}/whatsapp"),
                token: "W".into(),
                instance: 1_101_000_000 + n,
            })
            .collect(),
        chats: 20,
        messages: 400,
        twice_every: 10,
        rate: None,
        at_most: Duration::from_secs(30),
    };

    let written = write(&plan).await.expect("written");
    let checked = check(&sandbox, &plan, &written, Duration::from_secs(30)).await;

    assert_eq!((checked.answered, checked.lost, checked.twice, checked.out_of_order), (400, 0, 0, 0));
    stop.cancel();
}
