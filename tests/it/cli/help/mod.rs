//! What the program says about itself: every `-h`, and what `--help` adds.

mod alerts;
mod chats;
mod hotels;
mod others;
mod queues;
mod stays;
mod triggers;

use super::{Folder, shown};
use insta::assert_snapshot;

/// Every noun with its verbs.
const VERBS: &[(&str, &[&str])] = &[
    ("hotels", &["list", "show", "add", "check", "plan", "apply", "secret", "pause", "resume"]),
    (
        "triggers",
        &[
            "list", "show", "check", "schema", "plan", "apply", "simulate", "preview", "explain", "test", "stats",
            "history", "rollback",
        ],
    ),
    ("chats", &["list", "show", "tail", "explain", "send", "handoff", "resume"]),
    ("alerts", &["list", "show", "ack", "resolve"]),
    ("stays", &["list", "show", "set", "import"]),
    ("guests", &["list", "show", "merge"]),
    ("inbox", &["list", "show", "retry", "discard"]),
    ("outbox", &["list", "show", "retry", "cancel"]),
    ("prompts", &["list", "show", "try", "chat", "classify"]),
    ("db", &["status", "migrate"]),
    ("config", &["show"]),
];

/// The part of a help screen that is the same everywhere.
const GLOBAL: &str = "
Global options:
      --hotel <ID>  Work on this hotel only; repeat for several
      --json        Print JSON instead of text (JSON Lines where the output never ends)
  -y, --yes         Do not ask for confirmation
      --no-input    Never ask; fail if an answer is needed
  -q, --quiet...    Say less; twice to say nothing but errors
  -v, --verbose...  Say more; twice for debug
";

/// One screen without the part that is the same everywhere; it must be there, unless only verbs are listed.
fn short_help(args: &[&str]) -> String {
    let folder = Folder::new();
    let output = folder.output(&[args, &["-h"]].concat(), "", &[]);
    let screen = shown(&output);
    assert!(output.status.success() && output.stderr.is_empty(), "{screen}");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains(GLOBAL), "{text}");
    format!("$ hotelbot {} -h\n{}\n", args.join(" "), text.replace(GLOBAL, ""))
}

fn all_of(noun: &str) -> String {
    let verbs = VERBS.iter().find(|(known, _)| *known == noun).map(|(_, verbs)| *verbs).expect("a noun");
    let mut screens = short_help(&[noun]);
    verbs.iter().for_each(|verb| screens.push_str(&short_help(&[noun, verb])));
    screens
}

