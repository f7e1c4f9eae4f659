//! Reading fields that come as strings, as numbers, or not at all.

use serde_json::Value;

/// The longest text kept; the raw body is stored beside it. WhatsApp itself ends at 65,536.
pub(super) const LONGEST_TEXT: usize = 65_536;

/// The value at a path, `Null` where any step is missing.
pub(super) fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    const NOTHING: &Value = &Value::Null;
    path.iter().fold(value, |value, key| value.get(key).unwrap_or(NOTHING))
}

/// The words at a path, cleaned; `None` where there are none. A number is the digits somebody wrote.
pub(super) fn words(value: &Value, path: &[&str]) -> Option<String> {
    let text = match at(value, path) {
        Value::String(text) => clean(text),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The first words found under any of the paths.
pub(super) fn first_words(value: &Value, paths: &[&[&str]]) -> Option<String> {
    paths.iter().find_map(|path| words(value, path))
}

/// A short identifier: a string, or a number as its digits. `None` when empty, overlong or with control characters.
pub(super) fn identifier(value: &Value) -> Option<String> {
    const LONGEST: usize = 128;
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) if number.is_u64() => number.to_string(),
        _ => return None,
    };
    let readable = !text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control);
    readable.then_some(text)
}

/// An exact whole number: a JSON integer or a string of digits. A float is not one, however whole: past 2^53 it is
/// already another number.
pub(super) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit())),
        _ => None,
    }
}

/// A text without NUL (PostgreSQL refuses it) and other control characters, with one kind of line end, not over
/// [`LONGEST_TEXT`] characters.
pub(super) fn clean(text: &str) -> String {
    let mut kept = String::with_capacity(text.len().min(LONGEST_TEXT * 4));
    let mut characters = text.chars().peekable();
    let mut length = 0;
    while let Some(c) = characters.next() {
        let c = match c {
            '\r' if characters.peek() == Some(&'\n') => continue,
            '\r' => '\n',
            '\n' | '\t' => c,
            c if c.is_control() => continue,
            c => c,
        };
        if length == LONGEST_TEXT {
            break;
        }
        length += 1;
        kept.push(c);
    }
    kept
}

/// A vendor's word on one line, at most `longest` characters, with long runs of digits hidden: the vendor quotes
/// phone numbers.
pub(super) fn remark(text: &str, longest: usize) -> String {
    let mut kept = String::new();
    let mut digits = String::new();
    for c in text.chars().take(longest).chain([' ']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        kept.push_str(if digits.len() >= 7 { "…" } else { &digits });
        digits.clear();
        kept.push(if c.is_control() { ' ' } else { c });
    }
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn w17_control_characters_are_dropped_and_line_ends_are_made_one_kind() {
        assert_eq!(clean("a\0b\u{1}c\r\nd\re\n\tf\u{7f}g\u{85}"), "abc\nd\ne\n\tfg");
    }

    #[test]
    fn w31_a_long_text_is_kept_up_to_the_limit_counted_in_characters() {
        assert_eq!(clean(&"я".repeat(LONGEST_TEXT)).chars().count(), LONGEST_TEXT);
        assert_eq!(clean(&"😀".repeat(1_000_000)).chars().count(), LONGEST_TEXT);
        assert_eq!(clean("\u{200d}\u{200d}"), "\u{200d}\u{200d}");
    }

    #[test]
    fn w22_a_number_is_exact_or_it_is_none() {
        for (value, whole_number) in [
            (json!(1101000001), Some(1_101_000_001)),
            (json!("7105187566"), Some(7_105_187_566)),
            (json!(9_007_199_254_740_993_u64), Some(9_007_199_254_740_993)),
            (json!(1101000001.0), None),
            (json!(9_223_372_036_854_775_808_u64), None),
            (json!("1e5"), None),
            (json!("+5"), None),
            (json!(""), None),
            (json!(null), None),
        ] {
            assert_eq!(whole(&value), whole_number, "{value}");
        }
    }

    #[test]
    fn a_remark_has_no_phone_numbers_and_one_line() {
        assert_eq!(remark("chats: 10001234560@c.us,\n3 of 3", 200), "chats: …@c.us, 3 of 3");
        assert_eq!(remark("79001234567", 200), "…");
    }
}
