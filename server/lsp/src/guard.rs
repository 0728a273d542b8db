//! What stands between the messages and tower-lsp's service.
//!
//! tower-lsp 0.20 run by its own loop reorders what is behind an `await`, lets cancel wait behind slow requests,
//! dies of a panic in a handler and of a late answer, and never ends while input is open. So its loop is not
//! used; its service is called from here:
//!
//! - Each message is dispatched and its handler run up to its first `await` on the thread that reads, before the
//!   next message is looked at: order and cancellation hold whatever else is under way.
//! - What is not done by then goes on as a task; a panic before or after becomes an error answer.
//! - What tower-lsp would answer otherwise than the protocol says is answered here: messages that are none,
//!   unknown `$/` requests, requests after `shutdown`.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower_lsp::jsonrpc::{Id, Request, Response};
use tower_lsp::lsp_types::LogTraceParams;
use tower_lsp::{LanguageServer, LspService};
use tower_service::Service;

use crate::capabilities::mend;
use crate::client::Client;
use crate::outbox::Outbox;
use crate::status::USAGE;

/// JSON-RPC 2.0 and LSP 3.17 error codes.
mod code {
    pub(super) const PARSE_ERROR: i64 = -32700;
    pub(super) const INVALID_REQUEST: i64 = -32600;
    pub(super) const METHOD_NOT_FOUND: i64 = -32601;
    pub(super) const INTERNAL_ERROR: i64 = -32603;
}

/// Whether reading goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flow {
    Continue,
    /// `exit` came; the process ends with this code: 0 after `shutdown`, else 1.
    Exit(u8),
}

pub(crate) struct Guard<S> {
    service: LspService<S>,
    outbox: Outbox,
    client: Client,
    /// Runs handlers that wait; started when the first one does.
    runtime: OnceLock<Runtime>,
    shut_down: bool,
    trace: Trace,
}

/// How much the client wants to hear of what is done (LSP 3.17, `TraceValue`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trace {
    Off,
    Messages,
    Verbose,
}

impl Trace {
    fn of(params: Option<&Value>, key: &str) -> Option<Self> {
        match params?.get(key)?.as_str()? {
            "off" => Some(Self::Off),
            "messages" => Some(Self::Messages),
            "verbose" => Some(Self::Verbose),
            _ => None,
        }
    }
}

/// A message of any kind. A `result` of null is one: it is told apart from none.
#[derive(Deserialize)]
struct Incoming {
    #[serde(default, deserialize_with = "present")]
    id: Option<Value>,
    method: Option<String>,
    #[serde(default, deserialize_with = "present")]
    params: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    result: Option<Value>,
    error: Option<Value>,
}

fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(value).map(Some)
}

impl<S: LanguageServer> Guard<S> {
    pub(crate) fn new(service: LspService<S>, outbox: Outbox, client: Client) -> Self {
        Self { service, outbox, client, runtime: OnceLock::new(), shut_down: false, trace: Trace::Off }
    }

    /// Takes the body of a frame.
    pub(crate) fn take(&mut self, body: &[u8]) -> Flow {
        let incoming: Incoming = match serde_json::from_slice(body) {
            Ok(incoming) => incoming,
            Err(error) => {
                let code = if error.is_data() { code::INVALID_REQUEST } else { code::PARSE_ERROR };
                self.refuse(&Value::Null, code, &error.to_string());
                return Flow::Continue;
            }
        };
        match incoming {
            Incoming { method: Some(method), id, params, .. } => return self.call(method, id, params),
            Incoming { id: Some(id), result: Some(result), .. } => self.client.answered(&id, Ok(result)),
            Incoming { id: Some(id), error: Some(error), .. } => self.client.answered(&id, Err(error)),
            Incoming { id, .. } => {
                let id = id.unwrap_or_default();
                self.refuse(&id, code::INVALID_REQUEST, "a message has a method, a result or an error");
            }
        }
        Flow::Continue
    }

    /// The exit code when the input ends without `exit`.
    pub(crate) fn code_at_end(&self) -> u8 {
        u8::from(!self.shut_down)
    }

    /// Reports bytes that are no frame.
    pub(crate) fn malformed(&self, reason: &str) {
        self.refuse(&Value::Null, code::PARSE_ERROR, reason);
    }

