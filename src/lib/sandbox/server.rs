//! The HTTP server under the emulators: one task per connection, and an answer can be that the connection is cut.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// Put into a response's extensions: nothing of it is written, the connection is closed instead.
#[derive(Debug, Clone, Copy)]
pub struct Cut;

/// A response after which the peer sees only a closed connection.
#[must_use]
pub fn cut() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Cut);
    response
}

#[derive(Debug, thiserror::Error)]
#[error("the emulator cut the connection")]
struct CutError;

/// Accepts connections until told to stop, then closes them all.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                connections.spawn(talk(stream, router.clone(), stop.clone()));
            }
            // Out of file descriptors is the usual cause: wait for some to be freed instead of spinning.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    connections.close();
    connections.wait().await;
}

async fn talk(stream: TcpStream, router: Router, stop: CancellationToken) {
    // Small answers must not wait for the peer's delayed acknowledgement; without the option they are only slower.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move {
            let response = match router.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            if response.extensions().get::<Cut>().is_some() { Err(CutError) } else { Ok(response) }
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // A client that goes away, or a cut, ends the connection; nobody needs to hear of it.
        _ = connection => {}
        () = stop.cancelled() => {}
    }
}
