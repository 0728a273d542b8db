//! `unimplemented-macro`: code that is not there yet.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "unimplemented-macro",
    dimension: Dimension::Functionality,
    level: Level::On(Severity::Warning),
    languages: &Language::ALL,
    flags: "`todo!()` and `unimplemented!()`; a function that only throws \"not implemented\"",
    why: "It compiles and stops the program when it is reached.",
    reference: Reference { name: "Clippy todo", url: "https://rust-lang.github.io/rust-clippy/master/#todo" },
    options: &[],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["macro_invocation"], visit: rust },
        NodeCheck { languages: &Language::SCRIPTS, kinds: &["throw_statement"], visit: script },
    ]),
    examples: &[
        Example {
            language: Language::Rust,
            bad: "fn f() -> u8 { ⟦todo!()⟧ }\nfn g() { ⟦std::unimplemented!(\"later\")⟧ }",
            fixed: "",
            good: "fn f() -> u8 { 1 }\n#[test]\nfn t() { todo!() }\nfn g() { my::todos!() }",
        },
        Example {
            language: Language::TypeScript,
            bad: "function f(): number { ⟦throw new Error(\"Not implemented\");⟧ }",
            fixed: "",
            good: "function f(): number { if (!a) throw new Error(\"Not implemented\"); return 1; }\nfunction g() { throw new Error(\"no\"); }",
        },
    ],
};

fn rust(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let name = visit.field(node, Field::Macro).rsplit("::").next().unwrap_or("");
    if matches!(name, "todo" | "unimplemented") && !visit.in_test() {
        visit.report(Span::of(node), format!("`{name}!` stops the program when it is reached"));
    }
}

fn script(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(body) = visit.parent().filter(|parent| parent.kind() == "statement_block") else { return };
    let is_function_body = visit.function().and_then(|f| visit.child(f, Field::Body)) == Some(body);
    let thrown = node.named_child(0).filter(|thrown| thrown.kind() == "new_expression");
    if !is_function_body || body.named_child_count() != 1 || visit.in_test() {
        return;
    }
    let arguments = thrown.map_or("", |thrown| visit.field(thrown, Field::Arguments));
    let words = arguments.to_ascii_lowercase();
    if words.contains("not implemented")
        || words.contains("unimplemented")
        || words.contains("not yet implemented")
    {
        visit.report(Span::of(node), "this function is not implemented");
    }
}
