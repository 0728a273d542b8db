//! `import-cycle`: modules that import each other.

use autodao_syntax::Language;

use crate::rule::{Check, Dimension, Level, Reference, Rule, Severity};

/// The rule's name.
pub(crate) const ID: &str = "import-cycle";

pub(crate) const RULE: Rule = Rule {
    id: ID,
    dimension: Dimension::Architecture,
    level: Level::On(Severity::Warning),
    languages: &Language::SCRIPTS,
    flags: "modules that import each other in a circle, types left out; told once per circle",
    why: "Which of them runs first depends on who imports them, and none can be understood, tested or moved alone.",
    reference: Reference { name: "CWE-1047", url: "https://cwe.mitre.org/data/definitions/1047.html" },
    options: &[],
    check: Check::Workspace,
    examples: &[],
};
