//! What would change if the trigger files were made in force: at each hotel, trigger by trigger, with what it does to
//! the messages already planned. Computed once, shown, and applied as shown.

use super::ids::{HotelId, TriggerId};
use super::plan::{FieldChange, Request, flatten};
use super::touchpoint::SkipReason;
use super::trigger::{Policy, Trigger, TriggerSet};
use super::wording;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What would change. Holds everything needed to make it so; a saved plan is this as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TriggerPlan {
    /// What was asked, and the revision it was asked on.
    pub request: Request,
    /// By hotel id; hotels that stay as they are, are not here.
    pub hotels: Vec<HotelTriggers>,
    /// How many hotels of the scope are in force exactly as the files say.
    pub unchanged: usize,
}

/// What would become of one hotel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HotelTriggers {
    /// Whose.
    pub hotel: HotelId,
    /// All of its triggers afterwards.
    pub set: TriggerSet,
    /// Trigger by trigger, by id.
    pub changes: Vec<Change>,
    /// What is other in the guards and the shared questions.
    pub fields: Vec<FieldChange>,
    /// What becomes of its guests' messages, as far as it was counted.
    #[serde(default)]
    pub effects: Effects,
}

/// What would become of one trigger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum Change {
    /// `+`: new.
    Add {
        /// Which.
        trigger: TriggerId,
    },
    /// `~`: other than in force.
    Change {
        /// Which.
        trigger: TriggerId,
        /// What differs; never empty.
        fields: Vec<FieldChange>,
    },
    /// `-`: no longer obeyed; what it planned is cancelled.
    Retire {
        /// Which.
        trigger: TriggerId,
    },
    /// `-`: in force but in no file, and kept, because nobody asked to prune.
    Keep {
        /// Which.
        trigger: TriggerId,
    },
}

impl Change {
    /// Which.
    pub fn trigger(&self) -> &TriggerId {
        match self {
            Change::Add { trigger }
            | Change::Change { trigger, .. }
            | Change::Retire { trigger }
            | Change::Keep { trigger } => trigger,
        }
    }

    /// `+`, `~` or `-`.
    pub fn sign(&self) -> char {
        match self {
            Change::Add { .. } => '+',
            Change::Change { .. } => '~',
            Change::Retire { .. } | Change::Keep { .. } => '-',
        }
    }
}

/// What a change does to the messages of a hotel's guests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Effects {
    /// By trigger; triggers without any are not here.
    pub triggers: BTreeMap<TriggerId, TriggerEffects>,
    /// Of the messages that would be planned or moved, the nearest, soonest first.
    pub nearest: Vec<Near>,
}

/// What a change does to one trigger's messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerEffects {
    /// Newly planned.
    pub planned: usize,
    /// Planned for another instant than before.
    pub moved: usize,
    /// No longer planned.
    pub cancelled: usize,
    /// When the first of the planned and moved ones goes.
    pub first: Option<Timestamp>,
    /// Of the planned and moved ones: put off because their moment is quiet.
    pub quiet: usize,
    /// Of the planned and moved ones: would be passed over if it were their turn now, by reason.
    pub held_back: BTreeMap<String, usize>,
    /// Passed over already while planning, by reason.
    pub skipped: BTreeMap<String, usize>,
}

impl TriggerEffects {
    /// Whether nothing happens.
    pub fn is_empty(&self) -> bool {
        *self == TriggerEffects::default()
    }

    /// Notes a reason.
    pub fn hold_back(&mut self, reason: SkipReason) {
        *self.held_back.entry(reason.as_str().to_owned()).or_default() += 1;
    }
}

/// A message that comes soon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Near {
    /// For whom.
    pub reservation: super::ids::ReservationId,
    /// By which trigger.
    pub trigger: TriggerId,
    /// When.
    pub due_at: Timestamp,
}

/// So many of the nearest messages are listed.
pub const NEAREST: usize = 10;

/// Leaves the nearest messages, soonest first.
pub fn keep_nearest(near: &mut Vec<Near>) {
    near.sort_by(|a, b| (a.due_at, &a.trigger, &a.reservation).cmp(&(b.due_at, &b.trigger, &b.reservation)));
    near.truncate(NEAREST);
}

