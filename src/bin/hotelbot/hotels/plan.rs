//! `hotels plan` and `hotels apply`: the plan that was shown is the plan that runs.

use super::check;
use super::line::{self, Look};
use crate::args::hotels::{Apply, Plan};
use crate::confirm::{Answer, confirm};
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::plans::{self, Planned};
use crate::words;
use hotelbot::config::{Finding, LoadedHotel, Settings, diagnose};
use hotelbot::domain::hotel::{Hotel, Receive};
use hotelbot::domain::plan::{Change, HotelPlan, Request, Scope, diff};
use hotelbot::store::hotels::HotelChange;
use hotelbot::store::{Store, StoreError};
use std::fmt::Write as _;
use std::path::Path;

/// Shows what would change.
pub async fn plan(args: Plan, desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let store = desk.store_if_any(&settings).await?;
    let plan = make(&settings, store.as_ref(), args.prune, desk).await?;
    plans::show(&plan, shown(&plan), &args.save, desk)
}

/// Makes it so: first here, then the webhooks at Green API.
pub async fn apply(args: Apply, desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let plan = match &args.plan {
        Some(file) => plans::load(file)?,
        None => make(&settings, desk.store_if_any(&settings).await?.as_ref(), args.prune, desk).await?,
    };
    let base = plan.request.base;
    if !desk.printer.is_json() {
        desk.printer.out(&shown(&plan))?;
    }
    let looks = if args.offline { Vec::new() } else { look_at_lines(&plan, &settings, desk).await? };
    let to_connect: Vec<&Look> = looks.iter().filter(|look| look.connect.is_some()).collect();
    let nothing = plan.is_empty() && to_connect.is_empty();
    if args.dry_run || nothing {
        desk.printer.report(&Planned { plan: &plan, applied: false, revision: base, text: String::new() })?;
        return Ok(Exit::Done);
    }
    if confirm(&desk.global, &desk.printer, &question(&plan, to_connect.len()))? == Answer::No {
        return Ok(Exit::Done);
    }
    let mut revision = base;
    let mut text = String::new();
    if !plan.is_empty() {
        let store = desk.store_to_change(&settings).await?;
        revision = commit(&store, &plan, args.plan.as_deref(), desk).await?;
        text = outcome(&plan, revision);
    }
    let failed = connect(&to_connect, &mut text, desk).await;
    text.push_str(&next(&plan, &settings));
    desk.printer.report(&Planned { plan: &plan, applied: true, revision, text })?;
    Ok(if failed { Exit::Unavailable } else { Exit::Done })
}

fn question(plan: &HotelPlan, to_connect: usize) -> String {
    let instances = words::count(to_connect, "instance", "instances");
    match (plan.is_empty(), to_connect) {
        (true, _) => format!("Change the settings of {instances} at Green API?"),
        (false, 0) => format!("Apply this to {}?", scope(plan)),
        (false, _) => format!("Apply this to {}, and change the settings of {instances} at Green API?", scope(plan)),
    }
}

/// What is in force is in force, whether or not the vendor can be told now. `true` if one could not.
async fn connect(looks: &[&Look], text: &mut String, desk: &Desk) -> bool {
    let mut failed = false;
    for look in looks {
        let progress = desk.printer.progress(&format!("Connecting {}", look.hotel));
        let outcome = line::connect(look).await;
        progress.finish_and_clear();
        // Writing to a String cannot fail.
        let _ = match outcome {
            Ok(()) => writeln!(text, "Connected {}; its instance restarts, which may take 5 minutes", look.hotel),
            Err(error) => {
                failed = true;
                writeln!(text, "Not connected: {}: {error}; run `hotelbot hotels apply` again", look.hotel)
            }
        };
    }
    failed
}

async fn make(settings: &Settings, store: Option<&Store>, prune: bool, desk: &Desk) -> anyhow::Result<HotelPlan> {
    let loaded = check::read(settings, &[])?;
    let in_scope = |loaded: &&LoadedHotel| desk.global.hotel.is_empty() || desk.global.hotel.contains(&loaded.hotel.id);
    let warnings: Vec<Finding> = loaded.iter().filter(in_scope).flat_map(|loaded| loaded.warnings.clone()).collect();
    if !warnings.is_empty() {
        desk.printer.note(diagnose::render(&warnings).trim_end());
    }
    let (base, in_force) = match store {
        Some(store) => (store.revision().await?, store.hotels_in_force().await?),
        None => (0, Vec::new()),
    };
    let wanted: Vec<Hotel> = loaded.into_iter().map(|loaded| loaded.hotel).collect();
    let in_force: Vec<Hotel> = in_force.into_iter().map(|known| known.hotel).collect();
    for id in &desk.global.hotel {
        if !wanted.iter().chain(&in_force).any(|hotel| hotel.id == *id) {
            return Err(Failure::wrong(format!("there is no file `hotels/{id}.yaml`, and no such hotel in force"))
                .hint(format!("Run `hotelbot hotels add {id}` to write one"))
                .into());
        }
    }
    Ok(diff(&in_force, &wanted, Request { base, prune, scope: desk.scope() }))
}

