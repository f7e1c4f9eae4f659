//! What a template may print: of the guest, the stay, the hotel, its links and facts, and the PMS's own fields.

use super::dates;
use crate::domain::hotel::Hotel;
use crate::domain::knowledge::FactValue;
use crate::domain::language::Language;
use crate::domain::stay::Reservation;
use jiff::civil::{Date, Time};
use minijinja::Value;
use std::collections::BTreeMap;

/// A variable with a name of ours; the names under `links`, `custom` and `hotel.facts` are the hotel's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownName {
    /// With its group.
    pub name: &'static str,
    /// Whether it is known for every guest.
    pub always: bool,
    /// What it is.
    pub about: &'static str,
    /// As it may look.
    pub example: &'static str,
}

const fn name(name: &'static str, always: bool, about: &'static str, example: &'static str) -> KnownName {
    KnownName { name, always, about, example }
}

/// Every variable with a name of ours.
pub const NAMES: &[KnownName] = &[
    name("guest.first_name", false, "the guest's first name", "Anna"),
    name("guest.name", false, "the guest's whole name", "Anna Petrova"),
    name("guest.language", false, "the guest's language, as a code", "ru"),
    name("guest.country", false, "the guest's country, as a code", "RU"),
    name("stay.reservation_id", true, "the reservation's number", "R-1001"),
    name("stay.arrival", true, "the day of arrival", "24 July"),
    name("stay.departure", true, "the day of departure", "27 July"),
    name("stay.check_in", true, "the day of arrival", "24 July"),
    name("stay.check_out", true, "the day of departure", "27 July"),
    name("stay.arrival_date", true, "the day of arrival, in digits", "2026-07-24"),
    name("stay.departure_date", true, "the day of departure, in digits", "2026-07-27"),
    name("stay.arrival_time", true, "when the guest may come", "14:00"),
    name("stay.departure_time", true, "until when the guest may stay", "12:00"),
    name("stay.nights", true, "how many nights", "3"),
    name("stay.room", false, "the room", "412"),
    name("stay.room_type", false, "the class of room", "suite"),
    name("stay.rate_plan", false, "the rate", "breakfast"),
    name("stay.adults", false, "how many adults", "2"),
    name("stay.children", false, "how many children", "1"),
    name("hotel.name", true, "the hotel's name", "Sea View Hotel"),
    name("hotel.check_in_time", true, "from when rooms are ready", "14:00"),
    name("hotel.check_out_time", true, "until when rooms are kept", "12:00"),
];

/// The longest value that came from outside, in characters (faults C9).
const LONGEST_VALUE: usize = 128;
/// The longest value of the hotel's own: a fact.
const LONGEST_FACT: usize = 1_000;

/// The values of one message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variables(BTreeMap<String, Value>);

impl Variables {
    /// Of a hotel and one reservation, for a text in a language: dates and facts are told in it.
    pub fn of(hotel: &Hotel, reservation: &Reservation, language: Language) -> Self {
        let mut variables = Self::of_hotel(hotel, language);
        variables.add_guest(reservation);
        variables.add_stay(hotel, reservation, language);
        variables
    }

    /// Of a hotel, for nobody in particular.
    pub fn of_hotel(hotel: &Hotel, language: Language) -> Self {
        let mut variables = Self::default();
        variables.put("hotel.name", hotel.name.as_str());
        variables.put("hotel.check_in_time", clock(hotel.check_in_time));
        variables.put("hotel.check_out_time", clock(hotel.check_out_time));
        for (name, address) in &hotel.links {
            variables.put(&format!("links.{name}"), address.as_str());
        }
        for fact in &hotel.knowledge {
            if let FactValue::Text(texts) = &fact.value
                && let Some(text) = in_language(texts, language, &hotel.languages)
            {
                let name = fact_name(fact.id.as_str());
                variables.put(&format!("hotel.facts.{name}"), cut(text, LONGEST_FACT));
            }
        }
        variables
    }

    /// Sets a value; a blank text is no value.
    pub fn put(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        if value.as_str().is_none_or(|text| !text.trim().is_empty()) {
            self.0.insert(name.to_owned(), value);
        }
    }

