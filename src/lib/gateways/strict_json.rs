//! JSON from the network, read strictly: one document, no key twice, no deep nesting, no bad text.
//!
//! `serde_json` alone takes the last of two equal keys, and another reader takes the first; what was checked and
//! what is used could then differ (ASVS 1.5.3), so such a body is not read at all.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::fmt;

/// The vendor's deepest published body has seven levels.
const DEEPEST: usize = 64;

/// Reads one document, or says what is wrong with it without repeating any of its content.
pub(super) fn read(body: &[u8]) -> Result<Value, String> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err("an empty body".to_owned());
    }
    if std::str::from_utf8(body).is_err() {
        return Err("not UTF-8".to_owned());
    }
    let fault = Cell::new(None);
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = Level { depth: 1, fault: &fault }.deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    value.map_err(|error| match fault.get() {
        Some(why) => why.to_owned(),
        None => format!("not JSON at line {} column {}", error.line(), error.column()),
    })
}

/// Reads one value at a depth, leaving word of our own refusals in `fault`.
#[derive(Clone, Copy)]
struct Level<'a> {
    depth: usize,
    fault: &'a Cell<Option<&'static str>>,
}

impl<'a> Level<'a> {
    fn refuse<E: Error>(self, why: &'static str) -> E {
        self.fault.set(Some(why));
        E::custom(why)
    }

    fn below<E: Error>(self) -> Result<Level<'a>, E> {
        if self.depth >= DEEPEST {
            return Err(self.refuse("nested too deeply"));
        }
        Ok(Level { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(below)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut map = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(self.refuse("a key occurs twice in one object"));
            }
            let value = object.next_value_seed(below)?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_one_plain_document_is_refused_with_a_reason_that_repeats_nothing_of_it() {
        let deep = format!("{}1{}", "[".repeat(65), "]".repeat(65));
        let deeper = "[".repeat(200_000);
        let cases: [(&[u8], &str); 12] = [
            (b"", "an empty body"),
            (b" \n\t", "an empty body"),
            (b"{\"a\":1}x", "not JSON"),
            (b"{\"a\":1}{\"a\":2}", "not JSON"),
            (b"{\"a\":", "not JSON"),
            (b"1e999", "not JSON"),
            (b"{\"a\":\"\xff\"}", "not UTF-8"),
            (br#"{"a":"\ud800"}"#, "not JSON"),
            (br#"{"a":1,"b":{"secret":1,"secret":1}}"#, "a key occurs twice in one object"),
            (br#"{"a":1,"\u0061":2}"#, "a key occurs twice in one object"),
            (deep.as_bytes(), "nested too deeply"),
            (deeper.as_bytes(), "nested too deeply"),
        ];
        for (body, why) in cases {
            let said = read(body).expect_err(why);
            assert!(said.starts_with(why), "{said} instead of {why}");
            assert!(!said.contains("secret"));
        }
    }

    #[test]
    fn ordinary_documents_are_read_as_they_are() {
        let nested = format!("{}1{}", "[".repeat(63), "]".repeat(63));
        assert!(read(nested.as_bytes()).is_ok());
        assert_eq!(
            read("\u{feff}{\"a\":[1,-2,1.5,\"я\",null,true]}".as_bytes()),
            Ok(serde_json::json!({"a": [1, -2, 1.5, "я", null, true]}))
        );
        assert_eq!(read(br#""\ud83d\ude00""#), Ok(Value::String("😀".to_owned())));
    }
}
