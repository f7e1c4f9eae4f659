//! `hotelbot doctor`

use super::Folder;
use hotelbot::sandbox::{Declare, Options, Sandbox};
use insta::assert_snapshot;

#[test]
fn offline_it_says_what_it_did_not_check() {
    let folder = Folder::with_hotels();

    assert_snapshot!(folder.run_with(&["doctor", "--offline"], "", &[("ASTORIA_TOKEN", "t")]), @r"
    exit 1
    ---- stdout
    settings   ok    folder .
    files      ok    2 hotels, 1 line deserves a second look
    database   ok    sqlite [VERSION], schema 13, no migration waiting
    deepseek   -     not checked: `--offline`
    retention  ok    no message is older than its hotel keeps them
    alerts     ok    none open
    astoria    ok    its secrets are there
                     not checked: instance, webhook
    volga      FAIL  the environment variable VOLGA_TOKEN is not set

    1 of 8 checks failed

    hint: Mend it, then run `hotelbot doctor --hotel volga`
    ");
}

#[test]
fn it_stops_at_nothing() {
    let folder = Folder::with_files();
    folder.write("hotels/volga.yaml", "name: Волга\n");

    assert_snapshot!(folder.run(&["doctor", "--offline"]), @r"
    exit 1
    ---- stdout
    settings  ok    folder .
    files     FAIL  1 file has mistakes; `hotelbot hotels check` shows them
    database  note  sqlite:./data/hotelbot.db is not there yet; `hotelbot hotels apply` makes it
    deepseek  -     not checked: `--offline`

    1 of 4 checks failed

    hint: Run `hotelbot hotels check`
    ");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_asks_the_vendors() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let sandbox = Sandbox::start(listener, Options::for_load()).expect("a sandbox");
    for (instance, token) in [(1_101_000_001, "t1"), (1_101_000_003, "t3")] {
        sandbox.declare(Declare::new(instance, token)).expect("declared");
    }
    let folder = Folder::with_hotels();
    let environment = [
        ("HOTELBOT_GREEN_API_URL", sandbox.url.as_str()),
        ("HOTELBOT_DEEPSEEK_URL", sandbox.url.as_str()),
        ("DEEPSEEK_API_KEY", "k"),
        ("ASTORIA_TOKEN", "t1"),
        ("VOLGA_TOKEN", "wrong"),
    ];

    let screen = folder.run_with(&["doctor"], "", &environment);

    let steady = regex::Regex::new(r"answered in \d+m?s").expect("a pattern");
    assert_snapshot!(steady.replace_all(&screen, "answered in [TIME]"), @r"
    exit 1
    ---- stdout
    settings   ok    folder .
    files      ok    2 hotels, 1 line deserves a second look
    database   ok    sqlite [VERSION], schema 13, no migration waiting
    deepseek   ok    deepseek-flash is there, answered in [TIME], $10.00 left
    retention  ok    no message is older than its hotel keeps them
    alerts     ok    none open
    astoria    ok    instance 1101000001 is authorized, polling is on
    volga      FAIL  instance 1101000003 cannot be asked: getStateInstance: HTTP 401: Unauthorized
                     not checked: webhook

    1 of 8 checks failed

    hint: Mend it, then run `hotelbot doctor --hotel volga`
    ");
    sandbox.stop().await;
}
