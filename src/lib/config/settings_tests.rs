//! Precedence, origins, and a table of values that cannot be used.

use super::*;
use secrecy::ExposeSecret;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use tempfile::TempDir;

/// A folder with this `hotelbot.toml`.
fn folder(toml: &str) -> TempDir {
    let dir = TempDir::new().expect("temporary folder");
    let path = dir.path().join(settings_file::NAME);
    fs::write(&path, toml).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set");
    dir
}

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn flags(dir: &TempDir) -> Flags {
    Flags { dir: Some(dir.path().to_owned()), ..Flags::default() }
}

fn mistakes(toml: &str, pairs: &[(&str, &str)]) -> Vec<String> {
    let dir = folder(toml);
    let errors = Settings::load(&flags(&dir), &environment(pairs)).expect_err("must be refused");
    let brief = |finding: &Finding| {
        let fix = finding.fix.as_deref().unwrap_or_default();
        format!("{} {}; {fix}", finding.place.label(), finding.message)
    };
    errors.findings.iter().map(brief).collect()
}

#[test]
fn without_anything_the_defaults_of_the_contract_hold() {
    let settings = Settings::load(&Flags::default(), &Environment::new()).unwrap_or_else(|errors| panic!("{errors}"));

    let rows: Vec<String> =
        settings.rows().iter().map(|(name, value, origin)| format!("{name} = {value} ({origin})")).collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    dir = . (default)
    database_url = sqlite:./data/hotelbot.db (default)
    redis_url = - (default)
    listen = 127.0.0.1:8080 (default)
    admin_listen = 127.0.0.1:9464 (default)
    admin_token = - (default)
    public_url = - (default)
    green_api_url = - (default)
    deepseek_url = - (default)
    deepseek_api_key = - (default)
    deepseek_model = deepseek-flash (default)
    secret_key_file = ./data/secret.key (default)
    log = info (default)
    log_format = pretty on a terminal, else json (default)
    ");
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let dir = folder("# ours\nlisten = \"127.0.0.1:1\"\nadmin_listen = \"127.0.0.1:2\"\nlog = \"warn\"\n");
    let said = environment(&[("HOTELBOT_LISTEN", "127.0.0.1:3"), ("HOTELBOT_ADMIN_LISTEN", "127.0.0.1:4\n")]);
    let flags = Flags { listen: Some("localhost:5".into()), ..flags(&dir) };

    let settings = Settings::load(&flags, &said).unwrap_or_else(|errors| panic!("{errors}"));

    assert_eq!((settings.listen.value.port(), settings.listen.origin), (5, Origin::Flag("--listen")));
    assert_eq!(
        (settings.admin_listen.value.port(), settings.admin_listen.origin),
        (4, Origin::Environment("HOTELBOT_ADMIN_LISTEN"))
    );
    assert_eq!((settings.log.value.as_str(), settings.log.origin), ("warn", Origin::File { line: 4 }));
}

#[test]
fn relative_paths_are_taken_from_the_folder() {
    let dir = folder("database_url = \"sqlite:my data%.db\"\nsecret_key_file = \"keys/k\"\n");

    let settings = Settings::load(&flags(&dir), &Environment::new()).unwrap_or_else(|errors| panic!("{errors}"));

    let path = dir.path().display();
    assert_eq!(settings.database_url.value.url().expose_secret(), format!("sqlite:{path}/my data%25.db"));
    assert_eq!(settings.secret_key_file.value, dir.path().join("keys/k"));
}

#[test]
fn secrets_are_masked_wherever_settings_are_shown() {
    let dir = folder("deepseek_api_key = \"env:KEY\"\n");
    let said = environment(&[
        ("KEY", "sk-geheim"),
        ("HOTELBOT_ADMIN_TOKEN", "geheim"),
        ("HOTELBOT_DATABASE_URL", "postgres://bot:geheim@db/hotelbot?password=geheim"),
        ("HOTELBOT_REDIS_URL", "redis://:geheim@cache:6379/0"),
    ]);

    let settings = Settings::load(&flags(&dir), &said).unwrap_or_else(|errors| panic!("{errors}"));

    let shown = format!("{settings:?} {:?}", settings.rows());
    assert!(!shown.contains("geheim"), "{shown}");
    assert!(
        shown.contains("postgres://bot:****@db/hotelbot") && shown.contains("redis://:****@cache:6379/0"),
        "{shown}"
    );
    assert_eq!(settings.deepseek_api_key.value.map(|key| key.expose_secret().to_owned()).as_deref(), Some("sk-geheim"));
}

