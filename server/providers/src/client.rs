//! One attempt at an endpoint.

use std::error::Error as _;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderName, HeaderValue};
use tokio::time::{Instant, timeout_at};

use crate::network::{Road, chain};
use crate::{
    ConnectFault, Endpoint, Error, ErrorKind, EventStream, HeaderText, HttpRequest, Limits, Network, Phase,
    Request, Timeouts, recognise,
};

/// Of the body of an error.
const ERROR_BODY: usize = 64 << 10;
/// Of a list of models. OpenRouter's is about half a megabyte.
const MODELS_BODY: usize = 8 << 20;

/// Sends requests. Shares connections between them; one is enough for a program.
#[derive(Debug)]
pub struct Client {
    network: Network,
    limits: Limits,
    roads: Mutex<Vec<(Road, reqwest::Client)>>,
}

impl Client {
    /// A client. Reads nothing yet.
    pub fn new(network: Network) -> Self {
        Self::with_limits(network, Limits::default())
    }

    /// A client with other limits to what is read.
    pub fn with_limits(network: Network, limits: Limits) -> Self {
        Self { network, limits, roads: Mutex::default() }
    }

    /// Asks an endpoint, once. Returns when the answer's head has come; dropping the future or the stream closes
    /// the connection, which is how a request is cancelled.
    ///
    /// # Errors
    /// No connection, no answer in time, or an answer that is an error.
    pub async fn stream(
        &self,
        endpoint: &Endpoint,
        request: &Request,
        timeouts: &Timeouts,
    ) -> Result<EventStream, Error> {
        let start = Instant::now();
        let http = endpoint.format.encode(endpoint, request)?;
        let first = timeouts.first_token.min(timeouts.total);
        let phase = if timeouts.total <= timeouts.first_token { Phase::Total } else { Phase::FirstToken };
        let response = timeout_at(start + first, self.send(endpoint, &http))
            .await
            .map_err(|_| Error::new(&endpoint.name, ErrorKind::Timeout { phase }, ""))??;
        Ok(EventStream::new(endpoint, response, timeouts, start, self.limits))
    }

    /// Sends a request and reads the answer's body, or as much of it as is allowed.
    pub(crate) async fn body(
        &self,
        endpoint: &Endpoint,
        http: &HttpRequest,
        most: usize,
    ) -> Result<Vec<u8>, Error> {
        let mut response = self.send(endpoint, http).await?;
        read_up_to(&mut response, most).await.map_err(|error| transport(endpoint, &error))
    }

    /// The names of the models an endpoint has.
    ///
    /// # Errors
    /// As [`Client::stream`]; also an answer that is no list of models.
    pub async fn models(&self, endpoint: &Endpoint, timeout: Duration) -> Result<Vec<String>, Error> {
        let http = endpoint.format.encode_models(endpoint)?;
        let read = async {
            let body = self.body(endpoint, &http, MODELS_BODY).await?;
            let models = endpoint.format.decode_models(&body);
            models.ok_or_else(|| Error::new(&endpoint.name, ErrorKind::Protocol, "no list of models"))
        };
        timeout_at(Instant::now() + timeout, read)
            .await
            .map_err(|_| Error::new(&endpoint.name, ErrorKind::Timeout { phase: Phase::Total }, ""))?
    }

    async fn client(&self, endpoint: &Endpoint, http: &HttpRequest) -> Result<reqwest::Client, Error> {
        let road = self.network.road(&http.url, endpoint);
        let known = |roads: &Vec<(Road, reqwest::Client)>| {
            roads.iter().find(|(known, _)| *known == road).map(|(_, client)| client.clone())
        };
        if let Some(client) = known(&self.roads()) {
            return Ok(client);
        }
        let (name, new) = (endpoint.name.clone(), road.clone());
        let built = tokio::task::spawn_blocking(move || Network::build(&name, &new)).await;
        let client = built
            .map_err(|error| Error::new(&endpoint.name, ErrorKind::Configuration, error.to_string()))??;
        let mut roads = self.roads();
        // Another request may have built one meanwhile.
        if let Some(client) = known(&roads) {
            return Ok(client);
        }
        roads.push((road, client.clone()));
        Ok(client)
    }

