//! The client of Green API against the emulated vendor, over HTTP.

use crate::support::vendor::{INSTANCE, TOKEN, line, vendor};
use axum::Router;
use axum::http::{StatusCode, Uri};
use hotelbot::domain::asking::{ChoiceOption, Choices};
use hotelbot::domain::hotel::AnswersAs;
use hotelbot::domain::ids::{ChatAddress, ProviderMessageId};
use hotelbot::domain::outbox::{Outgoing, SendError};
use hotelbot::domain::received::{Body, InstanceState, Received, ReceivedEvent};
use hotelbot::gateways::green_api::{GreenApi, needed};
use hotelbot::gateways::http;
use hotelbot::ports::{Channel, Line};
use hotelbot::sandbox::green::faults::{Answer, Fault};
use hotelbot::sandbox::green::guest::Action;
use hotelbot::sandbox::records::Filter;
use hotelbot::sandbox::switches::Switch;
use hotelbot::sandbox::{Declare, Options, Running, Sandbox};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

const GUEST: &str = "79001234568@c.us";
const PATIENCE: Duration = Duration::from_secs(20);

/// One hotel's instance at the emulated vendor, which polls (no webhook).
struct World {
    vendor: Running,
    channel: GreenApi,
    line: Line,
}

impl World {
    async fn new(options: Options) -> World {
        let vendor = vendor(options).await;
        let line = line(&vendor.url);
        World { vendor, channel: channel(), line }
    }

    /// Waits are a thousand times shorter; no limits of calls per second.
    async fn quick() -> World {
        World::new(Options { time_scale: 1_000.0, rate_limits: false, ..Options::default() }).await
    }

    fn sent(&self) -> Vec<(String, String, Option<String>)> {
        let records = self.vendor.sent(&Filter::instance(INSTANCE)).into_iter();
        records.map(|record| (record.id_message, record.text, record.quoted_message_id)).collect()
    }

    fn guest(&self, action: &Action) -> String {
        self.vendor.guest(INSTANCE, action).expect("the action is right")
    }

    /// Everything that waits to be polled, confirmed one by one.
    async fn drain(&self, count: usize) -> Vec<Received> {
        let mut taken = Vec::new();
        for _ in 0..count {
            let next = self
                .channel
                .poll(&self.line, Duration::from_secs(5))
                .await
                .expect("the vendor is up")
                .expect("something waits");
            self.channel.confirm(&self.line, next.receipt).await.expect("the vendor is up");
            taken.push(self.channel.parse(&self.line.instance, &next.body));
        }
        taken
    }
}

fn channel() -> GreenApi {
    GreenApi::new(http::client().expect("it builds")).with_deadline(Duration::from_millis(1_500))
}

fn message(text: &str, quotes: Option<&str>) -> Outgoing {
    Outgoing {
        to: ChatAddress::from(GUEST),
        text: text.to_owned(),
        quotes: quotes.map(ProviderMessageId::from),
        choices: None,
        media: None,
    }
}

/// Asks again until the answer is right.
async fn until<T, F: Future<Output = T>>(what: &str, mut ask: impl FnMut() -> F, right: impl Fn(&T) -> bool) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = ask().await;
        if right(&answer) {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what} in vain");
    }
}

#[tokio::test]
async fn an_accepted_message_has_the_vendors_id_and_its_quote() {
    let world = World::quick().await;
    let asked = world.guest(&Action::text("79001234568", "Is there wi-fi?"));

    let id = world
        .channel
        .send(&world.line, &message("Free of charge 😀\n\"HOTEL\"", Some(&asked)))
        .await
        .expect("accepted");

    assert_eq!(world.sent(), [(id.0, "Free of charge 😀\n\"HOTEL\"".to_owned(), Some(asked))]);
}

#[tokio::test]
async fn what_the_vendor_would_refuse_is_not_even_asked() {
    let world = World::quick().await;
    let fitting = "я".repeat(20_000);
    assert!(world.channel.send(&world.line, &message(&fitting, None)).await.is_ok());

    for text in ["", " \n", &"я".repeat(20_001)] {
        let refused = world.channel.send(&world.line, &message(text, None)).await;
        assert!(matches!(refused, Err(SendError::Never(_))), "{refused:?}");
    }

    assert_eq!(world.sent().len(), 1);
}

