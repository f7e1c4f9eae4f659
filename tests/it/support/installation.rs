//! A whole installation as an operator has it: a folder of hotels, the program as built, and the emulated vendors.

use super::db::{Engine, TestDb};
use super::postgres::free_port;
use hotelbot::config::Environment;
use hotelbot::sandbox::load::{Checked, Plan, Target, Written, check, write};
use hotelbot::sandbox::{Declare, Options, Running, Sandbox};
use std::process::{ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The instance of hotel `h0`; the others follow.
pub const FIRST_INSTANCE: u64 = 1_101_000_000;
/// Long enough for a loaded machine; nobody waits for it when all is well.
pub const SOON: Duration = Duration::from_secs(60);
/// The variable that makes the test program a daemon, see `road::daemon_of_a_test`.
pub const DAEMON: &str = "HOTELBOT_TEST_DAEMON";
/// See the module.
pub struct Installation {
    /// Where everything is kept.
    pub db: TestDb,
    /// Both vendors.
    pub sandbox: Running,
    folder: tempfile::TempDir,
    hotels: usize,
    environment: Environment,
}

/// Which program serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `hotelbot serve`, as built.
    Built,
    /// The same loops in this test program, with the waits for the vendor's journals shortened as the sandbox's are.
    ShortWaits,
}

/// A running daemon. Killed when dropped.
pub struct Daemon {
    /// Its public address.
    pub url: String,
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Installation {
    /// With so many hotels `h0`, `h1` … in force. `None` when the run is to do without PostgreSQL.
    pub async fn new(engine: Engine, hotels: usize, receive: &str) -> Option<Installation> {
        let db = TestDb::new(engine).await?;
        let folder = tempfile::Builder::new().prefix("hotelbot-road.").tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("hotels")).expect("a folder for hotels");
        for number in 0..hotels {
            let file = folder.path().join(format!("hotels/h{number}.yaml"));
            std::fs::write(file, hotel(number, receive)).expect("a hotel's file");
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let sandbox = Sandbox::start(listener, Options::for_load()).expect("the emulators start");
        for number in 0..hotels {
            sandbox.declare(Declare::new(instance(number), "token")).expect("an instance");
        }
        let environment = [
            ("HOTELBOT_DIR", folder.path().display().to_string()),
            ("HOTELBOT_DATABASE_URL", db.url.clone()),
            ("HOTELBOT_GREEN_API_URL", sandbox.url.clone()),
            ("HOTELBOT_DEEPSEEK_URL", sandbox.url.clone()),
            ("DEEPSEEK_API_KEY", "key".to_owned()),
            ("HOTEL_TOKEN", "token".to_owned()),
            ("HOTEL_HOOK", "hook".to_owned()),
            ("HOTELBOT_LOG", "warn".to_owned()),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value)).into();
        let installation = Installation { db, sandbox, folder, hotels, environment };
        let applied = installation.command(&["hotels", "apply", "--yes", "--offline"]).await;
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        Some(installation)
    }

