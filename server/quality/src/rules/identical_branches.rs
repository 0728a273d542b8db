//! `identical-branches`: a choice that makes no difference.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::kinds::Field;
use crate::layout::{any_in, has_comment, same_lines};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "identical-branches",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "an `if` with an `else`, a ternary, a `match` or a `switch` all of whose branches are the same",
    why: "Whatever the condition says, the same happens: one branch was copied and not changed.",
    reference: Reference {
        name: "Clippy if_same_then_else",
        url: "https://rust-lang.github.io/rust-clippy/master/#if_same_then_else",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["if_expression"], visit: branches },
        NodeCheck { languages: &[Language::Rust], kinds: &["match_block"], visit: arms },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["if_statement"], visit: branches },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["ternary_expression"], visit: ternary },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["switch_body"], visit: cases },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() { ⟦if a⟧ { b(); } else if c { b(); } else { b(); } }\nfn g() { match a { ⟦1 => b(), _ => b(),⟧ } }",
            fixed: "",
            good: "fn f() { if a { b(); } else if c { b(); } else { d(); } }\nfn g() { if let Some(x) = a { b(x) } else { b(x) } }\nfn h() { match a { A(x) => x.len(), B(x) => x.len() } }\nfn k() { if a {} else {} }",
        },
        Example {
            language: Language::TypeScript,
            bad: "⟦if (a)⟧ {\n  b();\n} else {\n  b();\n}\nconst c = ⟦a ? d : d⟧;\nswitch (a) { ⟦case 1: b(); break; default: b(); break;⟧ }",
            fixed: "",
            good: "if (a) b(); else c();\nif (a) b();\nconst c = a ? d : e;\nswitch (a) { case 1: case 2: b(); break; default: c(); }",
        },
    ],
};

fn branches(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(otherwise) = visit.child(node, Field::Alternative) else { return };
    if visit.parent().is_some_and(|parent| parent.kind() == "else_clause") {
        return;
    }
    let Some(first) = visit.child(node, Field::Consequence) else { return };
    let (text, mut otherwise) = (visit.text(first), otherwise);
    if first.named_child_count() == 0 {
        return;
    }
    // Along the chain of `else if` to the last `else`.
    let last = loop {
        let Some(branch) = otherwise.named_child(0).filter(|_| otherwise.named_child_count() == 1) else {
            return;
        };
        if !matches!(branch.kind(), "if_expression" | "if_statement") {
            break branch;
        }
        let same =
            visit.child(branch, Field::Consequence).is_some_and(|next| same_lines(text, visit.text(next)));
        let Some(next) = visit.child(branch, Field::Alternative).filter(|_| same) else { return };
        otherwise = next;
    };
    let Some(condition) = visit.child(node, Field::Condition) else { return };
    if !same_lines(text, visit.text(last)) || binds_in_conditions(node) {
        return;
    }
    let in_list = visit.parent().is_none_or(|parent| {
        matches!(
            parent.kind(),
            "block" | "statement_block" | "expression_statement" | "program" | "let_declaration"
        )
    });
    let is_exact = text == visit.text(last) && matches!(first.kind(), "block" | "statement_block");
    let is_single = visit.child(node, Field::Alternative) == Some(otherwise);
    let comments_between = [
        Span::new(node.start_byte() as u32, first.start_byte() as u32),
        Span::new(first.end_byte() as u32, last.start_byte() as u32),
    ]
    .into_iter()
    .any(|span| visit.slice(span).contains("/*") || visit.slice(span).contains("//"));
    let removable =
        in_list && is_exact && is_single && !comments_between && !has_comment(last) && is_pure(condition);
    let edits = vec![TextEdit::replace(Span::of(node), text)];
    let finding = visit
        .report(Span::new(node.start_byte() as u32, condition.end_byte() as u32), "every branch is the same");
    if removable {
        finding.suggest("Keep the branch alone", edits);
    }
}

