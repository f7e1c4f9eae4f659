//! Every sentence of the trigger language's part "Exactly", as tables.

mod moments;
mod windows;
