//! Phone numbers as people and systems write them → E.164, or a mark that they are unclear. Nothing is guessed: a
//! number without a country code is read in the hotel's own country and nowhere else.

use super::stay::Phone;
use phonenumber::country::Id;
use phonenumber::{Mode, PhoneNumber};

/// The longest text that is kept of something that is no one number.
const LONGEST: usize = 64;

/// `+` and 8 to 15 digits (ITU-T E.164), the usual punctuation left out.
pub fn e164(text: &str) -> Option<String> {
    let digits: String = text.strip_prefix('+')?.chars().filter(|c| !is_punctuation(*c)).collect();
    let fits =
        (8..=15).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit()) && !digits.starts_with('0');
    fits.then(|| format!("+{digits}"))
}

/// Whether some operator gives out numbers that begin like this one.
pub fn is_known(phone: &str) -> bool {
    phonenumber::parse(None, phone).is_ok_and(|number| number.is_valid())
}

/// A number as it would be dialled in a country.
pub fn national(text: &str, home: &str) -> Option<String> {
    let home: Id = home.parse().ok()?;
    let number = phonenumber::parse(Some(home), text).ok().filter(PhoneNumber::is_valid)?;
    Some(number.format().mode(Mode::E164).to_string())
}

/// Where a number is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Countries<'a> {
    /// The hotel's, for numbers without a country code.
    pub hotel: Option<&'a str>,
    /// The guest's, as told: only to see that a number could mean two.
    pub guest: Option<&'a str>,
}

/// Reads what stands where a phone should. `+` and `00` begin a country code; without one the number must be one of
/// the hotel's country. Two numbers, letters, and numbers that fit nowhere are unclear.
pub fn read(text: &str, countries: Countries<'_>) -> Phone {
    let text = without_marks(text);
    if !text.chars().any(char::is_alphanumeric) {
        return Phone::Missing;
    }
    let unclear = || Phone::Unclear(text.chars().take(LONGEST).collect());
    let plain = plain_digits(&text);
    match plain.as_deref().and_then(|plain| number(plain, countries)) {
        Some(number) => Phone::Known(number),
        None => unclear(),
    }
}

/// One number's `+` and digits; `None` for anything that holds more or something else.
fn plain_digits(text: &str) -> Option<String> {
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            '+' if plain.is_empty() => plain.push('+'),
            '0'..='9' => plain.push(c),
            '０'..='９' => plain.push(char::from_digit(u32::from(c) - u32::from('０'), 10)?),
            c if is_punctuation(c) => {}
            _ => return None,
        }
    }
    Some(plain)
}

fn number(plain: &str, countries: Countries<'_>) -> Option<String> {
    if let Some(international) = plain.strip_prefix("00").map(|rest| format!("+{rest}")) {
        return fitting(&international);
    }
    if plain.starts_with('+') {
        return fitting(plain);
    }
    let here = national(plain, countries.hotel?)?;
    // Written without `+` and without a trunk prefix, it may also be a number of the guest's own country.
    let has_code = here.trim_start_matches('+') == plain;
    let there =
        countries.guest.filter(|guest| Some(*guest) != countries.hotel).and_then(|guest| national(plain, guest));
    (!has_code || there.is_none_or(|there| there == here)).then_some(here)
}

/// With a country code a number is what it says, if it has the length of that country's numbers: lists of operators
/// age, lengths do not.
fn fitting(text: &str) -> Option<String> {
    let phone = e164(text)?;
    let number = phonenumber::parse(None, &phone).ok()?;
    // Several countries may share a code, and to which one a number of no operator belongs cannot be said.
    let countries = phonenumber::metadata::DATABASE.by_code(&number.code().value())?;
    let length = u16::try_from(phone.len() - 1 - number.code().value().to_string().len()).ok()?;
    let kinds =
        countries.iter().flat_map(|country| [country.descriptors().mobile(), country.descriptors().fixed_line()]);
    let mut lengths = kinds.flatten().flat_map(|kind| kind.possible_length());
    (number.is_valid() || lengths.any(|known| *known == length)).then_some(phone)
}