impl std::ops::AddAssign for Effects {
    fn add_assign(&mut self, more: Self) {
        for (trigger, effects) in more.triggers {
            *self.triggers.entry(trigger).or_default() += &effects;
        }
        self.nearest.extend(more.nearest);
        keep_nearest(&mut self.nearest);
    }
}

impl std::ops::AddAssign<&Self> for TriggerEffects {
    fn add_assign(&mut self, more: &Self) {
        self.planned += more.planned;
        self.moved += more.moved;
        self.cancelled += more.cancelled;
        self.quiet += more.quiet;
        self.first = self.first.into_iter().chain(more.first).min();
        for (sum, part) in [(&mut self.held_back, &more.held_back), (&mut self.skipped, &more.skipped)] {
            part.iter().for_each(|(reason, count)| *sum.entry(reason.clone()).or_default() += count);
        }
    }
}

impl Effects {
    /// Of all triggers together.
    pub fn total(&self) -> TriggerEffects {
        let mut total = TriggerEffects::default();
        self.triggers.values().for_each(|one| total += one);
        total
    }
}

impl TriggerPlan {
    /// Whether applying it would change nothing.
    pub fn is_empty(&self) -> bool {
        self.hotels.iter().all(HotelTriggers::is_empty)
    }

    /// How many changes of a kind, over all hotels.
    pub fn count(&self, sign: char) -> usize {
        let changes = self.hotels.iter().flat_map(|hotel| &hotel.changes);
        changes.filter(|change| change.sign() == sign && !matches!(change, Change::Keep { .. })).count()
    }
}

impl HotelTriggers {
    /// Whether applying it would change nothing.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.changes.iter().all(|change| matches!(change, Change::Keep { .. }))
    }

    /// `1 added, 1 changed`, for the record.
    pub fn words(&self) -> String {
        let count = |which: fn(&Change) -> bool| self.changes.iter().filter(|change| which(change)).count();
        let mut parts: Vec<String> = [
            (count(|change| matches!(change, Change::Add { .. })), "added"),
            (count(|change| matches!(change, Change::Change { .. })), "changed"),
            (count(|change| matches!(change, Change::Retire { .. })), "retired"),
        ]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
        if self.fields.iter().any(|field| field.field.starts_with("policy.")) {
            parts.push("policy changed".to_owned());
        }
        if self.fields.iter().any(|field| field.field.starts_with("questions.")) {
            parts.push("questions changed".to_owned());
        }
        parts.join(", ")
    }
}

/// What would change at one hotel if `wanted` were in force instead of `in_force`.
pub fn diff(hotel: &HotelId, in_force: &TriggerSet, wanted: &TriggerSet, prune: bool) -> HotelTriggers {
    let set = if prune { wanted.clone() } else { with_kept(in_force, wanted) };
    let ids: BTreeSet<&TriggerId> = in_force.triggers.keys().chain(wanted.triggers.keys()).collect();
    let changes = ids.into_iter().filter_map(|id| {
        let trigger = id.clone();
        match (in_force.triggers.get(id), wanted.triggers.get(id)) {
            (None, Some(_)) => Some(Change::Add { trigger }),
            (Some(before), Some(after)) => {
                let fields = fields((before, &in_force.policy), (after, &set.policy));
                (!fields.is_empty()).then_some(Change::Change { trigger, fields })
            }
            (Some(_), None) if prune => Some(Change::Retire { trigger }),
            _ => Some(Change::Keep { trigger }),
        }
    });
    let changes = changes.collect();
    let fields = shared_fields(in_force, &set);
    HotelTriggers { hotel: hotel.clone(), set, changes, fields, effects: Effects::default() }
}

/// The wanted set with what is in force and in no file, and with the questions that this still asks.
fn with_kept(in_force: &TriggerSet, wanted: &TriggerSet) -> TriggerSet {
    let mut set = wanted.clone();
    let mut kept = false;
    for (id, trigger) in &in_force.triggers {
        if !set.triggers.contains_key(id) {
            set.triggers.insert(id.clone(), trigger.clone());
            kept = true;
        }
    }
    if kept {
        for (id, question) in &in_force.questions {
            set.questions.entry(id.clone()).or_insert_with(|| question.clone());
        }
    }
    set
}

