//! `redundant-else`: an `else` behind a branch that left.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::kinds::Field;
use crate::layout::{any_in, has_multiline_literal, line_break, line_indent, reindented, starts_line};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "redundant-else",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Hint),
    languages: &Language::ALL,
    flags: "an `else` whose `if` ends with `return`, `break`, `continue` or `throw`",
    why: "What follows only runs when the condition did not hold anyway: without the `else` it stands one level further out.",
    reference: Reference {
        name: "ESLint no-else-return",
        url: "https://eslint.org/docs/latest/rules/no-else-return",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["if_expression"], visit },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["if_statement"], visit },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() {\n    for a in b {\n        if c {\n            continue;\n        } ⟦else⟧ {\n            // Why.\n            d();\n            e()\n        }\n        g();\n    }\n}\n",
            fixed: "fn f() {\n    for a in b {\n        if c {\n            continue;\n        }\n        // Why.\n        d();\n        e();\n        g();\n    }\n}\n",
            good: "fn f() -> u8 { if a { return 1; } else { 2 } }\nfn g() { if a { return; } else if b { c(); } d(); }\nfn h() { if a { b(); } else { return; } c(); }",
        },
        Example {
            language: Language::Rust,
            bad: "fn f() {\n    if a {\n        return;\n    } ⟦else⟧ {\n        b()\n    };\n    c();\n}\n",
            fixed: "fn f() {\n    if a {\n        return;\n    }\n    b();\n    c();\n}\n",
            good: "fn f() {}",
        },
        Example {
            language: Language::TypeScript,
            bad: "function f() {\r\n\tif (a) {\r\n\t\treturn 1;\r\n\t} ⟦else⟧ {\r\n\t\treturn 2;\r\n\t}\r\n}\r\nfunction g() {\r\n\tif (a) return 1;\r\n\t⟦else⟧ return 2;\r\n}\r\n",
            fixed: "function f() {\r\n\tif (a) {\r\n\t\treturn 1;\r\n\t}\r\n\treturn 2;\r\n}\r\nfunction g() {\r\n\tif (a) return 1;\r\n\treturn 2;\r\n}\r\n",
            good: "function f() { if (a) { return 1; } else if (b) { return 2; } }\nfunction g() { if (a) { b(); } else { return 2; } }",
        },
    ],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(otherwise) = visit.child(node, Field::Alternative) else { return };
    let is_else_if = |branch: Node<'_>| matches!(branch.kind(), "if_expression" | "if_statement");
    if otherwise.named_child(0).is_none_or(is_else_if) || !leaves(visit, node) {
        return;
    }
    let Some((top, list)) = chain(visit, node) else { return };
    let is_last = list
        .named_child(list.named_child_count().saturating_sub(1) as u32)
        .is_none_or(|last| last.end_byte() <= top.end_byte());
    if visit.language() == Language::Rust
        && (is_last || top.parent().is_some_and(|parent| parent.end_byte() != top.end_byte()))
    {
        // There it is the value of its block.
        return;
    }
    let Some(keyword) = otherwise.child(0) else { return };
    let edit = unwrapped(visit, top, node, otherwise, is_last);
    let finding = visit.report(Span::of(keyword), "the branch before has left: what follows needs no `else`");
    if let Some(edit) = edit {
        finding.fix("Remove the `else`", vec![edit]);
    }
}

/// The `if` a chain of `else if` starts with, and the list of statements it is in. `None` unless every branch before
/// leaves.
fn chain<'n, 't: 'n>(visit: &Visit<'t, '_>, node: Node<'n>) -> Option<(Node<'n>, Node<'n>)> {
    let mut top = node;
    for parent in visit.ancestors() {
        match parent.kind() {
            "else_clause" => {}
            "expression_statement" if visit.language() == Language::Rust => {}
            "if_statement" | "if_expression" => {
                let otherwise = visit.child(parent, Field::Alternative)?;
                if otherwise.end_byte() != top.end_byte() || !leaves(visit, parent) {
                    return None;
                }
                top = parent;
            }
            "block" | "statement_block" | "switch_case" | "switch_default" => return Some((top, parent)),
            _ => return None,
        }
    }
    None
}

/// How many branches at the end of a branch are looked at.
const MAX_BRANCHES: usize = 16;

/// Whether the first branch of an `if` ends with a jump, or with an `if` whose branches all do.
fn leaves(visit: &Visit<'_, '_>, node: Node<'_>) -> bool {
    let mut branches: Vec<_> = visit.child(node, Field::Consequence).into_iter().collect();
    for _ in 0..MAX_BRANCHES {
        let Some(mut last) = branches.pop() else { return true };
        while matches!(last.kind(), "block" | "statement_block" | "expression_statement") {
            let end = last.named_child_count().checked_sub(1).and_then(|end| last.named_child(end as u32));
            let Some(end) = end else { return false };
            last = end;
        }
        match last.kind() {
            "return_expression"
            | "break_expression"
            | "continue_expression"
            | "return_statement"
            | "break_statement"
            | "continue_statement"
            | "throw_statement" => {}
            "if_expression" | "if_statement" => {
                let Some(first) = visit.child(last, Field::Consequence) else { return false };
                let otherwise = visit.child(last, Field::Alternative);
                let Some(second) = otherwise.and_then(|clause| clause.named_child(0)) else { return false };
                branches.extend([first, second]);
            }
            _ => return false,
        }
    }
    false
}

