//! Whether a condition can be met at all. A condition is opened into the ways it can hold, each a list of plain claims; a
//! way is impossible if two claims of one field leave no value.

use crate::domain::trigger::{Condition, Field, Order, Test, Value};

/// Why no way is left.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clash {
    pub(super) field: Field,
    /// After the field's name: `is more than 5 and less than 2`.
    pub(super) why: String,
}

/// More ways than this are not looked at: nobody can read such a condition, and it is most likely met.
const MOST_WAYS: usize = 256;

/// One claim, and whether it is denied.
type Claim<'c> = (&'c Field, &'c Test, bool);

/// Why a condition cannot be met; `None` if it can, or if it is too long to tell.
pub(super) fn clash(condition: &Condition) -> Option<Clash> {
    let ways = ways(condition, false)?;
    let mut first = None;
    for way in &ways {
        match impossible(way) {
            None => return None,
            Some(clash) => first = first.or(Some(clash)),
        }
    }
    first
}

/// The ways a condition can hold; `None` if there are too many.
fn ways(condition: &Condition, is_denied: bool) -> Option<Vec<Vec<Claim<'_>>>> {
    let (parts, is_denied, is_all) = match condition {
        Condition::Is { field, test } => return Some(vec![vec![(field, test, is_denied)]]),
        Condition::All(parts) => (parts, is_denied, !is_denied),
        Condition::Any(parts) => (parts, is_denied, is_denied),
        Condition::None(parts) => (parts, !is_denied, !is_denied),
    };
    let mut found = if is_all { vec![Vec::new()] } else { Vec::new() };
    for part in parts {
        let more = ways(part, is_denied)?;
        if is_all {
            found = found
                .iter()
                .flat_map(|way: &Vec<Claim<'_>>| more.iter().map(move |other| [way.as_slice(), other].concat()))
                .collect();
        } else {
            found.extend(more);
        }
        if found.len() > MOST_WAYS {
            return None;
        }
    }
    Some(found)
}

