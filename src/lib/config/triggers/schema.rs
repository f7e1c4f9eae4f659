//! The JSON Schema of `triggers.yaml`, for editors that complete and check while typing. The fields of each part are the
//! reader's own lists, so that the two cannot differ; here stands what each field is.
//!
//! One schema serves the base pack and the hotels' own files, which may hold single fields of a trigger: so hardly
//! anything is required.

use super::condition::{FIELDS as CONDITIONS, LISTS, SHAPED};
use super::content::{MEDIA, SEND, VARIANT};
use super::operators::Values;
use super::when::ANCHORS;
use super::{answer, header, policy, question, trigger, when};
use crate::domain::trigger::{Day, Other, Otherwise, Severity, TriggerMode};
use crate::domain::understanding::{Sentiment, Topic};
use serde_json::{Map, Value, json};

/// A length of time: minutes, hours, days, weeks.
const LENGTH: &str = "^[0-9]+(m|h|d|w)$";
const WINDOW: &str = "^([0-9]{1,2}:[0-9]{2}[-–—][0-9]{1,2}:[0-9]{2}|no|off|none|false)$";
const CLOCK: &str = "^([01]?[0-9]|2[0-3]):[0-5][0-9]$";
const NAME: &str = "^[a-z0-9_-]{1,64}$";

/// The schema, draft 7: what YAML language servers read best.
pub fn triggers_schema() -> Value {
    let mut schema = object("", header::FIELDS, file);
    let whole = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "hotelbot triggers",
        "description": "What guests are told at which moment of a stay",
        "required": ["version"],
        "definitions": {
            "trigger": object("At this moment of a stay, for these reservations, say this", trigger::FIELDS, of_trigger),
            "when": object("The moment", when::FIELDS, of_when),
            "condition": condition(),
            "send": object("Say something", SEND, of_content),
            "variant": object("One wording; the first whose `where` holds is used", VARIANT, of_variant),
            "media": object("A file or address the hotel owns", MEDIA, of_media),
            "question": object("Ask something and do something with the answer", question::FIELDS, of_question),
            "remind": object("One reminder", question::REMIND, of_reminder),
            "answer": object("An answer and what it does", answer::FIELDS, of_answer),
            "alert": object("Brings a person", answer::ALERT, of_alert),
            "policy": object("Guards for every trigger of the file", policy::POLICY, of_policy),
            "own_policy": object("Guards of this trigger; looser ones need `because`", policy::OWN, of_policy),
            "per_guest": object("How often one guest is written to", policy::PER_GUEST, of_limit),
            "wait": wait(),
            "texts": texts(),
        }
    });
    merge(&mut schema, whole);
    schema
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

/// A map whose fields are the reader's.
fn object(about: &str, fields: &[&str], of: fn(&str) -> Option<Value>) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|field| ((*field).to_owned(), of(field).unwrap_or_else(|| json!({})))).collect();
    let mut map = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !about.is_empty() {
        merge(&mut map, json!({ "description": about }));
    }
    map
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// A reference with words of its own; beside `$ref` draft 7 reads nothing.
fn described(name: &str, about: &str) -> Value {
    json!({ "description": about, "allOf": [reference(name)] })
}

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn matching(pattern: &str, about: &str, example: &str) -> Value {
    json!({ "type": "string", "pattern": pattern, "description": about, "examples": [example] })
}

fn words(words: &[&str], about: &str) -> Value {
    json!({ "enum": words, "description": about })
}

fn flag(about: &str) -> Value {
    json!({ "enum": [true, false, "yes", "no", "on", "off"], "description": about })
}

fn list_or_one(item: &Value, about: &str) -> Value {
    json!({ "description": about, "anyOf": [item, { "type": "array", "items": item }] })
}

fn named<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|one| name(*one)).collect()
}

fn by_name(item: &Value, about: &str) -> Value {
    json!({ "type": ["object", "null"], "description": about, "propertyNames": { "pattern": NAME }, "additionalProperties": item })
}