/// In one write, if the revision the plan was made on is still in force, also after the question.
async fn commit(store: &Store, plan: &HotelPlan, file: Option<&Path>, desk: &Desk) -> anyhow::Result<i64> {
    let changes = plan.changes.iter().filter_map(|change| match change {
        Change::Add { hotel } | Change::Change { hotel, .. } => Some(HotelChange::Put(hotel.clone())),
        Change::Retire { hotel } => Some(HotelChange::Retire(hotel.clone())),
        Change::Keep { .. } => None,
    });
    match store.apply_hotels(plan.request.base, changes.collect(), desk.who(), desk.now()).await {
        Ok(revision) => match crate::stays::replan_all(store, desk).await {
            Ok(()) => Ok(revision),
            Err(error) => Err(crate::stays::in_force_but(crate::stays::left_to_replan(store).await, &error).into()),
        },
        Err(StoreError::Conflict(why)) => Err(plans::stale::<HotelPlan>(why, file).into()),
        Err(error) => Err(error.into()),
    }
}

/// What Green API says about the instances, before anybody says yes: of hotels that change, or of all of the plan's
/// scope when none does. Nothing here stops an apply: a file may be right while a phone is off.
async fn look_at_lines(plan: &HotelPlan, settings: &Settings, desk: &Desk) -> anyhow::Result<Vec<Look>> {
    let changed: Vec<Hotel> = plan.changes.iter().filter_map(wanted).cloned().collect();
    let hotels = if plan.is_empty() { unchanged(plan, settings)? } else { changed };
    let progress = desk.printer.progress("Asking Green API about the instances");
    let looks = line::look_at_all(&hotels.iter().collect::<Vec<_>>(), settings, desk).await;
    progress.finish_and_clear();
    let looks = looks?;
    for look in looks.iter().filter(|look| !plan.is_empty() || look.connect.is_some()) {
        desk.printer.note(&format!("\n  {}\n{}", look.hotel, line::text(&look.findings).trim_end()));
    }
    Ok(looks)
}

fn wanted(change: &Change) -> Option<&Hotel> {
    match change {
        Change::Add { hotel } | Change::Change { hotel, .. } => Some(hotel),
        Change::Retire { .. } | Change::Keep { .. } => None,
    }
}

fn unchanged(plan: &HotelPlan, settings: &Settings) -> anyhow::Result<Vec<Hotel>> {
    let loaded = check::read(settings, &[])?.into_iter().map(|loaded| loaded.hotel);
    Ok(loaded.filter(|hotel| plan.request.scope.holds(&hotel.id)).collect())
}

fn shown(plan: &HotelPlan) -> String {
    let base = match plan.request.base {
        0 => "an empty database".to_owned(),
        base => format!("revision {base}, in force"),
    };
    if plan.is_empty() && plan.changes.is_empty() {
        return format!(
            "hotels/ is in force for {} (revision {}); nothing to change\n",
            scope(plan),
            plan.request.base
        );
    }
    let mut text = format!("Comparing hotels/ with {base}, for {}\n", scope(plan));
    for change in &plan.changes {
        text.push('\n');
        text.push_str(&block(change));
    }
    // Writing to a String cannot fail.
    let _ = write!(text, "\n{plan}\n");
    text
}

fn scope(plan: &HotelPlan) -> String {
    match &plan.request.scope {
        Scope::All => "all hotels".to_owned(),
        Scope::Only(hotels) => hotels.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

fn block(change: &Change) -> String {
    let mut text = format!("  {} {}", plans::sign(change.sign()), change.hotel());
    match change {
        Change::Add { hotel } => {
            let languages: Vec<&str> = hotel.languages.iter().map(|language| language.as_str()).collect();
            let facts = words::count(hotel.knowledge.len(), "fact", "facts");
            let receive = if hotel.whatsapp.receive == Receive::Poll { "polled" } else { "webhook" };
            let about = format!("{}, {}, {}", words::one_line(&hotel.name), hotel.timezone, languages.join(" "));
            text.push_str(&format!("  {about}\n      instance {}, {receive}, {facts}\n", hotel.whatsapp.instance));
        }
        Change::Change { fields, .. } => {
            text.push('\n');
            fields.iter().for_each(|field| text.push_str(&plans::field_line(field, 6)));
        }
        Change::Retire { .. } => text.push_str("  no file; no longer obeyed, its conversations stay\n"),
        Change::Keep { .. } => text.push_str("  in force, but without a file\n      kept; `--prune` would retire it\n"),
    }
    text
}

fn outcome(plan: &HotelPlan, revision: i64) -> String {
    let count = |which: fn(&Change) -> bool| plan.changes.iter().filter(|change| which(change)).count();
    let parts = [
        (count(|change| matches!(change, Change::Add { .. })), "added"),
        (count(|change| matches!(change, Change::Change { .. })), "changed"),
        (count(|change| matches!(change, Change::Retire { .. })), "retired"),
    ];
    let told: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    format!("Applied as revision {revision}: {}\n", told.join(", "))
}

const NEXT: &str = "A running daemon obeys it within a second; to start one: hotelbot serve\n";

/// What is left to do for hotels that the vendor calls.
fn next(plan: &HotelPlan, settings: &Settings) -> String {
    if plan.is_empty() {
        return String::new();
    }
    let webhooks = plan.changes.iter().filter_map(wanted).any(|hotel| hotel.whatsapp.receive == Receive::Webhook);
    if webhooks && settings.public_url.value.is_none() {
        return "\nnote: HOTELBOT_PUBLIC_URL is not set, so nobody tells Green API where to call\n\n".to_owned() + NEXT;
    }
    format!("\n{NEXT}")
}
