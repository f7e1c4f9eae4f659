//! The client of DeepSeek against the emulator, over real HTTP: every way in which the service is known to fail, and
//! what becomes of the guest's question then.
#![expect(clippy::unwrap_used, reason = "a failure here is the test's failure")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use hotelbot::config::{Against, parse_hotel};
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::HotelId;
use hotelbot::domain::language::Language;
use hotelbot::domain::message::Author;
use hotelbot::domain::understanding::{AttentionReason, Sentiment, Understanding, WhyNot};
use hotelbot::gateways::deepseek::{Cause, Config, DeepSeek, Limits, State};
use hotelbot::gateways::http;
use hotelbot::ports::{Analysis, Analyst, Question, Said};
use hotelbot::sandbox::deepseek::faults::{Fault, Shape};
use hotelbot::sandbox::switches::Switch;
use hotelbot::sandbox::{Options, Running};
use secrecy::SecretString;
use serde_json::Value;

use crate::sandbox_common::{PATIENCE, fast, start};

const HOTEL: &str = r#"
name: Astoria
timezone: Europe/Moscow
languages: [en, ru]
whatsapp: { instance: "1101000001", token: env:TOKEN, receive: poll }
links: { spa: https://astoria.example/spa }
knowledge:
  breakfast.hours: { en: "07:00-10:30 in the garden", ru: "07:00-10:30, в саду" }
  reception.phone: { en: "Reception: +7 812 494-57-57", ru: "Стойка: +7 812 494-57-57" }
  pool: yes
"#;

fn hotel() -> Hotel {
    parse_hotel(&HotelId::parse("astoria").unwrap(), HOTEL, Against::Emulator).unwrap().hotel
}

fn question(turn: &str) -> Question {
    Question {
        hotel: Arc::new(hotel()),
        first_name: Some("Anna Karenina".into()),
        language: Language::EN,
        history: Vec::new(),
        turn: turn.to_owned(),
        // A Sunday: off-peak.
        now: "2026-07-12T15:00:00Z".parse().unwrap(),
    }
}

fn key() -> Option<SecretString> {
    Some(SecretString::from("sk-test"))
}

/// The usual client, but its waits are short.
fn config(sandbox: &Running) -> Config {
    let mut config = Config::new(&sandbox.url, key(), "deepseek-flash");
    config.waits = [Duration::from_millis(5), Duration::from_millis(10)];
    config
}

fn client(config: Config) -> DeepSeek {
    DeepSeek::new(config, http::client().unwrap())
}

async fn ask(sandbox: &Running, fault: Switch<Fault>) -> Analysis {
    sandbox.switch_model(fault);
    let analysis = client(config(sandbox)).understand(&question("When is breakfast?")).await;
    sandbox.clear_model();
    analysis
}

/// What is switched off after each case.
trait Clear {
    fn clear_model(&self);
}

impl Clear for Running {
    fn clear_model(&self) {
        self.deepseek().clear_switches();
    }
}

fn understood(analysis: Analysis) -> Understanding {
    analysis.outcome.unwrap_or_else(|why| panic!("{why:?}: {:?}", analysis.detail))
}

#[tokio::test]
async fn a_question_is_answered_from_the_hotels_facts_and_its_cost_is_known() {
    let sandbox = fast().await;
    let client = client(config(&sandbox));

    let analysis = client.understand(&question("When is breakfast?")).await;

    let usage = analysis.usage.clone();
    let understanding = understood(analysis);
    assert_eq!(understanding.reply.as_deref(), Some("07:00-10:30 in the garden."));
    assert_eq!(understanding.facts.iter().map(|fact| fact.as_str()).collect::<Vec<_>>(), ["breakfast.hours"]);
    assert_eq!((understanding.sentiment, understanding.attention), (Sentiment::Neutral, None));
    assert_eq!((usage.calls, usage.model.as_str(), usage.prompt.as_str()), (1, "deepseek-flash", "understand@1"));
    assert!(usage.miss_tokens > 500 && usage.output_tokens > 10, "{usage:?}");
    let exact = usage.hit_tokens * 3_000 + usage.miss_tokens * 150_000 + usage.output_tokens * 600_000;
    assert_eq!(usage.cost_micro_usd, i64::try_from(exact.div_ceil(1_000_000)).unwrap());
}

#[tokio::test]
async fn from_the_third_question_on_rules_and_facts_come_from_the_vendors_cache() {
    let sandbox = fast().await;
    let client = client(config(&sandbox));
    let mut usages = Vec::new();

    for turn in ["When is breakfast?", "Is there a pool?", "How do I call the reception?"] {
        let mut question = question(turn);
        question.now += jiff::SignedDuration::from_mins(usages.len() as i64 * 7);
        usages.push(client.understand(&question).await.usage);
    }

    assert!(usages[2].hit_tokens > usages[2].miss_tokens * 5, "{usages:?}");
}

#[tokio::test]
async fn contents_that_hold_an_answer_are_read_at_once() {
    let sandbox = fast().await;
    for shape in [Shape::Fenced, Shape::Prose, Shape::Two, Shape::StringNumbers] {
        let analysis = ask(&sandbox, Switch::on(Fault::Content { shape })).await;

        assert_eq!(analysis.usage.calls, 1, "{shape:?}");
        let understanding = understood(analysis);
        assert_eq!(understanding.reply.as_deref(), Some("07:00-10:30 in the garden."), "{shape:?}");
        assert_eq!((understanding.sentiment, understanding.handoff), (Sentiment::Neutral, false), "{shape:?}");
    }
}

#[tokio::test]
async fn contents_that_hold_none_are_asked_for_once_more_and_then_given_up() {
    let sandbox = fast().await;
    for (shape, why) in [
        (Shape::Blank, WhyNot::Blank),
        (Shape::Null, WhyNot::Blank),
        (Shape::OnlyReasoning, WhyNot::Blank),
        (Shape::Truncated, WhyNot::Invalid),
        (Shape::Repeated, WhyNot::Invalid),
        (Shape::MissingKeys, WhyNot::Invalid),
        (Shape::Chinese, WhyNot::Invalid),
    ] {
        let once = ask(&sandbox, Switch::next(Fault::Content { shape }, 1)).await;
        assert_eq!(once.usage.calls, 2, "{shape:?}");
        assert_eq!(understood(once).reply.as_deref(), Some("07:00-10:30 in the garden."), "{shape:?}");

        let always = ask(&sandbox, Switch::on(Fault::Content { shape })).await;
        assert_eq!((always.outcome, always.usage.calls), (Err(why), 2), "{shape:?}");
    }
}

#[tokio::test]
async fn the_second_request_leaves_json_mode_and_has_more_room() {
    let sandbox = fast().await;

    ask(&sandbox, Switch::next(Fault::Content { shape: Shape::Blank }, 1)).await;

    let requests = sandbox.model_requests();
    assert_eq!(requests[0]["response_format"]["type"], "json_object");
    assert_eq!((&requests[0]["max_tokens"], &requests[0]["thinking"]["type"]), (&700.into(), &"disabled".into()));
    assert_eq!(requests[1].get("response_format"), None);
    assert_eq!(requests[1]["max_tokens"], 1_400);
    assert_eq!(requests[0]["messages"][2], requests[1]["messages"][2], "the question is the same");
}

#[tokio::test]
async fn wrong_labels_make_a_person_look_and_nonsense_numbers_are_none() {
    let sandbox = fast().await;

    let label = understood(ask(&sandbox, Switch::on(Fault::Content { shape: Shape::WrongEnum })).await);
    let number = understood(ask(&sandbox, Switch::on(Fault::Content { shape: Shape::WrongConfidence })).await);
    let only_reply = Fault::Script { content: r#"{"reply":"From seven."}"#.into() };
    let bare = understood(ask(&sandbox, Switch::on(only_reply)).await);

    assert_eq!((label.sentiment, label.attention), (Sentiment::RequiresAttention, Some(AttentionReason::Unread)));
    assert_eq!((number.sentiment, number.confidence), (Sentiment::Neutral, None));
    assert_eq!((bare.sentiment, bare.reply.as_deref()), (Sentiment::RequiresAttention, Some("From seven.")));
}

#[tokio::test]
async fn a_service_that_stumbles_is_asked_up_to_twice_again() {
    let sandbox = fast().await;
    let status = |status| Fault::Status { status, retry_after: None };
    let faults = [
        status(429),
        status(500),
        status(502),
        status(503),
        status(504),
        Fault::Html { status: 503 },
        Fault::Html { status: 200 },
        Fault::EmptyBody,
        Fault::Cut { halfway: false },
        Fault::Cut { halfway: true },
        Fault::FinishReason { reason: "insufficient_system_resource".into() },
    ];
    for fault in faults {
        let twice = ask(&sandbox, Switch::next(fault.clone(), 2)).await;
        assert_eq!(twice.usage.calls, 3, "{fault:?}: {:?}", twice.detail);
        assert!(understood(twice).reply.is_some());

        let always = ask(&sandbox, Switch::on(fault.clone())).await;
        assert_eq!((always.outcome, always.usage.calls), (Err(WhyNot::Unavailable), 3), "{fault:?}");
        let detail = always.detail.unwrap();
        assert!(!detail.contains("http://") && !detail.contains("breakfast"), "{detail}");
    }
}

#[tokio::test]
async fn what_would_fail_again_is_not_asked_again() {
    let sandbox = fast().await;
    for code in [400, 401, 402, 422] {
        let analysis = ask(&sandbox, Switch::on(Fault::Status { status: code, retry_after: None })).await;

        assert_eq!((analysis.outcome, analysis.usage.calls), (Err(WhyNot::Unavailable), 1), "{code}");
        assert!(analysis.detail.unwrap().contains(&code.to_string()));
    }
    let filtered = ask(&sandbox, Switch::on(Fault::FinishReason { reason: "content_filter".into() })).await;
    assert_eq!((filtered.outcome, filtered.usage.calls), (Err(WhyNot::Filtered), 1));

    let unheard_of = ask(&sandbox, Switch::on(Fault::FinishReason { reason: "end_of_turn".into() })).await;
    assert_eq!(unheard_of.usage.calls, 1);
    assert!(understood(unheard_of).reply.is_some());
}

#[tokio::test]
async fn a_retry_that_would_come_after_the_deadline_is_not_waited_for() {
    let sandbox = fast().await;
    let began = Instant::now();

    let analysis = ask(&sandbox, Switch::on(Fault::Status { status: 429, retry_after: Some(600) })).await;

    assert_eq!((analysis.outcome, analysis.usage.calls), (Err(WhyNot::Unavailable), 1));
    assert!(began.elapsed() < PATIENCE);
}

#[tokio::test]
async fn the_deadline_is_total_whatever_trickles_in() {
    let sandbox = fast().await;
    for fault in [Fault::Slow { seconds: 60.0 }, Fault::BlankLines { seconds: 60.0 }] {
        sandbox.switch_model(Switch::next(fault.clone(), 1));
        let mut config = config(&sandbox);
        config.deadline = Duration::from_millis(1_200);
        let began = Instant::now();

        let analysis = client(config).understand(&question("When is breakfast?")).await;

        assert_eq!((analysis.outcome, analysis.usage.calls), (Err(WhyNot::TimedOut), 1), "{fault:?}");
        assert!(began.elapsed() >= Duration::from_millis(1_200) && began.elapsed() < PATIENCE / 2);
    }
}

#[tokio::test]
async fn questions_that_time_out_open_the_breaker_and_the_next_is_not_asked() {
    let sandbox = fast().await;
    sandbox.switch_model(Switch::on(Fault::Slow { seconds: 60.0 }));
    let mut config = config(&sandbox);
    config.deadline = Duration::from_millis(100);
    config.breaker = Limits { hiccup: Duration::from_millis(50), ..Limits::default() };
    let client = client(config);
    let hi = question("Hi");

    let lost = futures_util::future::join_all((0..5).map(|_| client.understand(&hi))).await;

    assert!(lost.iter().all(|analysis| analysis.outcome == Err(WhyNot::TimedOut)));
    assert_eq!((client.status().breaker, client.status().cause), (State::Open, Some(Cause::Failures)));
    let next = client.understand(&hi).await;
    assert_eq!((next.outcome, next.usage.calls), (Err(WhyNot::Unavailable), 0));
    assert_eq!(client.status().running, 0, "no slot is held by a lost call");
}

#[tokio::test]
async fn an_empty_balance_stops_all_calls_until_a_probe_succeeds() {
    let sandbox = fast().await;
    sandbox.switch_model(Switch::next(Fault::Status { status: 402, retry_after: None }, 1));
    let mut config = config(&sandbox);
    config.breaker = Limits { refused_pause: Duration::from_millis(200), ..Limits::default() };
    let client = client(config);
    let hi = question("Hi");

    let refused = client.understand(&hi).await;
    assert_eq!(refused.outcome, Err(WhyNot::Unavailable));
    assert_eq!((client.status().breaker, client.status().cause), (State::Open, Some(Cause::Balance)));

    let began = Instant::now();
    let mut asked = client.understand(&hi).await;
    while asked.outcome.is_err() && began.elapsed() < PATIENCE {
        assert_eq!(asked.usage.calls, 0);
        tokio::time::sleep(Duration::from_millis(20)).await;
        asked = client.understand(&hi).await;
    }
    assert!(understood(asked).reply.is_some());
    assert_eq!((client.status().breaker, sandbox.deepseek().request_count()), (State::Closed, 2));
}

#[tokio::test]
async fn a_429_lowers_how_many_are_asked_at_once() {
    let sandbox = fast().await;
    sandbox.switch_model(Switch::next(Fault::Status { status: 429, retry_after: None }, 1));
    let client = client(config(&sandbox));
    let before = client.status().concurrency;

    client.understand(&question("Hi")).await;

    assert_eq!((before, client.status().concurrency), (256, 1));
}

#[tokio::test]
async fn waiting_questions_hold_no_thread() {
    let latency = Duration::from_millis(500);
    let sandbox = start(Options { deepseek_latency: latency, ..Options::default() }).await;
    let client = client(config(&sandbox));
    let (hi, began) = (question("Hi"), Instant::now());

    let answers = futures_util::future::join_all((0..100).map(|_| client.understand(&hi))).await;

    assert!(answers.iter().all(|analysis| analysis.outcome.is_ok()));
    assert!(began.elapsed() < latency * 20, "a hundred on one thread take about as long as one");
}

#[tokio::test]
async fn without_a_key_or_with_the_model_switched_off_nothing_is_sent() {
    let sandbox = fast().await;
    let mut keyless = config(&sandbox);
    keyless.key = None;
    let mut off = hotel();
    off.ai.enabled = false;

    let no_key = client(keyless).understand(&question("Hi")).await;
    let disabled = client(config(&sandbox)).understand(&Question { hotel: Arc::new(off), ..question("Hi") }).await;

    assert_eq!((no_key.outcome, no_key.usage.calls), (Err(WhyNot::NoKey), 0));
    assert_eq!((disabled.outcome, disabled.usage.calls), (Err(WhyNot::Disabled), 0));
    assert_eq!(sandbox.deepseek().request_count(), 0);
}

#[tokio::test]
async fn nobody_listening_is_unavailable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = Config::new(format!("http://{}/", listener.local_addr().unwrap()), key(), "deepseek-flash");
    drop(listener);
    config.waits = [Duration::from_millis(1); 2];

    let analysis = client(config).understand(&question("Hi")).await;

    assert_eq!((analysis.outcome, analysis.usage.calls), (Err(WhyNot::Unavailable), 3));
    assert_eq!(analysis.detail.as_deref(), Some("cannot connect"));
}

#[tokio::test]
async fn an_answer_without_end_is_not_swallowed_whole() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = Config::new(format!("http://{}", listener.local_addr().unwrap()), key(), "deepseek-flash");
    config.waits = [Duration::from_millis(1); 2];
    let router = axum::Router::new().fallback(|| async { " ".repeat(3 << 20) });
    let server = tokio::spawn(async move { axum::serve(listener, router).await });

    let analysis = client(config).understand(&question("Hi")).await;

    server.abort();
    assert_eq!(analysis.outcome, Err(WhyNot::Unavailable));
    assert_eq!(analysis.detail.as_deref(), Some("the answer is larger than a mebibyte"));
}

