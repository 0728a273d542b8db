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

/// The most nodes that are looked at, and the longest function, in bytes, that is measured. What is larger is
/// complex by its lines.
const MAX_NODES: usize = 16 << 10;
const MAX_FUNCTION_BYTES: u32 = 64 << 10;

impl Measures {
    /// Measures a target in one walk over its items; of a very large one only the lines are exact. `tree` is of
    /// exactly the text the target was found in.
    pub fn of(target: &Target, tree: &Tree) -> Self {
        let mut measures = Self { lines: target.lines, ..Self::default() };
        let mut nodes = MAX_NODES;
        for item in &target.items {
            measures.add(node_of(tree, item.span), target.language, &mut nodes);
        }
        measures
    }

    fn add(&mut self, top: Node<'_>, language: Language, nodes: &mut usize) {
        let mut cursor = top.walk();
        let (mut depth, mut nesting) = (0, 0);
        // How deep the functions are that the walk is in.
        let mut functions = Vec::new();
        loop {
            let node = cursor.node();
            let is_function = is_function(node, language);
            if is_function {
                self.functions += 1;
                if functions.len() < MEASURED_DEPTH && Span::of(node).len() <= MAX_FUNCTION_BYTES {
                    self.cognitive = self.cognitive.max(function_metrics(node, language).cognitive);
                }
            }
            *nodes = nodes.saturating_sub(1);
            if *nodes == 0 {
                return;
            }
            if cursor.goto_first_child() {
                depth += 1;
                nesting += u32::from(is_block(node));
                self.nesting = self.nesting.max(nesting);
                if is_function {
                    functions.push(depth);
                }
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                nesting -= u32::from(is_block(cursor.node()));
                functions.pop_if(|level| *level == depth);
                depth -= 1;
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

/// The smallest node that holds a span.
fn node_of(tree: &Tree, span: Span) -> Node<'_> {
    let mut cursor = tree.walk();
    let mut node = cursor.node();
    while Span::of(node) != span && cursor.goto_first_child_for_byte(span.start as usize).is_some() {
        if !Span::of(cursor.node()).contains(span) {
            break;
        }
        node = cursor.node();
    }
    node
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
