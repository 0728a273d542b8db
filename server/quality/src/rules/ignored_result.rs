//! `ignored-result`: a failure that nobody looks at.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, Span};

use crate::calls::method_call;
use crate::kinds::Field;
use crate::rule::{Check, Dimension, Example, Level, NodeCheck, Reference, Rule, RuleOption, Severity};
use crate::visit::Visit;

pub(crate) const RULE: Rule = Rule {
    id: "ignored-result",
    dimension: Dimension::ErrorHandling,
    level: Level::On(Severity::Information),
    languages: &[Language::Rust],
    flags: "`let _ = call();` and `call().ok();`",
    why: "If the call fails nobody will know. Where that is meant, a comment says why.",
    reference: Reference {
        name: "CWE-252: Unchecked Return Value",
        url: "https://cwe.mitre.org/data/definitions/252.html",
    },
    options: &[RuleOption {
        name: "formatting",
        default: 0,
        describes: "1 to flag `let _ = write!(...)` too, 0 not to: writing into a string does not fail",
    }],
    check: Check::Nodes(&[
        NodeCheck { languages: &[Language::Rust], kinds: &["let_declaration"], visit: bound },
        NodeCheck { languages: &[Language::Rust], kinds: &["expression_statement"], visit: dropped },
    ]),
    examples: &[Example {
        language: Language::Rust,
        bad: "fn f() { ⟦let _ = a.send(b);⟧ ⟦c().ok();⟧ ⟦let _ = d().await;⟧ }",
        fixed: "",
        good: "fn f() { let _ = a; let _b = c(); let d = e().ok(); f()?; let _ = write!(s, \"\"); }",
    }],
};

fn bound(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    if visit.field(node, Field::Pattern) != "_" {
        return;
    }
    let Some(value) = visit.child(node, Field::Value) else { return };
    let is_call = value.kind() == "call_expression"
        || (value.kind() == "await_expression"
            && value.named_child(0).is_some_and(|awaited| awaited.kind() == "call_expression"));
    let is_writing = || {
        value.kind() == "macro_invocation"
            && matches!(visit.field(value, Field::Macro), "write" | "writeln")
            && visit.option("formatting") > 0
    };
    if (is_call || is_writing()) && !visit.in_test() {
        visit.report(Span::of(node), "if this call fails nobody will know");
    }
}

fn dropped(visit: &mut Visit<'_, '_>, node: Node<'_>) {
    let Some(call) = node.named_child(0).and_then(|call| method_call(visit, call)) else { return };
    let is_statement = visit.text(node).ends_with(';');
    if is_statement && call.name == "ok" && call.arguments.named_child_count() == 0 && !visit.in_test() {
        visit.report(Span::of(node), "if this call fails nobody will know");
    }
}
