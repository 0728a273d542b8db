//! `indexing`: an access that may be out of bounds.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "indexing",
    dimension: Dimension::ErrorHandling,
    level: Level::Off,
    languages: &[Language::Rust],
    flags: "`a[i]` and `a[i..]` whose index is no constant",
    why: "It panics when the index is out of bounds, where `get` returns an `Option`. Off by default: most indices are known to be in bounds, and only the compiler could tell which.",
    reference: Reference {
        name: "Clippy indexing_slicing",
        url: "https://rust-lang.github.io/rust-clippy/master/#indexing_slicing",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck { languages: &[Language::Rust], kinds: &["index_expression"], visit }]),
    examples: &[Example {
        language: Language::Rust,
        bad: "fn f() { ⟦a[i]⟧; ⟦a[b + 1]⟧; ⟦a[i..]⟧; }",
        fixed: "",
        good: "fn f() { a[0]; a[LEN]; a[..]; a.get(i); }",
    }],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(index) = node.named_child(1) else { return };
    let is_constant = match index.kind() {
        "integer_literal" => true,
        "range_expression" => index.named_child_count() == 0,
        "identifier" => visit.text(index).chars().all(|c| c.is_uppercase() || c.is_numeric() || c == '_'),
        _ => false,
    };
    if !is_constant && !visit.in_test() {
        visit.report(Span::of(node), "this panics when the index is out of bounds");
    }
}