    /// Takes a value away.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Whether there is a value.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The names of the values, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    fn add_guest(&mut self, reservation: &Reservation) {
        let booking = &reservation.booking;
        if let Some(name) = booking.guest_name.as_deref() {
            self.put("guest.name", guest_text(name));
            self.put("guest.first_name", first_name(name).unwrap_or_default());
        }
        if let Some(language) = booking.language {
            self.put("guest.language", language.as_str());
        }
        self.put_text("guest.country", booking.country.as_deref());
    }

    fn add_stay(&mut self, hotel: &Hotel, reservation: &Reservation, language: Language) {
        let booking = &reservation.booking;
        self.put("stay.reservation_id", guest_text(booking.id.as_str()));
        self.put_day("arrival", "check_in", booking.arrival.date, language);
        self.put_day("departure", "check_out", booking.departure.date, language);
        self.put("stay.arrival_time", clock(booking.arrival.time.unwrap_or(hotel.check_in_time)));
        self.put("stay.departure_time", clock(booking.departure.time.unwrap_or(hotel.check_out_time)));
        self.put("stay.nights", reservation.nights());
        self.put_text("stay.room", booking.room.as_deref());
        self.put_text("stay.room_type", booking.room_type.as_deref());
        self.put_text("stay.rate_plan", booking.rate_plan.as_deref());
        let persons = [("stay.adults", booking.adults), ("stay.children", booking.children)];
        for (name, count) in persons {
            if let Some(count) = count {
                self.put(name, count);
            }
        }
        for (key, value) in &booking.custom {
            self.put(&format!("custom.{key}"), guest_text(value));
        }
    }

    fn put_day(&mut self, name: &str, other: &str, date: Date, language: Language) {
        let words = dates::in_words(date, language);
        self.put(&format!("stay.{other}"), words.as_str());
        self.put(&format!("stay.{name}_date"), date.to_string());
        self.put(&format!("stay.{name}"), words);
    }

    fn put_text(&mut self, name: &str, text: Option<&str>) {
        self.put(name, guest_text(text.unwrap_or_default()));
    }

    /// As the engine takes them. The groups are there even if they are empty.
    pub(super) fn value(&self) -> Value {
        let mut groups: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        for group in ["guest", "stay", "hotel", "links", "custom"] {
            groups.insert(group.to_owned(), BTreeMap::new());
        }
        let mut facts: BTreeMap<String, Value> = BTreeMap::new();
        for (name, value) in &self.0 {
            if let Some(fact) = name.strip_prefix("hotel.facts.") {
                facts.insert(fact.to_owned(), value.clone());
            } else if let Some((group, name)) = name.split_once('.') {
                groups.entry(group.to_owned()).or_default().insert(name.to_owned(), value.clone());
            }
        }
        groups.entry("hotel".to_owned()).or_default().insert("facts".to_owned(), Value::from(facts));
        Value::from(groups.into_iter().map(|(group, names)| (group, Value::from(names))).collect::<BTreeMap<_, _>>())
    }
}

/// The variable of a fact: `breakfast.hours` is `hotel.facts.breakfast_hours`.
pub(super) fn fact_name(id: &str) -> String {
    id.replace(['.', '-'], "_")
}

fn in_language<'t>(texts: &'t BTreeMap<Language, String>, language: Language, hotel: &[Language]) -> Option<&'t str> {
    let order = std::iter::once(&language).chain(hotel);
    order.filter_map(|language| texts.get(language)).chain(texts.values()).next().map(String::as_str)
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// A text from outside as it may stand in a message: one line, no control or direction characters, cut.
pub fn guest_text(text: &str) -> String {
    cut(text, LONGEST_VALUE)
}

fn cut(text: &str, longest: usize) -> String {
    let mut clean = String::new();
    let is_gap = |c: char| c.is_whitespace() || c == '\u{200B}';
    for c in text.chars().filter(|c| is_gap(*c) || !is_invisible(*c)).take(longest * 4) {
        if !is_gap(c) {
            clean.push(c);
        } else if !clean.is_empty() && !clean.ends_with(' ') {
            clean.push(' ');
        }
    }
    clean.trim_end().chars().take(longest).collect()
}

/// Control characters, and those that turn the direction of what follows.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{AD}')
}

const TITLES: &[&str] =
    &["mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "mme", "m", "sr", "sra", "г-н", "г-жа"];

/// How the guest may be addressed: the first word of the name; what follows the comma of `Petrova, Anna` or the slash
/// of `PETROVA/ANNA MRS`; titles left out. `None` if nothing with a letter is left.
pub fn first_name(name: &str) -> Option<String> {
    let name = guest_text(name);
    let given = name.split_once([',', '/']).map_or(name.as_str(), |(_, given)| given);
    let is_title = |word: &str| TITLES.contains(&word.trim_end_matches('.').to_lowercase().as_str());
    let word = given.split_whitespace().find(|word| !is_title(word) && word.chars().any(char::is_alphabetic))?;
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let is_shouted = word.chars().count() > 1 && word.chars().all(|c| !c.is_lowercase());
    Some(if is_shouted { as_written(word) } else { word.to_owned() })
}

fn as_written(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_string() + &letters.as_str().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_name_is_found_in_the_spellings_of_a_pms() {
        for (name, first) in [
            ("Anna Petrova", Some("Anna")),
            ("Petrova, Anna", Some("Anna")),
            ("PETROVA/ANNA MRS", Some("Anna")),
            ("Mr. John Smith", Some("John")),
            ("  Мария   Иванова ", Some("Мария")),
            ("АННА", Some("Анна")),
            ("李 伟", Some("李")),
            ("Jean-Luc Picard", Some("Jean-Luc")),
            ("", None),
            ("—", None),
            ("Mr.", None),
            ("12345", None),
        ] {
            assert_eq!(first_name(name).as_deref(), first, "{name}");
        }
    }

    #[test]
    fn what_comes_from_outside_is_one_short_line() {
        assert_eq!(guest_text("A\u{0}nna\r\n  Pe\u{202E}trova\u{7}"), "Anna Petrova");
        assert_eq!(guest_text(&"я".repeat(10_000)).chars().count(), LONGEST_VALUE);
        assert_eq!(guest_text(" \u{200B} "), "");
    }

    #[test]
    fn a_blank_is_no_value() {
        let mut variables = Variables::default();
        variables.put("stay.room", "  ");

        assert!(!variables.has("stay.room"));
    }
}
