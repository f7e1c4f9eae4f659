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
      check  Check `triggers.yaml` and each hotel's own, without database or network
      help   Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help (see more with '--help')

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
    ");
}
