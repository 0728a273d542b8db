//! What is known of one version of a file.

use std::sync::Arc;

use autodao_syntax::Span;

use crate::Finding;

/// A finding at its place in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlacedFinding {
    /// The finding, its offsets counted from `base`.
    finding: Arc<[Finding]>,
    index: u32,
    base: u32,
    /// The item it was found in: an edit inside makes the finding doubtful, one elsewhere only moves it.
    pub item: Span,
}

impl PlacedFinding {
    pub(crate) fn new(finding: &Arc<[Finding]>, index: usize, base: u32, item: Span) -> Self {
        Self { finding: Arc::clone(finding), index: index as u32, base, item }
    }

    /// The finding with offsets relative to [`PlacedFinding::base`]: for what does not depend on the place.
    pub fn relative(&self) -> &Finding {
        &self.finding[self.index as usize]
    }

    /// What to add to the finding's offsets.
    pub fn base(&self) -> u32 {
        self.base
    }

    /// What to underline, in offsets of the text.
    pub fn span(&self) -> Span {
        self.relative().span.moved(i64::from(self.base))
    }

    /// The finding in offsets of the text.
    pub fn finding(&self) -> Finding {
        self.relative().moved(i64::from(self.base))
    }

    /// The same finding moved with its item.
    #[must_use]
    pub fn moved(&self, delta: i64) -> Self {
        let moved = Span::at(self.base).moved(delta).start;
        Self {
            finding: Arc::clone(&self.finding),
            index: self.index,
            base: moved,
            item: self.item.moved(delta),
        }
    }
}

/// The findings of one version of a file, in order of appearance.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// What was found and not suppressed.
    pub findings: Vec<PlacedFinding>,
    /// How many findings a comment in the file suppresses.
    pub suppressed: u32,
    /// Whether the syntax tree holds an error: what is found near it may change when it is mended.
    pub broken: bool,
}
