//! Folders of files: which are read, which are refused, and what only shows when all are seen.

use super::*;
use crate::config::diagnose::render;
use crate::config::hotel_file::tests::SMALLEST;
use crate::domain::hotel::Receive;
use std::os::unix::fs::{PermissionsExt, symlink};
use tempfile::TempDir;

/// A folder with these files under `hotels/`, not writable by others whatever the umask is.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().expect("temporary folder");
    fs::create_dir(dir.path().join("hotels")).expect("made");
    for (name, text) in files {
        let path = dir.path().join("hotels").join(name);
        fs::create_dir_all(path.parent().expect("has one")).expect("made");
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set");
    }
    dir
}

fn folder_mistakes(dir: &TempDir) -> Vec<String> {
    let errors = load_hotels(dir.path(), Against::Vendor).expect_err("must be refused");
    errors.findings.iter().map(|finding| format!("{}: {}", finding.place.label(), finding.message)).collect()
}

#[test]
fn the_example_hotels_are_right_and_nothing_is_odd_about_them() {
    let hotels = load_hotels(Path::new(env!("CARGO_MANIFEST_DIR")), Against::Vendor).unwrap_or_else(|e| panic!("{e}"));

    let ids: Vec<&str> = hotels.iter().map(|loaded| loaded.hotel.id.as_str()).collect();
    assert_eq!(ids, ["astoria", "sea-view"]);
    for loaded in &hotels {
        assert_eq!(loaded.warnings, [], "{}", render(&loaded.warnings));
        assert!(loaded.hotel.knowledge.len() >= 15, "{}", loaded.hotel.id);
        assert!(loaded.hotel.knowledge.is_sorted_by(|one, other| one.id < other.id));
        let stored: Hotel = serde_json::from_value(serde_json::to_value(&loaded.hotel).expect("json")).expect("json");
        assert_eq!(stored, loaded.hotel, "survives the database");
    }
    assert_eq!(hotels[0].hotel.whatsapp.receive, Receive::Poll);
    assert_eq!(hotels[1].hotel.whatsapp.receive, Receive::Webhook);
}

#[test]
fn a_hotel_that_has_grown_keeps_its_facts_beside_it() {
    let hotel = format!("{SMALLEST}knowledge: {{ pool: yes }}\n");
    let good = folder(&[("sea.yaml", &hotel), ("sea/knowledge.yaml", "knowledge:\n  pets: no\n  bar: unknown\n")]);
    let bad = folder(&[("sea.yaml", &hotel), ("sea/knowledge.yaml", "pets: no\npool: no\nbar: perhaps\n")]);

    let loaded = load_hotels(good.path(), Against::Vendor).unwrap_or_else(|errors| panic!("{errors}"));

    let ids: Vec<&str> = loaded[0].hotel.knowledge.iter().map(|fact| fact.id.as_str()).collect();
    assert_eq!(ids, ["bar", "pets", "pool"]);
    assert_eq!(
        folder_mistakes(&bad),
        [
            "hotels/sea/knowledge.yaml:2:1: `pool` is also in hotels/sea.yaml:6",
            "hotels/sea/knowledge.yaml:3:6: `perhaps` is not a fact",
        ]
    );
}

#[test]
fn a_hotel_may_have_a_prompt_of_its_own_and_no_other() {
    let prompt = "---\nprompt: understand@sea-2\n---\nAnswer with one json object, like a captain.\n";
    let good = folder(&[("sea.yaml", SMALLEST), ("sea/prompts/understand.md", prompt), ("sea/prompts/.draft", "x")]);
    let bad = folder(&[
        ("sea.yaml", SMALLEST),
        ("sea/prompts/reply.md", prompt),
        ("sea/prompts/understand.md", &prompt.replace("understand@sea-2", "answer@1")),
    ]);
    let blind = folder(&[("sea.yaml", SMALLEST), ("sea/prompts/understand.md", &prompt.replace("json", "good"))]);

    let loaded = load_hotels(good.path(), Against::Vendor).unwrap_or_else(|errors| panic!("{errors}"));

    let own = loaded[0].hotel.prompt.as_ref().expect("a prompt of its own");
    assert_eq!(
        (own.name.as_str(), own.text.as_str()),
        ("understand@sea-2", "Answer with one json object, like a captain.")
    );
    assert_eq!(
        folder_mistakes(&bad),
        [
            "hotels/sea/prompts/reply.md: there is no prompt of this name",
            "hotels/sea/prompts/understand.md: the prompt calls itself `answer@1`",
        ]
    );
    assert_eq!(
        folder_mistakes(&blind),
        ["hotels/sea/prompts/understand.md: a prompt must contain the word `json`, or the service refuses it"]
    );
}

