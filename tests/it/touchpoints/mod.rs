//! Touchpoints in the database: planned, moved, sent once, judged again before they leave.

mod applying;
pub mod build;
mod sending;
