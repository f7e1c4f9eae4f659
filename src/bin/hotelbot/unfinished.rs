//! What a program began and did not bring to its end: it is at it, or it was killed.

use crate::words;
use hotelbot::store::{Result, Store};
use jiff::Timestamp;

/// What is unfinished, a line each.
pub async fn lines(store: &Store, now: Timestamp) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let counted = |left: i64| words::count(usize::try_from(left).unwrap_or(0), "stay is", "stays are");
    for import in store.unfinished_imports().await? {
        let (hotel, left, ago) = (import.hotel, counted(import.left), words::ago(now, import.worked_at));
        lines.push(format!("{hotel}: {left} still to be told of an import, last touched {ago}"));
    }
    for open in store.open_replans().await? {
        let (hotel, left, ago) = (open.hotel, counted(open.left), words::ago(now, open.worked_at));
        lines.push(format!("{hotel}: {left} still to be planned anew after an apply, last touched {ago}"));
    }
    for (hotel, _) in store.abandoned(uuid::Uuid::max()).await? {
        lines.push(format!(
            "{hotel}: rows of an import that does not count yet; killed ones are thrown away after an hour"
        ));
    }
    Ok(lines)
}

/// What brings it to its end.
pub const HINT: &str = "`hotelbot stays list` brings it to its end, and so does a running daemon";
