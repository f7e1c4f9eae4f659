//! Triggers that are due → the outbox. Each is judged with fresh data in the transaction that plans its message, and once
//! more in the transaction that sends it ([`last_look`]).

use super::Flow;
use super::compose;
use crate::domain::schedule::conditions::Seen as Condition;
use crate::domain::schedule::judge::{self, Guard, Look, Verdict};
use crate::domain::schedule::missed::GRACE;
use crate::domain::schedule::plan::{Wanted, Wish, plan_trigger};
use crate::domain::touchpoint::SkipReason;
use crate::domain::trigger::{Trigger, TriggerMode};
use crate::ports::{Clock, Topic};
use crate::store::due::{Composed, Decided, Due, Fate, Ran};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Rows looked at in one transaction.
const MOST: i64 = 256;
/// A message may wait this long for its turn behind others of its hotel, or for the instance, without being late: the
/// least gap between sends alone makes a hundred of them wait for a minute.
const WAITED_IN_LINE: SignedDuration = SignedDuration::from_mins(30);
/// A clock that goes by more than this between two looks was set; it is said, and nothing bursts: what is late is late.
const JUMP: SignedDuration = SignedDuration::from_mins(5);

/// What a look saw, for `triggers explain`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub verdict: Verdict,
    /// The guards, in order.
    pub guards: Vec<Guard>,
    /// The tests of its `where`.
    pub conditions: Vec<Condition>,
    /// The words, if there are any.
    #[serde(default)]
    pub text: Option<String>,
    /// The file that goes with them.
    #[serde(default)]
    pub file: Option<String>,
    /// Why there are none.
    #[serde(default)]
    pub trouble: Option<String>,
}

/// Looks at what is due until stopped.
pub async fn run(flow: Flow, stop: CancellationToken) {
    let mut before = (flow.now(), std::time::Instant::now());
    while !stop.is_cancelled() {
        before = watch_the_clock(&flow, before);
        match step(&flow).await {
            Ok(ran) if ran.looked == 0 => idle(&flow, &stop).await,
            Ok(_) => {}
            Err(error) => super::stumbled("schedule", &error, &stop).await,
        }
    }
}

/// One transaction's worth.
pub async fn step(flow: &Flow) -> crate::store::Result<Ran> {
    let (clock, now) = (flow.clock.clone(), flow.now());
    let ran = flow.store.run_due(now, MOST, move |due| decide(&clock, due, now)).await?;
    if ran.looked > 0 {
        metrics::counter!("hotelbot_touchpoints_total", "outcome" => "sent").increment(ran.sent as u64);
        metrics::counter!("hotelbot_touchpoints_total", "outcome" => "skipped").increment(ran.skipped as u64);
        tracing::info!(looked = ran.looked, sent = ran.sent, skipped = ran.skipped, "touchpoints were due");
        for topic in [Topic::Outbox, Topic::Journal] {
            flow.bell.ring(topic);
        }
    }
    Ok(ran)
}

async fn idle(flow: &Flow, stop: &CancellationToken) {
    let now = flow.now();
    let next = flow.store.next_touchpoint(now).await.ok().flatten();
    let at_most = next.map_or(Duration::from_secs(1), |next| super::until(now, next)).min(Duration::from_secs(1));
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(at_most.max(Duration::from_millis(5))) => {}
    }
}

fn watch_the_clock(flow: &Flow, (wall, steady): (Timestamp, std::time::Instant)) -> (Timestamp, std::time::Instant) {
    let (now, steady_now) = (flow.now(), std::time::Instant::now());
    let passed = SignedDuration::try_from(steady_now - steady).unwrap_or(SignedDuration::ZERO);
    let jumped = now.duration_since(wall) - passed;
    if jumped.abs() > JUMP {
        metrics::counter!("hotelbot_clock_jumps_total").increment(1);
        tracing::warn!(seconds = jumped.as_secs(), "the machine's clock was set");
    }
    (now, steady_now)
}

