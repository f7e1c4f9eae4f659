//! `hotelbot db …` and `hotelbot config …`

use super::{Folder, exists};
use insta::assert_snapshot;

#[test]
fn a_database_is_made_and_migrated_once() {
    let folder = Folder::new();

    assert_snapshot!(folder.run(&["db", "status"]), @r"
    exit 1
    ---- stdout
    There is no database at sqlite:./data/hotelbot.db yet

    Make it: hotelbot db migrate
    ");
    assert_snapshot!(folder.run(&["db", "migrate", "--dry-run"]), @r"
    exit 0
    ---- stdout
    Would apply 13 migrations to sqlite:./data/hotelbot.db, up to schema 13
    ");
    assert!(!exists(&folder.path("data")), "nothing was made");
    assert_snapshot!(folder.run(&["db", "migrate"]), @r"
    exit 0
    ---- stdout
    Applied 13 migrations to sqlite:./data/hotelbot.db; it has schema 13
    ");
    assert_snapshot!(folder.run(&["db", "migrate"]), @r"
    exit 0
    ---- stdout
    sqlite:./data/hotelbot.db has schema 13; nothing to apply
    ");
    assert_snapshot!(folder.run(&["db", "status"]), @r"
    exit 0
    ---- stdout
    sqlite:./data/hotelbot.db
    sqlite [VERSION], schema 13, no migration waiting
    ");
    let json = folder.json(&["db", "status", "--json"]);
    assert_eq!(json["pending"], serde_json::json!([]));
}

#[test]
fn the_folder_of_guests_data_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with_hotels();

    let mode = std::fs::metadata(folder.path("data")).expect("made").permissions().mode();

    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[test]
fn settings_say_where_they_come_from_and_show_no_secret() {
    let folder = Folder::new();
    folder.write("hotelbot.toml", "deepseek_model = \"deepseek-other\"\nlisten = \"127.0.0.1:9000\"\n");
    let environment = [
        ("HOTELBOT_LISTEN", "127.0.0.1:9001"),
        ("DEEPSEEK_API_KEY", "sk-hunter2"),
        ("HOTELBOT_REDIS_URL", "redis://:hunter2@cache:6379"),
        ("HOTELBOT_LISTN", "typo"),
    ];

    let screen = folder.run_with(&["config", "show"], "", &environment);

    assert!(!screen.contains("hunter2"), "{screen}");
    assert_snapshot!(screen, @r"
    exit 0
    ---- stdout
    SETTING           VALUE                            FROM
    dir               .                                default
    database_url      sqlite:./data/hotelbot.db        default
    redis_url         redis://:****@cache:6379         HOTELBOT_REDIS_URL
    listen            [ADDR]                   HOTELBOT_LISTEN
    admin_listen      [ADDR]                   default
    admin_token       -                                default
    public_url        -                                default
    green_api_url     -                                default
    deepseek_url      -                                default
    deepseek_api_key  ****                             DEEPSEEK_API_KEY
    deepseek_model    deepseek-other                   hotelbot.toml:1
    secret_key_file   ./data/secret.key                default
    log               info                             default
    log_format        pretty on a terminal, else json  default

      HOTELBOT_LISTN    this is not a setting; did you mean `HOTELBOT_LISTEN`?
    ");
}
