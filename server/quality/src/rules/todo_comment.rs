//! `todo-comment`: work that a comment puts off.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "todo-comment",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Hint),
    languages: &Language::ALL,
    flags: "a comment that starts with TODO, FIXME, XXX or HACK",
    why: "It marks work that is known to be missing.",
    reference: Reference {
        name: "ESLint no-warning-comments",
        url: "https://eslint.org/docs/latest/rules/no-warning-comments",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["line_comment", "block_comment"], visit },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["comment"], visit },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "⟦// TODO: tidy⟧\nfn f() {} ⟦/* fixme now */⟧",
            fixed: "",
            good: "// todos are elsewhere\nfn f() {} // see TODO.md",
        },
        Example {
            language: Language::JavaScript,
            bad: "f(); ⟦// XXX⟧\n⟦/**\n * HACK: why\n */⟧",
            fixed: "",
            good: "// the xxx of it",
        },
    ],
};

const MARKS: [&str; 4] = ["todo", "fixme", "xxx", "hack"];

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let comment = visit.text(node);
    let words = comment.trim_start_matches(|c: char| matches!(c, '/' | '*' | '!') || c.is_whitespace());
    let word_end = words.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(words.len());
    let word = &words[..word_end];
    if MARKS.iter().any(|mark| word.eq_ignore_ascii_case(mark)) {
        let line = words.lines().next().unwrap_or("").trim_end_matches("*/").trim_end();
        let span = Span::of(node);
        // A Rust line comment's node may hold its line break.
        let span = Span::new(span.start, span.start + comment.trim_end().len() as u32);
        visit.report(span, line);
    }
}
