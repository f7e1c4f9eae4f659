//! Files that go with words: which kinds guests' phones open, and where words may stand beside one.
//!
//! Facts of Green API ("SendFileByUrl", "SendFileByUpload"): the name's ending decides the kind; an address holds neither
//! spaces nor any of `~$€%#£?!`; a caption is shown with pictures and videos only, and of its length the vendor's own
//! sources say 1,024 and 20,000 characters, so the shorter one holds here.

use serde::{Deserialize, Serialize};

/// The longest words beside a file, in characters.
pub const LONGEST_CAPTION: usize = 1_024;
/// The largest file, in bytes. The channel takes 100 MB; a guest on the road does not.
pub const LARGEST_FILE: u64 = 16 << 20;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileKind {
    /// How its name ends, in small letters.
    pub ending: &'static str,
    /// Its MIME type.
    pub mime: &'static str,
    /// Whether words are shown beside it.
    pub captioned: bool,
}

const fn kind(ending: &'static str, mime: &'static str, captioned: bool) -> FileKind {
    FileKind { ending, mime, captioned }
}

/// What a phone opens without another program.
pub const KINDS: &[FileKind] = &[
    kind("jpg", "image/jpeg", true),
    kind("jpeg", "image/jpeg", true),
    kind("png", "image/png", true),
    kind("mp4", "video/mp4", true),
    kind("pdf", "application/pdf", false),
    kind("mp3", "audio/mpeg", false),
    kind("ogg", "audio/ogg", false),
    kind("txt", "text/plain", false),
    kind("ics", "text/calendar", false),
    kind("vcf", "text/vcard", false),
    kind("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", false),
    kind("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false),
];

/// A file of a message on its way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// An https address, or a path below the hotel's folder.
    pub source: String,
    /// The message's words are shown beside it; without this it goes alone, and the words are only its name.
    pub captioned: bool,
}

/// How words and a file become messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beside {
    /// One message: the words are the file's caption.
    Caption(Attachment),
    /// The words first, the file by itself after them.
    After(Attachment),
}

impl Attachment {
    /// Words with a file; answers to be tapped take the words' place beside it.
    pub fn beside(source: &str, words: &str, tapped: bool) -> Beside {
        let fits = kind_of(source).is_some_and(|kind| kind.captioned) && words.chars().nth(LONGEST_CAPTION).is_none();
        let attachment = |captioned| Attachment { source: source.to_owned(), captioned };
        if fits && !tapped { Beside::Caption(attachment(true)) } else { Beside::After(attachment(false)) }
    }

    /// Its name, with the ending that decides its kind.
    pub fn name(&self) -> &str {
        name(&self.source)
    }

    /// The channel fetches it itself.
    pub fn is_address(&self) -> bool {
        is_address(&self.source)
    }
}

/// Whether a source is fetched by the channel; else it is a file of the hotel's folder.
pub fn is_address(source: &str) -> bool {
    source.contains("://")
}

/// The last part of a path or address.
pub fn name(source: &str) -> &str {
    let path = source.split_once("://").map_or(source, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    path.rsplit('/').next().unwrap_or_default()
}

/// The kind of a file, by how its name ends.
pub fn kind_of(source: &str) -> Option<&'static FileKind> {
    let (_, ending) = name(source).rsplit_once('.')?;
    KINDS.iter().find(|kind| ending.eq_ignore_ascii_case(kind.ending))
}

/// A character that the channel takes in no address of a file.
pub fn odd_character(address: &str) -> Option<char> {
    address.chars().find(|character| character.is_whitespace() || "~$€%#£?!".contains(*character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_beside_pictures_and_videos_that_fit_and_before_everything_else() {
        let beside = |source: &str, words: &str, tapped| match Attachment::beside(source, words, tapped) {
            Beside::Caption(file) => file.captioned,
            Beside::After(file) => file.captioned,
        };
        assert!(beside("pool.jpg", "Open till ten", false));
        assert!(beside("https://example.com/a/pool.MP4", &"ы".repeat(1_024), false));
        assert!(!beside("pool.jpg", &"ы".repeat(1_025), false));
        assert!(!beside("pool.jpg", "Well?", true), "a poll has no place for a picture");
        assert!(!beside("menu.pdf", "Our menu", false));
        assert!(!beside("pool", "Open till ten", false));
    }

    #[test]
    fn a_name_is_the_last_part_of_a_path_and_never_the_host() {
        for (source, expected) in [
            ("menu.pdf", "menu.pdf"),
            ("files/menu.pdf", "menu.pdf"),
            ("https://example.com/a/menu.pdf", "menu.pdf"),
            ("https://example.com", ""),
            ("https://example.com/", ""),
        ] {
            assert_eq!(name(source), expected, "{source}");
        }
        assert_eq!(kind_of("https://example.pdf"), None);
        assert_eq!(kind_of("a/Menu.PDF").map(|kind| kind.mime), Some("application/pdf"));
    }
}
