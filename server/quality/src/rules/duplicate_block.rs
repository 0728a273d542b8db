//! `duplicate-block`: the same code in two places.

use autodao_syntax::Language;

use crate::rule::{Check, Dimension, Level, Reference, Rule, RuleOption, Severity};

/// The rule's name.
pub(crate) const ID: &str = "duplicate-block";

pub(crate) const RULE: Rule = Rule {
    id: ID,
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "a run of equal tokens in two places of the workspace, outside tests",
    why: "What is mended in one copy stays broken in the other.",
    reference: Reference { name: "CWE-1041", url: "https://cwe.mitre.org/data/definitions/1041.html" },
    options: &[
        RuleOption {
            name: "tokens",
            default: 60,
            describes: "how many tokens are equal at least, 60 or more",
        },
        RuleOption { name: "lines", default: 6, describes: "how many lines they are on at least" },
        RuleOption { name: "long", default: 100, describes: "from how many tokens on it is a warning" },
    ],
    check: Check::Workspace,
    examples: &[],
};
