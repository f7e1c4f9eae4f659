//! What is wrong with a template, found before a guest is written to: form, names, and what happens when something is
//! not known of a guest.

use super::filters::{FILTERS, TESTS};
use super::scan::{self, Slip, Tag, Token};
use super::variables::{NAMES, Variables, fact_name};
use super::{LONGEST_TEMPLATE, TemplateError, environment, render};
use crate::domain::hotel::Hotel;
use crate::domain::language::Language;
use std::collections::BTreeSet;

/// One thing that is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Whether some guest could get a wrong text; else it deserves a second look.
    pub is_error: bool,
    /// What is wrong; one lower-case sentence without a full stop.
    pub message: String,
    /// What to write instead.
    pub fix: String,
    /// The piece of the template it is about.
    pub piece: Option<String>,
}

impl Trouble {
    fn error(message: impl Into<String>, fix: impl Into<String>, piece: Option<&str>) -> Self {
        Self { is_error: true, message: message.into(), fix: fix.into(), piece: piece.map(str::to_owned) }
    }
}

impl From<Slip> for Trouble {
    fn from(slip: Slip) -> Self {
        Trouble::error(slip.message, slip.fix, Some(&slip.piece))
    }
}

/// Statements that make sense in a message.
const STATEMENTS: &[&str] = &["if", "elif", "else", "endif", "for", "endfor", "set", "endset"];
/// Words of the language that are no names.
const KEYWORDS: &[&str] =
    &["if", "else", "elif", "for", "in", "is", "not", "and", "or", "true", "false", "none", "set"];

/// Everything wrong with a template in a language, at a hotel or, if there is none yet, anywhere. It is tried with every
/// variable known, and with each one unknown that may be.
pub fn check(template: &str, language: Language, hotel: Option<&Hotel>) -> Vec<Trouble> {
    let length = template.chars().count();
    if length > LONGEST_TEMPLATE {
        let message = format!("the text has {length} characters");
        return vec![Trouble::error(message, format!("shorten it to {LONGEST_TEMPLATE}"), None)];
    }
    let tags = match scan::tags(template) {
        Ok(tags) => tags,
        Err(slip) => return vec![slip.into()],
    };
    let mut troubles: Vec<Trouble> = tags.iter().flat_map(words_of).collect();
    if !troubles.is_empty() {
        return troubles;
    }
    let used = match used(template) {
        Ok(used) => used,
        Err(trouble) => return vec![trouble],
    };
    troubles.extend(used.iter().filter_map(|name| unknown(name, hotel)));
    if troubles.iter().all(|trouble| !trouble.is_error) {
        troubles.extend(tried(template, language, hotel, &used));
    }
    troubles
}

/// Statements, filters, tests and calls that a message cannot have.
fn words_of(tag: &Tag<'_>) -> Vec<Trouble> {
    let tokens = scan::tokens(tag.inside);
    let mut troubles = Vec::new();
    if tag.is_statement
        && let Some(Token::Word(word)) = tokens.first()
        && !STATEMENTS.contains(word)
    {
        let fix = "a text may use `if … elif … else … endif`, `for` and `set`";
        troubles.push(Trouble::error(format!("`{word}` has no place in a text"), fix, Some(word)));
        return troubles;
    }
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let before = at.checked_sub(1).map(|at| &tokens[at]);
        let is_after = |expected: &str| matches!(before, Some(Token::Word(word)) if *word == expected);
        if before == Some(&Token::Sign('|')) {
            troubles.extend(listed(word, FILTERS, "filter"));
        } else if *word != "not" && (is_after("is") || (is_after("not") && follows_is_not(&tokens, at))) {
            troubles.extend(listed(word, TESTS, "test"));
        } else if tokens.get(at + 1) == Some(&Token::Sign('(')) && !KEYWORDS.contains(word) {
            let fix = "a text has variables and filters only, such as `{{ guest.first_name | default('…') }}`";
            troubles.push(Trouble::error(format!("`{word}(…)` cannot be called"), fix, Some(word)));
        }
    }
    troubles
}

