//! What is wrong with where a hotel's stays come from, for `status` and `doctor`.

use crate::hotels::line::reference;
use crate::words;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::plan::spell_duration;
use hotelbot::domain::schedule::judge::{NEVER_STALE, stale_after};
use hotelbot::ports::Line;
use hotelbot::store::Store;
use hotelbot::store::stale::Stale;
use jiff::{Timestamp, ToSpan};
use std::time::Duration;

/// The word of `pms.kind` for a PMS that delivers to us.
const WEBHOOK: &str = "webhook";

/// Why the hotel's PMS is not let in, if it should be; `line` is how the hotel is reached, its secrets looked up.
pub fn not_let_in(hotel: &Hotel, line: &Line) -> Option<String> {
    let pms = hotel.pms.as_ref().filter(|_| line.pms_secret.is_none())?;
    match &pms.secret {
        None if pms.kind != WEBHOOK => None,
        None => Some("the PMS is not let in: `pms` has no `secret`".to_owned()),
        Some(secret) => Some(format!("the PMS is not let in: its secret, {}, is not there", reference(secret))),
    }
}

/// That guests are not written to because the PMS has been silent for too long.
pub async fn silent(hotel: &Hotel, store: &Store, now: Timestamp) -> anyhow::Result<Option<String>> {
    let (limit, today) = (stale_after(hotel), now.to_zoned(hotel.time_zone()).date());
    let stale = Stale {
        told_before: now.saturating_sub(limit)?,
        never: &NEVER_STALE,
        departing_from: today.saturating_sub(1.day()),
    };
    let found = store.stale_stays(&hotel.id, stale).await?;
    let Some(told_at) = found.told_at else { return Ok(None) };
    let limit = Duration::try_from(limit).unwrap_or_default();
    let silent = words::span(words::since(now, told_at));
    let count = usize::try_from(found.count).unwrap_or(0);
    let stays = words::count(count, "stay gets no message", "stays get no message");
    Ok(Some(format!("{stays}: the PMS was last heard of {silent} ago, and `stale_after` is {}", spell_duration(limit))))
}
