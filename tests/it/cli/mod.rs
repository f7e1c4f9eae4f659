//! The command line as the program really prints it: exit code, stdout, stderr, in a folder of its own.

mod alerts;
mod chats;
mod db;
mod doctor;
mod help;
mod hotels;
mod misuse;
mod moments;
mod pack;
mod prompts;
mod queues;
mod serve;
mod simulate;
mod status;
mod stays;
mod triggers;
mod yaml;

use crate::support::build;
use crate::support::clock::ManualClock;
use hotelbot::domain::conversation::{HandoffReason, Mode};
use hotelbot::domain::ids::HotelId;
use hotelbot::domain::understanding::Sentiment;
use hotelbot::gateways::system::SystemClock;
use hotelbot::ports::Clock;
use hotelbot::store::chats::TakeChats;
use hotelbot::store::inbox::Arrival;
use hotelbot::store::{OpenOptions, Store};
use jiff::{SignedDuration, Timestamp};
use sqlx::Connection as _;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder with the program's files, and a clock three days behind, at which guests wrote.
pub struct Folder {
    dir: tempfile::TempDir,
    /// For everything that is put into the database.
    pub clock: ManualClock,
}

/// A hotel's file that is right.
pub const ASTORIA: &str = r#"name: Астория, Санкт-Петербург
timezone: Europe/Moscow
languages: [ru, en]
whatsapp:
  instance: "1101000001"
  token: env:ASTORIA_TOKEN
  receive: poll
staff:
  contacts:
    - { id: front_desk, name: Дежурный администратор, whatsapp: "+79210000000" }
knowledge:
  breakfast.hours: { ru: "с 7:00 до 10:30", en: "7:00 to 10:30" }
  pool: no
"#;

/// Another.
pub const VOLGA: &str = r#"name: Волга
timezone: Europe/Samara
languages: [ru]
whatsapp:
  instance: "1101000003"
  token: env:VOLGA_TOKEN
  receive: poll
knowledge:
  pool: yes
"#;

impl Folder {
    /// With nothing in it.
    pub fn new() -> Self {
        let clock = ManualClock::default();
        // Ten minutes past an hour, so that no test's messages lie on both sides of a midnight.
        let hour = 3_600;
        let past = (SystemClock.now().as_second() / hour - 73) * hour + 600;
        let three_days_ago = Timestamp::from_second(past).expect("an instant");
        clock.turn(three_days_ago.duration_since(clock.now()));
        Self { dir: tempfile::tempdir().expect("a folder"), clock }
    }

    /// With the files of two hotels.
    pub fn with_files() -> Self {
        let folder = Self::new();
        folder.write("hotels/astoria.yaml", ASTORIA);
        folder.write("hotels/volga.yaml", VOLGA);
        folder
    }

    /// With two hotels in force.
    pub fn with_hotels() -> Self {
        let folder = Self::with_files();
        let applied = folder.output(&["hotels", "apply", "--offline", "--yes"], "", &[]);
        assert!(applied.status.success(), "{}", shown(&applied));
        folder
    }

    /// Where a file is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file, with its folder.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a name in the folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }

