//! The door: connections, their number and their pace; behind TLS, who is at the other end.
//!
//! Nobody takes the door for himself: an address, and a certificate once it is shown, holds only so many connections; a
//! peer that does not finish its handshake, its request's head or the reading of its answer is let go.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use meridian_terms::{Refusal, Retry};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::origins::{Origin, Origins};
use crate::{Peer, Problem};

/// The most headers of a request, and bytes of its head.
const MOST_HEADERS: usize = 64;
const MOST_HEAD: usize = 64 * 1024;

/// What comes through the door.
#[derive(Clone)]
pub struct Door {
    /// TLS, where it is spoken.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// How many connections at once.
    pub connections: usize,
    /// How many of them from one certificate, or from one address that has not shown one. Addresses are not told apart on
    /// loopback, where everybody has the same.
    pub connections_each: usize,
    /// How long a handshake, the head of a request, or a pause in the reading of an answer may take.
    pub patience: Duration,
}

impl Default for Door {
    fn default() -> Self {
        Self { tls: None, connections: 4_096, connections_each: 512, patience: Duration::from_secs(10) }
    }
}

/// Serves until `stop`; connections that are open then finish what they are doing.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    door: Door,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let places = Arc::new(Semaphore::new(door.connections));
    let origins = Origins::new(door.connections_each);
    let tls = door.tls.clone().map(TlsAcceptor::from);
    tokio::pin!(stop);
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return Ok(()) };
        let (socket, address) = tokio::select! {
            () = &mut stop => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // Out of descriptors, or a peer that went away again: others may still come.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
        };
        let ip = address.ip().to_canonical();
        let guest = (!ip.is_loopback()).then(|| origins.let_in(Origin::Address(ip)));
        if matches!(guest, Some(None)) {
            continue;
        }
        let (router, tls, patience, origins) = (router.clone(), tls.clone(), door.patience, origins.clone());
        tokio::spawn(async move {
            // A connection that breaks concerns nobody but its peer.
            drop(connection(socket, router, tls, (patience, origins)).await);
            drop((place, guest));
        });
    }
}

async fn connection(
    socket: TcpStream,
    router: Router,
    tls: Option<TlsAcceptor>,
    (patience, origins): (Duration, Origins),
) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    socket.set_nodelay(true).map_err(told)?;
    let mut socket = TimeoutStream::new(socket);
    socket.set_write_timeout(Some(patience));
    let socket = Box::pin(socket);
    let Some(tls) = tls else { return speak(socket, router, None, patience).await };
    let shaken = tokio::time::timeout(patience, tls.accept(socket)).await;
    let mut stream = shaken.map_err(|_| "too slow a handshake")?.map_err(told)?;
    let certificates = stream.get_ref().1.peer_certificates();
    let peer = certificates.and_then(|chain| chain.first()).map(Peer::of).ok_or("no certificate")?;
    let Some(_guest) = origins.let_in(Origin::Certificate(peer.clone())) else {
        stream.write_all(&full()).await.map_err(told)?;
        return stream.shutdown().await.map_err(told);
    };
    speak(stream, router, Some(peer), patience).await
}

/// What a connection over its origin's number is told, whatever it would have asked.
fn full() -> Vec<u8> {
    let refusal =
        Refusal::new("http.too_many_connections", "this certificate holds as many connections as it may")
            .rule("each participant has its share")
            .next("use the connections that are open, or close one")
            .retry(Retry::AfterAMoment);
    let body = Problem::with_status(&refusal, StatusCode::SERVICE_UNAVAILABLE).to_json();
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\
         content-type: application/problem+json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    peer: Option<Peer>,
    patience: Duration,
) -> Result<(), String> {
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        let mut request = request.map(Body::new);
        if let Some(peer) = &peer {
            request.extensions_mut().insert(peer.clone());
        }
        async move {
            match router.oneshot(request).await {
                Ok(response) => Ok::<_, Infallible>(response),
                Err(never) => match never {},
            }
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_headers(MOST_HEADERS)
        .max_buf_size(MOST_HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .await
        .map_err(|error| error.to_string())
}
