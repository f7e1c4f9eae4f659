//! `triggers simulate` and `triggers preview`: a virtual clock, from files alone.

use super::{ASTORIA, Folder, VOLGA, shown};
use insta::assert_snapshot;

const TRIGGERS: &str = r#"version: 1
triggers:
  room-ok:
    when: { after: check_in, by: 3h, if_missed: within 6h }
    where: { all: [ { nights: ">= 2" } ] }
    ask:
      text: { ru: "Всё ли хорошо с номером?", en: "Is the room all right?" }
      answers:
        - id: fine
          label: { ru: "Да", en: "Yes" }
          reply: { ru: "Рады", en: "Glad" }
        - id: stop
          label: { ru: "Не пишите", en: "Do not write" }
          reply: { ru: "Хорошо", en: "All right" }
          stop: true
  checkout-info:
    when: { before: check_out, by: 1d, at: "18:00" }
    where: { all: [ { status: checked_in } ] }
    send: { text: { ru: "Выезд до {{ hotel.check_out_time }}", en: "Check-out until {{ hotel.check_out_time }}" } }
"#;

const STAYS: &str = "reservation_id,guest_name,phone,arrival,departure,language
R1,Anna Berg,+79210000001,2026-07-10,2026-07-14,en
R2,Иван Петров,+79210000002,2026-07-10,2026-07-13,
R3,Bo,,2026-07-10,2026-07-12,
R4,Eve,+79210000004,2026-07-11,2026-07-12,en
R5,Kim,+79210000005,2026-07-10,2026-07-14,en
";

const HISTORY: &str = r#"{"at": "2026-07-11T20:00:00+03:00", "reservation_id": "R1", "event": "dates", "departure": "2026-07-16"}
{"at": "2026-07-10T18:00:00+03:00", "reservation_id": "R2", "event": "answer", "trigger": "room-ok", "text": "2"}
{"at": "2026-07-12T09:00:00+03:00", "reservation_id": "R5", "event": "check_out"}
{"at": "2026-07-09T10:00", "reservation_id": "R6", "event": "created", "row": {"phone": "+79210000006", "arrival": "2026-07-10", "departure": "2026-07-12"}}
"#;

/// With the times as they are: the virtual clock has nothing to do with today's.
fn run(folder: &Folder, args: &[&str]) -> String {
    shown(&folder.output(args, "", &[]))
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("hotels/astoria.yaml", ASTORIA);
    folder.write("triggers.yaml", TRIGGERS);
    folder.write("stays.csv", STAYS);
    folder.write("history.jsonl", HISTORY);
    folder
}

