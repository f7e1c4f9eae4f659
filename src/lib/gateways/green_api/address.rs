//! Chat addresses as the vendor spells them, brought to one spelling and compared byte by byte.
//!
//! The vendor's own sample of sendMessage once held a Cyrillic `с` in `@с.us`; an address is therefore never
//! accepted because it looks right.

use crate::domain::ids::ChatAddress;

/// What kind of chat an address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// One person, under the spelling kept everywhere.
    Person(ChatAddress),
    /// A group.
    Group(ChatAddress),
    /// The statuses of contacts, and broadcast lists.
    Broadcast,
    /// A channel.
    Newsletter,
    /// Not an address.
    Unknown,
}

impl Address {
    /// Reads an address.
    pub(super) fn parse(text: &str) -> Address {
        let clean: String = text.chars().filter(|c| !is_invisible(*c)).collect();
        let (name, suffix) = match clean.split_once('@') {
            Some((name, suffix)) => (name, suffix),
            // Other messengers of the vendor have bare numbers; a WhatsApp guest under one is still a guest.
            None => (clean.as_str(), ""),
        };
        match suffix {
            "c.us" | "s.whatsapp.net" => person(without_device(name), "@c.us"),
            "lid" => person(without_device(name), "@lid"),
            "" if !clean.contains('@') && name.bytes().all(|b| b.is_ascii_digit()) => person(name, ""),
            "g.us" => Address::Group(ChatAddress(clean.chars().take(LONGEST).collect())),
            "broadcast" => Address::Broadcast,
            "newsletter" => Address::Newsletter,
            _ => Address::Unknown,
        }
    }

    /// The person's address, when it is one's.
    pub(super) fn person(self) -> Option<ChatAddress> {
        match self {
            Address::Person(address) => Some(address),
            _ => None,
        }
    }

    /// Where a message can be sent: a person or a group.
    pub(super) fn chat(self) -> Option<ChatAddress> {
        match self {
            Address::Person(address) | Address::Group(address) => Some(address),
            _ => None,
        }
    }
}

/// Where a phone (E.164) is reached: its digits, `@c.us`.
pub fn of_phone(phone: &str) -> ChatAddress {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    ChatAddress(format!("{digits}@c.us"))
}

/// Whether an address is one of those that hide the phone number.
pub(super) fn is_lid(address: &ChatAddress) -> bool {
    address.as_str().ends_with("@lid")
}

/// Far above any address seen (a group's has 22 characters before the `@`).
const LONGEST: usize = 64;

/// A plus before a phone is how people write one, and no part of an address.
fn person(name: &str, suffix: &str) -> Address {
    let name = name.strip_prefix('+').unwrap_or(name);
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'_' || b == b'-';
    let readable = !name.is_empty() && name.len() <= LONGEST && name.bytes().all(allowed) && !name.contains("..");
    if readable { Address::Person(ChatAddress(format!("{name}{suffix}"))) } else { Address::Unknown }
}

/// Cuts the device off: `79001234567:12@c.us` is the same person as `79001234567@c.us`.
fn without_device(name: &str) -> &str {
    match name.split_once(':') {
        Some((user, device)) if device.bytes().all(|b| b.is_ascii_digit()) => user,
        _ => name,
    }
}

/// Marks of direction and of zero width that get into copied numbers.
fn is_invisible(c: char) -> bool {
    c.is_whitespace() && c != '\r' && c != '\n'
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w25_one_person_has_one_spelling_whatever_the_device_or_the_marks() {
        for (text, kept) in [
            ("79001234567@c.us", "79001234567@c.us"),
            ("79001234567:12@c.us", "79001234567@c.us"),
            ("79001234567:8@s.whatsapp.net", "79001234567@c.us"),
            ("\u{202a}79001234567@c.us\u{202c}", "79001234567@c.us"),
            ("120650379300963@lid", "120650379300963@lid"),
            ("120650379300963:3@lid", "120650379300963@lid"),
            ("79001234567", "79001234567"),
            ("+79001234567@c.us", "79001234567@c.us"),
        ] {
            assert_eq!(Address::parse(text).person(), Some(ChatAddress::from(kept)), "{text:?}");
        }
    }

    #[test]
    fn a_phone_has_one_address_and_it_reads_back_as_a_person() {
        let address = of_phone("+79001234567");

        assert_eq!(address.as_str(), "79001234567@c.us");
        assert_eq!(Address::parse(address.as_str()).person(), Some(address));
    }

    #[test]
    fn w24_groups_statuses_and_channels_are_not_persons() {
        assert!(matches!(Address::parse("79001234567-1588091580@g.us"), Address::Group(_)));
        assert!(matches!(Address::parse("120363043968066561@g.us"), Address::Group(_)));
        assert_eq!(Address::parse("status@broadcast"), Address::Broadcast);
        assert_eq!(Address::parse("120363@newsletter"), Address::Newsletter);
    }

    #[test]
    fn w26_what_only_looks_like_an_address_is_none() {
        for text in [
            "79001234567@с.us",
            "",
            "@c.us",
            "../../etc@c.us",
            "a/../b@c.us",
            "7900\r\n@c.us",
            "7900'--@c.us",
            "7900\"@c.us",
            "7900@c.us@c.us",
            "hello",
            "7900@C.US",
            "7900:x@c.us",
            "\u{ff17}900@c.us",
        ] {
            assert_eq!(Address::parse(text), Address::Unknown, "{text:?}");
        }
    }
}
