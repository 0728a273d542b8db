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
    /// Whether the text is broken, and not only its tree: what a conforming parser said last, and of which version.
    pub(crate) verdict: Option<(i32, bool)>,
    /// A conforming parser is asked then.
    pub(crate) confirm_at: Option<Instant>,
    /// The version a conforming parser is being asked about.
    pub(crate) asked: Option<i32>,
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
            verdict: None,
            confirm_at: None,
            asked: None,
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
                    (self.tree, self.verdict) = (None, None);
                    self.analysis = Analysis::new(Arc::clone(&job.profile), job.language, job.role);
                }
            }
        }
        !job.changes.is_empty() && self.tree.is_some()
    }

    /// Takes what is known of errors of the tree as it is now. Nobody knows of them until a conforming parser was
    /// asked; then what it said holds until it is asked again.
    pub(crate) fn settle_errors(&mut self) {
        let has_error = self.tree.as_ref().is_some_and(|tree| tree.root_node().has_error());
        if !has_error {
            (self.verdict, self.confirm_at) = (None, None);
        }
        self.analysis.doubt_errors(has_error && !self.verdict.is_some_and(|(_, broken)| broken));
    }

    /// Whether errors of the tree wait to be confirmed for the first time.
    pub(crate) fn is_unsure(&self) -> bool {
        self.verdict.is_none() && (self.confirm_at.is_some() || self.asked.is_some())
    }

    /// When something is due without an edit.
    pub(crate) fn due(&self) -> Option<Instant> {
        [self.parse_at, self.canonical_at, self.confirm_at, self.analysis.next_deadline()]
            .into_iter()
            .flatten()
            .min()
    }
}
