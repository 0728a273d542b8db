//! Cognitive complexity, after G. A. Campbell's white paper (SonarSource, version 1.7).
//!
//! One point for each break in the linear flow, one more for each level it is nested, one for each run of like
//! logical operators. In scripts each function is scored alone and its nesting starts at zero; in Rust a closure
//! belongs to its function and nests. Code in Rust macros is not counted: it is not parsed.
//!
//! The score is kept while a walk goes by: [`FlowTracker`] is told of every node the walk enters and leaves.

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::{Node, TreeCursor};

use crate::kinds::{Field, Flow, Kinds};

/// What is measured of one function, without the functions in it that are measured alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FunctionMetrics {
    /// Cognitive complexity.
    pub cognitive: u32,
}

/// The metrics of one function.
pub fn function_metrics(function: Node<'_>, language: Language) -> FunctionMetrics {
    let mut tracker = FlowTracker::new(language);
    let mut cursor = function.walk();
    loop {
        let node = cursor.node();
        tracker.enter(node, &cursor);
        if cursor.goto_first_child() {
            tracker.descend(node);
            continue;
        }
        while !cursor.goto_next_sibling() {
            let measured = tracker.ascend();
            if !cursor.goto_parent() || cursor.node() == function {
                return measured.or_else(|| tracker.ascend()).unwrap_or_default();
            }
        }
    }
}

/// Where a node stands.
#[derive(Clone, Copy, Default)]
struct Place {
    nesting: u32,
    /// It is the `if` of an `else if`, or the `else` before it.
    else_if: bool,
    /// It continues a chain of logical operators: `a && (b && c)` is one run.
    chained: bool,
}

impl Place {
    fn nested(self) -> Self {
        Self { nesting: self.nesting + 1, ..Self::default() }
    }

    fn same(self) -> Self {
        Self { nesting: self.nesting, ..Self::default() }
    }
}

/// A node whose children are being walked.
struct Level {
    flow: Flow,
    place: Place,
    /// It is a logical expression.
    logical: bool,
}

/// Keeps the score of the functions a walk is in.
pub(crate) struct FlowTracker {
    kinds: &'static Kinds,
    language: Language,
    levels: Vec<Level>,
    functions: Vec<FunctionMetrics>,
    /// What [`FlowTracker::enter`] found about the node the walk is at.
    at: Level,
}

impl FlowTracker {
    pub(crate) fn new(language: Language) -> Self {
        let at = Level { flow: Flow::None, place: Place::default(), logical: false };
        Self { kinds: Kinds::of(language), language, levels: Vec::new(), functions: Vec::new(), at }
    }

    /// The walk is at a node; the cursor is on it.
    pub(crate) fn enter(&mut self, node: Node<'_>, cursor: &TreeCursor<'_>) {
        let flow = self.kinds.flow(node);
        let place = match self.levels.last() {
            None => Place::default(),
            Some(level) => self.place(level, flow, cursor),
        };
        self.at = Level { flow, place, logical: false };
        if flow != Flow::None {
            let points = self.points(node, flow, place);
            if let Some(function) = self.functions.last_mut() {
                function.cognitive += points;
            }
        }
    }

    /// The walk goes on to the children of the node entered last.
    pub(crate) fn descend(&mut self, node: Node<'_>) {
        let flow = self.kinds.flow(node);
        if flow == Flow::Function {
            self.functions.push(FunctionMetrics::default());
        }
        let Level { place, logical, .. } = self.at;
        self.levels.push(Level { flow, place, logical });
    }

    /// The walk has seen the children of a node; returns its metrics when it is a function.
    pub(crate) fn ascend(&mut self) -> Option<FunctionMetrics> {
        let level = self.levels.pop()?;
        (level.flow == Flow::Function).then(|| self.functions.pop()).flatten()
    }

    /// Where a child of a level stands.
    fn place(&self, parent: &Level, flow: Flow, cursor: &TreeCursor<'_>) -> Place {
        let in_field = |field| cursor.field_id().is_some_and(|id| id.get() == self.kinds.field_id(field));
        let place = parent.place;
        match parent.flow {
            Flow::Function => Place::default(),
            Flow::Closure => place.nested(),
            Flow::If if flow == Flow::Else => Place { else_if: true, ..place.same() },
            Flow::If if in_field(Field::Consequence) => place.nested(),
            Flow::Else if flow == Flow::If => Place { else_if: true, ..place.same() },
            Flow::Else => place.nested(),
            Flow::Loop | Flow::Match | Flow::Catch if in_field(Field::Body) => place.nested(),
            Flow::Ternary if !in_field(Field::Condition) => place.nested(),
            // `let ... else` breaks the flow once, like `else`.
            Flow::Let if in_field(Field::Alternative) => place.nested(),
            Flow::Binary if parent.logical => Place { chained: true, ..place.same() },
            Flow::LetChain if flow == Flow::LetChain => Place { chained: true, ..place.same() },
            Flow::Parenthesized => Place { chained: place.chained, ..place.same() },
            _ => place.same(),
        }
    }

