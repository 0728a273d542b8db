//! `placeholder-impl`: a comment that says the code is not the real one.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::comment::{contains_ignoring_case, first_line, is_doc};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "placeholder-impl",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "a comment such as `TODO: implement`, `in a real implementation`, `your code here`",
    why: "What stands there only looks like the thing it is named after.",
    reference: Reference {
        name: "CWE-546: Suspicious Comment",
        url: "https://cwe.mitre.org/data/definitions/546.html",
    },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["line_comment", "block_comment"], visit },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["comment"], visit },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() -> bool {\n    ⟦// TODO: implement the check⟧\n    true\n}\nfn g() {} ⟦// In a real implementation this would ask the server⟧",
            fixed: "",
            good: "// implements the check\nfn f() {}\n/// In a real application, call this once.\nfn g() {}\n// TODO: implementation notes are missing\n#[test]\nfn t() { /* your code here */ }",
        },
        Example {
            language: Language::JavaScript,
            bad: "function f() {\n  ⟦// your code here⟧\n}\n⟦/* Implementation goes here */⟧",
            fixed: "",
            good: "// your code is read here",
        },
    ],
};

/// One of these is in each of the phrases.
const KEYWORDS: [&str; 5] = ["a real", "production", " here", "placeholder i", "placeholder f"];

/// Said anywhere in the comment.
const PHRASES: [&str; 17] = [
    "in a real implementation",
    "in a real app",
    "in a real application",
    "in a real-world",
    "in a real world",
    "in a real system",
    "in a production implementation",
    "in a production environment, you",
    "in production, you would",
    "your code here",
    "your logic here",
    "your implementation here",
    "implementation goes here",
    "code goes here",
    "logic goes here",
    "placeholder implementation",
    "placeholder for the actual",
];

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let comment = visit.text(node);
    if comment.len() < 10 || comment.len() > 2000 {
        return;
    }
    let might = |words: &[&str]| words.iter().any(|word| contains_ignoring_case(comment, word));
    let says = says_implement(first_line(comment)) || (might(&KEYWORDS) && might(&PHRASES));
    if says && !is_doc(comment) && !visit.in_test() {
        let span = Span::of(node);
        let span = Span::new(span.start, span.start + comment.trim_end().len() as u32);
        visit.report(span, "this says that the code is only a placeholder");
    }
}

/// "TODO: implement", with whatever stands between the two.
fn says_implement(line: &str) -> bool {
    let Some(rest) = line.get(..4).filter(|mark| mark.eq_ignore_ascii_case("todo")).map(|_| &line[4..])
    else {
        return false;
    };
    // "TODO(name): implement"
    let rest = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, rest)| rest);
    let rest = rest.trim_start_matches([':', ' ', '-', '\t']);
    let word = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    word.eq_ignore_ascii_case("implement")
}
