//! The events of one attempt, as they come.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::client::{request_id, transport};
use crate::{Decoder, Endpoint, Error, ErrorKind, Event, Fault, Limits, Phase};

/// How long an answer is waited for. The time to connect is a matter of the road, not of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From the request to the first token, also one of reasoning.
    pub first_token: Duration,
    /// From any bytes to the next.
    pub idle: Duration,
    /// From the request to the end.
    pub total: Duration,
}

impl Timeouts {
    /// What an endpoint's settings say, else what suits it: a local server may have to load the model and read the
    /// prompt on a slow machine.
    pub fn of(endpoint: &Endpoint) -> Self {
        let seconds = Duration::from_secs;
        if let Some(timeouts) = endpoint.timeouts {
            timeouts
        } else if endpoint.is_local {
            Self { first_token: seconds(180), idle: seconds(60), total: seconds(600) }
        } else {
            // Some models think for long and say nothing meanwhile.
            Self { first_token: seconds(120), idle: seconds(30), total: seconds(300) }
        }
    }
}

/// The events of one attempt. Dropping it closes the connection.
#[derive(Debug)]
pub struct EventStream {
    /// Without what is not needed for messages.
    endpoint: Endpoint,
    response: Option<reqwest::Response>,
    request_id: Option<String>,
    decoder: Decoder,
    events: VecDeque<Event>,
    error: Option<Error>,
    timeouts: Timeouts,
    start: Instant,
    heard: Instant,
    has_token: bool,
}

impl EventStream {
    pub(crate) fn new(
        endpoint: &Endpoint,
        response: reqwest::Response,
        timeouts: &Timeouts,
        start: Instant,
        limits: Limits,
    ) -> Self {
        Self {
            endpoint: endpoint.clone(),
            request_id: request_id(&response),
            response: Some(response),
            decoder: Decoder::new(endpoint.format, limits),
            events: VecDeque::new(),
            error: None,
            timeouts: *timeouts,
            start,
            heard: Instant::now(),
            has_token: false,
        }
    }

    /// What the provider calls the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The next event; `None` after [`Event::Done`] or an error. Cancel-safe: a future that is dropped loses nothing.
    ///
    /// # Errors
    /// The provider reported an error, the stream ended before its end, or the time is up. The last one.
    pub async fn next(&mut self) -> Option<Result<Event, Error>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                self.has_token |= matches!(event, Event::Text(_) | Event::Reasoning(_) | Event::Refusal(_));
                return Some(Ok(event));
            }
            if let Some(error) = self.error.take() {
                return Some(Err(error));
            }
            let (until, phase) = self.deadline();
            let response = self.response.as_mut()?;
            let heard = timeout_at(until, response.chunk()).await;
            let mut events = Vec::new();
            let result = match heard {
                Ok(Ok(Some(bytes))) => {
                    self.heard = Instant::now();
                    self.decoder.push(&bytes, &mut events)
                }
                Ok(Ok(None)) => {
                    self.response = None;
                    self.decoder.finish(&mut events)
                }
                Ok(Err(error)) => {
                    self.error = Some(self.with_id(transport(&self.endpoint, &error)));
                    Ok(())
                }
                // Only a marker is missing, and the server keeps the connection open.
                Err(_) if phase == Phase::Idle && self.decoder.is_whole() => self.decoder.finish(&mut events),
                Err(_) => Err(Fault::new(ErrorKind::Timeout { phase }, "")),
            };
            // The time to the first token ends when it comes, not when it is asked for.
            self.has_token |=
                events.iter().any(|event| matches!(event, Event::Text(_) | Event::Reasoning(_)));
            self.events.extend(events);
            if let Err(fault) = result {
                let error =
                    Error::new(&self.endpoint.name, fault.kind, self.endpoint.presentable(&fault.detail));
                self.error = Some(self.with_id(error));
            }
            if self.error.is_some() || self.decoder.is_done() {
                // Closes the connection.
                self.response = None;
            }
        }
    }

    fn deadline(&self) -> (Instant, Phase) {
        let total = (self.start + self.timeouts.total, Phase::Total);
        let idle = (self.heard + self.timeouts.idle, Phase::Idle);
        let first = (self.start + self.timeouts.first_token, Phase::FirstToken);
        // Before the first token a server may be silent for long: it loads the model.
        let other = if self.has_token { idle } else { first };
        if total.0 <= other.0 { total } else { other }
    }

    fn with_id(&self, mut error: Error) -> Error {
        error.request_id.clone_from(&self.request_id);
        error.status = Some(200);
        error
    }
}
