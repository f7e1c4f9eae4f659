//! `triggers explain`: why a message was sent, waits, or was passed over; of a whole stay or of one message.

use crate::args::triggers::Explain;
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::grid::{Grid, Tone, cell, toned};
use crate::printer::Report;
use crate::queues::short;
use crate::words;
use hotelbot::domain::hotel::{Hotel, Window};
use hotelbot::domain::ids::{HotelId, ReservationId};
use hotelbot::domain::schedule::conditions::{self, Truth, View};
use hotelbot::domain::schedule::judge::Verdict;
use hotelbot::domain::schedule::windows::quiet_hours;
use hotelbot::domain::stay::{Reservation, ReservationStatus};
use hotelbot::domain::touchpoint::{SkipReason, TouchpointState};
use hotelbot::domain::trigger::{Anchor, Policy, Trigger, TriggerSet};
use hotelbot::domain::wording;
use hotelbot::flow::schedule::{Seen, preview};
use hotelbot::store::Store;
use hotelbot::store::hotels::HotelInForce;
use hotelbot::store::touchpoint_list::TouchpointView;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What explaining needs at hand.
struct Grounds {
    hotels: BTreeMap<HotelId, HotelInForce>,
    sets: BTreeMap<HotelId, TriggerSet>,
    /// The reservations that are asked about.
    stays: BTreeMap<(HotelId, ReservationId), Reservation>,
    now: Timestamp,
}

/// Runs the verb.
pub async fn run(args: Explain, desk: &Desk) -> Outcome {
    let store = crate::stays::store(&desk.settings()?, desk).await?;
    let hotels = desk.hotels(&store).await?;
    let ids: Vec<HotelId> = hotels.iter().map(|known| known.hotel.id.clone()).collect();
    let mut grounds = Grounds {
        hotels: hotels.into_iter().map(|known| (known.hotel.id.clone(), known)).collect(),
        sets: store.triggers_in_force().await?.into_iter().map(|known| (known.hotel, known.set)).collect(),
        stays: BTreeMap::new(),
        now: desk.now(),
    };
    let mut of_stay = store.touchpoints_of_stay(&args.what, &ids).await?;
    grounds.stays = known_stays(&args, &of_stay, &store, &ids).await?;
    if let Some(trigger) = &args.trigger {
        of_stay.retain(|view| view.touchpoint.key.trigger.as_str() == trigger);
        grounds.must_be_in_force(trigger, of_stay.is_empty())?;
    }
    let is_one = of_stay.len() == 1 && args.trigger.is_some();
    if !grounds.stays.is_empty() && !is_one {
        desk.printer.report(&stay(&args, &of_stay, &grounds))?;
        return Ok(Exit::Done);
    }
    let view = match of_stay.pop() {
        Some(view) => view,
        None => one(&args, &store, &ids).await?,
    };
    for stay in store.find_stays(&view.touchpoint.key.reservation, &ids).await? {
        grounds.stays.insert((stay.hotel, stay.reservation.booking.id.clone()), stay.reservation);
    }
    desk.printer.report(&explained(view, &store, &grounds).await?)?;
    Ok(Exit::Done)
}

/// The reservations that are asked about; none, if a message was.
async fn known_stays(
    args: &Explain,
    views: &[TouchpointView],
    store: &Store,
    hotels: &[HotelId],
) -> anyhow::Result<BTreeMap<(HotelId, ReservationId), Reservation>> {
    let told = ReservationId::from(args.what.trim());
    let id = views.first().map_or(&told, |view| &view.touchpoint.key.reservation);
    let found = store.find_stays(id, hotels).await?;
    Ok(found.into_iter().map(|stay| ((stay.hotel, stay.reservation.booking.id.clone()), stay.reservation)).collect())
}

async fn one(args: &Explain, store: &Store, hotels: &[HotelId]) -> anyhow::Result<TouchpointView> {
    let shown = words::one_line(&args.what);
    let mut found = store.find_touchpoints(&args.what, hotels, 2).await?;
    if found.len() > 1 {
        return Err(Failure::wrong(format!("`{shown}` means several messages")).hint("Type more of the id").into());
    }
    found.pop().ok_or_else(|| {
        Failure::wrong(format!("no message of a trigger is or was planned under `{shown}`"))
            .hint("Give a reservation's id, or at least the last four letters of a message's own")
            .into()
    })
}

