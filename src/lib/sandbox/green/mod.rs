//! The emulator of Green API: a registry of instances, one task pair for each, and the HTTP face in `api`.
//! It may import the clock, the switches and the server beside it, and nothing of hotelbot's own client.

pub mod account;
pub mod api;
pub mod content;
pub mod errors;
pub mod faults;
pub mod files;
pub mod guest;
pub mod instance;
pub mod journal;
pub mod limits;
pub mod notifications;
pub mod outgoing;
pub mod phase;
pub mod push;
pub mod sending;
pub mod service;
pub mod settings;
pub mod telling;
pub mod validate;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use instance::{State, Timing};

use super::clock::{Clock, Moment, Now};

/// How many pushes are remembered per instance.
const DELIVERIES_KEPT: usize = 10_000;

/// How the emulator behaves as a whole.
#[derive(Debug, Clone)]
pub struct GreenOptions {
    /// Whether an unknown instance is created on its first use, with whatever token comes.
    pub accept_any_instance: bool,
    /// Whether the vendor's limits of calls per second hold.
    pub rate_limits: bool,
    /// How long a pushed notification may take to be answered, in real time.
    pub webhook_timeout: Duration,
    /// How new instances keep time.
    pub timing: Timing,
}

/// One push of a notification and how it ended.
#[derive(Debug, Clone, serde::Serialize)]
pub struct PushRecord {
    /// The notification's number.
    pub receipt: u64,
    /// The vendor's `typeWebhook`.
    pub type_webhook: &'static str,
    /// The message it was about.
    pub id_message: String,
    /// Real milliseconds since 1970 when the answer came.
    pub at_ms: i64,
    /// How long the answer took, in microseconds.
    pub took_us: u64,
    /// The HTTP status; absent if there was no answer.
    pub status: Option<u16>,
}

/// A state machine with what waits for it.
#[derive(Debug)]
pub struct Instance {
    /// `idInstance`.
    pub id: u64,
    state: Mutex<State>,
    /// Rung when a notification has joined the queue.
    arrived: Notify,
    /// Rung when the pusher has something to do.
    push: Notify,
    /// Rung when the next due moment has come nearer.
    timer: Notify,
    pushes: Mutex<VecDeque<PushRecord>>,
}

impl Instance {
    fn new(state: State) -> Self {
        Self {
            id: state.id,
            state: Mutex::new(state),
            arrived: Notify::new(),
            push: Notify::new(),
            timer: Notify::new(),
            pushes: Mutex::new(VecDeque::new()),
        }
    }

    /// Locks the state as it is. Nothing that is due is done.
    pub fn peek(&self) -> MutexGuard<'_, State> {
        held(&self.state)
    }

    /// Changes the state, does what has become due, and wakes whoever waits for it.
    pub fn change<T>(&self, now: Now, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = held(&self.state);
        let result = change(&mut state);
        let next = state.advance(now);
        let sooner = next.is_some_and(|next| state.timer_at.is_none_or(|at| next < at));
        if sooner {
            state.timer_at = next;
        }
        let (waiting, pushed) = (!state.notifications.is_empty(), !state.active.webhook_url.is_empty());
        drop(state);
        self.wake(waiting, pushed);
        if sooner {
            self.timer.notify_one();
        }
        result
    }

    /// Does what is due and says when to come again.
    fn step(&self, now: Now) -> Option<Moment> {
        let mut state = held(&self.state);
        let next = state.advance(now);
        state.timer_at = next;
        let (waiting, pushed) = (!state.notifications.is_empty(), !state.active.webhook_url.is_empty());
        drop(state);
        self.wake(waiting, pushed);
        next
    }

    fn wake(&self, waiting: bool, pushed: bool) {
        match (waiting, pushed) {
            (true, true) => self.push.notify_one(),
            (true, false) => self.arrived.notify_waiters(),
            (false, _) => {}
        }
    }

    /// The pushes so far, oldest first.
    #[must_use]
    pub fn pushes(&self) -> Vec<PushRecord> {
        held(&self.pushes).iter().cloned().collect()
    }

    fn record(&self, push: PushRecord) {
        let mut pushes = held(&self.pushes);
        if pushes.len() == DELIVERIES_KEPT {
            pushes.pop_front();
        }
        pushes.push_back(push);
    }

    /// Does what is due at each due moment, until stopped.
    async fn keep_time(self: Arc<Self>, clock: Clock, stop: CancellationToken) {
        loop {
            let next = self.step(clock.now());
            tokio::select! {
                () = clock.sleep_until(next) => {}
                () = self.timer.notified() => {}
                () = stop.cancelled() => return,
            }
        }
    }
}

