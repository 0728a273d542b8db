//! `complex-condition`: more alternatives than one reads at a glance.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::kinds::{Field, Kind, Kinds};
use crate::layout::{has_comment, line_break, line_indent, starts_line};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, RuleOption, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "complex-condition",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Information),
    languages: &Language::ALL,
    flags: "more than three logical operators in one expression",
    why: "To know when it holds, all the cases have to be kept in mind at once. A name for a part of it tells what it is for.",
    reference: Reference {
        name: "CodeScene, Complex Conditional",
        url: "https://codescene.com/engineering-blog/measuring-code-health-complex-conditionals",
    },
    options: &[RuleOption { name: "max", default: 3, describes: "the most operators that are not flagged" }],
    check: Check::Nodes(&[
        NodeCheck { languages: &Language::ALL, kinds: &["binary_expression"], visit },
        NodeCheck { languages: &[Language::Rust], kinds: &["let_chain"], visit },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() { if ⟦a && (b || !c) && d && e⟧ {} }",
            fixed: "",
            good: "fn f() { if a && b && c && d {} }\nfn g() { if a && h(b && c && d) {} }",
        },
        Example {
            language: Language::TypeScript,
            bad: "const a = ⟦b || c || d || e || f⟧;",
            fixed: "",
            good: "const a = b ?? c ?? d ?? e ?? f;",
        },
    ],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if !is_logical(visit, node) || is_operand(visit) {
        return;
    }
    let max = visit.option("max");
    let count = operators(visit, node, max);
    if count <= max || visit.in_test() {
        return;
    }
    let extraction = extracted(visit, node, count, max);
    let finding =
        visit.report(Span::of(node), format!("{count} logical operators in one expression (at most {max})"));
    if let Some(edits) = extraction {
        finding.suggest("Name the first part of the condition", edits);
    }
}

/// Whether a node is `a && b`, `a || b`, or a chain with `let`.
fn is_logical(visit: &Visit<'_, '_>, node: Node<'_>) -> bool {
    let kinds = Kinds::of(visit.language());
    node.kind() == "let_chain"
        || visit
            .child(node, Field::Operator)
            .is_some_and(|operator| operator.kind_id() == kinds.and || operator.kind_id() == kinds.or)
}

/// Whether the node is a part of a larger logical expression, which speaks for it.
fn is_operand(visit: &Visit<'_, '_>) -> bool {
    visit
        .ancestors()
        .find(|parent| !matches!(parent.kind(), "parenthesized_expression" | "unary_expression"))
        .is_some_and(|parent| is_logical(visit, parent))
}

/// The logical operators of an expression, those of closures in it left out, and those of arguments: they decide
/// something else.
fn operators(visit: &Visit<'_, '_>, node: Node<'_>, max: u32) -> u32 {
    let kinds = Kinds::of(visit.language());
    // Two bytes each, and an operand between: too short a text has not enough of them.
    if node.end_byte() - node.start_byte() < 3 * max as usize {
        return 0;
    }
    let mut count = 0;
    let mut cursor = node.walk();
    loop {
        let at = cursor.node();
        count += u32::from(at.kind_id() == kinds.and || at.kind_id() == kinds.or);
        let goes_on = matches!(
            at.kind(),
            "binary_expression" | "parenthesized_expression" | "unary_expression" | "let_chain"
        );
        if goes_on && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return count;
            }
        }
    }
}

/// Gives a name to the part of an `if`'s condition that is always asked first, if that leaves two parts that are
/// small enough.
fn extracted(visit: &Visit<'_, '_>, node: Node<'_>, count: u32, max: u32) -> Option<Vec<TextEdit>> {
    let mut ancestors = visit.ancestors().skip_while(|parent| parent.kind() == "parenthesized_expression");
    let statement =
        ancestors.next().filter(|parent| matches!(parent.kind(), "if_expression" | "if_statement"))?;
    let list = ancestors.find(|parent| parent.kind() != "expression_statement")?;
    if !matches!(list.kind(), "block" | "statement_block") || !starts_line(visit, statement) {
        return None;
    }
    let mut part = node;
    let kinds = Kinds::of(visit.language());
    loop {
        part = if part.kind() == "parenthesized_expression" {
            part.named_child(0)?
        } else {
            visit.child(part, Field::Left)?
        };
        let inside = operators(visit, part, 0);
        if inside == 0 {
            return None;
        }
        if inside <= max && count - inside <= max {
            break;
        }
    }
    // The name must be free in all of the function.
    let function = visit.ancestors().filter(|node| kinds.get(*node).is(Kind::FUNCTION)).last()?;
    let name = ["condition", "precondition"].into_iter().find(|name| !visit.text(function).contains(name))?;
    if has_comment(part) || visit.text(part).contains(['\n', '\r']) {
        return None;
    }
    let keyword = if visit.language().is_script() { "const" } else { "let" };
    let line_break = line_break(visit.item_text());
    let declared =
        format!("{keyword} {name} = {};{line_break}{}", visit.text(part), line_indent(visit, statement));
    Some(vec![
        TextEdit::insert(statement.start_byte() as u32, declared),
        TextEdit::replace(Span::of(part), name),
    ])
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{apply, findings};

    use super::*;

    #[test]
    fn the_part_that_is_asked_first_gets_a_name() {
        let text = "fn f() {\n    if a && b && c || d || e {\n        g();\n    }\n}\n";
        let found = findings(RULE.id, Language::Rust, text);
        assert_eq!(
            apply(text, &found[0].fixes[0].edits),
            "fn f() {\n    let condition = a && b && c || d;\n    if condition || e {\n        g();\n    }\n}\n"
        );
        let elsewhere = "function f() {\n  g(a && b && c && d && e);\n}";
        assert!(findings(RULE.id, Language::JavaScript, elsewhere)[0].fixes.is_empty());
    }
}
