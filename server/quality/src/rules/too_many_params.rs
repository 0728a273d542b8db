//! `too-many-params`: functions that want a parameter object.

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::Node;

use crate::metrics::FunctionMetrics;
use crate::rule::{Check, Dimension, Example, Level, Reference, Rule, RuleOption, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "too-many-params",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "a function with more than 7 parameters in Rust, `self` left out, or 5 in a script",
    why: "A call with this many arguments cannot be read without looking the function up, and two are easily swapped.",
    reference: Reference {
        name: "CWE-1064: Invokable Control Element with Signature Containing an Excessive Number of Parameters",
        url: "https://cwe.mitre.org/data/definitions/1064.html",
    },
    options: &[
        RuleOption { name: "max-rust", default: 7, describes: "parameters of a Rust function" },
        RuleOption {
            name: "max-script",
            default: 5,
            describes: "parameters of a TypeScript or JavaScript function",
        },
    ],
    check: Check::Functions(visit),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn ⟦f⟧(a: A, b: A, c: A, d: A, e: A, f: A, g: A, h: A) {}",
            fixed: "",
            good: "impl B { fn f(&self, a: A, b: A, c: A, d: A, e: A, f: A, g: A) {} }\n\
                   impl C for B { fn f(a: A, b: A, c: A, d: A, e: A, f: A, g: A, h: A) {} }\n\
                   extern \"C\" fn f(a: A, b: A, c: A, d: A, e: A, f: A, g: A, h: A) {}",
        },
        Example {
            language: Language::TypeScript,
            bad: "class B { ⟦m⟧(a: A, b: A, c?: A, d = 1, e: A = 2, ...f: A[]) {} }",
            fixed: "",
            good: "class B { m(a: A, b: A, c?: A, d = 1, ...f: A[]) {} }",
        },
    ],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>, metrics: &FunctionMetrics) {
    let max = visit.option(if visit.language().is_script() { "max-script" } else { "max-rust" });
    let parameters = metrics.arguments();
    if parameters <= max || visit.in_test() || is_given(visit, node) {
        return;
    }
    visit.report(visit.name_span(node), format!("{parameters} parameters (at most {max})"));
}

/// Whether the signature is not its author's choice: a trait's, or that of another language's caller.
fn is_given(visit: &Visit<'_, '_>, node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    let modifiers = node.children(&mut cursor).find(|child| child.kind() == "function_modifiers");
    visit.implements_trait()
        || modifiers.is_some_and(|modifiers| {
            let mut cursor = modifiers.walk();
            modifiers.children(&mut cursor).any(|modifier| modifier.kind() == "extern_modifier")
        })
}
