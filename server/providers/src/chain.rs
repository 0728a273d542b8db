//! Endpoints in order: retries at each, then the next.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::{
    Breakers, Client, Endpoint, Error, ErrorKind, Event, EventStream, Permit, Request, RetryPolicy, Timeouts,
};

/// Endpoints in the order they are asked.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The first is the user's choice, the others stand in for it.
    pub endpoints: Vec<Arc<Endpoint>>,
    /// When to try again.
    pub policy: RetryPolicy,
    /// How long to wait; `None`: what suits each endpoint.
    pub timeouts: Option<Timeouts>,
}

/// What comes after an attempt that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The same endpoint again.
    Retry {
        /// After this time.
        after: Duration,
    },
    /// The next endpoint.
    FailOver {
        /// Its name.
        to: String,
    },
    /// Nothing.
    GiveUp,
}

/// One step of a request through a chain. Each attempt begins with `Started` and ends with `Event::Done` or `Failed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// An attempt begins. Every one costs: each gets its own record.
    Started {
        /// The endpoint's place in the chain.
        index: usize,
        /// Its name.
        endpoint: String,
        /// 1 for the first at this endpoint.
        attempt: u32,
    },
    /// Something came.
    Event(Event),
    /// The attempt, or the wish to make one, came to nothing.
    Failed {
        /// Why.
        error: Error,
        /// What comes now.
        next: Next,
    },
}

impl Chain {
    /// A chain of one.
    pub fn of(endpoint: Arc<Endpoint>) -> Self {
        Self { endpoints: vec![endpoint], policy: RetryPolicy::default(), timeouts: None }
    }

    /// Asks. Nothing is sent before [`ChainStream::next`].
    pub fn ask(&self, client: &Arc<Client>, breakers: &Arc<Breakers>, request: Arc<Request>) -> ChainStream {
        ChainStream {
            chain: self.clone(),
            client: Arc::clone(client),
            breakers: Arc::clone(breakers),
            request,
            index: 0,
            attempt: 1,
            has_shown: false,
            steps: VecDeque::new(),
            permit: None,
            request_id: None,
            state: State::Start,
        }
    }

    /// The next endpoint that may be asked after one failed.
    fn after(&self, index: usize) -> Option<usize> {
        let may_leave =
            self.policy.local_to_cloud || self.endpoints.first().is_some_and(|first| !first.is_local);
        (index + 1..self.endpoints.len()).find(|&next| may_leave || self.endpoints[next].is_local)
    }
}

enum State {
    Start,
    Waiting(Instant),
    Sending(Pin<Box<dyn Future<Output = Result<EventStream, Error>> + Send>>),
    Reading(Box<EventStream>),
    Ended,
}

/// A request on its way through a chain. Dropping it closes the connection.
pub struct ChainStream {
    chain: Chain,
    client: Arc<Client>,
    breakers: Arc<Breakers>,
    request: Arc<Request>,
    index: usize,
    attempt: u32,
    /// Text was given out: whoever reads it must not get it twice.
    has_shown: bool,
    steps: VecDeque<Step>,
    permit: Option<Permit>,
    request_id: Option<String>,
    state: State,
}

impl fmt::Debug for ChainStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainStream")
            .field("index", &self.index)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

impl ChainStream {
    /// The next step; `None` after [`Event::Done`] or [`Next::GiveUp`]. Cancel-safe: a future that is dropped loses
    /// nothing.
    pub async fn next(&mut self) -> Option<Step> {
        loop {
            if let Some(step) = self.steps.pop_front() {
                return Some(step);
            }
            match &mut self.state {
                State::Ended => return None,
                State::Waiting(until) => {
                    sleep_until(*until).await;
                    self.state = State::Start;
                }
                State::Start => self.start(),
                State::Sending(future) => match future.await {
                    Ok(stream) => {
                        self.request_id = stream.request_id().map(str::to_owned);
                        self.state = State::Reading(Box::new(stream));
                    }
                    Err(error) => self.failed(error),
                },
                State::Reading(stream) => match stream.next().await {
                    Some(Ok(event)) => self.came(event),
                    Some(Err(error)) => self.failed(error),
                    None => self.state = State::Ended,
                },
            }
        }
    }

    /// What the provider calls the request that is, or was last, answered.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    fn start(&mut self) {
        self.request_id = None;
        let Some(endpoint) = self.chain.endpoints.get(self.index).cloned() else {
            self.state = State::Ended;
            let error = Error::new("(none)", ErrorKind::Configuration, "no endpoint is configured");
            self.steps.push_back(Step::Failed { error, next: Next::GiveUp });
            return;
        };
        match self.breakers.ask(&endpoint) {
            Ok(permit) => self.permit = Some(permit),
            Err(wait) => {
                self.failed(Error::new(
                    &endpoint.name,
                    ErrorKind::CircuitOpen { retry_after: Some(wait) },
                    "",
                ));
                return;
            }
        }
        self.steps.push_back(Step::Started {
            index: self.index,
            endpoint: endpoint.name.clone(),
            attempt: self.attempt,
        });
        let (client, request) = (Arc::clone(&self.client), Arc::clone(&self.request));
        let timeouts = self.chain.timeouts.unwrap_or_else(|| Timeouts::of(&endpoint));
        self.state =
            State::Sending(Box::pin(async move { client.stream(&endpoint, &request, &timeouts).await }));
    }

    fn came(&mut self, event: Event) {
        match &event {
            Event::Text(_) | Event::Reasoning(_) | Event::Refusal(_) => self.has_shown = true,
            Event::Usage(_) => {}
            Event::Done { .. } => {
                self.state = State::Ended;
                if let Some(permit) = self.permit.take() {
                    permit.succeeded();
                }
            }
        }
        self.steps.push_back(Step::Event(event));
    }

    fn failed(&mut self, error: Error) {
        if let Some(permit) = self.permit.take() {
            permit.failed(&error.kind);
        }
        let other = self.chain.after(self.index).filter(|_| error.kind.is_endpoints());
        let is_left_alone = matches!(error.kind, ErrorKind::CircuitOpen { .. });
        let wait = self.chain.policy.wait(&error, self.attempt, fastrand::f64());
        // Nobody waits for an endpoint that is known to fail while there is another.
        let wait = wait.filter(|_| !is_left_alone || other.is_none());
        let next = match (self.has_shown, wait) {
            (true, _) => None,
            (false, Some(after)) => {
                self.attempt += 1;
                self.state = State::Waiting(Instant::now() + after);
                Some(Next::Retry { after })
            }
            (false, None) => other.map(|index| {
                self.index = index;
                self.attempt = 1;
                self.state = State::Start;
                Next::FailOver { to: self.chain.endpoints[index].name.clone() }
            }),
        };
        let next = next.unwrap_or_else(|| {
            self.state = State::Ended;
            Next::GiveUp
        });
        self.steps.push_back(Step::Failed { error, next });
    }
}