/// Locks even after a panic elsewhere: the emulator keeps answering.
pub(in crate::sandbox) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All instances.
#[derive(Debug)]
pub struct Green {
    /// How it behaves.
    pub options: GreenOptions,
    /// Its time.
    pub clock: Clock,
    /// Uploaded files.
    pub files: files::Files,
    instances: RwLock<HashMap<u64, Arc<Instance>>>,
    /// Whether the limits hold now: at first as in the options.
    pub rate_limits: AtomicBool,
    /// Order of acceptance over all instances.
    seq: AtomicU64,
    /// Rung for every accepted send.
    pub accepted: Notify,
    accepted_count: AtomicU64,
    total: Arc<AtomicUsize>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Green {
    /// No instances yet; their tasks end when `stop` is cancelled.
    #[must_use]
    pub fn new(options: GreenOptions, clock: Clock, url: &str, stop: CancellationToken) -> Self {
        Self {
            rate_limits: AtomicBool::new(options.rate_limits),
            options,
            clock,
            files: files::Files::new(url),
            instances: RwLock::default(),
            seq: AtomicU64::new(0),
            accepted: Notify::new(),
            accepted_count: AtomicU64::new(0),
            total: Arc::default(),
            stop,
            tasks: TaskTracker::new(),
        }
    }

    /// An existing instance.
    #[must_use]
    pub fn find(&self, id: u64) -> Option<Arc<Instance>> {
        self.instances.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// All instances, by id.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Instance>> {
        let mut all: Vec<_> = self.instances.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        all.sort_by_key(|instance| instance.id);
        all
    }

    /// An existing instance, or a new one with this token.
    pub fn find_or_create(self: &Arc<Self>, id: u64, token: &str) -> Arc<Instance> {
        if let Some(found) = self.find(id) {
            return found;
        }
        let mut instances = self.instances.write().unwrap_or_else(PoisonError::into_inner);
        let start = || {
            let mut state = State::new(id, token.to_owned(), self.total.clone(), self.options.timing.clone());
            state.files_url = self.files.url();
            let instance = Arc::new(Instance::new(state));
            self.tasks.spawn(instance.clone().keep_time(self.clock.clone(), self.stop.clone()));
            self.tasks.spawn(push::run(instance.clone(), self.clone()));
            instance
        };
        instances.entry(id).or_insert_with(start).clone()
    }

    /// Forgets every message, notification and switch; the instances stay, with their tokens and settings.
    pub fn forget_all(&self) {
        for instance in self.all() {
            instance.change(self.clock.now(), State::forget);
            held(&instance.pushes).clear();
        }
        self.accepted_count.store(0, Ordering::Relaxed);
    }

    /// The next number in the order of acceptance.
    pub fn next_seq(&self) -> u64 {
        self.seq.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Counts an accepted send and wakes who waits for it.
    pub fn count_accepted(&self) {
        self.accepted_count.fetch_add(1, Ordering::Relaxed);
        self.accepted.notify_waiters();
    }

    /// How many sends have been accepted so far.
    #[must_use]
    pub fn accepted_count(&self) -> u64 {
        self.accepted_count.load(Ordering::Relaxed)
    }

    /// Stopped when the sandbox is.
    #[must_use]
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Waits until the instances' tasks have ended, after `stop`.
    pub async fn stopped(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}
