//! Secrets by reference: the environment, a file only its owner can read, or the database, sealed.
//!
//! What comes out is a `SecretString`, whose `Debug` shows nothing. No error holds a secret.

use super::settings::Environment;
use crate::domain::hotel::SecretReference;
use secrecy::SecretString;
use secrecy::zeroize::Zeroize;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// Why there is no secret; says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The daemon's environment does not have it.
    #[error("the environment variable {0} is not set")]
    Unset(String),
    /// There, but nothing in it.
    #[error("{0} is empty")]
    Empty(String),
    /// The file cannot be read.
    #[error("the file {path} cannot be read: {reason}")]
    Unreadable {
        /// As the reference names it.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// Others could read it too.
    #[error("the file {0} can be read by others; run `chmod 600 {0}`")]
    Open(String),
    /// Nobody has put it into the database yet.
    #[error("no secret `{name}` is stored; run `hotelbot hotels secret {hotel} {name}`")]
    NotStored {
        /// Whose.
        hotel: String,
        /// `token` or `webhook_token`.
        name: String,
    },
    /// It was sealed with another key, for another hotel or name, or has been changed.
    #[error("the stored secret cannot be opened with this key: {0}")]
    Sealed(&'static str),
    /// The key file is not usable.
    #[error("the key file {path}: {reason}")]
    Key {
        /// Of the key.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

/// The longest secret that makes sense; a bigger file is not one.
const LONGEST: u64 = 8192;

/// Where secrets come from, for one hotel.
pub struct Secrets<'i> {
    /// The daemon's.
    pub environment: &'i Environment,
    /// Relative paths are taken from here.
    pub dir: &'i Path,
    /// Opens what the database holds under a name; `None` if it holds nothing.
    pub stored: &'i dyn Fn(&str) -> Result<Option<SecretString>, SecretError>,
    /// For messages.
    pub hotel: &'i str,
}

impl Secrets<'_> {
    /// The secret a reference names; `name` is the field's: `token` or `webhook_token`.
    pub fn resolve(&self, reference: &SecretReference, name: &str) -> Result<SecretString, SecretError> {
        if *reference != SecretReference::Stored {
            return follow(reference, self.environment, self.dir);
        }
        let missing = || SecretError::NotStored { hotel: self.hotel.to_owned(), name: name.to_owned() };
        (self.stored)(name)?.ok_or_else(missing)
    }
}

/// Follows `env:` and `file:`; a `stored` secret is not to be had without a database.
pub(crate) fn follow(
    reference: &SecretReference,
    environment: &Environment,
    dir: &Path,
) -> Result<SecretString, SecretError> {
    match reference {
        SecretReference::Env(name) => {
            let value = environment.get(name).ok_or_else(|| SecretError::Unset(name.clone()))?;
            trimmed(value, || format!("the environment variable {name}"))
        }
        SecretReference::File(path) => from_file(&dir.join(path)),
        SecretReference::Stored => Err(SecretError::Sealed("there is no database to look into")),
    }
}

fn from_file(path: &Path) -> Result<SecretString, SecretError> {
    let shown = path.display().to_string();
    let unreadable = |reason: String| SecretError::Unreadable { path: shown.clone(), reason };
    let metadata = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if !metadata.is_file() {
        return Err(unreadable("it is not a file".into()));
    }
    if is_open_to_others(&metadata) {
        return Err(SecretError::Open(shown));
    }
    if metadata.len() > LONGEST {
        return Err(unreadable("it is too long for a secret".into()));
    }
    let mut text = String::new();
    let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    file.take(LONGEST).read_to_string(&mut text).map_err(|error| unreadable(error.to_string()))?;
    let secret = trimmed(&text, || format!("the file {shown}"));
    text.zeroize();
    secret
}

/// One line end at the end is the editor's, not the secret's.
fn trimmed(text: &str, what: impl FnOnce() -> String) -> Result<SecretString, SecretError> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(SecretError::Empty(what()));
    }
    Ok(text.into())
}

#[cfg(unix)]
pub(crate) fn is_open_to_others(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
pub(crate) fn is_open_to_others(_metadata: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::os::unix::fs::PermissionsExt;
    use tempfile::TempDir;

    fn resolve(reference: &SecretReference, environment: &Environment, dir: &Path) -> Result<String, SecretError> {
        let stored = |name: &str| Ok((name == "token").then(|| SecretString::from("from the database")));
        let secrets = Secrets { environment, dir, stored: &stored, hotel: "astoria" };
        secrets.resolve(reference, "token").map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn a_variable_must_be_set_and_not_empty() {
        let environment: Environment =
            [("A", "abc"), ("B", "abc\n"), ("C", ""), ("D", "\n")].map(|(k, v)| (k.into(), v.into())).into();
        let of = |name: &str| resolve(&SecretReference::Env(name.into()), &environment, Path::new("."));

        assert_eq!(of("A"), Ok("abc".into()));
        assert_eq!(of("B"), Ok("abc".into()));
        assert_eq!(of("C"), Err(SecretError::Empty("the environment variable C".into())));
        assert_eq!(of("D"), Err(SecretError::Empty("the environment variable D".into())));
        assert_eq!(of("E"), Err(SecretError::Unset("E".into())));
    }

    #[test]
    fn a_file_must_be_readable_by_its_owner_only() {
        let dir = TempDir::new().expect("temporary folder");
        let file = |name: &str, text: &str, mode: u32| {
            let path = dir.path().join(name);
            fs::write(&path, text).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
            resolve(&SecretReference::File(name.into()), &Environment::new(), dir.path())
        };

        assert_eq!(file("right", "abc\n", 0o600), Ok("abc".into()));
        assert_eq!(file("read_only", "abc\r\n", 0o400), Ok("abc".into()));
        assert_eq!(file("two_ends", "abc\n\n", 0o600), Ok("abc\n".into()));
        assert!(matches!(file("group", "abc", 0o640), Err(SecretError::Open(_))));
        assert!(matches!(file("world", "abc", 0o604), Err(SecretError::Open(_))));
        assert!(matches!(file("empty", "\n", 0o600), Err(SecretError::Empty(_))));
        assert!(matches!(file("long", &"x".repeat(10_000), 0o600), Err(SecretError::Unreadable { .. })));
        let missing = resolve(&SecretReference::File("no".into()), &Environment::new(), dir.path());
        assert!(matches!(missing, Err(SecretError::Unreadable { .. })));
    }

    #[test]
    fn a_stored_secret_is_looked_up_by_its_name() {
        let environment = Environment::new();
        let secrets =
            Secrets { environment: &environment, dir: Path::new("."), stored: &|_| Ok(None), hotel: "astoria" };

        assert_eq!(resolve(&SecretReference::Stored, &environment, Path::new(".")), Ok("from the database".into()));
        let missing = secrets.resolve(&SecretReference::Stored, "webhook_token").expect_err("nothing there");
        assert_eq!(
            missing.to_string(),
            "no secret `webhook_token` is stored; run `hotelbot hotels secret astoria webhook_token`"
        );
    }
}
