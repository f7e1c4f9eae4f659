//! SQL, written once for SQLite and PostgreSQL. Imports `domain` only; contains no `if` about hotels.
//!
//! * One statement text serves both engines; [`sql!`](crate::sql!) has holes where the dialects differ, and `ROWS` in it is a
//!   batch: `$1` is a JSON array of objects, read as `r.value->>'field'`, so a hundred rows cost one statement.
//! * `state || '' = '…'` beside a key is no slip: without figures PostgreSQL holds a partial index of that state for
//!   nearly empty and walks it once for each row of the batch, in place of asking the key.
//! * [`Store::write`] runs a closure in a transaction. On SQLite all closures go through one writer, which commits
//!   what waits together: one flush serves many callers, and nobody is told before it is durable.
//! * Instants are microseconds, ids UUIDv7 as text, documents JSON text.

pub mod alerts;
pub mod chats;
mod contacts;
pub mod counts;
mod desk;
pub mod due;
mod error;
pub mod events;
mod foresight;
pub mod forgetting;
pub mod guests;
pub mod hotels;
pub mod inbox;
pub mod journal;
pub mod known_guests;
mod messages;
pub mod notices;
pub mod open;
pub mod outbox;
pub mod past;
pub mod questions;
pub mod queues;
pub mod reminders;
pub mod replans;
pub mod reservations;
pub mod scratch;
pub mod staging;
pub mod stale;
pub mod touchpoint_list;
pub mod touchpoints;
pub mod triggers;
pub mod turns;
mod writer;

pub use error::StoreError;
pub use open::{Durability, OpenOptions};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::Serialize;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};
use writer::{Lane, Writer};

/// The result of a query.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// An open database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
}

#[derive(Clone)]
enum Pool {
    Sqlite { writer: Writer, read: SqlitePool },
    Postgres(PgPool),
}

/// A running transaction. Never held across a call to the outside: SQLite has one writer.
pub enum Tx {
    /// SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

/// One statement in both dialects.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    /// For SQLite.
    pub lite: &'static str,
    /// For PostgreSQL.
    pub pg: &'static str,
}

/// Both dialects of a statement from one text. `{lite: "…", pg: "…"}` is a hole; `ROWS` is the batch in `$1`.
#[macro_export]
macro_rules! sql {
    (@l [$($acc:expr,)*]) => { concat!($($acc),*) };
    (@l [$($acc:expr,)*] {lite: $l:literal, pg: $p:literal} $($rest:tt)*) => { $crate::sql!(@l [$($acc,)* $l,] $($rest)*) };
    (@l [$($acc:expr,)*] ROWS $($rest:tt)*) => { $crate::sql!(@l [$($acc,)* " jsonb_each($1) AS r ",] $($rest)*) };
    (@l [$($acc:expr,)*] $s:literal $($rest:tt)*) => { $crate::sql!(@l [$($acc,)* $s,] $($rest)*) };
    (@p [$($acc:expr,)*]) => { concat!($($acc),*) };
    (@p [$($acc:expr,)*] {lite: $l:literal, pg: $p:literal} $($rest:tt)*) => { $crate::sql!(@p [$($acc,)* $p,] $($rest)*) };
    (@p [$($acc:expr,)*] ROWS $($rest:tt)*) => { $crate::sql!(@p [$($acc,)* " jsonb_array_elements($1::jsonb) AS r(value) ",] $($rest)*) };
    (@p [$($acc:expr,)*] $s:literal $($rest:tt)*) => { $crate::sql!(@p [$($acc,)* $s,] $($rest)*) };
    ($($t:tt)+) => { $crate::store::Sql { lite: $crate::sql!(@l [] $($t)+), pg: $crate::sql!(@p [] $($t)+) } };
}

/// Runs a body against the transaction: `$q` is the text for the engine, `$c` the connection.
#[macro_export]
macro_rules! on_tx {
    ($tx:expr, $sql:expr, |$q:ident, $c:ident| $body:expr) => {{
        let both: $crate::store::Sql = $sql;
        match $tx {
            $crate::store::Tx::Sqlite(transaction) => {
                let $c = &mut **transaction;
                let $q = both.lite;
                $body
            }
            $crate::store::Tx::Postgres(transaction) => {
                let $c = &mut **transaction;
                let $q = both.pg;
                $body
            }
        }
    }};
}

/// Runs a reading body outside a transaction: on SQLite against the read-only pool.
#[macro_export]
macro_rules! on_read {
    ($store:expr, $sql:expr, |$q:ident, $c:ident| $body:expr) => {{
        let both: $crate::store::Sql = $sql;
        match &$store.pool {
            $crate::store::Pool::Sqlite { read: $c, .. } => {
                let $q = both.lite;
                $body
            }
            $crate::store::Pool::Postgres($c) => {
                let $q = both.pg;
                $body
            }
        }
    }};
}

