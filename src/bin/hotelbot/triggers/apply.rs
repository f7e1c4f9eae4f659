//! `triggers plan` and `triggers apply`: the plan that was shown is the plan that runs, with what it does to guests.

use super::screen;
use crate::args::triggers::{Apply, Plan};
use crate::confirm::{Answer, confirm};
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::plans::{self, Planned};
use crate::words;
use hotelbot::config::{LoadedTriggers, Settings, diagnose};
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::HotelId;
use hotelbot::domain::plan::{Request, Scope};
use hotelbot::domain::trigger::TriggerSet;
use hotelbot::domain::trigger_plan::{TriggerPlan, diff};
use hotelbot::flow::replan;
use hotelbot::store::hotels::HotelInForce;
use hotelbot::store::triggers::{Applied, ApplyTriggers, Newest, TriggerChange};
use hotelbot::store::{Store, StoreError};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::Path;

/// Shows what would change.
pub async fn plan(args: Plan, desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let store = crate::stays::store(&settings, desk).await?;
    let plan = make(&settings, &store, args.prune, desk).await?;
    let text = shown(&plan, &store, FILES, desk).await?;
    plans::show(&plan, text, &args.save, desk)
}

/// Makes it so.
pub async fn apply(args: Apply, desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let plan = match &args.plan {
        Some(file) => {
            let store = crate::stays::store(&settings, desk).await?;
            let plan: TriggerPlan = plans::load(file)?;
            let newest = store.newest_triggers().await?;
            if newest.revision != plan.request.base {
                return Err(stale(&plan, &newest, Some(file), desk).into());
            }
            plan
        }
        None => make(&settings, &crate::stays::store(&settings, desk).await?, args.prune, desk).await?,
    };
    let how = Carry { source: FILES, file: args.plan.as_deref(), dry_run: args.dry_run };
    carry_out(&plan, how, &settings, desk).await
}

/// Where the wanted triggers come from.
const FILES: &str = "triggers.yaml";

/// How a plan is carried out.
#[derive(Clone, Copy)]
pub struct Carry<'a> {
    /// Where the wanted triggers come from.
    pub source: &'a str,
    /// The saved plan.
    pub file: Option<&'a Path>,
    /// Only show.
    pub dry_run: bool,
}

/// Shows a plan, asks, and puts it in force with one write; then every stay is planned anew.
pub async fn carry_out(plan: &TriggerPlan, how: Carry<'_>, settings: &Settings, desk: &Desk) -> Outcome {
    let store = desk.store_to_change(settings).await?;
    let text = shown(plan, &store, how.source, desk).await?;
    if !desk.printer.is_json() {
        desk.printer.out(&text)?;
    }
    let base = plan.request.base;
    if how.dry_run || plan.is_empty() {
        desk.printer.report(&Planned { plan, applied: false, revision: base, text: String::new() })?;
        return Ok(Exit::Done);
    }
    if confirm(&desk.global, &desk.printer, &format!("Apply this to {}?", where_to(plan)))? == Answer::No {
        return Ok(Exit::Done);
    }
    let applied = commit(&store, plan, how.file, desk).await?;
    let text = outcome(plan, &applied);
    desk.printer.report(&Planned { plan, applied: true, revision: applied.revision, text })?;
    Ok(Exit::Done)
}

async fn commit(store: &Store, plan: &TriggerPlan, file: Option<&Path>, desk: &Desk) -> anyhow::Result<Applied> {
    let changed = plan.hotels.iter().filter(|hotel| !hotel.is_empty());
    let changes = changed
        .map(|hotel| TriggerChange { hotel: hotel.hotel.clone(), set: hotel.set.clone(), change: hotel.words() })
        .collect();
    let apply = ApplyTriggers { base: plan.request.base, changes, by: desk.who(), now: desk.now() };
    let progress = desk.printer.progress("Planning messages");
    let watch = |stays| progress.set_message(format!("Planning messages: {stays} stays so far"));
    let applied = replan::apply_triggers(store, &desk.clock(), apply, &watch).await;
    progress.finish_and_clear();
    match applied {
        Ok(applied) => Ok(applied),
        Err(StoreError::Conflict(_)) => Err(stale(plan, &store.newest_triggers().await?, file, desk).into()),
        Err(error) => match crate::stays::left_to_replan(store).await {
            0 => Err(error.into()),
            left => Err(crate::stays::in_force_but(left, &error).into()),
        },
    }
}

