//! `hotelbot triggers …`

use super::all_of;
use insta::assert_snapshot;

#[test]
fn help_of_triggers() {
    assert_snapshot!(all_of("triggers"), @r"
    $ hotelbot triggers -h
    What guests are told at which moment of a stay: triggers.yaml

    Usage: hotelbot triggers [OPTIONS] <COMMAND>

    Commands:
      list      List the triggers in force, with what they plan
      show      Show one trigger in force: its moment, for whom, its words
      check     Check `triggers.yaml` and each hotel's own, without database or network
      schema    Print the JSON Schema of the files, for editors that complete and check
      plan      Show what `apply` would change, and what it does to guests' messages
      apply     Make the triggers in force match triggers.yaml
      simulate  Run a virtual clock over stays: what would be sent and when, what passed over and why
      preview   Show a trigger's text and the minute it would go
      explain   Show why a message was sent, waits, or was passed over
      test      Send a trigger's message, really, to a staff number of the hotel
      stats     Count what triggers sent, planned and passed over
      history   List every apply, newest first
      rollback  Put the triggers of an earlier revision in force again, as a new revision
      help      Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help (see more with '--help')

    $ hotelbot triggers list -h
    List the triggers in force, with what they plan

    Usage: hotelbot triggers list [OPTIONS]

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot triggers list
      hotelbot triggers list --hotel astoria --json

    $ hotelbot triggers show -h
    Show one trigger in force: its moment, for whom, its words

    Usage: hotelbot triggers show [OPTIONS] <TRIGGER>

    Arguments:
      <TRIGGER>  The trigger's name in the file

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot triggers show room-ok
      hotelbot triggers show room-ok --hotel astoria

    $ hotelbot triggers check -h
    Check `triggers.yaml` and each hotel's own, without database or network

    Usage: hotelbot triggers check [OPTIONS]

    Options:
      -h, --help  Print help (see more with '--help')

    Exit 2 if anything is wrong.

    Examples:
      hotelbot triggers check
      hotelbot triggers check --hotel astoria
      hotelbot triggers check --json

    $ hotelbot triggers schema -h
    Print the JSON Schema of the files, for editors that complete and check

    Usage: hotelbot triggers schema [OPTIONS]

    Options:
      -h, --help  Print help (see more with '--help')

    An editor with a YAML language server reads it through the first line of the file:

      # yaml-language-server: $schema=triggers.schema.json

    Examples:
      hotelbot triggers schema > triggers.schema.json

    $ hotelbot triggers plan -h
    Show what `apply` would change, and what it does to guests' messages

    Usage: hotelbot triggers plan [OPTIONS]

    Options:
      -o, --output <FILE>  Save the plan, for `apply`; `-` is stdout
          --exit-code      Exit 3 when there are changes
          --prune          Also retire triggers that are in force but not in triggers.yaml
      -h, --help           Print help (see more with '--help')

    Examples:
      hotelbot triggers plan
      hotelbot triggers plan --hotel astoria --output spring.plan
      hotelbot triggers plan --exit-code --quiet

    $ hotelbot triggers apply -h
    Make the triggers in force match triggers.yaml

    Usage: hotelbot triggers apply [OPTIONS] [PLAN]

    Arguments:
      [PLAN]  A plan saved by `triggers plan --output`

    Options:
          --prune    Also retire triggers that are in force but not in triggers.yaml
          --dry-run  Show what would change, and change nothing
      -h, --help     Print help (see more with '--help')

    Examples:
      hotelbot triggers apply
      hotelbot triggers apply --hotel astoria --dry-run
      hotelbot triggers plan --output spring.plan && hotelbot triggers apply spring.plan

    $ hotelbot triggers simulate -h
    Run a virtual clock over stays: what would be sent and when, what passed over and why

    Usage: hotelbot triggers simulate [OPTIONS]

    Options:
          --reservation <ID>     Only this reservation
          --file <STAYS.csv>     Stays from a CSV instead of the database
          --events <FILE.jsonl>  What happens to the stays, one JSON object a line
          --from <T>             When the clock starts: everything is known from then on; a day, a time
                                 or RFC 3339 [default: now]
          --to <T>               When it stops; a day is included [default: when nothing is left to
                                 happen]
      -h, --help                 Print help (see more with '--help')

    Goes by the files of `-C`; nothing is sent or saved. Confirmed guests come and go as planned,
    unless the events tell otherwise.

    Examples:
      hotelbot triggers simulate --hotel astoria --file stays.csv
      hotelbot triggers simulate --file stays.csv --events history.jsonl --from 2026-07-01 --json
      hotelbot triggers simulate --reservation 48213

    $ hotelbot triggers preview -h
    Show a trigger's text and the minute it would go

    Usage: hotelbot triggers preview [OPTIONS] <TRIGGER>

    Arguments:
      <TRIGGER>  Its name

    Options:
          --reservation <ID>  For this reservation; without one, for a made-up guest who comes tomorrow
      -h, --help              Print help (see more with '--help')

    Examples:
      hotelbot triggers preview room-ok --hotel astoria
      hotelbot triggers preview room-ok --reservation 48213

    $ hotelbot triggers explain -h
    Show why a message was sent, waits, or was passed over

    Usage: hotelbot triggers explain [OPTIONS] <TOUCHPOINT>

    Arguments:
      <TOUCHPOINT>  A message's id or its end, or a reservation's id

    Options:
          --trigger <TRIGGER>  Of a reservation: only this trigger, with every condition
      -h, --help               Print help (see more with '--help')

    Of a reservation: each of its messages, those it will not get included.

    Examples:
      hotelbot triggers explain R-1001
      hotelbot triggers explain 3f2a9c01
      hotelbot triggers explain R-1001 --trigger room-ok

    $ hotelbot triggers test -h
    Send a trigger's message, really, to a staff number of the hotel

    Usage: hotelbot triggers test [OPTIONS] --to <PHONE> <TRIGGER>

    Arguments:
      <TRIGGER>  The trigger's name in the file

    Options:
          --to <PHONE>           A number of the hotel's own staff
          --language <LANGUAGE>  In this language; the hotel's first one otherwise
      -h, --help                 Print help (see more with '--help')

    The guest in it is made up. Only numbers of `staff.contacts` are written to.

    Examples:
      hotelbot triggers test room-ok --hotel astoria --to +79210000000

    $ hotelbot triggers stats -h
    Count what triggers sent, planned and passed over

    Usage: hotelbot triggers stats [OPTIONS]

    Options:
          --since <T>  From when: `15m`, `2h`, `30d`, a day in hotel time, or RFC 3339 [default: 30d]
      -h, --help       Print help (see more with '--help')

    Examples:
      hotelbot triggers stats
      hotelbot triggers stats --since 30d --hotel astoria

    $ hotelbot triggers history -h
    List every apply, newest first

    Usage: hotelbot triggers history [OPTIONS]

    Options:
          --limit <N>  The most lines [default: 20]
      -h, --help       Print help (see more with '--help')

    Examples:
      hotelbot triggers history
      hotelbot triggers history --hotel astoria --limit 5

    $ hotelbot triggers rollback -h
    Put the triggers of an earlier revision in force again, as a new revision

    Usage: hotelbot triggers rollback [OPTIONS] <REVISION>

    Arguments:
      <REVISION>  The revision that is to be in force again; see `triggers history`

    Options:
          --dry-run  Show what would change, and change nothing
      -h, --help     Print help (see more with '--help')

    The files stay as they are: the next `apply` puts theirs in force again.

    Examples:
      hotelbot triggers history
      hotelbot triggers rollback 41
      hotelbot triggers rollback 41 --hotel astoria --dry-run
    ");
}