impl Store {
    /// Runs `work` in a transaction and returns once it is durable. An error rolls back this work only.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Clone + Send + 'static,
    {
        self.write_in(Lane::Others, work).await
    }

    /// The same for what somebody outside waits for: it does not stand behind what waits.
    pub(crate) async fn write_first<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Clone + Send + 'static,
    {
        self.write_in(Lane::First, work).await
    }

    async fn write_in<T, F>(&self, lane: Lane, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Clone + Send + 'static,
    {
        match &self.pool {
            Pool::Sqlite { writer, .. } => writer.run(lane, work).await,
            Pool::Postgres(pool) => {
                for _ in 1..MOST_DEADLOCKS {
                    match write_postgres(pool, work.clone()).await {
                        Err(error) if error.is_undone() => {}
                        done => return done,
                    }
                }
                write_postgres(pool, work).await
            }
        }
    }

    /// Runs `work` over one unchanging picture of the database. It must not write.
    pub async fn look<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>>,
    {
        let mut tx = match &self.pool {
            Pool::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Pool::Postgres(pool) => {
                Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        };
        work(&mut tx).await
    }

    /// `sqlite` or `postgres`.
    pub fn engine(&self) -> &'static str {
        match &self.pool {
            Pool::Sqlite { .. } => "sqlite",
            Pool::Postgres(_) => "postgres",
        }
    }
}

/// PostgreSQL ends a deadlock by undoing one of the two; that one runs again. Rows are locked in one order, so this
/// is for what escapes that order, such as keys that two daemons insert at once.
const MOST_DEADLOCKS: usize = 5;

async fn write_postgres<T, F>(pool: &PgPool, work: F) -> Result<T>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>>,
{
    let mut tx = Tx::Postgres(pool.begin().await?);
    let value = work(&mut tx).await?;
    tx.commit().await?;
    Ok(value)
}

impl Tx {
    async fn commit(self) -> Result<()> {
        match self {
            Tx::Sqlite(transaction) => transaction.commit().await?,
            Tx::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }
}

/// An instant as it is stored.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A stored instant.
pub fn instant(micros: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|_| StoreError::Corrupt(format!("{micros} is no instant")))
}

/// A stored instant that may be missing.
pub fn instant_opt(micros: Option<i64>) -> Result<Option<Timestamp>> {
    micros.map(instant).transpose()
}

/// A batch as the `$1` of a statement with `ROWS`. PostgreSQL stores no NUL, and one would refuse the whole batch:
/// each becomes U+FFFD.
fn batch<T: serde::Serialize>(rows: &[T]) -> Result<String> {
    let mut json = Vec::with_capacity(256 * rows.len());
    let mut serializer = serde_json::Serializer::with_formatter(&mut json, WithoutNul);
    rows.serialize(&mut serializer).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    String::from_utf8(json).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Compact JSON in which no text holds a NUL.
struct WithoutNul;

impl serde_json::ser::Formatter for WithoutNul {
    fn write_char_escape<W: std::io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        escape: serde_json::ser::CharEscape,
    ) -> std::io::Result<()> {
        match escape {
            serde_json::ser::CharEscape::AsciiControl(0) => writer.write_all("\u{fffd}".as_bytes()),
            other => serde_json::ser::CompactFormatter.write_char_escape(writer, other),
        }
    }
}

/// Runs statements one after the other, each over its own batch as `$1`. SQLite gets them in one go: its connection
/// lives on a thread of its own, and each crossing costs more than many a statement.
async fn run_all(tx: &mut Tx, statements: &[(Sql, String)]) -> Result<()> {
    match tx {
        _ if statements.is_empty() => {}
        Tx::Sqlite(transaction) => {
            let mut together = String::with_capacity(1024 * statements.len());
            for (number, (both, _)) in statements.iter().enumerate() {
                together.push_str(&both.lite.replace("$1", &format!("${}", number + 1)));
                together.push_str(";\n");
            }
            // Our own statements, with other numbers for their parameters.
            let mut query = sqlx::query(sqlx::AssertSqlSafe(together));
            for (_, json) in statements {
                query = query.bind(json);
            }
            query.execute(&mut **transaction).await?;
        }
        Tx::Postgres(transaction) => {
            for (both, json) in statements {
                sqlx::query(both.pg).bind(json).execute(&mut **transaction).await?;
            }
        }
    }
    Ok(())
}

/// A document as it is stored.
fn document<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// A stored document.
fn read_document<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// A stored identifier.
fn read_uuid(text: &str) -> Result<uuid::Uuid> {
    uuid::Uuid::parse_str(text).map_err(|_| StoreError::Corrupt("an id is not a UUID".to_owned()))
}

/// A stored hotel id.
fn read_hotel(text: &str) -> Result<crate::domain::ids::HotelId> {
    crate::domain::ids::HotelId::parse(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}
