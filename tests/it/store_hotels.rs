//! What is in force: one plan at a time, pauses, secrets; and the store's one promise about failing writes.

use crate::support::build::{self, id};
use crate::support::on_both_engines;
use crate::support::world::World;
use futures_util::FutureExt;
use hotelbot::domain::hotel::Hotel;
use hotelbot::ports::Clock;
use hotelbot::store::hotels::{HotelChange, SealedSecret};
use hotelbot::store::{Store, StoreError, Tx};
use jiff::SignedDuration;

on_both_engines!(
    a_plan_on_an_old_revision_is_refused,
    of_two_plans_made_at_once_exactly_one_is_applied,
    a_plan_is_applied_whole_or_not_at_all,
    a_retired_hotel_is_no_longer_in_force_and_can_come_back,
    one_number_serves_one_hotel,
    a_number_can_move_to_another_hotel_in_one_plan,
    another_instance_forgets_what_was_known_about_the_line,
    pausing_and_resuming,
    the_fingerprint_changes_with_what_is_in_force,
    a_secret_is_replaced_and_kept_apart,
    a_failed_work_takes_no_other_with_it,
);

fn put(hotel: Hotel) -> HotelChange {
    HotelChange::Put(Box::new(hotel))
}

async fn apply(world: &World, base: i64, changes: Vec<HotelChange>) -> Result<i64, StoreError> {
    world.store.apply_hotels(base, changes, "a test".to_owned(), world.clock.now()).await
}

async fn names(store: &Store) -> Vec<String> {
    store.hotels_in_force().await.expect("read").into_iter().map(|one| one.hotel.id.to_string()).collect()
}

async fn a_plan_on_an_old_revision_is_refused(world: World) {
    assert_eq!(world.store.revision().await.expect("read"), 0);
    assert_eq!(apply(&world, 0, vec![put(build::hotel("astoria"))]).await.expect("applied"), 1);

    let stale = apply(&world, 0, vec![put(build::hotel("seaview"))]).await;

    assert!(matches!(stale, Err(StoreError::Conflict(_))), "{stale:?}");
    assert_eq!(names(&world.store).await, ["astoria"]);
    assert_eq!(apply(&world, 1, vec![put(build::hotel("seaview"))]).await.expect("applied"), 2);
    let line = world.store.hotels_in_force().await.expect("read").remove(1);
    assert_eq!((line.hotel, line.revision), (build::hotel("seaview"), 2));
}

async fn of_two_plans_made_at_once_exactly_one_is_applied(world: World) {
    let other = world.db.open().await;
    for round in 0..20 {
        let now = world.clock.now();
        let plan = |name: &str| vec![put(build::hotel(&format!("{name}-{round}")))];

        let (here, there) = tokio::join!(
            world.store.apply_hotels(round, plan("a"), "one".to_owned(), now),
            other.apply_hotels(round, plan("b"), "two".to_owned(), now),
        );

        let outcomes = [here, there];
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "round {round}: {outcomes:?}");
        let refused = outcomes.into_iter().find_map(Result::err).expect("one was refused");
        assert!(matches!(refused, StoreError::Conflict(_)), "{refused:?}");
        assert_eq!(world.store.revision().await.expect("read"), round + 1);
    }
    assert_eq!(names(&world.store).await.len(), 20);
}

async fn a_plan_is_applied_whole_or_not_at_all(world: World) {
    let changes = vec![put(build::hotel("astoria")), HotelChange::Retire(id("never-was-there"))];

    assert!(apply(&world, 0, changes).await.is_err());

    assert!(names(&world.store).await.is_empty());
    assert_eq!(world.store.revision().await.expect("read"), 0);
}