/// All messages of a stay.
#[derive(Serialize)]
struct Stay {
    reservation: String,
    #[serde(skip)]
    hotels: Vec<String>,
    messages: Vec<Line>,
    /// Triggers in force of which this stay has no moment.
    without: Vec<Without>,
}

#[derive(Serialize)]
struct Line {
    id: String,
    hotel: String,
    trigger: String,
    occurrence: String,
    state: &'static str,
    reason: Option<&'static str>,
    due_at: String,
    why: String,
    #[serde(skip)]
    due: String,
}

#[derive(Serialize)]
struct Without {
    hotel: String,
    trigger: String,
    why: String,
}

fn stay(args: &Explain, views: &[TouchpointView], grounds: &Grounds) -> Stay {
    let mut without = Vec::new();
    for ((hotel, _), reservation) in &grounds.stays {
        let asked = |trigger: &&Trigger| args.trigger.as_deref().is_none_or(|asked| trigger.id.as_str() == asked);
        for trigger in grounds.sets.get(hotel).into_iter().flat_map(|set| set.triggers.values()).filter(asked) {
            let known = |view: &TouchpointView| view.hotel == *hotel && view.touchpoint.key.trigger == trigger.id;
            if !views.iter().any(known) {
                let why = no_moment(trigger, reservation, grounds.status(hotel, &reservation.booking.id));
                without.push(Without { hotel: hotel.to_string(), trigger: trigger.id.to_string(), why });
            }
        }
    }
    let hotels = grounds.stays.keys().map(|(hotel, _)| hotel.to_string()).collect();
    let messages = views.iter().map(|view| line(view, grounds)).collect();
    Stay { reservation: words::one_line(&args.what), hotels, messages, without }
}

/// Why a trigger in force has no message for a reservation.
fn no_moment(trigger: &Trigger, stay: &Reservation, status: Option<ReservationStatus>) -> String {
    if !trigger.enabled {
        return "switched off".to_owned();
    }
    let is_off = matches!(status, Some(ReservationStatus::Cancelled | ReservationStatus::NoShow));
    let is_over = is_off || status == Some(ReservationStatus::CheckedOut);
    let waits = match &trigger.when.anchor {
        Anchor::NoShow | Anchor::BookingCancelled => "only if the guest does not come, or calls it off".to_owned(),
        _ if is_off => stands(status).to_owned(),
        Anchor::CheckIn | Anchor::Silence if is_over => "a check-in was never reported".to_owned(),
        Anchor::CheckIn => "waits for the check-in to be reported".to_owned(),
        Anchor::CheckedOut => "waits for the check-out to be reported".to_owned(),
        Anchor::BookingChanged => "waits for other dates, another class of room or number of guests".to_owned(),
        Anchor::RoomChanged => "waits for another room".to_owned(),
        Anchor::MidStay if stay.nights() < 2 => "a stay of less than two nights has no middle".to_owned(),
        Anchor::InHouseDaily => "no day lies between arrival and departure".to_owned(),
        Anchor::Schedule { .. } => "no time of the schedule lies within the stay".to_owned(),
        Anchor::FirstMessage | Anchor::Message => "waits for the guest to write".to_owned(),
        Anchor::Sentiment { is } => format!("waits for a {is} message"),
        Anchor::Answer { of, is: None } => format!("waits for an answer to {of}"),
        Anchor::Answer { of, is: Some(is) } => format!("waits for the answer {is} to {of}"),
        Anchor::AlertResolved => "waits for an alert of the guest to be resolved".to_owned(),
        Anchor::Silence => "waits for the guest to come or to write".to_owned(),
        Anchor::BookingCreated | Anchor::Arrival | Anchor::CheckOut | Anchor::MidStay => "not planned yet".to_owned(),
    };
    format!("no moment: {waits}")
}

fn line(view: &TouchpointView, grounds: &Grounds) -> Line {
    let zone = grounds.zone(&view.hotel);
    let row = &view.touchpoint;
    Line {
        id: row.id.to_string(),
        hotel: view.hotel.to_string(),
        trigger: row.key.trigger.to_string(),
        occurrence: row.key.occurrence.clone(),
        state: row.state.as_str(),
        reason: row.reason.map(|reason| reason.as_str()),
        due_at: words::stamp(row.due_at, &zone),
        why: why(view, grounds, &zone),
        due: words::moment(row.due_at, grounds.now, &zone),
    }
}

