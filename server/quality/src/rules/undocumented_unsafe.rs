//! `undocumented-unsafe`: an `unsafe` block that does not say why it is sound.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::TextEdit;
use crate::comment::contains_ignoring_case;
use crate::layout::{line_break, line_indent, starts_line};
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "undocumented-unsafe",
    dimension: Dimension::CodeQuality,
    level: Level::On(Severity::Information),
    languages: &[Language::Rust],
    flags: "an `unsafe` block without a `// SAFETY:` comment above it or its statement",
    why: "What the compiler cannot check, a reader has to: the comment says which promises are kept, and by what.",
    reference: Reference {
        name: "Clippy undocumented_unsafe_blocks",
        url: "https://rust-lang.github.io/rust-clippy/master/#undocumented_unsafe_blocks",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck { languages: &[Language::Rust], kinds: &["unsafe_block"], visit }]),
    examples: &[Example {
        language: Language::Rust,
        bad: "fn f() {\n    let a = ⟦unsafe⟧ { *b };\n}\n",
        fixed: "",
        good: "fn f() {\n    // SAFETY: b is not null.\n    let a = g(unsafe { *b });\n    unsafe {\n        // Safety: see above\n        *b\n    };\n    match c {\n        // SAFETY: it is there.\n        1 => unsafe { *b },\n    }\n}\n// A comment above an item is not seen.\nconst A: u8 = unsafe { *B };",
    }],
};

/// How many comments above are read.
const MAX_COMMENTS: usize = 64;

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if visit.in_test() || starts_with_reason(visit, node) {
        return;
    }
    let mut at = node;
    let mut statement = None;
    for parent in visit.ancestors() {
        if is_documented(visit, at) {
            return;
        }
        if matches!(parent.kind(), "block" | "match_block") {
            statement = statement.or(Some(at));
        }
        // A comment above an arm, or above the statement that holds the `match`, is about it, too.
        if parent.kind() == "block" {
            break;
        }
        at = parent;
    }
    // What stands above an item is no part of it.
    let Some(statement) = statement else { return };
    let stub = starts_line(visit, statement).then(|| {
        let line_break = line_break(visit.item_text());
        format!("// SAFETY: TODO{line_break}{}", line_indent(visit, statement))
    });
    let start = node.start_byte() as u32;
    let finding = visit.report(
        Span::new(start, start + "unsafe".len() as u32),
        "say in a `// SAFETY:` comment why this is sound",
    );
    if let Some(stub) = stub {
        finding.suggest(
            "Add a `// SAFETY:` comment",
            vec![TextEdit::insert(statement.start_byte() as u32, stub)],
        );
    }
}

/// Whether the first thing in the block says it.
fn starts_with_reason(visit: &Visit<'_, '_>, node: Node<'_>) -> bool {
    let block = node.named_child(node.named_child_count().saturating_sub(1) as u32);
    let first = block.and_then(|block| block.named_child(0));
    let before = node.named_child(0).filter(|child| child.kind() != "block");
    first.into_iter().chain(before).any(|comment| is_reason(visit, comment))
}

/// Whether a comment directly above a node says it.
fn is_documented(visit: &Visit<'_, '_>, node: Node<'_>) -> bool {
    let mut before = node.prev_sibling();
    for _ in 0..MAX_COMMENTS {
        let Some(sibling) = before
            .filter(|sibling| matches!(sibling.kind(), "line_comment" | "block_comment" | "attribute_item"))
        else {
            return false;
        };
        if is_reason(visit, sibling) {
            return true;
        }
        before = sibling.prev_sibling();
    }
    false
}

fn is_reason(visit: &Visit<'_, '_>, node: Node<'_>) -> bool {
    matches!(node.kind(), "line_comment" | "block_comment")
        && contains_ignoring_case(visit.text(node), "safety:")
}