async fn a_retired_hotel_is_no_longer_in_force_and_can_come_back(world: World) {
    let astoria = world.hotel("astoria").await;
    let reply = build::reply(&world.clock, "reply:1", "an answer");
    world.answered(&astoria, "79001112233@c.us", "M1", vec![reply]).await;

    apply(&world, 1, vec![HotelChange::Retire(astoria.clone())]).await.expect("applied");
    assert!(names(&world.store).await.is_empty());
    assert!(world.take_all().await.is_empty(), "nothing leaves a retired hotel");
    assert!(!world.store.pause(astoria.clone(), None, world.clock.now()).await.expect("answered"));
    assert!(!world.store.resume(astoria).await.expect("answered"));

    apply(&world, 2, vec![put(build::hotel("astoria"))]).await.expect("applied");
    assert_eq!(names(&world.store).await, ["astoria"]);
    assert_eq!(world.number("SELECT COUNT(*) FROM revisions").await, 3);
    assert_eq!(world.number("SELECT COUNT(*) FROM messages").await, 2, "its conversations stay");
}

async fn one_number_serves_one_hotel(world: World) {
    world.hotel("astoria").await;
    let mut twin = build::hotel("seaview");
    twin.whatsapp.instance = build::hotel("astoria").whatsapp.instance;

    let refused = apply(&world, 1, vec![put(twin)]).await;

    assert!(matches!(&refused, Err(StoreError::Conflict(why)) if why.contains("instance")), "{refused:?}");
    assert_eq!(names(&world.store).await, ["astoria"]);
}

async fn a_number_can_move_to_another_hotel_in_one_plan(world: World) {
    let astoria = world.hotel("astoria").await;
    let mut heir = build::hotel("seaview");
    heir.whatsapp.instance = build::hotel("astoria").whatsapp.instance;

    apply(&world, 1, vec![put(heir), HotelChange::Retire(astoria)]).await.expect("applied");

    assert_eq!(names(&world.store).await, ["seaview"]);
}

async fn another_instance_forgets_what_was_known_about_the_line(world: World) {
    let astoria = world.hotel("astoria").await;
    apply(&world, 1, vec![put(build::hotel("astoria"))]).await.expect("applied");
    let same = world.store.hotels_in_force().await.expect("read").remove(0);
    assert!(same.line_state.is_some());

    let mut moved = build::hotel("astoria");
    moved.whatsapp.instance = "1101999999".into();
    apply(&world, 2, vec![put(moved)]).await.expect("applied");

    let other = world.store.hotels_in_force().await.expect("read").remove(0);
    assert_eq!((other.hotel.id, other.line_state), (astoria, None));
}

async fn pausing_and_resuming(world: World) {
    let astoria = world.hotel("astoria").await;
    let since = world.clock.now();
    assert!(world.store.pause(astoria.clone(), Some("renovation".to_owned()), since).await.expect("paused"));
    let later = world.clock.turn(SignedDuration::from_secs(60));
    assert!(world.store.pause(astoria.clone(), Some("still".to_owned()), later).await.expect("paused"));

    let paused = world.store.hotels_in_force().await.expect("read").remove(0);
    assert_eq!((paused.paused_at, paused.paused_reason.as_deref()), (Some(since), Some("still")));
    assert!(world.store.resume(astoria).await.expect("resumed"));
    let resumed = world.store.hotels_in_force().await.expect("read").remove(0);
    assert_eq!((resumed.paused_at, resumed.paused_reason), (None, None));
    assert!(!world.store.pause(id("nowhere"), None, later).await.expect("answered"));
}

fn secret(hotel: &str, name: &str, sealed: &str) -> SealedSecret {
    SealedSecret {
        hotel: id(hotel),
        name: name.to_owned(),
        key_id: "k1".to_owned(),
        nonce: "bm9uY2U=".to_owned(),
        sealed: sealed.to_owned(),
    }
}

