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
      check   Check `triggers.yaml` and each hotel's own, without database or network
      schema  Print the JSON Schema of the files, for editors that complete and check
      help    Print this message or the help of the given subcommand(s)

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

    $ hotelbot triggers schema -h
    Print the JSON Schema of the files, for editors that complete and check

    Usage: hotelbot triggers schema [OPTIONS]

    Options:
      -h, --help  Print help (see more with '--help')

    An editor with a YAML language server reads it through the first line of the file:

      # yaml-language-server: $schema=triggers.schema.json

    Examples:
      hotelbot triggers schema > triggers.schema.json
    ");
}
