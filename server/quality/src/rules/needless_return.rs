//! `needless-return`: a function's last value, returned by hand.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::kinds::Field;
use crate::layout::{any_in, line_of};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "needless-return",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Hint),
    languages: &[Language::Rust],
    flags: "`return` as the last statement of a function",
    why: "The last expression of a function is its value: `return` is for leaving early.",
    reference: Reference {
        name: "Clippy needless_return",
        url: "https://rust-lang.github.io/rust-clippy/master/#needless_return",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck {
        languages: &[Language::Rust],
        kinds: &["function_item", "closure_expression"],
        visit,
    }]),
    examples: &[Example {
        language: Language::Rust,
        bad: "fn f() -> u8 {\n    g();\n    ⟦return⟧ 1 + a; // why\n}\nfn h() {\n    g();\n    ⟦return⟧;\n}\nfn k() -> u8 { ⟦return⟧ match a { _ => 1 } }\n",
        fixed: "fn f() -> u8 {\n    g();\n    1 + a // why\n}\nfn h() {\n    g();\n}\nfn k() -> u8 { match a { _ => 1 } }\n",
        good: "fn f() -> u8 { if a { return 1; } 2 }\nfn g() { #[cfg(a)] return 1; }\nfn h() { return 1; const A: u8 = 1; }",
    }],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(body) = visit.child(node, Field::Body).filter(|body| body.kind() == "block") else { return };
    // A comment may stand behind it.
    let mut last = body.named_child_count().checked_sub(1).and_then(|end| body.named_child(end as u32));
    while let Some(comment) = last.filter(|last| matches!(last.kind(), "line_comment" | "block_comment")) {
        last = comment.prev_named_sibling();
    }
    let Some(statement) = last else { return };
    let is_statement = statement.kind() == "expression_statement";
    let value = if is_statement { statement.named_child(0) } else { Some(statement) };
    let Some(jump) = value.filter(|value| value.kind() == "return_expression") else { return };
    let Some(keyword) = jump.child(0) else { return };
    if statement.prev_named_sibling().is_some_and(|before| before.kind() == "attribute_item") {
        return;
    }
    let edits = edits(visit, statement, jump);
    let value = jump.named_child(0);
    // Without the `return;` what stands before it may be the last expression.
    let becomes_last = || statement.prev_named_sibling().filter(|before| !visit.text(*before).ends_with(';'));
    let last = value.or_else(becomes_last);
    let may_outlive = last.is_some_and(|last| any_in(last, |at| holds_temporary(visit, at)));
    let finding = visit.report(Span::of(keyword), "the last expression is the value: no `return` is needed");
    if let Some(edits) = edits {
        if may_outlive {
            finding.suggest("Remove the `return`", edits);
        } else {
            finding.fix("Remove the `return`", edits);
        }
    }
}

fn edits(visit: &Visit<'_, '_>, statement: Node<'_>, jump: Node<'_>) -> Option<Vec<TextEdit>> {
    let Some(value) = jump.named_child(0) else {
        let span = Span::of(statement);
        return Some(vec![TextEdit::remove(line_of(visit, span))]);
    };
    // `return /* why */ a`
    if jump.named_child_count() != 1 {
        return None;
    }
    // At the start of a statement these would be one of their own.
    let word = visit.text(value).split(|c: char| !c.is_alphanumeric() && c != '\'').next().unwrap_or("");
    let opens_block =
        matches!(word, "if" | "match" | "loop" | "while" | "for" | "unsafe" | "async" | "const" | "return")
            || visit.text(value).starts_with(['{', '\'']);
    let is_block = matches!(
        value.kind(),
        "if_expression" | "match_expression" | "loop_expression" | "unsafe_block" | "block" | "async_block"
    );
    if opens_block && !is_block {
        return None;
    }
    let start = statement.start_byte() as u32;
    let mut edits = vec![TextEdit::remove(Span::new(start, value.start_byte() as u32))];
    if statement.end_byte() > value.end_byte() {
        edits.push(TextEdit::remove(Span::new(value.end_byte() as u32, statement.end_byte() as u32)));
    }
    Some(edits)
}

/// Whether an expression may borrow from a value that nobody holds. Before the edition of 2024 such a value lives
/// longer than the function's variables when it is in the last expression, and longer than a `return`'s.
fn holds_temporary(visit: &Visit<'_, '_>, node: Node<'_>) -> bool {
    let base = match node.kind() {
        "field_expression" => visit.child(node, Field::Value),
        "reference_expression" => visit.child(node, Field::Value),
        "index_expression" | "try_expression" => node.named_child(0),
        "unary_expression" => node.named_child(0),
        // What it looks at lives as long as it does.
        "match_expression" | "for_expression" => visit.child(node, Field::Value),
        "let_condition" => visit.child(node, Field::Value),
        "macro_invocation" => return true,
        _ => None,
    };
    base.is_some_and(|base| {
        any_in(base, |at| matches!(at.kind(), "call_expression" | "macro_invocation" | "await_expression"))
    })
}

#[cfg(test)]
mod tests {
    use crate::Applicability;
    use crate::rules::tests::findings;

    use super::*;

    #[test]
    fn what_might_outlive_its_owner_is_only_suggested() {
        for (text, applicability) in [
            ("fn f() -> u8 { return Ok(a.b()); }", Applicability::Always),
            ("fn f() -> u8 { return a.borrow().len(); }", Applicability::Suggested),
            ("fn f() -> u8 { return *a.lock(); }", Applicability::Suggested),
            ("fn f() { match a.lock().b() { _ => c() } return; }", Applicability::Suggested),
            ("fn f() { for b in a.lock().iter() { c(); } return; }", Applicability::Suggested),
            ("fn f() { if let Some(b) = a.borrow().first() { c(); } return; }", Applicability::Suggested),
            ("fn f() { match a { _ => c() } return; }", Applicability::Always),
            ("fn f() { a.lock().b(); return; }", Applicability::Always),
        ] {
            assert_eq!(
                findings(RULE.id, Language::Rust, text)[0].fixes[0].applicability,
                applicability,
                "{text}"
            );
        }
        assert!(
            findings(RULE.id, Language::Rust, "fn f() -> u8 { return if a { 1 } else { 2 } + 3; }")[0]
                .fixes
                .is_empty()
        );
    }
}
