//! What happens to stays in a simulation: JSON Lines, one event a line.
//!
//! `{"at": "2026-07-10T15:20:00+02:00", "reservation_id": "R1", "event": "check_in"}`. Times without an offset are hotel
//! time. `hotel` may be said; lines of other hotels are passed over. Every mistake is told at once.

use super::cells::{self, shown};
use super::columns::{Mistake, from_object};
use crate::domain::hotel::Hotel;
use crate::domain::ids::{ReservationId, TriggerId};
use crate::domain::simulate::{Event, Happens};
use crate::domain::stay::PlannedDay;
use serde_json::{Map, Value};

/// The events, and the fields each has besides `at`, `reservation_id`, `event` and `hotel`.
const EVENTS: &[(&str, &[&str])] = &[
    ("check_in", &[]),
    ("check_out", &[]),
    ("cancelled", &[]),
    ("no_show", &[]),
    ("opt_out", &[]),
    ("dates", &["arrival", "departure"]),
    ("room", &["room", "room_type"]),
    ("created", &["row"]),
    ("answer", &["trigger", "text"]),
];
/// The fields of every event.
const COMMON: [&str; 4] = ["at", "reservation_id", "event", "hotel"];
/// More lines than this are no story that anybody tells.
const MOST_LINES: usize = 1_000_000;
const LONGEST_LINE: usize = 64 * 1024;

/// The events of one hotel, in the order of the file.
///
/// # Errors
/// Every mistake of every line.
pub fn read_history(text: &str, hotel: &Hotel) -> Result<Vec<Event>, Vec<Mistake>> {
    let (mut events, mut mistakes) = (Vec::new(), Vec::new());
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = u64::try_from(index + 1).unwrap_or(u64::MAX);
        if index >= MOST_LINES {
            let message = format!("there are more than {MOST_LINES} lines");
            mistakes.push(Mistake { line: number, column: None, message, fix: "split the file".to_owned() });
            break;
        }
        match read_line(line, hotel, number) {
            Ok(event) => events.extend(event),
            Err(wrong) => mistakes.extend(wrong),
        }
    }
    if mistakes.is_empty() { Ok(events) } else { Err(mistakes) }
}

/// One line and where it stands, for what is wrong with it.
struct Line<'a> {
    number: u64,
    fields: Map<String, Value>,
    hotel: &'a Hotel,
    mistakes: Vec<Mistake>,
}

fn read_line(line: &str, hotel: &Hotel, number: u64) -> Result<Option<Event>, Vec<Mistake>> {
    let wrong = |message: &str, fix: &str| {
        vec![Mistake { line: number, column: None, message: message.to_owned(), fix: fix.to_owned() }]
    };
    if line.len() > LONGEST_LINE {
        return Err(wrong("the line is too long", "write one event a line"));
    }
    let fields = match serde_json::from_str(line) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => return Err(wrong("this is no event", "write an object: {\"at\": …, \"event\": …}")),
        Err(error) => {
            let message = format!("this is no JSON (column {})", error.column());
            return Err(wrong(&message, "write one event a line: {\"at\": …, \"reservation_id\": …, \"event\": …}"));
        }
    };
    if matches!(fields.get("hotel"), Some(Value::String(of)) if *of != hotel.id.as_str()) {
        return Ok(None);
    }
    let mut line = Line { number, fields, hotel, mistakes: Vec::new() };
    let event = line.event();
    if line.mistakes.is_empty() { Ok(event) } else { Err(line.mistakes) }
}