    fn refuse(&self, id: &Value, code: i64, message: &str) {
        self.outbox.send(&json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}));
    }

    fn call(&mut self, method: String, id: Option<Value>, params: Option<Value>) -> Flow {
        if method == "exit" {
            return Flow::Exit(u8::from(!self.shut_down));
        }
        let id = match id {
            None => None,
            Some(Value::Number(number)) if number.is_i64() => number.as_i64().map(Id::Number),
            Some(Value::String(text)) => Some(Id::String(text)),
            Some(other) => {
                self.refuse(&other, code::INVALID_REQUEST, "an id is a whole number or a string");
                return Flow::Continue;
            }
        };
        if let Some(id) = &id {
            let id = json!(id);
            if self.shut_down {
                self.refuse(&id, code::INVALID_REQUEST, "the server is shut down");
                return Flow::Continue;
            }
            if method.starts_with("$/") {
                self.refuse(&id, code::METHOD_NOT_FOUND, &format!("there is no request {method}"));
                return Flow::Continue;
            }
        } else if self.shut_down {
            return Flow::Continue;
        }
        self.shut_down |= method == "shutdown";
        match method.as_str() {
            "initialize" => self.trace = Trace::of(params.as_ref(), "trace").unwrap_or(self.trace),
            "$/setTrace" => {
                self.trace = Trace::of(params.as_ref(), "value").unwrap_or(self.trace);
                return Flow::Continue;
            }
            _ => {}
        }
        self.dispatch(method, id, params);
        Flow::Continue
    }

    fn dispatch(&mut self, method: String, id: Option<Id>, params: Option<Value>) {
        let mut request = Request::build(method.clone());
        let verbose = params.as_ref().filter(|_| self.trace == Trace::Verbose).map(Value::to_string);
        // Emacs writes `null` where there are no parameters; tower-lsp takes that for parameters of a wrong type.
        if let Some(mut params) = params.filter(|params| !params.is_null()) {
            if method == "initialize" {
                mend(&mut params);
            }
            request = request.params(params);
        } else if method == USAGE {
            // All of its parameters may be left out; tower-lsp wants some all the same.
            request = request.params(json!({}));
        }
        if let Some(id) = &id {
            request = request.id(id.clone());
        }
        let started = Instant::now();
        // `poll_ready` is not asked: the service is always ready once it is not exited, and `exit` ends here.
        let service = &mut self.service;
        let first = catch_unwind(AssertUnwindSafe(|| {
            let mut call = service.call(request.finish());
            let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            (call, polled)
        }));
        match first {
            Err(panic) => self.panicked(&method, id.as_ref(), &*panic),
            Ok((_, Poll::Ready(answer))) => self.answer(answer.ok().flatten()),
            Ok((call, Poll::Pending)) => self.spawn(method.clone(), id, call),
        }
        if self.trace != Trace::Off {
            let message = format!("{method}: {:.3} ms", started.elapsed().as_secs_f64() * 1000.0);
            self.client.notify("$/logTrace", LogTraceParams { message, verbose });
        }
    }

    fn answer(&self, response: Option<Response>) {
        if let Some(response) = response {
            self.outbox.send(&response);
        }
    }

    /// Lets a handler that waits go on as a task. The task polls it anew, so no wake-up since the first poll is
    /// lost.
    fn spawn<F, E>(&self, method: String, id: Option<Id>, call: F)
    where
        F: Future<Output = Result<Option<Response>, E>> + Send + Unpin + 'static,
        E: Send + 'static,
    {
        let runtime = match self.runtime.get() {
            Some(runtime) => runtime,
            None => match tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("autodao-requests")
                .build()
            {
                Ok(runtime) => self.runtime.get_or_init(|| runtime),
                Err(error) => {
                    tracing::error!("no thread for requests: {error}");
                    if let Some(id) = id {
                        self.refuse(&json!(id), code::INTERNAL_ERROR, "no thread for requests");
                    }
                    return;
                }
            },
        };
        let outbox = self.outbox.clone();
        runtime.spawn(async move {
            let response = match CatchUnwind(call).await {
                Ok(answer) => answer.ok().flatten(),
                Err(panic) => panic_response(&method, id.as_ref(), &*panic),
            };
            if let Some(response) = response {
                outbox.send_waiting(&response);
            }
        });
    }

    fn panicked(&self, method: &str, id: Option<&Id>, panic: &(dyn Any + Send)) {
        self.answer(panic_response(method, id, panic));
    }
}

fn panic_response(method: &str, id: Option<&Id>, panic: &(dyn Any + Send)) -> Option<Response> {
    let what =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let message = format!("{method} failed inside the server: {}", what.unwrap_or("a panic"));
    tracing::error!("{message}");
    let mut error = tower_lsp::jsonrpc::Error::internal_error();
    error.message = message.into();
    id.map(|id| Response::from_error(id.clone(), error))
}

/// A future whose panic is a value.
struct CatchUnwind<F>(F);

impl<F: Future + Unpin> Future for CatchUnwind<F> {
    type Output = Result<F::Output, Box<dyn Any + Send>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match catch_unwind(AssertUnwindSafe(|| Pin::new(&mut self.0).poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}

impl<S> Drop for Guard<S> {
    fn drop(&mut self) {
        // Tasks that still wait have nobody left to answer.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests;
