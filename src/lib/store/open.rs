//! Opening, checking and migrating a database.

use super::{Pool, Result, Store, StoreError, Writer};
use crate::{on_tx, sql};
use futures_util::FutureExt;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, PgPool, SqlitePool};
use std::str::FromStr;
use std::time::Duration;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Versions before it can corrupt a database when a reader resets the write-ahead log (fixed in March 2026).
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// How a database is opened.
#[derive(Clone, Copy, Debug)]
pub struct OpenOptions {
    /// Connections for PostgreSQL, and readers for SQLite.
    pub connections: u32,
    /// Apply pending migrations.
    pub migrate: bool,
    /// Make a SQLite file that is not there.
    pub create: bool,
    /// What must be on before a 200 may be trusted.
    pub durability: Durability,
}

/// Whether a server that may lose committed rows is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Refuse `synchronous_commit = off` and `fsync = off`.
    Required,
    /// For throw-away databases.
    Any,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { connections: 4, migrate: false, create: false, durability: Durability::Required }
    }
}

/// The schema of an open database beside that of this program.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Schema {
    /// `sqlite` or `postgres`, and its version.
    pub engine: String,
    /// The newest migration applied; 0 for an empty database.
    pub applied: i64,
    /// The newest migration this program knows.
    pub known: i64,
    /// Migrations waiting to be applied.
    pub pending: Vec<i64>,
}

impl Store {
    /// Opens `sqlite:PATH` or `postgres://…`. Without `migrate`, a database with another schema is refused;
    /// a newer one always is.
    pub async fn open(url: &str, options: OpenOptions) -> Result<Store> {
        let store = Store::connect(url, options).await?;
        if options.migrate {
            store.migrate().await?;
        }
        store.check_schema().await?;
        Ok(store)
    }

    /// Opens without looking at the schema, for `db status` and `db migrate`.
    pub async fn connect(url: &str, options: OpenOptions) -> Result<Store> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return connect_postgres(url, options).await;
        }
        if !url.starts_with("sqlite:") {
            return Err(StoreError::Refused("the database URL must start with `sqlite:` or `postgres://`".to_owned()));
        }
        connect_sqlite(url, options).await
    }

    /// Applies pending migrations; returns how many there were.
    pub async fn migrate(&self) -> Result<usize> {
        let schema = self.schema().await?;
        refuse_newer(&schema)?;
        let pending = schema.pending.len();
        let outcome = match &self.pool {
            Pool::Sqlite { writer: _, .. } => {
                let pool = self.sqlite_writing_pool().await?;
                let outcome = SQLITE.run(&pool).await;
                pool.close().await;
                outcome
            }
            Pool::Postgres(pool) => POSTGRES.run(pool).await,
        };
        outcome.map_err(|error| StoreError::Refused(format!("the migrations could not be applied: {error}")))?;
        Ok(pending)
    }

    /// What is applied and what is known.
    pub async fn schema(&self) -> Result<Schema> {
        let (engine, applied, migrator) = match &self.pool {
            Pool::Sqlite { read, .. } => {
                (format!("sqlite {}", sqlite_version(read).await?), applied_sqlite(read).await?, &SQLITE)
            }
            Pool::Postgres(pool) => {
                let version: String = sqlx::query_scalar("SHOW server_version").fetch_one(pool).await?;
                (format!("postgres {version}"), applied_postgres(pool).await?, &POSTGRES)
            }
        };
        let known: Vec<i64> = migrator.iter().map(|migration| migration.version).collect();
        let newest = applied.iter().copied().max().unwrap_or(0);
        let pending = known.iter().copied().filter(|version| !applied.contains(version)).collect();
        Ok(Schema { engine, applied: newest, known: known.into_iter().max().unwrap_or(0), pending })
    }

    /// The migrations this program knows for an engine, `sqlite` or `postgres`.
    pub fn known_migrations(engine: &str) -> Vec<i64> {
        let migrator = if engine == "sqlite" { &SQLITE } else { &POSTGRES };
        migrator.iter().map(|migration| migration.version).collect()
    }

    /// What the role of the connection may do beyond what is needed: a superuser of PostgreSQL reads and breaks the whole
    /// server. `None` when there is nothing to say; SQLite knows no roles.
    pub async fn role_problem(&self) -> Result<Option<String>> {
        let Pool::Postgres(pool) = &self.pool else { return Ok(None) };
        const ROLE: &str = "SELECT rolname::text, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user";
        let (name, is_super, bypasses): (String, bool, bool) = sqlx::query_as(ROLE).fetch_one(pool).await?;
        Ok(match (is_super, bypasses) {
            (true, _) => Some(format!("the role `{name}` is a superuser; give hotelbot one of its own")),
            (false, true) => {
                Some(format!("the role `{name}` may pass over row security; give hotelbot one of its own"))
            }
            (false, false) => None,
        })
    }

    async fn check_schema(&self) -> Result<()> {
        let schema = self.schema().await?;
        refuse_newer(&schema)?;
        if !schema.pending.is_empty() {
            return Err(StoreError::Refused(format!(
                "{} migrations wait to be applied: run `hotelbot db migrate`",
                schema.pending.len()
            )));
        }
        Ok(())
    }

    async fn sqlite_writing_pool(&self) -> Result<SqlitePool> {
        let Pool::Sqlite { read, .. } = &self.pool else {
            return Err(StoreError::Refused("not SQLite".to_owned()));
        };
        let options = (*read.connect_options()).clone().read_only(false);
        Ok(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?)
    }

    /// Ends all connections; on SQLite folds the write-ahead log into the file.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite { writer, read } => {
                // The connection that closes last folds the log, and only a writing one can.
                read.close().await;
                writer.close().await;
            }
            Pool::Postgres(pool) => pool.close().await,
        }
    }

    /// Whether the database takes a write: it does the least one, which changes nothing.
    pub async fn ping(&self) -> Result<()> {
        const NOTHING: super::Sql = sql!("UPDATE hotels SET next_send_at = next_send_at WHERE 1 = 0");
        self.write(|tx| {
            async move {
                on_tx!(tx, NOTHING, |q, c| sqlx::query(q).execute(c).await?.rows_affected());
                Ok(())
            }
            .boxed()
        })
        .await
    }
}

