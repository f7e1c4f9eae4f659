//! What a simulation tells: one value, as tables for a manager and as JSON for a program.

use crate::grid::{Grid, Tone, cell, toned};
use crate::printer::Report;
use crate::words;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::simulate::{Passed, Sent, Story};
use hotelbot::domain::trigger::TriggerMode;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// The run over one hotel.
pub struct Told {
    pub hotel: Arc<Hotel>,
    pub stays: usize,
    pub from: Timestamp,
    pub story: Story,
}

/// The runs over all hotels that were asked for.
pub struct Run {
    only: Option<String>,
    told: Vec<Told>,
}

impl Run {
    /// Tells of one reservation only, if one is named; the others live along, because guests may have several.
    pub fn new(only: Option<&str>) -> Self {
        Self { only: only.map(str::to_owned), told: Vec::new() }
    }

    pub fn add(&mut self, told: Told) {
        self.told.push(told);
    }

    /// Everything in the order of time.
    pub fn finish(self) -> Simulated {
        let mut simulated = Simulated { sends: Vec::new(), skips: Vec::new(), head: Vec::new() };
        let is_meant = |id: &str| self.only.as_deref().is_none_or(|only| only == id);
        for told in &self.told {
            simulated.head.push(head(told));
            let sends = told.story.sends.iter().filter(|sent| is_meant(sent.reservation.as_str()));
            simulated.sends.extend(sends.map(|sent| send(told, sent)));
            let skips = told.story.skips.iter().filter(|skip| is_meant(skip.reservation.as_str()));
            simulated.skips.extend(skips.map(|passed| skip(told, passed)));
        }
        simulated.sends.sort_by(|a, b| {
            (a.instant, &a.hotel, &a.reservation_id, &a.trigger).cmp(&(
                b.instant,
                &b.hotel,
                &b.reservation_id,
                &b.trigger,
            ))
        });
        simulated.skips.sort_by(|a, b| {
            (a.instant, &a.hotel, &a.reservation_id, &a.trigger).cmp(&(
                b.instant,
                &b.hotel,
                &b.reservation_id,
                &b.trigger,
            ))
        });
        simulated
    }
}

/// What would happen.
#[derive(Serialize)]
pub struct Simulated {
    sends: Vec<Send>,
    skips: Vec<Skip>,
    #[serde(skip)]
    head: Vec<String>,
}

#[derive(Serialize)]
struct Send {
    hotel: String,
    reservation_id: String,
    trigger: String,
    at: String,
    language: String,
    text: String,
    mode: TriggerMode,
    /// As the guest sees them, numbered; only of a question.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    answers: Vec<String>,
    /// The file or address that goes with the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<String>,
    #[serde(skip)]
    instant: Timestamp,
    #[serde(skip)]
    shown_at: String,
}

#[derive(Serialize)]
struct Skip {
    hotel: String,
    reservation_id: String,
    trigger: String,
    at: String,
    /// Nothing was chosen for a message that does not go.
    language: Option<String>,
    text: Option<String>,
    mode: TriggerMode,
    reason: String,
    #[serde(skip)]
    instant: Timestamp,
    #[serde(skip)]
    shown_at: String,
}

fn head(told: &Told) -> String {
    let zone = told.hotel.time_zone();
    let from = told.from.to_zoned(zone).strftime("%-d %b %Y %H:%M %Z");
    let stays = words::count(told.stays, "stay", "stays");
    format!("{stays} of {} from {from}; nothing is sent", told.hotel.id)
}

fn send(told: &Told, sent: &Sent) -> Send {
    let zone = told.hotel.time_zone();
    Send {
        hotel: told.hotel.id.to_string(),
        reservation_id: sent.reservation.to_string(),
        trigger: sent.trigger.to_string(),
        at: words::stamp(sent.at, &zone),
        language: sent.language.to_string(),
        text: sent.text.clone(),
        mode: sent.mode,
        answers: sent.answers.clone(),
        media: sent.media.clone(),
        instant: sent.at,
        shown_at: day_and_time(sent.at, &told.hotel),
    }
}

