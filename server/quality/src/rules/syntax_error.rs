//! `syntax-error`: text the grammar has no place for.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::rule::{Check, Dimension, Example, Level, Reference, Rule, RuleOption, Severity};
use crate::visit::FileVisit;

pub(crate) const RULE: Rule = Rule {
    id: "syntax-error",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "what cannot be parsed, once for each broken item",
    why: "Code that does not parse does not run, and what else is found near it is a guess.",
    reference: Reference {
        name: "CWE-1177 and others: language rules, as tree-sitter's grammars have them",
        url: "https://tree-sitter.github.io/tree-sitter/using-parsers/2-basic-parsing.html",
    },
    options: &[RuleOption { name: "max", default: 5, describes: "findings in one file" }],
    check: Check::Joined { nodes: &[], join },
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() { let a ⟦=⟧ ; }\nfn g() { h(1⟦⟧; }\nfn k() {}\n",
            fixed: "",
            good: "fn f() { let a = 1; }",
        },
        Example {
            language: Language::TypeScript,
            bad: "function f() { const a ⟦=⟧ ; }\n",
            fixed: "",
            good: "function f() { const a = 1; }",
        },
    ],
};

fn join(visit: &mut FileVisit<'_>) {
    let Some(root) = visit.root().filter(Node::has_error) else { return };
    let mut left = visit.option("max");
    let mut cursor = root.walk();
    // The item reported last: one finding each.
    let mut reported_to = 0;
    loop {
        let node = cursor.node();
        let is_missing = node.is_missing();
        // What is in an ERROR node is a guess, unless it is the whole file.
        let is_cause = is_missing || (node.is_error() && (node != root || !has_inner_error(node)));
        if is_cause && left > 0 && (node.start_byte() as u32 >= reported_to) {
            let (span, message) = describe(visit.text(), node);
            visit.report(span, message);
            left -= 1;
            let item = visit.item_at(span.start).map_or(0, |item| item.end);
            reported_to = item.max(node.end_byte() as u32).max(span.start + 1);
        }
        if left == 0 {
            return;
        }
        if !is_cause && node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

/// Whether an error inside tells more.
fn has_inner_error(node: Node<'_>) -> bool {
    node.children(&mut node.walk()).any(|child| child.has_error())
}

/// What to underline, and what to say: the first word of what is unexpected, or the place of what is missing.
fn describe(text: &str, node: Node<'_>) -> (Span, String) {
    let start = node.start_byte() as u32;
    if node.is_missing() {
        let message = match node.kind() {
            kind if node.is_named() => format!("syntax error: expected {}", kind.replace('_', " ")),
            kind => format!("syntax error: expected `{kind}`"),
        };
        return (Span::at(start), message);
    }
    let whole = text.get(node.byte_range()).unwrap_or("");
    let broken = whole.trim_start();
    let start = start + (whole.len() - broken.len()) as u32;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let first = broken.chars().next().unwrap_or(' ');
    let len = if is_word(first) {
        broken.find(|c: char| !is_word(c)).unwrap_or(broken.len())
    } else {
        first.len_utf8()
    };
    let word = &broken[..len.min(broken.len())];
    let shown: String = word.chars().take(32).collect();
    let span = Span::new(start, start + word.len() as u32);
    if shown.trim().is_empty() || shown.contains(char::is_control) {
        (span, "syntax error".to_owned())
    } else {
        (span, format!("syntax error near `{shown}`"))
    }
}
