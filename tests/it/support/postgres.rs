//! A PostgreSQL to make databases in: the one given by `HOTELBOT_TEST_POSTGRES`, else one started for this run from
//! what is installed. Without either a test fails, unless `HOTELBOT_TEST_NO_POSTGRES` asks to do without.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// A superuser's URL of a running server; `None` when the run is to do without PostgreSQL.
pub fn server() -> Option<&'static str> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER
        .get_or_init(|| {
            if let Ok(url) = std::env::var("HOTELBOT_TEST_POSTGRES") {
                return Some(Server { url, _guard: None });
            }
            match start() {
                Ok(server) => Some(server),
                Err(_) if std::env::var_os("HOTELBOT_TEST_NO_POSTGRES").is_some() => None,
                Err(why) => panic!(
                    "{why}. Run `tests/run`, or set HOTELBOT_TEST_POSTGRES to a superuser's URL, or set \
                     HOTELBOT_TEST_NO_POSTGRES=1 to skip what needs PostgreSQL"
                ),
            }
        })
        .as_ref()
        .map(|server| server.url.as_str())
}

struct Server {
    url: String,
    /// Holds the pipe whose end tells the guard that this process is gone.
    _guard: Option<Child>,
}

/// Statics are never dropped, so nobody here could stop the server. A shell does: it waits for the end of its input,
/// which comes when this process ends in whatever way.
const GUARD: &str = r#"
"$1/postgres" -D "$2/data" -p "$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$2" \
    -c max_connections=300 </dev/null >"$2/log" 2>&1 &
read -r _
kill -INT $!
wait $!
rm -rf "$2"
"#;

fn start() -> Result<Server, String> {
    let programs = programs().ok_or("PostgreSQL is not installed")?;
    let folder = tempfile::Builder::new().prefix("hotelbot-postgres.").tempdir().map_err(|error| error.to_string())?;
    // The guard removes what is in it.
    let folder = folder.keep();
    let user = server_user(&folder)?;
    initialise(&programs, &folder, user)?;
    let port = free_port();
    let mut guard = as_user(user, "sh");
    guard.args(["-c", GUARD, "guard"]).arg(&programs).arg(&folder).arg(port.to_string());
    // In a group of its own: what ends the tests (Ctrl-C, a time-out) is sent to their whole group, and a guard that
    // dies with them stops no server.
    std::os::unix::process::CommandExt::process_group(&mut guard, 0);
    let mut guard = guard
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("PostgreSQL cannot be started: {error}"))?;
    wait_until_it_listens(port, &mut guard, &folder)?;
    Ok(Server { url: format!("postgres://postgres@127.0.0.1:{port}/postgres"), _guard: Some(guard) })
}

/// The folder of the newest `initdb`.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            let programs = entry.path().join("bin");
            programs.join("initdb").exists().then_some((version, programs))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, programs)| programs)
}

/// PostgreSQL refuses to run as root: then it is the user `postgres` that the package made.
fn server_user(folder: &Path) -> Result<Option<u32>, String> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    let line = users.lines().find(|line| line.starts_with("postgres:")).ok_or("there is no user `postgres`")?;
    let id = line.split(':').nth(2).and_then(|id| id.parse().ok()).ok_or("the user `postgres` has no id")?;
    std::os::unix::fs::chown(folder, Some(id), None).map_err(|error| error.to_string())?;
    Ok(Some(id))
}

fn as_user(user: Option<u32>, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    if let Some(user) = user {
        std::os::unix::process::CommandExt::uid(&mut command, user);
    }
    command
}

fn initialise(programs: &Path, folder: &Path, user: Option<u32>) -> Result<(), String> {
    let output = as_user(user, programs.join("initdb"))
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"])
        .current_dir(folder)
        .output()
        .map_err(|error| format!("initdb cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("initdb failed: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Free at the moment of asking.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

fn wait_until_it_listens(port: u16, guard: &mut Child, folder: &Path) -> Result<(), String> {
    let patience = Instant::now() + Duration::from_secs(60);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        let ended = guard.try_wait().is_ok_and(|status| status.is_some());
        if ended || Instant::now() > patience {
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            return Err(format!("PostgreSQL did not start: {log}"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
