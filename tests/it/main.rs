//! Every integration test of hotelbot, linked once.

#[cfg(feature = "redis")]
mod redis;
mod sandbox_common;
mod sandbox_deepseek;
mod sandbox_green;
mod sandbox_sdk;
