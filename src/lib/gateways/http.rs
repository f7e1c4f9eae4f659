//! How we call out: one client for all vendors, so that connections are shared and kept.

use crate::ports::Unavailable;
use std::time::Duration;

/// An address that does not even accept within this is down; a handshake across the world takes under one second.
const CONNECT: Duration = Duration::from_secs(5);
/// Shorter than the keep-alive of the servers we call (nginx: 60 to 75 s). A connection that the server closes while
/// we write to it leaves a send in doubt, and each doubt costs minutes of reconciling.
const IDLE: Duration = Duration::from_secs(20);
/// As many calls to one host as run at once; more would be opened anew for each burst.
const IDLE_PER_HOST: usize = 512;

/// Builds a client. Whoever calls sets the total deadline of each request: this client has none of its own.
///
/// Redirects are not followed: a vendor's API has no reason to send us elsewhere, and a followed POST could be sent
/// twice. Proxies in the environment are not used: they would see the tokens in Green API's URLs, and tests on the
/// loopback would leave the machine. Nothing is retried here, because only the caller knows what may be repeated.
pub fn client() -> Result<reqwest::Client, Unavailable> {
    // The first call decides for the process; a provider that `main` has installed stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("hotelbot/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .connect_timeout(CONNECT)
        .tcp_keepalive(Duration::from_secs(30))
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .build()
        .map_err(|error| Unavailable(format!("building the HTTP client: {}", chain(&error))))
}

/// An error with its causes in one line. Only for errors whose URL was removed: Green API's holds the token.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
