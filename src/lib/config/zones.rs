//! IANA time zones, with advice for whoever writes a city, an offset or an old name.

use super::diagnose::{nearest, shown};
use super::fields::{Collector, word};
use super::yaml::Node;
use jiff::tz::{TimeZone, db};

/// Old names that are still understood, and what they are called now.
const RENAMED: &[(&str, &str)] = &[
    ("Europe/Kiev", "Europe/Kyiv"),
    ("Europe/Uzhgorod", "Europe/Kyiv"),
    ("Europe/Zaporozhye", "Europe/Kyiv"),
    ("Asia/Calcutta", "Asia/Kolkata"),
    ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
    ("Asia/Rangoon", "Asia/Yangon"),
    ("Asia/Katmandu", "Asia/Kathmandu"),
    ("Asia/Dacca", "Asia/Dhaka"),
    ("Asia/Thimbu", "Asia/Thimphu"),
    ("Asia/Macao", "Asia/Macau"),
    ("Asia/Ujung_Pandang", "Asia/Makassar"),
    ("Asia/Istanbul", "Europe/Istanbul"),
    ("Asia/Ashkhabad", "Asia/Ashgabat"),
    ("Asia/Tel_Aviv", "Asia/Jerusalem"),
    ("Atlantic/Faeroe", "Atlantic/Faroe"),
    ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ("America/Godthab", "America/Nuuk"),
    ("Pacific/Truk", "Pacific/Chuuk"),
    ("US/Eastern", "America/New_York"),
    ("US/Central", "America/Chicago"),
    ("US/Mountain", "America/Denver"),
    ("US/Pacific", "America/Los_Angeles"),
    ("US/Hawaii", "Pacific/Honolulu"),
    ("W-SU", "Europe/Moscow"),
    ("Turkey", "Europe/Istanbul"),
    ("Singapore", "Asia/Singapore"),
    ("Hongkong", "Asia/Hong_Kong"),
    ("Japan", "Asia/Tokyo"),
    ("Portugal", "Europe/Lisbon"),
    ("Poland", "Europe/Warsaw"),
    ("Egypt", "Africa/Cairo"),
    ("Israel", "Asia/Jerusalem"),
    ("PRC", "Asia/Shanghai"),
    ("GB", "Europe/London"),
];

/// Places without a zone of their own name.
const CITIES: &[(&str, &str)] = &[
    ("petersburg", "Europe/Moscow"),
    ("sochi", "Europe/Moscow"),
    ("kazan", "Europe/Moscow"),
    ("москва", "Europe/Moscow"),
    ("msk", "Europe/Moscow"),
    ("phuket", "Asia/Bangkok"),
    ("pattaya", "Asia/Bangkok"),
    ("samui", "Asia/Bangkok"),
    ("bali", "Asia/Makassar"),
    ("delhi", "Asia/Kolkata"),
    ("mumbai", "Asia/Kolkata"),
    ("goa", "Asia/Kolkata"),
    ("abu dhabi", "Asia/Dubai"),
    ("antalya", "Europe/Istanbul"),
    ("munich", "Europe/Berlin"),
    ("barcelona", "Europe/Madrid"),
    ("milan", "Europe/Rome"),
    ("beijing", "Asia/Shanghai"),
];

/// The zone's name as the database spells it; an old name becomes the present one, with a note.
pub(crate) fn zone(node: &Node, c: &mut Collector<'_>) -> Option<String> {
    let word = word(node, c, "a time zone such as `Europe/Moscow`")?;
    if let Some((old, new)) = RENAMED.iter().find(|(old, _)| old.eq_ignore_ascii_case(word))
        && TimeZone::get(new).is_ok()
    {
        c.warn(node.span, format!("`{old}` is an old name"), format!("it is read as `{new}`; write that"));
        return Some((*new).to_owned());
    }
    let known = db().available().map(|name| name.to_string()).find(|name| name.eq_ignore_ascii_case(word));
    match known {
        Some(name) if TimeZone::get(&name).is_ok() => Some(name),
        _ => c.error(node.span, format!("`{}` is not a time zone", shown(word)), advice(word)),
    }
}

fn advice(word: &str) -> String {
    let lower = word.to_lowercase();
    if let Some((_, zone)) = CITIES.iter().find(|(city, _)| lower.contains(city)) {
        return format!("did you mean `{zone}`?");
    }
    if ["gmt", "utc", "+", "-"].iter().any(|offset| lower.starts_with(offset)) {
        return "an offset knows no summer time; write a zone such as `Europe/Moscow`".into();
    }
    let names: Vec<String> = db().available().map(|name| name.to_string()).collect();
    let city = |name: &str| name.rsplit('/').next().unwrap_or_default().to_lowercase();
    let same_city = names.iter().find(|name| name.contains('/') && city(name) == city(word).replace(' ', "_"));
    let similar = || nearest(word, names.iter().map(String::as_str));
    let similar_city = || {
        let cities: Vec<String> = names.iter().map(|name| city(name)).collect();
        let meant = nearest(word, cities.iter().map(String::as_str))?.to_owned();
        names.iter().find(|name| city(name) == meant).map(String::as_str)
    };
    match same_city.map(String::as_str).or_else(similar).or_else(similar_city) {
        Some(zone) => format!("did you mean `{zone}`?"),
        None => "write a name of the IANA list, such as `Europe/Moscow` or `Asia/Bangkok`".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_an_offset_or_a_slip_leads_to_a_zone() {
        for (word, expected) in [
            ("Moscow", "did you mean `Europe/Moscow`?"),
            ("Sankt-Petersburg", "did you mean `Europe/Moscow`?"),
            ("Europe/Moskow", "did you mean `Europe/Moscow`?"),
            ("bangkok", "did you mean `Asia/Bangkok`?"),
            ("New York", "did you mean `America/New_York`?"),
            ("GMT+3", "an offset knows no summer time; write a zone such as `Europe/Moscow`"),
            ("+03:00", "an offset knows no summer time; write a zone such as `Europe/Moscow`"),
            ("Narnia", "write a name of the IANA list, such as `Europe/Moscow` or `Asia/Bangkok`"),
        ] {
            assert_eq!(advice(word), expected, "{word}");
        }
    }

    #[test]
    fn every_present_name_of_a_renamed_zone_exists() {
        for (old, new) in RENAMED {
            assert!(TimeZone::get(new).is_ok(), "{old} -> {new}");
        }
        for (city, zone) in CITIES {
            assert!(TimeZone::get(zone).is_ok(), "{city} -> {zone}");
        }
    }
}