fn is_punctuation(c: char) -> bool {
    matches!(c, ' ' | '-' | '(' | ')' | '.' | '\u{A0}' | '\u{202F}' | '\u{2010}'..='\u{2015}')
}

/// Without what copying leaves around a number: the quote that makes a spreadsheet take it as text, marks of direction.
fn without_marks(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|c| {
            !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
                && (!c.is_control() || matches!(c, '\n' | '\t'))
        })
        .collect();
    visible.trim().trim_start_matches('\'').trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_country(hotel: &str, text: &str) -> Phone {
        read(text, Countries { hotel: Some(hotel), guest: None })
    }

    fn known(phone: &str) -> Phone {
        Phone::Known(phone.to_owned())
    }

    #[test]
    fn e164_is_a_plus_and_eight_to_fifteen_digits() {
        for (text, phone) in [("+66811111111", "+66811111111"), ("+7 (921) 000-00-00", "+79210000000")] {
            assert_eq!(e164(text).as_deref(), Some(phone), "{text}");
        }
        for text in
            ["", "+", "66811111111", "+0811111111", "+1234567", "+1234567890123456", "+7 921 abc", "+٧٩٢١٠٠٠٠٠٠٠"]
        {
            assert_eq!(e164(text), None, "{text}");
        }
    }

    #[test]
    fn c4_a_number_of_the_hotels_country_needs_no_code_and_any_other_does() {
        for (country, text, phone) in [
            ("RU", "8 (900) 123-45-67", "+79001234567"),
            ("RU", "+7 900 123 45 67", "+79001234567"),
            ("RU", "79001234567", "+79001234567"),
            ("RU", "9001234567", "+79001234567"),
            ("RU", "'+7-900-123-45-67", "+79001234567"),
            ("TH", "081 234 5678", "+66812345678"),
            ("TH", "66812345678", "+66812345678"),
            ("TH", "+49 1512 3456789", "+4915123456789"),
            ("TH", "0049 1512 3456789", "+4915123456789"),
            // A number of no operator, kept for stories and tests; it is no less one number.
            ("TH", "+44 7700 900456", "+447700900456"),
            ("TH", "\u{202a}+66 81 234 5678\u{202c}", "+66812345678"),
        ] {
            assert_eq!(in_country(country, text), known(phone), "{country} {text}");
        }
    }

    #[test]
    fn c4_what_is_no_one_number_is_marked_and_kept() {
        for text in [
            "+7 900",
            "+7 900 123 45",
            "+7 900 123 45 67, +7 900 765 43 21",
            "+79001234567/+79007654321",
            "8900CALLME",
            "ask at the desk",
            "7.92E+10",
            "12",
            "4915123456789",
            "+99912345678",
        ] {
            assert!(matches!(in_country("TH", text), Phone::Unclear(_)), "{text}: {:?}", in_country("TH", text));
        }
        assert!(matches!(read("0812345678", Countries::default()), Phone::Unclear(_)), "no country, no guess");
        for text in ["", "  ", "-", "—", "'"] {
            assert_eq!(in_country("TH", text), Phone::Missing, "{text:?}");
        }
    }

    #[test]
    fn a_number_that_could_be_of_two_countries_is_unclear() {
        let guest_of = |guest| read("6622345678", Countries { hotel: Some("TH"), guest });

        assert_eq!(guest_of(None), known("+6622345678"));
        assert!(matches!(guest_of(Some("US")), Phone::Unclear(_)), "662 is also Mississippi");
        let trunk = read("8 921 123 45 67", Countries { hotel: Some("RU"), guest: Some("DE") });
        assert_eq!(trunk, known("+79211234567"), "the trunk prefix is the hotel's country's");
    }

    #[test]
    fn a_number_kept_as_unclear_is_bounded() {
        let Phone::Unclear(kept) = in_country("TH", &"x".repeat(10_000)) else { panic!("unclear") };

        assert_eq!(kept.chars().count(), LONGEST);
    }
}
