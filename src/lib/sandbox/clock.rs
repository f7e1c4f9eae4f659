//! Time in the emulators: waits run on emulated time, which may pass faster than real time; the stamps in bodies are
//! always real, so that a client which compares them with its own clock sees nothing strange.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// A point of emulated time, in microseconds since the sandbox started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Moment(u64);

impl Moment {
    /// A moment that does not come.
    pub const NEVER: Self = Self(u64::MAX);

    /// This moment, later by a stretch of emulated time.
    #[must_use]
    pub fn plus(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(micros(wait)))
    }

    /// How much emulated time has passed since an earlier moment; zero if it is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

/// What the clock says: the emulated moment for waits and the real time for stamps.
#[derive(Debug, Clone, Copy, Default)]
pub struct Now {
    /// The emulated moment.
    pub at: Moment,
    /// The real time, in milliseconds since 1970.
    pub unix_ms: i64,
}

impl Now {
    /// The real time in whole seconds since 1970, as vendors print it.
    #[must_use]
    pub fn unix(self) -> i64 {
        self.unix_ms / 1000
    }

    /// The same clock later, both times moved by the same stretch. Tests advance time with it.
    #[must_use]
    pub fn later(self, wait: Duration) -> Self {
        Self { at: self.at.plus(wait), unix_ms: self.unix_ms + i64::try_from(wait.as_millis()).unwrap_or(i64::MAX) }
    }
}

/// The running clock of a sandbox.
#[derive(Debug, Clone)]
pub struct Clock {
    started: Instant,
    unix_ms: i64,
    scale: f64,
}

impl Clock {
    /// Starts at moment zero; `scale` is how many emulated seconds pass in a real one (values below 0.001 count as that).
    #[must_use]
    pub fn start(scale: f64) -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let unix_ms = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
        Self { started: Instant::now(), unix_ms, scale: if scale >= 0.001 { scale } else { 0.001 } }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Now {
        let real = self.started.elapsed();
        Now {
            at: Moment(micros(real.mul_f64(self.scale))),
            unix_ms: self.unix_ms + i64::try_from(real.as_millis()).unwrap_or(i64::MAX),
        }
    }

    /// How long an emulated stretch lasts in reality.
    #[must_use]
    pub fn real(&self, emulated: Duration) -> Duration {
        emulated.div_f64(self.scale)
    }

    /// Sleeps for a stretch of emulated time.
    pub async fn sleep(&self, emulated: Duration) {
        tokio::time::sleep(self.real(emulated)).await;
    }

    /// Sleeps until an emulated moment; at once if it has passed, for ever if there is none.
    pub async fn sleep_until(&self, moment: Option<Moment>) {
        match moment {
            Some(moment) => self.sleep(moment.since(self.now().at)).await,
            None => std::future::pending().await,
        }
    }
}

fn micros(wait: Duration) -> u64 {
    u64::try_from(wait.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emulated_waits_shrink_by_the_scale() {
        let clock = Clock::start(1000.0);

        assert_eq!(clock.real(Duration::from_secs(60)), Duration::from_millis(60));
    }

    #[test]
    fn later_moves_both_times() {
        let now = Now::default().later(Duration::from_millis(1500));

        assert_eq!(now.unix(), 1);
        assert_eq!(now.at.since(Moment::default()), Duration::from_millis(1500));
    }
}
