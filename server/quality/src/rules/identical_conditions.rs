//! `identical-conditions`: a question asked twice.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::kinds::Field;
use crate::layout::{any_in, same_lines};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "identical-conditions",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "the same condition twice in a chain of `else if`; the same operand on both sides of a logical operator, a comparison, `-` or `/`",
    why: "The second can never decide anything: one of the two was meant to be another.",
    reference: Reference {
        name: "Clippy eq_op",
        url: "https://rust-lang.github.io/rust-clippy/master/#eq_op",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["if_expression"], visit: chain },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["if_statement"], visit: chain },
        NodeCheck { languages: &Language::ALL, kinds: &["binary_expression"], visit: operands },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() { if a { b(); } else if c == 1 { d(); } else if ⟦a⟧ { e(); } }\nfn g() -> bool { ⟦a.b == a.b⟧ || c }",
            fixed: "",
            good: "fn f() { if next() { b(); } else if next() { c(); } }\nfn g() -> bool { a.pop() == a.pop() || x != x || 1 - 1 == 0 || a + a > b }",
        },
        Example {
            language: Language::JavaScript,
            bad: "if (a) b(); else if (⟦a⟧) c();\nconst d = ⟦e && e⟧;",
            fixed: "",
            good: "if (a) b(); else if (!a) c();\nconst d = e !== e;\nconst f = i++ - i++;",
        },
    ],
};

/// Longer chains are tables; each condition is compared with as many before it.
const MAX_COMPARED: usize = 16;

fn chain(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if visit.child(node, Field::Alternative).is_none()
        || visit.parent().is_some_and(|parent| parent.kind() == "else_clause")
    {
        return;
    }
    let mut seen = [""; MAX_COMPARED];
    let mut at = Some(node);
    for index in 0.. {
        let Some(condition) = at.and_then(|at| visit.child(at, Field::Condition)) else { return };
        let inner = condition.named_child(0).filter(|_| condition.kind() == "parenthesized_expression");
        let condition = inner.unwrap_or(condition);
        let text = visit.text(condition);
        if seen.contains(&text) && !acts(condition) {
            visit.report(Span::of(condition), "this condition was asked before: the branch is never taken");
        }
        seen[index % MAX_COMPARED] = text;
        let next = at
            .and_then(|at| visit.child(at, Field::Alternative))
            .and_then(|otherwise| otherwise.named_child(0));
        at = next.filter(|next| next.kind() == node.kind());
    }
}

fn operands(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let (Some(left), Some(right)) = (visit.child(node, Field::Left), visit.child(node, Field::Right)) else {
        return;
    };
    if left.kind_id() != right.kind_id() {
        return;
    }
    let (first, second) = (visit.text(left), visit.text(right));
    if first.len().abs_diff(second.len()) > 256 || !same_lines(first, second) {
        return;
    }
    // `x != x` asks whether it is NaN.
    let says_nothing = matches!(
        visit.field(node, Field::Operator),
        "&&" | "||" | "==" | "===" | "<" | ">" | "<=" | ">=" | "-" | "/" | "%" | "&" | "|" | "^" | "??"
    );
    let is_literal = !any_in(left, |at| {
        at.is_named()
            && !at.kind().contains("literal")
            && !matches!(at.kind(), "number" | "string" | "string_fragment" | "true" | "false" | "null")
    });
    if says_nothing && !is_literal && !acts(left) && !visit.in_test() {
        visit.report(Span::of(node), "both sides are the same");
    }
}

/// Whether asking may change the answer.
fn acts(node: Node<'_>) -> bool {
    any_in(node, |at| {
        matches!(
            at.kind(),
            "call_expression"
                | "macro_invocation"
                | "await_expression"
                | "yield_expression"
                | "try_expression"
                | "new_expression"
                | "update_expression"
                | "assignment_expression"
                | "augmented_assignment_expression"
                | "compound_assignment_expr"
                | "block"
                | "function_expression"
                | "arrow_function"
        )
    })
}
