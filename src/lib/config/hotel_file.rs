//! One hotel's file, field by field.

use super::durations::{Bounds, DAY, HOUR, MINUTE, duration};
use super::fields::{Collector, Fields, choice, entries, flag, is_name, list, no_twins, number, text};
use super::hotels::Against;
use super::knowledge_file::{PlacedFact, facts, texts};
use super::languages::{country, language};
use super::links::link;
use super::staff_file::staff;
use super::times::{time, window};
use super::whatsapp_file::{reference, secret, whatsapp};
use super::yaml::{Kind, Node, Span};
use super::zones::zone;
use crate::domain::hotel::{
    AiPolicy, ConversationPolicy, Hotel, PmsPolicy, PrivacyPolicy, SecretReference, SlaPolicy, Staff, Window,
};
use crate::domain::ids::HotelId;
use crate::domain::language::Language;
use jiff::civil::time as clock;
use std::collections::BTreeMap;
use std::time::Duration;

const FIELDS: &[&str] = &[
    "name",
    "timezone",
    "languages",
    "country",
    "check_in_time",
    "check_out_time",
    "voice",
    "whatsapp",
    "ai",
    "assume_check_in",
    "conversation",
    "quiet_hours",
    "sla",
    "staff",
    "links",
    "knowledge",
    "texts",
    "pms",
    "privacy",
];

/// Where reservations may come from.
const PMS_KINDS: &[&str] = &["csv", "webhook", "mews", "apaleo", "cloudbeds", "travelline", "bnovo", "ical"];

/// What could be read of a hotel's file.
#[derive(Default)]
pub(crate) struct HotelFile {
    /// Without knowledge; `None` if something that must be there is missing or wrong.
    pub(crate) hotel: Option<Hotel>,
    /// Still with their places, so that a second file of facts can be compared.
    pub(crate) facts: Vec<PlacedFact>,
    /// The hotel's languages, as far as they could be read.
    pub(crate) languages: Vec<Language>,
    /// What no two hotels may share.
    pub(crate) identity: Identity,
}

/// What no two hotels may share, and where it stands; read even if the rest of the file is wrong.
#[derive(Default)]
pub(crate) struct Identity {
    pub(crate) instance: Option<(String, Span)>,
    pub(crate) token: Option<(SecretReference, Span)>,
}

/// Reads a hotel's file; what is wrong is in the collector.
pub(crate) fn hotel(node: &Node, c: &mut Collector<'_>, id: &HotelId, against: Against) -> HotelFile {
    let Some(fields) = c.fields(node, "the hotel", FIELDS) else { return HotelFile::default() };
    let languages = fields.required("languages", "[en]", c, languages);
    let told_in = languages.clone().unwrap_or_default();
    let facts = fields.optional("knowledge", c, |n, c| facts(n, c, &told_in)).unwrap_or_default();
    let hotel = rest(&fields, c, Start { id, against, languages });
    HotelFile { hotel, facts, languages: told_in, identity: identity(&fields) }
}

struct Start<'i> {
    id: &'i HotelId,
    against: Against,
    languages: Option<Vec<Language>>,
}