/// In one line, why a message is where it is.
fn why(view: &TouchpointView, grounds: &Grounds, zone: &TimeZone) -> String {
    let row = &view.touchpoint;
    let moment = |at: Timestamp| words::moment(at, grounds.now, zone);
    match row.state {
        TouchpointState::Planned if row.look_at > row.due_at => format!("waits until {}", moment(row.look_at)),
        TouchpointState::Planned => "to come".to_owned(),
        TouchpointState::Draft => "waits for a person's approval".to_owned(),
        TouchpointState::Cancelled => "no longer wanted by the stay or the triggers".to_owned(),
        TouchpointState::Sent if view.shadow => "recorded only: the trigger is a shadow".to_owned(),
        TouchpointState::Sent => match &view.message {
            Some(message) => format!("its message is {}", message.state),
            None => "sent".to_owned(),
        },
        TouchpointState::Skipped => {
            row.reason.map_or_else(|| "passed over".to_owned(), |reason| reason_in_words(view, reason, grounds))
        }
    }
}

fn reason_in_words(view: &TouchpointView, reason: SkipReason, grounds: &Grounds) -> String {
    use SkipReason as Reason;
    let general = match reason {
        Reason::Condition => "its `where` does not hold",
        Reason::Missed => "its moment was past",
        Reason::Limit => "the guest heard enough for now",
        Reason::Quiet => "quiet hours moved it past the stay",
        Reason::Window => "outside its window",
        Reason::OptedOut => "the guest asked for silence",
        Reason::NoPhone => "no number, or an unclear one",
        Reason::Status => stands(grounds.status(&view.hotel, &view.touchpoint.key.reservation)),
        Reason::Duplicate => "said already, to this guest or stay",
        Reason::Handoff => "a person leads the chat",
        Reason::Stale => "the PMS has not told about it for too long",
        Reason::Language => "no text for this guest's language",
        Reason::Number => "the number was to be spared until it was too late",
    };
    let seen = seen_of(view).map(|seen| seen.conditions).or_else(|| grounds.conditions(view));
    let failed = seen.and_then(|seen| {
        // Under `none`, a test that passes is what speaks against it.
        let objects = |test: &conditions::Seen| test.truth == if test.list == "none" { Truth::Yes } else { Truth::No };
        let failed = seen.into_iter().find(objects)?;
        Some(format!("{} {}, saw {}", failed.field, failed.wanted, failed.saw.unwrap_or_else(|| "nothing".to_owned())))
    });
    match (reason, failed) {
        (Reason::Condition, Some(failed)) => format!("{general}: {}", words::one_line(&failed)),
        _ => general.to_owned(),
    }
}

/// Where a reservation stands, as the reason why it hears nothing.
fn stands(status: Option<ReservationStatus>) -> &'static str {
    match status {
        Some(ReservationStatus::Tentative) => "the reservation is tentative",
        Some(ReservationStatus::Cancelled) => "the reservation is cancelled",
        Some(ReservationStatus::NoShow) => "the guest did not come",
        Some(ReservationStatus::CheckedOut) => "the guest has left",
        Some(ReservationStatus::Confirmed) => "the guest is not in house",
        Some(ReservationStatus::CheckedIn) => "the guest is in house",
        None => "the reservation stood otherwise",
    }
}

fn seen_of(view: &TouchpointView) -> Option<Seen> {
    view.seen.as_deref().and_then(|seen| serde_json::from_str(seen).ok())
}

impl Report for Stay {
    fn text(&self) -> String {
        let mut text = match self.hotels.as_slice() {
            [hotel] => format!("{} at {hotel}, hotel time\n\n", self.reservation),
            _ => format!("{}, at several hotels\n\n", self.reservation),
        };
        if self.messages.is_empty() && self.without.is_empty() {
            text.push_str("No trigger is in force at this hotel; see what would be: hotelbot triggers plan\n");
            return text;
        }
        let mut grid = Grid::new(&["DUE", "TRIGGER", "STATE", "ID", "WHY"]);
        for line in &self.messages {
            let trigger = match line.occurrence.as_str() {
                "" => line.trigger.clone(),
                occurrence => format!("{} {}", line.trigger, short_occurrence(occurrence)),
            };
            let tone = match line.state {
                "sent" => Tone::Good,
                "skipped" | "draft" => Tone::Warn,
                "cancelled" => Tone::Dim,
                _ => Tone::Plain,
            };
            grid.row([cell(&line.due), cell(trigger), toned(line.state, tone), cell(short(&line.id)), cell(&line.why)]);
        }
        for one in &self.without {
            grid.row([cell("-"), cell(&one.trigger), toned("-", Tone::Dim), cell("-"), cell(&one.why)]);
        }
        text.push_str(&grid.text());
        if let Some(line) = self.messages.first() {
            let _ = write!(text, "\nEvery condition of one: hotelbot triggers explain {}\n", short(&line.id));
        }
        text
    }
}