fn stale(plan: &TriggerPlan, newest: &Newest, file: Option<&Path>, desk: &Desk) -> Failure {
    let since = newest.applied.as_ref().map(|(at, by)| {
        // Whose time is meant is unclear with several hotels; the person at the keyboard knows their own.
        let at = words::moment(*at, desk.now(), &TimeZone::system());
        format!(" since {at}, applied by {}", words::one_line(by))
    });
    let why = format!(
        "it was made on revision {}; revision {} is in force{}",
        plan.request.base,
        newest.revision,
        since.unwrap_or_default()
    );
    plans::stale::<TriggerPlan>(why, file)
}

/// The files against what is in force, at the hotels of the scope.
async fn make(settings: &Settings, store: &Store, prune: bool, desk: &Desk) -> anyhow::Result<TriggerPlan> {
    let (_, loaded) = super::check::read(settings, &desk.global.hotel)?;
    warn(&loaded, desk);
    let hotels = desk.hotels(store).await?;
    for id in loaded.sets.keys().filter(|id| !hotels.iter().any(|known| known.hotel.id == **id)) {
        desk.printer.note(&format!("note: {id} is not in force yet; run `hotelbot hotels apply` first"));
    }
    let request = Request { base: store.newest_triggers().await?.revision, prune, scope: desk.scope() };
    against(store, (&hotels, &loaded.sets), request, desk).await
}

/// What would change at these hotels if these sets were in force.
pub async fn against(
    store: &Store,
    (hotels, wanted): (&[HotelInForce], &BTreeMap<HotelId, TriggerSet>),
    request: Request,
    desk: &Desk,
) -> anyhow::Result<TriggerPlan> {
    let mut in_force: BTreeMap<HotelId, TriggerSet> =
        store.triggers_in_force().await?.into_iter().map(|known| (known.hotel, known.set)).collect();
    let mut plan = TriggerPlan { request, hotels: Vec::new(), unchanged: 0 };
    let progress = desk.printer.progress("Counting what it does to guests");
    for known in hotels {
        let hotel: &Hotel = &known.hotel;
        let before = in_force.remove(&hotel.id);
        let Some(after) = wanted.get(&hotel.id) else { continue };
        let mut changes = diff(&hotel.id, &before.clone().unwrap_or_default(), after, plan.request.prune);
        if changes.is_empty() {
            plan.unchanged += 1;
        } else {
            changes.effects = store.foresee_triggers(hotel, &changes.set, desk.now()).await?;
        }
        if !changes.changes.is_empty() || !changes.fields.is_empty() {
            plan.hotels.push(changes);
        }
    }
    progress.finish_and_clear();
    Ok(plan)
}

fn warn(loaded: &LoadedTriggers, desk: &Desk) {
    if !loaded.warnings.is_empty() {
        desk.printer.note(diagnose::render(&loaded.warnings).trim_end());
    }
}

async fn shown(plan: &TriggerPlan, store: &Store, source: &str, desk: &Desk) -> anyhow::Result<String> {
    let hotels =
        store.hotels_in_force().await?.into_iter().map(|known| (known.hotel.id.clone(), known.hotel)).collect();
    let planned = store.planned_by_trigger().await?;
    let scope = where_to(plan);
    Ok(screen::Screen { plan, hotels: &hotels, planned: &planned, now: desk.now(), scope, source }.text())
}

fn where_to(plan: &TriggerPlan) -> String {
    let changed: Vec<&str> =
        plan.hotels.iter().filter(|hotel| !hotel.is_empty()).map(|hotel| hotel.hotel.as_str()).collect();
    match (&plan.request.scope, changed.as_slice()) {
        (Scope::Only(hotels), []) => hotels.iter().map(HotelId::as_str).collect::<Vec<_>>().join(", "),
        (Scope::All, []) => "all hotels".to_owned(),
        (_, changed) if changed.len() > 6 => words::count(changed.len(), "hotel", "hotels"),
        (_, changed) => changed.join(", "),
    }
}

fn outcome(plan: &TriggerPlan, applied: &Applied) -> String {
    let mut total = hotelbot::domain::trigger_plan::Effects::default();
    for (hotel, effects) in &applied.effects {
        // By hotel, so that two hotels' triggers of one name are both counted.
        total.triggers.insert(hotelbot::domain::ids::TriggerId(hotel.to_string()), effects.total());
    }
    let total = total.total();
    let messages = [(total.planned, "planned"), (total.moved, "moved"), (total.cancelled, "cancelled")];
    let counted: Vec<String> =
        messages.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let messages = match counted.as_slice() {
        [] => "no message planned, moved or cancelled".to_owned(),
        counted => format!("messages: {}", counted.join(", ")),
    };
    format!("Applied as revision {}: {}; {messages}\n", applied.revision, screen::summary(plan))
}
