//! Encrypted lines.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// A line, plain or encrypted.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// How a line is encrypted. Certificates are the operator's; for mutual authentication they are in both configurations.
#[derive(Clone)]
pub enum Tls {
    /// The hub calls, and checks that the other side is who it should be.
    Call(Arc<ClientConfig>, ServerName<'static>),
    /// The hub is called.
    Listen(Arc<ServerConfig>),
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call(..) => "Tls::Call(..)",
            Self::Listen(_) => "Tls::Listen(..)",
        })
    }
}

/// The line over a connection.
pub(crate) async fn over(tls: Option<&Tls>, stream: TcpStream) -> std::io::Result<Box<dyn Stream>> {
    stream.set_nodelay(true)?;
    Ok(match tls {
        None => Box::new(stream),
        Some(Tls::Call(config, name)) => {
            Box::new(TlsConnector::from(config.clone()).connect(name.clone(), stream).await?)
        }
        Some(Tls::Listen(config)) => Box::new(TlsAcceptor::from(config.clone()).accept(stream).await?),
    })
}
