//! The layers of the library, as the table in `src/lib/lib.rs` draws them. The table is read, not repeated: who
//! changes it changes what this test allows.

use crate::support::rust_source::{code_without_tests, rust_files};
use std::collections::BTreeMap;
use std::path::Path;

/// Layer to the layers it may import.
type Table = BTreeMap<String, Vec<String>>;

/// Words that must not occur in the code of some layers, with the reason.
const BANNED: &[(&[&str], &[&str], &str)] = &[
    (
        &["domain", "nlu"],
        &["tokio", "sqlx", "reqwest", "redis", "tracing", "axum", "hyper", "rustls", "getrandom", "metrics"],
        "pure: no IO, no logs",
    ),
    (
        &["domain", "nlu"],
        &["now()", "SystemTime", "Instant::", "now_v7", "new_v4", "async", "std::fs", "std::net", "std::env", "thread"],
        "pure: same input, same output",
    ),
    (
        &["flow"],
        &["axum", "hyper", "reqwest", "sqlx", "redis", "serde_saphyr", "green_api", "GreenApi", "deepseek", "DeepSeek"],
        "knows no HTTP, SQL, YAML and no vendor's name",
    ),
    (&["store"], &["reqwest", "axum", "redis", "serde_saphyr"], "knows SQL only"),
    (&["gateways"], &["sqlx"], "never sees the database"),
    (&["config"], &["tokio::net", "reqwest", "sqlx"], "opens no socket"),
];

/// The library has no face.
const BANNED_EVERYWHERE: &[&str] =
    &["clap", "comfy_table", "indicatif", "println!", "eprintln!", "print!", "eprint!", "dbg!"];

#[test]
fn every_layer_imports_only_what_the_table_allows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib");
    let table = table(&read(&root.join("lib.rs")));
    let mut seen = 0;

    let mut found = Vec::new();
    for (path, code) in library_code(&root) {
        seen += 1;
        found.extend(violations(&table, &path, &code));
    }

    assert!(seen > 30, "only {seen} files were read");
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_folder_of_the_library_is_a_layer_of_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib");
    let table = table(&read(&root.join("lib.rs")));

    let unknown: Vec<String> = rust_files(&root)
        .iter()
        .map(|path| layer_of(path))
        .filter(|layer| layer != "lib" && !table.contains_key(layer))
        .collect();

    assert_eq!(unknown, Vec::<String>::new(), "these are in no row of the table in src/lib/lib.rs");
}

#[test]
fn a_violation_is_seen() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib");
    let table = table(&read(&root.join("lib.rs")));
    let cases = [
        ("domain/a.rs", "use crate::store::Store;", "domain imports store"),
        ("domain/a.rs", "use crate::{ports::Clock};", "domain imports ports"),
        ("nlu/a.rs", "use crate::{domain::ids, store};", "nlu imports store"),
        ("store/a.rs", "use crate::{\n  domain::{ids, turn},\n  gateways,\n};", "store imports gateways"),
        ("gateways/green/a.rs", "fn f() { crate::store::open(); }", "gateways imports store"),
        ("flow/mod.rs", "use super::gateways::http;", "leaves its layer"),
        ("flow/a/b.rs", "use super::super::super::gateways::http;", "leaves its layer"),
        ("flow/a.rs", "use super::super::gateways::http;", "leaves its layer"),
        ("domain/a.rs", "fn f() { let _ = Timestamp::now(); }", "`now()`"),
        ("domain/a.rs", "pub async fn f() {}", "`async`"),
        ("nlu/a.rs", "use tokio::time;", "`tokio`"),
        ("flow/a.rs", "use sqlx::query;", "`sqlx`"),
        ("gateways/a.rs", "use clap::Parser;", "`clap`"),
        ("daemon/a.rs", "fn f() { println!(); }", "`println!`"),
        ("lib.rs", "use comfy_table::Table;", "`comfy_table`"),
    ];

    for (path, source, expected) in cases {
        let found = violations(&table, path, &code_without_tests(source).0);
        assert!(found.iter().any(|text| text.contains(expected)), "{source}: {found:?} has no `{expected}`");
    }
}

