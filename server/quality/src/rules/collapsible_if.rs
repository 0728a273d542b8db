//! `collapsible-if`: two conditions that are one.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::kinds::Field;
use crate::layout::{line_indent, outdented};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "collapsible-if",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Hint),
    languages: &Language::ALL,
    flags: "an `if` whose only content is another `if`, neither with an `else`; an `else` whose only content is an `if`",
    why: "One condition with `&&`, or `else if`, says the same with one level of nesting less.",
    reference: Reference {
        name: "Clippy collapsible_if",
        url: "https://rust-lang.github.io/rust-clippy/master/#collapsible_if",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["if_expression"], visit },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["if_statement"], visit },
        NodeCheck { languages: &Language::ALL, kinds: &["else_clause"], visit: visit_else },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() {\n    ⟦if a⟧ {\n        if b || c {\n            d();\n            e();\n        }\n    }\n}\n",
            fixed: "fn f() {\n    if a && (b || c) {\n        d();\n        e();\n    }\n}\n",
            good: "fn f() { if a { if b { c(); } else { d(); } } }\nfn g() { if a { b(); if c {} } }\nfn h() { if let A = b { if c {} } }",
        },
        Example {
            language: Language::JavaScript,
            bad: "⟦if (a)⟧ {\n\tif (b) {\n\t\tc();\n\t}\n}\n",
            fixed: "if (a && b) {\n\tc();\n}\n",
            good: "if (a) { if (b) c(); else d(); }\nif (a) { /* why */ if (b) c(); }",
        },
        Example {
            language: Language::TypeScript,
            bad: "if (a) {\n  b();\n} else {\n  ⟦if (c)⟧ {\n    d();\n  } else {\n    e();\n  }\n}\n",
            fixed: "if (a) {\n  b();\n} else if (c) {\n  d();\n} else {\n  e();\n}\n",
            good: "if (a) { b(); } else { if (c) d(); e(); }\nif (a) { b(); } else { /* why */ if (c) d(); }",
        },
        Example {
            language: Language::Rust,
            bad: "fn f() {\n    if a {\n        b();\n    } else {\n        ⟦if let Some(c) = d⟧ {\n            e();\n        }\n    }\n}\n",
            fixed: "fn f() {\n    if a {\n        b();\n    } else if let Some(c) = d {\n        e();\n    }\n}\n",
            good: "fn f() { if a { b(); } else { #[cfg(x)] if c { d(); } } }",
        },
    ],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let is_else_if = visit.parent().is_some_and(|parent| parent.kind() == "else_clause");
    let Some((condition, block)) = plain_if(visit, node).filter(|_| !is_else_if) else { return };
    let Some(inner) = only_if(block) else { return };
    let Some((inner_condition, inner_block)) = plain_if(visit, inner) else { return };
    let head = Span::new(node.start_byte() as u32, condition.end_byte() as u32);
    let joined = format!("{} && {}", operand(visit, condition), operand(visit, inner_condition));
    let joined = if visit.language().is_script() { format!("({joined})") } else { joined };
    let body = moved_out(visit, node, inner, inner_block);
    let edits = body.map(|body| {
        let to_block = Span::new(condition.start_byte() as u32, condition.end_byte() as u32);
        vec![TextEdit::replace(to_block, joined), TextEdit::replace(Span::of(block), body)]
    });
    let finding = visit.report(head, "this `if` holds nothing but another `if`");
    if let Some(edits) = edits {
        finding.fix("Join the conditions", edits);
    }
}

fn visit_else(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(block) = node
        .named_child(0)
        .filter(|block| node.named_child_count() == 1 && matches!(block.kind(), "block" | "statement_block"))
    else {
        return;
    };
    let Some(inner) = only_if(block) else { return };
    // `else { if c { 1 } else { 2 }; }` throws the value away, `else if` would not.
    let drops_value = inner.parent().is_some_and(|statement| {
        statement.kind() == "expression_statement" && statement.end_byte() > inner.end_byte()
    });
    let Some(condition) = visit.child(inner, Field::Condition) else { return };
    let head = Span::new(inner.start_byte() as u32, condition.end_byte() as u32);
    let outer = visit.parent().filter(|outer| !drops_value && binds_its_else(visit, *outer, inner));
    let body = outer.and_then(|outer| moved_out(visit, outer, inner, inner));
    let finding = visit.report(head, "this `else` holds nothing but an `if`");
    if let Some(body) = body {
        finding.fix("Make it an `else if`", vec![TextEdit::replace(Span::of(block), body)]);
    }
}

