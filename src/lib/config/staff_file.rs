//! `staff:` of a hotel's file.

use super::diagnose::shown;
use super::durations::{Bounds, DAY, duration};
use super::fields::{Collector, Fields, is_name, list, no_twins, text, word};
use super::languages::language;
use super::links;
use super::phones::phone_or_group;
use super::whatsapp_file::reference;
use super::yaml::{Node, Span};
use crate::domain::hotel::{Staff, StaffContact};
use std::time::Duration;

const FIELDS: &[&str] = &["language", "contacts"];
const CONTACT: &[&str] = &["id", "name", "whatsapp", "telegram", "email", "webhook", "departments", "after"];

/// Who is told; `country` completes phones in advice.
pub(crate) fn staff(node: &Node, c: &mut Collector<'_>, country: Option<&str>) -> Option<Staff> {
    let fields = c.fields(node, "`staff`", FIELDS)?;
    let language = fields.optional("language", c, language);
    let contacts = fields.optional("contacts", c, |n, c| list(n, c, |n, c| contact(n, c, country))).unwrap_or_default();
    no_twins(c, "contact", contacts.iter().map(|contact| (contact.id.value.as_str(), contact.id.span)));
    let phones = contacts.iter().filter_map(|contact| contact.whatsapp.as_ref());
    no_twins(c, "phone", phones.map(|phone| (phone.value.as_str(), phone.span)));
    Some(Staff { language, contacts: contacts.into_iter().map(|contact| contact.contact).collect() })
}

struct Placed<T> {
    value: T,
    span: Span,
}

struct PlacedContact {
    id: Placed<String>,
    whatsapp: Option<Placed<String>>,
    contact: StaffContact,
}

fn contact(node: &Node, c: &mut Collector<'_>, country: Option<&str>) -> Option<PlacedContact> {
    let fields = c.fields(node, "a contact", CONTACT)?;
    let id = fields.required("id", "front_desk", c, |n, c| name(n, c, "contact"));
    let shown_name = fields.required("name", "Front desk", c, |n, c| text(n, c, 64));
    let whatsapp = fields.optional("whatsapp", c, |n, c| phone_or_group(n, c, country));
    let telegram = fields.optional("telegram", c, telegram);
    let email = fields.optional("email", c, email);
    let webhook = fields.optional("webhook", c, webhook);
    let departments = fields.optional("departments", c, |n, c| list(n, c, |n, c| name(n, c, "department")));
    let after = fields.optional("after", c, |n, c| duration(n, c, Bounds { least: Duration::ZERO, most: 7 * DAY }));
    check_reachable(&fields, c);
    let contact = StaffContact {
        id: id.clone()?,
        name: shown_name?,
        whatsapp: whatsapp.clone(),
        telegram,
        email,
        webhook,
        departments: departments.unwrap_or_default(),
        after: after.unwrap_or_default(),
    };
    let placed = |field: &str, value: String| Placed { value, span: fields.get(field).map_or(node.span, |n| n.span) };
    Some(PlacedContact { id: placed("id", id?), whatsapp: whatsapp.map(|phone| placed("whatsapp", phone)), contact })
}

fn check_reachable(fields: &Fields<'_>, c: &mut Collector<'_>) {
    if !["whatsapp", "telegram", "email", "webhook"].iter().any(|channel| fields.get(channel).is_some()) {
        let fix = "add `whatsapp: \"+…\"`, `telegram:`, `email:` or `webhook:`";
        c.error::<()>(fields.span("id"), "this contact cannot be reached", fix);
    }
}

fn name(node: &Node, c: &mut Collector<'_>, what: &str) -> Option<String> {
    let word = word(node, c, "a short name")?;
    if is_name(word, 32, false) {
        return Some(word.to_owned());
    }
    let fix = "use 1 to 32 of a-z, 0-9, `_` and `-`, such as `front_desk`";
    c.error(node.span, format!("`{}` is not the id of a {what}", shown(word)), fix)
}

/// A reference, a chat id (`-100…` for groups) or a channel's `@name`. A bot's token has a colon and is refused.
fn telegram(node: &Node, c: &mut Collector<'_>) -> Option<String> {
    let word = word(node, c, "a Telegram chat")?;
    let is_chat = word.strip_prefix('-').unwrap_or(word).bytes().all(|b| b.is_ascii_digit()) && word.len() > 1;
    let is_channel = word
        .strip_prefix('@')
        .is_some_and(|name| name.len() >= 5 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    if is_chat || is_channel || reference(word).is_some() {
        return Some(word.to_owned());
    }
    c.error(node.span, "this is not a Telegram chat", "write its id (digits), `@name` or `env:NAME`")
}

fn email(node: &Node, c: &mut Collector<'_>) -> Option<String> {
    let word = word(node, c, "an e-mail address")?;
    let is_plain = !word.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c));
    let is_address = word.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && !host.contains('@') && host.split('.').all(|part| !part.is_empty()) && host.contains('.')
    });
    if is_plain && is_address && word.len() <= 254 {
        return Some(word.to_owned());
    }
    c.error(node.span, format!("`{}` is not an e-mail address", shown(word)), "write one such as `desk@example.com`")
}

fn webhook(node: &Node, c: &mut Collector<'_>) -> Option<String> {
    let word = word(node, c, "an address or a reference")?;
    if reference(word).is_some() {
        return Some(word.to_owned());
    }
    match links::check(word) {
        Ok(()) => {
            c.warn(node.span, "whoever knows this address can write to it", "rather keep it in `env:NAME`");
            Some(word.to_owned())
        }
        Err(fix) => c.error(node.span, "this is not an address", fix),
    }
}
