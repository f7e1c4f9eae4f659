//! A database, a store over it and a clock: what a test of the store happens in.

use super::build;
use super::clock::ManualClock;
use super::db::{Engine, TestDb};
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::{HotelId, OutboxId, ProviderMessageId};
use hotelbot::domain::received::InstanceState;
use hotelbot::ports::Clock;
use hotelbot::store::Store;
use hotelbot::store::chats::{Claim, Gathered, TakeChats};
use hotelbot::store::hotels::HotelChange;
use hotelbot::store::inbox::{Arrival, Stored};
use hotelbot::store::outbox::{Became, Candidate, Outcome, TakeForSending, Verdict};
use hotelbot::store::turns::{Committed, PlannedSend};
use jiff::SignedDuration;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// See the module. `me` is the daemon that acts in it.
pub struct World {
    /// The database.
    pub db: TestDb,
    /// A store over it.
    pub store: Store,
    /// The time and the ids.
    pub clock: Arc<ManualClock>,
    /// The daemon.
    pub me: Uuid,
}

/// Runs one test on one engine.
pub async fn run<F, R>(engine: Engine, test: F)
where
    F: FnOnce(World) -> R,
    R: Future<Output = ()>,
{
    let Some(db) = TestDb::new(engine).await else {
        skipped(engine);
        return;
    };
    let store = db.open().await;
    let clock = Arc::new(ManualClock::default());
    let me = clock.new_id();
    test(World { db, store, clock, me }).await;
}

#[expect(clippy::print_stderr, reason = "who runs the tests must see that half of them did not happen")]
fn skipped(engine: Engine) {
    eprintln!("skipped on {engine:?}: HOTELBOT_TEST_NO_POSTGRES is set and there is no PostgreSQL");
}

impl World {
    /// Makes a hotel with nothing special in force, with its line authorized.
    pub async fn hotel(&self, name: &str) -> HotelId {
        self.put(build::hotel(name)).await
    }

    /// Makes a hotel in force, with its line authorized.
    pub async fn put(&self, hotel: Hotel) -> HotelId {
        let (id, now) = (hotel.id.clone(), self.clock.now());
        let base = self.store.revision().await.expect("a revision");
        let change = vec![HotelChange::Put(Box::new(hotel))];
        self.store.apply_hotels(base, change, "a test".to_owned(), now).await.expect("the hotel is put in force");
        self.store.line_state(id.clone(), InstanceState::Authorized, now).await.expect("the line's state is kept");
        id
    }

    /// Stores arrivals.
    pub async fn receive(&self, arrivals: Vec<Arrival>) -> Vec<Stored> {
        self.store.receive(arrivals).await.expect("the arrivals are stored")
    }

    /// A guest writes, and the message is stored.
    pub async fn guest(&self, hotel: &HotelId, chat: &str, message: &str, text: &str) -> Arrival {
        let arrival = build::guest(&self.clock, hotel, chat, message, text);
        assert_eq!(self.receive(vec![arrival.clone()]).await, [Stored::New]);
        arrival
    }

    /// A person of the hotel writes from the phone, and the message is stored.
    pub async fn staff(&self, hotel: &HotelId, chat: &str, message: &str, text: &str) -> Arrival {
        let arrival = build::staff(&self.clock, hotel, chat, message, text);
        assert_eq!(self.receive(vec![arrival.clone()]).await, [Stored::New]);
        arrival
    }

    /// Takes everything that is due, for half a minute.
    pub async fn claim(&self) -> Vec<Claim> {
        self.claim_as(&self.store, self.me, 1000).await
    }

    /// Takes what is due through another store or as another daemon.
    pub async fn claim_as(&self, store: &Store, by: Uuid, limit: i64) -> Vec<Claim> {
        let now = self.clock.now();
        let until = now + SignedDuration::from_secs(30);
        store.claim_chats(TakeChats { by, now, until, limit, busy: Vec::new() }).await.expect("chats are taken")
    }

    /// Takes and gathers everything that is due.
    pub async fn gather(&self) -> Vec<Gathered> {
        let claims = self.claim().await;
        self.store.gather(claims, self.clock.now()).await.expect("the chats are gathered")
    }

    /// Takes and gathers the one chat that is due.
    pub async fn gather_one(&self) -> Gathered {
        let mut all = self.gather().await;
        assert_eq!(all.len(), 1, "one chat is due");
        all.remove(0)
    }

    /// A guest writes and is answered by the sends given, planned in one turn.
    pub async fn answered(&self, hotel: &HotelId, chat: &str, message: &str, sends: Vec<PlannedSend>) -> Gathered {
        self.guest(hotel, chat, message, "a question").await;
        let gathered = self.gather_one().await;
        self.clock.turn(SignedDuration::from_millis(1));
        let mut turn = build::commit(&self.clock, self.me, &gathered);
        turn.sends = sends;
        let outcome = self.store.commit_turns(vec![turn]).await.expect("the turn is committed");
        assert_eq!(outcome, [Committed::Done]);
        gathered
    }

    /// How this world takes messages for sending: everything, with lines seen in the last minute.
    pub fn take(&self) -> TakeForSending {
        let now = self.clock.now();
        TakeForSending {
            by: self.me,
            now,
            seen_since: now - SignedDuration::from_mins(1),
            limit: 1000,
            busy: Vec::new(),
            judge: Arc::new(|_| Verdict::Send),
            gap: Arc::new(|_| Duration::ZERO),
        }
    }

    /// Takes all that may be sent, without pace.
    pub async fn take_all(&self) -> Vec<Candidate> {
        self.store.take_for_sending(self.take()).await.expect("messages are taken for sending")
    }

    /// Records one outcome.
    pub async fn outcome(&self, hotel: &HotelId, id: OutboxId, became: Became) {
        let outcome = Outcome { hotel: hotel.clone(), id, became, at: self.clock.now() };
        self.store.record_outcomes(vec![outcome]).await.expect("the outcome is recorded");
    }

    /// Records that the channel took a message.
    pub async fn accepted(&self, hotel: &HotelId, id: OutboxId, provider: &str) {
        self.outcome(hotel, id, Became::Accepted(ProviderMessageId::from(provider))).await;
    }

    /// The state of an outgoing message.
    pub async fn state(&self, id: OutboxId) -> String {
        let found = self.db.raw().await.texts(&format!("SELECT state FROM outbox WHERE outbox_id = '{id}'")).await;
        found.into_iter().next().expect("the message is in the outbox")
    }

    /// The only number a query answers, past the store.
    pub async fn number(&self, sql: &str) -> i64 {
        self.db.raw().await.number(sql).await
    }

    /// Stores events that belong to no turn, and applies all that wait.
    pub async fn events(&self, arrivals: Vec<Arrival>) -> hotelbot::store::events::Applied {
        self.receive(arrivals).await;
        self.apply_waiting().await
    }

    /// Applies the events that are due.
    pub async fn apply_waiting(&self) -> hotelbot::store::events::Applied {
        let now = self.clock.now();
        let events = self.store.waiting_events(now, 1000).await.expect("events are read");
        self.store.apply_events(events, now).await.expect("events are applied")
    }
}
