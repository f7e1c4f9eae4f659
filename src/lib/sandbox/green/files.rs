//! Uploaded files: kept in memory within a bound, and served back under the link the upload returned.

use std::collections::VecDeque;
use std::sync::Mutex;

use axum::body::Bytes;

use super::held;

/// How many bytes of uploads are kept; older ones go first.
const KEPT: usize = 64 << 20;

/// Guests' files have the right first bytes and nothing to see or hear.
const SAMPLES: [(&str, &[u8]); 5] = [
    ("voice.oga", b"OggS\0\x02\0\0\0\0\0\0\0\0"),
    ("image.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\xff\xd9"),
    ("video.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"),
    ("document.pdf", b"%PDF-1.4\n%%EOF\n"),
    ("sticker.webp", b"RIFF\x04\0\0\0WEBP"),
];

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

    /// Where files are served.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}/_sandbox/files", self.url)
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
        format!("{}/{path}", self.url())
    }

    /// The file under the last segment of its link: an upload, or a sample of what guests send.
    #[must_use]
    pub fn load(&self, path: &str) -> Option<Bytes> {
        if let Some((_, sample)) = SAMPLES.iter().find(|(name, _)| *name == path) {
            return Some(Bytes::from_static(sample));
        }
        held(&self.stored).0.iter().find(|file| file.path == path).map(|file| file.bytes.clone())
    }
}
