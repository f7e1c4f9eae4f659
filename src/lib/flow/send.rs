//! The outbox → the channel. `sending` is durable before the call, every check is made again in the same step, and
//! what is uncertain afterwards is left to `reconcile`.

use super::handover::Handover;
use super::{Flow, GATHER_FOR, GATHER_RESULTS_FOR, after, before, until};
use crate::domain::ids::ProviderMessageId;
use crate::domain::message::{Author, Origin};
use crate::domain::outbox::{Outgoing, SendError, backoff};
use crate::ports::{Line, Topic};
use crate::store::outbox::{Became, Candidate, EXPIRED, Outcome, TakeForSending, Verdict};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Messages taken in one step.
const MOST_TAKEN: usize = 256;
/// Outcomes in one commit.
const MOST_RECORDED: usize = 256;
/// Tries that surely did not send, before a message is given up.
const MOST_ATTEMPTS: u32 = 12;
/// A refused token, an unpaid or banned instance needs a person: one try a minute is enough to notice that one came.
const INSTANCE_AGAIN: Duration = Duration::from_secs(60);

/// Messages taken for sending in one step of one kind.
pub struct Departure {
    taken: Vec<Candidate>,
    places: OwnedSemaphorePermit,
    begun: Instant,
}

/// Where the commit of a turn asks what may leave at once, and hands it over.
pub type Departures = Handover<Room, Departure>;

/// Room for so many calls, and how to take as many messages.
pub struct Room {
    /// For the database.
    pub take: TakeForSending,
    places: OwnedSemaphorePermit,
    begun: Instant,
}

impl Room {
    /// With what was taken in it.
    pub fn filled(self, taken: Vec<Candidate>) -> Departure {
        Departure { taken, places: self.places, begun: self.begun }
    }
}

/// Sends until stopped, then records how the calls under way end.
pub async fn run(flow: Flow, stop: CancellationToken) {
    let (ended, to_record) = mpsc::channel(4096);
    let recorder = tokio::spawn(record_all(flow.clone(), to_record));
    let places = Arc::new(Semaphore::new(flow.limits.sends));
    let asked = (flow.clone(), places.clone());
    let committed = flow.departures.open(move || room(&asked.0, &asked.1));
    let handed = tokio::spawn(call_committed(flow.clone(), committed, ended.clone()));
    let mut calls = JoinSet::new();
    while !stop.is_cancelled() {
        while calls.try_join_next().is_some() {}
        match take_due(&flow, &places).await {
            Ok(None) => idle(&flow, &stop).await,
            Ok(Some(departure)) => {
                begin(&flow, &mut calls, departure, &ended);
                tokio::time::sleep(GATHER_FOR).await;
            }
            Err(error) => super::stumbled("send", &error, &stop).await,
        }
    }
    flow.departures.close();
    let both = async {
        while calls.join_next().await.is_some() {}
        let _ = handed.await;
    };
    let _ = tokio::time::timeout(Duration::from_secs(10), both).await;
    calls.abort_all();
    drop(ended);
    let _ = tokio::time::timeout(Duration::from_secs(3), recorder).await;
}

/// Calls with what commits have taken, until nobody can hand over more.
async fn call_committed(flow: Flow, mut committed: mpsc::UnboundedReceiver<Departure>, ended: mpsc::Sender<Outcome>) {
    let mut calls = JoinSet::new();
    while let Some(departure) = committed.recv().await {
        while calls.try_join_next().is_some() {}
        begin(&flow, &mut calls, departure, &ended);
    }
    while calls.join_next().await.is_some() {}
}

fn begin(flow: &Flow, calls: &mut JoinSet<()>, departure: Departure, ended: &mpsc::Sender<Outcome>) {
    let Departure { taken, mut places, begun } = departure;
    for candidate in taken {
        let place = places.split(1);
        let (flow, ended) = (flow.clone(), ended.clone());
        calls.spawn(async move {
            let _ = ended.send(call(&flow, candidate, begun).await).await;
            drop(place);
        });
    }
}

/// What is due and not yet taken. Looking costs less than taking nothing.
async fn take_due(flow: &Flow, places: &Arc<Semaphore>) -> crate::store::Result<Option<Departure>> {
    let now = flow.now();
    let next = flow.store.next_send_at(before(now, flow.limits.line_seen_within)).await?;
    if next.is_none_or(|next| next > now) {
        return Ok(None);
    }
    let Some(room) = room(flow, places) else { return Ok(None) };
    let taken = flow.store.take_for_sending(room.take.clone()).await?;
    Ok((!taken.is_empty()).then(|| room.filled(taken)))
}

