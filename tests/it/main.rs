//! Every integration test of hotelbot, linked once.

mod sandbox_common;
mod sandbox_deepseek;
mod sandbox_green;
mod sandbox_sdk;
