//! What the worker takes out of the session to look at a document.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use autodao_quality::{FileRole, Profile};
use autodao_syntax::{AppliedChange, Buffer, Language};

use crate::diagnosis::DocumentKey;
use crate::state::{Configures, State};

/// A document's state at one moment.
pub(crate) struct Job {
    pub(crate) key: DocumentKey,
    pub(crate) generation: u64,
    pub(crate) version: i32,
    pub(crate) current: Arc<AtomicI32>,
    pub(crate) buffer: Arc<Buffer>,
    pub(crate) language: Option<Language>,
    pub(crate) role: FileRole,
    pub(crate) profile: Arc<Profile>,
    pub(crate) changes: Vec<AppliedChange>,
    pub(crate) typed: bool,
    pub(crate) subject: Subject,
    pub(crate) path: Option<Arc<Path>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Code,
    Configuration(Configures),
    Nothing,
}

impl Job {
    /// Takes what there is to do for a document; `None` when it is not open.
    pub(crate) fn take(state: &mut State, key: &DocumentKey) -> Option<Self> {
        let open = state.documents.get_mut(key)?;
        open.queued = false;
        let subject = if let Some(configures) = open.configuration {
            Subject::Configuration(configures)
        } else if open.excluded || open.document.desync().is_some() || open.document.language().is_none() {
            Subject::Nothing
        } else {
            Subject::Code
        };
        Some(Self {
            key: Arc::clone(key),
            generation: open.generation,
            version: open.document.version(),
            current: Arc::clone(&open.version),
            buffer: Arc::clone(open.document.buffer()),
            language: open.document.language(),
            role: open.role,
            profile: Arc::clone(&open.config.profile),
            changes: std::mem::take(&mut open.pending),
            typed: std::mem::replace(&mut open.pending_typed, true),
            subject,
            path: open.path.clone(),
        })
    }

    /// Whether the document has a newer version by now.
    pub(crate) fn is_outdated(&self) -> bool {
        self.current.load(Ordering::Acquire) != self.version
    }
}
