//! Bell and throttle on a real Redis: `HOTELBOT_TEST_REDIS` (a `redis://` URL), or a `redis-server` found on the
//! machine and started on a free port. Without either, each test says that it was skipped.

use hotelbot::domain::ids::InstanceId;
use hotelbot::gateways::redis::{Redis, RedisBell, RedisThrottle};
use hotelbot::gateways::system::SystemClock;
use hotelbot::ports::{Bell, Clock, Throttle, Topic};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const SOON: Duration = Duration::from_secs(20);

/// A Redis of our own, or somebody's by URL.
struct Server {
    url: String,
    process: Option<Child>,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts one that may be killed.
    async fn own() -> Option<Server> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        drop(listener);
        let url = format!("redis://127.0.0.1:{port}/");
        let mut server = Server { url, process: None, port, _folder: tempfile::tempdir().expect("a folder") };
        if !server.start().await {
            skipped("no `redis-server` on this machine");
            return None;
        }
        Some(server)
    }

    /// Any that answers.
    async fn any() -> Option<Server> {
        match std::env::var("HOTELBOT_TEST_REDIS") {
            Ok(url) => Some(Server { url, process: None, port: 0, _folder: tempfile::tempdir().expect("a folder") }),
            Err(_) => Server::own().await,
        }
    }

    async fn start(&mut self) -> bool {
        let folder = self._folder.path();
        let command = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"])
            .arg(self.port.to_string())
            .arg("--dir")
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(process) = command else { return false };
        self.process = Some(process);
        let deadline = Instant::now() + SOON;
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            assert!(Instant::now() < deadline, "redis-server does not come up");
            tokio::task::yield_now().await;
        }
        true
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("our own process");
            process.wait().expect("our own process");
        }
    }

    /// A connection description with a prefix of its own, so that tests on one Redis do not meet.
    fn redis(&self) -> Redis {
        Redis::new(&self.url, &format!("hotelbot-test-{}", SystemClock.new_id())).expect("a URL")
    }

    async fn run(&self, command: &[&str]) {
        let client = redis::Client::open(self.url.as_str()).expect("a URL");
        let mut connection = client.get_multiplexed_async_connection().await.expect("up");
        let mut run = redis::cmd(command[0]);
        run.arg(&command[1..]).exec_async(&mut connection).await.expect("the command runs");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

#[expect(clippy::print_stderr, reason = "whoever reads the test's output must see what was not tested")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// Rings one bell until the other hears it: a subscription needs a moment to be made.
async fn reaches(from: &RedisBell, to: &RedisBell, topic: Topic) -> bool {
    let deadline = Instant::now() + SOON;
    while Instant::now() < deadline {
        // What was heard before (a new subscription wakes everybody) must not count.
        while heard_within(to, topic, Duration::ZERO).await {}
        from.ring(topic);
        if heard_within(to, topic, Duration::from_millis(300)).await {
            return true;
        }
    }
    false
}

async fn heard_within(bell: &RedisBell, topic: Topic, limit: Duration) -> bool {
    let start = Instant::now();
    bell.wait(topic, limit + Duration::from_millis(20)).await;
    start.elapsed() < limit + Duration::from_millis(20)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ring_in_one_daemon_wakes_another_also_after_redis_was_killed() {
    let Some(mut server) = Server::own().await else { return };
    let redis = server.redis();
    let (here, there) = (
        RedisBell::start(&redis, &SystemClock).expect("starts"),
        RedisBell::start(&redis, &SystemClock).expect("starts"),
    );
    assert!(reaches(&here, &there, Topic::Inbox).await);

    server.kill();
    here.ring(Topic::Outbox);
    let start = Instant::now();
    here.wait(Topic::Outbox, SOON).await;
    assert!(start.elapsed() < Duration::from_secs(1), "a local ring does not need Redis");

    assert!(server.start().await);
    assert!(reaches(&here, &there, Topic::Journal).await);
    assert!(reaches(&there, &here, Topic::InForce).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_starts_before_redis_does() {
    let Some(mut server) = Server::own().await else { return };
    server.kill();
    let redis = server.redis();
    let (here, there) = (
        RedisBell::start(&redis, &SystemClock).expect("starts"),
        RedisBell::start(&redis, &SystemClock).expect("starts"),
    );
    here.ring(Topic::Inbox);

    assert!(server.start().await);

    assert!(reaches(&here, &there, Topic::Inbox).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_daemons_share_the_slots_of_an_instance() {
    let Some(server) = Server::any().await else { return };
    let redis = server.redis();
    let instance = InstanceId::from("1101000001");
    let gap = Duration::from_millis(100);
    let start = Instant::now();
    let daemons = (0..10).map(|_| {
        let (throttle, instance) = (RedisThrottle::new(&redis).expect("prepares"), instance.clone());
        tokio::spawn(async move {
            let mut granted = Vec::new();
            while granted.len() < 2 {
                let wait = throttle.take(&instance, gap).await;
                if wait.is_zero() {
                    granted.push(start.elapsed());
                } else {
                    assert!(wait <= gap, "{wait:?}");
                    tokio::time::sleep(wait).await;
                }
            }
            granted
        })
    });

    let mut granted = Vec::new();
    for daemon in daemons.collect::<Vec<_>>() {
        granted.extend(daemon.await.expect("finishes"));
    }
    granted.sort();

    // Twenty sends have nineteen gaps; what was measured includes the way back from Redis.
    let all = *granted.last().expect("twenty") - granted[0];
    assert!(all >= gap * 18, "{all:?} for twenty sends");
}

#[tokio::test(flavor = "multi_thread")]
async fn flushing_redis_does_not_let_a_daemon_send_sooner() {
    let Some(server) = Server::own().await else { return };
    let throttle = RedisThrottle::new(&server.redis()).expect("prepares");
    let instance = InstanceId::from("1101000001");
    let gap = Duration::from_secs(60);
    assert!(throttle.take(&instance, gap).await.is_zero());

    server.run(&["FLUSHALL"]).await;

    assert!(throttle.take(&instance, gap).await > Duration::from_secs(50));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_each_daemon_keeps_the_gap_for_itself_and_nobody_waits_long() {
    let Some(mut server) = Server::own().await else { return };
    let throttle = RedisThrottle::new(&server.redis()).expect("prepares");
    server.kill();
    let gap = Duration::from_secs(60);
    let start = Instant::now();

    let first = throttle.take(&InstanceId::from("1"), gap).await;
    let second = throttle.take(&InstanceId::from("1"), gap).await;
    let others: Vec<Duration> = {
        let mut waits = Vec::new();
        for n in 2..20 {
            waits.push(throttle.take(&InstanceId(n.to_string()), gap).await);
        }
        waits
    };

    assert!(first.is_zero());
    assert!(second > Duration::from_secs(50));
    assert!(others.iter().all(Duration::is_zero));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_redis_is_as_good_as_none() {
    let Some(server) = Server::own().await else { return };
    let throttle = RedisThrottle::new(&server.redis()).expect("prepares");

    server.run(&["CLIENT", "PAUSE", "3000", "ALL"]).await;

    keeps_the_gap_alone(&throttle).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_answers_nonsense_is_as_good_as_none() {
    for nonsense in [
        "-LOADING Redis is loading the dataset in memory\r\n",
        "hello\r\n",
        "$5\r\nabc",
        ":-7\r\n",
        "%1\r\n+a\r\n_\r\n",
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("redis://{}/", listener.local_addr().expect("bound"));
        let server = tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    while let Ok(1..) = socket.read(&mut request).await {
                        if socket.write_all(nonsense.as_bytes()).await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        let throttle = RedisThrottle::new(&Redis::new(&url, "t").expect("a URL")).expect("prepares");

        keeps_the_gap_alone(&throttle).await;
        server.abort();
    }
}

async fn keeps_the_gap_alone(throttle: &RedisThrottle) {
    let (instance, gap) = (InstanceId::from("1101000001"), Duration::from_secs(60));
    let start = Instant::now();
    assert!(throttle.take(&instance, gap).await.is_zero());
    assert!(throttle.take(&instance, gap).await > Duration::from_secs(50));
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}
