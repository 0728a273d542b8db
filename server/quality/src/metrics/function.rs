//! What is measured of one function.

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::Node;

use super::{Definition, FlowTracker};
use crate::kinds::{Kind, Kinds};

/// What is measured of one function, without the functions in it that are measured alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FunctionMetrics {
    /// Cognitive complexity.
    pub cognitive: u32,
    /// Cyclomatic complexity, 1 for straight code.
    pub cyclomatic: u32,
    /// The deepest block within a block: of `if`, loops, `match`, `switch` and `try`; an `else if` goes no deeper.
    pub nesting: u32,
    /// Number of parameters, with a Rust method's `self`.
    pub parameters: u32,
    /// Whether the first of them is `self`.
    pub receiver: bool,
    /// Leaves of the syntax tree, comments left out: a length that formatting does not change.
    pub tokens: u32,
    /// Lines with code on them from its first to its last, the functions in it included.
    pub code_lines: u32,
}

impl FunctionMetrics {
    /// Number of parameters a caller writes in parentheses: without `self`.
    pub fn arguments(&self) -> u32 {
        self.parameters - u32::from(self.receiver)
    }
}

/// The metrics of one function.
pub fn function_metrics(function: Node<'_>, language: Language) -> FunctionMetrics {
    let kinds = Kinds::of(language);
    let mut tracker = FlowTracker::new(language, Definition::default_for(language));
    let mut cursor = function.walk();
    loop {
        let node = cursor.node();
        tracker.enter(node, &cursor);
        if !kinds.get(node).is(Kind::COMMENT) {
            if cursor.goto_first_child() {
                tracker.descend(node);
                continue;
            }
            tracker.leaf(node);
        }
        while !cursor.goto_next_sibling() {
            let measured = tracker.ascend();
            if !cursor.goto_parent() || cursor.node() == function {
                return measured.or_else(|| tracker.ascend()).unwrap_or_default();
            }
        }
    }
}

/// The first block of a function, in the order they are written, that is deeper than `max`.
pub(crate) fn first_deeper_block<'t>(function: Node<'t>, language: Language, max: u32) -> Option<Node<'t>> {
    let mut tracker = FlowTracker::new(language, Definition::default_for(language));
    let mut cursor = function.walk();
    loop {
        let node = cursor.node();
        tracker.enter(node, &cursor);
        if tracker.is_deeper_block(max) {
            return Some(node);
        }
        if cursor.goto_first_child() {
            tracker.descend(node);
            continue;
        }
        while !cursor.goto_next_sibling() {
            tracker.ascend();
            if !cursor.goto_parent() || cursor.node() == function {
                return None;
            }
        }
    }
}
