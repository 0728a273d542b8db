//! `nested-functions`: functions in functions in functions.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::kinds::{Field, Kind, Kinds};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, RuleOption, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "nested-functions",
    dimension: Dimension::Architecture,
    level: Level::On(Severity::Information),
    languages: &Language::ALL,
    flags: "a function, closure or callback inside four others",
    why: "Which call runs what, and when, has to be worked out from the outside in; each level is a function that could have a name.",
    reference: Reference {
        name: "ESLint max-nested-callbacks",
        url: "https://eslint.org/docs/latest/rules/max-nested-callbacks",
    },
    options: &[RuleOption {
        name: "max",
        default: 4,
        describes: "how many functions may be around one that is not flagged, itself counted",
    }],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["closure_expression", "function_item"], visit },
        NodeCheck {
            languages: &Language::SCRIPTS,
            kinds: &["arrow_function", "function_expression", "function_declaration", "generator_function"],
            visit,
        },
    ]),
    examples: &[
        Example {
            language: Language::TypeScript,
            bad: "function f() { a(() => b(() => c(function () { d(⟦() =>⟧ e(() => 1)); }))); }",
            fixed: "",
            good: "function f() { a(() => b(() => c(() => 1))); a(() => 1); }",
        },
        Example {
            language: Language::Rust,
            bad: "fn f() { a(|| b(|| c(|| d(⟦||⟧ 1)))); }",
            fixed: "",
            good: "fn f() { a(|| b(|| c(|| 1))); }",
        },
    ],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let kinds = Kinds::of(visit.language());
    let around = visit.ancestors().filter(|outer| kinds.get(*outer).is(Kind::FUNCTION)).count();
    // Those further in are part of the same finding.
    if around == 0 || around != visit.option("max") as usize || visit.in_test() {
        return;
    }
    let end = visit.child(node, Field::Body).map_or(node.end_byte(), |body| body.start_byte());
    let head = Span::new(node.start_byte() as u32, end as u32);
    let head = Span::new(head.start, head.start + visit.slice(head).trim_end().len() as u32);
    visit.report(head, format!("a function inside {around} others"));
}
