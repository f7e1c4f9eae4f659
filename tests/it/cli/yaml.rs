//! Files as hostile or careless people write them (faults.md §4.2), through the program itself: one test a row.

use super::{ASTORIA, Folder, VOLGA, shown};
use insta::assert_snapshot;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

/// A staff desk for the second hotel, so that nothing but the triggers is wrong. Phones are left out: what is known of all
/// countries' numbers is slow to load in a build for tests.
const DESK: &str = "staff: { contacts: [ { id: desk, name: Desk, email: desk@volga.example } ] }\n";

/// The first hotel, without phones.
fn astoria() -> String {
    let text = ASTORIA.replace("whatsapp: \"+79210000000\"", "email: desk@astoria.example");
    assert!(text != ASTORIA);
    text
}

/// Two sound hotels and these files.
fn folder(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    folder.write("hotels/astoria.yaml", &astoria());
    folder.write("hotels/volga.yaml", &format!("{VOLGA}{DESK}"));
    files.iter().for_each(|(name, text)| folder.write(name, text));
    folder
}

/// Place, message and fix of everything `check` says; mistakes are exit 2 and change nothing.
fn told(folder: &Folder, noun: &str) -> Vec<String> {
    let output = folder.output(&[noun, "check", "--json"], "", &[]);
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", shown(&output)));
    let list = |name: &str| report[name].as_array().cloned().unwrap_or_default();
    let exit = if list("errors").is_empty() { 0 } else { 2 };
    assert_eq!(output.status.code(), Some(exit), "{}", shown(&output));
    let line = |finding: &Value| {
        let word = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}; {}", word("place"), word("message"), word("fix"))
    };
    list("errors").iter().chain(&list("warnings")).map(line).collect()
}

/// What is said of a base pack.
fn of_pack(text: &str) -> Vec<String> {
    told(&folder(&[("triggers.yaml", text)]), "triggers")
}

/// What is said of one trigger: the lines below its id.
fn of_trigger(lines: &str) -> Vec<String> {
    of_pack(&format!("version: 1\ntriggers:\n  hello:\n{lines}"))
}

/// What is said of a hotel's file with further lines.
fn of_hotel(lines: &str) -> Vec<String> {
    told(&folder(&[("hotels/astoria.yaml", &format!("{}{lines}", astoria()))]), "hotels")
}

/// What is said of each of these triggers, without places; one run of the program for all.
fn of_each(triggers: &[String]) -> Vec<Vec<String>> {
    let mut pack = "version: 1\ntriggers:\n".to_owned();
    let mut starts = Vec::new();
    for (number, lines) in triggers.iter().enumerate() {
        starts.push(pack.lines().count() + 1);
        pack.push_str(&format!("  t{number}:\n{lines}"));
    }
    let mut each = vec![Vec::new(); triggers.len()];
    for line in of_pack(&pack) {
        let (place, said) = line.split_once(' ').expect("a place and a message");
        let number: usize = place.split(':').nth(1).and_then(|line| line.parse().ok()).expect("a line");
        let owner = starts.iter().rposition(|start| *start <= number).expect("a trigger");
        each[owner].push(said.to_owned());
    }
    each
}

/// That of each trigger one thing is said, which has this in it.
fn assert_each(cases: &[(String, &str)]) {
    let triggers: Vec<String> = cases.iter().map(|(trigger, _)| trigger.clone()).collect();
    for ((trigger, expected), told) in cases.iter().zip(of_each(&triggers)) {
        assert!(told.len() == 1 && told[0].contains(expected), "{trigger}\n{told:#?}");
    }
}

const SEND: &str = "    send: { text: { en: Hello, ru: Привет } }\n";

