//! An edit that was applied and may be taken back.

use std::sync::Arc;

use autodao_quality::TextEdit;
use autodao_syntax::{AppliedChange, Buffer, Span};

use crate::diff::inverse;
use crate::outcome::Proposal;
use crate::typed::{Typed, rebased};

/// Why an edit cannot be taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UndoError {
    /// What it wrote, or what stands between, was changed since.
    #[error("the code was changed since the edit")]
    Changed,
}

/// Follows a document from a proposal's text on, so that the proposal can be taken back while its region is as it
/// left it.
#[derive(Clone, Debug)]
pub struct Applied {
    after: Arc<Buffer>,
    current: Arc<Buffer>,
    inverse: Vec<TextEdit>,
    typed: Typed,
}

impl Applied {
    /// Starts at the text after a proposal; `before` is the text it was made for. `None` where it was made for
    /// another.
    pub fn new(before: &Buffer, proposal: &Proposal) -> Option<Self> {
        let inverse = inverse(before.text(), &proposal.edits)?;
        let after = Buffer::shared(proposal.text.clone());
        Some(Self { current: Arc::clone(&after), after, inverse, typed: Typed::default() })
    }

    /// Follows one notification: its changes in order, and the text after all of them.
    pub fn follow(&mut self, changes: &[AppliedChange], current: &Arc<Buffer>) {
        self.typed.follow(changes, &self.after, current);
        self.current = Arc::clone(current);
    }

    /// The edits of the current text that take the proposal back, and leave what was typed elsewhere.
    pub fn undo(&self) -> Result<Vec<TextEdit>, UndoError> {
        let typed = self.typed.edits(&self.after, &self.current);
        let (Some(first), Some(last)) = (self.inverse.first(), self.inverse.last()) else {
            return Ok(Vec::new());
        };
        let region = Span::new(first.span.start, last.span.end);
        if typed.iter().any(|edit| edit.span.touches(region)) {
            return Err(UndoError::Changed);
        }
        rebased(self.after.text(), &self.inverse, &typed).ok_or(UndoError::Changed)
    }
}