fn file(field: &str) -> Option<Value> {
    Some(match field {
        "version" => json!({ "enum": [1, "1"], "description": "Of the language" }),
        "policy" => reference("policy"),
        "triggers" => {
            by_name(&reference("trigger"), "By id. A hotel's file may hold single fields of a trigger of the base pack")
        }
        "questions" => by_name(&reference("question"), "Asked by `then`, by id"),
        _ => return None,
    })
}

fn of_trigger(field: &str) -> Option<Value> {
    Some(match field {
        "about" => text("What it is for, in your words"),
        "enabled" => flag("`no`: as if it were not there"),
        "priority" => json!({ "type": "integer", "minimum": 0, "maximum": 1000, "default": 50,
            "description": "Who goes first when a guest may get only one; more is first" }),
        "mode" => words(
            &named(TriggerMode::ALL, |mode| mode.as_str()),
            "live: sent; draft: a colleague approves each; shadow: recorded, not sent",
        ),
        "when" => reference("when"),
        "where" => described("condition", "For which reservations; judged again at the moment of sending"),
        "once" => json!({ "type": "string", "pattern": "^(per[ _-](stay|room|guest)|every +[0-9]+(h|d|w))$",
            "default": "per stay", "examples": ["per stay", "per room", "per guest", "every 30d"], "description": "How often a guest hears it" }),
        "send" => reference("send"),
        "ask" => reference("question"),
        "policy" => reference("own_policy"),
        "because" => text("Why this trigger may be freer than the policy"),
        _ => return None,
    })
}

fn of_when(field: &str) -> Option<Value> {
    let anchor = |about: &str| words(ANCHORS, about);
    let length = |about: &str, example: &str| matching(LENGTH, about, example);
    Some(match field {
        "after" => anchor("The anchor; the moment is then, or `by` so long after it"),
        "before" => anchor("The anchor; the moment is `by` so long before it"),
        "on" => anchor("The anchor itself: that day or instant"),
        "by" => length("How far: hours pass (`3h`), days keep the clock time (`1d`)", "3h"),
        "at" => matching(CLOCK, "At this clock time, hotel time", "18:00"),
        "only_between" => matching(WINDOW, "Only in these hours, hotel time", "10:00-20:30"),
        "days" => {
            json!({ "type": "array", "items": { "enum": named(Day::ALL, |day| day.as_str()) }, "description": "Only on these days" })
        }
        "otherwise" => words(&named(Otherwise::ALL, |one| one.as_str()), "What a moment outside of the window does"),
        "if_missed" => json!({ "type": "string", "pattern": "^(skip|send|within +[0-9]+(m|h|d|w))$", "default": "skip",
            "examples": ["skip", "send", "within 6h"], "description": "What a moment does that was already past" }),
        "cron" => matching(
            "^\\S+( +\\S+){4}$",
            "With `on: schedule`: minute, hour, day, month, weekday; hotel time",
            "0 10 * * *",
        ),
        "of" => matching(NAME, "With `after: answer`: which question", "room-ok"),
        "is" => text("With `after: answer`: which answer; with `after: sentiment`: which"),
        _ => return None,
    })
}

/// Every field, and lists of conditions.
fn condition() -> Value {
    let mut properties = Map::new();
    for list in LISTS {
        let about = match *list {
            "all" => "All of these hold",
            "any" => "One of these holds",
            _ => "None of these holds",
        };
        properties.insert((*list).to_owned(), described("condition", about));
    }
    for (name, _, values) in CONDITIONS {
        properties.insert((*name).to_owned(), of_field(*values));
    }
    for name in SHAPED {
        properties.insert((*name).to_owned(), shaped(name));
    }
    json!({
        "description": "A map of fields, all of which must hold, or a list of such maps",
        "anyOf": [
            { "type": "array", "items": reference("condition") },
            { "type": "object", "properties": properties, "patternProperties": { "^custom\\..+$": of_field(Values::Any) }, "additionalProperties": false },
            { "type": "null" },
        ]
    })
}

