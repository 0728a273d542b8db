//! `chat-residue`: a comment in which a model speaks to its user.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::comment::{first_line, is_doc};
use crate::layout::line_of;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "chat-residue",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "a comment that starts like an answer in a chat: \"Here's the updated\", \"Sure,\", \"I've added\"",
    why: "It tells of an edit, not of the code, and says that nobody has read what was pasted.",
    reference: Reference {
        name: "CWE-1116: Inaccurate Comments",
        url: "https://cwe.mitre.org/data/definitions/1116.html",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["line_comment", "block_comment"], visit },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["comment"], visit },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "⟦// Here's the updated function:⟧\nfn f() {\n    ⟦// I've added a check for zero⟧\n    g(); ⟦/* Sure, this is faster */⟧\n}\n",
            fixed: "fn f() {\n    g(); /* Sure, this is faster */\n}\n",
            good: "// Here is the table of keys\n// I have no idea why\n// Surely this is right\nfn f() {}",
        },
        Example {
            language: Language::TypeScript,
            bad: "⟦// Certainly! Here is the code.⟧\r\nf();\r\n",
            fixed: "f();\r\n",
            good: "// certainly not null\nf();",
        },
    ],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let comment = visit.text(node);
    let line = first_line(comment);
    // Capitals and a prefix: nearly every comment is done with here.
    if !line.starts_with(['A', 'C', 'G', 'H', 'I', 'L', 'O', 'S', 'Y']) || !is_answer(line) {
        return;
    }
    let span = Span::of(node);
    let span = Span::new(span.start, span.start + comment.trim_end().len() as u32);
    // Between code on one line a comment may be what keeps two tokens, or two lines, apart.
    let removed = Some(line_of(visit, span)).filter(|whole| *whole != span && !is_doc(comment));
    let finding = visit.report(span, "this comment is an answer in a chat");
    if let Some(removed) = removed {
        finding.fix("Remove the comment", vec![TextEdit::remove(removed)]);
    }
}

fn is_answer(line: &str) -> bool {
    let here = line.strip_prefix("Here's ").or_else(|| line.strip_prefix("Here is "));
    if let Some(rest) = here {
        let rest = ["the ", "your ", "an ", "a "].iter().find_map(|article| rest.strip_prefix(article));
        let changed = [
            "updated",
            "complete",
            "full",
            "modified",
            "refactored",
            "fixed",
            "corrected",
            "revised",
            "improved",
            "rewritten",
            "implementation of the",
            "optimized",
            "cleaned",
        ];
        return rest.is_some_and(|rest| changed.iter().any(|word| rest.starts_with(word)));
    }
    let done = line.strip_prefix("I've ").or_else(|| line.strip_prefix("I have "));
    if let Some(rest) = done.or_else(|| line.strip_prefix("I ")) {
        let verbs = [
            "added ",
            "updated ",
            "fixed ",
            "refactored ",
            "removed ",
            "changed ",
            "modified ",
            "implemented ",
            "rewritten ",
            "made the following",
        ];
        return verbs.iter().any(|verb| rest.starts_with(verb));
    }
    let opening = [
        "Sure, ",
        "Sure! ",
        "Certainly! ",
        "Certainly, here",
        "Of course! ",
        "Absolutely! ",
        "Great question",
        "As an AI ",
        "As requested, ",
        "Let me know if you",
        "I hope this helps",
        "You're absolutely right",
        "You are absolutely right",
        "Let's go ahead and",
    ];
    opening.iter().any(|start| line.starts_with(start))
}