    /// One more variable for whatever is started from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    /// Adds to a file in the folder, or begins it.
    pub fn add_to_file(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("in the folder")).expect("a folder");
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        std::fs::write(path, before + text).expect("a file");
    }

    /// Runs a command to its end.
    pub async fn command(&self, args: &[&str]) -> Output {
        let run = self.program(env!("CARGO_BIN_EXE_hotelbot"), args).output();
        tokio::time::timeout(SOON, run).await.expect("the command ends").expect("the command runs")
    }

    /// Starts a command that is not waited for.
    pub fn start(&self, args: &[&str]) -> Child {
        let mut command = self.program(env!("CARGO_BIN_EXE_hotelbot"), args);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the command runs")
    }

    fn program(&self, program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        // Only what is said here: nothing of the developer's own environment counts.
        command.env_clear().envs(&self.environment).args(args).current_dir(self.folder.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Starts a daemon on a free port and waits until it is ready.
    pub async fn serve(&self, program: Program) -> Daemon {
        self.serve_on(program, free_port()).await
    }

    /// Starts a daemon on this port and waits until it is ready.
    pub async fn serve_on(&self, program: Program, port: u16) -> Daemon {
        let mut child = self.daemon(program, port).stderr(Stdio::piped()).spawn().expect("the daemon starts");
        let said = Arc::new(Mutex::new(String::new()));
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        let stderr = child.stderr.take().expect("a pipe");
        tokio::spawn(listen(stderr, said.clone(), ready));
        let ready = tokio::time::timeout(SOON, is_ready).await;
        let text = || said.lock().expect("not poisoned").clone();
        let url = ready.expect("the daemon is ready in time").unwrap_or_else(|_| panic!("it ended: {}", text()));
        Daemon { url, child, said }
    }

    fn daemon(&self, program: Program, port: u16) -> Command {
        let listen = format!("127.0.0.1:{port}");
        let mut command = match program {
            Program::Built => self.program(
                env!("CARGO_BIN_EXE_hotelbot"),
                &["serve", "--listen", &listen, "--admin-listen", "127.0.0.1:0", "--migrate"],
            ),
            Program::ShortWaits => {
                let this = std::env::current_exe().expect("this program");
                let args = ["--exact", "road::daemon_of_a_test", "--nocapture", "--test-threads=1"];
                let mut command = self.program(this, &args);
                command.env(DAEMON, &listen);
                command
            }
        };
        command.stdout(Stdio::null());
        command
    }

    /// A load over all hotels with several messages in each chat. The daemons share the hotels in turn.
    pub fn plan(&self, urls: &[&str], messages: usize) -> Plan {
        let target = |number: usize| Target {
            hook: format!("{}/hooks/h{number}/whatsapp", urls[number % urls.len()]),
            token: "hook".to_owned(),
            instance: instance(number),
        };
        Plan {
            targets: (0..self.hotels).map(target).collect(),
            chats: 8,
            messages,
            twice_every: 10,
            rate: None,
            at_most: Duration::from_secs(240),
        }
    }

    /// Writes a plan's messages beside what else the test does.
    pub fn write(&self, plan: &Plan) -> tokio::task::JoinHandle<Written> {
        let plan = plan.clone();
        tokio::spawn(async move { write(&plan).await.expect("the load can be written") })
    }

    /// Waits until nothing is on its way any more, then holds the answers against what was written: each message
    /// answered once and in its order.
    pub async fn hold(&self, plan: &Plan, written: &Written, daemons: &[&Daemon]) -> Checked {
        assert_eq!(written.posted_ms.len(), plan.messages, "not all was written in time");
        self.settled(daemons).await;
        let checked = check(&self.sandbox, plan, written, Duration::ZERO).await;
        let counts = (checked.answered, checked.lost, checked.twice, checked.out_of_order);
        assert_eq!(counts, (plan.messages, 0, 0, 0), "answered, lost, twice, out of order\n{}", said(daemons));
        checked
    }

    /// Waits until the inbox is done and the outbox has no message that waits, is on its way or is uncertain.
    async fn settled(&self, daemons: &[&Daemon]) {
        let open = "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'available' AND chat_id IS NOT NULL)
                         + (SELECT COUNT(*) FROM outbox WHERE state IN ('planned', 'sending', 'unknown'))";
        let mut raw = self.db.raw().await;
        let deadline = Instant::now() + Duration::from_secs(360);
        loop {
            let open = raw.number(open).await;
            if open == 0 {
                return;
            }
            assert!(Instant::now() < deadline, "{open} rows are still open\n{}", said(daemons));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// The instance of a hotel.
pub fn instance(number: usize) -> u64 {
    FIRST_INSTANCE + number as u64
}

fn said(daemons: &[&Daemon]) -> String {
    daemons.iter().map(|daemon| daemon.said()).collect::<Vec<_>>().join("\n--\n")
}

/// Collects what a daemon says, and tells its address once it is ready.
async fn listen(
    stderr: tokio::process::ChildStderr,
    said: Arc<Mutex<String>>,
    ready: tokio::sync::oneshot::Sender<String>,
) {
    let mut ready = Some(ready);
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(url) = line.strip_prefix("ready on ") {
            // Who waited may have given up.
            let _ = ready.take().map(|ready| ready.send(url.to_owned()));
        }
        let mut said = said.lock().expect("not poisoned");
        said.push_str(&line);
        said.push('\n');
    }
}

impl Daemon {
    /// SIGKILL, and waits until it is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it is killed");
    }

    /// SIGTERM; returns how it left.
    pub async fn terminate(mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(id.expect("it runs"), rustix::process::Signal::TERM).expect("it is told");
        let status = tokio::time::timeout(SOON, self.child.wait()).await.expect("it leaves").expect("it left");
        (status, begun.elapsed())
    }

    /// What it said so far.
    pub fn said(&self) -> String {
        self.said.lock().expect("not poisoned").clone()
    }
}

/// No joining of bursts and no gap between sends: what is tested is the road, not the manners.
fn hotel(number: usize, receive: &str) -> String {
    let instance = instance(number);
    format!(
        r#"name: Hotel {number}
timezone: Europe/Moscow
languages: [en, ru]
country: RU
check_in_time: "14:00"
check_out_time: "12:00"
whatsapp:
  instance: "{instance}"
  token: env:HOTEL_TOKEN
  webhook_token: env:HOTEL_HOOK
  receive: {receive}
  send_interval: 0ms
conversation: {{ coalesce: 0s }}
knowledge:
  breakfast.hours: {{ en: "07:00–10:30 in the garden restaurant", ru: "с 7:00 до 10:30 в ресторане в саду" }}
  pool: yes
  pets: no
"#
    )
}
