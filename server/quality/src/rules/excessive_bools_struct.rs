//! `excessive-bools-struct`: a state machine in disguise.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, RuleOption, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "excessive-bools-struct",
    dimension: Dimension::Architecture,
    level: Level::On(Severity::Information),
    languages: &[Language::Rust],
    flags: "a struct with more than three `bool` fields",
    why: "Four flags are sixteen states, most of which must not happen; an enum names those that may.",
    reference: Reference {
        name: "Clippy struct_excessive_bools",
        url: "https://rust-lang.github.io/rust-clippy/master/#struct_excessive_bools",
    },
    options: &[RuleOption {
        name: "max",
        default: 3,
        describes: "the most `bool` fields that are not flagged",
    }],
    check: Check::Nodes(&[NodeCheck { languages: &[Language::Rust], kinds: &["struct_item"], visit }]),
    examples: &[Example {
        language: Language::Rust,
        bad: "struct ⟦A⟧ { a: bool, pub b: bool, c: bool, d: bool }",
        fixed: "",
        good: "struct A { a: bool, b: bool, c: bool, d: u8, e: Option<bool> }\nstruct B(bool);",
    }],
};

fn visit(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let body = visit.child(node, Field::Body).filter(|body| body.kind() == "field_declaration_list");
    let (Some(body), Some(name)) = (body, visit.child(node, Field::Name)) else { return };
    let is_bool =
        |field: &Node<'_>| field.kind() == "field_declaration" && visit.field(*field, Field::Type) == "bool";
    let bools = body.named_children(&mut body.walk()).filter(is_bool).count();
    let max = visit.option("max");
    if bools > max as usize && !visit.in_test() {
        visit.report(
            Span::of(name),
            format!("{bools} `bool` fields (at most {max}): are all their states meant?"),
        );
    }
}
