//! Work that one step took for the next in its own commit, handed over in memory: a message that may leave at once is
//! marked as being sent where its turn is committed, and a chat that may be answered at once is taken where its
//! message is stored. What nobody is there to take is found by the next step's own look at the database.

use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// Where a step says what it would take, and where that is put. `R` is a request, `T` what was taken.
pub struct Handover<R, T>(Mutex<Option<Arc<Gate<R, T>>>>);

/// An open handover. While one is held, its taker waits for what comes through.
pub struct Gate<R, T> {
    request: Box<dyn Fn() -> Option<R> + Send + Sync>,
    queue: mpsc::UnboundedSender<T>,
}

impl<R, T> Default for Handover<R, T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<R, T> Handover<R, T> {
    /// Opens it for a taker: `request` says what it has room for at the moment of asking. What comes ends after
    /// `close`, once nobody holds the gate.
    pub(super) fn open(&self, request: impl Fn() -> Option<R> + Send + Sync + 'static) -> mpsc::UnboundedReceiver<T> {
        let (queue, taken) = mpsc::unbounded_channel();
        if let Ok(mut gate) = self.0.lock() {
            *gate = Some(Arc::new(Gate { request: Box::new(request), queue }));
        }
        taken
    }

    /// Nothing more is taken for this taker.
    pub(super) fn close(&self) {
        if let Ok(mut gate) = self.0.lock() {
            *gate = None;
        }
    }

    /// The gate, if a taker is there.
    pub(super) fn gate(&self) -> Option<Arc<Gate<R, T>>> {
        self.0.lock().ok().and_then(|gate| gate.clone())
    }
}

impl<R, T> Gate<R, T> {
    /// What the taker has room for now.
    pub(super) fn request(&self) -> Option<R> {
        (self.request)()
    }

    /// Hands it over. A taker that died meanwhile leaves it to the leases and to `reconcile`, as any crash does.
    pub(super) fn hand(&self, taken: T) {
        let _ = self.queue.send(taken);
    }
}
