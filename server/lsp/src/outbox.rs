//! What goes to the client, from any thread.
//!
//! Invariant: the thread that reads never waits here. A client that writes a large message before it reads would
//! otherwise wait for us while we wait for it.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::codec::framed;

/// Where messages are written.
pub trait Sink: Write + Send + 'static {
    /// Whether a write of up to 4,096 bytes would return at once.
    fn takes_at_once(&self) -> bool;
}

/// Standard output.
pub struct Stdout(io::Stdout);

impl Default for Stdout {
    fn default() -> Self {
        Self(io::stdout())
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Past std's line buffer: a frame is one write, without a copy.
        #[cfg(unix)]
        return rustix::io::write(&self.0, bytes).map_err(Into::into);
        #[cfg(not(unix))]
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Sink for Stdout {
    /// POLLOUT on a pipe promises room for `PIPE_BUF` (4,096) bytes, on a socket for more.
    fn takes_at_once(&self) -> bool {
        #[cfg(unix)]
        {
            use rustix::event::{PollFd, PollFlags, Timespec, poll};
            let mut fds = [PollFd::new(&self.0, PollFlags::OUT)];
            let now = Timespec { tv_sec: 0, tv_nsec: 0 };
            poll(&mut fds, Some(&now)).is_ok_and(|ready| ready == 1) && fds[0].revents() == PollFlags::OUT
        }
        #[cfg(not(unix))]
        false
    }
}

/// The largest message written without waiting: what a pipe that polls writable takes.
const AT_ONCE: usize = 4096;
/// How many messages may wait before those who may wait have to.
const QUEUE: usize = 64;

/// Sends messages. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    changed: Condvar,
    sink: Mutex<Box<dyn Sink>>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Vec<u8>>,
    /// Somebody is writing. Whoever comes meanwhile queues up.
    writing: bool,
    thread: bool,
    /// The client is gone: nothing can be sent any more.
    broken: bool,
}

impl Outbox {
    pub(crate) fn new(sink: Box<dyn Sink>) -> Self {
        Self(Arc::new(Inner { state: Mutex::default(), changed: Condvar::new(), sink: Mutex::new(sink) }))
    }

    /// Sends a message and does not wait: for the thread that reads.
    pub(crate) fn send(&self, message: &impl Serialize) {
        self.push(message, false);
    }

    /// Sends a message, waiting when the client does not read: for threads that may.
    pub(crate) fn send_waiting(&self, message: &impl Serialize) {
        self.push(message, true);
    }

    fn push(&self, message: &impl Serialize, may_wait: bool) {
        let body = match serde_json::to_vec(message) {
            Ok(body) => body,
            Err(error) => return tracing::error!("a message cannot be written as JSON: {error}"),
        };
        let frame = framed(&body);
        let mut state = self.lock();
        while may_wait && state.queue.len() >= QUEUE && !state.broken {
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.broken {
            return;
        }
        let idle = !state.writing && state.queue.is_empty();
        if idle && (may_wait || (frame.len() <= AT_ONCE && self.sink().takes_at_once())) {
            state.writing = true;
            drop(state);
            let result = self.write(&[frame]);
            let mut state = self.lock();
            state.writing = false;
            state.broken |= result.is_err();
            self.0.changed.notify_all();
        } else {
            state.queue.push_back(frame);
            if !std::mem::replace(&mut state.thread, true) {
                self.start_thread();
            }
            self.0.changed.notify_all();
        }
    }

    /// Waits until everything sent so far is written, or cannot be; nothing can be sent afterwards.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        while (state.writing || !state.queue.is_empty()) && !state.broken {
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.broken = true;
        self.0.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sink(&self) -> MutexGuard<'_, Box<dyn Sink>> {
        self.0.sink.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, frames: &[Vec<u8>]) -> io::Result<()> {
        let mut sink = self.sink();
        frames.iter().try_for_each(|frame| sink.write_all(frame))?;
        sink.flush()
    }

    fn start_thread(&self) {
        let outbox = self.clone();
        let work = move || while outbox.write_queue() {};
        if let Err(error) = std::thread::Builder::new().name("autodao-outbox".into()).spawn(work) {
            tracing::error!("no thread to write with: {error}");
            self.lock().broken = true;
        }
    }

    /// Waits for queued messages and writes them; `false` when there will be no more.
    fn write_queue(&self) -> bool {
        let mut state = self.lock();
        while state.writing || state.queue.is_empty() {
            if state.broken {
                return false;
            }
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.writing = true;
        let frames: Vec<_> = state.queue.drain(..).collect();
        drop(state);
        let result = self.write(&frames);
        let mut state = self.lock();
        state.writing = false;
        state.broken |= result.is_err();
        self.0.changed.notify_all();
        !state.broken
    }
}