#[tokio::test]
async fn addresses_and_phones_that_are_not_the_hotels_are_kept_back_and_a_person_answers() {
    let sandbox = fast().await;
    for (reply, sent) in [
        ("Pay at http://oplata-hote1.example", None),
        ("Call +7 999 123-45-67", None),
        ("Call 8 (812) 494-57-57", Some("Call 8 (812) 494-57-57")),
        ("See [the spa](https://astoria.example/spa)", Some("See the spa: https://astoria.example/spa")),
    ] {
        let content = serde_json::json!({"reply": reply, "sentiment": "neutral", "requires_attention": false});
        let analysis = ask(&sandbox, Switch::on(Fault::Script { content: content.to_string() })).await;

        assert_eq!(analysis.detail.is_some(), sent.is_none(), "{reply}");
        let understanding = understood(analysis);
        assert_eq!((understanding.reply.as_deref(), understanding.handoff), (sent, sent.is_none()), "{reply}");
        assert_eq!(understanding.sentiment == Sentiment::RequiresAttention, sent.is_none());
    }
}

#[tokio::test]
async fn nothing_that_names_a_person_leaves_the_house() {
    let sandbox = fast().await;
    let said = |author, text: &str| Said { author, text: text.to_owned() };
    let question = Question {
        history: vec![
            said(Author::Guest, "anna@mail.example.com, passport 4510 123456"),
            said(Author::Staff, "We have your +7 921 765-43-21"),
        ],
        ..question("Room 1204, call me on 8 (921) 123-45-67. Card 4111 1111 1111 1111. When is breakfast?")
    };

    let analysis = client(config(&sandbox)).understand(&question).await;

    assert!(understood(analysis).reply.is_some());
    let sent = Value::Array(sandbox.model_requests()).to_string();
    for secret in ["anna@", "4510", "123456", "765-43-21", "123-45-67", "4111", "Karenina"] {
        assert!(!sent.contains(secret), "{secret}");
    }
    assert!(sent.contains("Room 1204") && sent.contains("first name: Anna"));
}

#[tokio::test]
async fn models_and_balance_are_told_and_a_refused_key_is_said_without_the_key() {
    let sandbox = fast().await;
    let mut account = sandbox.deepseek().account();
    account.balance_usd = 4.25;
    sandbox.deepseek().set_account(account.clone());
    let client = client(config(&sandbox));

    assert!(client.models().await.unwrap().contains(&"deepseek-flash".to_owned()));
    assert_eq!(client.balance().await.unwrap(), Some(4.25));

    account.keys = vec!["sk-other".into()];
    sandbox.deepseek().set_account(account);
    let refused = client.models().await.unwrap_err().to_string();
    assert!(refused.contains("401") && !refused.contains("sk-"), "{refused}");
}