fn rest(fields: &Fields<'_>, c: &mut Collector<'_>, start: Start<'_>) -> Option<Hotel> {
    let name = fields.required("name", "Sea View Hotel", c, |n, c| text(n, c, 128));
    let timezone = fields.required("timezone", "Europe/Moscow", c, zone);
    let country = fields.optional("country", c, country);
    let check_in_time = fields.optional("check_in_time", c, time).unwrap_or(clock(14, 0, 0, 0));
    let check_out_time = fields.optional("check_out_time", c, time).unwrap_or(clock(12, 0, 0, 0));
    let voice = fields.optional("voice", c, |n, c| text(n, c, 2000));
    let whatsapp = fields
        .required("whatsapp", "{ instance: …, token: env:… }", c, |n, c| whatsapp(n, c, start.id, start.against));
    let ai = fields.optional("ai", c, ai).unwrap_or(AiPolicy { enabled: true, daily_budget_usd: None });
    let assume_check_in = fields.optional("assume_check_in", c, flag).unwrap_or(false);
    let conversation = fields.optional("conversation", c, conversation).unwrap_or(CONVERSATION);
    let quiet_hours = fields.optional("quiet_hours", c, window).map(|said| said.unwrap_or(Window::NEVER));
    let sla = fields.optional("sla", c, sla).unwrap_or(SLA);
    let staff = staff_or_warn(fields, c, country.as_deref());
    let links = fields.optional("links", c, links).unwrap_or_default();
    let texts = fields.optional("texts", c, texts).unwrap_or_default();
    let pms = fields.optional("pms", c, |n, c| pms(n, c, start.id));
    let privacy = fields.optional("privacy", c, privacy).unwrap_or(PRIVACY);
    Some(Hotel {
        id: start.id.clone(),
        name: name?,
        timezone: timezone?,
        languages: start.languages?,
        country,
        check_in_time,
        check_out_time,
        voice,
        whatsapp: whatsapp?,
        ai,
        assume_check_in,
        conversation,
        quiet_hours,
        sla,
        staff,
        links,
        knowledge: Vec::new(),
        texts,
        pms,
        privacy,
        prompt: None,
    })
}

fn identity(fields: &Fields<'_>) -> Identity {
    let word = |name: &str| {
        let Kind::Map(entries) = &fields.get("whatsapp")?.kind else { return None };
        let (_, node) = entries.iter().find(|(key, _)| key.text == name)?;
        let Kind::Word(word) = &node.kind else { return None };
        Some((word.trim().to_owned(), node.span))
    };
    Identity {
        instance: word("instance"),
        token: word("token").and_then(|(word, span)| Some((reference(&word)?, span))),
    }
}

fn languages(node: &Node, c: &mut Collector<'_>) -> Option<Vec<Language>> {
    let languages = list(node, c, |n, c| language(n, c).map(|language| (language, n.span)))?;
    if matches!(&node.kind, Kind::Empty) || matches!(&node.kind, Kind::List(items) if items.is_empty()) {
        return c.error(node.span, "a hotel speaks at least one language", "write `[en]`");
    }
    no_twins(c, "language", languages.iter().map(|(language, span)| (language.as_str(), *span)));
    Some(languages.into_iter().map(|(language, _)| language).collect())
}

fn ai(node: &Node, c: &mut Collector<'_>) -> Option<AiPolicy> {
    let fields = c.fields(node, "`ai`", &["enabled", "daily_budget_usd"])?;
    let enabled = fields.optional("enabled", c, flag).unwrap_or(true);
    let daily_budget_usd = fields.optional("daily_budget_usd", c, |n, c| number(n, c, 0.0, 10_000.0));
    Some(AiPolicy { enabled, daily_budget_usd })
}

const CONVERSATION: ConversationPolicy = ConversationPolicy {
    coalesce: Duration::from_secs(4),
    handoff_after_staff_reply: Duration::from_secs(30 * 60),
    reply_within: Duration::from_secs(15 * 60),
};

fn conversation(node: &Node, c: &mut Collector<'_>) -> Option<ConversationPolicy> {
    let fields = c.fields(node, "`conversation`", &["coalesce", "handoff_after_staff_reply", "reply_within"])?;
    let within = |field: &str, c: &mut Collector<'_>, least, most, default| {
        fields.optional(field, c, |n, c| duration(n, c, Bounds { least, most })).unwrap_or(default)
    };
    Some(ConversationPolicy {
        coalesce: within("coalesce", c, Duration::ZERO, MINUTE, CONVERSATION.coalesce),
        handoff_after_staff_reply: within(
            "handoff_after_staff_reply",
            c,
            MINUTE,
            60 * DAY,
            CONVERSATION.handoff_after_staff_reply,
        ),
        reply_within: within("reply_within", c, MINUTE, DAY, CONVERSATION.reply_within),
    })
}

const SLA: SlaPolicy =
    SlaPolicy { first_response: Duration::from_secs(10 * 60), resolution: Duration::from_secs(4 * 3600) };

