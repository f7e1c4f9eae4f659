//! The schema: the same on both engines, every statement understood by both, and no reference across hotels.

use crate::support::db::{Engine, Raw, TestDb};
use crate::support::rust_source::{Stretch, code_without_tests, rust_files, stretches};
use crate::support::world::World;
use crate::support::{build, on_both_engines};
use hotelbot::ports::Clock;
use hotelbot::store::{Durability, OpenOptions, Store};
use sqlx::{AssertSqlSafe, Column, Either, Executor, SqlSafeStr, Statement};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

on_both_engines!(
    a_reference_to_another_hotels_row_cannot_be_stored,
    the_words_of_states_are_closed_lists,
    opening_tells_what_is_wrong,
    pinging_and_closing,
);

async fn a_reference_to_another_hotels_row_cannot_be_stored(world: World) {
    let (astoria, seaview) = (world.hotel("astoria").await, world.hotel("seaview").await);
    let reply = build::reply(&world.clock, "reply:1", "an answer");
    let anna = world.answered(&astoria, "79001112233@c.us", "M1", vec![reply.clone()]).await;
    world.answered(&seaview, "79001112233@c.us", "M1", Vec::new()).await;
    let (chat, guest, message) = (anna.conversation.id, anna.conversation.guest, reply.message);
    let mut raw = world.db.raw().await;

    let message_columns = "message_id, chat_id, direction, author, origin, text, at";
    let outbox_columns = "outbox_id, chat_id, message_id, intent, address, text, author, origin, state, rank, due_at, expires_at, created_at";
    let alert_columns =
        "alert_id, number, chat_id, topic, severity, label, state, evidence, words, phase, raised_at, updated_at";
    let alert_rest = "'room', 'high', 'negative', 'open', 1, 'w', 'unknown', 0, 0";
    let outbox_rest = "'i', 'a', 't', 'bot', 'reply', 'planned', 0, 0, 0, 0";
    let statements = [
        format!(
            "INSERT INTO chats (hotel_id, chat_id, guest_id, address, created_at, last_at)
                 VALUES ('HOTEL', 'c', '{guest}', 'new', 0, 0)"
        ),
        format!("INSERT INTO aliases (hotel_id, address, chat_id) VALUES ('HOTEL', 'new', '{chat}')"),
        format!(
            "INSERT INTO inbox (hotel_id, inbox_id, event_key, kind, chat_id, state, received_at, due_at, event, raw)
                 VALUES ('HOTEL', 'i', 'k', 'guest', '{chat}', 'available', 0, 0, '', '')"
        ),
        format!(
            "INSERT INTO turns (hotel_id, turn_id, chat_id, at, rule, reasons) VALUES ('HOTEL', 't', '{chat}', 0, 'r', '[]')"
        ),
        format!(
            "INSERT INTO messages (hotel_id, {message_columns})
                 VALUES ('HOTEL', 'm', '{chat}', 'inbound', 'guest', 'guest', 't', 0)"
        ),
        format!(
            "INSERT INTO outbox (hotel_id, {outbox_columns}) VALUES ('HOTEL', 'o1', '{chat}', '{message}', {outbox_rest})"
        ),
        format!("INSERT INTO alerts (hotel_id, {alert_columns}) VALUES ('HOTEL', 'a1', 1, '{chat}', {alert_rest})"),
        "INSERT INTO alert_evidence (hotel_id, alert_id, turn_id, at, words, label)
             VALUES ('HOTEL', 'a1', 't', 0, 'w', 'negative')"
            .to_owned(),
        "INSERT INTO notices (hotel_id, notice_id, alert_id, intent, contact, channel, state, due_at, text, created_at)
             VALUES ('HOTEL', 'n1', 'a1', 'i', 'desk', 'email', 'planned', 0, 't', 0)"
            .to_owned(),
    ];
    for statement in &statements {
        let across = raw.execute(&statement.replace("HOTEL", "seaview")).await;
        assert!(across.is_err_and(|error| is_foreign_key(&error)), "{statement}");
        raw.execute(&statement.replace("HOTEL", "astoria"))
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    // The message is astoria's although the chat is seaview's own.
    let mine = world.store.find_chats("79001112233", &[seaview]).await.expect("found").remove(0).1.id;
    let mixed = format!(
        "INSERT INTO outbox (hotel_id, {outbox_columns})
                         VALUES ('seaview', 'o2', '{mine}', '{message}', {outbox_rest})"
    );
    assert!(raw.execute(&mixed).await.is_err_and(|error| is_foreign_key(&error)));
    for table in ["guests", "inbox"] {
        let columns = if table == "guests" {
            "(hotel_id, guest_id, created_at) VALUES ('nowhere', 'g', 0)"
        } else {
            "(hotel_id, inbox_id, event_key, kind, state, received_at, due_at, event, raw)
             VALUES ('nowhere', 'j', 'l', 'call', 'completed', 0, 0, '', '')"
        };
        let nowhere = raw.execute(&format!("INSERT INTO {table} {columns}")).await;
        assert!(nowhere.is_err_and(|error| is_foreign_key(&error)), "{table}");
    }
}

fn is_foreign_key(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.is_foreign_key_violation())
}

