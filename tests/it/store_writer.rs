//! SQLite's one writer when the disk is full: what was not told durable may be gone, what was told is there, and it
//! writes again as soon as there is room; and works that change very much.

use crate::support::build::{self, guest};
use crate::support::db::Engine;
use crate::support::world::{self, World};
use futures_util::FutureExt;
use hotelbot::store::inbox::Stored;
use hotelbot::store::{Store, Tx};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_nothing_that_was_acknowledged_and_is_survived() {
    world::run(Engine::Sqlite, a_full_disk).await;
}

async fn a_full_disk(world: World) {
    let astoria = world.hotel("astoria").await;
    let pages = world.number("PRAGMA page_count").await;
    limit(&world.store, pages + 60).await;

    let mut works = tokio::task::JoinSet::new();
    for n in 0..400 {
        let mut arrival = guest(&world.clock, &astoria, &format!("7900{n:07}@c.us"), &format!("M{n}"), "hello");
        arrival.raw = "x".repeat(2000);
        let store = world.store.clone();
        works.spawn(async move { (arrival.id.to_string(), store.receive(vec![arrival]).await) });
    }
    let mut acknowledged = HashSet::new();
    let mut refused = 0;
    for (id, outcome) in works.join_all().await {
        match outcome {
            Ok(_) => drop(acknowledged.insert(id)),
            Err(error) => {
                assert!(error.is_passing(), "{error:?}");
                refused += 1;
            }
        }
    }

    assert!(refused > 0, "the disk never became full");
    assert!(!acknowledged.is_empty(), "there was no room at all");
    let kept: HashSet<String> = world.db.raw().await.texts("SELECT inbox_id FROM inbox").await.into_iter().collect();
    assert!(acknowledged.is_subset(&kept), "{} acknowledged, {} kept", acknowledged.len(), kept.len());

    limit(&world.store, 1_000_000).await;
    let late = guest(&world.clock, &astoria, "79990000000@c.us", "LATE", "hello");
    assert_eq!(world.receive(vec![late.clone()]).await, [Stored::New]);
    assert_eq!(world.store.receive(vec![late]).await.expect("it writes"), [Stored::Again]);
    assert_eq!(world.db.raw().await.texts("PRAGMA integrity_check").await, ["ok"]);
    assert!(world.store.pause(build::id("astoria"), None, jiff::Timestamp::UNIX_EPOCH).await.expect("it writes"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_work_that_changes_many_pages_is_put_back_or_kept() {
    world::run(Engine::Sqlite, many_pages).await;
}

/// More than what a savepoint may put back ever had in memory.
async fn many_pages(world: World) {
    world.hotel("astoria").await;
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                INSERT INTO guests (hotel_id, guest_id, name, created_at)
                SELECT 'astoria', 'G' || i, printf('%01000d', i), 0 FROM n";
    world.db.raw().await.execute(rows).await.expect("20 MB");
    let set = |name: &'static str, fails: bool| {
        world.store.write(move |tx| async move { rename_all(tx, name, fails).await }.boxed())
    };

    assert!(set("gone", true).await.is_err());
    set("kept", false).await.expect("the disk is not full");

    assert_eq!(world.db.raw().await.texts("SELECT DISTINCT substr(name, 1, 4) FROM guests").await, ["kept"]);
    assert_eq!(world.db.raw().await.texts("PRAGMA integrity_check").await, ["ok"]);
}

async fn rename_all(tx: &mut Tx, name: &'static str, fails: bool) -> hotelbot::store::Result<()> {
    let Tx::Sqlite(tx) = tx else { panic!("this is a test of SQLite") };
    sqlx::query("UPDATE guests SET name = $1 || substr(name, 5)").bind(name).execute(&mut **tx).await?;
    if fails { Err(hotelbot::store::StoreError::Refused("put back".to_owned())) } else { Ok(()) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_stored_before_the_works_that_waited_longer() {
    world::run(Engine::Sqlite, an_event_among_works).await;
}

async fn an_event_among_works(world: World) {
    let astoria = world.hotel("astoria").await;
    let event = |n: &str| guest(&world.clock, &astoria, "79001112233@c.us", n, "hello");
    let (busy, is_busy) = oneshot::channel();
    let (go_on, may_go_on) = oneshot::channel::<()>();
    let held = Arc::new(Mutex::new(Some((busy, may_go_on))));
    let store = world.store.clone();
    let holding = tokio::spawn(async move {
        let work = store.write(move |_| {
            let held = held.lock().expect("one thread").take().expect("SQLite runs a work once");
            hold(held.0, held.1).boxed()
        });
        work.await
    });
    is_busy.await.expect("the writer works");

    let mut works: Vec<_> = (0..300).map(|_| Box::pin(world.store.write(|tx| events(tx).boxed()))).collect();
    for work in &mut works {
        assert!(futures_util::poll!(work).is_pending());
    }
    let mut first = Box::pin(world.store.receive(vec![event("M1")]));
    assert!(futures_util::poll!(&mut first).is_pending());
    go_on.send(()).expect("the writer waits");

    assert_eq!(first.await.expect("it writes"), [Stored::New]);
    for work in works {
        assert_eq!(work.await.expect("it writes"), 1, "a work came before the event");
    }
    holding.await.expect("no panic").expect("it writes");
}

/// Keeps the writer busy until it may go on.
async fn hold(busy: oneshot::Sender<()>, may_go_on: oneshot::Receiver<()>) -> hotelbot::store::Result<()> {
    busy.send(()).expect("the test waits");
    may_go_on.await.expect("the test goes on");
    Ok(())
}

/// How many events a work finds.
async fn events(tx: &mut Tx) -> hotelbot::store::Result<i64> {
    let Tx::Sqlite(tx) = tx else { panic!("this is a test of SQLite") };
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM inbox").fetch_one(&mut **tx).await?)
}

/// How many pages the writer's connection may let the file have.
async fn limit(store: &Store, pages: i64) {
    store
        .write(move |tx| async move { set_limit(tx, pages).await }.boxed())
        .await
        .expect("a full file can still change a setting: nothing is written");
}

async fn set_limit(tx: &mut Tx, pages: i64) -> hotelbot::store::Result<()> {
    let Tx::Sqlite(tx) = tx else { panic!("this is a test of SQLite") };
    let sql = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    sqlx::query(sql).fetch_one(&mut **tx).await?;
    Ok(())
}
