//! The words and the rules. Imports nothing of ours; knows no clock, no network, no database.
//!
//! * **Hotel**: one property, one tenant. **Guest**: the person we write to. **Chat**: the channel's address;
//!   **Conversation**: our record of it.
//! * **Turn**: what a guest wrote in one breath, handled together. **Understanding**: what was made of it.
//! * **Reservation**: what was promised; **stay**: how it really went. **Trigger**: at this moment of a stay, say this;
//!   **touchpoint**: one trigger for one reservation at one instant.
//! * **Alert**: a matter of a guest that a person must look after. **Handoff / hand back**: bot to person, person to bot.
//!   **Opt-out**: the guest asked for silence.
//! * **In force**: what the database holds and the daemon obeys.

pub mod alert;
pub mod asking;
pub mod attachment;
pub mod conversation;
pub mod decide;
pub mod hotel;
pub mod ids;
pub mod knowledge;
pub mod ladder;
pub mod language;
pub mod message;
pub mod number_health;
pub mod outbox;
pub mod phone;
pub mod plan;
pub mod prompt;
pub mod received;
pub mod rules;
pub mod schedule;
pub mod script;
pub mod simulate;
pub mod staff_command;
pub mod staff_texts;
pub mod stay;
pub mod stay_change;
pub mod template;
pub mod texts;
pub mod touchpoint;
pub mod trigger;
pub mod trigger_plan;
pub mod turn;
pub mod understanding;
pub mod wording;
