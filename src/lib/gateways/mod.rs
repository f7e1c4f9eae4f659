//! The outside, one folder per counterpart; each implements a trait of `ports`. May import `domain` and `ports`;
//! sees no store and decides nothing.

pub mod deepseek;
pub mod green_api;
pub mod http;
pub mod local;
pub mod pms;
#[cfg(feature = "redis")]
pub mod redis;
mod strict_json;
pub mod system;
