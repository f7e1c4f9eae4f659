//! A virtual clock over the stays of one hotel: what would be sent, when, in which words, and what would be passed over
//! and why. Decides with the same functions as the daemon (`domain/schedule`), and touches nothing.
//!
//! * Everything is known from the first instant on. Of stays from a file that is their first import, silent about what is
//!   past by then; of stays from the database it is a miss like any other, by `if_missed`.
//! * Confirmed guests come and go at their planned instants. Of a guest whose check-in, no-show or cancellation an event
//!   tells, only the events are believed about coming; of one whose check-out is told, only they are about going.
//! * At one instant events go before messages: who leaves at noon gets nothing at noon.
//! * Drafts count as approved at once. What a `shadow` trigger records counts for nothing but its own `once`.
//! * Only the first message of a trigger is told; replies, chained questions and reminders are not, and count in no limit.
//! * Guests are told apart by their number.

mod answers;
mod clock;
mod facts;
mod guest;
mod story;
#[cfg(test)]
mod tests;

pub use answers::{Read, Reading};
pub use clock::simulate;
pub use guest::Past;
pub use story::{Event, Happens, Passed, Scene, Sent, Story, first_known};