/// Whether no `else` that follows an `if` would be taken by the `if` that is to end it: in scripts an `if` may stand
/// without a block in a branch of another, and to the grammars a stray `else` may be a name.
fn binds_its_else(visit: &Visit<'_, '_>, node: Node<'_>, mut last: Node<'_>) -> bool {
    while let Some(otherwise) = visit.child(last, Field::Alternative) {
        match otherwise.named_child(0).filter(|next| next.kind() == last.kind()) {
            Some(next) => last = next,
            None => return true,
        }
    }
    // What follows the item itself is not seen.
    let Some(item) = visit.ancestors().last().filter(|item| *item != node) else { return false };
    let behind = Span::new(node.end_byte() as u32, item.end_byte() as u32);
    if visit.slice(behind).trim_start().starts_with("else") {
        return false;
    }
    let mut inner = node;
    for outer in visit.ancestors().skip_while(|ancestor| *ancestor != node).skip(1) {
        match outer.kind() {
            "else_clause" => {}
            "if_statement" if visit.child(outer, Field::Consequence) != Some(inner) => {}
            "if_expression" | "expression_statement" => {}
            kind => return matches!(kind, "block" | "statement_block" | "switch_case" | "switch_default"),
        }
        inner = outer;
    }
    false
}

/// Condition and block of an `if` with a block, a condition that is no pattern, and no `else`.
fn plain_if<'n>(visit: &Visit<'_, '_>, node: Node<'n>) -> Option<(Node<'n>, Node<'n>)> {
    let condition = visit.child(node, Field::Condition)?;
    let block = visit.child(node, Field::Consequence)?;
    let is_plain = visit.child(node, Field::Alternative).is_none()
        && !matches!(condition.kind(), "let_condition" | "let_chain")
        && matches!(block.kind(), "block" | "statement_block");
    is_plain.then_some((condition, block))
}

/// The `if` that is all a block holds, comments included.
fn only_if(block: Node<'_>) -> Option<Node<'_>> {
    let only = block.named_child(0).filter(|_| block.named_child_count() == 1)?;
    let only = if only.kind() == "expression_statement" { only.named_child(0)? } else { only };
    matches!(only.kind(), "if_expression" | "if_statement").then_some(only)
}

/// A condition as an operand of `&&`.
fn operand(visit: &Visit<'_, '_>, condition: Node<'_>) -> String {
    let mut inner = condition;
    if visit.language().is_script() {
        // The parentheses belong to the statement, not to the condition.
        inner = condition.named_child(0).filter(|_| condition.named_child_count() == 1).unwrap_or(condition);
    }
    let text = visit.text(inner);
    let operator = visit.child(inner, Field::Operator).map_or("", |operator| visit.text(operator));
    let binds_weaker = match inner.kind() {
        "binary_expression" => matches!(operator, "||" | "??"),
        "ternary_expression"
        | "assignment_expression"
        | "augmented_assignment_expression"
        | "sequence_expression"
        | "arrow_function"
        | "yield_expression"
        | "closure_expression"
        | "range_expression"
        | "return_expression"
        | "break_expression"
        | "compound_assignment_expr" => true,
        _ => false,
    };
    if binds_weaker { format!("({text})") } else { text.to_owned() }
}

/// A part of the inner `if`, its lines moved out by what that is indented more than the outer one.
fn moved_out(visit: &Visit<'_, '_>, outer: Node<'_>, inner: Node<'_>, part: Node<'_>) -> Option<String> {
    let text = visit.text(part);
    if !text.contains('\n') || outer.start_position().row == inner.start_position().row {
        return Some(text.to_owned());
    }
    outdented(text, line_indent(visit, inner), line_indent(visit, outer), part)
}
