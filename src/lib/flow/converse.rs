//! The inbox → gather → understand → decide → commit. One turn at a time per chat; chats do not wait for each other;
//! while the model thinks nothing is held but the chat's lease.

use super::commit::{self, Decided};
use super::held::Held;
use super::in_force::Served;
use super::prepare::{self, Prepared};
use super::record::{self, Outcome};
use super::{Flow, GATHER_FOR, after, alarm, planned, until};
use crate::domain::decide::{Action, Decision, Event, Situation, Verdict, decide};
use crate::domain::ids::{HotelId, InboxId, TurnId};
use crate::domain::message::Message;
use crate::domain::rules;
use crate::domain::staff_command::DeskAct;
use crate::domain::turn::{Turn, Understood};
use crate::domain::understanding::{WhyNot, merge};
use crate::ports::{AiUsage, Analysis, Question, Said, Topic};
use crate::store::chats::{Claim, Gathered, TakeChats};
use crate::store::turns::{IfInterrupted, TurnCommit};
use futures_util::FutureExt;
use jiff::Timestamp;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Chats taken at once.
const MOST_CLAIMED: i64 = 256;
/// A turn is decided anew at most this often because the guest went on writing.
const MOST_RERUNS: i64 = 2;
/// Messages of the past that the model sees.
const HISTORY: usize = 10;

/// How many turns of each hotel are being decided.
#[derive(Clone, Default)]
struct Running(Arc<Mutex<HashMap<HotelId, usize>>>);

impl Running {
    fn change(&self, hotel: &HotelId, by: isize) {
        if let Ok(mut counts) = self.0.lock() {
            let count = counts.entry(hotel.clone()).or_default();
            *count = count.saturating_add_signed(by);
        }
    }

    fn total(&self) -> usize {
        self.0.lock().map(|counts| counts.values().sum()).unwrap_or(0)
    }

    fn at_limit(&self, limit: usize) -> Vec<HotelId> {
        let full = |counts: &HashMap<HotelId, usize>| {
            counts.iter().filter(|(_, count)| **count >= limit).map(|(hotel, _)| hotel.clone()).collect()
        };
        self.0.lock().map(|counts| full(&counts)).unwrap_or_default()
    }
}

/// What every turn needs besides its chat.
#[derive(Clone)]
struct Desk {
    flow: Flow,
    running: Running,
    held: Held,
    decided: mpsc::Sender<Decided>,
}

/// Decides turns until stopped, then lets those under way end.
pub async fn run(flow: Flow, stop: CancellationToken) {
    let (decided, to_commit) = mpsc::channel(4096);
    let held = Held::default();
    let committer = tokio::spawn(commit::run(flow.clone(), to_commit, held.clone()));
    let renewer = tokio::spawn(renew(flow.clone(), held.clone()));
    let desk = Desk { flow: flow.clone(), running: Running::default(), held, decided };
    let mut turns = JoinSet::new();
    while !stop.is_cancelled() {
        while turns.try_join_next().is_some() {}
        match claim_due(&desk).await {
            Ok(Due::Now(claims)) => {
                begin(&desk, &mut turns, claims).await;
                tokio::time::sleep(GATHER_FOR).await;
            }
            Ok(Due::At(next)) => idle(&flow, next, &stop).await,
            Err(error) => super::stumbled("converse", &error, &stop).await,
        }
    }
    // What is under way may end; what does not is found again by its lease.
    let _ = tokio::time::timeout(Duration::from_secs(8), async { while turns.join_next().await.is_some() {} }).await;
    turns.abort_all();
    drop(desk);
    let _ = tokio::time::timeout(Duration::from_secs(4), committer).await;
    renewer.abort();
}

/// Begins a turn in each of these chats. What cannot be read now is given back.
async fn begin(desk: &Desk, turns: &mut JoinSet<()>, claims: Vec<Claim>) {
    claims.iter().for_each(|claim| desk.held.take(claim));
    match desk.flow.store.gather(claims.clone(), desk.flow.now()).await {
        Ok(gathered) => {
            for one in gathered {
                desk.running.change(&one.claim.hotel, 1);
                turns.spawn(decide_one(desk.clone(), one));
            }
        }
        Err(error) => {
            tracing::error!(error = %super::chain(&error), "taken chats could not be read; they are given back");
            for claim in claims {
                commit::put_off(&desk.flow, &desk.held, claim, Vec::new()).await;
            }
        }
    }
}

