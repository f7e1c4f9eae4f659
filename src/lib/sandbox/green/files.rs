//! Uploaded files: kept in memory within a bound, and served back under the link the upload returned.

use std::collections::VecDeque;
use std::sync::Mutex;

use axum::body::Bytes;

use super::held;

/// How many bytes of uploads are kept; older ones go first.
const KEPT: usize = 64 << 20;

#[derive(Debug)]
struct Stored {
    path: String,
    bytes: Bytes,
}

/// The uploads of the whole sandbox.
#[derive(Debug)]
pub struct Files {
    url: String,
    stored: Mutex<(VecDeque<Stored>, u64)>,
}

impl Files {
    /// No files; links start with the sandbox's address.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), stored: Mutex::default() }
    }

    /// Keeps a file and returns its link.
    pub fn store(&self, name: &str, bytes: Bytes) -> String {
        let safe: String =
            name.chars().map(|c| if c.is_alphanumeric() || ".-_".contains(c) { c } else { '_' }).collect();
        let mut stored = held(&self.stored);
        stored.1 += 1;
        let path = format!("{}-{safe}", stored.1);
        stored.0.push_back(Stored { path: path.clone(), bytes });
        while stored.0.len() > 1 && stored.0.iter().map(|file| file.bytes.len()).sum::<usize>() > KEPT {
            stored.0.pop_front();
        }
        format!("{}/_sandbox/files/{path}", self.url)
    }

    /// The file under the last segment of its link.
    #[must_use]
    pub fn load(&self, path: &str) -> Option<Bytes> {
        held(&self.stored).0.iter().find(|file| file.path == path).map(|file| file.bytes.clone())
    }
}