fn sla(node: &Node, c: &mut Collector<'_>) -> Option<SlaPolicy> {
    let fields = c.fields(node, "`sla`", &["first_response", "resolution"])?;
    let bounds = Bounds { least: MINUTE, most: 60 * DAY };
    let first_response = fields.optional("first_response", c, |n, c| duration(n, c, bounds));
    let resolution = fields.optional("resolution", c, |n, c| duration(n, c, bounds));
    let sla = SlaPolicy {
        first_response: first_response.unwrap_or(SLA.first_response),
        resolution: resolution.unwrap_or(SLA.resolution),
    };
    if sla.resolution < sla.first_response {
        return c.error(fields.span("resolution"), "`resolution` is shorter than `first_response`", "make it longer");
    }
    Some(sla)
}

fn staff_or_warn(fields: &Fields<'_>, c: &mut Collector<'_>, country: Option<&str>) -> Staff {
    let is_said = fields.get("staff").is_some_and(|node| node.kind != Kind::Empty);
    let staff =
        fields.optional("staff", c, |n, c| if is_said { staff(n, c, country) } else { None }).unwrap_or_default();
    if staff.contacts.is_empty() {
        c.warn(fields.span("staff"), "nobody is told when a guest needs a person", "add `staff: { contacts: [ … ] }`");
    }
    staff
}

fn links(node: &Node, c: &mut Collector<'_>) -> Option<BTreeMap<String, String>> {
    let mut links = BTreeMap::new();
    for (key, value) in entries(node, c, "menu: \"https://…\"")? {
        if !is_name(&key.text, 32, false) {
            let message = format!("`{}` is not the name of a link", super::diagnose::shown(&key.text));
            c.error::<()>(key.span, message, "use 1 to 32 of a-z, 0-9, `_` and `-`, such as `review_google`");
        }
        if let Some(address) = link(value, c) {
            links.insert(key.text.clone(), address);
        }
    }
    Some(links)
}

fn pms(node: &Node, c: &mut Collector<'_>, hotel: &HotelId) -> Option<PmsPolicy> {
    let fields = c.fields(node, "`pms`", &["kind", "stale_after", "secret"])?;
    let known: Vec<(&str, &str)> = PMS_KINDS.iter().map(|kind| (*kind, *kind)).collect();
    let kind = fields.required("kind", "csv", c, |n, c| choice(n, c, &known));
    let bounds = Bounds { least: 10 * MINUTE, most: 60 * DAY };
    let stale_after = fields.optional("stale_after", c, |n, c| duration(n, c, bounds)).unwrap_or(24 * HOUR);
    let secret = fields.optional("secret", c, |n, c| secret(n, c, hotel, "pms_secret"));
    if kind == Some("webhook") && fields.get("secret").is_none() {
        let variable = hotel.as_str().replace('-', "_").to_uppercase();
        let fix = format!("add `secret: env:{variable}_PMS_SECRET`; without it nobody is let in");
        c.warn(fields.span("kind"), "`kind: webhook` lacks a `secret`", fix);
    }
    Some(PmsPolicy { kind: kind?.to_owned(), stale_after, secret })
}

const PRIVACY: PrivacyPolicy = PrivacyPolicy {
    keep_messages: Duration::from_secs(365 * 86_400),
    keep_raw_events: Duration::from_secs(30 * 86_400),
    mask_before_ai: true,
};

fn privacy(node: &Node, c: &mut Collector<'_>) -> Option<PrivacyPolicy> {
    let fields = c.fields(node, "`privacy`", &["keep_messages", "keep_raw_events", "mask_before_ai"])?;
    let bounds = Bounds { least: DAY, most: 3650 * DAY };
    let keep_messages = fields.optional("keep_messages", c, |n, c| duration(n, c, bounds));
    let keep_raw_events = fields.optional("keep_raw_events", c, |n, c| duration(n, c, bounds));
    let mask_before_ai = fields.optional("mask_before_ai", c, flag);
    Some(PrivacyPolicy {
        keep_messages: keep_messages.unwrap_or(PRIVACY.keep_messages),
        keep_raw_events: keep_raw_events.unwrap_or(PRIVACY.keep_raw_events),
        mask_before_ai: mask_before_ai.unwrap_or(PRIVACY.mask_before_ai),
    })
}

#[cfg(test)]
#[path = "hotel_file_tests.rs"]
pub(crate) mod tests;