/// What there is to do.
enum Due {
    /// These chats are taken.
    Now(Vec<Claim>),
    /// Nothing before this.
    At(Option<Timestamp>),
}

/// Looking costs less than taking nothing.
async fn claim_due(desk: &Desk) -> crate::store::Result<Due> {
    let now = desk.flow.now();
    let next = desk.flow.store.next_due(now).await?;
    if next.is_none_or(|next| next > now) {
        return Ok(Due::At(next));
    }
    let Some(take) = room(&desk.flow, &desk.running) else { return Ok(Due::At(None)) };
    let claims = desk.flow.store.claim_chats(take).await?;
    Ok(if claims.is_empty() { Due::At(None) } else { Due::Now(claims) })
}

fn room(flow: &Flow, running: &Running) -> Option<TakeChats> {
    let room = flow.limits.turns.saturating_sub(running.total());
    let now = flow.now();
    (room > 0).then(|| TakeChats {
        by: flow.me,
        now,
        until: after(now, flow.limits.lease),
        limit: MOST_CLAIMED.min(i64::try_from(room).unwrap_or(MOST_CLAIMED)),
        busy: running.at_limit(flow.limits.turns_a_hotel),
    })
}

/// Until the bell rings, the next chat becomes due, or a second passes.
async fn idle(flow: &Flow, next: Option<Timestamp>, stop: &CancellationToken) {
    let now = flow.now();
    let at_most = next.map_or(Duration::from_secs(1), |next| until(now, next)).min(Duration::from_secs(1));
    tokio::select! {
        () = stop.cancelled() => {}
        () = flow.bell.wait(Topic::Inbox, at_most.max(Duration::from_millis(1))) => {}
    }
}

/// Until aborted: also while stopping, what is under way keeps its chats.
async fn renew(flow: Flow, held: Held) {
    let mut tick = tokio::time::interval(flow.limits.lease / 3);
    loop {
        tick.tick().await;
        let now = flow.now();
        let renewed = flow.store.renew_claims(flow.me, held.all(), now, after(now, flow.limits.lease)).await;
        if let Err(error) = renewed {
            tracing::error!(error = %super::chain(&error), "leases could not be renewed; trying again");
        }
    }
}

async fn decide_one(desk: Desk, gathered: Gathered) {
    let Desk { flow, running, held, decided } = desk;
    let claim = gathered.claim.clone();
    let rows: Vec<InboxId> = gathered.waiting.iter().map(|row| row.id).collect();
    // A panic is a mistake of ours about one chat; the others, and the count of turns, must not suffer from it.
    match AssertUnwindSafe(decide_turn(&flow, gathered)).catch_unwind().await {
        Ok(Ok(End::Decided(turn))) => {
            // The committer outlives every sender; a failure to send can only mean that the process ends.
            let _ = decided.send(*turn).await;
        }
        Ok(Ok(End::NothingWaits)) => give_back(&flow, &held, claim.clone()).await,
        // A hotel that is no longer in force keeps its messages; nobody answers them.
        Ok(Ok(End::NotServed)) => commit::put_off(&flow, &held, claim.clone(), Vec::new()).await,
        Ok(Err(error)) if error.is_passing() => {
            tracing::warn!(error = %super::chain(&error), hotel = %claim.hotel, "a turn could not be decided now");
            commit::put_off(&flow, &held, claim.clone(), Vec::new()).await;
        }
        Ok(Err(error)) => {
            tracing::error!(error = %super::chain(&error), hotel = %claim.hotel, "a turn could not be decided");
            commit::put_off(&flow, &held, claim.clone(), rows).await;
        }
        Err(_) => {
            tracing::error!(hotel = %claim.hotel, chat = %claim.chat, "deciding a turn panicked");
            commit::put_off(&flow, &held, claim.clone(), rows).await;
        }
    }
    running.change(&claim.hotel, -1);
}

async fn give_back(flow: &Flow, held: &Held, claim: Claim) {
    held.end(&claim);
    if let Err(error) = flow.store.release_claim(claim, flow.me).await {
        tracing::warn!(error = %super::chain(&error), "a chat could not be given back; its lease will end");
    }
}

/// How deciding ended.
enum End {
    Decided(Box<Decided>),
    NothingWaits,
    NotServed,
}

