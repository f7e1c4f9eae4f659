//! What would change if the files were made in force: computed once, shown, and applied exactly as shown.

use super::hotel::Hotel;
use super::ids::HotelId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

/// Which hotels a plan speaks of; the others stay as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every hotel.
    All,
    /// These, as `--hotel` says.
    Only(BTreeSet<HotelId>),
}

impl Scope {
    /// Whether the plan speaks of this hotel.
    pub fn holds(&self, hotel: &HotelId) -> bool {
        match self {
            Scope::All => true,
            Scope::Only(hotels) => hotels.contains(hotel),
        }
    }
}

/// What is compared, besides the hotels themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The revision in force when the plan is made; the plan is stale once another one is.
    pub base: i64,
    /// Also retire hotels that are in force but have no file.
    pub prune: bool,
    /// Which hotels.
    pub scope: Scope,
}

/// What would change. Holds everything needed to make it so; a saved plan is this as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HotelPlan {
    /// What was asked.
    pub request: Request,
    /// By hotel id, each hotel at most once; hotels that stay as they are, are not here.
    pub changes: Vec<Change>,
    /// How many hotels of the scope are in force exactly as their files say.
    pub unchanged: usize,
}

/// What would become of one hotel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum Change {
    /// `+`: new, or in force again.
    Add {
        /// As its file says.
        hotel: Box<Hotel>,
    },
    /// `~`: other than in force.
    Change {
        /// As its file says.
        hotel: Box<Hotel>,
        /// What differs; never empty.
        fields: Vec<FieldChange>,
    },
    /// `-`: no longer obeyed; its conversations stay.
    Retire {
        /// Whose file is gone.
        hotel: HotelId,
    },
    /// `-`: in force but without a file, and kept, because nobody asked to prune.
    Keep {
        /// Whose file is gone.
        hotel: HotelId,
    },
}

/// One field, as a file would say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Such as `whatsapp.receive` or `knowledge.breakfast.hours.en`.
    pub field: String,
    /// `None` if it is new.
    pub from: Option<String>,
    /// `None` if it goes.
    pub to: Option<String>,
}

impl Change {
    /// Whose.
    pub fn hotel(&self) -> &HotelId {
        match self {
            Change::Add { hotel } | Change::Change { hotel, .. } => &hotel.id,
            Change::Retire { hotel } | Change::Keep { hotel } => hotel,
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

impl HotelPlan {
    /// Whether applying it would change nothing.
    pub fn is_empty(&self) -> bool {
        self.changes.iter().all(|change| matches!(change, Change::Keep { .. }))
    }

    fn count(&self, which: impl Fn(&Change) -> bool) -> usize {
        self.changes.iter().filter(|change| which(change)).count()
    }
}

/// `Plan: 1 to add, 2 to change, 0 to retire`, and how many are kept if any are.
impl fmt::Display for HotelPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let add = self.count(|change| matches!(change, Change::Add { .. }));
        let change = self.count(|change| matches!(change, Change::Change { .. }));
        let retire = self.count(|change| matches!(change, Change::Retire { .. }));
        write!(f, "Plan: {add} to add, {change} to change, {retire} to retire")?;
        match self.count(|change| matches!(change, Change::Keep { .. })) {
            0 => Ok(()),
            kept => write!(f, "; {kept} kept without a file"),
        }
    }
}

/// What would change if `wanted` were in force instead of `in_force`.
pub fn diff(in_force: &[Hotel], wanted: &[Hotel], request: Request) -> HotelPlan {
    let by_id = |hotels: &'_ [Hotel]| -> BTreeMap<HotelId, Hotel> {
        let scoped = hotels.iter().filter(|hotel| request.scope.holds(&hotel.id));
        scoped.map(|hotel| (hotel.id.clone(), hotel.clone())).collect()
    };
    let (old, mut new) = (by_id(in_force), by_id(wanted));
    let mut changes = Vec::new();
    let mut unchanged = 0;
    for (id, before) in old {
        match new.remove(&id) {
            Some(after) => match fields(&before, &after) {
                fields if fields.is_empty() => unchanged += 1,
                fields => changes.push(Change::Change { hotel: Box::new(after), fields }),
            },
            None if request.prune => changes.push(Change::Retire { hotel: id }),
            None => changes.push(Change::Keep { hotel: id }),
        }
    }
    changes.extend(new.into_values().map(|hotel| Change::Add { hotel: Box::new(hotel) }));
    changes.sort_by(|one, other| one.hotel().cmp(other.hotel()));
    HotelPlan { request, changes, unchanged }
}

