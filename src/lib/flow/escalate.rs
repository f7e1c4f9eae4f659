//! Alerts → the people who must hear of them, over the hotel's own number, until somebody takes them and until they are
//! resolved. Also at night, also with the model down: nothing here waits for anything but the database.

use super::Flow;
use super::in_force::Served;
use crate::domain::hotel::StaffContact;
use crate::domain::ids::ChatAddress;
use crate::domain::ladder::{Told, in_order, next};
use crate::domain::staff_command::OnDesk;
use crate::domain::staff_texts::notice;
use crate::ports::Topic;
use crate::store::notices::{Climb, Judge, Tell};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often is looked whether an alert is due: an index look-up.
const EVERY: Duration = Duration::from_millis(200);

/// Tells until stopped.
pub async fn run(flow: Flow, stop: CancellationToken) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = tick.tick() => {}
        }
        if let Err(error) = look(&flow).await {
            super::stumbled("escalate", &error, &stop).await;
        }
    }
}

/// One look; returns how many messages were planned.
pub async fn look(flow: &Flow) -> crate::store::Result<usize> {
    let now = flow.now();
    if flow.store.next_alert_at().await?.is_none_or(|next| next > now) {
        return Ok(0);
    }
    let clock = flow.clock.clone();
    let planned = flow.store.climb(now, judge(flow, now), Arc::new(move || clock.new_id())).await?;
    metrics::counter!("hotelbot_alert_notices_total", "channel" => "whatsapp").increment(planned as u64);
    if planned > 0 {
        flow.bell.ring(Topic::Outbox);
        flow.bell.ring(Topic::Journal);
    }
    Ok(planned)
}

fn judge(flow: &Flow, now: Timestamp) -> Judge {
    let hotels = flow.hotels.clone();
    Arc::new(move |on_desk, told| match hotels.get(&on_desk.alert.hotel) {
        Some(served) => climb(&served, on_desk, told, now, &|address| hotels.is_a_hotel(address)),
        None => Climb { look_at: now.checked_add(jiff::SignedDuration::from_mins(10)).ok(), ..Climb::default() },
    })
}

fn climb(
    served: &Served,
    on_desk: &OnDesk,
    told: &[Told],
    now: Timestamp,
    is_a_hotel: &dyn Fn(&ChatAddress) -> bool,
) -> Climb {
    let hotel = &served.hotel;
    // A bot is no colleague: nobody would read what it is told.
    let reachable = |contact: &&StaffContact| contact.address().is_some_and(|address| !is_a_hotel(&address));
    let contacts: Vec<&StaffContact> =
        in_order(&hotel.staff.contacts, on_desk.alert.department.as_deref()).into_iter().filter(reachable).collect();
    let rung = next(&on_desk.alert, &contacts, told, &hotel.sla, now);
    let language = hotel.staff.language.unwrap_or_else(|| hotel.fallback_language());
    let tell = rung.tell.into_iter().filter_map(|contact| {
        Some(Tell {
            contact: contact.id.clone(),
            address: contact.address()?,
            round: rung.round,
            text: notice(on_desk, language, rung.round),
        })
    });
    Climb { tell: tell.collect(), escalates: rung.escalates, look_at: rung.look_at }
}
