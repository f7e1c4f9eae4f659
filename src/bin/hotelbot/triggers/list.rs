//! `triggers list` and `triggers show`: what is in force, in words.

use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::grid::{Grid, Tone, cell, or_dash, toned};
use crate::printer::Report;
use crate::words;
use hotelbot::domain::ids::{HotelId, TriggerId};
use hotelbot::domain::touchpoint::TouchpointState;
use hotelbot::domain::trigger::{Says, Trigger};
use hotelbot::domain::wording;
use hotelbot::store::Store;
use hotelbot::store::hotels::HotelInForce;
use hotelbot::store::touchpoint_list::Tally;
use hotelbot::store::triggers::TriggersInForce;
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Write as _;

/// Sent messages are counted this far back.
const DAYS: i64 = 30;

#[derive(Serialize)]
struct Row {
    hotel: String,
    trigger: String,
    about: Option<String>,
    when: String,
    #[serde(rename = "where")]
    filter: String,
    mode: &'static str,
    enabled: bool,
    priority: i64,
    planned: usize,
    next_at: Option<String>,
    sent_30d: usize,
    revision: i64,
    #[serde(skip)]
    next: Option<String>,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Rows(Vec<Row>);

/// Everything in force at the hotels of the scope.
struct InForce {
    hotels: Vec<HotelInForce>,
    sets: Vec<TriggersInForce>,
    tallies: Vec<Tally>,
    now: Timestamp,
}

async fn in_force(store: &Store, desk: &Desk) -> anyhow::Result<InForce> {
    let (hotels, now) = (desk.hotels(store).await?, desk.now());
    let mut sets = store.triggers_in_force().await?;
    sets.retain(|set| hotels.iter().any(|known| known.hotel.id == set.hotel));
    let since = now - jiff::SignedDuration::from_hours(24 * DAYS);
    Ok(InForce { hotels, sets, tallies: store.touchpoint_tallies(since).await?, now })
}

impl InForce {
    fn row(&self, set: &TriggersInForce, trigger: &Trigger) -> Row {
        let zone = self.hotels.iter().find(|known| known.hotel.id == set.hotel).map(|known| known.hotel.time_zone());
        let zone = zone.unwrap_or(jiff::tz::TimeZone::UTC);
        let next = self.of(&set.hotel, &trigger.id, TouchpointState::Planned).map(|tally| tally.next).min();
        let count = |state| self.of(&set.hotel, &trigger.id, state).map(|tally| tally.count).sum();
        Row {
            hotel: set.hotel.to_string(),
            trigger: trigger.id.to_string(),
            about: trigger.about.clone(),
            when: wording::when(&trigger.when),
            filter: wording::filter(&trigger.filter),
            mode: trigger.mode.as_str(),
            enabled: trigger.enabled,
            priority: trigger.priority,
            planned: count(TouchpointState::Planned),
            next_at: next.map(|at| words::stamp(at, &zone)),
            sent_30d: count(TouchpointState::Sent),
            revision: set.revision,
            next: next.map(|at| words::moment(at, self.now, &zone)),
        }
    }

