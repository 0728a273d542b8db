//! Replies that were paid for already.
//!
//! A request is identified by what a reply depends on: endpoint, model and every byte of the prompt. The same
//! request asked twice at once is asked once.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

/// How many bytes of replies are kept.
const KEPT_BYTES: usize = 2 << 20;
/// How many replies are kept.
const KEPT: usize = 128;

/// SHA-256 of a request.
pub(crate) type RequestHash = [u8; 32];

/// Where a reply came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Origin {
    /// It was asked for now.
    Asked,
    /// It was asked for before, or by somebody else at the same time.
    Known,
}

/// Replies by request. `R` is what a reply is; only good ones are kept.
pub(crate) struct ReplyCache<R>(Mutex<State<R>>);

struct State<R> {
    cells: HashMap<RequestHash, Entry<R>>,
    uses: u64,
}

struct Entry<R> {
    cell: Arc<OnceCell<(R, usize)>>,
    used: u64,
}

impl<R> Default for ReplyCache<R> {
    fn default() -> Self {
        Self(Mutex::new(State { cells: HashMap::new(), uses: 0 }))
    }
}

impl<R: Clone> ReplyCache<R> {
    /// The reply to a request: the one known, or what `ask` gives with its size in bytes. When `ask` fails or is
    /// given up, nothing is kept, and who waits for the same asks itself.
    pub(crate) async fn get_or_ask<E, F>(
        &self,
        request: RequestHash,
        ask: impl FnOnce() -> F,
    ) -> Result<(R, Origin), E>
    where
        F: Future<Output = Result<(R, usize), E>>,
    {
        let cell = {
            let mut state = self.lock();
            state.uses += 1;
            let used = state.uses;
            let entry = state.cells.entry(request).or_insert_with(|| Entry { cell: Arc::default(), used });
            entry.used = used;
            Arc::clone(&entry.cell)
        };
        let mut asked = false;
        let answer = cell
            .get_or_try_init(|| {
                asked = true;
                ask()
            })
            .await;
        let answer = answer.map(|(reply, _)| reply.clone());
        match answer {
            Ok(reply) => {
                self.lock().shrink();
                Ok((reply, if asked { Origin::Asked } else { Origin::Known }))
            }
            Err(error) => {
                self.forget(&request);
                Err(error)
            }
        }
    }

    /// Forgets a reply: it turned out to be no good, or another one is wanted.
    pub(crate) fn forget(&self, request: &RequestHash) {
        self.lock().cells.remove(request);
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R> State<R> {
    fn shrink(&mut self) {
        let bytes = |entry: &Entry<R>| entry.cell.get().map_or(0, |(_, bytes)| *bytes);
        let mut kept: usize = self.cells.values().map(bytes).sum();
        while self.cells.len() > KEPT || kept > KEPT_BYTES {
            let done = self.cells.iter().filter(|(_, entry)| entry.cell.initialized());
            let Some(oldest) = done.min_by_key(|(_, entry)| entry.used).map(|(key, _)| *key) else { return };
            kept -= self.cells.remove(&oldest).as_ref().map_or(0, bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("not ready"),
        }
    }

    #[test]
    fn the_same_request_is_asked_once() {
        let cache = ReplyCache::default();
        let asked = Cell::new(0);
        let ask = || async {
            asked.set(asked.get() + 1);
            Ok::<_, ()>(("reply", 5))
        };
        assert_eq!(now(cache.get_or_ask([1; 32], ask)), Ok(("reply", Origin::Asked)));
        assert_eq!(now(cache.get_or_ask([1; 32], ask)), Ok(("reply", Origin::Known)));
        cache.forget(&[1; 32]);
        assert_eq!(now(cache.get_or_ask([1; 32], ask)), Ok(("reply", Origin::Asked)));
        assert_eq!(asked.get(), 2);
    }

    #[test]
    fn a_failure_is_not_kept_and_one_given_up_lets_the_next_ask() {
        let cache = ReplyCache::default();
        assert_eq!(now(cache.get_or_ask([1; 32], || async { Err::<((), usize), _>("cut") })), Err("cut"));
        let mut given_up = Box::pin(cache.get_or_ask([1; 32], std::future::pending::<Result<_, &str>>));
        assert!(given_up.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(given_up);
        assert_eq!(
            now(cache.get_or_ask([1; 32], || async { Ok::<_, &str>(((), 1)) })),
            Ok(((), Origin::Asked))
        );
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let cache = ReplyCache::default();
        for byte in 0..=u8::MAX {
            now(cache.get_or_ask([byte; 32], || async { Ok::<_, ()>((byte, KEPT_BYTES / 8)) })).unwrap();
        }
        let known = cache.lock().cells.len();
        assert!(known <= 8, "{known}");
    }
}
