//! The parts a file is analysed by: one item, or the head of one that holds others.

use std::hash::Hasher;
use std::sync::Arc;

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::{InputEdit, Node};
use rustc_hash::FxHasher;

use crate::Finding;
use crate::facts::Facts;
use crate::hold::Hold;
use crate::note::Note;
use crate::report::{FunctionNote, REACH, origin};
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
    /// In a module or namespace written in the file: it does not see the names the file imports.
    pub(crate) in_module: bool,
    /// Under an attribute that decides whether it is there, or what becomes of it. Its members are not.
    pub(crate) conditional: bool,
}

/// What an attribute says about the item after it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Attributes {
    pub(crate) test: bool,
    /// Not one of the built-in attributes that leave the item as it is.
    pub(crate) conditional: bool,
}

/// What looking at a unit brought. Offsets count from the unit's start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) findings: Option<Arc<[Finding]>>,
    pub(crate) suppressions: Vec<Suppression>,
    /// Functions that are measured alone, inner before outer.
    pub(crate) functions: Option<Arc<[FunctionNote]>>,
    /// Lines with code in them, comments and blank lines left out.
    pub(crate) code_lines: u32,
    /// How many functions with a name there are.
    pub(crate) function_count: u32,
    /// The highest cognitive complexity of its functions.
    pub(crate) hardest: u32,
    /// What it states for the file, and what its findings need of it.
    pub(crate) facts: Option<Arc<Facts>>,
    /// What is noted for rules that look at all items together.
    pub(crate) notes: Box<[Note]>,
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
    /// Whether the code on both sides stays apart when the item goes.
    parted: bool,
}

impl Beside {
    pub(crate) fn of(span: Span, text: &str) -> Self {
        let (before, after) = text.as_bytes().split_at_checked(span.start as usize).unwrap_or_default();
        let code = before.iter().rev().take(REACH as usize).take_while(|byte| matches!(byte, b' ' | b'\t'));
        let (line, blanks) = before.split_at(before.len() - code.count());
        let mut hasher = FxHasher::default();
        hasher.write(blanks);
        let starts_line = line.last().is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
        let next = span.len() as usize;
        Self {
            before: (hasher.finish(), starts_line),
            after: [after.get(next).copied(), after.get(next + 1).copied()],
            parted: is_parted(text, span),
        }
    }
}

/// Whether code before and behind a statement stays apart when the statement is removed. A script's statement may end
/// where the next token cannot go on; what begins with one of these can. Comments behind count as that, too.
pub(crate) fn is_parted(text: &str, statement: Span) -> bool {
    let near = |bytes: &mut dyn Iterator<Item = &u8>| {
        bytes.take(REACH as usize).copied().find(|byte| !byte.is_ascii_whitespace())
    };
    let (before, rest) = text.as_bytes().split_at_checked(statement.start as usize).unwrap_or_default();
    let behind = rest.get(statement.len() as usize..).unwrap_or_default();
    let ends = before.len() < REACH as usize && near(&mut before.iter()).is_none();
    let ends = ends || matches!(near(&mut before.iter().rev()), Some(b';' | b'{'));
    let goes_on = near(&mut behind.iter()).is_some_and(|next| {
        next.is_ascii_punctuation() && !matches!(next, b'}' | b'@' | b'#' | b'_' | b'$' | b'"' | b'\'')
    });
    ends || !goes_on
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
    /// Whether it is the head of a container that is no scope of its own: an `export`.
    pub(crate) transparent: bool,
    /// Whether its syntax holds an error.
    pub(crate) broken: bool,
    /// Whether an edit went into it since it was looked at: what is known of it is of another text.
    pub(crate) touched: bool,
    /// Of a broken unit: its tree's shape. tree-sitter parses a node with an error anew at every edit of the file;
    /// if it comes out the same, it is the same.
    pub(crate) shape: u64,
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

    /// What stands beside it.
    pub(crate) fn beside(&self) -> Beside {
        self.beside
    }

    /// Whether a node could be the one this was made of: all but the text, and what stands beside it.
    pub(crate) fn is_like(&self, node: Node<'_>, context: Context) -> bool {
        self.kind == node.kind_id() && self.context == context && self.nodes == node.descendant_count() as u32
    }

    pub(crate) fn context(&self) -> Context {
        self.context
    }

    /// Whether it is what the parser could not read.
    pub(crate) fn is_error(&self) -> bool {
        // tree-sitter's kind of all ERROR nodes.
        self.kind == u16::MAX
    }

    /// Whether it is the head of a container.
    pub(crate) fn is_head(&self) -> bool {
        self.head
    }
}

/// A hash of a node's tree: kinds and places, relative to the node's start. Nodes of trees larger than this are
/// all told apart: comparing them would take longer than looking at them.
const MAX_SHAPE_NODES: usize = 4096;

/// The shape of a node's tree, never 0; 0 when it is too large to be compared.
pub(crate) fn shape_of(node: Node<'_>) -> u64 {
    if node.descendant_count() > MAX_SHAPE_NODES {
        return 0;
    }
    let mut hasher = FxHasher::default();
    let mut cursor = node.walk();
    let start = node.start_byte();
    loop {
        let at = cursor.node();
        hasher.write_u16(at.kind_id());
        hasher.write_usize(at.start_byte() - start);
        hasher.write_usize(at.end_byte() - start);
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() || cursor.node() == node {
                return hasher.finish() | 1;
            }
        }
    }
}

impl Unit {
    /// Whether nothing was found in it.
    pub(crate) fn has_no_findings(&self) -> bool {
        self.hold.is_none() && self.found.as_ref().is_some_and(|found| found.findings.is_none())
    }

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
            for held in &mut hold.held {
                let moved = move_span(held.item, edit);
                if let Some(findings) = &mut held.findings {
                    *findings = edited(findings, held.item, moved, edit);
                }
                held.item = moved;
            }
        }
        if let Some(found) = &self.found
            && let Some(findings) = &found.findings
        {
            // Suppressions are read again with the unit: it is stale from here on.
            let findings = Some(edited(findings, before, self.span, edit));
            self.found = Some(Arc::new(Found { findings, functions: None, ..Found::clone(found) }));
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

/// Moves findings through an edit of the text they lie in, or of text before it. Their fixes are dropped: the
/// text they were made for is gone.
pub(crate) fn edited(
    findings: &Arc<[Finding]>,
    item: Span,
    moved_item: Span,
    edit: &InputEdit,
) -> Arc<[Finding]> {
    let move_finding = |finding: &Finding| {
        let mut finding = finding.clone();
        let span = move_span(finding.span.moved(origin(item.start)), edit);
        finding.span = span.moved(-origin(moved_item.start));
        finding.fixes = Vec::new();
        finding
    };
    findings.iter().map(move_finding).collect()
}
