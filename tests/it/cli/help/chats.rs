//! `hotelbot chats …`

use super::all_of;
use insta::assert_snapshot;

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
