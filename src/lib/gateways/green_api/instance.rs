//! The instance: its state and its settings.

use super::call::{self, Caller, Question};
use super::fields::{at, identifier};
use crate::domain::received::InstanceState;
use crate::ports::{Line, LineSettings, Unavailable};
use serde_json::{Map, Value};

/// The notifications hotelbot lives on; a new instance has all of them off. Votes come only with both
/// `incomingWebhook` and `pollMessageWebhook` (green-api documentation, "Working with polls").
pub const NEEDED_SWITCHES: [&str; 8] = [
    "incomingWebhook",
    "outgoingWebhook",
    "outgoingMessageWebhook",
    "outgoingAPIMessageWebhook",
    "stateWebhook",
    "pollMessageWebhook",
    "editedMessageWebhook",
    "deletedMessageWebhook",
];

/// The settings a hotel's instance must have. An empty URL means polling.
pub fn needed(webhook_url: &str, webhook_token: &str) -> LineSettings {
    LineSettings {
        webhook_url: webhook_url.to_owned(),
        webhook_token: webhook_token.to_owned(),
        switches: NEEDED_SWITCHES.iter().map(|name| ((*name).to_owned(), true)).collect(),
    }
}

/// The state now. The answer is `null` while the instance is being created.
pub(super) async fn state(caller: &Caller, line: &Line) -> Result<InstanceState, Unavailable> {
    const METHOD: &str = "getStateInstance";
    let answer = match caller.ask(line, &Question::plain(METHOD)).await {
        // Other methods say so of a starting instance, and some revisions of this one do.
        Err(Unavailable(why)) if why.contains("HTTP 400") && why.contains("instance in starting process") => {
            return Ok(InstanceState::Starting);
        }
        answer => read(METHOD, &answer?)?,
    };
    match at(&answer, &["stateInstance"]) {
        Value::Null => Ok(InstanceState::Starting),
        state => identifier(state).map(InstanceState::from).ok_or_else(|| unreadable(METHOD)),
    }
}

/// The settings now; every switch the vendor has, by its name.
pub(super) async fn settings(caller: &Caller, line: &Line) -> Result<LineSettings, Unavailable> {
    const METHOD: &str = "getSettings";
    let answer = read(METHOD, &caller.ask(line, &Question::plain(METHOD)).await?)?;
    let fields = answer.as_object().ok_or_else(|| unreadable(METHOD))?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let switches = fields.iter().filter_map(|(name, value)| Some((name.clone(), switch(value)?)));
    Ok(LineSettings {
        webhook_url: text("webhookUrl"),
        webhook_token: text("webhookUrlToken"),
        switches: switches.collect(),
    })
}

/// Sets what differs and nothing else: any change restarts the instance, for up to five minutes.
pub(super) async fn change_settings(caller: &Caller, line: &Line, wanted: &LineSettings) -> Result<(), Unavailable> {
    const METHOD: &str = "setSettings";
    let difference = difference(&settings(caller, line).await?, wanted);
    if difference.is_empty() {
        return Ok(());
    }
    let url = call::url(line, METHOD, "")?;
    let answer = caller.exchange(caller.client.post(url).json(&difference)).await?;
    let answer = read(METHOD, &call::answered(METHOD, answer)?)?;
    match at(&answer, &["saveSettings"]) {
        Value::Bool(true) => Ok(()),
        _ => Err(Unavailable(format!("{METHOD}: the vendor did not save them"))),
    }
}

/// What must be sent so that `current` becomes `wanted`, in the vendor's spelling.
fn difference(current: &LineSettings, wanted: &LineSettings) -> Map<String, Value> {
    let mut fields = Map::new();
    if current.webhook_url != wanted.webhook_url {
        fields.insert("webhookUrl".to_owned(), wanted.webhook_url.clone().into());
    }
    if current.webhook_token != wanted.webhook_token {
        fields.insert("webhookUrlToken".to_owned(), wanted.webhook_token.clone().into());
    }
    let differs = |wanted: &&(String, bool)| !current.switches.contains(wanted);
    for (name, on) in wanted.switches.iter().filter(differs) {
        fields.insert(name.clone(), if *on { "yes" } else { "no" }.into());
    }
    fields
}

/// `"yes"` and `"no"`; some revisions have true and false for the newest ones.
fn switch(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(on) => Some(*on),
        Value::String(word) if word == "yes" => Some(true),
        Value::String(word) if word == "no" => Some(false),
        _ => None,
    }
}

/// Reads an answer as JSON.
pub(super) fn read(method: &str, body: &[u8]) -> Result<Value, Unavailable> {
    serde_json::from_slice(body).map_err(|_| unreadable(method))
}

pub(super) fn unreadable(method: &str) -> Unavailable {
    Unavailable(format!("{method}: an unreadable answer"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_sent() {
        let wanted = needed("https://bot.example/hooks/astoria/whatsapp", "s3cret");
        let mut current = wanted.clone();
        current.switches.push(("keepOnlineStatus".to_owned(), false));
        assert!(difference(&current, &wanted).is_empty());

        current.webhook_url.clear();
        current.switches[0].1 = false;
        current.switches.remove(3);
        let sent = Value::Object(difference(&current, &wanted));

        let url = "https://bot.example/hooks/astoria/whatsapp";
        assert_eq!(sent, json!({"webhookUrl": url, "incomingWebhook": "yes", "outgoingAPIMessageWebhook": "yes"}));
    }
}
