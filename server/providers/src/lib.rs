//! Model APIs: wire formats, streams, usage, stop reasons, faults.
//!
//! A leaf: nothing of ours is known here. A [`Request`] for an [`Endpoint`] becomes the bytes of one HTTP request by a
//! pure function ([`Format::encode`]), the bytes of the answer become [`Event`]s by another ([`Decoder`]). [`Client`]
//! moves the bytes, [`Chain`] retries and fails over. What a user may rely on: a stream that ends without its
//! terminal marker is an error, and a key goes to the host it was given for and nowhere else, also not into a text.

mod batch;
mod breaker;
mod capabilities;
mod chain;
mod client;
mod decoder;
mod discovery;
mod endpoint;
mod error;
mod estimator;
mod event;
mod fault;
mod http_request;
mod lines;
mod network;
mod price;
mod request;
mod retry;
mod retry_after;
mod secret;
mod sse;
mod stream;
mod tokens;
mod usage;
mod vendor;
mod wire;

pub use batch::{BatchItem, BatchReply, BatchResults, BatchState, Sought, SubmitError, WholeAnswer};
pub use breaker::{Breaker, Breakers, Permit};
pub use capabilities::{Capabilities, EditForm, OutputField};
pub use chain::{Chain, ChainStream, Next, Step};
pub use client::Client;
pub use decoder::{Decoder, Limits};
pub use discovery::{Found, LocalServer, Probe, from_environment, local_servers};
pub use endpoint::Endpoint;
pub use error::{ConnectFault, Error, ErrorKind, Phase};
pub use estimator::estimate;
pub use event::{Event, StopReason};
pub use fault::{Fault, recognise};
pub use http_request::{Header, HeaderText, HttpRequest};
pub use lines::LineDecoder;
pub use network::{Network, ProxyChoice};
pub use price::{LongPrice, Price, PriceTable, PriceTableError};
pub use request::{CacheHint, Message, Request, Role};
/// The URL type of endpoints.
pub use reqwest::Url;
pub use retry::RetryPolicy;
pub use retry_after::retry_after;
pub use secret::{Key, Secret};
pub use sse::{SseDecoder, SseEvent, TooLong};
pub use stream::{EventStream, Timeouts};
#[cfg(feature = "tiktoken")]
pub use tokens::Tiktoken;
pub use tokens::{Count, Estimator, Ratio, TokenCounter, Tokenizer};
pub use usage::Usage;
pub use vendor::Vendor;
pub use wire::Format;

#[cfg(test)]
mod tests;
