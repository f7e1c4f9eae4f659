//! One cell of a stay. Each reader says what is wrong and what to write instead; none guesses.

use crate::domain::hotel::Hotel;
use crate::domain::stay::{PlannedDay, ReservationStatus, instant};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use unicode_segmentation::UnicodeSegmentation;

/// Longer names are cut; nobody greets with more.
pub(super) const LONGEST_NAME: usize = 128;
/// A PMS's id has no more.
pub(super) const LONGEST_ID: usize = 128;
/// A further field of the hotel's own.
pub(super) const LONGEST_CUSTOM: usize = 1000;
const MOST_TAGS: usize = 50;
const MOST_PERSONS: u32 = 999;
/// Years in which a stay may lie; a slip of the pen is outside.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2099;

/// What is wrong, and what to write instead.
pub(super) type Wrong = (String, String);

fn wrong<T>(message: impl Into<String>, fix: impl Into<String>) -> Result<T, Wrong> {
    Err((message.into(), fix.into()))
}

/// A cell as it may be shown in a message: short, on one line, nothing invisible.
pub(super) fn shown(text: &str) -> String {
    let line: String = clean(text, usize::MAX);
    let short: String = line.chars().take(40).collect();
    if short.len() < line.len() { format!("{short}…") } else { short }
}

/// Text as data: no control characters, no marks that turn the direction of what follows, single spaces, bounded at a
/// whole character as people see it. The quote our own exports put before `=`, `+`, `-` and `@` is taken off again.
pub(super) fn clean(text: &str, longest: usize) -> String {
    let text = match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => text,
    };
    let mut line = String::with_capacity(text.len().min(longest.saturating_mul(4)));
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = true;
        } else if !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}') {
            if gap && !line.is_empty() {
                line.push(' ');
            }
            gap = false;
            line.push(c);
        }
    }
    cut(line, longest)
}

fn cut(line: String, longest: usize) -> String {
    if line.chars().nth(longest).is_none() {
        return line;
    }
    let (mut short, mut length) = (String::new(), 0);
    for grapheme in line.graphemes(true) {
        length += grapheme.chars().count();
        if length > longest {
            break;
        }
        short.push_str(grapheme);
    }
    short.trim_end().to_owned()
}

/// The PMS's id: it is compared, so it is never cut or repaired.
pub(super) fn id(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return wrong("it is empty", "give every reservation the id that the PMS gave it");
    }
    if text.chars().count() > LONGEST_ID {
        return wrong(format!("it is longer than {LONGEST_ID} characters"), "write the id only");
    }
    if text.chars().any(|c| c.is_control() || clean(&c.to_string(), 1).is_empty() && c != ' ') {
        return wrong("it holds characters that nobody sees", "type the id anew");
    }
    Ok(text.to_owned())
}

/// A day, with the hotel's clock time if one is said: `2026-07-01`, `2026-07-01 14:00`, `01.07.2026`. A time with an
/// offset is brought to the hotel's clock.
pub(super) fn planned_day(text: &str, hotel: &Hotel) -> Result<PlannedDay, Wrong> {
    let text = text.trim();
    let day = match moment(text)? {
        Moment::Day(date) => PlannedDay { date, time: None },
        Moment::Local(local) => PlannedDay { date: local.date(), time: Some(local.time()) },
        Moment::Exact(at) => {
            let local = at.to_zoned(hotel.time_zone()).datetime();
            PlannedDay { date: local.date(), time: Some(local.time()) }
        }
    };
    if !YEARS.contains(&day.date.year()) {
        return wrong(format!("the year {} cannot be meant", day.date.year()), "write all four digits of the year");
    }
    Ok(day)
}