impl Line<'_> {
    fn event(&mut self) -> Option<Event> {
        let at = self.words("at", true).and_then(|text| self.parsed("at", cells::at(&text, self.hotel)));
        let reservation = self.words("reservation_id", true).map(ReservationId);
        let word = self.words("event", true)?;
        let Some((_, own)) = EVENTS.iter().find(|(name, _)| *name == word) else {
            let names: Vec<&str> = EVENTS.iter().map(|(name, _)| *name).collect();
            let fix = match nearest(&word, &names) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("write one of {}", names.join(", ")),
            };
            self.wrong("event", format!("`{}` is no event", shown(&word)), fix);
            return None;
        };
        self.unknown_fields(&word, own);
        let what = self.what(&word, reservation.as_ref())?;
        Some(Event { at: at?, reservation: reservation?, what })
    }

    fn what(&mut self, word: &str, reservation: Option<&ReservationId>) -> Option<Happens> {
        Some(match word {
            "check_in" => Happens::CheckIn,
            "check_out" => Happens::CheckOut,
            "cancelled" => Happens::Cancelled,
            "no_show" => Happens::NoShow,
            "opt_out" => Happens::OptOut,
            "dates" => self.dates()?,
            "room" => self.room()?,
            "created" => self.created(reservation)?,
            _ => Happens::Answer { trigger: TriggerId(self.words("trigger", true)?), text: self.words("text", true)? },
        })
    }

    fn dates(&mut self) -> Option<Happens> {
        let (arrival, departure) = (self.day("arrival"), self.day("departure"));
        if self.fields.get("arrival").is_none() && self.fields.get("departure").is_none() {
            self.wrong("event", "nothing is said of the dates".to_owned(), "add `arrival` or `departure`".to_owned());
        }
        if let (Some(arrival), Some(departure)) = (arrival, departure)
            && departure.date < arrival.date
        {
            self.wrong("departure", "it is before the arrival".to_owned(), "swap them".to_owned());
        }
        self.mistakes.is_empty().then_some(Happens::Dates { arrival, departure })
    }

    fn room(&mut self) -> Option<Happens> {
        let (room, room_type) = (self.words("room", false), self.words("room_type", false));
        if room.is_none() && room_type.is_none() {
            self.wrong("event", "nothing is said of the room".to_owned(), "add `room` or `room_type`".to_owned());
            return None;
        }
        Some(Happens::Room { room, room_type })
    }

    /// The row may leave out the id, which the line says, and the name and the phone.
    fn created(&mut self, reservation: Option<&ReservationId>) -> Option<Happens> {
        let Some(Value::Object(row)) = self.fields.get("row") else {
            let fix = "add `row`, an object with the columns of the CSV".to_owned();
            self.wrong("row", "the stay is missing".to_owned(), fix);
            return None;
        };
        let mut row = row.clone();
        let said = reservation.map(|id| Value::String(id.0.clone())).unwrap_or_default();
        row.entry("reservation_id").or_insert_with(|| said.clone());
        for column in ["guest_name", "phone"] {
            row.entry(column).or_insert(Value::Null);
        }
        match from_object(&row, self.hotel) {
            Ok(told) if reservation.is_none_or(|id| *id == told.booking.id) => Some(Happens::Created(Box::new(told))),
            Ok(_) => {
                let fix = "write the same id twice, or leave it out of `row`".to_owned();
                self.wrong("row", "it has another `reservation_id` than the line".to_owned(), fix);
                None
            }
            Err(mistakes) => {
                let line = self.number;
                self.mistakes.extend(mistakes.into_iter().map(|mistake| Mistake { line, ..mistake }));
                None
            }
        }
    }

    fn day(&mut self, field: &'static str) -> Option<PlannedDay> {
        let text = self.words(field, false)?;
        self.parsed(field, cells::planned_day(&text, self.hotel))
    }

    /// A word or a number as words.
    fn words(&mut self, field: &'static str, required: bool) -> Option<String> {
        match self.fields.get(field) {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            None | Some(Value::Null) if !required => None,
            None | Some(Value::Null | Value::String(_)) => {
                self.wrong(field, "it is missing".to_owned(), format!("add `\"{field}\": …`"));
                None
            }
            Some(_) => {
                self.wrong(field, "it is no text".to_owned(), "put it in double quotes".to_owned());
                None
            }
        }
    }

    fn parsed<T>(&mut self, field: &'static str, read: Result<T, cells::Wrong>) -> Option<T> {
        read.map_err(|(message, fix)| self.wrong(field, message, fix)).ok()
    }

    fn unknown_fields(&mut self, event: &str, own: &[&str]) {
        let known: Vec<&str> = COMMON.iter().chain(own).copied().collect();
        let unknown: Vec<String> =
            self.fields.keys().filter(|field| !known.contains(&field.as_str())).cloned().collect();
        for field in unknown {
            let fix = match nearest(&field, &known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "leave it out".to_owned(),
            };
            self.wrong("event", format!("`{event}` has no field `{}`", shown(&field)), fix);
        }
    }

    fn wrong(&mut self, field: &'static str, message: String, fix: String) {
        self.mistakes.push(Mistake { line: self.number, column: Some(field.to_owned()), message, fix });
    }
}

