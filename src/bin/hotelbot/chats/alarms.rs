//! The alerts of followed chats: raised, graver, taken, resolved; each told once.

use super::message::{Before, before_words};
use crate::alerts::AlertLine;
use crate::desk::{Desk, Zones};
use crate::words;
use anstyle::{AnsiColor, Style};
use hotelbot::domain::alert::{Act, Alert, AlertState, Through};
use hotelbot::domain::hotel::SlaPolicy;
use hotelbot::domain::ids::{AlertId, HotelId};
use hotelbot::domain::trigger::Severity;
use hotelbot::store::alerts::AlertView;
use hotelbot::store::hotels::HotelInForce;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::HashMap;
use std::time::Duration;

/// What was told is kept a little longer than it is looked at.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// One line of `--json`.
#[derive(Serialize)]
struct Happened<'a> {
    event: &'static str,
    #[serde(flatten)]
    alert: &'a AlertLine,
}

/// What was already told about alerts.
pub struct Alarms {
    promises: HashMap<HotelId, SlaPolicy>,
    told: HashMap<AlertId, Told>,
    from: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Told {
    severity: Severity,
    state: AlertState,
    at: Timestamp,
}

/// One thing to tell about an alert.
#[derive(Clone, Copy, PartialEq, Eq)]
enum News {
    Raised,
    Graver,
    Taken,
    Resolved,
}

impl News {
    fn event(self) -> &'static str {
        match self {
            News::Raised => "alert_raised",
            News::Graver => "alert_graver",
            News::Taken => "alert_acknowledged",
            News::Resolved => "alert_resolved",
        }
    }
}

impl Alarms {
    /// Tells what happened from then on.
    pub fn new(hotels: &[HotelInForce], from: Timestamp) -> Self {
        let promise = |known: &HotelInForce| (known.hotel.id.clone(), known.hotel.sla.clone());
        Self { promises: hotels.iter().map(promise).collect(), told: HashMap::new(), from }
    }

    /// Tells what is new about these alerts, which may have changed lately.
    pub fn tell(&mut self, alerts: &[AlertView], several: bool, zones: &Zones, desk: &Desk) -> anyhow::Result<()> {
        let mut alerts: Vec<&AlertView> = alerts.iter().collect();
        alerts.sort_by_key(|view| (view.alert.updated_at, view.alert.number));
        for view in alerts {
            let zone = zones.get(&view.alert.hotel);
            for news in self.news(&view.alert) {
                self.print(news, view, several, &zone, desk)?;
            }
        }
        let horizon = desk.now().checked_sub(KEPT).unwrap_or(self.from);
        self.told.retain(|_, told| told.at >= horizon);
        Ok(())
    }

    fn news(&mut self, alert: &Alert) -> Vec<News> {
        let now = Told { severity: alert.severity, state: alert.state, at: alert.updated_at };
        let before = self.told.insert(alert.id, now);
        let mut news = Vec::new();
        let since = |act: &Option<Act>| act.as_ref().is_some_and(|act| act.at >= self.from);
        let was = |state: AlertState| before.is_some_and(|told| told.state == state);
        if before.is_none() && alert.raised_at >= self.from {
            news.push(News::Raised);
        }
        if before.is_some_and(|told| alert.severity > told.severity) {
            news.push(News::Graver);
        }
        if since(&alert.acknowledged) && (before.is_none() || was(AlertState::Open)) {
            news.push(News::Taken);
        }
        if since(&alert.resolved) && !was(AlertState::Resolved) {
            news.push(News::Resolved);
        }
        news
    }

    fn print(&self, news: News, view: &AlertView, several: bool, zone: &TimeZone, desk: &Desk) -> anyhow::Result<()> {
        let alert = &view.alert;
        let sla = self.promises.get(&alert.hotel);
        if desk.printer.is_json() {
            let line = AlertLine::of(view, sla, zone, desk);
            return Ok(desk.printer.json_line(&Happened { event: news.event(), alert: &line })?);
        }
        let before = Before { hotel: several.then(|| alert.hotel.as_str()), guest: true };
        let head = before_words(&before, when(news, alert), view.address.as_str(), zone, desk);
        let (sign, style) = match news {
            News::Raised | News::Graver => ('!', AnsiColor::Red.on_default()),
            News::Taken | News::Resolved => ('.', Style::new()),
        };
        let (text, dim) = (text(news, alert, sla, zone), Style::new().dimmed());
        let why = format!("alert {}", alert.number);
        Ok(desk.printer.out(&format!("{head}{style}alert{style:#} {sign} {text:44}  {dim}[{why}]{dim:#}\n"))?)
    }
}

fn when(news: News, alert: &Alert) -> Timestamp {
    let of = |act: &Option<Act>| act.as_ref().map_or(alert.updated_at, |act| act.at);
    match news {
        News::Raised => alert.raised_at,
        News::Graver => alert.updated_at,
        News::Taken => of(&alert.acknowledged),
        News::Resolved => of(&alert.resolved),
    }
}

fn text(news: News, alert: &Alert, sla: Option<&SlaPolicy>, zone: &TimeZone) -> String {
    match news {
        News::Raised => {
            let due = sla.and_then(|sla| alert.raised_at.checked_add(sla.first_response).ok());
            let due = due.map(|due| format!("; answer due {}", due.to_zoned(zone.clone()).strftime("%H:%M")));
            format!("{}, {}{}", alert.topic, alert.severity, due.unwrap_or_default())
        }
        News::Graver => format!("{} now, {}", alert.severity, turns(alert.evidence)),
        News::Taken => acted(alert, &alert.acknowledged, "taken", sla.map(|sla| sla.first_response)),
        News::Resolved => acted(alert, &alert.resolved, "resolved", sla.map(|sla| sla.resolution)),
    }
}

fn turns(count: i64) -> String {
    words::count(usize::try_from(count).unwrap_or(0), "turn", "turns")
}

fn acted(alert: &Alert, act: &Option<Act>, what: &str, promised: Option<Duration>) -> String {
    let Some(act) = act else { return what.to_owned() };
    let took = words::since(act.at, alert.raised_at);
    let what = match act.through {
        Through::Message => "answered".to_owned(),
        _ => format!("{what} by {}", words::one_line(&act.by)),
    };
    let promise = promised.map(|promised| {
        let within = if took <= promised { "within" } else { "later than" };
        format!(", {within} {}", words::span(promised))
    });
    format!("{what} in {}{}", words::span(took), promise.unwrap_or_default())
}