async fn decide_turn(flow: &Flow, mut gathered: Gathered) -> crate::store::Result<End> {
    let Some(served) = flow.served(&gathered.claim.hotel) else { return Ok(End::NotServed) };
    drop_own_echoes(flow, &mut gathered).await?;
    let Some(mut prepared) = prepare::prepare(&served.hotel, &gathered) else { return Ok(End::NothingWaits) };
    prepared.desk = super::desk::of(flow, &served, &gathered, &prepared.event).await?;
    if prepared.desk.is_some() {
        // A colleague is no unhappy guest.
        prepared.reading = None;
    }
    let received_at = prepare::received_first(&gathered);
    let first = judge(flow, &served, (&gathered, &prepared), &prepared.event);
    let (decision, analysis) = match first {
        Verdict::Decided(decision) => (*decision, None),
        Verdict::AskModel => ask(flow, &served, &gathered, &prepared).await?,
    };
    let commit = build(flow, &served, gathered, prepared, Outcome { decision, analysis });
    Ok(End::Decided(Box::new(Decided { commit, received_at })))
}

/// The channel sometimes reports our own messages as if typed on the phone: those are no word of a person.
async fn drop_own_echoes(flow: &Flow, gathered: &mut Gathered) -> crate::store::Result<()> {
    let ids = prepare::staff_ids(gathered);
    if ids.is_empty() {
        return Ok(());
    }
    let ours = flow.store.known_provider_ids(&gathered.claim.hotel, &ids).await?;
    if ours.is_empty() {
        return Ok(());
    }
    let done: Vec<InboxId> =
        gathered.waiting.iter().filter(|row| is_one_of(&row.received.event, &ours)).map(|row| row.id).collect();
    gathered.waiting.retain(|row| !done.contains(&row.id));
    flow.store.complete_rows(gathered.claim.hotel.clone(), done, "our own message", flow.now()).await
}

fn is_one_of(event: &crate::domain::received::ReceivedEvent, ids: &[crate::domain::ids::ProviderMessageId]) -> bool {
    matches!(event, crate::domain::received::ReceivedEvent::Staff { id, .. } if ids.contains(id))
}

fn judge(flow: &Flow, served: &Served, chat: (&Gathered, &Prepared), event: &Event) -> Verdict {
    decide(&situation(flow, served, chat), event)
}

fn situation<'a>(flow: &Flow, served: &'a Served, (gathered, prepared): (&'a Gathered, &'a Prepared)) -> Situation<'a> {
    Situation {
        hotel: &served.hotel,
        conversation: &gathered.conversation,
        recent: &gathered.recent,
        questions: &gathered.questions,
        given: prepared.given.as_ref(),
        desk: prepared.desk.as_ref(),
        now: flow.now(),
    }
}

/// Asks the model and decides with its answer, or with the fact that there is none.
async fn ask(
    flow: &Flow,
    served: &Served,
    gathered: &Gathered,
    prepared: &Prepared,
) -> crate::store::Result<(Decision, Option<Analysis>)> {
    let Event::GuestWrote { turn, .. } = &prepared.event else { unreachable_decision(gathered) };
    let analysis = match why_not_ask(flow, served).await? {
        Some(why) => Analysis { outcome: Err(why), usage: AiUsage::default(), detail: None },
        None => flow.analyst.understand(&question(flow, served, (gathered, prepared), turn)).await,
    };
    count(&analysis);
    let understood = match &analysis.outcome {
        Ok(understanding) => Understood::As(merge(prepared.reading.as_ref(), understanding)),
        Err(why) => Understood::Not(*why),
    };
    let event = Event::GuestWrote { turn: turn.clone(), understood };
    match judge(flow, served, (gathered, prepared), &event) {
        Verdict::Decided(decision) => Ok((*decision, Some(analysis))),
        Verdict::AskModel => unreachable_decision(gathered),
    }
}

/// `decide` asks for the model only for a guest's turn that was not yet read; its tests hold that.
fn unreachable_decision(gathered: &Gathered) -> ! {
    panic!("the rules asked for the model twice in chat {}", gathered.claim.chat)
}

async fn why_not_ask(flow: &Flow, served: &Served) -> crate::store::Result<Option<WhyNot>> {
    if !served.hotel.ai.enabled {
        return Ok(Some(WhyNot::Disabled));
    }
    let Some(budget) = served.hotel.ai.daily_budget_usd else { return Ok(None) };
    let day = flow.now().to_zoned(served.hotel.time_zone()).start_of_day().map_or(flow.now(), |day| day.timestamp());
    let spent = flow.store.spent_since(&served.hotel.id, day).await?;
    Ok((spent as f64 >= budget * 1_000_000.0).then_some(WhyNot::OverBudget))
}

