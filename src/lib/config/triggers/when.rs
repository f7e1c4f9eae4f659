//! `when:`: the moment of a trigger.

use super::super::diagnose::{nearest, shown};
use super::super::durations::{self, DAY, HOUR, MINUTE};
use super::super::fields::{Collector, Fields, choice, is_name, list, word};
use super::super::times::{time, window};
use super::super::yaml::{Node, Span};
use super::checks::cron;
use crate::domain::ids::{AnswerId, QuestionId};
use crate::domain::trigger::{Anchor, Day, IfMissed, Offset, Once, Otherwise, Side, When};
use crate::domain::understanding::Sentiment;
use std::time::Duration;

/// The fields of `when`.
pub(super) const FIELDS: &[&str] =
    &["after", "before", "on", "by", "at", "only_between", "days", "otherwise", "if_missed", "cron", "of", "is"];

/// The words for anchors.
pub(super) const ANCHORS: &[&str] = &[
    "booking_created",
    "booking_changed",
    "booking_cancelled",
    "no_show",
    "arrival",
    "check_in",
    "mid_stay",
    "in_house_daily",
    "room_changed",
    "check_out",
    "checked_out",
    "first_message",
    "message",
    "sentiment",
    "answer",
    "alert_resolved",
    "silence",
    "schedule",
];

/// Longer than this ahead or back, nobody knows the guest (faults Y11).
const LONGEST: Duration = Duration::from_secs(60 * 86_400);

/// The moment.
pub(super) fn when(node: &Node, c: &mut Collector<'_>) -> Option<When> {
    let fields = c.fields(node, "`when`", FIELDS)?;
    let side = side(&fields, c);
    let anchor = side.and_then(|(side, name)| anchor(&fields, side, name, c));
    let by = fields.optional("by", c, offset);
    let at = fields.optional("at", c, time);
    let only_between = fields.optional("only_between", c, window);
    let days = fields.optional("days", c, days);
    let otherwise = fields.optional("otherwise", c, |n, c| choice(n, c, &words(Otherwise::ALL, |one| one.as_str())));
    let if_missed = fields.optional("if_missed", c, if_missed);
    let is_whole = [("by", by.is_some()), ("at", at.is_some()), ("only_between", only_between.is_some())]
        .iter()
        .all(|(name, is_read)| *is_read || fields.get(name).is_none());
    let (side, _) = side?;
    let anchor = anchor?;
    is_whole.then_some(When {
        side,
        anchor,
        by,
        at,
        only_between: only_between.flatten(),
        days: days.unwrap_or_default(),
        otherwise: otherwise.unwrap_or(Otherwise::Later),
        if_missed: if_missed.unwrap_or(IfMissed::Skip),
    })
}

/// Names and values of an enum, for [`choice`].
pub(super) fn words<T: Copy>(all: &'static [T], name: impl Fn(T) -> &'static str) -> Vec<(&'static str, T)> {
    all.iter().map(|one| (name(*one), *one)).collect()
}

fn side<'n>(fields: &Fields<'n>, c: &mut Collector<'_>) -> Option<(Side, &'n Node)> {
    let said: Vec<(Side, &Node)> =
        Side::ALL.iter().filter_map(|side| Some((*side, fields.get(side.as_str())?))).collect();
    match said.as_slice() {
        [one] => Some(*one),
        [] => {
            // Tells that the anchor is missing.
            fields.required("after", "check_in", c, |_, _| Some(()));
            None
        }
        [_, (side, _), ..] => {
            let span = fields.span(side.as_str());
            c.error(span, "a moment has one anchor", "keep one of `after`, `before` and `on`")
        }
    }
}

