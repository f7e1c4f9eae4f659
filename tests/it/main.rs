//! Every integration test of hotelbot, linked once.

mod green_api;
#[cfg(feature = "redis")]
mod redis;
mod sandbox_common;
mod sandbox_deepseek;
mod sandbox_green;
mod sandbox_sdk;
mod webhooks;
