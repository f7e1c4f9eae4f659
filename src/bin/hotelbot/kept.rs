//! Whether a hotel still has messages that it promised not to keep.

use crate::words;
use hotelbot::domain::hotel::Hotel;
use hotelbot::store::{Store, StoreError};
use jiff::Timestamp;
use std::time::Duration;

/// The daemon looks every six hours; what is a day late nobody looks for.
const LATE: Duration = Duration::from_hours(24);

/// What is wrong, in words; `None` if nothing is.
pub async fn too_long(store: &Store, hotel: &Hotel, now: Timestamp) -> Result<Option<String>, StoreError> {
    let Some(oldest) = store.oldest_message(&hotel.id).await? else { return Ok(None) };
    let (age, keeps) = (words::since(now, oldest), hotel.privacy.keep_messages);
    let problem = || format!("messages are kept for {}, and one is {} old", words::span(keeps), words::span(age));
    Ok((age > keeps + LATE).then(problem))
}
