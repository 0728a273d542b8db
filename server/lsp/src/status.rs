//! What AI edits cost, for status bars: the notification `autodao/status` and the request `autodao/usage`.
//!
//! The ledger is read on a thread of its own. It starts with the first client that asks to be told.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;

use autodao_engine::Session;
use autodao_engine::act::{Assistant, Filled, Status, Sums};
use autodao_engine::ledger::{By, Day};
use serde::Deserialize;
use serde_json::{Value, json};
use tower_lsp::jsonrpc::Error;

use crate::client::Client;

/// The request for the report of `autodao tokens --json`.
pub(crate) const USAGE: &str = "autodao/usage";
/// The notification.
const STATUS: &str = "autodao/status";

/// Tells a client what edits cost whenever that changed.
#[derive(Default)]
pub(crate) struct StatusTeller(Mutex<Option<(Sender<()>, JoinHandle<()>)>>);

impl StatusTeller {
    fn lock(&self) -> MutexGuard<'_, Option<(Sender<()>, JoinHandle<()>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells it now, and from now on.
    pub(crate) fn start(&self, assistant: &Arc<Assistant>, session: &Arc<Session>, client: &Client) {
        let mut started = self.lock();
        if started.is_some() {
            return;
        }
        let (wake, woken) = channel();
        let teller = Teller {
            assistant: Arc::downgrade(assistant),
            session: Arc::downgrade(session),
            client: client.clone(),
        };
        let thread =
            std::thread::Builder::new().name("autodao-status".into()).spawn(move || teller.run(&woken));
        match thread {
            Ok(thread) => *started = Some((wake, thread)),
            Err(error) => tracing::error!("no thread for the status: {error}"),
        }
    }

    /// Something changed. Returns at once.
    pub(crate) fn tell(&self) {
        if let Some((wake, _)) = &*self.lock() {
            // A thread that ended has nobody to tell.
            let _ = wake.send(());
        }
    }

    /// Tells nothing any more. The client must not be waited for by then.
    pub(crate) fn stop(&self) {
        let started = self.lock().take();
        if let Some((wake, thread)) = started {
            drop(wake);
            if thread.join().is_err() {
                tracing::error!("the thread of the status panicked");
            }
        }
    }
}

struct Teller {
    assistant: Weak<Assistant>,
    session: Weak<Session>,
    client: Client,
}

impl Teller {
    fn run(&self, woken: &Receiver<()>) {
        if self.tell(false).is_none() {
            return;
        }
        // Where the model runs is found out by asking around, which takes a moment.
        if self.tell(true).is_none() {
            return;
        }
        while woken.recv().is_ok() {
            // What came meanwhile is told with this.
            while woken.try_recv().is_ok() {}
            if self.tell(false).is_none() {
                return;
            }
        }
    }

    /// `None` when there is nobody any more to ask.
    fn tell(&self, looks: bool) -> Option<()> {
        let (assistant, session) = (self.assistant.upgrade()?, self.session.upgrade()?);
        let config = session.own_configuration();
        if looks && !assistant.look_around(&config.ai) {
            return Some(());
        }
        self.client.notify_waiting(STATUS, to_json(&assistant.status(&config.ai)));
        Some(())
    }
}

fn to_json(status: &Status) -> Value {
    let sums =
        |sums: Sums| json!({"tokens": sums.tokens, "costMicros": sums.cost_micros, "edits": sums.edits});
    let budget = |filled: Option<Filled>| {
        filled.map_or(Value::Null, |Filled { limit, spent }| json!({"limit": limit, "spent": spent}))
    };
    json!({
        "session": sums(status.session),
        "day": sums(status.day),
        "ratio": status.ratio,
        "budget": {
            "day": budget(status.day_budget),
            "month": budget(status.month_budget),
            "dayTokens": budget(status.day_tokens),
            "monthTokens": budget(status.month_tokens),
        },
        "running": status.running,
        "model": status.model,
    })
}

/// The parameters of `autodao/usage`. Without any, the report is of this day by template.
#[derive(Default, Deserialize)]
pub(crate) struct UsageParams {
    /// The first day, as 2026-03-01.
    since: Option<Day>,
    /// The last day.
    until: Option<Day>,
    /// What the rows are.
    by: Option<By>,
}

impl UsageParams {
    pub(crate) fn read(params: Value) -> Result<Self, Error> {
        serde_json::from_value(params).map_err(|error| Error::invalid_params(error.to_string()))
    }

    /// Blocks for as long as the ledger takes.
    pub(crate) fn report(&self, assistant: &Assistant) -> Result<Value, Error> {
        let until = self.until.unwrap_or_else(Day::today);
        let report = assistant.report(self.since.unwrap_or(until), until, self.by.unwrap_or(By::Template));
        let failed = |message: String| {
            let mut error = Error::internal_error();
            error.message = message.into();
            error
        };
        let report = report.map_err(|error| failed(error.to_string()))?;
        serde_json::to_value(report).map_err(|error| failed(error.to_string()))
    }
}
