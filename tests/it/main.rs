//! Every integration test of hotelbot, linked once.

mod green_api;
mod in_process;
#[cfg(feature = "redis")]
mod redis;
mod sandbox_common;
mod sandbox_deepseek;
mod sandbox_green;
mod sandbox_sdk;
mod webhooks;
