//! An instance's settings: the flags `"yes"`/`"no"`, their spelling, and what `setSettings` refuses.

use serde_json::{Map, Value};

/// The flags that decide something in the emulator; the others are only kept and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// Statuses of sent messages are notified.
    Outgoing,
    /// Messages written on the phone are notified.
    OutgoingMessage,
    /// Messages sent through the API are notified (the echo).
    OutgoingApiMessage,
    /// Guests' messages are notified.
    Incoming,
    /// Changes of the instance's state are notified.
    State,
    /// Polls and votes are notified.
    Poll,
    /// Calls are notified.
    Call,
    /// Edits are notified.
    Edited,
    /// Deletions are notified.
    Deleted,
    /// Chats are named by `@lid`.
    LidMode,
}

/// Every flag of `getSettings`, in the vendor's order; `Some` where the emulator obeys it.
const FLAGS: [(&str, Option<Flag>); 19] = [
    ("markIncomingMessagesReaded", None),
    ("markIncomingMessagesReadedOnReply", None),
    ("sharedSession", None),
    ("outgoingWebhook", Some(Flag::Outgoing)),
    ("outgoingMessageWebhook", Some(Flag::OutgoingMessage)),
    ("outgoingAPIMessageWebhook", Some(Flag::OutgoingApiMessage)),
    ("incomingWebhook", Some(Flag::Incoming)),
    ("deviceWebhook", None),
    ("statusInstanceWebhook", None),
    ("stateWebhook", Some(Flag::State)),
    ("enableMessagesHistory", None),
    ("keepOnlineStatus", None),
    ("pollMessageWebhook", Some(Flag::Poll)),
    ("incomingBlockWebhook", None),
    ("incomingCallWebhook", Some(Flag::Call)),
    ("editedMessageWebhook", Some(Flag::Edited)),
    ("deletedMessageWebhook", Some(Flag::Deleted)),
    ("linkPreview", None),
    ("enableLidMode", Some(Flag::LidMode)),
];

/// The least gap between sends that `setSettings` accepts, in milliseconds.
const DELAY_MIN: u64 = 500;
/// The largest gap the newer documentation allows: ten minutes.
const DELAY_MAX: u64 = 600_000;

/// What `getSettings` shows, apart from the instance's own id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where notifications are pushed; empty means they are polled.
    pub webhook_url: String,
    /// What the push carries in `Authorization`.
    pub webhook_url_token: String,
    /// The gap between sends, in milliseconds.
    pub delay_ms: u64,
    auto_typing: u64,
    flags: [bool; FLAGS.len()],
}

impl Settings {
    /// A new instance: everything off, as after `createInstance`.
    #[must_use]
    pub fn fresh() -> Self {
        Self {
            webhook_url: String::new(),
            webhook_url_token: String::new(),
            delay_ms: DELAY_MIN,
            auto_typing: 0,
            flags: [false; FLAGS.len()],
        }
    }

    /// An instance whose owner has ticked every notification in the console.
    #[must_use]
    pub fn prepared() -> Self {
        let mut settings = Self::fresh();
        for (on, (name, flag)) in settings.flags.iter_mut().zip(FLAGS) {
            *on = (flag.is_some() && flag != Some(Flag::LidMode)) || name == "linkPreview";
        }
        settings
    }

    /// Whether a flag is `"yes"`.
    #[must_use]
    pub fn has(&self, flag: Flag) -> bool {
        FLAGS.iter().position(|(_, known)| *known == Some(flag)).is_some_and(|at| self.flags[at])
    }

    /// The body of `getSettings`.
    #[must_use]
    pub fn show(&self, wid: &str) -> Value {
        let mut body = Map::new();
        body.insert("wid".into(), wid.into());
        body.insert("countryInstance".into(), "".into());
        body.insert("typeAccount".into(), "".into());
        body.insert("webhookUrl".into(), self.webhook_url.as_str().into());
        body.insert("webhookUrlToken".into(), self.webhook_url_token.as_str().into());
        body.insert("delaySendMessagesMilliseconds".into(), self.delay_ms.into());
        body.insert("autoTyping".into(), self.auto_typing.into());
        for (on, (name, _)) in self.flags.iter().zip(FLAGS) {
            body.insert(name.into(), if *on { "yes" } else { "no" }.into());
        }
        body.into()
    }

