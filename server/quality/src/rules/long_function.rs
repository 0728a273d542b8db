//! `long-function`: functions that do more than one thing.

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::Node;

use crate::metrics::FunctionMetrics;
use crate::rule::{Check, Dimension, Level, Reference, Rule, RuleOption, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "long-function",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "a function of more than 100 lines of code in Rust, 80 in a script; comments and blank lines left out",
    why: "A function that does not fit on a screen is read in pieces, and its pieces have no names.",
    reference: Reference {
        name: "clippy::too_many_lines",
        url: "https://rust-lang.github.io/rust-clippy/master/index.html#too_many_lines",
    },
    options: &[
        RuleOption { name: "max-rust", default: 100, describes: "lines of code in a Rust function" },
        RuleOption {
            name: "max-script",
            default: 80,
            describes: "lines of code in a TypeScript or JavaScript function",
        },
    ],
    check: Check::Functions(visit),
    examples: &[],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>, metrics: &FunctionMetrics) {
    let max = visit.option(if visit.language().is_script() { "max-script" } else { "max-rust" });
    let lines = metrics.code_lines;
    if lines > max && !visit.in_test() {
        visit.report(visit.name_span(node), format!("{lines} lines of code in one function (at most {max})"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::findings;

    #[test]
    fn lines_of_code_are_counted_without_comments_and_blanks() {
        let rust = |n: usize| format!("fn f() {{\n{}}}\n", "// c\n\ng(\n1);\n".repeat(n));
        assert!(findings(RULE.id, Language::Rust, &rust(49)).is_empty());
        let found = findings(RULE.id, Language::Rust, &rust(50));
        assert_eq!(&*found[0].message, "102 lines of code in one function (at most 100)");
        let script = |n: usize| format!("class A {{ m() {{\n{}}} }}\n", "g();\n".repeat(n));
        assert!(findings(RULE.id, Language::TypeScript, &script(78)).is_empty());
        assert_eq!(findings(RULE.id, Language::TypeScript, &script(79)).len(), 1);
    }

    #[test]
    fn a_function_counts_the_lines_of_those_in_it() {
        let text = format!("const f = () => {{ g(() => {{\n{}}}); }};\n", "h();\n".repeat(80));
        assert_eq!(findings(RULE.id, Language::JavaScript, &text).len(), 2);
    }
}
