//! What Green API checks in a request, in the words of its validation errors.

use std::time::Duration;

use serde_json::{Map, Value};

use super::errors::Refusal;

/// A request body as an object of named fields.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a>(pub &'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// A required, not blank text of at most `max` characters, counted as JavaScript counts them.
    ///
    /// # Errors
    /// The vendor's validation error.
    pub fn text(self, key: &str, max: usize) -> Result<&'a str, Refusal> {
        self.optional_text(key, max)?.ok_or_else(|| invalid(&format!("'{key}' is required")))
    }

    /// An optional text of at most `max` characters; `null` counts as absent.
    ///
    /// # Errors
    /// The vendor's validation error.
    pub fn optional_text(self, key: &str, max: usize) -> Result<Option<&'a str>, Refusal> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => {
                Err(invalid(&format!("'{key}' is not allowed to be empty")))
            }
            Some(Value::String(text)) => {
                // Bytes are never fewer than UTF-16 units, so short texts need no counting.
                if text.len() > max && text.encode_utf16().count() > max {
                    let detail = format!("'{key}' length must be less than or equal to {max} characters long");
                    return Err(invalid(&detail));
                }
                Ok(Some(text))
            }
            Some(_) => Err(invalid(&format!("'{key}' must be a string"))),
        }
    }

    /// A required list.
    ///
    /// # Errors
    /// The vendor's validation error, also for a length outside `least..=most`.
    pub fn list(self, key: &str, least: usize, most: usize) -> Result<&'a Vec<Value>, Refusal> {
        let list = match self.0.get(key) {
            Some(Value::Array(list)) => list,
            None => return Err(invalid(&format!("'{key}' is required"))),
            Some(_) => return Err(invalid(&format!("'{key}' must be an array"))),
        };
        if list.len() < least {
            return Err(invalid(&format!("'{key}' must contain at least {least} items")));
        }
        if list.len() > most {
            return Err(invalid(&format!("'{key}' must contain less than or equal to {most} items")));
        }
        Ok(list)
    }

    /// A required number between two bounds.
    ///
    /// # Errors
    /// The vendor's validation error.
    pub fn number(self, key: &str, least: f64, most: f64) -> Result<f64, Refusal> {
        let value = self.0.get(key).ok_or_else(|| invalid(&format!("'{key}' is required")))?;
        // Form fields and lenient clients send digits in quotes.
        let number = value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        match number {
            Some(number) if number >= least && number <= most => Ok(number),
            Some(_) => Err(invalid(&format!("'{key}' must be between {least} and {most}"))),
            None => Err(invalid(&format!("'{key}' must be a number"))),
        }
    }

    /// An optional flag.
    ///
    /// # Errors
    /// The vendor's validation error.
    pub fn flag(self, key: &str) -> Result<bool, Refusal> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(on)) => Ok(*on),
            Some(Value::String(text)) if text == "true" => Ok(true),
            Some(Value::String(text)) if text == "false" => Ok(false),
            Some(_) => Err(invalid(&format!("'{key}' must be a boolean"))),
        }
    }

    /// The chat a call is about.
    ///
    /// # Errors
    /// The vendor's validation error for anything that is no `@c.us`, `@g.us` or `@lid`, also for a Cyrillic look-alike.
    pub fn chat_id(self, key: &str) -> Result<&'a str, Refusal> {
        let chat_id = self.text(key, 100)?;
        if is_chat_id(chat_id) {
            Ok(chat_id)
        } else {
            Err(invalid(&format!("'{key}' must be in the format phone_number@c.us or group_id@g.us")))
        }
    }

    /// How long "typing…" is shown: absent, or 1 to 20 seconds.
    ///
    /// # Errors
    /// The vendor's validation error.
    pub fn typing(self) -> Result<Duration, Refusal> {
        match self.0.get("typingTime") {
            None | Some(Value::Null) => Ok(Duration::ZERO),
            Some(_) => {
                let ms = self.number("typingTime", 1000.0, 20_000.0)?;
                Ok(Duration::try_from_secs_f64(ms / 1000.0).unwrap_or_default())
            }
        }
    }
}

/// The vendor's validation error.
#[must_use]
pub fn invalid(detail: &str) -> Refusal {
    Refusal::Invalid(detail.to_owned())
}

/// Whether a text is a chat id, byte for byte.
#[must_use]
pub fn is_chat_id(chat_id: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match chat_id.split_once('@') {
        Some((name, "c.us" | "lid")) => digits(name),
        Some((name, "g.us")) => name.split('-').all(digits),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn chat_ids_are_checked_byte_for_byte() {
        for good in
            ["79001234567@c.us", "79001234567-1587570015@g.us", "120363027326301301@g.us", "120650379300963@lid"]
        {
            assert!(is_chat_id(good), "{good}");
        }
        for bad in
            ["79001234567", "+79001234567@c.us", "79001234567@с.us", "@c.us", "79001234567@s.whatsapp.net", "x@g.us"]
        {
            assert!(!is_chat_id(bad), "{bad}");
        }
    }

    #[test]
    fn a_text_is_counted_in_characters_not_bytes() {
        let body = json!({"message": "ы".repeat(20_000), "long": "ы".repeat(20_001)});
        let fields = Fields(body.as_object().unwrap());

        assert!(fields.text("message", 20_000).is_ok());
        let Err(Refusal::Invalid(detail)) = fields.text("long", 20_000) else { panic!("accepted") };
        assert_eq!(detail, "'long' length must be less than or equal to 20000 characters long");
    }
}