#[test]
fn a_simulation_tells_what_would_be_sent_and_what_passed_over() {
    let seen = run(
        &folder(),
        &["triggers", "simulate", "--file", "stays.csv", "--events", "history.jsonl", "--from", "2026-07-01"],
    );
    assert_snapshot!(seen, @r"
    exit 0
    ---- stdout
    5 stays of astoria from 1 Jul 2026 00:00 MSK; nothing is sent

    SENT              RESERVATION  TRIGGER        MODE  LANGUAGE  TEXT
    Fri 10 Jul 17:00  R1           room-ok        live  en        Is the room all right? [1 Yes, 2 Do not write]
    Fri 10 Jul 17:00  R2           room-ok        live  ru        Всё ли хорошо с номером? [1 Да, 2 Не пишите]
    Fri 10 Jul 17:00  R5           room-ok        live  en        Is the room all right? [1 Yes, 2 Do not write]
    Fri 10 Jul 17:00  R6           room-ok        live  ru        Всё ли хорошо с номером? [1 Да, 2 Не пишите]
    Sat 11 Jul 18:00  R4           checkout-info  live  en        Check-out until 12:00
    Sat 11 Jul 18:00  R6           checkout-info  live  ru        Выезд до 12:00
    Wed 15 Jul 18:00  R1           checkout-info  live  en        Check-out until 12:00

    PASSED OVER       RESERVATION  TRIGGER        REASON
    Fri 10 Jul 17:00  R3           room-ok        no_phone
    Sat 11 Jul 17:00  R4           room-ok        condition
    Sat 11 Jul 18:00  R3           checkout-info  no_phone
    Sun 12 Jul 18:00  R2           checkout-info  opted_out
    Mon 13 Jul 18:00  R5           checkout-info  status

    7 messages would be sent, 5 passed over: 1 condition, 2 no_phone, 1 opted_out, 1 status
    ");
}

#[test]
fn json_holds_the_same_with_instants_and_reasons() {
    let seen = run(
        &folder(),
        &[
            "triggers",
            "simulate",
            "--file",
            "stays.csv",
            "--from",
            "2026-07-10T19:00:00+03:00",
            "--to",
            "2026-07-12",
            "--reservation",
            "R4",
            "--json",
        ],
    );
    assert_snapshot!(seen, @r#"
    exit 0
    ---- stdout
    {
      "sends": [
        {
          "hotel": "astoria",
          "reservation_id": "R4",
          "trigger": "checkout-info",
          "at": "2026-07-11T18:00:00+03:00",
          "language": "en",
          "text": "Check-out until 12:00",
          "mode": "live"
        }
      ],
      "skips": [
        {
          "hotel": "astoria",
          "reservation_id": "R4",
          "trigger": "room-ok",
          "at": "2026-07-11T17:00:00+03:00",
          "language": null,
          "text": null,
          "mode": "live",
          "reason": "condition"
        }
      ]
    }
    "#);
}

#[test]
fn every_mistake_of_the_files_is_told_at_once_and_several_hotels_need_a_name() {
    let folder = folder();
    folder.write(
        "bad.csv",
        "reservation_id,guest_name,phone,arrival,departure\nR1,A,,2026-07-12,2026-07-10\nR2,B,,x,2026-07-10\n",
    );
    folder
        .write("bad.jsonl", "{\"at\": \"2026-07-10\", \"reservation_id\": \"R1\", \"event\": \"checkin\"}\nnonsense\n");
    assert_snapshot!(run(&folder, &["triggers", "simulate", "--file", "bad.csv"]), @r"
    exit 2
    ---- stderr
    error: `bad.csv` has 2 mistakes
      Line 2, `departure`: it is before the arrival; look at both; were they swapped?
      Line 3, `arrival`: `x` is not a date; write it as 2026-07-01 or 2026-07-01 14:00, in the hotel's time
    ");
    assert_snapshot!(run(&folder, &["triggers", "simulate", "--file", "stays.csv", "--events", "bad.jsonl"]), @r#"
    exit 2
    ---- stderr
    error: `bad.jsonl` has 2 mistakes
      Line 1, `event`: `checkin` is no event; did you mean `check_in`?
      Line 2, this is no JSON (column 2); write one event a line: {"at": …, "reservation_id": …, "event": …}
    "#);

    folder.write("hotels/volga.yaml", VOLGA);
    assert_snapshot!(run(&folder, &["triggers", "simulate", "--file", "stays.csv"]), @r"
    exit 2
    ---- stderr
    error: A file holds the stays of one hotel, and there are several

    hint: Add `--hotel astoria` or `--hotel volga`
    ");
}

#[test]
fn a_preview_shows_every_text_and_names_the_triggers_there_are() {
    let folder = folder();
    let seen = run(&folder, &["triggers", "preview", "checkout-info", "--json"]);
    assert!(
        seen.contains("\"text\": \"Выезд до 12:00\"") && seen.contains("\"text\": \"Check-out until 12:00\""),
        "{seen}"
    );
    assert_snapshot!(run(&folder, &["triggers", "preview", "room"]), @r"
    exit 2
    ---- stderr
    error: There is no trigger `room`

    hint: There are: checkout-info, room-ok
    ");
}

#[test]
fn stays_of_the_database_are_simulated_like_those_of_a_file() {
    let folder = folder();
    let far: String = STAYS.replace("2026-", "2098-");
    folder.write("stays.csv", &far);
    for args in [
        ["hotels", "apply", "--offline", "--yes"].as_slice(),
        &["stays", "import", "stays.csv", "--hotel", "astoria", "--yes"],
    ] {
        let seen = run(&folder, args);
        assert!(seen.starts_with("exit 0"), "{seen}");
    }

    let simulate = ["triggers", "simulate", "--from", "2098-07-01", "--json"];
    let by_file = folder.json(&[simulate.as_slice(), &["--file", "stays.csv"]].concat());
    let by_database = folder.json(&simulate);
    let one = folder.json(&[simulate.as_slice(), &["--reservation", "R4"]].concat());

    assert_eq!(by_database, by_file);
    assert_eq!(by_file["sends"].as_array().map(Vec::len), Some(7));
    let ids = |value: &serde_json::Value| value["sends"][0]["reservation_id"].clone();
    assert_eq!((one["sends"].as_array().map(Vec::len), ids(&one)), (Some(1), "R4".into()));
    let unknown = run(&folder, &["triggers", "simulate", "--reservation", "R77"]);
    assert!(unknown.starts_with("exit 2") && unknown.contains("There is no reservation `R77`"), "{unknown}");
}
