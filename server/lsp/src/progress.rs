//! Work-done progress (LSP 3.17): begin, report and end under one token.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Client;

/// Reports closer together than this are left out: nobody reads that fast.
const PAUSE: Duration = Duration::from_millis(80);

static TOKENS: AtomicU64 = AtomicU64::new(1);

/// A progress that the client shows. Cheap to clone; ends when [`Progress::end`] is called.
#[derive(Clone)]
pub(crate) struct Progress(Option<Arc<Inner>>);

struct Inner {
    client: Client,
    token: Value,
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    title: String,
    /// The last message, also while it cannot be sent yet.
    message: String,
    reported: Option<Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The client was asked to make the token.
    Asked,
    Begun,
    Ended,
}

impl Progress {
    /// Starts one under the request's own token, or else under one that the client is asked to make. A client
    /// that can do neither sees nothing.
    pub(crate) fn start(client: &Client, token: Option<Value>, creates: bool, title: String) -> Self {
        let own = token.is_none();
        if own && !creates {
            return Self(None);
        }
        let token =
            token.unwrap_or_else(|| json!(format!("autodao-{}", TOKENS.fetch_add(1, Ordering::Relaxed))));
        let state = State { phase: Phase::Asked, title, message: String::new(), reported: None };
        let inner = Arc::new(Inner { client: client.clone(), token, state: Mutex::new(state) });
        if own {
            let asked = Arc::clone(&inner);
            let params = json!({"token": inner.token});
            client.request("window/workDoneProgress/create", params, move |answer| {
                if answer.is_ok() {
                    asked.begin();
                }
            });
        } else {
            inner.begin();
        }
        Self(Some(inner))
    }

    /// The token, by which the client cancels.
    pub(crate) fn token(&self) -> Option<&Value> {
        self.0.as_ref().map(|inner| &inner.token)
    }

    /// Says how it goes on.
    pub(crate) fn report(&self, message: impl Into<String>) {
        let Some(inner) = &self.0 else { return };
        let mut state = inner.lock();
        state.message = message.into();
        let now = Instant::now();
        let is_due = state.reported.is_none_or(|at| now.duration_since(at) >= PAUSE);
        if state.phase == Phase::Begun && is_due {
            state.reported = Some(now);
            inner.send(json!({"kind": "report", "message": state.message}));
        }
    }

    /// Says that it is over, and how it went.
    pub(crate) fn end(&self, message: &str) {
        let Some(inner) = &self.0 else { return };
        let mut state = inner.lock();
        if std::mem::replace(&mut state.phase, Phase::Ended) == Phase::Begun {
            inner.send(json!({"kind": "end", "message": message}));
        }
    }
}

impl Inner {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self) {
        let mut state = self.lock();
        if state.phase == Phase::Asked {
            state.phase = Phase::Begun;
            self.send(json!({
                "kind": "begin", "title": state.title, "message": state.message, "cancellable": true,
            }));
        }
    }

    fn send(&self, value: Value) {
        self.client.notify("$/progress", json!({"token": self.token, "value": value}));
    }
}