/// What becomes of a message whose turn it is.
pub fn decide(clock: &Arc<dyn Clock>, due: &Due, now: Timestamp) -> Decided {
    let Some(trigger) = due.trigger().filter(|trigger| trigger.enabled) else {
        return Decided { fate: Fate::Cancel, seen: None };
    };
    let row = &due.touchpoint;
    let look = look(due, trigger, (row.due_at, row.look_at), now);
    let verdict = judge::judge(&look);
    match verdict {
        Verdict::Skip(reason) => decided(Fate::Skip(reason), seen(&look, verdict)),
        Verdict::Wait { until, .. } => {
            decided(Fate::Wait(until.max(now + SignedDuration::from_secs(1))), seen(&look, verdict))
        }
        Verdict::Send { language, variant } => {
            let words = compose::compose(clock.as_ref(), due, trigger, compose::Choice { language, variant, now });
            speak(trigger.mode, words, seen(&look, verdict))
        }
    }
}

fn speak(mode: TriggerMode, words: Result<Composed, compose::Trouble>, mut seen: Seen) -> Decided {
    match words {
        Ok(composed) => {
            seen.text = Some(composed.send.text.clone());
            let with_file = composed.file.as_ref().unwrap_or(&composed.send);
            seen.file = with_file.media.as_ref().map(|file| file.source.clone());
            let fate = match mode {
                TriggerMode::Live => Fate::Send(Box::new(composed)),
                TriggerMode::Draft => Fate::Draft,
                TriggerMode::Shadow => Fate::Shadow,
            };
            decided(fate, seen)
        }
        Err(trouble) => {
            seen.trouble = Some(trouble.to_string());
            let reason = match trouble {
                compose::Trouble::NoChat => SkipReason::NoPhone,
                compose::Trouble::NoWords(_) => SkipReason::Language,
            };
            decided(Fate::Skip(reason), seen)
        }
    }
}

/// The last look at a message in the outbox; `None`: it may go.
pub fn last_look(due: &Due, now: Timestamp) -> Option<Decided> {
    let cancel = Some(Decided { fate: Fate::Cancel, seen: None });
    let Some(trigger) = due.trigger().filter(|trigger| trigger.enabled) else { return cancel };
    let Some(wanted) = wanted(due, trigger, now) else { return cancel };
    if wanted.due_at > now && wanted.due_at != due.touchpoint.due_at {
        return Some(Decided { fate: Fate::Move(Box::new(wanted)), seen: None });
    }
    let grace = WAITED_IN_LINE;
    let look = Look { grace, ..look(due, trigger, (wanted.due_at, due.touchpoint.look_at), now) };
    let verdict = judge::judge(&look);
    match verdict {
        Verdict::Send { .. } => None,
        Verdict::Wait { until, .. } => Some(decided(Fate::Wait(until), seen(&look, verdict))),
        Verdict::Skip(reason) => Some(decided(Fate::Skip(reason), seen(&look, verdict))),
    }
}

/// What the reservation wants of this very row by now.
fn wanted(due: &Due, trigger: &Trigger, now: Timestamp) -> Option<Wanted> {
    let wish = Wish {
        reservation: &due.reservation,
        hotel: &due.hotel,
        set: &due.set,
        happenings: &due.happenings,
        now,
        grace: WAITED_IN_LINE,
    };
    plan_trigger(&wish, trigger).into_iter().find(|wanted| wanted.key == due.touchpoint.key)
}

fn look<'a>(due: &'a Due, trigger: &'a Trigger, (due_at, look_at): (Timestamp, Timestamp), now: Timestamp) -> Look<'a> {
    Look {
        hotel: &due.hotel,
        set: &due.set,
        trigger,
        reservation: &due.reservation,
        occurrence: &due.touchpoint.key.occurrence,
        due_at,
        look_at,
        facts: &due.facts,
        now,
        grace: GRACE,
    }
}

fn seen(look: &Look<'_>, verdict: Verdict) -> Seen {
    let (guards, conditions) = judge::explain(look);
    Seen { at: look.now, verdict, guards, conditions, text: None, file: None, trouble: None }
}

fn decided(fate: Fate, seen: Seen) -> Decided {
    // Plain data; serialising it cannot fail.
    Decided { fate, seen: serde_json::to_string(&seen).ok() }
}

/// What a look would see now, or at the due moment if that is still to come; `None` if the trigger is not in force.
pub fn preview(due: &Due, now: Timestamp) -> Option<Seen> {
    let trigger = due.trigger()?;
    let row = &due.touchpoint;
    let look = look(due, trigger, (row.due_at, row.look_at), now.max(row.look_at));
    Some(seen(&look, judge::judge(&look)))
}
