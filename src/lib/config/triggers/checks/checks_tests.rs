//! Every mistake that only shows when everything is seen, by the file that has it.

use super::super::testing::{hotel, told, told_at};

/// A file with one trigger: `when`, further lines of the trigger, and questions.
fn file(when: &str, more: &str, questions: &str) -> String {
    let send = if more.contains("ask:") || more.contains("send:") {
        ""
    } else {
        "    send: { text: { en: Hi, ru: Привет } }\n"
    };
    format!("version: 1\ntriggers:\n  a:\n    when: {when}\n{more}{send}questions:\n{questions}")
}

fn of_when(when: &str) -> Vec<String> {
    told(&file(when, "", ""))
}

fn of_where(condition: &str) -> Vec<String> {
    told(&file("{ after: check_in }", &format!("    where: {condition}\n"), ""))
}

/// A choice with these answers.
fn of_answers(answers: &str, questions: &str) -> Vec<String> {
    let ask = format!("    ask: {{ text: {{ en: Well?, ru: Ну? }}, answers: [ {answers} ] }}\n");
    told(&file("{ after: check_in }", &ask, questions))
}

fn of_text(text: &str) -> Vec<String> {
    told(&file("{ after: check_in }", &format!("    send: {{ text: {{ en: \"{text}\", ru: Привет }} }}\n"), ""))
}

#[test]
fn a_sound_trigger_has_no_findings() {
    assert_eq!(of_when("{ after: check_in, by: 3h, only_between: \"10:00-20:30\" }"), Vec::<String>::new());
    assert_eq!(
        of_where("{ status: checked_in, nights: \">= 2\", any: [ vip: yes, tag: gold ] }"),
        Vec::<String>::new()
    );
}

