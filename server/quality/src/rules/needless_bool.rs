//! `needless-bool`: a choice between true and false that the condition has made.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::kinds::Field;
use crate::layout::{any_in, has_comment};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "needless-bool",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Hint),
    languages: &Language::ALL,
    flags: "`if c { true } else { false }`, `c ? true : false`, and the same with `return`",
    why: "The condition is the value already, and says what it means.",
    reference: Reference {
        name: "Clippy needless_bool",
        url: "https://rust-lang.github.io/rust-clippy/master/#needless_bool",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["if_expression"], visit },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["if_statement", "ternary_expression"], visit },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() -> bool {\n    let a = ⟦if b == 1 { true } else { false }⟧;\n    ⟦if a || c {\n        return false;\n    } else {\n        return true;\n    }⟧\n}\n",
            fixed: "fn f() -> bool {\n    let a = b == 1;\n    return !(a || c);\n}\n",
            good: "fn f() -> bool { if let A = b { true } else { false } }\nfn g() -> bool { if a { true } else { b } }",
        },
        Example {
            language: Language::Rust,
            bad: "fn f() {\n    match a {\n        1 => ⟦if b == c { true } else { false }⟧\n        2 => ⟦if b == c { true } else { false }⟧,\n        _ => ⟦if b { false } else { true }⟧\n    }\n}\n",
            fixed: "fn f() {\n    match a {\n        1 => b == c,\n        2 => b == c,\n        _ => !b,\n    }\n}\n",
            good: "fn f() { match a { 1 => b, _ => c } }",
        },
        Example {
            language: Language::TypeScript,
            bad: "const a = ⟦b === 1 ? true : false⟧;\nconst c = ⟦d.e ? false : true⟧;\nfunction f() {\n  ⟦if (g) return true; else return false;⟧\n}",
            fixed: "const a = b === 1;\nconst c = !d.e;\nfunction f() {\n  return !!g;\n}",
            good: "const a = b ? true : c;\nconst d = b ? true : undefined;",
        },
    ],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let side = |field| visit.child(node, field).and_then(|side| boolean(visit, side));
    let (Some((yes, returns)), Some((no, also_returns))) =
        (side(Field::Consequence), side(Field::Alternative))
    else {
        return;
    };
    let Some(condition) = visit.child(node, Field::Condition) else { return };
    if yes == no || returns != also_returns || matches!(condition.kind(), "let_condition" | "let_chain") {
        return;
    }
    let is_else_if = visit.parent().is_some_and(|parent| parent.kind() == "else_clause");
    let edits = (!has_comment(node)).then(|| {
        let value = value_of(visit, condition, yes);
        let text = match (returns, visit.language().is_script()) {
            (true, true) => format!("return {value};"),
            // As a statement it takes the semicolon of the branch with it.
            (true, false) => format!("return {value};"),
            (false, _) => value,
        };
        let text = if is_else_if { format!("{{ {text} }}") } else { text };
        // Behind a block an arm of a `match` needs no comma, behind a value it does.
        let lacks_comma = visit
            .parent()
            .is_some_and(|parent| parent.kind() == "match_arm" && !visit.text(parent).ends_with(','));
        let text = if lacks_comma { format!("{text},") } else { text };
        vec![TextEdit::replace(Span::of(node), text)]
    });
    // What a call borrows from lives to the end of the statement: as a block's last value that may be too long.
    let borrows = visit.language() == Language::Rust
        && any_in(condition, |at| {
            matches!(at.kind(), "call_expression" | "macro_invocation" | "await_expression")
        })
        && visit.parent().is_none_or(|parent| parent.kind() != "let_declaration");
    let fits = if returns {
        visit.parent().is_some_and(|parent| is_list(visit, parent, node))
    } else {
        !is_inner_statement(visit)
    };
    let is_operand = visit.parent().is_some_and(|parent| !returns && needs_parentheses(parent));
    let finding = visit.report(Span::of(node), "the condition is the value already");
    if let Some(edits) = edits.filter(|_| fits && !is_operand) {
        let title = "Use the condition itself";
        if borrows {
            finding.suggest(title, edits)
        } else {
            finding.fix(title, edits)
        };
    }
}

