//! What a PMS pushes: our own JSON, described in `docs/pms-webhook.md`. One reservation, a list of them, or
//! `{"reservations": […]}`; the keys are the columns of a CSV, with `custom` as an object.

use super::cells;
use super::columns::{Columns, Mistake, cell_of};
use crate::domain::hotel::Hotel;
use crate::domain::stay_change::Told;
use crate::gateways::strict_json;
use crate::ports::{Delivered, Deliveries, Unread};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Keys without which a reservation cannot be placed; others may be left out, and what is known of them stays.
const REQUIRED: &[&str] = &["reservation_id", "arrival", "departure"];

/// The reader of our own JSON.
#[derive(Clone, Copy, Debug, Default)]
pub struct PmsJson;

impl Deliveries for PmsJson {
    fn read(&self, hotel: &Hotel, body: &[u8]) -> Delivered {
        let unreadable = |why: String| Delivered {
            unread: vec![Unread { index: 0, mistakes: vec![why], raw: String::from_utf8_lossy(body).into_owned() }],
            ..Delivered::default()
        };
        let json = match strict_json::read(body) {
            Ok(json) => json,
            Err(why) => return unreadable(why),
        };
        match json {
            Value::Array(list) => read_all(&list, hotel, true),
            Value::Object(mut object) => match object.remove("reservations") {
                None => read_all(&[Value::Object(object)], hotel, false),
                Some(Value::Array(list)) if object.is_empty() => read_all(&list, hotel, true),
                Some(_) => unreadable("`reservations` must be a list, and stand alone".to_owned()),
            },
            _ => unreadable("neither a reservation nor a list of them".to_owned()),
        }
    }
}

fn read_all(list: &[Value], hotel: &Hotel, together: bool) -> Delivered {
    let mut delivered = Delivered { together, ..Delivered::default() };
    for (index, value) in list.iter().enumerate() {
        match read_one(value, hotel) {
            Ok(told) => delivered.told.push(told),
            Err(mistakes) => {
                let mistakes = mistakes.iter().map(ToString::to_string).collect();
                delivered.unread.push(Unread { index, mistakes, raw: value.to_string() });
            }
        }
    }
    delivered
}

fn read_one(value: &Value, hotel: &Hotel) -> Result<Told, Vec<Mistake>> {
    let Value::Object(object) = value else {
        return Err(vec![mistake(None, "it is no object".to_owned(), "write {\"reservation_id\": …}".to_owned())]);
    };
    let mut names: Vec<String> = Vec::with_capacity(object.len());
    let mut contents: Vec<String> = Vec::with_capacity(object.len());
    let (mut status_at, mut updated_at) = (None, None);
    let mut mistakes = Vec::new();
    for (key, value) in object {
        let read = match key.as_str() {
            "status_at" => instant(key, value, hotel).map(|at| status_at = at),
            "updated_at" => instant(key, value, hotel).map(|at| updated_at = at),
            "custom" => custom(value, &mut names, &mut contents),
            _ => cell(key, value).map(|cell| {
                names.push(key.clone());
                contents.push(cell);
            }),
        };
        mistakes.extend(read.err());
    }
    let columns = Columns::with_required(names.iter().map(String::as_str), 0, REQUIRED);
    let told = columns.and_then(|columns| columns.stay(contents.iter().map(String::as_str), hotel, 0));
    match told {
        Ok(told) if mistakes.is_empty() => Ok(Told { status_at, as_of: updated_at, ..told }),
        Ok(_) => Err(mistakes),
        Err(more) => Err(mistakes.into_iter().chain(more).collect()),
    }
}

fn cell(key: &str, value: &Value) -> Result<String, Mistake> {
    let fix = || "write a text, a number, or a list of words".to_owned();
    cell_of(value).ok_or_else(|| mistake(Some(key), "it holds more than one value".to_owned(), fix()))
}

fn custom(value: &Value, names: &mut Vec<String>, contents: &mut Vec<String>) -> Result<(), Mistake> {
    let none = Map::new();
    let fields = match value {
        Value::Object(fields) => fields,
        Value::Null => &none,
        _ => {
            let fix = "write {\"custom\": {\"key\": \"value\"}}".to_owned();
            return Err(mistake(Some("custom"), "it is no object".to_owned(), fix));
        }
    };
    for (key, value) in fields {
        contents.push(cell(key, value)?);
        names.push(format!("custom.{key}"));
    }
    Ok(())
}

