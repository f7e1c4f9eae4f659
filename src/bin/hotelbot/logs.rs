//! Logs: to stderr, for the daemon by its settings, for other commands only as `-v` asks.

use crate::args::Global;
use hotelbot::config::{LogFormat, Settings};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// The daemon tells what it does.
pub fn start_for_daemon(settings: &Settings, global: &Global) {
    let pretty = match settings.log_format.value {
        Some(LogFormat::Pretty) => true,
        Some(LogFormat::Json) => false,
        None => std::io::stderr().is_terminal(),
    };
    let said = match (global.quiet, global.verbose) {
        (0, 0) => settings.log.value.as_str(),
        (0, 1) => "info",
        (0, _) => "info,hotelbot=debug",
        (1, _) => "warn",
        _ => "error",
    };
    start(said, pretty);
}

/// Other commands speak through the printer; logs are for looking into them.
pub fn start_for_command(global: &Global) {
    match global.verbose {
        0 => {}
        1 => start("warn,hotelbot=info", true),
        _ => start("info,hotelbot=debug", true),
    }
}

/// Variables that look like settings and are none.
pub fn warn(settings: &Settings) {
    for finding in &settings.warnings {
        let fix = finding.fix.as_deref().unwrap_or_default();
        tracing::warn!(setting = finding.place.label(), fix, "{}", finding.message);
    }
}

fn start(filter: &str, pretty: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_default();
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if pretty {
        logs.compact().with_target(false).with_ansi(std::io::stderr().is_terminal()).init();
    } else {
        logs.json().with_target(false).init();
    }
}