/// What differs between two definitions of a trigger. Its policy counts as far as it is its own.
fn fields(before: (&Trigger, &Policy), after: (&Trigger, &Policy)) -> Vec<FieldChange> {
    let mut changes = differences(&own(before.0, before.1), &own(after.0, after.1));
    let words =
        |trigger: &Trigger| [("when", wording::when(&trigger.when)), ("where", wording::filter(&trigger.filter))];
    for ((name, from), (_, to)) in words(before.0).into_iter().zip(words(after.0)) {
        let prefix = format!("{name}.");
        let has = changes.iter().any(|change| change.field.starts_with(&prefix) || change.field == name);
        // What the words do not tell apart is shown field by field.
        if has && from != to {
            changes.retain(|change| !change.field.starts_with(&prefix) && change.field != name);
            let some = |text: String| (!text.is_empty()).then_some(text);
            changes.insert(0, FieldChange { field: name.to_owned(), from: some(from), to: some(to) });
        }
    }
    changes
}

/// The fields of a trigger by the names of the file.
fn own(trigger: &Trigger, policy: &Policy) -> BTreeMap<String, String> {
    // A trigger is plain data; serialising it cannot fail.
    let mut value = serde_json::to_value(trigger).unwrap_or_default();
    let shared = serde_json::to_value(policy).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        if let Some(own) = object.get_mut("policy").and_then(serde_json::Value::as_object_mut) {
            own.retain(|name, value| shared.get(name) != Some(value));
        }
        if let Some(filter) = object.remove("filter") {
            object.insert("where".to_owned(), serde_json::Value::String(filter.to_string()));
        }
        if let Some(says) = object.remove("says").and_then(|says| says.as_object().cloned()) {
            object.extend(says.into_iter().map(|(verb, value)| (verb, with_named_wordings(value))));
        }
        object.remove("id");
    }
    let mut fields = BTreeMap::new();
    flatten("", &value, &mut fields);
    fields
}

/// The wordings under names: the only one is `text`, of several each has its number.
fn with_named_wordings(mut says: serde_json::Value) -> serde_json::Value {
    let inner = says.as_object_mut().and_then(|object| object.remove("content"));
    if let (Some(object), Some(content)) =
        (says.as_object_mut(), inner.and_then(|content| content.as_object().cloned()))
    {
        object.extend(content);
    }
    let Some(object) = says.as_object_mut() else { return says };
    let variants = object.remove("variants").and_then(|variants| variants.as_array().cloned()).unwrap_or_default();
    if let [only] = variants.as_slice() {
        object.insert("text".to_owned(), only.get("text").cloned().unwrap_or_default());
    } else {
        for (index, variant) in variants.iter().enumerate() {
            object.insert(format!("wording {}", index + 1), with_words(variant));
        }
    }
    says
}

fn with_words(variant: &serde_json::Value) -> serde_json::Value {
    let mut variant = variant.clone();
    if let Some(filter) = variant.as_object_mut().and_then(|object| object.remove("filter"))
        && let Ok(filter) = serde_json::from_value::<super::trigger::Condition>(filter)
    {
        variant["where"] = serde_json::Value::String(wording::filter(&filter));
    }
    variant
}

fn shared_fields(before: &TriggerSet, after: &TriggerSet) -> Vec<FieldChange> {
    let flat = |set: &TriggerSet, other: &TriggerSet| {
        let mut fields = BTreeMap::new();
        flatten("policy", &serde_json::to_value(&set.policy).unwrap_or_default(), &mut fields);
        for (id, question) in &set.questions {
            let name = format!("questions.{id}");
            if other.questions.contains_key(id) {
                let question = serde_json::to_value(question).unwrap_or_default();
                flatten(&name, &with_named_wordings(question), &mut fields);
            } else {
                // All of it is new or gone: its name says enough.
                fields.insert(name, format!("{} answers", question.answers.len()));
            }
        }
        fields
    };
    differences(&flat(before, after), &flat(after, before))
}

fn differences(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<FieldChange> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    let change = |name: &String| FieldChange {
        field: name.clone(),
        from: before.get(name).cloned(),
        to: after.get(name).cloned(),
    };
    changed.map(change).collect()
}
