//! The crate over real sockets, and over recordings where they are.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "what goes wrong in here fails the test"
)]

#[path = "../../../../tests/src/loopback.rs"]
pub mod loopback;
#[path = "../../../../tests/src/private_server.rs"]
pub mod private_server;

mod chain;
mod faults;
mod local;
mod recordings;
mod security;
mod transcripts;

use std::sync::Arc;
use std::time::Duration;

use autodao_providers::{
    Client, Endpoint, Error, Event, Format, Network, Request, StopReason, Timeouts, Usage,
};

/// The formats with an answer each: "Hello, wörld" in two texts, 12 tokens in, 5 out, ended by the model. Made by
/// hand after the providers' documentation.
pub(crate) fn answers() -> [(Format, &'static str, String); 6] {
    let chat = concat!(
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello, \"},\"finish_reason\":null}]}\n\n",
        ": a comment\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"wörld\"},\"finish_reason\":null}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":5,\"total_tokens\":17}}\n\n",
        "data: [DONE]\n\n",
    );
    let responses = concat!(
        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"status\":\"in_progress\",\"error\":null}}\n\n",
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"Hello, \"}\n\n",
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"wörld\"}\n\n",
        "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"error\":null,",
        "\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hello, wörld\"}]}],",
        "\"usage\":{\"input_tokens\":12,\"output_tokens\":5,\"total_tokens\":17}}}\n\n",
    );
    let anthropic = concat!(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"stop_reason\":null,\"usage\":",
        "{\"input_tokens\":2,\"cache_read_input_tokens\":4,\"cache_creation_input_tokens\":6,\"output_tokens\":1}}}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        "event: ping\ndata: {\"type\":\"ping\"}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello, \"}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"wörld\"}}\n\n",
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":5}}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    );
    let gemini = concat!(
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hello, \"}]}}],",
        "\"usageMetadata\":{\"promptTokenCount\":12,\"totalTokenCount\":12}}\r\n\r\n",
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"wörld\"}]},\"finishReason\":\"STOP\"}],",
        "\"usageMetadata\":{\"promptTokenCount\":12,\"candidatesTokenCount\":3,\"thoughtsTokenCount\":2,\"totalTokenCount\":17}}\r\n\r\n",
    );
    let ollama = concat!(
        "{\"message\":{\"role\":\"assistant\",\"content\":\"Hello, \"},\"done\":false}\n",
        "{\"message\":{\"role\":\"assistant\",\"content\":\"wörld\"},\"done\":false}\n",
        "{\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",",
        "\"prompt_eval_count\":12,\"eval_count\":5}\n",
    );
    [
        (Format::OpenAiChat, "/v1", chat.to_owned()),
        (Format::OpenAiResponses, "/v1", responses.to_owned()),
        (Format::Anthropic, "", anthropic.to_owned()),
        (Format::Gemini, "", gemini.to_owned()),
        (Format::Ollama, "", ollama.to_owned()),
        (Format::AzureChat, "", chat.to_owned()),
    ]
}

/// An endpoint at a server, for one format.
pub(crate) fn endpoint(name: &str, format: Format, url: &str) -> Endpoint {
    Endpoint::new(name, format, url, "model-1").unwrap()
}

pub(crate) fn request() -> Request {
    Request::new("Be brief.", "Say hello.", 100)
}

pub(crate) fn client() -> Arc<Client> {
    Arc::new(Client::new(Network::default()))
}

/// Times that never pass in a test that goes well.
pub(crate) const PATIENT: Timeouts = Timeouts {
    first_token: Duration::from_secs(30),
    idle: Duration::from_secs(30),
    total: Duration::from_secs(30),
};

/// What came of an attempt.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) text: String,
    pub(crate) reasoning: String,
    pub(crate) refusal: String,
    pub(crate) usage: Option<Usage>,
    pub(crate) stop: Option<StopReason>,
}

impl Outcome {
    pub(crate) fn take(&mut self, event: Event) {
        assert!(self.stop.is_none(), "{event:?} after the end");
        match event {
            Event::Text(text) => self.text.push_str(&text),
            Event::Reasoning(text) => self.reasoning.push_str(&text),
            Event::Refusal(text) => self.refusal.push_str(&text),
            Event::Usage(usage) => self.usage = Some(usage),
            Event::Done { stop } => self.stop = Some(stop),
        }
    }
}

/// Asks once and reads to the end.
pub(crate) async fn ask(
    client: &Client,
    endpoint: &Endpoint,
    timeouts: &Timeouts,
) -> (Outcome, Option<Error>) {
    let mut outcome = Outcome::default();
    let mut stream = match client.stream(endpoint, &request(), timeouts).await {
        Ok(stream) => stream,
        Err(error) => return (outcome, Some(error)),
    };
    while let Some(next) = stream.next().await {
        match next {
            Ok(event) => outcome.take(event),
            Err(error) => {
                assert!(stream.next().await.is_none(), "an error is the last");
                return (outcome, Some(error));
            }
        }
    }
    (outcome, None)
}
