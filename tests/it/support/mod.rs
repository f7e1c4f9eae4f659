//! What integration tests share: databases to write to, a clock to turn, and things with defaults.

pub mod build;
pub mod clock;
pub mod db;
pub mod installation;
pub mod postgres;
pub mod redis;
pub mod rust_source;
pub mod vendor;
pub mod wire;
pub mod world;

/// Makes a test on SQLite and one on PostgreSQL of each `async fn name(world: World)` named. A function that is
/// written and not named here is unused, which is an error in CI.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::support::world::run($crate::support::db::Engine::Sqlite, super::$name).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::support::world::run($crate::support::db::Engine::Postgres, super::$name).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;
