//! Who may ask a model next.
//!
//! An endpoint takes a few requests at a time; a local server takes one. What a person waits for goes before what
//! runs in the background, and when too many wait already the next is turned away rather than kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// How many may wait before the next one is turned away.
const LONGEST: usize = 64;

/// How urgent a request is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Priority {
    /// Somebody waits for it.
    Interactive,
    /// A part of something larger.
    Background,
}

/// The places at one endpoint. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Queue(Arc<Mutex<State>>);

struct State {
    free: usize,
    interactive: VecDeque<oneshot::Sender<Permit>>,
    background: VecDeque<oneshot::Sender<Permit>>,
}

/// A place at an endpoint, until it is dropped.
pub(crate) struct Permit(Option<Queue>);

impl Queue {
    /// A queue for an endpoint that takes `places` requests at a time.
    pub(crate) fn new(places: usize) -> Self {
        let state = State { free: places.max(1), interactive: VecDeque::new(), background: VecDeque::new() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Waits for a place; `None` when too many wait. Giving up waiting is dropping the future.
    pub(crate) async fn enter(&self, priority: Priority) -> Option<Permit> {
        let receiver = {
            let mut state = self.lock();
            if state.free > 0 {
                state.free -= 1;
                return Some(Permit(Some(self.clone())));
            }
            let line = match priority {
                Priority::Interactive => &mut state.interactive,
                Priority::Background => &mut state.background,
            };
            line.retain(|sender| !sender.is_closed());
            if line.len() >= LONGEST {
                return None;
            }
            let (sender, receiver) = oneshot::channel();
            line.push_back(sender);
            receiver
        };
        receiver.await.ok()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    /// Hands the place to whoever waits and is still there.
    fn drop(&mut self) {
        let Some(queue) = self.0.take() else { return };
        let mut permit = Self(Some(queue.clone()));
        loop {
            let next = {
                let mut state = queue.lock();
                let next = state.interactive.pop_front().or_else(|| state.background.pop_front());
                if next.is_none() {
                    state.free += 1;
                }
                next
            };
            let Some(next) = next else {
                permit.0 = None;
                return;
            };
            // One that gave up waiting meanwhile gives the permit back.
            match next.send(permit) {
                Ok(()) => return,
                Err(back) => permit = back,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn poll<T>(future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn ready<T>(future: impl Future<Output = Option<T>>) -> T {
        match poll(pin!(future)) {
            Poll::Ready(Some(value)) => value,
            _ => panic!("not ready"),
        }
    }

    #[test]
    fn what_a_person_waits_for_goes_first() {
        let queue = Queue::new(1);
        let first = ready(queue.enter(Priority::Background));
        let mut background = Box::pin(queue.enter(Priority::Background));
        let mut interactive = Box::pin(queue.enter(Priority::Interactive));
        assert!(poll(background.as_mut()).is_pending() && poll(interactive.as_mut()).is_pending());
        drop(first);
        let Poll::Ready(Some(permit)) = poll(interactive.as_mut()) else { panic!("it waits") };
        assert!(poll(background.as_mut()).is_pending());
        drop(permit);
        assert!(poll(background.as_mut()).is_ready());
    }

    #[test]
    fn who_gives_up_does_not_keep_the_place() {
        let queue = Queue::new(1);
        let first = ready(queue.enter(Priority::Interactive));
        let mut gone = Box::pin(queue.enter(Priority::Interactive));
        assert!(poll(gone.as_mut()).is_pending());
        drop(gone);
        let mut next = Box::pin(queue.enter(Priority::Interactive));
        assert!(poll(next.as_mut()).is_pending());
        drop(first);
        let Poll::Ready(Some(permit)) = poll(next.as_mut()) else { panic!("the place is lost") };
        drop(permit);
        let again = ready(queue.enter(Priority::Background));
        // A permit that was handed over and never looked at is not lost either.
        let mut unseen = Box::pin(queue.enter(Priority::Interactive));
        assert!(poll(unseen.as_mut()).is_pending());
        drop(again);
        drop(unseen);
        ready(queue.enter(Priority::Background));
    }

    #[test]
    fn too_many_are_turned_away() {
        let queue = Queue::new(1);
        let _first = ready(queue.enter(Priority::Interactive));
        let mut waiting: Vec<_> = (0..LONGEST).map(|_| Box::pin(queue.enter(Priority::Background))).collect();
        assert!(waiting.iter_mut().all(|future| poll(future.as_mut()).is_pending()));
        assert!(matches!(poll(pin!(queue.enter(Priority::Background))), Poll::Ready(None)));
        assert!(poll(pin!(queue.enter(Priority::Interactive))).is_pending(), "the other line is open");
    }
}
