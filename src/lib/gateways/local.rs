//! Bell and throttle within one process.

use crate::domain::ids::InstanceId;
use crate::ports::{Bell, Throttle, Topic};
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Wakes the tasks of this process.
#[derive(Debug, Default)]
pub struct LocalBell {
    topics: [TopicBell; Topic::ALL.len()],
}

/// A ring wakes everybody who waits; one that nobody heard is kept for the next to come.
#[derive(Debug, Default)]
struct TopicBell {
    rung: AtomicU64,
    heard: AtomicU64,
    waiters: Notify,
}

impl LocalBell {
    fn topic(&self, topic: Topic) -> &TopicBell {
        let place = match topic {
            Topic::Inbox => 0,
            Topic::Outbox => 1,
            Topic::Journal => 2,
            Topic::InForce => 3,
            Topic::Events => 4,
        };
        &self.topics[place]
    }
}

#[async_trait]
impl Bell for LocalBell {
    fn ring(&self, topic: Topic) {
        let bell = self.topic(topic);
        bell.rung.fetch_add(1, Ordering::AcqRel);
        bell.waiters.notify_waiters();
    }

    async fn wait(&self, topic: Topic, at_most: Duration) {
        let bell = self.topic(topic);
        let woken = bell.waiters.notified();
        tokio::pin!(woken);
        // Listening begins before looking, so a ring between the two is heard as well.
        woken.as_mut().enable();
        if !bell.unheard() {
            let _ = tokio::time::timeout(at_most, woken).await;
            bell.unheard();
        }
    }
}

impl TopicBell {
    /// Whether it was rung since somebody last heard it; from now on it is heard.
    fn unheard(&self) -> bool {
        let rung = self.rung.load(Ordering::Acquire);
        self.heard.swap(rung, Ordering::AcqRel) != rung
    }
}

/// Keeps the gap between two sends of one instance in this process.
#[derive(Debug, Default)]
pub struct LocalThrottle {
    free_at: Mutex<HashMap<InstanceId, Instant>>,
}

/// More than a house has hotels; past it, instances that are free again are forgotten.
const REMEMBERED: usize = 4_096;

impl LocalThrottle {
    /// How long the instance must still wait; zero when it is free.
    #[cfg(feature = "redis")]
    pub(super) fn wait_for(&self, instance: &InstanceId) -> Duration {
        let now = Instant::now();
        let free_at = self.slots().get(instance).copied();
        free_at.map_or(Duration::ZERO, |free_at| free_at.saturating_duration_since(now))
    }

    /// Notes a send that somebody else allowed.
    #[cfg(feature = "redis")]
    pub(super) fn occupy(&self, instance: &InstanceId, gap: Duration) {
        let now = Instant::now();
        self.slots().insert(instance.clone(), now + gap);
    }

    fn take_slot(&self, instance: &InstanceId, gap: Duration) -> Duration {
        let now = Instant::now();
        let mut slots = self.slots();
        if slots.len() > REMEMBERED {
            slots.retain(|_, free_at| *free_at > now);
        }
        match slots.get_mut(instance) {
            Some(free_at) if *free_at > now => return *free_at - now,
            Some(free_at) => *free_at = now + gap,
            None => {
                slots.insert(instance.clone(), now + gap);
            }
        }
        Duration::ZERO
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, HashMap<InstanceId, Instant>> {
        // A panic between two statements above cannot leave the map half changed.
        self.free_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[async_trait]
impl Throttle for LocalThrottle {
    async fn take(&self, instance: &InstanceId, gap: Duration) -> Duration {
        self.take_slot(instance, gap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn a_ring_between_two_waits_is_not_lost_and_is_heard_once() {
        let bell = LocalBell::default();
        bell.ring(Topic::Inbox);
        bell.ring(Topic::Inbox);
        let start = Instant::now();

        bell.wait(Topic::Inbox, LONG).await;
        assert_eq!(start.elapsed(), Duration::ZERO);

        bell.wait(Topic::Inbox, LONG).await;
        assert!(start.elapsed() >= LONG);
    }

    #[tokio::test(start_paused = true)]
    async fn a_ring_wakes_all_who_wait_for_the_topic_and_nobody_else() {
        let bell = Arc::new(LocalBell::default());
        let start = Instant::now();
        let wait = |topic| {
            let bell = bell.clone();
            tokio::spawn(async move {
                bell.wait(topic, LONG).await;
                start.elapsed()
            })
        };
        let (first, second, other) = (wait(Topic::Journal), wait(Topic::Journal), wait(Topic::Outbox));
        tokio::task::yield_now().await;

        bell.ring(Topic::Journal);

        assert_eq!(first.await.unwrap(), Duration::ZERO);
        assert_eq!(second.await.unwrap(), Duration::ZERO);
        assert!(other.await.unwrap() >= LONG);
    }

    #[tokio::test(start_paused = true)]
    async fn the_gap_is_kept_for_each_instance_alone() {
        let throttle = LocalThrottle::default();
        let (one, two) = (InstanceId::from("1101"), InstanceId::from("1102"));
        let gap = Duration::from_millis(500);

        assert_eq!(throttle.take(&one, gap).await, Duration::ZERO);
        assert_eq!(throttle.take(&one, gap).await, gap);
        assert_eq!(throttle.take(&two, gap).await, Duration::ZERO);
        tokio::time::advance(Duration::from_millis(200)).await;
        assert_eq!(throttle.take(&one, gap).await, Duration::from_millis(300));
        tokio::time::advance(Duration::from_millis(300)).await;
        assert_eq!(throttle.take(&one, gap).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn instances_that_are_free_again_are_forgotten() {
        let throttle = LocalThrottle::default();
        for n in 0..=REMEMBERED {
            throttle.take(&InstanceId(n.to_string()), Duration::from_millis(1)).await;
        }
        tokio::time::advance(Duration::from_millis(2)).await;

        throttle.take(&InstanceId::from("new"), Duration::from_millis(1)).await;

        assert_eq!(throttle.slots().len(), 1);
    }
}
