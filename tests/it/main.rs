//! Every integration test of hotelbot, linked once.

mod cli;
mod deepseek;
mod durability;
mod flow;
mod green_api;
mod imports;
mod journeys;
mod layers;
mod nlu;
mod reader;
mod readme;
#[cfg(feature = "redis")]
mod redis;
mod road;
mod sandbox_common;
mod sandbox_deepseek;
mod sandbox_green;
mod sandbox_sdk;
mod store_alerts;
mod store_big;
mod store_chats;
mod store_events;
mod store_forgetting;
mod store_hotels;
mod store_inbox;
mod store_outbox;
mod store_queues;
mod store_schema;
mod store_stays;
mod store_turns;
mod store_writer;
mod support;
mod touchpoints;
mod webhooks;
mod wire;
mod zones;
