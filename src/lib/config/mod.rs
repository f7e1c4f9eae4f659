//! Files and environment → domain values. May import `domain`; opens no socket and keeps no secret printable.
//!
//! Every file is read before anything is said, and every mistake is said at once: a file becomes a tree that knows
//! where each word stands (`yaml.rs`), and the fields are taken from it one by one (`fields.rs`), so that one mistake
//! does not hide the next.

mod database;
pub mod diagnose;
mod durations;
mod fields;
mod hotel_file;
pub mod hotels;
mod knowledge_file;
mod languages;
mod links;
mod mask;
mod phones;
mod prompts;
pub mod sealing;
pub mod secrets;
pub mod settings;
mod settings_file;
mod settings_values;
mod source;
mod staff_file;
mod times;
mod triggers;
mod whatsapp_file;
mod yaml;
mod zones;

pub use database::DatabaseUrl;
pub use diagnose::{ConfigErrors, Finding, Place};
pub use hotels::{Against, LoadedHotel, load_hotels, load_right_hotels, parse_hotel};
pub use sealing::{Sealed, SecretKey};
pub use secrets::{SecretError, Secrets};
pub use settings::{Environment, Flags, LogFormat, Origin, Settings, Sourced};
pub use triggers::{LoadedTriggers, TriggersHeader, load_triggers, load_triggers_header, triggers_schema};