/// What the caller may conclude.
#[derive(Debug, PartialEq)]
enum Class {
    Later,
    Never,
    Instance,
    Unknown,
}

fn class(error: &SendError) -> Class {
    match error {
        SendError::Later { .. } => Class::Later,
        SendError::Never(_) => Class::Never,
        SendError::Instance(_) => Class::Instance,
        SendError::Unknown(_) => Class::Unknown,
    }
}

#[tokio::test]
async fn each_wrong_answer_is_of_the_right_class_and_tells_no_secret() {
    let world = World::quick().await;
    for (answer, expected) in [
        (Answer::Starting, Class::Later),
        (Answer::NotAuthorized, Class::Instance),
        (Answer::Expired, Class::Instance),
        (Answer::Deleted, Class::Instance),
        (Answer::Unauthorized, Class::Instance),
        (Answer::Forbidden, Class::Instance),
        (Answer::Suspended, Class::Instance),
        (Answer::TooManyRequests, Class::Later),
        (Answer::Quota, Class::Instance),
        (Answer::ClientClosed, Class::Unknown),
        (Answer::Internal, Class::Unknown),
        (Answer::BadGateway, Class::Unknown),
        (Answer::Unavailable, Class::Unknown),
        (Answer::GatewayTimeout, Class::Unknown),
        (Answer::Html, Class::Unknown),
        (Answer::Empty, Class::Unknown),
        (Answer::EmptyObject, Class::Unknown),
        (Answer::NullId, Class::Unknown),
        (Answer::Drop, Class::Unknown),
        (Answer::Drip, Class::Unknown),
        (Answer::Huge, Class::Unknown),
        (Answer::Hang, Class::Unknown),
    ] {
        // Emulated: longer than the deadline, so that only the deadline ends the wait.
        let fault = Fault::Call { accept: false, answer, seconds: 10_000.0 };
        world.vendor.switch(INSTANCE, Switch::next(fault, 1)).expect("the instance is there");

        let start = Instant::now();
        let error = world.channel.send(&world.line, &message("hello", None)).await.expect_err("a wrong answer");

        assert_eq!(class(&error), expected, "{answer:?}: {error}");
        assert!(start.elapsed() < Duration::from_secs(5), "{answer:?}: {:?}", start.elapsed());
        let told = format!("{error} {error:?}");
        assert!(!told.contains(TOKEN) && !told.contains(GUEST) && !told.contains("hello"), "{told}");
    }
}

#[tokio::test]
async fn an_accepted_message_whose_answer_is_lost_is_unknown_and_found_again() {
    let world = World::quick().await;
    let asked = world.guest(&Action::text("79001234568", "Is there wi-fi?"));
    for (n, answer) in [Answer::Drop, Answer::BadGateway, Answer::Hang, Answer::NullId].into_iter().enumerate() {
        let fault = Fault::Call { accept: true, answer, seconds: 10_000.0 };
        world.vendor.switch(INSTANCE, Switch::next(fault, 1)).expect("the instance is there");
        let text = format!("answer {n}");

        let error = world.channel.send(&world.line, &message(&text, Some(&asked))).await.expect_err("no usable answer");
        assert_eq!(class(&error), Class::Unknown, "{answer:?}: {error}");

        let journal = || async { world.channel.sent(&world.line, 60).await.expect("the vendor is up") };
        let found = until("looking into the journal", journal, |sent| sent.iter().any(|sent| sent.text == text)).await;
        let evidence = found.into_iter().find(|sent| sent.text == text).expect("just seen");
        assert_eq!(evidence.chat, Some(ChatAddress::from(GUEST)));
        assert_eq!(evidence.quotes, Some(ProviderMessageId(asked.clone())));
        assert!(evidence.at.is_some());
    }
    assert_eq!(world.sent().len(), 4);
}

#[tokio::test]
async fn nobody_there_is_surely_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    for api_url in [format!("http://{address}"), format!("https://{address}"), "http://no-such-host.invalid".to_owned()]
    {
        let error = channel().send(&line(&api_url), &message("hello", None)).await.expect_err("nobody there");

        assert_eq!(class(&error), Class::Later, "{api_url}: {error}");
        assert!(!error.to_string().contains(TOKEN), "{error}");
    }
    for api_url in ["", "api.green-api.com", "ftp://x", "http://"] {
        let error = channel().send(&line(api_url), &message("hello", None)).await.expect_err("no address");

        assert_eq!(class(&error), Class::Instance, "{api_url}: {error}");
    }
}