async fn the_words_of_states_are_closed_lists(world: World) {
    let astoria = world.hotel("astoria").await;
    world.answered(&astoria, "79001112233@c.us", "M1", vec![build::reply(&world.clock, "reply:1", "an answer")]).await;
    let mut raw = world.db.raw().await;

    for (table, column) in [
        ("inbox", "state"),
        ("outbox", "state"),
        ("chats", "mode"),
        ("guests", "consent"),
        ("messages", "direction"),
        ("messages", "author"),
    ] {
        let odd = raw.execute(&format!("UPDATE {table} SET {column} = 'odd'")).await;
        let refused = odd.is_err_and(|error| error.as_database_error().is_some_and(|e| e.is_check_violation()));
        assert!(refused, "{table}.{column}");
    }
}

async fn opening_tells_what_is_wrong(world: World) {
    let Some(empty) = TestDb::empty(world.db.engine).await else { return };
    let create = OpenOptions { create: true, ..OpenOptions::default() };

    let pending = Store::open(&empty.url, create).await.map(drop).expect_err("an empty database is refused");
    assert!(pending.to_string().contains("hotelbot db migrate"), "{pending}");
    let store = Store::connect(&empty.url, create).await.expect("connects");
    let before = store.schema().await.expect("told");
    assert_eq!((before.applied, before.pending.is_empty()), (0, false));
    assert_eq!(store.migrate().await.expect("migrates"), before.pending.len());
    assert_eq!(store.migrate().await.expect("changes nothing"), 0);
    let after = store.schema().await.expect("told");
    assert_eq!((after.applied, after.pending), (after.known, Vec::new()));

    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 SELECT 9999, description, success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1";
    empty.raw().await.execute(newer).await.expect("a migration of the future");
    let newer = Store::open(&empty.url, OpenOptions::default()).await.map(drop).expect_err("a newer one is refused");
    assert!(newer.to_string().contains("use the newer program"), "{newer}");
    for url in ["mysql://nowhere/x", "postgres://%zz", "/a/file.db"] {
        assert!(Store::open(url, OpenOptions::default()).await.is_err(), "{url}");
    }
}

async fn pinging_and_closing(world: World) {
    assert!(matches!(world.store.engine(), "sqlite" | "postgres"));
    world.store.ping().await.expect("it answers");

    world.store.close().await;

    assert!(world.store.ping().await.is_err_and(|error| error.is_passing()));
    let now = world.clock.now();
    let outcome = world.store.pause(build::id("astoria"), None, now).await;
    assert!(outcome.is_err_and(|error| error.is_passing()), "a closed store writes nothing");
    if let Some(path) = world.db.url.strip_prefix("sqlite:") {
        assert!(!Path::new(&format!("{path}-wal")).exists(), "the log is folded into the file");
    }
}

#[tokio::test]
async fn a_postgres_that_may_lose_commits_is_refused() {
    let Some(db) = TestDb::new(Engine::Postgres).await else { return };
    let name = db.url.rsplit_once('/').expect("a URL with a database").1;
    let off = format!("ALTER DATABASE \"{name}\" SET synchronous_commit = off");
    db.raw().await.execute(&off).await.expect("a setting of the database");

    let refused = Store::open(&db.url, OpenOptions::default()).await.map(drop).expect_err("refused");
    assert!(refused.to_string().contains("synchronous_commit"), "{refused}");
    let any = OpenOptions { durability: Durability::Any, ..OpenOptions::default() };
    Store::open(&db.url, any).await.expect("asked for").close().await;
}

/// Table to its columns, each with whether it may be null.
type Shape = BTreeMap<String, BTreeSet<(String, bool)>>;

