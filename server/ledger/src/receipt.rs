//! The answer to an append: when the event lasts, or why it does not yet.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// Why an event does not last yet.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AppendError {
    /// The journal could not be written. The event is kept in memory and tried again.
    #[error("the event is not on disk yet: {0}")]
    Unsaved(String),
    /// Too many events wait for a disk that does not take them. This one was not kept.
    #[error("the event is lost: too many others wait for the disk")]
    Overloaded,
    /// The thread that writes is gone. This event was not kept.
    #[error("the event is lost: the ledger cannot write any more")]
    Stopped,
}

/// Becomes ready when an event lasts. Can be awaited on any runtime, waited for on a thread, or dropped.
#[derive(Debug)]
pub struct Receipt(Arc<Slot>);

#[derive(Default, Debug)]
pub(crate) struct Slot {
    state: Mutex<State>,
    ready: Condvar,
}

#[derive(Default, Debug)]
struct State {
    result: Option<Result<(), AppendError>>,
    waker: Option<Waker>,
}

impl Slot {
    /// The first result stands.
    pub(crate) fn set(&self, result: Result<(), AppendError>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.result.is_none() {
            state.result = Some(result);
        }
        let waker = state.waker.take();
        drop(state);
        self.ready.notify_all();
        waker.into_iter().for_each(Waker::wake);
    }
}

impl Receipt {
    pub(crate) fn new() -> (Self, Arc<Slot>) {
        let slot = Arc::new(Slot::default());
        (Self(slot.clone()), slot)
    }

    /// Blocks the thread until the event lasts.
    pub fn wait(self) -> Result<(), AppendError> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(result) = &state.result {
                return result.clone();
            }
            state = self.0.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Future for Receipt {
    type Output = Result<(), AppendError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &state.result {
            Some(result) => Poll::Ready(result.clone()),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
