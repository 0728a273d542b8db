//! `ts-suppress`: a comment that silences the compiler.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, RuleOption, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "ts-suppress",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Warning),
    languages: &Language::SCRIPTS,
    flags: "`@ts-ignore` and `@ts-nocheck`; `@ts-expect-error` without a reason",
    why: "Every error of the line goes unseen, also those that come later. `@ts-expect-error` with a reason at least tells when it is not needed any more.",
    reference: Reference {
        name: "typescript-eslint ban-ts-comment",
        url: "https://typescript-eslint.io/rules/ban-ts-comment/",
    },
    options: &[RuleOption { name: "min-reason", default: 3, describes: "characters a reason has at least" }],
    check: Check::Nodes(&[NodeCheck { languages: &Language::SCRIPTS, kinds: &["comment"], visit }]),
    examples: &[Example {
        language: Language::TypeScript,
        bad: "⟦// @ts-ignore⟧\nf();\n⟦/* @ts-expect-error */⟧\ng();\n⟦// @ts-nocheck: generated⟧\n",
        fixed: "",
        good: "// @ts-expect-error the types of f are wrong\nf();\n// see @ts-ignore\n",
    }],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let comment = visit.text(node);
    // The compiler reads the last line of a comment of several.
    let line = comment.trim_end_matches("*/").trim_end().lines().next_back().unwrap_or("");
    let content = line.trim_start_matches(|c: char| matches!(c, '/' | '*') || c.is_whitespace());
    let Some(directive) = content.strip_prefix("@ts-") else { return };
    let name_end = directive.find(|c: char| !c.is_ascii_alphabetic() && c != '-').unwrap_or(directive.len());
    let (name, reason) = directive.split_at(name_end);
    let reason = reason.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | '*' | '/'));
    let min = visit.option("min-reason") as usize;
    let message = match name {
        "ignore" => "`@ts-ignore` hides every error of the next line, also those to come",
        "nocheck" => "`@ts-nocheck` switches type checking off for the whole file",
        "expect-error" if reason.chars().count() < min => "say why an error is expected here",
        _ => return,
    };
    let start = node.start_byte() as u32;
    let at = comment.rfind("@ts-ignore").filter(|_| name == "ignore").map(|at| start + at as u32);
    let finding = visit.report(Span::new(start, start + comment.trim_end().len() as u32), message);
    if let Some(at) = at {
        let span = Span::new(at, at + "@ts-ignore".len() as u32);
        let directive =
            if reason.chars().count() < min { "@ts-expect-error TODO: say why" } else { "@ts-expect-error" };
        finding.suggest("Expect an error instead", vec![TextEdit::replace(span, directive)]);
    }
}