#[tokio::test]
async fn both_schemas_have_the_same_tables_columns_and_indexes() {
    let Some(postgres) = TestDb::new(Engine::Postgres).await else { return };
    let sqlite = TestDb::new(Engine::Sqlite).await.expect("a file");
    let (mut lite, mut pg) = (sqlite.raw().await, postgres.raw().await);

    let lite_columns = lite
        .texts(
            "SELECT t.name || '.' || c.name || '.' || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN 'NO' ELSE 'YES' END
             FROM sqlite_master t JOIN pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name <> '_sqlx_migrations'",
        )
        .await;
    let pg_columns = pg
        .texts(
            "SELECT table_name || '.' || column_name || '.' || is_nullable FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
        )
        .await;
    assert_eq!(shape(lite_columns), shape(pg_columns));

    let index_names = "SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite%' ORDER BY name";
    let lite_indexes = lite.texts(index_names).await;
    let named = "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%\\_pkey'
                 ORDER BY indexname";
    let mut pg_indexes = pg.texts(named).await;
    pg_indexes.sort();
    assert_eq!(lite_indexes, pg_indexes);
}

fn shape(columns: Vec<String>) -> Shape {
    let mut shape = Shape::new();
    for column in columns {
        let mut parts = column.split('.');
        let mut next = || parts.next().expect("table.column.nullable").to_owned();
        let (table, name, nullable) = (next(), next(), next() == "YES");
        shape.entry(table).or_default().insert((name, nullable));
    }
    assert!(shape.len() >= 10, "{shape:?}");
    shape
}

#[test]
fn both_folders_hold_the_same_migrations() {
    let names = |engine: &str| -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .expect("a folder of migrations")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };

    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}

/// One statement of the store in one dialect, with where it is written.
struct Written {
    place: String,
    lite: String,
    pg: String,
}

/// What a statement takes and gives.
#[derive(Debug, PartialEq, Eq)]
struct Signature {
    parameters: usize,
    columns: Vec<String>,
}

#[tokio::test]
async fn every_statement_is_understood_by_both_engines() {
    let sqlite = TestDb::new(Engine::Sqlite).await.expect("a file");
    let mut lite = sqlite.raw().await;
    let statements = statements();
    assert!(statements.len() >= 60, "only {} statements were found", statements.len());

    let mut wrong = Vec::new();
    let postgres = TestDb::new(Engine::Postgres).await;
    for statement in &statements {
        let on_sqlite = prepare(&mut lite, &statement.lite).await;
        if let Err(error) = &on_sqlite {
            wrong.push(format!("{} on SQLite: {error}", statement.place));
        }
        let Some(postgres) = &postgres else { continue };
        match (prepare(&mut postgres.raw().await, &statement.pg).await, on_sqlite) {
            (Err(error), _) => wrong.push(format!("{} on PostgreSQL: {error}\n{}", statement.place, statement.pg)),
            (Ok(pg), Ok(lite)) if pg.columns.len() != lite.columns.len() || pg.parameters != lite.parameters => {
                wrong.push(format!("{}: {lite:?} on SQLite, {pg:?} on PostgreSQL", statement.place));
            }
            _ => {}
        }
    }

    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_statement_that_is_wrong_is_seen() {
    let sqlite = TestDb::new(Engine::Sqlite).await.expect("a file");
    let postgres = TestDb::new(Engine::Postgres).await;
    for wrong in ["SELECT no_such_column FROM chats", "SELECT 1 FROM no_such_table", "SELEC 1"] {
        assert!(prepare(&mut sqlite.raw().await, wrong).await.is_err(), "{wrong}");
        if let Some(postgres) = &postgres {
            assert!(prepare(&mut postgres.raw().await, wrong).await.is_err(), "{wrong}");
        }
    }
    let source = r#"const A: Sql = sql!("SELECT a FROM " ROWS {lite: "x", pg: "y\"z"} "
        b");  #[cfg(test)] mod tests { const B: Sql = sql!("SELECT 2"); }"#;
    let found = statements_in("a.rs", source);
    assert_eq!(found.len(), 2, "tests are statements too");
    assert_eq!(found[0].lite, "SELECT a FROM  json_each($1) AS r x\n        b");
    assert_eq!(found[0].pg, "SELECT a FROM  jsonb_array_elements($1::jsonb) AS r(value) y\"z\n        b");
}

async fn prepare(raw: &mut Raw, sql: &str) -> Result<Signature, sqlx::Error> {
    let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
    let count = |parameters: Option<Either<usize, usize>>| match parameters {
        Some(Either::Left(count) | Either::Right(count)) => count,
        None => 0,
    };
    Ok(match raw {
        Raw::Sqlite(connection) => {
            let statement = connection.prepare(sql).await?;
            let parameters = statement.parameters().map(|known| known.map_left(|list| list.len()));
            Signature { parameters: count(parameters), columns: names(statement.columns()) }
        }
        Raw::Postgres(connection) => {
            let statement = connection.prepare(sql).await?;
            let parameters = statement.parameters().map(|known| known.map_left(|list| list.len()));
            Signature { parameters: count(parameters), columns: names(statement.columns()) }
        }
    })
}

fn names<C: Column>(columns: &[C]) -> Vec<String> {
    columns.iter().map(|column| column.name().to_owned()).collect()
}

/// Every `sql!(…)` of the store, read from its source: a constant inside a function cannot be listed otherwise.
fn statements() -> Vec<Written> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib");
    let mut found = Vec::new();
    for path in rust_files(&root) {
        if path == Path::new("store/mod.rs") {
            continue; // It defines `sql!` and holds no statement.
        }
        let source = std::fs::read_to_string(root.join(&path)).expect("a source file");
        let name = path.to_string_lossy().into_owned();
        let of_file = statements_in(&name, &source);
        let (code, _) = code_without_tests(&source);
        assert!(of_file.len() >= code.matches("sql!(").count(), "{name}: a statement was not read");
        found.extend(of_file);
    }
    found
}