#[test]
fn what_is_no_violation_is_not_reported() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib");
    let table = table(&read(&root.join("lib.rs")));
    let cases = [
        ("domain/a.rs", "// use crate::store; println!()\nuse crate::domain::ids::HotelId;"),
        ("domain/a.rs", "const WORDS: &str = \"async tokio crate::store\";"),
        ("domain/a.rs", "#[cfg(test)]\nmod tests { use crate::store::Store; fn f() { println!(\"}}\"); } }"),
        ("domain/a/b.rs", "use super::super::ids::HotelId;"),
        ("store/a.rs", "use crate::{on_read, on_tx, sql};\nfn f<'a>(x: &'a str) -> char { '\"' }"),
        ("flow/a.rs", "use crate::store::Store; use crate::ports::Clock;"),
        ("app.rs", "use crate::gateways::system::System;"),
        ("daemon/a.rs", "fn reprintln() {} fn snow() {} use crate::flow;"),
    ];

    for (path, source) in cases {
        let found = violations(&table, path, &code_without_tests(source).0);
        assert_eq!(found, Vec::<String>::new(), "{source}");
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows `| layer | may import | … |` of the library's own documentation.
fn table(documentation: &str) -> Table {
    let mut table = Table::new();
    for line in documentation.lines().filter_map(|line| line.strip_prefix("//! | `")) {
        let mut cells = line.split('|').map(|cell| cell.trim().trim_matches('`').to_owned());
        let (Some(layer), Some(imports)) = (cells.next(), cells.next()) else { continue };
        let allowed = match imports.as_str() {
            "—" => Vec::new(),
            "all above" => table.keys().cloned().collect(),
            list => list.split(", ").map(|name| name.trim_matches('`').to_owned()).collect(),
        };
        table.insert(layer, allowed);
    }
    assert!(table.len() >= 10, "the table of layers in src/lib/lib.rs was not found: {table:?}");
    table
}

/// The code of the library without its tests, by relative path.
fn library_code(root: &Path) -> Vec<(String, String)> {
    let mut test_files = Vec::new();
    let mut files = Vec::new();
    for path in rust_files(root) {
        let (code, test_modules) = code_without_tests(&read(&root.join(&path)));
        let folder = match path.file_stem().and_then(|stem| stem.to_str()) {
            Some("mod" | "lib") => path.parent().map(Path::to_path_buf).unwrap_or_default(),
            _ => path.with_extension(""),
        };
        test_files.extend(test_modules.iter().map(|name| folder.join(name).with_extension("rs")));
        files.push((path, code));
    }
    files
        .into_iter()
        .filter(|(path, _)| !test_files.contains(path))
        .map(|(path, code)| (path.to_string_lossy().into_owned(), code))
        .collect()
}

fn layer_of(path: &Path) -> String {
    let first = path.components().next().expect("a relative path has a first part");
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

fn violations(table: &Table, path: &str, code: &str) -> Vec<String> {
    let layer = layer_of(Path::new(path));
    let mut found: Vec<String> = BANNED_EVERYWHERE
        .iter()
        .filter(|word| has_word(code, word))
        .map(|word| format!("{path}: `{word}` belongs to the face, src/bin/hotelbot"))
        .collect();
    for (layers, words, why) in BANNED {
        let banned = words.iter().filter(|word| layers.contains(&layer.as_str()) && has_word(code, word));
        found.extend(banned.map(|word| format!("{path}: `{word}` in {layer}: {why}")));
    }
    if let Some(allowed) = table.get(&layer) {
        let foreign = imports(code)
            .into_iter()
            .filter(|name| *name != layer && table.contains_key(name) && !allowed.contains(name));
        found.extend(foreign.map(|name| format!("{path}: {layer} imports {name}")));
    }
    if climbs_out(path, code) {
        found.push(format!("{path}: `super::` leaves its layer; write `crate::` so that it is seen"));
    }
    found
}

/// Whether a word occurs by itself, not as a part of a longer one.
fn has_word(code: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].ends_with(part_of_word);
        let after = code[at + word.len()..].starts_with(part_of_word) && word.ends_with(part_of_word);
        !before && !after
    })
}

/// The first names after `crate::`, also in `crate::{a, b::c}`.
fn imports(code: &str) -> Vec<String> {
    let name =
        |text: &str| -> String { text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let mut names = Vec::new();
    for (at, found) in code.match_indices("crate::") {
        let rest = &code[at + found.len()..];
        match rest.strip_prefix('{') {
            Some(group) => names.extend(top_level(group).into_iter().map(name)),
            None => names.push(name(rest)),
        }
    }
    names
}

/// The parts of a group of imports, without what is in its inner groups.
fn top_level(group: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0_u32, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                parts.push(&group[from..at]);
                break;
            }
            ',' if depth == 0 => {
                parts.push(&group[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts
}

/// Whether a chain of `super::` reaches the crate's root, past what `crate::` would show.
fn climbs_out(path: &str, code: &str) -> bool {
    let depth = path.trim_end_matches(".rs").trim_end_matches("/mod").split('/').count();
    let mut rest = code;
    while let Some(at) = rest.find("super::") {
        let chain = &rest[at..];
        let steps = chain.split("super::").take_while(|between| between.is_empty()).count();
        // The split yields one empty part before each step.
        if steps >= depth || steps >= 3 {
            return true;
        }
        rest = &chain["super::".len() * steps.max(1)..];
    }
    false
}
