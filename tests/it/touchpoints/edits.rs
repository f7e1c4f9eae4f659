//! Whatever happens to stays and triggers in whichever order, what is planned is what a plan from scratch would be, but
//! for what was sent.

use super::build::{HOUR, booking, hotel, set, trigger};
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::ids::ReservationId;
use hotelbot::domain::schedule::missed::GRACE;
use hotelbot::domain::schedule::plan::{Wish, plan};
use hotelbot::domain::stay::{Booking, Reservation, ReservationStatus};
use hotelbot::domain::trigger::{Anchor, Trigger, TriggerSet};
use hotelbot::ports::Clock;
use hotelbot::store::reservations;
use jiff::civil::time;
use std::collections::BTreeMap;

on_both_engines!(random_edits_come_to_the_plan_from_scratch, finding_what_is_due_is_a_look_into_an_index);

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn triggers(dice: &mut Dice) -> TriggerSet {
    let mut daily = trigger("daily", Anchor::InHouseDaily, HOUR);
    (daily.when.by, daily.when.at) = (None, Some(time(11, 0, 0, 0)));
    let all: [Trigger; 6] = [
        trigger("arrival", Anchor::Arrival, HOUR * u32::try_from(dice.roll(4)).expect("small")),
        trigger("real-check-in", Anchor::CheckIn, HOUR),
        trigger("departure", Anchor::CheckOut, HOUR),
        trigger("changed", Anchor::BookingChanged, HOUR),
        trigger("cancelled", Anchor::BookingCancelled, HOUR),
        daily,
    ];
    let kept = all.into_iter().filter(|_| dice.roll(4) > 0);
    set(kept)
}

fn edited(dice: &mut Dice, id: u64) -> Booking {
    let phone = format!("+7921000000{}", id % 2);
    let mut booking = booking(&format!("R{id}"), &phone, &format!("2026-07-0{}", 1 + dice.roll(6)));
    booking.status = match dice.roll(8) {
        0 => ReservationStatus::Cancelled,
        1 | 2 => ReservationStatus::CheckedIn,
        3 => ReservationStatus::NoShow,
        4 => ReservationStatus::Tentative,
        _ => ReservationStatus::Confirmed,
    };
    booking.adults = Some(u32::try_from(1 + dice.roll(2)).expect("small"));
    booking
}

async fn random_edits_come_to_the_plan_from_scratch(world: World) {
    let astoria = world.put(hotel()).await;
    for seed in 1..=6 {
        let mut dice = Dice(seed);
        for _ in 0..25 {
            match dice.roll(5) {
                0 => drop(world.triggers(&astoria, triggers(&mut dice)).await),
                1 => {
                    world.clock.turn(jiff::SignedDuration::from_mins(i64::try_from(dice.roll(90)).expect("small")));
                    world.look_at_due().await;
                }
                _ => {
                    let id = dice.roll(4);
                    drop(world.told(&hotel(), vec![edited(&mut dice, id)]).await);
                }
            }
        }
        compare(&world, seed).await;
    }
    let twice = "SELECT COUNT(*) FROM (SELECT intent FROM outbox GROUP BY intent HAVING COUNT(*) > 1) AS twice";
    assert_eq!(world.number(twice).await, 0);
}

/// Key to due, and whether it is to come.
type Plan = BTreeMap<(String, String, String), (i64, bool)>;

async fn compare(world: &World, seed: u64) {
    let (stood, sent) = standing(world).await;
    let wanted = from_scratch(world).await;
    let now = world.clock.now().as_microsecond();
    for (key, (due, to_come)) in &wanted {
        // What is past was looked at already, and how that ended is another matter.
        if sent.contains(key) || *due <= now {
            continue;
        }
        assert_eq!(stood.get(key), Some(&(*due, *to_come)), "{key:?}, seed {seed}");
    }
    for (key, (_, to_come)) in &stood {
        assert!(!to_come || wanted.contains_key(key), "{key:?} is planned and not wanted, seed {seed}");
    }
}

