//! Settings: flag, then environment, then `hotelbot.toml` in the folder, then the default; each value remembers which.
//!
//! The environment is handed in, not read, so that tests and commands decide what it is.

use super::database::{self, DatabaseUrl};
use super::diagnose::{ConfigErrors, Finding, Place, nearest, shown};
use super::settings_file::{self, FileValues};
use super::settings_values as values;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The process's environment, or what a test makes of it.
pub type Environment = BTreeMap<String, String>;

/// What the command line said; whatever is `None` was not said.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `-C`, `--dir`.
    pub dir: Option<PathBuf>,
    /// `--database-url`.
    pub database_url: Option<String>,
    /// `serve --listen`.
    pub listen: Option<String>,
    /// `serve --admin-listen`.
    pub admin_listen: Option<String>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag, with its dashes.
    Flag(&'static str),
    /// A variable of the environment.
    Environment(&'static str),
    /// A line of `hotelbot.toml`.
    File {
        /// From 1.
        line: usize,
    },
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(name) | Origin::Environment(name) => f.write_str(name),
            Origin::File { line } => write!(f, "{}:{line}", settings_file::NAME),
            Origin::Default => f.write_str("default"),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug)]
pub struct Sourced<T> {
    /// What holds.
    pub value: T,
    /// Who said so.
    pub origin: Origin,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For eyes.
    Pretty,
    /// For machines.
    Json,
}

/// Every setting of the contract.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Holds `hotels/`, `triggers.yaml`, `hotelbot.toml` and, by default, `data/`. Exists.
    pub dir: Sourced<PathBuf>,
    /// Where everything is kept.
    pub database_url: Sourced<DatabaseUrl>,
    /// Wake-ups and pacing between several daemons; may hold a password.
    pub redis_url: Sourced<Option<SecretString>>,
    /// Webhooks and health.
    pub listen: Sourced<SocketAddr>,
    /// Metrics and the live board; on loopback unless there is an [`admin_token`](Self::admin_token).
    pub admin_listen: Sourced<SocketAddr>,
    /// What the admin listener asks for.
    pub admin_token: Sourced<Option<SecretString>>,
    /// What Green API is told to call; without a slash at the end.
    pub public_url: Sourced<Option<String>>,
    /// Stands in for every hotel's `api_url` and the vendor's host; without a slash at the end.
    pub green_api_url: Sourced<Option<String>>,
    /// Stands in for the vendor's base URL; without a slash at the end.
    pub deepseek_url: Sourced<Option<String>>,
    /// Without it guests get answers from texts and people.
    pub deepseek_api_key: Sourced<Option<SecretString>>,
    /// The model asked.
    pub deepseek_model: Sourced<String>,
    /// The key of secrets in the database; made at first need.
    pub secret_key_file: Sourced<PathBuf>,
    /// A level, or `target=level` by comma.
    pub log: Sourced<String>,
    /// `None`: pretty on a terminal, else JSON.
    pub log_format: Sourced<Option<LogFormat>>,
    /// Variables that look like settings but are none.
    pub warnings: Vec<Finding>,
}

impl Settings {
    /// Every setting, or every mistake in them.
    pub fn load(flags: &Flags, environment: &Environment) -> Result<Self, ConfigErrors> {
        let mut gatherer = Gatherer { flags, environment, file: FileValues::default(), errors: Vec::new() };
        let dir = gatherer.dir();
        gatherer.file = settings_file::read(&dir.value, environment, &mut gatherer.errors);
        let settings = gatherer.settings(dir);
        ConfigErrors::check(gatherer.errors)?;
        Ok(settings)
    }

    /// Whether hotels are run against an emulator, which lifts the vendor's limits.
    pub fn against(&self) -> super::Against {
        match self.green_api_url.value {
            Some(_) => super::Against::Emulator,
            None => super::Against::Vendor,
        }
    }

    /// Name, value and origin of each setting, for `config show`; secrets are masked.
    pub fn rows(&self) -> Vec<(&'static str, String, String)> {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
        let secret = |value: &Option<SecretString>| if value.is_some() { "****".into() } else { "-".to_owned() };
        let format = match self.log_format.value {
            Some(LogFormat::Pretty) => "pretty",
            Some(LogFormat::Json) => "json",
            None => "pretty on a terminal, else json",
        };
        let rows = [
            ("dir", self.dir.value.display().to_string(), &self.dir.origin),
            ("database_url", self.database_url.value.masked(), &self.database_url.origin),
            ("redis_url", values::masked(self.redis_url.value.as_ref()), &self.redis_url.origin),
            ("listen", self.listen.value.to_string(), &self.listen.origin),
            ("admin_listen", self.admin_listen.value.to_string(), &self.admin_listen.origin),
            ("admin_token", secret(&self.admin_token.value), &self.admin_token.origin),
            ("public_url", text(&self.public_url.value), &self.public_url.origin),
            ("green_api_url", text(&self.green_api_url.value), &self.green_api_url.origin),
            ("deepseek_url", text(&self.deepseek_url.value), &self.deepseek_url.origin),
            ("deepseek_api_key", secret(&self.deepseek_api_key.value), &self.deepseek_api_key.origin),
            ("deepseek_model", self.deepseek_model.value.clone(), &self.deepseek_model.origin),
            ("secret_key_file", self.secret_key_file.value.display().to_string(), &self.secret_key_file.origin),
            ("log", self.log.value.clone(), &self.log.origin),
            ("log_format", format.to_owned(), &self.log_format.origin),
        ];
        rows.into_iter().map(|(name, value, origin)| (name, value, origin.to_string())).collect()
    }
}