/// An instant: with an offset what it says, else the hotel's clock; a day begins at midnight.
pub(super) fn at(text: &str, hotel: &Hotel) -> Result<Timestamp, Wrong> {
    let local = |date: Date, time: Time| instant(hotel, date, time);
    let at = match moment(text.trim())? {
        Moment::Day(date) => local(date, Time::midnight()),
        Moment::Local(moment) => local(moment.date(), moment.time()),
        Moment::Exact(at) => at,
    };
    let year = at.to_zoned(hotel.time_zone()).year();
    if !YEARS.contains(&year) {
        return wrong(format!("the year {year} cannot be meant"), "write all four digits of the year");
    }
    Ok(at)
}

enum Moment {
    Day(Date),
    Local(DateTime),
    Exact(Timestamp),
}

const DATE_FIX: &str = "write it as 2026-07-01 or 2026-07-01 14:00, in the hotel's time";

fn moment(text: &str) -> Result<Moment, Wrong> {
    if text.is_empty() {
        return wrong("it is empty", DATE_FIX);
    }
    if let Some(exact) = with_offset(text) {
        return Ok(Moment::Exact(exact));
    }
    let (day, time) = match text.split_once(['T', 't', ' ']) {
        Some((day, time)) => (day, Some(time.trim())),
        None => (text, None),
    };
    let day = date(day)?;
    match time {
        None => Ok(Moment::Day(day)),
        Some(time) => Ok(Moment::Local(day.to_datetime(clock(time)?))),
    }
}

fn with_offset(text: &str) -> Option<Timestamp> {
    let tail = text.get(text.len().saturating_sub(6)..)?;
    let has_offset =
        text.len() > 16 && (text.ends_with(['Z', 'z']) || tail.starts_with(['+', '-']) && tail.contains(':'));
    has_offset.then(|| text.replacen(' ', "T", 1).parse().ok()).flatten()
}

fn date(text: &str) -> Result<Date, Wrong> {
    let numbers = |separator: char| -> Option<Vec<&str>> {
        let parts: Vec<&str> = text.split(separator).collect();
        let digits = |part: &&str| !part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit());
        (parts.len() == 3 && parts.iter().all(digits)).then_some(parts)
    };
    if let Some(parts) = numbers('-').filter(|parts| parts[0].len() == 4) {
        return day_of(parts[0], parts[1], parts[2], text);
    }
    // With dots the day comes first wherever dots are used.
    if let Some(parts) = numbers('.').filter(|parts| parts[2].len() == 4) {
        return day_of(parts[2], parts[1], parts[0], text);
    }
    if let Some(parts) = numbers('/').or_else(|| numbers('-')) {
        let message = format!("`{}` does not say by its form which number is the day", shown(text));
        return wrong(message, format!("write the year first: {}", year_first(&parts)));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) && text.len() == 5 {
        return wrong(format!("`{text}` is a spreadsheet's count of days"), "format the column as a date: 2026-07-01");
    }
    wrong(format!("`{}` is not a date", shown(text)), DATE_FIX)
}

/// The same day with the year first, as far as it can be told.
fn year_first(parts: &[&str]) -> String {
    let number = |part: &str| part.parse::<u32>().unwrap_or(0);
    match parts {
        [day, month, year] if year.len() == 4 && number(day) > 12 => format!("{year}-{month:0>2}-{day:0>2}"),
        [month, day, year] if year.len() == 4 && number(day) > 12 => format!("{year}-{month:0>2}-{day:0>2}"),
        [_, _, year] if year.len() == 4 => format!("{year}-MM-DD"),
        [year, month, day] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => "YYYY-MM-DD".to_owned(),
    }
}

fn day_of(year: &str, month: &str, day: &str, text: &str) -> Result<Date, Wrong> {
    let found = || Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok();
    found().ok_or_else(|| (format!("there is no day `{}`", shown(text)), DATE_FIX.to_owned()))
}

fn clock(text: &str) -> Result<Time, Wrong> {
    let hour_first = text.split(':').next().is_some_and(|hour| (1..=2).contains(&hour.len()));
    let padded = if text.find(':') == Some(1) { format!("0{text}") } else { text.to_owned() };
    let time = padded.contains(':').then(|| padded.parse::<Time>().ok()).flatten().filter(|_| hour_first);
    time.ok_or_else(|| (format!("`{}` is not a clock time", shown(text)), "write it as 14:00".to_owned()))
}

