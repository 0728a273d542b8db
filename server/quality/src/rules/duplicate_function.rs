//! `duplicate-function`: two functions that do the same.

use autodao_syntax::Language;

use crate::rule::{Check, Dimension, Level, Reference, Rule, Severity};

/// The rule's name.
pub(crate) const ID: &str = "duplicate-function";

pub(crate) const RULE: Rule = Rule {
    id: ID,
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "a function whose body, of three statements or more, another function of the workspace has too",
    why: "What is mended in one copy stays broken in the other; one of them can call the other.",
    reference: Reference { name: "Sonar S4144", url: "https://rules.sonarsource.com/typescript/RSPEC-4144/" },
    options: &[],
    check: Check::Workspace,
    examples: &[],
};
