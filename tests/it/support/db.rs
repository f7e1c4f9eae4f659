//! A fresh database for one test.

use super::postgres;
use hotelbot::store::{OpenOptions, Store};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgPool, SqliteConnection};
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A database with the schema of this program and nothing in it; gone when dropped.
pub struct TestDb {
    /// Which.
    pub engine: Engine,
    /// As `Store::open` wants it.
    pub url: String,
    _folder: Option<tempfile::TempDir>,
    name: Option<String>,
}

/// A connection past the store, for looking and for trying what the store would never do.
pub enum Raw {
    /// To the file.
    Sqlite(SqliteConnection),
    /// To the server.
    Postgres(PgConnection),
}

impl TestDb {
    /// Makes one, without a schema. `None` when the run is to do without PostgreSQL.
    pub async fn empty(engine: Engine) -> Option<TestDb> {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::Builder::new().prefix("hotelbot-test.").tempdir().expect("a temporary folder");
                let url = format!("sqlite:{}", folder.path().join("hotelbot.db").display());
                Some(TestDb { engine, url, _folder: Some(folder), name: None })
            }
            Engine::Postgres => {
                let server = postgres::server()?;
                let name = new_name();
                on_server(server, &format!("CREATE DATABASE \"{name}\" TEMPLATE template0")).await;
                let (base, _) = server.rsplit_once('/').expect("a URL with a database");
                Some(TestDb { engine, url: format!("{base}/{name}"), _folder: None, name: Some(name) })
            }
        }
    }

    /// Makes one with the schema in it.
    pub async fn new(engine: Engine) -> Option<TestDb> {
        let db = TestDb::empty(engine).await?;
        let options = OpenOptions { migrate: true, create: true, ..OpenOptions::default() };
        Store::open(&db.url, options).await.expect("a fresh database takes the schema").close().await;
        Some(db)
    }

    /// Its name on the server; empty for a file.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// Opens it once more, as another process would.
    pub async fn open(&self) -> Store {
        Store::open(&self.url, OpenOptions::default()).await.expect("the database opens")
    }

    /// A connection past the store.
    pub async fn raw(&self) -> Raw {
        match self.engine {
            Engine::Sqlite => {
                let options = SqliteConnectOptions::from_str(&self.url).expect("our own URL").foreign_keys(true);
                Raw::Sqlite(options.connect().await.expect("the file opens"))
            }
            Engine::Postgres => Raw::Postgres(PgConnection::connect(&self.url).await.expect("the server answers")),
        }
    }
}

impl Raw {
    /// How the engine would run a statement that begins with its word for that; a line a step.
    pub async fn explain(&mut self, sql: &str) -> Vec<String> {
        let Raw::Sqlite(connection) = self else { return self.texts(sql).await };
        let steps: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await.expect("a good statement");
        steps.into_iter().map(|(.., detail)| detail).collect()
    }

    /// Runs one statement.
    pub async fn execute(&mut self, sql: &str) -> Result<u64, sqlx::Error> {
        let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
        match self {
            Raw::Sqlite(connection) => query.execute(connection).await.map(|done| done.rows_affected()),
            Raw::Postgres(connection) => {
                let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
                query.execute(connection).await.map(|done| done.rows_affected())
            }
        }
    }

    /// The only number a query answers.
    pub async fn number(&mut self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        let answer = match self {
            Raw::Sqlite(connection) => sqlx::query_scalar(sql).fetch_one(connection).await,
            Raw::Postgres(connection) => sqlx::query_scalar(sql).fetch_one(connection).await,
        };
        answer.expect("a query with one number")
    }

    /// The texts of the first column.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        let answer = match self {
            Raw::Sqlite(connection) => sqlx::query_scalar(sql).fetch_all(connection).await,
            Raw::Postgres(connection) => sqlx::query_scalar(sql).fetch_all(connection).await,
        };
        answer.expect("a query of texts")
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let (Some(name), Some(server)) = (self.name.take(), postgres::server()) else { return };
        // A runtime of its own: the test's may be ending, and waiting inside it is not possible here.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(on_server(server, &format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")));
        });
        let dropped = dropping.join();
        if !std::thread::panicking() {
            dropped.expect("the database could be dropped");
        }
    }
}

fn new_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("hotelbot_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

async fn on_server(url: &str, sql: &str) {
    let pool = PgPool::connect(url).await.expect("the PostgreSQL of the tests answers");
    sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    pool.close().await;
}