/// A status in the words of the trigger language, `-` and spaces for `_`, in any case.
pub(super) fn status(text: &str) -> Result<ReservationStatus, Wrong> {
    let word: String = text.trim().to_lowercase().replace(['-', ' '], "_");
    let meant = match word.as_str() {
        "canceled" => "cancelled",
        "noshow" => "no_show",
        "checkedin" => "checked_in",
        "checkedout" => "checked_out",
        other => other,
    };
    if let Some(status) = ReservationStatus::parse(meant) {
        return Ok(status);
    }
    let words: Vec<&str> = ReservationStatus::ALL.iter().map(|status| status.as_str()).collect();
    let near = words.iter().min_by_key(|known| strsim::damerau_levenshtein(known, &word));
    let fix = match near.filter(|near| strsim::damerau_levenshtein(near, &word) <= 2) {
        Some(near) => format!("did you mean `{near}`?"),
        None if matches!(word.as_str(), "in_house" | "inhouse" | "started") => "did you mean `checked_in`?".to_owned(),
        None => format!("write one of {}", words.join(", ")),
    };
    wrong(format!("`{}` is no status", shown(text)), fix)
}

/// A number of persons.
pub(super) fn persons(text: &str) -> Result<u32, Wrong> {
    let number = text.trim().parse().ok().filter(|number| *number <= MOST_PERSONS);
    number.ok_or_else(|| {
        (format!("`{}` is no number of persons", shown(text)), "write a whole number such as 2".to_owned())
    })
}

/// A language code.
pub(super) fn language(text: &str) -> Result<crate::domain::language::Language, Wrong> {
    let language = crate::domain::language::Language::parse(text);
    // Three letters are left to languages that have no two, such as Filipino.
    let usual = language.filter(|language| language.as_str().len() == 2 || language.as_str() == "fil");
    usual.ok_or_else(|| {
        (format!("`{}` is no language", shown(text)), "write two letters such as `en`, `ru`, `de`".to_owned())
    })
}

/// An ISO 3166 code.
pub(super) fn country(text: &str) -> Result<String, Wrong> {
    let code = text.trim().to_uppercase();
    if code.len() == 2 && code.parse::<phonenumber::country::Id>().is_ok() {
        return Ok(code);
    }
    let fix = if code == "UK" { "did you mean `GB`?" } else { "write the two letters of ISO 3166, such as `TH`" };
    wrong(format!("`{}` is no country", shown(text)), fix)
}

/// An address, not shown in messages.
pub(super) fn email(text: &str) -> Result<String, Wrong> {
    let text = clean(text, 320);
    let right = text.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains('@')
    });
    if right && text.len() <= 254 && !text.contains(' ') {
        return Ok(text);
    }
    wrong("it is no e-mail address", "write one address, or leave it empty")
}

/// `yes`, or a level such as `gold`; `no` is none.
pub(super) fn vip(text: &str) -> Option<String> {
    let word = clean(text, 32).to_lowercase();
    match word.as_str() {
        "" | "no" | "n" | "false" | "0" | "-" | "нет" => None,
        "yes" | "y" | "true" | "1" | "x" | "vip" | "да" => Some("yes".to_owned()),
        _ => Some(word),
    }
}

/// Words separated by `|`, each once.
pub(super) fn tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split('|').map(|tag| clean(tag, 64)).filter(|tag| !tag.is_empty()) {
        if !tags.contains(&tag) && tags.len() < MOST_TAGS {
            tags.push(tag);
        }
    }
    tags
}

/// A birthday in a field of the hotel's own; what is no date is left there as text.
pub(super) fn birthday(text: &str) -> Option<Date> {
    date(text.trim()).ok().filter(|date| (1900..=2099).contains(&date.year()))
}