async fn the_fingerprint_changes_with_what_is_in_force(world: World) {
    let mut seen = vec![world.store.in_force_fingerprint().await.expect("read")];
    let astoria = world.hotel("astoria").await;
    let steps = ["put", "put again", "pause", "resume", "secret", "another secret", "retire"];
    for step in steps {
        let now = world.clock.turn(SignedDuration::from_secs(1));
        let base = world.store.revision().await.expect("read");
        match step {
            "pause" => drop(world.store.pause(astoria.clone(), None, now).await.expect("paused")),
            "resume" => drop(world.store.resume(astoria.clone()).await.expect("resumed")),
            "secret" => world.store.put_secret(secret("astoria", "token", "one"), now).await.expect("kept"),
            "another secret" => world.store.put_secret(secret("astoria", "token", "two"), now).await.expect("kept"),
            "retire" => drop(apply(&world, base, vec![HotelChange::Retire(astoria.clone())]).await.expect("applied")),
            _ => drop(apply(&world, base, vec![put(build::hotel("astoria"))]).await.expect("applied")),
        }
        let fingerprint = world.store.in_force_fingerprint().await.expect("read");
        assert_ne!(Some(&fingerprint), seen.last(), "after {step}");
        assert_eq!(world.store.in_force_fingerprint().await.expect("read"), fingerprint);
        seen.push(fingerprint);
    }
}

async fn a_secret_is_replaced_and_kept_apart(world: World) {
    let now = world.clock.now();
    for one in [
        secret("seaview", "token", "of another hotel"),
        secret("astoria", "webhook_token", "of another name"),
        secret("astoria", "token", "old"),
        secret("astoria", "token", "new"),
    ] {
        world.store.put_secret(one, now).await.expect("kept");
    }

    assert_eq!(
        world.store.secrets().await.expect("read"),
        [
            secret("astoria", "token", "new"),
            secret("astoria", "webhook_token", "of another name"),
            secret("seaview", "token", "of another hotel"),
        ]
    );
}

/// Writes one guest by hand, then fails if told so.
async fn one_guest(store: &Store, name: String, fails: bool) -> Result<(), StoreError> {
    store
        .write(move |tx| {
            async move {
                let insert = "INSERT INTO guests (hotel_id, guest_id, created_at) VALUES ('astoria', $1, 0)";
                match tx {
                    Tx::Sqlite(tx) => sqlx::query(insert).bind(&name).execute(&mut **tx).await.map(|_| ())?,
                    Tx::Postgres(tx) => sqlx::query(insert).bind(&name).execute(&mut **tx).await.map(|_| ())?,
                }
                if fails { Err(StoreError::Refused("on purpose".to_owned())) } else { Ok(()) }
            }
            .boxed()
        })
        .await
}

async fn a_failed_work_takes_no_other_with_it(world: World) {
    world.hotel("astoria").await;

    let mut works = tokio::task::JoinSet::new();
    for n in 0..200 {
        let store = world.store.clone();
        works.spawn(async move {
            let outcome = match n % 4 {
                // Fails by itself after writing, fails in the database, succeeds.
                1 => one_guest(&store, format!("guest-{n}"), true).await,
                2 => store.apply_hotels(99, Vec::new(), String::new(), jiff::Timestamp::UNIX_EPOCH).await.map(drop),
                3 => one_guest(&store, "the same key".to_owned(), false).await,
                _ => one_guest(&store, format!("guest-{n}"), false).await,
            };
            (n, outcome)
        });
    }

    let mut same_key = 0;
    for (n, outcome) in works.join_all().await {
        match n % 4 {
            1 => assert!(matches!(outcome, Err(StoreError::Refused(_))), "{n}: {outcome:?}"),
            2 => assert!(matches!(outcome, Err(StoreError::Conflict(_))), "{n}: {outcome:?}"),
            3 => same_key += i32::from(outcome.is_ok()),
            _ => outcome.unwrap_or_else(|error| panic!("{n}: {error:?}")),
        }
    }
    assert_eq!(same_key, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM guests").await, 51);
    let left = "SELECT COUNT(*) FROM guests WHERE guest_id IN ('guest-1', 'guest-5', 'guest-197')";
    assert_eq!(world.number(left).await, 0);
}
