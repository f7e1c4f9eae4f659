//! `hotelbot chats …`

use super::Folder;
use hotelbot::domain::understanding::Sentiment;
use hotelbot::gateways::system::SystemClock;
use hotelbot::ports::Clock;
use insta::assert_snapshot;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

#[tokio::test]
async fn conversations_are_listed_those_with_somebody_waiting_first() {
    let folder = Folder::with_conversations().await;

    assert_snapshot!(folder.run(&["chats", "list"]), @r"
    exit 0
    ---- stdout
    HOTEL    CHAT      GUEST             NAME   MODE     WAITING  SENTIMENT  LAST    MESSAGE
    astoria  0000000b  +7 921 ***-77-77  P.     handoff  3d       negative   3d ago  Простите! Коллега уже идёт.
    volga    00000013  +7 921 ***-45-67  М. И.  bot      -        positive   3d ago  Спасибо!
    astoria  00000003  +7 921 ***-45-67  М. И.  bot      -        neutral    3d ago  С 7:00 до 10:30
    ");
    assert_snapshot!(folder.run(&["chats", "list", "--waiting", "--reveal"]), @r"
    exit 0
    ---- stdout
    HOTEL    CHAT      GUEST         NAME   MODE     WAITING  SENTIMENT  LAST    MESSAGE
    astoria  0000000b  +79210007777  Pyotr  handoff  3d       negative   3d ago  Простите! Коллега уже идёт.
    ");
    assert_snapshot!(folder.run(&["chats", "list", "--sentiment", "positive", "--hotel", "volga"]), @r"
    exit 0
    ---- stdout
    HOTEL  CHAT      GUEST             NAME   MODE  WAITING  SENTIMENT  LAST    MESSAGE
    volga  00000013  +7 921 ***-45-67  М. И.  bot   -        positive   3d ago  Спасибо!
    ");
    assert_snapshot!(folder.run(&["chats", "list", "--since", "2h"]), @r"
    exit 0
    ---- stdout
    No conversations
    ");
    assert_snapshot!(folder.run(&["chats", "list", "--hotel", "baikal"]), @r"
    exit 2
    ---- stderr
    error: No hotel `baikal` is in force

    hint: Run `hotelbot hotels list` to see which are, `hotelbot hotels apply` to make it so
    ");
}

#[tokio::test]
async fn a_conversation_is_found_by_phone_by_id_and_by_the_end_of_one() {
    let folder = Folder::with_conversations().await;

    let shown = folder.run(&["chats", "show", "+7 921 000-77-77"]);

    assert_snapshot!(shown, @r"
    exit 0
    ---- stdout
    +7 921 ***-77-77  P., astoria
    chat      [ID]
    leads     a person since [MOMENT], until it is handed back (ai_handoff)
    waiting   for a person since [MOMENT], 3d

    [DATE], hotel time (Europe/Moscow)
    [CLOCK]  guest < В номере холодно, никто не приходит           [negative 0.96]
    [CLOCK]  bot   > Простите! Коллега уже идёт.                   [rule ai_handoff]

    Hand it back: hotelbot chats resume [ID]
    ");
    let id = folder.json(&["chats", "show", "79210007777@c.us", "--json"])["chat"].as_str().expect("an id").to_owned();
    assert_eq!(folder.run(&["chats", "show", &id]), shown);
    assert_eq!(folder.run(&["chats", "show", &id[28..]]), shown);
    assert_snapshot!(folder.run(&["chats", "show", "79210004567"]), @r"
    exit 2
    ---- stderr
    error: `79210004567` means 2 conversations

    hint: Say whose: add `--hotel astoria` or `--hotel volga`
    ");
}

#[tokio::test]
async fn the_json_of_a_conversation_is_the_contracts() {
    let folder = Folder::with_conversations().await;

    let json = folder.json(&["chats", "show", "79210004567", "--hotel", "astoria", "--json", "--reveal"]);

    assert_snapshot!(folder.steady(&serde_json::to_string_pretty(&json).expect("json")), @r#"
    {
      "address": "+79210004567",
      "alerts": [],
      "chat": "[ID]",
      "consent": "unknown",
      "guest": "[ID]",
      "guest_name": "Мария Иванова",
      "handoff": null,
      "hotel": "astoria",
      "language": null,
      "messages": [
        {
          "at": "[STAMP]",
          "author": "guest",
          "confidence": 0.96,
          "delivery": null,
          "direction": "inbound",
          "id": "[ID]",
          "language": null,
          "note": null,
          "origin": "guest",
          "provider_id": "[ID]",
          "rule": "answer",
          "sentiment": "neutral",
          "text": "Когда завтрак?",
          "turn": "[ID]"
        },
        {
          "at": "[STAMP]",
          "author": "bot",
          "confidence": null,
          "delivery": "planned",
          "direction": "outbound",
          "id": "[ID]",
          "language": null,
          "note": null,
          "origin": "reply",
          "provider_id": null,
          "rule": "answer",
          "sentiment": null,
          "text": "С 7:00 до 10:30",
          "turn": "[ID]"
        }
      ],
      "mode": "bot",
      "waiting_since": null
    }
    "#);
}

#[tokio::test]
async fn a_decision_is_explained_by_its_rule_and_its_grounds() {
    let folder = Folder::with_conversations().await;

    assert_snapshot!(folder.run(&["chats", "explain", "79210007777"]), @r"
    exit 0
    ---- stdout
    [CLOCK]  guest < В номере холодно, никто не приходит           [negative 0.96]
    [CLOCK]  bot   > Простите! Коллега уже идёт.                   [rule ai_handoff]
      decided   [MOMENT]
      rule      ai_handoff
      because   as the test says
    ");
    let json = folder.json(&["chats", "show", "79210007777", "--json"]);
    let message = json["messages"][0]["id"].as_str().expect("an id");
    assert_eq!(
        folder.run(&["chats", "explain", "79210007777", "--message", message]),
        folder.run(&["chats", "explain", "79210007777"]),
    );
    assert_snapshot!(folder.run(&["chats", "explain", "79210007777", "--message", "ffff0000"]), @r"
    exit 2
    ---- stderr
    error: There is no message `ffff0000` in this conversation

    hint: Run `hotelbot chats show --json` to see the ids
    ");
}

#[tokio::test]
async fn a_persons_words_are_planned_and_silence_the_bot() {
    let folder = Folder::with_conversations().await;

    assert_snapshot!(folder.run(&["chats", "send", "79210007777", "Иду к вам", "--dry-run"]), @r"
    exit 0
    ---- stdout
    Would send to +7 921 ***-77-77 in astoria
      Иду к вам
    ");
    assert_snapshot!(folder.run(&["chats", "send", "79210007777", "Иду к вам с обогревателем"]), @r"
    exit 0
    ---- stdout
    Planned for +7 921 ***-77-77; the daemon sends it next
    Leads: a person since [MOMENT], until [MOMENT] (staff_wrote)

    Follow it: hotelbot chats tail [ID]
    ");
    assert_snapshot!(folder.run(&["chats", "show", "79210007777"]), @r"
    exit 0
    ---- stdout
    +7 921 ***-77-77  P., astoria
    chat      [ID]
    leads     a person since [MOMENT], until [MOMENT] (staff_wrote)

    [DATE], hotel time (Europe/Moscow)
    [CLOCK]  guest < В номере холодно, никто не приходит           [negative 0.96]
    [CLOCK]  bot   > Простите! Коллега уже идёт.                   [rule ai_handoff; cancelled: staff_wrote]

    [DATE], hotel time (Europe/Moscow)
    [CLOCK]  staff > Иду к вам с обогревателем                     [by command]

    Hand it back: hotelbot chats resume [ID]
    ");
    assert_snapshot!(folder.run(&["chats", "send", "79210007777", "  "]), @r"
    exit 2
    ---- stderr
    error: There is nothing to send: the text is empty
    ");
    let waiting = folder.json(&["chats", "list", "--waiting", "--json"]);
    assert_eq!(waiting, serde_json::json!([]), "who was answered waits no more");
}

#[tokio::test]
async fn a_chat_is_handed_off_and_back() {
    let folder = Folder::with_conversations().await;
    let chat = ["79210004567", "--hotel", "astoria"];

    assert_snapshot!(folder.run(&[&["chats", "handoff"][..], &chat].concat()), @r"
    exit 0
    ---- stdout
    The bot is silent for +7 921 ***-45-67; leads: a person since [MOMENT], until it is handed back (command)

    Hand it back: hotelbot chats resume [ID]
    ");
    assert_snapshot!(folder.run(&[&["chats", "handoff", "--for", "2h"][..], &chat].concat()), @r"
    exit 0
    ---- stdout
    The bot is silent for +7 921 ***-45-67; leads: a person since [MOMENT], until [MOMENT] (command)

    Hand it back: hotelbot chats resume [ID]
    ");
    assert_snapshot!(folder.run(&[&["chats", "resume"][..], &chat].concat()), @r"
    exit 0
    ---- stdout
    The bot answers +7 921 ***-45-67 again
    ");
    assert_snapshot!(folder.run(&[&["chats", "resume"][..], &chat].concat()), @r"
    exit 0
    ---- stdout
    The bot already answers +7 921 ***-45-67
    ");
}

/// The first lines of a program that does not end by itself.
pub fn first_lines(folder: &Folder, args: &[&str], count: usize) -> String {
    let mut child = folder
        .command(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let reader = BufReader::new(child.stdout.take().expect("piped"));
    let lines: Vec<String> = reader.lines().take(count).map(|line| line.expect("text")).collect();
    child.kill().expect("it runs until it is stopped");
    child.wait().expect("it ends");
    folder.steady(&(lines.join("\n") + "\n"))
}

#[tokio::test]
async fn following_shows_each_message_once_with_what_is_behind_it() {
    let folder = Folder::with_conversations().await;

    assert_snapshot!(first_lines(&folder, &["chats", "tail", "--since", "4d"], 5), @r"
    [CLOCK]  astoria     +7 921 ***-45-67  guest < Когда завтрак?                                [neutral 0.96]
    [CLOCK]  astoria     +7 921 ***-45-67  bot   > С 7:00 до 10:30                               [rule answer]
    [CLOCK]  astoria     +7 921 ***-77-77  guest < В номере холодно, никто не приходит           [negative 0.96]
    [CLOCK]  astoria     +7 921 ***-77-77  bot   > Простите! Коллега уже идёт.                   [rule ai_handoff]
    [CLOCK]  volga       +7 921 ***-45-67  guest < Спасибо!                                      [positive 0.96]
    ");
    let one = first_lines(&folder, &["chats", "tail", "79210007777", "--since", "4d"], 2);
    assert_snapshot!(one, @r"
    [CLOCK]  +7 921 ***-77-77  guest < В номере холодно, никто не приходит           [negative 0.96]
    [CLOCK]  +7 921 ***-77-77  bot   > Простите! Коллега уже идёт.                   [rule ai_handoff]
    ");
}

#[tokio::test]
async fn followed_as_json_each_line_is_one_event() {
    let folder = Folder::with_conversations().await;

    let lines = first_lines(&folder, &["chats", "tail", "--since", "4d", "--json", "--hotel", "volga"], 1);

    assert_snapshot!(lines, @r#"
    {"event":"message","hotel":"volga","chat":"[ID]","address":"+7 921 ***-45-67","id":"[ID]","provider_id":"[ID]","direction":"inbound","author":"guest","origin":"guest","text":"Спасибо!","at":"[STAMP]","delivery":null,"language":null,"sentiment":"positive","confidence":0.96,"rule":"answer","turn":"[ID]","note":null}
    "#);
}

#[tokio::test]
async fn a_message_that_comes_while_following_is_shown_and_then_its_reading() {
    let folder = Folder::with_hotels();
    let mut child = folder
        .command(&["chats", "tail", "--hotel", "astoria", "--since", "1h"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut next = || folder.steady(&lines.next().expect("a line").expect("text"));

    // Nobody reads it at first, so it is shown without a reading.
    folder.clock.turn(SystemClock.now().duration_since(folder.clock.now()));
    folder.hears("astoria", "79210004567", "Мария", "Когда завтрак?").await;
    assert_snapshot!(next(), @"[CLOCK]  +7 921 ***-45-67  guest < Когда завтрак?");
    folder.decides(Sentiment::Neutral, "answer", Some("С семи")).await;
    let mut both = [next(), next()];
    both.sort();
    assert_snapshot!(both.join("\n"), @r"
    [CLOCK]  +7 921 ***-45-67  bot   . read as neutral 0.96, rule answer
    [CLOCK]  +7 921 ***-45-67  bot   > С семи                                        [rule answer]
    ");
    child.kill().expect("it runs until it is stopped");
    child.wait().expect("it ends");
}
