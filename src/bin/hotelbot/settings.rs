//! The settings of this run: flags, environment, file, defaults.

use crate::args::Global;
use crate::fail::{Exit, Failure};
use hotelbot::config::{Environment, Flags, Settings};
use hotelbot::store::StoreError;

/// The process's environment; what is not UTF-8 is nobody's setting.
pub fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The flags that are settings.
pub fn flags(global: &Global) -> Flags {
    Flags { dir: global.dir.clone(), database_url: global.database_url.clone(), ..Flags::default() }
}

/// Every setting, or every mistake in them.
pub fn load(flags: &Flags, environment: &Environment) -> anyhow::Result<Settings> {
    Settings::load(flags, environment)
        .map_err(|errors| Failure::wrong(errors.to_string().trim_start_matches("error: ")).into())
}

/// A database that does not answer is another matter than one that does not fit.
pub fn database_failure(error: anyhow::Error) -> anyhow::Error {
    let exit = match error.chain().find_map(|cause| cause.downcast_ref::<StoreError>()) {
        Some(StoreError::Unavailable(_)) => Exit::Unavailable,
        Some(StoreError::Conflict(_)) => Exit::Conflict,
        Some(StoreError::Refused(_)) => Exit::Wrong,
        _ => Exit::No,
    };
    Failure::new(exit, "The database cannot be used").because(error.into_boxed_dyn_error()).into()
}
