//! Where an edit is made: a document that may go on changing while a model works.

use std::sync::Arc;

use autodao_syntax::{AppliedChange, Buffer};

use crate::diagnosis::Snapshot;
use crate::following::Following;

/// A place for an edit.
pub(crate) enum Place {
    /// An open document, followed through what is typed meanwhile.
    Open(Box<Following>),
    /// A file: what it held when it was read.
    File(Box<Snapshot>),
}

/// What became of a place since the edit was begun.
pub(crate) struct Now {
    pub(crate) buffer: Arc<Buffer>,
    pub(crate) version: i32,
    pub(crate) changes: Vec<AppliedChange>,
}

impl Place {
    /// The text the edit is made for.
    pub(crate) fn base(&self) -> &Snapshot {
        match self {
            Self::Open(following) => following.base(),
            Self::File(snapshot) => snapshot,
        }
    }

    /// The text now; `None` when it was closed, opened anew, or is no longer known for sure.
    pub(crate) fn now(&self) -> Option<Now> {
        match self {
            Self::Open(following) => {
                let followed = following.now().filter(|followed| !followed.now.desynced)?;
                let (buffer, version) = (followed.now.buffer, followed.now.version);
                let changes = followed.changes.into_iter().map(|(_, change)| change).collect();
                Some(Now { buffer, version, changes })
            }
            Self::File(snapshot) => {
                let (buffer, version) = (Arc::clone(&snapshot.buffer), snapshot.version);
                Some(Now { buffer, version, changes: Vec::new() })
            }
        }
    }
}
