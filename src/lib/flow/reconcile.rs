//! Sends whose end is uncertain → found in the channel's own records, or surely absent, or a person. Never a blind
//! second message (faults §2.2).

use super::{Flow, after, before};
use crate::domain::ids::HotelId;
use crate::domain::outbox::SentEvidence;
use crate::domain::received::InstanceState;
use crate::ports::{Line, Topic, Unavailable};
use crate::store::outbox::{Became, Outcome, Uncertain};
use jiff::Timestamp;
use std::collections::HashMap;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Looks that found nothing before a message counts as not sent.
const LOOKS: u32 = 2;

/// Between two looks at what is uncertain, also for evidence of what left: the journals allow one request a second
/// and instance.
const EVERY: Duration = Duration::from_secs(5);

/// Looks every few seconds until stopped.
pub async fn run(flow: Flow, stop: CancellationToken) {
    let mut tick = tokio::time::interval(EVERY.min(flow.limits.reconcile_again));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = tick.tick() => {}
        }
        if let Err(error) = step(&flow).await {
            super::stumbled("reconcile", &error, &stop).await;
        }
    }
}

/// One look at everything uncertain; returns how many rows are.
pub async fn step(flow: &Flow) -> crate::store::Result<usize> {
    let now = flow.now();
    let alone = flow.limits.alone.then_some(flow.me);
    let uncertain = flow.store.uncertain(before(now, flow.limits.longest_call), alone, 500).await?;
    metrics::gauge!("hotelbot_sends_uncertain").set(uncertain.len() as f64);
    let count = uncertain.len();
    let mut by_hotel: HashMap<HotelId, Vec<Uncertain>> = HashMap::new();
    for row in uncertain {
        by_hotel.entry(row.hotel.clone()).or_default().push(row);
    }
    let looks = by_hotel.into_iter().map(|(hotel, rows)| look(flow, hotel, rows));
    for outcome in futures_util::future::join_all(looks).await {
        outcome?;
    }
    Ok(count)
}

async fn look(flow: &Flow, hotel: HotelId, rows: Vec<Uncertain>) -> crate::store::Result<()> {
    let Some(served) = flow.served(&hotel) else { return Ok(()) };
    let Ok(line) = &served.line else { return Ok(()) };
    let evidence = match evidence(flow, line, &rows).await {
        Ok(evidence) => evidence,
        Err(error) => {
            tracing::warn!(hotel = %hotel, error = %error, "the channel's records cannot be read; looking again later");
            return Ok(());
        }
    };
    let ids: Vec<_> = evidence.iter().map(|one| one.id.clone()).collect();
    let known = flow.store.known_provider_ids(&hotel, &ids).await?;
    let mut free: Vec<SentEvidence> = evidence.into_iter().filter(|one| !known.contains(&one.id)).collect();
    let now = flow.now();
    let mut missing = Vec::new();
    let mut outcomes = Vec::new();
    for row in rows {
        match free.iter().position(|one| proves(one, &row)) {
            Some(place) => {
                let id = free.swap_remove(place).id;
                metrics::counter!("hotelbot_sends_settled_by_journal_total").increment(1);
                outcomes.push(Outcome { hotel: hotel.clone(), id: row.id, became: Became::Accepted(id), at: now });
            }
            None => missing.push(row),
        }
    }
    flow.store.record_outcomes(outcomes).await?;
    absent(flow, line, missing, now).await?;
    flow.bell.ring(Topic::Outbox);
    Ok(())
}

/// The queue first: what still waits there has left our hands too.
async fn evidence(flow: &Flow, line: &Line, rows: &[Uncertain]) -> Result<Vec<SentEvidence>, Unavailable> {
    let oldest = rows.iter().map(|row| row.sending_at).min().unwrap_or(flow.now());
    let minutes = flow.now().duration_since(oldest).as_mins().clamp(0, 1430) + 10;
    let mut evidence = flow.channel.queue(line).await?;
    evidence.extend(flow.channel.sent(line, u32::try_from(minutes).unwrap_or(1440)).await?);
    Ok(evidence)
}

/// The quoted message is an exact key. Without one, the same words to the same person at about that time.
fn proves(evidence: &SentEvidence, row: &Uncertain) -> bool {
    if let (Some(ours), Some(theirs)) = (&row.quotes, &evidence.quotes) {
        return ours == theirs && same_words(evidence, row);
    }
    let in_time = evidence.at.is_none_or(|at| at >= before(row.sending_at, Duration::from_secs(120)));
    let same_chat = evidence.chat.as_ref().is_none_or(|chat| row.addresses.contains(chat));
    in_time && same_chat && same_words(evidence, row)
}

/// A poll and buttons are remembered by their question alone.
fn same_words(evidence: &SentEvidence, row: &Uncertain) -> bool {
    evidence.text == row.text || row.body.as_ref() == Some(&evidence.text)
}

/// Absence counts only after the journals' lag, while the instance is ready, and twice.
async fn absent(flow: &Flow, line: &Line, missing: Vec<Uncertain>, now: Timestamp) -> crate::store::Result<()> {
    let ripe: Vec<Uncertain> = missing.into_iter().filter(|row| is_ripe(flow, row, now)).collect();
    if ripe.is_empty() || !matches!(flow.channel.state(line).await, Ok(InstanceState::Authorized)) {
        return Ok(());
    }
    let (absent, once): (Vec<_>, Vec<_>) = ripe.into_iter().partition(|row| row.sweeps + 1 >= LOOKS);
    let swept = once.into_iter().map(|row| (row.hotel, row.id)).collect();
    flow.store.record_sweep(swept, now).await?;
    for row in absent {
        not_sent(flow, row, now).await?;
    }
    Ok(())
}

fn is_ripe(flow: &Flow, row: &Uncertain, now: Timestamp) -> bool {
    let ready = after(row.sending_at, flow.limits.reconcile_after) <= now;
    ready && row.swept_at.is_none_or(|at| after(at, flow.limits.reconcile_again) <= now)
}

/// Surely not sent: once more if it still helps, else a person.
async fn not_sent(flow: &Flow, row: Uncertain, now: Timestamp) -> crate::store::Result<()> {
    if !row.retried && !row.overtaken && now < row.expires_at {
        tracing::info!(hotel = %row.hotel, outbox = %row.id, "surely not sent; sending once more");
        return flow.store.retry_once(row.hotel, row.id, now).await;
    }
    tracing::warn!(hotel = %row.hotel, outbox = %row.id, "not sent and no longer useful; a person must look");
    let became = Became::Refused("it is uncertain whether it was sent; a person must look".to_owned());
    flow.store.record_outcomes(vec![Outcome { hotel: row.hotel, id: row.id, became, at: now }]).await
}