#[tokio::test]
async fn a_handshake_that_fails_is_surely_not_sent() {
    let world = World::quick().await;
    let over_tls = world.line.api_url.replace("http://", "https://");

    let error = world.channel.send(&line(&over_tls), &message("hello", None)).await.expect_err("no TLS there");

    assert_eq!(class(&error), Class::Later, "{error}");
}

#[tokio::test]
async fn what_waits_in_the_vendors_queue_is_seen_with_its_text_and_quote() {
    let world = World::quick().await;
    world.vendor.switch(INSTANCE, Switch::on(Fault::StuckQueue)).expect("the instance is there");
    let id = world.channel.send(&world.line, &message("on its way", Some("Q1"))).await.expect("accepted");

    let waiting = world.channel.queue(&world.line).await.expect("the vendor is up");

    assert_eq!(waiting.len(), 1);
    assert_eq!((&waiting[0].id, waiting[0].text.as_str()), (&id, "on its way"));
    assert_eq!(waiting[0].chat, Some(ChatAddress::from(GUEST)));
    assert_eq!(waiting[0].quotes, Some(ProviderMessageId::from("Q1")));
}

#[tokio::test]
async fn a_notification_comes_again_until_it_is_confirmed() {
    let world = World::quick().await;
    let first = world.guest(&Action::text("79001234568", "one"));
    let second = world.guest(&Action::text("79001234568", "two"));
    let poll = || async {
        world
            .channel
            .poll(&world.line, Duration::from_secs(5))
            .await
            .expect("the vendor is up")
            .expect("something waits")
    };

    let once = poll().await;
    let again = poll().await;
    assert_eq!((once.receipt, &once.body), (again.receipt, &again.body));
    world.channel.confirm(&world.line, once.receipt).await.expect("the vendor is up");
    let next = poll().await;

    let key = |body: &[u8]| world.channel.parse(&world.line.instance, body).key;
    assert_eq!((key(&once.body), key(&next.body)), (format!("m:{first}"), format!("m:{second}")));
}

#[tokio::test]
async fn the_journal_gives_the_same_events_as_the_notifications() {
    let world = World::quick().await;
    let by = |kind: &str, text: &str| Action {
        kind: kind.into(),
        name: "Ann".into(),
        choices: vec!["Yes".into(), "No".into()],
        ..Action::text("79001234568", text)
    };
    let first = world.guest(&by("text", "Is there wi-fi?"));
    let mut count = 1;
    let kinds = ["extended_text", "voice", "image", "video", "document", "sticker", "location", "contact", "contacts"];
    for kind in kinds.into_iter().chain(["reaction", "poll", "invite", "edit"]) {
        world.guest(&Action { about: first.clone(), ..by(kind, "words") });
        count += 1;
    }

    let arrived = || async { world.channel.arrived(&world.line, 60).await.expect("the vendor is up") };
    let journal = until("looking into the journal", arrived, |arrived| arrived.len() >= count).await;
    let mut notified = Vec::new();
    while notified.len() < count {
        let next = world.drain(1).await;
        notified.extend(next.into_iter().filter(|received| matches!(received.event, ReceivedEvent::Guest { .. })));
    }

    for received in &notified {
        // The journal shows the words as they are after the edit; the first that came in count (W41).
        if received.key == format!("m:{first}") {
            continue;
        }
        let same = journal
            .iter()
            .find(|(other, _)| other.key == received.key)
            .unwrap_or_else(|| panic!("{} is missing", received.key));
        // The journal does not say whose number it is.
        let told = Received { own_address: None, ..received.clone() };
        assert_eq!(same.0, told);
    }
    for (received, body) in &journal {
        assert_eq!(&world.channel.parse(&world.line.instance, body), received, "the body kept reads the same");
    }
}

