//! Files and environment → domain values. May import `domain`; opens no socket and keeps no secret printable.
//!
//! Every file is read before anything is said, and every mistake is said at once: a file becomes a tree that knows
//! where each word stands ([`yaml`]), and the fields are taken from it one by one ([`fields`]), so that one mistake
//! does not hide the next.

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
mod source;
mod staff_file;
mod times;
mod whatsapp_file;
mod yaml;
mod zones;

pub use diagnose::{ConfigErrors, Finding, Place};
pub use hotels::{Against, LoadedHotel, load_hotels, parse_hotel};