#[test]
fn moments_that_can_never_be_are_told() {
    let mut wrong = Vec::new();
    for (when, expected) in [
        ("{ after: chekin }", "4 unknown moment `chekin`"),
        ("{ by: 3h }", "4 `when` lacks `after`"),
        ("{ after: check_in, before: check_out }", "4 a moment has one anchor"),
        ("{ after: check_in, by: 3h, at: \"10:00\" }", "4 hours after the anchor and a clock time are two moments"),
        ("{ after: arrival, by: 0d, at: \"10:00\" }", "4 10:00 is not after 14:00 at sea-view, on the same day"),
        ("{ before: check_out, by: 0d, at: \"18:00\" }", "4 18:00 is not before 12:00 at sea-view, on the same day"),
        ("{ on: in_house_daily }", "4 `in_house_daily` lacks its clock time"),
        ("{ after: silence }", "4 `silence` lacks how long"),
        ("{ on: arrival, by: 2d }", "4 `on: arrival` is that day or instant itself"),
        ("{ before: checked_out, by: 1d }", "4 nobody knows beforehand when `checked_out` will be"),
        ("{ before: check_in, by: 1d }", "4 nobody knows beforehand when a guest really checks in (at sea-view)"),
        ("{ after: sentiment }", "4 `when` lacks `is`"),
        ("{ after: check_in, of: x }", "4 `of` says nothing of `check_in`"),
        ("{ on: schedule, cron: \"61 * * * *\" }", "4 `61` is not understood as the minute of a schedule"),
        ("{ on: schedule, cron: \"0 0 31 2 *\" }", "4 `0 0 31 2 *` never fires: no year has this day"),
        ("{ after: check_in, by: -3h }", "4 `-3h` is not a duration"),
        ("{ after: check_in, by: 61d }", "4 `61d` is too long"),
        ("{ after: check_in, only_between: \"22:00-08:00\" }", "4 all of these hours are quiet hours (21:00-09:00)"),
        (
            "{ before: check_out, by: 1d, at: \"18:00\", only_between: \"10:00-12:00\", otherwise: skip }",
            "4 18:00 is never within 10:00-12:00, so this is always skipped",
        ),
        (
            "{ before: check_out, by: 1d, at: \"22:00\" }",
            "warning 4 22:00 is within the quiet hours (21:00-09:00), so this always waits",
        ),
        ("{ after: check_in, otherwise: skip }", "warning 4 `otherwise` speaks of a window, and there is none"),
    ] {
        let told = of_when(when);
        if told != [expected] {
            wrong.push((when, told));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn y14_conditions_nobody_meets_are_told() {
    let mut wrong = Vec::new();
    for (condition, expected) in [
        ("[ nights: \"> 5\", nights: \"< 2\" ]", "5 no reservation can meet this: `nights` > 5 and < 2"),
        ("{ status: chekced_in }", "5 unknown word `chekced_in`"),
        ("{ status: cancelled }", "5 guests of this status get no message at `check_in`"),
        ("{ status: tentative }", "5 guests of this status get no message at `check_in`"),
        ("[ nights >= 2 ]", "5 a condition is a field and its value"),
        ("{ nights: many }", "5 `many` is not a number"),
        ("{ nights: \"between 5 and 2\" }", "5 no number lies between these"),
        ("{ open_alert: maybe }", "5 `maybe` is neither yes nor no"),
        ("{ nigths: 2 }", "5 unknown field `nigths`"),
        ("{ room_type: \"> 2\" }", "5 `room_type` is no number and has no order"),
        ("{ room_type: \"matches (\" }", "5 `(` is not a pattern"),
        ("{ lead_time: \"< 7\" }", "5 `7` is not a duration"),
        ("{ sent: b }", "5 there is no trigger `b`"),
        ("{ answered: { room-ok: fine } }", "5 there is no question `room-ok`"),
        (
            "{ all: [ open_alert: yes ], none: [ open_alert: true ] }",
            "5 no reservation can meet this: `open_alert` is yes and not is yes",
        ),
    ] {
        let told = of_where(condition);
        if told != [expected] {
            wrong.push((condition, told));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn y12_and_y13_templates_are_tried_before_a_guest_is_written_to() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        ("Hi {{ guest.nmae }}", "5 unknown variable `guest.nmae`"),
        ("Hi {guest.name}", "5 `{guest.name}` would be sent as it stands"),
        ("Hi {{ guest.first_name }}", "warning 5 a guest without `guest.first_name` gets no message"),
        ("Hi {{ secrets.token }}", "5 unknown variable `secrets.token`"),
        ("Hi {{", "5 `{{` is left open"),
        ("{{ links.menuu }}", "5 at sea-view: the hotel has no link `menuu`"),
        ("See {{ links.spa }}", "5 at sea-view: the hotel has no link `spa`"),
        ("Your room: {{ stay.room }}", "warning 5 a guest without `stay.room` gets no message"),
    ] {
        let told = of_text(text);
        if told != [expected] {
            wrong.push((text, told));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(of_text(""), ["5 the text is empty"]);
    assert_eq!(of_text(&"a".repeat(4097)), ["5 the text has 4097 characters"]);
    assert_eq!(of_text("Menu: {{ links.menu }}"), Vec::<String>::new());
}

#[test]
fn y13_a_missing_language_is_a_mistake_where_the_hotel_lists_it() {
    let only_english = file("{ after: check_in }", "    send: { text: { en: Hi } }\n", "");
    assert_eq!(told(&only_english), ["5 no text in `ru`, which is a language of sea-view"]);

    let switched_off = file("{ after: check_in }", "    enabled: no\n    send: { text: { en: Hi } }\n", "");
    assert_eq!(told(&switched_off), Vec::<String>::new());

    let reply = "    ask: { text: { en: Well?, ru: Ну?, de: Na? }, kind: yes_no, answers: [ { id: yes, reply: { en: Good, ru: Хорошо } } ] }\n";
    assert_eq!(
        told(&file("{ after: check_in }", reply, "")),
        ["warning 5 no text in `de`, which other texts here have"]
    );
}

#[test]
fn answers_nobody_can_reach_are_told() {
    let label = |id: &str, en: &str, more: &str| format!("{{ id: {id}, label: {{ en: {en}, ru: {en}-р }}{more} }}");
    let two = |more: &str| format!("{}, {}", label("a", "One", ""), label("b", "Two", more));
    for (answers, expected) in [
        (two(", means: [ one ]"), "`one` is understood as `a` already"),
        (two(", means: [ \"1\" ]"), "`1` is the number of another answer in the list"),
        (two(", stop: yes, then: q"), "the guest asked for silence, so this is never asked"),
        (two(", range: [1, 2]"), "only the answers of a scale have a range"),
        (two(", notify: chef"), "sea-view has no contact or department `chef`"),
        (format!("{}, {}", label("a", "One", ""), label("a", "Two", "")), "answer `a` is there twice"),
    ] {
        let questions = "  q: { text: { en: Q, ru: В }, kind: text }\n";
        let told: Vec<String> =
            of_answers(&answers, questions).into_iter().filter(|line| !line.contains("nothing asks")).collect();
        assert!(told.len() == 1 && told[0].ends_with(expected), "{answers}: {told:?}");
    }
    let scale = "    ask: { text: { en: How?, ru: Как? }, kind: scale, range: [1, 5], answers: [ { id: low, range: [1, 3] }, { id: high, range: [3, 5] } ] }\n";
    assert_eq!(told(&file("{ after: check_in }", scale, "")), ["5 3 leads to `low` already"]);
    let outside = scale.replace("[3, 5] } ]", "[4, 6] } ]");
    assert_eq!(told(&file("{ after: check_in }", &outside, "")), ["5 the scale goes from 1 to 5"]);
}

#[test]
fn y16_questions_that_go_round_lead_nowhere_or_go_on_and_on_are_told() {
    let question = |id: &str, then: &str| {
        format!("  {id}: {{ text: {{ en: Q, ru: В }}, kind: yes_no, answers: [ {{ id: yes, then: {then} }} ] }}\n")
    };
    let ask = |then: &str| {
        format!(
            "    ask: {{ text: {{ en: Well?, ru: Ну? }}, kind: yes_no, answers: [ {{ id: yes, then: {then} }} ] }}\n"
        )
    };
    let of = |then: &str, questions: &str| told(&file("{ after: check_in }", &ask(then), questions));

    assert_eq!(
        of("what-is-wrogn", &question("what-is-wrong", "what-is-wrong"))[0],
        "5 there is no question `what-is-wrogn`"
    );
    assert_eq!(of("a", ""), ["5 the questions go round in a circle: `a` → `a`"]);
    assert_eq!(
        of("b", &(question("b", "c") + &question("c", "b"))),
        ["8 the questions go round in a circle: `b` → `c` → `b`"]
    );
    let chain: String = (1..=9).map(|n| question(&format!("q{n}"), &format!("q{}", n + 1))).collect();
    let end = |id: &str| format!("  {id}: {{ text: {{ en: Q, ru: В }}, kind: text }}\n");
    let eleven = of("q1", &(chain.clone() + &end("q10")));
    assert_eq!(eleven, ["15 this is question 11 in a row"]);
    let shorter: String = (1..=8).map(|n| question(&format!("q{n}"), &format!("q{}", n + 1))).collect();
    assert_eq!(of("q1", &(shorter + &end("q9"))), Vec::<String>::new());
}

#[test]
fn y5_a_question_and_a_trigger_of_one_name_are_told_with_both_lines() {
    let ask = "    ask: { text: { en: Well?, ru: Ну? }, kind: yes_no, answers: [ { id: yes, then: a } ] }\n";

    let told = told(&file("{ after: check_in }", ask, "  a: { text: { en: Q, ru: В }, kind: text }\n"));

    assert!(told.contains(&"7 `a` is also the question of a trigger, in triggers.yaml:3".to_owned()), "{told:?}");
}

#[test]
fn an_alert_nobody_is_told_of_is_told() {
    let ask = "    ask: { text: { en: Well?, ru: Ну? }, kind: yes_no, answers: [ { id: no, alert: { department: spa } } ] }\n";
    let base = file("{ after: check_in }", ask, "");

    let desk_only = "country: TH\n";
    let hotel_of_all = hotel(desk_only);
    assert_eq!(told_at(&base, &hotel_of_all), Vec::<String>::new(), "a contact without departments answers for all");

    let mut only_desk = hotel("");
    only_desk.hotel.staff.contacts[0].departments = vec!["front_desk".into()];
    assert_eq!(told_at(&base, &only_desk), ["5 at sea-view nobody answers for `spa`, so nobody is told"]);
    only_desk.hotel.staff.contacts.clear();
    assert_eq!(
        told_at(&base.replace("{ department: spa }", "{ topic: room }"), &only_desk),
        ["5 sea-view has no contacts, so nobody is told of this alert"]
    );
}

#[test]
fn asking_only_happy_guests_for_a_review_is_told() {
    let text = "    send: { text: { en: \"Review us: https://g.page/x\", ru: \"Отзыв: https://g.page/x\" } }\n";
    let of = |when: &str, condition: &str| told(&file(when, &format!("    where: {condition}\n{text}"), ""));
    for condition in [
        "{ score: \">= 4\" }",
        "{ last_sentiment: positive }",
        "{ none: [ worst_sentiment_in_stay: [negative, requires_attention] ] }",
        "{ none: [ score: \"< 4\" ] }",
    ] {
        assert_eq!(
            of("{ after: checked_out, by: 1d }", condition),
            ["5 only happy guests would be asked for a public review"],
            "{condition}"
        );
    }
    for condition in ["{ nights: \">= 2\" }", "{ none: [ open_alert: yes ] }", "{ score: exists }"] {
        assert_eq!(of("{ after: checked_out, by: 1d }", condition), Vec::<String>::new(), "{condition}");
    }
    assert_eq!(
        told(&file("{ after: sentiment, is: positive }", text, "")),
        ["4 only happy guests would be asked for a public review"]
    );
    let reply = "{ en: \"https://g.page/x\", ru: \"https://g.page/x\" }";
    let scale = |low: &str| {
        format!(
            "    ask: {{ text: {{ en: How?, ru: Как? }}, kind: scale, answers: [ {{ id: low, range: [1, 3]{low} }}, {{ id: high, range: [4, 5], reply: {reply} }} ] }}\n"
        )
    };
    assert_eq!(told(&file("{ after: checked_out }", &scale(""), "")).len(), 1);
    assert_eq!(told(&file("{ after: checked_out }", &scale(&format!(", reply: {reply}")), "")), Vec::<String>::new());
}

#[test]
fn loosening_the_policy_needs_a_reason() {
    let of = |more: &str| told(&file("{ after: check_in }", more, ""));

    assert_eq!(of("    policy: { quiet_hours: no }\n"), ["5 `quiet_hours` is freer than the policy of the file"]);
    assert_eq!(
        of("    policy: { per_guest: { at_most: 5 } }\n"),
        ["5 `per_guest` is freer than the policy of the file"]
    );
    assert_eq!(of("    policy: { quiet_hours: no, because: The transfer leaves at six }\n"), Vec::<String>::new());
    assert_eq!(of("    because: The transfer leaves at six\n    policy: { quiet_hours: no }\n"), Vec::<String>::new());
    assert_eq!(of("    policy: { quiet_hours: \"20:00-10:00\", after_staff_reply: 3h }\n"), Vec::<String>::new());
}

#[test]
fn y15_quiet_hours_cross_midnight_and_never_last_all_day() {
    let of = |hours: &str| told(&format!("version: 1\npolicy: {{ quiet_hours: {hours} }}\n"));

    assert_eq!(of("\"22:00-08:00\""), Vec::<String>::new());
    assert_eq!(of("\"22:00-22:00\""), ["2 this is all day"]);
    assert_eq!(of("\"25:00-09:00\""), ["2 `25:00-09:00` is not a window"]);
    assert_eq!(of("\"00:00-23:59\""), Vec::<String>::new());
}

#[test]
fn y17_two_triggers_of_one_minute_are_a_warning() {
    let one = |id: &str, condition: &str| {
        format!(
            "  {id}: {{ when: {{ before: arrival, by: 1d }}, where: {condition}, send: {{ text: {{ en: Hi, ru: Привет }} }} }}\n"
        )
    };
    let both = |a: &str, b: &str| told(&format!("version: 1\ntriggers:\n{}{}", one("a", a), one("b", b)));

    assert_eq!(both("{}", "{}"), ["warning 4 a guest may get this in the same minute as `a`"]);
    assert_eq!(both("{ vip: exists, nights: \"> 3\" }", "{ nights: \"< 2\" }"), Vec::<String>::new());
}

#[test]
fn a_trigger_among_the_questions_is_sent_home() {
    let wrong = told(&file(
        "{ after: check_in }",
        "",
        "  b:\n    when: { after: check_in }\n    text: { en: Hi, ru: Привет }\n    kind: text\n",
    ));

    assert!(wrong.iter().any(|told| told == "8 unknown field `when`"), "{wrong:?}");
}

#[test]
fn a_file_that_is_sent_must_be_there() {
    let base =
        file("{ after: check_in }", "    send: { text: { en: Hi, ru: Привет }, media: { file: menu.pdf } }\n", "");

    assert_eq!(told(&base), ["5 sea-view has no file `menu.pdf`"]);
    for name in ["../x", "/etc/passwd", ".ssh/id", "a/../../b"] {
        let told = told(&base.replace("menu.pdf", name));
        assert_eq!(told, ["5 this is no file of the hotel's folder"], "{name}");
    }
    let elsewhere = base.replace("menu.pdf", "menu.exe");
    assert_eq!(told(&elsewhere), ["5 phones do not open `menu.exe`"]);
}

#[test]
fn an_address_of_a_file_is_one_that_the_channel_takes() {
    let with = |url: &str| {
        let media = format!("    send: {{ text: {{ en: Hi, ru: Привет }}, media: {{ url: \"{url}\" }} }}\n");
        told(&file("{ after: check_in }", &media, ""))
    };

    assert!(with("https://example.com/pool.jpg").is_empty());
    assert_eq!(with("https://example.com/pool.jpg?v=2"), ["5 Green API takes no address of a file with `?` in it"]);
    assert_eq!(with("https://example.com/pool"), ["5 phones do not open `pool`"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_sent_is_a_whole_one_and_no_way_out_of_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let hotel = folder.path().join("sea-view");
    std::fs::create_dir(&hotel).expect("made");
    for (name, size) in [("menu.pdf", 1), ("empty.pdf", 0), ("big.pdf", (16 << 20) + 1)] {
        std::fs::File::create(hotel.join(name)).and_then(|file| file.set_len(size)).expect("written");
    }
    std::os::unix::fs::symlink(hotel.join("menu.pdf"), hotel.join("link.pdf")).expect("linked");
    std::os::unix::fs::symlink(folder.path(), hotel.join("up")).expect("linked");
    let wrong = |name: &str| super::media::in_folder(&hotel, name).map(|(message, _)| message).unwrap_or_default();

    assert_eq!(wrong("menu.pdf"), "");
    assert!(wrong("empty.pdf").ends_with("is empty") && wrong("big.pdf").ends_with("larger than 16 MiB"));
    for link in ["link.pdf", "up/sea-view/menu.pdf"] {
        assert!(wrong(link).ends_with("is a link to another place"), "{link}");
    }
}
