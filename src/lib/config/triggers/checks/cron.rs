//! `cron:` of a schedule.

use crate::config::diagnose::shown;
use crate::config::fields::{Collector, word};
use crate::config::yaml::Node;
use crate::domain::schedule::cron::Cron;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

/// Five fields that some day fulfils.
pub(in super::super) fn read(node: &Node, c: &mut Collector<'_>) -> Option<String> {
    let word = word(node, c, "five fields such as `\"0 10 * * *\"`")?;
    match Cron::parse(word) {
        Ok(cron) if ever_fires(&cron) => Some(word.to_owned()),
        Ok(_) => {
            let message = format!("`{}` never fires: no year has this day", shown(word));
            c.error(node.span, message, "check the day and the month")
        }
        Err(error) => c.error(
            node.span,
            error.to_string(),
            "write minute, hour, day, month, weekday: `\"0 10 * * *\"` is ten o'clock each day",
        ),
    }
}

/// Eight years hold every day of the calendar on every weekday that matters: 29 February twice.
fn ever_fires(cron: &Cron) -> bool {
    let start: Date = date(2024, 1, 1);
    let days = (0..8 * 366).filter_map(|day| start.checked_add(day.days()).ok());
    days.into_iter().any(|day| cron.holds_on(day))
}
