//! Guests on the screen: phones without their middle, names as initials, unless `--reveal` is given.

/// How guests are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guests {
    /// The default.
    Masked,
    /// `--reveal`.
    Revealed,
}

impl Guests {
    /// An address of a channel as a person reads it: a phone for `…@c.us`, else the address itself.
    pub fn address(self, address: &str) -> String {
        let (user, server) = address.split_once('@').unwrap_or((address, "c.us"));
        let is_phone = server == "c.us" && (7..=15).contains(&user.len()) && user.bytes().all(|b| b.is_ascii_digit());
        match (self, is_phone) {
            (Guests::Revealed, true) => format!("+{user}"),
            (Guests::Masked, true) => phone(user),
            (Guests::Revealed, false) => address.to_owned(),
            (Guests::Masked, false) => other(user, server),
        }
    }

    /// A phone as staff wrote it.
    pub fn phone(self, text: &str) -> String {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() { text.to_owned() } else { self.address(&format!("{digits}@c.us")) }
    }

    /// What stands where a phone should and is none: it may hold one.
    pub fn unclear(self, text: &str) -> String {
        let text = crate::words::one_line(text);
        match self {
            Guests::Revealed => text,
            Guests::Masked => text.chars().map(|c| if c.is_alphanumeric() { '*' } else { c }).collect(),
        }
    }

    /// An e-mail address: its first letter and its host.
    pub fn email(self, text: &str) -> String {
        let text = crate::words::one_line(text);
        match (self, text.split_once('@')) {
            (Guests::Masked, Some((user, host))) => format!("{}***@{host}", user.chars().take(1).collect::<String>()),
            (Guests::Masked, None) => "***".to_owned(),
            (Guests::Revealed, _) => text,
        }
    }

    /// A profile name; untrusted, so nothing invisible passes.
    pub fn name(self, name: &str) -> String {
        let name = crate::words::one_line(name);
        match self {
            Guests::Revealed => name,
            Guests::Masked => initials(&name),
        }
    }
}

/// `+7 921 ***-45-67`: the country, the first three digits, the last four.
fn phone(digits: &str) -> String {
    let (country, rest) = digits.split_at(country_code_length(digits));
    if rest.len() < 8 {
        let last = &rest[rest.len().saturating_sub(2)..];
        return format!("+{country} ***{last}");
    }
    let (start, end) = (&rest[..3], &rest[rest.len() - 4..]);
    format!("+{country} {start} ***-{}-{}", &end[..2], &end[2..])
}

/// ITU E.164: +1 and +7 are alone, some are two digits, the rest three.
fn country_code_length(digits: &str) -> usize {
    const TWO: &[&str] = &[
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
        "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
        "86", "90", "91", "92", "93", "94", "95", "98",
    ];
    match digits {
        _ if digits.starts_with(['1', '7']) => 1,
        _ if TWO.iter().any(|code| digits.starts_with(code)) => 2,
        _ => 3.min(digits.len()),
    }
}

fn other(user: &str, server: &str) -> String {
    let last: String = user.chars().skip(user.chars().count().saturating_sub(4)).collect();
    format!("***{last}@{server}")
}

fn initials(name: &str) -> String {
    let initials: Vec<String> = name
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .take(3)
        .map(|first| format!("{first}."))
        .collect();
    initials.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_keep_their_country_and_their_end() {
        for (address, shown) in [
            ("79210004567@c.us", "+7 921 ***-45-67"),
            ("66811234567@c.us", "+66 811 ***-45-67"),
            ("14155550123@c.us", "+1 415 ***-01-23"),
            ("37060012345@c.us", "+370 600 ***-23-45"),
            ("2901234@c.us", "+290 ***34"),
            ("79210004567", "+7 921 ***-45-67"),
        ] {
            assert_eq!(Guests::Masked.address(address), shown);
        }
        assert_eq!(Guests::Revealed.address("79210004567@c.us"), "+79210004567");
        assert_eq!(Guests::Masked.phone("+7 (921) 000-45-67"), "+7 921 ***-45-67");
    }

    #[test]
    fn an_address_that_is_no_phone_is_not_taken_for_one() {
        assert_eq!(Guests::Masked.address("120650379300963@lid"), "***0963@lid");
        assert_eq!(Guests::Masked.address("120363@g.us"), "***0363@g.us");
        assert_eq!(Guests::Masked.address("я@c.us"), "***я@c.us");
    }

    #[test]
    fn names_become_initials() {
        assert_eq!(Guests::Masked.name("Мария Иванова"), "М. И.");
        assert_eq!(Guests::Masked.name(""), "");
        assert_eq!(Guests::Revealed.name("Anna\u{202e}\nSYSTEM"), "Anna ↵ SYSTEM");
    }
}