    fn of(&self, hotel: &HotelId, trigger: &TriggerId, state: TouchpointState) -> impl Iterator<Item = &Tally> {
        let of = move |tally: &&Tally| tally.hotel == *hotel && tally.trigger == *trigger && tally.state == state;
        self.tallies.iter().filter(of).collect::<Vec<_>>().into_iter()
    }
}

/// Lists what is in force.
pub async fn all(desk: &Desk) -> Outcome {
    let store = crate::stays::store(&desk.settings()?, desk).await?;
    let in_force = in_force(&store, desk).await?;
    let rows = in_force.sets.iter().flat_map(|set| set.set.triggers.values().map(|trigger| in_force.row(set, trigger)));
    desk.printer.report(&Rows(rows.collect()))?;
    Ok(Exit::Done)
}

impl Report for Rows {
    fn text(&self) -> String {
        if self.0.is_empty() {
            return "No triggers are in force\n\nMake those of triggers.yaml so: hotelbot triggers apply\n".to_owned();
        }
        let mut grid = Grid::new(&["HOTEL", "TRIGGER", "MODE", "PRIORITY", "PLANNED", "NEXT", "SENT 30D", "WHEN"]);
        grid = grid.numbers(&[3, 4, 6]);
        for row in &self.0 {
            let mode = if row.enabled { row.mode } else { "off" };
            grid.row([
                cell(&row.hotel),
                cell(&row.trigger),
                toned(mode, if mode == "live" { Tone::Good } else { Tone::Dim }),
                cell(row.priority),
                cell(row.planned),
                cell(or_dash(row.next.as_ref())),
                cell(row.sent_30d),
                cell(&row.when),
            ]);
        }
        grid.text()
    }
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    row: Row,
    definition: Trigger,
    #[serde(skip)]
    text: String,
}

#[derive(Serialize)]
#[serde(transparent)]
struct All(Vec<Shown>);

impl Report for All {
    fn text(&self) -> String {
        self.0.iter().map(|shown| shown.text.as_str()).collect::<Vec<_>>().join("\n")
    }
}

/// Shows one trigger at each hotel of the scope where it is in force.
pub async fn one(name: &str, desk: &Desk) -> Outcome {
    let store = crate::stays::store(&desk.settings()?, desk).await?;
    let in_force = in_force(&store, desk).await?;
    let id = TriggerId(name.to_owned());
    let found = in_force.sets.iter().filter_map(|set| Some((set, set.set.triggers.get(&id)?)));
    let shown: Vec<Shown> = found
        .map(|(set, trigger)| {
            let row = in_force.row(set, trigger);
            Shown { text: text(&row, trigger), row, definition: trigger.clone() }
        })
        .collect();
    if shown.is_empty() {
        return Err(unknown(name, &in_force.sets).into());
    }
    desk.printer.report(&All(shown))?;
    Ok(Exit::Done)
}

/// There is no such trigger; the nearest name is told.
pub fn unknown(name: &str, sets: &[TriggersInForce]) -> Failure {
    let failure = Failure::wrong(format!("no trigger `{}` is in force", words::one_line(name)));
    let distance = |known: &&TriggerId| strsim::damerau_levenshtein(known.as_str(), name);
    let near = sets.iter().flat_map(|set| set.set.triggers.keys()).min_by_key(distance);
    match near.filter(|known| distance(known) <= 3) {
        Some(near) => failure.hint(format!("Did you mean `{near}`?")),
        None => failure.hint("Run `hotelbot triggers list` to see which are"),
    }
}

fn text(row: &Row, trigger: &Trigger) -> String {
    let mut text = format!("{}, {}\n", trigger.id, row.hotel);
    // Writing to a String cannot fail.
    let mut fact = |name: &str, value: String| {
        let _ = writeln!(text, "{name:9} {value}");
    };
    if let Some(about) = &trigger.about {
        fact("about", words::one_line(about));
    }
    fact("when", row.when.clone());
    if !row.filter.is_empty() {
        fact("where", row.filter.clone());
    }
    fact("once", wording::once(trigger.once));
    fact("mode", if row.enabled { row.mode.to_owned() } else { "switched off".to_owned() });
    fact("priority", row.priority.to_string());
    fact(
        "planned",
        match &row.next {
            Some(next) => format!("{}, the next {next}", row.planned),
            None => row.planned.to_string(),
        },
    );
    fact("sent", format!("{} in {DAYS} days", row.sent_30d));
    fact("revision", row.revision.to_string());
    for (index, variant) in trigger.says.content().variants.iter().enumerate() {
        let filter = wording::filter(&variant.filter);
        let whom = if filter.is_empty() { String::new() } else { format!(", where {filter}") };
        let wording = if trigger.says.content().variants.len() > 1 {
            format!("wording {}{whom}", index + 1)
        } else {
            "text".into()
        };
        fact(&wording, String::new());
        for (language, words) in &variant.text {
            fact(&format!("  {language}"), words::one_line(words));
        }
    }
    if let Says::Ask(question) = &trigger.says {
        for answer in &question.answers {
            let label =
                answer.label.values().next().map_or_else(|| answer.id.to_string(), |label| words::one_line(label));
            fact("answer", format!("{} ({label})", answer.id));
        }
    }
    text
}
