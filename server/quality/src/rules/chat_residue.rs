//! `chat-residue`: a comment in which a model speaks to its user.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::comment::{contains_ignoring_case, first_line, is_doc};
use crate::layout::lines_of;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::{FileVisit, Visit};

pub(crate) const RULE: Rule = Rule {
    id: "chat-residue",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "a comment that is an answer in a chat: \"Here's the updated function:\", \"Sure! Here is\", \"I've added ... as requested\"",
    why: "It tells of an edit, not of the code, and says that nobody has read what was pasted.",
    reference: Reference {
        name: "CWE-1116: Inaccurate Comments",
        url: "https://cwe.mitre.org/data/definitions/1116.html",
    },
    options: &[],
    check: Check::Joined {
        nodes: &[
            NodeCheck { languages: &[Language::Rust], kinds: &["line_comment", "block_comment"], visit },
            NodeCheck { languages: &Language::SCRIPTS, kinds: &["comment"], visit },
        ],
        join,
    },
    examples: &[
        Example {
            language: Language::Rust,
            bad: "⟦// Here's the updated function:⟧\nfn f() {\n    ⟦// Sure! Here is the code.⟧\n    g(); ⟦/* Certainly! Here you go. */⟧\n    ⟦// I've added error handling as requested.⟧\n    h();\n}\n",
            fixed: "fn f() {\n    g(); /* Certainly! Here you go. */\n    // I've added error handling as requested.\n    h();\n}\n",
            good: "// Here is the table of keys\n// I have no idea why\n// Surely this is right\n// Sure, this works but it is slow.\n// I've added this delay because the sensor needs 3 ms to settle (erratum 12).\n// I've updated the function to follow revision C.\nfn f() {}",
        },
        Example {
            language: Language::Rust,
            bad: "⟦// Here's the complete code:⟧\n// the first byte is the length, the others follow.\nfn f() {}\n",
            fixed: "",
            good: "// Here's the full list of flags, as the manual (revision C, table 7) has\n// them; 0x40 must stay reserved.\n// Here is an implementation of the algorithm in RFC 1951, section 3.2.2.\n// Here's a fixed-size buffer:\n// Let me know if you find a better name.\nfn f() {}",
        },
        Example {
            language: Language::TypeScript,
            bad: "⟦// Certainly! Here is the code.⟧\r\nf();\r\n",
            fixed: "f();\r\n",
            good: "// certainly not null\nf();",
        },
    ],
};

/// A comment whose first line is all there is to an answer.
const FORMULA: u64 = 0;
/// A comment that speaks to somebody, and may say something all the same.
const ADDRESS: u64 = 1;

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let comment = visit.text(node);
    let line = first_line(comment);
    // Capitals and a prefix: nearly every comment is done with here.
    if !line.starts_with(['A', 'C', 'G', 'H', 'I', 'L', 'O', 'S', 'Y']) {
        return;
    }
    let key = if is_formula(line) {
        FORMULA
    } else if is_address(line) {
        ADDRESS
    } else {
        return;
    };
    let start = node.start_byte() as u32;
    visit.note(node, Span::new(start, start + comment.trim_end().len() as u32), key);
}

fn join(visit: &mut FileVisit<'_>) {
    let text = visit.text();
    let is_broken = visit.root().is_none_or(|root| root.has_error());
    for note in visit.notes() {
        let comment = text.get(note.span.range()).unwrap_or("");
        let lines = lines_of(text, note.span).filter(|_| !is_doc(comment));
        let is_alone =
            note.key == FORMULA && !is_broken && !comment.contains('\n') && !is_in_run(text, note.span);
        let finding = visit.report(note.span, "this comment is an answer in a chat");
        if let Some(removed) = lines {
            let edits = vec![TextEdit::remove(removed)];
            if is_alone {
                finding.fix("Remove the comment", edits);
            } else {
                finding.suggest("Remove the comment", edits);
            }
        }
    }
}

