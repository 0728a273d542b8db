//! Moves batches to providers, and answers back.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::{BatchItem, BatchReply, BatchResults, BatchState, Sought, anthropic, id_of, lines, openai, read};
use crate::{Client, Endpoint, Error, ErrorKind, Format, HttpRequest, Phase};

/// Of what a provider says of a batch, or of a hundred of them.
const STATE_BODY: usize = 4 << 20;
/// Of a file of answers. Providers take no file of requests that is larger.
const RESULTS_BODY: usize = 256 << 20;
/// How long the requests of a batch, or its answers, may be on their way.
const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_secs(60);

/// A batch could not be sent.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{error}")]
pub struct SubmitError {
    /// Why.
    pub error: Error,
    /// Nobody said no: the provider may have it all the same.
    pub may_be_there: bool,
}

impl Client {
    /// Sends a batch, once, and gives the provider's id for it. `mark` tells it from others where the format has a place
    /// for that.
    ///
    /// # Errors
    /// It was not accepted, or nobody knows whether it was.
    pub async fn submit_batch(
        &self,
        endpoint: &Endpoint,
        items: &[BatchItem],
        mark: &str,
    ) -> Result<String, SubmitError> {
        let certain = |error| SubmitError { error, may_be_there: false };
        let http = match endpoint.format {
            Format::Anthropic => anthropic::create(endpoint, items),
            Format::OpenAiChat | Format::OpenAiResponses => match items.first() {
                None => Err(Error::new(&endpoint.name, ErrorKind::Configuration, "a batch of nothing")),
                Some(first) => {
                    // A file alone costs nothing: as long as there is no batch of it, all can be done again.
                    let upload = openai::upload(endpoint, items).map_err(certain)?;
                    let file = self.said(endpoint, &upload, LONG).await.map_err(certain)?;
                    let (path, _) = endpoint.format.whole_body(endpoint, &first.request);
                    openai::create(endpoint, &path, &file, mark)
                }
            },
            _ => Err(no_batches(endpoint)),
        };
        let http = http.map_err(certain)?;
        let said = self.said(endpoint, &http, LONG).await;
        let id = said.and_then(|batch| id_of(endpoint, &batch));
        id.map_err(|error| {
            let is_refused = error.status.is_some_and(|status| (300..500).contains(&status) && status != 408);
            SubmitError { may_be_there: !is_refused && !error.is_unsent(), error }
        })
    }

    /// Looks for a batch whose sending was broken off, by its mark and its number of requests.
    ///
    /// # Errors
    /// The provider does not list its batches.
    pub async fn find_batch(&self, endpoint: &Endpoint, mark: &str, count: usize) -> Result<Sought, Error> {
        match endpoint.format {
            Format::Anthropic => {
                let list = self.said(endpoint, &anthropic::list(endpoint)?, SHORT).await?;
                Ok(anthropic::sought(endpoint, &list, count))
            }
            _ => {
                let list = self.said(endpoint, &openai::list(endpoint)?, SHORT).await?;
                Ok(openai::sought(endpoint, &list, mark))
            }
        }
    }

    /// How far a batch is.
    ///
    /// # Errors
    /// The provider does not say, or has not accepted it.
    pub async fn look_at_batch(&self, endpoint: &Endpoint, id: &str) -> Result<BatchState, Error> {
        match endpoint.format {
            Format::Anthropic => {
                let batch = self.said(endpoint, &anthropic::look(endpoint, id)?, SHORT).await?;
                anthropic::state(endpoint, &batch)
            }
            _ => {
                let batch = self.said(endpoint, &openai::look(endpoint, id)?, SHORT).await?;
                openai::state(endpoint, &batch)
            }
        }
    }

    /// The answers of a batch that ended, each with the id of its request, in any order. A request that is not among
    /// them came to nothing.
    ///
    /// # Errors
    /// They cannot be fetched, or are more than a batch can have.
    pub async fn batch_replies(
        &self,
        endpoint: &Endpoint,
        results: &BatchResults,
    ) -> Result<Vec<(String, BatchReply)>, Error> {
        let mut replies = Vec::new();
        for id in &results.0 {
            match endpoint.format {
                Format::Anthropic => {
                    let http = anthropic::results(endpoint, id)?;
                    let file = self.fetch(endpoint, &http, RESULTS_BODY, LONG).await?;
                    replies.extend(lines(&file, |line| anthropic::reply(endpoint, line)));
                }
                _ => {
                    let http = openai::content(endpoint, id)?;
                    let file = self.fetch(endpoint, &http, RESULTS_BODY, LONG).await?;
                    replies.extend(lines(&file, |line| openai::reply(endpoint, line)));
                }
            }
        }
        Ok(replies)
    }

    async fn said(
        &self,
        endpoint: &Endpoint,
        http: &HttpRequest,
        patience: Duration,
    ) -> Result<Value, Error> {
        read(endpoint, &self.fetch(endpoint, http, STATE_BODY, patience).await?)
    }

    /// Sends a request and reads the whole answer.
    async fn fetch(
        &self,
        endpoint: &Endpoint,
        http: &HttpRequest,
        most: usize,
        patience: Duration,
    ) -> Result<Vec<u8>, Error> {
        let body = timeout_at(Instant::now() + patience, self.body(endpoint, http, most)).await;
        let body =
            body.map_err(|_| Error::new(&endpoint.name, ErrorKind::Timeout { phase: Phase::Total }, ""))??;
        if body.len() < most {
            return Ok(body);
        }
        Err(Error::new(&endpoint.name, ErrorKind::Protocol, format!("more than {most} bytes")))
    }
}

fn no_batches(endpoint: &Endpoint) -> Error {
    let why = format!("{} has no batch API", endpoint.format.name());
    Error::new(&endpoint.name, ErrorKind::Configuration, why)
}
