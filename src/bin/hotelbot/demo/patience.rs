//! Waiting in the demo for what must happen.

use anyhow::bail;
use std::time::{Duration, Instant};

/// A step must have happened within this time, on the clock of the wall; the emulated model takes a third of a second, a
/// real one up to 25 s.
pub const PATIENCE: Duration = Duration::from_secs(35);

/// Looks until it finds something; `failure` says what is so if it never does.
pub async fn until<T>(
    failure: &'static str,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("after {} s {failure}", PATIENCE.as_secs())
}
