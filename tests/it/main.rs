//! Every integration test of hotelbot, linked once.

mod deepseek;
mod green_api;
mod in_process;
mod layers;
mod nlu;
#[cfg(feature = "redis")]
mod redis;
mod sandbox_common;
mod sandbox_deepseek;
mod sandbox_green;
mod sandbox_sdk;
mod support;
mod webhooks;
