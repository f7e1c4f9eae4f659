//! The vendors' own Python clients against the sandbox, unchanged. They are installed from PyPI into a temporary
//! environment; without Python the tests fail, unless `HOTELBOT_TEST_NO_PYTHON` says that there shall be none.
#![expect(clippy::unwrap_used, reason = "a failure here is the test's failure")]
#![expect(clippy::print_stderr, reason = "a skipped test says that it is")]

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use hotelbot::sandbox::{Options, Running, Sandbox};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::OnceCell;

/// One environment for both tests, and the folder that holds it until the process ends.
static PYTHON: OnceCell<PathBuf> = OnceCell::const_new();

const ADVICE: &str = "install python3 with venv and pip (Debian: `apt-get install python3-venv`) and let pip reach a \
    package index, or set HOTELBOT_TEST_NO_PYTHON=1 to skip the checks with the vendors' own clients";

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk")
}

/// Whether the checks are switched off; says so, as a skipped test must.
fn is_skipped() -> bool {
    let skipped = std::env::var_os("HOTELBOT_TEST_NO_PYTHON").is_some_and(|value| !value.is_empty());
    if skipped {
        eprintln!("skipped: HOTELBOT_TEST_NO_PYTHON is set");
    }
    skipped
}

async fn python() -> &'static Path {
    PYTHON.get_or_init(install).await
}

/// Makes the environment in the build folder, keyed by the pinned versions, so that a second run installs nothing.
async fn install() -> PathBuf {
    let pinned = std::fs::read_to_string(scripts().join("requirements.txt")).unwrap();
    let key: u64 = pinned.bytes().fold(7, |key, byte| (key ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sdk-venv-{key:016x}"));
    let python = folder.join("bin/python");
    if folder.join("complete").exists() {
        return python;
    }
    let made = command(Command::new("python3").arg("-m").arg("venv").arg("--clear").arg(&folder)).await;
    assert!(made.status.success(), "no environment could be made; {ADVICE}\n{}", printed(&made));
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    let installed = command(Command::new(&python).args(pip).arg(scripts().join("requirements.txt"))).await;
    assert!(installed.status.success(), "the clients could not be installed; {ADVICE}\n{}", printed(&installed));
    std::fs::write(folder.join("complete"), "").unwrap();
    python
}

async fn command(command: &mut Command) -> Output {
    let run = command.kill_on_drop(true).output();
    match tokio::time::timeout(Duration::from_secs(300), run).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => panic!("{command:?} cannot be started: {error}; {ADVICE}"),
        Err(_) => panic!("{command:?} has not ended in five minutes; {ADVICE}"),
    }
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

async fn start() -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Sandbox::start(listener, Options { time_scale: 100.0, rate_limits: false, ..Options::default() }).unwrap()
}

async fn check(script: &str) {
    if is_skipped() {
        return;
    }
    let sandbox = start().await;

    let run = command(Command::new(python().await).arg(scripts().join(script)).arg(&sandbox.url)).await;

    // The clients log every refusal on stderr; the steps and their failures are on stdout.
    assert!(run.status.success(), "{script}:\n{}", String::from_utf8_lossy(&run.stdout));
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn green_apis_own_python_client_works_unchanged() {
    check("green_api.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openais_python_client_works_unchanged() {
    check("openai_client.py").await;
}
