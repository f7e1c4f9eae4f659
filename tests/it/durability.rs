//! What was acknowledged survives `kill -9`: a process writes and prints what it was told is durable, and is killed
//! at random, again and again.

use crate::support::build;
use crate::support::clock::ManualClock;
use crate::support::db::{Engine, TestDb};
use hotelbot::ports::Clock;
use hotelbot::store::hotels::HotelChange;
use hotelbot::store::{OpenOptions, Store};
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Names the database to the child process; without it the child's test has nothing to do.
const DATABASE: &str = "HOTELBOT_TEST_WRITE_UNTIL_KILLED";
const KILLS: usize = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_rows_survive_thirty_kills() {
    let db = TestDb::new(Engine::Sqlite).await.expect("a file");
    prepare(&db).await;
    let mut acknowledged = HashSet::new();

    for kill in 0..KILLS {
        let told = write_until_killed(&db.url, 1 + random_below(150));
        assert!(!told.is_empty(), "kill {kill}: nothing was acknowledged");
        acknowledged.extend(told);

        let mut raw = db.raw().await;
        let kept: HashSet<String> = raw.texts("SELECT inbox_id FROM inbox").await.into_iter().collect();
        let lost: Vec<_> = acknowledged.difference(&kept).collect();
        assert!(lost.is_empty(), "kill {kill}: {} of {} acknowledged rows are gone", lost.len(), acknowledged.len());
        assert_eq!(raw.texts("PRAGMA integrity_check").await, ["ok"], "kill {kill}");
    }

    // Whole rows only: each message has its inbox row, its chat and its guest.
    let orphans = "SELECT COUNT(*) FROM messages m WHERE NOT EXISTS
                   (SELECT 1 FROM inbox i JOIN chats c ON c.chat_id = i.chat_id JOIN guests g ON g.guest_id = c.guest_id
                    WHERE i.inbox_id = m.message_id)";
    assert_eq!(db.raw().await.number(orphans).await, 0);
}

async fn prepare(db: &TestDb) {
    let store = db.open().await;
    let change = vec![HotelChange::Put(Box::new(build::hotel("astoria")))];
    store.apply_hotels(0, change, "a test".to_owned(), build::long_ago()).await.expect("the hotel is in force");
    store.close().await;
}

fn random_below(limit: u64) -> usize {
    usize::try_from(RandomState::new().hash_one(0) % limit).expect("a small number")
}

/// Runs the child until it has told of this many rows, kills it, and returns all that it told.
fn write_until_killed(url: &str, rows: usize) -> Vec<String> {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args(["--exact", "durability::writes_until_killed", "--nocapture", "--test-threads=1"])
        .env(DATABASE, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("this program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut told = Vec::new();
    while told.len() < rows {
        let line = lines.next().expect("the child writes until it is killed").expect("text");
        told.extend(line.strip_prefix("durable ").map(str::to_owned));
    }
    child.kill().expect("SIGKILL");
    // What it told before it died counts too; a line without its end was not told.
    told.extend(lines.map_while(Result::ok).filter_map(|line| whole_id(&line)));
    child.wait().expect("it is dead");
    told
}

fn whole_id(line: &str) -> Option<String> {
    line.strip_prefix("durable ").filter(|id| id.len() == 36).map(str::to_owned)
}

/// The child: many writers at once, so that commits are grouped, each telling what was made durable.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_until_killed() {
    let Ok(url) = std::env::var(DATABASE) else { return };
    let store = Store::open(&url, OpenOptions::default()).await.expect("the parent made the file");
    let (clock, astoria) = (Arc::new(hotelbot::gateways::system::SystemClock), build::id("astoria"));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..16 {
        let (store, clock, astoria) = (store.clone(), clock.clone(), astoria.clone());
        writers.spawn(async move {
            let ids = ManualClock::default();
            loop {
                let name = clock.new_id().to_string();
                let mut arrival = build::guest(&ids, &astoria, &format!("7900{writer:07}@c.us"), &name, "hello");
                (arrival.id, arrival.new_guest, arrival.new_chat) = (clock.new_id(), clock.new_id(), clock.new_id());
                let id = arrival.id;
                store.receive(vec![arrival]).await.expect("it is stored");
                let mut out = std::io::stdout().lock();
                writeln!(out, "durable {id}").and_then(|()| out.flush()).expect("the parent listens");
            }
        });
    }
    writers.join_all().await;
}
