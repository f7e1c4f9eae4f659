//! Touchpoints in the database: planned, moved, sent once, judged again before they leave.

mod anchors;
mod applying;
pub mod build;
mod daemon;
mod edits;
mod media;
mod number;
mod one_person;
mod sending;
mod stays;
