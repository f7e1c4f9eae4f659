//! The emulated DeepSeek over real HTTP, beyond what OpenAI's client can see.
#![expect(clippy::unwrap_used, reason = "a failure here is the test's failure")]

use std::time::{Duration, Instant};

use futures_util::future::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use hotelbot::sandbox::deepseek::faults::Fault;
use hotelbot::sandbox::switches::Switch;
use hotelbot::sandbox::{Options, Running};
use serde_json::{Value, json};

use crate::sandbox_common::{client, fast, start};

fn body(text: &str) -> Value {
    json!({
        "model": "deepseek-flash", "thinking": {"type": "disabled"}, "max_tokens": 600,
        "response_format": {"type": "json_object"},
        "messages": [
            {"role": "system", "content": "Answer with one json object.\n- pool: yes"},
            {"role": "user", "content": format!("Answer in: en\n<<guest q>>\n{text}\n<</guest q>>")},
        ],
    })
}

async fn ask(sandbox: &Running, body: &Value) -> reqwest::Result<reqwest::Response> {
    client().post(format!("{}/chat/completions", sandbox.url)).bearer_auth("sk-x").json(body).send().await
}

fn content(completion: &Value) -> Value {
    serde_json::from_str(completion["choices"][0]["message"]["content"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn the_answer_rests_on_the_facts_in_the_prompt() {
    let sandbox = fast().await;

    let response = ask(&sandbox, &body("Do you have a pool? echo:K-1")).await.unwrap();

    assert!(response.headers().contains_key("x-ds-trace-id"));
    let answer = content(&response.json().await.unwrap());
    assert_eq!(answer["used_fact_ids"], json!(["pool"]));
    assert!(answer["reply"].as_str().unwrap().contains("K-1"));
}

#[tokio::test]
async fn a_key_is_needed() {
    let sandbox = fast().await;
    let url = format!("{}/models", sandbox.url);

    let refused = client().get(url).send().await.unwrap();

    assert_eq!(refused.status(), 401);
    assert!(refused.headers().contains_key("x-ds-trace-id"));
    let told: Value = refused.json().await.unwrap();
    assert_eq!(told["error"]["code"], "invalid_request_error");
}

#[tokio::test]
async fn the_latency_is_real_and_holds_no_other_request_up() {
    let latency = Duration::from_millis(300);
    let sandbox = start(Options { time_scale: 1000.0, deepseek_latency: latency, ..Options::default() }).await;
    let (began, body) = (Instant::now(), body("pool?"));

    let answers = futures_util::future::join_all((0..20).map(|_| ask(&sandbox, &body))).await;

    assert!(answers.into_iter().all(|answer| answer.unwrap().status() == 200));
    let took = began.elapsed();
    assert!(took >= latency, "{took:?}");
    assert!(took < latency * 10, "twenty at once take about as long as one, not {took:?}");
}

#[tokio::test]
async fn too_many_at_once_are_refused() {
    // Two would be answered after nine seconds; the test ends when the others have been refused.
    let sandbox = start(Options { deepseek_latency: Duration::from_secs(9), ..Options::default() }).await;
    let limit = client().post(format!("{}/_sandbox/deepseek", sandbox.url)).json(&json!({"concurrency": 2}));
    assert_eq!(limit.send().await.unwrap().status(), 200);
    let body = body("pool?");
    let mut asked: FuturesUnordered<_> = (0..5).map(|_| ask(&sandbox, &body)).collect();

    for _ in 0..3 {
        assert_eq!(asked.next().await.unwrap().unwrap().status(), 429);
    }

    assert!(asked.next().now_or_never().is_none(), "the other two are being answered");
}

#[tokio::test]
async fn blank_lines_come_before_the_answer() {
    let sandbox = fast().await;
    sandbox.switch_model(Switch::next(Fault::BlankLines { seconds: 1.0 }, 1));

    let mut response = ask(&sandbox, &body("pool?")).await.unwrap();

    assert_eq!(response.status(), 200);
    assert_eq!(response.chunk().await.unwrap().unwrap(), "\n");
    let mut rest = Vec::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        rest.extend_from_slice(&chunk);
    }
    assert_eq!(content(&serde_json::from_slice(&rest).unwrap())["used_fact_ids"], json!(["pool"]));
}

#[tokio::test]
async fn bodies_can_be_missing_html_or_cut() {
    let sandbox = fast().await;
    let asked = body("pool?");
    sandbox.switch_model(Switch::next(Fault::EmptyBody, 1));
    let empty = ask(&sandbox, &asked).await.unwrap();
    assert_eq!((empty.status().as_u16(), empty.text().await.unwrap().as_str()), (200, ""));

    sandbox.switch_model(Switch::next(Fault::Html { status: 502 }, 1));
    let page = ask(&sandbox, &asked).await.unwrap();
    assert_eq!(page.status(), 502);
    assert!(page.text().await.unwrap().starts_with("<html>"));

    sandbox.switch_model(Switch::next(Fault::Cut { halfway: true }, 1));
    let cut = ask(&sandbox, &asked).await.unwrap();
    assert_eq!(cut.status(), 200);
    assert!(cut.bytes().await.is_err());

    assert_eq!(ask(&sandbox, &asked).await.unwrap().status(), 200, "all switches are spent");
}

#[tokio::test]
async fn a_switch_can_wait_for_a_prompt() {
    let sandbox = fast().await;
    let script = Fault::Script { content: "{\"reply\": \"scripted\"}".into() };
    sandbox.switch_model(Switch::next(script, 1).only(&["sauna"]));

    let other: Value = ask(&sandbox, &body("pool?")).await.unwrap().json().await.unwrap();
    let meant: Value = ask(&sandbox, &body("Is there a \"sauna\"?")).await.unwrap().json().await.unwrap();

    assert_ne!(content(&other)["reply"], "scripted");
    assert_eq!(content(&meant)["reply"], "scripted");
    assert_eq!(sandbox.model_requests().len(), 2);
}
