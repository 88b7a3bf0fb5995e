//! A signed request over one kept connection: what the hub pushes with, and what a participant's gateway would use.

use std::sync::Arc;

use axum::body::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use meridian_terms::Moment;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::signature::{Covered, SigningKey, sign, unsigned};

/// Who signs, and with what.
#[derive(Clone)]
pub struct Signer {
    /// Its BIC.
    pub bic: String,
    /// Its key; without one a request only names its sender, and a hub that checks signatures refuses it.
    pub key: Option<Arc<SigningKey>>,
}

/// A connection to one server, made anew when it breaks.
pub struct Client {
    base: Uri,
    signer: Signer,
    tls: Option<Arc<ClientConfig>>,
    open: Option<SendRequest<Full<Bytes>>>,
}

/// What is sent.
pub struct Call<'a> {
    /// `POST`.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// `application/xml`.
    pub kind: &'a str,
    /// Further headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// The key that makes it happen once, where it has one.
    pub idempotency_key: Option<&'a str>,
    /// The body.
    pub body: Bytes,
}

impl Client {
    /// For a server at `http://host:port` or `https://host:port`; the latter needs `tls`.
    ///
    /// # Errors
    /// When the address is none.
    pub fn new(base: &str, signer: Signer, tls: Option<Arc<ClientConfig>>) -> Result<Self, String> {
        let base: Uri = base.parse().map_err(|error| format!("{base}: {error}"))?;
        match (base.scheme_str(), &tls) {
            (Some("http"), _) | (Some("https"), Some(_)) => Ok(Self { base, signer, tls, open: None }),
            (Some("https"), None) => Err(format!("{base}: TLS needs a certificate and authorities")),
            _ => Err(format!("{base}: write it like http://127.0.0.1:8080")),
        }
    }

    /// Signs and sends; the status and the body of the answer.
    ///
    /// # Errors
    /// When the connection breaks: whether the request arrived is then not known.
    pub async fn call(&mut self, call: &Call<'_>, at: Moment) -> Result<(u16, Bytes), String> {
        if self.open.as_ref().is_none_or(SendRequest::is_closed) {
            self.open = Some(self.connect().await?);
        }
        let target = format!("{}{}", self.base.to_string().trim_end_matches('/'), call.path);
        let covered = Covered {
            method: call.method,
            target_uri: &target,
            body: &call.body,
            idempotency_key: call.idempotency_key,
        };
        let signed = match &self.signer.key {
            Some(key) => sign(key, &self.signer.bic, &covered, at),
            None => unsigned(&self.signer.bic),
        };
        let authority = self.base.authority().map_or("", |authority| authority.as_str());
        let mut request = Request::builder()
            .method(call.method)
            .uri(call.path)
            .header("host", authority)
            .header("content-type", call.kind)
            .header("content-digest", signed.content_digest)
            .header("signature-input", signed.signature_input)
            .header("signature", signed.signature);
        for (name, value) in
            call.headers.iter().copied().chain(call.idempotency_key.map(|key| ("idempotency-key", key)))
        {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(call.body.clone())).map_err(|error| error.to_string())?;
        let answered = async {
            let open = self.open.as_mut().ok_or("not connected")?;
            open.ready().await.map_err(|error| error.to_string())?;
            let response = open.send_request(request).await.map_err(|error| error.to_string())?;
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.map_err(|error| error.to_string())?;
            Ok((status, body.to_bytes()))
        };
        let answered: Result<_, String> = answered.await;
        if answered.is_err() {
            self.open = None;
        }
        answered.map_err(|error| format!("{target}: {error}"))
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, String> {
        let host = self.base.host().ok_or_else(|| format!("{}: no host", self.base))?;
        let port = self.base.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        let told = |error: std::io::Error| format!("{}: {error}", self.base);
        let socket = TcpStream::connect((host.trim_matches(['[', ']']), port)).await.map_err(told)?;
        socket.set_nodelay(true).map_err(told)?;
        match self.tls.as_ref().filter(|_| self.base.scheme_str() == Some("https")) {
            None => shake(TokioIo::new(socket)).await,
            Some(config) => {
                let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
                let stream = TlsConnector::from(config.clone()).connect(name, socket).await.map_err(told)?;
                shake(TokioIo::new(stream)).await
            }
        }
    }
}

async fn shake(
    io: impl hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
) -> Result<SendRequest<Full<Bytes>>, String> {
    let (open, connection) = handshake(io).await.map_err(|error| error.to_string())?;
    tokio::spawn(async move { drop(connection.await) });
    Ok(open)
}
