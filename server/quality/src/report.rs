//! What is known of one version of a file.

use std::sync::Arc;

use autodao_syntax::Span;

use crate::Finding;
use crate::metrics::FunctionMetrics;

/// How far before its item's start a fix may reach, in bytes: over the blanks before it on its line.
pub(crate) const REACH: u32 = 256;

/// What to add to the offsets of the findings of an item that starts at `start` to get those of the text.
pub(crate) const fn origin(start: u32) -> i64 {
    start as i64 - REACH as i64
}

/// A finding at its place in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlacedFinding {
    findings: Arc<[Finding]>,
    index: u32,
    /// The item it was found in: an edit inside makes the finding doubtful, one elsewhere only moves it.
    pub item: Span,
}

impl PlacedFinding {
    pub(crate) fn all(findings: &Arc<[Finding]>, item: Span) -> impl Iterator<Item = Self> {
        (0..findings.len() as u32).map(move |index| Self { findings: Arc::clone(findings), index, item })
    }

    /// The finding without its fixes.
    #[must_use]
    pub(crate) fn without_fixes(self) -> Self {
        if self.relative().fixes.is_empty() {
            return self;
        }
        let bare = Finding { fixes: Vec::new(), ..self.relative().clone() };
        Self { findings: Arc::new([bare]), index: 0, item: self.item }
    }

    /// Its place among its item's findings.
    pub(crate) fn index(&self) -> u32 {
        self.index
    }

    /// The finding with offsets that count from [`PlacedFinding::origin`]: for what does not depend on the place.
    pub fn relative(&self) -> &Finding {
        &self.findings[self.index as usize]
    }

    /// What to add to the finding's offsets; it may be negative.
    pub fn origin(&self) -> i64 {
        origin(self.item.start)
    }

    /// What to underline, in offsets of the text.
    pub fn span(&self) -> Span {
        self.relative().span.moved(self.origin())
    }

    /// The finding in offsets of the text.
    pub fn finding(&self) -> Finding {
        self.relative().moved(self.origin())
    }

    /// The same finding moved with its item.
    #[must_use]
    pub fn moved(&self, delta: i64) -> Self {
        Self { findings: Arc::clone(&self.findings), index: self.index, item: self.item.moved(delta) }
    }
}

/// What was measured of a function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FunctionNote {
    /// Where it is named: its own name, that of what it is bound to, or what stands before its body.
    pub name: Span,
    /// Its metrics.
    pub metrics: FunctionMetrics,
}

/// The functions of an item at their place in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlacedFunctions {
    functions: Arc<[FunctionNote]>,
    /// The item they are in: an edit inside makes them doubtful, one elsewhere only moves them.
    pub item: Span,
}

impl PlacedFunctions {
    pub(crate) fn new(functions: &Arc<[FunctionNote]>, item: Span) -> Self {
        Self { functions: Arc::clone(functions), item }
    }

    /// The functions with their names in offsets of the text.
    pub fn iter(&self) -> impl Iterator<Item = FunctionNote> {
        let start = i64::from(self.item.start);
        self.functions.iter().map(move |note| FunctionNote { name: note.name.moved(start), ..note.clone() })
    }

    /// The same functions moved with their item.
    #[must_use]
    pub fn moved(&self, delta: i64) -> Self {
        Self::new(&self.functions, self.item.moved(delta))
    }
}

/// The findings of one version of a file, in order of appearance.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// What was found and not suppressed.
    pub findings: Vec<PlacedFinding>,
    /// How many findings a comment in the file suppresses.
    pub suppressed: u32,
    /// The functions of items that were not edited since they were looked at.
    pub functions: Vec<PlacedFunctions>,
    /// Whether the syntax tree holds an error nobody doubts: what is found near it may change when it is mended.
    pub broken: bool,
}
