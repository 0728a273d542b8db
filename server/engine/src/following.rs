//! Following a document through the edits made while something is worked out for it.

use std::sync::Arc;

use autodao_syntax::{AppliedChange, Buffer};

use crate::Session;
use crate::diagnosis::{DocumentKey, Snapshot};
use crate::state::{History, Shared};

/// A document as it was at one moment, and everything that happened to it since. While one of these lives, the
/// session keeps the document's changes.
pub struct Following {
    shared: Arc<Shared>,
    key: DocumentKey,
    generation: u64,
    base: Snapshot,
}

/// Changes that are kept for those who follow. Who types for a day makes fewer; a program that makes more is not
/// followed.
const MAX_CHANGES: usize = 100_000;

impl History {
    /// Keeps changes while somebody follows.
    pub(crate) fn note(&mut self, version: i32, applied: &[AppliedChange]) {
        if self.followers == 0 || self.lost {
            return;
        }
        self.changes.extend(applied.iter().map(|change| (version, *change)));
        if self.changes.len() > MAX_CHANGES {
            (self.changes, self.lost) = (Vec::new(), true);
        }
    }
}

/// What became of a followed document.
pub struct Followed {
    /// The document as it is now.
    pub now: Snapshot,
    /// The changes from the base to now, in order, each with the version it led to.
    pub changes: Vec<(i32, AppliedChange)>,
}

impl Session {
    /// Starts to follow a document from its text now on; `None` when it is not open.
    pub fn follow(&self, key: &DocumentKey) -> Option<Following> {
        let mut state = self.shared().lock();
        let open = state.documents.get_mut(key)?;
        open.history.followers += 1;
        let (generation, base) = (open.generation, open.snapshot(key));
        Some(Following { shared: Arc::clone(self.shared()), key: Arc::clone(key), generation, base })
    }
}

impl Following {
    /// The document when the following began.
    pub fn base(&self) -> &Snapshot {
        &self.base
    }

    /// The text now and its version; `None` when it was closed, opened anew, or is no longer known for sure.
    pub fn text(&self) -> Option<(Arc<Buffer>, i32)> {
        let state = self.shared.lock();
        let open = state.documents.get(&self.key).filter(|open| open.generation == self.generation)?;
        let document = &open.document;
        document.desync().is_none().then(|| (Arc::clone(document.buffer()), document.version()))
    }

    /// What became of the document; `None` when it was closed, opened anew, or changed too often since.
    pub fn now(&self) -> Option<Followed> {
        let state = self.shared.lock();
        let open = state.documents.get(&self.key).filter(|open| open.generation == self.generation)?;
        if open.history.lost {
            return None;
        }
        let later = open.history.changes.iter().filter(|(version, _)| *version > self.base.version);
        Some(Followed { now: open.snapshot(&self.key), changes: later.copied().collect() })
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let open = state.documents.get_mut(&self.key).filter(|open| open.generation == self.generation);
        if let Some(open) = open {
            open.history.followers -= 1;
            if open.history.followers == 0 {
                open.history = History::default();
            }
        }
    }
}