    /// Takes over a subset. `strict` is the vendor's own validation; the control interface may set any delay.
    ///
    /// # Errors
    /// The detail text of the vendor's validation error; nothing is changed then.
    pub fn change(&mut self, body: &Map<String, Value>, strict: bool) -> Result<(), String> {
        if body.is_empty() {
            return Err("'value' must have at least 1 key".into());
        }
        let mut changed = self.clone();
        for (key, value) in body {
            changed.set(key, value, strict)?;
        }
        *self = changed;
        Ok(())
    }

    fn set(&mut self, key: &str, value: &Value, strict: bool) -> Result<(), String> {
        match key {
            "webhookUrl" => self.webhook_url = url(key, value)?,
            "webhookUrlToken" => self.webhook_url_token = text(key, value)?,
            "delaySendMessagesMilliseconds" => self.delay_ms = delay(key, value, strict)?,
            "autoTyping" => self.auto_typing = number(key, value)?,
            // Read-only or long gone; accepted and ignored, as old clients still send them.
            "countryInstance" | "typeAccount" | "wid" => {}
            _ => {
                // The deprecated flag is written both ways in the vendor's own pages.
                let key = if key == "statusInstanceChangedWebhook" { "statusInstanceWebhook" } else { key };
                let at = FLAGS.iter().position(|(name, _)| *name == key).ok_or(format!("'{key}' is not allowed"))?;
                self.flags[at] = flag(key, value)?;
            }
        }
        Ok(())
    }
}

fn text(key: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        _ => Err(format!("'{key}' must be a string")),
    }
}

fn url(key: &str, value: &Value) -> Result<String, String> {
    let url = text(key, value)?;
    if url.is_empty() || url.starts_with("http://") || url.starts_with("https://") {
        Ok(url)
    } else {
        Err(format!("'{key}' must be a valid uri"))
    }
}

fn number(key: &str, value: &Value) -> Result<u64, String> {
    // The vendor's typed clients send numbers, its form in the console sends strings.
    let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
    number.ok_or(format!("'{key}' must be a number"))
}

fn delay(key: &str, value: &Value, strict: bool) -> Result<u64, String> {
    let delay = number(key, value)?;
    match delay {
        _ if !strict => Ok(delay),
        0..DELAY_MIN => Err(format!("'{key}' must be greater than or equal to {DELAY_MIN}")),
        DELAY_MIN..=DELAY_MAX => Ok(delay),
        _ => Err(format!("'{key}' must be less than or equal to {DELAY_MAX}")),
    }
}

fn flag(key: &str, value: &Value) -> Result<bool, String> {
    match value {
        Value::String(text) if text == "yes" => Ok(true),
        Value::String(text) if text == "no" => Ok(false),
        // Typed as bool in the Java client, as "yes"/"no" in the JavaScript one.
        Value::Bool(on) if matches!(key, "linkPreview" | "enableLidMode") => Ok(*on),
        _ => Err(format!("'{key}' must be one of [yes, no]")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changed(body: Value) -> Result<Settings, String> {
        let mut settings = Settings::fresh();
        settings.change(body.as_object().unwrap(), true)?;
        Ok(settings)
    }

    #[test]
    fn a_fresh_instance_has_everything_off_and_shows_flags_as_words() {
        let shown = Settings::fresh().show("79001234567@c.us");

        assert_eq!(shown["incomingWebhook"], "no");
        assert_eq!(shown["delaySendMessagesMilliseconds"], 500);
        assert_eq!(shown["wid"], "79001234567@c.us");
    }

    #[test]
    fn a_subset_is_taken_over() {
        let settings = changed(json!({"incomingWebhook": "yes", "webhookUrl": "http://h/x"})).unwrap();

        assert!(settings.has(Flag::Incoming));
        assert!(!settings.has(Flag::Outgoing));
        assert_eq!(settings.webhook_url, "http://h/x");
    }

    #[test]
    fn what_the_vendor_refuses_is_refused_and_changes_nothing() {
        for (body, detail) in [
            (json!({}), "'value' must have at least 1 key"),
            (json!({"delaySendMessagesMilliseconds": 499}), "greater than or equal to 500"),
            (json!({"delaySendMessagesMilliseconds": 600_001}), "less than or equal to 600000"),
            (json!({"incomingWebhook": true}), "must be one of [yes, no]"),
            (json!({"webhookUrl": "ftp://h"}), "must be a valid uri"),
            (json!({"colour": "red"}), "'colour' is not allowed"),
        ] {
            assert!(changed(body.clone()).unwrap_err().contains(detail), "{body}");
        }
    }
}