    fn roads(&self) -> std::sync::MutexGuard<'_, Vec<(Road, reqwest::Client)>> {
        self.roads.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Sends a request and gives the answer if its status is that of a success.
    async fn send(&self, endpoint: &Endpoint, http: &HttpRequest) -> Result<reqwest::Response, Error> {
        let client = self.client(endpoint, http).await?;
        let method = if http.method == "GET" { reqwest::Method::GET } else { reqwest::Method::POST };
        let mut builder = client.request(method, http.url.clone());
        for header in &http.headers {
            let refuse = || {
                let why = format!("the header `{}` has characters no header may have", header.name);
                Error::new(&endpoint.name, ErrorKind::Configuration, why)
            };
            let name = HeaderName::try_from(&header.name).map_err(|_| refuse())?;
            let (text, is_secret) = match &header.value {
                HeaderText::Plain(text) => (text.as_str(), false),
                HeaderText::Secret(secret) => (secret.expose(), true),
            };
            let mut value = HeaderValue::try_from(text).map_err(|_| refuse())?;
            value.set_sensitive(is_secret);
            builder = builder.header(name, value);
        }
        let response =
            builder.body(http.body.clone()).send().await.map_err(|error| transport(endpoint, &error))?;
        if response.status().is_success() { Ok(response) } else { Err(refused(endpoint, response).await) }
    }
}

/// The error an answer is.
async fn refused(endpoint: &Endpoint, mut response: reqwest::Response) -> Error {
    let status = response.status();
    let mut error = Error::new(&endpoint.name, ErrorKind::Server, "");
    error.status = Some(status.as_u16());
    error.request_id = request_id(&response);
    if status.is_redirection() {
        let to =
            response.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or("another place");
        error.kind = ErrorKind::Configuration;
        error.detail = endpoint.presentable(&format!("it redirects to {to}, which is not followed"));
        return error;
    }
    if status.as_u16() == 407 {
        error.kind = ErrorKind::Connect(ConnectFault::Proxy);
        return error;
    }
    // The status alone says much: a body that does not come in time is not waited for.
    let until = Instant::now() + Duration::from_secs(10);
    let body = timeout_at(until, read_up_to(&mut response, ERROR_BODY)).await;
    let body = body.ok().and_then(Result::ok).unwrap_or_default();
    let headers = response.headers();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let fault = recognise(Some(status.as_u16()), header, &body, SystemTime::now());
    error.kind = fault.kind;
    error.detail = endpoint.presentable(&fault.detail);
    error
}

pub(crate) fn request_id(response: &reqwest::Response) -> Option<String> {
    let header = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let id =
        ["x-request-id", "request-id", "apim-request-id", "x-generation-id"].into_iter().find_map(header);
    id.map(crate::fault::shortened)
}

/// The body, or as much of it as is allowed.
async fn read_up_to(response: &mut reqwest::Response, most: usize) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = most - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == most {
            break;
        }
    }
    Ok(body)
}

/// What an error of the transport is.
pub(crate) fn transport(endpoint: &Endpoint, error: &reqwest::Error) -> Error {
    let mut text = chain(error);
    // The URL holds nothing secret, but it is long and says nothing new.
    if let Some(url) = error.url() {
        text = text.replace(&format!(" for url ({url})"), "");
    }
    let kind = if error.is_timeout() {
        ErrorKind::Timeout { phase: Phase::Connect }
    } else if error.is_connect() {
        let fault = connect_fault(error, &text.to_ascii_lowercase());
        // Around the cause there is nothing but the layers it came through.
        text = innermost(error);
        ErrorKind::Connect(fault)
    } else if error.is_builder() {
        ErrorKind::Configuration
    } else {
        ErrorKind::Cut
    };
    Error::new(&endpoint.name, kind, endpoint.presentable(&text))
}

fn innermost(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut source = error.source();
    while let Some(error) = source {
        text = error.to_string();
        source = error.source();
    }
    text
}

fn connect_fault(error: &reqwest::Error, text: &str) -> ConnectFault {
    let mut source = error.source();
    let mut is_refused = false;
    while let Some(error) = source {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            is_refused |= io.kind() == std::io::ErrorKind::ConnectionRefused;
        }
        source = error.source();
    }
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if says(&["dns error", "failed to lookup", "name or service not known", "no such host"]) {
        ConnectFault::Dns
    } else if says(&["certificate", "unknownissuer", "tls", "handshake", "corrupt message"]) {
        ConnectFault::Tls
    } else if says(&["proxy", "tunnel"]) {
        ConnectFault::Proxy
    } else if is_refused {
        ConnectFault::Refused
    } else {
        ConnectFault::Other
    }
}
