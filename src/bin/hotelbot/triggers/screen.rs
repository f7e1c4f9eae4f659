//! A plan of triggers as an operator looks it over: hotels that change alike are one block, and what happens to guests'
//! messages is counted.

use crate::plans::{field_line, sign};
use crate::words;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::{HotelId, TriggerId};
use hotelbot::domain::language::Language;
use hotelbot::domain::trigger::{Trigger, TriggerMode};
use hotelbot::domain::trigger_plan::{Change, Effects, HotelTriggers, Near, TriggerEffects, TriggerPlan};
use hotelbot::domain::wording;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How many messages of each trigger are planned at each hotel.
pub type PlannedByTrigger = BTreeMap<(HotelId, TriggerId), usize>;

/// See the module.
pub struct Screen<'a> {
    /// What is shown.
    pub plan: &'a TriggerPlan,
    /// The hotels in force.
    pub hotels: &'a BTreeMap<HotelId, Hotel>,
    /// Before the plan.
    pub planned: &'a PlannedByTrigger,
    /// Now.
    pub now: Timestamp,
    /// Which hotels, in words.
    pub scope: String,
    /// Where the wanted triggers come from: `triggers.yaml`, or `revision 41`.
    pub source: &'a str,
}

/// Hotels that change alike.
struct Block<'a> {
    hotels: Vec<&'a HotelTriggers>,
    /// By trigger, over all of them.
    effects: BTreeMap<&'a TriggerId, TriggerEffects>,
}

/// The nearest messages of all blocks.
const NEAREST: usize = 5;
impl Screen<'_> {
    /// The whole screen.
    pub fn text(&self) -> String {
        let base = self.plan.request.base;
        if self.plan.hotels.is_empty() {
            return match base {
                0 => format!("{} has no triggers for {}; nothing to change\n", self.source, self.scope),
                base => {
                    format!("{} is in force at {} (revision {base}); nothing to change\n", self.source, self.scope)
                }
            };
        }
        let mut text = String::new();
        for block in self.blocks() {
            self.block(&mut text, &block);
        }
        self.totals(&mut text);
        self.nearest(&mut text);
        text
    }

    fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks: Vec<Block<'_>> = Vec::new();
        for hotel in &self.plan.hotels {
            let alike = |block: &&mut Block<'_>| {
                let first = block.hotels[0];
                first.changes == hotel.changes && first.fields == hotel.fields && same_words(first, hotel)
            };
            match blocks.iter_mut().find(alike) {
                Some(block) => block.hotels.push(hotel),
                None => blocks.push(Block { hotels: vec![hotel], effects: BTreeMap::new() }),
            }
        }
        for block in &mut blocks {
            for hotel in &block.hotels {
                for (trigger, effects) in &hotel.effects.triggers {
                    let mut sum = Effects::default();
                    sum.triggers.insert(TriggerId("a".into()), block.effects.remove(trigger).unwrap_or_default());
                    sum.triggers.insert(TriggerId("b".into()), effects.clone());
                    block.effects.insert(trigger, sum.total());
                }
            }
        }
        blocks
    }

    fn block(&self, text: &mut String, block: &Block<'_>) {
        let first = block.hotels[0];
        let hotels = names(block);
        // Writing to a String cannot fail.
        let _ = match self.plan.request.base {
            0 => writeln!(text, "Comparing {} with nothing, at {hotels}", self.source),
            base => writeln!(text, "Comparing {} with revision {base}, in force at {hotels}", self.source),
        };
        if !first.fields.is_empty() {
            let _ = writeln!(text, "\n  {} policy and questions", sign('~'));
            first.fields.iter().for_each(|field| text.push_str(&field_line(field, 6)));
        }
        let longest = first.changes.iter().map(|change| change.trigger().as_str().chars().count()).max().unwrap_or(0);
        let indent = 4 + longest.clamp(8, 24) + 2;
        for change in &first.changes {
            let _ =
                write!(text, "\n  {} {:<width$}", sign(change.sign()), change.trigger().as_str(), width = indent - 4);
            self.change(text, block, change, indent);
        }
        text.push('\n');
    }

    fn change(&self, text: &mut String, block: &Block<'_>, change: &Change, indent: usize) {
        let first = block.hotels[0];
        let mut lines: Vec<String> = match change {
            Change::Add { trigger } => {
                let languages = self.hotels.get(&first.hotel).map_or(&[][..], |hotel| &hotel.languages);
                first.set.triggers.get(trigger).map(|trigger| about(trigger, languages)).unwrap_or_default()
            }
            Change::Change { fields, .. } => {
                fields.iter().map(|field| field_line(field, 0).trim().to_owned()).collect()
            }
            Change::Retire { .. } => vec![format!("in force, but not in {}", self.source)],
            Change::Keep { trigger } => vec![
                format!("in force, but not in {}", self.source),
                format!("kept; `--prune` would retire it{}", self.would_cancel(block, trigger)),
            ],
        };
        let effects = block.effects.get(change.trigger()).cloned().unwrap_or_default();
        lines.extend(self.effects(&effects, first));
        let pad = " ".repeat(indent);
        let _ = writeln!(text, "{}", lines.join(&format!("\n{pad}")));
    }

    fn would_cancel(&self, block: &Block<'_>, trigger: &TriggerId) -> String {
        let planned = |hotel: &&HotelTriggers| self.planned.get(&(hotel.hotel.clone(), trigger.clone()));
        match block.hotels.iter().filter_map(planned).sum::<usize>() {
            0 => String::new(),
            count => format!(" and cancel {}", words::count(count, "planned message", "planned messages")),
        }
    }

    fn effects(&self, effects: &TriggerEffects, hotel: &HotelTriggers) -> Vec<String> {
        let first = effects.first.map(|at| format!(", the first {}", self.day_and_time(at, &hotel.hotel)));
        let mut first = first.unwrap_or_default();
        let mut lines = Vec::new();
        if effects.planned > 0 {
            lines.push(format!(
                "plans {}{}",
                words::count(effects.planned, "message", "messages"),
                std::mem::take(&mut first)
            ));
        }
        if effects.moved > 0 {
            lines.push(format!("moves {}{first}", words::count(effects.moved, "planned message", "planned messages")));
        }
        if effects.cancelled > 0 {
            lines.push(format!("cancels {}", words::count(effects.cancelled, "planned message", "planned messages")));
        }
        let mut of_these: Vec<String> = Vec::new();
        if effects.quiet > 0 {
            of_these.push(format!("{} put off by quiet hours", effects.quiet));
        }
        of_these.extend(effects.held_back.iter().map(|(reason, count)| format!("{count} {}", held_back(reason))));
        if !of_these.is_empty() {
            lines.push(format!("of these {}", of_these.join(", ")));
        }
        if !effects.skipped.is_empty() {
            let reasons: Vec<String> =
                effects.skipped.iter().map(|(reason, count)| format!("{count} {}", passed_over(reason))).collect();
            lines.push(format!("passes over {}", reasons.join(", ")));
        }
        lines
    }

    fn totals(&self, text: &mut String) {
        let mut sum = Effects::default();
        for hotel in &self.plan.hotels {
            sum.triggers.insert(TriggerId(hotel.hotel.to_string()), hotel.effects.total());
        }
        let total = sum.total();
        let retired = |change: &&Change| matches!(change, Change::Retire { .. });
        let retire = self.plan.hotels.iter().flat_map(|hotel| &hotel.changes).filter(retired).count();
        let _ = writeln!(
            text,
            "Plan: {} to add, {} to change, {retire} to retire; {} to plan, {} to move, {} to cancel",
            self.plan.count('+'),
            self.plan.count('~'),
            words::count(total.planned, "message", "messages"),
            total.moved,
            total.cancelled
        );
    }

    fn nearest(&self, text: &mut String) {
        let all = self.plan.hotels.iter().flat_map(|hotel| hotel.effects.nearest.iter().map(move |near| (hotel, near)));
        let mut all: Vec<(&HotelTriggers, &Near)> = all.collect();
        all.sort_by_key(|(_, near)| near.due_at);
        if all.is_empty() {
            return;
        }
        text.push_str("\nThe nearest:\n");
        for (hotel, near) in all.into_iter().take(NEAREST) {
            let when = self.day_and_time(near.due_at, &hotel.hotel);
            let reservation = words::one_line(near.reservation.as_str());
            let _ = writeln!(text, "  {when}  {}  {reservation}, {}", near.trigger, hotel.hotel);
        }
    }

    /// `today at 18:20`, `12 Jul 18:20`, hotel time.
    fn day_and_time(&self, at: Timestamp, hotel: &HotelId) -> String {
        let zone = self.hotels.get(hotel).map_or(TimeZone::UTC, Hotel::time_zone);
        let moment = words::moment(at, self.now, &zone);
        if moment.len() == 5 { format!("today at {moment}") } else { moment }
    }
}

