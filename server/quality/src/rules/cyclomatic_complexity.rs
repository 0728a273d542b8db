//! `cyclomatic-complexity`: functions with many paths.

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::Node;

use crate::Catalog;
use crate::metrics::FunctionMetrics;
use crate::rule::{Check, Dimension, Example, Level, Reference, Rule, RuleOption, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "cyclomatic-complexity",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Information),
    languages: &Language::ALL,
    flags: "a function with more than 20 independent paths, unless `cognitive-complexity` flags it already",
    why: "Each path wants a test of its own.",
    reference: Reference {
        name: "CWE-1121: Excessive McCabe Cyclomatic Complexity",
        url: "https://cwe.mitre.org/data/definitions/1121.html",
    },
    options: &[RuleOption {
        name: "max",
        default: 20,
        describes: "the highest complexity that is not flagged",
    }],
    check: Check::Functions(visit),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn ⟦f⟧(x: u8) { match x { 0 => a, 1 => a, 2 => a, 3 => a, 4 => a, 5 => a, 6 => a, 7 => a, 8 => a, \
                  9 => a, 10 => a, 11 => a, 12 => a, 13 => a, 14 => a, 15 => a, 16 => a, 17 => a, 18 => a, _ => b } }",
            fixed: "",
            good: "fn f(x: u8) { match x { 0 => a, 1 => a, 2 => a, 3 => a, 4 => a, 5 => a, 6 => a, 7 => a, 8 => a, \
                   9 => a, 10 => a, 11 => a, 12 => a, 13 => a, 14 => a, 15 => a, 16 => a, 17 => a, _ => b } }",
        },
        Example {
            language: Language::TypeScript,
            bad: "const f = ⟦(a: A) =>⟧ a?.b?.c?.d?.e?.f?.g?.h?.i?.j?.k?.l?.m?.n?.o?.p?.q?.r?.s?.t ?? a?.z;",
            fixed: "",
            good: "const f = (a: A) => a?.b?.c?.d?.e?.f?.g?.h?.i?.j?.k?.l?.m?.n?.o?.p?.q?.r?.s ?? 0;",
        },
    ],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>, metrics: &FunctionMetrics) {
    let complexity = metrics.cyclomatic;
    let max = visit.option("max");
    if complexity <= max || visit.in_test() || is_flagged_as_cognitive(visit, metrics) {
        return;
    }
    visit.report(visit.name_span(node), format!("cyclomatic complexity {complexity} (at most {max})"));
}

/// One finding about a function's branches is enough.
fn is_flagged_as_cognitive(visit: &Visit<'_, '_>, metrics: &FunctionMetrics) -> bool {
    let Some((other, _)) = Catalog::builtin().find("cognitive-complexity") else { return false };
    let max = visit.profile.option(other, "max").unwrap_or(u32::MAX);
    visit.profile.level(other) != Level::Off && metrics.cognitive > max
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Profile;
    use crate::analysis::tests::analyse;

    #[test]
    fn a_function_is_flagged_for_one_complexity() {
        let text = format!("fn f() {{ {} }}", "if a && b || c {} ".repeat(12));
        let report = analyse(Arc::new(Profile::default()), Language::Rust, &text);
        let found: Vec<_> =
            report.findings.iter().map(|f| Catalog::builtin().rule(f.relative().rule).id).collect();
        assert_eq!(found, ["cognitive-complexity"]);
        assert_eq!(crate::rules::tests::findings(RULE.id, Language::Rust, &text).len(), 1);
    }
}
