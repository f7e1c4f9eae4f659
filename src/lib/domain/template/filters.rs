//! The filters and tests a template may use.

use minijinja::value::{Rest, Value};
use minijinja::{Environment, Error, ErrorKind, filters, tests};

/// Every filter; a test holds the list against the engine.
pub(super) const FILTERS: &[&str] = &[
    "default",
    "d",
    "upper",
    "lower",
    "title",
    "capitalize",
    "trim",
    "first",
    "last",
    "length",
    "round",
    "int",
    "plural",
];

/// Every test, as in `is defined`.
pub(super) const TESTS: &[&str] = &["defined", "undefined", "none", "number", "string"];

/// Puts them into an engine.
pub(super) fn add(environment: &mut Environment<'static>) {
    environment.add_filter("default", filters::default);
    environment.add_filter("d", filters::default);
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("title", filters::title);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("first", filters::first);
    environment.add_filter("last", filters::last);
    environment.add_filter("length", filters::length);
    environment.add_filter("round", filters::round);
    environment.add_filter("int", filters::int);
    environment.add_filter("plural", plural);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("none", tests::is_none);
    environment.add_test("number", tests::is_number);
    environment.add_test("string", tests::is_string);
}

/// `{{ stay.nights | plural('night', 'nights') }}`; with three words as the Slavic languages count: 1, 2 to 4, 5.
fn plural(count: i64, words: Rest<Value>) -> Result<Value, Error> {
    let last_two = count.unsigned_abs() % 100;
    let last = last_two % 10;
    let place = match words.len() {
        2 => usize::from(count.unsigned_abs() != 1),
        3 if last == 1 && last_two != 11 => 0,
        3 if (2..=4).contains(&last) && !(12..=14).contains(&last_two) => 1,
        3 => 2,
        _ => return Err(Error::new(ErrorKind::MissingArgument, "`plural` needs two words, or three")),
    };
    Ok(words[place].clone())
}

#[cfg(test)]
mod tests_of_filters {
    use super::*;

    #[test]
    fn the_lists_are_what_the_engine_has() {
        let mut environment = Environment::empty();
        add(&mut environment);

        for filter in FILTERS {
            let result = environment.render_str(&format!("{{{{ 'x' | {filter} }}}}"), ());
            assert!(!matches!(result, Err(error) if error.kind() == ErrorKind::UnknownFilter), "{filter}");
        }
        for test in TESTS {
            assert!(environment.render_str(&format!("{{{{ 1 is {test} }}}}"), ()).is_ok(), "{test}");
        }
    }
}
