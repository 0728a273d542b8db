//! Anthropic's Message Batches: one request with all of them, and one file of answers.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::{BatchItem, BatchReply, BatchResults, BatchState, Sought, answer, checked_id, id_of};
use crate::{Endpoint, Error, HttpRequest, recognise};

const PATH: &str = "v1/messages/batches";

pub(super) fn create(endpoint: &Endpoint, items: &[BatchItem]) -> Result<HttpRequest, Error> {
    let mut requests = Vec::with_capacity(items.len());
    for BatchItem { id, request } in items {
        let (_, params) = endpoint.format.whole_body(endpoint, request);
        requests.push(json!({"custom_id": id, "params": params}));
    }
    let body = json!({"requests": requests}).to_string().into_bytes();
    endpoint.format.post(endpoint, PATH, "application/json", body)
}

pub(super) fn list(endpoint: &Endpoint) -> Result<HttpRequest, Error> {
    endpoint.format.get(endpoint, &format!("{PATH}?limit=100"))
}

/// A batch has no mark of ours: only its size tells it from others.
pub(super) fn sought(endpoint: &Endpoint, list: &Value, count: usize) -> Sought {
    let batches = list.get("data").and_then(Value::as_array).into_iter().flatten();
    let like = batches.filter(|batch| counts(batch).1 == count as u64);
    let ids: Vec<_> = like.filter_map(|batch| id_of(endpoint, batch).ok()).collect();
    if ids.is_empty() { Sought::NotThere } else { Sought::Perhaps(ids) }
}

pub(super) fn look(endpoint: &Endpoint, id: &str) -> Result<HttpRequest, Error> {
    endpoint.format.get(endpoint, &format!("{PATH}/{}", checked_id(endpoint, id)?))
}

pub(super) fn state(endpoint: &Endpoint, batch: &Value) -> Result<BatchState, Error> {
    let id = id_of(endpoint, batch)?;
    if batch.get("processing_status").and_then(Value::as_str) == Some("ended") {
        return Ok(BatchState::Ended(BatchResults(vec![id])));
    }
    let (done, of) = counts(batch);
    Ok(BatchState::Working { done, of })
}

/// How many requests of a batch have come to an end, and how many it has.
fn counts(batch: &Value) -> (u64, u64) {
    let count = |name: &str| {
        batch.get("request_counts").and_then(|counts| counts.get(name)).and_then(Value::as_u64).unwrap_or(0)
    };
    let done = ["succeeded", "errored", "canceled", "expired"].into_iter().map(count).sum();
    (done, count("processing").saturating_add(done))
}

pub(super) fn results(endpoint: &Endpoint, id: &str) -> Result<HttpRequest, Error> {
    endpoint.format.get(endpoint, &format!("{PATH}/{}/results", checked_id(endpoint, id)?))
}

pub(super) fn reply(endpoint: &Endpoint, line: &Value) -> BatchReply {
    let result = line.get("result").unwrap_or(&Value::Null);
    match result.get("type").and_then(Value::as_str) {
        Some("succeeded") => match answer(endpoint, result.get("message").unwrap_or(&Value::Null)) {
            Ok(answer) => BatchReply::Answered(answer),
            Err(error) => BatchReply::Failed(error),
        },
        Some("expired" | "canceled") => BatchReply::NotAsked,
        _ => {
            let error = result.get("error").unwrap_or(result).to_string();
            let fault = recognise(None, |_| None, error.as_bytes(), SystemTime::now());
            BatchReply::Failed(Error::new(&endpoint.name, fault.kind, endpoint.presentable(&fault.detail)))
        }
    }
}
