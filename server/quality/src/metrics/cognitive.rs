//! Cognitive complexity, after G. A. Campbell's white paper (SonarSource, version 1.7).
//!
//! One point for each break in the linear flow, one more for each level it is nested, one for each run of like
//! logical operators. In scripts each function is scored alone and its nesting starts at zero; in Rust a closure
//! belongs to its function and nests. Code in Rust macros is not counted: it is not parsed.

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::{Node, TreeCursor};

use crate::kinds::{Kind, Kinds};

/// The cognitive complexity of one function, without the functions in it that are scored alone.
pub fn cognitive_complexity(function: Node<'_>, language: Language) -> u32 {
    let mut score =
        Score { language, kinds: Kinds::of(language), points: 0, todo: Vec::new(), children: Vec::new() };
    let mut cursor = function.walk();
    score.push_children(&mut cursor, function, |_| Some(Place::default()));
    while let Some((node, place)) = score.todo.pop() {
        if language == Language::Rust {
            score.rust(&mut cursor, node, place);
        } else {
            score.script(&mut cursor, node, place);
        }
    }
    score.points
}

/// Where a node stands.
#[derive(Clone, Copy, Default)]
struct Place {
    nesting: u32,
    /// It is the `if` of an `else if`.
    else_if: bool,
    /// The logical operator of the chain it continues: `a && (b && c)` is one run.
    chain: Option<Logical>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Logical {
    And,
    Or,
}

impl Place {
    fn nested(self) -> Self {
        Self { nesting: self.nesting + 1, else_if: false, chain: None }
    }

