//! The door of the webhooks over real HTTP: who may come in, what is never refused, and what is closed at once.
//! The names begin with the rows of the catalogue of bad input (W1 to W42).

use super::world::{GUEST, HOOK_TOKEN, PATIENCE, Setup, World, instance, now};
use axum::body::Bytes;
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A guest's text as the vendor pushes it to the first hotel.
pub fn incoming(id: &str, text: &str) -> Value {
    json!({
        "typeWebhook": "incomingMessageReceived",
        "instanceData": {"idInstance": instance(0), "wid": "79000000000@c.us", "typeInstance": "whatsapp"},
        "timestamp": now().as_second(), "idMessage": id,
        "senderData": {"chatId": format!("{GUEST}@c.us"), "sender": format!("{GUEST}@c.us"), "senderName": "Ann"},
        "messageData": {"typeMessage": "textMessage", "textMessageData": {"textMessage": text}},
    })
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client")
}

/// Posts to the first hotel's webhook with this token.
pub async fn post(world: &World, token: &str, body: &Value) -> reqwest::Response {
    send(world, token, body.to_string()).await
}

async fn send(world: &World, token: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
    client().post(world.hook(0)).bearer_auth(token).body(body).send().await.expect("an answer")
}

/// A body without a declared length.
fn chunked(parts: Vec<Vec<u8>>) -> reqwest::Body {
    let frames = parts.into_iter().map(|part| Ok::<_, std::io::Error>(Frame::data(Bytes::from(part))));
    reqwest::Body::wrap(StreamBody::new(futures_util::stream::iter(frames.collect::<Vec<_>>())))
}

/// Writes bytes to the public port and reads until it is closed, or for at most this long.
async fn raw(world: &World, bytes: &[u8], patience: Duration) -> String {
    let mut stream = connect(world).await;
    // A server that has already refused may reset the rest.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(patience, stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn connect(world: &World) -> TcpStream {
    TcpStream::connect(world.url.trim_start_matches("http://")).await.expect("the port is open")
}

async fn rows(world: &World) -> i64 {
    world.number("SELECT COUNT(*) FROM inbox WHERE kind IN ('guest', 'unreadable')").await
}

