//! Bad input on the command line, in the environment and in the settings: what is refused, and how (K1–K14).

use super::{Folder, exists, shown};
use crate::support::db::{Engine, TestDb};
use insta::assert_snapshot;
use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

#[test]
fn k1_a_slip_in_a_command_finds_the_right_word() {
    assert_snapshot!(Folder::new().run(&["chat", "list"]), @r"
    exit 2
    ---- stderr
    error: unrecognized subcommand 'chat'

      tip: a similar subcommand exists: 'chats'

    Usage: hotelbot [OPTIONS] [COMMAND]

    For more information, try '--help'.
    ");
}

#[test]
fn k1_a_slip_in_a_flag_finds_the_right_one() {
    assert_snapshot!(Folder::new().run(&["chats", "list", "--wating"]), @r"
    exit 2
    ---- stderr
    error: unexpected argument '--wating' found

      tip: a similar argument exists: '--waiting'

    Usage: hotelbot chats list --waiting

    For more information, try '--help'.
    ");
}

#[test]
fn k1_a_flag_without_its_value() {
    assert_snapshot!(Folder::new().run(&["chats", "list", "--limit"]), @r"
    exit 2
    ---- stderr
    error: a value is required for '--limit <N>' but none was supplied

    For more information, try '--help'.
    ");
}

#[test]
fn k1_after_two_dashes_nothing_is_a_flag() {
    assert_snapshot!(Folder::with_hotels().run(&["chats", "show", "--", "--json"]), @r"
    exit 2
    ---- stderr
    error: There is no conversation `--json`

    hint: Run `hotelbot chats list` to see them; an id, its end or a phone will do
    ");
}

#[test]
fn k1_bytes_that_are_no_text_are_refused() {
    let folder = Folder::new();
    let output = folder.command(&["chats", "show"]).arg(OsStr::from_bytes(b"\xff\xfe")).output().expect("ran");

    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

#[test]
fn k1_quiet_and_verbose_contradict_each_other() {
    assert_snapshot!(Folder::new().run(&["status", "-q", "-v"]), @r"
    exit 2
    ---- stderr
    error: the argument '--quiet...' cannot be used with '--verbose...'

    Usage: hotelbot status --quiet...

    For more information, try '--help'.
    ");
}

#[tokio::test]
async fn k2_a_guest_of_two_hotels_is_not_written_to_by_guess() {
    let folder = Folder::with_conversations().await;

    assert_snapshot!(folder.run(&["chats", "send", "+79210004567", "Здравствуйте"]), @r"
    exit 2
    ---- stderr
    error: `+79210004567` means 2 conversations

    hint: Say whose: add `--hotel astoria` or `--hotel volga`
    ");
    assert_snapshot!(folder.run(&["chats", "send", "+79999999999", "Здравствуйте"]), @r"
    exit 2
    ---- stderr
    error: There is no conversation `+79999999999`

    hint: Run `hotelbot chats list` to see them; an id, its end or a phone will do
    ");
    let outbox = folder.json(&["outbox", "list", "--all", "--json"]);
    assert!(outbox.as_array().expect("a list").iter().all(|row| row["author"] == "bot"), "{outbox}");
}

#[test]
fn k3_a_change_without_a_terminal_needs_a_yes() {
    let folder = Folder::with_files();

    assert_snapshot!(folder.run(&["hotels", "apply", "--offline"]), @r"
    exit 2
    ---- stdout
    Comparing hotels/ with an empty database, for all hotels

      + astoria  Астория, Санкт-Петербург, Europe/Moscow, ru en
          instance 1101000001, polled, 2 facts

      + volga  Волга, Europe/Samara, ru
          instance 1101000003, polled, 1 fact

    Plan: 2 to add, 0 to change, 0 to retire
    ---- stderr
      hotels/volga.yaml:1:1    name: Волга
                               ^ nobody is told when a guest needs a person; add `staff: { contacts: [ … ] }`
    error: This needs a yes, and there is no terminal to ask on

    hint: Pass `--yes` to go on
    ");
    assert!(!exists(&folder.path("data")), "nothing was made");
}

#[test]
fn k3_no_input_forbids_to_ask() {
    let folder = Folder::with_hotels();
    std::fs::remove_file(folder.path("hotels/volga.yaml")).expect("removed");

    let screen = folder.run(&["hotels", "apply", "--prune", "--offline", "--no-input"]);

    assert_snapshot!(screen, @r"
    exit 2
    ---- stdout
    Comparing hotels/ with revision 1, in force, for all hotels

      - volga  no file; no longer obeyed, its conversations stay

    Plan: 0 to add, 0 to change, 1 to retire
    ---- stderr
    error: This needs a yes, and `--no-input` forbids to ask

    hint: Pass `--yes` to go on
    ");
    assert_eq!(folder.json(&["hotels", "list", "--json"]).as_array().map(Vec::len), Some(2), "both are in force");
}

#[test]
fn k5_a_secret_on_the_command_line_is_refused_and_not_shown_again() {
    let folder = Folder::with_hotels();

    let screen = folder.run(&["hotels", "secret", "astoria", "token", "d75b3a66374942c5b3c019c698abc2067e151558acbd"]);

    assert_snapshot!(screen, @r"
    exit 2
    ---- stderr
    error: A secret is never an argument: whoever can list processes has seen it

    hint: Get a new one, and run `hotelbot hotels secret astoria token`, which asks for it
    ");
    let token = "d75b3a66374942c5b3c019c698abc2067e151558acbd451234";
    let screen = folder.run(&["hotels", "add", "baikal", "--token", token, "--no-input"]);
    assert!(!screen.contains("d75b3a66"), "{screen}");
    assert_snapshot!(screen, @r"
    exit 2
    ---- stderr
    error: `--token` says where the secret is, not what it is

    hint: Write `env:NAME`, `file:PATH` or `stored`; a secret on the command line can be read by others
    ");
}

#[test]
fn k6_an_empty_variable_is_not_a_value() {
    let folder = Folder::new();

    assert_snapshot!(folder.run_with(&["config", "show"], "", &[("HOTELBOT_LISTEN", "")]), @r"
    exit 2
    ---- stderr
    error: The settings have mistakes

      HOTELBOT_LISTEN    it is set but empty; give it a value, or unset it
    ");
}

#[test]
fn k6_the_end_of_a_line_is_no_part_of_a_secret() {
    let folder = Folder::with_hotels();

    assert_snapshot!(folder.run_with(&["hotels", "secret", "astoria", "token"], "s3cret\r\n", &[]), @r"
    exit 0
    ---- stdout
    Stored `token` of astoria, sealed

    In hotels/astoria.yaml: `token: stored`
    ");
    assert_snapshot!(folder.run_with(&["hotels", "secret", "astoria", "token"], "\n", &[]), @r"
    exit 2
    ---- stderr
    error: The secret is empty; nothing was stored
    ");
    assert_snapshot!(folder.run_with(&["hotels", "secret", "astoria", "token"], "two\nlines\n", &[]), @r"
    exit 2
    ---- stderr
    error: This is no secret of one line; nothing was stored
    ");
}

#[test]
fn k7_ports_that_cannot_be_listened_on() {
    let folder = Folder::with_hotels();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();

    assert_snapshot!(folder.run(&["serve", "--listen", "127.0.0.1:70000"]), @r"
    exit 2
    ---- stderr
    error: The settings have mistakes

      --listen    `[ADDR]` is not an address to listen on; ports go up to 65535
    ");
    assert_snapshot!(folder.run(&["serve", "--listen", &address, "--admin-listen", "127.0.0.1:0"]), @r"
    exit 5
    ---- stderr
    error: [ADDR] cannot be listened on
      Address already in use (os error 98)

    hint: Choose another address with HOTELBOT_LISTEN
    ");
    assert_snapshot!(folder.run(&["serve", "--admin-listen", "0.0.0.0:9464"]), @r"
    exit 2
    ---- stderr
    error: The settings have mistakes

      --admin-listen    `0.0.0.0:9464` can be reached from outside; set `HOTELBOT_ADMIN_TOKEN`, or listen on 127.0.0.1
    ");
    assert_snapshot!(folder.run(&["sandbox", "--listen", &address]), @r"
    exit 5
    ---- stderr
    error: [ADDR] cannot be listened on
      Address already in use (os error 98)

    hint: Run `hotelbot sandbox --listen 127.0.0.1:0` to take a free port
    ");
}

#[test]
fn k8_a_database_of_another_kind() {
    let folder = Folder::new();

    assert_snapshot!(folder.run(&["db", "status", "--database-url", "mysql://bot:hunter2@db/hotelbot"]), @r"
    exit 2
    ---- stderr
    error: The settings have mistakes

      --database-url    `mysql:` is not a database that is known; write `sqlite:PATH` or `postgres://user@host/database`
    ");
    assert_snapshot!(folder.run(&["db", "status", "--database-url", "sqlite::memory:"]), @r"
    exit 2
    ---- stderr
    error: The settings have mistakes

      --database-url    a database in memory loses every message; write `sqlite:data/hotelbot.db`
    ");
}

#[tokio::test]
async fn k8_a_role_that_may_do_everything_is_told_by_doctor_and_one_of_our_own_is_not() {
    // `None` only if the run is asked to do without PostgreSQL.
    let Some(db) = TestDb::new(Engine::Postgres).await else { return };
    let folder = Folder::new();
    let doctor = |url: &str| folder.run_with(&["doctor", "--json"], "", &[("HOTELBOT_DATABASE_URL", url)]);

    let of_superuser = doctor(&db.url);

    assert!(of_superuser.contains("is a superuser; give hotelbot one of its own"), "{of_superuser}");
    let mut raw = db.raw().await;
    let (role, here) = (format!("{}_app", db.name()), db.name().to_owned());
    for statement in [
        format!("CREATE ROLE {role} LOGIN PASSWORD 'x'"),
        format!("GRANT ALL ON DATABASE {here} TO {role}"),
        format!("GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"),
    ] {
        raw.execute(&statement).await.expect("a role of our own");
    }
    let (scheme, rest) = db.url.split_once("://").expect("a URL");
    let (_, host) = rest.split_once('@').expect("a user");
    let of_app = doctor(&format!("{scheme}://{role}:x@{host}"));
    raw.execute(&format!("DROP OWNED BY {role}")).await.expect("dropped");
    raw.execute(&format!("DROP ROLE {role}")).await.expect("dropped");
    assert!(of_app.contains("no migration waiting") && !of_app.contains("superuser"), "{of_app}");
}

#[test]
fn k8_a_database_that_is_away_is_another_matter_than_a_wrong_one() {
    let folder = Folder::new();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");

    let output = folder.output(&["status", "--database-url", &format!("postgres://bot:hunter2@{nobody}/bot")], "", &[]);

    assert_eq!(output.status.code(), Some(5), "{}", shown(&output));
    assert!(!shown(&output).contains("hunter2"));
}

#[test]
fn k9_a_database_that_is_no_file() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("folder.db")).expect("a folder");
    std::os::unix::fs::symlink("/dev/null", folder.path("link.db")).expect("a link");

    assert_snapshot!(folder.run(&["db", "status", "--database-url", "sqlite:folder.db"]), @r"
    exit 2
    ---- stderr
    error: The settings have mistakes

      --database-url    `./folder.db` is a folder; name a file in it, `./folder.db/hotelbot.db`
    ");
    assert_snapshot!(folder.run(&["db", "status", "--database-url", "sqlite:link.db"]), @r"
    exit 2
    ---- stderr
    error: The settings have mistakes

      --database-url    `./link.db` is a link; name the file itself
    ");
    assert_snapshot!(folder.run(&["db", "status", "--database-url", "sqlite:/dev/null"]), @r"
    exit 2
    ---- stderr
    error: The settings have mistakes

      --database-url    `/dev/null` is not a file; name another
    ");
}

#[tokio::test]
async fn k10_a_database_of_a_newer_program_is_left_alone() {
    use sqlx::ConnectOptions;
    let folder = Folder::with_hotels();
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path("data/hotelbot.db"));
    let mut connection = file.connect().await.expect("the file");
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9000, 'of the future', 1, x'00', 0)",
    )
    .execute(&mut connection)
    .await
    .expect("a migration of the future");

    assert_snapshot!(folder.run(&["hotels", "list"]), @r"
    exit 2
    ---- stderr
    error: The database has schema 9000, this program knows 13: use the newer program
    ");
    assert_snapshot!(folder.run(&["db", "migrate"]), @r"
    exit 2
    ---- stderr
    error: The database has schema 9000, this program knows 13: use the newer program
    ");
    let serve = folder.run(&["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
    assert!(serve.starts_with("exit 2") && serve.contains("The database has schema 9000"), "{serve}");
}

#[test]
fn k11_numbers_have_bounds() {
    let folder = Folder::new();

    assert_snapshot!(folder.run(&["chats", "list", "--limit", "0"]), @r"
    exit 2
    ---- stderr
    error: invalid value '0' for '--limit <N>': 0 is not in 1..=10000

    For more information, try '--help'.
    ");
    assert_snapshot!(folder.run(&["chats", "list", "--limit", "-5"]), @r"
    exit 2
    ---- stderr
    error: invalid value '-5' for '--limit <N>': -5 is not in 1..=10000

    For more information, try '--help'.
    ");
    assert_snapshot!(folder.run(&["chats", "list", "--limit", "99999999999"]), @r"
    exit 2
    ---- stderr
    error: invalid value '99999999999' for '--limit <N>': 99999999999 is not in 1..=10000

    For more information, try '--help'.
    ");
    assert_snapshot!(folder.run(&["prompts", "try", "--text", "hi", "--runs", "1000"]), @r"
    exit 2
    ---- stderr
    error: invalid value '1000' for '--runs <N>': 1000 is not in 1..=50

    For more information, try '--help'.
    ");
    assert_snapshot!(folder.run(&["chats", "list", "--since", "yesterday"]), @r"
    exit 2
    ---- stderr
    error: invalid value 'yesterday' for '--since <T>': write `15m`, `2h`, `[DATE]` or an RFC 3339 time

    For more information, try '--help'.
    ");
    assert_snapshot!(folder.run(&["chats", "list", "--hotel", "../etc"]), @r"
    exit 2
    ---- stderr
    error: invalid value '../etc' for '--hotel <ID>': `../etc` is not a hotel id: use 1 to 32 of a-z, 0-9 and -

    For more information, try '--help'.
    ");
}

#[test]
fn k12_a_reader_that_goes_away_is_no_error() {
    let folder = Folder::new();
    for args in [&["completions", "bash"][..], &["--help"], &["config", "show"]] {
        let mut child =
            folder.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        drop(child.stdout.take());

        let output = child.wait_with_output().expect("the program ends");

        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{args:?}: {}", shown(&output));
    }
}

#[test]
fn k12_colour_only_where_it_is_wanted() {
    let folder = Folder::with_hotels();
    let bytes = |args: &[&str], environment: &[(&str, &str)]| {
        let mut command = folder.command(args);
        command.env_remove("NO_COLOR").envs(environment.iter().copied());
        command.output().expect("ran").stdout
    };
    let coloured = |text: Vec<u8>| text.contains(&0x1b);

    assert!(!coloured(bytes(&["hotels", "list"], &[])), "a pipe is no terminal");
    assert!(coloured(bytes(&["hotels", "list", "--color", "always"], &[])));
    assert!(coloured(bytes(&["hotels", "list"], &[("CLICOLOR_FORCE", "1")])));
    assert!(!coloured(bytes(&["hotels", "list", "--color", "never"], &[("CLICOLOR_FORCE", "1")])));
}

#[tokio::test]
async fn k13_neither_language_nor_zone_of_the_machine_change_what_is_said() {
    let folder = Folder::with_conversations().await;
    let plain = folder.run(&["chats", "list"]);

    for environment in [[("LANG", "C"), ("TZ", "Nowhere/Never")], [("LC_ALL", "POSIX"), ("TZ", "")]] {
        assert_eq!(folder.run_with(&["chats", "list"], "", &environment), plain);
    }
    let show = |zone: &str| folder.json_with(&["chats", "show", "79210007777", "--json"], &[("TZ", zone)]);
    assert_eq!(show("America/New_York"), show("UTC"));
    assert!(show("UTC")["messages"][0]["at"].as_str().is_some_and(|at| at.ends_with("+03:00")), "hotel time");
}

#[test]
fn k14_an_interrupted_command_says_130_and_leaves_nothing_half_done() {
    let folder = Folder::with_hotels();
    let mut child = folder
        .command(&["chats", "tail"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // The greeting shows that it is under way.
    let mut greeting = [0; 9];
    child.stderr.as_mut().expect("piped").read_exact(&mut greeting).expect("a greeting");

    let interrupt = rustix::process::Signal::INT;
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), interrupt).expect("a running process");

    assert_eq!(&greeting, b"Following");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}

#[test]
fn a_folder_that_is_not_there_and_a_setting_that_is_none() {
    let folder = Folder::new();

    assert_snapshot!(folder.run(&["-C", "nowhere", "hotels", "check"]), @r"
    exit 2
    ---- stderr
    error: The settings have mistakes

      --dir    there is no folder `nowhere`; make it, or name another
    ");
    folder.write("hotelbot.toml", "listne = \"127.0.0.1:80\"\n");
    assert_snapshot!(folder.run(&["config", "show"]), @r#"
    exit 2
    ---- stderr
    error: 1 file has mistakes

      hotelbot.toml:1:1    listne = "127.0.0.1:80"
                           ^^^^^^ unknown setting `listne`; did you mean `listen`?
    "#);
}
