//! A throw-away place in a PostgreSQL database, for benchmarks and trials: a schema of its own, dropped afterwards.

use super::{Result, StoreError};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// A schema that only this trial uses.
#[derive(Debug)]
pub struct Scratch {
    server: String,
    name: String,
}

impl Scratch {
    /// Makes an empty schema. `name` may hold only `a-z`, `0-9` and `_`.
    pub async fn make(url: &str, name: &str) -> Result<Self> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err(StoreError::Refused(format!("`{name}` is no name for a schema")));
        }
        let scratch = Self { server: url.to_owned(), name: name.to_owned() };
        scratch.run(format!("CREATE SCHEMA {name}")).await?;
        Ok(scratch)
    }

    /// The URL under which everything is kept in the schema.
    pub fn url(&self) -> String {
        let joint = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{joint}options=-c%20search_path%3D{}", self.server, self.name)
    }

    /// Drops it with all that is in it.
    pub async fn remove(self) -> Result<()> {
        self.run(format!("DROP SCHEMA {} CASCADE", self.name)).await
    }

    /// The name was checked when the schema was made.
    async fn run(&self, sql: String) -> Result<()> {
        let mut connection = PgConnection::connect(&self.server).await?;
        sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }
}
