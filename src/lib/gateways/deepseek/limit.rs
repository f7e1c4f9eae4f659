//! How many calls run at once. The vendor's real ceiling shrinks with the balance and is not announced, so a 429 lowers
//! ours and success raises it again, one by one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// After a 429 further ones are of the same crowd for this long.
const SAME_CROWD: Duration = Duration::from_secs(1);
/// So many answers raise the limit by one.
const ANSWERS_TO_RAISE: u32 = 8;

/// The limit of one account.
#[derive(Debug)]
pub struct Limit {
    most: usize,
    slots: Arc<Semaphore>,
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    limit: usize,
    running: usize,
    /// Slots to take away as calls end, because they were in use when the limit fell.
    debt: usize,
    answers: u32,
    lowered_at: Option<Instant>,
}

/// The right to make one call; given back when dropped.
#[derive(Debug)]
pub struct Slot<'a> {
    limit: &'a Limit,
    permit: Option<OwnedSemaphorePermit>,
}

impl Limit {
    /// At most so many, at least one.
    pub fn new(most: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        let now = Now { limit: most, running: 0, debt: 0, answers: 0, lowered_at: None };
        Self { most, slots: Arc::new(Semaphore::new(most)), now: Mutex::new(now) }
    }

    /// Waits for a slot, in the order of asking.
    pub async fn acquire(&self) -> Slot<'_> {
        let permit = Arc::clone(&self.slots).acquire_owned().await.expect("the semaphore is never closed");
        self.locked().running += 1;
        Slot { limit: self, permit: Some(permit) }
    }

    /// The vendor said 429: a quarter less than are running.
    pub fn lower(&self, at: Instant) {
        let mut now = self.locked();
        if now.lowered_at.is_some_and(|before| at < before + SAME_CROWD) {
            return;
        }
        let lower = (now.limit.min(now.running) * 3 / 4).max(1);
        let surplus = now.limit - lower;
        now.debt += surplus - self.slots.forget_permits(surplus);
        now.limit = lower;
        now.answers = 0;
        now.lowered_at = Some(at);
    }

    /// The vendor answered: slowly back towards the most.
    pub fn answered(&self) {
        let mut now = self.locked();
        if now.limit == self.most {
            return;
        }
        now.answers += 1;
        if now.answers >= ANSWERS_TO_RAISE {
            now.answers = 0;
            now.limit += 1;
            match now.debt.checked_sub(1) {
                Some(less) => now.debt = less,
                None => self.slots.add_permits(1),
            }
        }
    }

    /// The limit now, and how many calls run.
    pub fn status(&self) -> (usize, usize) {
        let now = self.locked();
        (now.limit, now.running)
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let mut now = self.limit.locked();
        now.running = now.running.saturating_sub(1);
        if let (Some(less), Some(permit)) = (now.debt.checked_sub(1), self.permit.take()) {
            now.debt = less;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn take(limit: &Limit) -> Option<Slot<'_>> {
        limit.acquire().now_or_never()
    }

    #[test]
    fn a_429_lowers_the_limit_below_what_runs_once_a_crowd() {
        let limit = Limit::new(10);
        let start = Instant::now();
        let running: Vec<_> = (0..8).map(|_| take(&limit).expect("free")).collect();

        limit.lower(start);
        limit.lower(start);

        assert_eq!(limit.status(), (6, 8));
        assert!(take(&limit).is_none());
        drop(running);
        let again: Vec<_> = (0..7).map_while(|_| take(&limit)).collect();
        assert_eq!(again.len(), 6);
    }

    #[test]
    fn answers_raise_it_again_to_the_most_and_no_further() {
        let limit = Limit::new(4);
        let slots: Vec<_> = (0..4).map(|_| take(&limit).expect("free")).collect();
        limit.lower(Instant::now());
        assert_eq!(limit.status().0, 3);

        (0..80).for_each(|_| limit.answered());

        assert_eq!(limit.status().0, 4);
        drop(slots);
        assert_eq!((0..9).map_while(|_| take(&limit)).collect::<Vec<_>>().len(), 4);
    }

    #[test]
    fn at_least_one_call_always_runs() {
        let limit = Limit::new(1);
        let slot = take(&limit);
        limit.lower(Instant::now());
        drop(slot);

        assert!(take(&limit).is_some());
    }
}