fn skip(told: &Told, passed: &Passed) -> Skip {
    Skip {
        hotel: told.hotel.id.to_string(),
        reservation_id: passed.reservation.to_string(),
        trigger: passed.trigger.to_string(),
        at: words::stamp(passed.at, &told.hotel.time_zone()),
        language: None,
        text: None,
        mode: passed.mode,
        reason: passed.reason.to_string(),
        instant: passed.at,
        shown_at: day_and_time(passed.at, &told.hotel),
    }
}

/// `Fri 10 Jul 17:00`, hotel time.
fn day_and_time(at: Timestamp, hotel: &Hotel) -> String {
    at.to_zoned(hotel.time_zone()).strftime("%a %-d %b %H:%M").to_string()
}

impl Report for Simulated {
    fn text(&self) -> String {
        let mut screen: String = self.head.iter().map(|line| format!("{line}\n")).collect();
        let many = self.head.len() > 1;
        // Writing to a String cannot fail.
        if !self.sends.is_empty() {
            let _ = write!(screen, "\n{}", self.sends(many));
        }
        if !self.skips.is_empty() {
            let _ = write!(screen, "\n{}", self.skips(many));
        }
        let sent = words::count(self.sends.len(), "message would be sent", "messages would be sent");
        let _ = writeln!(screen, "\n{sent}, {} passed over{}", self.skips.len(), self.reasons());
        screen
    }
}

impl Simulated {
    fn sends(&self, many: bool) -> String {
        let headings = ["SENT", "HOTEL", "RESERVATION", "TRIGGER", "MODE", "LANGUAGE", "TEXT"];
        let mut grid = Grid::new(&shown(&headings, many));
        for send in &self.sends {
            let mode = if send.mode == TriggerMode::Live { Tone::Plain } else { Tone::Dim };
            let mut cells = vec![
                cell(&send.shown_at),
                cell(&send.hotel),
                cell(words::one_line(&send.reservation_id)),
                cell(&send.trigger),
                toned(send.mode, mode),
                cell(&send.language),
                cell(words::one_line(&text_and_answers(send))),
            ];
            if !many {
                cells.remove(1);
            }
            grid.row(cells);
        }
        grid.text()
    }

    fn skips(&self, many: bool) -> String {
        let mut grid = Grid::new(&shown(&["PASSED OVER", "HOTEL", "RESERVATION", "TRIGGER", "REASON"], many));
        for skip in &self.skips {
            let mut cells = vec![
                cell(&skip.shown_at),
                cell(&skip.hotel),
                cell(words::one_line(&skip.reservation_id)),
                cell(&skip.trigger),
                toned(&skip.reason, Tone::Warn),
            ];
            if !many {
                cells.remove(1);
            }
            grid.row(cells);
        }
        grid.text()
    }

    /// `: 3 condition, 1 limit`
    fn reasons(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for skip in &self.skips {
            *counts.entry(&skip.reason).or_default() += 1;
        }
        let counted: Vec<String> = counts.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        if counted.is_empty() { String::new() } else { format!(": {}", counted.join(", ")) }
    }
}

/// The headings; the hotel's only where there are several.
fn shown(headings: &[&'static str], many: bool) -> Vec<&'static str> {
    headings.iter().copied().filter(|heading| many || *heading != "HOTEL").collect()
}

fn text_and_answers(send: &Send) -> String {
    let answers: Vec<String> =
        send.answers.iter().enumerate().map(|(index, answer)| format!("{} {answer}", index + 1)).collect();
    let file = send.media.as_ref().map(|file| format!(" + {file}")).unwrap_or_default();
    let answers = if answers.is_empty() { file } else { format!(" [{}]{file}", answers.join(", ")) };
    format!("{}{answers}", send.text)
}
