//! The wire formats: what is common to them.

mod anthropic;
mod gemini;
mod ollama;
mod openai_chat;
mod openai_responses;
mod openai_usage;

use std::time::SystemTime;

use serde_json::{Map, Value};

use crate::{
    Endpoint, Error, Event, Fault, Header, HeaderText, HttpRequest, Request, Secret, StopReason, Usage,
    recognise,
};

/// A wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// OpenAI's Chat Completions and all that are compatible with it.
    OpenAiChat,
    /// OpenAI's Responses.
    OpenAiResponses,
    /// Anthropic's Messages.
    Anthropic,
    /// Google's `streamGenerateContent`.
    Gemini,
    /// Ollama's own `/api/chat`.
    Ollama,
    /// Chat Completions at Azure: other paths and headers.
    AzureChat,
}

const NAMES: [(&str, Format); 6] = [
    ("openai-chat", Format::OpenAiChat),
    ("openai-responses", Format::OpenAiResponses),
    ("anthropic", Format::Anthropic),
    ("gemini", Format::Gemini),
    ("ollama", Format::Ollama),
    ("azure-chat", Format::AzureChat),
];

impl Format {
    /// The name in configuration.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }

    /// The format of a [`Format::name`].
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }

    /// The HTTP request for a request. Pure: the same endpoint and request give the same bytes.
    ///
    /// # Errors
    /// The endpoint's key does not belong to its host, or the URL cannot be built.
    pub fn encode(self, endpoint: &Endpoint, request: &Request) -> Result<HttpRequest, Error> {
        let (path, body) = self.body(endpoint, request);
        let url = endpoint.url(&path)?;
        let mut headers = self.headers(endpoint, &url)?;
        headers.insert(0, plain("content-type", "application/json"));
        let accept = if self == Self::Ollama { "application/x-ndjson" } else { "text/event-stream" };
        headers.insert(1, plain("accept", accept));
        Ok(HttpRequest { method: "POST", url, headers, body: Value::Object(body).to_string().into_bytes() })
    }

    /// The request of a batch as its provider makes it of a line: what is asked, to be answered in one piece.
    ///
    /// # Errors
    /// As [`Format::encode`].
    pub fn encode_whole(self, endpoint: &Endpoint, request: &Request) -> Result<HttpRequest, Error> {
        let (path, body) = self.whole_body(endpoint, request);
        self.post(endpoint, &path, "application/json", Value::Object(body).to_string().into_bytes())
    }

    /// A path and a body that asks for an answer in one piece.
    pub(crate) fn whole_body(self, endpoint: &Endpoint, request: &Request) -> (String, Map<String, Value>) {
        let (path, mut body) = self.body(endpoint, request);
        body.remove("stream");
        body.remove("stream_options");
        (path, body)
    }

    pub(crate) fn post(
        self,
        endpoint: &Endpoint,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Result<HttpRequest, Error> {
        let url = endpoint.url(path)?;
        let mut headers = self.headers(endpoint, &url)?;
        headers.insert(0, plain("content-type", kind));
        Ok(HttpRequest { method: "POST", url, headers, body })
    }

    pub(crate) fn get(self, endpoint: &Endpoint, path: &str) -> Result<HttpRequest, Error> {
        let url = endpoint.url(path)?;
        let headers = self.headers(endpoint, &url)?;
        Ok(HttpRequest { method: "GET", url, headers, body: Vec::new() })
    }

    fn body(self, endpoint: &Endpoint, request: &Request) -> (String, Map<String, Value>) {
        let (path, mut body) = match self {
            Self::OpenAiChat | Self::AzureChat => openai_chat::encode(self, endpoint, request),
            Self::OpenAiResponses => openai_responses::encode(endpoint, request),
            Self::Anthropic => anthropic::encode(endpoint, request),
            Self::Gemini => gemini::encode(endpoint, request),
            Self::Ollama => ollama::encode(endpoint, request),
        };
        for (key, value) in &endpoint.extra {
            body.insert(key.clone(), value.clone());
        }
        (path, body)
    }

    /// The request that lists an endpoint's models.
    ///
    /// # Errors
    /// As [`Format::encode`].
    pub fn encode_models(self, endpoint: &Endpoint) -> Result<HttpRequest, Error> {
        let path = match self {
            Self::OpenAiChat | Self::OpenAiResponses => "models",
            Self::AzureChat => "openai/v1/models",
            Self::Anthropic => "v1/models",
            Self::Gemini => "v1beta/models",
            Self::Ollama => "api/tags",
        };
        self.get(endpoint, path)
    }

    /// The names of the models in an answer to [`Format::encode_models`]; `None` if it is no such answer.
    pub fn decode_models(self, body: &[u8]) -> Option<Vec<String>> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let (list, name) = match self {
            Self::Gemini => ("models", "name"),
            Self::Ollama => ("models", "name"),
            _ => ("data", "id"),
        };
        let names = body.get(list)?.as_array()?.iter().map(|model| {
            let name = model.get(name)?.as_str()?;
            Some(name.strip_prefix("models/").unwrap_or(name).to_owned())
        });
        names.collect()
    }

    fn headers(self, endpoint: &Endpoint, url: &reqwest::Url) -> Result<Vec<Header>, Error> {
        let mut headers = Vec::new();
        if let Some(secret) = endpoint.key_for(url)? {
            headers.push(match self {
                Self::OpenAiChat | Self::OpenAiResponses | Self::Ollama => {
                    hidden("authorization", Secret::new(&format!("Bearer {}", secret.expose())))
                }
                Self::Anthropic => hidden("x-api-key", secret.clone()),
                Self::Gemini => hidden("x-goog-api-key", secret.clone()),
                Self::AzureChat => hidden("api-key", secret.clone()),
            });
        }
        if self == Self::Anthropic {
            headers.push(plain("anthropic-version", "2023-06-01"));
        }
        for (name, value) in &endpoint.headers {
            let name = name.to_ascii_lowercase();
            headers.retain(|header| header.name != name);
            headers.push(Header { name, value: HeaderText::Secret(value.clone()) });
        }
        Ok(headers)
    }

    pub(crate) fn machine(self) -> Box<dyn Machine> {
        match self {
            Self::OpenAiChat | Self::AzureChat => Box::<openai_chat::Chat>::default(),
            Self::OpenAiResponses => Box::<openai_responses::Responses>::default(),
            Self::Anthropic => Box::<anthropic::Messages>::default(),
            Self::Gemini => Box::<gemini::Gemini>::default(),
            Self::Ollama => Box::<ollama::Ollama>::default(),
        }
    }
}

