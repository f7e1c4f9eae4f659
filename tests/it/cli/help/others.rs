//! The commands with few verbs or none.

use super::{all_of, short_help};
use insta::assert_snapshot;

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
fn help_of_prompts() {
    assert_snapshot!(all_of("prompts"), @r"
    $ hotelbot prompts -h
    Try DeepSeek prompts

    Usage: hotelbot prompts [OPTIONS] <COMMAND>

    Commands:
      list      List the prompts
      show      Show the text of one
      try       Answer one text as the bot would, and send nothing
      chat      Talk to the bot in the terminal as a guest; nothing is sent or saved
      classify  Show how the built-in reader takes messages, as JSON lines
      help      Print this message or the help of the given subcommand(s)

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

    $ hotelbot prompts classify -h
    Show how the built-in reader takes messages, as JSON lines

    Usage: hotelbot prompts classify [OPTIONS]

    Options:
          --file <FILE>  Lines of text, or of JSON with `id` and `text`; stdin without it
      -h, --help         Print help (see more with '--help')

    Examples:
      echo 'There is water coming from the ceiling' | hotelbot prompts classify
      hotelbot prompts classify --file messages.jsonl
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