fn instant(key: &str, value: &Value, hotel: &Hotel) -> Result<Option<Timestamp>, Mistake> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => {
            cells::at(text, hotel).map(Some).map_err(|(message, fix)| mistake(Some(key), message, fix))
        }
        _ => Err(mistake(Some(key), "it is no time".to_owned(), "write it as 2026-07-01T14:00:00+03:00".to_owned())),
    }
}

fn mistake(column: Option<&str>, message: String, fix: String) -> Mistake {
    Mistake { line: 0, column: column.map(cells::shown), message, fix }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::testing::hotel;
    use crate::domain::stay::{Phone, ReservationStatus};
    use crate::domain::stay_change::Part;
    use serde_json::json;

    fn read(body: impl AsRef<[u8]>) -> Delivered {
        PmsJson.read(&Hotel { country: Some("RU".to_owned()), ..hotel() }, body.as_ref())
    }

    fn booking() -> Value {
        json!({
            "reservation_id": "R1", "guest_name": "Anna", "phone": "8 900 123-45-67", "arrival": "2026-07-01",
            "departure": "2026-07-05T11:00", "status": "checked_in", "status_at": "2026-07-01T13:05:00Z",
            "updated_at": "2026-07-01T13:06:00Z", "adults": 2, "vip": true, "tags": ["a", "b"],
            "custom": {"diet": "vegan", "floor": 3}
        })
    }

    #[test]
    fn one_reservation_is_an_event_and_a_list_is_told_together() {
        let one = read(booking().to_string());
        let list = read(json!([booking(), booking()]).to_string());
        let named = read(json!({"reservations": [booking()]}).to_string());

        assert_eq!((one.told.len(), one.together), (1, false));
        assert_eq!((list.told.len(), list.together), (2, true));
        assert_eq!((named.told.len(), named.together), (1, true));
        let told = &one.told[0];
        assert_eq!(told.booking.phone, Phone::Known("+79001234567".to_owned()));
        assert_eq!(told.booking.status, ReservationStatus::CheckedIn);
        assert_eq!(told.booking.custom.len(), 2);
        assert_eq!(told.status_at.map(|at| at.to_string()).as_deref(), Some("2026-07-01T13:05:00Z"));
        assert!(told.as_of > told.status_at);
        assert!(read("[]").told.is_empty() && read("[]").unread.is_empty(), "a sign of life");
    }

    #[test]
    fn what_is_left_out_is_not_told_and_null_is_told_to_be_nothing() {
        let told =
            read(r#"{"reservation_id": "R1", "arrival": "2026-07-01", "departure": "2026-07-05", "room": null}"#);
        let parts = &told.told[0].untold.parts;

        assert!(parts.contains(&Part::Phone) && parts.contains(&Part::GuestName) && parts.contains(&Part::Status));
        assert!(!parts.contains(&Part::Room));
    }

    #[test]
    fn what_cannot_be_read_is_kept_with_its_reason_and_stops_nothing_else() {
        let mut wrong = booking();
        wrong["arrival"] = json!("01/02/2026");
        wrong["phnoe"] = json!("+7");
        let found = read(json!([booking(), wrong, 5]).to_string());

        assert_eq!(found.told.len(), 1);
        let places: Vec<usize> = found.unread.iter().map(|unread| unread.index).collect();
        assert_eq!(places, [1, 2]);
        assert!(found.unread[0].mistakes.iter().any(|mistake| mistake.contains("did you mean `phone`?")));
        for body in ["", "null", "7", "{", "{\"a\":1,\"a\":2}", "{\"reservations\": 5}", "\u{0}"] {
            assert_eq!(read(body).unread.len(), 1, "{body}");
        }
        assert_eq!(read([0xff, 0xfe]).unread.len(), 1);
        assert_eq!(read("[".repeat(10_000)).unread[0].mistakes, ["nested too deeply"]);
    }
}
