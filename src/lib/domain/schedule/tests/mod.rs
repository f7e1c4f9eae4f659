//! Every sentence of the trigger language's part "Exactly", as tables.

mod last_look;
mod moments;
mod wanted;
mod where_holds;
mod windows;
