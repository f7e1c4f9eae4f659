//! One daemon for one SQLite file: a lock the kernel drops when the process dies, however it dies.

use rustix::fs::{FlockOperation, flock};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Why the database cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another daemon has it.
    #[error("another daemon already serves `{0}`")]
    Taken(PathBuf),
    /// The lock file cannot be made.
    #[error("`{path}` cannot be locked")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Held as long as the daemon lives.
#[derive(Debug)]
pub struct DatabaseLock {
    _file: File,
}

impl DatabaseLock {
    /// Takes `<database>.lock`, or says that another daemon has it.
    pub fn take(database: &Path) -> Result<Self, LockError> {
        let mut name = database.as_os_str().to_owned();
        name.push(".lock");
        let path = PathBuf::from(name);
        let io = |source| LockError::Io { path: path.clone(), source };
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { _file: file }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(LockError::Taken(database.to_owned())),
            Err(error) => Err(LockError::Io { path, source: error.into() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_daemon_is_refused_and_a_dead_ones_lock_is_free() {
        let dir = tempfile::tempdir().expect("a folder");
        let database = dir.path().join("hotelbot.db");

        let first = DatabaseLock::take(&database).expect("free");
        assert!(matches!(DatabaseLock::take(&database), Err(LockError::Taken(_))));

        drop(first);
        assert!(DatabaseLock::take(&database).is_ok());
    }
}
