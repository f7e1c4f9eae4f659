//! The columns of a stay, by name and in any order: a CSV's header, or the keys of a JSON object.

use super::cells::{self, Wrong, clean, shown};
use crate::domain::hotel::Hotel;
use crate::domain::ids::ReservationId;
use crate::domain::phone::{self, Countries};
use crate::domain::stay::{Booking, Phone, PlannedDay, ReservationStatus};
use crate::domain::stay_change::{Part, Told, Untold};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The columns by name; what they may hold is in `cells`. Further ones are called `custom.<key>`.
pub const NAMES: &[&str] = &[
    "reservation_id",
    "guest_name",
    "phone",
    "arrival",
    "departure",
    "status",
    "room_type",
    "room",
    "language",
    "email",
    "country",
    "adults",
    "children",
    "source",
    "vip",
    "tags",
    "booked_at",
];

/// Those that must be there.
pub const REQUIRED: &[&str] = &["reservation_id", "guest_name", "phone", "arrival", "departure"];

/// The last column of a file of rejects; it is passed over when the file comes back.
pub const REASON: &str = "reason";

/// A stay of more nights is a slip in a year.
const MOST_NIGHTS: i64 = 1100;

/// Something wrong, where it stands, and what to write instead. Holds no name, phone or address of a guest.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Mistake {
    /// From 1; the header is the first. 0 where there are no lines.
    pub line: u64,
    /// The column's name.
    pub column: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, ", self.line)?;
        }
        if let Some(column) = &self.column {
            write!(f, "`{column}`: ")?;
        }
        write!(f, "{}; {}", self.message, self.fix)
    }
}

/// What a column is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    Known(&'static str),
    Custom(String),
    /// Why a row was rejected: in a file of rejects that was corrected and comes back.
    Reason,
}

/// Which column stands where.
#[derive(Clone, Debug)]
pub struct Columns {
    names: Vec<String>,
    columns: Vec<Column>,
    missing: BTreeSet<Part>,
}

impl Columns {
    /// Reads a header; every mistake in it at once.
    pub fn read<'a>(header: impl IntoIterator<Item = &'a str>, line: u64) -> Result<Self, Vec<Mistake>> {
        Self::with_required(header, line, REQUIRED)
    }

    /// The same where other columns are required.
    pub(super) fn with_required<'a>(
        header: impl IntoIterator<Item = &'a str>,
        line: u64,
        required: &[&'static str],
    ) -> Result<Self, Vec<Mistake>> {
        let names: Vec<String> = header.into_iter().map(|name| clean(name, 80)).collect();
        let (mut columns, mut mistakes) = (Vec::new(), Vec::new());
        for (index, name) in names.iter().enumerate() {
            match column(name, index) {
                Ok(column) if columns.contains(&column) => mistakes.push(Mistake {
                    line,
                    column: Some(name.clone()),
                    message: "the column is there twice".to_owned(),
                    fix: "keep one of them".to_owned(),
                }),
                Ok(column) => columns.push(column),
                Err((message, fix)) => mistakes.push(Mistake { line, column: None, message, fix }),
            }
        }
        for name in required.iter().filter(|name| !columns.contains(&Column::Known(name))) {
            let fix = format!(
                "add a column `{name}`; {}",
                if *name == "phone" { "its cells may be empty" } else { "every row needs it" }
            );
            mistakes.push(Mistake { line, column: None, message: format!("the column `{name}` is missing"), fix });
        }
        let missing = missing(&columns);
        if mistakes.is_empty() { Ok(Self { names, columns, missing }) } else { Err(mistakes) }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.columns.len()
    }

    /// Their names, as written.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Reads the cells of one stay, in the order of the columns; every mistake at once.
    pub fn stay<'a>(
        &self,
        cells: impl IntoIterator<Item = &'a str>,
        hotel: &Hotel,
        line: u64,
    ) -> Result<Told, Vec<Mistake>> {
        let mut row = Row::new(hotel);
        let mut mistakes = Vec::new();
        for ((column, name), cell) in self.columns.iter().zip(&self.names).zip(cells) {
            if let Err((message, fix)) = row.take(column, cell) {
                mistakes.push(Mistake { line, column: Some(name.clone()), message, fix });
            }
        }
        row.untold.parts.extend(self.missing.iter().copied());
        match row.end() {
            Ok(told) if mistakes.is_empty() => Ok(told),
            Ok(_) => Err(mistakes),
            Err(Some((column, (message, fix)))) => {
                mistakes.push(Mistake { line, column: Some(column.to_owned()), message, fix });
                Err(mistakes)
            }
            Err(None) => Err(mistakes),
        }
    }
}

