//! The thread that writes the journal: what came while it synced goes to disk together.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::journal::Journal;
use crate::layout::Layout;
use crate::receipt::{AppendError, Receipt, Slot};
use crate::record::Record;
use crate::{Event, frame};

/// Events that may wait for the disk.
const MAX_WAITING: usize = 100_000;
/// How long to wait before what could not be written is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// Takes events from any thread. The thread behind it starts with the first one.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    layout: Layout,
    queue: Mutex<Queue>,
    wake: Condvar,
}

#[derive(Default)]
struct Queue {
    /// A slot without an event only wants to know that those before it are written.
    waiting: Vec<(Option<Event>, Arc<Slot>)>,
    /// Written by the thread: events it has in its hands and could not write.
    unsaved: usize,
    started: bool,
    closed: bool,
    /// The thread ended, or never started.
    stopped: bool,
}

impl Writer {
    pub(crate) fn new(layout: Layout) -> Self {
        let shared = Shared { layout, queue: Mutex::default(), wake: Condvar::new() };
        Self { shared: Arc::new(shared), thread: Mutex::new(None) }
    }

    pub(crate) fn append(&self, mut event: Event) -> Receipt {
        event.kind.cut();
        let (receipt, slot) = Receipt::new();
        let mut queue = self.shared.lock();
        if !queue.started {
            queue.started = true;
            let shared = self.shared.clone();
            match std::thread::Builder::new().name("ledger".to_owned()).spawn(move || shared.run()) {
                Ok(thread) => *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread),
                Err(error) => {
                    tracing::error!("the ledger cannot write: {error}");
                    queue.stopped = true;
                }
            }
        }
        if queue.stopped {
            slot.set(Err(AppendError::Stopped));
        } else if queue.waiting.len() + queue.unsaved >= MAX_WAITING {
            slot.set(Err(AppendError::Overloaded));
        } else {
            queue.waiting.push((Some(event), slot));
            self.shared.wake.notify_one();
        }
        receipt
    }

    /// Ready when all that was appended before is on disk.
    pub(crate) fn flush(&self) -> Receipt {
        let (receipt, slot) = Receipt::new();
        let mut queue = self.shared.lock();
        if !queue.started {
            slot.set(Ok(()));
        } else if queue.stopped {
            slot.set(Err(AppendError::Stopped));
        } else {
            queue.waiting.push((None, slot));
            self.shared.wake.notify_one();
        }
        receipt
    }

    /// Events in memory that could not be written yet.
    pub(crate) fn unsaved(&self) -> usize {
        self.shared.lock().unsaved
    }
}

impl Drop for Writer {
    /// Waits until all that was appended is on disk, or was tried once more.
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.wake.notify_one();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that writes the ledger panicked");
        }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut journal = None;
        let mut unsaved: Vec<Event> = Vec::new();
        loop {
            let mut queue = self.lock();
            while queue.waiting.is_empty() && !queue.closed {
                if unsaved.is_empty() {
                    queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
                } else {
                    let (woken, timeout) =
                        self.wake.wait_timeout(queue, RETRY).unwrap_or_else(PoisonError::into_inner);
                    queue = woken;
                    if timeout.timed_out() {
                        break;
                    }
                }
            }
            let batch = std::mem::take(&mut queue.waiting);
            let closed = queue.closed;
            drop(queue);
            let (events, slots): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
            unsaved.extend(events.into_iter().flatten());
            let result = write(&mut journal, &self.layout, &unsaved);
            match &result {
                Ok(()) => unsaved.clear(),
                Err(error) => {
                    tracing::error!("{} events are not on disk yet: {error}", unsaved.len());
                    // What of it is on disk is unknown. All goes to a new journal; ids make a second copy harmless.
                    journal = None;
                }
            }
            let result = result.map_err(|error| AppendError::Unsaved(error.to_string()));
            self.lock().unsaved = unsaved.len();
            slots.iter().for_each(|slot| slot.set(result.clone()));
            let mut queue = self.lock();
            if closed && queue.waiting.is_empty() {
                queue.stopped = true;
                return;
            }
        }
    }
}

fn write(journal: &mut Option<Journal>, layout: &Layout, events: &[Event]) -> std::io::Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let mut lines = Vec::new();
    for event in events {
        frame::encode(&Record::Event(event.clone()).to_json()?, &mut lines);
    }
    let journal = match journal {
        Some(journal) => journal,
        None => journal.insert(Journal::create(layout)?),
    };
    journal.append(&lines)
}