#[tokio::test]
async fn a_message_that_could_not_be_decrypted_and_its_real_text_are_two_events() {
    let world = World::quick().await;
    world.vendor.switch(INSTANCE, Switch::next(Fault::Undecrypted { seconds: 1.0 }, 1)).expect("the instance is there");
    let id = world.guest(&Action::text("79001234568", "Is there wi-fi?"));

    let events = world.drain(2).await;

    assert_eq!(events[0].key, format!("m:{id}:swe"));
    assert!(matches!(events[0].event, ReceivedEvent::Guest { body: Body::Undecrypted, .. }));
    assert_eq!(events[1].key, format!("m:{id}"));
    assert!(
        matches!(&events[1].event, ReceivedEvent::Guest { body: Body::Text(text), .. } if text == "Is there wi-fi?")
    );
}

#[tokio::test]
async fn our_own_message_comes_back_as_an_echo_that_quotes_what_it_answered() {
    let world = World::quick().await;
    let asked = world.guest(&Action::text("79001234568", "Is there wi-fi?"));
    let id = world.channel.send(&world.line, &message("Free of charge", Some(&asked))).await.expect("accepted");

    let mut echo = None;
    while echo.is_none() {
        echo = world.drain(1).await.into_iter().find(|received| matches!(received.event, ReceivedEvent::Echo { .. }));
    }

    let quotes = Some(ProviderMessageId(asked));
    assert_eq!(
        echo.map(|echo| echo.event),
        Some(ReceivedEvent::Echo { id, text: "Free of charge".to_owned(), quotes })
    );
}

#[tokio::test]
async fn the_state_is_what_the_vendor_says() {
    let world = World::quick().await;
    for (word, state) in [
        ("authorized", InstanceState::Authorized),
        ("notAuthorized", InstanceState::NotAuthorized),
        ("blocked", InstanceState::Blocked),
        ("suspended", InstanceState::Suspended),
    ] {
        world.vendor.set_state(INSTANCE, word, false).expect("a state");
        assert_eq!(world.channel.state(&world.line).await.ok(), Some(state));
    }
}

#[tokio::test]
async fn a_new_instance_gets_the_settings_it_needs_and_a_ready_one_is_left_alone() {
    let world = World::quick().await;
    world.vendor.declare(Declare { fresh: true, ..Declare::new(INSTANCE, TOKEN) }).expect("it is declared");
    let wanted = needed("http://127.0.0.1:9/hooks/astoria/whatsapp", "s3cret");

    world.channel.change_settings(&world.line, &wanted).await.expect("saved");

    let settings = world.channel.settings(&world.line).await.expect("the vendor is up");
    assert_eq!((&settings.webhook_url, &settings.webhook_token), (&wanted.webhook_url, &wanted.webhook_token));
    for switch in &wanted.switches {
        assert!(settings.switches.contains(switch), "{switch:?}");
    }
    let ready = || async { world.channel.state(&world.line).await.ok() };
    until("waiting for the restart", ready, |state| *state == Some(InstanceState::Authorized)).await;

    // Were anything sent now, this would be refused.
    world
        .vendor
        .switch(
            INSTANCE,
            Switch::on(Fault::Call { accept: false, answer: Answer::Forbidden, seconds: 0.0 }).only(&["setSettings"]),
        )
        .expect("there");
    world.channel.change_settings(&world.line, &wanted).await.expect("nothing to change");
}

#[tokio::test]
async fn reading_too_often_is_tried_once_more() {
    let world = World::new(Options { time_scale: 20.0, ..Options::default() }).await;

    for _ in 0..3 {
        assert_eq!(world.channel.state(&world.line).await.ok(), Some(InstanceState::Authorized));
    }
}

#[tokio::test]
async fn no_answer_to_a_question_is_a_reason_without_the_token() {
    let world = World::quick().await;
    let wrong = Line { token: "wr0ngToken".to_owned().into(), ..world.line.clone() };
    let why = world.channel.state(&wrong).await.expect_err("refused").to_string();
    assert!(why.contains("401") && !why.contains("wr0ngToken"), "{why}");

    for answer in [Answer::Huge, Answer::Html, Answer::Drop, Answer::Hang, Answer::BadGateway, Answer::EmptyObject] {
        let fault = Fault::Call { accept: false, answer, seconds: 10_000.0 };
        world.vendor.switch(INSTANCE, Switch::next(fault.clone(), 1)).expect("the instance is there");
        let queue = world.channel.queue(&world.line).await.expect_err("a wrong answer").to_string();
        world.vendor.switch(INSTANCE, Switch::next(fault, 1)).expect("the instance is there");
        let settings = world.channel.settings(&world.line).await;
        assert!(!queue.contains(TOKEN), "{queue}");
        assert!(settings.is_err() || answer == Answer::EmptyObject, "{answer:?}");
    }
}

