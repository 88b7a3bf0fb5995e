//! The door: connections, their number and their pace; behind TLS, who is at the other end.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::Peer;

/// What comes through the door.
#[derive(Clone)]
pub struct Door {
    /// TLS, where it is spoken.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// How many connections at once.
    pub connections: usize,
    /// How long a handshake, or the head of a request, may take.
    pub patience: Duration,
}

impl Default for Door {
    fn default() -> Self {
        Self { tls: None, connections: 4_096, patience: Duration::from_secs(10) }
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
    let tls = door.tls.clone().map(TlsAcceptor::from);
    tokio::pin!(stop);
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return Ok(()) };
        let socket = tokio::select! {
            () = &mut stop => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => socket,
                // Out of descriptors, or a peer that went away again: others may still come.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
        };
        let (router, tls, patience) = (router.clone(), tls.clone(), door.patience);
        tokio::spawn(async move {
            // A connection that breaks concerns nobody but its peer.
            drop(connection(socket, router, tls, patience).await);
            drop(place);
        });
    }
}

async fn connection(
    socket: TcpStream,
    router: Router,
    tls: Option<TlsAcceptor>,
    patience: Duration,
) -> Result<(), String> {
    socket.set_nodelay(true).map_err(|error| error.to_string())?;
    let Some(tls) = tls else { return speak(socket, router, None, patience).await };
    let shaken = tokio::time::timeout(patience, tls.accept(socket)).await;
    let stream = shaken.map_err(|_| "too slow a handshake")?.map_err(|error| error.to_string())?;
    let certificates = stream.get_ref().1.peer_certificates();
    let peer = certificates.and_then(|chain| chain.first()).map(Peer::of).ok_or("no certificate")?;
    speak(stream, router, Some(peer), patience).await
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
        .serve_connection(TokioIo::new(stream), service)
        .await
        .map_err(|error| error.to_string())
}
