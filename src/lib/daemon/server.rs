//! The HTTP server: hyper with the timer that its header time-out silently needs, a cap on connections, and an end
//! that lets requests under way finish.

use super::two_lengths::Watched;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Connections at once; the vendor opens a few for each hotel.
const MOST_CONNECTIONS: usize = 4096;
/// A client must send its headers in this time.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);

/// The head of a request has some hundred bytes; a larger one than this is answered 431.
const LARGEST_HEAD: usize = 32 * 1024;

/// Serves until stopped.
pub(super) async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        if let Some((stream, place)) = accepted {
            let (router, stop) = (router.clone(), stop.clone());
            connections.spawn(async move {
                connection(stream, router, stop).await;
                drop(place);
            });
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // Answers are small: waiting to fill a packet would only delay them.
            let _ = stream.set_nodelay(true);
            Some((stream, place))
        }
        Err(error) => {
            // Out of file descriptors: accepting again at once would spin.
            tracing::warn!(error = %error, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

async fn connection(stream: TcpStream, router: Router, stop: CancellationToken) {
    let (stream, two_lengths) = Watched::new(stream);
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let (router, is_smuggled) = (router.clone(), two_lengths.seen());
        async move {
            if is_smuggled {
                return Ok((StatusCode::BAD_REQUEST, [(header::CONNECTION, "close")]).into_response());
            }
            router.oneshot(request.map(axum::body::Body::new)).await
        }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_headers(128)
        .max_buf_size(LARGEST_HEAD)
        .keep_alive(true);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // A broken connection is the client's affair; its request is not lost, it was not answered.
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = tokio::time::timeout(Duration::from_secs(5), connection).await;
}
