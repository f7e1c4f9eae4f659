//! Prometheus text. Counters are counted where things happen; what waits is counted when somebody asks.

use crate::flow::Flow;
use crate::store::counts::Counts;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// From a millisecond to a minute: commits, calls, whole turns.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 60.0];
const SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// Installs the recorder for this process; a second call changes nothing.
pub fn install() -> anyhow::Result<()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock();
    if HANDLE.get().is_some() {
        return Ok(());
    }
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_size".to_owned()), SIZES)?
        .install_recorder()?;
    let _ = HANDLE.set(handle);
    describe();
    Ok(())
}

/// Histograms grow until somebody drains them.
pub async fn run_upkeep(stop: CancellationToken) {
    let mut tick = tokio::time::interval(Duration::from_secs(5));
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = tick.tick() => {}
        }
        if let Some(handle) = HANDLE.get() {
            handle.run_upkeep();
        }
    }
}

/// The page, with the queues as they are now.
pub async fn render(flow: &Flow) -> String {
    match flow.store.counts(flow.now()).await {
        Ok(counts) => {
            set_gauges(&counts);
            metrics::gauge!("hotelbot_database_up").set(1.0);
        }
        Err(error) => {
            tracing::error!(error = %crate::flow::chain(&error), "what waits cannot be counted");
            metrics::gauge!("hotelbot_database_up").set(0.0);
        }
    }
    metrics::gauge!("hotelbot_hotels").set(flow.hotels.all().len() as f64);
    HANDLE.get().map(PrometheusHandle::render).unwrap_or_default()
}

fn set_gauges(counts: &Counts) {
    for (state, count) in &counts.inbox {
        metrics::gauge!("hotelbot_inbox_rows", "state" => state.clone()).set(*count as f64);
    }
    for (state, count) in &counts.outbox {
        metrics::gauge!("hotelbot_outbox_rows", "state" => state.clone()).set(*count as f64);
    }
    for (state, count) in &counts.lines {
        metrics::gauge!("hotelbot_lines", "state" => state.clone()).set(*count as f64);
    }
    metrics::gauge!("hotelbot_guests_waiting").set(counts.waiting as f64);
    metrics::gauge!("hotelbot_guests_waiting_longest_seconds").set(counts.waiting_longest.as_secs_f64());
    set_alerts(counts);
}

/// The totals are the database's own: a person's command and another daemon count as well.
fn set_alerts(counts: &Counts) {
    for (severity, count) in &counts.alerts {
        metrics::gauge!("hotelbot_alerts_open", "severity" => severity.as_str()).set(*count as f64);
    }
    metrics::gauge!("hotelbot_alerts_oldest_seconds").set(counts.alerts_oldest.as_secs_f64());
    let (raised, acknowledged, resolved) = counts.alert_totals;
    let total = |count: i64| u64::try_from(count).unwrap_or(0);
    metrics::counter!("hotelbot_alerts_raised_total").absolute(total(raised));
    metrics::counter!("hotelbot_alerts_acknowledged_total").absolute(total(acknowledged));
    metrics::counter!("hotelbot_alerts_resolved_total").absolute(total(resolved));
}

fn describe() {
    for (name, help) in COUNTERS {
        metrics::describe_counter!(*name, *help);
    }
    for (name, help) in GAUGES {
        metrics::describe_gauge!(*name, *help);
    }
    for (name, help) in HISTOGRAMS {
        metrics::describe_histogram!(*name, *help);
    }
}

const COUNTERS: &[(&str, &str)] = &[
    ("hotelbot_intake_total", "Events received, by kind and outcome"),
    ("hotelbot_webhooks_total", "Webhook requests, by HTTP status"),
    ("hotelbot_turns_total", "Decided turns, by the rule that answered"),
    ("hotelbot_turns_interrupted_total", "Turns decided anew because more came"),
    ("hotelbot_turns_fenced_total", "Turns whose chat someone else had taken"),
    ("hotelbot_alerts_raised_total", "Alerts raised, by all daemons"),
    ("hotelbot_alerts_acknowledged_total", "Alerts that somebody took"),
    ("hotelbot_alerts_resolved_total", "Alerts that somebody ended"),
    ("hotelbot_ai_turns_total", "Questions to the model, by outcome"),
    ("hotelbot_ai_calls_total", "HTTP calls to the model, retries included"),
    ("hotelbot_ai_tokens_total", "Tokens, by kind"),
    ("hotelbot_ai_cost_micro_usd_total", "Cost of the model in millionths of a US dollar"),
    ("hotelbot_sends_total", "Calls to send, by outcome"),
    ("hotelbot_sends_settled_by_echo_total", "Uncertain sends settled by an echo"),
    ("hotelbot_sends_settled_by_journal_total", "Uncertain sends settled by the channel's journal"),
    ("hotelbot_sends_repeated_by_channel_total", "Messages that the channel sent to a guest once more by itself"),
    ("hotelbot_events_total", "Statuses, echoes and states applied, by outcome"),
    ("hotelbot_recovered_total", "Messages found in the journal whose notification never came"),
    ("hotelbot_forgotten_total", "Rows forgotten because their hotel keeps such no longer, by what they were"),
    ("hotelbot_poll_errors_total", "Polls that failed"),
    ("hotelbot_loop_errors_total", "Steps of a loop that failed, by loop"),
];
const GAUGES: &[(&str, &str)] = &[
    ("hotelbot_database_up", "Whether the database answers"),
    ("hotelbot_hotels", "Hotels in force"),
    ("hotelbot_inbox_rows", "Rows of the inbox that are not done, by state"),
    ("hotelbot_outbox_rows", "Rows of the outbox that are not done, by state"),
    ("hotelbot_lines", "WhatsApp instances, by state"),
    ("hotelbot_guests_waiting", "Guests who wait for a person"),
    ("hotelbot_guests_waiting_longest_seconds", "How long the one who waits longest has waited"),
    ("hotelbot_alerts_open", "Alerts that are not resolved, by severity"),
    ("hotelbot_alerts_oldest_seconds", "How long the oldest of them has waited"),
    ("hotelbot_sends_uncertain", "Sends whose end is uncertain"),
];
const HISTOGRAMS: &[(&str, &str)] = &[
    ("hotelbot_intake_commit_seconds", "Committing a group of received events"),
    ("hotelbot_intake_group_size", "Received events in one commit"),
    ("hotelbot_turn_commit_seconds", "Committing a group of decided turns"),
    ("hotelbot_turn_seconds", "From receipt to a committed decision"),
    ("hotelbot_ai_seconds", "One question to the model, retries included"),
    ("hotelbot_send_seconds", "One call to send"),
];
