//! Numbers in running text, and what they are: a phone, a card, a document, or something harmless like a price, a time,
//! a date or a room. Used before anything leaves (masking) and on what comes back (numbers nobody gave the model).

use std::ops::Range;

/// What a long number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A telephone number.
    Phone,
    /// A payment card: 13 to 19 digits that satisfy Luhn's check.
    Card,
    /// A passport or other document.
    Document,
    /// Long enough to name a person or an account, without a known form.
    Long,
}

/// A number written in one piece or in groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Where it stands, in bytes.
    pub range: Range<usize>,
    /// Its digits, in ASCII.
    pub digits: String,
    /// Written with a `+`.
    plus: bool,
    /// The lengths of its groups.
    groups: Vec<usize>,
    /// Groups are joined by hyphens.
    hyphens: usize,
}

impl Number {
    /// `None` for what is short, a price or a list of years.
    pub fn kind(&self) -> Option<Kind> {
        let count = self.digits.len();
        if (13..=19).contains(&count) && !self.plus && luhn(&self.digits) {
            return Some(Kind::Card);
        }
        if self.plus && (7..=15).contains(&count) {
            return Some(Kind::Phone);
        }
        match count {
            7 | 8 if self.hyphens >= 2 => Some(Kind::Phone),
            0..=8 => None,
            _ if self.is_years() => None,
            10 if matches!(self.groups.as_slice(), [4, 6] | [2, 2, 6]) => Some(Kind::Document),
            9..=15 => Some(Kind::Phone),
            _ => Some(Kind::Long),
        }
    }

    fn is_years(&self) -> bool {
        let year = |chunk: &[u8]| matches!(chunk, [b'1', b'9', ..] | [b'2', b'0', ..]);
        self.groups.iter().all(|length| *length == 4) && self.digits.as_bytes().chunks(4).all(year)
    }
}

/// All numbers of a text. Dates and times are none, and neither are digits inside a word (`m0001234567`).
pub fn numbers(text: &str) -> Vec<Number> {
    if !text.chars().any(|c| digit(c).is_some()) {
        return Vec::new();
    }
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let Some((row, next)) = row(text, &chars, at) else {
            at += 1;
            continue;
        };
        found.extend(row.without_dates());
        at = next;
    }
    found
}

/// The digits of a character in any script guests write numbers in.
pub fn digit(c: char) -> Option<char> {
    let zero = match c {
        '0'..='9' => return Some(c),
        '\u{ff10}'..='\u{ff19}' => 0xff10,
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6f0}'..='\u{6f9}' => 0x6f0,
        '\u{966}'..='\u{96f}' => 0x966,
        '\u{e50}'..='\u{e59}' => 0xe50,
        _ => return None,
    };
    char::from_digit(u32::from(c) - zero, 10)
}

/// Luhn's check of a card number.
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let value = u32::from(byte - b'0') << (place % 2);
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10) && digits.bytes().any(|byte| byte != b'0')
}

/// Groups of digits with what stands between them.
#[derive(Debug)]
struct Row {
    groups: Vec<Group>,
    plus: bool,
}

#[derive(Debug)]
struct Group {
    range: Range<usize>,
    digits: String,
    /// Before it, within the row.
    separator: String,
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '-' | '‐' | '‑' | '–' | '.' | '(' | ')')
}