/// A setting's three names.
#[derive(Clone, Copy)]
struct Names {
    file: &'static str,
    environment: &'static str,
    flag: Option<&'static str>,
}

impl Names {
    const fn new(file: &'static str, environment: &'static str) -> Self {
        Self { file, environment, flag: None }
    }

    const fn or_flag(self, flag: &'static str) -> Self {
        Self { flag: Some(flag), ..self }
    }
}

const DIR: &str = "HOTELBOT_DIR";
const DATABASE_URL: Names = Names::new("database_url", "HOTELBOT_DATABASE_URL").or_flag("--database-url");
const REDIS_URL: Names = Names::new("redis_url", "HOTELBOT_REDIS_URL");
const LISTEN: Names = Names::new("listen", "HOTELBOT_LISTEN").or_flag("--listen");
const ADMIN_LISTEN: Names = Names::new("admin_listen", "HOTELBOT_ADMIN_LISTEN").or_flag("--admin-listen");
const ADMIN_TOKEN: Names = Names::new("admin_token", "HOTELBOT_ADMIN_TOKEN");
const PUBLIC_URL: Names = Names::new("public_url", "HOTELBOT_PUBLIC_URL");
const GREEN_API_URL: Names = Names::new("green_api_url", "HOTELBOT_GREEN_API_URL");
const DEEPSEEK_URL: Names = Names::new("deepseek_url", "HOTELBOT_DEEPSEEK_URL");
const DEEPSEEK_API_KEY: Names = Names::new("deepseek_api_key", "DEEPSEEK_API_KEY");
const DEEPSEEK_MODEL: Names = Names::new("deepseek_model", "HOTELBOT_DEEPSEEK_MODEL");
const SECRET_KEY_FILE: Names = Names::new("secret_key_file", "HOTELBOT_SECRET_KEY_FILE");
const LOG: Names = Names::new("log", "HOTELBOT_LOG");
const LOG_FORMAT: Names = Names::new("log_format", "HOTELBOT_LOG_FORMAT");

const ALL: &[Names] = &[
    DATABASE_URL,
    REDIS_URL,
    LISTEN,
    ADMIN_LISTEN,
    ADMIN_TOKEN,
    PUBLIC_URL,
    GREEN_API_URL,
    DEEPSEEK_URL,
    DEEPSEEK_API_KEY,
    DEEPSEEK_MODEL,
    SECRET_KEY_FILE,
    LOG,
    LOG_FORMAT,
];

/// The names `hotelbot.toml` knows.
pub(crate) fn file_names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|names| names.file)
}

/// What somebody said, and where to point if it is wrong.
struct Said {
    text: String,
    origin: Origin,
    place: Place,
}

struct Gatherer<'i> {
    flags: &'i Flags,
    environment: &'i Environment,
    file: FileValues,
    errors: Vec<Finding>,
}

