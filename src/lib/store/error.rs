//! What a caller can do about a failed query.

/// Named by what comes next.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or is full or busy: try again later.
    #[error("the database is unavailable")]
    Unavailable(#[source] sqlx::Error),
    /// Someone else changed what this was based on.
    #[error("conflict: {0}")]
    Conflict(String),
    /// What is stored cannot be read back.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    /// The database or its schema does not fit this program.
    #[error("{0}")]
    Refused(String),
    /// A statement or value of ours is wrong.
    #[error("the database refused a statement")]
    Bug(#[source] sqlx::Error),
}

impl StoreError {
    /// Whether trying the same again later may help.
    pub fn is_passing(&self) -> bool {
        matches!(self, StoreError::Unavailable(_))
    }

    /// Whether the server undid it in favour of another transaction, so that it may simply run again: 40001
    /// serialization failure, 40P01 deadlock.
    pub(super) fn is_undone(&self) -> bool {
        let StoreError::Unavailable(sqlx::Error::Database(error)) = self else { return false };
        matches!(error.code().as_deref(), Some("40001" | "40P01"))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        let passing = match &error {
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed | E::Protocol(_) => true,
            E::Database(database) => is_passing_code(database.code().as_deref().unwrap_or("")),
            E::Decode(_) | E::ColumnDecode { .. } => return StoreError::Corrupt(error.to_string()),
            _ => false,
        };
        if passing { StoreError::Unavailable(error) } else { StoreError::Bug(error) }
    }
}

/// SQLite: 5 busy, 6 locked, 8 read-only, 10 I/O, 13 full, 14 cannot open, 261/517 busy variants, 778+ I/O variants.
/// PostgreSQL: 08 connection, 40 serialization and deadlock, 53 resources, 55 locks, 57 shutdown, 58 system.
fn is_passing_code(code: &str) -> bool {
    if code.len() == 5 {
        return ["08", "40", "53", "55", "57", "58"].iter().any(|class| code.starts_with(class));
    }
    code.parse::<u32>().is_ok_and(|number| matches!(number & 0xff, 5 | 6 | 8 | 10 | 13 | 14))
}

#[cfg(test)]
mod tests {
    use super::is_passing_code;

    #[test]
    fn a_full_disk_and_a_restarting_server_pass_and_a_broken_constraint_does_not() {
        for code in ["13", "5", "517", "10", "1034", "57P01", "40001", "40P01", "08006", "53300"] {
            assert!(is_passing_code(code), "{code}");
        }
        for code in ["19", "2067", "787", "23505", "42P01", "1", ""] {
            assert!(!is_passing_code(code), "{code}");
        }
    }
}
