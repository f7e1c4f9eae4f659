//! `whatsapp:` of a hotel's file.

use super::diagnose::{nearest, shown};
use super::durations::{Bounds, MINUTE, duration};
use super::fields::{Collector, Fields, choice, number, word};
use super::hotels::Against;
use super::links;
use super::yaml::Node;
use crate::domain::hotel::{AnswersAs, Receive, SecretReference, WhatsApp};
use crate::domain::ids::{HotelId, InstanceId};
use crate::domain::number_health::NewContacts;
use jiff::civil::Date;
use std::time::Duration;

const FIELDS: &[&str] =
    &["instance", "token", "webhook_token", "api_url", "receive", "answers_as", "send_interval", "new_contacts"];

/// The vendor drops the connection of numbers that send faster.
const LEAST_INTERVAL: Duration = Duration::from_millis(500);

/// How the hotel is reached.
pub(crate) fn whatsapp(node: &Node, c: &mut Collector<'_>, hotel: &HotelId, against: Against) -> Option<WhatsApp> {
    let fields = c.fields(node, "`whatsapp`", FIELDS)?;
    let variable = format!("{}_TOKEN", hotel.as_str().replace('-', "_").to_uppercase());
    let instance = fields.required("instance", "\"1101000001\"", c, instance);
    let token = fields.required("token", &format!("env:{variable}"), c, |n, c| secret(n, c, hotel, "token"));
    let receive =
        fields.optional("receive", c, |n, c| choice(n, c, &[("webhook", Receive::Webhook), ("poll", Receive::Poll)]));
    let webhook_token = fields.optional("webhook_token", c, |n, c| secret(n, c, hotel, "webhook_token"));
    // A mistake in `receive` is reported already; what it asks for is not known.
    if fields.get("receive").is_none() || receive == Some(Receive::Webhook) {
        check_webhook_token(&fields, c, hotel);
    }
    check_tokens_differ(&fields, c, token.as_ref(), webhook_token.as_ref());
    let api_url = fields.optional("api_url", c, links::link);
    let answers_as = fields.optional("answers_as", c, |n, c| {
        choice(n, c, &[("list", AnswersAs::List), ("buttons", AnswersAs::Buttons), ("poll", AnswersAs::Poll)])
    });
    let send_interval = fields.optional("send_interval", c, |n, c| interval(n, c, against));
    let new_contacts = fields.optional("new_contacts", c, new_contacts);
    Some(WhatsApp {
        instance: instance?,
        token: token?,
        webhook_token,
        api_url: api_url.map(|url| url.trim_end_matches('/').to_owned()),
        receive: receive.unwrap_or(Receive::Webhook),
        answers_as: answers_as.unwrap_or(AnswersAs::List),
        send_interval: send_interval.unwrap_or(LEAST_INTERVAL),
        new_contacts: new_contacts.unwrap_or_default(),
    })
}

/// Whom the bot may write to first.
fn new_contacts(node: &Node, c: &mut Collector<'_>) -> Option<NewContacts> {
    let fields = c.fields(node, "`new_contacts`", &["number_since", "per_day", "min_replies"])?;
    Some(NewContacts {
        number_since: fields.optional("number_since", c, day),
        per_day: fields.optional("per_day", c, per_day),
        min_replies: fields.optional("min_replies", c, |n, c| number(n, c, 0.0, 1.0)),
    })
}

fn day(node: &Node, c: &mut Collector<'_>) -> Option<Date> {
    let word = word(node, c, "a day such as `2026-11-20`")?;
    match word.parse() {
        Ok(day) => Some(day),
        Err(_) => c.error(node.span, format!("`{}` is not a day", shown(word)), "write one such as `2026-11-20`"),
    }
}

fn per_day(node: &Node, c: &mut Collector<'_>) -> Option<u32> {
    let word = word(node, c, "a number of guests")?;
    match word.parse() {
        Ok(most) => Some(most),
        Err(_) => c.error(node.span, format!("`{}` is not a number of guests", shown(word)), "write one such as `100`"),
    }
}

fn check_webhook_token(fields: &Fields<'_>, c: &mut Collector<'_>, hotel: &HotelId) {
    if fields.get("webhook_token").is_none() {
        let span = fields.span("receive");
        let variable = hotel.as_str().replace('-', "_").to_uppercase();
        let fix = format!("add `webhook_token: env:{variable}_WEBHOOK_TOKEN`, or write `receive: poll`");
        c.error::<()>(span, "`receive: webhook` lacks a `webhook_token`", fix);
    }
}

fn check_tokens_differ(
    fields: &Fields<'_>,
    c: &mut Collector<'_>,
    token: Option<&SecretReference>,
    webhook_token: Option<&SecretReference>,
) {
    // `stored` names a different secret for each field.
    if token.is_some() && token == webhook_token && token != Some(&SecretReference::Stored) {
        let fix = "make up another one for webhooks: whoever calls us must not be able to send as the hotel";
        c.error::<()>(fields.span("webhook_token"), "`webhook_token` is the same as `token`", fix);
    }
}

/// idInstance: digits, up to 12 (Green API), as a number or a text.
fn instance(node: &Node, c: &mut Collector<'_>) -> Option<InstanceId> {
    let word = word(node, c, "an instance such as `\"1101000001\"`")?;
    if (1..=12).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit()) {
        return Some(InstanceId::from(word));
    }
    let fix = "write idInstance as in Green API's console, up to 12 digits";
    c.error(node.span, format!("`{}` is not an instance", shown(word)), fix)
}

fn interval(node: &Node, c: &mut Collector<'_>, against: Against) -> Option<Duration> {
    let least = match against {
        Against::Vendor => LEAST_INTERVAL,
        Against::Emulator => Duration::ZERO,
    };
    duration(node, c, Bounds { least, most: 5 * MINUTE })
}

/// A reference to a secret; a secret itself is refused, and never shown.
pub(crate) fn secret(node: &Node, c: &mut Collector<'_>, hotel: &HotelId, name: &str) -> Option<SecretReference> {
    let word = word(node, c, "a reference such as `env:NAME`")?;
    if let Some(reference) = reference(word) {
        return Some(reference);
    }
    let variable = format!("{}_{}", hotel.as_str().replace('-', "_"), name).to_uppercase();
    if word.starts_with("env:") {
        let fix = format!("write a variable of letters, digits and `_`, such as `env:{variable}`");
        return c.error(node.span, "this is not the name of an environment variable", fix);
    }
    if word.starts_with("file:") {
        return c.error(node.span, "the file has no name", "write `file:PATH`");
    }
    if let Some(meant) = nearest(word, ["stored"]) {
        return c.error(node.span, format!("unknown reference `{}`", shown(word)), format!("did you mean `{meant}`?"));
    }
    let fix = format!("write `env:{variable}`, `file:PATH`, or `stored` after `hotelbot hotels secret {hotel} {name}`");
    c.error(node.span, "the secret itself does not belong here", fix)
}

/// Reads `env:NAME`, `file:PATH` or `stored`.
pub(crate) fn reference(word: &str) -> Option<SecretReference> {
    if word == "stored" {
        return Some(SecretReference::Stored);
    }
    if let Some(path) = word.strip_prefix("file:") {
        return (!path.trim().is_empty()).then(|| SecretReference::File(path.trim().to_owned()));
    }
    let name = word.strip_prefix("env:")?;
    let is_variable = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_variable.then(|| SecretReference::Env(name.to_owned()))
}