/// The row that begins at a character, and where to go on; `None` if none begins there.
fn row(text: &str, chars: &[(usize, char)], start: usize) -> Option<(Row, usize)> {
    let plus = matches!(chars[start].1, '+' | '＋');
    let opens = plus || chars[start].1 == '(';
    let mut at = start + usize::from(opens);
    if opens && chars.get(at).is_some_and(|(_, c)| *c == '(') {
        at += 1;
    }
    digit(chars.get(at)?.1)?;
    if !opens && start > 0 && (chars[start - 1].1.is_alphanumeric() || chars[start - 1].1 == '_') {
        return None;
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut separator = String::new();
    let mut end = at;
    loop {
        let from = at;
        while chars.get(at).is_some_and(|(_, c)| digit(*c).is_some()) {
            at += 1;
        }
        let offset = |index: usize| chars.get(index).map_or(text.len(), |(offset, _)| *offset);
        let first = if groups.is_empty() { offset(start) } else { offset(from) };
        let digits = chars[from..at].iter().filter_map(|(_, c)| digit(*c)).collect();
        groups.push(Group { range: first..offset(at), digits, separator: std::mem::take(&mut separator) });
        end = end.max(at);
        let gap = chars[at..].iter().take(4).take_while(|(_, c)| is_separator(*c)).count();
        let goes_on = (1..=3).contains(&gap) && chars.get(at + gap).is_some_and(|(_, c)| digit(*c).is_some());
        if !goes_on {
            break;
        }
        separator = chars[at..at + gap].iter().map(|(_, c)| *c).collect();
        at += gap;
    }
    let row = Row { groups, plus }.trimmed(chars, start, end);
    Some((row, end))
}

impl Row {
    /// A first group after `10:` is the minutes of a time; a last one with a letter behind is a word (`5th`, `10am`).
    fn trimmed(mut self, chars: &[(usize, char)], start: usize, end: usize) -> Self {
        let is_digit = |index: usize| chars.get(index).is_some_and(|(_, c)| digit(*c).is_some());
        if start >= 2 && chars[start - 1].1 == ':' && is_digit(start - 2) {
            self.groups.remove(0);
        }
        let glued = chars.get(end).is_some_and(|(_, c)| c.is_alphabetic() || *c == '_');
        let begins_time = chars.get(end).is_some_and(|(_, c)| *c == ':') && is_digit(end + 1);
        let is_identity = self.groups.last().is_some_and(|group| group.digits.len() >= 15);
        if (glued && !is_identity) || begins_time {
            self.groups.pop();
        }
        self
    }

    /// The numbers between the dates and times of the row.
    fn without_dates(self) -> Vec<Number> {
        let mut found = Vec::new();
        let mut open: Vec<&Group> = Vec::new();
        let mut plus = self.plus;
        let mut at = 0;
        while at < self.groups.len() {
            let skipped = if plus && open.is_empty() { 0 } else { self.date_at(at) };
            if skipped > 0 {
                found.extend(number(&std::mem::take(&mut open), plus));
                plus = false;
                at += skipped;
            } else {
                open.push(&self.groups[at]);
                at += 1;
            }
        }
        found.extend(number(&open, plus));
        found
    }

    /// How many groups a date or time takes that begins here; 0 if none does.
    fn date_at(&self, at: usize) -> usize {
        let value = |index: usize| self.groups.get(index).and_then(|group| group.digits.parse::<u32>().ok());
        let length = |index: usize| self.groups.get(index).map_or(0, |group| group.digits.len());
        let separator = |index: usize| self.groups.get(index).map_or("", |group| group.separator.as_str());
        let (Some(first), Some(second)) = (value(at), value(at + 1)) else { return 0 };
        let joined = separator(at + 1);
        let alone = |end: usize| (at == 0 || separator(at) != joined) && separator(end) != joined;
        let three = joined == separator(at + 2) && alone(at + 3);
        let iso = length(at) == 4 && (1900..2100).contains(&first) && (1..=12).contains(&second) && length(at + 2) == 2;
        let usual = length(at) <= 2
            && (1..=31).contains(&first)
            && (1..=31).contains(&second)
            && (length(at + 2) == 4 && value(at + 2).is_some_and(|year| (1900..2100).contains(&year))
                || joined == "." && length(at + 2) == 2 && second <= 12);
        if three && matches!(joined, "-" | ".") && (iso || usual) {
            return 3;
        }
        let time_or_day = (first <= 24 && second <= 59) || (first <= 31 && second <= 12);
        let two = joined == "." && length(at) <= 2 && length(at + 1) == 2 && time_or_day && alone(at + 2);
        if two { 2 } else { 0 }
    }
}

fn number(groups: &[&Group], plus: bool) -> Option<Number> {
    let (first, last) = (groups.first()?, groups.last()?);
    Some(Number {
        range: first.range.start..last.range.end,
        digits: groups.iter().map(|group| group.digits.as_str()).collect(),
        plus,
        groups: groups.iter().map(|group| group.digits.len()).collect(),
        hyphens: groups.iter().skip(1).filter(|group| group.separator.contains(['-', '‐', '‑', '–'])).count(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        numbers(text).iter().filter_map(Number::kind).collect()
    }

    #[test]
    fn long_numbers_are_told_apart() {
        for (text, kind) in [
            ("+7 (921) 123-45-67", Kind::Phone),
            ("8 921 123 45 67", Kind::Phone),
            ("89211234567", Kind::Phone),
            ("call 123-45-67", Kind::Phone),
            ("01.23.45.67.89", Kind::Phone),
            ("(495) 123-45-67", Kind::Phone),
            ("٠٥٠١٢٣٤٥٦٧", Kind::Phone),
            ("4111 1111 1111 1111", Kind::Card),
            ("4111-1111-1111-1111", Kind::Card),
            ("4510 123456", Kind::Document),
            ("45 10 123456", Kind::Document),
            ("4111111111111112", Kind::Long),
        ] {
            assert_eq!(kinds(text), [kind], "{text}");
        }
    }

    #[test]
    fn prices_times_dates_and_rooms_are_no_phones() {
        for text in [
            "room 1204",
            "12 500 RUB",
            "1 500 000 UZS",
            "booking 12345678",
            "from 07.00-10.30 and 18.00-22.00",
            "07:00-10:30, 19:00 - 22:00",
            "12.07.2026 14:30 - 15.07.2026 12:00",
            "2026-07-12 2026-07-15",
            "12.07-15.07",
            "2024 2025 2026",
            "SU 1234",
            "m0001234567",
            "17 a, 10am",
            "€1,200.50",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn a_phone_beside_a_time_is_found_whole() {
        let text = "before 10:30 call +7 921 123-45-67 please";
        let found = numbers(text);
        let phone = found.iter().find(|number| number.kind() == Some(Kind::Phone)).expect("found");

        assert_eq!(&text[phone.range.clone()], "+7 921 123-45-67");
        assert_eq!(phone.digits, "79211234567");
    }
}