fn impossible(way: &[Claim<'_>]) -> Option<Clash> {
    way.iter().enumerate().find_map(|(at, (field, ..))| {
        let is_first = way[..at].iter().all(|(other, ..)| other != field);
        let claims: Vec<(&Test, bool)> =
            way.iter().filter(|(other, ..)| other == field).map(|(_, test, is_denied)| (*test, *is_denied)).collect();
        if !is_first {
            return None;
        }
        contradiction(field, &claims).map(|why| Clash { field: (*field).clone(), why })
    })
}

fn contradiction(field: &Field, claims: &[(&Test, bool)]) -> Option<String> {
    let said: Vec<&Test> = claims.iter().filter(|(_, is_denied)| !is_denied).map(|(test, _)| *test).collect();
    let denied: Vec<&Test> = claims.iter().filter(|(_, is_denied)| *is_denied).map(|(test, _)| *test).collect();
    if let Some(test) = said.iter().find(|test| denied.contains(*test)) {
        return Some(format!("{} and not {0}", spelled(test)));
    }
    let needs_value = said.iter().find(|test| !matches!(test, Test::Exists(false)));
    if let (Some(needs), true) = (needs_value, said.iter().any(|test| **test == Test::Exists(false))) {
        return Some(format!("{} and is missing", spelled(needs)));
    }
    // Of several tags each may be another one; a level is a word and a yes at once.
    if matches!(field, Field::Tag | Field::Vip) || needs_value.is_none() {
        return None;
    }
    numbers(field, &said, &denied).or_else(|| words(&said, &denied))
}

fn numbers(field: &Field, said: &[&Test], denied: &[&Test]) -> Option<String> {
    let mut range = Range::of(field);
    let mut last = None;
    for test in said {
        range.narrow(test);
        if range.is_empty() {
            return Some(
                last.map_or_else(|| spelled(test), |before| format!("{} and {}", spelled(before), spelled(test))),
            );
        }
        last = Some(*test);
    }
    for test in denied {
        range.narrow_by_denial(test);
        if range.is_empty() {
            let before = last.map(spelled).unwrap_or_default();
            return Some(format!("{before} and not {}", spelled(test)));
        }
    }
    None
}

/// The numbers that are left, both ends included.
struct Range {
    low: f64,
    high: f64,
    is_whole: bool,
}

impl Range {
    fn of(field: &Field) -> Self {
        let is_whole = matches!(field, Field::Nights | Field::Adults | Field::Children | Field::Stays | Field::Score);
        let low = match field {
            Field::Nights | Field::Adults | Field::Children | Field::Stays | Field::HoursSinceCheckIn => 0.0,
            _ => f64::NEG_INFINITY,
        };
        Self { low, high: f64::INFINITY, is_whole }
    }

    /// The next number above or below.
    fn step(&self, number: f64, up: bool) -> f64 {
        match (self.is_whole, up) {
            (true, true) => number.floor() + 1.0,
            (true, false) => number.ceil() - 1.0,
            (false, true) => number.next_up(),
            (false, false) => number.next_down(),
        }
    }

    fn narrow(&mut self, test: &Test) {
        match test {
            Test::Compare(Order::Less, number) => self.high = self.high.min(self.step(*number, false)),
            Test::Compare(Order::AtMost, number) => self.high = self.high.min(*number),
            Test::Compare(Order::More, number) => self.low = self.low.max(self.step(*number, true)),
            Test::Compare(Order::AtLeast, number) => self.low = self.low.max(*number),
            Test::Between(low, high) => {
                self.low = self.low.max(*low);
                self.high = self.high.min(*high);
            }
            Test::Equals(Value::Number(number)) => {
                self.low = self.low.max(*number);
                self.high = self.high.min(*number);
            }
            Test::OneOf(values) => {
                let numbers: Vec<f64> = values.iter().filter_map(number).filter(|n| self.holds(*n)).collect();
                if values.iter().any(|value| number(value).is_some()) {
                    self.low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
                    self.high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                }
            }
            _ => {}
        }
    }

    fn narrow_by_denial(&mut self, test: &Test) {
        match test {
            Test::Compare(Order::Less, number) => self.narrow(&Test::Compare(Order::AtLeast, *number)),
            Test::Compare(Order::AtMost, number) => self.narrow(&Test::Compare(Order::More, *number)),
            Test::Compare(Order::More, number) => self.narrow(&Test::Compare(Order::AtMost, *number)),
            Test::Compare(Order::AtLeast, number) => self.narrow(&Test::Compare(Order::Less, *number)),
            Test::Between(low, high) if *low <= self.low && self.high <= *high => self.high = f64::NEG_INFINITY,
            _ => {}
        }
    }

    fn holds(&self, number: f64) -> bool {
        self.low <= number && number <= self.high
    }

    fn is_empty(&self) -> bool {
        let (low, high) = if self.is_whole { (self.low.ceil(), self.high.floor()) } else { (self.low, self.high) };
        low > high
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Word(_) | Value::Flag(_) => None,
    }
}

/// Words and flags: what an `equals` or a list leaves.
fn words(said: &[&Test], denied: &[&Test]) -> Option<String> {
    let list = |test: &Test| match test {
        Test::Equals(value) => Some(vec![folded(value)]),
        Test::OneOf(values) => Some(values.iter().map(folded).collect()),
        _ => None,
    };
    let mut lists = said.iter().filter_map(|test| Some((*test, list(test)?)));
    let (first, mut left) = lists.next()?;
    for (test, other) in lists {
        left.retain(|word| other.contains(word));
        if left.is_empty() {
            return Some(format!("{} and {}", spelled(first), spelled(test)));
        }
    }
    for test in said {
        match test {
            Test::Contains(part) => left.retain(|word| word.contains(&part.to_lowercase())),
            Test::Differs(value) => left.retain(|word| *word != folded(value)),
            _ => continue,
        }
        if left.is_empty() {
            return Some(format!("{} and {}", spelled(first), spelled(test)));
        }
    }
    for test in denied {
        match test {
            Test::Exists(true) => left.clear(),
            _ => left.retain(|word| !list(test).is_some_and(|other| other.contains(word))),
        }
        if left.is_empty() {
            return Some(format!("{} and not {}", spelled(first), spelled(test)));
        }
    }
    None
}

fn folded(value: &Value) -> String {
    match value {
        Value::Word(word) => word.to_lowercase(),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
    }
}

fn spelled(test: &Test) -> String {
    let plain = |value: &Value| match value {
        Value::Flag(true) => "yes".to_owned(),
        Value::Flag(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Word(word) => word.clone(),
    };
    match test {
        Test::Equals(value) => format!("is {}", plain(value)),
        Test::OneOf(values) => format!("is one of {}", values.iter().map(plain).collect::<Vec<_>>().join(", ")),
        Test::Differs(value) => format!("is not {}", plain(value)),
        Test::Compare(order, number) => format!("{order} {number}"),
        Test::Between(low, high) => format!("is between {low} and {high}"),
        Test::Exists(true) => "is there".into(),
        Test::Exists(false) => "is missing".into(),
        Test::Contains(text) => format!("contains {text}"),
        Test::Matches(pattern) => format!("matches {pattern}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(field: Field, test: Test) -> Condition {
        Condition::Is { field, test }
    }

    fn nights(order: Order, number: f64) -> Condition {
        is(Field::Nights, Test::Compare(order, number))
    }

    fn word(text: &str) -> Value {
        Value::Word(text.into())
    }

    #[test]
    fn y14_numbers_without_a_number_between_them_are_seen() {
        for parts in [
            vec![nights(Order::More, 5.0), nights(Order::Less, 2.0)],
            vec![nights(Order::More, 2.0), nights(Order::Less, 3.0)],
            vec![nights(Order::Less, 0.0)],
            vec![nights(Order::AtLeast, 3.0), Condition::None(vec![nights(Order::AtLeast, 2.0)])],
            vec![nights(Order::AtLeast, 3.0), Condition::Any(vec![nights(Order::Less, 1.0), nights(Order::Less, 2.0)])],
            vec![is(Field::Nights, Test::OneOf(vec![Value::Number(1.0)])), nights(Order::More, 1.0)],
        ] {
            assert!(clash(&Condition::All(parts.clone())).is_some(), "{parts:?}");
        }
        for parts in [
            vec![nights(Order::More, 2.0), nights(Order::Less, 5.0)],
            vec![nights(Order::AtLeast, 2.0), nights(Order::AtMost, 2.0)],
            vec![nights(Order::AtLeast, 3.0), Condition::Any(vec![nights(Order::Less, 1.0), nights(Order::Less, 9.0)])],
            vec![],
            vec![Condition::None(vec![nights(Order::AtLeast, 2.0)])],
        ] {
            assert_eq!(clash(&Condition::All(parts.clone())), None, "{parts:?}");
        }
    }

    #[test]
    fn two_words_at_once_are_seen_and_two_tags_are_not() {
        let two = |field: fn() -> Field| {
            Condition::All(vec![is(field(), Test::Equals(word("suite"))), is(field(), Test::Equals(word("deluxe")))])
        };

        assert!(clash(&two(|| Field::RoomType)).is_some());
        assert_eq!(clash(&two(|| Field::Tag)), None);
        let same = Condition::All(vec![
            is(Field::RoomType, Test::Equals(word("Suite"))),
            Condition::None(vec![is(Field::RoomType, Test::OneOf(vec![word("suite"), word("deluxe")]))]),
        ]);
        assert!(clash(&same).is_some());
        let missing =
            Condition::All(vec![is(Field::Room, Test::Exists(false)), is(Field::Room, Test::Equals(word("12")))]);
        assert!(clash(&missing).is_some());
    }

    #[test]
    fn a_condition_too_long_to_tell_passes() {
        let either = Condition::Any(vec![nights(Order::Less, 2.0), nights(Order::More, 5.0)]);

        assert_eq!(clash(&Condition::All(vec![either; 40])), None);
    }
}