/// Whether an `if` of Rust is a statement that others follow: a value in its place would run into them.
fn is_inner_statement(visit: &Visit<'_, '_>) -> bool {
    let mut ancestors = visit.ancestors();
    let statement = ancestors.next().filter(|parent| parent.kind() == "expression_statement");
    visit.language() == Language::Rust
        && statement.is_some_and(|statement| {
            ancestors.next().is_none_or(|list| list.kind() != "block")
                || statement.next_named_sibling().is_some()
        })
}

/// Whether a statement can take the node's place.
fn is_list(visit: &Visit<'_, '_>, parent: Node<'_>, node: Node<'_>) -> bool {
    match parent.kind() {
        "block" | "statement_block" | "switch_case" | "switch_default" | "else_clause" => true,
        // `if a { return true; } else { return false; };`
        "expression_statement" => visit.language() == Language::Rust && parent.end_byte() == node.end_byte(),
        _ => false,
    }
}

/// Whether a condition in the place of the choice would be torn apart by what is around it.
fn needs_parentheses(parent: Node<'_>) -> bool {
    matches!(
        parent.kind(),
        "binary_expression"
            | "unary_expression"
            | "field_expression"
            | "member_expression"
            | "type_cast_expression"
            | "as_expression"
            | "await_expression"
            | "try_expression"
            | "call_expression"
            | "spread_element"
            | "reference_expression"
            | "index_expression"
    )
}

/// What a branch is, if it is only `true` or `false`, and whether it returns that.
fn boolean(visit: &Visit<'_, '_>, branch: Node<'_>) -> Option<(bool, bool)> {
    let mut at = branch;
    let mut returns = false;
    for _ in 0..6 {
        match at.kind() {
            "true" => return Some((true, returns)),
            "false" => return Some((false, returns)),
            "boolean_literal" => return Some((visit.text(at) == "true", returns)),
            "return_statement" | "return_expression" => returns = true,
            "block"
            | "statement_block"
            | "else_clause"
            | "expression_statement"
            | "parenthesized_expression" => {}
            _ => return None,
        }
        at = at.named_child(0).filter(|_| at.named_child_count() == 1)?;
    }
    None
}

/// The condition as a value, or its opposite.
fn value_of(visit: &Visit<'_, '_>, condition: Node<'_>, yes: bool) -> String {
    let mut inner = condition;
    while inner.kind() == "parenthesized_expression" && inner.named_child_count() == 1 {
        let Some(next) = inner.named_child(0) else { break };
        inner = next;
    }
    let text = visit.text(inner);
    let script = visit.language().is_script();
    let is_atom = matches!(
        inner.kind(),
        "identifier"
            | "call_expression"
            | "field_expression"
            | "member_expression"
            | "subscript_expression"
            | "index_expression"
            | "macro_invocation"
            | "self"
            | "this"
            | "scoped_identifier"
    );
    match (yes, is_atom) {
        (true, _) if !script || is_boolean(visit, inner) => text.to_owned(),
        (true, true) => format!("!!{text}"),
        (true, false) => format!("!!({text})"),
        (false, true) => format!("!{text}"),
        (false, false) => format!("!({text})"),
    }
}

/// Whether a script's expression is true or false, not only truthy.
fn is_boolean(visit: &Visit<'_, '_>, node: Node<'_>) -> bool {
    match node.kind() {
        "true" | "false" => true,
        "unary_expression" => matches!(visit.field(node, Field::Operator), "!" | "delete"),
        "binary_expression" => matches!(
            visit.field(node, Field::Operator),
            "==" | "===" | "!=" | "!==" | "<" | ">" | "<=" | ">=" | "in" | "instanceof"
        ),
        _ => false,
    }
}
