//! How endpoints are reached: trust, proxies, time to connect.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;

use crate::{ConnectFault, Endpoint, Error, ErrorKind, Secret};

/// Which proxy to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyChoice {
    /// What `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say. Never for loopback addresses.
    Environment,
    /// None.
    None,
    /// This URL, for everything but what `NO_PROXY` names. May hold a name and password.
    Url(Secret),
}

/// How endpoints that say nothing else are reached. Comes from the user's own configuration, never from a workspace.
#[derive(Clone, Debug)]
pub struct Network {
    /// The proxy of endpoints that name none.
    pub proxy: ProxyChoice,
    /// Certificates in PEM that are trusted beside those of the operating system.
    pub ca_file: Option<PathBuf>,
    /// Time for name look-up, TCP and TLS.
    pub connect_timeout: Duration,
}

impl Default for Network {
    fn default() -> Self {
        Self { proxy: ProxyChoice::Environment, ca_file: None, connect_timeout: Duration::from_secs(10) }
    }
}

/// What endpoints must have in common to share connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Road {
    pub(crate) is_tls: bool,
    pub(crate) proxy: ProxyChoice,
    ca_file: Option<PathBuf>,
    connect_timeout: Duration,
}

impl Network {
    /// The road to a URL of an endpoint.
    pub(crate) fn road(&self, url: &Url, endpoint: &Endpoint) -> Road {
        let proxy = endpoint.proxy.as_ref().unwrap_or(&self.proxy).clone();
        let is_direct = proxy == ProxyChoice::Environment && crate::vendor::is_loopback(url);
        // A proxy's own address may be https, whatever the URL.
        let is_tls = url.scheme() == "https"
            || matches!(&proxy, ProxyChoice::Url(url) if url.expose().starts_with("https"));
        Road {
            is_tls,
            proxy: if is_direct { ProxyChoice::None } else { proxy },
            ca_file: endpoint.ca_file.as_ref().or(self.ca_file.as_ref()).cloned(),
            connect_timeout: endpoint.connect_timeout.unwrap_or(self.connect_timeout),
        }
    }

    /// Builds what speaks HTTP on a road. Reads certificates: not for the thread that answers an editor.
    pub(crate) fn build(endpoint: &str, road: &Road) -> Result<reqwest::Client, Error> {
        let refuse = |why: String| Error::new(endpoint, ErrorKind::Configuration, why);
        // Somebody else in this process may have chosen a provider already: then that one is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("autodao/", env!("CARGO_PKG_VERSION")))
            // A redirect would carry the key to a host it was not given for.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(road.connect_timeout)
            .pool_idle_timeout(Duration::from_secs(60))
            .tcp_keepalive(Duration::from_secs(30))
            .tcp_nodelay(true);
        builder = match &road.proxy {
            ProxyChoice::Environment => builder,
            ProxyChoice::None => builder.no_proxy(),
            ProxyChoice::Url(url) => {
                // The error is not shown: it may hold the password.
                let proxy =
                    reqwest::Proxy::all(url.expose()).map_err(|_| refuse("the proxy is no URL".into()))?;
                builder.no_proxy().proxy(proxy.no_proxy(reqwest::NoProxy::from_env()))
            }
        };
        builder = if road.is_tls || road.proxy == ProxyChoice::Environment {
            match &road.ca_file {
                None => builder,
                Some(file) => {
                    let bytes = std::fs::read(file).map_err(|error| refuse(format!("ca_file: {error}")))?;
                    let certificates = reqwest::Certificate::from_pem_bundle(&bytes)
                        .map_err(|error| refuse(format!("ca_file: {error}")))?;
                    if certificates.is_empty() {
                        return Err(refuse("ca_file holds no certificate".into()));
                    }
                    builder.tls_certs_merge(certificates)
                }
            }
        } else {
            // Plain http needs no trust store: reading the system's takes milliseconds, and there may be none.
            builder.tls_backend_preconfigured(trusting_nobody(endpoint)?)
        };
        builder
            .build()
            .map_err(|error| Error::new(endpoint, ErrorKind::Connect(ConnectFault::Tls), chain(&error)))
    }
}

fn trusting_nobody(endpoint: &str) -> Result<rustls::ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(endpoint, ErrorKind::Connect(ConnectFault::Tls), error.to_string()))?;
    Ok(config.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

/// An error and what caused it, without its URL.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        source = error.source();
    }
    text
}
