//! `cognitive-complexity`: functions that are hard to follow.

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::Node;

use crate::metrics::FunctionMetrics;
use crate::rule::{Check, Dimension, Example, Level, Reference, Rule, RuleOption, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "cognitive-complexity",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "a function whose cognitive complexity is above 15; above 25 it is an error",
    why: "Each nested branch is one more condition to keep in mind while reading the next line.",
    reference: Reference {
        name: "Cognitive Complexity, SonarSource white paper",
        url: "https://www.sonarsource.com/resources/cognitive-complexity/",
    },
    options: &[
        RuleOption { name: "max", default: 15, describes: "the highest complexity that is not flagged" },
        RuleOption { name: "error", default: 25, describes: "the highest complexity that is not an error" },
    ],
    check: Check::Functions(visit),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn ⟦f⟧() { if a { if b { if c { if d { if e { if g { } } } } } } }",
            fixed: "",
            good: "fn f() { if a { if b { if c { if d { if e { } } } } } }",
        },
        Example {
            language: Language::JavaScript,
            bad: "const f = ⟦(a) =>⟧ { if (a) { if (b) { if (c) { if (d) { if (e) { if (g) { } } } } } } };",
            fixed: "",
            good: "class A { m() { if (a) { if (b) { if (c) { if (d) { if (e) { } } } } } } }",
        },
    ],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>, metrics: &FunctionMetrics) {
    let complexity = metrics.cognitive;
    let max = visit.option("max");
    if complexity <= max || visit.in_test() {
        return;
    }
    let error = visit.option("error");
    let span = visit.name_span(node);
    let finding = visit.report(span, format!("cognitive complexity {complexity} (at most {max})"));
    if complexity > error {
        finding.escalate(Severity::Error);
    }
}
