//! When which trigger speaks to whom: pure functions of reservations, triggers, facts and an instant that is given.
//! The daemon and `triggers simulate` use the same ones. May import the other words of `domain`.
//!
//! | question | function |
//! |---|---|
//! | Which messages does a reservation want, and when? | [`plan::plan`] |
//! | What must change in the rows that stand? | [`changes::changes`] |
//! | A message is due: send it, wait, or pass it over? | [`judge::judge`]; in words: [`judge::explain`] |
//! | Who goes first among those that are due? | [`order::turn`] |
//!
//! What the last look needs besides hotel, triggers and reservation is [`facts::Facts`]; what guests say and what
//! becomes of alerts, for the anchors that go by it, are [`facts::Happening`]s.

pub mod anchors;
pub mod changes;
pub mod conditions;
pub mod cron;
pub mod facts;
pub mod fields;
pub mod judge;
pub mod limits;
pub mod missed;
pub mod moments;
pub mod once;
pub mod order;
pub mod plan;
pub mod speech;
pub mod standing;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub mod windows;