/// A day or a count as it is; of an id its end.
fn short_occurrence(occurrence: &str) -> String {
    if occurrence.len() > 20 { short(occurrence) } else { occurrence.to_owned() }
}

/// One message.
#[derive(Serialize)]
struct Explained {
    #[serde(flatten)]
    line: Line,
    reservation: String,
    zone: String,
    anchor: Option<String>,
    moment: String,
    look_at: String,
    window: Option<String>,
    quiet_hours: Option<String>,
    once: Option<String>,
    limit: Option<String>,
    revision: i64,
    sent_at: Option<String>,
    message: Option<String>,
    /// `true` if this is what the last look saw; `false` if it is what a look would see.
    looked: bool,
    seen: Option<Seen>,
    #[serde(skip)]
    text: String,
}

async fn explained(view: TouchpointView, store: &Store, grounds: &Grounds) -> anyhow::Result<Explained> {
    let zone = grounds.zone(&view.hotel);
    let recorded = seen_of(&view);
    let looked = recorded.is_some();
    let seen = match recorded {
        Some(seen) => Some(seen),
        None => store.look_at_touchpoint(&view, grounds.now).await?.and_then(|due| preview(&due, grounds.now)),
    };
    let hotel = grounds.hotels.get(&view.hotel).map(|known| &known.hotel);
    let set = grounds.sets.get(&view.hotel);
    let trigger = set.and_then(|set| set.triggers.get(&view.touchpoint.key.trigger));
    let row = &view.touchpoint;
    let mut explained = Explained {
        line: line(&view, grounds),
        reservation: row.key.reservation.to_string(),
        zone: hotel.map(|hotel| hotel.timezone.clone()).unwrap_or_default(),
        anchor: trigger.map(|trigger| wording::when(&trigger.when)),
        moment: words::stamp(row.moment, &zone),
        look_at: words::stamp(row.look_at, &zone),
        window: trigger.and_then(window),
        quiet_hours: quiet(hotel, set, trigger),
        once: trigger.map(|trigger| wording::once(trigger.once)),
        limit: trigger.map(|trigger| limit(&trigger.policy)),
        revision: view.revision,
        sent_at: view.sent_at.map(|at| words::stamp(at, &zone)),
        message: view.message.as_ref().map(|message| message.state.to_string()),
        looked,
        seen,
        text: String::new(),
    };
    explained.text = text(&explained, &view, grounds, &zone);
    Ok(explained)
}

fn spelled(window: Window) -> String {
    format!("{}-{}", window.start.strftime("%H:%M"), window.end.strftime("%H:%M"))
}

fn window(trigger: &Trigger) -> Option<String> {
    let days: Vec<&str> = trigger.when.days.iter().map(|day| day.as_str()).collect();
    let hours = trigger.when.only_between.map(spelled);
    let parts: Vec<String> = hours.into_iter().chain((!days.is_empty()).then(|| days.join(" "))).collect();
    (!parts.is_empty()).then(|| format!("{}, otherwise {}", parts.join(" on "), trigger.when.otherwise))
}

fn quiet(hotel: Option<&Hotel>, set: Option<&TriggerSet>, trigger: Option<&Trigger>) -> Option<String> {
    quiet_hours(hotel?, set?, trigger?).map(spelled)
}

fn limit(policy: &Policy) -> String {
    let spell = hotelbot::domain::plan::spell_duration;
    format!("{} in {}, {} apart", policy.at_most, spell(policy.every), spell(policy.min_gap))
}

fn text(explained: &Explained, view: &TouchpointView, grounds: &Grounds, zone: &TimeZone) -> String {
    let row = &view.touchpoint;
    let key = &row.key;
    let moment = |at: Timestamp| words::moment(at, grounds.now, zone);
    let reservation = words::one_line(key.reservation.as_str());
    let mut text = format!("{} for {reservation} at {}\n", key.trigger, view.hotel);
    let mut fact = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:9} {value}");
    };
    let state = format!("{}: {}", explained.line.state, explained.line.why);
    fact("state", &state);
    fact("anchor", explained.anchor.as_deref().unwrap_or("the trigger is no longer in force"));
    fact("moment", &moment(row.moment));
    fact("due", &moment(row.due_at));
    fact("zone", &explained.zone);
    for (name, value) in [
        ("window", &explained.window),
        ("quiet", &explained.quiet_hours),
        ("once", &explained.once),
        ("limit", &explained.limit),
        ("message", &explained.message),
    ] {
        fact(name, value.as_deref().unwrap_or("-"));
    }
    fact("key", &format!("{} {reservation} {} {}", view.hotel, key.trigger, dash(&key.occurrence)));
    fact("revision", &explained.revision.to_string());
    fact("id", &row.id.to_string());
    if let Some(seen) = &explained.seen {
        text.push_str(&looked(seen, explained.looked, &moment(seen.at)));
    }
    text
}

