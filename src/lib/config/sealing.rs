//! Secrets at rest: XChaCha20-Poly1305 with a key from a file, bound to the hotel and the name they belong to, so that a
//! row copied to another hotel does not open.

use super::secrets::{SecretError, is_open_to_others};
use crate::domain::ids::HotelId;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use secrecy::zeroize::{Zeroize, Zeroizing};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

const KEY_LENGTH: usize = 32;
const NONCE_LENGTH: usize = 24;

/// What the database keeps of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Which key opens it.
    pub key_id: String,
    /// Base64 of 24 random bytes, never used twice.
    pub nonce: String,
    /// Base64 of the ciphertext and its tag.
    pub sealed: String,
}

/// The key of stored secrets.
pub struct SecretKey {
    key: SecretBox<[u8; KEY_LENGTH]>,
    id: String,
}

impl SecretKey {
    /// Reads the key file, or makes it: 32 random bytes, mode 0600, in place as a whole or not at all.
    pub fn open_or_make(path: &Path) -> Result<Self, SecretError> {
        match Self::open(path) {
            Ok(Some(key)) => Ok(key),
            Ok(None) => {
                make(path).map_err(|error| broken(path, error.to_string()))?;
                // Another process may have been first; its key is the one that counts.
                Self::open(path)?.ok_or_else(|| broken(path, "it has vanished".into()))
            }
            Err(error) => Err(error),
        }
    }

    /// Reads the key file; `None` if there is none.
    pub fn open(path: &Path) -> Result<Option<Self>, SecretError> {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(broken(path, error.to_string())),
        };
        if !metadata.is_file() {
            return Err(broken(path, "it is not a file".into()));
        }
        if is_open_to_others(&metadata) {
            return Err(SecretError::Open(path.display().to_string()));
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_LENGTH + 1));
        let read = File::open(path).and_then(|file| file.take(KEY_LENGTH as u64 + 1).read_to_end(&mut bytes));
        read.map_err(|error| broken(path, error.to_string()))?;
        let key: [u8; KEY_LENGTH] = bytes.as_slice().try_into().map_err(|_| {
            broken(path, format!("it must hold {KEY_LENGTH} bytes; restore it from a backup, or secrets are lost"))
        })?;
        Ok(Some(Self::from_bytes(key)))
    }

    fn from_bytes(key: [u8; KEY_LENGTH]) -> Self {
        // A fingerprint that says which key, and nothing about the key.
        let mut hash = Sha256::new();
        hash.update(b"hotelbot key id\0");
        hash.update(key);
        let id = hash.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        Self { key: SecretBox::new(Box::new(key)), id }
    }

    /// Which key this is, as written beside what it seals.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Seals a secret for a hotel and a name.
    pub fn seal(&self, hotel: &HotelId, name: &str, secret: &SecretString) -> Result<Sealed, SecretError> {
        let mut nonce = [0; NONCE_LENGTH];
        getrandom::fill(&mut nonce).map_err(|_| SecretError::Sealed("the system gives no random bytes"))?;
        let bound = bound_to(hotel, name);
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: &bound };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| SecretError::Sealed("it is too long"))?;
        Ok(Sealed { key_id: self.id.clone(), nonce: STANDARD.encode(nonce), sealed: STANDARD.encode(sealed) })
    }

    /// Opens what was sealed for this hotel and this name with this key, and nothing else.
    pub fn unseal(&self, hotel: &HotelId, name: &str, sealed: &Sealed) -> Result<SecretString, SecretError> {
        if sealed.key_id != self.id {
            return Err(SecretError::Sealed("it was sealed with another key file"));
        }
        let damaged = || SecretError::Sealed("it is damaged, or belongs to another hotel or field");
        let nonce = STANDARD.decode(&sealed.nonce).ok().and_then(|bytes| <[u8; NONCE_LENGTH]>::try_from(bytes).ok());
        let nonce = XNonce::from(nonce.ok_or_else(damaged)?);
        let ciphertext = STANDARD.decode(&sealed.sealed).map_err(|_| damaged())?;
        let bound = bound_to(hotel, name);
        let plain = self.cipher().decrypt(&nonce, Payload { msg: &ciphertext, aad: &bound }).map_err(|_| damaged())?;
        match String::from_utf8(plain) {
            Ok(text) => Ok(SecretString::from(text)),
            Err(error) => {
                error.into_bytes().zeroize();
                Err(damaged())
            }
        }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.key.expose_secret()))
    }
}

