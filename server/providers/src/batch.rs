//! Many requests at once, answered within a day: the batch APIs of OpenAI and Anthropic.
//!
//! What is sent and what is read is made by pure functions, as the wire formats are; [`crate::Client`] moves it. The
//! addresses a provider names in its answers are not followed: they are built from ids, below the endpoint's own URL.

mod anthropic;
mod client;
mod openai;

pub use client::SubmitError;
use serde_json::Value;

use crate::wire::Told;
use crate::{Endpoint, Error, ErrorKind, Event, Format, Request, StopReason, Usage};

/// One request of a batch.
#[derive(Clone, Debug)]
pub struct BatchItem {
    /// Names it in the answers: at most 64 letters, digits, `-` and `_`; once in a batch.
    pub id: String,
    /// What is asked.
    pub request: Request,
}

/// How far a batch is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchState {
    /// The provider works on it.
    Working {
        /// Requests that came to an end.
        done: u64,
        /// Of so many.
        of: u64,
    },
    /// It is over: what came of it can be fetched.
    Ended(BatchResults),
}

/// Where the answers of a batch that ended are: files, or the batch itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchResults(Vec<String>);

/// An answer that came in one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeAnswer {
    /// What was said; of a refusal, why.
    pub text: String,
    /// Whether it is a refusal by the format's own word for it.
    pub is_refusal: bool,
    /// Why it ended.
    pub stop: StopReason,
    /// What the provider says it took.
    pub usage: Option<Usage>,
}

/// What came of one request of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchReply {
    /// An answer.
    Answered(WholeAnswer),
    /// An error of the provider's.
    Failed(Error),
    /// The day was over, or the batch was stopped, before it was its turn. Nothing was paid.
    NotAsked,
}

/// What is known of a batch whose sending was broken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// It is there, under this id.
    Found(String),
    /// It never came.
    NotThere,
    /// One of these may be it: the format has no mark to know it by.
    Perhaps(Vec<String>),
}

impl Format {
    /// Whether the format has a batch API. Not everyone who speaks it does.
    pub fn has_batches(self) -> bool {
        matches!(self, Self::OpenAiChat | Self::OpenAiResponses | Self::Anthropic)
    }
}

/// Reads the body of an answer that came in one piece.
fn answer(endpoint: &Endpoint, body: &Value) -> Result<WholeAnswer, Error> {
    let mut told = Told::default();
    let read = endpoint.format.machine().whole(body, &mut told);
    read.map_err(|fault| Error::new(&endpoint.name, fault.kind, endpoint.presentable(&fault.detail)))?;
    let mut text = String::new();
    let (mut usage, mut is_refusal, mut end) = (None, false, None);
    for event in told.events {
        match event {
            Event::Text(more) => text.push_str(&more),
            Event::Refusal(more) => {
                is_refusal = true;
                text.push_str(&more);
            }
            Event::Reasoning(_) => {}
            Event::Usage(known) => usage = Some(known),
            Event::Done { stop } => end = Some(stop),
        }
    }
    let stop = end.ok_or_else(|| Error::new(&endpoint.name, ErrorKind::Cut, ""))?;
    Ok(WholeAnswer { text, is_refusal, stop, usage })
}

/// An id of a provider's that is to be part of a path.
fn checked_id(endpoint: &Endpoint, id: &str) -> Result<String, Error> {
    let is_id = (1..=256).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    let refuse = || Error::new(&endpoint.name, ErrorKind::Protocol, "no id of a batch or file");
    is_id.then(|| id.to_owned()).ok_or_else(refuse)
}

fn id_of(endpoint: &Endpoint, object: &Value) -> Result<String, Error> {
    checked_id(endpoint, object.get("id").and_then(Value::as_str).unwrap_or_default())
}

fn read(endpoint: &Endpoint, bytes: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(bytes)
        .map_err(|_| Error::new(&endpoint.name, ErrorKind::Protocol, "the answer is no JSON"))
}

/// The lines of a file of answers, with what each is about. A line that cannot be read stands for no answer.
fn lines<'a>(
    bytes: &'a [u8],
    reply: impl Fn(&Value) -> BatchReply + 'a,
) -> impl Iterator<Item = (String, BatchReply)> + 'a {
    bytes.split(|byte| *byte == b'\n').filter_map(move |line| {
        let line: Value = serde_json::from_slice(line).ok()?;
        let id = line.get("custom_id")?.as_str()?.to_owned();
        let reply = reply(&line);
        Some((id, reply))
    })
}