#[test]
fn each_wrong_value_is_told_where_it_was_said() {
    for (name, value, expected) in [
        ("HOTELBOT_LISTEN", "", "it is set but empty; give it a value, or unset it"),
        ("DEEPSEEK_API_KEY", "\n", "it is set but empty; give it a value, or unset it"),
        ("HOTELBOT_PUBLIC_URL", "\"https://bot.example\"", "the quotes are part of the value; take them off"),
        (
            "HOTELBOT_LISTEN",
            "127.0.0.1:70000",
            "`127.0.0.1:70000` is not an address to listen on; ports go up to 65535",
        ),
        (
            "HOTELBOT_LISTEN",
            "8080",
            "`8080` is not an address to listen on; write `127.0.0.1:8080`, or `0.0.0.0:8080` to be reached from outside",
        ),
        (
            "HOTELBOT_LISTEN",
            "-1",
            "`-1` is not an address to listen on; write an address and a port, such as `127.0.0.1:8080`",
        ),
        (
            "HOTELBOT_ADMIN_LISTEN",
            "0.0.0.0:9464",
            "`0.0.0.0:9464` can be reached from outside; set `HOTELBOT_ADMIN_TOKEN`, or listen on 127.0.0.1",
        ),
        (
            "HOTELBOT_ADMIN_LISTEN",
            "[::]:9464",
            "`[::]:9464` can be reached from outside; set `HOTELBOT_ADMIN_TOKEN`, or listen on 127.0.0.1",
        ),
        (
            "HOTELBOT_ADMIN_TOKEN",
            "two words",
            "it holds spaces or characters that cannot be sent; copy it again, without anything around it",
        ),
        (
            "HOTELBOT_DATABASE_URL",
            "mysql://bot:geheim@db/x",
            "`mysql:` is not a database that is known; write `sqlite:PATH` or `postgres://user@host/database`",
        ),
        (
            "HOTELBOT_DATABASE_URL",
            "postgress://bot:geheim@db/x",
            "`postgress:` is not a database that is known; did you mean `postgres:`?",
        ),
        (
            "HOTELBOT_DATABASE_URL",
            "sqlite::memory:",
            "a database in memory loses every message; write `sqlite:data/hotelbot.db`",
        ),
        ("HOTELBOT_DATABASE_URL", "sqlite:", "the database has no file name; write `sqlite:data/hotelbot.db`"),
        (
            "HOTELBOT_REDIS_URL",
            "http://cache",
            "this is not a Redis address; write `redis://host:6379`, or `rediss://` for TLS",
        ),
        ("HOTELBOT_PUBLIC_URL", "bot.example", "`bot.example` is not a web address; begin it with `https://`"),
        (
            "HOTELBOT_PUBLIC_URL",
            "ftp://bot.example",
            "`ftp://bot.example` is not a web address; only http and https are known",
        ),
        ("HOTELBOT_PUBLIC_URL", "https://", "`https://` is not a web address; write `https://host/path`"),
        ("HOTELBOT_GREEN_API_URL", "https://u:geheim@host", "the address holds a name or password; take it out"),
        (
            "HOTELBOT_DEEPSEEK_URL",
            "https://host/v1?key=1",
            "paths are added to the address; end it before the `?` or `#`",
        ),
        ("HOTELBOT_LOG", "inof", "`inof` is not a log level; did you mean `info`?"),
        (
            "HOTELBOT_LOG",
            "info,hotelbot=loud",
            "`loud` is not a log level; write one of off, error, warn, info, debug, trace, or `target=level`",
        ),
        ("HOTELBOT_LOG_FORMAT", "xml", "`xml` is not a log format; write `pretty` or `json`"),
    ] {
        assert_eq!(mistakes("", &[(name, value)]), [format!("{name} {expected}")], "{value}");
    }
}

