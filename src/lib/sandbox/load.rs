//! A bounded load: guests of many hotels write through the hotels' webhooks, as the vendor would deliver it — one
//! notification at a time for each instance, some of them twice — and what came back is checked message by message.

use super::handle::Handle;
use super::records::{Filter, Record};
use serde_json::json;
use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// One hotel under load.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its webhook.
    pub hook: String,
    /// What the vendor shows there.
    pub token: String,
    /// Its instance.
    pub instance: u64,
}

/// What is written.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where.
    pub targets: Vec<Target>,
    /// Guests of each hotel.
    pub chats: usize,
    /// Messages in all.
    pub messages: usize,
    /// Every how many messages one is delivered a second time; 0 for never.
    pub twice_every: usize,
    /// Messages a second over all hotels; `None` as fast as each instance's line of notifications goes.
    pub rate: Option<f64>,
    /// Ends the writing, whatever has been written.
    pub at_most: Duration,
}

/// What was written, and how the webhooks answered.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// When each message was first posted, in milliseconds since 1970, by its number.
    pub posted_ms: HashMap<usize, f64>,
    /// How long each acknowledgement took.
    pub acks: Vec<Duration>,
    /// Answers other than 200, each of which was delivered again.
    pub refused: usize,
    /// From the first post to the last acknowledgement.
    pub took: Duration,
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Messages with exactly one answer.
    pub answered: usize,
    /// Messages without one.
    pub lost: usize,
    /// Messages with more than one.
    pub twice: usize,
    /// Answers that overtook the answer to an earlier message of the same chat.
    pub out_of_order: usize,
    /// From the post to the vendor's acceptance of the answer, sorted.
    pub latencies: Vec<Duration>,
    /// From the first post to the last accepted answer.
    pub took: Duration,
}

/// Writes the plan's messages; returns when all are acknowledged or the time is over.
///
/// # Errors
/// If the HTTP client cannot be built.
pub async fn write(plan: &Plan) -> std::io::Result<Written> {
    let client = reqwest::Client::builder()
        .pool_max_idle_per_host(1024)
        .timeout(Duration::from_secs(30))
        .no_proxy()
        .build()
        .map_err(std::io::Error::other)?;
    let begun = Instant::now();
    let mut writers = JoinSet::new();
    for place in 0..plan.targets.len() {
        writers.spawn(write_hotel(client.clone(), plan.clone(), place, begun));
    }
    let mut all = Written::default();
    while let Some(written) = writers.join_next().await {
        let written = written.map_err(std::io::Error::other)?;
        all.posted_ms.extend(written.posted_ms);
        all.acks.extend(written.acks);
        all.refused += written.refused;
    }
    all.took = begun.elapsed();
    all.acks.sort();
    Ok(all)
}

async fn write_hotel(client: reqwest::Client, plan: Plan, place: usize, begun: Instant) -> Written {
    let mut written = Written::default();
    let target = plan.targets[place].clone();
    for number in (place..plan.messages).step_by(plan.targets.len()) {
        if let Some(rate) = plan.rate {
            tokio::time::sleep_until(begun + Duration::from_secs_f64(number as f64 / rate)).await;
        }
        let body = body(&plan, &target, number);
        written.posted_ms.insert(number, now_ms());
        let deliveries = if plan.twice_every > 0 && number % plan.twice_every == 0 { 2 } else { 1 };
        for _ in 0..deliveries {
            if !deliver(&client, &target, &body, &mut written, begun + plan.at_most).await {
                return written;
            }
        }
    }
    written
}

