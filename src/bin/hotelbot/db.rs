//! `hotelbot db`: which schema the database has, and bringing it up to date.

use crate::args::Db;
use crate::desk::{Desk, make_folder};
use crate::fail::{Exit, Outcome};
use crate::printer::Report;
use crate::unfinished;
use crate::words;
use hotelbot::config::Settings;
use hotelbot::store::open::Schema;
use hotelbot::store::{Durability, OpenOptions, Store, StoreError};
use secrecy::ExposeSecret;
use serde::Serialize;

/// The schema of a database.
#[derive(Serialize)]
struct State {
    database: String,
    #[serde(flatten)]
    schema: Schema,
    exists: bool,
    /// Imports and applies that were not brought to their end.
    unfinished: Vec<String>,
}

/// What `migrate` did or would do.
#[derive(Serialize)]
struct Migrated {
    database: String,
    applied: usize,
    schema: i64,
    dry_run: bool,
}

/// Runs one verb.
pub async fn run(verb: Db, desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    match verb {
        Db::Status => status(&settings, desk).await,
        Db::Migrate { dry_run } => migrate(&settings, dry_run, desk).await,
    }
}

async fn status(settings: &Settings, desk: &Desk) -> Outcome {
    let state = look(settings, desk).await?;
    desk.printer.report(&state)?;
    Ok(if state.schema.pending.is_empty() { Exit::Done } else { Exit::No })
}

async fn migrate(settings: &Settings, dry_run: bool, desk: &Desk) -> Outcome {
    let database = settings.database_url.value.masked();
    if dry_run {
        let state = look(settings, desk).await?;
        let schema = state.schema.known;
        desk.printer.report(&Migrated { database, applied: state.schema.pending.len(), schema, dry_run })?;
        return Ok(Exit::Done);
    }
    let create = make_folder(settings)?;
    let store = connect(settings, create).await?;
    refuse_newer(&store.schema().await?)?;
    let progress = desk.printer.progress("Migrating the database");
    let applied = store.migrate().await;
    progress.finish_and_clear();
    let schema = store.schema().await?.applied;
    desk.printer.report(&Migrated { database, applied: applied?, schema, dry_run })?;
    Ok(Exit::Done)
}

/// Looks without making a file that is not there.
async fn look(settings: &Settings, desk: &Desk) -> anyhow::Result<State> {
    let database = settings.database_url.value.masked();
    if desk.is_missing(settings) {
        let pending = Store::known_migrations("sqlite");
        let known = pending.iter().copied().max().unwrap_or(0);
        let schema = Schema { engine: "sqlite".to_owned(), applied: 0, known, pending };
        return Ok(State { database, schema, exists: false, unfinished: Vec::new() });
    }
    let store = connect(settings, false).await?;
    let schema = store.schema().await?;
    refuse_newer(&schema)?;
    let unfinished = match schema.pending.is_empty() {
        true => unfinished::lines(&store, desk.now()).await?,
        false => Vec::new(),
    };
    Ok(State { database, schema, exists: true, unfinished })
}

async fn connect(settings: &Settings, create: bool) -> Result<Store, StoreError> {
    let options = OpenOptions { connections: 2, create, durability: Durability::Any, ..OpenOptions::default() };
    Store::connect(settings.database_url.value.url().expose_secret(), options).await
}

/// A database that a newer program has migrated is left alone.
fn refuse_newer(schema: &Schema) -> Result<(), StoreError> {
    if schema.applied <= schema.known {
        return Ok(());
    }
    let (applied, known) = (schema.applied, schema.known);
    Err(StoreError::Refused(format!(
        "the database has schema {applied}, this program knows {known}: use the newer program"
    )))
}

impl Report for State {
    fn text(&self) -> String {
        if !self.exists {
            return format!("There is no database at {} yet\n\nMake it: hotelbot db migrate\n", self.database);
        }
        let head = format!("{}\n{}, schema {}", self.database, self.schema.engine, self.schema.applied);
        match self.schema.pending.len() {
            0 if self.unfinished.is_empty() => format!("{head}, no migration waiting\n"),
            0 => {
                let lines = self.unfinished.join("\n");
                format!("{head}, no migration waiting\n\n{lines}\n\n{}\n", unfinished::HINT)
            }
            count => {
                let waiting = words::count(count, "migration", "migrations");
                format!("{head}, {waiting} waiting\n\nApply: hotelbot db migrate\n")
            }
        }
    }
}

impl Report for Migrated {
    fn text(&self) -> String {
        let Migrated { database, applied, schema, dry_run } = self;
        let migrations = words::count(*applied, "migration", "migrations");
        match (*applied, *dry_run) {
            (0, _) => format!("{database} has schema {schema}; nothing to apply\n"),
            (_, true) => format!("Would apply {migrations} to {database}, up to schema {schema}\n"),
            (_, false) => format!("Applied {migrations} to {database}; it has schema {schema}\n"),
        }
    }
}
