//! `hotelbot hotels …`

use super::SavePlan;
use clap::{Args, Subcommand, ValueEnum};
use hotelbot::domain::ids::HotelId;
use std::path::PathBuf;

/// The verbs of `hotels`.
#[derive(Subcommand, Debug)]
pub enum Hotels {
    /// List the hotels in force, those with somebody waiting first
    #[command(after_help = "Examples:
  hotelbot hotels list
  hotelbot hotels list --json")]
    List,
    /// Show one hotel in force
    #[command(after_help = "Examples:
  hotelbot hotels show astoria")]
    Show(One),
    /// Onboard a hotel: write its file and check its WhatsApp
    #[command(after_help = "Every question has a flag; asked is only what is missing.

Examples:
  hotelbot hotels add astoria
  hotelbot hotels add astoria --name 'Астория' --timezone Europe/Moscow --languages ru,en \\
      --instance 1101000001 --token env:ASTORIA_TOKEN --contact 'Front desk +79210000000' --yes")]
    Add(Box<Add>),
    /// Check the files in `hotels/`, without any network
    #[command(after_help = "Examples:
  hotelbot hotels check
  hotelbot hotels check --json")]
    Check,
    /// Show what `apply` would change
    #[command(after_help = "Examples:
  hotelbot hotels plan
  hotelbot hotels plan --output spring.plan
  hotelbot hotels plan --exit-code --quiet")]
    Plan(Plan),
    /// Make the hotels in force match `hotels/`
    #[command(after_help = "Examples:
  hotelbot hotels apply
  hotelbot hotels apply --hotel astoria --dry-run
  hotelbot hotels plan --output spring.plan && hotelbot hotels apply spring.plan")]
    Apply(Apply),
    /// Store a secret of a hotel, encrypted; it is read from stdin or a prompt
    #[command(after_help = "The hotel's file refers to it with `token: stored`.

Examples:
  hotelbot hotels secret astoria token
  pass show astoria/token | hotelbot hotels secret astoria token")]
    Secret(Secret),
    /// Stop all outgoing messages of a hotel
    #[command(after_help = "Examples:
  hotelbot hotels pause astoria --reason 'the kitchen is on fire'")]
    Pause(Pause),
    /// Start them again
    #[command(after_help = "Examples:
  hotelbot hotels resume astoria")]
    Resume(One),
}

/// One hotel.
#[derive(Args, Debug)]
pub struct One {
    /// The hotel's id: the name of its file
    #[arg(value_name = "HOTEL", value_parser = HotelId::parse)]
    pub id: HotelId,
}

/// `hotels plan`
#[derive(Args, Debug)]
pub struct Plan {
    /// What becomes of it.
    #[command(flatten)]
    pub save: SavePlan,
    /// Also retire hotels that are in force but have no file
    #[arg(long)]
    pub prune: bool,
}

/// `hotels apply`
#[derive(Args, Debug)]
pub struct Apply {
    /// A plan saved by `hotels plan --output`
    pub plan: Option<PathBuf>,
    /// Also retire hotels that are in force but have no file
    #[arg(long, conflicts_with = "plan")]
    pub prune: bool,
    /// Do not ask Green API about the instances
    #[arg(long)]
    pub offline: bool,
    /// Show what would change, and change nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}

/// `hotels secret`
#[derive(Args, Debug)]
pub struct Secret {
    /// Which.
    #[command(flatten)]
    pub one: One,
    /// Which secret
    pub name: SecretName,
    /// A secret typed here would be seen by everyone who can list processes; taken only to be refused
    #[arg(hide = true)]
    pub refused: Vec<std::ffi::OsString>,
}

/// The secrets a hotel has.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
#[value(rename_all = "snake_case")]
pub enum SecretName {
    /// Green API's apiTokenInstance
    Token,
    /// What Green API shows when it calls the webhook
    WebhookToken,
    /// What the hotel's PMS signs its deliveries with
    PmsSecret,
}

impl SecretName {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            SecretName::Token => "token",
            SecretName::WebhookToken => "webhook_token",
            SecretName::PmsSecret => "pms_secret",
        }
    }
}

/// `hotels pause`
#[derive(Args, Debug)]
pub struct Pause {
    /// Which.
    #[command(flatten)]
    pub one: One,
    /// Why, for whoever looks at `status`
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// `hotels add`
#[derive(Args, Debug)]
pub struct Add {
    /// Which.
    #[command(flatten)]
    pub one: One,
    /// The hotel's name as guests know it
    #[arg(long)]
    pub name: Option<String>,
    /// Its time zone, such as Europe/Moscow
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
    /// Its languages, the first is the fallback, such as ru,en
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub languages: Vec<String>,
    /// Green API's idInstance
    #[arg(long, value_name = "DIGITS")]
    pub instance: Option<String>,
    /// Where the instance's token is: env:NAME, file:PATH or stored
    #[arg(long, value_name = "WHERE")]
    pub token: Option<String>,
    /// How messages come: pushed to the webhook, or polled
    #[arg(long, value_name = "HOW")]
    pub receive: Option<Receive>,
    /// Where the webhook's token is: env:NAME, file:PATH or stored
    #[arg(long, value_name = "WHERE")]
    pub webhook_token: Option<String>,
    /// The instance's own host, when Green API gives one
    #[arg(long, value_name = "URL")]
    pub api_url: Option<String>,
    /// Who answers guests when the bot cannot: a name and a phone
    #[arg(long, value_name = "NAME +PHONE")]
    pub contact: Option<String>,
    /// Do not ask Green API about the instance
    #[arg(long)]
    pub offline: bool,
    /// Show the file, and write nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}

/// How messages come.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receive {
    /// Green API calls this daemon, which needs a public address
    Webhook,
    /// This daemon asks Green API
    Poll,
}

impl Receive {
    /// As files say it.
    pub fn as_str(self) -> &'static str {
        match self {
            Receive::Webhook => "webhook",
            Receive::Poll => "poll",
        }
    }
}