/// Delivers until it is acknowledged, as the vendor does; only its 60 s between tries are shortened to 50 ms.
async fn deliver(
    client: &reqwest::Client,
    target: &Target,
    body: &[u8],
    written: &mut Written,
    deadline: Instant,
) -> bool {
    while Instant::now() < deadline {
        let begun = Instant::now();
        let request = client.post(&target.hook).bearer_auth(&target.token).body(body.to_vec());
        match request.send().await {
            Ok(response) if response.status().as_u16() == 200 => {
                written.acks.push(begun.elapsed());
                return true;
            }
            _ => written.refused += 1,
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

/// A message's chat and words: `echo:` asks the emulated model to repeat the mark.
fn body(plan: &Plan, target: &Target, number: usize) -> Vec<u8> {
    let chat = chat_of(plan, number);
    json!({
        "typeWebhook": "incomingMessageReceived",
        "instanceData": {"idInstance": target.instance, "wid": format!("{}@c.us", target.instance),
                         "typeInstance": "whatsapp"},
        "timestamp": now_ms() as i64 / 1000,
        "idMessage": id_of(number),
        "senderData": {"chatId": chat, "sender": chat, "chatName": "Guest", "senderName": "Guest"},
        "messageData": {"typeMessage": "textMessage",
                        "textMessageData": {"textMessage": format!("When is breakfast? echo:m{number}x")}},
    })
    .to_string()
    .into_bytes()
}

fn chat_of(plan: &Plan, number: usize) -> String {
    let hotels = plan.targets.len();
    format!("7900{:03}{:05}@c.us", number % hotels, (number / hotels) % plan.chats)
}

fn id_of(number: usize) -> String {
    format!("10AD{number:016X}")
}

fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1000.0)
}

/// Holds what the sandbox accepted against what was written. Waits for the answers at most `patience`.
pub async fn check(handle: &Handle, plan: &Plan, written: &Written, patience: Duration) -> Checked {
    handle.wait_sent(&Filter::default(), written.posted_ms.len(), patience).await;
    let sent = handle.sent(&Filter::default());
    let mut checked = Checked::default();
    let mut answers: HashMap<usize, Vec<&Record>> = HashMap::new();
    for record in &sent {
        for number in marks(&record.text) {
            answers.entry(number).or_default().push(record);
        }
    }
    let first = written.posted_ms.values().copied().fold(f64::MAX, f64::min);
    let mut last = first;
    for (number, posted) in &written.posted_ms {
        match answers.get(number).map(Vec::as_slice) {
            None | Some([]) => checked.lost += 1,
            Some([one]) => {
                checked.answered += 1;
                let ms = one.accepted_at_ms as f64;
                last = last.max(ms);
                checked.latencies.push(Duration::from_secs_f64((ms - posted).max(0.0) / 1000.0));
            }
            Some(_) => checked.twice += 1,
        }
    }
    checked.out_of_order = out_of_order(plan, &sent);
    checked.latencies.sort();
    checked.took = Duration::from_secs_f64((last - first).max(0.0) / 1000.0);
    checked
}

/// The numbers an answer repeats; a joined turn repeats several.
fn marks(text: &str) -> Vec<usize> {
    let mut marks = Vec::new();
    for part in text.split('m').skip(1) {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        if part[digits.len()..].starts_with('x') {
            marks.extend(digits.parse::<usize>());
        }
    }
    marks
}

fn out_of_order(plan: &Plan, sent: &[Record]) -> usize {
    let mut newest: HashMap<String, usize> = HashMap::new();
    let mut count = 0;
    for record in sent {
        for number in marks(&record.text) {
            let seen = newest.entry(chat_of(plan, number)).or_insert(number);
            if number < *seen {
                count += 1;
            }
            *seen = number.max(*seen);
        }
    }
    count
}

/// The value below which `share` of the sorted durations lie.
#[must_use]
pub fn quantile(sorted: &[Duration], share: f64) -> Duration {
    let place = ((sorted.len() as f64 - 1.0) * share).round().max(0.0) as usize;
    sorted.get(place).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_back_from_any_answer() {
        assert_eq!(marks("m12x"), vec![12]);
        assert_eq!(marks("From 7 to 10 am. m3x m40x"), vec![3, 40]);
        assert_eq!(marks("mine, m12 and mx"), Vec::<usize>::new());
    }

    #[test]
    fn quantiles_of_nothing_are_nothing() {
        assert_eq!(quantile(&[], 0.5), Duration::ZERO);
        let sorted: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(quantile(&sorted, 0.99), Duration::from_millis(99));
    }
}