fn plain(name: &str, value: &str) -> Header {
    Header { name: name.to_owned(), value: HeaderText::Plain(value.to_owned()) }
}

fn hidden(name: &str, value: Secret) -> Header {
    Header { name: name.to_owned(), value: HeaderText::Secret(value) }
}

/// Reads one format's pieces of JSON.
pub(crate) trait Machine: Send + std::fmt::Debug {
    /// One piece of a stream; `name` is that of the server-sent event.
    fn piece(&mut self, name: &str, piece: &Value, told: &mut Told) -> Result<(), Fault>;

    /// An answer that came in one piece, because it was not streamed.
    fn whole(&mut self, whole: &Value, told: &mut Told) -> Result<(), Fault>;

    /// The stream's marker for its end that is no JSON (`[DONE]`).
    fn marker(&mut self, _told: &mut Told) -> Result<(), Fault> {
        Ok(())
    }

    /// The stop reason of an answer that is whole although the format's last marker has not come. Some servers
    /// never send it; Gemini has none.
    fn stop_at_end(&self) -> Option<StopReason> {
        None
    }
}

/// What was told so far.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) events: Vec<Event>,
    usage: Usage,
    pub(crate) has_text: bool,
    pub(crate) has_tool: bool,
    pub(crate) has_reasoning: bool,
    pub(crate) has_refusal: bool,
    /// The output was counted so far, by a server that may count it up while it streams.
    is_count_so_far: bool,
    pub(crate) done: bool,
}

impl Told {
    pub(crate) fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.has_text = true;
            self.events.push(Event::Text(text.to_owned()));
        }
    }

    pub(crate) fn reasoning(&mut self, text: &str) {
        if !text.is_empty() {
            self.has_reasoning = true;
            self.events.push(Event::Reasoning(text.to_owned()));
        }
    }

    pub(crate) fn refusal(&mut self, text: &str) {
        if !text.is_empty() {
            self.has_refusal = true;
            self.events.push(Event::Refusal(text.to_owned()));
        }
    }

    pub(crate) fn usage(&mut self, usage: Usage) {
        let usage = usage.clamped();
        if usage != self.usage {
            self.usage = usage;
            self.events.push(Event::Usage(usage));
        }
    }

    /// Usage whose output is final if nothing but the end comes behind it. Until then a cut makes it a part.
    pub(crate) fn usage_so_far(&mut self, usage: Usage) {
        self.is_count_so_far = usage.output_reported;
        self.usage(Usage { output_reported: false, ..usage });
    }

    pub(crate) fn done(&mut self, stop: StopReason) {
        if self.is_count_so_far {
            self.is_count_so_far = false;
            self.usage(Usage { output_reported: true, ..self.usage });
        }
        // Formats have no own word for some ends: they call them an end of the turn.
        let stop = match stop {
            StopReason::EndTurn if self.has_refusal => StopReason::Refusal,
            StopReason::EndTurn if self.has_tool => StopReason::ToolUse,
            stop => stop,
        };
        self.done = true;
        self.events.push(Event::Done { stop });
    }
}

/// An error inside an answer with status 200.
fn inner_fault(piece: &Value) -> Fault {
    recognise(None, |_| None, piece.to_string().as_bytes(), SystemTime::now())
}

fn has_error(piece: &Value) -> bool {
    piece.get("error").is_some_and(|error| !error.is_null() && *error != Value::Object(Map::new()))
}

/// A number at a path. Floats without a fraction count, and numbers in quotes: some servers write 12.0 or "12".
fn number(value: &Value, path: &str) -> Option<u64> {
    let value = value.pointer(path)?;
    value
        .as_u64()
        .or_else(|| value.as_f64().filter(|number| (0.0..9e15).contains(number)).map(|number| number as u64))
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// The largest of the numbers at some paths: servers that report the same under two names leave one at 0.
fn largest(value: &Value, paths: &[&str]) -> Option<u64> {
    paths.iter().filter_map(|path| number(value, path)).max()
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}
