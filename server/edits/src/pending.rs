//! A request under way while the user goes on typing.

use std::sync::Arc;

use autodao_syntax::SyntaxTree;
use autodao_syntax::{AppliedChange, Buffer, Span};

use crate::change::Change;
use crate::gate::Gate;
use crate::outcome::{Outcome, Proposal, Refusal};
use crate::propose::{Checks, Request, judged};
use crate::typed::{Typed, rebased};

/// Follows a document from the version a request was made of, so that the proposal can be brought to the version
/// that is there when it is ready.
///
/// Invariant: what the user typed and what the proposal writes both survive literally, or there is no edit.
#[derive(Clone, Debug)]
pub struct Pending {
    base: Arc<Buffer>,
    base_version: i32,
    current: Arc<Buffer>,
    version: i32,
    typed: Typed,
}

impl Pending {
    /// Starts at a request's text.
    pub fn new(request: &Request) -> Self {
        let (base, version) = (Arc::clone(request.site.buffer()), request.site.version());
        Self { current: Arc::clone(&base), base, base_version: version, version, typed: Typed::default() }
    }

    /// Follows one notification: its changes in order, the text after all of them, and its version.
    pub fn follow(&mut self, changes: &[AppliedChange], current: &Arc<Buffer>, version: i32) {
        self.typed.follow(changes, &self.base, current);
        self.current = Arc::clone(current);
        self.version = version;
    }

    /// The version followed to.
    pub fn version(&self) -> i32 {
        self.version
    }

    /// Brings a proposal of the request to the current version. Where the text is still the same, nothing is asked
    /// again; else every gate is, with the current text as what was before. `tree` is of the current text, if there
    /// is one; [`Checks::quality`] must be of the current text or `None`.
    pub fn rebase(
        &self,
        request: &Request,
        proposal: &Proposal,
        tree: Option<SyntaxTree>,
        checks: &mut Checks<'_>,
    ) -> Outcome {
        if proposal.version != self.base_version {
            return conflict("the edit is of another version of the text");
        }
        let typed = self.typed.edits(&self.base, &self.current);
        if typed.is_empty() {
            let mut same = proposal.clone();
            same.version = self.version;
            return Outcome::Proposal(Box::new(same));
        }
        let base = self.base.text();
        let (Some(ours), Some(region), Some(target)) = (
            rebased(base, &proposal.edits, &typed),
            moved(proposal.before, &typed),
            moved(request.site.target(), &typed),
        ) else {
            return conflict("the code was changed meanwhile where the edit changes it");
        };
        let site = request.site.moved(checks.parser, Arc::clone(&self.current), self.version, tree, target);
        let Ok(site) = site else { return conflict("the text cannot be parsed any more") };
        let Some(change) = Change::new(checks.parser, &site, region, ours) else {
            return conflict("the edit does not fit the text any more");
        };
        judged(&site, change, request.contract, &request.terms, checks)
    }
}

fn conflict(reason: &str) -> Outcome {
    Refusal::new(Gate::Conflict, reason, false).into()
}

/// A range after edits; what is put at its ends is outside. `None` where an edit crosses one of them.
fn moved(span: Span, edits: &[autodao_quality::TextEdit]) -> Option<Span> {
    let (mut start, mut end) = (0_i64, 0_i64);
    for edit in edits {
        let delta = edit.text.len() as i64 - i64::from(edit.span.len());
        if edit.span.end <= span.start {
            start += delta;
            end += delta;
        } else if span.contains(edit.span) && edit.span.start < span.end {
            end += delta;
        } else if edit.span.start < span.end {
            return None;
        }
    }
    Some(Span::new(Span::at(span.start).moved(start).start, Span::at(span.end).moved(end).start))
}
