//! `hotelbot stays …` and `hotelbot guests …`

use super::{Folder, exists, shown};
use insta::assert_snapshot;
use jiff::ToSpan;
use jiff::civil::Date;
use std::fmt::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

const HEADER: &str = "reservation_id,guest_name,phone,arrival,departure,status,room";

/// So many days from today, in the hotel's zone.
fn day(days: i32) -> Date {
    let zone = jiff::tz::TimeZone::get("Europe/Moscow").expect("a zone");
    let clock = hotelbot::gateways::system::SystemClock;
    hotelbot::ports::Clock::now(&clock).to_zoned(zone).date().saturating_add(days.days())
}

/// What running shows, without clock times and the ends of ids, which differ from run to run.
fn run(folder: &Folder, args: &[&str]) -> String {
    let mut text = folder.run(args);
    for (pattern, steady) in [(r"\b\d\d:\d\d\b", "[TIME]"), (r"\b[0-9a-f]{8}\b", "[GUEST]")] {
        text = regex::Regex::new(pattern).expect("a pattern").replace_all(&text, steady).into_owned();
    }
    text
}

/// Two hotels in force, and a file with one guest in house, one to come twice, one without a phone, one long gone.
fn folder() -> Folder {
    let folder = Folder::with_hotels();
    let rows = [
        format!("R-1,Мария Иванова,+79210004567,{},{},checked_in,101", day(-1), day(2)),
        format!("R-2,Мария Иванова,+7 (921) 000-45-67,{},{},confirmed,", day(40), day(42)),
        format!("R-3,Pyotr,call me,{},{},confirmed,", day(1), day(3)),
        format!("R-4,=HYPERLINK(1),,{},{},checked_out,7", day(-30), day(-28)),
    ];
    folder.write("stays.csv", &format!("{HEADER}\n{}\n", rows.join("\n")));
    folder
}

fn imported() -> Folder {
    let folder = folder();
    let output = folder.output(&["stays", "import", "stays.csv", "--hotel", "astoria"], "", &[]);
    assert!(output.status.success(), "{}", shown(&output));
    folder
}