#[test]
fn a_wrong_pack_is_shown_with_its_lines_and_the_right_words() {
    let folder = folder(&[(
        "triggers.yaml",
        "version: 1\ntriggers:\n  room-ok:\n    when: { after: chekin, by: 3h }\n    were: { nights: 2 }\n    send:\n      text:\n        en: \"Hello {{ guest.nmae }}\"\n        ru: \"Здравствуйте, {{ guest.nmae }}\"\n",
    )]);

    assert_snapshot!(folder.run(&["triggers", "check"]), @r#"
    exit 2
    ---- stderr
    error: 1 file has mistakes

      triggers.yaml:4:20    when: { after: chekin, by: 3h }
                                           ^^^^^^ unknown moment `chekin`; did you mean `check_in`?
      triggers.yaml:5:5     were: { nights: 2 }
                            ^^^^ unknown field `were`; did you mean `where`?
      triggers.yaml:8:23    en: "Hello {{ guest.nmae }}"
                                          ^^^^^^^^^^ unknown variable `guest.nmae`; did you mean `guest.name`?
      triggers.yaml:9:31    ru: "Здравствуйте, {{ guest.nmae }}"
                                                  ^^^^^^^^^^ unknown variable `guest.nmae`; did you mean `guest.name`?
    "#);
}

#[test]
fn a_right_pack_is_called_right_and_counted() {
    let folder = folder(&[
        ("triggers.yaml", &format!("version: 1\ntriggers:\n  hello:\n    when: {{ after: check_in }}\n{SEND}")),
        ("hotels/volga/triggers.yaml", "version: 1\ntriggers: { hello: { enabled: no } }\n"),
    ]);

    assert_snapshot!(folder.run(&["triggers", "check"]), @r"
    exit 0
    ---- stdout
    astoria  1 trigger is written correctly
    volga    1 trigger is written correctly, switched off
    ");
    assert_eq!(
        folder.json(&["triggers", "check", "--json", "--hotel", "volga"])["hotels"][0]["triggers"][0]["enabled"],
        false
    );
}

#[test]
fn mistakes_of_hotels_and_of_triggers_are_told_at_once() {
    let folder = folder(&[
        ("hotels/volga.yaml", &VOLGA.replace("timezone", "timezon")),
        ("triggers.yaml", "version: 1\ntriggers:\n  room-ok: { when: { after: chekin, by: 3h } }\n"),
        ("hotels/astoria/triggers.yaml", "version: 1\ntriggers:\n  room-ko: { enabled: no }\n"),
    ]);

    let places: Vec<String> =
        told(&folder, "triggers").iter().map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect();

    assert_eq!(
        places,
        ["hotels/astoria/triggers.yaml:3:3", "hotels/volga.yaml:2:1", "triggers.yaml:3:12", "triggers.yaml:3:29"]
    );
}

#[test]
fn a_mistake_of_form_in_one_trigger_hides_no_mistake_of_another() {
    let pack = format!(
        "version: 1\ntriggers:\n  a:\n    when: {{ after: chekin }}\n{SEND}  b:\n    when: {{ after: check_in }}\n    where: {{ nights: >= 2 }}\n{SEND}  # a remark\n  c:\n    when: {{ after: arival }}\n{SEND}"
    );

    assert_eq!(
        of_pack(&pack),
        [
            "triggers.yaml:4:20 unknown moment `chekin`; did you mean `check_in`?",
            "triggers.yaml:8:22 a text that begins with a sign; put it in quotes: `\">= 2\"`",
            "triggers.yaml:12:20 unknown moment `arival`; did you mean `arrival`?",
        ]
    );
}

#[test]
fn y1_a_slip_in_a_field_finds_the_right_one() {
    assert_eq!(
        of_trigger(&format!("    when: {{ after: check_in, bye: 3h }}\n    enbled: no\n    onse: per stay\n{SEND}")),
        [
            "triggers.yaml:4:30 unknown field `bye`; did you mean `by`?",
            "triggers.yaml:5:5 unknown field `enbled`; did you mean `enabled`?",
            "triggers.yaml:6:5 unknown field `onse`; did you mean `once`?",
        ]
    );
}

#[test]
fn y2_an_unknown_section_or_field_is_refused() {
    assert_eq!(
        of_pack("version: 1\nrules: {}\n"),
        ["triggers.yaml:2:1 unknown field `rules`; the file knows version, policy, triggers, questions"]
    );
    let told = of_trigger(&format!("    when: {{ after: check_in }}\n    delay: 3h\n    answers: []\n{SEND}"));
    assert_eq!(told.len(), 2);
    assert_eq!(told[1], "triggers.yaml:6:5 unknown field `answers`; it belongs under `ask`");
}

#[test]
fn y3_a_bomb_of_aliases_is_refused_by_counting() {
    let mut bomb = "version: 1\na: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, before) in "bcdefghij".chars().zip("abcdefghi".chars()) {
        let nine = vec![format!("*{before}"); 9].join(", ");
        bomb.push_str(&format!("{name}: &{name} [{nine}]\n"));
    }

    let told = of_pack(&bomb);

    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("more than 20000 values"), "{told:?}");
}

