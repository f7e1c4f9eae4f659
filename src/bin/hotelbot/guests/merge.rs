//! `guests merge`: two records of one person become one.

use super::find;
use crate::args::guests::Merge;
use crate::confirm::{Answer, confirm};
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::printer::Report;
use crate::queues::short;
use crate::stays::teller;
use crate::words;
use hotelbot::domain::conversation::Consent;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct Done {
    guest: String,
    merged: String,
    hotel: String,
    chats: u64,
    stays: usize,
    dry_run: bool,
    #[serde(skip)]
    text: String,
}

impl Report for Done {
    fn text(&self) -> String {
        self.text.clone()
    }
}

/// Merges, after a yes.
pub async fn run(args: Merge, desk: &Desk) -> Outcome {
    let store = crate::stays::store(&desk.settings()?, desk).await?;
    let (keep, other) = (find(&args.keep, &store, desk).await?, find(&args.other, &store, desk).await?);
    if keep.hotel != other.hotel {
        return Err(Failure::wrong(format!(
            "these are guests of two hotels, {} and {}; hotels know nothing of each other's guests",
            keep.hotel, other.hotel
        ))
        .into());
    }
    if keep.id == other.id {
        return Err(Failure::wrong("both are the same record already").into());
    }
    let (into, from) = (short(keep.id), short(other.id));
    let stays = words::count(usize::try_from(other.stays).unwrap_or(0), "stay", "stays");
    let silent = [keep.consent, other.consent].iter().any(|consent| matches!(consent, Consent::OptedOut { .. }));
    let note = if silent { "; one of them asked for silence, which holds for both" } else { "" };
    let what = format!("{from} with its chats and {stays} into {into}{note}");
    let mut done = Done {
        guest: keep.id.to_string(),
        merged: other.id.to_string(),
        hotel: keep.hotel.to_string(),
        chats: 0,
        stays: usize::try_from(other.stays).unwrap_or(0),
        dry_run: args.dry_run,
        text: format!("Would merge {what}\n"),
    };
    if !args.dry_run {
        if confirm(&desk.global, &desk.printer, &format!("Merge {what}? It cannot be undone"))? == Answer::No {
            return Ok(Exit::Done);
        }
        let hotel = Arc::new(desk.hotel(&store, &keep.hotel).await?.hotel);
        let (merged, _) = teller(&store, desk).merge(hotel, keep.id, other.id).await?;
        (done.chats, done.stays) = (merged.chats, merged.changed.len());
        done.text = format!("Merged {what}\n\nSee it: hotelbot guests show {into}\n");
    }
    desk.printer.report(&done)?;
    Ok(Exit::Done)
}