/// What a sealed secret is tied to. A hotel's id has no NUL, so no two pairs give the same bytes.
fn bound_to(hotel: &HotelId, name: &str) -> Vec<u8> {
    [b"hotelbot secret 1\0", hotel.as_str().as_bytes(), b"\0", name.as_bytes()].concat()
}

fn broken(path: &Path, reason: String) -> SecretError {
    SecretError::Key { path: path.display().to_string(), reason }
}

/// Writes a new key beside its place and links it there, which fails if somebody else was first.
fn make(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folder(folder)?;
    let mut key = Zeroizing::new([0; KEY_LENGTH]);
    let mut unique = [0; 8];
    getrandom::fill(key.as_mut_slice()).and_then(|()| getrandom::fill(&mut unique)).map_err(io::Error::other)?;
    let draft = folder.join(format!(".secret-{:016x}.tmp", u64::from_le_bytes(unique)));
    let linked = write_draft(&draft, key.as_slice()).and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        // The name itself must survive a power cut before anything is sealed with the key.
        _ => File::open(folder)?.sync_all(),
    }
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn write_draft(draft: &Path, key: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(key)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use tempfile::TempDir;

    fn hotel(id: &str) -> HotelId {
        HotelId::parse(id).expect("valid")
    }

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_bytes([byte; KEY_LENGTH])
    }

    fn opened(key: &SecretKey, id: &str, name: &str, sealed: &Sealed) -> Option<String> {
        key.unseal(&hotel(id), name, sealed).ok().map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn a_sealed_secret_opens_only_for_its_hotel_its_name_and_with_its_key() {
        let sealed = key(1).seal(&hotel("astoria"), "token", &"abc".into()).expect("sealed");

        assert_eq!(opened(&key(1), "astoria", "token", &sealed).as_deref(), Some("abc"));
        assert_eq!(opened(&key(1), "sea-view", "token", &sealed), None);
        assert_eq!(opened(&key(1), "astoria", "webhook_token", &sealed), None);
        assert_eq!(opened(&key(2), "astoria", "token", &sealed), None);
        let renamed = Sealed { key_id: key(2).id().to_owned(), ..sealed };
        assert_eq!(opened(&key(2), "astoria", "token", &renamed), None);
    }

    #[test]
    fn what_two_hotels_have_sealed_cannot_be_swapped() {
        let key = key(1);
        let one = key.seal(&hotel("one"), "token", &"first".into()).expect("sealed");
        let two = key.seal(&hotel("two"), "token", &"second".into()).expect("sealed");

        assert_eq!(opened(&key, "one", "token", &two), None);
        assert_eq!(opened(&key, "two", "token", &one), None);
    }

    #[test]
    fn every_changed_character_is_noticed_and_no_nonce_is_used_twice() {
        let key = key(1);
        let sealed = key.seal(&hotel("one"), "token", &"first".into()).expect("sealed");
        let again = key.seal(&hotel("one"), "token", &"first".into()).expect("sealed");

        assert_ne!(sealed.nonce, again.nonce);
        assert_ne!(sealed.sealed, again.sealed);
        for at in 0..sealed.sealed.len() {
            let mut bytes = sealed.sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = Sealed { sealed: String::from_utf8(bytes).expect("ASCII"), ..sealed.clone() };
            assert_eq!(opened(&key, "one", "token", &changed), None, "{at}");
        }
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_only() {
        let dir = TempDir::new().expect("temporary folder");
        let path = dir.path().join("data/secret.key");

        let ids: Vec<String> = std::thread::scope(|scope| {
            let open = || SecretKey::open_or_make(&path).expect("a key").id().to_owned();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });

        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        let mode = fs::metadata(&path).expect("made").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read(&path).expect("readable").len(), KEY_LENGTH);
        assert_eq!(fs::read_dir(dir.path().join("data")).expect("readable").count(), 1, "no draft is left");
    }

    #[test]
    fn a_key_that_is_open_short_or_not_a_file_is_refused() {
        let dir = TempDir::new().expect("temporary folder");
        let path = dir.path().join("secret.key");

        fs::write(&path, [7; KEY_LENGTH]).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set");
        assert!(matches!(SecretKey::open_or_make(&path), Err(SecretError::Open(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
        assert!(SecretKey::open_or_make(&path).is_ok());
        for length in [0, 31, 33] {
            fs::write(&path, vec![7; length]).expect("written");
            assert!(matches!(SecretKey::open_or_make(&path), Err(SecretError::Key { .. })), "{length}");
        }
        assert!(matches!(SecretKey::open_or_make(dir.path()), Err(SecretError::Key { .. })));
    }
}
