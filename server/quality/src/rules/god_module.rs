//! `god-module`: files that do everything.

use autodao_syntax::Language;

use crate::FileRole;
use crate::rule::{Check, Dimension, Level, Reference, Rule, RuleOption, Severity};
use crate::visit::FileVisit;

pub(crate) const RULE: Rule = Rule {
    id: "god-module",
    dimension: Dimension::Architecture,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "more than 20 functions in more than 600 lines of code, one of them with a cognitive complexity above 25",
    why: "A file that is long, does many things and is hard to follow in places is where changes pile up and go wrong.",
    reference: Reference {
        name: "CWE-1080: Source Code File with Excessive Number of Lines of Code",
        url: "https://cwe.mitre.org/data/definitions/1080.html",
    },
    options: &[
        RuleOption { name: "functions", default: 20, describes: "the most functions that are not too many" },
        RuleOption { name: "lines", default: 600, describes: "the most lines of code that are not too many" },
        RuleOption {
            name: "complexity",
            default: 25,
            describes: "the highest cognitive complexity of a function that is not too high",
        },
    ],
    check: Check::File(visit),
    examples: &[],
};

fn visit(visit: &mut FileVisit<'_>) {
    let Some(summary) = visit.summary() else { return };
    let is_code = matches!(visit.role(), FileRole::Library | FileRole::Program);
    if is_code
        && summary.functions > visit.option("functions")
        && summary.code_lines > visit.option("lines")
        && summary.hardest > visit.option("complexity")
    {
        let message = format!(
            "{} functions in {} lines, the hardest of complexity {}: this file does too much",
            summary.functions, summary.code_lines, summary.hardest
        );
        visit.report(visit.first_line(), message);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::findings;

    use super::*;

    #[test]
    fn all_three_have_to_be_too_many() {
        let hard = "fn h() {\n if a { if b { if c { if d { if e { if g { if i { } } } } } } }\n}\n";
        let (long, short) = ("fn f() {\n    a();\n    b();\n}\n", "fn f() {}\n");
        let lines = "const A: [u8; 600] = [\n".to_owned() + &"1,\n".repeat(600) + "];\n";
        let found = |text: &str| findings(RULE.id, Language::Rust, text);
        let message = found(&format!("{hard}{}", long.repeat(150)))[0].message.to_string();
        assert_eq!(
            message,
            "151 functions in 603 lines, the hardest of complexity 28: this file does too much"
        );
        assert!(found(&long.repeat(151)).is_empty(), "nothing hard");
        assert!(found(&format!("{hard}{}", short.repeat(150))).is_empty(), "short");
        assert!(found(&format!("{hard}{lines}{}", short.repeat(19))).is_empty(), "few functions");
        assert_eq!(found(&format!("{hard}{lines}{}", short.repeat(20))).len(), 1);
    }

    #[test]
    fn a_callback_is_no_function_of_its_own() {
        let hard = "const h = () => {\nif (a) { if (b) { if (c) { if (d) { if (e) { if (g) { if (i) { } } } } } } }\n};\n";
        let lines = "f();\n".repeat(600);
        let found = |text: &str| findings(RULE.id, Language::TypeScript, text).len();
        assert_eq!(found(&format!("{hard}{lines}{}", "f(() => 1);\n".repeat(30))), 0);
        assert_eq!(found(&format!("{hard}{lines}{}", "const g = () => 1;\n".repeat(20))), 1);
    }
}
