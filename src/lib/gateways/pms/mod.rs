//! Where reservations come from. May import `domain` and `ports`.
//!
//! | file      | what it holds                                                        |
//! |-----------|----------------------------------------------------------------------|
//! | `columns` | the columns of a stay and what stands in each, whatever carries them |
//! | `cells`   | one cell: a date, a status, a phone                                  |
//! | `csv`     | a file of stays, streamed                                            |
//! | `history` | what happens to stays in a simulation, as JSON Lines                 |
//! | `guard`   | what no CSV may do: endless rows, open quotes, bytes of UTF-16       |
//! | `webhook` | our own JSON, pushed by a PMS                                         |
//! | `survey`  | one reading of a whole file before anything is changed               |

mod cells;
pub mod columns;
pub mod csv;
mod guard;
pub mod history;
pub mod survey;
pub mod webhook;

pub use columns::{Columns, Mistake};