fn question(flow: &Flow, served: &Served, chat: (&Gathered, &Prepared), turn: &Turn) -> Question {
    let gathered = chat.0;
    let skip = gathered.recent.len().saturating_sub(HISTORY);
    Question {
        hotel: served.hotel.clone(),
        first_name: gathered.conversation.name.as_deref().and_then(|n| n.split_whitespace().next()).map(str::to_owned),
        language: rules::language_for(&situation(flow, served, chat), turn),
        history: gathered.recent[skip..].iter().map(said).collect(),
        turn: turn.words(),
        now: flow.now(),
    }
}

fn said(message: &Message) -> Said {
    Said { author: message.author, text: message.text.clone() }
}

fn count(analysis: &Analysis) {
    let outcome = match &analysis.outcome {
        Ok(_) => "answered",
        Err(why) => why.as_str(),
    };
    metrics::counter!("hotelbot_ai_turns_total", "outcome" => outcome).increment(1);
    metrics::counter!("hotelbot_ai_calls_total").increment(u64::from(analysis.usage.calls));
    for (kind, tokens) in [
        ("hit", analysis.usage.hit_tokens),
        ("miss", analysis.usage.miss_tokens),
        ("output", analysis.usage.output_tokens),
    ] {
        metrics::counter!("hotelbot_ai_tokens_total", "kind" => kind).increment(tokens);
    }
    metrics::counter!("hotelbot_ai_cost_micro_usd_total")
        .increment(u64::try_from(analysis.usage.cost_micro_usd).unwrap_or(0));
    if analysis.usage.calls > 0 {
        metrics::histogram!("hotelbot_ai_seconds").record(analysis.usage.latency.as_secs_f64());
    }
}

fn build(flow: &Flow, served: &Served, gathered: Gathered, prepared: Prepared, outcome: Outcome) -> TurnCommit {
    let now = flow.now();
    let if_interrupted = if_interrupted(served, &gathered, &prepared, &outcome);
    let record = record::record(&prepared, &outcome);
    let alerts = alarm::effects((flow, served), (&gathered, &prepared), &outcome.decision, &record);
    let newest = prepared.covers.last().copied();
    let decision = outcome.decision;
    let before = &gathered.conversation;
    let guest_changed =
        before.consent != decision.conversation.consent || before.language != decision.conversation.language;
    // The one message that still goes to a guest who asked for silence is told by its intent.
    let silenced = decision.conversation.consent.opted_out() && !before.consent.opted_out();
    let why = if silenced { "opt_out" } else { "reply" };
    let (hotel, chat) = (&gathered.claim.hotel, gathered.claim.chat);
    let rows = planned::rows(planned::Writing { flow, served, hotel, chat, now }, &decision, why, newest);
    TurnCommit {
        claim: gathered.claim,
        by: flow.me,
        at: now,
        turn: TurnId(flow.clock.new_id()),
        covers: prepared.covers,
        last_seq: prepared.last_seq,
        cancel_planned: decision.actions.contains(&Action::CancelPlanned),
        questions: rows.questions,
        alerts,
        desk: desk_act(&decision),
        conversation: decision.conversation,
        guest_changed,
        record,
        sends: rows.sends,
        if_interrupted,
    }
}

/// A colleague's order is about one alert.
fn desk_act(decision: &Decision) -> Option<DeskAct> {
    decision.actions.iter().find_map(|action| match action {
        Action::Desk(act) => Some(act.clone()),
        _ => None,
    })
}

/// After the last rerun a turn is committed whatever came: what it sends waits while something urgent does, and is
/// taken back by it.
fn if_interrupted(served: &Served, gathered: &Gathered, prepared: &Prepared, outcome: &Outcome) -> IfInterrupted {
    let is_urgent = prepared.event == Event::StaffWrote || outcome.decision.conversation.consent.opted_out();
    if is_urgent || gathered.reruns >= MOST_RERUNS {
        return IfInterrupted::Commit;
    }
    let joins = !served.hotel.conversation.coalesce.is_zero();
    if joins && outcome.analysis.is_some() { IfInterrupted::Rerun } else { IfInterrupted::RerunIfUrgent }
}
