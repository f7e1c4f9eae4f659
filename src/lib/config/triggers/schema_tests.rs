//! That the schema knows what the reader knows, and takes and refuses the same files.

use super::*;
use crate::domain::trigger::TriggerSet;
use std::path::Path;

/// Whether a value is right by a schema; the path of the first thing that is not. Knows the words used above.
fn check(value: &Value, schema: &Value, root: &Value, path: &str) -> Result<(), String> {
    let Some(schema) = schema.as_object() else { return Ok(()) };
    for (word, rule) in schema {
        let is_right = match (word.as_str(), value) {
            ("$ref", _) => {
                let name = rule.as_str().expect("a name").trim_start_matches("#/definitions/");
                check(value, &root["definitions"][name], root, path)?;
                true
            }
            ("anyOf", _) => rule.as_array().expect("a list").iter().any(|one| check(value, one, root, path).is_ok()),
            ("allOf", _) => rule.as_array().expect("a list").iter().all(|one| check(value, one, root, path).is_ok()),
            ("enum", _) => rule.as_array().expect("a list").contains(value),
            ("type", _) => {
                let known: Vec<&str> = rule.as_array().map_or_else(
                    || vec![rule.as_str().expect("a word")],
                    |list| list.iter().filter_map(Value::as_str).collect(),
                );
                known.contains(&kind(value)) || (kind(value) == "integer" && known.contains(&"number"))
            }
            ("pattern", Value::String(text)) => {
                regex::Regex::new(rule.as_str().expect("a pattern")).expect("a pattern").is_match(text)
            }
            ("maxLength", Value::String(text)) => text.chars().count() as u64 <= rule.as_u64().expect("a number"),
            ("minLength", Value::String(text)) => text.chars().count() as u64 >= rule.as_u64().expect("a number"),
            ("minimum", Value::Number(number)) => number.as_f64() >= rule.as_f64(),
            ("maximum", Value::Number(number)) => number.as_f64() <= rule.as_f64(),
            ("minItems", Value::Array(items)) => items.len() as u64 >= rule.as_u64().expect("a number"),
            ("maxItems", Value::Array(items)) => items.len() as u64 <= rule.as_u64().expect("a number"),
            ("minProperties", Value::Object(fields)) => fields.len() as u64 >= rule.as_u64().expect("a number"),
            ("items", Value::Array(items)) => {
                items.iter().enumerate().try_for_each(|(at, item)| check(item, rule, root, &format!("{path}/{at}")))?;
                true
            }
            ("required", Value::Object(fields)) => {
                rule.as_array().expect("a list").iter().all(|name| fields.contains_key(name.as_str().expect("a word")))
            }
            ("propertyNames", Value::Object(fields)) => {
                fields.keys().try_for_each(|name| check(&json!(name), rule, root, &format!("{path}/{name}")))?;
                true
            }
            ("properties", Value::Object(fields)) => {
                fields.iter().try_for_each(|(name, field)| {
                    check(field, rule.get(name).unwrap_or(&Value::Null), root, &format!("{path}/{name}"))
                })?;
                true
            }
            ("additionalProperties", Value::Object(fields)) => {
                let is_named = |name: &str| schema.get("properties").is_some_and(|known| known.get(name).is_some());
                let patterns = schema.get("patternProperties").and_then(Value::as_object);
                let is_matched = |name: &str| {
                    patterns.is_some_and(|known| {
                        known.keys().any(|one| regex::Regex::new(one).expect("a pattern").is_match(name))
                    })
                };
                for (name, field) in fields.iter().filter(|(name, _)| !is_named(name) && !is_matched(name)) {
                    if *rule == Value::Bool(false) {
                        return Err(format!("{path}/{name} is unknown"));
                    }
                    check(field, rule, root, &format!("{path}/{name}"))?;
                }
                true
            }
            _ => true,
        };
        if !is_right {
            return Err(format!("{path}: {value} is not right by `{word}`"));
        }
    }
    Ok(())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn checked(yaml: &str) -> Result<(), String> {
    let value: Value = serde_saphyr::from_str(yaml).expect("YAML");
    let schema = triggers_schema();
    check(&value, &schema, &schema, "")
}

fn shipped(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a file that is shipped")
}

/// A part of the file, the fields its reader knows, and what the schema says of one.
type Part = (&'static str, &'static [&'static str], fn(&str) -> Option<Value>);

#[test]
fn every_field_of_the_reader_is_described() {
    let parts: [Part; 12] = [
        ("the file", header::FIELDS, file),
        ("trigger", trigger::FIELDS, of_trigger),
        ("when", when::FIELDS, of_when),
        ("send", SEND, of_content),
        ("variant", VARIANT, of_variant),
        ("media", MEDIA, of_media),
        ("question", question::FIELDS, of_question),
        ("remind", question::REMIND, of_reminder),
        ("answer", answer::FIELDS, of_answer),
        ("alert", answer::ALERT, of_alert),
        ("policy", policy::OWN, of_policy),
        ("per_guest", policy::PER_GUEST, of_limit),
    ];
    for (part, fields, of) in parts {
        for field in fields {
            assert!(of(field).is_some(), "`{field}` of {part} is not in the schema");
        }
    }
    let schema = triggers_schema();
    let known = &schema["definitions"]["condition"]["anyOf"][1]["properties"];
    for (name, ..) in CONDITIONS {
        assert!(known.get(name).is_some(), "{name}");
    }
    let own_too = |field: &&&str| policy::OWN.contains(*field);
    assert_eq!(policy::POLICY.iter().filter(own_too).count(), policy::POLICY.len(), "a trigger's policy knows all");
}

#[test]
fn the_shipped_files_are_right_by_the_schema_and_name_it() {
    for (file, schema) in [
        ("triggers.yaml", "triggers.schema.json"),
        ("hotels/astoria/triggers.yaml", "../../triggers.schema.json"),
        ("hotels/sea-view/triggers.yaml", "../../triggers.schema.json"),
    ] {
        let text = shipped(file);

        assert_eq!(checked(&text), Ok(()), "{file}");
        assert_eq!(text.lines().next(), Some(format!("# yaml-language-server: $schema={schema}").as_str()), "{file}");
    }
}

#[test]
fn the_shipped_schema_is_the_one_that_is_printed() {
    let file: Value = serde_json::from_str(&shipped("triggers.schema.json")).expect("JSON");

    assert_eq!(file, triggers_schema(), "run `hotelbot triggers schema > triggers.schema.json`");
}

#[test]
fn what_the_reader_refuses_at_a_glance_the_schema_refuses() {
    let one = |trigger: &str| format!("version: 1\ntriggers:\n  a: {trigger}\n");
    for right in [
        "{ when: { after: check_in, by: 3h }, where: { all: [ { nights: \">= 2\" }, { custom.x: gold } ] } }",
        "{ when: { on: schedule, cron: \"0 10 * * *\" } }",
        "{ enabled: no }",
        "{ where: [ { status: [confirmed, checked_in] }, { room: 12 }, { lead_time: \"< 7d\" } ] }",
        "{ policy: { quiet_hours: no, after_staff_reply: 1h } }",
    ] {
        assert_eq!(checked(&one(right)), Ok(()), "{right}");
    }
    for wrong in [
        "{ when: { after: chekin } }",
        "{ whem: { after: check_in } }",
        "{ when: { after: check_in, by: 3 } }",
        "{ when: { after: check_in, by: 3 hours } }",
        "{ when: { after: check_in, at: \"25:00\" } }",
        "{ where: { nigths: 2 } }",
        "{ where: { status: here } }",
        "{ where: { nights: many } }",
        "{ mode: lively }",
        "{ once: sometimes }",
        "{ send: { text: Hello } }",
        "{ ask: { kind: chioce } }",
        "{ priority: high }",
    ] {
        assert!(checked(&one(wrong)).is_err(), "{wrong}");
    }
    assert!(checked("triggers: {}").is_err(), "no version");
}

#[test]
fn the_set_is_what_goes_into_the_database_and_comes_out_of_it() {
    let loaded = super::super::testing::load(&shipped("triggers.yaml"), None, &super::super::testing::hotel(""))
        .unwrap_or_else(|errors| panic!("{errors}"));
    let set = loaded.sets.values().next().expect("a hotel");

    let text = serde_json::to_string(set).expect("JSON");

    assert_eq!(serde_json::from_str::<TriggerSet>(&text).expect("a set"), *set);
}