fn nearest<'w>(word: &str, known: &[&'w str]) -> Option<&'w str> {
    let distance = |known: &str| strsim::damerau_levenshtein(&word.to_lowercase(), known);
    known.iter().copied().filter(|known| distance(known) <= 1 + known.len() / 4).min_by_key(|known| distance(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::testing::hotel;

    fn mistakes(line: &str) -> Vec<String> {
        let wrong = read_history(line, &hotel()).expect_err(line);
        wrong.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_event_is_read() {
        let lines = r#"{"at":"2026-07-10T15:20:00Z","reservation_id":"R1","event":"check_in"}

{"at":"2026-07-12T09:00:00Z","reservation_id":"R1","event":"dates","departure":"2026-07-16"}
{"at":"2026-07-12T09:00:00Z","reservation_id":"R1","event":"room","room":204,"room_type":"suite","hotel":"HOTEL"}
{"at":"2026-07-12T09:00:00Z","reservation_id":"R9","event":"check_out","hotel":"elsewhere"}
{"at":"2026-07-13","reservation_id":"R1","event":"answer","trigger":"room-ok","text":"1"}
{"at":"2026-07-03T10:00:00Z","reservation_id":"R2","event":"created","row":{"arrival":"2026-07-10","departure":"2026-07-12","adults":2}}
"#;
        let hotel = hotel();
        let text = lines.replace("HOTEL", hotel.id.as_str());

        let events = read_history(&text, &hotel).unwrap_or_else(|wrong| panic!("{wrong:?}"));

        let ids: Vec<&str> = events.iter().map(|event| event.reservation.as_str()).collect();
        assert_eq!(ids, ["R1", "R1", "R1", "R1", "R2"], "another hotel's line is passed over");
        assert_eq!(events[0].what, Happens::CheckIn);
        let room = Happens::Room { room: Some("204".into()), room_type: Some("suite".into()) };
        assert_eq!(events[2].what, room);
        assert!(matches!(&events[4].what, Happens::Created(told) if told.booking.adults == Some(2)));
    }

    #[test]
    fn every_mistake_is_told_with_its_line_and_the_nearest_word() {
        for (line, expected) in [
            ("nonsense", "no JSON"),
            ("[1]", "this is no event"),
            (r#"{"at":"2026-07-10T15:20:00Z","reservation_id":"R1","event":"checkin"}"#, "did you mean `check_in`?"),
            (r#"{"at":"yesterday","reservation_id":"R1","event":"check_in"}"#, "`at`"),
            (r#"{"at":"2026-07-10T15:20:00Z","event":"check_in"}"#, "`reservation_id`: it is missing"),
            (r#"{"at":"2026-07-10T15:20:00Z","reservation_id":"R1","event":"dates"}"#, "nothing is said of the dates"),
            (
                r#"{"at":"2026-07-10T15:20:00Z","reservation_id":"R1","event":"dates","departur":"2026-07-12"}"#,
                "did you mean `departure`?",
            ),
            (r#"{"at":"2026-07-10T15:20:00Z","reservation_id":"R1","event":"room"}"#, "nothing is said of the room"),
            (r#"{"at":"2026-07-10T15:20:00Z","reservation_id":"R1","event":"created"}"#, "the stay is missing"),
            (
                r#"{"at":"2026-07-10T15:20:00Z","reservation_id":"R1","event":"created","row":{"arrival":"x","departure":"2026-07-12"}}"#,
                "`arrival`",
            ),
        ] {
            let found = mistakes(line);
            assert!(found.iter().all(|text| text.starts_with("line 1, ") || text.starts_with("line 1")), "{found:?}");
            assert!(found.iter().any(|text| text.contains(expected)), "{line}: {found:?}");
        }
        assert_eq!(mistakes("{}\n{}").len(), 6, "all lines at once");
    }
}
