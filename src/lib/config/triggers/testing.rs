//! A folder with one hotel, for tests.

use super::super::diagnose::ConfigErrors;
use super::super::hotels::{Against, LoadedHotel, parse_hotel};
use super::load::{LoadedTriggers, load_triggers};
use crate::domain::ids::HotelId;
use std::fs;

const HOTEL: &str = r#"
name: Sea View
timezone: Asia/Bangkok
languages: [en, ru]
whatsapp: { instance: "1101000001", token: env:TOKEN, receive: poll }
staff: { contacts: [ { id: front_desk, name: Desk, whatsapp: "+66811111111" } ] }
links: { menu: "https://example.com/menu" }
"#;

/// A hotel with more fields.
pub(super) fn hotel(more: &str) -> LoadedHotel {
    let id = HotelId::parse("sea-view").expect("an id");
    parse_hotel(&id, &format!("{HOTEL}{more}"), Against::Vendor).unwrap_or_else(|errors| panic!("{errors}"))
}

/// What these two files say at a hotel.
pub(super) fn load(base: &str, own: Option<&str>, hotel: &LoadedHotel) -> Result<LoadedTriggers, ConfigErrors> {
    let dir = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(dir.path().join("hotels/sea-view")).expect("a folder");
    fs::write(dir.path().join("triggers.yaml"), base).expect("written");
    if let Some(own) = own {
        fs::write(dir.path().join("hotels/sea-view/triggers.yaml"), own).expect("written");
    }
    load_triggers(dir.path(), std::slice::from_ref(hotel))
}

/// What is wrong with a base pack: line and message; with warnings.
pub(super) fn told(base: &str) -> Vec<String> {
    told_at(base, &hotel(""))
}

/// The same at a hotel.
pub(super) fn told_at(base: &str, hotel: &LoadedHotel) -> Vec<String> {
    let (errors, warnings) = match load(base, None, hotel) {
        Ok(loaded) => (Vec::new(), loaded.warnings),
        Err(errors) => (errors.findings, Vec::new()),
    };
    let line = |mark: &str, finding: &super::super::diagnose::Finding| {
        let place = finding.place.label();
        let number = place.split(':').nth(1).unwrap_or_default();
        format!("{mark}{number} {}", finding.message)
    };
    errors.iter().map(|f| line("", f)).chain(warnings.iter().map(|f| line("warning ", f))).collect()
}
