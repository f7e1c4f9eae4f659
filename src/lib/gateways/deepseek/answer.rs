//! From the model's text to an [`Understanding`]: JSON mode has no schema, so everything may be missing, misspelt or
//! wrapped. Whatever cannot be read as a label makes a person look; nothing unreadable becomes "neutral".

use crate::domain::ids::FactId;
use crate::domain::language::Language;
use crate::domain::understanding::{AttentionReason, Confidence, Sentiment, Topic, Understanding};
use serde_json::{Map, Value};

/// What the content of an answer is.
#[derive(Debug, PartialEq)]
pub enum Content {
    /// An object.
    Object(Map<String, Value>),
    /// Nothing, or only spaces: JSON mode's way to fail.
    Blank,
    /// Words that hold no object.
    Invalid,
}

/// Reads the content leniently: fenced, surrounded by prose or followed by a second object is still read.
pub fn read(content: &str) -> Content {
    let text = super::hygiene::without_thoughts(content).trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() || text == "null" {
        return Content::Blank;
    }
    if let Ok(Value::Object(object)) = serde_json::from_str(text) {
        return Content::Object(object);
    }
    match first_object(text).and_then(|object| serde_json::from_str(object).ok()) {
        Some(Value::Object(object)) => Content::Object(object),
        _ => Content::Invalid,
    }
}

/// The first balanced `{…}`; braces within strings do not count.
fn first_object(text: &str) -> Option<&str> {
    let start = text.find('{')?;
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => depth += 1,
            b'}' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    return Some(&text[start..=at]);
                }
            }
            _ => {}
        }
    }
    None
}

/// The understanding an object holds; `None` if its reply is of a wrong type. `knows` says which facts exist.
pub fn understanding(object: &Map<String, Value>, knows: impl Fn(&FactId) -> bool) -> Option<Understanding> {
    let reply = match object.get("reply") {
        Some(Value::String(text)) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        None | Some(Value::Null) => None,
        Some(_) => return None,
    };
    let (sentiment, attention) = labels(object);
    Some(Understanding {
        sentiment,
        attention,
        confidence: object.get("confidence").and_then(number).and_then(Confidence::new),
        topics: topics(object),
        language: language(object),
        reply,
        facts: facts(object, knows),
        handoff: truth(object.get("handoff")).unwrap_or(true),
    })
}

/// Polarity and attention folded into the four classes: attention wins, and a label that is missing or unknown is
/// attention. The model may raise; that it says `false` beside a reason clears nothing.
fn labels(object: &Map<String, Value>) -> (Sentiment, Option<AttentionReason>) {
    let polarity = word(object.get("sentiment")).and_then(|word| Sentiment::parse(&word));
    let reason = word(object.get("attention_reason")).filter(|word| !matches!(word.as_str(), "" | "none" | "null"));
    let reason = reason.map(|word| AttentionReason::parse(&word).unwrap_or(AttentionReason::Other));
    let raised = truth(object.get("requires_attention"));
    let attention = match (polarity, raised) {
        (None, _) => Some(reason.unwrap_or(AttentionReason::Unread)),
        (_, None) => Some(reason.unwrap_or(AttentionReason::Unread)),
        (Some(Sentiment::RequiresAttention), _) | (_, Some(true)) => Some(reason.unwrap_or(AttentionReason::Other)),
        (_, Some(false)) => reason.filter(|reason| *reason != AttentionReason::Other),
    };
    match attention {
        Some(_) => (Sentiment::RequiresAttention, attention),
        None => (polarity.unwrap_or(Sentiment::RequiresAttention), None),
    }
}

fn word(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(|word| word.trim().to_lowercase())
}

/// A yes or no, also in words and numbers; missing or `null` is no, and what is neither is `None`.
fn truth(value: Option<&Value>) -> Option<bool> {
    match value {
        None | Some(Value::Null) => Some(false),
        Some(Value::Bool(truth)) => Some(*truth),
        Some(Value::Number(number)) if number.as_f64() == Some(0.0) => Some(false),
        Some(Value::Number(number)) if number.as_f64() == Some(1.0) => Some(true),
        Some(Value::String(text)) => match text.trim().to_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" | "" => Some(false),
            _ => None,
        },
        Some(_) => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a confidence needs no more digits than a float has")]
fn number(value: &Value) -> Option<f32> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Some(number as f32)
}

fn language(object: &Map<String, Value>) -> Option<Language> {
    word(object.get("language")).and_then(|code| Language::parse(&code))
}