/// A server that answers every call with one status and body.
async fn always(status: u16, body: &'static str) -> (String, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let answer = move |uri: Uri| {
        let calls = counted.clone();
        async move {
            calls.fetch_add(1, Ordering::Relaxed);
            let status = StatusCode::from_u16(status).expect("a status");
            (status, [("location", format!("{}/again", uri.path()))], body)
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    (url, calls)
}

#[tokio::test]
async fn an_instance_that_is_being_created_is_starting() {
    for body in ["null", r#"{"stateInstance":null}"#, "{}"] {
        let (url, _) = always(200, body).await;
        assert_eq!(channel().state(&line(&url)).await.ok(), Some(InstanceState::Starting), "{body}");
    }
}

#[tokio::test]
async fn null_is_nothing_to_take_and_nothing_in_the_queue() {
    let (url, _) = always(200, "null").await;

    assert!(channel().poll(&line(&url), PATIENCE).await.expect("an answer").is_none());
    assert!(channel().queue(&line(&url)).await.expect("an answer").is_empty());
}

#[tokio::test]
async fn a_send_is_tried_once_whatever_comes_and_redirects_are_not_followed() {
    for status in [200, 301, 307, 308, 400, 429, 500, 502, 503] {
        let (url, calls) = always(status, "{}").await;

        let error = channel().send(&line(&url), &message("hello", None)).await.expect_err("no id came");

        assert_eq!(calls.load(Ordering::Relaxed), 1, "{status}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_sends_at_once_are_all_accepted_over_kept_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let vendor =
        Sandbox::start(listener, Options { instances: vec![Declare::new(INSTANCE, TOKEN)], ..Options::for_load() })
            .expect("it starts");
    let (channel, line) = (GreenApi::new(http::client().expect("it builds")), line(&vendor.url));

    for round in 0..2 {
        let mut sends = tokio::task::JoinSet::new();
        for n in 0..500 {
            let (channel, line) = (channel.clone(), line.clone());
            sends.spawn(async move { channel.send(&line, &message(&format!("{round} {n}"), None)).await });
        }
        assert!(sends.join_all().await.iter().all(Result::is_ok));
    }

    assert_eq!(vendor.count_sent(&Filter::instance(INSTANCE)), 1_000);
}

fn question(style: AnswersAs, labels: &[&str]) -> Outgoing {
    let option = |(id, label): (usize, &&str)| ChoiceOption { id: format!("a{id}"), label: (*label).to_owned() };
    let options = labels.iter().enumerate().map(option).collect();
    let choices = Some(Choices { style, body: "Is all well?".to_owned(), options });
    Outgoing { choices, ..message("Is all well?\n\n1. Yes\n2. No", None) }
}

#[tokio::test]
async fn a_poll_and_buttons_are_sent_as_such_and_found_again_by_their_question() {
    let world = World::quick().await;
    for style in [AnswersAs::Poll, AnswersAs::Buttons] {
        let id = world.channel.send(&world.line, &question(style, &["Yes", "No"])).await.expect("accepted");
        let sent = || world.channel.sent(&world.line, 10);
        let evidence = until("the journal", sent, |found| {
            found.as_ref().is_ok_and(|found| found.iter().any(|one| one.id == id && one.text == "Is all well?"))
        });
        evidence.await.expect("read");
    }
}

#[tokio::test]
async fn answers_that_fit_no_poll_and_no_buttons_are_refused_before_anything_is_sent() {
    let world = World::quick().await;
    let long = "x".repeat(101);
    for outgoing in [
        question(AnswersAs::Poll, &["Yes"]),
        question(AnswersAs::Poll, &["Yes", "Yes"]),
        question(AnswersAs::Poll, &["Yes", &long]),
        question(AnswersAs::Poll, &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"]),
        question(AnswersAs::Buttons, &["a", "b", "c", "d"]),
        question(AnswersAs::Buttons, &["Yes", "a button with too many words"]),
    ] {
        let refused = world.channel.send(&world.line, &outgoing).await;
        assert!(matches!(refused, Err(SendError::Never(_))), "{refused:?}");
    }
    assert_eq!(world.sent(), []);
}