#[test]
fn a_file_is_imported_whole_and_again_changes_nothing() {
    let folder = folder();

    assert_snapshot!(folder.run(&["stays", "import", "stays.csv"]), @r"
    exit 2
    ---- stderr
    error: A file holds the reservations of one hotel, and several are meant

    hint: Say whose: `--hotel astoria` or `--hotel volga`
    ");
    assert_snapshot!(folder.run(&["stays", "import", "stays.csv", "--hotel", "astoria", "--dry-run"]), @r"
    exit 0
    ---- stdout
    Would import 4 reservations into astoria: 4 new, 0 changed, 0 as they were
    It is the first import of astoria: nothing that is already past is sent
    1 phone is unclear (line 4): this guest gets no message
    1 guest has no phone and gets no message

    See them: hotelbot stays list --hotel astoria
    ");
    assert_eq!(folder.json(&["stays", "list", "--json"]), serde_json::json!([]));
    assert_snapshot!(folder.run(&["stays", "import", "stays.csv", "--hotel", "astoria"]), @r"
    exit 0
    ---- stdout
    Imported 4 reservations into astoria: 4 new, 0 changed, 0 as they were
    It is the first import of astoria: nothing that is already past is sent
    1 phone is unclear (line 4): this guest gets no message
    1 guest has no phone and gets no message

    See them: hotelbot stays list --hotel astoria
    ");
    let again = folder.json(&["stays", "import", "stays.csv", "--hotel", "astoria", "--json"]);
    let count = |key: &str| again[key].as_u64().expect("a number");
    assert_eq!((count("rows"), count("created"), count("changed"), count("unchanged")), (4, 0, 0, 4));
    assert_eq!((again["first_import"].as_bool(), again["imported"].as_bool()), (Some(false), Some(true)));
}

#[test]
fn stays_are_listed_with_their_guests_masked() {
    let folder = imported();

    let ids = |args: &[&str]| -> Vec<String> {
        let rows = folder.json(&[&["stays", "list", "--json"], args].concat());
        rows.as_array()
            .expect("rows")
            .iter()
            .map(|row| row["reservation_id"].as_str().expect("an id").to_owned())
            .collect()
    };
    assert_eq!(ids(&[]), ["R-1", "R-3", "R-2", "R-4"], "what is and what comes first, then the past");
    assert_eq!(ids(&["--in-house"]), ["R-1"]);
    assert_eq!(ids(&["--arriving", "tomorrow"]), ["R-3"]);
    assert_eq!(ids(&["--arriving", &day(40).to_string(), "--hotel", "astoria"]), ["R-2"]);
    assert!(ids(&["--hotel", "volga"]).is_empty());
    let row = |reveal: &[&str]| folder.json(&[&["stays", "list", "--in-house", "--json"], reveal].concat())[0].clone();
    assert_eq!((&row(&[])["guest_name"], &row(&[])["phone"]), (&"М. И.".into(), &"+7 921 ***-45-67".into()));
    assert_eq!(row(&["--reveal"])["phone"], "+79210004567");
    assert_snapshot!(run(&folder, &["stays", "list", "--in-house"]), @r"
    exit 0
    ---- stdout
    HOTEL    RESERVATION  GUEST     NAME   PHONE             ARRIVAL     DEPARTURE   NIGHTS  STATUS      ROOM  TYPE
    astoria  R-1          [GUEST]  М. И.  +7 921 ***-45-67  [DATE]  [DATE]       3  checked_in  101   -
    ");
}

#[test]
fn c3_one_bad_row_imports_nothing_and_skip_bad_leaves_it_in_a_file_beside() {
    let folder = Folder::with_hotels();
    let mut text = format!("{HEADER}\n");
    for n in 0..300 {
        writeln!(text, "R{n},Anna,,2026-07-01,2026-07-03,,").expect("written");
    }
    text.push_str("B1,-Bob,,01/02/2026,2026-07-03,paid,\n");
    folder.write("data.csv", &text);
    let import = ["stays", "import", "data.csv", "--hotel", "astoria"];

    assert_snapshot!(folder.run(&import), @r"
    exit 2
    ---- stderr
    error: `data.csv` has 1 bad row of 301; nothing was imported
      Line 302, `arrival`: `01/02/2026` does not say by its form which number is the day; write the year first: 2026-MM-DD
      line 302, `status`: `paid` is no status; write one of tentative, confirmed, checked_in, checked_out, cancelled, no_show

    hint: Correct them, or run `hotelbot stays import data.csv --hotel astoria --skip-bad`
    ");
    let told = folder.output(&[&import[..], &["--json"]].concat(), "", &[]);
    let json: serde_json::Value = serde_json::from_slice(&told.stdout).expect("JSON");
    assert_eq!((told.status.code(), json["bad"].as_u64(), json["imported"].as_bool()), (Some(2), Some(1), Some(false)));
    assert_eq!(
        (json["mistakes"][0]["line"].as_u64(), json["mistakes"][0]["column"].as_str()),
        (Some(302), Some("arrival"))
    );
    assert_eq!(folder.json(&["stays", "list", "--json"]), serde_json::json!([]));

    assert_snapshot!(folder.run(&[&import[..], &["--skip-bad"]].concat()), @r"
    exit 0
    ---- stdout
    Imported 300 reservations into astoria: 300 new, 0 changed, 0 as they were
    Left out 1 bad row, which is in `data.rejects.csv`
    It is the first import of astoria: nothing that is already past is sent
    300 guests have no phone and get no message

    See them: hotelbot stays list --hotel astoria
    ");
    let rejects = std::fs::read_to_string(folder.path("data.rejects.csv")).expect("written");
    assert!(rejects.contains("\nB1,'-Bob,,01/02/2026,2026-07-03,paid,,\"line 302, `arrival`"), "{rejects}");
    assert!(!exists(&folder.path(".data.rejects.csv.draft")));
    #[cfg(unix)]
    {
        let mode = std::fs::metadata(folder.path("data.rejects.csv")).expect("there").permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600, "it holds guests' data");
    }
}

#[test]
fn a_file_that_is_none_says_what_it_is() {
    let folder = Folder::with_hotels();
    folder.write("header.csv", "reservation_id,guest_nme,phone,arrival,departure\n");
    folder.write("open.csv", &format!("{HEADER}\nR1,\"Anna,,2026-07-01,2026-07-03,,\n"));
    std::fs::write(folder.path("cp1251.csv"), [HEADER.as_bytes(), b"\nR1,\xcc\xe0\xf0\xe8\xff,,,,,\n"].concat())
        .expect("written");
    let import = |file: &str| folder.run(&["stays", "import", file, "--hotel", "astoria"]);

    assert_snapshot!(import("header.csv"), @r"
    exit 2
    ---- stderr
    error: The header of `header.csv` has 2 mistakes; nothing was imported
      Line 1, the column `guest_nme` is not known; did you mean `guest_name`?
      line 1, the column `guest_name` is missing; add a column `guest_name`; every row needs it

    hint: Run `hotelbot stays import --help` to see the columns
    ");
    assert_snapshot!(import("open.csv"), @r"
    exit 2
    ---- stderr
    error: `open.csv` cannot be imported: the quote opened at line 2 is never closed

    hint: Put every text with quotes, separators or line breaks in double quotes
    ");
    assert_snapshot!(import("cp1251.csv"), @r"
    exit 2
    ---- stderr
    error: `cp1251.csv` cannot be imported: it looks like Windows-1251, not UTF-8 (line 2)

    hint: Save it as “CSV UTF-8”, or: iconv -f WINDOWS-1251 -t UTF-8 OLD > NEW
    ");
    assert_snapshot!(import("none.csv"), @r"
    exit 2
    ---- stderr
    error: `none.csv` cannot be read
      No such file or directory (os error 2)
    ");
}

#[test]
fn a_status_set_by_hand_holds_until_the_source_says_something_new() {
    let folder = imported();

    assert_snapshot!(folder.run(&["stays", "set", "R-3", "--status", "no-show", "--dry-run"]), @r"
    exit 0
    ---- stdout
    Would change R-3
      status: confirmed -> no_show
    ");
    assert_snapshot!(run(&folder, &["stays", "set", "R-3", "--status", "checked_in", "--room", "214"]), @r"
    exit 0
    ---- stdout
    Changed R-3
      status: confirmed -> checked_in
      checked in: - -> [TIME]
      room: - -> 214
    ");
    let again = folder.json(&["stays", "import", "stays.csv", "--hotel", "astoria", "--json"]);
    assert_eq!(again["unchanged"].as_u64(), Some(4));
    let stay = folder.json(&["stays", "show", "R-3", "--json"]);
    assert_eq!((&stay["status"], &stay["room"]), (&"checked_in".into(), &"214".into()));
    assert_eq!(stay["set_by_hand"][0], serde_json::json!({"field": "status", "told": "confirmed"}));
    for (args, expected) in [
        (&["stays", "set", "R-3", "--departure", "2020-01-01"][..], "would be before the arrival"),
        (&["stays", "set", "R-3", "--status", "checked_in", "--at", "2099-01-01T10:00"], "lies in the future"),
        (&["stays", "set", "R-9", "--status", "checked_in"], "there is no reservation `R-9`"),
        (&["stays", "set", "R-3"], "--status"),
        (&["stays", "set", "R-3", "--status", "paid"], "write one of tentative"),
    ] {
        let output = folder.output(args, "", &[]);
        let text = shown(&output).to_lowercase();
        assert!(output.status.code() == Some(2) && text.contains(&expected.to_lowercase()), "{args:?}: {text}");
    }
}

#[test]
fn one_reservation_is_shown_with_what_happened_to_it() {
    let folder = imported();

    assert_snapshot!(run(&folder, &["stays", "show", "R-4"]), @r"
    exit 0
    ---- stdout
    R-4, astoria
    status      checked_out
    arrival     [DATE]
    departure   [DATE], 2 nights
    guest       =.  [ID]
    phone       missing: this guest gets no message
    room        7
    told        by csv, last [TIME]
    known       [TIME]
    checked out [MOMENT]
    ");
}

#[tokio::test]
async fn two_records_of_one_guest_are_merged_after_a_yes() {
    let folder = imported();
    folder.hears("astoria", "120650379300963", "Masha", "Привет").await;
    let guests = folder.json(&["guests", "list", "--json"]);
    let of = |name: &str| {
        let found = guests.as_array().expect("rows").iter().find(|row| row["name"] == name);
        found.and_then(|row| row["guest"].as_str()).expect("a guest").to_owned()
    };
    let (maria, masha) = (of("М. И."), of("M."));

    assert_snapshot!(folder.run(&["guests", "merge", &maria, &masha]), @r"
    exit 2
    ---- stderr
    error: This needs a yes, and there is no terminal to ask on

    hint: Pass `--yes` to go on
    ");
    let merged = folder.json(&["guests", "merge", &maria, &masha, "--yes", "--json"]);
    assert_eq!((merged["guest"].as_str(), merged["chats"].as_u64()), (Some(maria.as_str()), Some(1)));
    let shown = folder.json(&["guests", "show", "+79210004567", "--json"]);
    assert_eq!(shown["chats"].as_array().map(Vec::len), Some(2));
    assert_eq!(shown["reservations"].as_array().map(Vec::len), Some(2));
    assert_eq!(shown["phone"], "+7 921 ***-45-67");
    assert!(folder.run(&["guests", "show", &masha]).contains("There is no guest"));
    assert!(folder.run(&["guests", "merge", &maria, &maria, "--yes"]).contains("same record already"));
}

/// How many reservations there are; the database must be whole.
fn count(folder: &Folder) -> usize {
    let rows = folder.json(&["stays", "list", "--limit", "10000", "--json"]);
    rows.as_array().expect("rows").len()
}

#[test]
fn c13_killed_in_the_middle_of_an_import_nothing_or_all_of_it_is_there() {
    let folder = Folder::with_hotels();
    let rows = 6000;
    let mut text = format!("{HEADER}\n");
    for n in 0..rows {
        writeln!(text, "R{n},Anna,+7921{n:07},2026-07-01,2026-07-03,,").expect("written");
    }
    folder.write("stays.csv", &text);
    let journal = folder.path("data/hotelbot.db-wal");
    let import = ["stays", "import", "stays.csv", "--hotel", "astoria"];
    let mut killed_inside = 0;

    // Killed at later and later moments: after so many bytes have reached the journal. Before it is decided that the
    // file counts nothing of it is there; after that the next look finds all of it.
    for bytes in [1, 600_000, 2_000_000, 5_000_000, 8_000_000, 12_000_000, 20_000_000] {
        let mut child = folder.command(&import).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        let deadline = Instant::now() + Duration::from_secs(60);
        while child.try_wait().expect("asked").is_none() && Instant::now() < deadline {
            if std::fs::metadata(&journal).is_ok_and(|journal| journal.len() >= bytes) {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let ended = child.try_wait().expect("asked").is_some();
        // Killing what has ended is no mistake.
        let _ = child.kill();
        child.wait().expect("it ends");
        let found = count(&folder);
        assert!(found == 0 || found == rows, "{found} of {rows}");
        killed_inside += usize::from(!ended);
        if found == rows {
            break;
        }
    }

    assert!(killed_inside > 0, "no kill hit the import");
    let output = folder.output(&import, "", &[]);
    assert!(output.status.success(), "{}", shown(&output));
    assert_eq!(count(&folder), rows);
}
