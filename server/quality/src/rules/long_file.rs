//! `long-file`: files that hold more than one thing.

use autodao_syntax::Language;

use crate::FileRole;
use crate::rule::{Check, Dimension, Level, Reference, Rule, RuleOption, Severity};
use crate::visit::FileVisit;

pub(crate) const RULE: Rule = Rule {
    id: "long-file",
    dimension: Dimension::Architecture,
    level: Level::On(Severity::Information),
    languages: &Language::ALL,
    flags: "more than 1,000 lines of code in a Rust file, 600 in a script; test modules and declarations left out",
    why: "A file this long holds several things, and a change to one is read past all the others.",
    reference: Reference {
        name: "CWE-1080: Source Code File with Excessive Number of Lines of Code",
        url: "https://cwe.mitre.org/data/definitions/1080.html",
    },
    options: &[
        RuleOption { name: "max-rust", default: 1000, describes: "lines of code in a Rust file" },
        RuleOption {
            name: "max-script",
            default: 600,
            describes: "lines of code in a TypeScript or JavaScript file",
        },
    ],
    check: Check::File(visit),
    examples: &[],
};

fn visit(visit: &mut FileVisit<'_>) {
    let max = match visit.language() {
        Some(Language::Rust) => visit.option("max-rust"),
        Some(_) => visit.option("max-script"),
        None => return,
    };
    let Some(lines) = visit.code_lines().filter(|lines| *lines > max) else { return };
    if matches!(visit.role(), FileRole::Library | FileRole::Program) {
        visit.report(visit.first_line(), format!("{lines} lines of code in one file (at most {max})"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::findings;

    use super::*;

    #[test]
    fn lines_of_code_are_counted_without_comments_blanks_and_tests() {
        let lines = |n: usize| "// c\n\nfn f() { g(\n1) }\n".repeat(n);
        assert!(findings(RULE.id, Language::Rust, &lines(500)).is_empty());
        let found = findings(RULE.id, Language::Rust, &lines(501));
        assert_eq!(&*found[0].message, "1002 lines of code in one file (at most 1000)");
        let tests = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", lines(499), lines(500));
        assert!(findings(RULE.id, Language::Rust, &tests).is_empty());
        assert_eq!(findings(RULE.id, Language::TypeScript, &"let a = 1;\n".repeat(601)).len(), 1);
    }
}
