//! `hotelbot hotels …`

use super::all_of;
use insta::assert_snapshot;

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
      <NAME>   Which secret [possible values: token, webhook_token, pms_secret]

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
