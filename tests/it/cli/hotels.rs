//! `hotelbot hotels …`

use super::{ASTORIA, Folder, exists};
use insta::assert_snapshot;

#[test]
fn right_files_are_called_right() {
    assert_snapshot!(Folder::with_files().run(&["hotels", "check"]), @r"
    exit 0
    ---- stdout
    2 hotels are written correctly: astoria, volga
    1 line deserves a second look

      hotels/volga.yaml:1:1    name: Волга
                               ^ nobody is told when a guest needs a person; add `staff: { contacts: [ … ] }`
    ");
}

#[test]
fn every_mistake_of_every_file_is_told_at_once() {
    let folder = Folder::with_files();
    folder.write("hotels/volga.yaml", "name: Волга\ntimezon: Europe/Samara\nlanguages: [xx, ru]\n");
    folder.write("hotels/astoria.yaml", &ASTORIA.replace("Europe/Moscow", "Europe/Moskow"));

    assert_snapshot!(folder.run(&["hotels", "check"]), @r"
    exit 2
    ---- stderr
    error: 2 files have mistakes

      hotels/astoria.yaml:2:11    timezone: Europe/Moskow
                                            ^^^^^^^^^^^^^ `Europe/Moskow` is not a time zone; did you mean `Europe/Moscow`?
      hotels/volga.yaml:1:1       name: Волга
                                  ^ the hotel lacks `whatsapp`; add `whatsapp: { instance: …, token: env:… }`
      hotels/volga.yaml:2:1       timezon: Europe/Samara
                                  ^^^^^^^ unknown field `timezon`; did you mean `timezone`?
      hotels/volga.yaml:3:13      languages: [xx, ru]
                                              ^^ `xx` is not a language; write a code such as `en`, `ru`, `de`
    ");
    let json = folder.json(&["hotels", "check", "--json"]);
    assert!(json["errors"].as_array().is_some_and(|errors| errors.len() >= 4), "{json}");
    assert!(!exists(&folder.path("data")), "nothing was touched");
}

#[test]
fn a_plan_shows_what_would_change_and_changes_nothing() {
    let folder = Folder::with_files();

    assert_snapshot!(folder.run(&["hotels", "plan"]), @r"
    exit 0
    ---- stdout
    Comparing hotels/ with an empty database, for all hotels

      + astoria  Астория, Санкт-Петербург, Europe/Moscow, ru en
          instance 1101000001, polled, 2 facts

      + volga  Волга, Europe/Samara, ru
          instance 1101000003, polled, 1 fact

    Plan: 2 to add, 0 to change, 0 to retire

    To make it so: hotelbot hotels apply
    ---- stderr
      hotels/volga.yaml:1:1    name: Волга
                               ^ nobody is told when a guest needs a person; add `staff: { contacts: [ … ] }`
    ");
    assert_snapshot!(folder.run(&["hotels", "plan", "--exit-code", "--hotel", "volga"]), @r"
    exit 3
    ---- stdout
    Comparing hotels/ with an empty database, for volga

      + volga  Волга, Europe/Samara, ru
          instance 1101000003, polled, 1 fact

    Plan: 1 to add, 0 to change, 0 to retire

    To make it so: hotelbot hotels apply --hotel volga
    ---- stderr
      hotels/volga.yaml:1:1    name: Волга
                               ^ nobody is told when a guest needs a person; add `staff: { contacts: [ … ] }`
    ");
    assert!(!exists(&folder.path("data")), "nothing was made");
}

#[test]
fn what_was_applied_is_in_force_and_a_second_time_there_is_nothing_to_do() {
    let folder = Folder::with_files();

    assert_snapshot!(folder.run(&["hotels", "apply", "--offline", "--yes"]), @r"
    exit 0
    ---- stdout
    Comparing hotels/ with an empty database, for all hotels

      + astoria  Астория, Санкт-Петербург, Europe/Moscow, ru en
          instance 1101000001, polled, 2 facts

      + volga  Волга, Europe/Samara, ru
          instance 1101000003, polled, 1 fact

    Plan: 2 to add, 0 to change, 0 to retire
    Applied as revision 1: 2 added

    A running daemon obeys it within a second; to start one: hotelbot serve
    ---- stderr
      hotels/volga.yaml:1:1    name: Волга
                               ^ nobody is told when a guest needs a person; add `staff: { contacts: [ … ] }`
    ");
    assert_snapshot!(folder.run(&["hotels", "apply", "--offline", "--yes"]), @r"
    exit 0
    ---- stdout
    hotels/ is in force for all hotels (revision 1); nothing to change
    ---- stderr
      hotels/volga.yaml:1:1    name: Волга
                               ^ nobody is told when a guest needs a person; add `staff: { contacts: [ … ] }`
    ");
    assert_snapshot!(folder.run(&["hotels", "plan", "--exit-code"]), @r"
    exit 0
    ---- stdout
    hotels/ is in force for all hotels (revision 1); nothing to change
    ---- stderr
      hotels/volga.yaml:1:1    name: Волга
                               ^ nobody is told when a guest needs a person; add `staff: { contacts: [ … ] }`
    ");
}

#[test]
fn changes_are_told_field_by_field_and_a_missing_file_is_kept_until_pruned() {
    let folder = Folder::with_hotels();
    folder.write("hotels/astoria.yaml", &ASTORIA.replace("pool: no", "pool: yes").replace("10:30\"", "11:00\""));
    std::fs::remove_file(folder.path("hotels/volga.yaml")).expect("removed");

    assert_snapshot!(folder.run(&["hotels", "plan"]), @r"
    exit 0
    ---- stdout
    Comparing hotels/ with revision 1, in force, for all hotels

      ~ astoria
          knowledge.breakfast.hours.en: 7:00 to 10:30 -> 7:00 to 11:00
          knowledge.breakfast.hours.ru: с 7:00 до 10:30 -> с 7:00 до 11:00
          knowledge.pool: no -> yes

      - volga  in force, but without a file
          kept; `--prune` would retire it

    Plan: 0 to add, 1 to change, 0 to retire; 1 kept without a file

    To make it so: hotelbot hotels apply
    ");
    assert_snapshot!(folder.run(&["hotels", "apply", "--offline", "--yes", "--prune"]), @r"
    exit 0
    ---- stdout
    Comparing hotels/ with revision 1, in force, for all hotels

      ~ astoria
          knowledge.breakfast.hours.en: 7:00 to 10:30 -> 7:00 to 11:00
          knowledge.breakfast.hours.ru: с 7:00 до 10:30 -> с 7:00 до 11:00
          knowledge.pool: no -> yes

      - volga  no file; no longer obeyed, its conversations stay

    Plan: 0 to add, 1 to change, 1 to retire
    Applied as revision 2: 1 changed, 1 retired

    A running daemon obeys it within a second; to start one: hotelbot serve
    ");
    assert_snapshot!(folder.run(&["hotels", "list"]), @r"
    exit 0
    ---- stdout
    HOTEL    NAME                      WHATSAPP  PAUSED  OPEN ALERTS  WAITING  LAST MESSAGE
    astoria  Астория, Санкт-Петербург  -         -                 0  -        -
    ");
}

#[test]
fn a_saved_plan_is_applied_as_it_was_shown_or_refused_as_stale() {
    let folder = Folder::with_files();
    assert_snapshot!(folder.run(&["hotels", "plan", "--hotel", "astoria", "--output", "spring.plan"]), @r"
    exit 0
    ---- stdout
    Comparing hotels/ with an empty database, for astoria

      + astoria  Астория, Санкт-Петербург, Europe/Moscow, ru en
          instance 1101000001, polled, 2 facts

    Plan: 1 to add, 0 to change, 0 to retire

    Saved to spring.plan
    To make it so: hotelbot hotels apply spring.plan
    ");
    assert_snapshot!(folder.run(&["hotels", "apply", "spring.plan", "--offline", "--yes"]), @r"
    exit 0
    ---- stdout
    Comparing hotels/ with an empty database, for astoria

      + astoria  Астория, Санкт-Петербург, Europe/Moscow, ru en
          instance 1101000001, polled, 2 facts

    Plan: 1 to add, 0 to change, 0 to retire
    Applied as revision 1: 1 added

    A running daemon obeys it within a second; to start one: hotelbot serve
    ");

    assert_snapshot!(folder.run(&["hotels", "apply", "spring.plan", "--offline", "--yes"]), @r"
    exit 4
    ---- stdout
    Comparing hotels/ with an empty database, for astoria

      + astoria  Астория, Санкт-Петербург, Europe/Moscow, ru en
          instance 1101000001, polled, 2 facts

    Plan: 1 to add, 0 to change, 0 to retire
    ---- stderr
    error: The plan in `spring.plan` is stale
      The plan was made on revision 0; revision 1 is in force

    hint: Run `hotelbot hotels plan --output spring.plan` and look again
    ");
    folder.write("hotels/astoria.yaml", "not a plan");
    assert_snapshot!(folder.run(&["hotels", "apply", "hotels/astoria.yaml", "--yes"]), @r"
    exit 2
    ---- stderr
    error: `hotels/astoria.yaml` is not a plan
      Expected ident at line 1 column 2

    hint: Run `hotelbot hotels plan --output hotels/astoria.yaml` to make one
    ");
}

#[test]
fn a_dry_run_changes_nothing() {
    let folder = Folder::with_files();

    assert_snapshot!(folder.run(&["hotels", "apply", "--dry-run", "--offline"]), @r"
    exit 0
    ---- stdout
    Comparing hotels/ with an empty database, for all hotels

      + astoria  Астория, Санкт-Петербург, Europe/Moscow, ru en
          instance 1101000001, polled, 2 facts

      + volga  Волга, Europe/Samara, ru
          instance 1101000003, polled, 1 fact

    Plan: 2 to add, 0 to change, 0 to retire
    ---- stderr
      hotels/volga.yaml:1:1    name: Волга
                               ^ nobody is told when a guest needs a person; add `staff: { contacts: [ … ] }`
    ");
    assert!(!exists(&folder.path("data")), "nothing was made");
}

#[test]
fn a_hotel_is_listed_and_shown() {
    let folder = Folder::with_hotels();

    assert_snapshot!(folder.run(&["hotels", "list"]), @r"
    exit 0
    ---- stdout
    HOTEL    NAME                      WHATSAPP  PAUSED  OPEN ALERTS  WAITING  LAST MESSAGE
    astoria  Астория, Санкт-Петербург  -         -                 0  -        -
    volga    Волга                     -         -                 0  -        -
    ");
    let clock = regex::Regex::new(r"time +\d\d:\d\d").expect("a pattern");
    assert_snapshot!(clock.replace(&folder.run(&["hotels", "show", "volga"]), "time       [CLOCK]"), @r"
    exit 0
    ---- stdout
    Волга, volga
    time       [CLOCK] (Europe/Samara)
    languages  ru
    whatsapp   instance 1101000003, polled, token env:VOLGA_TOKEN; not asked yet
    ai         on
    facts      1
    answers    after 4s of quiet
    people     -
    waiting    nobody
    alerts     none open
    revision   1
    ");
    let json = folder.json(&["hotels", "show", "astoria", "--json"]);
    assert_eq!(json["definition"]["whatsapp"]["instance"], "1101000001");
    assert_snapshot!(folder.run(&["hotels", "show", "astorai"]), @r"
    exit 2
    ---- stderr
    error: No hotel `astorai` is in force

    hint: Did you mean `astoria`?
    ");
}

#[test]
fn a_hotel_is_paused_with_a_reason_and_resumed() {
    let folder = Folder::with_hotels();

    assert_snapshot!(folder.run(&["hotels", "pause", "astoria", "--reason", "the kitchen is on fire"]), @r"
    exit 0
    ---- stdout
    astoria is paused: messages are received, none are sent

    Start again: hotelbot hotels resume astoria
    ");
    let listed = folder.json(&["hotels", "list", "--json"]);
    assert_eq!(listed[0]["paused_reason"], "the kitchen is on fire");
    assert_snapshot!(folder.run(&["hotels", "resume", "astoria"]), @r"
    exit 0
    ---- stdout
    astoria sends again; 0 messages waiting
    ");
    assert_snapshot!(folder.run(&["hotels", "resume", "astoria"]), @r"
    exit 0
    ---- stdout
    astoria was not paused; nothing was changed
    ");
}

#[test]
fn a_hotel_is_added_with_flags_alone() {
    let folder = Folder::new();
    let add = [
        "hotels",
        "add",
        "astoria",
        "--name",
        "Астория",
        "--timezone",
        "Europe/Moscow",
        "--languages",
        "ru,en",
        "--instance",
        "1101000001",
        "--contact",
        "Дежурный администратор +7 921 000-00-00",
        "--offline",
    ];

    assert_snapshot!(folder.run(&[&add[..], &["--dry-run"]].concat()), @r#"
    exit 0
    ---- stdout
    name: "Астория"
    timezone: Europe/Moscow
    languages: [ru, en]            # the first is the fallback

    whatsapp:
      instance: "1101000001"
      token: env:ASTORIA_TOKEN
      receive: poll

    staff:
      contacts:
        - { id: front_desk, name: "Дежурный администратор", whatsapp: "+79210000000" }

    # Everything the bot may state; what is unknown or not here is answered by a person.
    knowledge:
      breakfast.hours: unknown
      wifi: unknown
    "#);
    assert!(!exists(&folder.path("hotels/astoria.yaml")));
    assert_snapshot!(folder.run(&[&add[..], &["--yes", "--quiet"]].concat()), @r"
    exit 0
    ---- stdout
    Wrote hotels/astoria.yaml

    Next: add facts under `knowledge:`, then hotelbot hotels apply --hotel astoria
    ");
    assert_snapshot!(folder.run(&["hotels", "check"]), @r"
    exit 0
    ---- stdout
    1 hotel is written correctly: astoria
    ");
    assert_snapshot!(folder.run(&[&add[..], &["--yes"]].concat()), @r"
    exit 2
    ---- stderr
    error: `hotels/astoria.yaml` is there already

    hint: Edit it, then run `hotelbot hotels plan`
    ");
}

#[test]
fn adding_a_hotel_names_every_flag_that_is_missing_and_every_mistake() {
    let folder = Folder::with_files();

    assert_snapshot!(folder.run(&["hotels", "add", "baikal", "--name", "Байкал"]), @r"
    exit 2
    ---- stderr
    error: Nobody can be asked for --timezone, --languages, --instance

    hint: Pass --timezone, --languages, --instance
    ");
    let wrong = [
        "hotels",
        "add",
        "baikal",
        "--name",
        "Байкал",
        "--timezone",
        "Asia/Irkustk",
        "--languages",
        "rus-sian",
        "--instance",
        "11010x",
        "--offline",
        "--yes",
    ];
    assert_snapshot!(folder.run(&wrong), @r#"
    exit 2
    ---- stderr
    error: 1 file has mistakes

      hotels/baikal.yaml:2:11    timezone: Asia/Irkustk
                                           ^^^^^^^^^^^^ `Asia/Irkustk` is not a time zone; did you mean `Asia/Irkutsk`?
      hotels/baikal.yaml:3:13    languages: [rus-sian]            # the first is the fallback
                                             ^^^^^^^^ `rus-sian` is not a language; write a code such as `en`, `ru`, `de`
      hotels/baikal.yaml:6:13    instance: "11010x"
                                           ^^^^^^^^ `11010x` is not an instance; write idInstance as in Green API's console, up to 12 digits
    "#);
    let twin = [
        "hotels",
        "add",
        "baikal",
        "--name",
        "Байкал",
        "--timezone",
        "Asia/Irkutsk",
        "--languages",
        "ru",
        "--instance",
        "1101000001",
        "--offline",
        "--yes",
    ];
    assert_snapshot!(folder.run(&twin), @r"
    exit 2
    ---- stderr
    error: Instance 1101000001 already serves the hotel `astoria`

    hint: Each hotel has its own instance at Green API
    ");
    assert!(!exists(&folder.path("hotels/baikal.yaml")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn applying_looks_at_the_instances_and_connects_them() {
    use hotelbot::sandbox::{Declare, Options, Sandbox};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let sandbox = Sandbox::start(listener, Options::for_load()).expect("a sandbox");
    sandbox.declare(Declare::new(1_101_000_001, "t1")).expect("declared");
    let folder = Folder::with_files();
    std::fs::remove_file(folder.path("hotels/volga.yaml")).expect("removed");
    folder
        .write("hotels/astoria.yaml", &ASTORIA.replace("receive: poll", "receive: webhook\n  webhook_token: env:HOOK"));
    let environment = [
        ("HOTELBOT_GREEN_API_URL", sandbox.url.as_str()),
        ("HOTELBOT_PUBLIC_URL", "https://bot.example"),
        ("ASTORIA_TOKEN", "t1"),
        ("HOOK", "w1"),
    ];

    assert_snapshot!(folder.run_with(&["hotels", "apply", "--yes"], "", &environment), @r"
    exit 0
    ---- stdout
    Comparing hotels/ with an empty database, for all hotels

      + astoria  Астория, Санкт-Петербург, Europe/Moscow, ru en
          instance 1101000001, webhook, 2 facts

    Plan: 1 to add, 0 to change, 0 to retire
    Applied as revision 1: 1 added
    Connected astoria; its instance restarts, which may take 5 minutes

    A running daemon obeys it within a second; to start one: hotelbot serve
    ---- stderr

      astoria
      ok    instance 1101000001 is authorized
      note  it has no webhook and needs the webhook https://bot.example/hooks/astoria/whatsapp; setting it restarts the instance, up to 5 minutes
    ");
    assert_snapshot!(folder.run_with(&["hotels", "apply", "--yes"], "", &environment), @r"
    exit 0
    ---- stdout
    hotels/ is in force for all hotels (revision 1); nothing to change
    ");
    sandbox.stop().await;
}