/// The `else` replaced by what is in it. `None` when that would change what it does, or lose a comment.
fn unwrapped(
    visit: &Visit<'_, '_>,
    top: Node<'_>,
    node: Node<'_>,
    otherwise: Node<'_>,
    is_last: bool,
) -> Option<TextEdit> {
    let body = otherwise.named_child(0).filter(|_| otherwise.named_child_count() == 1)?;
    let then = visit.child(node, Field::Consequence)?;
    let between = visit.slice(Span::new(then.end_byte() as u32, otherwise.start_byte() as u32));
    let is_block = matches!(body.kind(), "block" | "statement_block");
    let script = visit.language().is_script();
    // What is declared in a block ends with it; what a pattern's value holds is let go behind the `else`.
    let declares = |at: Node<'_>| {
        at.kind().ends_with("_declaration")
            || at.kind().ends_with("_item")
            || matches!(at.kind(), "macro_definition" | "attribute_item" | "labeled_statement")
    };
    let binds = visit
        .child(top, Field::Condition)
        .is_none_or(|condition| any_in(condition, |at| matches!(at.kind(), "let_condition" | "let_chain")))
        || visit.child(node, Field::Condition).is_none_or(|condition| {
            any_in(condition, |at| matches!(at.kind(), "let_condition" | "let_chain"))
        });
    let holds_declaration =
        if is_block { body.named_children(&mut body.walk()).any(declares) } else { declares(body) };
    let then_ends = visit.text(then).ends_with([';', '}']);
    if !between.trim().is_empty() || holds_declaration || binds || !then_ends || has_multiline_literal(body) {
        return None;
    }
    let end = Span::of(otherwise).end;
    let line_break = if starts_line(visit, top) { line_break(visit.item_text()) } else { " " };
    let outer = line_indent(visit, top);
    let from = Span::new(then.end_byte() as u32, end);
    let statements = visit.text(body);
    if !is_block {
        // On its own, it must not go on with what was before.
        let joins = statements.starts_with(['(', '[', '`', '+', '-', '/']);
        let is_line = !statements.contains(['\n', '\r']);
        return (is_line && !joins).then(|| {
            TextEdit::replace(
                from,
                format!(
                    "{}{}{statements}",
                    if line_break == " " { " " } else { line_break },
                    if line_break == " " { "" } else { outer }
                ),
            )
        });
    }
    let inside = statements.get(1..statements.len().checked_sub(1)?)?;
    let first = body.named_child(0)?;
    let last = body.named_child(body.named_child_count().checked_sub(1)? as u32)?;
    let has_end = visit.text(last).ends_with(';') || last.kind().ends_with("comment") || ends_itself(last);
    let text = if first.start_position().row == body.start_position().row {
        (!inside.contains(['\n', '\r'])).then(|| inside.trim().to_owned())?
    } else {
        if last.end_position().row == body.end_position().row
            || first.start_position().column != line_indent(visit, first).len()
        {
            return None;
        }
        reindented(inside.trim(), line_indent(visit, first), outer)?
    };
    // A `//` comment at the end would take in what follows on the line.
    if line_break == " " && text.contains("//") {
        return None;
    }
    let mut separator = "";
    if !has_end {
        let is_comment = last.kind().ends_with("comment");
        if script && !is_last {
            return None;
        }
        separator = if script || is_comment { "" } else { ";" };
    }
    // `if a { return } else { b() };`: one semicolon is enough.
    let empty = top.parent().and_then(|statement| statement.next_sibling());
    let empty = empty.filter(|next| next.kind() == "empty_statement" && next.start_byte() as u32 == from.end);
    let from = Span::new(from.start, empty.map_or(from.end, |empty| empty.end_byte() as u32));
    let outer = if line_break == " " { "" } else { outer };
    Some(TextEdit::replace(from, format!("{line_break}{outer}{text}{separator}")))
}

/// Whether a statement needs no semicolon.
fn ends_itself(node: Node<'_>) -> bool {
    let inner = node.named_child(0).filter(|_| node.kind() == "expression_statement").unwrap_or(node);
    matches!(
        inner.kind(),
        "if_expression"
            | "match_expression"
            | "for_expression"
            | "while_expression"
            | "loop_expression"
            | "unsafe_block"
            | "block"
            | "if_statement"
            | "for_statement"
            | "for_in_statement"
            | "while_statement"
            | "switch_statement"
            | "try_statement"
            | "statement_block"
    )
}
