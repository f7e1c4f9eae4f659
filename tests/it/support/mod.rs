//! What integration tests share.

pub mod rust_source;