fn refuse_newer(schema: &Schema) -> Result<()> {
    let Schema { applied, known, .. } = schema;
    if applied > known {
        let why = format!("the database has schema {applied}, this program knows {known}: use the newer program");
        return Err(StoreError::Refused(why));
    }
    Ok(())
}

async fn connect_sqlite(url: &str, options: OpenOptions) -> Result<Store> {
    let settings = SqliteConnectOptions::from_str(url)
        .map_err(|_| StoreError::Refused("the SQLite URL cannot be read; write `sqlite:PATH`".to_owned()))?
        .create_if_missing(options.create)
        .journal_mode(SqliteJournalMode::Wal)
        // NORMAL would lose acknowledged rows on a power cut.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
        .foreign_keys(true)
        .pragma("cache_size", "-16000")
        // Pages; a longer log is folded in less often, and nobody waits for a flush of the whole file.
        .pragma("wal_autocheckpoint", "4000")
        .disable_statement_logging();
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(settings.clone())
        .await
        .map_err(|error| StoreError::Refused(format!("the SQLite file cannot be opened: {error}")))?;
    let version = sqlite_version(&write).await?;
    if parse_version(&version) < OLDEST_SQLITE {
        return Err(StoreError::Refused(format!(
            "SQLite {version} is too old: versions before 3.51.3 can corrupt a database in WAL mode"
        )));
    }
    let read = SqlitePoolOptions::new()
        .min_connections(0)
        .max_connections(options.connections.max(1))
        .idle_timeout(Duration::from_secs(60))
        .connect_lazy_with(settings.read_only(true));
    Ok(Store { pool: Pool::Sqlite { writer: Writer::start(write), read } })
}

/// Every statement works on a small batch and has an index for it. The planner cannot know how small: it has no figures
/// of a batch in JSON, nor of tables that grew since they were last analysed, and reads whole tables instead. Planned
/// by index and once per connection, the whole road is twice as fast (`hotelbot bench`).
///
/// A statement is planned once, mostly over small tables, where reading a whole index looks as cheap as asking it a
/// hundred times, and stays so while the table grows: each entry that is passed must look dear.
const BY_INDEX: [(&str, &str); 7] = [
    ("cpu_index_tuple_cost", "1"),
    ("enable_material", "off"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("plan_cache_mode", "force_generic_plan"),
    ("jit", "off"),
];

async fn connect_postgres(url: &str, options: OpenOptions) -> Result<Store> {
    let settings = PgConnectOptions::from_str(url)
        .map_err(|_| StoreError::Refused("the PostgreSQL URL cannot be read".to_owned()))?
        .application_name("hotelbot")
        // A hanging server must not hang the house.
        .options([("statement_timeout", "10000"), ("idle_in_transaction_session_timeout", "30000")])
        .options(BY_INDEX)
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(options.connections.max(1))
        .acquire_timeout(Duration::from_secs(5))
        .connect_with(settings)
        .await?;
    if options.durability == Durability::Required {
        check_durability(&pool).await?;
    }
    Ok(Store { pool: Pool::Postgres(pool) })
}

async fn check_durability(pool: &PgPool) -> Result<()> {
    for (setting, query) in [("synchronous_commit", "SHOW synchronous_commit"), ("fsync", "SHOW fsync")] {
        let value: String = sqlx::query_scalar(query).fetch_one(pool).await?;
        if value == "off" {
            return Err(StoreError::Refused(format!(
                "PostgreSQL runs with `{setting} = off` and may lose what was acknowledged; switch it on, or pass \
                 `--unsafe-durability`"
            )));
        }
    }
    Ok(())
}

async fn sqlite_version(pool: &SqlitePool) -> Result<String> {
    Ok(sqlx::query_scalar("SELECT sqlite_version()").fetch_one(pool).await?)
}

fn parse_version(text: &str) -> (u32, u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

async fn applied_sqlite(pool: &SqlitePool) -> Result<Vec<i64>> {
    let exists: Option<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'")
            .fetch_optional(pool)
            .await?;
    if exists.is_none() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version")
        .fetch_all(pool)
        .await?)
}

async fn applied_postgres(pool: &PgPool) -> Result<Vec<i64>> {
    let exists: Option<String> =
        sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations')::text").fetch_one(pool).await?;
    if exists.is_none() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version")
        .fetch_all(pool)
        .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(parse_version("3.51.3") >= OLDEST_SQLITE);
        assert!(parse_version("3.51.10") >= OLDEST_SQLITE);
        assert!(parse_version("3.9.2") < OLDEST_SQLITE);
        assert!(parse_version("3.51.2") < OLDEST_SQLITE);
    }
}
