//! The whole command line as types; no behaviour.

pub mod alerts;
pub mod chats;
pub mod guests;
pub mod hotels;
pub mod prompts;
pub mod queues;
mod since;
pub mod stays;
pub mod triggers;
mod values;

pub use since::Since;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use hotelbot::domain::ids::HotelId;
use std::path::PathBuf;

/// Runs the WhatsApp bots of many hotels
#[derive(Parser, Debug)]
#[command(name = "hotelbot", version, disable_help_subcommand = false, max_term_width = 100)]
pub struct Cli {
    /// Flags that mean the same everywhere.
    #[command(flatten)]
    pub global: Global,
    /// What to do; nothing asked shows what there is.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The heading of the flags that every command has.
const GLOBAL: &str = "Global options";

/// Flags that mean the same everywhere.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = GLOBAL)]
pub struct Global {
    /// Work on this hotel only; repeat for several
    #[arg(long, global = true, value_name = "ID", value_parser = HotelId::parse)]
    pub hotel: Vec<HotelId>,
    /// Print JSON instead of text (JSON Lines where the output never ends)
    #[arg(long, global = true)]
    pub json: bool,
    /// Do not ask for confirmation
    #[arg(long, short, global = true)]
    pub yes: bool,
    /// Never ask; fail if an answer is needed
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Say less; twice to say nothing but errors
    #[arg(long, short, global = true, action = ArgAction::Count, conflicts_with = "verbose")]
    pub quiet: u8,
    /// Say more; twice for debug
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// The folder with `hotels/`, `hotelbot.toml` and, by default, `data/` [env: HOTELBOT_DIR] [default: .]
    #[arg(long, short = 'C', global = true, value_name = "DIR", hide_short_help = true)]
    pub dir: Option<PathBuf>,
    /// The database, `sqlite:PATH` or `postgres://…` [env: HOTELBOT_DATABASE_URL] [default: sqlite:data/hotelbot.db]
    #[arg(long, global = true, value_name = "URL", hide_short_help = true)]
    pub database_url: Option<String>,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_short_help = true)]
    pub color: When,
    /// Show phone numbers and names in full
    #[arg(long, global = true, hide_short_help = true)]
    pub reveal: bool,
}

/// When to use colours.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Also into files and pipes
    Always,
    /// Not at all
    Never,
}

/// Every noun and every verb without one.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// A whole hotel in a minute: emulators, daemon, guests writing
    Demo(DemoArgs),
    /// Run the daemon: webhook listener, workers and looks at the instances
    Serve(ServeArgs),
    /// Emulate Green API and DeepSeek on one port, to try and to test against
    Sandbox(SandboxArgs),
    /// Show what every hotel is doing right now
    #[command(after_help = "Exit 1 if something needs a person.

Examples:
  hotelbot status
  hotelbot status --json")]
    Status,
    /// Check configuration, database, Redis, Green API and DeepSeek
    Doctor(DoctorArgs),
    /// Onboard hotels and keep them in step with hotels/*.yaml
    #[command(subcommand)]
    Hotels(hotels::Hotels),
    /// What guests are told at which moment of a stay: triggers.yaml
    #[command(subcommand)]
    Triggers(triggers::Triggers),
    /// Try DeepSeek prompts
    #[command(subcommand)]
    Prompts(prompts::Prompts),
    /// Show the settings and where they come from
    #[command(subcommand)]
    Config(Config),
    /// Read, follow and take over conversations
    #[command(subcommand)]
    Chats(chats::Chats),
    /// See what needs a person, take it and end it
    #[command(subcommand)]
    Alerts(alerts::Alerts),
    /// Import, look at and correct reservations
    #[command(subcommand)]
    Stays(stays::Stays),
    /// See who the guests are, and join two records of one
    #[command(subcommand)]
    Guests(guests::Guests),
    /// Inspect received messages that could not be handled
    #[command(subcommand)]
    Inbox(queues::Inbox),
    /// Inspect, retry and cancel messages waiting to be sent
    #[command(subcommand)]
    Outbox(queues::Outbox),
    /// Show and migrate the database
    #[command(subcommand)]
    Db(Db),
    /// Measure this machine's own daemon against the emulators, and check every message
    Bench(BenchArgs),
    /// Print a completion script for your shell
    #[command(after_help = "Examples:
  hotelbot completions bash > /etc/bash_completion.d/hotelbot
  hotelbot completions fish > ~/.config/fish/completions/hotelbot.fish")]
    Completions {
        /// Your shell
        shell: clap_complete::Shell,
    },
}

/// The verbs of `db`.
#[derive(Subcommand, Debug)]
pub enum Db {
    /// Show which schema the database has
    #[command(after_help = "Exit 1 if migrations wait to be applied.

Examples:
  hotelbot db status")]
    Status,
    /// Apply the migrations that wait; makes a SQLite file that is not there
    #[command(after_help = "Examples:
  hotelbot db migrate
  hotelbot db migrate --dry-run")]
    Migrate {
        /// Show what would be applied, and apply nothing
        #[arg(long, conflicts_with = "yes")]
        dry_run: bool,
    },
}

