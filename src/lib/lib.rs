//! hotelbot, the library. Everything that happens to a hotel's chats is a line through one pure function:
//! `gather → understand → decide → commit`, and only `decide` chooses.
//!
//! ```text
//!  Green API ──webhook──► receive ──► INBOX ──► converse ──► OUTBOX ──► send ──► Green API ──► guest
//! ```
//!
//! | layer      | may import                        | must not                                      |
//! |------------|-----------------------------------|-----------------------------------------------|
//! | `domain`   | —                                 | async, IO, the current time, randomness       |
//! | `nlu`      | domain                            | IO                                            |
//! | `ports`    | domain                            | know any vendor                               |
//! | `config`   | domain                            | open a socket; keep a secret printable        |
//! | `store`    | domain                            | contain an `if` about hotels                  |
//! | `gateways` | domain, ports                     | see the store; decide anything                |
//! | `flow`     | domain, nlu, ports, store         | know HTTP, YAML, SQL, clap, a vendor's name   |
//! | `sandbox`  | domain, ports                     | be imported by domain, store, gateways, flow  |
//! | `app`      | all above                         | contain behaviour                             |
//! | `daemon`   | domain, ports, config, store, flow, app | contain rules                           |
//!
//! `tests/it/layers.rs` holds this table.

pub mod app;
pub mod config;
pub mod daemon;
pub mod domain;
pub mod flow;
pub mod gateways;
pub mod nlu;
pub mod ports;
pub mod sandbox;
pub mod store;