/// What differs between two definitions, in the order of the fields' names.
fn fields(before: &Hotel, after: &Hotel) -> Vec<FieldChange> {
    if before == after {
        return Vec::new();
    }
    let (before, after) = (flat(before), flat(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    let mut changes: Vec<FieldChange> = changed
        .map(|name| FieldChange { field: name.clone(), from: before.get(name).cloned(), to: after.get(name).cloned() })
        .collect();
    if changes.is_empty() {
        // Two hotels that differ are never called the same, even in what no file can say, such as an empty text.
        changes.push(FieldChange { field: "definition".into(), from: None, to: None });
    }
    changes
}

/// Every field of a hotel with its path, as a file would say it.
fn flat(hotel: &Hotel) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    // A hotel is plain data; serialising it cannot fail.
    flatten("", &serde_json::to_value(hotel).unwrap_or_default(), &mut fields);
    fields
}

/// Every field below a path, as a file would say it.
pub(super) fn flatten(path: &str, value: &Value, fields: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::Object(object) => match spelled(object) {
            Some(text) => {
                fields.insert(path.to_owned(), text);
            }
            None => flatten_object(path, object, fields),
        },
        Value::Array(items) => flatten_list(path, items, fields),
        Value::Bool(true) => {
            fields.insert(path.to_owned(), "yes".into());
        }
        Value::Bool(false) => {
            fields.insert(path.to_owned(), "no".into());
        }
        Value::String(text) => {
            fields.insert(path.to_owned(), without_seconds(text).to_owned());
        }
        Value::Number(number) => {
            fields.insert(path.to_owned(), number.to_string());
        }
    }
}

fn flatten_object(path: &str, object: &Map<String, Value>, fields: &mut BTreeMap<String, String>) {
    for (name, value) in object {
        // A fact's texts are written directly under its name.
        let is_inner = name == "text" && object.len() == 1;
        let path = if is_inner { path.to_owned() } else { join(path, name) };
        flatten(&path, value, fields);
    }
}

/// Lists of things with ids are compared thing by thing, and their order apart; other lists as a whole.
fn flatten_list(path: &str, items: &[Value], fields: &mut BTreeMap<String, String>) {
    let id = |item: &Value| item.get("id").and_then(Value::as_str).map(str::to_owned);
    let ids: Option<Vec<String>> = items.iter().map(id).collect();
    match ids {
        Some(ids) if !ids.is_empty() => {
            for (item, id) in items.iter().zip(&ids) {
                flatten_item(&join(path, id), item, fields);
            }
            // Knowledge is sorted; who is told first matters.
            if path != "knowledge" && ids.len() > 1 {
                fields.insert(join(path, "order"), ids.join(", "));
            }
        }
        _ if items.is_empty() => {}
        _ => {
            let words: Vec<String> =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect();
            fields.insert(path.to_owned(), words.join(", "));
        }
    }
}

