//! The daemon's promises under faults, end to end: guests and vendors in the sandbox, the daemon over real HTTP.

/// Makes a test on SQLite and one on PostgreSQL of each `async fn name(engine: Engine)` named.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::support::db::Engine::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                // `None` only if the run is asked to do without; a failure to start one is a failure here.
                if crate::support::postgres::server().is_some() {
                    super::$name(crate::support::db::Engine::Postgres).await;
                }
            })+
        }
    };
}

mod ai_down;
mod alerts;
mod burst;
mod content;
mod crash;
mod database;
mod door;
mod forget;
mod isolation;
mod logs;
mod odd;
mod pms;
mod questions;
mod reading;
mod reception;
mod sending;
mod staff;
mod world;