fn dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

fn looked(seen: &Seen, really: bool, at: &str) -> String {
    let head = if really { format!("What the look at {at} saw") } else { format!("What a look at {at} would see") };
    let verdict = match seen.verdict {
        Verdict::Send { language, .. } => format!("send in {language}"),
        Verdict::Wait { why, .. } => format!("wait: {why}"),
        Verdict::Skip(reason) => format!("pass over: {reason}"),
    };
    let mut text = format!("\n{head}: {verdict}\n\n");
    let mut grid = Grid::new(&["", "GUARD", "SAW"]);
    for guard in &seen.guards {
        let (word, tone) = if guard.objects.is_some() { ("no", Tone::Bad) } else { ("ok", Tone::Good) };
        grid.row([toned(word, tone), cell(&guard.name), cell(words::one_line(&guard.saw))]);
    }
    text.push_str(&grid.text());
    if !seen.conditions.is_empty() {
        let mut grid = Grid::new(&["", "IN", "WHERE", "SAW"]);
        for condition in &seen.conditions {
            let (word, tone) = match condition.truth {
                Truth::Yes => ("yes", Tone::Good),
                Truth::No => ("no", Tone::Bad),
                Truth::IfStillTrue => ("?", Tone::Warn),
            };
            let wanted = format!("{} {}", condition.field, condition.wanted);
            let saw = condition.saw.as_deref().map(words::one_line);
            grid.row([toned(word, tone), cell(&condition.list), cell(wanted), cell(saw.unwrap_or_else(|| "-".into()))]);
        }
        let _ = write!(text, "\n{}", grid.text());
    }
    for (name, words) in [("words", &seen.text), ("file", &seen.file), ("trouble", &seen.trouble)] {
        if let Some(words) = words {
            let _ = write!(text, "\n{name}: {}\n", crate::words::one_line(words));
        }
    }
    text
}

impl Report for Explained {
    fn text(&self) -> String {
        self.text.clone()
    }
}

impl Grounds {
    /// Where a reservation stands now.
    fn status(&self, hotel: &HotelId, id: &ReservationId) -> Option<ReservationStatus> {
        let stay = self.stays.get(&(hotel.clone(), id.clone()))?;
        let known = self.hotels.get(hotel)?;
        Some(stay.status_at(&known.hotel, self.now))
    }

    /// What the reservation alone says to the `where`, of a message that was passed over before anybody looked.
    fn conditions(&self, view: &TouchpointView) -> Option<Vec<conditions::Seen>> {
        let key = &view.touchpoint.key;
        let hotel = &self.hotels.get(&view.hotel)?.hotel;
        let reservation = self.stays.get(&(view.hotel.clone(), key.reservation.clone()))?;
        let trigger = self.sets.get(&view.hotel)?.triggers.get(&key.trigger)?;
        let view = View { hotel, reservation, facts: None, as_of: view.touchpoint.due_at };
        Some(conditions::explain(&trigger.filter, &view))
    }

    /// A trigger that is asked about by name is one, in force or with messages of its own.
    fn must_be_in_force(&self, trigger: &str, has_no_message: bool) -> Result<(), Failure> {
        let mut hotels = self.stays.keys().map(|(hotel, _)| hotel);
        let in_force = hotels
            .any(|hotel| self.sets.get(hotel).is_some_and(|set| set.triggers.keys().any(|id| id.as_str() == trigger)));
        if in_force || !has_no_message || self.stays.is_empty() {
            return Ok(());
        }
        let shown = words::one_line(trigger);
        Err(Failure::wrong(format!("no trigger `{shown}` is in force at the hotel of this reservation"))
            .hint("Run `hotelbot triggers list` to see them"))
    }

    fn zone(&self, hotel: &HotelId) -> TimeZone {
        self.hotels.get(hotel).map_or(TimeZone::UTC, |known| known.hotel.time_zone())
    }
}