fn flatten_item(path: &str, item: &Value, fields: &mut BTreeMap<String, String>) {
    let Value::Object(object) = item else { return flatten(path, item, fields) };
    for (name, value) in object.iter().filter(|(name, _)| *name != "id") {
        // A fact is its value.
        let path = if name == "value" { path.to_owned() } else { join(path, name) };
        flatten(&path, value, fields);
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A duration, a window or a reference, which a file writes as one word.
fn spelled(object: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let number = |name: &str| object.get(name).and_then(Value::as_u64);
    match object.len() {
        1 => {
            let (kind, name) = object.iter().next()?;
            matches!(kind.as_str(), "env" | "file")
                .then(|| name.as_str())
                .flatten()
                .map(|name| format!("{kind}:{name}"))
        }
        2 => match (number("secs"), number("nanos"), text("start"), text("end")) {
            (Some(secs), Some(nanos), ..) => {
                Some(spell_duration(Duration::new(secs, u32::try_from(nanos).unwrap_or_default())))
            }
            (.., Some(start), Some(end)) => Some(format!("{}-{}", without_seconds(start), without_seconds(end))),
            _ => None,
        },
        _ => None,
    }
}

/// `14:00:00`, as times are stored, the way files write them: `14:00`.
fn without_seconds(text: &str) -> &str {
    match text.strip_suffix(":00") {
        Some(short) if short.len() == 5 && short.as_bytes()[2] == b':' => short,
        _ => text,
    }
}

/// A duration as a file would say it, in the largest unit that is exact: `500ms`, `4s`, `30m`, `24h` is `1d`.
pub fn spell_duration(duration: Duration) -> String {
    const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let fitting = UNITS.iter().find(|(_, size)| milliseconds >= *size && milliseconds.is_multiple_of(*size));
    fitting.map_or_else(|| "0s".into(), |(unit, size)| format!("{}{unit}", milliseconds / size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hotel::{Receive, SecretReference, StaffContact};
    use crate::domain::ids::FactId;
    use crate::domain::knowledge::{Fact, FactValue};
    use crate::domain::language::Language;
    use crate::domain::rules::testing::hotel;

    fn named(id: &str) -> Hotel {
        Hotel { id: HotelId::parse(id).expect("valid"), ..hotel() }
    }

    fn request() -> Request {
        Request { base: 41, prune: false, scope: Scope::All }
    }

    fn signs(plan: &HotelPlan) -> Vec<String> {
        plan.changes.iter().map(|change| format!("{} {}", change.sign(), change.hotel())).collect()
    }

    fn changed(change: impl Fn(&mut Hotel)) -> Vec<String> {
        let mut after = hotel();
        change(&mut after);
        let plan = diff(&[hotel()], &[after], request());
        let Some(Change::Change { fields, .. }) = plan.changes.first() else { return Vec::new() };
        let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
        fields.iter().map(|field| format!("{}: {} -> {}", field.field, side(&field.from), side(&field.to))).collect()
    }

    #[test]
    fn hotels_are_added_changed_and_kept_or_retired_in_the_order_of_their_ids() {
        let mut new_name = named("b");
        new_name.name = "Other".into();
        let in_force = [named("d"), named("b"), named("c")];
        let wanted = [new_name, named("a"), named("c")];

        let plan = diff(&in_force, &wanted, request());
        let pruned = diff(&in_force, &wanted, Request { prune: true, ..request() });

        assert_eq!(signs(&plan), ["+ a", "~ b", "- d"]);
        assert_eq!(plan.unchanged, 1);
        assert_eq!(plan.to_string(), "Plan: 1 to add, 1 to change, 0 to retire; 1 kept without a file");
        assert_eq!(pruned.to_string(), "Plan: 1 to add, 1 to change, 1 to retire");
        assert_eq!(pruned.changes[2], Change::Retire { hotel: named("d").id });
    }

    #[test]
    fn hotels_out_of_scope_are_left_alone() {
        let scope = Scope::Only([named("a").id].into());

        let plan = diff(&[named("b")], &[named("a"), named("c")], Request { prune: true, scope, ..request() });

        assert_eq!(signs(&plan), ["+ a"]);
    }

    #[test]
    fn the_same_hotels_in_any_order_are_no_change() {
        let plan = diff(&[named("a"), named("b")], &[named("b"), named("a")], request());

        assert!(plan.is_empty());
        assert_eq!((plan.changes.len(), plan.unchanged), (0, 2));
    }

    #[test]
    fn what_is_only_kept_changes_nothing() {
        assert!(diff(&[named("a")], &[], request()).is_empty());
        assert!(!diff(&[named("a")], &[], Request { prune: true, ..request() }).is_empty());
    }

    #[test]
    fn fields_are_told_as_a_file_would_say_them() {
        let before = flat(&hotel());
        let words = changed(|hotel| {
            hotel.whatsapp.token = SecretReference::Env("OTHER".into());
            hotel.whatsapp.receive = Receive::Poll;
            hotel.conversation.coalesce = Duration::from_millis(2500);
            hotel.ai.daily_budget_usd = Some(2.5);
            hotel.assume_check_in = true;
            hotel.quiet_hours = None;
            hotel.links.insert("menu".into(), "https://example.com".into());
        });

        for expected in [
            "ai.daily_budget_usd: - -> 2.5".to_owned(),
            "assume_check_in: no -> yes".into(),
            format!("conversation.coalesce: {} -> 2500ms", before["conversation.coalesce"]),
            "links.menu: - -> https://example.com".into(),
            format!("whatsapp.token: {} -> env:OTHER", before["whatsapp.token"]),
        ] {
            assert!(words.contains(&expected), "{expected}: {words:?}");
        }
        assert!(words.is_sorted());
    }

    #[test]
    fn facts_and_contacts_are_compared_one_by_one() {
        let fact = |id: &str, value: FactValue| Fact { id: FactId::from(id), value };
        let told = |text: &str| FactValue::Text([(Language::EN, text.to_owned())].into());
        let contact = |id: &str| StaffContact {
            id: id.into(),
            name: id.to_uppercase(),
            whatsapp: None,
            telegram: None,
            email: Some(format!("{id}@example.com")),
            webhook: None,
            departments: vec!["front_desk".into(), "spa".into()],
            after: Duration::from_secs(600),
        };

        let words = changed(|hotel| {
            hotel.knowledge = vec![fact("pool", FactValue::Unknown), fact("wifi", told("Free"))];
            hotel.staff.contacts = vec![contact("b"), contact("a")];
        });

        for expected in [
            "knowledge.pool: - -> unknown",
            "knowledge.wifi.en: - -> Free",
            "staff.contacts.a.after: - -> 10m",
            "staff.contacts.a.departments: - -> front_desk, spa",
            "staff.contacts.order: - -> b, a",
        ] {
            assert!(words.iter().any(|word| word == expected), "{expected}: {words:?}");
        }
    }

    #[test]
    fn times_and_windows_are_written_without_seconds() {
        let fields = flat(&hotel());

        assert!(fields["check_in_time"].len() == 5, "{fields:?}");
        assert!(fields.get("quiet_hours").is_none_or(|window| window.len() == 11), "{fields:?}");
        assert_eq!(without_seconds("00:00:00"), "00:00");
        assert_eq!(without_seconds("room 12:00"), "room 12:00");
    }

    #[test]
    fn a_difference_no_file_can_say_is_still_a_change() {
        let silent = Fact { id: FactId::from("pool"), value: FactValue::Text(BTreeMap::new()) };

        assert_eq!(changed(|hotel| hotel.knowledge = vec![silent.clone()]), ["definition: - -> -"]);
    }

    #[test]
    fn a_saved_plan_is_the_same_plan() {
        let plan = diff(&[named("a")], &[named("b")], Request { prune: true, ..request() });

        let saved = serde_json::to_string_pretty(&plan).expect("json");
        let read: HotelPlan = serde_json::from_str(&saved).expect("json");

        assert_eq!(read, plan);
    }
}
