//! The thread that keeps the index up to date, so that reports have little to do.

use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::Duration;

use crate::ledger::{Inner, Ledger};

/// Starts its thread with the first event. The thread ends with the ledger, and holds it only while it works.
#[derive(Default)]
pub(crate) struct Background(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    started: bool,
    /// Events came since the last time.
    has_events: bool,
    closed: bool,
}

impl Background {
    /// Says that an event comes.
    pub(crate) fn wake(&self, interval: Duration, ledger: impl FnOnce() -> Weak<Inner>) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.has_events = true;
        if !state.started {
            state.started = true;
            let (shared, ledger) = (self.0.clone(), ledger());
            let thread = std::thread::Builder::new().name("ledger-index".to_owned());
            if let Err(error) = thread.spawn(move || shared.run(interval, &ledger)) {
                tracing::warn!("the index is brought up to date by reports only: {error}");
            }
        }
    }
}

impl Drop for Background {
    /// Does not wait: the thread itself may hold the ledger last.
    fn drop(&mut self) {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    fn run(&self, interval: Duration, ledger: &Weak<Inner>) {
        loop {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let (mut state, _) = self
                .changed
                .wait_timeout_while(state, interval, |state| !state.closed)
                .unwrap_or_else(PoisonError::into_inner);
            if state.closed {
                return;
            }
            let has_events = std::mem::take(&mut state.has_events);
            drop(state);
            let Some(ledger) = ledger.upgrade() else { return };
            if has_events {
                Ledger::keep_house(ledger);
            }
        }
    }
}
