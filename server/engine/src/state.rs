//! The state behind a session's lock: what is known of each open document.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use autodao_quality::{FileRole, Finding};
use autodao_syntax::SyntaxTree;
use autodao_syntax::{AppliedChange, Document, Span};

use crate::config::{Configuration, FolderConfig, Scope};
use crate::diagnosis::{Diagnosis, DocumentKey, Listener, Snapshot};

/// An open document.
pub(crate) struct Open {
    pub(crate) document: Document,
    pub(crate) path: Option<Arc<Path>>,
    pub(crate) role: FileRole,
    pub(crate) config: Arc<FolderConfig>,
    pub(crate) excluded: bool,
    /// What it configures, if it is a configuration file.
    pub(crate) configuration: Option<Configures>,
    /// Distinguishes this opening of the document from earlier ones.
    pub(crate) generation: u64,
    /// The document's version, readable without the lock: an analysis of an older one stops.
    pub(crate) version: Arc<AtomicI32>,
    /// Changes the worker has not seen.
    pub(crate) pending: Vec<AppliedChange>,
    /// Whether all of them look typed.
    pub(crate) pending_typed: bool,
    /// When the last edit came, and where its text ends up.
    pub(crate) last_edit: Option<(Instant, Span)>,
    pub(crate) queued: bool,
    pub(crate) diagnosis: Option<Arc<Diagnosis>>,
    /// The last diagnosis that is not provisional.
    pub(crate) settled: Option<Arc<Diagnosis>>,
    /// Changes since the settled diagnosis, with the version they led to.
    pub(crate) since: Vec<(i32, AppliedChange)>,
    pub(crate) waiting: Vec<(i32, Waiter)>,
    /// The last tree the worker made, with its version, while the worker keeps it too.
    pub(crate) tree: Option<(i32, SyntaxTree)>,
    /// Changes for whoever follows a place through them.
    pub(crate) history: History,
}

/// What a configuration file configures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Configures {
    /// Everything, for a project or a user.
    Settings(Scope),
    /// A rule of a user's own.
    Rule,
    /// Templates.
    Templates,
}

/// Changes of a document, kept while somebody follows them.
#[derive(Default)]
pub(crate) struct History {
    /// How many follow.
    pub(crate) followers: usize,
    /// Changes, with the version they led to.
    pub(crate) changes: Vec<(i32, AppliedChange)>,
    /// There were too many: whoever follows is not told any more.
    pub(crate) lost: bool,
}

/// A conforming parser's answer for one version of a document.
pub(crate) struct Confirmed {
    pub(crate) key: DocumentKey,
    pub(crate) generation: u64,
    pub(crate) version: i32,
    /// Whether the text is broken.
    pub(crate) broken: bool,
}

/// What the workspace rules found in one version of a document.
pub(crate) struct Joined {
    pub(crate) key: DocumentKey,
    pub(crate) generation: u64,
    pub(crate) version: i32,
    pub(crate) findings: Vec<Finding>,
}

/// Called once with a diagnosis, or with `None` when the document is closed.
pub(crate) type Waiter = Box<dyn FnOnce(Option<Arc<Diagnosis>>) + Send>;

pub(crate) struct State {
    pub(crate) documents: HashMap<DocumentKey, Open>,
    /// Documents to look at, first come first served.
    pub(crate) queue: VecDeque<DocumentKey>,
    /// Documents that were closed since the worker last looked.
    pub(crate) closed: Vec<DocumentKey>,
    /// Compiled queries wait to be applied.
    pub(crate) queries_ready: bool,
    /// What conforming parsers said.
    pub(crate) confirmed: VecDeque<Confirmed>,
    /// What the workspace rules found.
    pub(crate) joined: VecDeque<Joined>,
    pub(crate) stopping: bool,
    pub(crate) configuration: Configuration,
    pub(crate) generations: u64,
    pub(crate) serials: u64,
}

pub(crate) struct Shared {
    pub(crate) state: Mutex<State>,
    /// The worker waits here for work.
    pub(crate) work: Condvar,
    /// Requests wait here, briefly, for a diagnosis.
    pub(crate) done: Condvar,
    pub(crate) listener: Box<dyn Listener>,
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere must not take the session with it; what is behind the lock is valid at every moment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets requests see a tree, or no longer: one that the worker let go must not live on here.
    pub(crate) fn set_tree(&self, key: &DocumentKey, generation: u64, tree: Option<(i32, SyntaxTree)>) {
        let before = {
            let mut state = self.lock();
            let open = state.documents.get_mut(key).filter(|open| open.generation == generation);
            open.map(|open| std::mem::replace(&mut open.tree, tree))
        };
        // Freeing a tree takes longer than the lock may be held.
        drop(before);
    }

    /// Records a diagnosis and tells whoever waits, unless the document has moved on. Returns the diagnosis as
    /// recorded and whether its version had one before; `None` when it is stale or says nothing new.
    pub(crate) fn deliver(
        &self,
        key: &DocumentKey,
        generation: u64,
        mut diagnosis: Diagnosis,
    ) -> Option<(Arc<Diagnosis>, bool)> {
        let mut state = self.lock();
        state.serials += 1;
        diagnosis.serial = state.serials;
        let open = state.documents.get_mut(key).filter(|open| open.generation == generation)?;
        if open.document.version() != diagnosis.version {
            return None;
        }
        let before = open.diagnosis.as_ref().filter(|before| before.version == diagnosis.version);
        let again = before.is_some();
        let same = before.is_some_and(|before| before.content == diagnosis.content);
        if let (true, Some(before)) = (same, before) {
            diagnosis.serial = before.serial;
        }
        let diagnosis = Arc::new(diagnosis);
        open.diagnosis = Some(Arc::clone(&diagnosis));
        if !diagnosis.provisional {
            open.settled = Some(Arc::clone(&diagnosis));
            open.since.retain(|(version, _)| *version > diagnosis.version);
        }
        let waiting = std::mem::take(&mut open.waiting);
        let (ready, waiting) =
            waiting.into_iter().partition::<Vec<_>, _>(|(version, _)| *version <= diagnosis.version);
        open.waiting = waiting;
        drop(state);
        self.done.notify_all();
        for (_, waiter) in ready {
            waiter(Some(Arc::clone(&diagnosis)));
        }
        (!same).then_some((diagnosis, again))
    }
}

impl Open {
    /// The document as it is now.
    pub(crate) fn snapshot(&self, key: &DocumentKey) -> Snapshot {
        Snapshot::new(key, self)
    }

    /// Whoever waits for this document will not hear of it any more.
    pub(crate) fn abandon(self) {
        self.version.store(i32::MAX, Ordering::Release);
        for (_, waiter) in self.waiting {
            waiter(None);
        }
    }
}

impl State {
    pub(crate) fn enqueue(&mut self, key: &DocumentKey) {
        if let Some(open) = self.documents.get_mut(key)
            && !std::mem::replace(&mut open.queued, true)
        {
            self.queue.push_back(Arc::clone(key));
        }
    }

    /// Gives every document the configuration that holds for it now, and has it looked at.
    pub(crate) fn reconfigure(&mut self) {
        let mut keys: Vec<_> = self.documents.keys().cloned().collect();
        keys.sort();
        for key in keys {
            if let Some(open) = self.documents.get_mut(&key) {
                open.config = self.configuration.for_file(open.path.as_deref());
                open.excluded = open.path.as_deref().is_some_and(|path| open.config.excludes(path));
            }
            self.enqueue(&key);
        }
    }
}
