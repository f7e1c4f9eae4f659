//! `hotelbot inbox …` and `hotelbot outbox …`

use super::all_of;
use insta::assert_snapshot;

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