fn shaped(name: &str) -> Value {
    match name {
        "answered" => by_name(&of_field(Values::Any), "The answer given in this stay: `{ room-ok: fine }`"),
        "sent" => list_or_one(&json!({ "type": "string", "pattern": NAME }), "A trigger that was sent in this stay"),
        _ => {
            json!({ "type": "object", "additionalProperties": of_field(Values::Any), "description": "Fields of the PMS or the CSV" })
        }
    }
}

/// What may be asked of a field.
fn of_field(values: Values) -> Value {
    let operators = "^(exists|not exists|missing|(not|contains|matches) .+|!= ?.+)$";
    let compared = "^(exists|not exists|missing|(<=?|>=?|≤|≥|=|!=|not) ?-?[0-9.]+[mhdw]?|between -?[0-9.]+[mhdw]? and -?[0-9.]+[mhdw]?)$";
    let plain = match values {
        Values::Words(known) => json!({ "anyOf": [{ "enum": known }, { "type": "string", "pattern": operators }] }),
        Values::Whole | Values::Hours => json!({ "anyOf": [
            { "type": "number" }, { "type": "string", "pattern": format!("{compared}|^-?[0-9.]+[mhdw]?$"), "examples": [">= 2", "between 2 and 5"] } ] }),
        Values::Length => json!({ "type": "string", "pattern": format!("{compared}|{LENGTH}"), "examples": ["< 7d"] }),
        Values::Flag => json!({ "anyOf": [flag(""), { "enum": ["exists", "not exists", "missing"] }] }),
        Values::Level | Values::Text | Values::Language | Values::Any => {
            json!({ "type": ["string", "number", "boolean"] })
        }
    };
    json!({ "anyOf": [plain, { "type": "array", "minItems": 1, "items": { "type": ["string", "number", "boolean"] } }] })
}

fn of_content(field: &str) -> Option<Value> {
    Some(match field {
        "text" => reference("texts"),
        "variants" => {
            json!({ "type": "array", "items": reference("variant"), "description": "Several wordings instead of `text`; the last without `where`" })
        }
        "media" => json!({ "description": "Sent with the words", "anyOf": [{ "type": "string" }, reference("media")] }),
        _ => return None,
    })
}

fn of_variant(field: &str) -> Option<Value> {
    Some(match field {
        "id" => matching(NAME, "So that a hotel's file can change it", "suites"),
        "where" => reference("condition"),
        "text" => reference("texts"),
        _ => return None,
    })
}

fn of_media(field: &str) -> Option<Value> {
    Some(match field {
        "file" => text("Its name below `hotels/<hotel>/`"),
        "url" => matching("^https?://", "An address the hotel owns", "https://example.com/menu.pdf"),
        "caption" => reference("texts"),
        _ => return None,
    })
}

fn of_question(field: &str) -> Option<Value> {
    Some(match field {
        "kind" => words(question::KINDS, "choice: one of the answers; scale and nps: a number; yes_no; text: anything"),
        "range" => range("The ends of the scale"),
        "answers" => {
            json!({ "type": "array", "items": reference("answer"), "description": "In the order they are shown" })
        }
        "other" => words(&named(Other::ALL, |one| one.as_str()), "What any other text does"),
        "expires" => matching(LENGTH, "When it closes; 36h unless said", "36h"),
        "remind" => {
            json!({ "description": "At most one reminder", "anyOf": [{ "type": "string", "pattern": format!("{LENGTH}|^(no|off)$") }, { "enum": [false] }, reference("remind")] })
        }
        _ => return of_content(field),
    })
}

fn of_reminder(field: &str) -> Option<Value> {
    Some(match field {
        "after" => matching(LENGTH, "How long after the question", "5h"),
        "times" => json!({ "enum": [0, 1, "0", "1"] }),
        _ => return None,
    })
}