fn follows_is_not(tokens: &[Token<'_>], at: usize) -> bool {
    at >= 2 && tokens[at - 2] == Token::Word("is")
}

fn listed(word: &str, known: &[&str], what: &str) -> Option<Trouble> {
    if known.contains(&word) {
        return None;
    }
    let fix = nearest(word, known.iter().copied())
        .map_or_else(|| format!("use one of {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
    Some(Trouble::error(format!("unknown {what} `{word}`"), fix, Some(word)))
}

/// The variables a template looks at.
fn used(template: &str) -> Result<BTreeSet<String>, Trouble> {
    match environment().template_from_str(template) {
        Ok(compiled) => Ok(compiled.undeclared_variables(true).into_iter().collect()),
        Err(error) => {
            let piece = error.range().and_then(|range| template.get(range)).filter(|piece| !piece.trim().is_empty());
            let said = error.detail().unwrap_or("it cannot be read").to_owned();
            Err(Trouble::error(format!("this is not a template: {said}"), "check braces, quotes and `endif`", piece))
        }
    }
}

/// Names under these are the hotel's or the PMS's.
const OPEN: &[&str] = &["links.", "custom.", "hotel.facts."];

fn unknown(name: &str, hotel: Option<&Hotel>) -> Option<Trouble> {
    if NAMES.iter().any(|known| known.name == name) || name.starts_with("custom.") {
        return None;
    }
    let at_hotel = |own: Vec<String>, group: &str, what: &str| {
        let word = name.strip_prefix(group).unwrap_or_default().to_owned();
        if own.contains(&word) {
            return None;
        }
        // A hotel without it is no mistake if the text asks for it first; a slip is.
        let near = nearest(&word, own.iter().map(String::as_str))?;
        let message = format!("the hotel has no {what} `{word}`");
        let fix = format!("did you mean `{group}{near}`?");
        Some(Trouble { is_error: true, message, fix, piece: Some(name.to_owned()) })
    };
    if name.starts_with("links.") {
        return hotel.and_then(|hotel| at_hotel(hotel.links.keys().cloned().collect(), "links.", "link"));
    }
    if name.starts_with("hotel.facts.") {
        let own = |hotel: &Hotel| hotel.knowledge.iter().map(|fact| fact_name(fact.id.as_str())).collect();
        return hotel.and_then(|hotel| at_hotel(own(hotel), "hotel.facts.", "fact"));
    }
    let candidates = || NAMES.iter().map(|known| known.name);
    let last = name.rsplit('.').next().unwrap_or(name);
    let by_word = || candidates().find(|known| known.rsplit('.').next() == Some(last));
    let fix = match nearest(name, candidates()).or_else(by_word) {
        Some(near) => format!("did you mean `{near}`?"),
        None => of_group(name),
    };
    Some(Trouble::error(format!("unknown variable `{name}`"), fix, Some(name)))
}

fn of_group(name: &str) -> String {
    let group = name.split('.').next().unwrap_or(name);
    let own: Vec<&str> =
        NAMES.iter().map(|known| known.name).filter(|known| known.split('.').next() == Some(group)).collect();
    if own.is_empty() {
        return "a text knows `guest.…`, `stay.…`, `hotel.…`, `links.…` and `custom.…`".into();
    }
    format!("`{group}` knows {}", own.join(", "))
}

/// The text with everything known, and with each thing unknown that may be.
fn tried(template: &str, language: Language, hotel: Option<&Hotel>, used: &BTreeSet<String>) -> Vec<Trouble> {
    let all = everything(language, hotel, used);
    if let Err(error) = render(template, &all)
        && let Some(trouble) = outright(&error)
    {
        return vec![trouble];
    }
    let may_lack: Vec<&String> = used.iter().filter(|name| is_sometimes_unknown(name, hotel)).collect();
    may_lack.iter().filter_map(|name| without(template, &all, name)).collect()
}

/// What no guest could get.
fn outright(error: &TemplateError) -> Option<Trouble> {
    match error {
        // Told by the variable, with its name.
        TemplateError::Missing(_) => None,
        TemplateError::Empty => Some(Trouble::error("the text is empty", "write one, or delete it", None)),
        TemplateError::TooBig => Some(Trouble::error("the template does too much", "make it simpler", None)),
        TemplateError::Wrong(said) => Some(Trouble::error(format!("this fails: {said}"), "check the tags", None)),
    }
}

fn everything(language: Language, hotel: Option<&Hotel>, used: &BTreeSet<String>) -> Variables {
    let mut all = hotel.map(|hotel| Variables::of_hotel(hotel, language)).unwrap_or_default();
    for known in NAMES {
        match known.example.parse::<i64>() {
            Ok(number) if known.name != "stay.room" => all.put(known.name, number),
            _ => all.put(known.name, known.example),
        }
    }
    for name in used.iter().filter(|name| hotel.is_none() || name.starts_with("custom.")) {
        if OPEN.iter().any(|group| name.starts_with(group)) {
            all.put(name, "example");
        }
    }
    all
}

fn is_sometimes_unknown(name: &str, hotel: Option<&Hotel>) -> bool {
    if let Some(known) = NAMES.iter().find(|known| known.name == name) {
        return !known.always;
    }
    if let (Some(link), Some(hotel)) = (name.strip_prefix("links."), hotel) {
        return !hotel.links.contains_key(link);
    }
    if let (Some(_), Some(hotel)) = (name.strip_prefix("hotel.facts."), hotel) {
        return !Variables::of_hotel(hotel, Language::EN).has(name);
    }
    OPEN.iter().any(|group| name.starts_with(group))
}

/// What happens to the text without one value.
fn without(template: &str, all: &Variables, name: &str) -> Option<Trouble> {
    let mut fewer = all.clone();
    fewer.remove(name);
    match render(template, &fewer) {
        Ok(_) => None,
        Err(TemplateError::Empty) => {
            let fix = "say something outside of the `if`, too, or let a condition choose the guests";
            Some(Trouble {
                is_error: true,
                message: format!("without `{name}` the text is empty"),
                fix: fix.into(),
                piece: Some(name.to_owned()),
            })
        }
        Err(_) => Some(unguarded(name)),
    }
}

fn unguarded(name: &str) -> Trouble {
    let fix =
        format!("write `{{{{ {name} | default('…') }}}}`, or put it between `{{% if {name} %}}` and `{{% endif %}}`");
    // What a hotel lacks, all its guests lack. What some guest lacks keeps the message from that guest alone.
    let (is_error, message) = if let Some(link) = name.strip_prefix("links.") {
        (true, format!("the hotel has no link `{link}`"))
    } else if let Some(fact) = name.strip_prefix("hotel.facts.") {
        (true, format!("the hotel tells no fact `{fact}`"))
    } else if name.starts_with("hotel.") {
        (true, format!("this fails when `{name}` is not known"))
    } else {
        (false, format!("a guest without `{name}` gets no message"))
    };
    Trouble { is_error, message, fix, piece: Some(name.to_owned()) }
}

/// The candidate a mistyped name most likely meant.
fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(template: &str) -> Vec<String> {
        check(template, Language::EN, None).into_iter().map(|t| format!("{}; {}", t.message, t.fix)).collect()
    }

    #[test]
    fn good_texts_pass() {
        for template in [
            "Good evening!",
            "{{ guest.first_name | default('Hello') }}, check-out is until {{ hotel.check_out_time }}.",
            "{% if links.menu %}Menu: {{ links.menu }}{% else %}Ask us{% endif %}",
            "{{ stay.nights }} {{ stay.nights | plural('night', 'nights') }}",
            "{% if guest.first_name is defined %}{{ guest.first_name }}, {% endif %}hello",
            "{% if guest.first_name is not defined %}Hi{% else %}{{ guest.first_name }}{% endif %}",
            "100 % fun {# a remark #}",
            "{{ custom.car | default('no car') }}",
        ] {
            assert_eq!(said(template), Vec::<String>::new(), "{template}");
        }
    }

    #[test]
    fn y12_braces_and_names_that_mean_nothing_are_told_with_what_is_meant() {
        for (template, expected) in [
            ("Hi {guest.nmae}", "`{guest.nmae}` would be sent as it stands; write `{{ guest.nmae }}`"),
            ("Hi {{ guest.nmae }}", "unknown variable `guest.nmae`; did you mean `guest.name`?"),
            (
                "{{ secrets.token }}",
                "unknown variable `secrets.token`; a text knows `guest.…`, `stay.…`, `hotel.…`, `links.…` and `custom.…`",
            ),
            ("{{ first_name | default('x') }}", "unknown variable `first_name`; did you mean `guest.first_name`?"),
            ("Hi {{ guest.name", "`{{` is left open; close it with `}}`"),
            ("Hi {{", "`{{` is left open; close it with `}}`"),
            ("{{ guest.name | defualt('x') }}", "unknown filter `defualt`; did you mean `default`?"),
            (
                "{{ range(5) }}",
                "`range(…)` cannot be called; a text has variables and filters only, such as `{{ guest.first_name | default('…') }}`",
            ),
            (
                "{% include 'x' %}",
                "`include` has no place in a text; a text may use `if … elif … else … endif`, `for` and `set`",
            ),
            (
                "{{ guest.first_name }}, hello",
                "a guest without `guest.first_name` gets no message; write `{{ guest.first_name | default('…') }}`, or put it between `{% if guest.first_name %}` and `{% endif %}`",
            ),
            (
                "{% if links.menu %}{{ links.menu }}{% endif %}",
                "without `links.menu` the text is empty; say something outside of the `if`, too, or let a condition choose the guests",
            ),
        ] {
            assert_eq!(said(template), [expected], "{template}");
        }
        assert!(said("Hi { there")[0].starts_with("a lone `{`"));
        assert!(said("{% if guest.name %}x")[0].starts_with("this is not a template"));
        assert!(said(&"a".repeat(4097))[0].starts_with("the text has 4097 characters"));
    }

    #[test]
    fn a_text_of_a_room_that_may_be_unknown_is_a_warning() {
        let troubles = check("Your room is {{ stay.room }}", Language::EN, None);

        assert_eq!(troubles.len(), 1);
        assert!(!troubles[0].is_error, "{troubles:?}");
    }
}
