//! TLS with a certificate on both sides: who is connected must be who signs.

use std::fmt;
use std::sync::Arc;

use meridian_terms::Bic;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// The participants that a client certificate names: a subject alternative name `urn:bic:...`, or the subject's common
/// name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peer(Vec<Bic>);

impl Peer {
    /// Whose certificate this is.
    #[must_use]
    pub fn of(certificate: &CertificateDer<'_>) -> Self {
        let Ok((_, certificate)) = X509Certificate::from_der(certificate) else { return Self(Vec::new()) };
        let mut names: Vec<String> = Vec::new();
        if let Ok(Some(alternative)) = certificate.subject_alternative_name() {
            for name in &alternative.value.general_names {
                if let GeneralName::URI(uri) = name {
                    names.extend(uri.strip_prefix("urn:bic:").map(str::to_owned));
                }
            }
        }
        if names.is_empty() {
            let common = certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok());
            names.extend(common.map(str::to_owned));
        }
        Self(names.iter().filter_map(|name| Bic::parse(name).ok()).collect())
    }

    /// The participants it names.
    pub fn names(&self) -> impl Iterator<Item = &Bic> {
        self.0.iter()
    }

    /// Whether it is this participant's.
    #[must_use]
    pub fn is(&self, who: &Bic) -> bool {
        self.0.contains(who)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(Bic::as_str).collect();
        f.write_str(if names.is_empty() { "nobody known" } else { "" })?;
        f.write_str(&names.join(", "))
    }
}

fn certificates(what: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let read = read.map_err(|error| format!("{what}: {error}"))?;
    if read.is_empty() { Err(format!("{what}: no certificate in it")) } else { Ok(read) }
}

fn roots(what: &str, pem: &[u8]) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for authority in certificates(what, pem)? {
        roots.add(authority).map_err(|error| format!("{what}: {error}"))?;
    }
    Ok(roots)
}

fn key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| format!("private key: {error}"))
}

/// A server that takes only clients with a certificate of these authorities. All inputs are PEM.
///
/// # Errors
/// Which of them cannot be used, and why.
pub fn server(
    certificate: &[u8],
    private_key: &[u8],
    authorities: &[u8],
) -> Result<Arc<ServerConfig>, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = Arc::new(roots("client authorities", authorities)?);
    let clients = WebPkiClientVerifier::builder_with_provider(roots, provider.clone())
        .build()
        .map_err(|error| format!("client authorities: {error}"))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_client_cert_verifier(clients)
        .with_single_cert(certificates("certificate", certificate)?, key(private_key)?)
        .map_err(|error| format!("certificate: {error}"))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// A client that trusts these authorities and shows a certificate of its own. All inputs are PEM.
///
/// # Errors
/// Which of them cannot be used, and why.
pub fn client(
    certificate: &[u8],
    private_key: &[u8],
    authorities: &[u8],
) -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots("server authorities", authorities)?)
        .with_client_auth_cert(certificates("certificate", certificate)?, key(private_key)?)
        .map_err(|error| format!("certificate: {error}"))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