/// Whether the line above or below is of a comment too: what they say goes together.
fn is_in_run(text: &str, comment: Span) -> bool {
    let (before, behind) = text.split_at_checked(comment.start as usize).unwrap_or_default();
    let above = before.trim_end_matches([' ', '\t']).lines().next_back().unwrap_or("").trim();
    let below = behind.get(comment.len() as usize..).unwrap_or("").lines().nth(1).unwrap_or("").trim_start();
    above.starts_with("//") || above.ends_with("*/") || below.starts_with("//") || below.starts_with("/*")
}

/// Whether a line is an answer's opening or end, and says nothing of the code.
fn is_formula(line: &str) -> bool {
    let line = line.trim_end();
    let assents = ["Sure", "Certainly", "Of course", "Absolutely"];
    let assent = assents.iter().find_map(|word| line.strip_prefix(word));
    if let Some(rest) = assent.and_then(|rest| rest.strip_prefix(['!', ',', '.'])) {
        let rest = rest.trim_start();
        let goes_on = rest.strip_prefix("Here").or_else(|| rest.strip_prefix("here"));
        return goes_on.is_some_and(|rest| {
            rest.starts_with("'s ")
                || rest.starts_with(" is ")
                || rest.starts_with(" are ")
                || rest.starts_with(" you ")
        });
    }
    let closings = [
        "I hope this helps",
        "Hope this helps",
        "Let me know if you have any questions",
        "Let me know if you have questions",
    ];
    let is_closing = |closing: &&str| {
        line.strip_prefix(*closing).is_some_and(|rest| rest.trim_end_matches(['!', '.']).is_empty())
    };
    is_handing_over(line) || closings.iter().any(is_closing)
}

/// `Here's the updated code:`: a version of some code, and nothing behind it.
fn is_handing_over(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("Here's ").or_else(|| line.strip_prefix("Here is ")) else {
        return false;
    };
    let mut words = rest.trim_end_matches([':', '.', '!']).split(' ').filter(|word| !word.is_empty());
    let is_article = words.next().is_some_and(|word| matches!(word, "the" | "your" | "an" | "a"));
    let versions = [
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
        "optimized",
        "cleaned-up",
        "final",
        "new",
    ];
    if !is_article || !words.next().is_some_and(|word| versions.contains(&word)) {
        return false;
    }
    let things = [
        "code",
        "version",
        "function",
        "implementation",
        "file",
        "component",
        "class",
        "method",
        "module",
        "script",
        "snippet",
        "program",
        "solution",
        "example",
        "test",
        "tests",
    ];
    // "the updated `parse` function", "the complete TypeScript code for the parser": named, ended by a colon.
    let mut seen = words.take(8).peekable();
    let mut has_thing = false;
    while let Some(word) = seen.next() {
        has_thing |= things.contains(&word);
        if has_thing && seen.peek().is_none() {
            return true;
        }
        if has_thing && !things.contains(&word) {
            return line.ends_with(':') && word != "of" && !line.contains(['(', ',', ';']);
        }
    }
    false
}

/// Whether a line speaks to the reader of a chat.
fn is_address(line: &str) -> bool {
    let done = line
        .strip_prefix("I've ")
        .or_else(|| line.strip_prefix("I have "))
        .or_else(|| line.strip_prefix("I "));
    if let Some(rest) = done {
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
        ];
        let chat = [
            " your ",
            " as requested",
            " as you ",
            " you asked",
            " you requested",
            " for you",
            " per your",
            "let me know",
        ];
        return rest.starts_with("made the following changes")
            || (verbs.iter().any(|verb| rest.starts_with(verb))
                && chat.iter().any(|word| contains_ignoring_case(rest, word)));
    }
    let opening = [
        "Great question!",
        "As an AI language model",
        "As an AI assistant",
        "As requested, here",
        "As requested, I",
        "Let me know if you need",
        "Let me know if you want",
        "Let me know if you'd like",
        "Let me know if you would like",
        "You're absolutely right",
        "You are absolutely right",
    ];
    opening.iter().any(|start| line.starts_with(start))
}