    fn same(self) -> Self {
        Self { nesting: self.nesting, else_if: false, chain: None }
    }
}

struct Score<'t> {
    language: Language,
    kinds: &'static Kinds,
    points: u32,
    todo: Vec<(Node<'t>, Place)>,
    children: Vec<Node<'t>>,
}

impl<'t> Score<'t> {
    /// Queues a node's named children, each where `place` puts it; `None` leaves one out.
    fn push_children(
        &mut self,
        cursor: &mut TreeCursor<'t>,
        node: Node<'t>,
        place: impl Fn(Node<'t>) -> Option<Place>,
    ) {
        self.children.clear();
        self.children.extend(node.named_children(cursor));
        let queued =
            self.children.drain(..).rev().filter_map(|child| place(child).map(|place| (child, place)));
        self.todo.extend(queued);
    }

    /// A break in the flow that also counts its nesting.
    fn structural(&mut self, place: Place) {
        self.points += 1 + place.nesting;
    }

    fn rust(&mut self, cursor: &mut TreeCursor<'t>, node: Node<'t>, place: Place) {
        match node.kind() {
            // Items inside a function are scored alone; macro arguments are not parsed.
            "function_item" | "token_tree" | "macro_definition" => {}
            "closure_expression" => self.push_children(cursor, node, |_| Some(place.nested())),
            "if_expression" => {
                if place.else_if {
                    self.points += 1;
                } else {
                    self.structural(place);
                }
                self.push_children(cursor, node, |child| match child.kind() {
                    "block" => Some(place.nested()),
                    "else_clause" => Some(Place { else_if: true, ..place.same() }),
                    _ => Some(place.same()),
                });
            }
            "else_clause" => self.else_clause(cursor, node, place, "if_expression"),
            "for_expression" | "while_expression" | "loop_expression" | "match_expression" => {
                self.structural(place);
                let body = node.child_by_field_name("body");
                self.push_children(cursor, node, |child| {
                    Some(if Some(child) == body { place.nested() } else { place.same() })
                });
            }
            // `let ... else` breaks the flow once, like `else`.
            "let_declaration" => {
                let alternative = node.child_by_field_name("alternative");
                self.points += u32::from(alternative.is_some());
                self.push_children(cursor, node, |child| {
                    Some(if Some(child) == alternative { place.nested() } else { place.same() })
                });
            }
            "break_expression" | "continue_expression" => {
                self.points += u32::from(node.named_children(cursor).any(|child| child.kind() == "label"));
                self.push_children(cursor, node, |_| Some(place.same()));
            }
            "let_chain" => {
                self.points += u32::from(place.chain != Some(Logical::And));
                self.push_children(cursor, node, |child| {
                    let chain = (child.kind() == "let_chain").then_some(Logical::And);
                    Some(Place { chain, ..place.same() })
                });
            }
            _ => self.expression(cursor, node, place),
        }
    }

    fn script(&mut self, cursor: &mut TreeCursor<'t>, node: Node<'t>, place: Place) {
        let kind = self.kinds.get(node);
        if kind.is(Kind::FUNCTION) {
            return;
        }
        if kind.is(Kind::LOOP) || node.kind() == "switch_statement" || node.kind() == "catch_clause" {
            self.structural(place);
            let body = node.child_by_field_name("body");
            return self.push_children(cursor, node, |child| {
                Some(if Some(child) == body { place.nested() } else { place.same() })
            });
        }
        match node.kind() {
            "if_statement" => {
                if place.else_if {
                    self.points += 1;
                } else {
                    self.structural(place);
                }
                let consequence = node.child_by_field_name("consequence");
                self.push_children(cursor, node, |child| {
                    if Some(child) == consequence {
                        Some(place.nested())
                    } else if child.kind() == "else_clause" {
                        Some(Place { else_if: true, ..place.same() })
                    } else {
                        Some(place.same())
                    }
                });
            }
            "else_clause" => self.else_clause(cursor, node, place, "if_statement"),
            "ternary_expression" => {
                self.structural(place);
                let condition = node.child_by_field_name("condition");
                self.push_children(cursor, node, |child| {
                    Some(if Some(child) == condition { place.same() } else { place.nested() })
                });
            }
            "break_statement" | "continue_statement" => {
                self.points += u32::from(node.child_by_field_name("label").is_some());
            }
            _ => self.expression(cursor, node, place),
        }
    }

    /// `else if` counts with its `if`, a plain `else` by itself.
    fn else_clause(&mut self, cursor: &mut TreeCursor<'t>, node: Node<'t>, place: Place, if_kind: &str) {
        let is_else_if = node.named_children(cursor).any(|child| child.kind() == if_kind);
        self.points += u32::from(!is_else_if);
        self.push_children(cursor, node, |child| {
            Some(if child.kind() == if_kind {
                Place { else_if: true, ..place.same() }
            } else {
                place.nested()
            })
        });
    }

    /// Runs of like logical operators, read from left to right through parentheses.
    fn expression(&mut self, cursor: &mut TreeCursor<'t>, node: Node<'t>, place: Place) {
        let Some(operator) = logical(node) else {
            let chain = place.chain.filter(|_| node.kind() == "parenthesized_expression");
            return self.push_children(cursor, node, |_| Some(Place { chain, ..place.same() }));
        };
        if place.chain.is_none() {
            self.points += self.runs(node);
        }
        self.push_children(cursor, node, |_| Some(Place { chain: Some(operator), ..place.same() }));
    }

    /// Number of runs in a whole chain, whose operators are read in the order they are written.
    fn runs(&self, chain: Node<'t>) -> u32 {
        let mut operators: Vec<(usize, Logical)> = Vec::new();
        let mut todo = vec![chain];
        while let Some(node) = todo.pop() {
            let node = unparenthesized(node);
            let Some(operator) = logical(node) else { continue };
            let at = node
                .child_by_field_name("operator")
                .map_or(node.start_byte(), |operator| operator.start_byte());
            operators.push((at, operator));
            todo.extend(node.child_by_field_name("left"));
            todo.extend(node.child_by_field_name("right"));
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
}

fn logical(node: Node<'_>) -> Option<Logical> {
    if node.kind() != "binary_expression" {
        return None;
    }
    match node.child_by_field_name("operator")?.kind() {
        "&&" => Some(Logical::And),
        "||" => Some(Logical::Or),
        _ => None,
    }
}

fn unparenthesized(mut node: Node<'_>) -> Node<'_> {
    while node.kind() == "parenthesized_expression" {
        let Some(inner) = node.named_child(0).filter(|_| node.named_child_count() == 1) else { break };
        node = inner;
    }
    node
}

#[cfg(test)]
mod tests {
    use autodao_syntax::SyntaxParser;

    use super::*;

    fn of(language: Language, text: &str) -> u32 {
        let tree = SyntaxParser::default().parse_fresh(language, text).unwrap();
        assert!(!tree.root_node().has_error(), "{text}");
        let kinds = Kinds::of(language);
        let mut todo = vec![tree.root_node()];
        while let Some(node) = todo.pop() {
            if kinds.get(node).is(Kind::FUNCTION) {
                return cognitive_complexity(node, language);
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
