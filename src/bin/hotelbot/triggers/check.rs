//! `triggers check`: the files alone, without database or network.

use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::printer::Report;
use crate::words;
use hotelbot::config::{
    ConfigErrors, Finding, LoadedHotel, LoadedTriggers, Settings, diagnose, load_right_hotels, load_triggers,
};
use hotelbot::domain::ids::HotelId;
use hotelbot::domain::trigger::{Trigger, TriggerSet};
use serde::Serialize;
use std::fmt::Write as _;

/// What is in the files.
#[derive(Serialize)]
struct Checked {
    hotels: Vec<AtHotel>,
    errors: Vec<Finding>,
    warnings: Vec<Finding>,
}

/// What holds at one hotel.
#[derive(Serialize)]
struct AtHotel {
    hotel: HotelId,
    triggers: Vec<One>,
}

/// One trigger of a hotel.
#[derive(Serialize)]
struct One {
    trigger: String,
    about: Option<String>,
    enabled: bool,
    mode: &'static str,
    priority: i64,
}

/// Reads every file, and says everything that is wrong.
pub fn run(desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    match read(&settings, &desk.global.hotel) {
        Ok((_, triggers)) => {
            let hotels = triggers.sets.iter().map(|(hotel, set)| at_hotel(hotel, set)).collect();
            desk.printer.report(&Checked { hotels, errors: Vec::new(), warnings: triggers.warnings })?;
            Ok(Exit::Done)
        }
        Err(error) if desk.printer.is_json() => {
            let errors = error.downcast::<ConfigErrors>()?.findings;
            desk.printer.report(&Checked { hotels: Vec::new(), errors, warnings: Vec::new() })?;
            Ok(Exit::Wrong)
        }
        Err(error) => Err(error),
    }
}

/// The hotels of the files and what their triggers are, of these ids only if there are any; every mistake of every file
/// at once.
pub fn read(settings: &Settings, scope: &[HotelId]) -> anyhow::Result<(Vec<LoadedHotel>, LoadedTriggers)> {
    let dir = &settings.dir.value;
    let (mut hotels, mut mistakes) = load_right_hotels(dir, settings.against());
    if !mistakes.is_empty() {
        // The triggers have their own mistakes, whatever the hotels have.
        mistakes.extend(load_triggers(dir, &hotels).err().into_iter().flat_map(|errors| errors.findings));
        mistakes.sort();
        mistakes.dedup();
        return Err(ConfigErrors { findings: mistakes }.into());
    }
    if let Some(missing) = scope.iter().find(|id| !hotels.iter().any(|loaded| loaded.hotel.id == **id)) {
        return Err(Failure::wrong(format!("there is no file `hotels/{missing}.yaml`"))
            .hint(format!("Run `hotelbot hotels add {missing}` to write one"))
            .into());
    }
    if !scope.is_empty() {
        hotels.retain(|loaded| scope.contains(&loaded.hotel.id));
    }
    let triggers = load_triggers(dir, &hotels)?;
    Ok((hotels, triggers))
}

fn at_hotel(hotel: &HotelId, set: &TriggerSet) -> AtHotel {
    let one = |trigger: &Trigger| One {
        trigger: trigger.id.to_string(),
        about: trigger.about.clone(),
        enabled: trigger.enabled,
        mode: trigger.mode.as_str(),
        priority: trigger.priority,
    };
    AtHotel { hotel: hotel.clone(), triggers: set.triggers.values().map(one).collect() }
}

impl Report for Checked {
    fn text(&self) -> String {
        let mut screen = String::new();
        let longest = self.hotels.iter().map(|at| at.hotel.as_str().len()).max().unwrap_or(0);
        // Writing to a String cannot fail.
        for AtHotel { hotel, triggers } in &self.hotels {
            let count = words::count(triggers.len(), "trigger is", "triggers are");
            let off = triggers.iter().filter(|trigger| !trigger.enabled).count();
            let off = match off {
                0 => String::new(),
                off if off == triggers.len() => ", switched off".to_owned(),
                off => format!(", {off} of them switched off"),
            };
            let _ = writeln!(screen, "{:longest$}  {count} written correctly{off}", hotel.as_str());
        }
        if self.hotels.is_empty() {
            screen.push_str("There are no hotels yet; the files are written correctly\n");
        }
        if !self.warnings.is_empty() {
            let look = words::count(self.warnings.len(), "line deserves", "lines deserve");
            let _ = write!(screen, "{look} a second look\n\n{}", diagnose::render(&self.warnings));
        }
        screen
    }
}
