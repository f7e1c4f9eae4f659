//! Every integration test of hotelbot, linked once.

mod sandbox_sdk;
