//! Reading Rust source as text, as far as tests about the source need it.

use std::path::{Path, PathBuf};

/// Every `.rs` file under `root`, as a path relative to it, sorted.
pub fn rust_files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.expect("a folder that can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path.strip_prefix(root).expect("found below the root").to_path_buf());
            }
        }
    }
    found.sort();
    found
}

/// A stretch of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch<'a> {
    /// Code, without comments and literals.
    Code(&'a str),
    /// The inside of a string literal, escapes as written.
    Literal(&'a str),
    /// A comment or a character literal.
    Other(&'a str),
}

/// Cuts source into code, string literals and the rest. Joined again, only the quotes are missing.
pub fn stretches(source: &str) -> Vec<Stretch<'_>> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    while at < source.len() {
        let Some((part, length)) = special(source, at) else {
            at += source[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        parts.push(Stretch::Code(&source[from..at]));
        parts.push(part);
        at += length;
        from = at;
    }
    parts.push(Stretch::Code(&source[from..]));
    parts
}

/// A comment or literal that starts exactly here, with its whole length.
fn special(source: &str, at: usize) -> Option<(Stretch<'_>, usize)> {
    let rest = &source[at..];
    if rest.starts_with("//") {
        let length = rest.find('\n').unwrap_or(rest.len());
        return Some((Stretch::Other(&rest[..length]), length));
    }
    if rest.starts_with("/*") {
        let length = rest.find("*/").map_or(rest.len(), |end| end + 2);
        return Some((Stretch::Other(&rest[..length]), length));
    }
    if let Some(inside) = rest.strip_prefix('"') {
        let end = quoted_end(inside, '"');
        return Some((Stretch::Literal(&inside[..end]), end + 2));
    }
    let starts_a_word = !source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    if rest.starts_with('r') && starts_a_word {
        return raw_literal(rest);
    }
    character(rest)
}

fn quoted_end(inside: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at,
            _ => {}
        }
    }
    inside.len()
}

fn raw_literal(rest: &str) -> Option<(Stretch<'_>, usize)> {
    let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
    let inside = rest[1 + hashes..].strip_prefix('"')?;
    let end = inside.find(&format!("\"{}", "#".repeat(hashes)))?;
    Some((Stretch::Literal(&inside[..end]), 1 + hashes + 1 + end + 1 + hashes))
}

/// `'x'` and `'\n'`, but not the lifetime `'x`.
fn character(rest: &str) -> Option<(Stretch<'_>, usize)> {
    let inside = rest.strip_prefix('\'')?;
    let first = inside.chars().next()?;
    let is_character = first == '\\' || inside[first.len_utf8()..].starts_with('\'');
    let end = is_character.then(|| quoted_end(inside, '\''))?;
    Some((Stretch::Other(&rest[..end + 2]), end + 2))
}

/// The source without comments, literals and whatever is only compiled for tests, and the names of modules in other
/// files that are only compiled for tests.
pub fn code_without_tests(source: &str) -> (String, Vec<String>) {
    let mut code: String = stretches(source)
        .into_iter()
        .map(|part| match part {
            Stretch::Code(text) => text,
            Stretch::Literal(_) => "\"\"",
            Stretch::Other(_) => " ",
        })
        .collect();
    let mut test_modules = Vec::new();
    while let Some(start) = code.find("#[cfg(test)]") {
        let after = start + "#[cfg(test)]".len();
        let item = &code[after..];
        let length = item_length(item);
        if let Some(name) = item[..length].trim().strip_suffix(';').and_then(|text| text.split("mod ").nth(1)) {
            test_modules.push(name.trim().to_owned());
        }
        code.replace_range(start..after + length, "");
    }
    (code, test_modules)
}

/// Up to the `;` or the closing brace of the first item.
fn item_length(item: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in item.char_indices() {
        match c {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    item.len()
}
