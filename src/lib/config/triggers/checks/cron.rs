//! `cron:` of a schedule.

use super::super::super::diagnose::shown;
use super::super::super::fields::{Collector, word};
use super::super::super::yaml::Node;

/// Five fields.
pub(in super::super) fn read(node: &Node, c: &mut Collector<'_>) -> Option<String> {
    let word = word(node, c, "five fields such as `\"0 10 * * *\"`")?;
    if word.split_whitespace().count() == 5 {
        return Some(word.to_owned());
    }
    c.error(
        node.span,
        format!("`{}` has not five fields", shown(word)),
        "write `\"0 10 * * *\"` for ten o'clock each day",
    )
}