async fn standing(world: &World) -> (Plan, Vec<(String, String, String)>) {
    let rows = world
        .db
        .raw()
        .await
        .texts(
            "SELECT reservation_id || '|' || trigger_id || '|' || occurrence || '|' || due_at || '|' || state
             FROM touchpoints",
        )
        .await;
    let (mut stood, mut sent) = (Plan::new(), Vec::new());
    for row in rows {
        let parts: Vec<&str> = row.split('|').collect();
        let [reservation, trigger, occurrence, due, state] = parts.as_slice() else { panic!("{row}") };
        let key = ((*reservation).to_owned(), (*trigger).to_owned(), (*occurrence).to_owned());
        match *state {
            "sent" => sent.push(key),
            "cancelled" => {}
            state => drop(stood.insert(key, (due.parse().expect("a number"), state == "planned"))),
        }
    }
    (stood, sent)
}

async fn from_scratch(world: &World) -> Plan {
    let ids: Vec<ReservationId> = (0..4).map(|id| ReservationId(format!("R{id}"))).collect();
    let known = world
        .store
        .look(|tx| Box::pin(async move { reservations::known(tx, &hotel().id, ids.iter()).await }))
        .await
        .expect("read");
    let stays: Vec<Reservation> = known.into_values().map(|known| known.reservation).collect();
    let in_force = world.store.triggers_in_force().await.expect("read");
    let Some(in_force) = in_force.first() else { return Plan::new() };
    let hotel = hotel();
    let wanted = stays.iter().flat_map(|stay| {
        let now = world.clock.now();
        plan(&Wish { reservation: stay, hotel: &hotel, set: &in_force.set, happenings: &[], now, grace: GRACE })
    });
    wanted
        .map(|wanted| {
            let key = (wanted.key.reservation.0, wanted.key.trigger.0, wanted.key.occurrence);
            (key, (wanted.due_at.as_microsecond(), wanted.skip.is_none()))
        })
        .collect()
}

async fn finding_what_is_due_is_a_look_into_an_index(world: World) {
    world.put(hotel()).await;
    let mut raw = world.db.raw().await;
    let numbers =
        |count: usize| format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
    raw.execute("INSERT INTO guests (hotel_id, guest_id, created_at) VALUES ('astoria', 'g', 0)")
        .await
        .expect("a guest");
    let stays = format!(
        "INSERT INTO reservations (hotel_id, reservation_id, guest_id, status, arrival, departure, booking, history,
                                   told_by, synced_at)
         {} SELECT 'astoria', 'R' || i, 'g', 'confirmed', '2026-07-01', '2026-07-02', '{{}}', '{{}}', 'csv', 0 FROM n",
        numbers(2_000)
    );
    let messages = format!(
        "INSERT INTO touchpoints (hotel_id, touchpoint_id, reservation_id, trigger_id, occurrence, state, due_at, moment,
                                  look_at, revision, planned_at, changed_at)
         {} SELECT 'astoria', 'T' || i, 'R' || (1 + i / 10), 't' || (i % 10), '',
                   CASE WHEN i % 3 = 0 THEN 'planned' ELSE 'sent' END, i, i, i, 1, 0, 0 FROM n",
        numbers(19_980)
    );
    for statement in [stays.as_str(), messages.as_str(), "ANALYZE"] {
        raw.execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let due = hotelbot::store::due::DUE;
    let (prefix, sql) = match world.db.engine {
        crate::support::db::Engine::Sqlite => ("EXPLAIN QUERY PLAN", due.lite),
        crate::support::db::Engine::Postgres => ("EXPLAIN", due.pg),
    };
    let sql = format!("{prefix} {}", sql.replace("$1", "30").replace("$2", "256"));

    let plan = raw.explain(&sql).await.join("\n");

    assert!(plan.contains("touchpoints_due"), "{plan}");
    for whole in ["Seq Scan on touchpoints", "SCAN touchpoints\n", "Seq Scan on reservations", "SCAN v\n"] {
        assert!(!format!("{plan}\n").contains(whole), "{plan}");
    }
}
