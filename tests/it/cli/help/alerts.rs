//! `hotelbot alerts …`

use super::all_of;
use insta::assert_snapshot;

#[test]
fn help_of_alerts() {
    assert_snapshot!(all_of("alerts"), @r"
    $ hotelbot alerts -h
    See what needs a person, take it and end it

    Usage: hotelbot alerts [OPTIONS] <COMMAND>

    Commands:
      list     List what needs a person, the gravest first
      show     Show one: what the guest wrote, where the guest is, who was told
      ack      Say that somebody looks after it
      resolve  Say that it is done
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help (see more with '--help')

    $ hotelbot alerts list -h
    List what needs a person, the gravest first

    Usage: hotelbot alerts list [OPTIONS]

    Options:
          --all        Also what is resolved
          --since <T>  Only what changed since: 15m, 2h, 2025-07-12 or RFC 3339, in the hotel's time
          --limit <N>  The most alerts [default: 50]
      -h, --help       Print help (see more with '--help')

    Examples:
      hotelbot alerts list
      hotelbot alerts list --all --hotel astoria --since 1d

    $ hotelbot alerts show -h
    Show one: what the guest wrote, where the guest is, who was told

    Usage: hotelbot alerts show [OPTIONS] <ALERT>

    Arguments:
      <ALERT>  Its number (with `--hotel` where several hotels have it), or an id from `alerts list
               --json`

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot alerts show 17 --hotel astoria
      hotelbot alerts show 0197c6a1-7c00-7000-8000-000000000017 --json

    $ hotelbot alerts ack -h
    Say that somebody looks after it

    Usage: hotelbot alerts ack [OPTIONS] <ALERT>

    Arguments:
      <ALERT>  Its number (with `--hotel` where several hotels have it), or an id from `alerts list
               --json`

    Options:
          --by <NAME>  Who, as colleagues know them; without it, the name of your account
          --dry-run    Show what would change, and change nothing
      -h, --help       Print help (see more with '--help')

    Examples:
      hotelbot alerts ack 17 --hotel astoria
      hotelbot alerts ack 17 --hotel astoria --by Anna

    $ hotelbot alerts resolve -h
    Say that it is done

    Usage: hotelbot alerts resolve [OPTIONS] <ALERT>

    Arguments:
      <ALERT>  Its number (with `--hotel` where several hotels have it), or an id from `alerts list
               --json`

    Options:
          --by <NAME>  Who, as colleagues know them; without it, the name of your account
          --dry-run    Show what would change, and change nothing
      -h, --help       Print help (see more with '--help')

    Examples:
      hotelbot alerts resolve 17 --hotel astoria
      hotelbot alerts resolve 17 --hotel astoria --by Anna
    ");
}
