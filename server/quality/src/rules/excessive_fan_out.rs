//! `excessive-fan-out`: files that depend on everything.

use autodao_syntax::Language;

use crate::FileRole;
use crate::rule::{Check, Dimension, Level, Reference, Rule, RuleOption, Severity};
use crate::visit::FileVisit;

pub(crate) const RULE: Rule = Rule {
    id: "excessive-fan-out",
    dimension: Dimension::Architecture,
    level: Level::On(Severity::Information),
    languages: &Language::ALL,
    flags: "a file that imports from more than 30 modules",
    why: "It changes whenever one of them does, and whoever reads it has to know them all.",
    reference: Reference {
        name: "CWE-1048: Invokable Control Element with Large Number of Outward Calls",
        url: "https://cwe.mitre.org/data/definitions/1048.html",
    },
    options: &[RuleOption { name: "max", default: 30, describes: "the most modules that are not flagged" }],
    check: Check::File(visit),
    examples: &[],
};

fn visit(visit: &mut FileVisit<'_>) {
    let (Some(summary), max) = (visit.summary(), visit.option("max")) else { return };
    if summary.modules > max && visit.role() != FileRole::Test {
        visit.report(visit.first_line(), format!("imports from {} modules (at most {max})", summary.modules));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::findings;

    use super::*;

    #[test]
    fn distinct_modules_are_counted() {
        let import = |n: usize| format!("import {{ a{n} }} from './m{n}';\n");
        let text: String = (0..30).map(import).collect();
        let again: String = (0..30).map(|n| format!("import type {{ B }} from './m{n}';\n")).collect();
        assert!(findings(RULE.id, Language::TypeScript, &format!("{text}{again}")).is_empty());
        let found = findings(RULE.id, Language::TypeScript, &format!("{text}import x from 'x';\n"));
        assert_eq!(&*found[0].message, "imports from 31 modules (at most 30)");
        let rust: String = (0..31).map(|n| format!("use m{n}::{{A, B}};\n")).collect();
        assert_eq!(findings(RULE.id, Language::Rust, &rust).len(), 1);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{rust}}}\n");
        assert!(findings(RULE.id, Language::Rust, &tests).is_empty());
    }
}
