//! `deep-nesting`: blocks within blocks within blocks.

use autodao_syntax::Language;
use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;

use crate::metrics::{FunctionMetrics, first_deeper_block};
use crate::rule::{Check, Dimension, Example, Level, Reference, Rule, RuleOption, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "deep-nesting",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "a block more than 4 deep in its function: of `if`, loops, `match`, `switch` or `try`",
    why: "What a line this deep depends on is spread over all the lines around it.",
    reference: Reference { name: "ESLint max-depth", url: "https://eslint.org/docs/latest/rules/max-depth" },
    options: &[RuleOption { name: "max", default: 4, describes: "the deepest block that is not flagged" }],
    check: Check::Functions(visit),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() { for a in b { match c { D => if e { while g { ⟦loop⟧ { h() } } }, _ => {} } } }",
            fixed: "",
            good: "fn f() { for a in b { match c { D => if e { while g { h() } }, _ => {} } } }",
        },
        Example {
            language: Language::JavaScript,
            bad: "function f() { try { for (;;) { switch (a) { case 1: do { ⟦if⟧ (b) { } } while (c) } } } catch { } }",
            fixed: "",
            good: "function f() { for (;;) { if (a) { } else if (b) { if (c) if (d) { while (e) { } } } } }",
        },
    ],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>, metrics: &FunctionMetrics) {
    let max = visit.option("max");
    if metrics.nesting <= max || visit.in_test() {
        return;
    }
    let Some(block) = first_deeper_block(node, visit.language(), max) else { return };
    let mut cursor = block.walk();
    // The keyword; a Rust loop's label stands before it.
    let keyword = block.children(&mut cursor).find(|child| !child.is_named());
    let span = keyword.map_or(Span::of(block), Span::of);
    visit.report(span, format!("a block {} deep (at most {max})", metrics.nesting));
}
