//! Connections: so many at a time, each with its times.

use super::answer::Refused;
use axum::Router;
use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use talos_shared::contracts::ErrorCode;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

/// How long a client may take to send its headers, and how long a connection may idle.
const HEADERS: Duration = Duration::from_secs(30);
/// How long nothing may come. Longer than the longest wait for frames, and than two pings.
const READ: Duration = Duration::from_secs(90);
/// How long nothing may go out that should.
const WRITE: Duration = Duration::from_secs(30);
/// How long what is under way may take when the mailbox ends.
const END: Duration = Duration::from_secs(10);
/// Bytes of a request's head; hyper answers 431 beyond them.
const HEAD_BYTES: usize = 64 * 1024;
/// After how long a listener that could not accept tries again: it has run out of something.
const BREATH: Duration = Duration::from_millis(50);

/// The place that a connection takes. A socket keeps it, which outlives the requests of its connection.
#[derive(Clone)]
pub struct Place(#[allow(dead_code, reason = "it is held, not read")] Arc<OwnedSemaphorePermit>);

/// Serves until the end is called, and what is under way then.
pub async fn listen(listener: TcpListener, app: Router, connections: u32, mut ending: watch::Receiver<bool>) {
    let open = Arc::new(Semaphore::new(connections as usize));
    // Who comes when all are taken is told so, while there is room for that.
    let turned_away = Arc::new(Semaphore::new(connections.div_ceil(8) as usize));
    let busy = Router::new().fallback(busy);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ending.wait_for(|ending| *ending) => break,
        };
        let Ok((stream, _)) = accepted else {
            sleep(BREATH).await;
            continue;
        };
        if let Ok(place) = open.clone().try_acquire_owned() {
            tokio::spawn(serve(stream, app.clone(), place, ending.clone()));
        } else if let Ok(place) = turned_away.clone().try_acquire_owned() {
            tokio::spawn(serve(stream, busy.clone(), place, ending.clone()));
        }
    }
    let _ = timeout(END, open.acquire_many(connections)).await;
}

async fn busy() -> Response {
    let mut response = Refused(ErrorCode::MailboxBusy.into()).into_response();
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Serves one connection. What a client does wrong on the wire ends it and nothing else.
async fn serve(stream: TcpStream, app: Router, place: OwnedSemaphorePermit, mut ending: watch::Receiver<bool>) {
    let place = Place(Arc::new(place));
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_read_timeout(Some(READ));
    stream.set_write_timeout(Some(WRITE));
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(place.clone());
        app.clone().oneshot(request.map(Body::new))
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(Box::pin(stream)), service)
            .with_upgrades()
    );
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = ending.wait_for(|ending| *ending) => connection.as_mut().graceful_shutdown(),
    }
    let _ = timeout(END, connection).await;
}