fn anchor(fields: &Fields<'_>, side: Side, node: &Node, c: &mut Collector<'_>) -> Option<Anchor> {
    let word = word(node, c, "a moment such as `check_in`")?;
    if !ANCHORS.contains(&word) {
        let fix = match nearest(word, ANCHORS.iter().copied()).or_else(|| meant(word)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", ANCHORS.join(", ")),
        };
        return c.error(node.span, format!("unknown moment `{}`", shown(word)), fix);
    }
    strangers(fields, word, c);
    if side == Side::Before && !matches!(word, "arrival" | "check_in" | "check_out" | "mid_stay") {
        let fix = if word == "checked_out" { "write `before: check_out`" } else { "write `after:`" };
        return c.error(node.span, format!("nobody knows beforehand when `{word}` will be"), fix);
    }
    Some(match word {
        "booking_created" => Anchor::BookingCreated,
        "booking_changed" => Anchor::BookingChanged,
        "booking_cancelled" => Anchor::BookingCancelled,
        "no_show" => Anchor::NoShow,
        "arrival" => Anchor::Arrival,
        "check_in" => Anchor::CheckIn,
        "mid_stay" => Anchor::MidStay,
        "in_house_daily" => Anchor::InHouseDaily,
        "room_changed" => Anchor::RoomChanged,
        "check_out" => Anchor::CheckOut,
        "checked_out" => Anchor::CheckedOut,
        "first_message" => Anchor::FirstMessage,
        "message" => Anchor::Message,
        "alert_resolved" => Anchor::AlertResolved,
        "silence" => Anchor::Silence,
        "sentiment" => {
            let is = fields
                .required("is", "negative", c, |n, c| choice(n, c, &words(Sentiment::ALL, |one| one.as_str())))?;
            Anchor::Sentiment { is }
        }
        "answer" => {
            let of = fields.required("of", "room-ok", c, |n, c| name(n, c, "question"));
            let is = fields.optional("is", c, |n, c| name(n, c, "answer"));
            Anchor::Answer { of: QuestionId(of?), is: is.map(AnswerId) }
        }
        _ => Anchor::Schedule { cron: fields.required("cron", "\"0 10 * * *\"", c, cron::read)? },
    })
}

/// Words other programs have for an anchor.
fn meant(word: &str) -> Option<&'static str> {
    match word.to_lowercase().replace(['-', ' '], "_").as_str() {
        "departure" | "leaving" => Some("check_out"),
        "checkin" | "checked_in" => Some("check_in"),
        "checkout" => Some("check_out"),
        "booking" | "booked" | "reservation" => Some("booking_created"),
        "cancelled" | "canceled" | "cancellation" => Some("booking_cancelled"),
        "daily" | "every_day" => Some("in_house_daily"),
        "cron" => Some("schedule"),
        _ => None,
    }
}

/// `of`, `is` and `cron` belong to one anchor each.
fn strangers(fields: &Fields<'_>, anchor: &str, c: &mut Collector<'_>) {
    for (name, homes) in [("of", &["answer"][..]), ("is", &["answer", "sentiment"][..]), ("cron", &["schedule"][..])] {
        if fields.get(name).is_some() && !homes.contains(&anchor) {
            let fix = format!("it goes with `{}`; delete it", homes.join("` and `"));
            c.error::<()>(fields.span(name), format!("`{name}` says nothing of `{anchor}`"), fix);
        }
    }
}

/// The name of a trigger, question or answer.
pub(super) fn name(node: &Node, c: &mut Collector<'_>, what: &str) -> Option<String> {
    let word = word(node, c, &format!("the id of a {what}"))?;
    named(word, node.span, c, what)
}

/// The same, for the name of a field.
pub(super) fn named(word: &str, span: Span, c: &mut Collector<'_>, what: &str) -> Option<String> {
    if is_name(word, 64, false) {
        return Some(word.to_owned());
    }
    let fix = "use 1 to 64 of a-z, 0-9, `_` and `-`, such as `room-ok`";
    c.error(span, format!("`{}` is not the id of a {what}", shown(word)), fix)
}

fn days(node: &Node, c: &mut Collector<'_>) -> Option<Vec<Day>> {
    let known = words(Day::ALL, |day| day.as_str());
    let mut days: Vec<Day> = list(node, c, |n, c| choice(n, c, &known))?;
    days.sort_by_key(|day| Day::ALL.iter().position(|known| known == day));
    days.dedup();
    Some(days)
}

/// `30m`, `3h`: time that passes; `2d`, `1w`: the calendar's.
fn offset(node: &Node, c: &mut Collector<'_>) -> Option<Offset> {
    let (duration, is_calendar) = length(node, c)?;
    if !is_calendar {
        return Some(Offset::Elapsed(duration));
    }
    i64::try_from(duration.as_secs() / DAY.as_secs()).ok().map(Offset::Days)
}

/// A duration in minutes, hours, days or weeks, and whether it is one of days or weeks.
fn length(node: &Node, c: &mut Collector<'_>) -> Option<(Duration, bool)> {
    let word = word(node, c, "a duration such as `3h`")?;
    let (duration, is_calendar) = match parse_length(word) {
        Ok(parsed) => parsed,
        Err(fix) => return c.error(node.span, format!("`{}` is not a duration", shown(word)), fix),
    };
    if duration > LONGEST {
        return c.error(node.span, format!("`{}` is too long", shown(word)), "write at most `60d`");
    }
    Some((duration, is_calendar))
}

