//! `alerts ack` and `alerts resolve`

use super::view::AlertLine;
use super::{Found, find};
use crate::args::alerts::Act as Args;
use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use crate::printer::Report;
use crate::words;
use hotelbot::domain::alert::{Act, Alert, AlertState, Step, Through};
use hotelbot::store::Store;
use serde::Serialize;

/// What is true after a change.
#[derive(Serialize)]
struct Changed {
    #[serde(flatten)]
    alert: AlertLine,
    changed: bool,
    dry_run: bool,
    #[serde(skip)]
    text: String,
}

impl Report for Changed {
    fn text(&self) -> String {
        self.text.clone()
    }
}

/// Takes or ends one alert.
pub async fn run(step: Step, args: Args, store: &Store, desk: &Desk) -> Outcome {
    let mut found = find(&args.one.alert, store, desk).await?;
    let (hotel, id, now) = (found.view.alert.hotel.clone(), found.view.alert.id, desk.now());
    let act = Act { at: now, by: args.by.unwrap_or_else(|| desk.who()), through: Through::Command };
    let mut news = found.view.alert.state.after(step).is_some();
    if args.dry_run {
        let text = if news { would(step, &found.view.alert, &act.by) } else { late(&found, desk) };
        return end(&found, (news, true), text, desk);
    }
    if let Some(stepped) = store.step_alert(hotel, id, step, act).await? {
        news = stepped.news;
        found.view.alert = stepped.alert;
    }
    let text = if news { done(&found.view.alert) } else { late(&found, desk) };
    let exit = end(&found, (news, false), text, desk)?;
    // To take what is over already is answered with no; to end it once more changes nothing and is no mistake.
    let over = step == Step::Acknowledge && found.view.alert.state == AlertState::Resolved;
    Ok(if over { Exit::No } else { exit })
}

fn end(found: &Found, (changed, dry_run): (bool, bool), text: String, desk: &Desk) -> Outcome {
    let sla = found.hotel.as_ref().map(|hotel| &hotel.sla);
    let alert = AlertLine::of(&found.view, sla, &found.zone(), desk);
    desk.printer.report(&Changed { alert, changed, dry_run, text })?;
    Ok(Exit::Done)
}

fn would(step: Step, alert: &Alert, by: &str) -> String {
    let what = if step == Step::Resolve { "resolve" } else { "acknowledge" };
    format!("Would {what} alert {} of {} as {}\n", alert.number, alert.hotel, words::one_line(by))
}

fn done(alert: &Alert) -> String {
    let (number, hotel) = (alert.number, &alert.hotel);
    match (&alert.resolved, &alert.acknowledged) {
        (Some(act), _) => format!("Alert {number} of {hotel} is resolved by {}\n", words::one_line(&act.by)),
        (None, act) => {
            let by = act.as_ref().map_or("nobody", |act| act.by.as_str());
            format!(
                "Alert {number} of {hotel} is looked after by {}\n\nWhen it is done: hotelbot alerts resolve {number} --hotel {hotel}\n",
                words::one_line(by)
            )
        }
    }
}

/// Somebody was earlier.
fn late(found: &Found, desk: &Desk) -> String {
    let alert = &found.view.alert;
    let act = alert.resolved.as_ref().or(alert.acknowledged.as_ref());
    let by = act.map(|act| {
        let at = words::moment(act.at, desk.now(), &found.zone());
        format!(" by {} since {at}", words::one_line(&act.by))
    });
    let (number, hotel, state, by) = (alert.number, &alert.hotel, alert.state, by.unwrap_or_default());
    format!("Alert {number} of {hotel} is {state}{by}; nothing was changed\n")
}
