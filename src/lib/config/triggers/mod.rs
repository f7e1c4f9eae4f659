//! `triggers.yaml` and `hotels/<hotel>/triggers.yaml` → what is in force at each hotel.
//!
//! The hotel's tree is laid over the base pack's before anything is read of it (`layers.rs`), so that a hotel may change
//! single fields; each word still knows the file it stands in. Then the fields are read (`file.rs` and those below it),
//! and what only shows when everything is seen is checked (`checks/`).

mod answer;
mod checks;
mod condition;
mod content;
mod file;
mod header;
mod layers;
mod load;
mod operators;
mod place;
mod policy;
mod question;
mod schema;
#[cfg(test)]
mod testing;
mod trigger;
mod when;

pub use header::{TriggersHeader, load_triggers_header};
pub use load::{LoadedTriggers, load_triggers};
pub use schema::triggers_schema;