fn column(name: &str, index: usize) -> Result<Column, Wrong> {
    let lower = name.to_lowercase().replace([' ', '-'], "_");
    if let Some(known) = NAMES.iter().find(|known| **known == lower) {
        return Ok(Column::Known(known));
    }
    if lower == REASON {
        return Ok(Column::Reason);
    }
    if let Some(key) = name.get(..7).filter(|head| head.eq_ignore_ascii_case("custom.")).map(|_| &name[7..]) {
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        if !key.is_empty() && key.chars().count() <= 64 && key.chars().all(allowed) {
            return Ok(Column::Custom(key.to_owned()));
        }
        let message = format!("`{}` has no usable key after `custom.`", shown(name));
        return Err((message, "use letters, digits, `_`, `-` and `.`, such as `custom.loyalty`".to_owned()));
    }
    if name.is_empty() {
        let message = format!("the column {} has no name", index + 1);
        return Err((message, "name it, or delete it".to_owned()));
    }
    let near = NAMES.iter().min_by_key(|known| strsim::damerau_levenshtein(known, &lower));
    let fix = match near.filter(|near| strsim::damerau_levenshtein(near, &lower) <= 2) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("call it `custom.{}`, or delete it", shown(name)),
    };
    Err((format!("the column `{}` is not known", shown(name)), fix))
}

const PARTS: &[(&str, Part)] = &[
    ("guest_name", Part::GuestName),
    ("phone", Part::Phone),
    ("status", Part::Status),
    ("room_type", Part::RoomType),
    ("room", Part::Room),
    ("language", Part::Language),
    ("email", Part::Email),
    ("country", Part::Country),
    ("adults", Part::Adults),
    ("children", Part::Children),
    ("source", Part::Source),
    ("vip", Part::Vip),
    ("tags", Part::Tags),
    ("booked_at", Part::BookedAt),
];

fn missing(columns: &[Column]) -> BTreeSet<Part> {
    let is_there =
        |name: &str| columns.contains(&Column::Known(NAMES.iter().find(|known| **known == name).unwrap_or(&"")));
    let mut missing: BTreeSet<Part> = PARTS.iter().filter(|(name, _)| !is_there(name)).map(|(_, part)| *part).collect();
    let custom = |key: &str| columns.contains(&Column::Custom(key.to_owned()));
    missing.extend((!custom("birthday")).then_some(Part::Birthday));
    missing.extend((!custom("rate_plan")).then_some(Part::RatePlan));
    missing
}

/// A stay being read.
struct Row<'h> {
    hotel: &'h Hotel,
    id: Option<ReservationId>,
    arrival: Option<PlannedDay>,
    departure: Option<PlannedDay>,
    phone: String,
    rest: Rest,
    untold: Untold,
}

#[derive(Default)]
struct Rest {
    guest_name: Option<String>,
    status: Option<ReservationStatus>,
    room_type: Option<String>,
    room: Option<String>,
    rate_plan: Option<String>,
    source: Option<String>,
    language: Option<crate::domain::language::Language>,
    email: Option<String>,
    country: Option<String>,
    adults: Option<u32>,
    children: Option<u32>,
    vip: Option<String>,
    tags: Vec<String>,
    birthday: Option<jiff::civil::Date>,
    booked_at: Option<Timestamp>,
    custom: BTreeMap<String, String>,
}

impl<'h> Row<'h> {
    fn new(hotel: &'h Hotel) -> Self {
        Self {
            hotel,
            id: None,
            arrival: None,
            departure: None,
            phone: String::new(),
            rest: Rest::default(),
            untold: Untold::default(),
        }
    }

    fn take(&mut self, column: &Column, cell: &str) -> Result<(), Wrong> {
        match column {
            Column::Reason => {}
            Column::Custom(key) => self.custom(key, cell),
            Column::Known("reservation_id") => self.id = Some(ReservationId(cells::id(cell)?)),
            Column::Known("arrival") => self.arrival = Some(cells::planned_day(cell, self.hotel)?),
            Column::Known("departure") => self.departure = Some(cells::planned_day(cell, self.hotel)?),
            Column::Known("phone") => cell.clone_into(&mut self.phone),
            // An empty status says nothing: a stay is not made undone by a blank.
            Column::Known("status") if cell.trim().is_empty() => drop(self.untold.parts.insert(Part::Status)),
            Column::Known(_) if cell.trim().is_empty() => {}
            Column::Known(name) => self.known(name, cell)?,
        }
        Ok(())
    }