fn room(flow: &Flow, places: &Arc<Semaphore>) -> Option<Room> {
    let begun = Instant::now();
    let limit = places.available_permits().min(MOST_TAKEN);
    let reserved = places.clone().try_acquire_many_owned(u32::try_from(limit).unwrap_or(0)).ok()?;
    let now = flow.now();
    let unreachable = |served: &super::in_force::Served| served.line.is_err();
    let busy = flow.hotels.all().iter().filter(|(_, served)| unreachable(served)).map(|(id, _)| id.clone()).collect();
    let hotels = flow.hotels.clone();
    let take = TakeForSending {
        by: flow.me,
        now,
        seen_since: before(now, flow.limits.line_seen_within),
        limit: i64::try_from(limit).unwrap_or(0),
        busy,
        judge: Arc::new(move |candidate| may_send(candidate, now)),
        gap: Arc::new(move |hotel| {
            hotels.get(hotel).map_or(Duration::from_millis(500), |served| served.hotel.whatsapp.send_interval)
        }),
    };
    (limit > 0).then_some(Room { take, places: reserved, begun })
}

/// The last look, with the data of this very moment. A person's own words always go, and so does what staff are told.
pub fn may_send(candidate: &Candidate, now: Timestamp) -> Verdict {
    if candidate.author != Author::Bot || candidate.origin == Origin::Alert {
        return if candidate.expires_at < now { Verdict::Cancel(EXPIRED) } else { Verdict::Send };
    }
    if candidate.urgent_waiting {
        return Verdict::Wait;
    }
    if let Some(verdict) = last_look_at_trigger(candidate, now) {
        return verdict;
    }
    if candidate.staff_leads {
        return Verdict::Cancel("a person leads the chat");
    }
    if candidate.opted_out && !confirms_silence(candidate) {
        return Verdict::Cancel("the guest asked for silence");
    }
    if candidate.expires_at < now {
        return Verdict::Cancel(EXPIRED);
    }
    Verdict::Send
}

/// A trigger's message is judged once more as if it were its turn now; for any other `None`. A file that follows its
/// words is never put off: what the words no longer allow, it is too late for.
fn last_look_at_trigger(candidate: &Candidate, now: Timestamp) -> Option<Verdict> {
    let is_file = candidate.intent.starts_with("file:");
    if !is_file && !candidate.intent.starts_with("touchpoint:") {
        return None;
    }
    let Some(due) = &candidate.touchpoint else {
        return Some(Verdict::Cancel("its touchpoint no longer counts as sent"));
    };
    Some(match super::schedule::last_look(due, now) {
        None => Verdict::Send,
        Some(_) if is_file => Verdict::Cancel("its words went, and it is no longer right to follow them"),
        Some(decided) => Verdict::GiveUp(Box::new(decided)),
    })
}

/// After STOP one message still goes: the one that says so.
fn confirms_silence(candidate: &Candidate) -> bool {
    candidate.intent.starts_with("opt_out:")
}

async fn idle(flow: &Flow, stop: &CancellationToken) {
    let now = flow.now();
    let next = flow.store.next_send_at(before(now, flow.limits.line_seen_within)).await.ok().flatten();
    // What is overdue and was not taken stands behind a call under way, whose end rings the bell.
    let at_most = match next {
        Some(next) if next > now => until(now, next).min(Duration::from_secs(1)),
        Some(_) => Duration::from_millis(250),
        None => Duration::from_secs(1),
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = flow.bell.wait(Topic::Outbox, at_most.max(Duration::from_millis(5))) => {}
    }
}

async fn call(flow: &Flow, candidate: Candidate, taken: Instant) -> Outcome {
    let became = match flow.served(&candidate.hotel).as_deref().map(|served| (&served.line, &served.hotel)) {
        Some((Ok(line), hotel)) => {
            keep_gap(flow, &line.instance, hotel.whatsapp.send_interval).await;
            if taken.elapsed() > flow.limits.longest_call / 2 {
                too_late(flow)
            } else {
                ask_channel(flow, line, &candidate).await
            }
        }
        _ => Became::PlannedAgain {
            due_at: after(flow.now(), Duration::from_secs(60)),
            why: "the hotel is not reachable".to_owned(),
        },
    };
    count(&became);
    Outcome { hotel: candidate.hotel, id: candidate.id, became, at: flow.now() }
}

/// A process that was stopped for a while (SIGSTOP, a frozen machine) must not send what another daemon may meanwhile
/// have looked up, found absent and sent (faults F8). The row is planned again only if it is still this one's.
fn too_late(flow: &Flow) -> Became {
    Became::PlannedAgain { due_at: flow.now(), why: "the taking was too old to be used".to_owned() }
}

async fn ask_channel(flow: &Flow, line: &Line, candidate: &Candidate) -> Became {
    let begun = Instant::now();
    let sent = flow.channel.send(line, &candidate.outgoing).await;
    let sent = match sent {
        Err(SendError::Never(refusal)) if candidate.outgoing.choices.is_some() => {
            as_list(flow, line, candidate, &refusal.0).await
        }
        Err(SendError::Never(refusal)) if candidate.outgoing.media.as_ref().is_some_and(|file| file.captioned) => {
            without_file(flow, line, candidate, &refusal.0).await
        }
        sent => sent,
    };
    metrics::histogram!("hotelbot_send_seconds").record(begun.elapsed().as_secs_f64());
    match sent {
        Ok(id) => Became::Accepted(id),
        Err(error) => after_error(flow, candidate, error).await,
    }
}

