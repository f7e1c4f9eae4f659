//! The emulators: Green API and DeepSeek on one port, faithful also in the vendors' misbehaviour, behind demo, tests,
//! benchmarks and `hotelbot sandbox`. They are written from the vendors' documentation and share no code with the
//! clients in `gateways`, or a mistake made twice would look like a truth. May import `domain` and `ports` only.

pub mod clock;
pub mod control;
pub mod deepseek;
pub mod green;
pub mod handle;
pub mod load;
pub mod records;
pub mod server;
pub mod switches;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use clock::Clock;
use deepseek::DeepSeek;
use green::instance::Timing;
use green::{Green, GreenOptions};
pub use handle::{Declare, Handle};

/// How a sandbox behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many emulated seconds pass in a real one. It shortens waits (the 60 s after a refused webhook, the gap
    /// between sends, the lag of journals, a reboot), not what is kept for 24 hours, not `receiveTimeout`, not
    /// `webhook_timeout` and not the model's latency, which are real.
    pub time_scale: f64,
    /// How long the model takes to answer, in real time.
    pub deepseek_latency: Duration,
    /// Whether an unknown Green API instance is created on its first use, with whatever token comes; otherwise unknown
    /// ids get 403.
    pub accept_any_instance: bool,
    /// Whether Green API's limits of calls per second hold.
    pub rate_limits: bool,
    /// How long a webhook may take to answer, in real time; the vendor waits 180 s.
    pub webhook_timeout: Duration,
    /// How new instances keep time.
    pub timing: Timing,
    /// Instances that exist from the start.
    pub instances: Vec<Declare>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            time_scale: 1.0,
            deepseek_latency: Duration::ZERO,
            accept_any_instance: true,
            rate_limits: true,
            webhook_timeout: Duration::from_secs(180),
            timing: Timing::default(),
            instances: Vec::new(),
        }
    }
}

impl Options {
    /// For load tests: a thousand times faster waits, no gap between sends, no limits of calls per second, and statuses
    /// at once, so that no message needs a timer.
    #[must_use]
    pub fn for_load() -> Self {
        let timing = Timing {
            send_delay: Some(Duration::ZERO),
            delivered_after: Duration::ZERO,
            read_after: None,
            ..Timing::default()
        };
        Self { time_scale: 1000.0, rate_limits: false, timing, ..Self::default() }
    }
}

/// The emulators. See [`Sandbox::start`].
#[derive(Debug)]
pub struct Sandbox;

/// A running sandbox. Dropping it stops it, too, without waiting for its end.
#[derive(Debug)]
pub struct Running {
    /// Where it listens, like `http://127.0.0.1:9900`: the base address of both vendors.
    pub url: String,
    handle: Handle,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Serves both vendors and the control interface on a listener.
    ///
    /// # Errors
    /// If the listener has no address, or an instance of the options cannot be declared.
    pub fn start(listener: TcpListener, options: Options) -> std::io::Result<Running> {
        // Pushes may go to https addresses. A provider that is installed already is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let url = format!("http://{}", listener.local_addr()?);
        let (clock, stop) = (Clock::start(options.time_scale), CancellationToken::new());
        let green_options = GreenOptions {
            accept_any_instance: options.accept_any_instance,
            rate_limits: options.rate_limits,
            webhook_timeout: options.webhook_timeout,
            timing: options.timing,
        };
        let green = Arc::new(Green::new(green_options, clock.clone(), &url, stop.clone()));
        let deepseek = Arc::new(DeepSeek::new(clock, options.deepseek_latency));
        let handle = Handle::new(green.clone(), deepseek);
        for declared in options.instances {
            handle.declare(declared).map_err(std::io::Error::other)?;
        }
        let (router, serving) = (router(&handle), stop.clone());
        let server = tokio::spawn(async move {
            server::serve(listener, router, serving).await;
            green.stopped().await;
        });
        Ok(Running { url, handle, stop, server })
    }
}

fn router(handle: &Handle) -> Router {
    let green = Router::new().fallback(green_api).with_state(handle.green().clone());
    Router::new()
        .merge(control::routes(handle.clone()))
        .merge(deepseek::api::routes(handle.deepseek().clone()))
        .fallback_service(green)
        .layer(DefaultBodyLimit::disable())
}

async fn green_api(State(green): State<Arc<Green>>, request: Request) -> axum::response::Response {
    green::api::answer(&green, request).await
}

impl Running {
    /// What can be done to it without HTTP; may outlive it, then nothing happens any more.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Closes the port and all connections, and waits until nothing runs any more.
    pub async fn stop(mut self) {
        self.stop.cancel();
        // An error here means that the server panicked, which its own output has told.
        let _ = (&mut self.server).await;
    }
}

impl std::ops::Deref for Running {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