    fn known(&mut self, name: &str, cell: &str) -> Result<(), Wrong> {
        let text = |longest| Some(clean(cell, longest)).filter(|text| !text.is_empty());
        match name {
            "guest_name" => self.rest.guest_name = text(cells::LONGEST_NAME),
            "status" => self.rest.status = Some(cells::status(cell)?),
            "room_type" => self.rest.room_type = text(128),
            "room" => self.rest.room = text(64),
            "source" => self.rest.source = text(128),
            "language" => self.rest.language = Some(cells::language(cell)?),
            "email" => self.rest.email = Some(cells::email(cell)?),
            "country" => self.rest.country = Some(cells::country(cell)?),
            "adults" => self.rest.adults = Some(cells::persons(cell)?),
            "children" => self.rest.children = Some(cells::persons(cell)?),
            "vip" => self.rest.vip = cells::vip(cell),
            "tags" => self.rest.tags = cells::tags(cell),
            "booked_at" => self.rest.booked_at = Some(cells::at(cell, self.hotel)?),
            _ => {}
        }
        Ok(())
    }

    fn custom(&mut self, key: &str, cell: &str) {
        let text = clean(cell, cells::LONGEST_CUSTOM);
        match key {
            "birthday" => self.rest.birthday = cells::birthday(&text),
            "rate_plan" => self.rest.rate_plan = Some(text.clone()).filter(|text| !text.is_empty()),
            _ => {}
        }
        if text.is_empty() {
            self.untold.emptied.insert(key.to_owned());
        } else {
            self.rest.custom.insert(key.to_owned(), text);
        }
    }

    /// The whole, once every cell was read; `None` as the error if a cell was wrong and has been reported.
    fn end(self) -> Result<Told, Option<(&'static str, Wrong)>> {
        let (Some(id), Some(arrival), Some(departure)) = (self.id, self.arrival, self.departure) else {
            return Err(None);
        };
        span(arrival, departure).map_err(|wrong| Some(("departure", wrong)))?;
        let rest = self.rest;
        let countries = Countries { hotel: self.hotel.country.as_deref(), guest: rest.country.as_deref() };
        let phone = phone::read(&self.phone, countries);
        let booking = Booking {
            id,
            guest_name: rest.guest_name,
            phone,
            arrival,
            departure,
            status: rest.status.unwrap_or(ReservationStatus::Confirmed),
            room_type: rest.room_type,
            room: rest.room,
            rate_plan: rest.rate_plan,
            source: rest.source,
            language: rest.language,
            email: rest.email,
            country: rest.country,
            adults: rest.adults,
            children: rest.children,
            vip: rest.vip,
            tags: rest.tags,
            birthday: rest.birthday,
            booked_at: rest.booked_at,
            custom: rest.custom,
        };
        Ok(Told { booking, untold: self.untold, status_at: None, as_of: None })
    }
}

fn span(arrival: PlannedDay, departure: PlannedDay) -> Result<(), Wrong> {
    let same_day = arrival.date == departure.date;
    let backwards = arrival.time.zip(departure.time).is_some_and(|(arrives, departs)| departs < arrives);
    if departure.date < arrival.date || same_day && backwards {
        return Err(("it is before the arrival".to_owned(), "look at both; were they swapped?".to_owned()));
    }
    let nights = crate::domain::stay::nights(arrival.date, departure.date);
    if nights > MOST_NIGHTS {
        return Err((format!("that would be {nights} nights"), "look at the years".to_owned()));
    }
    Ok(())
}

/// Whether the guest of this stay can be written to, as far as the phone goes.
pub fn is_unclear(told: &Told) -> bool {
    matches!(told.booking.phone, Phone::Unclear(_))
}

/// One stay given as a JSON object of columns. Numbers and yes/no are read as their words, a list as words between
/// `|`, null as an empty cell.
pub fn from_object(object: &serde_json::Map<String, serde_json::Value>, hotel: &Hotel) -> Result<Told, Vec<Mistake>> {
    let columns = Columns::read(object.keys().map(String::as_str), 0)?;
    let (mut cells, mut mistakes) = (Vec::with_capacity(object.len()), Vec::new());
    for (name, value) in object {
        match cell_of(value) {
            Some(cell) => cells.push(cell),
            None => mistakes.push(Mistake {
                line: 0,
                column: Some(clean(name, 80)),
                message: "it holds more than one value".to_owned(),
                fix: "write a text, a number, or a list of words".to_owned(),
            }),
        }
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    columns.stay(cells.iter().map(String::as_str), hotel, 0)
}

pub(super) fn cell_of(value: &serde_json::Value) -> Option<String> {
    use serde_json::Value;
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(words) => {
            let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
            Some(words?.join("|"))
        }
        Value::Object(_) => None,
    }
}
