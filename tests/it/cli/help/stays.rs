//! `hotelbot stays …` and `hotelbot guests …`

use super::all_of;
use insta::assert_snapshot;

#[test]
fn help_of_stays() {
    assert_snapshot!(all_of("stays"), @r"
    $ hotelbot stays -h
    Import, look at and correct reservations

    Usage: hotelbot stays [OPTIONS] <COMMAND>

    Commands:
      list    List reservations: those to come and in house first, then the past
      show    Show one reservation: what was told, what happened, whose it is
      set     Set a status, a date or a room by hand
      import  Take reservations from a CSV file, all or none
      help    Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help (see more with '--help')

    $ hotelbot stays list -h
    List reservations: those to come and in house first, then the past

    Usage: hotelbot stays list [OPTIONS]

    Options:
          --arriving <DATE>  Only those that arrive on this day: 2026-07-12, today or tomorrow, in the
                             hotel's time
          --in-house         Only those in house now
          --limit <N>        The most rows [default: 50]
      -h, --help             Print help (see more with '--help')

    Examples:
      hotelbot stays list --hotel astoria --arriving tomorrow
      hotelbot stays list --in-house --json

    $ hotelbot stays show -h
    Show one reservation: what was told, what happened, whose it is

    Usage: hotelbot stays show [OPTIONS] <RESERVATION>

    Arguments:
      <RESERVATION>  The reservation's id, as the PMS calls it

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot stays show R-1042
      hotelbot stays show R-1042 --hotel astoria --json

    $ hotelbot stays set -h
    Set a status, a date or a room by hand

    Usage: hotelbot stays set [OPTIONS] <RESERVATION>

    Arguments:
      <RESERVATION>  The reservation's id, as the PMS calls it

    Options:
          --status <S>     tentative, confirmed, checked_in, checked_out, cancelled or no_show
          --at <T>         When it was so, in the hotel's time: 15:40, 2026-07-12T15:40 or RFC 3339;
                           now, if nothing is said
          --arrival <D>    Another arrival: 2026-07-12, or 2026-07-12T15:00 in the hotel's time
          --departure <D>  Another departure: 2026-07-12, or 2026-07-12T11:00 in the hotel's time
          --room <R>       Another room
          --dry-run        Show what would change, and change nothing
      -h, --help           Print help (see more with '--help')

    It holds until the source says something new about it. Messages that depend on it are planned anew
    at
    once.

    Examples:
      hotelbot stays set R-1042 --status checked_in
      hotelbot stays set R-1042 --status checked_in --at 15:40
      hotelbot stays set R-1042 --departure 2026-07-08 --room 214 --dry-run

    $ hotelbot stays import -h
    Take reservations from a CSV file, all or none

    Usage: hotelbot stays import [OPTIONS] <FILE.csv>

    Arguments:
      <FILE.csv>  The file

    Options:
          --skip-bad  Import the good rows; the bad ones go to FILE.rejects.csv, with the reason
          --dry-run   Show what would change, and change nothing
      -h, --help      Print help (see more with '--help')

    The first line names the columns, in any order: reservation_id, guest_name, phone, arrival,
    departure;
    and if there are any: status, room_type, room, language, email, country, adults, children, source,
    vip, tags, booked_at, custom.<key>. Dates are 2026-07-01 or 2026-07-01 14:00, in the hotel's time.
    Importing the same file again changes nothing; a reservation that is not in the file stays as it is.

    Examples:
      hotelbot stays import stays.csv --hotel astoria
      hotelbot stays import stays.csv --hotel astoria --dry-run
      hotelbot stays import stays.csv --hotel astoria --skip-bad
    ");
}

#[test]
fn help_of_guests() {
    assert_snapshot!(all_of("guests"), @r"
    $ hotelbot guests -h
    See who the guests are, and join two records of one

    Usage: hotelbot guests [OPTIONS] <COMMAND>

    Commands:
      list   List guests who have a reservation or wrote, the latest first
      show   Show one guest: addresses, wishes, stays
      merge  Make two records of one person one; cannot be undone
      help   Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help (see more with '--help')

    $ hotelbot guests list -h
    List guests who have a reservation or wrote, the latest first

    Usage: hotelbot guests list [OPTIONS]

    Options:
          --limit <N>  The most rows [default: 50]
      -h, --help       Print help (see more with '--help')

    Examples:
      hotelbot guests list --hotel astoria
      hotelbot guests list --reveal --json

    $ hotelbot guests show -h
    Show one guest: addresses, wishes, stays

    Usage: hotelbot guests show [OPTIONS] <GUEST>

    Arguments:
      <GUEST>  An id from `guests list` or its end, a phone, or a WhatsApp chat id

    Options:
      -h, --help  Print help (see more with '--help')

    Examples:
      hotelbot guests show +79210004567
      hotelbot guests show 4f0c12ab --json

    $ hotelbot guests merge -h
    Make two records of one person one; cannot be undone

    Usage: hotelbot guests merge [OPTIONS] <GUEST> <OTHER>

    Arguments:
      <GUEST>  The record that stays
      <OTHER>  The record that goes

    Options:
          --dry-run  Show what would change, and change nothing
      -h, --help     Print help (see more with '--help')

    Chats and stays of the second belong to the first from then on. If either asked for silence, it
    holds.

    Examples:
      hotelbot guests merge 4f0c12ab 91c2aa07
    ");
}
