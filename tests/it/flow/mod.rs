//! The daemon's promises under faults, end to end: guests and vendors in the sandbox, the daemon over real HTTP.

mod ai_down;
mod burst;
mod content;
mod crash;
mod database;
mod door;
mod isolation;
mod logs;
mod sending;
mod staff;
mod world;
