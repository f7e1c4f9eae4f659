//! Decided turns → the database, many in one commit. What cannot be written is never forgotten: a database that is
//! away is waited for, and a turn that it refuses is decided anew a few times and then left to a person.

use super::held::Held;
use super::{Flow, GATHER_RESULTS_FOR, after, until};
use crate::domain::ids::InboxId;
use crate::ports::Topic;
use crate::store::chats::{Claim, PutOff};
use crate::store::turns::{Committed, TurnCommit};
use jiff::Timestamp;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Decided turns in one commit.
const MOST_COMMITTED: usize = 256;
/// Before a chat whose turn failed is taken again; also between tries to reach a database that is away.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// A message whose turn failed so often is left to a person.
const MOST_TRIES: i64 = 3;

/// A decided turn on its way to the database.
pub(super) struct Decided {
    pub(super) commit: TurnCommit,
    pub(super) received_at: Option<Timestamp>,
}

/// Commits until the last sender is gone.
pub(super) async fn run(flow: Flow, mut decided: mpsc::Receiver<Decided>, held: Held) {
    let mut group = Vec::with_capacity(MOST_COMMITTED);
    while decided.recv_many(&mut group, MOST_COMMITTED).await > 0 {
        let claims: Vec<Claim> = group.iter().map(|decided| decided.commit.claim.clone()).collect();
        commit_group(&flow, &held, std::mem::take(&mut group)).await;
        claims.iter().for_each(|claim| held.end(claim));
        tokio::time::sleep(GATHER_RESULTS_FOR).await;
    }
}

async fn commit_group(flow: &Flow, held: &Held, group: Vec<Decided>) {
    let begun = Instant::now();
    let turns: Vec<TurnCommit> = group.iter().map(|decided| decided.commit.clone()).collect();
    match commit_and_send(flow, turns).await {
        Ok(outcomes) => {
            for (decided, outcome) in group.iter().zip(&outcomes) {
                tell(flow, decided, *outcome);
            }
        }
        // The decisions are paid for, and nothing can be decided meanwhile: the leases say whether they still hold.
        Err(error) if error.is_passing() => {
            tracing::error!(error = %super::chain(&error), turns = group.len(), "decided turns wait for the database");
            tokio::time::sleep(AGAIN_AFTER).await;
            return Box::pin(commit_group(flow, held, group)).await;
        }
        Err(error) if group.len() == 1 => refused(flow, held, group, &error).await,
        // One bad turn takes no other with it.
        Err(_) => {
            for decided in group {
                Box::pin(commit_group(flow, held, vec![decided])).await;
            }
        }
    }
    metrics::histogram!("hotelbot_turn_commit_seconds").record(begun.elapsed().as_secs_f64());
    for topic in [Topic::Outbox, Topic::Inbox, Topic::Journal] {
        flow.bell.ring(topic);
    }
}

/// What the turns say leaves with them, if the sender has room: one durable step instead of two.
async fn commit_and_send(flow: &Flow, turns: Vec<TurnCommit>) -> crate::store::Result<Vec<Committed>> {
    let sends = turns.iter().any(|turn| !turn.sends.is_empty());
    let gate = flow.departures.gate().filter(|_| sends);
    let Some((gate, room)) = gate.and_then(|gate| gate.request().map(|room| (gate, room))) else {
        return flow.store.commit_turns(turns).await;
    };
    match flow.store.commit_turns_and_take(turns.clone(), room.take.clone()).await {
        Ok((outcomes, taken)) => {
            gate.hand(room.filled(taken));
            Ok(outcomes)
        }
        // Nothing in the outbox may keep a turn from being committed.
        Err(error) if !error.is_passing() => flow.store.commit_turns(turns).await,
        Err(error) => Err(error),
    }
}

async fn refused(flow: &Flow, held: &Held, group: Vec<Decided>, error: &crate::store::StoreError) {
    for Decided { commit, .. } in group {
        tracing::error!(
            error = %super::chain(error), hotel = %commit.claim.hotel, chat = %commit.claim.chat, "a turn was refused"
        );
        put_off(flow, held, commit.claim, commit.covers).await;
    }
}

/// Gives a chat back for a later try. `failed` are the messages that may be the reason.
pub(super) async fn put_off(flow: &Flow, held: &Held, claim: Claim, failed: Vec<InboxId>) {
    held.end(&claim);
    let now = flow.now();
    let put_off = PutOff { claim, by: flow.me, now, due_at: after(now, AGAIN_AFTER), failed, most_tries: MOST_TRIES };
    if let Err(error) = flow.store.put_off(put_off).await {
        tracing::warn!(error = %super::chain(&error), "a chat could not be given back; its lease will end");
    }
}

fn tell(flow: &Flow, decided: &Decided, outcome: Committed) {
    let turn = &decided.commit;
    match outcome {
        Committed::Done => {
            metrics::counter!("hotelbot_turns_total", "rule" => turn.record.rule.clone()).increment(1);
            if let Some(received_at) = decided.received_at {
                metrics::histogram!("hotelbot_turn_seconds").record(until(received_at, flow.now()).as_secs_f64());
            }
            tracing::info!(
                hotel = %turn.claim.hotel, chat = %turn.claim.chat, turn = %turn.turn, rule = turn.record.rule,
                messages = turn.covers.len(), sends = turn.sends.len(), why_not = turn.record.why_not, "decided"
            );
        }
        Committed::Interrupted => metrics::counter!("hotelbot_turns_interrupted_total").increment(1),
        Committed::Fenced => {
            metrics::counter!("hotelbot_turns_fenced_total").increment(1);
            tracing::warn!(hotel = %turn.claim.hotel, chat = %turn.claim.chat, "someone else has taken the chat");
        }
    }
}