    fn points(&mut self, node: Node<'_>, flow: Flow, place: Place) -> u32 {
        match flow {
            Flow::If if place.else_if => 1,
            Flow::If | Flow::Loop | Flow::Match | Flow::Catch | Flow::Ternary => 1 + place.nesting,
            // `else if` counts with its `if`, a plain `else` by itself.
            Flow::Else => {
                let mut children =
                    (0..node.named_child_count() as u32).filter_map(|index| node.named_child(index));
                u32::from(!children.any(|child| self.kinds.flow(child) == Flow::If))
            }
            Flow::Let => u32::from(self.kinds.child(node, Field::Alternative).is_some()),
            Flow::Jump => {
                let label = self.kinds.child(node, Field::Label).or_else(|| node.named_child(0));
                u32::from(label.is_some_and(|label| matches!(label.kind(), "label" | "statement_identifier")))
            }
            Flow::LetChain => u32::from(!place.chained),
            Flow::Binary => {
                self.at.logical = self.logical(node).is_some();
                if self.at.logical && !place.chained { self.runs(node) } else { 0 }
            }
            Flow::None | Flow::Function | Flow::Closure | Flow::Parenthesized => 0,
        }
    }

    /// Number of runs of like operators in a whole chain, read in the order they are written, through parentheses.
    fn runs(&self, chain: Node<'_>) -> u32 {
        let mut operators: Vec<(usize, Logical)> = Vec::new();
        let mut todo = vec![chain];
        while let Some(mut node) = todo.pop() {
            while self.kinds.flow(node) == Flow::Parenthesized {
                let Some(inner) = node.named_child(0).filter(|_| node.named_child_count() == 1) else {
                    break;
                };
                node = inner;
            }
            let Some((operator, at)) = self.logical(node) else { continue };
            operators.push((at, operator));
            todo.extend(self.kinds.child(node, Field::Left));
            todo.extend(self.kinds.child(node, Field::Right));
        }
        operators.sort_unstable_by_key(|(at, _)| *at);
        // The profile the TypeScript oracle follows: only `&&` opens a run there.
        let counts = |operator| self.language == Language::Rust || operator == Logical::And;
        let mut last = None;
        let mut runs = 0;
        for (_, operator) in operators {
            runs += u32::from(last != Some(operator) && counts(operator));
            last = Some(operator);
        }
        runs
    }

    /// A logical expression's operator and where it is written.
    fn logical(&self, node: Node<'_>) -> Option<(Logical, usize)> {
        if self.kinds.flow(node) != Flow::Binary {
            return None;
        }
        let operator = self.kinds.child(node, Field::Operator)?;
        let id = operator.kind_id();
        let logical = if id == self.kinds.and {
            Logical::And
        } else if id == self.kinds.or {
            Logical::Or
        } else {
            return None;
        };
        Some((logical, operator.start_byte()))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Logical {
    And,
    Or,
}

#[cfg(test)]
mod tests {
    use autodao_syntax::SyntaxParser;

    use super::*;
    use crate::kinds::Kind;

    fn of(language: Language, text: &str) -> u32 {
        let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
        assert!(!tree.root_node().has_error(), "{text}");
        let kinds = Kinds::of(language);
        let mut todo = vec![tree.root_node()];
        while let Some(node) = todo.pop() {
            if kinds.get(node).is(Kind::FUNCTION) {
                return function_metrics(node, language).cognitive;
            }
            todo.extend(node.children(&mut node.walk()).collect::<Vec<_>>().into_iter().rev());
        }
        panic!("no function in {text}")
    }

    #[test]
    fn rust_functions() {
        for (text, expected) in [
            ("fn f() { a(); }", 0),
            ("fn f() { if a { b } }", 1),
            ("fn f() { if a { if b { c } } else { d } }", 4),
            ("fn f() { if a {} else if b {} else if c {} else {} }", 4),
            ("fn f() { for x in y { while z { loop {} } } }", 6),
            ("fn f() { match x { A => if a {}, _ => {} } }", 3),
            ("fn f() { a && b && c || d || e && f }", 3),
            ("fn f() { a && (b && c) && !(d && e) }", 2),
            ("fn f() { let Some(x) = y else { return }; }", 1),
            ("fn f() { v.iter().map(|x| if x { 1 } else { 2 }) }", 3),
            ("fn f() { 'a: loop { break 'a; } }", 2),
            ("fn f() { fn g() { if a {} } if b {} }", 1),
            ("fn f() { if let A = b && c && let D = e {} }", 2),
            ("fn f() { a?; b!(if c {}); unsafe { d } }", 0),
        ] {
            assert_eq!(of(Language::Rust, text), expected, "{text}");
        }
    }

    #[test]
    fn script_functions() {
        for (text, expected) in [
            ("function f() { if (a) b(); else if (c) d(); else e(); }", 3),
            ("function f() { for (;;) { for (a of b) { do {} while (c) } } }", 6),
            ("function f() { switch (a) { case 1: if (b) {} } }", 3),
            ("function f() { try { if (a) {} } catch { if (b) {} } finally { if (c) {} } }", 5),
            ("function f() { return a ? b : c ? d : e; }", 3),
            ("function f() { return a && b && c || d && e; }", 2),
            ("function f() { return a || b ?? c; }", 0),
            ("function f() { const g = () => { if (a) {} }; if (b) {} }", 1),
            ("function f() { x: for (;;) { continue x; } }", 2),
            ("const f = async (a) => { while (a) { if (b) return; } }", 3),
        ] {
            assert_eq!(of(Language::JavaScript, text), expected, "{text}");
        }
    }
}
