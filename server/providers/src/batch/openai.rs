//! OpenAI's Batch: a file of requests, a batch of it, and two files of answers, the good and the others.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::{BatchItem, BatchReply, BatchResults, BatchState, Sought, answer, checked_id, id_of};
use crate::{Endpoint, Error, ErrorKind, HttpRequest, recognise};

/// The name of the mark that tells a batch of ours from others.
const MARK: &str = "autodao";

/// The file of requests, as a form. A line of JSON holds no line break: none of them can be taken for the boundary.
pub(super) fn upload(endpoint: &Endpoint, items: &[BatchItem]) -> Result<HttpRequest, Error> {
    const BOUNDARY: &str = "autodao-7d41b0c95c2f4d5f";
    let part =
        |disposition: &str| format!("--{BOUNDARY}\r\ncontent-disposition: form-data; {disposition}\r\n");
    let mut form = part("name=\"purpose\"");
    form.push_str("\r\nbatch\r\n");
    form.push_str(&part("name=\"file\"; filename=\"requests.jsonl\""));
    form.push_str("content-type: application/jsonl\r\n\r\n");
    for BatchItem { id, request } in items {
        let (path, body) = endpoint.format.whole_body(endpoint, request);
        let line = json!({"custom_id": id, "method": "POST", "url": format!("/v1/{path}"), "body": body});
        form.push_str(&line.to_string());
        form.push('\n');
    }
    form.push_str(&format!("\r\n--{BOUNDARY}--\r\n"));
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    endpoint.format.post(endpoint, "files", &kind, form.into_bytes())
}

pub(super) fn create(
    endpoint: &Endpoint,
    path: &str,
    file: &Value,
    mark: &str,
) -> Result<HttpRequest, Error> {
    let body = json!({
        "input_file_id": id_of(endpoint, file)?,
        "endpoint": format!("/v1/{path}"),
        "completion_window": "24h",
        "metadata": {MARK: mark},
    });
    endpoint.format.post(endpoint, "batches", "application/json", body.to_string().into_bytes())
}

pub(super) fn list(endpoint: &Endpoint) -> Result<HttpRequest, Error> {
    endpoint.format.get(endpoint, "batches?limit=100")
}

pub(super) fn sought(endpoint: &Endpoint, list: &Value, mark: &str) -> Sought {
    let mut batches = list.get("data").and_then(Value::as_array).into_iter().flatten();
    let is_ours = |batch: &&Value| {
        batch.get("metadata").and_then(|marks| marks.get(MARK)).and_then(Value::as_str) == Some(mark)
    };
    let found = batches.find(is_ours).and_then(|batch| id_of(endpoint, batch).ok());
    found.map_or(Sought::NotThere, Sought::Found)
}

pub(super) fn look(endpoint: &Endpoint, id: &str) -> Result<HttpRequest, Error> {
    endpoint.format.get(endpoint, &format!("batches/{}", checked_id(endpoint, id)?))
}

pub(super) fn state(endpoint: &Endpoint, batch: &Value) -> Result<BatchState, Error> {
    id_of(endpoint, batch)?;
    match batch.get("status").and_then(Value::as_str) {
        // Not one of its requests was looked at.
        Some("failed") => {
            let message = batch.pointer("/errors/data/0/message").and_then(Value::as_str).unwrap_or_default();
            let detail = endpoint.presentable(&format!("the batch is not accepted: {message}"));
            Err(Error::new(&endpoint.name, ErrorKind::BadRequest { parameter: None }, detail))
        }
        Some("completed" | "expired" | "cancelled") => {
            let files = ["output_file_id", "error_file_id"].into_iter();
            let files = files.filter_map(|name| batch.get(name).and_then(Value::as_str));
            let files: Result<_, _> = files.map(|id| checked_id(endpoint, id)).collect();
            Ok(BatchState::Ended(BatchResults(files?)))
        }
        _ => {
            let count = |name: &str| {
                let counts = batch.get("request_counts");
                counts.and_then(|counts| counts.get(name)).and_then(Value::as_u64).unwrap_or(0)
            };
            let done = count("completed").saturating_add(count("failed"));
            Ok(BatchState::Working { done, of: count("total") })
        }
    }
}

pub(super) fn content(endpoint: &Endpoint, file: &str) -> Result<HttpRequest, Error> {
    endpoint.format.get(endpoint, &format!("files/{}/content", checked_id(endpoint, file)?))
}

pub(super) fn reply(endpoint: &Endpoint, line: &Value) -> BatchReply {
    let code = line.pointer("/error/code").and_then(Value::as_str);
    if let Some("batch_expired" | "batch_cancelled") = code {
        return BatchReply::NotAsked;
    }
    let response = line.get("response").filter(|response| response.is_object());
    let body = response.and_then(|response| response.get("body")).unwrap_or(&Value::Null);
    let status = response.and_then(|response| response.get("status_code")).and_then(Value::as_u64);
    if let Some(200..300) = status {
        return match answer(endpoint, body) {
            Ok(answer) => BatchReply::Answered(answer),
            Err(error) => BatchReply::Failed(error),
        };
    }
    let status = status.and_then(|status| u16::try_from(status).ok());
    let said = if body.is_null() { line.to_string() } else { body.to_string() };
    let fault = recognise(status, |_| None, said.as_bytes(), SystemTime::now());
    let mut error = Error::new(&endpoint.name, fault.kind, endpoint.presentable(&fault.detail));
    error.status = status;
    let id = response.and_then(|response| response.get("request_id")).and_then(Value::as_str);
    error.request_id = id.map(crate::fault::shortened);
    BatchReply::Failed(error)
}
