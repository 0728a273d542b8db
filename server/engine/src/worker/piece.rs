//! A document as the worker knows it.

use std::sync::Arc;
use std::time::Instant;

use autodao_quality::{Analysis, Profile};
use autodao_syntax::{AppliedChange, SyntaxTree};

use super::job::Job;

/// Tree, findings, and what is due.
pub(crate) struct Piece {
    pub(crate) generation: u64,
    pub(crate) analysis: Analysis,
    pub(crate) profile: Arc<Profile>,
    pub(crate) tree: Option<SyntaxTree>,
    pub(crate) bytes: u32,
    /// Parses in a row that took longer than [`SLOW_PARSE`].
    pub(crate) slow_parses: u32,
    /// A slow document is parsed then.
    pub(crate) parse_at: Option<Instant>,
    /// A tree that came from an older one and has errors is checked then.
    pub(crate) canonical_at: Option<Instant>,
    pub(crate) used: u64,
}

impl Piece {
    /// Nothing known yet.
    pub(crate) fn new(job: &Job, used: u64) -> Self {
        Self {
            generation: job.generation,
            analysis: Analysis::new(Arc::clone(&job.profile), job.language, job.role),
            profile: Arc::clone(&job.profile),
            tree: None,
            bytes: job.buffer.len(),
            slow_parses: 0,
            parse_at: None,
            canonical_at: None,
            used,
        }
    }

    /// Brings tree and findings to the places of the job's text. Returns whether there were edits to follow.
    pub(crate) fn follow(&mut self, job: &Job, used: u64) -> bool {
        self.used = used;
        self.bytes = job.buffer.len();
        if !Arc::ptr_eq(&self.profile, &job.profile) {
            self.profile = Arc::clone(&job.profile);
            self.analysis.set_profile(Arc::clone(&job.profile));
        }
        if !job.typed {
            self.analysis.edited_by_program();
        }
        for change in &job.changes {
            match change {
                AppliedChange::Edit(edit) => {
                    if let Some(tree) = &mut self.tree {
                        tree.edit(edit);
                    }
                    self.analysis.edit(edit);
                }
                AppliedChange::Reset => {
                    self.tree = None;
                    self.analysis = Analysis::new(Arc::clone(&job.profile), job.language, job.role);
                }
            }
        }
        !job.changes.is_empty() && self.tree.is_some()
    }

    /// When something is due without an edit.
    pub(crate) fn due(&self) -> Option<Instant> {
        [self.parse_at, self.canonical_at, self.analysis.next_deadline()].into_iter().flatten().min()
    }
}
