//! `clone-in-loop`: a copy on every pass.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "clone-in-loop",
    dimension: Dimension::Performance,
    level: Level::Off,
    languages: &[Language::Rust],
    flags: "`.clone()` of a variable or a field in a loop",
    why: "Each pass copies what one copy, or a reference, might do. Off by default: cloning an `Arc` looks the same and costs nothing.",
    reference: Reference {
        name: "The Rust Performance Book, Heap Allocations: clone",
        url: "https://nnethercote.github.io/perf-book/heap-allocations.html#clone",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck { languages: &[Language::Rust], kinds: &["call_expression"], visit }]),
    examples: &[Example {
        language: Language::Rust,
        bad: "fn f() { for a in b { g(⟦c.clone()⟧); while d { ⟦self.e.clone()⟧; } } }",
        fixed: "",
        good: "fn f() { c.clone(); for a in b.clone() { g(Arc::clone(&c)); h(|| c.clone()); i().clone(); } }",
    }],
};

fn visit<'t>(visit: &mut Visit<'t, '_>, node: Node<'t>) {
    let Some(call) = visit.method_call(node) else { return };
    let is_path = matches!(call.receiver.kind(), "identifier" | "field_expression" | "self");
    let is_clone = call.name == "clone" && call.arguments.named_child_count() == 0 && is_path;
    if is_clone && visit.repeated_by(node).is_some() && !visit.in_test() {
        visit.report(Span::of(node), "a clone on every pass of the loop");
    }
}