fn range(about: &str) -> Value {
    json!({ "type": "array", "items": { "type": "integer" }, "minItems": 2, "maxItems": 2, "description": about, "examples": [[1, 5]] })
}

fn of_answer(field: &str) -> Option<Value> {
    let name = || json!({ "type": "string", "pattern": NAME });
    Some(match field {
        // An editor of YAML 1.1 takes `yes` for true.
        "id" => {
            json!({ "anyOf": [matching(NAME, "", "fine"), { "enum": [true, false] }], "description": "Unique within the question; `yes` and `no` for yes_no" })
        }
        "label" => described("texts", "As it is shown"),
        "means" => {
            list_or_one(&json!({ "type": ["string", "number", "boolean"] }), "Other words that count as this answer")
        }
        "score" => json!({ "type": "integer", "description": "The number it stands for" }),
        "range" => range("Of a scale: the numbers that lead to this answer"),
        "sentiment" => words(&named(Sentiment::ALL, |one| one.as_str()), "What it says of the guest's mood"),
        "reply" => described("texts", "What is said to it"),
        "alert" => reference("alert"),
        "notify" => list_or_one(&name(), "Contacts or departments that hear of it"),
        "tag" => list_or_one(&text("A word"), "Put on the reservation"),
        "set" => {
            json!({ "type": "object", "additionalProperties": { "type": ["string", "number", "boolean"] }, "description": "Fields put on the reservation: `custom.<key>`" })
        }
        "then" => matching(NAME, "The question asked next", "what-is-wrong"),
        "handoff" => flag("A person leads from then on"),
        "stop" => flag("The guest is not written to again"),
        _ => return None,
    })
}

fn of_alert(field: &str) -> Option<Value> {
    Some(match field {
        "topic" => words(&named(Topic::ALL, |one| one.as_str()), "What it is about"),
        "severity" => words(&named(Severity::ALL, |one| one.as_str()), "How bad"),
        "department" => matching(NAME, "Who is to come, as in the contacts of the hotel", "front_desk"),
        _ => return None,
    })
}

fn of_policy(field: &str) -> Option<Value> {
    Some(match field {
        "quiet_hours" => json!({ "description": "Hours in which nothing begins, hotel time; 21:00-09:00 unless said",
            "anyOf": [{ "type": "string", "pattern": WINDOW, "examples": ["21:00-09:00"] }, { "enum": [false] }] }),
        "per_guest" => reference("per_guest"),
        "after_staff_reply" => described("wait", "After a colleague wrote to the guest"),
        "unanswered_question" => described("wait", "While a question is unanswered"),
        "because" => text("Why this trigger may be freer than the policy"),
        _ => return None,
    })
}

fn of_limit(field: &str) -> Option<Value> {
    Some(match field {
        "at_most" => json!({ "type": "integer", "minimum": 1, "maximum": 100, "description": "So many messages…" }),
        "every" => matching("^[0-9]+(ms|s|m|h|d)$", "…within this time", "24h"),
        "min_gap" => matching("^[0-9]+(ms|s|m|h|d)$", "The least time between two", "4h"),
        _ => return None,
    })
}

fn wait() -> Value {
    let length = matching("^([0-9]+(ms|s|m|h|d)|no|off)$", "How long nothing begins", "2h");
    let fields = json!({ "wait": length });
    json!({ "anyOf": [length, { "enum": [false] }, { "type": "object", "properties": fields, "required": policy::WAIT, "additionalProperties": false }] })
}

fn texts() -> Value {
    json!({
        "type": "object",
        "description": "By language; may print {{ guest.first_name | default('…') }}, stay.…, hotel.…, links.…, custom.…",
        "propertyNames": { "pattern": "^[A-Za-z]{2,3}([-_][A-Za-z]+)?$" },
        "additionalProperties": { "type": "string", "minLength": 1, "maxLength": 4096 },
        "minProperties": 1
    })
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
