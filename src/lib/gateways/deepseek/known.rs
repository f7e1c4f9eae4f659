//! What a hotel gives out: the numbers and addresses of its facts and links. A reply may hold those, and those the guest
//! wrote; any other was made up (faults L7, L8, L11).

use super::mask::addresses;
use super::numbers::{Number, numbers};

/// The numbers and addresses a hotel gives out.
#[derive(Clone, Debug, Default)]
pub struct Known {
    digits: Vec<String>,
    addresses: Vec<String>,
    mails: Vec<String>,
}

impl Known {
    /// Takes in whatever a text of the hotel mentions.
    pub fn learn(&mut self, text: &str) {
        self.digits.extend(numbers(text).into_iter().filter(|n| n.digits.len() >= 5).map(|n| n.digits));
        self.mails.extend(addresses(text).into_iter().map(|range| text[range].to_lowercase()));
        self.addresses.extend(web_addresses(text));
    }

    /// What a reply names that is neither the hotel's nor, for numbers, in the guest's own words.
    pub fn foreign(&self, reply: &str, guest: &str) -> Option<&'static str> {
        let mails = addresses(reply);
        if mails.iter().any(|range| !self.mails.contains(&reply[range.clone()].to_lowercase())) {
            return Some("the reply names an e-mail address that is not the hotel's");
        }
        if web_addresses(reply).iter().any(|address| !self.knows_address(address)) {
            return Some("the reply names a link that is not the hotel's");
        }
        let long = numbers(reply).into_iter().filter(|number| number.kind().is_some());
        let own: Vec<String> = numbers(guest).into_iter().map(|number| number.digits).collect();
        long.into_iter()
            .any(|number| !self.knows_number(&number) && !own.contains(&number.digits))
            .then_some("the reply names a phone number that is not the hotel's")
    }

    /// The same address, or only its host.
    fn knows_address(&self, address: &str) -> bool {
        let host = |known: &str| known.split('/').next().unwrap_or_default().to_owned();
        self.addresses.iter().any(|known| known == address || host(known) == address)
    }

    /// Equal up to the prefixes `+7`, `8`, `00`: the last ten digits, or all of a shorter number.
    fn knows_number(&self, number: &Number) -> bool {
        let tail = |digits: &str| digits[digits.len().saturating_sub(10)..].to_owned();
        let is_same = |known: &String| {
            known == &number.digits
                || known.len() >= 7 && (tail(known) == tail(&number.digits) || known.ends_with(&number.digits))
        };
        self.digits.iter().any(is_same)
    }
}

/// The web addresses of a text, without scheme, `www.` and closing slash, in lower case. Bare names count when they
/// end like an internet name (`bit.ly/x`), so that a link without `https://` is seen as what a phone makes of it.
fn web_addresses(text: &str) -> Vec<String> {
    if !text.contains(['.', ':', '。', '．']) {
        return Vec::new();
    }
    let words =
        text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '<' | '>' | '"' | '«' | '»'));
    words.filter_map(web_address).collect()
}

fn web_address(word: &str) -> Option<String> {
    let ends = |c: char| matches!(c, '.' | '!' | '?' | ':' | '*' | '_' | '\'' | '[' | ']' | '…');
    let written = word.trim_matches(ends);
    let word = written.to_lowercase();
    if word.contains('@') && !word.contains("://") {
        return None;
    }
    if let Some((_, rest)) = word.split_once("://") {
        return Some(rest.trim_start_matches("www.").trim_end_matches('/').to_owned());
    }
    if let Some(scheme) = SCHEMES.iter().find(|scheme| word.starts_with(*scheme)) {
        return Some(word[scheme.len()..].to_owned());
    }
    let bare = word.trim_start_matches("www.").trim_end_matches('/');
    let host = bare.split(['/', '?', '#', ':']).next()?;
    let host_like = is_host(host) && !begins_sentence(written);
    (word.starts_with("www.") || host_like).then(|| bare.to_owned())
}