fn topics(object: &Map<String, Value>) -> Vec<Topic> {
    let mut topics = Vec::new();
    for topic in words(object.get("topics")).iter().filter_map(|word| Topic::parse(&word.to_lowercase())) {
        if !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    topics
}

/// Only facts the hotel has; some answers copy the language mark of a line, `breakfast.hours [ru]`.
fn facts(object: &Map<String, Value>, knows: impl Fn(&FactId) -> bool) -> Vec<FactId> {
    let mut facts = Vec::new();
    for word in words(object.get("used_fact_ids")) {
        let id = word.trim_start_matches("- ").split(" [").next().unwrap_or_default().trim();
        let fact = FactId::from(id);
        if knows(&fact) && !facts.contains(&fact) {
            facts.push(fact);
        }
    }
    facts
}

fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => {
            items.iter().filter_map(Value::as_str).map(|word| word.trim().to_owned()).collect()
        }
        Some(Value::String(one)) => vec![one.trim().to_owned()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(content: &str) -> Option<String> {
        match read(content) {
            Content::Object(object) => object.get("reply").and_then(Value::as_str).map(str::to_owned),
            _ => None,
        }
    }

    #[test]
    fn an_object_is_found_in_whatever_surrounds_it() {
        for content in [
            r#"{"reply":"a"}"#,
            "\n\n\u{feff}  {\"reply\":\"a\"}  ",
            "```json\n{\"reply\":\"a\"}\n```",
            r#"Here it is: {"reply":"a"} I hope it helps."#,
            r#"{"reply":"a"}{"reply":"b"}"#,
            r#"<think>{"reply":"no"}</think>{"reply":"a"}"#,
        ] {
            assert_eq!(object(content).as_deref(), Some("a"), "{content}");
        }
        assert_eq!(object(r#"x {"reply":"a } \" { b"} y"#).as_deref(), Some("a } \" { b"));
    }

    #[test]
    fn blank_and_invalid_are_told_apart() {
        for blank in ["", "   \n ", "null", "<think>only this"] {
            assert_eq!(read(blank), Content::Blank, "{blank:?}");
        }
        for invalid in ["Breakfast is at 7.", r#"{"reply":"cut o"#, "[1,2]", "42", "{not json}", &"{".repeat(100_000)] {
            assert_eq!(read(invalid), Content::Invalid);
        }
    }

    fn understood(value: Value) -> Understanding {
        let Value::Object(object) = value else { panic!("an object") };
        understanding(&object, |fact| fact.as_str() == "breakfast.hours").expect("understood")
    }

    #[test]
    fn a_whole_answer_is_taken_over() {
        let understanding = understood(json!({
            "reply": " From 7. ", "language": "en-GB", "sentiment": "neutral", "requires_attention": false,
            "attention_reason": null, "topics": ["food"], "confidence": 0.9, "used_fact_ids": ["breakfast.hours"],
            "handoff": false, "mood": "extra keys are ignored",
        }));

        assert_eq!(
            understanding,
            Understanding {
                sentiment: Sentiment::Neutral,
                attention: None,
                confidence: Confidence::new(0.9),
                topics: vec![Topic::Food],
                language: Language::parse("en"),
                reply: Some("From 7.".into()),
                facts: vec![FactId::from("breakfast.hours")],
                handoff: false,
            }
        );
    }

    #[test]
    fn a_label_that_is_missing_or_unknown_makes_a_person_look() {
        use AttentionReason::{Complaint, Other, Safety, Unread};
        for (object, sentiment, attention) in [
            (json!({"reply": "a"}), Sentiment::RequiresAttention, Some(Unread)),
            (json!({"reply": "a", "sentiment": "happy"}), Sentiment::RequiresAttention, Some(Unread)),
            (json!({"reply": "a", "sentiment": 3}), Sentiment::RequiresAttention, Some(Unread)),
            (
                json!({"sentiment": "neutral", "requires_attention": "maybe"}),
                Sentiment::RequiresAttention,
                Some(Unread),
            ),
            (json!({"sentiment": "neutral", "requires_attention": true}), Sentiment::RequiresAttention, Some(Other)),
            (json!({"sentiment": "neutral", "requires_attention": "true"}), Sentiment::RequiresAttention, Some(Other)),
            (json!({"sentiment": "requires_attention"}), Sentiment::RequiresAttention, Some(Other)),
            (
                json!({"sentiment": "negative", "requires_attention": true, "attention_reason": "complaint"}),
                Sentiment::RequiresAttention,
                Some(Complaint),
            ),
            (
                json!({"sentiment": "positive", "requires_attention": false, "attention_reason": "safety"}),
                Sentiment::RequiresAttention,
                Some(Safety),
            ),
            (json!({"sentiment": "Negative ", "requires_attention": false}), Sentiment::Negative, None),
            (json!({"sentiment": "positive", "attention_reason": "none"}), Sentiment::Positive, None),
            (json!({"sentiment": "neutral", "attention_reason": "weird"}), Sentiment::Neutral, None),
        ] {
            let understanding = understood(object.clone());
            assert_eq!((understanding.sentiment, understanding.attention), (sentiment, attention), "{object}");
        }
    }

    #[test]
    fn harmless_types_are_tolerated_and_nonsense_is_dropped() {
        let understanding = understood(json!({
            "reply": "a", "sentiment": "neutral", "language": "Klingon!", "topics": ["food", "FOOD", "spaceships", 4],
            "confidence": "0.5", "used_fact_ids": ["breakfast.hours [ru]", "pool.hours", 1], "handoff": "false",
        }));

        assert_eq!(understanding.confidence, Confidence::new(0.5));
        assert_eq!(understanding.topics, [Topic::Food]);
        assert_eq!(understanding.facts, [FactId::from("breakfast.hours")]);
        assert_eq!((understanding.language, understanding.handoff), (None, false));
        for confidence in [json!(7), json!(-0.1), json!("high"), json!("95%"), json!(null)] {
            assert_eq!(understood(json!({"reply": "a", "confidence": confidence})).confidence, None);
        }
        assert!(understood(json!({"reply": "a", "handoff": "perhaps"})).handoff, "in doubt a person");
    }

    #[test]
    fn a_reply_that_is_no_text_is_not_understood() {
        let Value::Object(object) = json!({"reply": {"text": "a"}}) else { unreachable!() };
        assert_eq!(understanding(&object, |_| true), None);
        assert_eq!(understood(json!({"reply": "  ", "handoff": true})).reply, None);
    }
}