#[test]
fn y4_what_repeats_itself_is_nested_or_is_huge_is_refused() {
    let itself = of_pack("version: 1\ntriggers: &t { a: *t }\n");
    assert!(itself[0].contains("this repeats a value inside itself"), "{itself:?}");

    let nested = of_pack(&format!("version: 1\ntriggers: {}{}\n", "[".repeat(10_000), "]".repeat(10_000)));
    assert!(nested[0].contains("too deeply nested"), "{nested:?}");

    let folder = folder(&[]);
    let file = std::fs::File::create(folder.path("triggers.yaml")).expect("a file");
    file.set_len(100 << 20).expect("100 MB");
    assert_eq!(
        told(&folder, "triggers"),
        ["triggers.yaml the file is larger than 1 MiB; move facts out of it or shorten them"]
    );
}

#[test]
fn y5_what_is_there_twice_is_told_with_both_lines() {
    let twice = format!(
        "version: 1\ntriggers:\n  a:\n    when: {{ after: check_in }}\n{SEND}  a:\n    when: {{ after: check_in }}\n{SEND}"
    );
    assert_eq!(of_pack(&twice), ["triggers.yaml:6:3 `a` is written twice; the first is in line 3; keep one"]);

    let pack = "version: 1\ntriggers:\n  a:\n    when: { after: check_in }\n    ask: { text: { en: Well?, ru: Ну? }, kind: yes_no, answers: [ { id: yes, then: b } ] }\nquestions:\n  b: { text: { en: Why?, ru: Почему? }, kind: text }\n";
    let own = "version: 1\nquestions:\n  a: { text: { ru: Что? }, kind: text }\n";
    let across = told(&folder(&[("triggers.yaml", pack), ("hotels/volga/triggers.yaml", own)]), "triggers");
    assert!(
        across.contains(&"hotels/volga/triggers.yaml:3:3 `a` is also the question of a trigger, in triggers.yaml:3; give it another id".to_owned()),
        "{across:?}"
    );
}

#[test]
fn y6_the_traps_of_yaml_1_1_are_what_they_look_like() {
    let pack = "version: 1\ntriggers:\n  hello:\n    when: { on: arrival, at: 12:30 }\n    enabled: on\n    where: { country: NO, room: 0o17, custom.code: 1_000 }\n    send: { text: { en: no, ru: on } }\n";
    let folder = folder(&[("triggers.yaml", pack)]);

    assert_eq!(told(&folder, "triggers"), Vec::<String>::new());
    let number = of_trigger(&format!("    when: {{ after: check_in }}\n    priority: 1_000\n{SEND}"));
    assert_eq!(number, ["triggers.yaml:5:15 a priority is a whole number from 0 to 1000; write `50`; more goes first"]);
}

