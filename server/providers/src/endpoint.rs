//! A model at an address.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;
use serde_json::{Map, Value};

use crate::vendor::is_loopback;
use crate::{Capabilities, Error, ErrorKind, Format, Key, ProxyChoice, Secret, Timeouts, Vendor};

/// A model at an address. Comes from the user's own configuration or the environment, never from a workspace.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What the user calls it.
    pub name: String,
    /// The wire format.
    pub format: Format,
    /// Who runs it.
    pub vendor: Vendor,
    /// What the format's paths are appended to, e.g. `https://api.openai.com/v1`, `https://api.anthropic.com`.
    pub base_url: Url,
    /// The model's name there; for Azure the deployment's.
    pub model: String,
    /// The key, bound to the host of `base_url` when it was given.
    pub key: Option<Key>,
    /// Sent with every request, never shown.
    pub headers: Vec<(String, Secret)>,
    /// Whether what is sent stays with the user: on this machine, or where the user says so.
    pub is_local: bool,
    /// What its model takes and gives.
    pub capabilities: Capabilities,
    /// Azure's `api-version`. `None` asks for the version-free paths.
    pub api_version: Option<String>,
    /// Put into every request's body as it is; overrides what is there.
    pub extra: Map<String, Value>,
    /// How to reach it. `None`: as the network's settings say.
    pub proxy: Option<ProxyChoice>,
    /// Certificates in PEM that are trusted for it beside the operating system's. `None`: as the network's settings say.
    pub ca_file: Option<PathBuf>,
    /// Time for name look-up, TCP and TLS. `None`: as the network's settings say.
    pub connect_timeout: Option<Duration>,
    /// How long an answer is waited for. `None`: what suits it.
    pub timeouts: Option<Timeouts>,
}

impl Endpoint {
    /// An endpoint with what can be told from the address and the model's name.
    ///
    /// # Errors
    /// The address is no absolute `http` or `https` URL, or holds a name or password.
    pub fn new(name: &str, format: Format, base_url: &str, model: &str) -> Result<Self, Error> {
        let refuse = |why: &str| Error::new(name, ErrorKind::Configuration, why);
        let base_url = Url::parse(base_url).map_err(|error| refuse(&format!("base_url: {error}")))?;
        if !matches!(base_url.scheme(), "http" | "https") || base_url.host().is_none() {
            return Err(refuse("base_url is no http or https URL"));
        }
        if !base_url.username().is_empty() || base_url.password().is_some() {
            return Err(refuse("base_url holds a name or password; use a key or a header"));
        }
        if base_url.query().is_some() || base_url.fragment().is_some() {
            return Err(refuse("base_url has a query or fragment"));
        }
        let vendor = Vendor::of(&base_url);
        Ok(Self {
            name: name.to_owned(),
            format,
            vendor,
            is_local: is_loopback(&base_url),
            capabilities: Capabilities::of(format, vendor, model),
            base_url,
            model: model.to_owned(),
            key: None,
            headers: Vec::new(),
            api_version: None,
            extra: Map::new(),
            proxy: None,
            ca_file: None,
            connect_timeout: None,
            timeouts: None,
        })
    }

    /// Gives it a key, bound to the host it has now.
    #[must_use]
    pub fn with_key(mut self, secret: Secret) -> Self {
        self.key = Some(Key::bound_to(secret, &self.base_url));
        self
    }

    /// The URL of a path below `base_url`. A version segment that stands at the end of `base_url` already is not
    /// repeated.
    pub(crate) fn url(&self, path: &str) -> Result<Url, Error> {
        let base = self.base_url.as_str().trim_end_matches('/');
        let first = path.split('/').next().unwrap_or_default();
        let path = match path.split_once('/') {
            Some((_, rest))
                if is_version(first)
                    && self.base_url.path().trim_end_matches('/').ends_with(&format!("/{first}")) =>
            {
                rest
            }
            _ => path,
        };
        Url::parse(&format!("{base}/{path}"))
            .map_err(|error| Error::new(&self.name, ErrorKind::Configuration, format!("URL: {error}")))
    }

    /// The key for a URL of this endpoint.
    ///
    /// # Errors
    /// The key is bound to another host, or the connection would be neither encrypted nor on this machine.
    pub(crate) fn key_for(&self, url: &Url) -> Result<Option<&Secret>, Error> {
        let Some(key) = &self.key else { return Ok(None) };
        let refuse = |why| Error::new(&self.name, ErrorKind::Configuration, why);
        if url.scheme() != "https" && !is_loopback(url) {
            return Err(refuse("a key is not sent over plain http to another machine"));
        }
        key.for_url(url).map(Some).ok_or_else(|| refuse("the key was given for another host"))
    }

    /// A text of others without secrets, control characters and overlength.
    pub(crate) fn presentable(&self, text: &str) -> String {
        let mut text = self.key.as_ref().map_or_else(|| text.to_owned(), |key| key.redact(text));
        for (_, secret) in &self.headers {
            text = secret.redact(&text);
        }
        crate::fault::shortened(&text)
    }
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}