#[test]
fn no_two_hotels_share_a_phone_or_a_token() {
    let other = SMALLEST.replace("name: Sea View", "nam: x");
    let dir = folder(&[("one.yaml", SMALLEST), ("two.yaml", &other)]);

    assert_eq!(
        folder_mistakes(&dir),
        [
            "hotels/one.yaml:4:23: instance 1101000001 is also that of hotels/two.yaml",
            "hotels/one.yaml:4:44: the same token is used in hotels/two.yaml",
            "hotels/two.yaml:1:1: unknown field `nam`",
            "hotels/two.yaml:4:23: instance 1101000001 is also that of hotels/one.yaml",
            "hotels/two.yaml:4:44: the same token is used in hotels/one.yaml",
        ]
    );
}

#[test]
fn a_folder_of_twins_is_one_line_a_hotel_and_an_emulator_takes_any_token() {
    let twins: Vec<(String, String)> =
        (0..20).map(|n| (format!("h{n}.yaml"), SMALLEST.replace("1101000001", &format!("11010000{n:02}")))).collect();
    let files: Vec<(&str, &str)> = twins.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let dir = folder(&files);

    assert_eq!(folder_mistakes(&dir).len(), 20);
    assert!(load_hotels(dir.path(), Against::Emulator).is_ok());
}

#[test]
fn a_file_name_is_an_id() {
    let dir = folder(&[
        ("Astoria.yaml", SMALLEST),
        ("sea_view.yaml", SMALLEST),
        ("аstoria.yaml", SMALLEST),
        ("volga.yml", SMALLEST),
        ("empty.yaml", "# nothing\n"),
        ("notes.txt", "no hotel"),
        (".hidden.yaml", "no: hotel"),
        ("lost/knowledge.yaml", "pool: yes"),
    ]);

    let errors = load_hotels(dir.path(), Against::Vendor).expect_err("must be refused");

    insta::assert_snapshot!(errors, @r#"
    6 files have mistakes

      hotels/Astoria.yaml     the file's name is the hotel's id, and this is not an id; rename it to `astoria.yaml`
      hotels/empty.yaml       the file is empty; run `hotelbot hotels add empty`, or start with `name:`
      hotels/lost/            the folder belongs to no hotel; add `hotels/lost.yaml`, or move the folder away
      hotels/sea_view.yaml    the file's name is the hotel's id, and this is not an id; rename it to `sea-view.yaml`
      hotels/volga.yml        hotels are files in `.yaml`; rename it to `volga.yaml`
      hotels/аstoria.yaml     the file's name is the hotel's id, and this is not an id; rename it to 1 to 32 of a-z, 0-9 and `-`, in Latin letters, and `.yaml`
    "#);
}

#[test]
fn files_that_cannot_be_trusted_are_refused() {
    let outside = folder(&[("secret.yaml", SMALLEST)]);
    let dir = folder(&[
        ("open.yaml", SMALLEST),
        ("utf16.yaml", ""),
        ("nul.yaml", "name: a\nvoice: b\0c\n"),
        ("big.yaml", ""),
        ("latin.yaml", ""),
    ]);
    let hotels = dir.path().join("hotels");
    symlink(outside.path().join("hotels/secret.yaml"), hotels.join("link.yaml")).expect("linked");
    symlink("open.yaml", hotels.join("inside.yaml")).expect("linked");
    fs::set_permissions(hotels.join("open.yaml"), fs::Permissions::from_mode(0o666)).expect("set");
    fs::write(hotels.join("utf16.yaml"), [0xFF, 0xFE, b'n', 0]).expect("written");
    fs::write(hotels.join("latin.yaml"), b"name: x\nvoice: caf\xe9\n").expect("written");
    fs::write(hotels.join("big.yaml"), "#".repeat((1 << 20) + 1)).expect("written");
    rustix::fs::mkfifoat(rustix::fs::CWD, hotels.join("pipe.yaml"), rustix::fs::Mode::RUSR).expect("made");

    assert_eq!(
        folder_mistakes(&dir),
        [
            "hotels/nul.yaml:2:9: a NUL character",
            "hotels/big.yaml: the file is larger than 1 MiB",
            "hotels/inside.yaml: everyone on this machine may change the file",
            "hotels/latin.yaml:2: the file is not UTF-8",
            "hotels/link.yaml: the link leads out of the folder",
            "hotels/open.yaml: everyone on this machine may change the file",
            "hotels/pipe.yaml: this is not a file",
            "hotels/utf16.yaml: the file is UTF-16",
        ]
    );
}

#[test]
fn files_of_other_systems_are_read() {
    let text = format!("\u{FEFF}{}", SMALLEST.replace('\n', "\r\n"));
    let dir = folder(&[("sea.yaml", &text)]);

    assert_eq!(load_hotels(dir.path(), Against::Vendor).expect("valid").len(), 1);
}

#[test]
fn a_folder_without_hotels_is_a_mistake_and_an_empty_one_is_not() {
    let none = TempDir::new().expect("temporary folder");

    let errors = load_hotels(none.path(), Against::Vendor).expect_err("must be refused");

    assert!(errors.to_string().contains("run in the folder that holds `hotels/`"), "{errors}");
    assert_eq!(load_hotels(folder(&[]).path(), Against::Vendor), Ok(Vec::new()));
}