#[test]
fn y7_other_systems_line_ends_are_read_and_other_encodings_refused() {
    let plain = format!("version: 1\ntriggers:\n  hello:\n    when: {{ after: check_in }}\n{SEND}");
    assert_eq!(of_pack(&format!("\u{FEFF}{}", plain.replace('\n', "\r\n"))), Vec::<String>::new());
    assert!(of_pack(&plain.replace("  hello", "\thello"))[0].contains("a tab"));
    assert!(of_pack(&plain.replace("Hello", "Hel\0lo"))[0].contains("a NUL character"));

    let folder = folder(&[]);
    let utf16: Vec<u8> = [0xFEFF].into_iter().chain(plain.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    std::fs::write(folder.path("triggers.yaml"), utf16).expect("written");
    assert_eq!(told(&folder, "triggers"), ["triggers.yaml the file is UTF-16; save it as UTF-8"]);
}

#[test]
fn y8_tags_that_choose_a_type_are_refused() {
    let of = |tag: &str| (format!("    when: {{ after: check_in }}\n    about: {tag} x\n{SEND}"), "mean nothing here");

    assert_each(&["!!python/object:os.system", "!command", "!!binary"].map(of));
}

#[test]
fn y9_a_schedule_with_a_minute_61_and_one_that_never_fires_are_refused() {
    let of = |cron: &str| format!("    when: {{ on: schedule, cron: \"{cron}\" }}\n{SEND}");

    assert_each(&[
        (of("61 * * * *"), "`61` is not understood as the minute of a schedule"),
        (of("0 0 31 2 *"), "`0 0 31 2 *` never fires"),
        (of("0 10 * *"), "a schedule has five fields"),
    ]);
    assert_eq!(of_trigger(&of("0 10 * * mon")), Vec::<String>::new());
}

#[test]
fn y10_a_city_an_offset_and_an_old_name_lead_to_a_zone() {
    let of =
        |zone: &str| told(&folder(&[("hotels/astoria.yaml", &astoria().replace("Europe/Moscow", zone))]), "hotels");

    assert_eq!(of("Moscow"), ["hotels/astoria.yaml:2:11 `Moscow` is not a time zone; did you mean `Europe/Moscow`?"]);
    assert!(of("GMT+3")[0].contains("an offset knows no summer time"));
    assert_eq!(
        of("Europe/Kiev"),
        ["hotels/astoria.yaml:2:11 `Europe/Kiev` is an old name; it is read as `Europe/Kyiv`; write that"]
    );
}

#[test]
fn y11_a_distance_has_a_unit_no_sign_and_bounds() {
    let of = |by: &str| format!("    when: {{ after: check_in, by: {by} }}\n{SEND}");
    let cases = [
        ("-3h", "write `by: 3h` with `before:` for an earlier moment"),
        ("3", "write the unit: `3m`, `3h`, `3d`"),
        ("3 часа", "write `3h`"),
        ("1e9h", "write a whole number and ms, s, m, h or d, such as `30m`"),
        ("61d", "write at most `60d`"),
        ("99999999999999999999d", "write a smaller number"),
    ];

    assert_each(&cases.map(|(by, fix)| (of(by), fix)));
    assert_eq!(of_trigger(&of("60d")), Vec::<String>::new());
}

#[test]
fn y12_a_template_is_tried_with_every_variable_and_without_each() {
    let of = |text: &str| {
        format!("    when: {{ after: check_in }}\n    send: {{ text: {{ en: Hello, ru: \"{text}\" }} }}\n")
    };
    let cases = [
        ("{guest.nmae}", "`{guest.nmae}` would be sent as it stands"),
        ("{{ guest.nmae }}", "unknown variable `guest.nmae`; did you mean `guest.name`?"),
        ("Hi {", "a lone `{`"),
        ("Hi {{", "`{{` is left open"),
        ("{{ secrets.token }}", "unknown variable `secrets.token`"),
        ("{{ hotel.whatsapp.token }}", "unknown variable `hotel.whatsapp.token`"),
        ("{% include 'x' %}", "`include` has no place in a text"),
    ];

    assert_each(&cases.map(|(text, message)| (of(text), message)));
    assert_each(&[(of("Hi {{ guest.first_name }}"), "a guest without `guest.first_name` gets no message")]);
    assert_eq!(of_trigger(&of("{{ guest.first_name | default('Здравствуйте') }}!")), Vec::<String>::new());
}

#[test]
fn y13_a_text_too_long_empty_or_missing_is_refused() {
    let of =
        |texts: &str| of_trigger(&format!("    when: {{ after: check_in }}\n    send: {{ text: {{ {texts} }} }}\n"));

    assert!(
        of(&format!("en: Hi, ru: {}", "я".repeat(4097)))[0]
            .contains("the text has 4097 characters; shorten it to 4096")
    );
    assert!(of("en: Hi, ru: \"\"")[0].contains("the text is empty"));
    assert_eq!(
        of("en: Hi"),
        [
            "triggers.yaml:5:13 no text in `ru`, which is a language of astoria, volga; add `ru: \"…\"` here, or in the hotel's own triggers.yaml"
        ]
    );
    assert_eq!(of("en: Hi, ru: Привет, de: Hallo"), Vec::<String>::new());
}

#[test]
fn y14_a_condition_nobody_meets_is_refused() {
    let of = |condition: &str| format!("    when: {{ after: check_in }}\n    where: {condition}\n{SEND}");
    let cases = [
        ("{ all: [ nights: \"> 5\", nights: \"< 2\" ] }", "no reservation can meet this: `nights` > 5 and < 2"),
        ("{ status: arrived }", "unknown word `arrived`"),
        ("{ nights: two }", "`two` is not a number"),
        ("{ room_type: suite, none: [ room_type: [suite, deluxe] ] }", "no reservation can meet this: `room_type`"),
    ];

    assert_each(&cases.map(|(condition, message)| (of(condition), message)));
}

#[test]
fn y15_quiet_hours_cross_midnight_and_never_last_all_day() {
    let of = |hours: &str| of_pack(&format!("version: 1\npolicy: {{ quiet_hours: \"{hours}\" }}\n"));

    assert_eq!(of("22:00-09:00"), Vec::<String>::new());
    assert!(of("22:00-22:00")[0].contains("this is all day"));
    assert!(of("25:00-09:00")[0].contains("is not a window"));
    assert!(of_hotel("quiet_hours: \"22:00-22:00\"\n")[0].contains("this is all day"));
}

#[test]
fn y16_questions_in_a_circle_and_ones_that_are_not_there_are_refused() {
    let question = |id: &str, then: &str| {
        format!("  {id}: {{ text: {{ en: Q, ru: В }}, kind: yes_no, answers: [ {{ id: yes, then: {then} }} ] }}\n")
    };
    let of = |then: &str, questions: &str| {
        let ask = format!(
            "    when: {{ after: check_in }}\n    ask: {{ text: {{ en: Q, ru: В }}, kind: yes_no, answers: [ {{ id: yes, then: {then} }} ] }}\n"
        );
        of_trigger(&format!("{ask}questions:\n{questions}"))
    };

    assert!(of("b", &(question("b", "c") + &question("c", "b")))[0].contains("in a circle: `b` → `c` → `b`"));
    assert!(of("hello", "")[0].contains("in a circle: `hello` → `hello`"));
    assert!(of("nobody", "")[0].contains("there is no question `nobody`; add `nobody:` under `questions:`"));
    let chain: String = (1..=10).map(|n| question(&format!("q{n}"), &format!("q{}", n + 1))).collect();
    let deep = of("q1", &(chain + "  q11: { text: { en: Q, ru: В }, kind: text }\n"));
    assert!(deep.len() == 1 && deep[0].contains("in a row; ask at most 10"), "{deep:?}");
}

#[test]
fn y17_two_triggers_of_one_minute_are_allowed_and_told() {
    let one = |id: &str| format!("  {id}:\n    when: {{ before: arrival, by: 1d }}\n{SEND}");

    let told = of_pack(&format!("version: 1\ntriggers:\n{}{}", one("a"), one("b")));

    assert!(told.len() == 1 && told[0].contains("a guest may get this in the same minute as `a`"), "{told:?}");
}

#[test]
fn y18_a_trigger_after_check_out_passes_over_a_stay_without_a_night() {
    let folder = folder(&[
        (
            "triggers.yaml",
            &format!(
                "version: 1\ntriggers:\n  bye:\n    when: {{ after: checked_out, by: 1h }}\n    where: {{ nights: \">= 1\" }}\n{SEND}"
            ),
        ),
        (
            "stays.csv",
            "reservation_id,guest_name,phone,arrival,departure,status\nR1,Anna,+79210000001,2026-07-10T10:00,2026-07-10T16:00,confirmed\n",
        ),
    ]);

    let report = folder.json(&[
        "--json",
        "--hotel",
        "astoria",
        "triggers",
        "simulate",
        "--file",
        "stays.csv",
        "--from",
        "2026-07-01",
    ]);

    assert_eq!(report["sends"].as_array().map(Vec::len), Some(0), "{report}");
    assert_eq!(
        (&report["skips"][0]["trigger"], &report["skips"][0]["reason"]),
        (&"bye".into(), &"condition".into()),
        "{report}"
    );
}

#[test]
fn y19_a_contact_that_cannot_be_reached_is_refused() {
    let of = |contact: &str| {
        let text =
            ASTORIA.replace("{ id: front_desk, name: Дежурный администратор, whatsapp: \"+79210000000\" }", contact);
        told(&folder(&[("hotels/astoria.yaml", &text)]), "hotels")
    };

    assert!(of("{ id: desk, name: Desk }")[0].contains("this contact cannot be reached"));
    assert!(!of("{ id: desk, name: Desk, whatsapp: \"12\" }").is_empty());
    assert!(!of("{ id: desk, name: \"\", whatsapp: \"+79210000000\" }").is_empty());
}

#[test]
fn y20_an_instance_or_a_token_of_two_hotels_is_refused() {
    let twin = astoria().replace("Астория", "Двойник");

    let told = told(&folder(&[("hotels/twin.yaml", &twin)]), "hotels");

    assert!(told.iter().any(|line| line.contains("instance 1101000001 is also that of hotels/twin.yaml")), "{told:?}");
    assert!(told.iter().any(|line| line.contains("the same token is used in hotels/astoria.yaml")), "{told:?}");
}

#[test]
fn y21_a_hotels_id_is_plain_and_its_triggers_belong_to_it() {
    for name in ["Астория", "CON", "a b", "astoria.old", "Astoria2"] {
        let told = told(&folder(&[(&format!("hotels/{name}.yaml"), &astoria())]), "hotels");
        assert!(told.iter().any(|line| line.contains("this is not an id")), "{name}: {told:?}");
    }
    let stray = told(&folder(&[("hotels/nobody/triggers.yaml", "version: 1\n")]), "triggers");
    assert!(stray[0].starts_with("hotels/nobody/ the folder belongs to no hotel"), "{stray:?}");
}

#[test]
fn y22_a_link_out_of_the_folder_and_a_file_everyone_may_change_are_refused() {
    let outside = tempfile::tempdir().expect("a folder");
    let elsewhere = outside.path().join("triggers.yaml");
    std::fs::write(&elsewhere, "version: 1\n").expect("written");

    let linked = folder(&[]);
    std::os::unix::fs::symlink(&elsewhere, linked.path("triggers.yaml")).expect("a link");
    assert_eq!(
        told(&linked, "triggers"),
        ["triggers.yaml the link leads out of the folder; put the file itself there"]
    );

    let own = folder(&[("hotels/astoria/knowledge.yaml", "sauna: yes\n")]);
    std::os::unix::fs::symlink(&elsewhere, own.path("hotels/astoria/triggers.yaml")).expect("a link");
    let of_own = told(&own, "triggers");
    assert!(
        of_own.contains(
            &"hotels/astoria/triggers.yaml the link leads out of the folder; put the file itself there".to_owned()
        ),
        "{of_own:?}"
    );

    let open = folder(&[("triggers.yaml", "version: 1\n")]);
    std::fs::set_permissions(open.path("triggers.yaml"), std::fs::Permissions::from_mode(0o666)).expect("permissions");
    assert!(told(&open, "triggers")[0].contains("everyone on this machine may change the file"));
}

#[test]
fn y23_a_secret_in_a_file_is_refused_and_not_shown() {
    let secret = "d75b3a66374942c5b3c019c698abc2067e1500b2";
    let folder = folder(&[
        ("hotels/astoria.yaml", &astoria().replace("env:ASTORIA_TOKEN", secret)),
        ("triggers.yaml", &format!("version: 1\ntriggers:\n  a: {{ token: {secret} }}\n")),
    ]);

    let screen = folder.run(&["triggers", "check"]);

    assert!(screen.starts_with("exit 2") && !screen.contains(secret), "{screen}");
}