fn statements_in(name: &str, source: &str) -> Vec<Written> {
    let mut found = Vec::new();
    let mut open: Option<Written> = None;
    let mut side = Side::Both;
    for part in stretches(source) {
        match part {
            Stretch::Code(code) => {
                let mut rest = code;
                if open.is_none() {
                    let Some(at) = code.rfind("sql!(") else { continue };
                    rest = &code[at + "sql!(".len()..];
                    open =
                        Some(Written { place: place(name, code, found.len()), lite: String::new(), pg: String::new() });
                }
                let statement = open.as_mut().expect("just opened");
                let inside = rest.split(')').next().unwrap_or(rest);
                if inside.contains("ROWS") {
                    statement.lite.push_str(" json_each($1) AS r ");
                    statement.pg.push_str(" jsonb_array_elements($1::jsonb) AS r(value) ");
                }
                side = Side::after(inside, side);
                if rest.contains(')') {
                    found.extend(open.take());
                    side = Side::Both;
                    // A further statement may begin in the same stretch of code.
                    let Some(at) = rest.rfind("sql!(") else { continue };
                    let place = place(name, rest, found.len());
                    open = Some(Written { place, lite: String::new(), pg: String::new() });
                    side = Side::after(&rest[at..], side);
                }
            }
            Stretch::Literal(text) => {
                let Some(statement) = open.as_mut() else { continue };
                let text = unescaped(text);
                if side != Side::Postgres {
                    statement.lite.push_str(&text);
                }
                if side != Side::Sqlite {
                    statement.pg.push_str(&text);
                }
            }
            Stretch::Other(_) => {}
        }
    }
    found
}

/// To which dialect the next literal belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    Sqlite,
    Postgres,
}

impl Side {
    fn after(code: &str, before: Side) -> Side {
        let last = |word: &str| code.rfind(word);
        match (last("}"), last("lite:"), last("pg:")) {
            (_, _, Some(_)) => Side::Postgres,
            (close, Some(lite), None) if close.is_none_or(|close| close < lite) => Side::Sqlite,
            (Some(_), _, None) => Side::Both,
            _ => before,
        }
    }
}

/// The file and the constant before the statement.
fn place(name: &str, code: &str, number: usize) -> String {
    let constant = code.rsplit("const ").next().and_then(|rest| rest.split(':').next()).unwrap_or("").trim();
    format!("{name} #{number} {constant}")
}

/// The escapes that statements use: quotes, backslashes, and a line's end with what indents the next line.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('\n')) => while chars.next_if(|next| next.is_whitespace()).is_some() {},
            ('\\', Some('n')) => {
                chars.next();
                plain.push('\n');
            }
            ('\\', Some(_)) => plain.extend(chars.next()),
            _ => plain.push(c),
        }
    }
    plain
}
