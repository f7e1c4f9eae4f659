//! `hotels check`: the files alone, without any network.

use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::printer::Report;
use crate::words;
use hotelbot::config::{ConfigErrors, Finding, LoadedHotel, Settings, diagnose, load_hotels, load_triggers_header};
use hotelbot::domain::ids::HotelId;
use serde::Serialize;

/// What is in the files.
#[derive(Serialize)]
struct Checked {
    hotels: Vec<String>,
    errors: Vec<Finding>,
    warnings: Vec<Finding>,
}

/// Reads every file, the triggers with them, and says everything that is wrong.
pub fn run(desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    match crate::triggers::read(&settings, &desk.global.hotel) {
        Ok((hotels, triggers)) => {
            let ids = hotels.iter().map(|loaded| loaded.hotel.id.to_string()).collect();
            let of_hotels = hotels.into_iter().flat_map(|loaded| loaded.warnings);
            let warnings = of_hotels.chain(triggers.warnings).collect();
            desk.printer.report(&Checked { hotels: ids, errors: Vec::new(), warnings })?;
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

/// The hotels of the files, of these ids only if there are any; every mistake of every file at once.
pub fn read(settings: &Settings, scope: &[HotelId]) -> anyhow::Result<Vec<LoadedHotel>> {
    let dir = &settings.dir.value;
    let hotels = load_hotels(dir, settings.against());
    let triggers = load_triggers_header(dir);
    let mut hotels = match (hotels, triggers) {
        (Ok(hotels), Ok(_)) => hotels,
        (hotels, triggers) => {
            let findings = hotels.err().into_iter().chain(triggers.err()).flat_map(|errors| errors.findings);
            return Err(ConfigErrors { findings: findings.collect() }.into());
        }
    };
    if let Some(missing) = scope.iter().find(|id| !hotels.iter().any(|loaded| loaded.hotel.id == **id)) {
        return Err(Failure::wrong(format!("there is no file `hotels/{missing}.yaml`"))
            .hint(format!("Run `hotelbot hotels add {missing}` to write one"))
            .into());
    }
    if !scope.is_empty() {
        hotels.retain(|loaded| scope.contains(&loaded.hotel.id));
    }
    Ok(hotels)
}

impl Report for Checked {
    fn text(&self) -> String {
        let hotels = words::count(self.hotels.len(), "hotel is", "hotels are");
        if self.warnings.is_empty() {
            return format!("{hotels} written correctly: {}\n", self.hotels.join(", "));
        }
        let look = words::count(self.warnings.len(), "line deserves", "lines deserve");
        let list = diagnose::render(&self.warnings);
        format!("{hotels} written correctly: {}\n{look} a second look\n\n{list}", self.hotels.join(", "))
    }
}
