//! The emulated Green API over real HTTP: pushes, retries, journals, limits and every wrong answer.
#![expect(clippy::unwrap_used, reason = "a failure here is the test's failure")]

use std::time::{Duration, Instant};

use hotelbot::sandbox::green::faults::{Answer, Fault};
use hotelbot::sandbox::green::guest::Action;
use hotelbot::sandbox::records::Filter;
use hotelbot::sandbox::switches::Switch;
use hotelbot::sandbox::{Declare, Options, Running};
use serde_json::{Value, json};

use crate::sandbox_common::{GUEST, ID, PATIENCE, TOKEN, Webhook, call, client, fast, get, send, start};

async fn with_webhook(answers: &[u16], scale: f64) -> (Running, Webhook) {
    let webhook = Webhook::start(answers).await;
    let sandbox = start(Options { time_scale: scale, rate_limits: false, ..Options::default() }).await;
    let declared = Declare { never_read: true, ..Declare::new(ID, TOKEN) };
    sandbox.declare(declared.webhook(&webhook.url, "hook-token")).unwrap();
    (sandbox, webhook)
}

fn text(body: &Value) -> &str {
    body["messageData"]["textMessageData"]["textMessage"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn notifications_are_pushed_in_order_with_the_token() {
    let (sandbox, webhook) = with_webhook(&[], 1000.0).await;
    for number in 0..20 {
        sandbox.guest(ID, &Action::text("79001234567", &format!("message {number}"))).unwrap();
    }

    let delivered = webhook.wait(20).await;

    let texts: Vec<&str> = delivered.iter().map(|one| text(&one.body)).collect();
    assert_eq!(texts, (0..20).map(|number| format!("message {number}")).collect::<Vec<_>>());
    assert!(delivered.iter().all(|one| one.authorization.as_deref() == Some("Bearer hook-token")));
    assert_eq!(webhook.most_at_once(), 1);
    assert_eq!(
        delivered[0].body["instanceData"],
        json!({"idInstance": ID, "wid": "79101000001@c.us", "typeInstance": "whatsapp"})
    );
}

#[tokio::test]
async fn anything_but_200_blocks_the_head_for_a_minute_and_comes_again() {
    // At this scale the minute lasts 600 ms.
    let (sandbox, webhook) = with_webhook(&[500, 204, 302], 100.0).await;
    let began = Instant::now();
    for number in ["first", "second"] {
        sandbox.guest(ID, &Action::text("79001234567", number)).unwrap();
    }

    let delivered = webhook.wait(5).await;

    let texts: Vec<&str> = delivered.iter().map(|one| text(&one.body)).collect();
    assert_eq!(texts, ["first", "first", "first", "first", "second"]);
    assert!(delivered[1..4].iter().all(|again| again.body == delivered[0].body), "the same body");
    assert!(began.elapsed() >= Duration::from_millis(1800), "three pauses, not {:?}", began.elapsed());
    let statuses: Vec<_> = sandbox.pushes(ID).unwrap().iter().map(|push| push.status).collect();
    assert_eq!(statuses[..4], [Some(500), Some(204), Some(302), Some(200)]);
}

#[tokio::test]
async fn a_webhook_that_hangs_is_given_up_and_asked_again() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let options = Options { time_scale: 1000.0, webhook_timeout: Duration::from_millis(50), ..Options::default() };
    let sandbox = start(options).await;
    sandbox.declare(Declare::new(ID, TOKEN).webhook(&url, "")).unwrap();
    sandbox.guest(ID, &Action::text("79001234567", "hello")).unwrap();

    let (_first, _) = tokio::time::timeout(PATIENCE, silent.accept()).await.unwrap().unwrap();
    let (_second, _) = tokio::time::timeout(PATIENCE, silent.accept()).await.unwrap().unwrap();

    let pushes = sandbox.pushes(ID).unwrap();
    assert_eq!((pushes[0].status, pushes[0].id_message.len()), (None, 32));
}

#[tokio::test]
async fn polling_rests_while_a_webhook_is_set_and_works_once_it_is_not() {
    let (sandbox, webhook) = with_webhook(&[500], 1.0).await;
    sandbox.guest(ID, &Action::text("79001234567", "hello")).unwrap();
    webhook.wait(1).await;

    let mut settings = serde_json::Map::new();
    settings.insert("webhookUrl".into(), "".into());
    sandbox.declare(Declare { id: ID, settings, ..Declare::default() }).unwrap();
    let polled = get(&sandbox, "receiveNotification").await;

    assert_eq!(text(&polled["body"]), "hello");
}

#[tokio::test]
async fn a_long_poll_ends_as_soon_as_something_comes() {
    let sandbox = fast().await;
    sandbox.declare(Declare::new(ID, TOKEN)).unwrap();
    let url = format!("{}/waInstance{ID}/receiveNotification/{TOKEN}?receiveTimeout=60", sandbox.url);
    let polling = tokio::spawn(async move { client().get(url).send().await.unwrap().json::<Value>().await.unwrap() });
    tokio::task::yield_now().await;

    sandbox.guest(ID, &Action::text("79001234567", "hello")).unwrap();
    let polled = tokio::time::timeout(PATIENCE, polling).await.unwrap().unwrap();

    assert_eq!(text(&polled["body"]), "hello");
}

#[tokio::test]
async fn copies_can_come_at_the_same_time() {
    let (sandbox, webhook) = with_webhook(&[], 1000.0).await;
    // No copy is answered before all are there: one after the other they would never be.
    webhook.answer_only_when_so_many_wait(5);
    sandbox.switch(ID, Switch::next(Fault::Duplicate { copies: 4, parallel: true }, 1)).unwrap();
    sandbox.guest(ID, &Action::text("79001234567", "hello")).unwrap();

    let delivered = webhook.wait(5).await;

    assert!(delivered.iter().all(|copy| copy.body == delivered[0].body));
    assert_eq!(webhook.most_at_once(), 5);
}

#[tokio::test]
async fn a_message_goes_out_is_echoed_and_comes_further() {
    let (sandbox, webhook) = with_webhook(&[], 1000.0).await;

    let (status, answer) = send(&sandbox, "hello").await;
    let delivered = webhook.wait(3).await;

    assert_eq!(status, 200);
    assert!(delivered.iter().all(|one| one.body["idMessage"] == answer["idMessage"]));
    assert_eq!(delivered[0].body["typeWebhook"], "outgoingAPIMessageReceived");
    assert_eq!([&delivered[1].body["status"], &delivered[2].body["status"]], ["sent", "delivered"]);
    let sent = sandbox.sent(&Filter::instance(ID));
    assert_eq!((sent.len(), sent[0].text.as_str(), sent[0].carried), (1, "hello", 1));
}

#[tokio::test]
async fn each_wrong_answer_has_its_status_and_takes_the_call_in_or_not() {
    let sandbox = fast().await;
    sandbox.declare(Declare::new(ID, TOKEN)).unwrap();
    let cases = [
        (Answer::Starting, 400),
        (Answer::NotAuthorized, 400),
        (Answer::Expired, 400),
        (Answer::Deleted, 400),
        (Answer::Unauthorized, 401),
        (Answer::Forbidden, 403),
        (Answer::Suspended, 403),
        (Answer::TooManyRequests, 429),
        (Answer::Quota, 466),
        (Answer::ClientClosed, 499),
        (Answer::Internal, 500),
        (Answer::BadGateway, 502),
        (Answer::Unavailable, 503),
        (Answer::GatewayTimeout, 504),
        (Answer::Html, 200),
        (Answer::Empty, 200),
        (Answer::EmptyObject, 200),
        (Answer::NullId, 200),
    ];
    for (at, (answer, expected)) in cases.into_iter().enumerate() {
        let accept = at % 2 == 0;
        sandbox.switch(ID, Switch::next(Fault::Call { accept, answer, seconds: 0.0 }, 1)).unwrap();
        let before = sandbox.count_sent(&Filter::instance(ID));

        let (status, body) = send(&sandbox, "hello").await;

        assert_eq!(status, expected, "{answer:?}");
        assert!(!body["idMessage"].is_string(), "{answer:?}");
        assert_eq!(sandbox.count_sent(&Filter::instance(ID)) - before, usize::from(accept), "{answer:?}");
    }
    assert_eq!(send(&sandbox, "hello").await.0, 200, "all switches are spent");
}

#[tokio::test]
async fn a_dropped_connection_is_an_error_and_the_message_may_have_been_taken_in() {
    let sandbox = fast().await;
    sandbox.declare(Declare::new(ID, TOKEN)).unwrap();
    for accept in [true, false] {
        sandbox.switch(ID, Switch::next(Fault::Call { accept, answer: Answer::Drop, seconds: 0.0 }, 1)).unwrap();
        let before = sandbox.count_sent(&Filter::instance(ID));

        let answered = call(&sandbox, "sendMessage", json!({"chatId": GUEST, "message": "hello"})).await;

        assert!(answered.is_err());
        assert_eq!(sandbox.count_sent(&Filter::instance(ID)) - before, usize::from(accept));
    }
}

#[tokio::test]
async fn a_hanging_call_has_been_taken_in_before_its_caller_gives_up() {
    let sandbox = fast().await;
    sandbox.declare(Declare::new(ID, TOKEN)).unwrap();
    let hang = Fault::Call { accept: true, answer: Answer::Hang, seconds: 600_000.0 };
    sandbox.switch(ID, Switch::next(hang, 1)).unwrap();
    let url = format!("{}/waInstance{ID}/sendMessage/{TOKEN}", sandbox.url);
    let body = json!({"chatId": GUEST, "message": "hello"});
    let impatient = client().post(url).json(&body).timeout(Duration::from_millis(200));

    let answered = impatient.send().await;

    assert!(answered.unwrap_err().is_timeout());
    assert_eq!(sandbox.count_sent(&Filter::instance(ID)), 1);
}

#[tokio::test]
async fn a_huge_answer_does_not_end_soon() {
    let sandbox = fast().await;
    sandbox.declare(Declare::new(ID, TOKEN)).unwrap();
    sandbox.switch(ID, Switch::next(Fault::Call { accept: false, answer: Answer::Huge, seconds: 0.0 }, 1)).unwrap();

    let mut response = call(&sandbox, "sendMessage", json!({"chatId": GUEST, "message": "hello"})).await.unwrap();

    let mut read = 0;
    while read < 2 << 20 {
        read += response.chunk().await.unwrap().expect("it goes on beyond two megabytes").len();
    }
}

#[tokio::test]
async fn the_journals_are_late() {
    // At this scale the two minutes last 1.2 seconds.
    let sandbox = start(Options { time_scale: 100.0, rate_limits: false, ..Options::default() }).await;
    sandbox.declare(Declare { journal_lag_ms: Some(120_000), ..Declare::new(ID, TOKEN) }).unwrap();
    sandbox.guest(ID, &Action::text("79001234567", "hello")).unwrap();
    send(&sandbox, "answer").await;
    assert_eq!(get(&sandbox, "lastIncomingMessages").await, json!([]));
    assert_eq!(get(&sandbox, "lastOutgoingMessages").await, json!([]));

    let deadline = Instant::now() + PATIENCE;
    while get(&sandbox, "lastOutgoingMessages").await == json!([]) && Instant::now() < deadline {
        tokio::task::yield_now().await;
    }

    assert_eq!(get(&sandbox, "lastOutgoingMessages").await[0]["textMessage"], "answer");
    assert_eq!(get(&sandbox, "lastIncomingMessages").await[0]["textMessage"], "hello");
}

#[tokio::test]
async fn declared_instances_are_the_only_ones_when_no_other_is_accepted() {
    let options =
        Options { accept_any_instance: false, instances: vec![Declare::new(ID, TOKEN)], ..Options::default() };
    let sandbox = start(options).await;
    for (id, token, status) in [(ID, TOKEN, 200), (ID, "wrong", 401), (ID + 1, TOKEN, 403)] {
        let url = format!("{}/waInstance{id}/getStateInstance/{token}", sandbox.url);
        assert_eq!(client().get(url).send().await.unwrap().status().as_u16(), status);
    }
}

#[tokio::test]
async fn limits_refuse_what_comes_too_fast() {
    let sandbox = start(Options::default()).await;
    let url = format!("{}/waInstance{ID}/getStateInstance/{TOKEN}", sandbox.url);
    assert_eq!(client().get(&url).send().await.unwrap().status(), 200);

    let refused = client().get(&url).send().await.unwrap();

    assert_eq!(refused.status(), 429);
    assert_eq!(refused.text().await.unwrap(), "Too Many Requests");
}

#[tokio::test]
async fn waiting_for_sends_ends_when_they_are_there_or_the_time_is_over() {
    let sandbox = fast().await;
    sandbox.declare(Declare::new(ID, TOKEN)).unwrap();
    let handle = sandbox.handle().clone();
    let waiting = tokio::spawn(async move { handle.wait_sent(&Filter::instance(ID), 3, PATIENCE).await });
    for number in 0..3 {
        send(&sandbox, &format!("text {number}")).await;
    }

    assert_eq!(waiting.await.unwrap(), 3);
    let url = format!("{}/_sandbox/wait?count=4&instance={ID}&timeout_ms=1", sandbox.url);
    let over: Value = client().get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(over, json!({"count": 3, "reached": false}));
}

#[tokio::test]
async fn a_reset_forgets_messages_and_keeps_instances() {
    let sandbox = fast().await;
    sandbox.declare(Declare::new(ID, TOKEN)).unwrap();
    send(&sandbox, "hello").await;

    let reset = client().post(format!("{}/_sandbox/reset", sandbox.url)).send().await.unwrap();

    assert_eq!(reset.status(), 200);
    assert_eq!(sandbox.sent(&Filter::default()).len(), 0);
    assert_eq!(sandbox.count_sent(&Filter::default()), 0);
    assert_eq!(get(&sandbox, "getStateInstance").await, json!({"stateInstance": "authorized"}));
}

#[tokio::test]
async fn the_overview_counts_and_explains() {
    let sandbox = fast().await;
    sandbox.declare(Declare::new(ID, TOKEN)).unwrap();
    send(&sandbox, "hello").await;

    let overview: Value = client().get(format!("{}/_sandbox", sandbox.url)).send().await.unwrap().json().await.unwrap();

    assert_eq!((&overview["sent"], &overview["instances"][0]["id"]), (&json!(1), &json!(ID)));
    assert!(overview["help"].as_array().unwrap().len() > 10);
    assert!(!overview.to_string().contains(&format!("\"{TOKEN}\"")), "tokens are not shown");
}

#[tokio::test]
async fn the_control_interface_says_what_is_wrong() {
    let sandbox = fast().await;
    sandbox.declare(Declare::new(ID, TOKEN)).unwrap();
    for (path, body, error) in [
        ("instances/7/guest", json!({"phone": "79001234567", "text": "x"}), "there is no instance 7"),
        ("instances/1101000001/guest", json!({"text": "x"}), "is no chat id"),
        ("instances/1101000001/guest", json!({"phone": "79001234567", "kind": "dance"}), "`dance` is no kind"),
        ("instances/1101000001/state", json!({"state": "sleepy"}), "`sleepy` is no state"),
        ("instances/1101000001/switches", json!({"fault": "gremlins"}), "unknown variant `gremlins`"),
        ("instances", json!({"id": 5, "settings": {"colour": "red"}}), "'colour' is not allowed"),
        ("deepseek", json!({"mood": "bad"}), "`mood` is not known"),
    ] {
        let response = client().post(format!("{}/_sandbox/{path}", sandbox.url)).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 400, "{path}");
        let told: Value = response.json().await.unwrap();
        assert!(told["error"].as_str().unwrap().contains(error), "{path}: {told}");
    }
}

