//! A database after a busy year: the road of a message looks nothing up by reading a table from end to end. What counts is
//! what PostgreSQL itself counted, over so many rounds that its prepared statements got their general plans too.

use crate::support::build;
use crate::support::db::Engine;
use crate::support::world::{self, World};
use hotelbot::domain::message::Delivery;

/// Rows that each table of the past has.
const PAST: usize = 20_000;
/// After five rounds PostgreSQL thinks about a plan for all of them.
const ROUNDS: usize = 12;
/// The tables that grow with every message.
const GROWING: &str = "('guests', 'chats', 'aliases', 'inbox', 'turns', 'messages', 'outbox')";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_on_the_road_of_a_message_reads_a_table_whole() {
    world::run(Engine::Postgres, the_road_of_some_messages).await;
}

async fn the_road_of_some_messages(world: World) {
    let astoria = world.hotel("astoria").await;
    make_a_past(&world).await;
    let before = rows_read(&world).await;

    for round in 0..ROUNDS {
        let (chat, message) = (format!("7900{round:07}@c.us"), format!("M{round}"));
        let reply = build::reply(&world.clock, &format!("reply {round}"), "yes");
        let id = reply.id;
        world.answered(&astoria, &chat, &message, vec![reply]).await;
        assert_eq!(world.take_all().await.len(), 1);
        world.accepted(&astoria, id, &format!("OUT{round}")).await;
        world.events(vec![build::status(&world.clock, &astoria, &format!("OUT{round}"), Delivery::Delivered)]).await;
        assert_eq!(world.state(id).await, "delivered");
    }

    // A connection tells what it did when it ends, at the latest.
    let World { store, db, .. } = world;
    store.close().await;
    let mut raw = db.raw().await;
    let whole = raw
        .texts(&format!(
            "SELECT relname || ' ' || seq_scan || ' times' FROM pg_stat_user_tables
             WHERE relname IN {GROWING} AND seq_tup_read >= {before} + {PAST}"
        ))
        .await;
    assert!(whole.is_empty(), "read from end to end: {whole:?}");
}

/// The most that any of the tables was read so far without an index.
async fn rows_read(world: &World) -> i64 {
    world.number(&format!("SELECT MAX(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN {GROWING}")).await
}

async fn make_a_past(world: &World) {
    let mut raw = world.db.raw().await;
    let each = format!("FROM generate_series(1, {PAST}) AS i");
    let statements = [
        format!("INSERT INTO guests (hotel_id, guest_id, created_at) SELECT 'astoria', 'G' || i, 0 {each}"),
        format!(
            "INSERT INTO chats (hotel_id, chat_id, guest_id, address, created_at, last_at)
             SELECT 'astoria', 'C' || i, 'G' || i, 'A' || i, 0, 0 {each}"
        ),
        "INSERT INTO aliases (hotel_id, address, chat_id) SELECT hotel_id, address, chat_id FROM chats".to_owned(),
        format!(
            "INSERT INTO inbox (hotel_id, inbox_id, event_key, kind, chat_id, state, received_at, due_at, event, raw, done_at)
             SELECT 'astoria', 'I' || i, 'K' || i, 'guest', 'C' || i, 'completed', i, i, '{{}}', '', i {each}"
        ),
        format!(
            "INSERT INTO turns (hotel_id, turn_id, chat_id, at, rule, reasons)
             SELECT 'astoria', 'T' || i, 'C' || i, i, 'answer', '[]' {each}"
        ),
        format!(
            "INSERT INTO messages (hotel_id, message_id, chat_id, turn_id, provider_id, direction, author, origin, text, at)
             SELECT 'astoria', 'M' || i, 'C' || i, 'T' || i, 'P' || i, 'outbound', 'bot', 'reply', 't', i {each}"
        ),
        "INSERT INTO outbox (hotel_id, outbox_id, chat_id, message_id, intent, address, text, author, origin, state, rank,
                             due_at, expires_at, provider_id, created_at)
         SELECT hotel_id, message_id, chat_id, message_id, message_id, 'a', 't', 'bot', 'reply', 'read', 60, at, at,
                provider_id, at FROM messages"
            .to_owned(),
        "ANALYZE".to_owned(),
    ];
    for statement in &statements {
        raw.execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}