    /// The program in this folder, with nothing of this machine's environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotelbot"));
        command.args(args).current_dir(self.dir.path()).env_clear();
        command.env("NO_COLOR", "1").env("COLUMNS", "100").env("HOME", self.dir.path()).env("USER", "olga");
        command
    }

    /// Runs it to its end.
    pub fn output(&self, args: &[&str], stdin: &str, environment: &[(&str, &str)]) -> Output {
        let mut command = self.command(args);
        command.envs(environment.iter().copied());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // A program that does not read its stdin is no mistake of the test.
        let _ = child.stdin.take().expect("piped").write_all(stdin.as_bytes());
        child.wait_with_output().expect("the program ends")
    }

    /// What running it shows, with everything replaced that differs from run to run.
    pub fn run(&self, args: &[&str]) -> String {
        self.run_with(args, "", &[])
    }

    /// The same with a stdin and variables.
    pub fn run_with(&self, args: &[&str], stdin: &str, environment: &[(&str, &str)]) -> String {
        self.steady(&shown(&self.output(args, stdin, environment)))
    }

    /// Its stdout as JSON.
    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        self.json_with(args, &[])
    }

    /// The same with variables.
    pub fn json_with(&self, args: &[&str], environment: &[(&str, &str)]) -> serde_json::Value {
        let output = self.output(args, "", environment);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error} in {}", shown(&output)))
    }

    /// The text without what differs from run to run.
    pub fn steady(&self, text: &str) -> String {
        let mut text = text.replace(&*self.dir.path().to_string_lossy(), "[DIR]");
        for (pattern, steady) in [
            (r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)", "[STAMP]"),
            (r"[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "[ID]"),
            (r"\d{1,2} [A-Z][a-z]{2} \d\d:\d\d", "[MOMENT]"),
            (r"\d\d:\d\d:\d\d", "[CLOCK]"),
            (r"\d{4}-\d\d-\d\d", "[DATE]"),
            (r"(since|until|due|decided  ) \d\d:\d\d", "$1 [MOMENT]"),
            (r"127\.0\.0\.1:\d{4,5}", "[ADDR]"),
            (r"sqlite 3\.\d+\.\d+", "sqlite [VERSION]"),
        ] {
            text = regex::Regex::new(pattern).expect("a pattern").replace_all(&text, steady).into_owned();
        }
        text
    }

    /// The folder's database.
    pub async fn store(&self) -> Store {
        let url = format!("sqlite:{}", self.path("data/hotelbot.db").display());
        Store::open(&url, OpenOptions::default()).await.expect("a database")
    }

    /// Runs a statement past the store.
    pub async fn execute(&self, statement: &str) {
        let url = format!("sqlite:{}", self.path("data/hotelbot.db").display());
        let mut file = sqlx::SqliteConnection::connect(&url).await.expect("the file opens");
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut file).await.expect("a good statement");
    }

    /// A guest writes to a hotel; nobody has read it yet.
    pub async fn hears(&self, hotel: &str, phone: &str, name: &str, text: &str) {
        let chat = format!("{phone}@c.us");
        let key = self.clock.new_id().to_string();
        let mut arrival: Arrival = build::guest(&self.clock, &build::id(hotel), &chat, &key, text);
        arrival.received.sender_name = Some(name.to_owned());
        self.store().await.receive(vec![arrival]).await.expect("received");
        self.clock.turn(SignedDuration::from_secs(5));
    }

    /// Everything that waits is decided: read as `sentiment`, answered with `reply`.
    pub async fn decides(&self, sentiment: Sentiment, rule: &str, reply: Option<&str>) {
        let store = self.store().await;
        let (by, now) = (self.clock.new_id(), self.clock.now());
        let until = now + SignedDuration::from_mins(1);
        let take = TakeChats { by, now, until, limit: 10, busy: Vec::new() };
        let claims = store.claim_chats(take).await.expect("claimed");
        for gathered in store.gather(claims, now).await.expect("gathered") {
            let mut commit = build::commit(&self.clock, by, &gathered);
            commit.record.rule = rule.to_owned();
            commit.record.reasons = vec!["as the test says".to_owned()];
            commit.record.sentiment = Some(sentiment);
            commit.record.confidence = Some(0.96);
            if sentiment == Sentiment::Negative {
                commit.conversation.waiting_since = Some(now);
                commit.conversation.mode = Mode::Handoff { since: now, until: None, why: HandoffReason::AiHandoff };
            }
            commit.sends.extend(reply.map(|text| build::reply(&self.clock, &format!("reply:{}", commit.turn), text)));
            store.commit_turns(vec![commit]).await.expect("committed");
        }
        self.clock.turn(SignedDuration::from_secs(5));
    }

    /// Two hotels, three guests: one content, one unhappy and waiting, one who writes to both hotels.
    pub async fn with_conversations() -> Self {
        let folder = Self::with_hotels();
        folder.hears("astoria", "79210004567", "Мария Иванова", "Когда завтрак?").await;
        folder.decides(Sentiment::Neutral, "answer", Some("С 7:00 до 10:30")).await;
        folder.hears("astoria", "79210007777", "Pyotr", "В номере холодно, никто не приходит").await;
        folder.decides(Sentiment::Negative, "ai_handoff", Some("Простите! Коллега уже идёт.")).await;
        folder.hears("volga", "79210004567", "Мария Иванова", "Спасибо!").await;
        folder.decides(Sentiment::Positive, "answer", None).await;
        folder
    }
}

/// Exit code, stdout and stderr, as they are.
pub fn shown(output: &Output) -> String {
    let code = output.status.code().map_or_else(|| "signal".to_owned(), |code| code.to_string());
    let mut text = format!("exit {code}\n");
    for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        if !bytes.is_empty() {
            let _ = write!(text, "---- {name}\n{}", String::from_utf8_lossy(bytes));
        }
    }
    text
}

/// A hotel's id.
pub fn id(text: &str) -> HotelId {
    build::id(text)
}

/// Whether a file is there.
pub fn exists(path: &Path) -> bool {
    path.exists()
}
