//! What the program says about itself: every `-h`, and what `--help` adds.

use super::{Folder, shown};
use insta::assert_snapshot;

/// Every noun with its verbs.
const VERBS: &[(&str, &[&str])] = &[
    ("hotels", &["list", "show", "add", "check", "plan", "apply", "secret", "pause", "resume"]),
    ("chats", &["list", "show", "tail", "explain", "send", "handoff", "resume"]),
    ("inbox", &["list", "show", "retry", "discard"]),
    ("outbox", &["list", "show", "retry", "cancel"]),
    ("prompts", &["list", "show", "try", "chat"]),
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
      prompts      Try DeepSeek prompts
      config       Show the settings and where they come from

    Operate:
      chats        Read, follow and take over conversations
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
      prompts      Try DeepSeek prompts
      config       Show the settings and where they come from

    Operate:
      chats        Read, follow and take over conversations
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
fn help_of_serve() {
    assert_snapshot!(short_help(&["serve"]), @r"
    $ hotelbot serve -h
    Run the daemon: webhook listener, workers and looks at the instances

    Usage: hotelbot serve [OPTIONS]

    Options:
          --listen <ADDR>  Where webhooks and health checks are served [env: HOTELBOT_LISTEN] [default:
                           127.0.0.1:8080]
          --role <ROLES>   Run only these parts, when several daemons share one PostgreSQL [default:
                           web,worker,scheduler] [possible values: web, worker, scheduler]
          --migrate        Apply pending migrations on PostgreSQL, too; on SQLite they always are
      -h, --help           Print help (see more with '--help')

    Examples:
      hotelbot serve
      hotelbot serve --listen 0.0.0.0:8080
      hotelbot serve --role web --database-url postgres://bot@db/hotelbot

    Prints `ready on http://ADDR` to stderr when it accepts requests.
    Ctrl-C or SIGTERM once: end what is under way and leave within 15 s; twice: leave at once.
    ");
}

#[test]
fn help_of_sandbox() {
    assert_snapshot!(short_help(&["sandbox"]), @r"
    $ hotelbot sandbox -h
    Emulate Green API and DeepSeek on one port, to try and to test against

    Usage: hotelbot sandbox [OPTIONS]

    Options:
          --listen <ADDR>         Where to listen; port 0 takes a free one [default: 127.0.0.1:9900]
          --time-scale <TIMES>    How many emulated seconds pass in a real one; shortens the vendors'
                                  waits [default: 1]
          --no-rate-limits        Do not limit calls per second, as Green API does
          --model-latency <TIME>  How long the emulated model takes to answer, such as 800ms [default:
                                  0ms]
      -h, --help                  Print help (see more with '--help')

    Examples:
      hotelbot sandbox
      hotelbot sandbox --listen 127.0.0.1:0 --time-scale 60

    With it running, `HOTELBOT_GREEN_API_URL` and `HOTELBOT_DEEPSEEK_URL` point hotelbot at it.
    ");
}

#[test]
fn help_of_status_doctor_and_completions() {
    let screens = [short_help(&["status"]), short_help(&["doctor"]), short_help(&["completions"])].concat();
    assert_snapshot!(screens, @r"
    $ hotelbot status -h
    Show what every hotel is doing right now

    Usage: hotelbot status [OPTIONS]

    Options:
      -h, --help  Print help (see more with '--help')

    Exit 1 if something needs a person.

    Examples:
      hotelbot status
      hotelbot status --json

    $ hotelbot doctor -h
    Check configuration, database, Redis, Green API and DeepSeek

    Usage: hotelbot doctor [OPTIONS]

    Options:
          --offline  Check only what needs no network: files, settings, secrets, a SQLite database
      -h, --help     Print help (see more with '--help')

    Stops at nothing; exit 1 if any check failed.

    Examples:
      hotelbot doctor
      hotelbot doctor --hotel astoria
      hotelbot doctor --offline

    $ hotelbot completions -h
    Print a completion script for your shell

    Usage: hotelbot completions [OPTIONS] <SHELL>

    Arguments:
      <SHELL>  Your shell [possible values: bash, elvish, fish, powershell, zsh]

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot completions bash > /etc/bash_completion.d/hotelbot
      hotelbot completions fish > ~/.config/fish/completions/hotelbot.fish
    ");
}

#[test]
fn help_of_hotels() {
    assert_snapshot!(all_of("hotels"), @r"
    $ hotelbot hotels -h
    Onboard hotels and keep them in step with hotels/*.yaml

    Usage: hotelbot hotels [OPTIONS] <COMMAND>

    Commands:
      list    List the hotels in force, those with somebody waiting first
      show    Show one hotel in force
      add     Onboard a hotel: write its file and check its WhatsApp
      check   Check the files in `hotels/`, without any network
      plan    Show what `apply` would change
      apply   Make the hotels in force match `hotels/`
      secret  Store a secret of a hotel, encrypted; it is read from stdin or a prompt
      pause   Stop all outgoing messages of a hotel
      resume  Start them again
      help    Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help (see more with '--help')

    $ hotelbot hotels list -h
    List the hotels in force, those with somebody waiting first

    Usage: hotelbot hotels list [OPTIONS]

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot hotels list
      hotelbot hotels list --json

    $ hotelbot hotels show -h
    Show one hotel in force

    Usage: hotelbot hotels show [OPTIONS] <HOTEL>

    Arguments:
      <HOTEL>  The hotel's id: the name of its file

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot hotels show astoria

    $ hotelbot hotels add -h
    Onboard a hotel: write its file and check its WhatsApp

    Usage: hotelbot hotels add [OPTIONS] <HOTEL>

    Arguments:
      <HOTEL>  The hotel's id: the name of its file

    Options:
          --name <NAME>            The hotel's name as guests know it
          --timezone <ZONE>        Its time zone, such as Europe/Moscow
          --languages <CODES>      Its languages, the first is the fallback, such as ru,en
          --instance <DIGITS>      Green API's idInstance
          --token <WHERE>          Where the instance's token is: env:NAME, file:PATH or stored
          --receive <HOW>          How messages come: pushed to the webhook, or polled [possible values:
                                   webhook, poll]
          --webhook-token <WHERE>  Where the webhook's token is: env:NAME, file:PATH or stored
          --api-url <URL>          The instance's own host, when Green API gives one
          --contact <NAME +PHONE>  Who answers guests when the bot cannot: a name and a phone
          --offline                Do not ask Green API about the instance
          --dry-run                Show the file, and write nothing
      -h, --help                   Print help (see more with '--help')

    Every question has a flag; asked is only what is missing.

    Examples:
      hotelbot hotels add astoria
      hotelbot hotels add astoria --name 'Астория' --timezone Europe/Moscow --languages ru,en \
          --instance 1101000001 --token env:ASTORIA_TOKEN --contact 'Front desk +79210000000' --yes

    $ hotelbot hotels check -h
    Check the files in `hotels/`, without any network

    Usage: hotelbot hotels check [OPTIONS]

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot hotels check
      hotelbot hotels check --json

    $ hotelbot hotels plan -h
    Show what `apply` would change

    Usage: hotelbot hotels plan [OPTIONS]

    Options:
      -o, --output <FILE>  Save the plan, for `apply`; `-` is stdout
          --exit-code      Exit 3 when there are changes
          --prune          Also retire hotels that are in force but have no file
      -h, --help           Print help (see more with '--help')

    Examples:
      hotelbot hotels plan
      hotelbot hotels plan --output spring.plan
      hotelbot hotels plan --exit-code --quiet

    $ hotelbot hotels apply -h
    Make the hotels in force match `hotels/`

    Usage: hotelbot hotels apply [OPTIONS] [PLAN]

    Arguments:
      [PLAN]  A plan saved by `hotels plan --output`

    Options:
          --prune    Also retire hotels that are in force but have no file
          --offline  Do not ask Green API about the instances
          --dry-run  Show what would change, and change nothing
      -h, --help     Print help (see more with '--help')

    Examples:
      hotelbot hotels apply
      hotelbot hotels apply --hotel astoria --dry-run
      hotelbot hotels plan --output spring.plan && hotelbot hotels apply spring.plan

    $ hotelbot hotels secret -h
    Store a secret of a hotel, encrypted; it is read from stdin or a prompt

    Usage: hotelbot hotels secret [OPTIONS] <HOTEL> <NAME>

    Arguments:
      <HOTEL>  The hotel's id: the name of its file
      <NAME>   Which secret [possible values: token, webhook_token]

    Options:
      -h, --help  Print help (see more with '--help')

    The hotel's file refers to it with `token: stored`.

    Examples:
      hotelbot hotels secret astoria token
      pass show astoria/token | hotelbot hotels secret astoria token

    $ hotelbot hotels pause -h
    Stop all outgoing messages of a hotel

    Usage: hotelbot hotels pause [OPTIONS] <HOTEL>

    Arguments:
      <HOTEL>  The hotel's id: the name of its file

    Options:
          --reason <TEXT>  Why, for whoever looks at `status`
      -h, --help           Print help (see more with '--help')

    Examples:
      hotelbot hotels pause astoria --reason 'the kitchen is on fire'

    $ hotelbot hotels resume -h
    Start them again

    Usage: hotelbot hotels resume [OPTIONS] <HOTEL>

    Arguments:
      <HOTEL>  The hotel's id: the name of its file

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot hotels resume astoria
    ");
}

#[test]
fn help_of_chats() {
    assert_snapshot!(all_of("chats"), @r"
    $ hotelbot chats -h
    Read, follow and take over conversations

    Usage: hotelbot chats [OPTIONS] <COMMAND>

    Commands:
      list     List conversations, those in which somebody waits first
      show     Show one conversation
      tail     Follow conversations as they happen
      explain  Show which rule decided, and on what grounds
      send     Write to a guest as staff; the bot is silent in this chat for a while
      handoff  Silence the bot in a chat until it is handed back
      resume   Hand a chat back to the bot
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help (see more with '--help')

    $ hotelbot chats list -h
    List conversations, those in which somebody waits first

    Usage: hotelbot chats list [OPTIONS]

    Options:
          --waiting        Only where a guest waits for a person
          --sentiment <S>  Only where the guest was last read like this: positive, neutral, negative or
                           requires_attention
          --since <T>      Only where something happened since: 15m, 2h, 2025-07-12 or RFC 3339, in the
                           hotel's time
          --limit <N>      The most conversations [default: 50]
      -h, --help           Print help (see more with '--help')

    Examples:
      hotelbot chats list --waiting
      hotelbot chats list --hotel astoria --sentiment negative --since 1d

    $ hotelbot chats show -h
    Show one conversation

    Usage: hotelbot chats show [OPTIONS] <CHAT>

    Arguments:
      <CHAT>  An id from `chats list` or its end, a phone, or a WhatsApp chat id

    Options:
          --since <T>  Only messages since: 15m, 2h, 2025-07-12 or RFC 3339, in the hotel's time
          --limit <N>  The most messages; the newest are shown [default: 50]
      -h, --help       Print help (see more with '--help')

    Examples:
      hotelbot chats show +79210004567
      hotelbot chats show 4f0c12ab --since 2d --json

    $ hotelbot chats tail -h
    Follow conversations as they happen

    Usage: hotelbot chats tail [OPTIONS] [CHAT]

    Arguments:
      [CHAT]  Follow this conversation only: an id from `chats list`, a phone, or a WhatsApp chat id

    Options:
          --since <T>  Begin with what was said since: 15m, 2h, 2025-07-12 or RFC 3339, in the hotel's
                       time
      -h, --help       Print help (see more with '--help')

    Examples:
      hotelbot chats tail --hotel astoria
      hotelbot chats tail +79210004567 --since 1h
      hotelbot chats tail --json | jq .text

    $ hotelbot chats explain -h
    Show which rule decided, and on what grounds

    Usage: hotelbot chats explain [OPTIONS] <CHAT>

    Arguments:
      <CHAT>  An id from `chats list` or its end, a phone, or a WhatsApp chat id

    Options:
          --message <ID>  The turn of this message, by an id of `chats show --json` or its end; without
                          it, the latest turns
          --limit <N>     The most turns [default: 1]
      -h, --help          Print help (see more with '--help')

    Examples:
      hotelbot chats explain +79210004567
      hotelbot chats explain 4f0c12ab --message 91c2aa07

    $ hotelbot chats send -h
    Write to a guest as staff; the bot is silent in this chat for a while

    Usage: hotelbot chats send [OPTIONS] <CHAT> <TEXT>

    Arguments:
      <CHAT>  An id from `chats list` or its end, a phone, or a WhatsApp chat id
      <TEXT>  What to write

    Options:
          --dry-run  Show what would be sent, and send nothing
      -h, --help     Print help (see more with '--help')

    Examples:
      hotelbot chats send +79210004567 'The heater is on its way'

    $ hotelbot chats handoff -h
    Silence the bot in a chat until it is handed back

    Usage: hotelbot chats handoff [OPTIONS] <CHAT>

    Arguments:
      <CHAT>  An id from `chats list` or its end, a phone, or a WhatsApp chat id

    Options:
          --for <TIME>  Hand it back by itself after this long, such as 30m or 2h
      -h, --help        Print help (see more with '--help')

    Examples:
      hotelbot chats handoff +79210004567
      hotelbot chats handoff 4f0c12ab --for 2h

    $ hotelbot chats resume -h
    Hand a chat back to the bot

    Usage: hotelbot chats resume [OPTIONS] <CHAT>

    Arguments:
      <CHAT>  An id from `chats list` or its end, a phone, or a WhatsApp chat id

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot chats resume +79210004567
    ");
}

#[test]
fn help_of_inbox() {
    assert_snapshot!(all_of("inbox"), @r"
    $ hotelbot inbox -h
    Inspect received messages that could not be handled

    Usage: hotelbot inbox [OPTIONS] <COMMAND>

    Commands:
      list     List received messages that are not done
      show     Show one, as it came in and as it was understood
      retry    Read or handle them once more
      discard  Close them without handling
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help (see more with '--help')

    $ hotelbot inbox list -h
    List received messages that are not done

    Usage: hotelbot inbox list [OPTIONS]

    Options:
          --failed     Only those that could not be read or handled
          --all        Also those that are done
          --limit <N>  The most rows [default: 50]
      -h, --help       Print help (see more with '--help')

    Examples:
      hotelbot inbox list --failed
      hotelbot inbox list --all --limit 200 --json

    $ hotelbot inbox show -h
    Show one, as it came in and as it was understood

    Usage: hotelbot inbox show [OPTIONS] <ID>

    Arguments:
      <ID>  An id from `list`, or its end

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot inbox show 4f0c12ab

    $ hotelbot inbox retry -h
    Read or handle them once more

    Usage: hotelbot inbox retry [OPTIONS] <ID>...

    Arguments:
      <ID>...  Ids from `list`, or their ends

    Options:
          --dry-run  Show what would change, and change nothing
      -h, --help     Print help (see more with '--help')

    Examples:
      hotelbot inbox retry 4f0c12ab 91c2aa07

    $ hotelbot inbox discard -h
    Close them without handling

    Usage: hotelbot inbox discard [OPTIONS] <ID>...

    Arguments:
      <ID>...  Ids from `list`, or their ends

    Options:
          --dry-run  Show what would change, and change nothing
      -h, --help     Print help (see more with '--help')

    Examples:
      hotelbot inbox discard 4f0c12ab
    ");
}

#[test]
fn help_of_outbox() {
    assert_snapshot!(all_of("outbox"), @r"
    $ hotelbot outbox -h
    Inspect, retry and cancel messages waiting to be sent

    Usage: hotelbot outbox [OPTIONS] <COMMAND>

    Commands:
      list    List messages that have not arrived
      show    Show one
      retry   Send them once more
      cancel  Take them back before they leave
      help    Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help (see more with '--help')

    $ hotelbot outbox list -h
    List messages that have not arrived

    Usage: hotelbot outbox list [OPTIONS]

    Options:
          --failed     Only those that were refused
          --unknown    Only those of which nobody knows whether they left
          --all        Also those that arrived or were taken back
          --limit <N>  The most rows [default: 50]
      -h, --help       Print help (see more with '--help')

    Examples:
      hotelbot outbox list
      hotelbot outbox list --unknown --hotel astoria

    $ hotelbot outbox show -h
    Show one

    Usage: hotelbot outbox show [OPTIONS] <ID>

    Arguments:
      <ID>  An id from `list`, or its end

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot outbox show 4f0c12ab

    $ hotelbot outbox retry -h
    Send them once more

    Usage: hotelbot outbox retry [OPTIONS] <ID>...

    Arguments:
      <ID>...  Ids from `list`, or their ends

    Options:
          --dry-run  Show what would change, and change nothing
      -h, --help     Print help (see more with '--help')

    Examples:
      hotelbot outbox retry 4f0c12ab

    $ hotelbot outbox cancel -h
    Take them back before they leave

    Usage: hotelbot outbox cancel [OPTIONS] <ID>...

    Arguments:
      <ID>...  Ids from `list`, or their ends

    Options:
          --dry-run  Show what would change, and change nothing
      -h, --help     Print help (see more with '--help')

    Examples:
      hotelbot outbox cancel 4f0c12ab 91c2aa07
    ");
}

#[test]
fn help_of_prompts() {
    assert_snapshot!(all_of("prompts"), @r"
    $ hotelbot prompts -h
    Try DeepSeek prompts

    Usage: hotelbot prompts [OPTIONS] <COMMAND>

    Commands:
      list  List the prompts
      show  Show the text of one
      try   Answer one text as the bot would, and send nothing
      chat  Talk to the bot in the terminal as a guest; nothing is sent or saved
      help  Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help (see more with '--help')

    $ hotelbot prompts list -h
    List the prompts

    Usage: hotelbot prompts list [OPTIONS]

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot prompts list

    $ hotelbot prompts show -h
    Show the text of one

    Usage: hotelbot prompts show [OPTIONS] <PROMPT>

    Arguments:
      <PROMPT>  Its name, with or without the version

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot prompts show understand

    $ hotelbot prompts try -h
    Answer one text as the bot would, and send nothing

    Usage: hotelbot prompts try [OPTIONS]

    Options:
          --text <TEXT>  What the guest writes
          --chat <CHAT>  The last words of the guest in this conversation, with what was said before
          --runs <N>     Ask this often, to see how answers differ [default: 1]
      -h, --help         Print help (see more with '--help')

    Examples:
      hotelbot prompts try --hotel astoria --text 'When is breakfast?'
      hotelbot prompts try --chat +79210004567 --runs 5

    $ hotelbot prompts chat -h
    Talk to the bot in the terminal as a guest; nothing is sent or saved

    Usage: hotelbot prompts chat [OPTIONS]

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot prompts chat --hotel astoria
      printf 'Hello\nIs there a pool?\n' | hotelbot prompts chat --hotel astoria
    ");
}

#[test]
fn help_of_db_and_config() {
    assert_snapshot!([all_of("db"), all_of("config")].concat(), @r"
    $ hotelbot db -h
    Show and migrate the database

    Usage: hotelbot db [OPTIONS] <COMMAND>

    Commands:
      status   Show which schema the database has
      migrate  Apply the migrations that wait; makes a SQLite file that is not there
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help (see more with '--help')

    $ hotelbot db status -h
    Show which schema the database has

    Usage: hotelbot db status [OPTIONS]

    Options:
      -h, --help  Print help (see more with '--help')

    Exit 1 if migrations wait to be applied.

    Examples:
      hotelbot db status

    $ hotelbot db migrate -h
    Apply the migrations that wait; makes a SQLite file that is not there

    Usage: hotelbot db migrate [OPTIONS]

    Options:
          --dry-run  Show what would be applied, and apply nothing
      -h, --help     Print help (see more with '--help')

    Examples:
      hotelbot db migrate
      hotelbot db migrate --dry-run

    $ hotelbot config -h
    Show the settings and where they come from

    Usage: hotelbot config [OPTIONS] <COMMAND>

    Commands:
      show  Show each setting and where it came from; secrets are masked
      help  Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help (see more with '--help')

    $ hotelbot config show -h
    Show each setting and where it came from; secrets are masked

    Usage: hotelbot config show [OPTIONS]

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot config show
      HOTELBOT_LISTEN=0.0.0.0:80 hotelbot config show --json
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
