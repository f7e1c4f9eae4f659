//! Writing a file as a whole or not at all.

use crate::fail::Failure;
use std::io::Write;
use std::path::Path;

/// Beside its place first, then moved there: a reader sees the old file or the new one.
pub fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}.tmp", std::process::id()));
    let outcome = (|| {
        let mut out = std::fs::File::create(&beside)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        std::fs::rename(&beside, file)
    })();
    outcome.map_err(|error| {
        // What is left of a failed attempt is of no use to anybody.
        let _ = std::fs::remove_file(&beside);
        Failure::wrong(format!("`{}` cannot be written", file.display())).because(error).into()
    })
}