#[test]
fn nothing_asked_shows_the_commands_by_task_and_starts_nothing() {
    assert_snapshot!(Folder::new().run(&[]), @r"
    exit 0
    ---- stdout
    Runs the WhatsApp bots of many hotels

    Usage: hotelbot [OPTIONS] <COMMAND>

    Run:
      demo         A whole hotel in a minute: emulators, daemon, guests writing
      serve        Run the daemon: webhook listener, workers and looks at the instances
      sandbox      Emulate Green API and DeepSeek on one port, to try and to test against
      status       Show what every hotel is doing right now
      doctor       Check configuration, database, Redis, Green API and DeepSeek

    Configure:
      hotels       Onboard hotels and keep them in step with hotels/*.yaml
      triggers     What guests are told at which moment of a stay: triggers.yaml
      prompts      Try DeepSeek prompts
      config       Show the settings and where they come from

    Operate:
      chats        Read, follow and take over conversations
      alerts       See what needs a person, take it and end it
      stays        Import, look at and correct reservations
      guests       See who the guests are, and join two records of one
      inbox        Inspect received messages that could not be handled
      outbox       Inspect, retry and cancel messages waiting to be sent

    Maintain:
      db           Show and migrate the database
      bench        Measure this machine's own daemon against the emulators, and check every message
      completions  Print a completion script for your shell

    Examples:
      hotelbot demo                         See it work, with nothing to set up
      hotelbot hotels add astoria           Onboard a hotel, step by step
      hotelbot hotels plan                  See what hotels/*.yaml would change
      hotelbot chats tail --hotel astoria   Follow its conversations

    Run `hotelbot help <command>` to read more about a command.
    ");
}

#[test]
fn help_of_the_whole_adds_the_options() {
    assert_snapshot!(Folder::new().run(&["--help"]), @r"
    exit 0
    ---- stdout
    Runs the WhatsApp bots of many hotels

    Usage: hotelbot [OPTIONS] <COMMAND>

    Run:
      demo         A whole hotel in a minute: emulators, daemon, guests writing
      serve        Run the daemon: webhook listener, workers and looks at the instances
      sandbox      Emulate Green API and DeepSeek on one port, to try and to test against
      status       Show what every hotel is doing right now
      doctor       Check configuration, database, Redis, Green API and DeepSeek

    Configure:
      hotels       Onboard hotels and keep them in step with hotels/*.yaml
      triggers     What guests are told at which moment of a stay: triggers.yaml
      prompts      Try DeepSeek prompts
      config       Show the settings and where they come from

    Operate:
      chats        Read, follow and take over conversations
      alerts       See what needs a person, take it and end it
      stays        Import, look at and correct reservations
      guests       See who the guests are, and join two records of one
      inbox        Inspect received messages that could not be handled
      outbox       Inspect, retry and cancel messages waiting to be sent

    Maintain:
      db           Show and migrate the database
      bench        Measure this machine's own daemon against the emulators, and check every message
      completions  Print a completion script for your shell

    Options:
          --hotel <ID>
              Work on this hotel only; repeat for several

          --json
              Print JSON instead of text (JSON Lines where the output never ends)

      -y, --yes
              Do not ask for confirmation

          --no-input
              Never ask; fail if an answer is needed

      -q, --quiet...
              Say less; twice to say nothing but errors

      -v, --verbose...
              Say more; twice for debug

      -C, --dir <DIR>
              The folder with `hotels/`, `hotelbot.toml` and, by default, `data/` [env: HOTELBOT_DIR]
              [default: .]

          --database-url <URL>
              The database, `sqlite:PATH` or `postgres://…` [env: HOTELBOT_DATABASE_URL] [default:
              sqlite:data/hotelbot.db]

          --color <WHEN>
              When to use colours

              Possible values:
              - auto:   On a terminal, unless `NO_COLOR` is set
              - always: Also into files and pipes
              - never:  Not at all
              
              [default: auto]

          --reveal
              Show phone numbers and names in full

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Examples:
      hotelbot demo                         See it work, with nothing to set up
      hotelbot hotels add astoria           Onboard a hotel, step by step
      hotelbot hotels plan                  See what hotels/*.yaml would change
      hotelbot chats tail --hotel astoria   Follow its conversations

    Run `hotelbot help <command>` to read more about a command.
    ");
}

#[test]
fn a_noun_alone_lists_its_verbs_on_stderr_and_exits_2() {
    assert_snapshot!(Folder::new().run(&["db"]), @r"
    exit 2
    ---- stderr
    Show and migrate the database

    Usage: hotelbot db [OPTIONS] <COMMAND>

    Commands:
      status   Show which schema the database has
      migrate  Apply the migrations that wait; makes a SQLite file that is not there
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help (see more with '--help')

    Global options:
          --hotel <ID>  Work on this hotel only; repeat for several
          --json        Print JSON instead of text (JSON Lines where the output never ends)
      -y, --yes         Do not ask for confirmation
          --no-input    Never ask; fail if an answer is needed
      -q, --quiet...    Say less; twice to say nothing but errors
      -v, --verbose...  Say more; twice for debug
    ");
}

#[test]
fn the_long_help_adds_the_rarely_used_flags_everywhere() {
    let folder = Folder::new();
    for (noun, verbs) in VERBS {
        for verb in *verbs {
            let output = folder.output(&[noun, verb, "--help"], "", &[]);
            let text = String::from_utf8_lossy(&output.stdout);

            assert!(output.status.success(), "{noun} {verb}");
            for flag in ["--dir <DIR>", "--database-url <URL>", "--color <WHEN>", "--reveal", "Examples:"] {
                assert!(text.contains(flag), "{noun} {verb} --help lacks {flag}");
            }
        }
    }
}

#[test]
fn help_never_shows_the_database_of_the_environment() {
    let folder = Folder::new();
    let secret = [("HOTELBOT_DATABASE_URL", "postgres://bot:hunter2@db/hotelbot")];

    let screen = folder.run_with(&["db", "status", "--help"], "", &secret);

    assert!(!screen.contains("hunter2"), "{screen}");
}

#[test]
fn completions_are_a_script_of_the_shell() {
    let folder = Folder::new();
    for (shell, part) in
        [("bash", "complete -F _hotelbot"), ("fish", "complete -c hotelbot"), ("zsh", "#compdef hotelbot")]
    {
        let output = folder.output(&["completions", shell], "", &[]);
        assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains(part), "{shell}");
    }
}
