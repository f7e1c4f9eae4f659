//! `hotelbot config show`: each setting, where it came from, secrets masked.

use crate::args::Config;
use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use crate::grid::{Grid, Tone, cell, toned};
use crate::printer::Report;
use hotelbot::config::Finding;
use serde::Serialize;

#[derive(Serialize)]
struct Setting {
    name: &'static str,
    value: String,
    origin: String,
}

#[derive(Serialize)]
struct Shown {
    settings: Vec<Setting>,
    warnings: Vec<Finding>,
}

/// Runs the one verb.
pub fn run(verb: Config, desk: &Desk) -> Outcome {
    let Config::Show = verb;
    let settings = desk.settings()?;
    let rows = settings.rows().into_iter().map(|(name, value, origin)| Setting { name, value, origin });
    desk.printer.report(&Shown { settings: rows.collect(), warnings: settings.warnings.clone() })?;
    Ok(Exit::Done)
}

impl Report for Shown {
    fn text(&self) -> String {
        let mut grid = Grid::new(&["SETTING", "VALUE", "FROM"]);
        for setting in &self.settings {
            let tone = if setting.origin == "default" { Tone::Dim } else { Tone::Plain };
            grid.row([cell(setting.name), cell(&setting.value), toned(&setting.origin, tone)]);
        }
        let mut text = grid.text();
        if !self.warnings.is_empty() {
            text.push('\n');
            text.push_str(&hotelbot::config::diagnose::render(&self.warnings));
        }
        text
    }
}
