//! `bool-params`: calls that read `f(true, false, true)`.

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::Node;

use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, RuleOption, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "bool-params",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Information),
    languages: &[Language::Rust, Language::TypeScript, Language::Tsx],
    flags: "a function with three or more parameters of type `bool`",
    why: "A call says `true, false, true`, and which is which has to be looked up; two that are swapped still compile.",
    reference: Reference {
        name: "Clippy fn_params_excessive_bools",
        url: "https://rust-lang.github.io/rust-clippy/master/#fn_params_excessive_bools",
    },
    options: &[RuleOption {
        name: "max",
        default: 2,
        describes: "the most such parameters that are not flagged",
    }],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["function_item"], visit },
        NodeCheck {
            languages: &[Language::TypeScript, Language::Tsx],
            kinds: &[
                "function_declaration",
                "generator_function_declaration",
                "function_expression",
                "arrow_function",
                "method_definition",
            ],
            visit,
        },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn ⟦f⟧(a: bool, b: u8, c: bool, d: bool) {}",
            fixed: "",
            good: "fn f(a: bool, b: bool, c: &bool) {}\nimpl T for S { fn g(a: bool, b: bool, c: bool) {} }",
        },
        Example {
            language: Language::TypeScript,
            bad: "function ⟦f⟧(a: boolean, b?: boolean, c = false) {}\nconst g = ⟦(a: boolean, b: boolean, c: boolean) =>⟧ a;",
            fixed: "",
            good: "function f(a: boolean, b: boolean, { c }: { c: boolean }) {}",
        },
    ],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(parameters) = node.child_by_field_name("parameters") else { return };
    // With the brackets and what is between them, three take at least as many children.
    if parameters.named_child_count() < 3 || visit.implements_trait() || visit.in_test() {
        return;
    }
    let count = parameters.named_children(&mut parameters.walk()).filter(|p| is_bool(visit, *p)).count();
    let max = visit.option("max") as usize;
    if count > max {
        let span = visit.name_span(node);
        visit.report(span, format!("{count} parameters are only true or false (at most {max})"));
    }
}

fn is_bool(visit: &Visit<'_, '_>, parameter: Node<'_>) -> bool {
    let declared = parameter.child_by_field_name("type").map_or("", |declared| visit.text(declared));
    let value = visit.child(parameter, Field::Value);
    matches!(declared.trim_start_matches([':', ' ']), "bool" | "boolean")
        || (declared.is_empty() && value.is_some_and(|value| matches!(value.kind(), "true" | "false")))
}
