//! Where everything is kept, and whether a SQLite file can be kept there.

use super::diagnose::{nearest, shown};
use super::links;
use super::settings_values::{Wrong, without_password};
use secrecy::{ExposeSecret, SecretString};
use std::fs;
use std::path::{Path, PathBuf};

/// `sqlite:PATH` or `postgres://…`.
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    /// A file, relative paths already taken from the operator's folder.
    Sqlite(PathBuf),
    /// A server; may hold a password.
    Postgres(SecretString),
}

impl DatabaseUrl {
    /// The default under the operator's folder.
    pub(crate) fn in_folder(dir: &Path) -> Self {
        DatabaseUrl::Sqlite(dir.join("data/hotelbot.db"))
    }

    /// Reads a URL; a relative path is taken from `dir`.
    pub(crate) fn parse(text: &str, dir: &Path) -> Result<Self, Wrong> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return sqlite(path, dir);
        }
        match text.split_once("://") {
            Some(("postgres" | "postgresql", rest)) if !rest.is_empty() => {
                if links::host(rest).is_empty() && !rest.contains('?') {
                    return Err(Wrong::new("the address names no host", "write `postgres://user@host/database`"));
                }
                Ok(DatabaseUrl::Postgres(text.into()))
            }
            // The text may hold a password and is not shown.
            _ => {
                let scheme = text.split(':').next().unwrap_or_default();
                let fix = match nearest(scheme, ["postgres", "sqlite"]) {
                    Some(meant) => format!("did you mean `{meant}:`?"),
                    None => "write `sqlite:PATH` or `postgres://user@host/database`".into(),
                };
                Err(Wrong::new(format!("`{}:` is not a database that is known", shown(scheme)), fix))
            }
        }
    }

    /// As drivers take it; holds the password.
    pub fn url(&self) -> SecretString {
        match self {
            DatabaseUrl::Sqlite(path) => {
                // The driver reads `%` and `?` as a URL does.
                let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
                format!("sqlite:{path}").into()
            }
            DatabaseUrl::Postgres(url) => url.clone(),
        }
    }

    /// As it may be shown.
    pub fn masked(&self) -> String {
        match self {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => without_password(url.expose_secret()),
        }
    }
}

fn sqlite(path: &str, dir: &Path) -> Result<DatabaseUrl, Wrong> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.ends_with('/') {
        return Err(Wrong::new("the database has no file name", "write `sqlite:data/hotelbot.db`"));
    }
    if path.starts_with(":memory:") {
        return Err(Wrong::new("a database in memory loses every message", "write `sqlite:data/hotelbot.db`"));
    }
    if path.contains('?') {
        return Err(Wrong::new("options of the file are not yours to set", "end it before the `?`"));
    }
    Ok(DatabaseUrl::Sqlite(dir.join(path)))
}

/// Whether a database can be kept in this file; a file that is not there yet is judged by its folder.
pub(crate) fn check_file(path: &Path) -> Result<(), Wrong> {
    let name = shown(&path.to_string_lossy());
    if let Ok(metadata) = fs::symlink_metadata(path) {
        let kind = metadata.file_type();
        if kind.is_symlink() {
            return Err(Wrong::new(format!("`{name}` is a link"), "name the file itself"));
        }
        if kind.is_dir() {
            return Err(Wrong::new(
                format!("`{name}` is a folder"),
                format!("name a file in it, `{name}/hotelbot.db`"),
            ));
        }
        if !kind.is_file() {
            return Err(Wrong::new(format!("`{name}` is not a file"), "name another"));
        }
        check_owner(&metadata, &name)?;
    }
    check_disk(path, &name)
}

#[cfg(unix)]
fn check_owner(metadata: &fs::Metadata, name: &str) -> Result<(), Wrong> {
    use std::os::unix::fs::MetadataExt;
    // Root may read everything; it is refused nothing here.
    let me = rustix::process::geteuid();
    if me.is_root() || metadata.uid() == me.as_raw() {
        return Ok(());
    }
    Err(Wrong::new(format!("`{name}` belongs to another user"), "run as that user, or name another file"))
}

#[cfg(not(unix))]
fn check_owner(_metadata: &fs::Metadata, _name: &str) -> Result<(), Wrong> {
    Ok(())
}

/// SQLite's locks and WAL do not work over a network (sqlite.org/wal.html).
#[cfg(target_os = "linux")]
fn check_disk(path: &Path, name: &str) -> Result<(), Wrong> {
    // Of linux/magic.h: NFS, SMB1, SMB2/CIFS.
    const NETWORK: &[u64] = &[0x6969, 0x517B, 0xFE53_4D42, 0xFF53_4D42];
    let existing = path.ancestors().find(|ancestor| ancestor.exists());
    let Some(disk) = existing.and_then(|ancestor| rustix::fs::statfs(ancestor).ok()) else { return Ok(()) };
    if u64::try_from(disk.f_type).is_ok_and(|kind| NETWORK.contains(&(kind & 0xFFFF_FFFF))) {
        return Err(Wrong::new(format!("`{name}` is on a network disk"), "keep it on a local one, or use PostgreSQL"));
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn check_disk(_path: &Path, _name: &str) -> Result<(), Wrong> {
    Ok(())
}
