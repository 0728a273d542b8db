//! Requests to the client.
//!
//! Nobody waits for an answer: what to do with it is said when the request is sent, and done on the thread that
//! reads when the answer comes. An answer that comes late, twice or unasked finds nothing to do.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Value, json};
use tower_lsp::lsp_types::{LogMessageParams, MessageType, ShowMessageParams};

use crate::outbox::Outbox;

type Then = Box<dyn FnOnce(Result<Value, Value>) + Send>;

/// The client's side of the conversation. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Client {
    outbox: Outbox,
    requests: Arc<Requests>,
}

#[derive(Default)]
struct Requests {
    next: AtomicI64,
    pending: Mutex<HashMap<i64, Then>>,
}

impl Client {
    pub(crate) fn new(outbox: Outbox) -> Self {
        Self { outbox, requests: Arc::default() }
    }

    /// Sends a request; `then` gets the result or the error object.
    pub(crate) fn request(
        &self,
        method: &str,
        params: Value,
        then: impl FnOnce(Result<Value, Value>) + Send + 'static,
    ) {
        let id = self.requests.next.fetch_add(1, Ordering::Relaxed);
        self.requests.pending.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Box::new(then));
        self.outbox.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
    }

    /// Takes an answer.
    pub(crate) fn answered(&self, id: &Value, answer: Result<Value, Value>) {
        let then = id
            .as_i64()
            .and_then(|id| self.requests.pending.lock().unwrap_or_else(PoisonError::into_inner).remove(&id));
        match then {
            Some(then) => then(answer),
            None => tracing::debug!("an answer to no request of ours: {id}"),
        }
    }

    /// Sends a notification from the thread that reads.
    pub(crate) fn notify(&self, method: &'static str, params: impl Serialize) {
        self.outbox.send(&Notification { jsonrpc: "2.0", method, params });
    }

    /// Sends a notification from a thread that may wait for the client to read.
    pub(crate) fn notify_waiting(&self, method: &'static str, params: impl Serialize) {
        self.outbox.send_waiting(&Notification { jsonrpc: "2.0", method, params });
    }

    /// Says something in the client's log.
    pub(crate) fn log(&self, typ: MessageType, message: impl Into<String>) {
        self.notify("window/logMessage", LogMessageParams { typ, message: message.into() });
    }

    /// Says something to the user: only what the user can do something about.
    pub(crate) fn show(&self, typ: MessageType, message: impl Into<String>) {
        self.notify("window/showMessage", ShowMessageParams { typ, message: message.into() });
    }
}

#[derive(Serialize)]
struct Notification<P> {
    jsonrpc: &'static str,
    method: &'static str,
    params: P,
}