/// A service that refuses a poll or buttons surely sent nothing: the same question goes as a list, which is always
/// there beside them.
async fn as_list(flow: &Flow, line: &Line, candidate: &Candidate, why: &str) -> Result<ProviderMessageId, SendError> {
    tracing::info!(hotel = %candidate.hotel, outbox = %candidate.id, why, "answers to be tapped are refused; sending a list");
    metrics::counter!("hotelbot_choices_refused_total").increment(1);
    flow.channel.send(line, &Outgoing { choices: None, ..candidate.outgoing.clone() }).await
}

/// A file that is gone, or that the service refuses, surely left nothing with the guest: the words go without it.
async fn without_file(
    flow: &Flow,
    line: &Line,
    candidate: &Candidate,
    why: &str,
) -> Result<ProviderMessageId, SendError> {
    tracing::warn!(hotel = %candidate.hotel, outbox = %candidate.id, why, "a file cannot be sent; its words go without it");
    metrics::counter!("hotelbot_files_refused_total").increment(1);
    flow.channel.send(line, &Outgoing { media: None, ..candidate.outgoing.clone() }).await
}

/// The database keeps the gap between takings; this keeps it between calls, also across daemons.
async fn keep_gap(flow: &Flow, instance: &crate::domain::ids::InstanceId, gap: Duration) {
    if gap.is_zero() {
        return;
    }
    // A limiter that says "wait" for ever must not hold a message for ever: the taking kept the gap already.
    for _ in 0..20 {
        let wait = flow.throttle.take(instance, gap).await;
        if wait.is_zero() {
            return;
        }
        tokio::time::sleep(wait.min(gap)).await;
    }
}

async fn after_error(flow: &Flow, candidate: &Candidate, error: SendError) -> Became {
    let tried = candidate.attempts + 1;
    tracing::warn!(hotel = %candidate.hotel, outbox = %candidate.id, attempt = tried, error = %error, "a send failed");
    match error {
        SendError::Later { .. } if tried >= MOST_ATTEMPTS => Became::Refused("given up after many tries".to_owned()),
        SendError::Later { after: wish, why } => {
            let wait = wish.unwrap_or_else(|| backoff(tried)).min(Duration::from_secs(300));
            Became::PlannedAgain { due_at: after(flow.now(), wait), why }
        }
        SendError::Never(refusal) => Became::Refused(refusal.0),
        SendError::Instance(why) => {
            let again = after(flow.now(), INSTANCE_AGAIN);
            if let Err(error) = stop_line(flow, candidate, &why, again).await {
                tracing::error!(error = %super::chain(&error), "an instance's problem could not be recorded");
            }
            Became::PlannedAgain { due_at: again, why }
        }
        SendError::Unknown(why) => Became::Unknown(why),
    }
}

/// Nothing of this hotel goes until its instance was seen ready again, and not before the next try is due: an instance
/// that says of itself that it is ready may refuse every message all the same.
async fn stop_line(flow: &Flow, candidate: &Candidate, why: &str, until: Timestamp) -> crate::store::Result<()> {
    flow.store.hold_sends(candidate.hotel.clone(), until).await?;
    flow.store.line_stopped(candidate.hotel.clone(), why.to_owned()).await
}

fn count(became: &Became) {
    let outcome = match became {
        Became::Accepted(_) => "accepted",
        Became::PlannedAgain { .. } => "later",
        Became::Refused(_) => "refused",
        Became::Unknown(_) => "unknown",
    };
    metrics::counter!("hotelbot_sends_total", "outcome" => outcome).increment(1);
}

async fn record_all(flow: Flow, mut ended: mpsc::Receiver<Outcome>) {
    let mut group = Vec::with_capacity(MOST_RECORDED);
    while ended.recv_many(&mut group, MOST_RECORDED).await > 0 {
        record(&flow, std::mem::take(&mut group)).await;
        for topic in [Topic::Outbox, Topic::Journal] {
            flow.bell.ring(topic);
        }
        tokio::time::sleep(GATHER_RESULTS_FOR).await;
    }
}

/// The channel has the messages: this must be written down. A database that is away is waited for; if the process
/// dies meanwhile, the rows are `sending` and `reconcile` finds them.
async fn record(flow: &Flow, group: Vec<Outcome>) {
    for wait in [100, 300, 1000, 3000, 10_000] {
        match flow.store.record_outcomes(group.clone()).await {
            Ok(()) => return,
            Err(error) => {
                tracing::error!(error = %super::chain(&error), sends = group.len(), "outcomes could not be recorded");
                tokio::time::sleep(Duration::from_millis(wait)).await;
            }
        }
    }
}