#[tokio::test(flavor = "multi_thread")]
async fn w1_w2_w4_w6_without_the_hotels_own_token_nobody_comes_in_and_no_answer_differs() {
    let world = World::with(Setup { hotels: 2, ..Setup::default() }).await;
    let body = incoming("M1", "hello").to_string();
    let unknown = format!("{}/hooks/no-such-hotel/whatsapp", world.url);
    let bad_id = format!("{}/hooks/%2e%2e%2fetc/whatsapp", world.url);
    let same_length = "x".repeat(HOOK_TOKEN.len());
    let mut answers = Vec::new();
    for (url, token) in [
        (world.hook(0), None),
        (world.hook(0), Some("")),
        (world.hook(0), Some("short")),
        (world.hook(0), Some(same_length.as_str())),
        (unknown.clone(), Some(HOOK_TOKEN)),
        (unknown, None),
        (bad_id, Some(HOOK_TOKEN)),
    ] {
        let request = client().post(&url).body(body.clone());
        let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
        let response = request.send().await.expect("an answer");
        let headers: Vec<String> = response.headers().keys().map(|key| key.as_str().to_owned()).collect();
        answers.push((response.status().as_u16(), headers, response.text().await.expect("a body")));
    }

    assert_eq!(answers[0].0, 401);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(rows(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn w3_the_documented_forms_of_the_token_are_accepted_and_two_headers_are_not() {
    let world = World::new().await;
    let forms = ["Bearer {}", "bearer {}", "BEARER   {}", "Basic {}", "{}"];
    for (number, form) in forms.iter().enumerate() {
        let body = incoming(&format!("M{number}"), "hello");
        let header = form.replace("{}", HOOK_TOKEN);
        let request = client().post(world.hook(0)).header("Authorization", &header).body(body.to_string());
        assert_eq!(request.send().await.expect("an answer").status(), 200, "{form}");
    }

    let twice = client().post(world.hook(0)).bearer_auth(HOOK_TOKEN).header("Authorization", HOOK_TOKEN);
    assert_eq!(twice.body("{}").send().await.expect("an answer").status(), 401);
    let digest = client().post(world.hook(0)).header("Authorization", format!("Digest {HOOK_TOKEN}"));
    assert_eq!(digest.body("{}").send().await.expect("an answer").status(), 401);
    assert_eq!(world.number("SELECT COUNT(*) FROM inbox WHERE kind = 'guest'").await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn w5_a_body_of_another_hotels_instance_has_no_effect_in_either() {
    let world = World::with(Setup { hotels: 2, ..Setup::default() }).await;
    let mut body = incoming("M1", "hello");
    body["instanceData"]["idInstance"] = instance(1).into();

    assert_eq!(post(&world, HOOK_TOKEN, &body).await.status(), 200);

    assert_eq!(world.texts("SELECT hotel_id || ' ' || state FROM inbox").await, ["hotel-0 quarantined"]);
    assert_eq!(world.number("SELECT COUNT(*) FROM messages").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn w7_other_methods_are_405() {
    let world = World::new().await;
    for method in [reqwest::Method::GET, reqwest::Method::PUT, reqwest::Method::HEAD, reqwest::Method::OPTIONS] {
        let response = client().request(method.clone(), world.hook(0)).bearer_auth(HOOK_TOKEN).send().await;
        assert_eq!(response.expect("an answer").status(), 405, "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w8_any_content_type_will_do() {
    let world = World::new().await;
    for (number, kind) in ["application/json", "text/plain", "application/octet-stream", "x"].iter().enumerate() {
        let body = incoming(&format!("M{number}"), "hello").to_string();
        let request = client().post(world.hook(0)).bearer_auth(HOOK_TOKEN).header("Content-Type", *kind).body(body);
        assert_eq!(request.send().await.expect("an answer").status(), 200, "{kind}");
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM inbox WHERE kind = 'guest'").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn w9_an_encoded_body_is_never_inflated() {
    let world = World::new().await;
    let request = client().post(world.hook(0)).bearer_auth(HOOK_TOKEN).header("Content-Encoding", "gzip");
    assert_eq!(request.body(vec![0x1f, 0x8b, 8, 0]).send().await.expect("an answer").status(), 415);
    assert_eq!(rows(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn w10_a_chunked_body_is_taken_and_two_lengths_are_a_smuggler() {
    let world = World::new().await;
    let body = incoming("M1", "hello").to_string();
    let parts = body.as_bytes().chunks(50).map(<[u8]>::to_vec).collect();
    assert_eq!(send(&world, HOOK_TOKEN, chunked(parts)).await.status(), 200);

    let good = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    for lengths in
        ["Content-Length: 4\r\nTransfer-Encoding: chunked", "transfer-encoding: chunked\r\ncontent-length: 4"]
    {
        let both = format!(
            "POST /hooks/hotel-0/whatsapp HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {HOOK_TOKEN}\r\n\
             {lengths}\r\n\r\n0\r\n\r\n{good}"
        );
        let answer = raw(&world, both.as_bytes(), PATIENCE).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "the second request is not answered: {answer}");
    }
    assert_eq!(rows(&world).await, 1, "only the chunked one was taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn w11_w12_a_body_over_a_mebibyte_is_413_and_one_just_below_is_taken() {
    let world = World::new().await;
    let padding = "a".repeat(1024 * 1024 - 1000);
    let mut body = incoming("M1", "hello");
    body["messageData"]["padding"] = padding.into();
    assert!(body.to_string().len() < 1024 * 1024);
    assert_eq!(post(&world, HOOK_TOKEN, &body).await.status(), 200);

    let declared = format!(
        "POST /hooks/hotel-0/whatsapp HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {HOOK_TOKEN}\r\n\
         Content-Length: 1073741824\r\n\r\n{{"
    );
    let begun = Instant::now();
    let answer = raw(&world, declared.as_bytes(), PATIENCE).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(5), "a declared gigabyte is not waited for");
    let streamed = chunked(vec![vec![b' '; 65_536]; 40]);
    match client().post(world.hook(0)).bearer_auth(HOOK_TOKEN).body(streamed).send().await {
        Ok(response) => assert_eq!(response.status(), 413),
        // The server closes while the client is still writing.
        Err(error) => assert!(error.is_request(), "{error}"),
    }
    assert_eq!(rows(&world).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn w13_to_w18_poison_at_the_head_stops_nothing_behind_it() {
    let world = World::new().await;
    let good = incoming("M0", "hello").to_string();
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let poison: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"\"x\"".to_vec(),
        b"1e999".to_vec(),
        good.as_bytes()[..good.len() / 2].to_vec(),
        format!("{good},").into_bytes(),
        format!("{good}{good}").into_bytes(),
        deep.into_bytes(),
        b"{\"typeWebhook\":\"\xff\xfe\"}".to_vec(),
        good.replace("hello", "\\ud800").into_bytes(),
        good.replacen("\"idMessage\":", "\"idMessage\":\"A\",\"idMessage\":", 1).into_bytes(),
        good.replace("incomingMessageReceived", "").into_bytes(),
        good.replace("\"M0\"", "null").into_bytes(),
        good.replace(&format!("{GUEST}@c.us"), "").into_bytes(),
        good.replace(&instance(0).to_string(), "1.5").into_bytes(),
    ];
    for body in &poison {
        let status = send(&world, HOOK_TOKEN, body.clone()).await.status();
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(body));
    }
    let quarantined = "SELECT CAST(COUNT(*) AS TEXT) FROM inbox WHERE state = 'quarantined'";
    assert_eq!(world.texts(quarantined).await, [poison.len().to_string()]);

    let begun = Instant::now();
    for number in 0..10 {
        let body = incoming(&format!("G{number}"), &format!("When is breakfast? echo:m{number}x"));
        assert_eq!(post(&world, HOOK_TOKEN, &body).await.status(), 200);
    }
    world.wait_sent(10).await;
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn w17_a_nul_in_the_text_is_stripped_and_the_raw_body_is_kept() {
    let world = World::new().await;

    assert_eq!(post(&world, HOOK_TOKEN, &incoming("M1", "When is\0 breakfast?")).await.status(), 200);

    assert_eq!(world.decided("M1").await, "answer");
    assert_eq!(world.texts("SELECT text FROM messages WHERE author = 'guest'").await, ["When is breakfast?"]);
    assert!(world.texts("SELECT raw FROM inbox").await[0].contains("\\u0000"));
}

#[tokio::test(flavor = "multi_thread")]
async fn w19_unknown_kinds_are_kept_as_ignored() {
    let world = World::new().await;
    let mut webhook = incoming("M1", "hello");
    webhook["typeWebhook"] = "somethingNew".into();

    assert_eq!(post(&world, HOOK_TOKEN, &webhook).await.status(), 200);

    assert_eq!(world.texts("SELECT state || ' ' || kind FROM inbox").await, ["completed ignored"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn w21_w28_our_own_number_is_never_answered() {
    let world = World::new().await;
    let mut own = incoming("M1", "When is breakfast?");
    own["senderData"]["sender"] = "79000000000@c.us".into();
    assert_eq!(post(&world, HOOK_TOKEN, &own).await.status(), 200);
    own["idMessage"] = "M2".into();
    own["senderData"]["chatId"] = "79000000000@c.us".into();
    assert_eq!(post(&world, HOOK_TOKEN, &own).await.status(), 200);

    world.quiet().await;

    assert_eq!(world.texts("SELECT state FROM inbox ORDER BY seq").await, ["completed", "completed"]);
    assert_eq!(world.sent().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn w41_the_same_id_with_other_words_is_kept_for_a_person_and_the_first_counts() {
    let world = World::new().await;
    assert_eq!(post(&world, HOOK_TOKEN, &incoming("M1", "When is breakfast?")).await.status(), 200);
    assert_eq!(post(&world, HOOK_TOKEN, &incoming("M1", "Where is the parking?")).await.status(), 200);

    world.wait_answer().await;
    world.quiet().await;

    assert_eq!(world.sent().len(), 1);
    let kept = "SELECT state || ' ' || kind FROM inbox WHERE kind IN ('guest', 'conflict') ORDER BY seq";
    assert_eq!(world.texts(kept).await, ["completed guest", "quarantined conflict"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn w42_what_is_no_proper_request_is_refused_and_closed() {
    let world = World::new().await;
    let path = "POST /hooks/hotel-0/whatsapp";
    let many: String = (0..10_000).map(|number| format!("x-{number}: 1\r\n")).collect();
    let large = format!("x-large: {}\r\n", "a".repeat(65_536));
    for (name, request, statuses) in [
        ("10,000 headers", format!("{path} HTTP/1.1\r\nHost: a\r\n{many}\r\n"), ["431", "400"]),
        ("a header of 64 KiB", format!("{path} HTTP/1.1\r\nHost: a\r\n{large}\r\n"), ["431", "400"]),
        ("no such version", format!("{path} HTTP/7.3\r\nHost: a\r\n\r\n"), ["400", "505"]),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\r\n\r\n".to_owned(), ["400", "400"]),
        ("no request at all", "hello\r\n\r\n".to_owned(), ["400", "400"]),
    ] {
        let answer = raw(&world, request.as_bytes(), PATIENCE).await;
        let status = answer.split(' ').nth(1).unwrap_or("closed");
        // Closed without a word, or reset while still writing, is as good.
        assert!(status == "closed" || statuses.contains(&status), "{name}: {answer}");
    }
    assert_eq!(post(&world, HOOK_TOKEN, &incoming("M1", "hello")).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn f57_a_thousand_clients_that_never_finish_are_closed_while_others_are_served() {
    many_files();
    let world = World::new().await;
    let head = "POST /hooks/hotel-0/whatsapp HTTP/1.1\r\nHost: a\r\n";
    let in_headers = format!("{head}X-Slow: ");
    let in_body = format!("{head}Authorization: Bearer {HOOK_TOKEN}\r\nContent-Length: 1000\r\n\r\n{{");
    let mut slow = Vec::new();
    for number in 0..1_000 {
        let mut stream = connect(&world).await;
        let begun = if number % 2 == 0 { &in_headers } else { &in_body };
        stream.write_all(begun.as_bytes()).await.expect("written");
        slow.push(stream);
    }

    for number in 0..20 {
        let body = incoming(&format!("M{number}"), "When is breakfast?");
        assert_eq!(post(&world, HOOK_TOKEN, &body).await.status(), 200);
    }

    world.wait_answer().await;
    let ends = slow.into_iter().map(|mut stream| async move {
        // One byte now and then must not keep it open.
        let _ = stream.write_all(b"a").await;
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    });
    let all = futures_util::future::join_all(ends);
    assert!(tokio::time::timeout(PATIENCE, all).await.is_ok(), "some are still open");
}

/// Both ends of a thousand connections are files of this process; many systems begin with 1,024.
fn many_files() {
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current = limit.maximum;
    rustix::process::setrlimit(rustix::process::Resource::Nofile, limit).expect("up to the hard limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_finishes_its_body_is_closed() {
    let world = World::new().await;
    let head = format!(
        "POST /hooks/hotel-0/whatsapp HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {HOOK_TOKEN}\r\n\
         Content-Length: 1000\r\n\r\n{{"
    );

    let answer = raw(&world, head.as_bytes(), Duration::from_secs(20)).await;

    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(rows(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_readiness_are_told() {
    let world = World::new().await;
    for (path, word) in [("healthz", "ok"), ("readyz", "ready")] {
        let response = client().get(format!("{}/{path}", world.url)).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.json::<Value>().await.expect("JSON")["status"], word);
    }
    let nowhere = client().get(format!("{}/metrics", world.url)).send().await.expect("an answer");
    assert_eq!(nowhere.status(), 404, "metrics are not for the internet");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_valid_and_name_no_guest_and_no_hotel() {
    let world = World::new().await;
    world.guest("When is breakfast?");
    world.wait_states(&["read"]).await;

    let page = client().get(format!("{}/metrics", world.admin)).send().await.expect("an answer");

    assert!(page.headers()["content-type"].to_str().expect("text").starts_with("text/plain; version=0.0.4"));
    let page = page.text().await.expect("text");
    for line in page.lines().filter(|line| !line.is_empty()) {
        assert!(is_exposition(line), "{line}");
    }
    for name in [
        "hotelbot_intake_total{",
        "hotelbot_turns_total{rule=\"answer\"}",
        "hotelbot_sends_total{outcome=\"accepted\"}",
    ] {
        assert!(page.contains(name), "{name} in {page}");
    }
    for private in [GUEST, "hotel-0", "breakfast", HOOK_TOKEN] {
        assert!(!page.contains(private), "{private} in {page}");
    }
}

/// A comment, or `name{label="value",…} number`.
fn is_exposition(line: &str) -> bool {
    if let Some(comment) = line.strip_prefix("# ") {
        return comment.starts_with("HELP ") || comment.starts_with("TYPE ");
    }
    let pattern = r#"^[a-z_:][a-z0-9_:]*(\{[a-z_]+="[^"\\\n]*"(,[a-z_]+="[^"\\\n]*")*\})? [-+0-9.eEInfNa]+$"#;
    regex::Regex::new(pattern).expect("a pattern").is_match(line)
}
