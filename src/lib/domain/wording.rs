//! Triggers in words, as a plan, a list and an explanation show them: `3h after check_in, 10:00-20:30`.

use super::language::Language;
use super::plan::spell_duration;
use super::trigger::{
    Anchor, Condition, Day, Field, IfMissed, Offset, Once, Otherwise, Says, Side, Test, Trigger, Value, When,
};
use jiff::civil::Time;

/// The moment: `3h after check_in, only 10:00-20:30`.
pub fn when(when: &When) -> String {
    let mut text = moment(when);
    if let Some(window) = when.only_between {
        text.push_str(&format!(", only {}-{}", clock(window.start), clock(window.end)));
    }
    if !when.days.is_empty() {
        let days: Vec<&str> = when.days.iter().map(|day: &Day| day.as_str()).collect();
        text.push_str(&format!(", on {}", days.join(" ")));
    }
    if (when.only_between.is_some() || !when.days.is_empty()) && when.otherwise != Otherwise::Later {
        text.push_str(&format!(", otherwise {}", when.otherwise));
    }
    match when.if_missed {
        IfMissed::Skip => {}
        IfMissed::Send => text.push_str(", sent however late"),
        IfMissed::Within(late) => text.push_str(&format!(", up to {} late", spell_duration(late))),
    }
    text
}

fn moment(when: &When) -> String {
    let anchor = anchor(&when.anchor);
    if let Anchor::Schedule { .. } = when.anchor {
        return anchor;
    }
    let at = when.at.map(|time| format!(" at {}", clock(time))).unwrap_or_default();
    match (when.by, when.side) {
        (None | Some(Offset::Days(0)), Side::On) => format!("{anchor}{at}"),
        (None, side) => format!("{side} {anchor}{at}"),
        (Some(by), side) => format!("{} {side} {anchor}{at}", offset(by)),
    }
}

fn offset(by: Offset) -> String {
    match by {
        Offset::Elapsed(length) => spell_duration(length),
        Offset::Days(days) => format!("{days}d"),
    }
}

fn clock(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

fn anchor(anchor: &Anchor) -> String {
    match anchor {
        Anchor::Sentiment { is } => format!("a {is} message"),
        Anchor::Answer { of, is: None } => format!("an answer to {of}"),
        Anchor::Answer { of, is: Some(is) } => format!("the answer {is} to {of}"),
        Anchor::Schedule { cron } => format!("at `{cron}`"),
        Anchor::Silence => "the guest's last message".to_owned(),
        other => other.as_str().to_owned(),
    }
}

/// For whom; empty for everybody.
pub fn filter(condition: &Condition) -> String {
    match condition {
        Condition::All(parts) => joined(parts, " and "),
        Condition::Any(parts) => grouped(parts, " or "),
        Condition::None(parts) if parts.is_empty() => String::new(),
        Condition::None(parts) => format!("not ({})", joined(parts, " or ")),
        Condition::Is { field, test } => format!("{} {}", self::field(field), self::test(test)),
    }
}

fn joined(parts: &[Condition], by: &str) -> String {
    let parts: Vec<String> = parts.iter().map(filter).filter(|part| !part.is_empty()).collect();
    parts.join(by)
}

fn grouped(parts: &[Condition], by: &str) -> String {
    if parts.len() > 1 { format!("({})", joined(parts, by)) } else { joined(parts, by) }
}

/// A field as the file names it.
pub fn field(field: &Field) -> String {
    match field {
        Field::Answered(question) => format!("answered {question}"),
        Field::Sent(trigger) => format!("sent {trigger}"),
        Field::Custom(key) => format!("custom.{key}"),
        other => {
            // A field without a name of its own is one word in JSON, the file's.
            serde_json::to_value(other).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
        }
    }
}

/// What is asked of a field: `is suite`, `>= 2`.
pub fn test(test: &Test) -> String {
    match test {
        Test::Equals(value) => format!("is {}", self::value(value)),
        Test::OneOf(values) => {
            format!("is one of {}", values.iter().map(self::value).collect::<Vec<_>>().join(", "))
        }
        Test::Differs(value) => format!("is not {}", self::value(value)),
        Test::Compare(order, number) => format!("{} {}", order.as_str(), plain(*number)),
        Test::Between(low, high) => format!("between {} and {}", plain(*low), plain(*high)),
        Test::Exists(true) => "exists".to_owned(),
        Test::Exists(false) => "does not exist".to_owned(),
        Test::Contains(text) => format!("contains {text}"),
        Test::Matches(pattern) => format!("matches {pattern}"),
    }
}

/// A value as people write it.
pub fn value(value: &Value) -> String {
    match value {
        Value::Word(word) => word.clone(),
        Value::Number(number) => plain(*number),
        Value::Flag(true) => "yes".to_owned(),
        Value::Flag(false) => "no".to_owned(),
    }
}

fn plain(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number}") }
}

/// How often.
pub fn once(once: Once) -> String {
    match once {
        Once::PerStay => "once per stay".to_owned(),
        Once::PerRoom => "once per room".to_owned(),
        Once::PerGuest => "once per guest".to_owned(),
        Once::Every(length) => format!("once every {}", spell_duration(length)),
    }
}

/// What it says: `asks "Is everything …" (en, ru)`; the words of the first wording in the first of these languages that
/// has any.
pub fn says(trigger: &Trigger, languages: &[Language]) -> String {
    let verb = match trigger.says {
        Says::Send(_) => "says",
        Says::Ask(_) => "asks",
    };
    let Some(variant) = trigger.says.content().variants.first() else { return verb.to_owned() };
    let has: Vec<&str> = variant.text.keys().map(|language| language.as_str()).collect();
    let own = languages.iter().find_map(|language| variant.text.get(language));
    let words = own.or_else(|| variant.text.values().next()).map(|text| short(text)).unwrap_or_default();
    format!("{verb} \"{words}\" ({})", has.join(", "))
}

/// The longest quotation of a text.
const LONGEST: usize = 56;

fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(LONGEST).collect();
    if cut.len() < line.len() { format!("{}…", cut.trim_end()) } else { line }
}
