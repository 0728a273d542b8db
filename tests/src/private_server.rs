//! A server with a certificate that only its own authority vouches for. Both are made when it is started.

use std::sync::Arc;

use rustls::pki_types::PrivateKeyDer;

use crate::loopback::Loopback;

/// The server, and what it takes to trust it.
pub struct PrivateServer {
    server: Loopback,
    authority: String,
}

impl PrivateServer {
    /// A server that is what it says it is under one name.
    pub fn start(name: &str) -> Self {
        let mut authority = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority_key = rcgen::KeyPair::generate().unwrap();
        let authority = rcgen::CertifiedIssuer::self_signed(authority, authority_key).unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        let secret = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], secret)
            .unwrap();
        let config = Arc::new(config);
        let server = Loopback::serve(move |stream| {
            let session =
                rustls::ServerConnection::new(Arc::clone(&config)).map_err(std::io::Error::other)?;
            Ok(Box::new(rustls::StreamOwned::new(session, stream)))
        });
        Self { server, authority: authority.pem() }
    }

    /// What is spoken inside TLS.
    pub fn server(&self) -> &Loopback {
        &self.server
    }

    /// Its port on this machine.
    pub fn port(&self) -> String {
        self.server.address().rsplit_once(':').unwrap().1.to_owned()
    }

    /// The certificate of its authority in PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}
