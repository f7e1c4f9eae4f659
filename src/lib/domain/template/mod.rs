//! The texts of triggers: Jinja, with a handful of variables and filters and nothing else of it.
//!
//! A template is the hotel's; what is put into it is not. Guest names and fields of a PMS are values only: they are cut,
//! cleaned of control characters and never read as templates. A value that is not known is undefined: it may be asked
//! for (`{% if links.menu %}`) and replaced (`| default('…')`), and printing it is a mistake. Work and size are bounded.

mod check;
mod dates;
mod filters;
mod scan;
mod variables;

pub use check::{Trouble, check};
pub use variables::{KnownName, NAMES, Variables, first_name, guest_text};

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};
use std::sync::OnceLock;

/// The longest template, in characters; a longer text is not read by anybody.
pub const LONGEST_TEMPLATE: usize = 4096;
/// The longest text a template may become, in characters: Green API takes twice as much.
const LONGEST_TEXT: usize = 10_000;
/// Instructions of the engine, and 64 bytes of data each: a long text of ours needs about a hundred.
const FUEL: u64 = 4_000;

/// Why a template became no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It prints something that is not known of this guest or hotel.
    #[error("a value is not known: {0}")]
    Missing(String),
    /// It is no template.
    #[error("the template is wrong: {0}")]
    Wrong(String),
    /// It does too much.
    #[error("the template is too big")]
    TooBig,
    /// Nothing is left of it.
    #[error("the text is empty")]
    Empty,
}

/// The text a template becomes, without blanks at its ends.
///
/// # Errors
/// A value it prints is missing, or it is wrong in a way [`check`] tells beforehand.
pub fn render(template: &str, variables: &Variables) -> Result<String, TemplateError> {
    let text = run(template, variables.value()).map_err(|error| explain(&error))?;
    let text = text.trim();
    if text.is_empty() {
        return Err(TemplateError::Empty);
    }
    if text.chars().count() > LONGEST_TEXT {
        return Err(TemplateError::TooBig);
    }
    Ok(text.to_owned())
}

fn explain(error: &minijinja::Error) -> TemplateError {
    match error.kind() {
        ErrorKind::UndefinedError => TemplateError::Missing(error.detail().unwrap_or("a variable").to_owned()),
        ErrorKind::OutOfFuel => TemplateError::TooBig,
        kind => TemplateError::Wrong(error.detail().map_or_else(|| kind.to_string(), str::to_owned)),
    }
}

fn run(template: &str, variables: Value) -> Result<String, minijinja::Error> {
    if template.chars().count() > LONGEST_TEMPLATE {
        return Err(ErrorKind::OutOfFuel.into());
    }
    environment().template_from_str(template)?.render(variables)
}

/// The engine: no loader, no functions, no macros from elsewhere; the filters of [`filters`].
fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::empty();
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        // Asking whether a value is there is no mistake, printing one that is not there is.
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(32);
        environment.set_debug(true);
        filters::add(&mut environment);
        environment
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(values: &[(&str, &str)]) -> Variables {
        let mut variables = Variables::default();
        values.iter().for_each(|(name, value)| variables.put(name, *value));
        variables
    }

    #[test]
    fn a_value_that_is_not_known_may_be_asked_for_and_replaced_but_not_printed() {
        let nobody = variables(&[]);

        assert_eq!(render("{{ guest.first_name | default('Hello') }}!", &nobody).as_deref(), Ok("Hello!"));
        assert_eq!(
            render("Hi{% if guest.first_name %}, {{ guest.first_name }}{% endif %}", &nobody).as_deref(),
            Ok("Hi")
        );
        assert_eq!(render("{{ links.menu or 'none' }}", &nobody).as_deref(), Ok("none"));
        assert!(matches!(render("Hi {{ guest.first_name }}", &nobody), Err(TemplateError::Missing(_))));
    }

    #[test]
    fn a_guests_name_is_never_a_template() {
        for name in ["{{ hotel.name }}", "{% for i in [1] %}", "{{ 1/0 }}", "${7*7}", "{{"] {
            assert_eq!(render("Hi {{ guest.name }}", &variables(&[("guest.name", name)])), Ok(format!("Hi {name}")));
        }
    }

    #[test]
    fn nothing_is_loaded_called_or_grown_without_bound() {
        let some = variables(&[("guest.name", "Anna")]);
        let bomb = "{% set x = 'aaaaaaaa' %}".to_owned() + &"{% set x = x ~ x %}".repeat(60) + "{{ x }}";

        for template in [
            "{% include 'x' %}",
            "{% import 'x' as y %}",
            "{% extends 'x' %}",
            "{{ range(10) }}",
            "{{ guest.name.upper() }}",
            "{{ 'a' * 100000000 }}",
            "{% for a in 'x' * 100 %}{% for b in 'x' * 100 %}{% for c in 'x' * 100 %}y{% endfor %}{% endfor %}{% endfor %}",
            bomb.as_str(),
            &"a".repeat(LONGEST_TEMPLATE + 1),
            "{{",
            "{% if %}",
        ] {
            let shown: String = template.chars().take(60).collect();
            assert!(render(template, &some).is_err(), "{shown}");
        }
    }

    #[test]
    fn an_empty_text_is_no_text() {
        assert_eq!(render("{% if links.menu %}x{% endif %} ", &variables(&[])), Err(TemplateError::Empty));
    }

    #[test]
    fn filters_speak_as_people_do() {
        let three = |n: i64| {
            let mut variables = Variables::default();
            variables.put("stay.nights", n);
            render("{{ stay.nights }} {{ stay.nights | plural('ночь', 'ночи', 'ночей') }}", &variables)
        };

        for (nights, text) in [(1, "1 ночь"), (2, "2 ночи"), (5, "5 ночей"), (11, "11 ночей"), (21, "21 ночь")]
        {
            assert_eq!(three(nights).as_deref(), Ok(text));
        }
        let mut one = Variables::default();
        one.put("stay.nights", 1);
        assert_eq!(render("{{ stay.nights | plural('night', 'nights') }}", &one).as_deref(), Ok("night"));
        assert_eq!(render("{{ 'ab' | upper }}", &one).as_deref(), Ok("AB"));
    }
}

#[cfg(test)]
mod fuzz {
    use super::*;
    use crate::domain::language::Language;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_template_makes_the_engine_panic_or_run_on(
            words in proptest::collection::vec(
                prop::sample::select(vec![
                    "{{", "}}", "{%", "%}", "{#", "#}", "if", "for", "in", "set", "else", "endif", "endfor", "guest.name", "x", "|",
                    "default('a')", "plural(1,2)", "'", "\"", "~", "*", "99999999", "(", ")", "[", "]", ".", "=", "-", " ", "é", "is",
                    "not", "upper", "\n",
                ]),
                0..24,
            ),
        ) {
            let template = words.concat();
            let mut variables = Variables::default();
            variables.put("guest.name", "Anna");
            let _ = render(&template, &variables);
            let _ = check(&template, Language::EN, None);
        }
    }
}
