//! `nested-ternary`: a choice inside a choice, on one line.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "nested-ternary",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Information),
    languages: &Language::SCRIPTS,
    flags: "a ternary directly in a branch of another",
    why: "Which condition a branch belongs to has to be worked out from precedence.",
    reference: Reference {
        name: "ESLint no-nested-ternary",
        url: "https://eslint.org/docs/latest/rules/no-nested-ternary",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck {
        languages: &Language::SCRIPTS,
        kinds: &["ternary_expression"],
        visit,
    }]),
    examples: &[Example {
        language: Language::TypeScript,
        bad: "const a = ⟦b ? c : (d ? e : f)⟧;",
        fixed: "",
        good: "const a = b ? c : g(d ? e : f);",
    }],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let is_nested = [Field::Consequence, Field::Alternative].into_iter().any(|branch| {
        let mut branch = visit.child(node, branch);
        while let Some(inner) = branch.filter(|node| node.kind() == "parenthesized_expression") {
            branch = inner.named_child(0);
        }
        branch.is_some_and(|branch| branch.kind() == "ternary_expression")
    });
    if is_nested {
        visit.report(Span::of(node), "a ternary in a branch of another");
    }
}