impl Gatherer<'_> {
    fn dir(&mut self) -> Sourced<PathBuf> {
        let (dir, origin, place) = match (&self.flags.dir, self.environment.get(DIR)) {
            (Some(dir), _) => (dir.clone(), Origin::Flag("--dir"), Place::Flag("--dir".into())),
            (None, Some(dir)) => (PathBuf::from(dir), Origin::Environment(DIR), Place::Environment(DIR.into())),
            (None, None) => (PathBuf::from("."), Origin::Default, Place::Flag("--dir".into())),
        };
        if !dir.is_dir() {
            let message = format!("there is no folder `{}`", shown(&dir.to_string_lossy()));
            self.errors.push(Finding { place, message, fix: Some("make it, or name another".into()) });
        }
        Sourced { value: dir, origin }
    }

    fn settings(&mut self, dir: Sourced<PathBuf>) -> Settings {
        let inside = dir.value.clone();
        let optional_link = |gatherer: &mut Self, names| gatherer.optional(names, values::link);
        let admin_token = self.optional(ADMIN_TOKEN, values::secret);
        let settings = Settings {
            database_url: self
                .or(DATABASE_URL, DatabaseUrl::in_folder(&inside), |text| DatabaseUrl::parse(text, &inside)),
            redis_url: self.optional(REDIS_URL, values::redis),
            listen: self.or(LISTEN, values::LISTEN, values::address),
            admin_listen: self.or(ADMIN_LISTEN, values::ADMIN_LISTEN, values::address),
            public_url: optional_link(self, PUBLIC_URL),
            green_api_url: optional_link(self, GREEN_API_URL),
            deepseek_url: optional_link(self, DEEPSEEK_URL),
            deepseek_api_key: self.optional(DEEPSEEK_API_KEY, values::secret),
            deepseek_model: self.or(DEEPSEEK_MODEL, "deepseek-flash".to_owned(), values::word),
            secret_key_file: self.or(SECRET_KEY_FILE, inside.join("data/secret.key"), |text| Ok(inside.join(text))),
            log: self.or(LOG, "info".to_owned(), values::log),
            log_format: self.optional(LOG_FORMAT, values::log_format),
            warnings: self.unknown_variables(),
            admin_token,
            dir,
        };
        self.check_listeners(&settings);
        self.check_database(&settings);
        settings
    }

    /// What was said about a setting, by precedence.
    fn said(&self, names: Names) -> Option<Said> {
        let flag = match names.flag {
            Some("--database-url") => self.flags.database_url.as_ref(),
            Some("--listen") => self.flags.listen.as_ref(),
            Some("--admin-listen") => self.flags.admin_listen.as_ref(),
            _ => None,
        };
        if let (Some(text), Some(flag)) = (flag, names.flag) {
            return Some(Said { text: text.clone(), origin: Origin::Flag(flag), place: Place::Flag(flag.into()) });
        }
        if let Some(text) = self.environment.get(names.environment) {
            let place = Place::Environment(names.environment.into());
            return Some(Said { text: text.clone(), origin: Origin::Environment(names.environment), place });
        }
        let value = self.file.values.get(names.file)?;
        let origin = Origin::File { line: value.line };
        Some(Said { text: value.text.clone(), origin, place: value.place.clone() })
    }

    /// A setting that may be absent. After a mistake the value is `None`, and the settings are not used.
    fn optional<T>(&mut self, names: Names, read: impl FnOnce(&str) -> Result<T, values::Wrong>) -> Sourced<Option<T>> {
        let Some(said) = self.said(names) else { return Sourced { value: None, origin: Origin::Default } };
        match values::clean(&said.text).and_then(read) {
            Ok(value) => Sourced { value: Some(value), origin: said.origin },
            Err(values::Wrong { message, fix }) => {
                self.errors.push(Finding { place: said.place, message, fix: Some(fix) });
                Sourced { value: None, origin: said.origin }
            }
        }
    }

    fn or<T>(&mut self, names: Names, default: T, read: impl FnOnce(&str) -> Result<T, values::Wrong>) -> Sourced<T> {
        let Sourced { value, origin } = self.optional(names, read);
        Sourced { value: value.unwrap_or(default), origin }
    }

    fn place(&self, names: Names) -> Place {
        self.said(names).map_or_else(|| Place::Environment(names.environment.into()), |said| said.place)
    }

    fn check_listeners(&mut self, settings: &Settings) {
        let admin = settings.admin_listen.value;
        if !admin.ip().is_loopback() && settings.admin_token.value.is_none() {
            let message = format!("`{admin}` can be reached from outside");
            let fix = format!("set `{}`, or listen on 127.0.0.1", ADMIN_TOKEN.environment);
            self.errors.push(Finding { place: self.place(ADMIN_LISTEN), message, fix: Some(fix) });
        }
        let public = settings.listen.value;
        let same_host = public.ip() == admin.ip() || public.ip().is_unspecified() || admin.ip().is_unspecified();
        if public.port() != 0 && public.port() == admin.port() && same_host {
            let message = format!("`{public}` and the admin listener `{admin}` are the same port");
            self.errors.push(Finding { place: self.place(LISTEN), message, fix: Some("choose another port".into()) });
        }
    }

    fn check_database(&mut self, settings: &Settings) {
        if let DatabaseUrl::Sqlite(path) = &settings.database_url.value
            && let Err(values::Wrong { message, fix }) = database::check_file(path)
        {
            self.errors.push(Finding { place: self.place(DATABASE_URL), message, fix: Some(fix) });
        }
    }

    /// A slip in a variable's name would otherwise be a setting silently left at its default.
    fn unknown_variables(&self) -> Vec<Finding> {
        let known = || ALL.iter().map(|names| names.environment).chain([DIR]);
        let ours = self.environment.keys().filter(|name| name.starts_with("HOTELBOT_") && !known().any(|k| k == *name));
        let slips = ours.filter_map(|name| nearest(name, known()).map(|meant| (name, meant)));
        slips
            .map(|(name, meant)| Finding {
                place: Place::Environment(name.clone()),
                message: "this is not a setting".into(),
                fix: Some(format!("did you mean `{meant}`?")),
            })
            .collect()
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
