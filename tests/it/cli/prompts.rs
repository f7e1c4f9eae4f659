//! `hotelbot prompts …`

use super::{Folder, shown};
use hotelbot::sandbox::{Options, Running, Sandbox};
use insta::assert_snapshot;

async fn model() -> Running {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    Sandbox::start(listener, Options::for_load()).expect("a sandbox")
}

/// Without what the model took and cost, which its emulator decides.
/// Without the cost of a call, and of the reading here only the class: its numbers change with its weights.
fn steady(screen: &str) -> String {
    let cost = regex::Regex::new(r"1 call in .*").expect("a pattern");
    let reading = regex::Regex::new(r"(read here as \w+) .*").expect("a pattern");
    reading.replace_all(&cost.replace_all(screen, "[COST]"), "$1").into_owned()
}

#[test]
fn the_prompt_can_be_looked_at() {
    let folder = Folder::new();

    assert_snapshot!(folder.run(&["prompts", "list"]), @r"
    exit 0
    ---- stdout
    PROMPT        FROM
    understand@1  built in
    ");
    let text = shown(&folder.output(&["prompts", "show", "understand"], "", &[]));
    assert!(text.contains("What you may say"), "{text}");
    assert_snapshot!(folder.run(&["prompts", "show", "nothing"]), @r"
    exit 2
    ---- stderr
    error: There is no prompt `nothing`

    hint: Run `hotelbot prompts list`
    ");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_text_is_answered_as_the_bot_would() {
    let sandbox = model().await;
    let folder = Folder::with_files();
    let environment = [("HOTELBOT_DEEPSEEK_URL", sandbox.url.as_str()), ("DEEPSEEK_API_KEY", "k")];
    let tried = |text: &str| {
        let args = ["prompts", "try", "--hotel", "astoria", "--text", text];
        steady(&folder.run_with(&args, "", &environment))
    };

    assert_snapshot!(tried("Когда завтрак?"), @r"
    exit 0
    ---- stdout
    Trying understand@1 at astoria with deepseek-flash; nothing is sent or saved

      guest  Когда завтрак?
      bot    с 7:00 до 10:30.
             rule answer: the model answered from breakfast.hours
             read here as neutral
             read as neutral 0.90, language ru, topics food, facts breakfast.hours
             [COST]
    ");
    assert_snapshot!(tried("позовите администратора"), @r"
    exit 0
    ---- stdout
    Trying understand@1 at astoria with deepseek-flash; nothing is sent or saved

      guest  позовите администратора
      bot    Передаю коллегам, вам скоро ответят здесь.
             rule asks_person: the guest asks for a person
             read here as requires_attention
    ");
    assert_snapshot!(steady(&folder.run_with(&["prompts", "try", "--text", "hi"], "", &environment)), @r"
    exit 2
    ---- stderr
    error: One hotel must be named

    hint: Add `--hotel astoria` or `--hotel volga`
    ");
    sandbox.stop().await;
}

#[test]
fn without_a_key_it_says_so_and_exits_1() {
    let folder = Folder::with_files();

    let screen = folder.run(&["prompts", "try", "--hotel", "volga", "--text", "Есть ли бассейн?"]);

    assert_snapshot!(steady(&screen), @r"
    exit 1
    ---- stdout
    Trying understand@1 at volga with deepseek-flash; nothing is sent or saved

      guest  Есть ли бассейн?
      bot    Спасибо за сообщение. Коллега скоро ответит вам здесь.
             rule ai_unavailable: the model gave no answer: no_key
             read here as neutral
             not read, no_key: there is no key for DeepSeek
    ");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_talks_to_the_bot_in_the_terminal() {
    let sandbox = model().await;
    let folder = Folder::with_files();
    let environment = [("HOTELBOT_DEEPSEEK_URL", sandbox.url.as_str()), ("DEEPSEEK_API_KEY", "k")];

    let screen = folder.run_with(
        &["prompts", "chat", "--hotel", "astoria"],
        "Когда завтрак?\n\nпозовите администратора\nАлло?\n",
        &environment,
    );

    assert_snapshot!(steady(&screen), @r"
    exit 0
    ---- stdout
      bot    с 7:00 до 10:30.
             rule answer: the model answered from breakfast.hours
             read here as neutral
             read as neutral 0.90, language ru, topics food, facts breakfast.hours
             [COST]
      bot    Передаю коллегам, вам скоро ответят здесь.
             rule asks_person: the guest asks for a person
             read here as requires_attention
      bot    says nothing
             rule handoff: a person leads: asked_for_person
             read here as neutral
    ---- stderr
    You are a guest of Астория, Санкт-Петербург; nothing is sent or saved
    ");
    sandbox.stop().await;
}

#[test]
fn a_prompt_of_a_hotel_is_listed_shown_and_tells_a_plan_that_it_changed() {
    let folder = Folder::with_hotels();
    let text = format!("---\nprompt: understand@volga-1\n---\nOne json object.{}\n", " Be kind.".repeat(60));
    folder.write("hotels/volga/prompts/understand.md", &text);

    assert_snapshot!(folder.run(&["prompts", "list"]), @r"
    exit 0
    ---- stdout
    PROMPT              FROM
    understand@1        built in
    understand@volga-1  hotels/volga/prompts/understand.md
    ");
    assert!(folder.run(&["prompts", "show", "understand@volga-1"]).contains("One json object. Be kind."));
    let plan = folder.run(&["hotels", "apply", "--offline", "--no-input"]);
    assert!(plan.contains("prompt.name") && plan.contains("understand@volga-1"), "{plan}");
    assert!(plan.contains("prompt.text: - -> One json object."), "{plan}");
}

#[test]
fn messages_are_classified_without_a_hotel_or_a_network() {
    let folder = Folder::new();
    let lines = "There is smoke in the corridor\n\n{\"id\": \"m7\", \"text\": \"Merhaba\"}\n";

    let of_stdin = folder.output(&["prompts", "classify"], lines, &[]);

    let text = String::from_utf8(of_stdin.stdout).expect("UTF-8");
    let read: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(read.len(), 2, "{text}");
    assert_eq!((&read[0]["id"], &read[0]["alert"]), (&1.into(), &true.into()), "{text}");
    assert_eq!(read[0]["sentiment"], "requires_attention", "{text}");
    assert_eq!(read[0]["rules"][0], "fire", "{text}");
    assert_eq!((&read[1]["id"], &read[1]["alert"]), (&"m7".into(), &false.into()), "{text}");
    let keys: Vec<&String> = read[1].as_object().expect("an object").keys().collect();
    assert_eq!(keys.len(), 7, "{keys:?}");

    folder.write("messages.jsonl", lines);
    let of_file = folder.output(&["prompts", "classify", "--file", "messages.jsonl"], "", &[]);
    assert_eq!(String::from_utf8(of_file.stdout).expect("UTF-8"), text);
    let missing = shown(&folder.output(&["prompts", "classify", "--file", "nothing.jsonl"], "", &[]));
    assert!(missing.starts_with("exit 2") && missing.contains("nothing.jsonl"), "{missing}");
}