pub(super) fn parse_length(word: &str) -> Result<(Duration, bool), String> {
    if let Some(earlier) = word.strip_prefix(['-', '−'])
        && parse_length(earlier).is_ok()
    {
        return Err(format!("write `by: {earlier}` with `before:` for an earlier moment"));
    }
    if let Some(weeks) = word.strip_suffix('w').and_then(|weeks| weeks.parse::<u32>().ok()) {
        return Ok((DAY * 7 * weeks.min(1_000), true));
    }
    match durations::parse(word) {
        Ok(duration) if word.ends_with("ms") || !(word.ends_with(['m', 'h', 'd'])) => {
            let _ = duration;
            Err("write minutes, hours, days or weeks: `30m`, `3h`, `2d`, `1w`".into())
        }
        Ok(duration) => Ok((duration, word.ends_with('d'))),
        Err(fix) if word.bytes().all(|b| b.is_ascii_digit()) && !word.is_empty() => {
            let _ = fix;
            Err(format!("write the unit: `{word}m`, `{word}h`, `{word}d`"))
        }
        Err(fix) => Err(fix),
    }
}

/// A duration within bounds, weeks included.
pub(super) fn span_of_time(node: &Node, c: &mut Collector<'_>, least: Duration) -> Option<Duration> {
    let (duration, _) = length(node, c)?;
    if duration < least {
        let minutes = least.as_secs() / MINUTE.as_secs();
        return c.error(node.span, "this is too short", format!("write at least `{minutes}m`"));
    }
    Some(duration)
}

fn if_missed(node: &Node, c: &mut Collector<'_>) -> Option<IfMissed> {
    let said = word(node, c, "`skip`, `send` or `within 6h`")?;
    match said {
        "skip" => return Some(IfMissed::Skip),
        "send" => return Some(IfMissed::Send),
        _ => {}
    }
    let within = said.strip_prefix("within").and_then(|rest| parse_length(rest.trim()).ok());
    match within {
        Some((duration, _)) if duration > Duration::ZERO && duration <= LONGEST => Some(IfMissed::Within(duration)),
        _ => {
            let message = format!("`{}` is no answer to a missed moment", shown(said));
            c.error(node.span, message, "write `skip`, `send` or `within 6h`")
        }
    }
}

/// `per stay`, `per room`, `per guest`, `every 30d`.
pub(super) fn once(node: &Node, c: &mut Collector<'_>) -> Option<Once> {
    let said = word(node, c, "`per stay`, `per room`, `per guest` or `every 30d`")?;
    let spaced = said.replace(['_', '-'], " ");
    match spaced.as_str() {
        "per stay" => return Some(Once::PerStay),
        "per room" => return Some(Once::PerRoom),
        "per guest" => return Some(Once::PerGuest),
        _ => {}
    }
    // A year is a usual distance, though longer than any moment is from its anchor.
    let every = spaced.strip_prefix("every").and_then(|rest| parse_length(rest.trim()).ok());
    match every {
        Some((duration, _)) if duration >= HOUR && duration <= DAY * 3660 => Some(Once::Every(duration)),
        _ => {
            let known = ["per stay", "per room", "per guest"];
            let fix = match nearest(&spaced, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write `per stay`, `per room`, `per guest` or `every 30d`".into(),
            };
            c.error(node.span, format!("`{}` is not how often", shown(said)), fix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn y11_lengths_have_units_and_no_sign() {
        assert_eq!(parse_length("30m"), Ok((MINUTE * 30, false)));
        assert_eq!(parse_length("3h"), Ok((HOUR * 3, false)));
        assert_eq!(parse_length("2d"), Ok((DAY * 2, true)));
        assert_eq!(parse_length("1w"), Ok((DAY * 7, true)));
        for (text, advice) in [
            ("-3h", "write `by: 3h` with `before:` for an earlier moment"),
            ("3", "write the unit: `3m`, `3h`, `3d`"),
            ("3 часа", "write `3h`"),
            ("30s", "write minutes, hours, days or weeks: `30m`, `3h`, `2d`, `1w`"),
            ("500ms", "write minutes, hours, days or weeks: `30m`, `3h`, `2d`, `1w`"),
            ("1e9h", "write a whole number and ms, s, m, h or d, such as `30m`"),
        ] {
            assert_eq!(parse_length(text), Err(advice.into()), "{text}");
        }
    }
}
