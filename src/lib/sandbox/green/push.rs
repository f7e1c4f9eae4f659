//! Pushing notifications to a webhook: one at a time, only 200 counts, otherwise a minute's pause and the same again.

use std::sync::Arc;
use std::time::Duration;

use axum::http::header;
use futures_util::future::join_all;
use tokio::time::Instant;

use super::faults::Fault;
use super::notifications::Notification;
use super::{Green, Instance, PushRecord};

/// How long Green API pauses after an answer other than 200.
const PAUSE: Duration = Duration::from_secs(60);

/// A notification and where it goes.
struct Push {
    notification: Notification,
    url: String,
    authorization: Option<String>,
    spacing: Duration,
}

/// Pushes one instance's notifications until the sandbox stops.
pub async fn run(instance: Arc<Instance>, green: Arc<Green>) {
    let mut client = None;
    let stop = green.stop().clone();
    loop {
        let Some(push) = next(&instance, &green) else {
            tokio::select! {
                () = instance.push.notified() => continue,
                () = stop.cancelled() => return,
            }
        };
        // Built at the first push: an instance that is polled needs none.
        let Some(client) = client.get_or_insert_with(|| build(&green)).as_ref() else { return };
        let delivered = tokio::select! {
            delivered = deliver(client, &instance, &green, &push) => delivered,
            () = stop.cancelled() => return,
        };
        if delivered {
            instance.change(green.clock.now(), |state| state.notifications.remove(push.notification.receipt));
        }
        let wait = if delivered { push.spacing } else { PAUSE };
        // The timer is a millisecond coarse: a shorter gap would become a longer one.
        if green.clock.real(wait) >= Duration::from_millis(1) {
            tokio::select! {
                () = green.clock.sleep(wait) => {}
                () = stop.cancelled() => return,
            }
        }
    }
}

fn build(green: &Green) -> Option<reqwest::Client> {
    let client = reqwest::Client::builder()
        .timeout(green.options.webhook_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(8)
        .no_proxy()
        .user_agent("GREEN-API sandbox")
        .build();
    if let Err(error) = &client {
        tracing::error!(error = %error, "no notification can be pushed");
    }
    client.ok()
}

fn next(instance: &Instance, green: &Green) -> Option<Push> {
    let mut state = instance.peek();
    if state.active.webhook_url.is_empty() {
        return None;
    }
    let notification = {
        let front = state.front(green.clock.now())?;
        front.attempts += 1;
        front.clone()
    };
    let bare = !state.switches.is_empty()
        && state.switches.take(|_| true, |fault| matches!(fault, Fault::BareToken).then_some(())).is_some();
    let authorization = authorization(&state.active.webhook_url_token, bare);
    Some(Push {
        notification,
        url: state.active.webhook_url.clone(),
        authorization,
        spacing: state.timing.push_spacing,
    })
}

/// The stored token may bring its own scheme; without one it is a bearer token.
fn authorization(token: &str, bare: bool) -> Option<String> {
    match token {
        "" => None,
        token if bare || token.starts_with("Bearer ") || token.starts_with("Basic ") => Some(token.to_owned()),
        token => Some(format!("Bearer {token}")),
    }
}

/// Whether all copies were answered with 200.
async fn deliver(client: &reqwest::Client, instance: &Instance, green: &Green, push: &Push) -> bool {
    if push.notification.copies <= 1 {
        return post(client, instance, green, push).await;
    }
    let copies = (0..push.notification.copies).map(|_| post(client, instance, green, push));
    join_all(copies).await.into_iter().all(|delivered| delivered)
}

async fn post(client: &reqwest::Client, instance: &Instance, green: &Green, push: &Push) -> bool {
    let began = Instant::now();
    let mut request = client.post(&push.url).header(header::CONTENT_TYPE, "application/json");
    if let Some(authorization) = &push.authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let status = match request.body(push.notification.told.body.clone()).send().await {
        Ok(response) => {
            let status = response.status().as_u16();
            // Read to its end, so that the connection can be used again.
            let read = response.bytes().await;
            read.ok().map(|_| status)
        }
        Err(_) => None,
    };
    instance.record(PushRecord {
        receipt: push.notification.receipt,
        type_webhook: push.notification.told.kind.as_str(),
        id_message: push.notification.told.id_message.clone(),
        at_ms: green.clock.now().unix_ms,
        took_us: u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
        status,
    });
    status == Some(200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_gets_a_scheme_unless_it_brings_one() {
        assert_eq!(authorization("", false), None);
        assert_eq!(authorization("t", false).as_deref(), Some("Bearer t"));
        assert_eq!(authorization("Basic t", false).as_deref(), Some("Basic t"));
        assert_eq!(authorization("t", true).as_deref(), Some("t"));
    }
}
