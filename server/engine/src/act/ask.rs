//! One request to a model, from the first byte to the last, recorded.

use std::sync::Arc;

use autodao_edits::Ending;
use autodao_ledger::Limit;
use autodao_providers::{
    Breakers, Chain, Client, Error, Event, Next, PriceTable, Request, Step, StopReason, Usage,
};
use tokio::sync::watch;

use super::estimate::{Estimate, tokens_of};
use super::kept::KeptRequests;
use super::models::Model;
use super::ratios::Ratios;
use super::record::{OpenRequest, Record, Spent};

/// A reply that came to an end of its own.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) ending: Ending,
    /// What the provider says it took.
    pub(crate) usage: Option<Usage>,
}

/// Why there is no reply.
#[derive(Clone, Debug)]
pub(crate) enum NoAnswer {
    Cancelled,
    /// A budget is used up.
    Budget(String),
    Failed(Error),
}

/// What asking needs.
pub(crate) struct Asking<'a> {
    pub(crate) client: &'a Arc<Client>,
    pub(crate) breakers: &'a Arc<Breakers>,
    pub(crate) models: &'a [Model],
    pub(crate) prices: &'a PriceTable,
    pub(crate) limits: &'a [Limit],
    pub(crate) estimate: Estimate,
    pub(crate) ratios: &'a Ratios,
    /// Where requests are kept, if they are.
    pub(crate) kept: Option<&'a KeptRequests>,
    /// Told how many tokens came so far.
    pub(crate) heard: &'a (dyn Fn(u64) + Sync),
    /// Told what the user should know although it goes on.
    pub(crate) warned: &'a (dyn Fn(String) + Sync),
}

/// An attempt that is under way.
struct Attempt {
    request: OpenRequest,
    model: usize,
    text: String,
    usage: Option<Usage>,
    refused: bool,
}

impl Attempt {
    fn spent(&self, prompt: u64, asking: &Asking<'_>) -> Spent {
        let counted = (prompt, tokens_of(&self.text));
        Spent::of(self.usage, counted, &asking.models[self.model], asking.prices)
    }

    /// What is known to be spent when the end is missing: a provider that has begun to answer has read the prompt.
    fn spent_so_far(&self, prompt: u64, asking: &Asking<'_>) -> Option<Spent> {
        (self.usage.is_some() || !self.text.is_empty()).then(|| self.spent(prompt, asking))
    }
}

/// Asks the models in order until one answers. Cancelling closes the connection.
pub(crate) async fn ask(
    request: Arc<Request>,
    record: &mut Record,
    cancel: &mut watch::Receiver<bool>,
    asking: &Asking<'_>,
) -> Result<Answer, NoAnswer> {
    let prompt = request_tokens(&request);
    let endpoints = asking.models.iter().map(|model| Arc::clone(&model.endpoint)).collect();
    let mut chain = match asking.models.first() {
        Some(first) => Chain::of(Arc::clone(&first.endpoint)),
        None => return Err(NoAnswer::Budget("no model".to_owned())),
    };
    chain.endpoints = endpoints;
    // Which endpoints stand in for which was said by the user.
    chain.policy.local_to_cloud = true;
    let mut stream = chain.ask(asking.client, asking.breakers, Arc::clone(&request));
    let mut attempt: Option<Attempt> = None;
    loop {
        let step = tokio::select! {
            biased;
            () = cancelled(cancel) => {
                let open = attempt.as_ref();
                record.cancelled(open.map(|open| (&open.request, open.spent_so_far(prompt, asking))));
                return Err(NoAnswer::Cancelled);
            }
            step = stream.next() => step,
        };
        match step {
            Some(Step::Started { index, .. }) => {
                let model = &asking.models[index];
                let estimate =
                    Estimate::new(asking.estimate.input, asking.estimate.output, model, asking.prices);
                // The reservation is a write to disk; nothing is sent before it is made.
                let opened =
                    tokio::task::block_in_place(|| record.requested(model, &estimate, asking.limits));
                let (open, warning) = opened.map_err(|over| {
                    record.not_asked("budget");
                    NoAnswer::Budget(over)
                })?;
                warning.into_iter().for_each(asking.warned);
                // What cannot be encoded is not sent: the attempt fails with the reason.
                if let Ok(http) = model.endpoint.format.encode(&model.endpoint, &request) {
                    record.sent(&open, http.sha256());
                    if let Some(kept) = asking.kept {
                        tokio::task::block_in_place(|| kept.keep(record.edit(), open.id, &http));
                    }
                }
                attempt = Some(Attempt {
                    request: open,
                    model: index,
                    text: String::new(),
                    usage: None,
                    refused: false,
                });
            }
            Some(Step::Event(event)) => {
                let Some(open) = attempt.as_mut() else { continue };
                if let Some(stop) = take(event, open) {
                    let spent = open.spent(prompt, asking);
                    record.answered(&open.request, spent, stop_name(&stop), stream.request_id());
                    if let Some(usage) = open.usage.filter(|_| stop.is_whole()) {
                        let endpoint = &asking.models[open.model].endpoint;
                        let counted = (prompt, tokens_of(&open.text));
                        tokio::task::block_in_place(|| asking.ratios.learn(endpoint, counted, &usage));
                    }
                    let ending = if open.refused { Ending::Refused } else { ending_of(&stop) };
                    return Ok(Answer { text: std::mem::take(&mut open.text), ending, usage: open.usage });
                }
                (asking.heard)(tokens_of(&open.text));
            }
            Some(Step::Failed { error, next }) => {
                if let Some(open) = attempt.take() {
                    let spent = open.spent_so_far(prompt, asking);
                    let told = (!error.detail.is_empty()).then(|| without_quotes(&error.detail, &request));
                    record.failed(&open.request, &error, told, spent);
                } else {
                    record.not_asked(error.kind.name());
                }
                if next == Next::GiveUp {
                    return Err(NoAnswer::Failed(error));
                }
            }
            // The chain ends with an answer or a failure; whoever reads on is told nothing.
            None => return Err(NoAnswer::Cancelled),
        }
    }
}