#[test]
fn the_file_tells_its_mistakes_with_their_places_all_at_once() {
    let toml = "lisen = \"127.0.0.1:1\"\ndir = \"x\"\nlog = 3\npublic_url = \"bot.example\"\ndeepseek_api_key = \"sk-geheim\"\n\
                admin_token = \"env:NOWHERE\"\n[server]\n";

    let errors = Settings::load(&flags(&folder(toml)), &Environment::new()).expect_err("must be refused");

    insta::assert_snapshot!(errors, @r#"
    1 file has mistakes

      hotelbot.toml:1:1     lisen = "127.0.0.1:1"
                            ^^^^^ unknown setting `lisen`; did you mean `listen`?
      hotelbot.toml:2:1     dir = "x"
                            ^^^ unknown setting `dir`; the folder is the one this file is in; use `--dir` or HOTELBOT_DIR
      hotelbot.toml:3:7     log = 3
                                  ^ `log` must be a text; put it in quotes
      hotelbot.toml:4:14    public_url = "bot.example"
                                         ^^^^^^^^^^^^^ `bot.example` is not a web address; begin it with `https://`
      hotelbot.toml:5:20    deepseek_api_key = "*********"
                                               ^^^^^^^^^^^ the secret itself does not belong here; write `env:NAME` or `file:PATH`
      hotelbot.toml:6:15    admin_token = "env:NOWHERE"
                                          ^^^^^^^^^^^^^ the environment variable NOWHERE is not set; set it, or delete the line
      hotelbot.toml:7:2     [server]
                             ^^^^^^ unknown setting `server`; the settings are database_url, redis_url, listen, admin_listen, admin_token, public_url, green_api_url, deepseek_url, deepseek_api_key, deepseek_model, secret_key_file, log, log_format
    "#);
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    let errors = mistakes("log = \"info\"\nlisten = 127.0.0.1\nlog = \"warn\"\n", &[]);

    assert!(errors.iter().any(|error| error.starts_with("hotelbot.toml:2:")), "{errors:?}");
    assert!(errors.iter().any(|error| error.starts_with("hotelbot.toml:3:")), "{errors:?}");
}

#[test]
fn two_listeners_do_not_share_a_port() {
    let same = mistakes("", &[("HOTELBOT_LISTEN", "0.0.0.0:9464")]);

    assert_eq!(
        same,
        [
            "HOTELBOT_LISTEN `0.0.0.0:9464` and the admin listener `127.0.0.1:9464` are the same port; choose another port"
        ]
    );
    let free = [("HOTELBOT_LISTEN", "127.0.0.1:0"), ("HOTELBOT_ADMIN_LISTEN", "127.0.0.1:0")];
    assert!(Settings::load(&Flags::default(), &environment(&free)).is_ok());
}

#[test]
fn an_admin_listener_in_the_open_needs_a_token() {
    let said = [("HOTELBOT_ADMIN_LISTEN", "0.0.0.0:9464"), ("HOTELBOT_ADMIN_TOKEN", "long-and-random\n")];

    let settings = Settings::load(&Flags::default(), &environment(&said)).unwrap_or_else(|errors| panic!("{errors}"));

    assert_eq!(
        settings.admin_token.value.map(|token| token.expose_secret().to_owned()).as_deref(),
        Some("long-and-random")
    );
}

#[test]
fn a_database_is_kept_in_a_plain_file() {
    let dir = folder("");
    fs::create_dir(dir.path().join("folder")).expect("made");
    rustix::fs::mkfifoat(rustix::fs::CWD, dir.path().join("pipe"), rustix::fs::Mode::RUSR).expect("made");
    symlink("elsewhere", dir.path().join("link")).expect("linked");
    fs::write(dir.path().join("file"), "").expect("written");

    for (name, expected) in [("folder", "is a folder"), ("pipe", "is not a file"), ("link", "is a link")] {
        let flags = Flags { database_url: Some(format!("sqlite:{name}")), ..flags(&dir) };
        let errors = Settings::load(&flags, &Environment::new()).expect_err(name).to_string();
        assert!(errors.contains("--database-url") && errors.contains(expected), "{errors}");
    }
    let flags = Flags { database_url: Some("sqlite:file".into()), ..flags(&dir) };
    assert!(Settings::load(&flags, &Environment::new()).is_ok());
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let flags = Flags { dir: Some("/nonexistent".into()), ..Flags::default() };

    let errors = Settings::load(&flags, &Environment::new()).expect_err("must be refused");

    assert_eq!(
        errors.to_string(),
        "the settings have mistakes\n\n  --dir    there is no folder `/nonexistent`; make it, or name another\n"
    );
}

#[test]
fn a_slip_in_a_variables_name_is_a_warning() {
    let said = environment(&[("HOTELBOT_LISTN", "x"), ("HOTELBOT_TEST_POSTGRES", "x"), ("OTHER", "x")]);

    let settings = Settings::load(&Flags::default(), &said).unwrap_or_else(|errors| panic!("{errors}"));

    let labels: Vec<String> = settings.warnings.iter().map(|finding| finding.place.label()).collect();
    assert_eq!(labels, ["HOTELBOT_LISTN"]);
    assert_eq!(settings.warnings[0].fix.as_deref(), Some("did you mean `HOTELBOT_LISTEN`?"));
}