fn same_words(one: &HotelTriggers, other: &HotelTriggers) -> bool {
    let added = one.changes.iter().filter(|change| matches!(change, Change::Add { .. })).map(Change::trigger);
    added.into_iter().all(|trigger| one.set.triggers.get(trigger) == other.set.triggers.get(trigger))
}

fn names(block: &Block<'_>) -> String {
    match block.hotels.len() {
        many @ 7.. => words::count(many, "hotel", "hotels"),
        _ => block.hotels.iter().map(|hotel| hotel.hotel.as_str()).collect::<Vec<_>>().join(", "),
    }
}

/// What a new trigger is, in a few lines.
fn about(trigger: &Trigger, languages: &[Language]) -> Vec<String> {
    let filter = wording::filter(&trigger.filter);
    let when = wording::when(&trigger.when);
    let mut lines = vec![if filter.is_empty() { when } else { format!("{when}, where {filter}") }];
    lines.push(wording::says(trigger, languages));
    match trigger.mode {
        TriggerMode::Live => {}
        TriggerMode::Draft => lines.push("draft: a person approves each message first".to_owned()),
        TriggerMode::Shadow => lines.push("shadow: recorded, and not sent".to_owned()),
    }
    if !trigger.enabled {
        lines.push("switched off".to_owned());
    }
    lines
}

fn held_back(reason: &str) -> &str {
    match reason {
        "limit" => "beyond the limit of a guest",
        "language" => "without a text in a language for the guest",
        "opted_out" => "of guests who asked for silence",
        "no_phone" => "without a phone",
        "number" => "of guests who never wrote, to spare the number",
        other => other,
    }
}

/// Why messages will not go, after their number.
pub fn passed_over(reason: &str) -> &str {
    match reason {
        "condition" => "whose `where` cannot hold",
        "missed" => "already past",
        "quiet" => "that quiet hours move past the stay",
        "window" => "outside their window",
        "no_phone" => "without a phone",
        "status" => "cancelled, departed or tentative",
        other => held_back(other),
    }
}

/// `1 added, 1 changed`, over all hotels.
pub fn summary(plan: &TriggerPlan) -> String {
    let retired = plan.hotels.iter().flat_map(|hotel| &hotel.changes).filter(|c| matches!(c, Change::Retire { .. }));
    let mut parts: Vec<String> =
        [(plan.count('+'), "added"), (plan.count('~'), "changed"), (retired.count(), "retired")]
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
    if parts.is_empty() {
        parts.push("policy or questions changed".to_owned());
    }
    parts.join(", ")
}
