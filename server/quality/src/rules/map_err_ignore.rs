//! `map-err-ignore`: an error that hides its cause.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::calls::sole_argument;
use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "map-err-ignore",
    dimension: Dimension::ErrorHandling,
    level: Level::On(Severity::Information),
    languages: &[Language::Rust],
    flags: "`.map_err(|_| ...)`",
    why: "The new error does not know what went wrong: its source is dropped.",
    reference: Reference {
        name: "Clippy map_err_ignore",
        url: "https://rust-lang.github.io/rust-clippy/master/#map_err_ignore",
    },
    options: &[],
    check: Check::Nodes(&[NodeCheck { languages: &[Language::Rust], kinds: &["call_expression"], visit }]),
    examples: &[Example {
        language: Language::Rust,
        bad: "fn f() { a.⟦map_err(|_| E::B)⟧?; }",
        fixed: "",
        good: "fn f() { a.map_err(|e| E::B(e))?; a.map_err(E::B)?; a.map_err(|_why| E::B)?; }",
    }],
};

fn visit<'t>(visit: &mut Visit<'t, '_>, node: Node<'t>) {
    let Some(call) = visit.method_call(node).filter(|call| call.name == "map_err") else { return };
    let Some(closure) = sole_argument(visit.language(), call.arguments) else { return };
    let parameters = visit.field(closure, Field::Parameters);
    let ignores = parameters.trim_matches(|c: char| c == '|' || c.is_whitespace()) == "_";
    if ignores && !visit.in_test() {
        let span = Span::new(call.name_node.start_byte() as u32, node.end_byte() as u32);
        visit.report(span, "the new error does not say what went wrong before");
    }
}