/// The verbs of `config`.
#[derive(Subcommand, Debug)]
pub enum Config {
    /// Show each setting and where it came from; secrets are masked
    #[command(after_help = "Examples:
  hotelbot config show
  HOTELBOT_LISTEN=0.0.0.0:80 hotelbot config show --json")]
    Show,
}

/// What `serve` takes.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  hotelbot serve
  hotelbot serve --listen 0.0.0.0:8080
  hotelbot serve --role web --database-url postgres://bot@db/hotelbot

Prints `ready on http://ADDR` to stderr when it accepts requests.
Ctrl-C or SIGTERM once: end what is under way and leave within 15 s; twice: leave at once.")]
pub struct ServeArgs {
    /// Where webhooks and health checks are served [env: HOTELBOT_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Where metrics are served; for inside only [env: HOTELBOT_ADMIN_LISTEN] [default: 127.0.0.1:9464]
    #[arg(long, value_name = "ADDR", hide_short_help = true)]
    pub admin_listen: Option<String>,
    /// Run only these parts, when several daemons share one PostgreSQL
    #[arg(long, value_name = "ROLES", value_delimiter = ',', default_value = "web,worker,scheduler")]
    pub role: Vec<Role>,
    /// Apply pending migrations on PostgreSQL, too; on SQLite they always are
    #[arg(long)]
    pub migrate: bool,
    /// Accept a PostgreSQL that may lose what it acknowledged; for throw-away databases
    #[arg(long, hide_short_help = true)]
    pub unsafe_durability: bool,
}

/// A part of the daemon.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Webhooks, polling and health
    Web,
    /// Turns and sends
    Worker,
    /// Looks at instances, and at what is uncertain
    Scheduler,
}

/// What `demo` takes.
#[derive(Args, Debug)]
#[command(after_help = "Needs nothing and leaves nothing behind. Exit 0 only if each step really happened.

Examples:
  hotelbot demo
  hotelbot demo --no-wait
  DEEPSEEK_API_KEY=… hotelbot demo --live-ai")]
pub struct DemoArgs {
    /// End after the three conversations instead of letting you write as a guest
    #[arg(long)]
    pub no_wait: bool,
    /// Ask the real DeepSeek; needs DEEPSEEK_API_KEY
    #[arg(long)]
    pub live_ai: bool,
}

/// What `bench` takes.
#[derive(Args, Debug, Clone)]
#[command(
    after_help = "Sends to loopback only, is bounded, and stops by itself. Without `--database-url` it uses a SQLite file in a
temporary folder; with a PostgreSQL it makes a schema of its own there and drops it.

Examples:
  hotelbot bench
  hotelbot bench --database-url postgres://postgres@127.0.0.1/postgres
  hotelbot bench --road-only --model-latency 800ms --rate 500 --messages 10000"
)]
pub struct BenchArgs {
    /// Messages in each measurement
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    pub messages: usize,
    /// Hotels they go to
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1_000))]
    pub hotels: usize,
    /// Guests of each hotel
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=10_000))]
    pub chats: usize,
    /// How long the emulated model takes to answer
    #[arg(long, value_name = "TIME", default_value = "0ms", value_parser = values::duration)]
    pub model_latency: std::time::Duration,
    /// Messages a second; without it as fast as they are acknowledged
    #[arg(long, value_name = "N")]
    pub rate: Option<f64>,
    /// Measure only the acknowledgement of webhooks
    #[arg(long, conflicts_with = "road_only")]
    pub intake_only: bool,
    /// Measure only the whole road
    #[arg(long)]
    pub road_only: bool,
}

/// What `doctor` takes.
#[derive(Args, Debug)]
#[command(after_help = "Stops at nothing; exit 1 if any check failed.

Examples:
  hotelbot doctor
  hotelbot doctor --hotel astoria
  hotelbot doctor --offline")]
pub struct DoctorArgs {
    /// Check only what needs no network: files, settings, secrets, a SQLite database
    #[arg(long)]
    pub offline: bool,
}

/// What `sandbox` takes.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  hotelbot sandbox
  hotelbot sandbox --listen 127.0.0.1:0 --time-scale 60

With it running, `HOTELBOT_GREEN_API_URL` and `HOTELBOT_DEEPSEEK_URL` point hotelbot at it.")]
pub struct SandboxArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9900")]
    pub listen: std::net::SocketAddr,
    /// How many emulated seconds pass in a real one; shortens the vendors' waits
    #[arg(long, value_name = "TIMES", default_value_t = 1.0, value_parser = values::time_scale)]
    pub time_scale: f64,
    /// Do not limit calls per second, as Green API does
    #[arg(long)]
    pub no_rate_limits: bool,
    /// How long the emulated model takes to answer, such as 800ms
    #[arg(long, value_name = "TIME", default_value = "0ms", value_parser = values::duration)]
    pub model_latency: std::time::Duration,
}

/// What becomes of a plan.
#[derive(Args, Debug)]
pub struct SavePlan {
    /// Save the plan, for `apply`; `-` is stdout
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exit 3 when there are changes
    #[arg(long)]
    pub exit_code: bool,
}