/// Whether a condition of the chain binds names, which make equal branches differ.
fn binds_in_conditions(node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    loop {
        let at = cursor.node();
        if matches!(at.kind(), "let_condition" | "let_chain") {
            return true;
        }
        let is_branch = matches!(at.kind(), "block" | "statement_block");
        if !is_branch && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return false;
            }
        }
    }
}

/// Whether asking a condition does nothing.
fn is_pure(condition: Node<'_>) -> bool {
    !any_in(condition, |at| {
        at.is_named()
            && !matches!(
                at.kind(),
                "identifier"
                    | "parenthesized_expression"
                    | "unary_expression"
                    | "true"
                    | "false"
                    | "boolean_literal"
                    | "number"
                    | "integer_literal"
            )
    })
}

fn ternary(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let side = |field| visit.child(node, field).map_or("", |side| visit.text(side));
    let (first, second) = (side(Field::Consequence), side(Field::Alternative));
    if !first.is_empty() && same_lines(first, second) {
        visit.report(Span::of(node), "both sides are the same");
    }
}

fn arms(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let mut cursor = node.walk();
    let mut arms = node.named_children(&mut cursor).filter(|arm| arm.kind() == "match_arm");
    let (Some(first), Some(second)) = (arms.next(), arms.next()) else { return };
    let body = |arm| visit.child(arm, Field::Value).map_or("", |body| visit.text(body).trim_end_matches(','));
    let text = body(first);
    let is_empty = text.is_empty() || matches!(text, "{}" | "()");
    if is_empty || !same_lines(text, body(second)) || !arms.all(|arm| same_lines(text, body(arm))) {
        return;
    }
    let mut cursor = node.walk();
    let binds = node.named_children(&mut cursor).filter(|arm| arm.kind() == "match_arm").any(binds_names);
    if let (false, Some((start, end))) = (binds, inside(node)) {
        visit.report(Span::new(start, end), "every arm is the same");
    }
}

/// Whether a pattern may bind a name: an arm with the same text then does something of its own.
fn binds_names(arm: Node<'_>) -> bool {
    arm.child_by_field_name("pattern").is_none_or(|pattern| {
        any_in(pattern, |at| {
            matches!(
                at.kind(),
                "identifier"
                    | "shorthand_field_identifier"
                    | "captured_pattern"
                    | "let_condition"
                    | "field_pattern"
            ) && at
                .parent()
                .is_none_or(|parent| !matches!(parent.kind(), "scoped_identifier" | "scoped_type_identifier"))
        })
    })
}

fn cases(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let mut cursor = node.walk();
    let mut common: Option<&str> = None;
    let mut branches = 0;
    let mut has_default = false;
    for case in node.named_children(&mut cursor) {
        let is_default = case.kind() == "switch_default";
        if !is_default && case.kind() != "switch_case" {
            return;
        }
        has_default |= is_default;
        let Some(colon) = case.children(&mut case.walk()).find(|child| child.kind() == ":") else { return };
        let body = visit.slice(Span::new(colon.end_byte() as u32, case.end_byte() as u32)).trim();
        if body.is_empty() && !is_default {
            // It falls through to the next.
            continue;
        }
        let body = body.trim_end_matches(';').trim_end().trim_end_matches("break").trim_end();
        branches += 1;
        if body.is_empty() || !same_lines(common.unwrap_or(body), body) {
            return;
        }
        common = Some(body);
    }
    if let (true, true, Some((start, end))) = (has_default, branches > 1, inside(node)) {
        visit.report(Span::new(start, end), "every case is the same");
    }
}

/// What stands between a node's braces.
fn inside(node: Node<'_>) -> Option<(u32, u32)> {
    let first = node.named_child(0)?;
    let last = node.named_child(node.named_child_count().checked_sub(1)? as u32)?;
    Some((first.start_byte() as u32, last.end_byte() as u32))
}
