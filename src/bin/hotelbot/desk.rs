//! What every verb may use: the flags, the printer, the clock, and the ways to settings, database and hotels.

use crate::args::Global;
use crate::fail::{Exit, Failure};
use crate::mask::Guests;
use crate::printer::Printer;
use hotelbot::config::{ConfigErrors, DatabaseUrl, Environment, Flags, Settings};
use hotelbot::domain::ids::HotelId;
use hotelbot::domain::plan::Scope;
use hotelbot::gateways::system::SystemClock;
use hotelbot::ports::Clock;
use hotelbot::store::hotels::HotelInForce;
use hotelbot::store::{Durability, OpenOptions, Store};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::path::Path;
use uuid::Uuid;

/// What every verb may use.
pub struct Desk {
    /// The flags that mean the same everywhere.
    pub global: Global,
    /// The door to stdout and stderr.
    pub printer: Printer,
    /// The process's variables, as far as they are text.
    pub environment: Environment,
}

/// Connections of one command: it asks one thing after another.
const CONNECTIONS: u32 = 2;

impl Desk {
    /// For this process.
    pub fn new(global: Global, printer: Printer) -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { global, printer, environment: std::env::vars_os().filter_map(text).collect() }
    }

    /// The machine's clock.
    pub fn clock(&self) -> SystemClock {
        SystemClock
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock().now()
    }

    /// A new id.
    pub fn new_id(&self) -> Uuid {
        self.clock().new_id()
    }

    /// The person at the keyboard, for the record.
    pub fn who(&self) -> String {
        let name = |variable| self.environment.get(variable).filter(|name| !name.is_empty()).cloned();
        name("SUDO_USER").or_else(|| name("USER")).or_else(|| name("LOGNAME")).unwrap_or_else(|| "unknown".to_owned())
    }

    /// Which hotels `--hotel` speaks of.
    pub fn scope(&self) -> Scope {
        match self.global.hotel.as_slice() {
            [] => Scope::All,
            some => Scope::Only(some.iter().cloned().collect()),
        }
    }

    /// How guests are shown.
    pub fn guests(&self) -> Guests {
        if self.global.reveal { Guests::Revealed } else { Guests::Masked }
    }

    /// What the global flags say about settings.
    pub fn flags(&self) -> Flags {
        Flags { dir: self.global.dir.clone(), database_url: self.global.database_url.clone(), ..Flags::default() }
    }

    /// The settings, from flags, environment and file.
    pub fn settings(&self) -> Result<Settings, ConfigErrors> {
        Settings::load(&self.flags(), &self.environment)
    }

    /// The database, to look at. One that is not there is not made.
    pub async fn store(&self, settings: &Settings) -> anyhow::Result<Store> {
        if let Some(path) = missing_file(settings) {
            return Err(Failure::wrong(format!("there is no database at `{}` yet", path.display()))
                .hint("Run `hotelbot hotels apply` to make the hotels of `hotels/` in force")
                .into());
        }
        self.open(settings, OpenOptions::default()).await
    }

    /// The database, to look at; `None` if it is a SQLite file that is not there yet.
    pub async fn store_if_any(&self, settings: &Settings) -> anyhow::Result<Option<Store>> {
        match missing_file(settings) {
            Some(_) => Ok(None),
            None => Ok(Some(self.open(settings, OpenOptions::default()).await?)),
        }
    }

    /// The database, to change: a SQLite file is made and brought up to date, as the daemon does.
    pub async fn store_to_change(&self, settings: &Settings) -> anyhow::Result<Store> {
        let is_file = make_folder(settings)?;
        self.open(settings, OpenOptions { create: is_file, migrate: is_file, ..OpenOptions::default() }).await
    }

    /// Whether the database is a SQLite file that is not there.
    pub fn is_missing(&self, settings: &Settings) -> bool {
        missing_file(settings).is_some()
    }

    async fn open(&self, settings: &Settings, options: OpenOptions) -> anyhow::Result<Store> {
        let options = OpenOptions { connections: CONNECTIONS, durability: Durability::Any, ..options };
        Ok(Store::open(settings.database_url.value.url().expose_secret(), options).await?)
    }

    /// The hotels in force that `--hotel` asks for, or all of them. A hotel that is not in force is an error.
    pub async fn hotels(&self, store: &Store) -> anyhow::Result<Vec<HotelInForce>> {
        let mut hotels = store.hotels_in_force().await?;
        for wanted in &self.global.hotel {
            if !hotels.iter().any(|known| known.hotel.id == *wanted) {
                return Err(not_in_force(wanted, &hotels).into());
            }
        }
        if !self.global.hotel.is_empty() {
            hotels.retain(|known| self.global.hotel.contains(&known.hotel.id));
        }
        Ok(hotels)
    }

    /// One hotel in force.
    pub async fn hotel(&self, store: &Store, id: &HotelId) -> anyhow::Result<HotelInForce> {
        let mut hotels = store.hotels_in_force().await?;
        match hotels.iter().position(|known| known.hotel.id == *id) {
            Some(place) => Ok(hotels.swap_remove(place)),
            None => Err(not_in_force(id, &hotels).into()),
        }
    }
}

/// The zones of hotels; for one that is no longer in force, UTC.
pub struct Zones(BTreeMap<HotelId, TimeZone>);

impl Zones {
    /// Of these hotels.
    pub fn of(hotels: &[HotelInForce]) -> Self {
        Self(hotels.iter().map(|known| (known.hotel.id.clone(), known.hotel.time_zone())).collect())
    }

    /// The hotel's zone.
    pub fn get(&self, hotel: &HotelId) -> TimeZone {
        self.0.get(hotel).cloned().unwrap_or(TimeZone::UTC)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &TimeZone> {
        self.0.values()
    }
}

/// The SQLite file of the settings, if it is not there.
fn missing_file(settings: &Settings) -> Option<&Path> {
    match &settings.database_url.value {
        DatabaseUrl::Sqlite(path) if !path.exists() => Some(path),
        _ => None,
    }
}

/// Makes the folder of a SQLite file, readable by its owner only; `false` for a server.
pub fn make_folder(settings: &Settings) -> anyhow::Result<bool> {
    let DatabaseUrl::Sqlite(path) = &settings.database_url.value else { return Ok(false) };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|error| {
            Failure::wrong(format!("the folder `{}` cannot be made", folder.display())).because(error)
        })?;
    }
    Ok(true)
}

fn not_in_force(wanted: &HotelId, hotels: &[HotelInForce]) -> Failure {
    let failure = Failure::new(Exit::Wrong, format!("no hotel `{wanted}` is in force"));
    let distance = |known: &HotelId| strsim::damerau_levenshtein(known.as_str(), wanted.as_str());
    let near = hotels.iter().map(|known| &known.hotel.id).min_by_key(|known| distance(known));
    match near.filter(|known| distance(known) <= 2) {
        Some(near) => failure.hint(format!("Did you mean `{near}`?")),
        None => failure.hint("Run `hotelbot hotels list` to see which are, `hotelbot hotels apply` to make it so"),
    }
}
