//! Phone numbers in files: with `+` and country code, because a file is read in every country.

use super::diagnose::shown;
use super::fields::{Collector, word};
use super::yaml::Node;
use crate::domain::phone::{e164, is_known, national};

/// E.164 (`+66811111111`), spaces and brackets taken out; or a WhatsApp group, `…@g.us`.
pub(crate) fn phone_or_group(node: &Node, c: &mut Collector<'_>, home: Option<&str>) -> Option<String> {
    let word = word(node, c, "a phone such as `\"+66811111111\"`")?;
    if let Some(group) = word.strip_suffix("@g.us") {
        if !group.is_empty() && group.chars().all(|c| c.is_ascii_digit() || c == '-') {
            return Some(word.to_owned());
        }
        return c.error(
            node.span,
            format!("`{}` is not a group", shown(word)),
            "write it as WhatsApp does, `1203…@g.us`",
        );
    }
    match e164(word) {
        Some(phone) => {
            if !is_known(&phone) {
                let message = format!("no phone is known to begin like `{phone}`");
                c.warn(node.span, message, "look at the digits again");
            }
            Some(phone)
        }
        None => c.error(node.span, format!("`{}` is not a phone", shown(word)), advice(word, home)),
    }
}

fn advice(word: &str, home: Option<&str>) -> String {
    let international = || e164(&format!("+{word}")).filter(|phone| is_known(phone));
    match home.and_then(|home| national(word, home)).or_else(international) {
        Some(phone) => format!("did you mean `\"{phone}\"`?"),
        None => "write `+`, the country code and the number, such as `\"+66811111111\"`".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_its_country_is_completed_in_the_advice_only() {
        assert_eq!(advice("8 (921) 123-45-67", Some("RU")), "did you mean `\"+79211234567\"`?");
        assert_eq!(advice("66811111111", None), "did you mean `\"+66811111111\"`?");
        assert!(advice("12", Some("RU")).starts_with("write `+`"));
    }
}
