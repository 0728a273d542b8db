//! The parts a file is analysed by: one item, or the head of one that holds others.

use std::hash::Hasher;
use std::sync::Arc;

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::{InputEdit, Node};
use rustc_hash::FxHasher;

use crate::Finding;
use crate::hold::Hold;
use crate::suppression::Suppression;

/// What an item's surroundings say about it. Two equal items in equal contexts have equal findings.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Context {
    /// Under `#[cfg(test)]` or `#[test]`.
    pub(crate) test: bool,
    /// In an `impl Trait for Type`: its signatures are not its author's choice.
    pub(crate) implements_trait: bool,
    /// Exported, or in something exported.
    pub(crate) exported: bool,
}

/// What an attribute says about the item after it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Attributes {
    pub(crate) test: bool,
}

/// What looking at a unit brought. Offsets count from the unit's start.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) findings: Option<Arc<[Finding]>>,
    pub(crate) suppressions: Vec<Suppression>,
    /// Lines with code in them, comments and blank lines left out.
    pub(crate) code_lines: u32,
}

/// Identifies the text of an item in its context, wherever it stands and whichever tree it is in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct ContentKey {
    kind: u16,
    nodes: u32,
    len: u32,
    hash: u64,
    context: Context,
    head: bool,
    beside: Beside,
}

/// What stands beside an item on its lines: a fix that removes a line or indents code anew depends on it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Beside {
    /// The blanks before the item, hashed, with whether they begin its line.
    before: (u64, bool),
    /// What follows: no more than a line break is looked at.
    after: [Option<u8>; 2],
}

/// How many blanks before an item are looked at: no code is indented deeper.
const INDENT_SEEN: usize = 256;

impl Beside {
    pub(crate) fn of(span: Span, text: &str) -> Self {
        let (before, after) = text.as_bytes().split_at_checked(span.start as usize).unwrap_or_default();
        let code = before.iter().rev().take(INDENT_SEEN).take_while(|byte| matches!(byte, b' ' | b'\t'));
        let (line, blanks) = before.split_at(before.len() - code.count());
        let mut hasher = FxHasher::default();
        hasher.write(blanks);
        let starts_line = line.last().is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
        let next = span.len() as usize;
        Self {
            before: (hasher.finish(), starts_line),
            after: [after.get(next).copied(), after.get(next + 1).copied()],
        }
    }
}

/// One part of a file: a whole item, or the head of a container whose members are units of their own.
#[derive(Debug)]
pub(crate) struct Unit {
    /// tree-sitter's id of the node in the tree last seen. A node that a new tree takes over from the old one
    /// keeps its id, and with it everything known about it.
    pub(crate) id: usize,
    pub(crate) span: Span,
    /// How many of the units that follow lie inside this one.
    pub(crate) members: u32,
    pub(crate) key: ContentKey,
    /// Whether its syntax holds an error.
    pub(crate) broken: bool,
    /// Whether an edit went into it since it was looked at: what is known of it is of another text.
    pub(crate) touched: bool,
    /// Whether its node was made by a parse from nothing.
    pub(crate) canonical: bool,
    pub(crate) attributes: Attributes,
    /// `None` while the look is put off: the unit is broken and shows what it holds.
    pub(crate) found: Option<Arc<Found>>,
    pub(crate) hold: Option<Box<Hold>>,
}

impl ContentKey {
    pub(crate) fn of(node: Node<'_>, text: &str, context: Context, head: bool) -> Self {
        let span = Span::of(node);
        let mut hasher = FxHasher::default();
        hasher.write(text.as_bytes().get(span.range()).unwrap_or_default());
        Self {
            kind: node.kind_id(),
            nodes: node.descendant_count() as u32,
            len: span.len(),
            hash: hasher.finish(),
            context,
            head,
            beside: Beside::of(span, text),
        }
    }

    pub(crate) fn beside(&self) -> Beside {
        self.beside
    }

    pub(crate) fn context(&self) -> Context {
        self.context
    }

    /// Whether it is the head of a container.
    pub(crate) fn is_head(&self) -> bool {
        self.head
    }
}

impl Unit {
    /// Follows an edit of the text: a unit behind it moves, one around it grows or shrinks, and findings in it
    /// keep to the text they underline as well as offsets can.
    pub(crate) fn edit(&mut self, edit: &InputEdit) {
        let (start, old_end) = (edit.start_byte as u32, edit.old_end_byte as u32);
        let delta = edit.new_end_byte as i64 - edit.old_end_byte as i64;
        if self.span.start >= old_end {
            self.span = self.span.moved(delta);
            if let Some(hold) = &mut self.hold {
                hold.shift(delta);
            }
            return;
        }
        if self.span.end <= start {
            return;
        }
        let before = self.span;
        self.touched = true;
        self.span = move_span(self.span, edit);
        if let Some(hold) = &mut self.hold {
            for (findings, base, item) in &mut hold.held {
                edit_findings(findings, base, edit);
                *item = move_span(*item, edit);
            }
        }
        let Some(found) = &self.found else { return };
        if let Some(findings) = &found.findings {
            let (mut findings, mut base) = (Arc::clone(findings), before.start);
            edit_findings(&mut findings, &mut base, edit);
            if base != self.span.start {
                let delta = i64::from(base) - i64::from(self.span.start);
                findings = findings.iter().map(|f| f.moved(delta)).collect();
            }
            // Suppressions are read again with the unit: it is stale from here on.
            let suppressions = found.suppressions.clone();
            let code_lines = found.code_lines;
            self.found = Some(Arc::new(Found { findings: Some(findings), suppressions, code_lines }));
        }
    }
}

/// Where a range is after an edit: the part of it that the edit replaced becomes the replacement's end.
pub(crate) fn move_span(span: Span, edit: &InputEdit) -> Span {
    let (start, old_end, new_end) =
        (edit.start_byte as u32, edit.old_end_byte as u32, edit.new_end_byte as u32);
    let moved = |offset: u32| {
        if offset >= old_end {
            Span::at(offset).moved(i64::from(new_end) - i64::from(old_end)).start
        } else {
            offset.min(start)
        }
    };
    Span::new(if span.start <= start { span.start } else { moved(span.start) }, moved(span.end))
}

/// Moves findings through an edit of the text they lie in. Their fixes are dropped: the text they were made
/// for is gone.
fn edit_findings(findings: &mut Arc<[Finding]>, base: &mut u32, edit: &InputEdit) {
    let moved_base = move_span(Span::at(*base), edit).start.min(*base);
    let from = i64::from(*base);
    *findings = findings
        .iter()
        .map(|finding| {
            let mut finding = finding.clone();
            finding.span = move_span(finding.span.moved(from), edit).moved(-i64::from(moved_base));
            finding.fixes = Vec::new();
            finding
        })
        .collect();
    *base = moved_base;
}