#[tokio::test]
async fn what_people_do_on_their_phones_has_the_vendors_shapes() {
    let sandbox = fast().await;
    sandbox.declare(Declare::new(ID, TOKEN)).unwrap();
    for (kind, expected, key) in [
        ("extended_text", "extendedTextMessage", "extendedTextMessageData"),
        ("voice", "audioMessage", "fileMessageData"),
        ("image", "imageMessage", "fileMessageData"),
        ("video", "videoMessage", "fileMessageData"),
        ("document", "documentMessage", "fileMessageData"),
        ("sticker", "stickerMessage", "fileMessageData"),
        ("location", "locationMessage", "locationMessageData"),
        ("contact", "contactMessage", "contactMessageData"),
        ("contacts", "contactsArrayMessage", "messageData"),
        ("reaction", "reactionMessage", "quotedMessage"),
        ("poll", "pollMessage", "pollMessageData"),
        ("choice", "listResponseMessage", "listResponseMessage"),
        ("edit", "editedMessage", "editedMessageData"),
        ("delete", "deletedMessage", "deletedMessageData"),
        ("invite", "groupInviteMessage", "groupInviteMessageData"),
    ] {
        let about = if matches!(kind, "reaction" | "choice" | "edit" | "delete") { "ABC" } else { "" };
        let action = json!({"phone": "79001234567", "kind": kind, "about": about, "text": "x"});
        sandbox.guest(ID, &serde_json::from_value(action).unwrap()).unwrap();

        let polled = get(&sandbox, "receiveNotification").await;

        assert_eq!(polled["body"]["messageData"]["typeMessage"], expected, "{kind}");
        assert!(polled["body"]["messageData"].get(key).is_some(), "{kind}");
        let url = format!("{}/waInstance{ID}/deleteNotification/{TOKEN}/{}", sandbox.url, polled["receiptId"]);
        assert_eq!(client().delete(url).send().await.unwrap().status(), 200);
    }
    sandbox.staff(ID, &Action::text("79001234567", "from the phone")).unwrap();
    let polled = get(&sandbox, "receiveNotification").await;
    assert_eq!(polled["body"]["typeWebhook"], "outgoingMessageReceived");
    assert_eq!(polled["body"]["senderData"]["sender"], "79101000001@c.us");
}

#[tokio::test]
async fn stopping_frees_the_port_and_ends_long_polls() {
    let sandbox = fast().await;
    let url = format!("{}/waInstance{ID}/receiveNotification/{TOKEN}?receiveTimeout=60", sandbox.url);
    let polling = tokio::spawn(async move { client().get(url).send().await.map(|response| response.status()) });
    let address = sandbox.url.trim_start_matches("http://").to_owned();

    tokio::time::timeout(PATIENCE, sandbox.stop()).await.expect("it stops");

    assert!(tokio::net::TcpListener::bind(address).await.is_ok());
    // The poll ended, with an answer or without one.
    let _ = tokio::time::timeout(PATIENCE, polling).await.expect("the poll ends");
}
