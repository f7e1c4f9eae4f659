//! What `serve` keeps alive: the listener, the workers, the scheduler of looks. Contains no rules.

pub mod http;
pub mod lock;
pub mod metrics;
mod server;
mod signature;
mod two_lengths;

use crate::flow::receive::Intake;
use crate::flow::{
    Flow, converse, escalate, events, forget, questions, reconcile, recover, schedule, send, stays, watch,
};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Which parts a process runs. All of them by default; several daemons on PostgreSQL may share the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    /// The public listener and polling.
    pub web: bool,
    /// Turns and sends.
    pub worker: bool,
    /// Looks at instances and at the channel's records.
    pub scheduler: bool,
}

impl Roles {
    /// Everything in one process.
    pub const ALL: Roles = Roles { web: true, worker: true, scheduler: true };
}

/// What a daemon listens on. Bound by the caller, who can then say where.
pub struct Listeners {
    /// Webhooks and health.
    pub public: Option<TcpListener>,
    /// Metrics; not for the internet.
    pub admin: Option<TcpListener>,
}

/// How a daemon runs.
#[derive(Clone)]
pub struct Options {
    /// Which parts.
    pub roles: Roles,
    /// What callers of the admin listener must show, if anything.
    pub admin_token: Option<secrecy::SecretString>,
}

/// A daemon must stop within 15 s; what does not end by then is found again by its lease.
const LONGEST_STOP: Duration = Duration::from_secs(14);

/// Runs until `stop`, then drains: not ready at once, no new work, what is under way may end. `ready` is told once
/// requests are accepted and every hotel in force is known.
pub async fn run(
    flow: Flow,
    listeners: Listeners,
    options: Options,
    ready: oneshot::Sender<()>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    flow.hotels.refresh(&flow.store).await?;
    if flow.limits.alone {
        let freed = flow.store.release_all_claims().await?;
        if freed > 0 {
            tracing::info!(chats = freed, "chats taken by an earlier run are free again");
        }
    }
    let (intake, writer) = Intake::start(&flow);
    let mut tasks = JoinSet::new();
    spawn_listeners(&mut tasks, &flow, &intake, listeners, &options, &stop);
    spawn_loops(&mut tasks, &flow, &intake, options.roles, &stop);
    drop(intake);
    // Nobody may be listening any more, which changes nothing here.
    let _ = ready.send(());
    stop.cancelled().await;
    tracing::info!("stopping: no new work is taken");
    let drained = tokio::time::timeout(LONGEST_STOP, async { while tasks.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!("some work did not end in time; it is found again at the next start");
    }
    tasks.abort_all();
    let _ = tokio::time::timeout(Duration::from_secs(1), writer).await;
    flow.store.close().await;
    Ok(())
}

fn spawn_listeners(
    tasks: &mut JoinSet<()>,
    flow: &Flow,
    intake: &Intake,
    listeners: Listeners,
    options: &Options,
    stop: &CancellationToken,
) {
    if let Some(listener) = listeners.public.filter(|_| options.roles.web) {
        let door = http::public(flow.clone(), intake.clone(), stop.clone());
        tasks.spawn(server::serve(listener, door, stop.clone()));
    }
    if let Some(listener) = listeners.admin {
        let door = http::admin(flow.clone(), options.admin_token.clone());
        tasks.spawn(server::serve(listener, door, stop.clone()));
    }
}

fn spawn_loops(tasks: &mut JoinSet<()>, flow: &Flow, intake: &Intake, roles: Roles, stop: &CancellationToken) {
    tasks.spawn(watch::run_refresh(flow.clone(), stop.clone()));
    tasks.spawn(metrics::run_upkeep(stop.clone()));
    if roles.web {
        tasks.spawn(watch::run_polls(flow.clone(), intake.clone(), stop.clone()));
    }
    if roles.worker {
        tasks.spawn(converse::run(flow.clone(), stop.clone()));
        tasks.spawn(send::run(flow.clone(), stop.clone()));
        tasks.spawn(events::run(flow.clone(), stop.clone()));
    }
    if roles.scheduler {
        tasks.spawn(schedule::run(flow.clone(), stop.clone()));
        tasks.spawn(escalate::run(flow.clone(), stop.clone()));
        tasks.spawn(watch::run_states(flow.clone(), stop.clone()));
        tasks.spawn(questions::run(flow.clone(), stop.clone()));
        tasks.spawn(stays::run(flow.clone(), stop.clone()));
        tasks.spawn(reconcile::run(flow.clone(), stop.clone()));
        tasks.spawn(forget::run(flow.clone(), stop.clone()));
        tasks.spawn(recover::run(flow.clone(), intake.clone(), stop.clone()));
    }
}
