//! A throw-away installation for `demo` and `bench`: a temporary folder with hotels, the emulators, and this very
//! program as its daemon, on free ports.

use anyhow::{Context as _, bail};
use hotelbot::app;
use hotelbot::config::{Environment, Flags, Settings, load_hotels};
use hotelbot::gateways::system::SystemClock;
use hotelbot::ports::Clock as _;
use hotelbot::sandbox::{Options, Running, Sandbox};
use hotelbot::store::hotels::HotelChange;
use hotelbot::store::{OpenOptions, Store};
use rustix::process::{Pid, Signal, kill_process};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

/// What the daemon must say within this time.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// A folder that goes when this does.
pub struct Folder(PathBuf);

impl Folder {
    /// A new one under the system's temporary folder.
    pub fn make(name: &str) -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("hotelbot-{name}-{}", SystemClock.new_id().simple()));
        std::fs::create_dir_all(path.join("hotels")).with_context(|| format!("making `{}`", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a hotel's file.
    pub fn hotel(&self, id: &str, yaml: &str) -> anyhow::Result<()> {
        let path = self.0.join("hotels").join(format!("{id}.yaml"));
        std::fs::write(&path, yaml).with_context(|| format!("writing `{}`", path.display()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own tidying.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// How the daemon of a trial is started.
pub struct Start<'a> {
    /// `sqlite:…` or `postgres://…`.
    pub database_url: &'a str,
    /// Variables beside those every trial sets; secrets of hotels, mostly.
    pub environment: Environment,
    /// A real model instead of the emulated one.
    pub live_model: bool,
}

/// The daemon of a trial. Killed when dropped.
pub struct Daemon {
    /// The process.
    pub child: Child,
    /// Its public address.
    pub url: String,
    /// From the start to `ready`.
    pub ready_after: Duration,
}

impl Daemon {
    /// Asks the daemon to leave, as ops would, and waits until it has.
    pub async fn end(mut self) -> anyhow::Result<()> {
        if let Some(pid) = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)) {
            kill_process(pid, Signal::TERM).context("ending the daemon")?;
        }
        // One that does not leave in time is killed when this is dropped.
        let _ = tokio::time::timeout(Duration::from_secs(15), self.child.wait()).await;
        Ok(())
    }
}

/// The emulators on a free port.
pub async fn sandbox(options: Options) -> anyhow::Result<Running> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("finding a free port")?;
    Sandbox::start(listener, options).context("starting the emulators")
}

/// The environment a trial's daemon and commands see.
pub fn environment(folder: &Folder, sandbox: &Running, start: &Start<'_>) -> Environment {
    let mut environment = start.environment.clone();
    let mut set = |name: &str, value: &str| environment.insert(name.to_owned(), value.to_owned());
    set("HOTELBOT_DIR", &folder.path().display().to_string());
    set("HOTELBOT_DATABASE_URL", start.database_url);
    set("HOTELBOT_GREEN_API_URL", &sandbox.url);
    if !start.live_model {
        set("HOTELBOT_DEEPSEEK_URL", &sandbox.url);
        set("DEEPSEEK_API_KEY", "trial");
    }
    environment
}

/// Makes the folder's hotels in force in the trial's database, which must be new.
pub async fn apply(folder: &Folder, environment: &Environment) -> anyhow::Result<Store> {
    let settings = Settings::load(&Flags::default(), environment)?;
    let hotels = load_hotels(folder.path(), settings.against())?;
    let options = OpenOptions { migrate: true, create: true, ..OpenOptions::default() };
    let store = app::open_store(&settings, options).await?;
    if store.revision().await? > 0 {
        bail!("the database already holds hotels; a trial needs an empty one");
    }
    let changes = hotels.into_iter().map(|loaded| HotelChange::Put(Box::new(loaded.hotel))).collect();
    store.apply_hotels(0, changes, "trial".to_owned(), SystemClock.now()).await?;
    Ok(store)
}

/// Starts this program's `serve` and waits until it accepts requests.
pub async fn serve(environment: &Environment, roles: &str) -> anyhow::Result<Daemon> {
    let begun = Instant::now();
    let program = std::env::current_exe().context("finding this program")?;
    let mut child = Command::new(program)
        .args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--migrate", "--role", roles])
        .envs(environment)
        .env("HOTELBOT_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("starting the daemon")?;
    let stderr = child.stderr.take().context("the daemon has no stderr")?;
    let mut lines = BufReader::new(stderr).lines();
    let url = tokio::time::timeout(READY_WITHIN, ready_line(&mut lines)).await.context("the daemon is not ready")??;
    let ready_after = begun.elapsed();
    // Somebody must go on reading, or a full pipe would stop the daemon.
    tokio::spawn(async move {
        while let Ok(Some(line)) = lines.next_line().await {
            crate::printer::complain(&format!("{line}\n"))
        }
    });
    Ok(Daemon { child, url, ready_after })
}

async fn ready_line(lines: &mut tokio::io::Lines<BufReader<tokio::process::ChildStderr>>) -> anyhow::Result<String> {
    let mut said = String::new();
    while let Some(line) = lines.next_line().await? {
        if let Some(url) = line.strip_prefix("ready on ") {
            return Ok(url.to_owned());
        }
        said.push_str(&line);
        said.push('\n');
    }
    bail!("the daemon ended before it was ready; it said:\n{said}")
}