/// `Yes.It` is two sentences without a space between; `BIT.LY` is not.
fn begins_sentence(word: &str) -> bool {
    let last = word.split('/').next().and_then(|host| host.rsplit('.').next()).unwrap_or_default();
    last.chars().next().is_some_and(char::is_uppercase) && last.chars().skip(1).all(char::is_lowercase)
}

const SCHEMES: &[&str] = &["javascript:", "data:", "mailto:", "tel:", "whatsapp:", "tg:"];

fn is_host(name: &str) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    let is_number =
        |label: &&str| label.len() <= 3 && label.bytes().all(|byte| byte.is_ascii_digit()) && !label.is_empty();
    if labels.len() == 4 && labels.iter().all(is_number) {
        return true;
    }
    let [.., _, top] = labels.as_slice() else { return false };
    let fits = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    labels.iter().all(fits) && (TOP_LEVELS.contains(top) || name.contains("xn--"))
}

/// Endings under which links are passed around. Endings that are also words after a forgotten space (`so`, `is`, `at`,
/// `no`) are left out.
const TOP_LEVELS: &[&str] = &[
    "com",
    "org",
    "net",
    "info",
    "biz",
    "io",
    "me",
    "ly",
    "app",
    "dev",
    "xyz",
    "site",
    "online",
    "shop",
    "store",
    "top",
    "club",
    "link",
    "click",
    "live",
    "life",
    "world",
    "hotel",
    "travel",
    "tours",
    "pro",
    "co",
    "cc",
    "tv",
    "ai",
    "gl",
    "gd",
    "su",
    "ru",
    "рф",
    "ua",
    "by",
    "kz",
    "uz",
    "kg",
    "ge",
    "am",
    "az",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "tr",
    "pl",
    "nl",
    "ch",
    "uk",
    "eu",
    "us",
    "cn",
    "jp",
    "kr",
    "th",
    "ae",
    "sa",
    "eg",
    "il",
    "gr",
    "cz",
    "bg",
    "rs",
    "lt",
    "lv",
    "ee",
    "fi",
    "se",
    "dk",
    "id",
    "vn",
    "my",
    "sg",
    "au",
    "nz",
    "ca",
    "mx",
    "br",
    "ar",
    "cl",
    "москва",
    "онлайн",
    "сайт",
    "дети",
    "укр",
    "қаз",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let mut known = Known::default();
        for text in [
            "Reception: +7 (812) 494-57-57 or desk@astoria.example.com",
            "https://astoria.example.com/spa",
            "Taxi 8 800 555-35-35, map: maps.example.org/x",
        ] {
            known.learn(text);
        }
        known
    }

    #[test]
    fn what_the_hotel_gives_out_may_be_said() {
        for reply in [
            "Call +7 812 494 57 57 or 8 (812) 494-57-57.",
            "Write to Desk@Astoria.example.com!",
            "See https://astoria.example.com/spa/.",
            "astoria.example.com",
            "From 07:00 to 10:30 it costs 12 500 RUB, on 12.07.2026.",
            "Yes.It is open, e.g. on Monday. Ask for room no.12.",
            "Call 112.",
        ] {
            assert_eq!(known().foreign(reply, ""), None, "{reply}");
        }
        assert_eq!(known().foreign("Your booking 9876543210 is found", "I am 9876543210"), None);
    }

    #[test]
    fn what_it_does_not_may_not() {
        for reply in [
            "Call +7 999 123-45-67",
            "Pay at http://oplata-hote1.ru",
            "bit.ly/3abc",
            "Go to www.evil.example",
            "xn--80ak6aa92e.com/login",
            "javascript:alert(1)",
            "http://1.2.3.4/x or 1.2.3.4",
            "https://astoria.example.com/refund",
            "me@evil.example.com",
            "оплата.рф",
        ] {
            assert!(known().foreign(reply, "please open http://oplata-hote1.ru").is_some(), "{reply}");
        }
    }
}
