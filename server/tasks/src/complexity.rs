//! How hard a task is, told from the code it is about. What is written about it says little: the number of words
//! of a request and the size of the change have next to no correlation.

use autodao_quality::metrics::function_metrics;
use autodao_syntax::tree_sitter::{Node, Tree};
use autodao_syntax::{Language, Span};

use crate::Target;

/// What class of model a task needs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Complexity {
    /// Short and straight.
    Simple,
    /// In between.
    Moderate,
    /// Long, branched or deep.
    Complex,
}

impl Complexity {
    /// Its name in records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Moderate => "moderate",
            Self::Complex => "complex",
        }
    }
}

/// What is measured of a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Measures {
    /// Lines, documentation included.
    pub lines: u32,
    /// The highest cognitive complexity of a function in it.
    pub cognitive: u32,
    /// How deep blocks are nested in it, the outermost counted as 1.
    pub nesting: u32,
    /// How many functions are in it, closures that are measured with their function left out.
    pub functions: u32,
}

/// A function in so many others is not measured alone: each is walked once for every function around it.
const MEASURED_DEPTH: usize = 8;

impl Measures {
    /// Measures a target in one walk over it. `tree` is of exactly the text the target was found in.
    pub fn of(target: &Target, tree: &Tree) -> Self {
        let mut measures = Self { lines: target.lines, ..Self::default() };
        let mut cursor = tree.walk();
        // Down to the smallest node that holds the target.
        while cursor.goto_first_child_for_byte(target.span.start as usize).is_some() {
            if !Span::of(cursor.node()).contains(target.span) {
                cursor.goto_parent();
                break;
            }
        }
        let top = cursor.node();
        let mut cursor = top.walk();
        let (mut depth, mut functions, mut around) = (0, Vec::new(), 0_usize);
        loop {
            let node = cursor.node();
            // What lies beside the target is not walked; the node itself may reach beyond it.
            let inside = node.id() == top.id() || Span::of(node).overlaps(target.span);
            let is_function = inside && is_function(node, target.language);
            if is_function {
                measures.functions += 1;
                if functions.len() < MEASURED_DEPTH {
                    let cognitive = function_metrics(node, target.language).cognitive;
                    measures.cognitive = measures.cognitive.max(cognitive);
                }
            }
            let is_block = inside && is_block(node);
            if inside && cursor.goto_first_child() {
                around += 1;
                if is_function {
                    functions.push(around);
                }
                depth += u32::from(is_block);
                measures.nesting = measures.nesting.max(depth);
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return measures;
                }
                functions.pop_if(|level| *level == around);
                around -= 1;
                depth -= u32::from(is_block_left(cursor.node(), target.span, top));
                if cursor.node().id() == top.id() {
                    return measures;
                }
            }
        }
    }

    /// The class of these measures.
    pub const fn complexity(self) -> Complexity {
        if self.cognitive > 15 || self.lines > 80 || self.nesting > 6 {
            Complexity::Complex
        } else if self.cognitive > 5 || self.lines > 30 || self.nesting > 4 {
            Complexity::Moderate
        } else {
            Complexity::Simple
        }
    }
}

fn is_block_left(node: Node<'_>, span: Span, top: Node<'_>) -> bool {
    (node.id() == top.id() || Span::of(node).overlaps(span)) && is_block(node)
}

fn is_function(node: Node<'_>, language: Language) -> bool {
    match node.kind() {
        "function_item" => language == Language::Rust,
        "function_declaration"
        | "generator_function_declaration"
        | "function_expression"
        | "generator_function"
        | "method_definition"
        | "arrow_function" => language.is_script(),
        _ => false,
    }
}

fn is_block(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "block" | "match_block" | "statement_block" | "switch_body" | "declaration_list" | "class_body"
    )
}
