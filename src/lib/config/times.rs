//! Times of day and windows of hours, on the hotel's clock.

use super::diagnose::shown;
use super::fields::{Collector, word};
use super::yaml::Node;
use crate::domain::hotel::Window;
use jiff::civil::Time;

/// `"14:00"`, quoted or not: the tree keeps words as written, so YAML 1.1's 14:00 = 840 cannot happen.
pub(crate) fn time(node: &Node, c: &mut Collector<'_>) -> Option<Time> {
    let word = word(node, c, "a time such as `\"14:00\"`")?;
    match parse_time(word) {
        Some(time) => Some(time),
        None => c.error(node.span, format!("`{}` is not a time", shown(word)), time_advice(word)),
    }
}

/// `"21:00-09:00"`, or `no` for none. All day is refused: the bot would never speak first again.
pub(crate) fn window(node: &Node, c: &mut Collector<'_>) -> Option<Option<Window>> {
    let word = word(node, c, "a window such as `\"21:00-09:00\"`")?;
    if matches!(word, "no" | "off" | "none" | "false") {
        return Some(None);
    }
    let Some((start, end)) = word.split_once(['-', '–', '—']) else {
        return c.error(node.span, format!("`{}` is not a window", shown(word)), "write `\"21:00-09:00\"`");
    };
    let (Some(start), Some(end)) = (parse_time(start), parse_time(end)) else {
        let advice = "write two times from 00:00 to 23:59, such as `\"21:00-09:00\"`";
        return c.error(node.span, format!("`{}` is not a window", shown(word)), advice);
    };
    if start == end {
        return c.error(node.span, "this is all day", "write two different times, or `no` for none");
    }
    Some(Some(Window { start, end }))
}

fn parse_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let is_number =
        |part: &str, lengths: &[usize]| lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !is_number(hour, &[1, 2]) || !is_number(minute, &[2]) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// What a time in a habit of another country most likely meant.
fn time_advice(text: &str) -> String {
    let lower = text.to_lowercase().replace(' ', "");
    let (clock, shift) = match (lower.strip_suffix("pm"), lower.strip_suffix("am")) {
        (Some(clock), _) => (clock, 12),
        (_, Some(clock)) => (clock, 0),
        _ => (lower.as_str(), 0),
    };
    let clock = clock.replace(['.', '-', 'h'], ":");
    let clock = if clock.contains(':') { clock } else { format!("{clock}:00") };
    match parse_time(&clock) {
        Some(time) if time.hour() < 12 || shift == 0 => {
            format!("write `\"{:02}:{:02}\"`", time.hour() + shift, time.minute())
        }
        _ => "write hours and minutes from \"00:00\" to \"23:59\", such as `\"14:00\"`".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_hours_and_minutes() {
        for (text, hour, minute) in [("14:00", 14, 0), ("9:30", 9, 30), ("00:00", 0, 0), ("23:59", 23, 59)] {
            assert_eq!(parse_time(text), Time::new(hour, minute, 0, 0).ok(), "{text}");
        }
        for text in ["24:00", "25:00", "12:60", "14", "14:0", "14:00:00", "-1:00", "٣:00", ""] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn habits_of_other_countries_are_translated() {
        for (text, advice) in [
            ("2pm", "write `\"14:00\"`"),
            ("2:30 PM", "write `\"14:30\"`"),
            ("11am", "write `\"11:00\"`"),
            ("14.00", "write `\"14:00\"`"),
            ("14", "write `\"14:00\"`"),
            ("840", "write hours and minutes from \"00:00\" to \"23:59\", such as `\"14:00\"`"),
            ("noon", "write hours and minutes from \"00:00\" to \"23:59\", such as `\"14:00\"`"),
        ] {
            assert_eq!(time_advice(text), advice, "{text}");
        }
    }
}