/// How many characters of a provider's message may be those of the request by chance.
const CHANCE: usize = 12;

/// What a provider says of a failure, as it may be kept: some quote the request, which is somebody's code.
fn without_quotes(said: &str, request: &Request) -> String {
    let starts: Vec<usize> = said.char_indices().map(|(at, _)| at).chain([said.len()]).collect();
    let windows = starts.windows(CHANCE + 1).filter_map(|window| said.get(window[0]..window[CHANCE]));
    let texts = || request.messages.iter().map(|message| &message.text).chain([&request.system]);
    let quotes = windows.into_iter().any(|window| texts().any(|text| text.contains(window)));
    if quotes { "a message that quotes the request".to_owned() } else { said.to_owned() }
}

/// Takes an event in; the end, when it is that.
fn take(event: Event, attempt: &mut Attempt) -> Option<StopReason> {
    match event {
        Event::Text(text) => {
            attempt.request.heard();
            attempt.text.push_str(&text);
        }
        Event::Reasoning(_) => attempt.request.heard(),
        Event::Refusal(text) => {
            attempt.refused = true;
            attempt.text.push_str(&text);
        }
        Event::Usage(usage) => attempt.usage = Some(usage),
        Event::Done { stop } => return Some(stop),
    }
    None
}

/// Ready when the edit is cancelled, or nobody is left who could.
pub(crate) async fn cancelled(cancel: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it whoever waits for the edit.
    let _ = cancel.wait_for(|cancelled| *cancelled).await;
}

pub(crate) fn request_tokens(request: &Request) -> u64 {
    let messages: u64 = request.messages.iter().map(|message| tokens_of(&message.text) + 4).sum();
    tokens_of(&request.system) + messages + 4
}

pub(crate) const fn ending_of(stop: &StopReason) -> Ending {
    match stop {
        StopReason::EndTurn | StopReason::StopSequence => Ending::Complete,
        StopReason::Length => Ending::Length,
        StopReason::Refusal => Ending::Refused,
        StopReason::ContentFilter => Ending::Filtered,
        StopReason::ToolUse => Ending::ToolUse,
        StopReason::Other(_) => Ending::Unreported,
    }
}

pub(crate) fn stop_name(stop: &StopReason) -> &str {
    match stop {
        StopReason::EndTurn => "end_turn",
        StopReason::StopSequence => "stop_sequence",
        StopReason::Length => "length",
        StopReason::Refusal => "refusal",
        StopReason::ContentFilter => "content_filter",
        StopReason::ToolUse => "tool_use",
        StopReason::Other(other) => other,
    }
}
